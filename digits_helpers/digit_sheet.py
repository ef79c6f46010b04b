"""The reader's own twenty digits, two of each: how ``my_digits.json`` keeps them, and how every lesson gets them.

They have places 0 to 19: the digits from 0 to 9, and then from 0 to 9 again. An entry of the file is
``{"place": 14, "size": [280, 280], "label": 4, "strokes": [[[x, y], ...], ...], "older": [...]}``: a drawing as in
``drawing_files``, and the strokes of every version that was replaced, the latest last. Where nothing is drawn any more,
the strokes are an empty list.
"""

import itertools
from typing import NamedTuple

import numpy as np

from digits_helpers.drawing_files import as_drawing, as_entry
from digits_helpers.handwriting import write_style
from digits_helpers.my_file import MY_FILE, change_all, load, parse
from digits_helpers.preprocess import ready, stages_of_ink
from digits_helpers.strokes import SIZE, Drawing
from digits_helpers.styles import STYLES

PLACES = 20
DIGITS = 10
SEED = 0


class MyDigits(NamedTuple):
    """Twenty digits, or as many as the reader has drawn; the four parts are in the same order."""

    drawings: list  # of Drawing
    labels: np.ndarray  # (n,) int64, 0 to 9
    images: np.ndarray  # (n, 28, 28) float32 in [0, 1], prepared as for the network
    drawn: np.ndarray  # (n,) bool: drawn by the reader, and not standing in

    def __repr__(self):
        whose = "of your own" if self.drawn.all() else "written by a program"
        return f"{len(self.labels)} digits {whose}: {' '.join(map(str, self.labels))}"


def my_digits():
    """The digits that you drew in lesson 00: their strokes, labels, and images as the network sees them.

    Returns a ``NamedTuple``: ``drawings`` is a list of ``Drawing``, 280 by 280 pixels, ``labels`` ``(n,)`` int64,
    ``images`` ``(n, 28, 28)`` float32 in [0, 1], prepared like the pad's, and ``drawn`` ``(n,)`` bool. With all twenty
    drawn they run from 0 to 9, and again from 0 to 9.

    They come from ``my_digits.json`` in the current folder. If only some are drawn, you get those, and one printed line
    says how many are missing. If none is, the same twenty digits written by a program stand in, with ``drawn`` False,
    and one printed line says so. Raises ``ValueError`` if the file is damaged, and ``OSError`` if it can't be read.

    >>> mine = my_digits()
    No digits of your own yet: twenty written by a program stand in. The pad in lesson 00 collects yours.
    >>> mine.images.shape, mine.labels[:4], mine.drawn.any()
    ((20, 28, 28), array([0, 1, 2, 3]), np.False_)

    Built in lesson 00.
    """
    drawings = [as_drawing(entry) for entry in checked(load()["digits"]) if entry["strokes"]]
    count = len(drawings)
    if count == 0:
        print("No digits of your own yet: twenty written by a program stand in. The pad in lesson 00 collects yours.")
        drawings = _stand_ins()
    elif count < PLACES:
        print(f"You've drawn {count} of twenty digits, so you see those. The pad in lesson 00 collects the rest.")
    labels = np.array([drawing.label for drawing in drawings])
    images = np.stack([ready(stages_of_ink(drawing.image)) for drawing in drawings])
    return MyDigits(drawings, labels, images, np.full(len(drawings), count > 0))


