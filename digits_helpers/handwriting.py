"""Synthetic handwriting: digits written by a program as strokes, for demonstrations, tests and training."""

import numpy as np
from scipy.ndimage import gaussian_filter1d

from digits_helpers.strokes import SIZE
from digits_helpers.styles import STYLES

STEP = 0.02  # distance between points on the pen's path, as a fraction of the digit's height


def write_digit(digit, rng=None, size=SIZE):
    """Write ``digit`` (0 to 9) as a person might, somewhere on a canvas of ``size`` (width, height) in pixels.

    Returns a list of ``(k, 2)`` float32 strokes with points about 4 pixels apart, as a mouse reports them. ``rng``, a
    ``numpy.random.Generator``, varies what differs between people and between days: style, slant, proportions,
    curvature, speed, tremor, pen or mouse, size and position. Without it, the digit's first style is written neatly in
    the middle. Raises ``ValueError`` if ``digit`` isn't a digit.

    >>> strokes = write_digit(7)
    >>> len(strokes), strokes[0].shape[1]
    (1, 2)

    Built in lesson 10.
    """
    if digit not in STYLES:
        raise ValueError(f"Expected a digit from 0 to 9, but got {digit!r}.")
    styles = list(STYLES[digit].values())
    return write_style(styles[0] if rng is None else styles[rng.integers(len(styles))], rng, size)


def write_style(style, rng=None, size=SIZE):
    """Write one style, a list of strokes as in ``STYLES``, the way ``write_digit`` does: neatly without ``rng``.

    A stroke of one point is a dot.

    >>> circle = [[(0.5, 0), (0, 0.5), (0.5, 1), (1, 0.5), (0.5, 0)]]
    >>> len(write_style(circle, np.random.default_rng(0)))
    1
    """
    if rng is None:
        return _place([_pen_path(np.array(stroke)) for stroke in style], 0.65, (0.5, 0.5), size)
    paths = _hurry([_pen_path(stroke) for stroke in _vary(style, rng)], rng)
    strokes = _place(paths, rng.uniform(0.3, 0.85), rng.uniform(0, 1, 2), size)
    return [_sample_as_mouse(stroke, rng) for stroke in strokes] if rng.random() < 0.3 else strokes


def write_number(number, rng=None, size=SIZE):
    """Write ``number``, a string of digits, from left to right in the middle of a canvas.

    ``rng``, ``size`` and the strokes returned are the same as for ``write_digit``. Raises ``ValueError`` if ``number``
    isn't a string of digits.

    >>> len(write_number("1000", size=(700, 220)))
    4

    Built in lessons 09 and 10.
    """
    if not (isinstance(number, str) and number.isdecimal()):
        raise ValueError(f'Expected a text of digits, such as "2507", but got {number!r}.')
    row = []
    for digit in number:
        row += next_to(row, write_digit(int(digit), rng), (np.inf, 1))
    return _place(row, 0.75, (0.5, 0.5), size)


def next_to(strokes, digit, size):
    """Scale the strokes of ``digit`` and move them to the right of ``strokes``, on a canvas of ``size``.

    Raises ``ValueError`` if there is no room.

    >>> ones = [np.array([(20.0, 30), (20, 90)])]
    >>> next_to(ones, ones, (200, 100))[0].tolist()
    [[38.0, 20.0], [38.0, 80.0]]
    """
    points = np.concatenate(digit)
    low, extent = points.min(axis=0), np.ptp(points, axis=0)
    height = 0.6 * size[1]
    right = max((stroke[:, 0].max() for stroke in strokes), default=-0.1 * height)
    scale = height / max(extent[1], extent[0] / 2)
    left = right + 0.3 * height
    if left + extent[0] * scale > size[0]:
        raise ValueError("There is no room for another digit.")
    return [(stroke - low) * scale + [left, 0.2 * size[1]] for stroke in digit]


def _vary(style, rng):
    """The style's strokes as one person might write them: slanted, stretched, bent and slightly misplaced."""
    slant, width, turn = rng.normal(0.08, 0.18), np.exp(rng.normal(0.05, 0.22)), rng.normal(0, 0.09)
    matrix = np.array([[width, 0], [-slant, 1]]) @ [[np.cos(turn), np.sin(turn)], [-np.sin(turn), np.cos(turn)]]
    waves, phases, sway = rng.normal(0, 0.6, (2, 4)), rng.uniform(0, 1, 4), rng.normal(0, 0.035, (4, 2))

    def bend(points):  # a smooth random field moves neighbours together, so lines that touch keep touching
        return points + np.sin(2 * np.pi * (points @ waves + phases)) @ sway

    return [bend(_wobble(np.array(stroke), rng)) @ matrix + rng.normal(0, 0.015, 2) for stroke in style]


def _wobble(points, rng):
    """Move every point a little, keeping corners intact, and make the stroke start and end early or late."""
    moves = rng.normal(0, 0.015, points.shape)
    corners = 1 + np.flatnonzero(_is_repeated(points))
    moves[corners] = moves[corners - 1]
    if len(points) > 1:  # a dot has no start and no end
        moves[0] += rng.normal(0, 0.12) * (points[0] - points[1])
        moves[-1] += rng.normal(0, 0.12) * (points[-1] - points[-2])
    return points + moves


def _is_repeated(points):
    return (np.diff(points, axis=0) == 0).all(axis=1)


def _pen_path(points):
    """A smooth path through the points, in steps of about ``STEP``, with a corner wherever a point is repeated."""
    parts = np.split(points, 1 + np.flatnonzero(_is_repeated(points)))
    return np.concatenate([_smooth(part) for part in parts])


def _smooth(points):
    from scipy.interpolate import CubicSpline  # imported late: a pad appears sooner, and most don't write an example

    if len(points) == 1:  # a dot, or a corner at the start or end of the stroke
        return points
    lengths = np.hypot(*np.diff(points, axis=0).T)
    along = np.r_[0, np.cumsum(np.sqrt(lengths))]  # the square root keeps the curve from overshooting close points
    curve = CubicSpline(along, points, bc_type="natural")
    return curve(np.linspace(0, along[-1], max(2, int(lengths.sum() / STEP))))


def _hurry(paths, rng):
    """Cut corners, as a quick hand does, and add the tremor of any hand."""
    haste, tremor, slowness = rng.uniform(0, 2.5), abs(rng.normal(0, 0.006)), rng.uniform(1, 4)
    written = []
    for path in paths:
        shake = gaussian_filter1d(rng.normal(0, tremor * np.sqrt(slowness), path.shape), slowness, axis=0)
        cut = gaussian_filter1d(path, haste, axis=0, mode="nearest") if haste > 0.3 else path
        written.append(cut + shake)
    return written


def _place(paths, share, place, size):
    """Scale the paths to fill ``share`` of the canvas; ``place`` (0 to 1 each) is the position in the room left."""
    points, size = np.concatenate(paths), np.array(size)
    low, extent = points.min(axis=0), np.ptp(points, axis=0)
    scale = share * (size / np.maximum(extent, 1e-6)).min()  # a dot or a straight line has a side of 0
    margin = 0.04 * size  # for the brush
    corner = margin + place * (size - 2 * margin - extent * scale)
    return [((path - low) * scale + corner).astype(np.float32) for path in paths]


def _sample_as_mouse(stroke, rng):
    """What remains of a stroke sampled by a slow mouse: few points, at whole pixels."""
    seen = np.r_[0 : len(stroke) - 1 : rng.integers(2, 8), len(stroke) - 1]
    return np.round(stroke[seen])
