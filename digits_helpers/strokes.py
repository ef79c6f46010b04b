"""A drawing as strokes, and strokes as a grey picture."""

import os
import reprlib

import numpy as np
from PIL import Image, ImageDraw

SIZE = (280, 280)  # width and height of a drawing, in pixels


class Drawing:
    """Strokes in the order they were made, with an undo that also brings back what ``clear`` took away.

    ``size`` is the canvas's width and height in pixels. A stroke is a ``(k, 2)`` float32 array of x (to the right) and
    y (down) in those pixels, with k >= 1, that can't be written to. ``label`` is the digit that it shows, an int
    from 0 to 9, or ``None``. Anything else raises ``ValueError``.

    >>> drawing = Drawing(label=1)
    >>> drawing.add([(140, 40), (140, 240)])
    >>> drawing.clear()
    >>> drawing.undo()
    >>> len(drawing.strokes)
    1
    """

    def __init__(self, strokes=(), size=SIZE, label=None):
        self.size = _as_size(size)
        self.label = label
        self._done = tuple(_as_stroke(stroke) for stroke in _as_strokes(strokes))
        self._current = []  # the points of the stroke that is being drawn
        self.picture = None  # or (h, w) uint8, white ink on black, that stands in place of strokes
        self._past = []  # strokes and picture before each change: undo goes back through them

    @property
    def label(self):
        """The digit that the drawing shows, 0 to 9, or ``None`` when nobody has said."""
        return self._label

    @label.setter
    def label(self, label):
        if label is not None:
            if not _is_whole(label) or not 0 <= label <= 9:
                raise ValueError(f"A label is a whole number from 0 to 9, or None, not {reprlib.repr(label)}.")
            label = int(label)  # NumPy's integers are no JSON
        self._label = label

    @property
    def strokes(self):
        """All strokes, the one being drawn included, as a list of ``(k, 2)`` float32 arrays."""
        current = [np.array(self._current, np.float32)] if self._current else []
        return [*self._done, *current]

    def start(self, x, y):
        """Begin a stroke; one that was still open is finished first."""
        self.finish()
        self._current = [(x, y)]

    def extend(self, x, y):
        """Go on with the open stroke; without one, nothing happens: the pen is up."""
        if self._current:
            self._current.append((x, y))

    def finish(self):
        """End the open stroke and keep it."""
        if self._current:
            points, self._current = self._current, []
            self.add(points)

    def cancel(self):
        """Drop the open stroke."""
        self._current = []

    @property
    def empty(self):
        """Whether there is nothing: no stroke and no picture."""
        return self.picture is None and not self._done and not self._current

    @property
    def drawing_now(self):
        """Whether a stroke is open."""
        return bool(self._current)

    @property
    def last_point(self):
        """Where the open stroke has got to, ``(x, y)``."""
        return self._current[-1]

    def add(self, stroke):
        """Add a whole stroke, ``(k, 2)`` x and y in pixels; ``ValueError`` if it isn't one."""
        self._change((*self._done, _as_stroke(stroke)))

    def show(self, picture):
        """Put a picture, ``(h, w)`` uint8, white ink on black, in place of the strokes; ``undo`` brings them back."""
        self.finish()
        self._change((), picture)

    def clear(self):
        """Take everything away; ``undo`` brings it back."""
        self.finish()
        if not self.empty:
            self._change(())

    def undo(self):
        """Take the last change back: the stroke being drawn, the last one added, a picture, or the last ``clear``."""
        if self._current:
            self.cancel()
        elif self._past:
            self._done, self.picture = self._past.pop()

    def _change(self, strokes, picture=None):
        self._past.append((self._done, self.picture))
        self._done, self.picture = strokes, picture

    def save(self, path):
        """Write the drawing to a JSON file, whole or not at all, as ``save_drawings`` does with several."""
        from digits_helpers.kept import save_drawings  # here because kept.py needs Drawing

        save_drawings(path, [self])

    @classmethod
    def load(cls, path):
        """Read a file that holds one drawing; ``ValueError`` says what is wrong with any other file."""
        from digits_helpers.kept import load_drawings

        drawings = load_drawings(path)
        if len(drawings) != 1:
            name = os.path.basename(path)
            raise ValueError(f"{name} holds {len(drawings)} drawings, not one: read it with load_drawings.")
        return drawings[0]


