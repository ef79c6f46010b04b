"""A wide pad for whole numbers: every digit is found, boxed, and read while you write."""

import traitlets

from digits_helpers.board import Board
from digits_helpers.handlers import one_at_a_time
from digits_helpers.handwriting import next_to, write_digit, write_number
from digits_helpers.number import in_words, read_number
from digits_helpers.reading import NumberReading

SIZE = (700, 220)  # pixels


class NumberPad(Board):
    """Write a number in a cell and see it read, digit by digit.

    ``model`` as for ``DigitPad``, and all that both have works alike: Undo, Clear, pictures, settings, examples, which
    write one digit more. ``number`` holds what is read.

    >>> from digits_helpers import load_pretrained
    >>> pad = NumberPad(load_pretrained())
    >>> pad.write("2507")
    >>> pad.text
    'I read 2507.'
    >>> [digit.digit for digit in pad.number]
    [2, 5, 0, 7]
    """

    brush = traitlets.Int(12, min=4, max=40, help=Board.brush.help)  # several digits are smaller than one

    def __init__(self, model):
        self._number = []
        super().__init__(model, NumberReading(), SIZE)

    @property
    def number(self):
        """The digits line by line, from left to right, a list of ``ReadDigit``.

        Empty when nothing is drawn, or it isn't read yet.
        """
        return self._number

    def write(self, number, rng=None):
        """Let the program write ``number``, a text of digits, in place of the drawing; ``rng`` as in DigitPad."""
        self.replay(write_number(number, rng, SIZE))

    @one_at_a_time
    def predict(self):
        """Read the drawing now, live or not; returns ``number``."""
        self._answer()
        return self._number

    def _write_example(self, digit):
        for stroke in next_to(self.strokes, write_digit(digit, self._hands), SIZE):
            self._canvas.drawing.add(stroke)
        self._refresh()

    def _clean(self, ink):
        return ink  # specks are left out where the number is taken apart

    def _in_words(self):
        return in_words(self._number) if self._number else None

    def _read_now(self):
        picture = self._canvas.drawing.picture
        self._show_number(read_number(self.strokes if picture is None else picture, self._predict))

    def _forget(self):
        self._show_number([])

    def _show_number(self, number):
        self._number = number
        self._canvas.mark(tuple((digit.box, "?" if digit.doubt else str(digit.digit)) for digit in number))
        self._reading.show(self.text, number)
