"""A drawing as strokes, and strokes as a grey picture."""

import numbers
import reprlib

import numpy as np
from PIL import Image, ImageDraw

SIZE = (280, 280)  # width and height of a drawing, in pixels
BRUSH = 18  # width of the brush, in pixels
_A_STROKE_IS = "A stroke is a list of one or more (x, y) points, each two finite numbers"


class Drawing:
    """Strokes in the order they were drawn, with an undo that also brings back what ``clear`` removed.

    ``size`` is the canvas's width and height and ``brush`` the brush's width, all in pixels. A stroke is a ``(k, 2)``
    read-only float32 array of x (to the right) and y (down) in those pixels, with k >= 1. ``label`` is the digit that
    the drawing shows, an int from 0 to 9, or ``None``. Anything else raises ``ValueError``.

    A picture can take the place of the strokes: ``picture`` is then ``(h, w)`` uint8, white ink on black.

    ``starts_fresh`` says whether the next stroke that ``start`` begins clears the drawing first: nobody wants to
    scribble over a picture, or over strokes that ``replace`` put there.

    >>> drawing = Drawing(label=1)
    >>> drawing.add([(140, 40), (140, 240)])
    >>> drawing.clear()
    >>> drawing.undo()
    >>> len(drawing.strokes)
    1

    Built in lesson 08.
    """

    def __init__(self, strokes=(), size=SIZE, label=None, brush=BRUSH):
        self.size, self.label, self.brush = _as_size(size), label, brush
        self.picture = None
        self._done = _as_strokes(strokes)
        self.starts_fresh = False
        self._current = []  # the points of the stroke that is being drawn
        self._past = []  # what was there before each change: undo goes back through it

    @property
    def label(self):
        """The digit that the drawing shows, 0 to 9, or ``None`` if it has no label."""
        return self._label

    @label.setter
    def label(self, label):
        if label is not None:
            if not _is_whole(label) or not 0 <= label <= 9:
                raise ValueError(f"A label is a whole number from 0 to 9, or None, not {reprlib.repr(label)}.")
            label = int(label)  # JSON can't store NumPy's integers
        self._label = label

    @property
    def strokes(self):
        """All strokes, including the one being drawn, as a list of ``(k, 2)`` float32 arrays."""
        current = [np.array(self._current, np.float32)] if self._current else []
        return [*self._done, *current]

    @property
    def image(self):
        """The drawing as a picture, uint8, white ink on black: as large as the canvas, or ``picture`` as it is."""
        return rasterize(self.strokes, self.size, self.brush) if self.picture is None else self.picture.copy()

    @property
    def empty(self):
        """Whether there is nothing: no stroke and no picture."""
        return self.picture is None and not self._done and not self._current

    @property
    def drawing_now(self):
        """Whether a stroke is being drawn."""
        return bool(self._current)

    @property
    def last_point(self):
        """The latest point of the stroke being drawn, ``(x, y)``."""
        return self._current[-1]

    def start(self, x, y):
        """Begin a stroke, after finishing an open one and, where the drawing ``starts_fresh``, clearing the rest."""
        self.finish()
        self._change(() if self.starts_fresh else self._done)
        self._current = [(x, y)]

    def extend(self, x, y):
        """Continue the open stroke. Without one nothing happens: the pen is up."""
        if self._current:
            self._current.append((x, y))

    def finish(self):
        """End the open stroke and keep it."""
        if self._current:
            points, self._current = self._current, []
            self._done = (*self._done, as_stroke(points))  # no change of its own: it began with ``start``

    def cancel(self):
        """Drop the open stroke, and bring back what it had cleared."""
        if self._current:
            self.undo()

    def add(self, *strokes):
        """Add whole strokes, each ``(k, 2)`` x and y in pixels, as one change; anything else raises ``ValueError``."""
        strokes = [as_stroke(stroke) for stroke in strokes]
        self.finish()
        self._change((*self._done, *strokes))

    def replace(self, strokes, one_by_one=False):
        """Put these strokes in place of the drawing, as one change, or ``one_by_one`` as if a hand had drawn them."""
        strokes = _as_strokes(strokes)  # refuses bad strokes before anything is removed
        self.finish()
        for count in range(1, len(strokes)) if one_by_one else ():
            self._change(strokes[:count])
        if strokes or not self.empty:  # clearing an empty drawing is no change
            self._change(strokes, starts_fresh=bool(strokes))

    def show(self, picture):
        """Put a picture, ``(h, w)`` uint8, white ink on black, in place of the strokes; ``undo`` brings them back."""
        self.finish()
        self._change((), picture, starts_fresh=True)

    def clear(self):
        """Remove everything; ``undo`` brings it back."""
        self.replace(())

    def undo(self):
        """Take back the last change: a stroke, open or finished, strokes or a picture put there, or ``clear``.

        What the change had cleared is there again.
        """
        self._current = []
        if self._past:
            self._done, self.picture, self.starts_fresh = self._past.pop()

    def _change(self, strokes, picture=None, starts_fresh=False):
        self._past.append((self._done, self.picture, self.starts_fresh))
        self._done, self.picture, self.starts_fresh = strokes, picture, starts_fresh


