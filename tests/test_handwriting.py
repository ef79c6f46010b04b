"""Digits written by a program."""

import numpy as np
import pytest

import digits_helpers as dh
from digits_helpers.handwriting import STYLES


@pytest.mark.parametrize("digit", range(10))
def test_every_digit_fits_on_the_canvas_and_differs_from_hand_to_hand(digit):
    rng = np.random.default_rng(digit)
    written = [dh.write_digit(digit, rng) for _ in range(50)]
    for strokes in written:
        points = np.concatenate(strokes)
        assert points.min() >= 0 and points.max() <= 280 and points.dtype == np.float32
        assert np.ptp(points, axis=0).max() > 80
        assert all(np.hypot(*np.diff(stroke, axis=0).T).max() < 10 for stroke in strokes), "steps like a mouse's"
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


def test_every_style_has_a_name_and_stays_on_its_sheet():
    for digit, styles in STYLES.items():
        assert len(styles) >= 2, digit
        for strokes in styles.values():
            points = np.concatenate([np.array(stroke) for stroke in strokes])
            assert points.min() >= 0 and points.max() <= 1
