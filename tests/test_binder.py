"""What Binder runs once it has installed environment.yml."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

POST_BUILD = Path(__file__).parents[1] / "postBuild"

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="a shell script for Linux, which Binder uses")


def run(path, **settings):
    return subprocess.run([POST_BUILD], env=os.environ | {"PATH": path} | settings, capture_output=True, text=True)


def test_without_a_network_it_reports_the_sample_and_succeeds(tmp_path):
    here = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    result = run(here, KERAS_HOME=str(tmp_path), https_proxy="http://127.0.0.1:9")
    assert result.returncode == 0 and "from the sample" in result.stdout


def test_a_failing_python_does_not_stop_the_build(tmp_path):
    python = tmp_path / "python"
    python.write_text("#!/bin/sh\nexit 1\n")
    python.chmod(0o755)
    result = run(f"{tmp_path}:/usr/bin:/bin")
    assert result.returncode == 0 and "the lessons run on the sample" in result.stdout
