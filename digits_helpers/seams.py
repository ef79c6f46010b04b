"""Seam carving: cut touching digits apart along paths from top to bottom that cross as little ink as possible."""

from typing import NamedTuple

import numpy as np
from scipy import ndimage

from digits_helpers.ink import where_inked

# Lengths are in hands (the height of the writing) or in strokes (the thickness of its lines).
STEP, REACH = 0.06, 0.15  # hands: spacing of the searches for a path, and how far each may stray to either side
MOST_CROSSED = 3.5  # strokes: a path that crosses more ink doesn't run between two digits
APART = 0.15  # hands of a stroke: paths with less ink between them count as one
NARROW = 0.25  # hands: anything narrower isn't two digits
SMALL = 20  # pixels: in smaller writing, such as MNIST's, a seam looks like a thin place within a digit
THICK = 0.5  # hands: anything with thicker strokes isn't writing
ASIDE = 0.1  # pixels of ink: the cost of a step to the side
SPECK = 1 / 20  # hands: the side of the largest square that counts as dirt, one pixel in MNIST's box
TOUCHING = np.ones((3, 3))  # corners connect, too
# A picture of sixty handwritten digits has 2,000 to 3,200 runs of neighbouring pieces; reading this many takes seconds.
MOST_RUNS = 6000


class Piece(NamedTuple):
    """The smallest unit: a stroke, a connected component, or what is left of a component between two cuts."""

    box: np.ndarray  # bounding box: left, top, right, bottom in hands
    members: tuple  # the numbers of its strokes, or its number in the picture of labels
    whole: int  # the number of the stroke or component that it comes from
    crossed: float | None = None  # the ink crossed by the cut on its left, in strokes; None if there is no cut
    line: int = 0  # the line of writing, counted from the top


def refuse_too_many(runs):
    """Raise ``ValueError`` if there are more runs of neighbouring pieces than can be read in reasonable time."""
    if runs > MOST_RUNS:
        raise ValueError("There are too many parts for a number. Remove everything that isn't a digit.")


def hand_of(heights, weights):
    """The height of the writing: the median of ``heights``, weighted by amounts of ink."""
    heights, order = np.asarray(heights, float), np.argsort(heights)
    reached = np.cumsum(np.asarray(weights, float)[order])
    return heights[order][np.searchsorted(reached, reached[-1] / 2)]


def cut_to_pieces(ink):
    """Cut ink, ``(h, w)`` uint8 white on black, wherever two digits may touch.

    Returns a list of ``Piece`` in reading order, and a ``(h, w)`` integer array that labels each pixel with its piece,
    or 0 for paper and specks. Raises ``ValueError`` for far more pieces than a number has.
    """
    dark, parts, boxes, areas, hand = _parts(ink)
    is_ink = areas >= (SPECK * hand) ** 2
    refuse_too_many(is_ink.sum())  # each part makes at least one piece, and each piece at least one run
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
    # Faint pixels at the edges belong to the nearest piece.
    near = (ink > 0) & ~dark & ndimage.binary_dilation(labels > 0, TOUCHING, iterations=2)
    nearest = ndimage.distance_transform_edt(labels == 0, return_distances=False, return_indices=True)
    pieces.sort(key=lambda piece: (piece.line, piece.box[0] + piece.box[2]))
    return pieces, np.where(near, labels[tuple(nearest)], labels)


def hand_in_pixels(ink):
    """The height of the writing in pixels, given its ink, ``(h, w)`` uint8 white on black."""
    *_, hand = _parts(ink)
    return hand


def _parts(ink):
    """A mask of the strong ink, its connected components labelled from 1, their boxes and areas, and the hand."""
    dark = ink > ink.max() / 2  # at their faint edges, neighbours seem to touch
    parts, _ = ndimage.label(dark, TOUCHING)
    boxes, areas = np.array([box_of(place) for place in ndimage.find_objects(parts)]), np.bincount(parts.ravel())[1:]
    return dark, parts, boxes, areas, hand_of(boxes[:, 3] - boxes[:, 1], areas)


def box_of(place):
    """The bounding box (left, top, right, bottom) of a place given as slices of rows and columns."""
    rows, columns = place
    return np.array([columns.start, rows.start, columns.stop, rows.stop])


def _thickness(is_ink):
    """The strokes' thickness in pixels, which is about four times the mean distance from the ink to the paper."""
    distance = ndimage.distance_transform_edt(np.pad(is_ink, 1))[1:-1, 1:-1]
    return max(1, 4 * distance[is_ink].mean() - 1)


def _lines(boxes, hand):
    """The line of writing that each part belongs to, counted from the top."""
    tops, bottoms = boxes[:, 1], boxes[:, 3]
    middles = (tops + bottoms) / 2
    tall = np.flatnonzero(bottoms - tops >= hand / 2)
    centers = []  # for each line, the middles of its tall parts
    for part in tall[np.argsort(middles[tall])]:
        if centers and middles[part] - np.mean(centers[-1]) < 0.6 * hand:
            centers[-1].append(middles[part])
        else:
            centers.append([middles[part]])
    centers = np.array([np.mean(line) for line in centers])
    return abs(middles[:, np.newaxis] - centers).argmin(axis=1)


def _sides(part, hand, stroke):
    """For each pixel of a ``(h, w)`` part, the number of seams to its left; and the ink that each seam crosses."""
    (height, width), columns = part.shape, np.arange(part.shape[1])
    before = np.pad(part.cumsum(axis=1), ((0, 0), (1, 0)))  # the ink to the left of each column, row by row
    kept, lefts = [], np.empty((0, height), int)
    for crossed, path in sorted(_seams(part, hand, stroke), key=lambda seam: seam[0]):
        left = before[np.arange(height), path.clip(0, width)]  # the ink to the left of the path, row by row
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

    This is dynamic programming: the cheapest path to a pixel continues the cheapest path to one of the three pixels
    above it. One pass down the rows finds the costs of all paths, and one pass back up traces them.
    """
    height, width = part.shape
    reach = max(2, round(REACH * hand))
    starts = np.arange(0, width, max(1, round(STEP * hand)))
    if hand <= SMALL or width < NARROW * hand or stroke > THICK * hand:
        return []
    padded = np.pad(part, ((0, 0), (reach, reach))).astype(float)
    windows = np.stack([padded[:, start : start + 2 * reach + 1] for start in starts], axis=1)  # (rows, paths, columns)
    # A tie-breaker: of two paths that cross equally much ink, prefer the one nearer to where the search began.
    detour = 0.5 * stroke / height * abs(np.arange(-reach, reach + 1)) / reach

    cost, steps = windows[0] + detour, []
    ways = np.full((3, *cost.shape), np.inf)  # from above left, straight above, and above right
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
