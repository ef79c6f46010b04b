"""The promises of lesson 00: what its check says, its stand-ins, its map, and the versions that it looks for."""

import ast
import io
import re
import tomllib
from contextlib import redirect_stdout

import matplotlib.pyplot as plt
import nbformat
import numpy as np
import pytest
from lesson_code import NOTEBOOKS
from packaging.requirements import Requirement

import digits_helpers as dh
from digits_helpers import checks, plots

LESSON = nbformat.read(NOTEBOOKS / "00-start-here.ipynb", as_version=4)
IMPORT_NAMES = {"scikit-learn": "sklearn"}


def count_correct(probabilities, labels):
    return np.sum(np.argmax(probabilities, axis=1) == labels)


@pytest.mark.parametrize(
    ("answer", "says"),
    [
        (count_correct, "✅ count_correct"),
        (lambda p, y: int(count_correct(p, y)), "✅ count_correct"),
        (lambda p, y: None, "❌ count_correct: not written yet"),
        (lambda p, y: np.mean(np.argmax(p, axis=1) == y), "❌ count_correct: that's the share"),
        (lambda p, y: np.sum(np.argmax(p, axis=1) != y), "❌ count_correct: that's how many are wrong"),
        (lambda p, y: np.sum(p.max(axis=1) == y), "❌ count_correct: expected 4, not 0: compare the positions"),
        (lambda p, y: np.argmax(p, axis=1) == y, "❌ count_correct: expected one number"),
        (lambda p, y: len(y), "❌ count_correct: four of these six predictions are correct, not 6"),
        (lambda p, y: 4, "❌ count_correct: with labels that all agree, expected 6, not 4"),
        (lambda p, y: np.sum(np.argmax(p) == y), "❌ count_correct: "),
    ],
)
def test_the_check_names_the_mistake(answer, says):
    said = io.StringIO()
    with redirect_stdout(said):
        checks.count_correct(answer)
    assert said.getvalue().startswith(says)


def test_the_solution_finds_what_the_lesson_counts(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)  # where there are no digits of one's own
    with redirect_stdout(io.StringIO()):
        mine = dh.my_digits()
    answers = dh.Predictor()(mine.images)
    assert count_correct(answers, mine.labels) == 20 and not mine.drawn.any()


def test_the_first_pad_reads_its_3_and_a_stroke_replaces_it():
    pad = dh.DigitPad()
    pad.write(3)
    assert pad.text == "I read 3 (100 %)."
    pad.canvas.drawing.start(140, 40)
    pad.canvas.drawing.extend(140, 240)
    pad.canvas.drawing.finish()
    assert len(pad.strokes) == 1
    pad.predict()
    assert pad.text.startswith("I read 1 (")


def test_a_few_digits_are_enough_for_every_figure(tmp_path, monkeypatch):
    """Whoever draws only three of the twenty gets through the lesson, too."""
    monkeypatch.chdir(tmp_path)
    pad = dh.TwentyDigits()
    for digit in (0, 1, 2):
        pad.canvas.drawing.add(*dh.write_digit(digit))
        pad.next()
    names = {"np": np, "dh": dh, "plots": plots}
    with redirect_stdout(io.StringIO()) as said, plt.rc_context():
        dh.use_style()
        for part in ("mine = dh.my_digits()", "dh.show_digits(mine.images"):
            exec(cell_with(part), names)
    assert said.getvalue().startswith("You've drawn 3 of twenty digits")
    assert [axis.get_title("left")[0] for axis in names["figure"].axes] == ["0", "1", "2"]


def cell_with(part):
    return next(cell.source for cell in LESSON.cells if cell.cell_type == "code" and part in cell.source)


def test_the_environment_check_asks_for_what_the_package_needs():
    project = tomllib.loads((NOTEBOOKS.parent / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    required = {}
    for line in project["dependencies"] + project["optional-dependencies"]["lab"]:
        package = Requirement(line)
        required[IMPORT_NAMES.get(package.name, package.name)] = str(package.specifier).removeprefix(">=")
    shown = needs_of_the_lesson()
    assert {"keras", "tensorflow", "numpy", "anywidget"} <= shown.keys()
    assert shown == {name: required[name] for name in shown}


def needs_of_the_lesson():
    dictionaries = [node for node in ast.walk(ast.parse(cell_with("needs = {"))) if isinstance(node, ast.Dict)]
    return {name: least for node in dictionaries for name, least in ast.literal_eval(node).items()}


def test_the_environment_check_is_one_green_or_one_red_line(monkeypatch):
    (output,) = next(cell for cell in LESSON.cells if "needs = {" in cell.source).outputs
    assert [line[0] for line in output.text.splitlines()] == ["M", "✅"]
    assert environment_line() == output.text.splitlines()[1].split(":")[0]
    monkeypatch.setattr("anywidget.__version__", "0.9.12")
    assert environment_line() == "❌ Too old"


def environment_line():
    """What the last line of the cell's output begins with, on this machine."""
    with redirect_stdout(io.StringIO()) as said:
        exec(cell_with("needs = {").replace("digits = dh.load_mnist()", ""), {"dh": dh})
    return said.getvalue().splitlines()[-1].split(":")[0]


def test_the_map_lists_every_other_lesson():
    map_cell = next(cell.source for cell in LESSON.cells if cell.source.startswith("## The map"))
    listed = re.findall(r"\]\(([\w-]+\.ipynb)\)", map_cell)
    there = sorted(path.name for path in NOTEBOOKS.glob("*.ipynb"))
    assert ["00-start-here.ipynb", *listed] == there
