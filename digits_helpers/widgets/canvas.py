"""A canvas in a notebook cell that turns mouse, pen and finger into strokes, and knows nothing about networks."""

import time

import ipywidgets as widgets
import numpy as np
import traitlets
from ipycanvas import MultiCanvas
from PIL import Image, ImageOps

from digits_helpers.strokes import BRUSH, SIZE, Drawing
from digits_helpers.widgets.handlers import guarded, one_message
from digits_helpers.widgets.script import on_page

SHARPNESS = 2  # canvas pixels for each pixel on the page, so that ink is crisp on high-density screens
MOUSE_AFTER_TOUCH = 0.7  # seconds during which a browser may send a touch again, as if it came from a mouse
LIGHT, DARK = "#ffffff", "#1a1a1a"
SURE, DOUBTFUL = "#0072b2", "#d55e00"  # blue and orange, which colour-blind people can tell apart, too
# A finger on the canvas draws; it must not scroll the page as well. ipycanvas has no setting for that before 0.14.3.
STYLE = "<style>.digit-canvas canvas {touch-action: none; cursor: crosshair}</style>"
# The name of the canvas for screen readers. The page may create the canvas later than this; it is tried for a minute.
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

    ``size`` is the width and height in pixels of the page. Whoever shows the canvas sets three functions:
    ``on_change(moving)`` is called after each change of the drawing, with True where an answer can wait because a
    stroke is being drawn, ``on_error(error)`` when an event handler fails, and ``on_tab(backwards)`` when the Tab key
    is pressed on the canvas, which would otherwise swallow it.

    Built in lesson 08.
    """

    brush = traitlets.Int(BRUSH, min=4, max=40, help="the brush's width, in pixels")
    inverted = traitlets.Bool(False, help="light ink on dark paper")

    def __init__(self, size=SIZE, brush=BRUSH):
        self.drawing = Drawing(size=size, brush=brush)
        self.on_change = self.on_error = self.on_tab = lambda _: None
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
        # The frame belongs to the wrapper: a border on the canvas itself would shift the mouse's coordinates.
        frame = widgets.Layout(border="1px solid gray", margin="4px 8px", width="max-content", max_width="100%")
        unseen = widgets.HTML(STYLE + NAME, layout=widgets.Layout(display="none"))
        super().__init__([unseen, self._canvas], layout=frame, brush=brush)
        self.add_class("digit-canvas")
        self._listen()
        self.observe(self._on_look, ["brush", "inverted"])
        self.redraw()

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
            else:  # the last finger has left, and its position with it
                self._end()

        return on_touch

    @guarded
    def _start(self, x, y):
        picture_shown = self.drawing.picture is not None
        self.drawing.start(x, y)
        if picture_shown:
            self.redraw()
        else:
            with one_message():
                self._draw_stroke([(x, y)])
        self.on_change(not picture_shown)  # what was read in the picture must not stay beside the stroke

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
            self.on_change(False)

    @guarded
    def _cancel(self):
        """A second finger: the person wants to zoom or scroll, not to draw."""
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
        """A page was opened or reloaded: its canvas is empty."""
        self._end()  # the page that was left won't report that the pen went up, and on the new one the mouse hovers
        self.redraw(self._marks)

    @guarded
    def _on_look(self, _change):
        self.drawing.brush = self.brush
        self.redraw(self._marks)

    # What it shows

    def redraw(self, marks=()):
        """Draw everything again, on every page that shows the canvas, with ``marks`` as in ``mark``."""
        ground = self._ground_with(marks)
        with one_message():
            self._draw_ground(*ground)  # first the lower layer, last the upper one, or a reloaded page stays empty
            self._ink.clear()
            self._set_brush()
            for stroke in self.drawing.strokes:
                self._draw_stroke(stroke)
        self._marks = marks

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
        points = SHARPNESS * np.asarray(stroke, np.float32)
        self._set_brush()
        self._ink.fill_circle(*points[0].tolist(), SHARPNESS * self.brush / 2)
        if len(points) > 1:
            self._ink.stroke_lines(points)

    def _ground_with(self, marks):
        """What lies under the ink, worked out before it is drawn: the picture with its corner or None, and boxes."""
        picture, boxes = self.drawing.picture, [(self._around(box), text) for box, text in marks]
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

    def _around(self, box):
        """A mark's box in pixels of the canvas, with room for the ink."""
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
