"""Read labelled drawings from the three kinds of files that they come in."""

import re
from pathlib import Path

import numpy as np

import digits_helpers as dh


def read_strokes(path):
    """All labelled drawings of a file, as a list of ``(strokes, label)``.

    ``strokes`` is a list of ``(k, 2)`` float32 x (right) and y (down) in the file's own units; ``label`` is 0 to 9.
    The ending says what the file is: .npz (see ``read_npz``), .json (what the pad saves), anything else UNIPEN text.
    """
    readers = {".npz": read_npz, ".json": read_json}
    drawings = readers.get(Path(path).suffix.lower(), read_unipen)(path)
    if not drawings:
        raise ValueError(f"{Path(path).name} holds no labelled drawing.")
    return drawings


def read_npz(path):
    """Ragged arrays: points (N, 2), stroke_lengths (points a stroke), strokes_per_digit, and labels."""
    with np.load(path, allow_pickle=False) as file:
        missing = {"points", "stroke_lengths", "strokes_per_digit", "labels"} - set(file.files)
        if missing:
            raise ValueError(f"{Path(path).name} lacks {', '.join(sorted(missing))}.")
        strokes = np.split(file["points"], np.cumsum(file["stroke_lengths"])[:-1])
        ends = np.cumsum(file["strokes_per_digit"])
        labels = file["labels"]
    starts = np.r_[0, ends[:-1]]
    return [(strokes[start:end], int(label)) for start, end, label in zip(starts, ends, labels, strict=True)]


def read_json(path):
    """The pad's own files; what has no label is left out."""
    return [(drawing.strokes, drawing.label) for drawing in dh.load_drawings(path) if drawing.label is not None]


def read_unipen(path):
    """UNIPEN text in which each .SEGMENT line names a digit and the pen's strokes follow it, as in the UCI pen digits.

    Points are lines of x and y between .PEN_DOWN and the next line that begins with a dot; y grows upwards there.
    Raises ``ValueError`` with the line's number for anything else.
    """
    drawings, stroke = [], None
    for number, line in enumerate(Path(path).read_text(encoding="latin-1").splitlines(), start=1):
        where = f"{Path(path).name}, line {number}"
        words = line.split()
        if not words:
            continue
        if words[0] == ".SEGMENT":
            label = re.search(r'"([0-9])"\s*$', line)
            if label is None:
                raise ValueError(f'{where}: .SEGMENT must end in a digit such as "7".')
            drawings.append(([], int(label[1])))
        if words[0] == ".PEN_DOWN":
            if not drawings:
                raise ValueError(f"{where}: .PEN_DOWN before the first .SEGMENT, so nobody knows what digit it is.")
            stroke = []
            drawings[-1][0].append(stroke)
        elif words[0].startswith("."):
            stroke = None  # the pen is up, or something else is told; points in the air are not drawn
        elif stroke is not None:
            try:
                x, y = map(float, words[:2])
            except ValueError:
                raise ValueError(f"{where}: expected x and y of a point, not {line.strip()!r}.") from None
            stroke.append((x, -y))
    return [([np.array(stroke, np.float32) for stroke in strokes if stroke], label) for strokes, label in drawings]
