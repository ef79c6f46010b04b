"""The smooth line on which a stroke is shown. local_ink.js draws the same one."""

import numpy as np

JITTER = 0.5  # pixels by which a mouse's whole-pixel positions may zigzag around the line
ROUND = 1  # pixels that a bend may cut off a corner


def smooth(stroke):
    """Turn a stroke into a line that bends gently where the stroke has corners.

    ``stroke`` is ``(k, 2)`` x, y in pixels, and the line ``(m, 2)``. Mouse positions are whole pixels and lie far apart
    in a quick stroke, so the straight line through them looks bumpy or angular. The smooth line stays within a pixel of
    it: what is shown stays what the network reads.

    >>> len(smooth([(0, 0), (10, 0), (20, 3)]))
    5
    """
    points = np.array(stroke, float)
    if len(points) < 3:
        return points
    zigzag = (points[:-2] + points[2:]) / 4 - points[1:-1] / 2
    points[1:-1] += np.where(_length(zigzag) <= JITTER, zigzag, 0)

    before, corner, after = points[:-2], points[1:-1], points[2:]
    # From halfway before the corner to halfway after it, unless that cuts off too much.
    reach = np.minimum(0.5, 4 * ROUND / np.maximum(_length(before + after - 2 * corner), 1e-9))
    start, end = corner + reach * (before - corner), corner + reach * (after - corner)
    bends = np.stack([start, (start + 2 * corner + end) / 4, end], axis=1)
    return np.concatenate([points[:1], bends.reshape(-1, 2), points[-1:]])


def _length(vectors):
    return np.hypot(*vectors.T)[:, np.newaxis]
