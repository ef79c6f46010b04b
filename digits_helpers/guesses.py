"""Your guesses: kept in ``my_digits.json`` beside the notebooks, and counted.

A question's own words identify it, so a guess is still there after a restart, or in another notebook. An entry of the
file is ``{"question": "…", "low": 6, "high": 9, "truth": 7, "earlier": []}`` for a range, and for a choice it has
``"choice": "both"`` in place of low and high. ``truth`` is ``null`` until it's revealed, and ``earlier`` holds the
guesses that were replaced.
"""

from typing import NamedTuple

from digits_helpers.my_file import change, load

CONFIDENCE = 80  # percent: how sure readers should be that the truth lies in their range

_unsaved = {}  # entries that couldn't be written, by question: they count until the kernel stops


class MyGuess(NamedTuple):
    """A range that was locked in, both ends included, the truth, and whether that lies inside."""

    question: str
    low: float
    high: float
    truth: float
    inside: bool


class MyGuesses(NamedTuple):
    """The ranges whose truth is known, their number, and how many of them contain it."""

    guesses: list
    ranges: int
    inside: int

    def __repr__(self):
        if not self.ranges:
            return "No ranges to count yet: lock in a guess, then reveal the truth."
        if self.ranges == 1:
            return f"Your one range {'contains' if self.inside else 'misses'} the truth."
        expected = f"{CONFIDENCE * self.ranges / 100:.1f}".removesuffix(".0")
        return f"{self.inside} of your {self.ranges} ranges contain the truth; {CONFIDENCE} % would be {expected}."


def my_guesses():
    """How many of the 80 % ranges that you locked in with ``Guess`` contained the truth.

    Returns a ``NamedTuple``: ``guesses`` is a list with one entry per range whose truth has been revealed (its
    ``question``, ``low``, ``high``, ``truth``, and ``inside``, a bool), ``ranges`` is their number, and ``inside`` how
    many contained the truth, both ends included. Choices don't count. The guesses come from ``my_digits.json`` in the
    current folder; no file means no guesses. Raises ``ValueError`` if the file is damaged, and ``OSError`` if it can't
    be read.

    >>> MyGuesses([MyGuess("How many?", 6, 9, 7, True), MyGuess("How long?", 10, 20, 32, False)], 2, 1)
    1 of your 2 ranges contain the truth; 80 % would be 1.6.

    Built in lesson 06.
    """
    latest = {entry["question"]: entry for entry in _entries(load())} | _unsaved
    guesses = [
        MyGuess(entry["question"], entry["low"], entry["high"], entry["truth"], _inside(entry))
        for entry in latest.values()
        if _are_numbers(entry.get("low"), entry.get("high"), entry.get("truth"))
    ]
    return MyGuesses(guesses, len(guesses), sum(guess.inside for guess in guesses))


def recall(question):
    """The latest entry for this question, or None. Raises ``ValueError`` if the file is damaged."""
    if question in _unsaved:
        return _unsaved[question]
    return next((entry for entry in reversed(_entries(load())) if entry["question"] == question), None)


def save(entry):
    """Put an entry in the place of the same question's latest one.

    If the file can't be written, it's kept in memory, and the ``ValueError`` or ``OSError`` says why.
    """
    question = entry["question"]
    _unsaved[question] = entry
    change("guesses", lambda entries: _replaced(entries, entry))
    del _unsaved[question]


def _replaced(entries, entry):
    """The entries with this one in place of the latest with its question, or at the end."""
    same = [place for place, old in enumerate(entries) if old.get("question") == entry["question"]]
    place = same[-1] if same else len(entries)
    return [*entries[:place], entry, *entries[place + 1 :]]


def _entries(content):
    """What can be used of a file's content; the rest stays in the file, untouched."""
    return [entry for entry in content["guesses"] if isinstance(entry.get("question"), str)]


def _inside(entry):
    return entry["low"] <= entry["truth"] <= entry["high"]


def _are_numbers(*values):
    return all(isinstance(value, int | float) for value in values)
