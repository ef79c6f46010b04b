"""The drawing pad: a canvas in a notebook cell, and beside it what the network reads while you draw."""

import functools
import threading
import time

import ipywidgets as widgets
import numpy as np
from ipycanvas import MultiCanvas, hold_canvas

from digits_helpers.answer import bars_html, in_words, picture_html, top_three_html
from digits_helpers.predictor import Predictor
from digits_helpers.preprocess import prepare_stages
from digits_helpers.strokes import SIZE, Drawing, rasterize

SHARPNESS = 2  # canvas pixels for each pixel on the page, so that ink is crisp on high-density screens
BRUSH = 18  # pixels on the page
PAUSE = 0.06  # seconds between two answers while the pen moves, so that ink never waits for them
MOUSE_AFTER_TOUCH = 0.7  # seconds in which a browser may send a touch once more, as if a mouse had made it
PAPER, INK = "#ffffff", "#1a1a1a"
# A finger on the canvas draws; it must not scroll the page as well. ipycanvas has no setting for that before 0.14.3.
STYLE = "<style>.digit-pad canvas {touch-action: none; cursor: crosshair}</style>"


def _one_at_a_time(method):
    """Some kernels run two event handlers at once, on two threads: let the second one wait."""

    @functools.wraps(method)
    def waiting(self, *arguments):
        with self._lock:
            return method(self, *arguments)

    return waiting


def _handler(method):
    """An event handler: one at a time, and an error is shown, because what leaves a handler is seen by nobody."""

    @_one_at_a_time
    @functools.wraps(method)
    def handle(self, *event):
        try:
            method(self, *event)
        except Exception as error:
            self._status.value = f"Something went wrong: {type(error).__name__}: {error}. Your drawing is kept."

    return handle


