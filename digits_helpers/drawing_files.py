"""Drawings in a JSON file: checked when they are read, and written completely or not at all.

The file holds ``{"version": 1, "drawings": [...]}``, and each drawing in it is
``{"size": [280, 280], "label": 7, "strokes": [[[x, y], ...], ...]}``; the label is ``null`` if the drawing has none.
"""

import contextlib
import json
import reprlib
from pathlib import Path

import numpy as np

from digits_helpers.safe_files import MAX_MEGABYTES, locked, read_file, write_file
from digits_helpers.strokes import Drawing

VERSION = 1
# Real drawings stay far below these limits. They stop a wrong or hostile file before it fills the memory.
MAX_POINTS = 100_000  # in one drawing
MAX_SIDE = 10_000  # pixels
MAX_COORDINATE = 100_000  # pixels: a pen may leave the canvas, but not that far

MAX_NAME = 60  # characters; even at four bytes each, the longest name of a lock stays below the usual 255 bytes


def save_drawings(path, drawings):
    """Write ``Drawing`` objects, in this order, to a JSON file. If that fails, an existing file stays as it was.

    Coordinates are rounded to 0.01 pixels. A drawing that ``load_drawings`` would refuse, and one that shows a picture
    instead of strokes, raises ``ValueError``, and so does more than 5 MB in all. Raises ``OSError`` if the file can't
    be written.

    >>> import tempfile
    >>> seven = Drawing([[(60, 60), (220, 60), (120, 230)]], label=7)
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     save_drawings(f"{folder}/mine.json", [seven, Drawing()])
    ...     [drawing.label for drawing in load_drawings(f"{folder}/mine.json")]
    [7, None]

    Built in lesson 08.
    """
    path = Path(path)
    with _at(path.name):
        content = {"version": VERSION, "drawings": _each(_checked_entry, drawings)}
        data = json.dumps(content, separators=(",", ":")).encode()
        _refuse_too_large(data)
    write_file(path, data)


def load_drawings(path):
    """Read a file that ``save_drawings`` wrote, and return a list of ``Drawing`` objects.

    Any other file raises ``ValueError`` with a message that says what is wrong and where; drawings and strokes count
    from 1. Files of more than 5 MB, drawings of more than 100,000 points or larger than 10,000 by 10,000 pixels, and
    coordinates beyond ±100,000 are refused as well. Raises ``FileNotFoundError`` if there is no file, and another
    ``OSError`` if it can't be read.

    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = Path(folder, "other.json")
    ...     _ = path.write_text('{"version": 1, "drawings": [{"size": [280, 280], "label": 12, "strokes": []}]}')
    ...     load_drawings(path)
    Traceback (most recent call last):
    ValueError: other.json: drawing 1: A label is a whole number from 0 to 9, or None, not 12.

    Built in lesson 08.
    """
    path = Path(path)
    data = read_file(path)
    with _at(path.name):
        return _each(as_drawing, _entries(data))


def add_drawings(path, drawings):
    """Add those drawings to the file that it doesn't hold yet. A missing file is created.

    Processes that add to or remove from the same file at the same time wait for each other; waiting longer than
    10 seconds raises ``TimeoutError``. Other errors are those of ``load_drawings`` and ``save_drawings``.

    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     for label in (7, 8, 7):
    ...         add_drawings(f"{folder}/mine.json", [Drawing([[(60, 60), (220, 60)]], label=label)])
    ...     [drawing.label for drawing in load_drawings(f"{folder}/mine.json")]
    [7, 8]

    Built in lesson 08.
    """
    path = Path(path)
    with locked(path):
        there = load_drawings(path) if path.exists() else []
        save_drawings(path, [*there, *without(drawings, there)])


def remove_drawings(path, drawings):
    """Remove these drawings from the file, and return whether it held any of them. Errors are as in ``add_drawings``.

    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     save_drawings(f"{folder}/mine.json", [Drawing(label=7)])
    ...     remove_drawings(f"{folder}/mine.json", [Drawing(label=7)])
    True

    Built in lesson 08.
    """
    path = Path(path)
    with locked(path):
        there = load_drawings(path)
        left = without(there, drawings)
        if len(left) == len(there):
            return False
        save_drawings(path, left)
        return True


def without(drawings, known):
    """Return a list of those ``drawings`` that are not among ``known``.

    Two drawings are the same if a file would hold the same for both: size, label and strokes, rounded to 0.01 pixels.
    One that shows a picture raises ``ValueError``.

    >>> [drawing.label for drawing in without([Drawing(label=1), Drawing(label=2)], known=[Drawing(label=1)])]
    [2]

    Built in lesson 08.
    """
    texts = {json.dumps(as_entry(drawing)) for drawing in known}
    return [drawing for drawing in drawings if json.dumps(as_entry(drawing)) not in texts]


