"""Read labelled drawings from the three kinds of files that they come in."""

import math
import re
import zipfile
from pathlib import Path

import numpy as np

import digits_helpers as dh


def read_strokes(path):
    """All labelled drawings of a file, as a list of ``(strokes, label)``.

    ``strokes`` is a list of ``(k, 2)`` float32 x (right) and y (down) in the file's own units, with k >= 1; ``label``
    is 0 to 9. The ending says what the file is: .npz (see ``read_npz``), .json (what the pad saves), anything else
    UNIPEN text. A line is printed when drawings are left out: those without a digit as their label or without ink.
    Raises ``ValueError`` when the file is of another kind, or when nothing is left.
    """
    readers = {".npz": read_npz, ".json": read_json}
    name = Path(path).name
    found = readers.get(Path(path).suffix.lower(), read_unipen)(path)
    inked = [([stroke for stroke in strokes if len(stroke)], label) for strokes, label in found]
    drawings = [(strokes, label) for strokes, label in inked if strokes and label is not None]
    if not drawings:
        raise ValueError(f"{name} holds no labelled drawing.")
    if len(drawings) < len(found):
        print(f"{name}: {len(found) - len(drawings):,} of {len(found):,} left out, without a digit as label or ink.")
    return drawings


# Each reader gives (strokes, label) for all that the file holds; the label is None where it is no digit.


def read_npz(path):
    """Ragged arrays: points (N, 2), stroke_lengths (points a stroke), strokes_per_digit, and labels."""
    name = Path(path).name
    try:
        with np.load(path, allow_pickle=False) as file:
            arrays = dict(file)
    except (ValueError, TypeError, EOFError, zipfile.BadZipFile):  # TypeError: it was a single array
        raise ValueError(f"{name} is no .npz file, or a broken one.") from None
    missing = {"points", "stroke_lengths", "strokes_per_digit", "labels"} - set(arrays)
    if missing:
        raise ValueError(f"{name} lacks {', '.join(sorted(missing))}.")
    points, labels = arrays["points"].astype(np.float32), arrays["labels"]
    in_stroke, in_digit = arrays["stroke_lengths"], arrays["strokes_per_digit"]
    counted = (in_stroke.sum(), 2), in_digit.sum(), len(labels)
    if counted != (points.shape, len(in_stroke), len(in_digit)):
        raise ValueError(f"{name}: points, stroke_lengths, strokes_per_digit and labels don't add up.")
    strokes, ends = np.split(points, np.cumsum(in_stroke)[:-1]), np.cumsum(in_digit)
    digits = [int(label) if label in range(10) else None for label in labels]
    return [(strokes[end - n : end], digit) for end, n, digit in zip(ends, in_digit, digits, strict=True)]


def read_json(path):
    """The pad's own files."""
    return [(drawing.strokes, drawing.label) for drawing in dh.load_drawings(path)]


def read_unipen(path):
    """UNIPEN text, as the UCI pen digits come: every .SEGMENT line that names a digit says which strokes show it.

    Points are lines of x and y, and y grows upwards there. Those after .PEN_DOWN are a stroke, up to the next line that
    begins with a dot; those after .PEN_UP were made in the air and are not drawn. Raises ``ValueError`` with the line's
    number for what can't be read.
    """
    name, data = Path(path).name, Path(path).read_bytes()
    if data.startswith((b"\x1f\x9d", b"\x1f\x8b")):
        raise ValueError(f"{name} is compressed; unpack it first, with gzip -d.")
    segments, components, points = [], [], None
    for number, line in enumerate(data.decode("latin-1").split("\n"), start=1):
        where, words = f"{name}, line {number}", line.split()
        if not words:
            continue
        keyword = words[0]
        if not keyword.startswith("."):
            if points is not None:  # else it goes on with what a keyword says
                points.append(_point(words, where))
            continue
        points = None
        if keyword in (".PEN_DOWN", ".PEN_UP"):
            points = []
            components.append((keyword == ".PEN_DOWN", points))
        elif keyword == ".SEGMENT":
            segments.append((*_segment(line.strip(), where), where))
        elif keyword == ".COORD" and words[1:3] != ["X", "Y"]:
            raise ValueError(f"{where}: points must begin with x and y, so .COORD with X Y.")
    # Components are numbered as they come, those in the air as well; a lift of which nothing is recorded is none.
    components = [(down, points) for down, points in components if down or points]
    return [
        (_strokes(named, components, where) if label is not None else [], label) for named, label, where in segments
    ]


# .SEGMENT, its level (DIGIT, CHARACTER, WORD …), the components that show it, a quality such as ?, and a label.
SEGMENT = re.compile(r'\.SEGMENT\s+\S+\s+([\d:,-]+)(?:\s+[^"\s]+)?(?:\s+"(.*)")?')
# Component 3; all of 3 to 5; from point 2 of component 3 to point 7 of component 5: 3, 3-5, 3:2-5:7.
PART = re.compile(r"(\d+)(?::(\d+))?(?:-(\d+)(?::(\d+))?)?")


def _point(words, where):
    try:
        x, y = map(float, words[:2])  # time and pressure may follow
    except ValueError:
        x = y = math.nan
    if not (math.isfinite(x) and math.isfinite(y)):
        raise ValueError(f"{where}: expected x and y of a point, not {' '.join(words)!r}.")
    return x, -y


def _segment(line, where):
    """The names of a segment's components, such as ``"0-2"``, and its label as a digit or ``None``."""
    match = SEGMENT.fullmatch(line)
    if match is None:
        raise ValueError(f'{where}: expected a segment such as .SEGMENT DIGIT 0-2 ? "5", not {line!r}.')
    named, label = match.groups()
    return named, int(label) if label in list("0123456789") else None


def _strokes(named, components, where):
    """The strokes that ``named`` means, such as ``"0-2"``, ``"0,2"`` or ``"0:1-1:5"``."""
    strokes = []
    for part in named.split(","):
        match = PART.fullmatch(part)
        if match is None:
            raise ValueError(f"{where}: expected components such as 0, 0-2, 0,2 or 0:1-1:5, not {named!r}.")
        first, begin, last, end = (number and int(number) for number in match.groups())
        last = first if last is None else last
        if not first <= last < len(components):
            raise ValueError(f"{where}: there is no component {part}; the file has {len(components)}, from 0 on.")
        for number in range(first, last + 1):
            pen_down, points = components[number]
            start = begin if number == first else None
            stop = end + 1 if number == last and end is not None else None
            if pen_down:
                strokes.append(np.array(points[start:stop], np.float32))
    return strokes
