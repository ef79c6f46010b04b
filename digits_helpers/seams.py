"""Where a picture's ink may be cut: paths from top to bottom that cross as little of it as they can."""

from typing import NamedTuple

import numpy as np
from scipy import ndimage

from digits_helpers.ink import where_inked

# Lengths are in hands, a hand being the height of the writing, or in strokes, a stroke being its thickness.
STEP, REACH = 0.06, 0.15  # hands: a path is looked for every so often, and so far to both sides
MOST_CROSSED = 3.5  # strokes: a path through more ink than that is no place where two digits touch
APART = 0.15  # hands of a stroke: paths with less ink between them count as one
NARROW = 0.25  # hands: what is narrower isn't two digits
SMALL = 20  # pixels: where writing is lower, as in MNIST, a seam can't be told from a thin place in one digit
THICK = 0.5  # hands: what has thicker strokes isn't writing
ASIDE = 0.1  # pixels of ink: what a step aside costs
SPECK = 1 / 20  # hands: the side of the largest square that is dirt, a pixel in MNIST's box
TOUCHING = np.ones((3, 3))  # also at a corner
# A picture of sixty written digits has 2,000 to 3,200 runs of neighbouring pieces; this many take seconds to read.
MOST_RUNS = 6000


class Piece(NamedTuple):
    """What is never taken apart: a stroke, or ink that touches nothing else or is left of it between two cuts."""

    box: np.ndarray  # left, top, right, bottom in hands
    members: tuple  # the numbers of its strokes, or its number in the picture of labels
    whole: int  # what is cut through ink is still one whole
    crossed: float | None = None  # the ink crossed by the cut on its left, in strokes; None without a cut
    line: int = 0  # of writing, from the top


def refuse_too_many(runs):
    """Raise ``ValueError`` for more runs of neighbouring pieces than can be read in time."""
    if runs > MOST_RUNS:
        raise ValueError("These are too many parts for a number: leave out what is no digit.")


def hand_of(heights, weights):
    """The height of the writing: the median of heights, where the larger weights, amounts of ink, count more."""
    heights, order = np.asarray(heights, float), np.argsort(heights)
    reached = np.cumsum(np.asarray(weights, float)[order])
    return heights[order][np.searchsorted(reached, reached[-1] / 2)]


def cut_to_pieces(ink):
    """Cut ink, ``(h, w)`` uint8 white on black, wherever two digits may touch.

    Returns a list of ``Piece``, in reading order, and ``(h, w)`` ints that say to which piece a pixel belongs; 0 is
    paper and specks. Raises ``ValueError`` for far more pieces than a number has.
    """
    dark, parts, boxes, areas, hand = _parts(ink)
    is_ink = areas >= (SPECK * hand) ** 2
    refuse_too_many(is_ink.sum())  # each part makes a piece, and each piece a run
    stroke = _thickness(np.append(False, is_ink)[parts])
    lines = _lines(boxes, hand)

    pieces, labels = [], np.zeros_like(parts)
    for whole in np.flatnonzero(is_ink):
        left, top, right, bottom = boxes[whole]
        place = slice(top, bottom), slice(left, right)
        part = parts[place] == whole + 1
        side, seams = _sides(part, hand, stroke)
        for number, crossed in enumerate([None, *seams]):
            piece = part & (side == number)
            if piece.any():
                label = len(pieces) + 1
                labels[place][piece] = label
                box = (box_of(where_inked(piece)) + [left, top, left, top]) / hand
                pieces.append(Piece(box, (label,), int(whole), crossed, int(lines[whole])))
        refuse_too_many(len(pieces))
    # The faint edges belong to the nearest piece.
    near = (ink > 0) & ~dark & ndimage.binary_dilation(labels > 0, TOUCHING, iterations=2)
    nearest = ndimage.distance_transform_edt(labels == 0, return_distances=False, return_indices=True)
    pieces.sort(key=lambda piece: (piece.line, piece.box[0] + piece.box[2]))
    return pieces, np.where(near, labels[tuple(nearest)], labels)


def hand_in_pixels(ink):
    """The height of the writing in ink, ``(h, w)`` uint8 white on black."""
    *_, hand = _parts(ink)
    return hand


def _parts(ink):
    """What is surely ink, the connected parts of that as numbers from 1, their boxes and areas, and the hand."""
    dark = ink > ink.max() / 2  # where ink is faint, at its edges, neighbours seem to touch
    parts, _ = ndimage.label(dark, TOUCHING)
    boxes, areas = np.array([box_of(place) for place in ndimage.find_objects(parts)]), np.bincount(parts.ravel())[1:]
    return dark, parts, boxes, areas, hand_of(boxes[:, 3] - boxes[:, 1], areas)


