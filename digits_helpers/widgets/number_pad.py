"""A wide pad for whole numbers: every digit is found, boxed and read while you write."""

import numpy as np

from digits_helpers.handwriting import next_to, write_digit, write_number
from digits_helpers.number import read_number
from digits_helpers.predictor import Predictor
from digits_helpers.strokes import rasterize
from digits_helpers.widgets.answer import NumberAnswer
from digits_helpers.widgets.base_pad import BasePad
from digits_helpers.widgets.canvas import DrawingCanvas
from digits_helpers.words import number_in_words

SIZE = (700, 220)  # pixels
BRUSH = 12  # pixels; several digits are smaller than one


class NumberReader:
    """Read drawings of a whole number with ``predict``, a ``Predictor``."""

    def __init__(self, predict):
        self.predict = predict
        self._hands = np.random.default_rng(0)  # every example in another handwriting

    def read(self, drawing):
        """Read a ``Drawing``; returns a list of ``ReadDigit``, or None where there is no ink."""
        if drawing.picture is not None:
            return read_number(drawing.picture, self.predict) or None
        visible = [stroke for stroke in drawing.strokes if _is_visible(stroke, drawing)]
        return read_number(visible, self.predict) or None

    def words(self, number):
        return number_in_words(number)

    def write_example(self, digit, drawing):
        """Write one digit more, to the right of the drawing."""
        drawing.add(*next_to(drawing.strokes, write_digit(digit, self._hands), drawing.size))


class NumberPad(BasePad):
    """Write a number in a cell and watch it being read, digit by digit.

    ``model`` is as for ``DigitPad``, and so is everything that both pads have: Undo, Clear, pictures, settings, and
    examples, which here write one more digit. ``number`` holds what was read.

    >>> pad = NumberPad()
    >>> pad.write("2507")
    >>> pad.text
    'I read 2507.'
    >>> [digit.digit for digit in pad.number]
    [2, 5, 0, 7]

    Built in lesson 09.
    """

    def __init__(self, model=None):
        canvas = DrawingCanvas(SIZE, BRUSH)
        super().__init__(canvas, NumberReader(Predictor(model)), NumberAnswer(canvas))

    @property
    def number(self):
        """The digits line by line, from left to right, a list of ``ReadDigit``.

        It is empty where nothing is drawn or it isn't read yet.
        """
        return self.result or []

    def predict(self):
        """Read the drawing now, live or not, and return ``number``."""
        super().predict()
        return self.number

    def write(self, number, rng=None):
        """Let the program write ``number``, a text of digits, in place of the drawing; ``rng`` as in ``DigitPad``."""
        self.replay(write_number(number, rng, SIZE))


def _is_visible(stroke, drawing):
    """Whether some of the stroke's ink is on the canvas: a stroke that nobody sees isn't read."""
    on_canvas = ((stroke >= 0) & (stroke <= drawing.size)).all(axis=1)
    return on_canvas.any() or rasterize([stroke], drawing.size, drawing.brush).any()
