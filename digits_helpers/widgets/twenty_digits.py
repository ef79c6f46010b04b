"""Draw your twenty digits, two of each: a small pad that says which one is next, and the sheet of all of them."""

import html
import itertools
from pathlib import Path

import anywidget
import ipywidgets as widgets
import traitlets

from digits_helpers import my_file
from digits_helpers.digit_sheet import DIGITS, PLACES, as_strokes, entry_at, label_at, merge
from digits_helpers.safe_files import MAX_MEGABYTES
from digits_helpers.saved_sheet import SavedSheet
from digits_helpers.strokes import SIZE, Drawing
from digits_helpers.widgets.canvas import DrawingCanvas
from digits_helpers.widgets.handlers import guarded, one_at_a_time
from digits_helpers.widgets.live_text import LiveText
from digits_helpers.widgets.sheet_picture import draw_sheet
from digits_helpers.widgets.snapshot import size_on_page
from digits_helpers.widgets.with_picture import WithPicture, as_png


class SheetView(anywidget.AnyWidget):
    """What the page draws: a thumbnail for each digit, and the buttons to download the file and to bring one back."""

    _esm = Path(__file__).with_name("twenty_digits.js")
    # On top of the pads' look, which this pad shares.
    _css = "".join(
        Path(__file__).with_name(name).read_text(encoding="utf-8") for name in ("pad.css", "twenty_digits.css")
    )

    thumbnails = traitlets.List().tag(
        sync=True
    )  # at each place the strokes, flat lists of x, y in pixels of the canvas
    place = traitlets.Int().tag(sync=True)  # the digit on the canvas
    file_name = traitlets.Unicode(my_file.MY_FILE.name).tag(sync=True)
    max_bytes = traitlets.Int(MAX_MEGABYTES * 10**6).tag(sync=True)


