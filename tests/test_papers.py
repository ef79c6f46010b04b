"""The papers beside the code: the tests on GitHub, the oldest dependencies, the licence, and the project's address."""

import itertools
import json
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
import yaml
from oldest import COMPANIONS, oldest
from packaging.requirements import Requirement
from packaging.version import Version

ROOT = Path(__file__).parents[1]
sys.path.append(str(ROOT / "docs"))
import address  # noqa: E402

PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
PROJECT = PYPROJECT["project"]
CITATION = yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))
WORKFLOW = yaml.safe_load((ROOT / ".github" / "workflows" / "test.yml").read_text(encoding="utf-8"))
JOB = WORKFLOW["jobs"]["test"]
LESSONS = sorted((ROOT / "notebooks").glob("*.ipynb"))
PAPERS = ["CONTRIBUTING.md", "CHANGELOG.md", "docs/teaching.md"]


def text_of(name):
    return (ROOT / name).read_text(encoding="utf-8")


# The tests on GitHub


def runs():
    """Every run of the workflow's matrix, as GitHub expands it."""
    matrix = JOB["strategy"]["matrix"]
    axes = {name: values for name, values in matrix.items() if name not in ("exclude", "include")}
    for values in itertools.product(*axes.values()):
        run = dict(zip(axes, values, strict=True))
        if any(excluded.items() <= run.items() for excluded in matrix["exclude"]):
            continue
        for more in matrix["include"]:
            if all(run[name] == value for name, value in more.items() if name in axes):
                run |= more
        yield run


def commands(run):
    """The shell commands of one run, in order."""
    here = {
        "matrix.dependencies == 'oldest'": run["dependencies"] == "oldest",
        "runner.os == 'Linux'": "ubuntu" in run["os"],
    }
    for step in JOB["steps"]:
        if "run" in step and ("if" not in step or here[step["if"]]):
            filled = re.sub(r"\$\{\{ matrix\.(\w+) \}\}", lambda found: run.get(found[1], ""), step["run"])
            yield " ".join(filled.split())


def test_it_runs_on_push_on_pull_requests_and_every_week():
    assert WORKFLOW["on"].keys() >= {"push", "pull_request", "schedule"}
    (schedule,) = WORKFLOW["on"]["schedule"]
    assert re.fullmatch(r"\d+ \d+ \* \* [0-6]", schedule["cron"])


def test_every_system_and_python_with_every_kind_of_dependencies():
    systems, pythons = ("ubuntu-latest", "macos-latest", "windows-latest"), ("3.11", "3.12", "3.13")
    expected = set(itertools.product(systems, pythons, ("pinned", "newest")))
    expected |= {(system, "3.11", "oldest") for system in systems}
    found = [(run["os"], run["python"], run["dependencies"]) for run in runs()]
    assert len(found) == len(expected) and set(found) == expected
    assert PROJECT["requires-python"] == f">={pythons[0]}"
    assert JOB["runs-on"] == "${{ matrix.os }}" and JOB["strategy"]["fail-fast"] is False
    (python,) = [step["with"] for step in JOB["steps"] if "setup-python" in step.get("uses", "")]
    assert python["python-version"] == "${{ matrix.python }}"


def test_the_pinned_runs_do_what_the_readme_says():
    (readme,) = re.findall(r"(?m)^(python -m pip install .*) && (pytest)$", text_of("README.md"))
    for run in runs():
        if run["dependencies"] == "pinned":
            assert [command for command in commands(run) if "pip" in command or "pytest" in command] == list(readme)


def test_the_oldest_and_newest_runs_take_other_versions_and_leave_out_tests_that_exist():
    install = {
        "oldest": ["python tests/oldest.py > oldest.txt", 'python -m pip install -c oldest.txt -e ".[test]"'],
        "newest": ['python -m pip install -e ".[test]"'],
    }
    for run in runs():
        if run["dependencies"] in install:
            given = list(commands(run))
            assert given[: len(install[run["dependencies"]])] == install[run["dependencies"]]
            assert given[-1].startswith("pytest ")
            for option, test in re.findall(r"(--\w+) (\S+)", given[-1]):
                file, _, name = test.partition("::")
                assert option == ("--deselect" if name else "--ignore")
                assert f"def {name}(" in text_of(file) if name else (ROOT / file).exists()
            browser = "--ignore tests/test_browser.py" in given[-1]
            assert browser == (run["dependencies"] == "oldest"), "only these are without the browser tests"


