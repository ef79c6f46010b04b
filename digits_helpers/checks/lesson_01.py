"""Checks for the exercises in lesson 01."""

import numpy as np

from digits_helpers.checks.runner import exercise


@exercise
def normalise(function):
    images = np.array([[[0, 51], [102, 255]]], np.uint8)
    result = np.asarray(function(images.copy()))
    assert result.shape == (1, 2, 2), f"the shape changed from (1, 2, 2) to {result.shape}: just convert and divide."
    assert result.max() <= 1, "the largest value is still above 1: divide by 255."
    assert not np.array_equal(result, images // 255), (
        "everything but 255 became 0: divide after you've converted, and with / instead of //."
    )
    assert not np.allclose(result, images / 256), "255 should become exactly 1: divide by 255, not 256."
    assert np.allclose(result, [[[0, 0.2], [0.4, 1]]], atol=1e-6), (
        f"0, 51, 102 and 255 should become 0, 0.2, 0.4 and 1, not {', '.join(f'{v:.3g}' for v in result.ravel())}."
    )
    assert result.dtype == np.float32, f"expected float32, not {result.dtype}: use .astype(np.float32) first."


@exercise
def add_axes(function):
    images = np.arange(2 * 784, dtype=np.float32).reshape(2, 28, 28)
    many = np.asarray(function(images))
    assert many.shape != (2, 784), "each image became one long row: keep its 28 rows and columns as two axes."
    assert many.shape != (1, 2, 28, 28), "the new axis came first: the channels are the last axis."
    assert many.shape == (2, 28, 28, 1), f"two images should give shape (2, 28, 28, 1), not {many.shape}."
    assert np.array_equal(many[..., 0], images), "the pixels changed their places: reshape to (-1, 28, 28, 1)."
    one = np.asarray(function(images[1]))
    assert one.shape != (28, 28, 1), "a single image also needs the first axis, the one that counts images."
    assert one.shape == (1, 28, 28, 1), f"a single image should give shape (1, 28, 28, 1), not {one.shape}."
    assert np.array_equal(one[0, ..., 0], images[1]), "the pixels of a single image changed their places."


@exercise
def distances(function):
    image, images = np.zeros((28, 28), np.float32), np.zeros((3, 28, 28), np.float32)
    image[2, 2] = 0.5
    images[0, 2, 2], images[1, 2, 2], images[2, 2, :4] = 0.5, 1, (0.5, 0.5, 0, 0.5)
    image[5, 5], images[:, 5, 5] = 0.2, (0.2, 0.2, 1)
    difference = images - image
    expected = np.sqrt((difference**2).sum(axis=(1, 2)))  # 0, 0.5 and 1.28
    result = np.asarray(function(image.copy(), images.copy()))
    assert result.shape != (), "you got one number for all images together: sum over rows and columns, axis=(1, 2)."
    assert result.shape != (3, 28, 28), "those are the pixels' differences: sum them over axis=(1, 2)."
    assert result.shape == (3,), f"three images should give three distances, shape (3,), not {result.shape}."
    for mistake, hint in [
        (difference.sum(axis=(1, 2)), "positive and negative differences cancel: square them before you add."),
        (abs(difference.sum(axis=(1, 2))), "positive and negative differences cancel: square them before you add."),
        (difference.sum(axis=(1, 2)) ** 2, "you squared the sum: square each difference before you add."),
        (abs(difference).sum(axis=(1, 2)), "that adds absolute differences: add squares, then take the root."),
        ((difference**2).sum(axis=(1, 2)), "the square root is missing: np.sqrt."),
        (np.sqrt((difference**2).mean(axis=(1, 2))), "that's a mean of squares: add them up with sum."),
    ]:
        assert not np.allclose(result, mistake, atol=1e-6), hint
    assert np.allclose(result, expected, atol=1e-5), (
        f"for three small test images expected {', '.join(f'{v:.3f}' for v in expected)}, "
        f"not {', '.join(f'{v:.3f}' for v in result)}."
    )
