"""Drawings kept in a JSON file: written whole or not at all, and checked when they are read.

The file holds ``{"version": 1, "drawings": [...]}``, and each drawing in it is
``{"size": [280, 280], "label": 7, "strokes": [[[x, y], ...], ...]}``; the label is ``null`` where nobody gave one.
"""

import contextlib
import errno
import json
import os
import reprlib
import uuid
from pathlib import Path

from digits_helpers.strokes import Drawing

VERSION = 1
# No drawing comes near these limits. They stop a wrong or hostile file before it fills the memory.
MAX_MEGABYTES = 50
MAX_POINTS = 100_000  # in one drawing
MAX_SIDE = 10_000  # pixels
MAX_COORDINATE = 100_000  # pixels: a pen may leave the canvas, but not that far


def save_drawings(path, drawings):
    """Write ``Drawing`` objects, in their order, to a JSON file, whole or not at all: a failure leaves the old file.

    Coordinates are rounded to 0.01 pixels. Raises ``ValueError`` for a drawing that ``load_drawings`` would refuse, and
    for one that shows a picture in place of strokes; ``OSError`` when the file cannot be written.

    >>> import tempfile
    >>> seven = Drawing([[(60, 60), (220, 60), (120, 230)]], label=7)
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     save_drawings(f"{folder}/mine.json", [seven, Drawing()])
    ...     [drawing.label for drawing in load_drawings(f"{folder}/mine.json")]
    [7, None]
    """
    path = Path(path)
    content = {"version": VERSION, "drawings": [_as_entry(drawing) for drawing in drawings]}
    data = json.dumps(content, separators=(",", ":")).encode()
    _parse(data, path.name)  # what could not be read again must not take the old file's place
    _write(path, data)


def load_drawings(path):
    """Read the file that ``save_drawings`` wrote, as a list of ``Drawing`` objects.

    Any other file raises ``ValueError``, which says what is wrong and where; drawings and strokes count from 1. Raises
    ``FileNotFoundError`` when there is no file, and another ``OSError`` when it cannot be read.

    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = Path(folder, "other.json")
    ...     _ = path.write_text('{"version": 1, "drawings": [{"size": [280, 280], "label": 12, "strokes": []}]}')
    ...     load_drawings(path)
    Traceback (most recent call last):
    ValueError: other.json: drawing 1: A label is a whole number from 0 to 9, or None, not 12.
    """
    path = Path(path)
    return _parse(_read(path), path.name)


def _as_entry(drawing):
    if drawing.picture is not None:
        raise ValueError("A picture can't be kept, only strokes.")
    # NumPy rounds, so that what is read equals stroke.round(2); Python's round then drops float32's tail of digits.
    strokes = [[[round(x, 2), round(y, 2)] for x, y in stroke.round(2).tolist()] for stroke in drawing.strokes]
    return {"size": drawing.size, "label": drawing.label, "strokes": strokes}


# The file itself


