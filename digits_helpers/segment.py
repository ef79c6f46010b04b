"""A drawing or a picture of several digits, taken apart into its digits.

Both are taken apart too far and put together again. A drawing's pieces are its strokes; a picture's are its connected
parts, cut wherever two digits may touch. Every run of neighbouring pieces may be a digit and gets a score: for its
size, for how its pieces lie, and, if there is a network to ask, for how sure that is of it. The runs that together
use every piece once and score best are the answer.
"""

from typing import NamedTuple

import numpy as np
from PIL import Image
from scipy import ndimage

from digits_helpers.preprocess import TOO_FAINT, as_ink, ready, stages_of_ink
from digits_helpers.seams import Piece, box_of, cut_to_pieces, hand_in_pixels, hand_of, refuse_too_many
from digits_helpers.strokes import Drawing, rasterize

# Lengths are in hands: a hand is the height of the writing.
SURELY_TWO = 0.35  # a gap that no digit has in it, from left to right or from top to bottom
SURELY_ONE = 0.4  # an overlap that no two digits have
HOPELESS = -6  # a score that no digit has, however sure the network may be of it
WIDEST = 1.5  # of several pieces that may be one digit
SMALLEST = 0.2  # a part of a picture that is smaller both ways is no digit
PEN = 0.09  # the thickness of strokes as a network sees them
LARGE = 64  # pixels: a picture of digits twice as high is shrunk, which loses nothing and saves time

# Width by height of each digit as people write it, and the spread of its logarithm.
WIDTHS = np.array([0.84, 0.48, 0.88, 0.76, 0.72, 0.87, 0.66, 0.74, 0.74, 0.68])
SPREADS = np.array([0.25, 0.45, 0.25, 0.25, 0.25, 0.25, 0.25, 0.25, 0.25, 0.25])


class Weights(NamedTuple):
    """What each property of a run adds to its score; benchmarks/segment_weights.py learns them from written digits."""

    sure: float  # the logarithm of the probability of the digit that it is read as
    unusual: float  # how much too wide it is for that digit, in spreads, squared
    wide: float  # its width beyond 0.8 hands
    short: float  # the logarithm of its height, squared, where that is less than a hand
    joined: float  # the joints between things that were apart
    overlap: float  # by how much these overlap; a gap is a negative overlap
    cut: float  # whether it begins at a cut through ink
    crossed: float  # the ink on that cut, in thicknesses of a stroke


STROKES = Weights(1.9, -2.3, -1.9, -1.3, -0.24, 1.8, 0, 0)
STROKES_ALONE = Weights(0, 0, -4.6, -2.4, -0.65, 3.2, 0, 0)
PICTURE = Weights(2.9, -0.81, -1.6, -2.6, -3.2, 0.13, 0.8, -3.2)
PICTURE_ALONE = Weights(0, 0, -4.9, -3.4, -3.5, 0.24, 1.1, -3.3)


class Part(NamedTuple):
    """One digit's part of a picture."""

    box: tuple  # left, top, right, bottom in pixels of the picture
    ink: np.ndarray  # (h, w) uint8, white on black, without its neighbours; a smaller copy where digits are large


def group_strokes(strokes, predict=None):
    """The strokes of each digit, as a list of lists, line by line and from left to right.

    ``strokes`` is a list of ``(k, 2)`` x, y in any unit and any order; how many digits they make is found out.
    ``predict``, a ``Predictor``, is asked in one batch where the strokes alone can't tell. No strokes make no digits;
    what is no stroke raises ``ValueError``, and so do far more strokes than a number has.

    >>> seven = [[(0, 0), (60, 0), (30, 100)], [(15, 50), (55, 50)]]
    >>> one = [[(100, 0), (100, 100)]]
    >>> [len(group) for group in group_strokes(seven + one)]
    [2, 1]
    """
    return [group for group, _, _ in group_and_read(strokes, predict)]


def split_image(image, predict=None):
    """The digits in a picture, a list of ``Part``, line by line and from left to right.

    ``image`` may be what ``as_ink`` takes, ``predict`` is as in ``group_strokes``. Specks are left out; a picture with
    nothing on it has no parts. Raises ``ValueError`` for other shapes, types and values, for lines too faint and thin
    to be read, and for far more parts than a number has.

    >>> picture = np.zeros((100, 200), np.uint8)
    >>> picture[20:80, 40:48] = picture[20:80, 120:128] = 255
    >>> [part.box for part in split_image(picture)]
    [(40, 20, 48, 80), (120, 20, 128, 80)]
    """
    return [part for part, _, _ in split_and_read(image, predict)]


