"""Images side by side on one scale: digits, numbers with a sign, kernels with their maps."""

import matplotlib.pyplot as plt
import numpy as np

from digits_helpers.plots.style import LINE, MUTED, SIGNED


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
    images = as_many(images)
    if columns < 1:
        raise ValueError(f"Expected 1 column or more, not {columns}.")
    _check_titles(titles, images)

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


def show_signed(images, titles=None, limit=None, columns=5, figure=None):
    """Draw images of numbers with a sign, such as weights, on one scale, with that scale below, and return the figure.

    ``images`` is one image ``(h, w)`` or many ``(n, h, w)``. Orange is negative, white is zero, and blue is positive.
    The strongest colours stand for ``-limit`` and ``limit``, by default the largest absolute value in ``images``. Set
    ``limit`` where several figures are to be compared, such as the frames of an animation. ``titles`` holds one title
    per image. It draws into ``figure``, which may be a subfigure, by default into a new one, 8 inches wide. Raises
    ``ValueError`` if there are no images, for other shapes, and if the numbers of images and titles differ.

    >>> figure = show_signed(np.linspace(-1, 1, 10 * 28 * 28).reshape(10, 28, 28), titles=range(10))
    >>> len(figure.axes)  # ten images and the scale
    11
    >>> plt.close(figure)

    Plumbing, first used in lesson 02.
    """
    images = _with_sign(images)
    _check_titles(titles, images)
    columns = min(columns, len(images))
    rows = -(-len(images) // columns)
    if figure is None:
        figure = plt.figure(figsize=(8, rows * (8 / columns + 0.2 * (titles is not None)) + 0.5), layout="constrained")
    axes = figure.subplots(rows, columns, squeeze=False)
    for axis in axes.flat[len(images) :]:
        axis.remove()
    drawn = _draw_row(axes.ravel(), images, titles, _limit(images, limit))
    _add_scale(figure, drawn, axes.flat[: len(images)], "bottom")
    return figure


def show_kernels(kernels, maps, titles=None):
    """Draw kernels with the map that each of them makes below it, and return the figure.

    ``kernels`` is ``(n, h, w)`` and ``maps`` another ``(n, h, w)``. All kernels share one scale and all maps another;
    both are at the right. Orange is negative, white is zero, and blue is positive. ``titles`` holds one title per
    kernel. Raises ``ValueError`` for other shapes, and if the numbers of kernels, maps and titles differ.

    >>> edges = np.array([[[-1, 0, 1]] * 3, [[1, 0, -1]] * 3])
    >>> figure = show_kernels(edges, np.zeros((2, 26, 26)), titles=["left edges", "right edges"])
    >>> plt.close(figure)

    Plumbing, first used in lesson 03.
    """
    kernels, maps = _with_sign(kernels), _with_sign(maps)
    if len(kernels) != len(maps):
        raise ValueError(f"Expected one map for each of the {len(kernels)} kernels, not {len(maps)}.")
    _check_titles(titles, kernels)
    width = min(8 / len(kernels), 2.4)  # inches
    figsize = (width * len(kernels) + 0.8, 1.7 * width + 0.3 * (titles is not None))
    figure, axes = plt.subplots(
        2, len(kernels), figsize=figsize, height_ratios=[0.7, 1], squeeze=False, layout="constrained"
    )
    for row, images, names in zip(axes, (kernels, maps), (titles, None), strict=True):
        drawn = _draw_row(row, images, names, _limit(images))
        _add_scale(figure, drawn, row, "right")
    return figure


def _draw_row(axes, images, titles, limit):
    """Draw images with a sign, and return the last of them."""
    for axis, image in zip(axes, images, strict=False):
        drawn = axis.imshow(image, cmap=SIGNED, vmin=-limit, vmax=limit)
        axis.set(xticks=[], yticks=[])
        axis.spines[:].set(visible=True, color=LINE)  # or nobody would see where a white image ends
    for axis, title in zip(axes, [] if titles is None else titles, strict=False):
        axis.set_title(title, loc="center", fontsize=12, pad=5)
    return drawn


def _add_scale(figure, drawn, axes, side):
    """Put a thin number line of the colours beside ``axes``."""
    limit = drawn.norm.vmax
    shape = {"bottom": {"shrink": 0.4, "aspect": 30}, "right": {"shrink": 0.8, "aspect": 12, "fraction": 0.02}}
    # Without panchor, the images would move to that side, and a kernel wouldn't be in the middle above its map.
    scale = figure.colorbar(drawn, ax=list(axes), location=side, ticks=[-limit, 0, limit], panchor=False, **shape[side])
    scale.set_ticklabels([f"\N{MINUS SIGN}{limit:.2g}", "0", f"+{limit:.2g}"])
    scale.outline.set_visible(False)
    scale.ax.tick_params(length=0, labelcolor=MUTED, labelsize=11)


def _limit(images, limit=None):
    return limit or np.abs(images).max() or 1  # images of zeros are white on any scale


def _with_sign(images):
    images = np.asarray(images)
    if images.ndim == 2:
        images = images[np.newaxis]
    if images.ndim != 3 or 0 in images.shape:
        raise ValueError(f"Expected images of shape (h, w) or (n, h, w), not {images.shape}.")
    return images


def _check_titles(titles, images):
    if titles is not None and len(titles) != len(images):
        raise ValueError(f"Expected one title for each of the {len(images)} images, not {len(titles)} titles.")


def as_many(images):
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
