"""The set-up cells: on Colab each of them installs what is missing and no more; elsewhere that part does nothing."""

import ast
import importlib.metadata
import io
import json
import subprocess
import sys
import tomllib
import types
from contextlib import redirect_stdout
from pathlib import Path

import nbformat
import pytest

ROOT = Path(__file__).parents[2]
LESSONS = sorted((ROOT / "notebooks").glob("*.ipynb"))
ADDRESS = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["urls"]["Repository"]

# Colab fetches a widget's JavaScript by its version, so that must be one that was published: for ipycanvas this is the
# newest, for anywidget it's the one that we test with.
PINNED = ["ipycanvas==0.13.3", "anywidget==0.11.0"]


def set_up(path):
    """The part of the set-up cell that is for Colab alone, and the import that it needs."""
    cell = next(cell for cell in nbformat.read(path, as_version=4).cells if cell.cell_type == "code")
    import_sys, for_colab, *_ = ast.parse(cell.source).body
    assert (ast.unparse(import_sys), ast.unparse(for_colab.test)) == ("import sys", "'google.colab' in sys.modules")
    return compile(ast.Module([import_sys, for_colab], []), path.name, "exec")


@pytest.fixture
def colab(monkeypatch):
    """A stand-in for google.colab; the list of what was asked of it and of pip."""
    asked = []
    output = types.ModuleType("google.colab.output")
    output.enable_custom_widget_manager = lambda: asked.append("widget manager")
    module = types.ModuleType("google.colab")
    module.output = output
    for name, part in {"google.colab": module, "google.colab.output": output}.items():
        monkeypatch.setitem(sys.modules, name, part)
    monkeypatch.setattr(subprocess, "run", lambda command, check: asked.append((command, check)))
    return asked


def test_there_are_eleven_lessons():
    assert len(LESSONS) == 11


@pytest.mark.parametrize("path", LESSONS, ids=lambda path: path.stem)
def test_elsewhere_it_does_nothing(path, monkeypatch):
    monkeypatch.setattr(subprocess, "run", lambda *_, **__: pytest.fail("it must not install"))
    printed, before = io.StringIO(), set(sys.modules)
    with redirect_stdout(printed):
        exec(set_up(path), {})
    assert printed.getvalue() == "" and set(sys.modules) == before


@pytest.mark.parametrize("path", LESSONS, ids=lambda path: path.stem)
def test_on_colab_it_installs_and_then_enables_widgets(path, colab):
    exec(set_up(path), {})
    (command, check), widgets = colab
    assert widgets == "widget manager" and check
    assert command[:4] == [sys.executable, "-m", "pip", "install"]
    wanted = [part for part in command[4:] if not part.startswith("-")]
    package, *pinned = wanted
    assert package == f"digits-helpers @ git+{ADDRESS}"
    assert pinned == PINNED
    assert "--upgrade" not in command and "-U" not in command


@pytest.mark.skipif(
    importlib.metadata.version("ipywidgets") != "7.7.1", reason="runs with Colab's versions: tests/colab/run"
)
def test_what_it_installs_touches_nothing_that_colab_has(tmp_path):
    report = tmp_path / "report.json"
    install = [sys.executable, "-m", "pip", "install", "--quiet", "--dry-run", "--report", str(report)]
    subprocess.run([*install, str(ROOT), *PINNED], check=True)
    installed = {part["metadata"]["name"] for part in json.loads(report.read_text())["install"]}
    assert installed <= {"digits-helpers"}
