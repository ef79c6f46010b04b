"""What the pads show beside the canvas: the answer in words, and what the page draws of it (answer.js)."""

import html
from pathlib import Path

import anywidget
import ipywidgets as widgets
import numpy as np
import traitlets

from digits_helpers.words import is_sure

WRAP = {"flex_flow": "row wrap"}  # on a phone, one below the other
STEPS = {"crop": "Cropped to the ink", "box": "In a 20-pixel box", "centred": "Centred in 28 by 28"}
NO_IMAGE = np.zeros((0, 0), np.uint8)


class AnswerView(anywidget.AnyWidget):
    """The part that the page draws: Python sends numbers and pixels, ``answer.js`` draws bars, digits and images.

    All pixels are uint8, 0 for paper to 255 for ink.
    """

    _esm = Path(__file__).with_name("answer.js")
    _css = Path(__file__).with_name("pad.css")

    kind = traitlets.Enum(["digit", "number"]).tag(sync=True)
    sure = traitlets.Bool(True).tag(sync=True)
    probabilities = traitlets.List(traitlets.Float()).tag(sync=True)  # of the digits 0 to 9; empty without an answer
    seen = traitlets.Bytes().tag(sync=True)  # 28 * 28 pixels: what the network saw
    steps = traitlets.List(traitlets.Dict()).tag(sync=True)  # caption, width and height of each; 0 by 0: no answer yet
    step_pixels = traitlets.Bytes().tag(sync=True)  # of all steps, one after the other
    digits = traitlets.List(traitlets.Dict()).tag(sync=True)  # digit, percent and doubtful of each digit of a number
    digit_pixels = traitlets.Bytes().tag(sync=True)  # 28 * 28 pixels for each of them


class Answer(widgets.VBox):
    """The answer in words, and below it what the page draws.

    ``words`` and ``status``, for errors, are plain HTML: they work where the page can't load a module. ``settings`` are
    controls for how the answer is shown.
    """

    def __init__(self, kind, settings=()):
        self.words, self.status, self.settings = widgets.HTML(), widgets.HTML(), settings
        self.view = AnswerView(kind=kind)
        super().__init__([self.words, self.view, self.status])
        self.add_class("digit-result")

    def say(self, text):
        """Show the answer in one line, and clear any error."""
        self.words.value = f'<div class="digit-answer">{html.escape(text)}</div>'
        self.clear_error()

    def show_error(self, error):
        """Show what went wrong. Nothing is lost by it."""
        what = str(error) if isinstance(error, ValueError | OSError) else f"{type(error).__name__}: {error}"
        self.status.value = f'<div role="alert">{html.escape(what)} Your drawing is still here.</div>'

    def clear_error(self):
        self.status.value = ""


class DigitAnswer(Answer):
    """One digit: bars, what the model sees, the top three, and on request the steps of the preparation.

    Built in lesson 08.
    """

    with_steps = traitlets.Bool(False, help="show the steps of the preparation")

    def __init__(self):
        self._reading = None
        switch = widgets.Checkbox(description="Show the steps of the preparation", indent=False)
        super().__init__("digit", [switch])
        traitlets.link((self, "with_steps"), (switch, "value"))
        self.observe(lambda _: self._show_steps(), "with_steps")

    def show(self, text, reading):
        """Show an answer: a line of text, and the ``DigitReading`` behind it, or ``None`` where there is none."""
        self.say(text)
        self._reading = reading
        with self.view.hold_sync():  # in one message
            self.view.probabilities = reading.probabilities.tolist() if reading else []
            self.view.sure = reading is None or is_sure(reading.probabilities)
            self.view.seen = reading.stages["centred"].tobytes() if reading else b""
            self._show_steps()

    def _show_steps(self):
        stages = self._reading.stages if self._reading else dict.fromkeys(STEPS, NO_IMAGE)  # empty frames
        images = {caption: stages[name] for name, caption in STEPS.items() if self.with_steps}
        with self.view.hold_sync():
            self.view.steps = [
                {"caption": caption, "width": image.shape[1], "height": image.shape[0]}
                for caption, image in images.items()
            ]
            self.view.step_pixels = b"".join(image.tobytes() for image in images.values())


class NumberAnswer(Answer):
    """A number: each digit as the model sees it, with its probability, and a box around it on the canvas.

    Built in lesson 09.
    """

    def __init__(self, canvas):
        self.canvas = canvas
        super().__init__("number")

    def show(self, text, number):
        """Show an answer: a line of text, and the list of ``ReadDigit`` behind it, or ``None`` where there is none."""
        number = number or []
        self.say(text)
        with self.view.hold_sync():  # in one message
            self.view.digits = [
                {"digit": digit.digit, "percent": round(100 * digit.confidence), "doubtful": digit.doubt is not None}
                for digit in number
            ]
            self.view.digit_pixels = b"".join(np.rint(255 * digit.image).astype(np.uint8).tobytes() for digit in number)
        self.canvas.mark(tuple((digit.box, "?" if digit.doubt else str(digit.digit)) for digit in number))
