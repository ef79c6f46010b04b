"""A 3 x 3 kernel that slides over an image: the nine products, their sum, and the maps of your own functions."""

from pathlib import Path

import anywidget
import numpy as np
import traitlets

from digits_helpers.widgets.handlers import guarded, one_at_a_time
from digits_helpers.widgets.sliding_maps import checked, run_all, strongest
from digits_helpers.widgets.sliding_picture import draw_card
from digits_helpers.widgets.snapshot import size_on_page
from digits_helpers.widgets.with_picture import WithPicture, as_png

PRESETS = {
    "Left edges": [-1, 0, 1, -1, 0, 1, -1, 0, 1],
    "Right edges": [1, 0, -1, 1, 0, -1, 1, 0, -1],
    "Diagonal": [2, -1, -1, -1, 2, -1, -1, -1, 2],
    "Average": [0.11] * 9,
    "Copy": [0, 0, 0, 0, 1, 0, 0, 0, 0],
}


class SlidingKernel(WithPicture, anywidget.AnyWidget):
    """Slide a 3 x 3 kernel over an image, and see the nine products and their sum; edit the kernel as you like.

    ``image`` is ``(n, n)`` floats in [0, 1], such as a digit. Without a function, the page fills in the feature map
    where the kernel has been. With ``convolve``, which takes an image and a kernel ``(3, 3)`` and returns a map
    ``(n - 2, n - 2)``, it shows that map, and what ReLU leaves of it. With ``max_pool``, which returns half the height
    and width, rounded down, it shows the pooled map as well. Both run in the kernel, and if one of them fails, the
    widget says how. Raises ``ValueError`` for other shapes and values.

    Drag the window, or use the arrow keys. From Python, ``move`` places the window and ``set_kernel`` edits the kernel.

    >>> window = SlidingKernel(np.eye(28))
    >>> window.move(4, 5)
    >>> window
    <SlidingKernel: at row 4, column 5 the nine products sum to −1.00>

    Built in lesson 03.
    """

    _esm = Path(__file__).with_name("sliding_kernel.js")
    _css = Path(__file__).with_name("sliding_kernel.css")

    shape = traitlets.List(traitlets.Int()).tag(sync=True)  # of the image
    pixels = traitlets.Bytes().tag(sync=True)  # float32
    kernel = traitlets.List(traitlets.Float(), minlen=9, maxlen=9).tag(sync=True)  # row by row
    place = traitlets.List(traitlets.Int(), [0, 0], minlen=2, maxlen=2).tag(sync=True)  # of its upper left corner
    presets = traitlets.Dict(PRESETS).tag(sync=True)
    maps = traitlets.List(traitlets.Dict()).tag(sync=True)  # name, shape and float32 values of each; or none
    reach = traitlets.Float(1).tag(sync=True)  # the largest sum that the kernel can give, which gets the full colour
    message = traitlets.Unicode().tag(sync=True)  # what is wrong with a function, in one line

    def __init__(self, image, convolve=None, max_pool=None):
        self._image, self._convolve, self._max_pool = checked(image), convolve, max_pool
        super().__init__(
            shape=list(self._image.shape),
            pixels=self._image.astype("<f4").tobytes(),
            kernel=PRESETS["Left edges"],
            place=strongest(self._image, PRESETS["Left edges"]),
        )
        self._update()
        self.observe(self._on_kernel, "kernel")

    def move(self, row, column):
        """Move the window's upper left corner to a row and a column. Raises ``ValueError`` outside the image."""
        last = len(self._image) - 3
        if not (0 <= row <= last and 0 <= column <= last):
            raise ValueError(f"The corner can be in rows and columns 0 to {last}, not at {row}, {column}.")
        self.place = [row, column]

    def set_kernel(self, kernel):
        """Use another kernel, ``(3, 3)`` numbers. Raises ``ValueError`` for other shapes."""
        if np.shape(kernel) != (3, 3):
            raise ValueError(f"Expected a kernel of shape (3, 3), not {np.shape(kernel)}.")
        self.kernel = np.ravel(kernel).astype(float).tolist()

    def products(self):
        """The nine pixels in the window, and their products with the kernel: both ``(3, 3)``."""
        row, column = self.place
        patch = self._image[row : row + 3, column : column + 3]
        return patch, patch * np.reshape(self.kernel, (3, 3))

    def on_error(self, error):
        """Show what went wrong."""
        self.message = f"{type(error).__name__}: {error}"

    def __repr__(self):
        (row, column), total = self.place, f"{self.products()[1].sum():.2f}".replace("-", "\N{MINUS SIGN}")
        said = f". {self.message.rstrip('.')}" if self.message else ""
        return f"<SlidingKernel: at row {row}, column {column} the nine products sum to {total}{said}>"

    @guarded
    def _on_kernel(self, _change):
        self._update()

    @one_at_a_time
    def _update(self):
        kernel, maps, message = np.reshape(self.kernel, (3, 3)).astype(np.float32), [], ""
        try:
            for name, values in run_all(self._image, kernel, self._convolve, self._max_pool):
                maps.append({"name": name, "shape": list(values.shape), "values": values.astype("<f4").tobytes()})
        except ValueError as error:
            message = str(error)
        with self.hold_sync():  # in one message
            self.maps, self.message = maps, message
            self.reach = float(max(kernel.clip(0).sum(), -kernel.clip(max=0).sum())) or 1.0

    def _picture(self):
        image = draw_card(self)
        return as_png(image), size_on_page(image), f"A kernel that slides over a digit: {repr(self)[16:-1]}."
