"""The promises of lesson 00: what it draws is read, its map is complete, its table of versions is the package's own."""

import ast
import re
import tomllib

import nbformat
import numpy as np
from lesson_code import NOTEBOOKS
from packaging.requirements import Requirement

import digits_helpers as dh

LESSON = nbformat.read(NOTEBOOKS / "00-start-here.ipynb", as_version=4)
IMPORT_NAMES = {"scikit-learn": "sklearn", "pillow": "PIL"}


def test_the_digit_that_the_program_draws_is_read():
    pad = dh.DigitPad(dh.load_pretrained())
    pad.replay(dh.write_digit(3, np.random.default_rng(0)))
    assert pad.text.startswith("I read 3")


def test_the_table_of_versions_says_what_the_package_needs():
    project = tomllib.loads((NOTEBOOKS.parent / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    required = {}
    for line in project["dependencies"] + project["optional-dependencies"]["lab"]:
        package = Requirement(line)
        required[IMPORT_NAMES.get(package.name, package.name)] = str(package.specifier).removeprefix(">=")
    shown = needs_of_the_lesson()
    assert {"keras", "tensorflow", "numpy", "ipycanvas"} <= shown.keys()
    assert shown == {name: required[name] for name in shown}


def needs_of_the_lesson():
    cell = next(cell.source for cell in LESSON.cells if "needs = {" in cell.source)
    dictionaries = [ast.literal_eval(node) for node in ast.walk(ast.parse(cell)) if isinstance(node, ast.Dict)]
    return {name: least for dictionary in dictionaries for name, least in dictionary.items()}


def test_the_map_lists_every_other_lesson():
    map_cell = next(cell.source for cell in LESSON.cells if cell.source.startswith("## The map"))
    listed = re.findall(r"\]\(([\w-]+\.ipynb)\)", map_cell)
    there = sorted(path.name for path in NOTEBOOKS.glob("*.ipynb"))
    assert ["00-start-here.ipynb", *listed] == there