def test_linux_runs_fail_without_a_browser():
    for run in runs():
        given = list(commands(run))
        assert ("chromium --version" in given) == ("ubuntu" in run["os"])


def test_actions_are_pinned_by_their_major_version():
    used = [step["uses"] for step in JOB["steps"] if "uses" in step]
    assert used and all(re.fullmatch(r"actions/[\w-]+@v\d+", action) for action in used)


# The oldest dependencies


def test_every_lower_bound_becomes_a_constraint():
    extras = PROJECT["optional-dependencies"]
    needed = {Requirement(text) for text in [*PROJECT["dependencies"], *extras["lab"], *extras["test"]]}
    needed = {requirement for requirement in needed if requirement.name != PROJECT["name"]}
    printed = subprocess.run(
        [sys.executable, str(ROOT / "tests" / "oldest.py")], capture_output=True, text=True, check=True
    ).stdout.splitlines()
    assert printed == oldest(PROJECT) and set(COMPANIONS) < set(printed)
    pins = [Requirement(line) for line in printed if line not in COMPANIONS]
    assert {(pin.name, str(pin.marker)) for pin in pins} == {(one.name, str(one.marker)) for one in needed}
    for pin in pins:
        (requirement,) = [one for one in needed if (one.name, one.marker) == (pin.name, pin.marker)]
        (bound,) = requirement.specifier
        assert bound.operator == ">=" and pin.specifier.contains(bound.version) and len(pin.specifier) == 1
        assert not pin.specifier.contains(f"{Version(bound.version).major + 1}")


@pytest.mark.parametrize("requirement", ["numpy", "numpy==2.0", "numpy>=2.0,<3", "numpy>2"])
def test_a_requirement_without_a_plain_lower_bound_is_refused(requirement):
    project = {"name": "p", "dependencies": [requirement], "optional-dependencies": {"lab": [], "test": []}}
    with pytest.raises(ValueError, match=re.escape(requirement)):
        oldest(project)


# Licence, citation, changelog, contributing, teaching


def test_the_licence_is_the_same_everywhere():
    assert text_of("LICENSE").startswith("MIT License\n\nCopyright (c) 2026 the digits-helpers authors\n")
    assert PROJECT["license"] == CITATION["license"] == "MIT" and PROJECT["license-files"] == ["LICENSE"]


def test_the_citation_is_complete_and_names_nobody():
    assert CITATION["cff-version"] == "1.2.0" and CITATION["type"] == "software"
    assert CITATION["message"] and CITATION["title"] == text_of("README.md").splitlines()[0].removeprefix("# ")
    assert CITATION["authors"] == PROJECT["authors"] == [{"name": "the digits-helpers authors"}]
    assert str(CITATION["version"]) == PROJECT["version"]
    assert CITATION["repository-code"] == PROJECT["urls"]["Repository"]


def test_the_changelog_has_its_form():
    versions = re.findall(r"(?m)^## (.*)$", text_of("CHANGELOG.md"))
    assert versions[0] == "[Unreleased]" and PROJECT["version"] in text_of("CHANGELOG.md")
    assert all(re.fullmatch(r"\[\d+\.\d+\.\d+\] - \d{4}-\d\d-\d\d", version) for version in versions[1:])
    kinds = {"Added", "Changed", "Deprecated", "Removed", "Fixed", "Security"}
    assert set(re.findall(r"(?m)^### (.*)$", text_of("CHANGELOG.md"))) <= kinds


def test_files_beside_the_code_are_installed_with_it():
    beside = {path.name for path in (ROOT / "digits_helpers").iterdir() if path.is_file() and path.suffix != ".py"}
    assert {"page.ipynb", "pretrained.keras"} <= beside
    assert set(PYPROJECT["tool"]["setuptools"]["package-data"]["digits_helpers"]) == beside