def group_and_read(strokes, predict=None):
    """As ``group_strokes``; with each group what a network sees of it, ``(28, 28)``, and its answer, ``(10,)`` or None.

    >>> [(group, seen.shape, answer) for group, seen, answer in group_and_read([[(0, 0), (0, 100)]])]
    [([[(0, 0), (0, 100)]], (28, 28), None)]
    """
    arrays = Drawing(strokes).strokes  # refuses what is no stroke
    if not arrays:
        return []

    def look(run):
        return picture_of([arrays[number] for number in _members(run)])

    found = _best_runs(pieces_of_strokes(arrays), look, predict, STROKES if predict else STROKES_ALONE)
    return [([strokes[number] for number in _members(run)], *read) for run, *read in found]


def split_and_read(image, predict=None):
    """As ``split_image``; with each part what a network sees of it, ``(28, 28)``, and its answer, ``(10,)`` or None."""
    ink = as_ink(image)
    if not ink.any():
        return []
    height, width = ink.shape
    shrunk = max(1, int(hand_in_pixels(ink) // LARGE))
    ink = np.asarray(Image.fromarray(ink).reduce(shrunk))
    if not ink.any():
        raise ValueError(TOO_FAINT)
    pieces, labels = cut_to_pieces(ink)
    places = ndimage.find_objects(labels)

    def cut_out(run):
        around = _around([box_of(places[label - 1]) for label in _members(run)])
        left, top, right, bottom = around
        is_member = np.zeros(len(places) + 1, bool)
        is_member[_members(run)] = True
        is_part = is_member[labels[top:bottom, left:right]]
        box = np.minimum(around * shrunk, [width, height, width, height])  # the last pixels may stand for fewer
        return Part(tuple(box.tolist()), np.where(is_part, ink[top:bottom, left:right], 0))

    def look(run):
        return ready(stages_of_ink(cut_out(run).ink))

    found = _best_runs(pieces, look, predict, PICTURE if predict else PICTURE_ALONE)
    return [(cut_out(run), *read) for run, *read in found if max(_size(run)) >= SMALLEST]


def picture_of(strokes):
    """What a network is shown of a digit's strokes, wherever and how large they are: ``(28, 28)`` float32 in [0, 1].

    >>> picture_of([[(0, 0), (0, 1000)]]).shape
    (28, 28)
    """
    points = np.concatenate(strokes)
    low, side = points.min(axis=0), 160
    scale, pen = side / max(np.ptp(points, axis=0).max(), 1e-6), side * PEN
    paper = np.ceil((points.max(axis=0) - low) * scale + 2 * pen).astype(int)
    picture = rasterize([(np.asarray(stroke) - low) * scale + pen for stroke in strokes], paper.tolist(), pen)
    return ready(stages_of_ink(picture))


def pieces_of_strokes(strokes):
    """Every stroke is a piece, but strokes that lie deep in one another are one; line by line, from left to right."""
    boxes = np.array([[*stroke.min(axis=0), *stroke.max(axis=0)] for stroke in strokes])
    lengths = [np.hypot(*np.diff(stroke, axis=0).T).sum() for stroke in strokes]
    boxes = boxes / (hand_of(boxes[:, 3] - boxes[:, 1], lengths) or 1)  # 0 for dots and level lines
    downwards = np.argsort(boxes[:, 1])
    lowest = np.maximum.accumulate(boxes[downwards, 3])
    is_new_line = 1 + np.flatnonzero(boxes[downwards[1:], 1] - lowest[:-1] > SURELY_TWO)
    lines = np.split(downwards, is_new_line)
    return [piece for number, line in enumerate(lines) for piece in _pieces_of_line(boxes, np.sort(line), number)]


def _pieces_of_line(boxes, strokes, line):
    order = strokes[np.argsort(boxes[strokes, 0] + boxes[strokes, 2], kind="stable")]  # by their middles
    boxes = boxes[order] + [-PEN / 2, -PEN / 2, PEN / 2, PEN / 2]
    furthest, nearest = np.maximum.accumulate(boxes[:, 2]), np.minimum.accumulate(boxes[::-1, 0])[::-1]
    is_joint = 1 + np.flatnonzero(furthest[:-1] - nearest[1:] < SURELY_ONE)
    return [
        Piece(_around(boxes[places]), tuple(order[places].tolist()), whole=int(order[places[0]]), line=line)
        for places in np.split(np.arange(len(order)), is_joint)
    ]


def _best_runs(pieces, look, predict, weights):
    """The runs that make the digits, as ``(run, look(run), answer)``."""
    seen = {}  # what was rendered for the network, by run: most of the chosen runs are among it

    def look_once(run):
        members = tuple(_members(run))
        if members not in seen:
            seen[members] = look(run)
        return seen[members]

    places, properties, answers = candidates(pieces, look_once, predict, weights)
    chosen = _cover(len(pieces), dict(zip(places, properties @ weights, strict=True)))
    runs = [pieces[first : last + 1] for first, last in chosen]
    read = dict(zip(places, answers, strict=True))
    return [(run, look_once(run), read[place]) for run, place in zip(runs, chosen, strict=True)]


def candidates(pieces, look, predict, weights):
    """Every run that may be a digit as ``(first, last)``, its properties, ``(n, 8)``, and the answers, ``(n, 10)``."""
    places = _possible_runs(pieces)
    runs = [pieces[first : last + 1] for first, last in places]
    properties = np.array([_properties(run) for run in runs], float)
    if predict is None:
        return places, properties, [None] * len(runs)
    answers = np.full((len(runs), 10), 0.1, np.float32)  # of what is not worth asking: it may be anything
    worth_asking = np.flatnonzero(properties @ weights > HOPELESS)
    answers[worth_asking] = predict(np.array([look(runs[k]) for k in worth_asking]).reshape(-1, 28, 28))
    properties[:, :2] = [_properties_read(*both) for both in zip(runs, answers, strict=True)]
    return places, properties, answers


def _possible_runs(pieces):
    """Which neighbours may be one digit, as ``(first, last)``."""
    places = []
    for first, piece in enumerate(pieces):
        around = piece.box
        for last, other in enumerate(pieces[first:], start=first):
            gap = other.box[0] - around[2]
            around = _around([around, other.box])
            too_wide = last > first and around[2] - around[0] > WIDEST
            if other.line != piece.line or gap > SURELY_TWO or too_wide:
                break
            places.append((first, last))
        refuse_too_many(len(places))
    return places


def _properties(run):
    """What can be told of a run without a network, in the order of ``Weights``; the first two are left 0."""
    width, height = _size(run)
    joined = overlap = 0
    around = run[0].box
    for before, piece in enumerate(run[1:], start=1):
        if piece.whole not in [other.whole for other in run[:before]]:
            joined += 1
            overlap += np.clip(around[2] - piece.box[0], -0.5, 0.5)
        around = _around([around, piece.box])
    is_cut = run[0].crossed is not None
    shortness = min(0, np.log(max(height, 0.05))) ** 2
    return 0, 0, max(0, width - 0.8), shortness, joined, overlap, is_cut, run[0].crossed or 0


def _properties_read(run, answer):
    """What an answer, ``(10,)``, adds to that: how sure it is, and how unusual it is for that digit to be so wide."""
    return max(np.log(answer.max()), -3), unusual(*_size(run), answer.argmax()) ** 2


def _cover(count, scores):
    """The runs that use each of ``count`` pieces once and have the largest sum of scores.

    The best way to use the pieces up to one is the best way to use those before its run, and that run.
    """
    best, came_by = [0] + [-np.inf] * count, [None] * (count + 1)
    for (first, last), score in sorted(scores.items()):
        if best[first] + score > best[last + 1]:
            best[last + 1], came_by[last + 1] = best[first] + score, (first, last)
    runs, end = [], count
    while end:
        runs.append(came_by[end])
        end = came_by[end][0]
    return runs[::-1]


def unusual(width, height, digit):
    """How much wider something is than ``digit`` mostly is, in spreads of its width by height; 0 if it isn't wider."""
    return max(0, np.log((width + 1e-6) / (height + 1e-6) / WIDTHS[digit]) / SPREADS[digit])


def _around(boxes):
    boxes = np.asarray(boxes)
    return np.concatenate([boxes[:, :2].min(axis=0), boxes[:, 2:].max(axis=0)])


def _size(run):
    """Width and height in hands."""
    box = _around([piece.box for piece in run])
    return box[2:] - box[:2]


def _members(run):
    return [member for piece in run for member in piece.members]
