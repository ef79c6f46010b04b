"""Digits written by a program."""

import warnings

import numpy as np
import pytest

import digits_helpers as dh
from digits_helpers.handwriting import write_style
from digits_helpers.styles import STYLES

ALL_STYLES = [(digit, name) for digit, styles in STYLES.items() for name in styles]


@pytest.mark.parametrize("digit", range(10))
def test_every_digit_fits_on_the_canvas_and_differs_from_hand_to_hand(digit):
    rng = np.random.default_rng(digit)
    written = [dh.write_digit(digit, rng) for _ in range(50)]
    for strokes in written:
        points = np.concatenate(strokes)
        assert points.min() >= 0 and points.max() <= 280 and points.dtype == np.float32
        assert np.ptp(points, axis=0).max() > 80
    assert len({points.tobytes() for points, *_ in written}) == 50


def test_without_a_generator_it_is_always_the_same():
    first, second = dh.write_digit(8), dh.write_digit(8)
    assert all(np.array_equal(a, b) for a, b in zip(first, second, strict=True))


def test_other_canvases():
    points = np.concatenate(dh.write_digit(3, np.random.default_rng(0), size=(600, 100)))
    assert points[:, 0].max() <= 600 and points[:, 1].max() <= 100


@pytest.mark.parametrize("digit", [10, -1, "7", None])
def test_what_is_no_digit_is_refused(digit):
    with pytest.raises(ValueError, match="0 to 9"):
        dh.write_digit(digit)


def test_the_shipped_network_reads_it():
    rng = np.random.default_rng(0)
    predict = dh.Predictor(dh.load_pretrained())
    labels = np.repeat(np.arange(10), 30)
    images = np.stack([dh.prepare(dh.rasterize(dh.write_digit(int(digit), rng))) for digit in labels])
    assert (predict(images).argmax(axis=1) == labels).mean() > 0.85


def test_there_are_many_styles_of_every_digit():
    assert min(map(len, STYLES.values())) >= 10


@pytest.mark.parametrize("digit, name", ALL_STYLES)
def test_every_style_stays_on_its_sheet_and_can_be_written_by_any_hand(digit, name):
    style = STYLES[digit][name]
    points = np.concatenate([np.array(stroke) for stroke in style])
    assert points.min() >= -0.15 and points.max() <= 1
    rng = np.random.default_rng(0)
    for strokes in [write_style(style), *(write_style(style, rng) for _ in range(20))]:
        assert len(strokes) == len(style)
        assert all(np.isfinite(stroke).all() for stroke in strokes)
        assert dh.prepare(dh.rasterize(strokes)).max() == 1


def test_a_point_given_twice_is_a_corner():
    corner = write_style([[(0, 0), (0, 1), (0, 1), (1, 1)]])[0]
    turn = write_style([[(0, 0), (0, 1), (1, 1)]])[0]
    bottom_left = corner.min(axis=0)[0], corner.max(axis=0)[1]
    assert np.hypot(*(corner - bottom_left).T).min() < 1
    assert (np.diff(corner, axis=0) != 0).sum(axis=1).max() == 1, "along the axes only"
    assert (np.diff(turn, axis=0) != 0).sum(axis=1).max() == 2


@pytest.mark.parametrize(
    "style",
    [
        pytest.param([[(0.5, 0), (0.5, 1)]], id="exactly upright"),
        pytest.param([[(0, 0.5), (1, 0.5)]], id="exactly level"),
        pytest.param([[(0.5, 0.5)]], id="a dot"),
        pytest.param([[(0, 0), (0, 1)], [(0.5, 1)]], id="a stroke and a dot"),
        pytest.param([[(0, 0), (0, 0), (0, 1), (1, 1)]], id="begins with a corner"),
        pytest.param([[(0, 0), (0, 1), (1, 1), (1, 1)]], id="ends with a corner"),
        pytest.param([[(0, 0), (0, 1), (0, 1), (0, 1), (1, 1)]], id="a point given three times"),
    ],
)
def test_lines_dots_and_corners_anywhere_can_be_written(style):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for rng in [None, *map(np.random.default_rng, range(20))]:
            strokes = write_style(style, rng)
            points = np.concatenate(strokes)
            assert len(strokes) == len(style) and points.min() >= 0 and points.max() <= 280
            assert [len(stroke) == 1 for stroke in strokes] == [len(stroke) == 1 for stroke in style]


def test_some_drawings_come_from_a_pen_and_some_from_a_mouse():
    rng = np.random.default_rng(0)
    longest = []
    for number in range(200):
        steps = [np.hypot(*np.diff(stroke, axis=0).T) for stroke in dh.write_digit(number % 10, rng)]
        longest.append(max(step.max() for step in steps))
    assert np.median(longest) < 8
    assert np.mean(np.array(longest) > 12) > 0.1
