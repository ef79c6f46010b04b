"""A browser for MNIST: images by digit, thickness and slant, and those nearest to your own (mnist_browser.js)."""

from pathlib import Path

import anywidget
import numpy as np
import traitlets

from digits_helpers.widgets.mnist_picture import draw_browser
from digits_helpers.widgets.snapshot import size_on_page
from digits_helpers.widgets.with_picture import WithPicture, as_png

SHOWN, NEAREST, ANY = 24, 8, -1  # images in the grid, and nearest to a digit of the reader's; no choice made
BLOCK = 2000  # images that are compared at a time: as float32, all of MNIST would take 188 MB and its squares as much


class MnistBrowser(WithPicture, anywidget.AnyWidget):
    """Browse the training images by digit, thickness and slant, and find those nearest to your own digits.

    ``digits`` is what ``load_mnist`` returns. Each slider picks a tenth of every digit's images, from the thinnest to
    the thickest, or from those that lean left to those that lean right. With ``mine``, from ``my_digits``, you pick one
    of your digits and see the eight images nearest to it.

    ``distance(image, images)`` measures how far ``image``, ``(28, 28)``, is from each of ``images``, ``(n, 28, 28)``,
    both float32 in [0, 1], and returns ``(n,)``. By default it's the Euclidean distance between the pixels. A function
    that returns nothing yet is replaced by that one, and one that fails is reported in the browser.

    >>> from digits_helpers import Digits
    >>> images, labels = np.stack([255 * np.eye(28, dtype=np.uint8)] * 2), np.array([1, 1])
    >>> MnistBrowser(Digits(images, labels, images, labels, source="folder"))
    <MnistBrowser: 2 of 2 images match. Any digit, any thickness, any slant.>

    Built in lesson 01.
    """

    _esm = Path(__file__).with_name("mnist_browser.js")
    _css = Path(__file__).with_name("mnist_browser.css")

    # What the reader chooses: a digit, and for the sliders a percentage, or ANY; what to show; a digit of their own
    digit, thickness, slant, page, picked = (traitlets.Int(start).tag(sync=True) for start in (ANY, ANY, ANY, 0, 0))
    compared = traitlets.Int(0).tag(sync=True)  # the digit of their own that the nearest images belong to
    # What the page shows: matching images, the reader's digits, and those nearest to one of them, 784 bytes each
    images, mine, near = (traitlets.Bytes().tag(sync=True) for _ in range(3))
    labels, my_labels, near_labels = (traitlets.List(traitlets.Int()).tag(sync=True) for _ in range(3))
    near_distances = traitlets.List(traitlets.Float()).tag(sync=True)
    summary, message = (traitlets.Unicode().tag(sync=True) for _ in range(2))  # what matches, and what went wrong

    def __init__(self, digits, mine=None, distance=None):
        self._x, self._y = digits.x_train, digits.y_train
        self._ranks = {"thickness": ranks(self._x.mean(axis=(1, 2)), self._y), "slant": ranks(slants(self._x), self._y)}
        self._order = np.random.default_rng(0).permutation(len(self._x))  # a mixture of writers, always the same one
        self._mine, self._distance = mine, distance or euclidean
        super().__init__()
        self._find()
        self.observe(lambda _: self._find(), ["digit", "thickness", "slant", "page"])
        if mine is not None:
            self.mine, self.my_labels = _as_bytes(mine.images), [int(label) for label in mine.labels]
            self._compare()
            self.observe(lambda _: self._compare(), "picked")

    def nearest(self, image, count=NEAREST):
        """Return the places of the training images nearest to ``image``, ``(count,)``, and their distances.

        Raises what ``distance`` raises, and ``ValueError`` if it doesn't return one number per image.
        """
        blocks = (self._x[start : start + BLOCK] for start in range(0, len(self._x), BLOCK))
        distances = np.concatenate([self._measured(image, block.astype(np.float32) / 255) for block in blocks])
        places = np.argsort(distances, kind="stable")[:count]
        return places, distances[places]

    def __repr__(self):
        labels = ", ".join(map(str, self.near_labels))
        near = f" Nearest to your {self.my_labels[self.picked]}: {labels}." if labels else ""
        return f"<MnistBrowser: {' '.join(filter(None, [self.summary + near, self.message]))}>"

    def _picture(self):
        image = draw_browser(self)
        return as_png(image), size_on_page(image), repr(self).strip("<>")

    def _find(self):
        matches = np.full(len(self._x), True) if self.digit == ANY else self._y == self.digit
        words = ["any digit" if self.digit == ANY else f"digit {self.digit}"]
        for name, rank in self._ranks.items():
            position = getattr(self, name)
            if position == ANY:
                words.append(f"any {name}")
            else:
                low = min(max(position - 5, 0), 90)
                matches &= (rank >= low) & (rank < low + 10)
                words.append(f"{name} from {low} to {low + 10} %")
        found = self._order[matches[self._order]]
        shown = np.roll(found, -SHOWN * self.page)[:SHOWN]
        with self.hold_sync():  # in one message
            self.images, self.labels = _as_bytes(self._x[shown]), self._y[shown].tolist()
            self.summary = f"{len(found):,} of {len(self._x):,} images match. {', '.join(words).capitalize()}."

    def _compare(self):
        message, places, distances = "", np.empty(0, int), np.empty(0)
        try:
            places, distances = self.nearest(self._mine.images[self.picked])
            if self._unwritten:
                message = "Your function returns nothing yet, so this uses ours."
        except Exception as error:  # the reader's function can raise anything
            message = f"Your function stopped with {type(error).__name__}: {error}"
        with self.hold_sync():
            self.near, self.near_labels = _as_bytes(self._x[places]), self._y[places].tolist()
            self.near_distances, self.message, self.compared = distances.tolist(), message, self.picked

    def _measured(self, image, block):
        result = self._distance(image.copy(), block)
        self._unwritten = result is None or result is ...
        result = np.asarray(euclidean(image, block) if self._unwritten else result)
        if result.shape != (len(block),):
            raise ValueError(f"Expected one distance per image, so shape ({len(block)},), not {result.shape}.")
        return result


def euclidean(image, images):
    """The distance from an image ``(28, 28)`` to each of ``(n, 28, 28)``: ``(n,)``."""
    return np.sqrt(((images - image) ** 2).sum(axis=(1, 2)))


def slants(images):
    """How far each of ``(n, 28, 28)`` images leans to the right, in pixels per pixel of height."""
    rows, columns = np.mgrid[:28, :28].reshape(2, -1).astype(np.float32) - 13.5
    sums = np.stack([np.ones_like(rows), columns, rows, columns * rows, rows**2], axis=1)
    blocks = [images[start : start + BLOCK].reshape(-1, 784) for start in range(0, len(images), BLOCK)]
    ink, x, y, xy, yy = np.concatenate([block.astype(np.float32) @ sums for block in blocks]).T
    return (x * y / ink - xy) / np.maximum(yy - y**2 / ink, 1e-6)


def ranks(values, labels):
    """For each value, the percentage of its digit's values that are smaller, from 0 up to but without 100."""
    result = np.empty(len(values))
    for label in np.unique(labels):
        places = np.flatnonzero(labels == label)
        result[places[np.argsort(values[places], kind="stable")]] = 100 * np.arange(len(places)) / len(places)
    return result


def _as_bytes(images):
    return (images if images.dtype == np.uint8 else np.rint(255 * images).astype(np.uint8)).tobytes()
