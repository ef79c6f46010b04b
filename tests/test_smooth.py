"""The smooth line on which a stroke is shown."""

from pathlib import Path

import numpy as np
import pytest
from browser import chromium, chromium_path

import digits_helpers as dh
from digits_helpers.widgets import canvas
from digits_helpers.widgets.smooth import smooth


def as_mouse(step):
    """An oval at whole pixels, with a point every ``step`` pixels or so."""
    turns = np.linspace(0, 1.7 * np.pi, int(500 / step))
    return np.round(np.stack([140 + 70 * np.sin(turns), 140 - 90 * np.cos(turns)], axis=1))


def sharpest_turn(line):
    """In degrees, leaving out points that coincide."""
    steps = np.diff(line, axis=0)
    steps = steps[np.hypot(*steps.T) > 1e-6]
    headings = np.unwrap(np.arctan2(steps[:, 1], steps[:, 0]))
    return np.degrees(abs(np.diff(headings)).max())


@pytest.mark.parametrize("step", [2, 3, 10, 20])
def test_a_mouse_draws_a_smooth_line(step):
    stroke = as_mouse(step)
    assert sharpest_turn(smooth(stroke)) < 0.7 * sharpest_turn(stroke)


@pytest.mark.parametrize("seed", range(5))
def test_what_is_shown_is_what_is_read(seed):
    """Drawn with the brush, the smooth line and the stroke itself differ by little more than a pixel at their edges."""
    for stroke in dh.write_digit(seed, np.random.default_rng(seed)) + [as_mouse(5), as_mouse(25)]:
        shown, read = (dh.rasterize([line]) > 127 for line in (smooth(stroke), stroke))
        wider, narrower = (dh.rasterize([stroke], width=18 + more) > 127 for more in (3, -3))
        assert not (shown & ~wider).any() and not (narrower & ~shown).any()
        assert (shown ^ read).sum() < 0.05 * read.sum()


@pytest.mark.parametrize("stroke", [[(5, 5)], [(5, 5), (9, 9)], [(0, 0), (10, 0), (20, 0)], [(3, 3)] * 4])
def test_dots_and_straight_lines_stay(stroke):
    line = smooth(stroke)
    assert np.allclose(line[[0, -1]], np.array(stroke)[[0, -1]])
    assert np.linalg.matrix_rank(line - line[0]) <= 1, "all on one straight line"


def test_a_corner_stays_a_corner():
    corner = np.array([220, 60])
    line = smooth([(60, 60), corner, (120, 230)])
    assert np.hypot(*(line - corner).T).min() < 1.01


@pytest.mark.skipif(chromium_path() is None, reason="no Chromium or Chrome is installed")
def test_the_page_draws_the_same_line():
    others = [[(60, 60), (220, 60), (120, 230)], [(7, 7)] * 3, [(1, 2)]]
    strokes = [as_mouse(3).tolist(), as_mouse(20).tolist(), *others]
    module = Path(canvas.__file__).with_name("local_ink.js").read_text().replace("export default", "const module =")
    with chromium() as browser:
        page = browser.new_page()
        lines = page.evaluate(
            "([module, strokes]) => strokes.map(new Function('stroke', `${module}; return smooth(stroke, 1)`))",
            [module, strokes],
        )
    for line, stroke in zip(lines, strokes, strict=True):
        np.testing.assert_allclose(line, smooth(stroke), atol=1e-9)
