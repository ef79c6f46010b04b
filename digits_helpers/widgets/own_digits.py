"""Your own digits: label drawings, keep them in a file, and count how many the network reads right."""

import html
from pathlib import Path

import ipywidgets as widgets

from digits_helpers.answer import announced
from digits_helpers.handlers import guarded, one_at_a_time
from digits_helpers.kept import load_drawings, save_drawings
from digits_helpers.reading import WRAP
from digits_helpers.strokes import Drawing


class OwnDigits(widgets.VBox):
    """The part of the pad that keeps labelled drawings.

    ``canvas`` is the ``DrawingCanvas`` that they come from, ``read(drawing)`` says which digit the network sees in one,
    None where there is no ink, and ``answer``, an ``Answer``, shows what went wrong. ``file`` is the text widget with
    the file's name.

    The buttons Keep and Take back change that file at once, or a reload of the page would lose what nobody saved; Save
    is for another name. The methods ``keep`` and ``take_back`` change no file.
    """

    def __init__(self, canvas, read, answer):
        self.canvas, self.read, self.answer = canvas, read, answer
        self.lock, self.on_error = canvas.lock, answer.show_error
        self._kept = []  # pairs: a drawing, and the digit that was read in it
        self.file = widgets.Text("my-digits.json", description="File")
        self._label = widgets.Dropdown(
            options=[("choose", None), *((str(digit), digit) for digit in range(10))], description="This is a"
        )
        self._tally = widgets.HTML()
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
        super().__init__([*(widgets.HBox(row, layout=WRAP) for row in rows), self._tally])
        self._show()

    @property
    def drawings(self):
        """What is kept, a list of ``Drawing``, the last one last."""
        return [drawing for drawing, _ in self._kept]

    @property
    def tally(self):
        """How many of the kept drawings were read right, and how many wrong; those without a label don't count."""
        is_right = [read == drawing.label for drawing, read in self._kept if drawing.label is not None]
        return sum(is_right), len(is_right) - sum(is_right)

    @one_at_a_time
    def keep(self, label):
        """Keep a copy of the drawing with its label, 0 to 9; ``ValueError`` where there are no strokes, or no label."""
        drawing = self.canvas.drawing
        if not drawing.strokes:
            raise ValueError("There are no strokes to keep: draw a digit first.")
        if label is None:
            raise ValueError("Choose which digit this is, then keep it.")
        self._add([Drawing(drawing.strokes, drawing.size, label)])

    @one_at_a_time
    def take_back(self):
        """Keep the last drawing no longer, and return it; files that hold it stay as they are.

        Raises ``ValueError`` where nothing is kept.
        """
        if not self._kept:
            raise ValueError("Nothing is kept that could be taken back.")
        drawing, _ = self._kept.pop()
        self._show("The last one is taken back; saved files stay as they are.")
        return drawing

    @one_at_a_time
    def save(self, path):
        """Write what is kept to a JSON file. Drawings that the file holds already stay in it."""
        there = _held_by(path)
        save_drawings(path, there + _new(self.drawings, there))
        self._show(f"Saved to {path}: type this name to load them again.")

    @one_at_a_time
    def load(self, path):
        """Add a file's drawings to those kept, without those that are kept already."""
        self._add(_new(load_drawings(path), self.drawings))

    @one_at_a_time
    def read_again(self):
        """Another network reads: count anew."""
        self._kept = self._with_reads(self.drawings)
        self._show()

    def _add(self, drawings):
        self._kept += self._with_reads(drawings)
        self._show()

    def _with_reads(self, drawings):
        return [(drawing, self.read(drawing)) for drawing in drawings]

    def _show(self, message=""):
        right, wrong = self.tally
        unlabelled = len(self._kept) - right - wrong
        count = f"{len(self._kept)} kept: {right} read right, {wrong} wrong"
        if unlabelled:
            count += f", {unlabelled} without a label"
        self._tally.value = announced(f"<div>{count}. {html.escape(message)}</div>")
        self.answer.clear_error()

    @guarded
    def _on_keep(self, _button):
        self.keep(self._label.value)
        self._label.value = None  # the next drawing is another digit, or should be labelled with care
        self.save(self.file.value)

    @guarded
    def _on_take_back(self, _button):
        file = self.file.value
        there = _held_by(file)
        left = _new(there, _new(self.drawings[-1:], self.drawings[:-1]))  # what is kept twice stays in the file
        is_there = len(left) < len(there)
        if is_there:
            save_drawings(file, left)
        self.take_back()
        if is_there:
            self._show(f"The last one is taken back, also from {file}.")

    @guarded
    def _on_save(self, _button):
        self.save(self.file.value)

    @guarded
    def _on_load(self, _button):
        self.load(self.file.value)


def _held_by(path):
    """The drawings in a file; none where there is no file yet."""
    return load_drawings(path) if Path(path).exists() else []


def _new(drawings, known):
    """Those of ``drawings`` that are not among ``known``."""
    contents = [_content(drawing) for drawing in known]
    return [drawing for drawing in drawings if _content(drawing) not in contents]


def _content(drawing):
    return drawing.label, [stroke.round(2).tolist() for stroke in drawing.strokes]