@pytest.mark.parametrize("name", PAPERS)
def test_what_a_paper_points_to_is_there(name):
    text, folder = text_of(name), (ROOT / name).parent
    targets = re.findall(r"\]\((?!https?://|#)([^)#]+)", text)
    assert [target for target in targets if not (folder / target).exists()] == []
    named = re.findall(r"\b(?:tests|notebooks|benchmarks|digits_helpers|docs|\.github)/[\w./-]*\w\.\w+", text)
    named = [file for file in named if "NN" not in file and not file.endswith("04-train-the-cnn.py")]
    assert [file for file in named if not (ROOT / file).exists()] == []


def test_contributing_says_what_somebody_needs():
    text = text_of("CONTRIBUTING.md")
    assert len(re.findall(r"(?m)^## ", text)) >= 6
    for part in (
        "jupytext --update",
        "benchmarks/pretrained.py",
        "DIGITS_DATA_DIR",
        "tests/oldest.py",
        "docs/address.py",
    ):
        assert part in text
    (test,) = re.findall(r'`pytest -o addopts="" tests/test_segment\.py -k (\w+)`', text)
    assert re.search(rf"def test_\w*{test}", text_of("tests/test_segment.py"))


def test_the_two_hours_are_two_hours_and_every_lesson_has_its_week():
    text = text_of("docs/teaching.md")
    two_hours, day, weeks = re.split(r"(?m)^### ", text[: text.index("## Set up")])[1:]
    assert sum(map(int, re.findall(r"(?m)^\| (\d+) \|", two_hours))) == 120
    numbers = {lesson.name[:2] for lesson in LESSONS}
    for plan in (day, weeks):
        table = "\n".join(re.findall(r"(?m)^\| [\d:]+ \| ([^|]*)", plan))
        assert set(re.findall(r"\b\d\d\b", table)) >= numbers
    for part in ("DIGITS_DATA_DIR", "git-pull?repo=", "1.5 to 2 GB", "### Without a network"):
        assert part in text


# The address


OURS = """
[![tests](https://github.com/{0}/{1}/actions/workflows/test.yml/badge.svg)](https://github.com/{0}/{1}/actions).
git+https://github.com/{0}/{1} and git clone https://github.com/{0}/{1}.git or git@github.com:{0}/{1}.git
https://raw.githubusercontent.com/{0}/{1}/main/constraints.txt
https://colab.research.google.com/github/{0}/{1}/blob/main/notebooks/00-start-here.ipynb
https://mybinder.org/v2/gh/{0}/{1}/main?urlpath=lab/tree/notebooks/00-start-here.ipynb
https://img.shields.io/github/license/{0}/{1} https://img.shields.io/github/actions/workflow/status/{0}/{1}/test.yml
https://hub.example.org/hub/user-redirect/git-pull?repo=https%3A%2F%2Fgithub.com%2F{0}%2F{1}&urlpath=lab%2Ftree%2F{1}%2Fnotebooks
See https://github.com/{0}/{1}. Or <https://github.com/{0}/{1}/issues>; "https://github.com/{0}/{1}"
"""
OTHERS = """
https://github.com/rasbt/mlxtend https://github.com/{0} https://github.com/{0}/{1}-too https://github.com/{0}/{1}.js
https://colab.research.google.com/github/other/course/blob/main/learn-digits.ipynb https://example.org/{0}/{1}
https://mybinder.org/v2/gh/other/{1}_2/main https://github.com/{1}/other
https://hub.example.org/hub/user-redirect/git-pull?repo=https%3A%2F%2Fgithub.com%2Fo%2Fr&urlpath=lab%2Ftree%2Fr%2Fa
"""


def run_address(root, *options):
    run = subprocess.run(
        [sys.executable, str(root / "docs" / "address.py"), *options], capture_output=True, text=True, check=False
    )
    return run.returncode, run.stdout + run.stderr


def notebook_with(text):
    cell = {"cell_type": "markdown", "id": "a", "metadata": {}, "source": text.splitlines(keepends=True)}
    return {"cells": [cell], "metadata": {"note": "ü"}, "nbformat": 4, "nbformat_minor": 5}


