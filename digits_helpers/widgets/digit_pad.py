"""The drawing pad: a canvas in a notebook cell, and beside it what the network reads while you draw."""

from typing import NamedTuple

import numpy as np
import traitlets

from digits_helpers.handwriting import write_digit
from digits_helpers.ink import without_specks
from digits_helpers.predictor import Predictor
from digits_helpers.preprocess import BOX, ready, stages_of_ink
from digits_helpers.widgets.answer import DigitAnswer
from digits_helpers.widgets.base_pad import BasePad
from digits_helpers.widgets.canvas import DrawingCanvas
from digits_helpers.widgets.look_inside import LookInside
from digits_helpers.widgets.own_digits import OwnDigits
from digits_helpers.words import digit_in_words


class DigitReading(NamedTuple):
    """What a network reads in a drawing of one digit, and the image after each step of the preparation."""

    probabilities: np.ndarray  # (10,) float32
    stages: dict  # as prepare_stages returns them


class DigitReader:
    """Read drawings of one digit with ``predict``, a ``Predictor``."""

    def __init__(self, predict):
        self.predict = predict
        self._hands = np.random.default_rng(0)  # every example in another handwriting

    def read(self, drawing):
        """Prepare and read a ``Drawing``; returns a ``DigitReading``, or None where there is no ink."""
        ink = drawing.image if drawing.picture is None else without_specks(drawing.picture, BOX)
        if not ink.any():
            return None
        stages = stages_of_ink(ink)
        return DigitReading(self.predict(ready(stages))[0], stages)

    def words(self, reading):
        return digit_in_words(reading.probabilities)

    def write_example(self, digit, drawing):
        drawing.replace(write_digit(digit, self._hands))


class DigitPad(BasePad):
    """Draw a digit in a cell and watch it being read.

    Without a ``model``, the trained network that comes with the package reads, without TensorFlow. ``model`` may be
    any Keras model that takes ``(28, 28, 1)`` or ``(28, 28)`` and returns ten probabilities or logits; others raise
    ``ValueError``. It can be replaced at any time: ``pad.model = other``.

    The pad is a widget: end a cell with it to see it. All of it works from Python, too: every button is a method, and
    the settings ``brush``, ``live``, ``inverted``, ``steps`` and ``inside`` can be read and set. ``own`` keeps labelled
    drawings.

    >>> from digits_helpers import write_digit
    >>> pad = DigitPad()
    >>> pad.text
    'Nothing drawn yet.'
    >>> pad.replay(write_digit(7))
    >>> pad.text
    'I read 7 (100 %).'

    Built in lesson 08.
    """

    steps = traitlets.Bool(False, help="show the steps of the preparation")
    inside = traitlets.Bool(False, help="show what the network's layers make of the drawing")

    def __init__(self, model=None):
        canvas, reader, answer = DrawingCanvas(), DigitReader(Predictor(model)), DigitAnswer()
        super().__init__(canvas, reader, answer, OwnDigits(canvas, reader, answer), LookInside(reader))
        traitlets.link((self, "steps"), (answer, "with_steps"))
        traitlets.link((self, "inside"), (self.layers, "opened"))

    @property
    def probabilities(self):
        """The network's answer, ``(10,)`` float32, or ``None`` where nothing is drawn or it isn't read yet."""
        return None if self.result is None else self.result.probabilities

    def predict(self):
        """Read the drawing now, live or not, and return the probabilities."""
        super().predict()
        return self.probabilities

    def write(self, digit, rng=None):
        """Let the program write ``digit``, 0 to 9, in place of the drawing; ``rng`` as in ``write_digit``."""
        self.replay(write_digit(digit, rng))
