"""A canvas in a notebook cell that turns mouse, pen and finger into strokes, and knows nothing about networks."""

import time
from pathlib import Path

import anywidget
import ipywidgets as widgets
import numpy as np
import traitlets
from ipycanvas import MultiCanvas
from PIL import Image, ImageOps

from digits_helpers.strokes import BRUSH, SIZE, Drawing
from digits_helpers.widgets.handlers import guarded, one_at_a_time, one_message
from digits_helpers.widgets.smooth import smooth

SHARPNESS = 2  # canvas pixels for each pixel on the page, so that ink is crisp on high-density screens
MOUSE_AFTER_TOUCH = 0.7  # seconds during which a browser may send a touch again, as if it came from a mouse
LIGHT, DARK = "#ffffff", "#1a1a1a"
SURE, DOUBTFUL = "#0072b2", "#d55e00"  # blue and orange, which colour-blind people can tell apart, too


class LocalInk(anywidget.AnyWidget):
    """Ink that the page draws under the pointer at once, on top of ipycanvas's, until the kernel's ink has arrived.

    It also names the canvas for screen readers and lets the Tab key leave it.
    """

    _esm = Path(__file__).with_name("local_ink.js")

    width, height = traitlets.Int().tag(sync=True), traitlets.Int().tag(sync=True)  # pixels of the page
    brush = traitlets.Int().tag(sync=True)  # pixels of the page
    colour = traitlets.Unicode().tag(sync=True)

    def __init__(self, size, brush, colour):
        self._begun = {}  # the latest stroke of each view, by the names that the page gave them
        width, height = size
        # It takes no room itself: what the page draws lies over the canvas.
        nothing = widgets.Layout(width="0", height="0", margin="0", overflow="hidden")
        super().__init__(width=width, height=height, brush=brush, colour=colour, layout=nothing)

    @one_at_a_time
    def expect(self, stroke):
        """Remember that a page has begun a stroke, which it names after the view and a number: "view-1"."""
        view, _, _ = stroke.partition("-")
        self._begun[view] = stroke

    @one_at_a_time
    def settle(self, kept):
        """Tell the pages that the kernel has drawn all strokes so far or, if they aren't ``kept``, removed them."""
        begun, self._begun = self._begun, {}
        for stroke in begun.values():
            self.send({"settled": stroke, "kept": kept})


