"""What every drawing pad has: a canvas with its buttons and settings, and pictures in place of drawings."""

import ipywidgets as widgets
import numpy as np
import traitlets

from digits_helpers.answer import NOTHING_DRAWN
from digits_helpers.canvas import DrawingCanvas
from digits_helpers.handlers import guarded, one_at_a_time
from digits_helpers.pace import Pace
from digits_helpers.pictures import MAX_BYTES, read_picture
from digits_helpers.predictor import Predictor
from digits_helpers.preprocess import as_ink
from digits_helpers.reading import WRAP
from digits_helpers.strokes import SIZE, Drawing

NARROW = {"width": "auto"}


class Board(widgets.VBox):
    """A canvas to draw on, with examples, Undo, Clear and Predict; below it settings and a picture to upload.

    A pad is a board that reads. It hands over ``reading``, an ``Answer`` to show beside the canvas, and has the methods
    ``_read_now()``, to read what is drawn and show it, ``_forget()``, to show that it isn't read yet, ``_in_words()``,
    None when nothing is read, ``_write_example(digit)``, and ``_clean(ink)`` for the ink of a picture.
    """

    brush = traitlets.Int(18, min=4, max=40, help="the brush's width, in pixels of the canvas")
    live = traitlets.Bool(True, help="read while drawing; otherwise when Predict is pressed")
    inverted = traitlets.Bool(False, help="draw light on dark")

    SWITCHES = {"live": "Read while drawing", "inverted": "Light ink on dark paper"}

    def __init__(self, model, reading, size=SIZE):
        self._predict = Predictor(model)
        self._canvas = DrawingCanvas(self._on_change, self.on_error, self._on_tab, size)
        self._canvas.brush, self.lock = self.brush, self._canvas.lock
        self._reading, self._pace = reading, Pace()
        self._hands = np.random.default_rng(0)  # every example in another handwriting

        self._examples = [self._button(str(digit), f"Write a {digit}", self._on_example) for digit in range(10)]
        actions = [
            self._button("Undo", "Take the last change back", self._on_undo, "undo"),
            self._button("Clear", "Empty the canvas; Undo brings it back", self._on_clear, "trash"),
            self._button("Predict", "Read the drawing now", self._on_predict, "eye"),
        ]
        left = widgets.VBox([self._canvas, widgets.HBox(actions)], layout={"max_width": "100%"})
        super().__init__(
            [
                widgets.HBox([widgets.Label("Write an example:"), *self._examples], layout=WRAP),
                widgets.HBox([left, self._reading], layout=WRAP),
                self._reading.status,
                self._folded(),
            ]
        )
        self.add_class("digit-pad")
        self.observe(self._on_setting, ["brush", *self.SWITCHES])
        self._refresh()

    def _button(self, name, tooltip, handler, icon=""):
        button = widgets.Button(description=name, tooltip=tooltip, icon=icon, layout=NARROW)
        button.on_click(handler)
        return button

    def _folded(self):
        """What is folded away below the canvas."""
        more = self._more()
        folded = widgets.Accordion([*more.values()], selected_index=None)
        for place, title in enumerate(more):
            folded.set_title(place, title)
        return folded

    def _more(self):
        """What there is below the canvas, by its titles."""
        brush = widgets.IntSlider(min=4, max=40, description="Brush width")
        switches = {
            name: widgets.Checkbox(description=description, indent=False) for name, description in self.SWITCHES.items()
        }
        for name, control in {"brush": brush, **switches}.items():
            traitlets.link((self, name), (control, "value"))
        # Said beforehand: a server closes the connection at a larger message, and no handler sees that.
        description = f"Read a picture (up to {MAX_BYTES // 10**6} MB)"
        self._upload = widgets.FileUpload(accept=".png,.jpg,.jpeg", description=description, layout=NARROW)
        self._upload.observe(self._on_upload, "value")
        return {
            "Settings": widgets.VBox([brush, *switches.values()]),
            "A picture instead of a drawing": self._upload,
        }

    # What it holds

    @property
    def strokes(self):
        """The strokes so far, a list of ``(k, 2)`` float32 x, y in pixels of the canvas."""
        return self._canvas.drawing.strokes

    @property
    def image(self):
        """What is drawn, uint8, white ink on black: as large as the canvas, or a picture in its own size."""
        return self._canvas.image

    @property
    def text(self):
        """The answer in one line."""
        words = self._in_words()
        if words is None and not self.live and not self._canvas.drawing.empty:
            return "Not read yet: press Predict."
        return words or NOTHING_DRAWN

    @property
    def model(self):
        """The network that reads."""
        return self._predict.model

    @model.setter
    def model(self, model):
        predict = Predictor(model)
        with self.lock:
            self._predict = predict
            self._on_new_model()
            self._refresh()

    def __repr__(self):
        return f"<{type(self).__name__} with {len(self.strokes)} strokes. {self.text}>"

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

    @one_at_a_time
    def show(self, picture):
        """Read a picture in place of the drawing: a file's path or bytes, or an array that ``as_ink`` takes.

        Raises ``ValueError`` for what is no picture, and for one with nothing on it. Whatever fails, the drawing stays.
        """
        ink = as_ink(picture if isinstance(picture, np.ndarray) else read_picture(picture))
        if not ink.any():
            raise ValueError("Nothing is on this picture: it is blank.")
        self._canvas.drawing.show(self._clean(ink))
        try:
            self._refresh()
        except Exception:
            self.undo()
            raise

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

    def on_error(self, error):
        """Show what went wrong; nothing is lost by it."""
        self._reading.show_error(error)

    def _on_new_model(self):
        pass

    def _refresh(self):
        self._canvas.redraw()
        self._on_change(moving=False)

    def _answer(self):
        with self._pace.answering():
            self._read_now()

    # Events of the page

    def _on_change(self, moving):
        if not self.live:
            self._forget()
        elif not moving or self._pace.due():
            self._answer()

    def _on_tab(self, backwards):
        before = len(self._examples)  # so many buttons come before the canvas
        self._reading.focus_button(before - 1 if backwards else before)

    @guarded
    def _on_example(self, button):
        self._write_example(int(button.description))

    @guarded
    def _on_undo(self, _button):
        self.undo()

    @guarded
    def _on_clear(self, _button):
        self.clear()

    @guarded
    def _on_predict(self, _button):
        self._answer()

    @guarded
    def _on_setting(self, _change):
        was_read = self._in_words() is not None
        self._canvas.brush, self._canvas.inverted = self.brush, self.inverted
        self._canvas.redraw()
        if self.live or was_read:  # a setting takes no answer away
            self._answer()
        else:
            self._forget()

    @guarded
    def _on_upload(self, change):
        files = change["new"]
        self._upload.set_trait("value", type(files)())  # so that choosing the same file again is a change
        for file in files.values() if isinstance(files, dict) else files:  # a dictionary in ipywidgets 7
            self.show(bytes(file["content"]))
