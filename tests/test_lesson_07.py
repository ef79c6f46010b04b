"""What lesson 07 builds by hand does the same as the package, and its checks know the likely mistakes."""

import re

import nbformat
import numpy as np
import pytest
from lesson_code import NOTEBOOKS, function_from
from PIL import Image, ImageDraw
from scipy import ndimage

import digits_helpers as dh
from digits_helpers import checks

LESSON = "07-from-canvas-to-mnist"


def lesson(name, **namespace):
    return function_from(LESSON, name, np=np, Image=Image, ImageDraw=ImageDraw, **namespace)


def solution(name, **namespace):
    """The function ``name`` as a folded solution in the lesson's text defines it."""
    for cell in nbformat.read(NOTEBOOKS / f"{LESSON}.ipynb", as_version=4).cells:
        found = re.search(rf"```python\n(def {name}\(.*?)```", cell.source, re.DOTALL)
        if cell.cell_type == "markdown" and found:
            exec(found.group(1), namespace := {"np": np, **namespace})
            return namespace[name]
    raise LookupError(f"{LESSON}.ipynb has no solution for {name}.")


def drawings(n=30):
    """Strokes and brush widths, some of the strokes partly outside the canvas."""
    rng = np.random.default_rng(1)
    for number in range(n):
        shift = rng.uniform(-40, 40, 2).astype(np.float32) if number % 3 == 0 else 0
        yield [stroke + shift for stroke in dh.write_digit(number % 10, rng)], rng.uniform(8, 24)


def random_pictures(n=60):
    """Grey pictures of every form, the narrowest one pixel wide, with ink in a part of them."""
    rng = np.random.default_rng(2)
    for _ in range(n):
        picture = np.zeros(rng.integers(1, 120, 2), np.uint8)
        top, left = (rng.integers(0, side) for side in picture.shape)
        part = picture[top : top + 40, left : left + 60]
        part[:] = rng.integers(0, rng.integers(2, 256), part.shape)
        part[0, 0] = 1  # never empty
        yield picture


def test_the_lessons_network_sees_nothing_but_mnist():
    """The network that ships learned from the program's digits too: measured with it, the gap would close too soon."""
    code = [cell.source for cell in nbformat.read(NOTEBOOKS / f"{LESSON}.ipynb", as_version=4).cells]
    (training,) = [source for source in code if ".fit(" in source]
    assert ".fit(digits.x_train[..., np.newaxis], digits.y_train," in training
    assert not any("load_pretrained" in source for source in code)


def test_draw_twice_as_large_and_halved_is_the_packages_rasterize():
    draw = lesson("draw")
    for strokes, width in drawings():
        twice = draw([2 * stroke for stroke in strokes], size=(560, 560), width=2 * width)
        assert np.array_equal(Image.fromarray(twice).reduce(2), dh.rasterize(strokes, width=width))


def test_draw_has_the_packages_ink_but_for_the_edges():
    draw = lesson("draw")
    for strokes, width in drawings():
        by_hand, smooth = draw(strokes, width=width), dh.rasterize(strokes, width=width)
        assert set(np.unique(by_hand)) == {0, 255}
        assert abs(by_hand.mean() / smooth.mean() - 1) < 0.15


def test_as_ink_is_the_packages():
    as_ink = lesson("as_ink")
    for picture in random_pictures():
        for either in (picture, 255 - picture):
            assert np.array_equal(as_ink(either), dh.as_ink(either))


def test_the_solution_of_crop_to_ink_is_the_packages():
    crop_to_ink = solution("crop_to_ink")
    for picture in random_pictures():
        assert np.array_equal(crop_to_ink(picture), dh.crop_to_ink(picture))


def test_longest_side_is_that_of_the_packages_crop():
    longest_side = lesson("longest_side")
    for picture in random_pictures():
        assert longest_side(picture) == max(dh.crop_to_ink(picture).shape)


def test_fit_to_box_is_the_packages():
    fit_to_box = lesson("fit_to_box")
    for picture in random_pictures():
        crop = dh.crop_to_ink(picture)
        assert np.array_equal(fit_to_box(crop), dh.fit_to_box(crop))


def test_center_by_mass_is_the_packages_also_where_the_edge_stops_it():
    center_by_mass = lesson("center_by_mass", balance=lesson("balance"))
    rng, stopped = np.random.default_rng(3), 0
    for _ in range(300):
        box = np.zeros(rng.integers(1, 29, 2), np.uint8)
        rows, columns = rng.integers(1, box.shape[0] + 1), rng.integers(1, box.shape[1] + 1)
        box[:rows, :columns] = rng.integers(1, 256, (rows, columns))
        box[-1, -1] = 1
        centred = dh.center_by_mass(box)
        assert np.array_equal(center_by_mass(box), centred)
        stopped += abs(14 - mass(centred)).max() > 0.5
    assert 0 < stopped < 300, "the pictures should try both cases"


