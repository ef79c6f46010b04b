"""Digits written by a program, as strokes: for demonstrations, for tests, and for who can't draw right now."""

import numpy as np
from scipy.interpolate import PchipInterpolator

from digits_helpers.strokes import SIZE

# Every digit in some of the styles that people write it in. A style is a list of strokes and a stroke a list of x, y
# (x to the right, y down) on a sheet about 1 high; the pen passes smoothly through them. A point given twice in a row
# is a corner.
STYLES = {
    0: {
        "round": [[(0.36, 0.02), (0.10, 0.20), (0.02, 0.52), (0.14, 0.86), (0.36, 0.98), (0.58, 0.84), (0.68, 0.50),
                   (0.58, 0.16), (0.38, 0.03)]],
        "closed with a loop": [[(0.50, 0.06), (0.28, 0.03), (0.08, 0.26), (0.04, 0.60), (0.20, 0.93), (0.42, 0.95),
                                (0.62, 0.70), (0.64, 0.34), (0.50, 0.10), (0.36, 0.08), (0.30, 0.14)]],
    },
    1: {
        "bar": [[(0.30, 0.02), (0.29, 0.50), (0.28, 0.98)]],
        "short flag": [[(0.14, 0.18), (0.32, 0.02), (0.32, 0.02), (0.31, 0.50), (0.30, 0.98)]],
        "flag and foot": [[(0.12, 0.20), (0.30, 0.03), (0.30, 0.03), (0.30, 0.97)], [(0.10, 0.98), (0.50, 0.97)]],
    },
    2: {
        "sharp": [[(0.06, 0.22), (0.20, 0.05), (0.42, 0.04), (0.56, 0.22), (0.50, 0.46), (0.28, 0.74), (0.05, 0.95),
                   (0.05, 0.95), (0.34, 0.94), (0.64, 0.94)]],
        "looped": [[(0.08, 0.18), (0.26, 0.03), (0.50, 0.10), (0.55, 0.34), (0.40, 0.64), (0.16, 0.90), (0.06, 0.88),
                    (0.12, 0.78), (0.28, 0.84), (0.46, 0.95), (0.66, 0.90)]],
    },
    3: {
        "round": [[(0.08, 0.14), (0.28, 0.02), (0.50, 0.12), (0.50, 0.32), (0.30, 0.46), (0.30, 0.46), (0.52, 0.56),
                   (0.58, 0.76), (0.42, 0.95), (0.20, 0.96), (0.04, 0.84)]],
        "flat top": [[(0.08, 0.05), (0.54, 0.04), (0.54, 0.04), (0.28, 0.38), (0.28, 0.38), (0.52, 0.50), (0.57, 0.74),
                      (0.40, 0.95), (0.18, 0.95), (0.04, 0.84)]],
    },
    4: {
        "open": [[(0.12, 0.04), (0.06, 0.36), (0.04, 0.56), (0.04, 0.56), (0.36, 0.55), (0.64, 0.54)],
                 [(0.48, 0.08), (0.46, 0.50), (0.44, 0.98)]],
        "closed": [[(0.44, 0.03), (0.22, 0.34), (0.02, 0.64), (0.02, 0.64), (0.34, 0.63), (0.66, 0.62)],
                   [(0.46, 0.04), (0.46, 0.50), (0.45, 0.98)]],
    },
    5: {
        "two strokes": [[(0.14, 0.06), (0.10, 0.42), (0.10, 0.42), (0.34, 0.38), (0.55, 0.52), (0.56, 0.76),
                         (0.38, 0.95), (0.16, 0.95), (0.03, 0.86)], [(0.14, 0.06), (0.36, 0.05), (0.58, 0.04)]],
        "one stroke": [[(0.58, 0.04), (0.36, 0.05), (0.16, 0.06), (0.16, 0.06), (0.11, 0.42), (0.11, 0.42),
                        (0.34, 0.37), (0.55, 0.52), (0.56, 0.76), (0.38, 0.95), (0.16, 0.95), (0.03, 0.86)]],
    },
    6: {
        "round": [[(0.46, 0.02), (0.22, 0.24), (0.06, 0.58), (0.10, 0.86), (0.30, 0.98), (0.52, 0.86), (0.54, 0.64),
                   (0.38, 0.52), (0.18, 0.58), (0.08, 0.74)]],
        "tall loop": [[(0.40, 0.02), (0.18, 0.26), (0.06, 0.60), (0.12, 0.90), (0.32, 0.97), (0.48, 0.82),
                       (0.46, 0.62), (0.30, 0.55), (0.12, 0.68)]],
    },
    7: {
        "plain": [[(0.04, 0.06), (0.32, 0.05), (0.60, 0.05), (0.60, 0.05), (0.42, 0.46), (0.26, 0.98)]],
        "with a bar": [[(0.04, 0.06), (0.32, 0.05), (0.60, 0.05), (0.60, 0.05), (0.42, 0.46), (0.28, 0.98)],
                       [(0.20, 0.52), (0.56, 0.50)]],
    },
    8: {
        "one stroke": [[(0.52, 0.12), (0.32, 0.02), (0.12, 0.16), (0.18, 0.36), (0.36, 0.48), (0.54, 0.64),
                        (0.54, 0.86), (0.34, 0.98), (0.12, 0.86), (0.12, 0.66), (0.30, 0.48), (0.50, 0.32),
                        (0.52, 0.14)]],
        "two circles": [[(0.34, 0.02), (0.14, 0.12), (0.14, 0.34), (0.34, 0.46), (0.52, 0.34), (0.52, 0.12),
                         (0.34, 0.02)],
                        [(0.34, 0.46), (0.10, 0.58), (0.08, 0.84), (0.32, 0.98), (0.56, 0.84), (0.54, 0.58),
                         (0.35, 0.46)]],
    },
    9: {
        "straight tail": [[(0.52, 0.18), (0.34, 0.04), (0.12, 0.14), (0.08, 0.36), (0.26, 0.48), (0.46, 0.38),
                           (0.53, 0.16), (0.53, 0.16), (0.50, 0.56), (0.46, 0.98)]],
        "curved tail": [[(0.54, 0.20), (0.36, 0.03), (0.14, 0.14), (0.10, 0.36), (0.28, 0.48), (0.48, 0.38),
                         (0.55, 0.18), (0.55, 0.18), (0.54, 0.60), (0.42, 0.88), (0.18, 0.96)]],
    },
}  # fmt: skip


