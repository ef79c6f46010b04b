"""Your own digits: label drawings, keep them in a file, and count how many the network reads correctly."""

from pathlib import Path

import ipywidgets as widgets

from digits_helpers.drawing_files import add_drawings, check_file_name, load_drawings, remove_drawings, without
from digits_helpers.strokes import SIZE, Drawing
from digits_helpers.widgets.answer import WRAP
from digits_helpers.widgets.handlers import guarded, one_at_a_time
from digits_helpers.widgets.live_text import LiveText


class OwnDigits(widgets.VBox):
    """The part of the pad that keeps labelled drawings.

    ``canvas`` is the ``DrawingCanvas`` that they come from, ``reader`` a ``DigitReader`` and ``answer`` an ``Answer``
    that shows errors. ``file`` is the text widget with the file's name.

    The buttons Keep and Take back change that file at once: otherwise a reload of the page would lose the digits that
    nobody saved. Save is for another name. The methods ``keep`` and ``take_back`` change no file, and ``save`` and
    ``load`` take any path, while the file's name on the page can't lead out of the current folder.

    Built in lesson 08.
    """

    def __init__(self, canvas, reader, answer):
        self.canvas, self.reader, self.answer = canvas, reader, answer
        self.on_error = answer.show_error
        self._kept = []  # pairs: a drawing, and the digit that was read in it
        self.file = widgets.Text("my-digits.json", description="File")
        self._label = widgets.Dropdown(
            options=[("choose", None), *((str(digit), digit) for digit in range(10))], description="This is a"
        )
        self.tally_line = LiveText()
        handlers = {
            "Keep": self._on_keep,
            "Take back": self._on_take_back,
            "Save": self._on_save,
            "Load": self._on_load,
        }
        keep, take_back, save, load = (widgets.Button(description=name, layout={"width": "auto"}) for name in handlers)
        for button, handler in zip([keep, take_back, save, load], handlers.values(), strict=True):
            button.on_click(handler)
        rows = [self._label, keep, take_back], [self.file, save, load]
        super().__init__([*(widgets.HBox(row, layout=WRAP) for row in rows), self.tally_line])
        self._show()

    @property
    def drawings(self):
        """The kept drawings, a list of ``Drawing``, the latest last."""
        return [drawing for drawing, _ in self._kept]

    @property
    def tally(self):
        """How many of the kept drawings were read correctly and how many wrongly; those without a label don't count."""
        is_right = [read == drawing.label for drawing, read in self._kept if drawing.label is not None]
        return sum(is_right), len(is_right) - sum(is_right)

    @one_at_a_time
    def keep(self, label):
        """Keep a copy of the drawing with its label, 0 to 9; without strokes or a label it raises ``ValueError``.

        The next stroke that a hand draws begins a fresh drawing.
        """
        drawing = self.canvas.drawing
        if not drawing.strokes:
            raise ValueError("There are no strokes to keep: draw a digit first.")
        if label is None:
            raise ValueError("Choose which digit this is, then keep it.")
        self._add([Drawing(drawing.strokes, drawing.size, label)])
        drawing.starts_fresh = True  # the next stroke belongs to the next digit

    @one_at_a_time
    def take_back(self):
        """Remove the last drawing and return it; files that hold it are unchanged. Where nothing is kept, it raises
        ``ValueError``.
        """
        if not self._kept:
            raise ValueError("There is no kept digit to take back.")
        drawing, _ = self._kept.pop()
        self._show("Removed the last digit. Saved files are unchanged.")
        return drawing

    @one_at_a_time
    def save(self, path):
        """Write the kept drawings to a JSON file. Drawings that the file already holds stay in it."""
        add_drawings(path, self.drawings)
        self._show(f"Saved to {path}: type this name to load them again.")

    @one_at_a_time
    def load(self, path):
        """Add a file's drawings to the kept ones, leaving out those that are kept already."""
        self._add(without(load_drawings(path), self.drawings))

    @one_at_a_time
    def read_again(self):
        """Read all kept drawings again, for example with another network."""
        self._kept = self._with_readings(self.drawings)
        self._show()

    def _add(self, drawings):
        self._kept += self._with_readings(drawings)
        self._show()

    def _with_readings(self, drawings):
        return [(drawing, self._digit_in(drawing)) for drawing in drawings]

    def _digit_in(self, drawing):
        """The digit that the network reads in a drawing of any size, or None where there is no ink."""
        scale = min(SIZE) / max(drawing.size)
        reading = self.reader.read(Drawing([scale * stroke for stroke in drawing.strokes], brush=self.canvas.brush))
        return None if reading is None else int(reading.probabilities.argmax())

    def _show(self, message=""):
        right, wrong = self.tally
        unlabelled = len(self._kept) - right - wrong
        count = f"{len(self._kept)} kept: {right} read right, {wrong} wrong"
        if unlabelled:
            count += f", {unlabelled} without a label"
        self.tally_line.value = f"{count}. {message}".strip()
        self.answer.clear_error()

    @guarded
    def _on_keep(self, _button):
        self.keep(self._label.value)
        self._label.value = None  # the next drawing is another digit, or should be labelled with care
        self.save(check_file_name(self.file.value))

    @guarded
    def _on_take_back(self, _button):
        file = check_file_name(self.file.value)
        kept_once = without(self.drawings[-1:], self.drawings[:-1])  # what is kept twice stays in the file
        removed = Path(file).exists() and remove_drawings(file, kept_once)
        self.take_back()
        if removed:
            self._show(f"Removed the last digit, also from {file}.")

    @guarded
    def _on_save(self, _button):
        self.save(check_file_name(self.file.value))

    @guarded
    def _on_load(self, _button):
        self.load(check_file_name(self.file.value))