def box_of(place):
    """Left, top, right and bottom of a place that is given as slices of rows and columns."""
    rows, columns = place
    return np.array([columns.start, rows.start, columns.stop, rows.stop])


def _thickness(is_ink):
    """Of the strokes, in pixels: from the edge to the middle and back, four times the mean distance to the paper."""
    distance = ndimage.distance_transform_edt(np.pad(is_ink, 1))[1:-1, 1:-1]
    return max(1, 4 * distance[is_ink].mean() - 1)


def _lines(boxes, hand):
    """The number of the line of writing that each part stands in, from the top."""
    tops, bottoms = boxes[:, 1], boxes[:, 3]
    middles = (tops + bottoms) / 2
    tall = np.flatnonzero(bottoms - tops >= hand / 2)
    centers = []  # of the lines
    for part in tall[np.argsort(middles[tall])]:
        if centers and middles[part] - np.mean(centers[-1]) < 0.6 * hand:
            centers[-1].append(middles[part])
        else:
            centers.append([middles[part]])
    centers = np.array([np.mean(line) for line in centers])
    return abs(middles[:, np.newaxis] - centers).argmin(axis=1)


def _sides(part, hand, stroke):
    """How many seams each pixel of a ``(h, w)`` part lies to the right of, and the ink that each seam crosses."""
    (height, width), columns = part.shape, np.arange(part.shape[1])
    before = np.pad(part.cumsum(axis=1), ((0, 0), (1, 0)))  # in each row, the ink to the left of each column
    kept, lefts = [], np.empty((0, height), int)
    for crossed, path in sorted(_seams(part, hand, stroke), key=lambda seam: seam[0]):
        left = before[np.arange(height), path.clip(0, width)]  # in each row, the ink to the left of the path
        is_new = (abs(lefts - left).sum(axis=1) > APART * hand * stroke).all()
        if is_new and stroke**2 <= left.sum() <= part.sum() - stroke**2:
            kept.append((crossed, path, left.sum()))
            lefts = np.vstack([lefts, left])
    kept.sort(key=lambda seam: seam[2])
    side, furthest = np.zeros(part.shape, int), np.full(part.shape[0], -np.inf)
    for _, path, _ in kept:
        furthest = np.maximum(furthest, path)  # seams don't cross each other
        side += columns >= furthest[:, np.newaxis]
    return side, [crossed / stroke for crossed, *_ in kept]


def _seams(part, hand, stroke):
    """Paths down through a part, one near every ``STEP``, as ``(pixels of ink crossed, column in each row)``.

    The cheapest path to a pixel comes from the cheapest of the three above it, so that one pass down the rows finds
    them all, for all places at the same time; the way back up tells where they ran.
    """
    height, width = part.shape
    reach = max(2, round(REACH * hand))
    starts = np.arange(0, width, max(1, round(STEP * hand)))
    if hand <= SMALL or width < NARROW * hand or stroke > THICK * hand:
        return []
    padded = np.pad(part, ((0, 0), (reach, reach))).astype(float)
    windows = np.stack([padded[:, start : start + 2 * reach + 1] for start in starts], axis=1)  # (rows, paths, columns)
    # Of two ways through as much ink, the straighter one, and the one nearer to where it was looked for.
    detour = 0.5 * stroke / height * abs(np.arange(-reach, reach + 1)) / reach

    cost, steps = windows[0] + detour, []
    ways = np.full((3, *cost.shape), np.inf)  # from the left above, from straight above, and from the right above
    for row in windows[1:]:
        ways[0, :, 1:], ways[1], ways[2, :, :-1] = cost[:, :-1] + ASIDE, cost, cost[:, 1:] + ASIDE
        steps.append(ways.argmin(axis=0) - 1)
        cost = ways.min(axis=0) + row + detour
    every = np.arange(len(starts))
    paths = [cost.argmin(axis=1)]
    for step in reversed(steps):
        paths.append(paths[-1] + step[every, paths[-1]])
    paths = np.stack(paths[::-1])  # (rows, paths)
    crossed = sum(row[every, path] for row, path in zip(windows, paths, strict=True))
    columns = paths + starts - reach
    return [(crossed[path], columns[:, path]) for path in every if crossed[path] <= MOST_CROSSED * stroke]