def rasterize(strokes, size=SIZE, width=BRUSH):
    """Draw strokes with a round brush: white ink on black.

    ``strokes`` is a list of ``(k, 2)`` x, y in pixels, ``size`` the picture's width and height and ``width`` the
    brush's width, in pixels. Returns ``(height, width)`` uint8, 0 for paper to 255 for ink, with smooth edges. A stroke
    of one point is a dot; whatever lies outside is cut off; without strokes the paper is black. Anything that isn't a
    stroke raises ``ValueError``, and so does a size or width below one pixel.

    >>> int(rasterize([[(140, 40), (140, 240)]])[140, 140])
    255

    Built in lesson 08.
    """
    if min(size) < 1 or width < 1:
        raise ValueError(f"size and width must be at least one pixel, not {size} and {width}.")
    # Twice as large and then halved: pixels on the edge become grey, and the line looks smooth.
    twice = Image.new("L", (2 * size[0], 2 * size[1]))
    brush, radius = ImageDraw.Draw(twice), width
    for stroke in _as_strokes(strokes):
        points = 2 * stroke.astype(float)
        brush.line(points.ravel().tolist(), fill=255, width=max(1, round(2 * width)))
        # Round ends and joins; an ellipse includes its last pixel.
        for circle in np.hstack([points - radius, points + (radius - 1)]).tolist():
            brush.ellipse(circle, fill=255)
    return np.array(twice.reduce(2))


def as_stroke(points):
    """Check that ``points`` is one stroke, and return it as a read-only ``(k, 2)`` float32 array.

    Anything but a list or array of one or more (x, y) points, each two finite numbers, raises ``ValueError``.

    >>> as_stroke([(1, 2), (3.5, 4)]).shape
    (2, 2)

    Built in lesson 08.
    """
    try:
        # As objects, numbers keep their types: NumPy would otherwise turn True into 1 and "2" into 2.
        table = points if isinstance(points, np.ndarray) else np.array(points, dtype=object)
    except ValueError:
        raise ValueError(f"{_A_STROKE_IS}; these points are arrays of different shapes.") from None
    if table.ndim != 2 or table.shape[1] != 2 or len(table) == 0:
        given = f"an array of shape {table.shape}" if table is points else reprlib.repr(points)
        raise ValueError(f"{_A_STROKE_IS}, not {given}.")
    kinds = set(map(type, table.flat)) if table.dtype == object else {table.dtype.type}
    if not all(issubclass(kind, numbers.Real) and kind is not bool for kind in kinds):
        raise ValueError(f"{_A_STROKE_IS}; this one contains something other than numbers.")
    stroke = _as_float32(table)
    if not np.isfinite(stroke).all():
        raise ValueError(f"{_A_STROKE_IS}; this one contains NaN, infinity, or a number that is too large.")
    stroke.setflags(write=False)  # it is handed out, and only a drawing's own methods may change it
    return stroke


def _as_float32(table):
    try:
        with np.errstate(over="ignore"):  # numbers that are too large become infinite
            return table.astype(np.float32)
    except OverflowError:  # a Python integer of hundreds of digits
        return np.full(table.shape, np.inf, np.float32)


def _as_strokes(strokes):
    try:
        strokes = tuple(strokes)
    except TypeError:
        given = type(strokes).__name__
        raise ValueError(f"Expected a list of strokes, not {given}. For a picture, pass an array.") from None
    checked = []
    for number, stroke in enumerate(strokes, start=1):
        try:
            checked.append(as_stroke(stroke))
        except ValueError as error:
            raise ValueError(f"stroke {number}: {error}") from None
    return tuple(checked)


def _is_whole(value):
    return isinstance(value, int | np.integer) and not isinstance(value, bool)


def _as_size(size):
    try:
        sides = tuple(size)
    except TypeError:
        sides = ()
    if len(sides) != 2 or not all(_is_whole(side) and side >= 1 for side in sides):
        raise ValueError(f"A size is width and height, two whole numbers of at least 1, not {reprlib.repr(size)}.")
    return int(sides[0]), int(sides[1])  # JSON can't store NumPy's integers
