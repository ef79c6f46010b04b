"""The drawing pad: a canvas in a notebook cell, and beside it what the network reads while you draw."""

import ipywidgets as widgets
import numpy as np
import traitlets

from digits_helpers.answer import in_words
from digits_helpers.canvas import DrawingCanvas
from digits_helpers.handlers import guarded, one_at_a_time
from digits_helpers.handwriting import write_digit
from digits_helpers.own_digits import OwnDigits
from digits_helpers.pace import Pace
from digits_helpers.photo import without_specks
from digits_helpers.pictures import read_picture
from digits_helpers.predictor import Predictor
from digits_helpers.preprocess import BOX, as_ink, stages_of_ink
from digits_helpers.reading import WRAP, Reading
from digits_helpers.strokes import Drawing, rasterize

NARROW = {"width": "auto"}


class DigitPad(widgets.VBox):
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

    brush = traitlets.Int(18, min=4, max=40, help="the brush's width, in pixels of the 280 x 280 canvas")
    live = traitlets.Bool(True, help="read while drawing; otherwise when Predict is pressed")
    inverted = traitlets.Bool(False, help="draw light on dark")
    steps = traitlets.Bool(False, help="show the steps of the preparation")

    def __init__(self, model):
        self._predict = Predictor(model)
        self._canvas = DrawingCanvas(self._on_change, self.on_error, self._on_tab)
        self.lock = self._canvas.lock
        self.own = OwnDigits(self._canvas, self._read, self.on_error)
        self._probabilities = None
        self._hands = np.random.default_rng(0)  # every example in another handwriting
        self._reading, self._pace = Reading(), Pace()

        self._examples = [self._button(str(digit), f"Write a {digit}", self._on_example) for digit in range(10)]
        self._actions = [
            self._button("Undo", "Take the last change back", self._on_undo, "undo"),
            self._button("Clear", "Empty the canvas; Undo brings it back", self._on_clear, "trash"),
            self._button("Predict", "Read the drawing now", self._on_predict, "eye"),
        ]
        left = widgets.VBox([self._canvas, widgets.HBox(self._actions)])
        super().__init__(
            [
                widgets.HBox([widgets.Label("Write an example:"), *self._examples], layout=WRAP),
                widgets.HBox([left, self._reading], layout=WRAP),
                self._reading.status,
                self._more(),
            ]
        )
        self.add_class("digit-pad")
        self.observe(self._on_setting, ["brush", "live", "inverted", "steps"])
        self._refresh()

    def _button(self, name, tooltip, handler, icon=""):
        button = widgets.Button(description=name, tooltip=tooltip, icon=icon, layout=NARROW)
        button.on_click(handler)
        return button

    def _more(self):
        """Settings, pictures and own digits, folded away below the canvas."""
        controls = {
            "brush": widgets.IntSlider(min=4, max=40, description="Brush width"),
            "live": widgets.Checkbox(description="Read while drawing", indent=False),
            "inverted": widgets.Checkbox(description="Light ink on dark paper", indent=False),
            "steps": widgets.Checkbox(description="Show the steps of the preparation", indent=False),
        }
        for name, control in controls.items():
            traitlets.link((self, name), (control, "value"))
        self._upload = widgets.FileUpload(accept=".png,.jpg,.jpeg", description="Read a picture", layout=NARROW)
        self._upload.observe(self._on_upload, "value")
        more = widgets.Accordion([widgets.VBox([*controls.values()]), self._upload, self.own], selected_index=None)
        for place, title in enumerate(["Settings", "A picture instead of a drawing", "My own digits"]):
            more.set_title(place, title)
        return more

    # What it holds

    @property
    def strokes(self):
        """The strokes so far, a list of ``(k, 2)`` float32 x, y in pixels of the 280 x 280 canvas."""
        return self._canvas.drawing.strokes

    @property
    def image(self):
        """What is drawn, ``(280, 280)`` uint8, white ink on black; or a picture that is shown, in its own size."""
        return self._canvas.image

    @property
    def probabilities(self):
        """What the network thinks of it, ``(10,)`` float32; ``None`` when nothing is drawn, or it isn't read yet."""
        return self._probabilities

    @property
    def text(self):
        """The answer in one line."""
        if self._probabilities is None and not self.live and not self._canvas.drawing.empty:
            return "Not read yet: press Predict."
        return in_words(self._probabilities)

    @property
    def model(self):
        """The network that reads."""
        return self._predict.model

    @model.setter
    def model(self, model):
        predict = Predictor(model)
        with self.lock:
            self._predict = predict
            self.own.read_again()
            self._refresh()

    def __repr__(self):
        return f"<DigitPad with {len(self.strokes)} strokes. {self.text}>"

    # What it does

    @one_at_a_time
    def replay(self, strokes):
        """Put these strokes, in pixels of the canvas, in place of the drawing.

        Nothing is lost: ``undo`` takes them back one by one, and then brings back what was there.
        """
        replacement = Drawing(strokes)  # refuses what is no stroke before anything is lost
        self._canvas.drawing.clear()
        for stroke in replacement.strokes:
            self._canvas.drawing.add(stroke)
        self._refresh()

    def write(self, digit, rng=None):
        """Let the program write ``digit``, 0 to 9, in place of the drawing; ``rng`` as in ``write_digit``."""
        self.replay(write_digit(digit, rng))

    @one_at_a_time
    def show(self, picture):
        """Read a picture in place of the drawing: a file's path or bytes, or an array that ``as_ink`` takes.

        Raises ``ValueError`` for what is no picture, and for one with nothing on it; then the drawing stays.
        """
        ink = as_ink(picture if isinstance(picture, np.ndarray) else read_picture(picture))
        if not ink.any():
            raise ValueError("Nothing is on this picture: it has one colour only.")
        self._canvas.drawing.show(without_specks(ink, BOX))
        self._refresh()

    @one_at_a_time
    def undo(self):
        """Take the last change back: a stroke, a picture, or ``clear``."""
        self._canvas.drawing.undo()
        self._refresh()

    @one_at_a_time
    def clear(self):
        """Empty the canvas; ``undo`` brings back what was on it."""
        self._canvas.drawing.clear()
        self._refresh()

    @one_at_a_time
    def predict(self):
        """Read the drawing now, live or not; returns the probabilities."""
        self._answer()
        return self._probabilities

    # Events of the page

    def _on_change(self, moving):
        if not self.live:
            self._show_answer(None)
        elif not moving or self._pace.due():
            self._answer()

    def _on_tab(self, backwards):
        before = len(self._examples)  # so many buttons come before the canvas
        self._reading.focus_button(before - 1 if backwards else before)

    @guarded
    def _on_example(self, button):
        self.write(int(button.description), self._hands)

    @guarded
    def _on_undo(self, _button):
        self.undo()

    @guarded
    def _on_clear(self, _button):
        self.clear()

    @guarded
    def _on_predict(self, _button):
        self.predict()

    @guarded
    def _on_setting(self, _change):
        self._canvas.brush, self._canvas.inverted = self.brush, self.inverted
        self._refresh()

    @guarded
    def _on_upload(self, change):
        files = change["new"]
        self._upload.set_trait("value", type(files)())  # so that choosing the same file again is a change
        for file in files.values() if isinstance(files, dict) else files:  # a dictionary in ipywidgets 7
            self.show(bytes(file["content"]))

    def on_error(self, error):
        """Show what went wrong; nothing is lost by it."""
        self._reading.show_error(error)

    # What it shows

    def _refresh(self):
        self._canvas.redraw()
        self._on_change(moving=False)

    def _read(self, drawing):
        """The digit that the network sees in a drawing."""
        stages = stages_of_ink(rasterize(drawing.strokes, drawing.size, self.brush))
        return int(self._predict(stages["centred"] / 255).argmax())

    def _answer(self):
        with self._pace.answering():
            image = self.image
            self._show_answer(stages_of_ink(image) if image.any() else None)

    def _show_answer(self, stages):
        self._probabilities = self._predict(stages["centred"] / 255)[0] if stages else None
        self._reading.show(self.text, self._probabilities, stages, self.steps)
