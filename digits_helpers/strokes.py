"""A drawing as strokes, and strokes as a grey picture."""

import json
import os
import tempfile
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw

SIZE = (280, 280)  # width and height of a drawing, in pixels
FILE_VERSION = 1


class Drawing:
    """Strokes in the order they were made, with an undo that also brings back what ``clear`` took away.

    ``size`` is the canvas's width and height in pixels. A stroke is a ``(k, 2)`` float32 array of x (to the right) and
    y (down) in those pixels, with k >= 1.

    >>> drawing = Drawing()
    >>> drawing.add([(140, 40), (140, 240)])
    >>> drawing.clear()
    >>> drawing.undo()
    >>> len(drawing.strokes)
    1
    """

    def __init__(self, strokes=(), size=SIZE):
        self.size = tuple(size)
        self._done = tuple(_as_stroke(stroke) for stroke in strokes)
        self._current = []  # the points of the stroke that is being drawn
        self._past = []  # what _done was before each change: undo goes back through it

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

    def clear(self):
        """Take all strokes away; ``undo`` brings them back."""
        self.finish()
        if self._done:
            self._change(())

    def undo(self):
        """Take the last change back: the stroke being drawn, the last one added, or the last ``clear``."""
        if self._current:
            self.cancel()
        elif self._past:
            self._done = self._past.pop()

    def _change(self, strokes):
        self._past.append(self._done)
        self._done = strokes

    def save(self, path):
        """Write the strokes to a JSON file, whole or not at all."""
        content = {"version": FILE_VERSION, "size": self.size, "strokes": [s.tolist() for s in self.strokes]}
        path = Path(path)
        # Written beside its place and then moved there: a full disk or a crash leaves the old file as it was.
        with tempfile.NamedTemporaryFile("w", dir=path.parent, suffix=".part", delete=False, encoding="utf-8") as part:
            try:
                json.dump(content, part)
                part.close()
                os.replace(part.name, path)
            except BaseException:
                part.close()
                os.unlink(part.name)
                raise

    @classmethod
    def load(cls, path):
        """Read a drawing that ``save`` wrote; ``ValueError`` says what is wrong with any other file."""
        try:
            content = json.loads(Path(path).read_text(encoding="utf-8"))
        except ValueError as error:
            raise ValueError(f"{Path(path).name} is not a drawing: it is no JSON file ({error}).") from None
        if not isinstance(content, dict) or not {"version", "size", "strokes"} <= content.keys():
            raise ValueError(f"{Path(path).name} is not a drawing: it needs version, size and strokes.")
        if content["version"] != FILE_VERSION:
            raise ValueError(f"{Path(path).name} has version {content['version']}; this package reads {FILE_VERSION}.")
        return cls(content["strokes"], content["size"])


def _as_stroke(points):
    try:
        stroke = np.array(points, dtype=np.float32)
    except (TypeError, ValueError):
        raise ValueError("A stroke is a list of (x, y) points; this one holds something else than numbers.") from None
    if stroke.ndim != 2 or stroke.shape[1] != 2 or len(stroke) == 0:
        raise ValueError(f"A stroke is a list of one or more (x, y) points, not an array of shape {stroke.shape}.")
    if not np.isfinite(stroke).all():
        raise ValueError("A stroke's points must be finite numbers; this one holds NaN or infinity.")
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
    if min(size) < 1 or width < 1:
        raise ValueError(f"size and width must be at least one pixel, not {size} and {width}.")
    # Twice as large and then halved: the edge pixels become grey instead of jagged.
    paper = Image.new("L", (2 * size[0], 2 * size[1]))
    brush = ImageDraw.Draw(paper)
    for stroke in strokes:
        points = [(2 * x, 2 * y) for x, y in _as_stroke(stroke).tolist()]
        brush.line(points, fill=255, width=max(1, round(2 * width)))
        for x, y in points:  # round ends and joins
            brush.ellipse((x - width, y - width, x + width - 1, y + width - 1), fill=255)  # ends are inclusive
    return np.asarray(paper.reduce(2))