def _write(path, data):
    _refuse_folder(path)
    # Written beside its place and then moved there: a full disk or a crash leaves the old file as it was.
    part = path.with_name(f".{uuid.uuid4().hex}.part")
    try:
        with open(part, "xb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())  # on the disk before it replaces anything
        os.replace(part, path)
    except OSError as error:
        raise OSError(error.errno, f"{path} was not written: {error.strerror or error}") from error
    finally:
        with contextlib.suppress(OSError):  # it is gone when all went well
            part.unlink()


def _read(path):
    _refuse_folder(path)
    try:
        with open(path, "rb") as file:
            return file.read(MAX_MEGABYTES * 1_000_000 + 1)  # one byte over the limit is enough to see that it is over
    except OSError as error:
        raise OSError(error.errno, f"{path} cannot be read: {error.strerror or error}") from error


def _refuse_folder(path):
    if path.is_dir():  # said here because Windows would only speak of missing permission
        raise IsADirectoryError(errno.EISDIR, f"{path} is a folder; name a file in it")


# What is in it


@contextlib.contextmanager
def _at(place):
    """Put the place before the message of a ``ValueError``."""
    try:
        yield
    except ValueError as error:
        raise ValueError(f"{place}: {error}") from None


def _parse(data, name):
    with _at(name):
        drawings = []
        for number, entry in enumerate(_entries(data), start=1):
            with _at(f"drawing {number}"):
                drawings.append(_as_drawing(entry))
        return drawings


def _entries(data):
    if len(data) > MAX_MEGABYTES * 1_000_000:
        raise ValueError(f"The file is too large; at most {MAX_MEGABYTES} MB of drawings are read.")
    try:
        content = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise ValueError(f"This is no JSON file ({error}).") from None
    if not isinstance(content, dict):
        raise ValueError(f"The file must hold an object with version and drawings, not {reprlib.repr(content)}.")
    _check_version(content)
    if "drawings" not in content:
        raise ValueError("The list of drawings is missing.")
    if not isinstance(content["drawings"], list):
        raise ValueError(f"drawings must be a list, not {reprlib.repr(content['drawings'])}.")
    return content["drawings"]


def _check_version(content):
    if "version" not in content:
        raise ValueError("The version is missing: this is no file of drawings.")
    version = content["version"]
    if type(version) is not int or version < 1:  # True is an int to isinstance
        raise ValueError(f"The version must be {VERSION}, not {reprlib.repr(version)}.")
    if version > VERSION:
        raise ValueError(
            f"The file was written by a newer version of this package (format {reprlib.repr(version)}; "
            f"this one reads {VERSION}). Update the package."
        )


def _as_drawing(entry):
    if not isinstance(entry, dict):
        raise ValueError(f"A drawing is an object with size, label and strokes, not {reprlib.repr(entry)}.")
    for key in ("size", "label", "strokes"):
        if key not in entry:
            raise ValueError(f"{key} is missing.")
    _check_size(entry["size"])
    _check_strokes(entry["strokes"])
    return Drawing(entry["strokes"], entry["size"], label=entry["label"])


def _check_size(size):
    if not (isinstance(size, list) and len(size) == 2 and all(type(n) is int and 1 <= n <= MAX_SIDE for n in size)):
        raise ValueError(
            f"size must be width and height, two whole numbers from 1 to {MAX_SIDE:,}, not {reprlib.repr(size)}."
        )


def _check_strokes(strokes):
    if not isinstance(strokes, list):
        raise ValueError(f"strokes must be a list, not {reprlib.repr(strokes)}.")
    for number, stroke in enumerate(strokes, start=1):
        with _at(f"stroke {number}"):
            _check_stroke(stroke)
    points = sum(len(stroke) for stroke in strokes)
    if points > MAX_POINTS:
        raise ValueError(f"It has too many points: {points:,}; at most {MAX_POINTS:,} are read.")


def _check_stroke(stroke):
    if not isinstance(stroke, list) or not stroke:
        raise ValueError(f"A stroke is a list of one or more [x, y] points, not {reprlib.repr(stroke)}.")
    for point in stroke:
        if not (isinstance(point, list) and len(point) == 2 and all(_is_coordinate(n) for n in point)):
            raise ValueError(
                f"A point is [x, y], two finite numbers from -{MAX_COORDINATE:,} to {MAX_COORDINATE:,}, "
                f"not {reprlib.repr(point)}."
            )


def _is_coordinate(value):
    return type(value) in (int, float) and abs(value) <= MAX_COORDINATE  # NaN is not <= anything


def add_drawings(path, drawings):
    there = load_drawings(path) if Path(path).exists() else []
    save_drawings(path, there + without(drawings, there))


def remove_drawings(path, drawings):
    there = load_drawings(path)
    left = without(there, drawings)
    if len(left) < len(there):
        save_drawings(path, left)
    return len(left) < len(there)


def without(drawings, known):
    contents = [_content(drawing) for drawing in known]
    return [drawing for drawing in drawings if _content(drawing) not in contents]


def _content(drawing):
    return drawing.label, [stroke.round(2).tolist() for stroke in drawing.strokes]


def check_file_name(name):
    return name