def test_the_lessons_stages_together_are_prepare():
    as_ink, crop_to_ink, fit_to_box = lesson("as_ink"), solution("crop_to_ink"), lesson("fit_to_box")
    center_by_mass = lesson("center_by_mass", balance=lesson("balance"))
    for strokes, width in drawings():
        picture = 255 - dh.rasterize(strokes, width=width)
        by_hand = center_by_mass(fit_to_box(crop_to_ink(as_ink(picture))))
        assert np.array_equal(by_hand.astype(np.float32) / 255, dh.prepare(picture))


def test_shrink_averages_blocks_up_to_pillows_rounding_after_each_axis():
    picture = np.random.default_rng(4).integers(0, 256, (280, 280), dtype=np.uint8)
    means = picture.reshape(28, 10, 28, 10).mean(axis=(1, 3))
    assert abs(lesson("shrink")(picture) - means).max() < 1.01


@pytest.mark.parametrize("shape", [(5, 5), (3, 8), (8, 3), (1, 28), (27, 2)])
def test_square_and_in_the_middle_keep_every_pixel_and_equal_margins(shape):
    crop = np.full(shape, 7, np.uint8)
    for field in (lesson("square")(crop), lesson("in_the_middle")(crop)):
        assert field.shape[0] == field.shape[1] and np.array_equal(dh.crop_to_ink(field), crop)
        for axis in (0, 1):
            inked = np.flatnonzero(field.any(axis=1 - axis))
            assert 0 <= (len(field) - 1 - inked[-1]) - inked[0] <= 1


def test_the_solution_of_center_of_mass_is_scipys():
    center_of_mass = solution("center_of_mass", balance=lesson("balance"))
    for picture in random_pictures():
        assert center_of_mass(picture) == pytest.approx(mass(picture))


def test_the_solutions_pass_their_checks(capsys):
    checks.center_of_mass(solution("center_of_mass", balance=lesson("balance")))
    checks.crop_to_ink(solution("crop_to_ink"))
    assert capsys.readouterr().out.splitlines() == ["✅ center_of_mass", "✅ crop_to_ink"]


def mass(image):
    return np.array(ndimage.center_of_mass(image))


def cut(ink):
    return np.flatnonzero(ink.any(axis=1)), np.flatnonzero(ink.any(axis=0))


@pytest.mark.parametrize(
    "check, answer, hint",
    [
        (checks.center_of_mass, lambda image: None, "not written yet"),
        (checks.center_of_mass, lambda image: mass(image)[::-1], "swapped"),
        (checks.center_of_mass, lambda image: mass(image) + 0.5, "half a pixel too large"),
        (checks.center_of_mass, lambda image: mass(image) - 0.5, "half a pixel too small"),
        (checks.center_of_mass, lambda image: mass(image) + 1, "count the positions from 0"),
        (checks.center_of_mass, lambda image: np.argwhere(image).mean(axis=0), "weigh its position"),
        (checks.center_of_mass, lambda image: np.divide(image.shape, 2) - 0.5, "middle of the picture"),
        (checks.center_of_mass, lambda image: mass(image)[0], "two numbers"),
        (checks.center_of_mass, lambda image: mass(image) * 2, "expected row 2.125"),
        (checks.crop_to_ink, lambda ink: None, "not written yet"),
        (checks.crop_to_ink, lambda ink: ink, "nothing was cut off"),
        (checks.crop_to_ink, lambda ink: ink[2:7, 5:11], "last row and the last column"),
        (checks.crop_to_ink, lambda ink: dh.crop_to_ink(ink.T), "swapped"),
        (checks.crop_to_ink, lambda ink: ink[np.ix_(*cut(ink))], "empty rows inside"),
        (checks.crop_to_ink, lambda ink: dh.crop_to_ink(np.where(ink > 127, ink, 0)), "faint part"),
        (checks.crop_to_ink, lambda ink: dh.crop_to_ink(ink)[::-1], "not the place or the values"),
    ],
)
def test_a_check_names_the_mistake(check, answer, hint, capsys):
    check(answer)
    printed = capsys.readouterr().out
    assert printed.startswith("❌") and hint in printed
