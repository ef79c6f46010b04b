"""The figures that several lessons draw."""

import matplotlib.pyplot as plt
import numpy as np


def show_digits(images, titles=None, columns=10):
    """Draw digits in a grid with ``columns`` per row, in grey and without axes, and return the figure.

    ``images`` is one image ``(28, 28)`` or many ``(n, 28, 28)``, uint8 or floats in [0, 1], drawn as MNIST stores them:
    white ink on black. All share one grey scale, so a faint digit looks faint. ``titles`` holds one title per image:
    strings, numbers, or an array of labels. Raises ``ValueError`` for other shapes and values, if there are no images
    or no columns, and if the numbers of images and titles differ.

    >>> figure = show_digits(np.zeros((12, 28, 28), np.uint8), titles=range(12))
    >>> len(figure.axes)
    12
    >>> plt.close(figure)

    Built in lesson 01.
    """
    images = _as_many(images)
    if columns < 1:
        raise ValueError(f"Expected 1 column or more, not {columns}.")
    if titles is not None and len(titles) != len(images):
        raise ValueError(f"Expected one title for each of the {len(images)} images, not {len(titles)} titles.")

    columns = min(columns, len(images))
    rows = -(-len(images) // columns)  # rounded up
    row_height = 1 if titles is None else 1.4
    figure, axes = plt.subplots(rows, columns, figsize=(columns, row_height * rows), squeeze=False)
    white = 255 if images.dtype == np.uint8 else 1
    for axis, image in zip(axes.flat, images, strict=False):
        axis.imshow(image, cmap="gray", vmin=0, vmax=white)
        axis.axis("off")
    for axis, title in zip(axes.flat, [] if titles is None else titles, strict=False):
        axis.set_title(title)
    for axis in axes.flat[len(images) :]:
        axis.remove()  # the last row may not be full
    return figure


def _as_many(images):
    """``images`` as an array ``(n, 28, 28)``, checked so that it can be drawn."""
    images = np.asarray(images)
    if images.ndim == 2:
        images = images[np.newaxis]
    if images.ndim != 3 or images.shape[1:] != (28, 28):
        raise ValueError(f"Expected images of shape (28, 28) or (n, 28, 28), not {images.shape}.")
    if len(images) == 0:
        raise ValueError("There are no images to show.")
    # `not (… <= …)` also catches NaN.
    if images.dtype != np.uint8 and not (images.min() >= 0 and images.max() <= 1):
        raise ValueError(
            f"Expected uint8, or values from 0 to 1, but got {images.dtype} from {images.min()} to {images.max()}: "
            "divide by 255."
        )
    return images