def _is_whole(value):
    return isinstance(value, int | np.integer) and not isinstance(value, bool)


def _as_size(size):
    try:
        sides = tuple(size)
    except TypeError:
        sides = ()
    if len(sides) != 2 or not all(_is_whole(side) and side >= 1 for side in sides):
        raise ValueError(f"A size is width and height, two whole numbers of at least 1, not {reprlib.repr(size)}.")
    return int(sides[0]), int(sides[1])  # NumPy's integers are no JSON


def _as_strokes(strokes):
    try:
        return tuple(strokes)
    except TypeError:
        given = type(strokes).__name__
        raise ValueError(f"Strokes are given as a list, not as {given}; for a picture, give an array.") from None


def _as_stroke(points):
    try:
        stroke = np.array(points, dtype=np.float32)
    except (TypeError, ValueError):
        raise ValueError("A stroke is a list of (x, y) points; this one holds something else than numbers.") from None
    if stroke.ndim != 2 or stroke.shape[1] != 2 or len(stroke) == 0:
        raise ValueError(f"A stroke is a list of one or more (x, y) points, not an array of shape {stroke.shape}.")
    if not np.isfinite(stroke).all():
        raise ValueError("A stroke's points must be finite numbers; this one holds NaN or infinity.")
    stroke.setflags(write=False)  # it is handed out, and a drawing changes by its own methods only
    return stroke


def rasterize(strokes, size=SIZE, width=18):
    """Draw strokes with a round brush: white ink on black.

    ``strokes`` is a list of ``(k, 2)`` x, y in pixels, ``size`` the picture's width and height and ``width`` the
    brush's, in pixels. The answer is a ``(height, width)`` uint8 array, 0 for paper to 255 for ink, with smoothed
    edges. A stroke of one point is a dot; points outside are cut off; no strokes give black paper. Raises
    ``ValueError`` for what is no stroke and for a size or width below one pixel.

    >>> int(rasterize([[(140, 40), (140, 240)]])[140, 140])
    255
    """
    paper = Paper(size, width)
    for stroke in _as_strokes(strokes):
        paper.draw(stroke)
    return paper.picture()


class Paper:
    """Where ``rasterize`` draws: more ink can follow, at no more than its own cost, and a picture be taken at any time.

    >>> paper = Paper()
    >>> paper.draw([(140, 40), (140, 240)])
    >>> int(paper.picture()[140, 140])
    255
    """

    def __init__(self, size=SIZE, width=18):
        if min(size) < 1 or width < 1:
            raise ValueError(f"size and width must be at least one pixel, not {size} and {width}.")
        self.size, self.width = size, width
        # Twice as large and then halved: the edge pixels become grey instead of jagged.
        self._twice = Image.new("L", (2 * size[0], 2 * size[1]))
        self._brush = ImageDraw.Draw(self._twice)
        self._low, self._high = np.array(size, float), np.zeros(2)  # of the rectangle that holds all ink

    def draw(self, stroke):
        """Draw a stroke, ``(k, 2)``, or go on with one from its last point; ``ValueError`` if it is no stroke."""
        points = _as_stroke(stroke).astype(float)
        self._low = np.minimum(self._low, points.min(axis=0) - self.width)
        self._high = np.maximum(self._high, points.max(axis=0) + self.width)
        points, radius = 2 * points, self.width
        self._brush.line(points.ravel().tolist(), fill=255, width=max(1, round(2 * self.width)))
        # Round ends and joins; an ellipse's last pixel belongs to it.
        for circle in np.hstack([points - radius, points + (radius - 1)]).tolist():
            self._brush.ellipse(circle, fill=255)

    def picture(self):
        """What is drawn so far, ``(height, width)`` uint8."""
        picture = np.zeros(self.size[::-1], np.uint8)
        left, top = np.clip(np.floor(self._low), 0, self.size).astype(int).tolist()
        right, bottom = np.clip(np.ceil(self._high), 0, self.size).astype(int).tolist()
        if left < right and top < bottom:
            box = (2 * left, 2 * top, 2 * right, 2 * bottom)
            picture[top:bottom, left:right] = np.asarray(self._twice.reduce(2, box))
        return picture