def test_the_address_is_the_same_wherever_it_stands():
    assert run_address(ROOT, "--check") == (0, "")


def test_every_file_with_the_address_is_one_that_the_script_writes():
    """Found in another way: among all files that git would take, save the tests and the script with its one source."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"], cwd=ROOT, capture_output=True, text=True
    )
    if listed.returncode:
        pytest.skip("not in a clone")
    owner, name = address.address()
    carriers = set()
    for file in listed.stdout.splitlines():
        if (ROOT / file).is_file() and re.search(rf"{owner}(/|%2F){name}".encode(), (ROOT / file).read_bytes()):
            carriers.add(file)
    written = {path.relative_to(ROOT).as_posix() for path in address.files()}
    elsewhere = {"pyproject.toml", "docs/address.py", "tests/test_papers.py"}
    assert carriers >= {"CITATION.cff", "docs/teaching.md", "pyproject.toml"}
    assert carriers - written <= elsewhere


@pytest.fixture
def copy(tmp_path):
    """A copy of every file that may carry the address, with all of its forms in two of them."""
    for path in [*address.files(), ROOT / "pyproject.toml", ROOT / "docs" / "address.py"]:
        target = tmp_path / path.relative_to(ROOT)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(path, target)
    now = address.address()
    text = OURS.format(*now) + OTHERS.format(*now)
    (tmp_path / "README.md").write_bytes(text.replace("\n", "\r\n").encode())
    (tmp_path / "notebooks" / "planted.ipynb").write_text(json.dumps(notebook_with(text)), encoding="utf-8")
    return tmp_path


@pytest.mark.parametrize("new", [("a-school", "learn-digits"), ("a-school", "draw.digits_2"), ("b", "digits")])
def test_another_address_is_written_everywhere_and_nowhere_else(copy, new):
    now = address.address()
    assert run_address(copy, "--check") == (0, "")
    project = (copy / "pyproject.toml").read_text(encoding="utf-8")
    (copy / "pyproject.toml").write_text(project.replace("/".join(now), "/".join(new)), encoding="utf-8")
    before = {path: path.read_bytes() for path in copy.rglob("*") if path.is_file()}

    code, named = run_address(copy, "--check")
    assert code == 1
    assert {"README.md", "notebooks/planted.ipynb", "docs/teaching.md", "CONTRIBUTING.md", "CITATION.cff"} <= {
        line.removesuffix(" differs") for line in named.splitlines()
    }
    assert before == {path: path.read_bytes() for path in before}, "--check changes nothing"

    assert run_address(copy)[0] == 0
    assert run_address(copy, "--check") == (0, "") and run_address(copy) == (0, "")
    expected = OURS.format(*new) + OTHERS.format(*now)
    assert (copy / "README.md").read_bytes().decode() == expected.replace("\n", "\r\n")
    planted = (copy / "notebooks" / "planted.ipynb").read_text(encoding="utf-8")
    assert json.loads(planted) == notebook_with(expected)
    for lesson in LESSONS:
        json.loads((copy / "notebooks" / lesson.name).read_text(encoding="utf-8"))
    for name in ("docs/teaching.md", "CITATION.cff", "CONTRIBUTING.md"):
        old = re.compile("(/|%2F)".join(map(re.escape, now)))
        text = (copy / name).read_text(encoding="utf-8")
        assert not old.search(text) and re.search("(/|%2F)".join(map(re.escape, new)), text)


@pytest.mark.parametrize("wrong", ["https://example.org/OWNER/learn-digits", "https://github.com/OWNER"])
def test_an_address_that_is_none_is_refused(copy, wrong):
    project = (copy / "pyproject.toml").read_text(encoding="utf-8")
    (copy / "pyproject.toml").write_text(project.replace(PROJECT["urls"]["Repository"], wrong), encoding="utf-8")
    code, message = run_address(copy)
    assert code == 1 and message == f"pyproject.toml: Repository must be https://github.com/OWNER/NAME, not {wrong}\n"
