"""The layers of a convolutional network in plain NumPy.

Each function takes a whole batch, ``(n, ...)`` float32, and does what the Keras layer of the same name does. Lesson 03
builds them one image and one channel at a time, with loops. Here one matrix product does the work of all the loops.
"""

import numpy as np


def convolve(maps, kernels, bias):
    """Slide 3 x 3 kernels over feature maps, without padding.

    ``maps`` is ``(n, h, w, c)`` float32, ``kernels`` ``(3, 3, c, f)`` and ``bias`` ``(f,)``. Returns
    ``(n, h - 2, w - 2, f)`` float32. Arrays whose shapes don't fit together raise ``ValueError``.

    >>> image = np.ones((1, 28, 28, 1), np.float32)
    >>> convolve(image, np.ones((3, 3, 1, 32), np.float32), np.zeros(32, np.float32)).shape
    (1, 26, 26, 32)

    Built in lesson 03.
    """
    windows = np.lib.stride_tricks.sliding_window_view(maps, (3, 3), axis=(1, 2))  # (n, h - 2, w - 2, c, 3, 3)
    n, height, width, channels = windows.shape[:4]
    rows = windows.transpose(0, 1, 2, 4, 5, 3).reshape(n * height * width, 9 * channels)
    products = rows @ kernels.reshape(9 * channels, -1)
    products += bias
    return products.reshape(n, height, width, -1)


def max_pool(maps):
    """Keep the largest value of each 2 x 2 square of ``(n, h, w, c)`` maps.

    Returns ``(n, h // 2, w // 2, c)``. An odd last row or column is dropped.

    >>> max_pool(np.arange(4.0).reshape(1, 2, 2, 1)).tolist()
    [[[[3.0]]]]

    Built in lesson 03.
    """
    height, width = maps.shape[1] // 2 * 2, maps.shape[2] // 2 * 2
    top, bottom = maps[:, 0:height:2, :width], maps[:, 1:height:2, :width]
    tallest = np.maximum(top, bottom)
    return np.maximum(tallest[:, :, 0::2], tallest[:, :, 1::2])


def dense(inputs, weights, bias):
    """Connect every input with every output: ``(n, i)`` inputs, ``(i, o)`` weights and ``(o,)`` bias give ``(n, o)``.

    >>> dense(np.ones((1, 3)), np.ones((3, 2)), np.zeros(2)).tolist()
    [[3.0, 3.0]]

    Built in lesson 03.
    """
    return inputs @ weights + bias


def relu(values):
    """Replace every negative number by 0; any shape.

    >>> relu(np.array([-1.5, 0, 2])).tolist()
    [0.0, 0.0, 2.0]

    Built in lesson 03.
    """
    return np.maximum(values, 0)


def softmax(logits):
    """Turn ``(..., n)`` scores into ``(..., n)`` probabilities: positive numbers that sum to 1.

    >>> softmax(np.array([0.0, 0.0])).tolist()
    [0.5, 0.5]

    Built in lesson 03.
    """
    powers = np.exp(logits - logits.max(axis=-1, keepdims=True))  # subtracting the largest keeps exp from overflowing
    return powers / powers.sum(axis=-1, keepdims=True)
