"""A drawing or a picture of a whole number, read digit by digit."""

from typing import NamedTuple

import numpy as np

from digits_helpers import answer
from digits_helpers.preprocess import crop_to_ink
from digits_helpers.segment import SMALLEST, group_and_read, split_and_read, unusual

TOO_WIDE = 2  # spreads: so much wider than the digit that it is read as is one in a few hundred
FULL = 0.65  # of its box: so much ink is a dot or a blob, unless it is as narrow as a 1


class ReadDigit(NamedTuple):
    """One digit of a number, and what there is to say about it."""

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


def read_number(drawing, predict):
    """Read every digit of a number, line by line and from left to right: a list of ``ReadDigit``.

    ``drawing`` is a list of strokes, in any order, or a picture that ``as_ink`` takes; ``predict`` is a ``Predictor``.
    All digits, and all ways to take the drawing apart, are read in one batch. Where there is nothing, there are no
    digits; what is no stroke or no picture raises ``ValueError``, and so does what has far too many parts for a number.

    >>> from digits_helpers import Predictor, load_pretrained
    >>> number = read_number([[(20, 20), (20, 120)], [(80, 20), (80, 120)]], Predictor(load_pretrained()))
    >>> as_text(number), [digit.box for digit in number]
    ('11', [(20, 20, 20, 120), (80, 20, 80, 120)])
    """
    if isinstance(drawing, np.ndarray):
        return [_read(part.box, *read) for part, *read in split_and_read(drawing, predict)]
    found = [(_box_of(group), *read) for group, *read in group_and_read(drawing, predict)]
    tallest = max((bottom - top for (_, top, _, bottom), *_ in found), default=0)
    return [_read(*digit, smallest=SMALLEST * tallest) for digit in found]


def as_text(number):
    """The digits as text, with a question mark for each that can't be read.

    >>> as_text([])
    ''
    """
    return "".join("?" if digit.doubt else str(digit.digit) for digit in number)


def in_words(number):
    """One line for a number that was read: the digits, and what is the matter with those that can't be read.

    >>> unsure = ReadDigit((0, 0, 9, 9), None, np.eye(10)[3], "A blob, not a digit.")
    >>> in_words([unsure._replace(doubt=None), unsure])
    'I read 3?. Digit 2: A blob, not a digit.'
    """
    doubts = [f" Digit {place}: {digit.doubt}" for place, digit in enumerate(number, 1) if digit.doubt]
    return f"I read {as_text(number)}.{''.join(doubts)}"


def _read(box, image, probabilities, smallest=0):
    left, top, right, bottom = box
    side = max(right - left, bottom - top)
    if side <= smallest:
        doubt = "Too small for a digit."
    elif unusual(right - left, bottom - top, probabilities.argmax()) > TOO_WIDE:
        doubt = "Too wide for one digit: are there two in one stroke?"
    elif round(100 * probabilities.max()) < answer.NOT_SURE:
        doubt = answer.in_words(probabilities)
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
