"""What lesson 10 builds by hand does the same as the package, and its checks know the likely mistakes."""

import os
import subprocess
import sys
from pathlib import Path

import nbformat
import numpy as np
import pytest
from lesson_code import NOTEBOOKS, function_from
from scipy.interpolate import CubicSpline
from scipy.ndimage import affine_transform

import digits_helpers as dh
from digits_helpers import checks, handwriting
from digits_helpers.styles import STYLES

sys.path.append(str(Path(__file__).parents[1] / "benchmarks"))
import pretrained  # noqa: E402

LESSON = "10-close-the-gap"


def lesson(name, **namespace):
    return function_from(LESSON, name, np=np, **namespace)


@pytest.mark.parametrize("digit", range(10))
def test_the_lessons_pen_takes_the_packages_path(digit):
    smooth = lesson("smooth", CubicSpline=CubicSpline)
    pen_path = lesson("pen_path", smooth=smooth)
    for style in STYLES[digit].values():
        for stroke in style:
            assert np.array_equal(pen_path(stroke), handwriting._pen_path(np.array(stroke)))


def test_the_lessons_hand_slants_to_the_right_and_stretches():
    slanted = lesson("by_a_hand")([(0, 0), (0, 1), (1, 0)], np.random.default_rng(3))
    drawn = np.random.default_rng(3)
    slant, width = drawn.normal(0.08, 0.18), np.exp(drawn.normal(0.05, 0.22))
    np.testing.assert_allclose(slanted, [[0, 0], [-slant, 1], [width, 0]])


def test_the_lesson_distorts_as_the_shipped_networks_training_does():
    distort = lesson("distort", affine_transform=affine_transform)
    images = np.random.default_rng(0).random((10, 28, 28), dtype=np.float32)
    spread = [
        np.mean([f(image, np.random.default_rng(1)).std() for image in images]) for f in (distort, pretrained.distort)
    ]
    assert spread[0] == pytest.approx(spread[1], rel=0.2)
    for image in images:
        assert distort(image, np.random.default_rng(1)).shape == (28, 28)


def test_the_lesson_uses_a_file_of_the_readers_own_digits(tmp_path):
    rng = np.random.default_rng(0)
    own = [dh.Drawing(dh.write_digit(digit, rng), label=digit) for digit in 5 * list(range(10))]
    dh.save_drawings(tmp_path / "my-digits.json", own)
    cells = nbformat.read(NOTEBOOKS / f"{LESSON}.ipynb", as_version=4).cells
    source = "\n".join(cell.source for cell in cells if cell.cell_type == "code")
    (tmp_path / "lesson.py").write_text(source, encoding="utf-8")
    printed = subprocess.run(
        [sys.executable, "lesson.py"],
        cwd=tmp_path,
        env=os.environ | {"MPLBACKEND": "Agg"},
        capture_output=True,
        text=True,
    )
    assert printed.returncode == 0, printed.stderr[-2000:]
    assert "50 digits of yours, used from here on" in printed.stdout
    assert "your own hand, kept aside" in printed.stdout and "stand-in" not in printed.stdout


@pytest.mark.parametrize(
    "answer, hint",
    [
        (lambda names: (names, names[2::3]), "among the training ones"),
        (lambda names: (names[2::3], [n for n in names if n not in names[2::3]]), "swapped"),
        (lambda names: ([n for n in names if n not in names[::3]], names[::3]), "begins with the third"),
        (lambda names: names[2::3], "❌"),
        (lambda names: None, "not written yet"),
    ],
)
def test_the_check_of_the_split_names_the_mistake(answer, hint, capsys):
    checks.split(answer)
    assert hint in capsys.readouterr().out


@pytest.mark.parametrize(
    "answer, hint",
    [
        (lambda a, b, y: (np.sum((a == y) & (b != y)), np.sum((b == y) & (a != y))), "swapped"),
        (lambda a, b, y: (np.sum(b == y), np.sum(a == y)), "how many each reads right"),
        (lambda a, b, y: np.sum(b == y) - np.sum(a == y), "expected two numbers"),
        (lambda a, b, y: (np.mean((b == y) & (a != y)), np.mean((a == y) & (b != y))), "those are shares"),
        (lambda a, b, y: (3.9, 1.2), "not 3.9 and 1.2"),
        (lambda a, b, y: np.array([np.sum((b == y) & (a != y)), np.sum((a == y) & (b != y))]), "✅"),
        (lambda a, b, y: None, "not written yet"),
    ],
)
def test_the_check_of_mended_and_broken_names_the_mistake(answer, hint, capsys):
    checks.mended_and_broken(answer)
    assert hint in capsys.readouterr().out
