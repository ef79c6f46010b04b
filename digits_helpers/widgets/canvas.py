"""A canvas in a notebook cell that turns mouse and touch into strokes, and knows nothing of networks."""

import asyncio
import threading
import time

import ipywidgets as widgets
import numpy as np
from ipycanvas import MultiCanvas, hold_canvas
from PIL import Image, ImageOps

from digits_helpers.handlers import guarded
from digits_helpers.script import on_page
from digits_helpers.strokes import SIZE, Drawing, Paper

SHARPNESS = 2  # canvas pixels for each pixel on the page, so that ink is crisp on high-density screens
INK_PAUSE = 0.008  # seconds: moves that come faster than a hand makes them share one message to the page
MOUSE_AFTER_TOUCH = 0.7  # seconds in which a browser may send a touch once more, as if a mouse had made it
LIGHT, DARK = "#ffffff", "#1a1a1a"
SURE, DOUBTFUL = "#0072b2", "#d55e00"  # blue and orange, told apart by the colour-blind as well
# A finger on the canvas draws; it must not scroll the page as well. ipycanvas has no setting for that before 0.14.3.
STYLE = "<style>.digit-canvas canvas {touch-action: none; cursor: crosshair}</style>"
# What a screen reader calls the canvas, which a page may make later than this; it is tried for a minute.
NAME = on_page("""
    const name = tries => {
        const canvas = this.closest('.digit-canvas')?.querySelector('canvas');
        if (canvas) {
            canvas.setAttribute('role', 'img');
            canvas.setAttribute('aria-label', 'Drawing canvas');
        } else if (tries) {
            setTimeout(name, 200, tries - 1);
        }
    };
    name(300);
""")


