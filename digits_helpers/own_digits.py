"""Your own digits: label drawings, keep them in a file, and count how many the network reads right."""

import html
from pathlib import Path

import ipywidgets as widgets

from digits_helpers.answer import announced
from digits_helpers.handlers import guarded
from digits_helpers.kept import load_drawings, save_drawings
from digits_helpers.strokes import Drawing


class OwnDigits(widgets.VBox):
    """The part of the pad that keeps labelled drawings.

    ``canvas`` is the ``DrawingCanvas`` that they come from, ``read(drawing)`` says which digit the network sees in one,
    and ``on_error(error)`` shows what went wrong.
    """

    def __init__(self, canvas, read, on_error):
        self.canvas, self.read, self.on_error, self.lock = canvas, read, on_error, canvas.lock
        self.drawings, self._reads = [], []  # what is kept, and the digit that was read in each
        self._label = widgets.Dropdown(
            options=[("choose", None), *((str(digit), digit) for digit in range(10))], description="This is a"
        )
        self._file = widgets.Text("my-digits.json", description="File")
        self._tally = widgets.HTML()
        handlers = {"Keep": self._on_keep, "Save": self._on_save, "Load": self._on_load}
        keep, save, load = (widgets.Button(description=name, layout={"width": "auto"}) for name in handlers)
        for button, handler in zip([keep, save, load], handlers.values(), strict=True):
            button.on_click(handler)
        super().__init__([widgets.HBox([self._label, keep]), widgets.HBox([self._file, save, load]), self._tally])
        self._show()

    @property
    def tally(self):
        """How many of the kept drawings were read right, and how many wrong."""
        right = sum(read == drawing.label for read, drawing in zip(self._reads, self.drawings, strict=True))
        return right, len(self.drawings) - right

    def keep(self, label):
        """Keep a copy of the drawing with its label, 0 to 9; ``ValueError`` where there are no strokes, or no label."""
        if not self.canvas.drawing.strokes:
            raise ValueError("There are no strokes to keep: draw a digit first.")
        if label is None:
            raise ValueError("Choose which digit this is, then keep it.")
        self._add([Drawing(self.canvas.drawing.strokes, label=label)])

    def save(self, path):
        """Write what is kept to a JSON file. Drawings that the file holds already stay in it."""
        there = load_drawings(path) if Path(path).exists() else []
        save_drawings(path, there + _new(self.drawings, there))
        self._show(f"Saved to {path}.")

    def load(self, path):
        """Add a file's drawings to those kept, without those that are kept already."""
        self._add(_new(load_drawings(path), self.drawings))

    def read_again(self):
        """Another network reads: count anew."""
        self._reads = [self.read(drawing) for drawing in self.drawings]
        self._show()

    def _add(self, drawings):
        self._reads += [self.read(drawing) for drawing in drawings]
        self.drawings += drawings
        self._show()

    def _show(self, message=""):
        right, wrong = self.tally
        count = f"{len(self.drawings)} kept: {right} read right, {wrong} wrong. {html.escape(message)}"
        self._tally.value = announced(f"<div>{count}</div>")

    @guarded
    def _on_keep(self, _button):
        self.keep(self._label.value)
        self._label.value = None  # the next drawing is another digit, or should be labelled with care

    @guarded
    def _on_save(self, _button):
        self.save(self._file.value)

    @guarded
    def _on_load(self, _button):
        self.load(self._file.value)


def _new(drawings, known):
    """Those of ``drawings`` that are not among ``known``."""
    contents = [_content(drawing) for drawing in known]
    return [drawing for drawing in drawings if _content(drawing) not in contents]


def _content(drawing):
    return drawing.label, [stroke.round(2).tolist() for stroke in drawing.strokes]
