"""Segmentation: split a drawing or a picture of several digits into its digits.

Both are first split into too many pieces, which are then joined again. A drawing's pieces are its strokes; a picture's
are its connected components, cut wherever two digits may touch. Any run of neighbouring pieces may be a digit. It gets
a score for its size, for how its pieces lie and, if there is a network to ask, for how confident that is. Dynamic
programming then finds the runs that use every piece exactly once and have the highest total score.
"""

from typing import NamedTuple

import numpy as np
from PIL import Image
from scipy import ndimage

from digits_helpers.ink import as_ink
from digits_helpers.preprocess import TOO_FAINT, ready, stages_of_ink
from digits_helpers.seams import Piece, box_of, cut_to_pieces, hand_in_pixels, hand_of, refuse_too_many
from digits_helpers.strokes import Drawing, rasterize

# Lengths are in hands: a hand is the height of the writing.
SURELY_TWO = 0.35  # a gap wider than this, horizontal or vertical, never lies inside a digit
SURELY_ONE = 0.4  # two digits never overlap by more than this
HOPELESS = -6  # a score no digit has, however confident the network may be
WIDEST = 1.5  # several pieces wider than this together can't be one digit
SMALLEST = 0.2  # a part of a picture that is smaller than this in both directions isn't a digit
PEN = 0.09  # thickness of the strokes shown to the network
LARGE = 64  # pixels: a picture of digits at least twice as high is shrunk, which loses nothing and saves time

# Typical ratio of width to height of each handwritten digit, and the spread of the ratio's logarithm.
WIDTHS = np.array([0.84, 0.48, 0.88, 0.76, 0.72, 0.87, 0.66, 0.74, 0.74, 0.68])
SPREADS = np.array([0.25, 0.45, 0.25, 0.25, 0.25, 0.25, 0.25, 0.25, 0.25, 0.25])


class Weights(NamedTuple):
    """The weight of each property of a run in its score, as learned by benchmarks/segment_weights.py."""

    sure: float  # the logarithm of the highest probability
    unusual: float  # how much too wide the run is for that digit, in spreads, squared
    wide: float  # its width beyond 0.8 hands
    short: float  # the squared logarithm of its height, if that is less than a hand
    joined: float  # the number of joints between separate strokes or components
    overlap: float  # how far these overlap; a gap counts as a negative overlap
    cut: float  # whether the run starts at a cut through ink
    crossed: float  # the ink that this cut crosses, in stroke thicknesses


STROKES = Weights(1.9, -2.3, -1.9, -1.3, -0.24, 1.8, 0, 0)
STROKES_ALONE = Weights(0, 0, -4.6, -2.4, -0.65, 3.2, 0, 0)
PICTURE = Weights(2.9, -0.81, -1.6, -2.6, -3.2, 0.13, 0.8, -3.2)
PICTURE_ALONE = Weights(0, 0, -4.9, -3.4, -3.5, 0.24, 1.1, -3.3)


class Part(NamedTuple):
    """The part of a picture that makes up one digit."""

    box: tuple  # bounding box: left, top, right, bottom in pixels of the picture
    ink: np.ndarray  # (h, w) uint8, white on black, without the neighbours; scaled down if the digits are large


def group_strokes(strokes, predict=None):
    """Group strokes into digits: a list with the strokes of each digit, line by line and from left to right.

    ``strokes`` is a list of ``(k, 2)`` x, y points in any unit, with the strokes in any order. The number of digits is
    worked out. ``predict``, a ``Predictor``, is asked in one batch about groups that might be digits. Without strokes,
    the list is empty. Raises ``ValueError`` for anything but strokes, and for far more strokes than a number has.

    >>> seven = [[(0, 0), (60, 0), (30, 100)], [(15, 50), (55, 50)]]
    >>> one = [[(100, 0), (100, 100)]]
    >>> [len(group) for group in group_strokes(seven + one)]
    [2, 1]

    Built in lesson 09.
    """
    return [group for group, _, _ in group_and_read(strokes, predict)]


def split_image(image, predict=None):
    """Split a picture into digits: a list of ``Part``, line by line and from left to right.

    ``image`` is anything that ``as_ink`` accepts, and ``predict`` is the same as for ``group_strokes``. Specks are
    removed, and a blank picture gives an empty list. Raises ``ValueError`` for other shapes, types and values, for
    lines too faint and thin to be read, and for far more parts than a number has.

    >>> picture = np.zeros((100, 200), np.uint8)
    >>> picture[20:80, 40:48] = picture[20:80, 120:128] = 255
    >>> [part.box for part in split_image(picture)]
    [(40, 20, 48, 80), (120, 20, 128, 80)]

    Built in lesson 09.
    """
    return [part for part, _, _ in split_and_read(image, predict)]