class DrawingCanvas(widgets.Box):
    """Draw strokes with mouse, pen or finger; ``drawing`` holds them.

    ``on_change(moving)`` is called after each change, with True while a stroke is being drawn; ``on_error(error)`` when
    a handler fails; ``on_tab(backwards)`` when the Tab key is pressed on the canvas, which would keep it otherwise.
    """

    def __init__(self, on_change, on_error, on_tab, size=SIZE):
        self.drawing = Drawing(size=size)
        self.on_change, self.on_error, self.on_tab = on_change, on_error, on_tab
        self.lock = threading.RLock()
        self.brush, self.inverted = 18, False
        self._touched = -np.inf  # when a finger was last seen
        self._paper = Paper(size)  # holds the same ink as the page
        self._marks = ()
        self._due, self._inked, self._timer = [], -np.inf, None  # points whose ink is due, and when the last was laid
        width, height = size
        self._canvas = MultiCanvas(
            2,  # a single canvas can stay dead after a page reload
            width=SHARPNESS * width,
            height=SHARPNESS * height,
            layout=widgets.Layout(width=f"{width}px", max_width="100%", height="auto"),
        )
        self._ground, self._ink = self._canvas[0], self._canvas[1]
        # The frame is the wrapper's: a border on the canvas itself would shift the mouse's coordinates.
        frame = widgets.Layout(border="1px solid gray", margin="4px 8px", width="max-content", max_width="100%")
        unseen = widgets.HTML(STYLE + NAME, layout=widgets.Layout(display="none"))
        super().__init__([unseen, self._canvas], layout=frame)
        self.add_class("digit-canvas")
        self._listen()
        self.redraw()

    @property
    def image(self):
        """What is on the canvas, uint8, white ink on black: as large as the canvas, or a picture in its own size."""
        if self.drawing.picture is not None:
            return self.drawing.picture.copy()
        with self.lock:
            self._lay_ink()
            return self._paper.picture()

    # Events: mouse and touch come down to start, move and end

    def _listen(self):
        canvas = self._canvas
        canvas.on_client_ready(self._on_client_ready)
        canvas.on_mouse_down(self._mouse(self._start))
        canvas.on_mouse_move(self._mouse(self._move))
        canvas.on_mouse_up(self._mouse(self._end))
        canvas.on_mouse_out(self._mouse(self._end))
        canvas.on_touch_start(self._touch(self._start))
        canvas.on_touch_move(self._touch(self._move))
        canvas.on_touch_end(self._touch(self._end))
        canvas.on_touch_cancel(self._touch(self._end))
        canvas.on_key_down(self._on_key)

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

    @guarded
    def _start(self, x, y):
        if self.drawing.picture is not None:
            self.drawing.clear()  # a step of its own, so that Undo brings the picture back
            self.redraw()
        self._lay_ink()
        self.drawing.start(x, y)
        self._paper.draw([(x, y)])
        with hold_canvas():  # one message instead of six
            self._set_brush()
            self._ink.fill_circle(SHARPNESS * x, SHARPNESS * y, SHARPNESS * self.brush / 2)
        self.on_change(True)

    @guarded
    def _move(self, x, y):
        if not self.drawing.drawing_now:
            return  # the mouse hovers, or came back with its button down
        self._due = self._due or [self.drawing.last_point]
        self._due.append((x, y))
        self.drawing.extend(x, y)
        self._lay_ink_soon()
        self.on_change(True)

    @guarded
    def _end(self, *place):
        if self.drawing.drawing_now:
            self._lay_ink()
            self.drawing.finish()
            self.on_change(False)

    @guarded
    def _cancel(self):
        """A second finger: the person means to zoom or to scroll, not to draw."""
        if self.drawing.drawing_now:
            self.drawing.cancel()
            self.redraw()
            self.on_change(False)

    @guarded
    def _on_key(self, key, shift, *_):
        if key == "Tab":
            self.on_tab(shift)

    @guarded
    def _on_client_ready(self):
        self._end()  # the page that was left won't say that the pen went up, and the new one's mouse only hovers
        self.redraw(self._marks)  # a page was opened or reloaded: its canvas is empty

    # What it shows

    def _lay_ink_soon(self):
        """Ink for the last moves: for a hand's at once, for quicker ones together, for each message takes its time."""
        rest = self._inked + INK_PAUSE - time.monotonic()
        if rest <= 0:
            self._lay_ink()
        elif self._timer is None:
            try:
                self._timer = asyncio.get_running_loop().call_later(rest, self._on_timer)
            except RuntimeError:  # no event loop would come back to it
                self._lay_ink()

    @guarded
    def _on_timer(self):
        self._lay_ink()

    def _lay_ink(self):
        """Ink for all moves that still lack it, on every page and on the paper here."""
        points, self._due = self._due, []
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if points:
            self._paper.draw(points)
            self._ink.stroke_lines(SHARPNESS * np.array(points, np.float32))
            self._inked = time.monotonic()

    def redraw(self, marks=()):
        """Draw everything anew, on every page that shows the canvas, with ``marks`` as in ``mark``."""
        self._paper, self._due = Paper(self.drawing.size, self.brush), []
        for stroke in self.drawing.strokes:
            self._paper.draw(stroke)
        strokes = [SHARPNESS * stroke for stroke in self.drawing.strokes]
        ground, self._marks = self._ground_with(marks), marks
        with hold_canvas():  # nothing in here may fail: the canvas would stay blank for good
            self._lay_ground(*ground)  # first the lower layer, last the upper one, or a reloaded page stays empty
            self._ink.clear()
            self._set_brush()
            for stroke in strokes:
                self._ink.fill_circle(*stroke[0].tolist(), SHARPNESS * self.brush / 2)
                if len(stroke) > 1:
                    self._ink.stroke_lines(stroke)

    def mark(self, marks):
        """Draw boxes under the ink: ``marks`` holds ``((left, top, right, bottom), text)``, in the drawing's pixels.

        In the pixels of the picture, where one is shown. A text of "?" gets a dashed box.
        """
        if marks != self._marks:
            ground, self._marks = self._ground_with(marks), marks
            with hold_canvas():
                self._lay_ground(*ground)
                self._set_brush()  # the upper layer last, or a page that is reloaded afterwards stays empty

    def _ground_with(self, marks):
        """What lies under the ink, worked out before it is drawn: the picture with its corner or None, and boxes."""
        picture, boxes = self.drawing.picture, [(self._around(box), text) for box, text in marks]
        return None if picture is None else (self._fitted(picture), *self._corner(picture)), boxes

    def _lay_ground(self, picture, boxes):
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

    def _around(self, box):
        """A mark's box on the canvas, with room for the ink."""
        picture = self.drawing.picture
        if picture is None:
            low, scale, room = (0, 0), SHARPNESS, SHARPNESS * (self.brush / 2 + 3)
        else:
            low, scale, room = self._corner(picture), self._scale(picture), 3 * SHARPNESS
        left, top, right, bottom = (side * scale + low[axis % 2] for axis, side in enumerate(box))
        right, bottom = min(right + room, self._canvas.width - 1), min(bottom + room, self._canvas.height - 1)
        return max(left - room, 1), max(top - room, 1), right, bottom

    def _scale(self, picture):
        """How many of the canvas's pixels are one of the picture's: as large as the canvas allows."""
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
