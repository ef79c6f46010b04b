"""Checks for the exercises in lesson 01."""

import numpy as np

from digits_helpers.checks.runner import exercise


@exercise
def difference(function):
    first, second = np.zeros((28, 28), np.uint8), np.zeros((28, 28), np.uint8)
    first[0, :3], second[0, :3] = (0, 255, 100), (255, 0, 151)
    result = np.asarray(function(first, second))
    assert result.shape == (28, 28), f"expected one value per pixel, so shape (28, 28), not {result.shape}."
    assert result.min() >= 0, "a difference came out negative: take the absolute value with np.abs."
    assert result.max() <= 1, "a difference came out above 1: divide by 255."
    assert not np.isclose(result[0, 2], 205 / 255), (
        "100 and 151 came out 205 apart: uint8 wrapped around. Convert both images to float32 before you subtract."
    )
    assert np.allclose(result[0, :3], [1, 1, 51 / 255], atol=1e-6), (
        "at pixels with (0, 255), (255, 0) and (100, 151) expected 1, 1 and 0.2, "
        f"not {', '.join(f'{value:.3g}' for value in result[0, :3])}."
    )
    assert result.dtype == np.float32, f"expected float32, not {result.dtype}: use .astype(np.float32)."


@exercise
def one_hot(function):
    labels = np.array([3, 0, 9, 3], np.uint8)
    result = np.asarray(function(labels))
    assert result.shape == (4, 10), f"four labels should give shape (4, 10), ten numbers each, not {result.shape}."
    assert (result.sum(axis=1) == 1).all(), "each row should hold a single 1 and nine 0s."
    assert (result.argmax(axis=1) == labels).all(), (
        f"the ones of the labels 3, 0, 9, 3 are at {', '.join(map(str, result.argmax(axis=1)))}: "
        "put each one at the position given by its label, counting from 0."
    )
    assert result.dtype == np.float32, f"expected float32, not {result.dtype}: np.eye takes a dtype."