def _stand_ins():
    """Each digit in its two most common styles, always by the same hand."""
    hand = np.random.default_rng(SEED)
    pairs = [list(itertools.islice(STYLES[digit].values(), 2)) for digit in range(DIGITS)]
    return [
        Drawing(write_style(pairs[label_at(place)][place // DIGITS], hand), label=label_at(place))
        for place in range(PLACES)
    ]


# The entries of the file. These functions return new lists and leave the old ones as they are.


def label_at(place):
    """The digit that belongs at a place."""
    return place % DIGITS


def entry_at(entries, place):
    """The entry at a place, or an empty one."""
    vacant = {"place": place, **as_entry(Drawing(size=SIZE, label=label_at(place))), "older": []}
    return next((entry for entry in entries if entry["place"] == place), vacant)


def drawn_places(entries):
    """The places where something is drawn, as a set."""
    return {entry["place"] for entry in entries if entry["strokes"]}


def as_strokes(drawing):
    """The strokes of a ``Drawing`` as the file keeps them."""
    return as_entry(drawing)["strokes"]


def redrawn(entries, place, strokes, draft=None):
    """Put strokes at a place. What was there becomes an older version, unless it's the ``draft`` of the same drawing.

    >>> entries = redrawn([], 1, [[[140, 40], [140, 240]]])
    >>> entries = redrawn(entries, 1, [[[120, 40], [120, 240]]])
    >>> entries[0]["older"]
    [[[[140, 40], [140, 240]]]]
    """
    entry = entry_at(entries, place)
    older = [version for version in entry["older"] if version != strokes]
    if entry["strokes"] and entry["strokes"] not in (strokes, draft):
        older.append(entry["strokes"])
    return _with(entries, entry | {"strokes": strokes, "older": older})


def brought_back(entries, place):
    """Put the latest older version, if there is one, in its place again; what was there becomes the oldest."""
    entry = entry_at(entries, place)
    if not entry["older"]:
        return entries
    *older, latest = entry["older"]
    return _with(entries, entry | {"strokes": latest, "older": [*filter(None, [entry["strokes"]]), *older]})


def merge(data, name):
    """Add what such a file holds, given as bytes, to ``my_digits.json``; returns a sentence on what has come back.

    Nothing that is there changes: where a digit is drawn already, the file's versions become older ones. ``name`` is
    the file's, for error messages. Raises ``ValueError`` if it's damaged, and otherwise what ``change`` raises.
    """
    theirs = parse(data, name)
    checked(theirs["digits"], name)
    before = {}

    def with_theirs(ours):
        before.update(ours)
        # The latest guess counts, so those that have just been made stay behind the file's.
        guesses = [*(guess for guess in theirs["guesses"] if guess not in ours["guesses"]), *ours["guesses"]]
        digits = checked(ours["digits"])
        for entry in theirs["digits"]:
            digits = _with_versions(digits, entry)
        return ours | {"digits": digits, "guesses": guesses}

    return _what_came(before, change_all(with_theirs))


def _with_versions(entries, theirs):
    ours = entry_at(entries, theirs["place"])
    strokes, older = ours["strokes"] or theirs["strokes"], []
    for version in (*theirs["older"], *ours["older"], theirs["strokes"]):
        if version and version not in (strokes, *older):
            older.append(version)
    return _with(entries, ours | {"strokes": strokes, "older": older})


def _what_came(before, after):
    digits = len(drawn_places(after["digits"])) - len(drawn_places(before["digits"]))
    guesses = len(after["guesses"]) - len(before["guesses"])
    different = sum(
        len(entry["older"]) > len(entry_at(before["digits"], entry["place"])["older"])
        for entry in after["digits"]
        if entry["place"] in drawn_places(before["digits"])
    )
    said = f"Brought back {_count(digits, 'digit')} and {_count(guesses, 'guess', 'guesses')}."
    if different:
        said += f" {_count(different, 'digit')} you had drawn here stayed: “Older version” shows the file's."
    return said


def _count(number, one, many=None):
    return f"{number} {one if number == 1 else many or one + 's'}"


def _with(entries, entry):
    others = [other for other in entries if other["place"] != entry["place"]]
    kept = [entry] if entry["strokes"] or entry["older"] else []
    return sorted(others + kept, key=lambda entry: entry["place"])


def checked(entries, name=MY_FILE):
    """Return the entries if each of them is a digit at a place of its own; otherwise raise ``ValueError``."""
    places = set()
    for number, entry in enumerate(entries, start=1):
        try:
            _check(entry)
            if entry["place"] in places:
                raise ValueError(f"Another digit has the place {entry['place']}, too.")
        except ValueError as error:
            raise ValueError(f"{name}: digit {number}: {error}") from None
        places.add(entry["place"])
    return entries


def _check(entry):
    place, older = entry.get("place"), entry.get("older")
    if type(place) is not int or not 0 <= place < PLACES:  # True is an int to isinstance
        raise ValueError(f"The place must be a whole number from 0 to {PLACES - 1}, not {place!r:.40}.")
    if not isinstance(older, list):
        raise ValueError(f"older must be a list of strokes, not {older!r:.40}.")
    for strokes in (entry.get("strokes"), *older):
        as_drawing({"size": entry.get("size"), "label": entry.get("label"), "strokes": strokes})
    if entry["label"] != label_at(place):
        raise ValueError(f"At place {place} belongs a {label_at(place)}, not {entry['label']!r:.40}.")