class TwentyDigits(WithPicture, widgets.VBox):
    """Draw twenty digits, two of each, for all lessons.

    The pad says which digit is next. It saves every stroke at once in ``my_digits.json`` in the current folder, so you
    can leave at any time and go on later, in any notebook. **Next**, or Enter on the canvas, moves on to the next digit
    that is still missing. Choose a digit on the sheet to go back to it: add a stroke, or clear it and draw it again.
    Every version stays in the file, and **Older version** brings them back one by one.

    Where files vanish with the machine, download the file, and later drop it on the pad: digits and guesses that are
    missing come back, and nothing that is there changes. If the file can't be written, one line says so, and the pad
    keeps the digits until it can, or until the kernel stops.

    ``canvas`` is the ``DrawingCanvas`` and ``place`` the place of the digit on it, 0 to 19. Every button is a method.

    >>> TwentyDigits()
    <TwentyDigits, 0 of 20 drawn. Draw a 0 (1 of 20)>

    Built in lesson 00.
    """

    def __init__(self):
        self.canvas, self._sheet, self._view = DrawingCanvas(), SavedSheet(), SheetView()
        self._prompt, self._note = LiveText(), widgets.HTML()
        undo, clear = _button("Undo", self._on_undo, "undo"), _button("Clear", self._on_clear, "trash")
        following = _button("Next", self._on_next).add_class("twenty-next")
        self._older = _button("Older version", self._on_older, "history").add_class("twenty-older")
        super().__init__(
            [
                self._prompt.add_class("twenty-prompt"),
                self.canvas,
                widgets.HBox([undo, clear, following]).add_class("digit-actions"),
                self._note.add_class("twenty-note"),
                self._older,
                self._view,
            ]
        )
        self.add_class("digit-pad").add_class("twenty-digits")
        self.canvas.on_change, self.canvas.on_error = self._on_change, self.on_error
        self._view.on_msg(self._on_message)
        self._go_to_first_missing()

    @property
    def place(self):
        """The place of the digit on the canvas, 0 to 19."""
        return self._sheet.place

    def __repr__(self):
        return f"<TwentyDigits, {PLACES - len(self._sheet.missing)} of {PLACES} drawn. {self._prompt.value}>"

    def _picture(self):
        image = draw_sheet(self._sheet.entries)
        return as_png(image), size_on_page(image), f"A sheet of digits. {repr(self)[1:-1]}"

    # What it does

    @one_at_a_time
    def go_to(self, place):
        """Put the digit at this place, 0 to 19, on the canvas; any other raises ``ValueError``."""
        self.canvas.drawing.finish()
        self._save()
        self._open(place)

    @one_at_a_time
    def next(self):
        """Go on to the next digit that is missing or, where none is, to the next one."""
        self.canvas.drawing.finish()
        self._save()
        elsewhere = [place for place in self._sheet.missing if place != self.place]
        self._open(elsewhere[0] if elsewhere else (self.place + 1) % PLACES)

    @one_at_a_time
    def undo(self):
        """Take back the last stroke, or ``clear``."""
        self.canvas.drawing.undo()
        self._redraw_and_save()

    @one_at_a_time
    def clear(self):
        """Clear the canvas, for another try. The file keeps what was on it."""
        self.canvas.drawing.clear()
        self._sheet.set_aside()
        self._redraw_and_save()

    @one_at_a_time
    def bring_back(self):
        """Show the latest older version of this digit, and after repeated calls every one; the others are kept.

        Raises ``ValueError`` if there is none.
        """
        self._sheet.bring_back()
        self._open(self.place)

    @one_at_a_time
    def merge(self, data, name):
        """Bring back what a downloaded file, given as bytes, holds. ``name`` is the file's, for error messages.

        Nothing that is there changes. A damaged file raises ``ValueError``, and a failure to write ``OSError``.
        """
        said = merge(data, name)
        self._sheet.load()
        self._go_to_first_missing()
        self._show(said)

    def on_error(self, error):
        """Show what went wrong. Nothing is lost by it."""
        what = str(error) if isinstance(error, ValueError | OSError) else f"{type(error).__name__}: {error}"
        self._note.value = f'<div role="alert">{html.escape(what)}</div>'

    # How it does it

    def _go_to_first_missing(self):
        self._open(min(self._sheet.missing, default=0))

    def _open(self, place):
        self._sheet.go_to(place)
        self.canvas.drawing = Drawing(size=SIZE, label=label_at(place))
        for stroke in self._sheet.strokes:
            self.canvas.drawing.add(stroke)  # one by one, as Undo takes them back
        self.canvas.redraw()
        self._show()

    def _redraw_and_save(self):
        self.canvas.redraw()
        self._save()

    def _save(self):
        self._sheet.draw(as_strokes(self.canvas.drawing))
        self._show()

    def _show(self, note=None):
        with self._view.hold_sync():  # in one message
            self._view.place = self.place
            self._view.thumbnails = [_outline(entry_at(self._sheet.entries, place)) for place in range(PLACES)]
        self._prompt.value = self._words()
        self._older.layout.display = None if self._sheet.older else "none"
        if self._sheet.problem:
            self.on_error(ValueError(f"{self._sheet.problem} Until that works, this pad keeps your digits."))
        else:
            self._note.value = f"<div>{html.escape(note or self._hint())}</div>"

    def _words(self):
        label, second = label_at(self.place), self.place >= DIGITS
        if self._sheet.before:
            words = f"Your {'second' if second else 'first'}"
        else:
            words = f"Draw {'another' if second else 'an' if label == 8 else 'a'}"
        return f"{words} {label} ({self.place + 1} of {PLACES})"

    def _hint(self):
        if not self._sheet.missing:
            return "All twenty are drawn and saved. Choose any of them to draw it again."
        if self._sheet.before:
            return "Add a stroke, or clear it and draw it again. The version that was here is kept."
        if self._sheet.strokes:
            return f"Saved in {my_file.MY_FILE}. Press Next when the digit is finished."
        return "Every stroke is saved at once: leave whenever you like, and go on later."

    # Events of the page

    @guarded
    def _on_change(self, _moving):
        if not self.canvas.drawing.drawing_now:
            self._save()

    @guarded
    def _on_undo(self, _button):
        self.undo()

    @guarded
    def _on_clear(self, _button):
        self.clear()

    @guarded
    def _on_next(self, _button):
        self.next()

    @guarded
    def _on_older(self, _button):
        self.bring_back()

    @guarded
    def _on_message(self, _view, content, buffers):
        if buffers:
            self.merge(bytes(buffers[0]), content["name"])
        elif "open" in content:
            self.go_to(content["open"])
        elif "next" in content:
            self.next()
        elif "download" in content:
            self._view.send({"file": self._sheet.as_text()})
        else:
            raise ValueError(content["error"])


def _outline(entry):
    """The strokes for a thumbnail: whole pixels are enough."""
    return [list(map(round, itertools.chain(*stroke))) for stroke in entry["strokes"]]


def _button(name, handler, icon=""):
    button = widgets.Button(description=name, icon=icon, layout={"width": "auto"})
    button.on_click(handler)
    return button