class DrawingCanvas(widgets.Box):
    """Draw strokes with mouse, pen or finger; ``drawing`` holds them.

    ``size`` is the width and height in pixels of the page. Whoever shows the canvas sets two functions:
    ``on_change(moving)`` is called after each change of the drawing, with True where an answer can wait because a
    stroke is being drawn, and ``on_error(error)`` when an event handler fails.

    Built in lesson 08.
    """

    brush = traitlets.Int(BRUSH, min=4, max=40, help="the brush's width, in pixels")
    inverted = traitlets.Bool(False, help="light ink on dark paper")

    def __init__(self, size=SIZE, brush=BRUSH):
        self.drawing = Drawing(size=size, brush=brush)
        self.on_change = self.on_error = lambda _: None
        self._touched = -np.inf  # when a finger was last seen
        self._marks = ()
        width, height = size
        self._canvas = MultiCanvas(
            2,  # a single canvas can stay dead after the page is reloaded
            width=SHARPNESS * width,
            height=SHARPNESS * height,
            layout=widgets.Layout(width=f"{width}px", max_width="100%", height="auto"),
        )
        self._ground, self._ink = self._canvas[0], self._canvas[1]
        self._local_ink = LocalInk(size, brush, DARK)
        # The frame belongs to the wrapper: a border on the canvas itself would shift the mouse's coordinates.
        frame = widgets.Layout(border="1px solid gray", margin="4px 8px", width="max-content", max_width="100%")
        super().__init__([self._canvas, self._local_ink], layout=frame, brush=brush)
        self.add_class("digit-canvas")
        self._listen()
        self.observe(self._on_look, ["brush", "inverted"])
        self.redraw()

    # Events: mouse and touch come down to start, move and end

    def _listen(self):
        canvas = self._canvas
        canvas.on_key_down(self._on_key)
        canvas.on_client_ready(self._on_client_ready)
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
                self._at((x, y), handler)

        return on_mouse

    def _touch(self, handler):
        def on_touch(fingers):
            self._touched = time.monotonic()
            if len(fingers) > 1:
                self._cancel()
            elif fingers:
                self._at(fingers[0], handler)
            else:  # the last finger has left, and its position with it
                self._end()

        return on_touch

    def _at(self, place, handler):
        if None in place:  # the page has hidden the canvas in mid-stroke, as JupyterLab does when its theme changes
            self._end()
        else:
            handler(*(coordinate / SHARPNESS for coordinate in place))

    @guarded
    def _on_key(self, key, *_modifiers):
        """A page announces a stroke that it draws by itself; the event follows.

        It comes as a key, because messages of another widget could overtake the canvas's: kernels with several threads
        handle each widget's in order, and no more than that.
        """
        word, _, stroke = key.partition(" ")
        if word == "stroke":
            self._local_ink.expect(stroke)
            self._touched = -np.inf  # the page announces no mouse that is only a touch sent again

    @guarded
    def _start(self, x, y):
        fresh = self.drawing.starts_fresh
        self.drawing.start(x, y)
        if fresh:
            self.redraw()
        else:
            with one_message():
                self._draw_stroke([(x, y)])
        self.on_change(not fresh)  # the answer to what was there before must not stay next to the stroke

    @guarded
    def _move(self, x, y):
        if not self.drawing.drawing_now:
            return  # the mouse hovers, or came back with its button down
        line = [self.drawing.last_point, (x, y)]
        self.drawing.extend(x, y)
        self._ink.stroke_lines(SHARPNESS * np.array(line, np.float32))
        self.on_change(True)

    @guarded
    def _end(self, *place):
        if self.drawing.drawing_now:
            self.drawing.finish()
            self.redraw(self._marks, kept=True)  # as one line: increments whose soft edges overlap look stepped
            self.on_change(False)

    @guarded
    def _cancel(self):
        """A second finger: the person wants to zoom or scroll, not to draw."""
        if self.drawing.drawing_now:
            self.drawing.cancel()
            self.redraw()
            self.on_change(False)

    @guarded
    def _on_client_ready(self):
        """A page was opened or reloaded: its canvas is empty."""
        self._end()  # the page that was left won't report that the pen went up, and on the new one the mouse hovers
        self.redraw(self._marks, kept=True)

    @guarded
    def _on_look(self, _change):
        self.drawing.brush = self._local_ink.brush = self.brush
        _, self._local_ink.colour = self._colours()
        self.redraw(self._marks, kept=True)

    # What it shows

    def redraw(self, marks=(), kept=False):
        """Draw everything again, on every page that shows the canvas, with ``marks`` as in ``mark``.

        ``kept`` says whether the strokes that the pages have drawn by themselves are still part of the drawing.
        """
        ground = self._ground_with(marks)
        with one_message():
            self._draw_ground(*ground)  # first the lower layer, last the upper one, or a reloaded page stays empty
            self._ink.clear()
            self._set_brush()
            for stroke in self.drawing.strokes:
                self._draw_stroke(stroke)
        self._marks = marks
        if not self.drawing.drawing_now:
            self._local_ink.settle(kept)

    def mark(self, marks):
        """Draw boxes under the ink: ``marks`` holds ``((left, top, right, bottom), text)``.

        The sides are in pixels of the drawing, or of the picture where one is shown. A text of "?" gets a dashed box.
        """
        if marks != self._marks:
            ground = self._ground_with(marks)
            with one_message():
                self._draw_ground(*ground)
                self._set_brush()  # the upper layer last, or a page that is reloaded afterwards stays empty
            self._marks = marks

    def _draw_stroke(self, stroke):
        """Draw a stroke, ``(k, 2)`` x, y in pixels of the page, on the layer of ink."""
        line = SHARPNESS * smooth(stroke).astype(np.float32)
        self._set_brush()
        self._ink.fill_circle(*line[0].tolist(), SHARPNESS * self.brush / 2)
        if len(line) > 1:
            self._ink.stroke_lines(line)

    def _ground_with(self, marks):
        """What lies under the ink, worked out before it is drawn: the picture with its corner or None, and boxes."""
        picture, boxes = self.drawing.picture, [(self.around(box), text) for box, text in marks]
        return None if picture is None else (self._fitted(picture), *self._corner(picture)), boxes

    def _draw_ground(self, picture, boxes):
        self._ground.clear()
        self._ground.fill_style, _ = self._colours()
        self._ground.fill_rect(0, 0, self._canvas.width, self._canvas.height)
        if picture is not None:
            self._ground.put_image_data(*picture)
        self._ground.line_width = SHARPNESS
        self._ground.font = f"{16 * SHARPNESS}px sans-serif"
        for (left, top, right, bottom), text in boxes:
            self._ground.stroke_style = self._ground.fill_style = DOUBTFUL if text == "?" else SURE
            self._ground.set_line_dash([6 * SHARPNESS] if text == "?" else [])
            self._ground.stroke_rect(left, top, right - left, bottom - top)
            self._ground.fill_text(text, left, max(top - 4 * SHARPNESS, 16 * SHARPNESS))

    def around(self, box):
        """A mark's box with room for the ink, in pixels of the canvas: ``SHARPNESS`` for each pixel of the page."""
        picture = self.drawing.picture
        if picture is None:
            low, scale, room = (0, 0), SHARPNESS, SHARPNESS * (self.brush / 2 + 3)
        else:
            low, scale, room = self._corner(picture), self._scale(picture), 3 * SHARPNESS
        left, top, right, bottom = (side * scale + low[axis % 2] for axis, side in enumerate(box))
        right, bottom = min(right + room, self._canvas.width - 1), min(bottom + room, self._canvas.height - 1)
        return max(left - room, 1), max(top - room, 1), right, bottom

    def _scale(self, picture):
        """Canvas pixels for each pixel of the picture: as large as the canvas allows."""
        height, width = picture.shape
        return min(self._canvas.width / width, self._canvas.height / height)

    def _corner(self, picture):
        height, width = picture.shape
        scale = self._scale(picture)
        return round((self._canvas.width - width * scale) / 2), round((self._canvas.height - height * scale) / 2)

    def _fitted(self, picture):
        """The picture's ink in the canvas's colours, as large as the canvas allows: ``(h, w, 3)`` uint8."""
        ink, scale = Image.fromarray(picture), self._scale(picture)
        ink = ink.resize([max(1, round(side * scale)) for side in ink.size])
        return np.asarray(ImageOps.colorize(ink, *self._colours()))

    def _set_brush(self):
        _, ink = self._colours()
        self._ink.fill_style = self._ink.stroke_style = ink
        self._ink.line_width = SHARPNESS * self.brush
        self._ink.line_cap = self._ink.line_join = "round"

    def _colours(self):
        return (DARK, LIGHT) if self.inverted else (LIGHT, DARK)
