"""The package's structure: what may import what, and what every public docstring contains."""

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest

import digits_helpers as dh

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "digits_helpers"


def public_docstrings():
    """The docstring of every public name, read from the source: importing them all would load TensorFlow."""
    found = {}
    for path in PACKAGE.rglob("*.py"):
        if path.parent.name != "checks":  # exercises share a name or two with the package
            for node in ast.parse(path.read_text(encoding="utf-8")).body:
                if isinstance(node, ast.FunctionDef | ast.ClassDef) and node.name in dh.__all__:
                    found[node.name] = ast.get_docstring(node) or ""
    return found


DOCSTRINGS = public_docstrings()


def test_imports_keep_to_the_contracts_in_pyproject():
    program = "from importlinter.cli import lint_imports; raise SystemExit(lint_imports(no_cache=True))"
    run = python("-X", "utf8", "-c", program)
    assert run.returncode == 0, run.stdout + run.stderr


@pytest.mark.parametrize("name", dh.__all__)
def test_a_public_docstring_has_an_example_and_ends_with_its_lesson(name):
    *_, last_line = DOCSTRINGS[name].splitlines()
    assert ">>> " in DOCSTRINGS[name]
    assert re.fullmatch(r"(Built|Plumbing, first used) in lessons? [01]\d\b.*\.", last_line)


def test_the_core_imports_neither_widgets_nor_tensorflow():
    modules = {f"digits_helpers.{path.stem}" for path in PACKAGE.glob("*.py") if path.stem != "__init__"}
    modules.remove("digits_helpers.training")  # its callbacks are Keras classes
    program = (
        f"import sys, {', '.join(sorted(modules))}\n"
        "print(*sorted({'tensorflow', 'keras', 'ipywidgets', 'ipycanvas'} & set(sys.modules)))"
    )
    run = python("-c", program)
    assert (run.returncode, run.stdout) == (0, "\n"), run.stdout + run.stderr


def python(*arguments):
    """Run Python in the repository, in a fresh process."""
    return subprocess.run(
        [sys.executable, *arguments], cwd=ROOT, capture_output=True, text=True, encoding="utf-8", timeout=120
    )
