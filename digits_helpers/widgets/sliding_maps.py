"""What a sliding kernel makes of an image with somebody's own functions."""

import numpy as np

from digits_helpers.layers import relu


def run_all(image, kernel, convolve, max_pool):
    """Yield the name and values of each map, as far as there are functions; ``ValueError`` where one of them fails."""
    if convolve is None:
        return
    side = len(image) - 2
    found = _run("convolve", convolve, (image.copy(), kernel.copy()), (side, side))
    yield "feature map", found
    yield "after ReLU", relu(found)
    if max_pool is not None:
        yield "after pooling", _run("max_pool", max_pool, (relu(found),), (side // 2, side // 2))


def strongest(image, kernel):
    """The row and the column where a kernel responds most: there's something to see there."""
    windows = np.lib.stride_tricks.sliding_window_view(image, (3, 3))
    responses = (windows * np.reshape(kernel, (3, 3))).sum(axis=(2, 3))
    return [int(index) for index in np.unravel_index(responses.argmax(), responses.shape)]


def checked(image):
    """The image as ``(n, n)`` float32; ``ValueError`` for other shapes and values."""
    image = np.asarray(image)
    if image.ndim != 2 or image.shape[0] != image.shape[1] or len(image) < 4:
        raise ValueError(f"Expected one square image, at least 4 by 4 pixels, not an array of shape {image.shape}.")
    if not (image.min() >= 0 and image.max() <= 1):  # also catches NaN
        raise ValueError(f"Expected values from 0 to 1, not {image.min()} to {image.max()}.")
    return image.astype(np.float32)


def _run(name, function, arguments, shape):
    """What somebody's own function returns, as float32; ``ValueError`` says what is wrong with it."""
    try:
        result = function(*arguments)
    except Exception as error:
        raise ValueError(f"Your {name} stopped with {type(error).__name__}: {error}") from error
    if result is None or result is ...:
        raise ValueError(f"Your {name} returns nothing yet. Write it, run its cell, then run this one again.")
    try:
        values = np.asarray(result, np.float32)
    except (TypeError, ValueError):
        raise ValueError(f"Your {name} should return an array of numbers, not {type(result).__name__}.") from None
    if values.shape != shape:
        raise ValueError(f"Your {name} should return a map of shape {shape}, not {values.shape}.")
    if not np.isfinite(values).all():
        raise ValueError(f"Your {name} returns values that are no numbers (NaN) or infinite.")
    return values
