"""The drawing pad: a canvas in a notebook cell, and beside it what the network reads while you draw."""

import traitlets

from digits_helpers.answer import in_words
from digits_helpers.board import Board
from digits_helpers.handlers import one_at_a_time
from digits_helpers.handwriting import write_digit
from digits_helpers.own_digits import OwnDigits
from digits_helpers.photo import without_specks
from digits_helpers.preprocess import BOX, ready, stages_of_ink
from digits_helpers.reading import Reading
from digits_helpers.strokes import SIZE, rasterize


class DigitPad(Board):
    """Draw a digit in a cell and see it read.

    ``model`` is a Keras model that takes ``(28, 28, 1)`` or ``(28, 28)`` and gives ten probabilities or logits; any
    other raises ``ValueError``. At any time another can take its place: ``pad.model = other``.

    The pad is a widget: end a cell with it to see it. All of it works from Python, too: every button is a method, and
    the settings ``brush``, ``live``, ``inverted`` and ``steps`` can be read and set. ``own`` keeps labelled drawings.

    >>> from digits_helpers import build_cnn, write_digit
    >>> pad = DigitPad(build_cnn())
    >>> pad.text
    'Nothing drawn yet.'
    >>> pad.replay(write_digit(7))
    >>> pad.probabilities.shape
    (10,)
    """

    steps = traitlets.Bool(False, help="show the steps of the preparation")

    SWITCHES = Board.SWITCHES | {"steps": "Show the steps of the preparation"}

    def __init__(self, model):
        self._probabilities = None
        super().__init__(model, Reading())

    def _more(self):
        self.own = OwnDigits(self._canvas, self._digit_in, self._reading)
        return super()._more() | {"My own digits": self.own}

    @property
    def probabilities(self):
        """What the network thinks of it, ``(10,)`` float32; ``None`` when nothing is drawn, or it isn't read yet."""
        return self._probabilities

    def write(self, digit, rng=None):
        """Let the program write ``digit``, 0 to 9, in place of the drawing; ``rng`` as in ``write_digit``."""
        self.replay(write_digit(digit, rng))

    @one_at_a_time
    def predict(self):
        """Read the drawing now, live or not; returns the probabilities."""
        self._answer()
        return self._probabilities

    def _write_example(self, digit):
        self.write(digit, self._hands)

    def _clean(self, ink):
        return without_specks(ink, BOX)

    def _on_new_model(self):
        self.own.read_again()

    def _digit_in(self, drawing):
        """The digit that the network sees in a drawing; None where there is no ink."""
        scale = min(SIZE) / max(drawing.size)  # to the size of this canvas: a file's drawing may have any
        ink = rasterize([scale * stroke for stroke in drawing.strokes], SIZE, self.brush)
        if not ink.any():
            return None
        return int(self._predict(ready(stages_of_ink(ink))).argmax())

    def _in_words(self):
        return None if self._probabilities is None else in_words(self._probabilities)

    def _read_now(self):
        image = self.image
        self._show_answer(stages_of_ink(image) if image.any() else None)

    def _forget(self):
        self._show_answer(None)

    def _show_answer(self, stages):
        self._probabilities = self._predict(ready(stages))[0] if stages else None
        self._reading.show(self.text, self._probabilities, stages, self.steps)