class DigitPad(widgets.VBox):
    """Draw a digit in a cell and see it read.

    ``model`` is a Keras model that takes ``(28, 28, 1)`` or ``(28, 28)`` and gives ten probabilities or logits; any
    other raises ``ValueError``. The pad is a widget: end a cell with it to see it. All of it works from Python, too.

    >>> from digits_helpers import build_cnn, write_digit
    >>> pad = DigitPad(build_cnn())
    >>> pad.text
    'Nothing drawn yet.'
    >>> pad.replay(write_digit(7))
    >>> pad.probabilities.shape
    (10,)
    """

    def __init__(self, model):
        self._predict = Predictor(model)
        self._drawing = Drawing()
        self._lock = threading.RLock()
        self._touched = self._answered = -np.inf  # when a finger was last seen, and when the last answer was given
        self._probabilities = None

        width, height = SIZE
        self._canvas = MultiCanvas(
            2,  # a single canvas can stay dead after a page reload
            width=SHARPNESS * width,
            height=SHARPNESS * height,
            layout=widgets.Layout(width=f"{width}px", height=f"{height}px"),
        )
        self._paper, self._ink = self._canvas[0], self._canvas[1]
        self._listen()

        self._undo = widgets.Button(description="Undo", icon="undo", tooltip="Take the last stroke back")
        self._undo.on_click(self._on_undo)
        self._clear = widgets.Button(description="Clear", icon="trash", tooltip="Empty the canvas; Undo brings it back")
        self._clear.on_click(self._on_clear)
        self._text = widgets.HTML()
        self._bars = widgets.HTML()
        self._seen = widgets.HTML()
        self._status = widgets.Label()

        # The frame is the wrapper's: a border on the canvas itself would shift the mouse's coordinates.
        frame = widgets.Layout(border="1px solid gray", margin="4px 8px", width="max-content")
        framed = widgets.Box([self._canvas], layout=frame)
        buttons = widgets.HBox([self._undo, self._clear])
        wrap = widgets.Layout(flex_flow="row wrap")  # on a phone, one below the other
        answer = widgets.VBox([self._text, widgets.HBox([self._bars, self._seen], layout=wrap)])
        row = widgets.HBox([widgets.VBox([framed, buttons]), answer], layout=wrap)
        super().__init__([widgets.HTML(STYLE), row, self._status])
        self.add_class("digit-pad")
        self._refresh()

    # What it holds

    @property
    def strokes(self):
        """The strokes so far, a list of ``(k, 2)`` float32 x, y in pixels of the 280 x 280 canvas."""
        return self._drawing.strokes

    @property
    def image(self):
        """The drawing as a ``(280, 280)`` uint8 picture, white ink on black."""
        return rasterize(self.strokes, width=BRUSH)

    @property
    def probabilities(self):
        """What the network thinks of the drawing, ``(10,)`` float32; ``None`` when nothing is drawn."""
        return self._probabilities

    @property
    def text(self):
        """The answer in one line."""
        return in_words(self._probabilities)

    def __repr__(self):
        return f"<DigitPad with {len(self.strokes)} strokes. {self.text}>"

    # What it does

    @_one_at_a_time
    def replay(self, strokes):
        """Put these strokes, in pixels of the canvas, in place of the drawing.

        Nothing is lost: ``undo`` takes them back one by one, and then brings back what was there.
        """
        replacement = Drawing(strokes)  # refuses what is no stroke before anything is lost
        self._drawing.clear()
        for stroke in replacement.strokes:
            self._drawing.add(stroke)
        self._refresh()

    @_one_at_a_time
    def undo(self):
        """Take the last stroke back, or the last ``clear``."""
        self._drawing.undo()
        self._refresh()

    @_one_at_a_time
    def clear(self):
        """Empty the canvas; ``undo`` brings the drawing back."""
        self._drawing.clear()
        self._refresh()

    # Events: mouse and touch come down to start, move and end

    def _listen(self):
        canvas = self._canvas
        canvas.on_client_ready(self._redraw)  # a page was opened or reloaded: it has an empty canvas
        canvas.on_mouse_down(self._mouse(self._start))
        canvas.on_mouse_move(self._mouse(self._move))
        canvas.on_mouse_up(self._mouse(self._end))
        canvas.on_mouse_out(self._mouse(self._end))
        canvas.on_touch_start(self._touch(self._start))
        canvas.on_touch_move(self._touch(self._move))
        canvas.on_touch_end(self._touch(self._end))
        canvas.on_touch_cancel(self._touch(self._end))

    def _mouse(self, handler):
        def on_mouse(x, y):
            if time.monotonic() - self._touched > MOUSE_AFTER_TOUCH:
                handler(x / SHARPNESS, y / SHARPNESS)

        return on_mouse

    def _touch(self, handler):
        def on_touch(fingers):
            self._touched = time.monotonic()
            if len(fingers) > 1:
                self._cancel()
            elif fingers:
                handler(*(coordinate / SHARPNESS for coordinate in fingers[0]))
            else:  # the last finger has left, and takes its place with it
                self._end()

        return on_touch

    @_handler
    def _start(self, x, y):
        self._drawing.start(x, y)
        with hold_canvas():  # one message instead of six
            self._set_brush()
            self._ink.fill_circle(SHARPNESS * x, SHARPNESS * y, SHARPNESS * BRUSH / 2)
        self._answer()

    @_handler
    def _move(self, x, y):
        if not self._drawing.drawing_now:
            return  # the mouse hovers, or came back with its button down
        before = self._drawing.last_point
        self._drawing.extend(x, y)
        self._ink.stroke_line(*(SHARPNESS * value for value in (*before, x, y)))
        if time.monotonic() - self._answered > PAUSE:
            self._answer()

    @_handler
    def _end(self, *place):
        if self._drawing.drawing_now:
            self._drawing.finish()
            self._answer()  # of the whole stroke, however recent the last one

    @_handler
    def _cancel(self):
        """A second finger: the person means to zoom or to scroll, not to draw."""
        if self._drawing.drawing_now:
            self._drawing.cancel()
            self._refresh()

    @_handler
    def _on_undo(self, _button):
        self.undo()

    @_handler
    def _on_clear(self, _button):
        self.clear()

    # What it shows

    def _refresh(self):
        self._redraw()
        self._answer()

    @_handler
    def _redraw(self):
        strokes = [SHARPNESS * stroke for stroke in self.strokes]
        with hold_canvas():  # nothing in here may fail: the canvas would stay blank for good
            self._paper.clear()  # the lower layer first and the upper one last, or a reloaded page stays empty
            self._paper.fill_style = PAPER
            self._paper.fill_rect(0, 0, self._canvas.width, self._canvas.height)
            self._ink.clear()
            self._set_brush()
            for stroke in strokes:
                self._ink.fill_circle(*stroke[0].tolist(), SHARPNESS * BRUSH / 2)
                if len(stroke) > 1:
                    self._ink.stroke_lines(stroke)

    def _set_brush(self):
        self._ink.fill_style = self._ink.stroke_style = INK
        self._ink.line_width = SHARPNESS * BRUSH
        self._ink.line_cap = self._ink.line_join = "round"

    def _answer(self):
        image = self.image
        stages = prepare_stages(image) if image.any() else None  # no strokes, or none of them on the canvas
        self._probabilities = self._predict(stages["centred"] / 255)[0] if stages else None
        self._text.value = f'<div role="status" aria-live="polite" style="font-size:1.3em">{self.text}</div>'
        if stages:
            self._bars.value = bars_html(self._probabilities)
            picture = picture_html(stages["centred"], "What the model sees")
            self._seen.value = picture + top_three_html(self._probabilities)
        else:
            self._bars.value = self._seen.value = ""
        self._status.value = ""
        self._answered = time.monotonic()