def check_file_name(name):
    """Return the name that somebody typed, without spaces around it, if it names a JSON file in the current folder.

    Whoever opens the pad's web page can type a name, so anything else raises ``ValueError``: a folder or drive, a
    hidden file, a character that some system doesn't allow in names, another ending, or more than 60 characters.

    >>> check_file_name(" my-digits.json ")
    'my-digits.json'
    >>> check_file_name("../secret.json")
    Traceback (most recent call last):
    ValueError: Type a short file name such as my-digits.json: no folder, no special characters, .json at the end.

    Built in lesson 08.
    """
    name = name.strip()
    is_plain = name.isprintable() and not set(name) & set('/\\:*?"<>|') and not name.startswith(".")
    if not is_plain or not name.endswith(".json") or len(name) > MAX_NAME:
        raise ValueError(
            "Type a short file name such as my-digits.json: no folder, no special characters, .json at the end."
        )
    return name


# What is in the file


@contextlib.contextmanager
def _at(place):
    """Put the place before the message of a ``ValueError``."""
    try:
        yield
    except ValueError as error:
        raise ValueError(f"{place}: {error}") from None


def _each(convert, drawings):
    converted = []
    for number, drawing in enumerate(drawings, start=1):
        with _at(f"drawing {number}"):
            converted.append(convert(drawing))
    return converted


def as_entry(drawing):
    """A drawing as the file holds it, a dictionary. One that shows a picture raises ``ValueError``."""
    if drawing.picture is not None:
        raise ValueError("A picture can't be kept, only strokes.")
    # NumPy rounds, so that what is read equals stroke.round(2); Python's round then drops float32's tail of digits.
    strokes = [[[round(x, 2), round(y, 2)] for x, y in stroke.round(2).tolist()] for stroke in drawing.strokes]
    return {"size": drawing.size, "label": drawing.label, "strokes": strokes}


def _checked_entry(drawing):
    entry = as_entry(drawing)
    as_drawing(entry)  # what could not be read again must not take the old file's place
    return entry


def _refuse_too_large(data):
    if len(data) > MAX_MEGABYTES * 1_000_000:
        raise ValueError(f"A file holds at most {MAX_MEGABYTES} MB of drawings, and this is more. Use several files.")


def _entries(data):
    _refuse_too_large(data)
    try:
        content = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise ValueError(f"This isn't a JSON file ({error}).") from None
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
        raise ValueError("The version is missing, so this isn't a file of drawings.")
    version = content["version"]
    if type(version) is not int or version < 1:  # True is an int to isinstance
        raise ValueError(f"The version must be {VERSION}, not {reprlib.repr(version)}.")
    if version > VERSION:
        raise ValueError(
            f"The file was written by a newer version of this package (format {reprlib.repr(version)}; "
            f"this one reads {VERSION}). Update the package."
        )


def as_drawing(entry):
    """The ``Drawing`` in an entry of the file; a wrong or unreasonably large one raises ``ValueError``."""
    if not isinstance(entry, dict):
        raise ValueError(f"A drawing is an object with size, label and strokes, not {reprlib.repr(entry)}.")
    for key in ("size", "label", "strokes"):
        if key not in entry:
            raise ValueError(f"{key} is missing.")
    if not isinstance(entry["strokes"], list):
        raise ValueError(f"strokes must be a list, not {reprlib.repr(entry['strokes'])}.")
    drawing = Drawing(entry["strokes"], entry["size"], entry["label"])
    _check_limits(drawing)
    return drawing


def _check_limits(drawing):
    if max(drawing.size) > MAX_SIDE:
        raise ValueError(f"A drawing is at most {MAX_SIDE:,} pixels wide and high, not {reprlib.repr(drawing.size)}.")
    strokes = drawing.strokes
    points = sum(map(len, strokes))
    if points > MAX_POINTS:
        raise ValueError(f"A drawing has at most {MAX_POINTS:,} points, and this one has {points:,}.")
    if strokes and _reach(np.concatenate(strokes)) > MAX_COORDINATE:  # at once: a drawing may have many short strokes
        number = next(number for number, stroke in enumerate(strokes, start=1) if _reach(stroke) > MAX_COORDINATE)
        raise ValueError(f"stroke {number}: Coordinates must lie between -{MAX_COORDINATE:,} and {MAX_COORDINATE:,}.")


def _reach(points):
    return np.abs(points).max()
