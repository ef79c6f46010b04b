"""A drawing or a picture of a whole number, read digit by digit."""

from typing import NamedTuple

import numpy as np

from digits_helpers.predictor import Predictor
from digits_helpers.preprocess import crop_to_ink
from digits_helpers.segment import SMALLEST, group_and_read, split_and_read, unusual
from digits_helpers.words import digit_in_words, is_sure

TOO_WIDE = 2  # spreads: one digit in a few hundred is so much wider than most
FULL = 0.65  # of its box: with so much ink it's a dot or a blob, unless it's as narrow as a 1


class ReadDigit(NamedTuple):
    """One digit of a number, and everything known about it.

    Built in lesson 09.
    """

    box: tuple  # left, top, right, bottom, in pixels of the drawing or picture
    image: np.ndarray  # (28, 28) float32: what the network saw
    probabilities: np.ndarray  # (10,) float32
    doubt: str | None  # why it can't be read, or None

    @property
    def digit(self):
        """0 to 9: what the network says, in doubt or not."""
        return int(self.probabilities.argmax())

    @property
    def confidence(self):
        """The probability of that digit."""
        return float(self.probabilities.max())


def read_number(drawing, predict=None):
    """Read every digit of a number, line by line and from left to right; returns a list of ``ReadDigit``.

    ``drawing`` is a list of strokes, in any order, or a picture that ``as_ink`` takes. ``predict`` is a ``Predictor``;
    without one, the trained network that comes with the package reads. All digits, and all ways to split the drawing,
    are read in one batch. An empty drawing has no digits. Anything that isn't a stroke or a picture raises
    ``ValueError``, and so does a drawing with far too many parts for a number.

    >>> from digits_helpers.words import as_text
    >>> number = read_number([[(20, 20), (20, 120)], [(80, 20), (80, 120)]])
    >>> as_text(number), [digit.box for digit in number]
    ('11', [(20, 20, 20, 120), (80, 20, 80, 120)])

    Built in lesson 09.
    """
    predict = predict or Predictor()
    if isinstance(drawing, np.ndarray):
        return [_judge(part.box, *read) for part, *read in split_and_read(drawing, predict)]
    found = [(_box_of(group), *read) for group, *read in group_and_read(drawing, predict)]
    tallest = max((bottom - top for (_, top, _, bottom), *_ in found), default=0)
    return [_judge(*digit, smallest=SMALLEST * tallest) for digit in found]


def _judge(box, image, probabilities, smallest=0):
    left, top, right, bottom = box
    side = max(right - left, bottom - top)
    if side <= smallest:
        doubt = "Too small for a digit."
    elif unusual(right - left, bottom - top, probabilities.argmax()) > TOO_WIDE:
        doubt = "Too wide for one digit: are there two in one stroke?"
    elif not is_sure(probabilities):
        doubt = digit_in_words(probabilities)
    elif _is_blob(image):
        doubt = "A blob, not a digit."
    else:
        doubt = None
    return ReadDigit(box, image, probabilities, doubt)


def _is_blob(image):
    ink = crop_to_ink(image) > 0.5
    return ink.mean() > FULL and ink.shape[1] > ink.shape[0] / 2


def _box_of(strokes):
    points = np.concatenate(strokes)
    return tuple(np.concatenate([points.min(axis=0), points.max(axis=0)]).tolist())
