"""The layers of a convolutional network in plain NumPy.

Each function takes a whole batch, ``(n, ...)`` float32, and does what the Keras layer of the same name does. Lesson 03
builds them one image and one channel at a time, with loops. Here one matrix product does the work of all the loops.
"""

import functools

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
    n, height, width = len(maps), maps.shape[1] - 2, maps.shape[2] - 2
    filters = kernels.shape[-1]
    # Nine shifted copies of the maps, side by side: at each position, everything that the kernel covers there.
    shifted = [maps[:, row : row + height, column : column + width] for row in range(3) for column in range(3)]
    windows = np.concatenate(shifted, axis=-1)
    sums = windows.reshape(-1, windows.shape[-1]) @ kernels.reshape(-1, filters)
    sums += bias
    return sums.reshape(n, height, width, filters)


def max_pool(maps):
    """Keep the largest value of each 2 x 2 square of ``(n, h, w, c)`` maps.

    Returns ``(n, h // 2, w // 2, c)``. An odd last row or column is dropped.

    >>> max_pool(np.arange(4.0).reshape(1, 2, 2, 1)).tolist()
    [[[[3.0]]]]

    Built in lesson 03.
    """
    height, width = maps.shape[1] // 2 * 2, maps.shape[2] // 2 * 2
    # The upper left corners of all squares, then the upper right ones, the lower left and the lower right.
    corners = [maps[:, row:height:2, column:width:2] for row in range(2) for column in range(2)]
    return functools.reduce(np.maximum, corners)


def dense(inputs, weights, bias):
    """Connect every input with every output: ``(n, i)`` inputs, ``(i, o)`` weights and ``(o,)`` bias give ``(n, o)``.

    >>> dense(np.ones((1, 3)), np.ones((3, 2)), np.zeros(2)).tolist()
    [[3.0, 3.0]]

    Built in lesson 03.
    """
    return inputs @ weights + bias


def relu(values, out=None):
    """Replace every negative number by 0; any shape. As in NumPy, ``out=values`` overwrites the values.

    >>> relu(np.array([-1.5, 0, 2])).tolist()
    [0.0, 0.0, 2.0]

    Built in lesson 03.
    """
    return np.maximum(values, 0, out=out)


def softmax(logits):
    """Turn ``(..., n)`` scores into ``(..., n)`` probabilities: positive numbers that sum to 1.

    >>> softmax(np.array([0.0, 0.0])).tolist()
    [0.5, 0.5]

    Built in lesson 03.
    """
    powers = np.exp(logits - logits.max(axis=-1, keepdims=True))  # subtracting the largest keeps exp from overflowing
    return powers / powers.sum(axis=-1, keepdims=True)