def group_and_read(strokes, predict=None):
    """Like ``group_strokes``, but each entry is the group, its image ``(28, 28)`` and its probabilities ``(10,)``.

    Without ``predict``, the probabilities are ``None``.

    >>> [(group, seen.shape, answer) for group, seen, answer in group_and_read([[(0, 0), (0, 100)]])]
    [([[(0, 0), (0, 100)]], (28, 28), None)]
    """
    arrays = Drawing(strokes).strokes  # raises for anything but strokes
    if not arrays:
        return []

    def look(run):
        return picture_of([arrays[number] for number in _members(run)])

    found = _best_runs(pieces_of_strokes(arrays), look, predict, STROKES if predict else STROKES_ALONE)
    return [([strokes[number] for number in _members(run)], *read) for run, *read in found]


def split_and_read(image, predict=None):
    """Like ``split_image``, but each entry is the part, its image and its probabilities, as in ``group_and_read``."""
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
    """The network's image of a digit's strokes, whatever their place and size: ``(28, 28)`` float32 in [0, 1].

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
    """Make each stroke a piece, or several that overlap deeply; sorted line by line, from left to right."""
    boxes = np.array([[*stroke.min(axis=0), *stroke.max(axis=0)] for stroke in strokes])
    lengths = [np.hypot(*np.diff(stroke, axis=0).T).sum() for stroke in strokes]
    boxes = boxes / (hand_of(boxes[:, 3] - boxes[:, 1], lengths) or 1)  # 0 if all are dots or level lines
    downwards = np.argsort(boxes[:, 1])
    lowest = np.maximum.accumulate(boxes[downwards, 3])
    is_new_line = 1 + np.flatnonzero(boxes[downwards[1:], 1] - lowest[:-1] > SURELY_TWO)
    lines = np.split(downwards, is_new_line)
    return [piece for number, line in enumerate(lines) for piece in _pieces_of_line(boxes, np.sort(line), number)]


def _pieces_of_line(boxes, strokes, line):
    order = strokes[np.argsort(boxes[strokes, 0] + boxes[strokes, 2], kind="stable")]  # by their centres
    boxes = boxes[order] + [-PEN / 2, -PEN / 2, PEN / 2, PEN / 2]
    furthest, nearest = np.maximum.accumulate(boxes[:, 2]), np.minimum.accumulate(boxes[::-1, 0])[::-1]
    is_joint = 1 + np.flatnonzero(furthest[:-1] - nearest[1:] < SURELY_ONE)
    return [
        Piece(_around(boxes[places]), tuple(order[places].tolist()), whole=int(order[places[0]]), line=line)
        for places in np.split(np.arange(len(order)), is_joint)
    ]


def _best_runs(pieces, look, predict, weights):
    """The runs that make up the digits, as ``(run, look(run), answer)``."""
    seen = {}  # images rendered for the network, by run; most of the chosen runs are among them

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
    """Every run that may be a digit: its place ``(first, last)``, properties ``(n, 8)`` and answers ``(n, 10)``."""
    places = _possible_runs(pieces)
    runs = [pieces[first : last + 1] for first, last in places]
    properties = np.array([_properties(run) for run in runs], float)
    if predict is None:
        return places, properties, [None] * len(runs)
    answers = np.full((len(runs), 10), 0.1, np.float32)  # if a run isn't worth asking about
    worth_asking = np.flatnonzero(properties @ weights > HOPELESS)
    answers[worth_asking] = predict(np.array([look(runs[k]) for k in worth_asking]).reshape(-1, 28, 28))
    properties[:, :2] = [_properties_read(*both) for both in zip(runs, answers, strict=True)]
    return places, properties, answers


def _possible_runs(pieces):
    """The runs of neighbouring pieces that may be one digit, as ``(first, last)``."""
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
    """A run's properties in the order of ``Weights``; the first two need the network's answer and stay 0."""
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
    """The two properties that need an answer, ``(10,)``: its confidence, and how unusually wide that digit would be."""
    return max(np.log(answer.max()), -3), unusual(*_size(run), answer.argmax()) ** 2


def _cover(count, scores):
    """The runs that use each of ``count`` pieces exactly once and have the highest total score.

    This is dynamic programming: the best way to use the first pieces up to the end of a run is that run, plus the best
    way to use the pieces before it.
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
    """How much wider something is than ``digit`` usually is, in spreads of the ratio's logarithm; 0 if not wider."""
    return max(0, np.log((width + 1e-6) / (height + 1e-6) / WIDTHS[digit]) / SPREADS[digit])


def _around(boxes):
    boxes = np.asarray(boxes)
    return np.concatenate([boxes[:, :2].min(axis=0), boxes[:, 2:].max(axis=0)])


def _size(run):
    """The width and height of a run in hands."""
    box = _around([piece.box for piece in run])
    return box[2:] - box[:2]


def _members(run):
    return [member for piece in run for member in piece.members]
