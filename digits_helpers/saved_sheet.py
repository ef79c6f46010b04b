"""The sheet of twenty digits while it's being drawn: every change is in ``my_digits.json`` at once."""

import functools
import json

from digits_helpers import digit_sheet, my_file


class SavedSheet:
    """The entries of the file, and the place that is being drawn.

    ``load`` reads the file, and ``draw`` and ``bring_back`` change it. If it can't be read or written, ``problem`` is
    the ``ValueError`` or ``OSError`` that says why; the sheet keeps the changes, and the next one tries again.
    ``place``, 0 to 19, is set by ``go_to``.
    """

    def __init__(self):
        self.entries, self.problem = [], None
        self._unsaved = []  # the changes that the file doesn't have yet, in their order
        self.load()
        self.go_to(0)

    def load(self):
        """Read the file again."""
        try:
            self.entries = self._with_unsaved(my_file.load()["digits"])
        except (ValueError, OSError) as error:
            self.problem = error

    def go_to(self, place):
        """Begin at another place; one outside 0 to 19 raises ``ValueError``."""
        if place not in range(digit_sheet.PLACES):
            raise ValueError(f"A place is a whole number from 0 to {digit_sheet.PLACES - 1}, not {place!r:.40}.")
        self.place = int(place)
        self.before = self.strokes
        self.set_aside()

    @property
    def strokes(self):
        """The strokes at this place, as in the file."""
        return digit_sheet.entry_at(self.entries, self.place)["strokes"]

    @property
    def older(self):
        """The older versions at this place, the latest last."""
        return digit_sheet.entry_at(self.entries, self.place)["older"]

    @property
    def missing(self):
        """The places where nothing is drawn, beginning after this one."""
        drawn = digit_sheet.drawn_places(self.entries)
        following = [(self.place + step) % digit_sheet.PLACES for step in range(1, digit_sheet.PLACES + 1)]
        return [place for place in following if place not in drawn]

    def draw(self, strokes):
        """Save what is drawn at this place so far; where that is nothing, what was there before is there again."""
        place, draft, strokes = self.place, self._draft, strokes or self.before
        if strokes != self.strokes:
            self._change(lambda entries: digit_sheet.redrawn(entries, place, strokes, draft))
            self._draft = None if strokes == self.before else strokes

    def set_aside(self):
        """Keep what is drawn so far as a version of its own: the next strokes don't continue it."""
        self._draft = None

    def bring_back(self):
        """Put the latest older version in its place again; without one, this raises ``ValueError``."""
        if not self.older:
            raise ValueError("There is no older version of this digit.")
        place = self.place
        self._change(lambda entries: digit_sheet.brought_back(entries, place))
        self.go_to(place)

    def as_text(self):
        """The whole file, also with what couldn't be saved. Raises ``ValueError`` if there is nothing in it."""
        content = my_file.load()
        content["digits"] = self._with_unsaved(content["digits"])
        if not content["digits"] and not content["guesses"]:
            raise ValueError("There is nothing to download yet: draw a digit first.")
        return json.dumps(content, separators=(",", ":"))

    def _change(self, step):
        self._unsaved.append(step)
        try:
            self.entries = my_file.change("digits", self._with_unsaved)
        except (ValueError, OSError) as error:
            self.entries, self.problem = step(self.entries), error
        else:
            self._unsaved, self.problem = [], None

    def _with_unsaved(self, entries):
        return functools.reduce(lambda changed, step: step(changed), self._unsaved, digit_sheet.checked(entries))