def write_digit(digit, rng=None, size=SIZE):
    """Write ``digit`` (0 to 9) by hand, somewhere on a canvas of ``size`` (width, height) pixels.

    The answer is a list of ``(k, 2)`` float32 strokes, points about 4 pixels apart, as a mouse sends them. Style,
    slant, proportions, wobble, size and place vary with ``rng``, a ``numpy.random.Generator``; without one the first
    style is written neatly in the middle. Raises ``ValueError`` for what is no digit.

    >>> strokes = write_digit(7)
    >>> len(strokes), strokes[0].shape[1]
    (1, 2)
    """
    if digit not in STYLES:
        raise ValueError(f"A digit is one of 0 to 9, not {digit!r}.")
    styles = list(STYLES[digit].values())
    style = styles[0] if rng is None else styles[rng.integers(len(styles))]
    strokes = [_pen_path(_vary(stroke, rng)) for stroke in _as_arrays(style, rng)]
    return _place(strokes, rng, np.array(size))


def _as_arrays(style, rng):
    """The style's strokes, all of them slanted and stretched in the same way."""
    if rng is None:
        return [np.array(stroke) for stroke in style]
    slant, width, turn = rng.normal(0, 0.12), np.exp(rng.normal(0, 0.12)), rng.normal(0, 0.06)
    matrix = np.array([[width, 0], [-slant, 1]]) @ [[np.cos(turn), np.sin(turn)], [-np.sin(turn), np.cos(turn)]]
    return [np.array(stroke) @ matrix for stroke in style]


def _vary(points, rng, wobble=0.018):
    """Move every point a little; the two halves of a corner together."""
    if rng is None:
        return points
    corners = np.r_[False, (np.diff(points, axis=0) == 0).all(axis=1)]
    moves = rng.normal(0, wobble, points.shape)
    moves[corners] = moves[np.flatnonzero(corners) - 1]
    return points + moves


def _pen_path(points, step=0.02):
    """A smooth path through the points, in steps of about ``step``, with a kink where a point stands twice."""
    breaks = 1 + np.flatnonzero((np.diff(points, axis=0) == 0).all(axis=1))
    return np.concatenate([_smooth(part, step) for part in np.split(points, breaks)])


def _smooth(points, step):
    along = np.r_[0, np.cumsum(np.hypot(*np.diff(points, axis=0).T))]
    curve = PchipInterpolator(along, points)  # unlike a cubic spline it never swings past the points
    return curve(np.linspace(0, along[-1], max(2, int(along[-1] / step))))


def _place(strokes, rng, size):
    points = np.concatenate(strokes)
    low, extent = points.min(axis=0), np.ptp(points, axis=0)
    share = 0.65 if rng is None else rng.uniform(0.4, 0.8)
    scale = share * (size / extent).min()
    room = size - extent * scale
    margin = 0.06 * size  # for the brush
    corner = room / 2 if rng is None else rng.uniform(margin, room - margin)
    return [((stroke - low) * scale + corner).astype(np.float32) for stroke in strokes]
