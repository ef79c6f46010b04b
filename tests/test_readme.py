"""The README's promises: its two commands, the pins behind them, and the links."""

import os
import re
import subprocess
import sys
import time
import tomllib
from importlib.metadata import distribution
from pathlib import Path

import yaml
from browser import stop
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]

# What Google Colab had in August 2026: the package must be content with it.
COLAB = {
    "numpy": "2.1.3",
    "pillow": "11.3.0",
    "matplotlib": "3.10.0",
    "scikit-learn": "1.6.1",
    "scipy": "1.16.3",
    "ipywidgets": "7.7.1",
    "ipycanvas": "0.13.3",
    "anywidget": "0.11.0",
    "mlxtend": "0.23.4",
    "tensorflow-cpu": "2.20.0",
    "tensorflow": "2.20.0",
    "keras": "3.13.2",
}


def command(ending):
    """The README's line that ends so; there is exactly one."""
    lines = [line for line in README.splitlines() if line.startswith("python -m pip install") and line.endswith(ending)]
    assert len(lines) == 1
    return lines[0]


def pins():
    lines = (ROOT / "constraints.txt").read_text().splitlines()
    return dict(line.split("==") for line in lines if not line.startswith("#"))


def installed_with(requirement, seen):
    """The names of all distributions that a requirement brings into this environment."""
    name = canonicalize_name(requirement.name)
    for extra in [*sorted(requirement.extras), ""]:
        if (name, extra) in seen:
            continue
        seen.add((name, extra))
        for text in distribution(name).requires or []:
            needed = Requirement(text)
            if needed.marker is None or needed.marker.evaluate({"extra": extra}):
                installed_with(needed, seen)
    return {name for name, _ in seen}


def test_both_commands_install_this_package_with_the_pins():
    for ending, extra in [("jupyter lab notebooks/00-start-here.ipynb", "lab"), ("pytest", "test")]:
        assert command(ending) == f'python -m pip install -c constraints.txt -e ".[{extra}]" && {ending}'
        assert extra in PROJECT["optional-dependencies"]
    assert (ROOT / "notebooks" / "00-start-here.ipynb").exists()


def test_every_package_that_the_test_command_installs_is_pinned():
    brought = installed_with(Requirement("digits-helpers[test]"), set()) - {"digits-helpers"}
    pinned = {canonicalize_name(name) for name in pins()}
    assert len(brought) > 50 and brought <= pinned


def test_pins_are_plain_and_admitted_by_the_project():
    wanted = PROJECT["dependencies"] + sum(PROJECT["optional-dependencies"].values(), [])
    versions = pins()
    assert all(re.fullmatch(r"[\w.]+", version) for version in versions.values())
    for requirement in map(Requirement, wanted):
        if requirement.name != "digits-helpers":
            assert requirement.specifier.contains(versions[requirement.name]), requirement


def test_the_environment_runs_what_is_pinned():
    """Fails where somebody works with other versions than those that are said to be tested."""
    names = ("keras", "numpy", "ipywidgets", "ipycanvas", "jupyterlab")
    assert {name: distribution(name).version for name in names} == {name: pins()[name] for name in names}


def test_environment_yml_is_the_same_thing():
    environment = yaml.safe_load((ROOT / "environment.yml").read_text())
    python, pip, rest = environment["dependencies"]
    assert re.fullmatch(r"python=3\.\d+", python) and pip == "pip"
    assert tuple(map(int, python.split("=")[1].split("."))) >= tuple(
        map(int, PROJECT["requires-python"].removeprefix(">=").split("."))
    )
    # Word for word what the README's command hands to pip.
    arguments = command("00-start-here.ipynb").split(" && ")[0].removeprefix("python -m pip install ")
    assert " ".join(rest["pip"]) == arguments.replace('"', "")


def test_the_bare_package_replaces_no_tensorflow_and_admits_what_colab_has():
    bare = [Requirement(text) for text in PROJECT["dependencies"]]
    assert not [needed.name for needed in bare if "tensorflow" in needed.name or needed.name == "keras"]
    for needed in [*bare, *map(Requirement, PROJECT["optional-dependencies"]["lab"])]:
        if needed.name in COLAB:
            assert needed.specifier.contains(COLAB[needed.name]), needed


def test_one_tensorflow_for_each_system():
    tensorflows = [Requirement(text) for text in PROJECT["optional-dependencies"]["lab"] if "tensorflow" in text]
    for system, machine, expected in [
        ("linux", "x86_64", "tensorflow-cpu"),
        ("linux", "aarch64", "tensorflow"),
        ("darwin", "arm64", "tensorflow"),
        ("win32", "AMD64", "tensorflow"),
    ]:
        here = {"sys_platform": system, "platform_machine": machine}
        assert [needed.name for needed in tensorflows if needed.marker.evaluate(here)] == [expected]


def test_the_learning_command_opens_lesson_00(tmp_path):
    """Run the README's own words after the installation, with a script for a browser that keeps what it is to open."""
    words = command("00-start-here.ipynb").split(" && ")[1].split()
    assert words[0] == "jupyter"
    opened = tmp_path / "opened.html"
    browser = tmp_path / "browser.py"
    browser.write_text(
        f"import shutil, sys, urllib.request\nshutil.copyfileobj(urllib.request.urlopen(sys.argv[1]), "
        f"open({str(opened)!r}, 'wb'))"
    )
    options = ["--allow-root", "--port=0", f"--ServerApp.browser={sys.executable} {browser} %s"]
    folders = {f"JUPYTER_{name}_DIR": str(tmp_path / name.lower()) for name in ("CONFIG", "DATA", "RUNTIME")}
    log = tmp_path / "server.log"
    with log.open("w") as output:
        server = subprocess.Popen(
            [sys.executable, "-m", *words, *options], cwd=ROOT, env=os.environ | folders, stdout=output, stderr=output
        )
    try:
        end = time.monotonic() + 120
        while time.monotonic() < end and not (opened.exists() and "</html>" in opened.read_text()):
            assert server.poll() is None, log.read_text()
            time.sleep(0.2)
        assert "/lab/tree/00-start-here.ipynb" in opened.read_text()
    finally:
        stop(server)


def test_links_and_pictures_are_there_and_described():
    targets = re.findall(r"\]\((?!https?://|#)([^)#]+)", README) + re.findall(r'src="([^"]+)"', README)
    assert len(targets) > 7
    assert [target for target in targets if not (ROOT / target).exists()] == []
    assert not re.search(r"!\[\s*\]", README)
    for lesson in sorted((ROOT / "notebooks").glob("*.ipynb")):
        assert f"notebooks/{lesson.name}" in README
