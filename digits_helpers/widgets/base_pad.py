"""Shared parts of the drawing pads: canvas, buttons, settings, and reading an uploaded picture."""

import asyncio
import contextlib
import time

import ipywidgets as widgets
import numpy as np
import traitlets

from digits_helpers.ink import as_ink
from digits_helpers.picture_files import MAX_BYTES, read_picture
from digits_helpers.predictor import Predictor
from digits_helpers.strokes import BRUSH
from digits_helpers.widgets.answer import WRAP
from digits_helpers.widgets.handlers import LOCK, guarded, one_at_a_time
from digits_helpers.widgets.picture_drop import PictureDrop
from digits_helpers.widgets.snapshot import draw_pad, size_on_page
from digits_helpers.widgets.with_picture import WithPicture, as_png
from digits_helpers.words import NOTHING_DRAWN

NARROW = {"width": "auto"}
ANSWERING = 1 / 4  # at most this share of the time goes into answers while a stroke is being drawn: ink comes first


class BasePad(WithPicture, widgets.VBox):
    """A canvas to draw on and the answer beside it, with examples, Undo, Clear and Predict, settings, and an upload.

    It puts three parts together, and any of them can be replaced:

    - ``canvas``, a ``DrawingCanvas``, holds the drawing;
    - ``reader`` reads it: ``read(drawing)`` returns a result, or None where nothing is drawn, ``words(result)`` puts
      it into one line, ``write_example(digit, drawing)`` writes a digit into the drawing, and ``predict`` is the
      ``Predictor`` that it asks;
    - ``answer``, an ``Answer``, shows it: ``show(text, result)``.

    ``own``, an ``OwnDigits``, is an optional fourth part that keeps labelled drawings. ``layers``, a ``LookInside``, is
    an optional fifth, below the answer: ``show(result)`` shows what the network's layers make of the drawing.

    Built in lesson 08.
    """

    brush = traitlets.Int(BRUSH, min=4, max=40, help="the brush's width, in pixels of the canvas")
    live = traitlets.Bool(True, help="read while drawing; otherwise when Predict is pressed")
    inverted = traitlets.Bool(False, help="light ink on dark paper")

    def __init__(self, canvas, reader, answer, own=None, layers=None):
        self.canvas, self.reader, self.answer, self.own, self.layers = canvas, reader, answer, own, layers
        self.result = None
        self._next_answer = 0  # not before this time while a stroke is being drawn
        self._late = None  # the timer of the answer that comes then, if a move has asked for one
        examples = [_button(str(digit), f"Write a {digit}", self._on_example) for digit in range(10)]
        actions = [
            _button("Undo", "Take back the last change", self._on_undo, "undo"),
            _button("Clear", "Clear the canvas; Undo brings the drawing back", self._on_clear, "trash"),
            _button("Predict", "Read the drawing now", self._on_predict, "eye"),
        ]
        buttons = widgets.HBox(actions, layout=WRAP).add_class("digit-actions")
        drawing = widgets.VBox([canvas, buttons]).add_class("digit-drawing")
        super().__init__(
            [
                widgets.HBox([widgets.Label("Examples"), *examples], layout=WRAP).add_class("digit-examples"),
                widgets.HBox([drawing, answer], layout=WRAP).add_class("digit-body"),
                *([layers] if layers else []),
                PictureDrop(self._on_picture, self.on_error),
                self._folded_away(),
            ],
            brush=canvas.brush,
        )
        self.add_class("digit-pad")
        canvas.on_change, canvas.on_error = self._on_change, self.on_error
        for setting in ("brush", "inverted"):
            traitlets.link((self, setting), (canvas, setting))
        self.observe(self._on_setting, ["brush", "live"])
        self._show(None)

    def _folded_away(self):
        """The parts below the canvas, by their titles."""
        brush = widgets.IntSlider(min=4, max=40, description="Brush width")
        live = widgets.Checkbox(description="Read while drawing", indent=False)
        inverted = widgets.Checkbox(description="Light ink on dark paper", indent=False)
        for name, control in {"brush": brush, "live": live, "inverted": inverted}.items():
            traitlets.link((self, name), (control, "value"))
        # The limit is stated up front: a server drops the connection at a larger message, and no handler sees that.
        description = f"Read a picture (up to {MAX_BYTES // 10**6} MB)"
        upload = widgets.FileUpload(accept=".png,.jpg,.jpeg", description=description, layout=NARROW)
        upload.observe(self._on_upload, "value")
        parts = {
            "Settings": widgets.VBox([brush, live, inverted, *self.answer.settings]),
            "A picture instead of a drawing": upload,
        }
        if self.own:
            parts["My own digits"] = self.own
        folded = widgets.Accordion([*parts.values()], selected_index=None)
        for place, title in enumerate(parts):
            folded.set_title(place, title)
        return folded

    # What it holds

    @property
    def strokes(self):
        """The strokes so far, a list of ``(k, 2)`` float32 x, y in pixels of the canvas."""
        return self.canvas.drawing.strokes

    @property
    def image(self):
        """The drawing as a picture, uint8, white ink on black: as large as the canvas, or a picture in its own size."""
        return self.canvas.drawing.image

    @property
    def text(self):
        """The answer in one line."""
        if self.result is not None:
            return self.reader.words(self.result)
        if self.live or self.canvas.drawing.empty:
            return NOTHING_DRAWN
        return "Not read yet: press Predict."

    @property
    def model(self):
        """The Keras model that reads, or None for the trained network that comes with the package."""
        return self.reader.predict.model

    @model.setter
    def model(self, model):
        predict = Predictor(model)  # refuses a model that can't read digits before anything changes
        with LOCK:
            self.reader.predict = predict
            if self.own:
                self.own.read_again()
            self._redraw_and_read()

    def __repr__(self):
        return f"<{type(self).__name__} with {len(self.strokes)} strokes. {self.text}>"

    def _picture(self):
        image = draw_pad(self)
        return as_png(image), size_on_page(image), f"A drawing pad. {self.text}"

    # What it does

    @one_at_a_time
    def predict(self):
        """Read the drawing now, live or not, and return the result."""
        started = time.monotonic()
        self._show(self.reader.read(self.canvas.drawing))
        self._next_answer = started + (time.monotonic() - started) / ANSWERING
        if self._late is not None:
            self._late.cancel()
            self._late = None
        return self.result

    @one_at_a_time
    def replay(self, strokes):
        """Put these strokes, in pixels of the canvas, in place of the drawing, as if a hand had drawn them.

        Nothing is lost: ``undo`` removes them one by one, and with the first it brings back what was there before.
        """
        self.canvas.drawing.replace(strokes, one_by_one=True)
        self._redraw_and_read()

    @one_at_a_time
    def write_example(self, digit):
        """Write ``digit``, 0 to 9, as the buttons above the canvas do: every time in another handwriting.

        ``undo`` takes the whole example back.
        """
        self.reader.write_example(digit, self.canvas.drawing)
        self._redraw_and_read()

    @one_at_a_time
    def show(self, picture):
        """Read a picture in place of the drawing: a file's path or bytes, or an array that ``as_ink`` takes.

        A file that isn't a picture and a blank picture raise ``ValueError``. Whatever fails, the drawing stays.
        """
        ink = as_ink(picture if isinstance(picture, np.ndarray) else read_picture(picture))
        if not ink.any():
            raise ValueError("This picture is blank: there is nothing on it to read.")
        self.canvas.drawing.show(ink)
        try:
            self._redraw_and_read()
        except Exception:
            self.undo()
            raise

    @one_at_a_time
    def undo(self):
        """Take back the last change: a stroke, an example, a picture, or ``clear``."""
        self.canvas.drawing.undo()
        self._redraw_and_read()

    @one_at_a_time
    def clear(self):
        """Clear the canvas; ``undo`` brings back what was on it."""
        self.canvas.drawing.clear()
        self._redraw_and_read()

    def on_error(self, error):
        """Show what went wrong. Nothing is lost by it."""
        self.answer.show_error(error)

    def _redraw_and_read(self):
        self.canvas.redraw()
        self._on_change(moving=False)

    def _show(self, result):
        self.result = result
        self.answer.show(self.text, result)
        if self.layers:
            self.layers.show(result)

    # Events of the page

    def _on_change(self, moving):
        if not self.live:
            self._show(None)
        elif not moving or time.monotonic() >= self._next_answer:
            self.predict()
        elif self._late is None:
            with contextlib.suppress(RuntimeError):  # no event loop is running: Python draws, not a page
                wait = self._next_answer - time.monotonic()
                self._late = asyncio.get_running_loop().call_later(wait, self._answer_late)

    @guarded
    def _answer_late(self):
        """Read what was drawn too soon after the last answer: a pen that rests on the paper sends no more moves."""
        self._late = None
        if self.live and self.canvas.drawing.drawing_now:
            self.predict()

    @guarded
    def _on_example(self, button):
        self.write_example(int(button.description))

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
        if self.live or self.result is not None:  # a setting never takes an answer away
            self.predict()
        else:
            self._show(None)

    @guarded
    def _on_upload(self, change):
        files = change["new"]
        change["owner"].set_trait("value", type(files)())  # so that choosing the same file again is a change
        for file in files.values() if isinstance(files, dict) else files:  # a dictionary in ipywidgets 7
            self.show(bytes(file["content"]))

    @guarded
    def _on_picture(self, content):
        self.show(content)


def _button(name, tooltip, handler, icon=""):
    button = widgets.Button(description=name, tooltip=tooltip, icon=icon, layout=NARROW)
    button.on_click(handler)
    return button
