"""Checks for the exercises in lesson 03."""

import numpy as np

from digits_helpers import layers
from digits_helpers.checks.lesson_02 import go_on_with
from digits_helpers.checks.runner import exercise, one_number


def _our_convolve(image, kernel):
    image, kernel = np.asarray(image)[np.newaxis, :, :, np.newaxis], np.asarray(kernel)[:, :, np.newaxis, np.newaxis]
    return layers.convolve(image, kernel, 0.0)[0, :, :, 0]


def _our_max_pool(image):
    return layers.max_pool(np.asarray(image)[np.newaxis, :, :, np.newaxis])[0, :, :, 0]


def _our_conv_parameters(size, channels, filters):
    return (size * size * channels + 1) * filters


@go_on_with(_our_convolve)
def convolve(function):
    image, kernel = np.random.default_rng(3).random((6, 5)), np.array([[1, 2, -1], [0, 3, 0.5], [-2, 1, 4]])
    result = np.asarray(function(image.copy(), kernel.copy()))
    expected = _our_convolve(image, kernel)
    shape = result.shape
    assert shape != (), "that's one number: every position needs its own, in an array of shape (h - 2, w - 2)."
    assert shape != image.shape, "the map is as large as the image: the kernel may not stick out, so it's 2 smaller."
    assert shape != (26, 26), "take height and width from image.shape; the check's image isn't 28 by 28."
    assert shape == (4, 3), f"an image of shape (6, 5) should give a map of shape (4, 3), not {shape}."
    for mistake, hint in [
        (_our_convolve(image, kernel[::-1, ::-1]), "the kernel is rotated by half a turn: use it as it is."),
        (_our_convolve(image, kernel.T), "rows and columns of the kernel are exchanged."),
        (expected / 9, "that's the mean of the nine products: take their sum."),
        (np.trunc(expected), "the sums have lost their decimals: store them in an array of floats, as from np.zeros."),
        (np.zeros((4, 3)), "all sums are 0: do you store them in the map?"),
    ]:
        assert not np.allclose(result, mistake), hint
    assert np.isclose(result[0, 0], expected[0, 0]), (
        f"the first patch, image[0:3, 0:3], should give {expected[0, 0]:.3f}, not {result[0, 0]:.3f}: "
        "multiply patch and kernel number by number, then add up all nine products."
    )
    assert np.allclose(result, expected), "the first sum is right, but others aren't: look at where the patches start."


@exercise
def upper_edges(function):
    kernel = np.asarray(function(), np.float32)
    assert kernel.shape == (3, 3), f"expected a kernel of shape (3, 3), not {kernel.shape}."
    assert kernel.any(), "all nine numbers are 0, so it responds with 0 to everything."
    assert abs(kernel.sum()) < 1e-5, (
        f"where all nine pixels are 1 it gives {kernel.sum():.3g}, not 0: the nine numbers should sum to 0."
    )
    assert np.allclose(kernel.sum(axis=0), 0, atol=1e-5), (
        "it responds to a vertical edge: the numbers in each column should cancel."
    )
    # An edge may lie above the lowest row of the patch, or above the lowest two.
    answers = kernel[2].sum(), kernel[1:].sum()
    assert min(answers) > 0, (
        f"paper above ink gives {answers[0]:.3g} or {answers[1]:.3g}, not two positive numbers: "
        "the lower row should count with plus, the upper row with minus."
    )


@go_on_with(_our_max_pool)
def max_pool(function):
    image = np.random.default_rng(3).normal(size=(6, 5)) - 1  # with negative maxima
    result = np.asarray(function(image.copy()))
    shape, even = result.shape, image[:, :4].reshape(3, 2, 2, 2)
    assert shape != (), "that's one number, the largest of all: every 2 × 2 square needs its own."
    assert shape != (5, 4), "the squares overlap: the next one starts two pixels further on, at 2 * row and 2 * column."
    assert shape != (3, 3), "5 columns make 2 squares, and the last column is left out: use //, which rounds down."
    assert shape != (13, 13), "take height and width from image.shape; the check's map isn't 26 by 26."
    assert shape == (3, 2), f"a map of shape (6, 5) should give (3, 2), not {shape}."
    for mistake, hint in [
        (even.mean(axis=(1, 3)), "those are means: max pooling keeps the largest."),
        (even.min(axis=(1, 3)), "those are the smallest numbers: keep the largest."),
        (even[:, 0, :, 0], "those are the upper left corners: keep the largest of all four."),
        (image[:3, :2], "the squares start at 2 * row and 2 * column."),
        (np.maximum(even.max(axis=(1, 3)), 0), "negative maps count, too: the largest of −3 and −1 is −1, not 0."),
    ]:
        assert not np.allclose(result, mistake), hint
    assert np.allclose(result, even.max(axis=(1, 3))), (
        "not the largest of each square: image[2 * row:2 * row + 2, 2 * column:2 * column + 2].max()."
    )


@go_on_with(_our_conv_parameters)
def conv_parameters(function):
    for size, channels, filters in [(3, 1, 32), (5, 3, 7), (3, 32, 64)]:
        result = one_number(function(size, channels, filters))
        weights = size * size * channels * filters
        hints = {  # the hint for each likely mistake; the right answer comes last, over any that equals it
            weights: "These are the weights. Each filter has a bias as well.",
            weights + 1: "That is one bias for all. Each filter has a bias of its own.",
            weights + channels * filters: "A filter has one bias, not one for each channel.",
            size * size * filters + filters: "A filter has weights for every channel of its input.",
            weights + filters: None,
        }
        hint = hints.get(result, "How many weights does a filter have? Add its bias, then multiply by the filters.")
        assert hint is None, f"for size {size}, {channels} channels and {filters} filters you gave {result}. {hint}"
