"""The files beside the code: GitHub's workflows, the oldest dependencies, the documents, and the project's address."""

import re
import subprocess
import sys
import tomllib
from pathlib import Path
from urllib.parse import unquote

import pytest
import yaml
from oldest import COMPANIONS, oldest
from packaging.requirements import Requirement
from packaging.version import Version

ROOT = Path(__file__).parents[1]
PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
PROJECT = PYPROJECT["project"]
CITATION = yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))
LESSONS = sorted((ROOT / "notebooks").glob("*.ipynb"))
PAPERS = ["CONTRIBUTING.md", "CHANGELOG.md", "docs/teaching.md", "digits_helpers/MODEL_CARD.md"]


def text_of(name):
    return (ROOT / name).read_text(encoding="utf-8")


# GitHub's workflows

WORKFLOWS = {
    path.name: yaml.safe_load(path.read_text(encoding="utf-8"))
    for path in (ROOT / ".github" / "workflows").glob("*.yml")
}
JOBS = [job for workflow in WORKFLOWS.values() for job in workflow["jobs"].values()]
COMMANDS = [step["run"] for job in JOBS for step in job.get("steps", []) if "run" in step]
# In run.yml: what is run for each kind of dependencies.
RUNS = {
    kind[1]: step["run"]
    for step in WORKFLOWS["run.yml"]["jobs"]["test"]["steps"]
    if (kind := re.fullmatch(r"inputs\.dependencies == '(\w+)'", step.get("if", "")))
}


def test_the_pinned_run_is_the_readmes_command():
    assert RUNS["pinned"].endswith("&& pytest") and RUNS["pinned"] in text_of("README.md").splitlines()


def test_every_run_asks_for_dependencies_that_run_yml_knows():
    """A misspelt kind would skip every step and pass."""
    asked = set()
    for matrix in [job["strategy"]["matrix"] for job in JOBS if "strategy" in job]:
        asked |= {*matrix.get("dependencies", []), *(run["dependencies"] for run in matrix["include"])}
    assert asked == RUNS.keys() and len(asked) == 4


def test_the_workflows_name_files_that_exist():
    commands = "\n".join(COMMANDS)
    written = set(re.findall(r"> (\S+)", commands))
    named = set(re.findall(r"[\w./-]+\.(?:txt|py)\b|\btests/[\w/*-]+(?![\w.])", commands)) - written
    named |= {job["uses"] for job in JOBS if "uses" in job}
    assert named >= {"constraints.txt", "tests/oldest.py", "tests/colab/run", "./.github/workflows/run.yml"}
    assert [file for file in named if not any(ROOT.glob(file))] == []


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


def test_everything_in_the_package_is_installed():
    packages = {init.parent for init in (ROOT / "digits_helpers").rglob("__init__.py")}
    settings = PYPROJECT["tool"]["setuptools"]
    assert {".".join(folder.relative_to(ROOT).parts) for folder in packages} == set(settings["packages"])
    for folder in packages:
        beside_code = {path for path in folder.iterdir() if path.is_file() and path.suffix != ".py"}
        listed = settings["package-data"].get(".".join(folder.relative_to(ROOT).parts), [])
        assert {path for pattern in listed for path in folder.glob(pattern)} == beside_code, folder


def test_the_model_card_gives_the_size_of_the_weights():
    size = (ROOT / "digits_helpers" / "pretrained.npz").stat().st_size
    assert f"{size:,} bytes ({size / 1024:.0f} KiB)" in " ".join(text_of("digits_helpers/MODEL_CARD.md").split())


@pytest.mark.parametrize("name", PAPERS)
def test_what_a_paper_points_to_is_there(name):
    text, folder = text_of(name), (ROOT / name).parent
    targets = re.findall(r"\]\((?!https?://|#)([^)#]+)", text)
    assert [target for target in targets if not (folder / target).exists()] == []
    named = re.findall(r"(?<![\w/])(?:tests|notebooks|benchmarks|digits_helpers|docs|\.github)/[\w./-]*\w\.\w+", text)
    named = [file for file in named if "NN" not in file and not file.endswith("04-train-the-cnn.py")]
    assert [file for file in named if not (ROOT / file).exists()] == []


def test_contributing_says_what_somebody_needs():
    text = text_of("CONTRIBUTING.md")
    assert len(re.findall(r"(?m)^## ", text)) >= 6
    for part in ("jupytext --update", "benchmarks/pretrained.py", "DIGITS_DATA_DIR", "tests/oldest.py", "sed -i"):
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


# The project's address

# Where GitHub repositories are linked: pages, clones, raw files, Colab and Binder.
HOSTS = r"(?:github\.com[:/]|githubusercontent\.com/|colab\.research\.google\.com/github/|mybinder\.org/v2/gh/)"
OTHERS = set()  # other projects' repositories, as "owner/name", that some text links to


def test_the_address_is_the_same_everywhere():
    """Repository in pyproject.toml decides; percent-encoded links count as well."""
    ours = PROJECT["urls"]["Repository"].removeprefix("https://github.com/")
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True)
    if listed.returncode:
        pytest.skip("not in a clone")
    found = {}
    for path in filter(Path.is_file, map(ROOT.joinpath, listed.stdout.splitlines())):
        text = unquote(path.read_bytes().decode("utf-8", "ignore"))
        addresses = re.findall(rf"{HOSTS}([\w-]+/[\w.-]*\w)", text)
        # An nbgitpuller link opens a folder with the repository's name.
        addresses += [f"{ours.split('/')[0]}/{folder}" for folder in re.findall(r"lab/tree/([\w.-]+)/notebooks", text)]
        found[path.relative_to(ROOT).as_posix()] = {address.removesuffix(".git") for address in addresses} - OTHERS
    assert {file: addresses for file, addresses in found.items() if addresses - {ours}} == {}
    carriers = {file for file, addresses in found.items() if addresses}
    lessons = {f"notebooks/{lesson.name}" for lesson in LESSONS}
    assert carriers >= lessons | {"README.md", "CITATION.cff", "docs/teaching.md", "CONTRIBUTING.md"}
