"""Checks for the exercises in lesson 07."""

import numpy as np

from digits_helpers.checks.runner import exercise


@exercise
def center_of_mass(function):
    image = np.zeros((7, 12), np.uint8)
    image[1, 2:5], image[5, 9], image[6, 3] = 200, 100, 100
    result = function(image)
    assert np.shape(result) == (2,), f"expected two numbers, the row and the column, not {result!r}."
    right = np.array([2.125, 3.75])
    for mistake, hint in [
        (right[::-1], "row and column are swapped: the row comes first, and image.sum(axis=1) gives one sum per row."),
        (right + 1, "both are 1 too large: count the positions from 0, as np.arange does."),
        (right + 0.5, "both are half a pixel too large: position 3 is the middle of pixel 3, not its edge."),
        (right - 0.5, "both are half a pixel too small: position 3 is the middle of pixel 3, not its edge."),
        (np.argwhere(image).mean(axis=0), "every pixel with ink counted the same: weigh its position by its ink."),
        ((3.5, 5.5), "that is the middle of the bounding box: places with more ink have to count more."),
        ((3, 5.5), "that is the middle of the picture, no matter where the ink is."),
    ]:
        assert not np.allclose(result, mistake, atol=1e-3), hint
    assert np.allclose(result, right, atol=1e-3), (
        f"expected row 2.125 and column 3.75 for the check's picture, not {result[0]:.3f} and {result[1]:.3f}: "
        "multiply each position by its ink, add up, and divide by the total ink."
    )


@exercise
def crop_to_ink(function):
    ink = np.zeros((14, 14), np.uint8)
    ink[2:4, 5:9], ink[6:8, 9:12] = 255, 3  # two parts, the second one faint, and two empty rows between them
    result = np.asarray(function(ink))
    hints = {
        (14, 14): "nothing was cut off.",
        (7, 6): "rows and columns are swapped: ink.any(axis=1) tells for each row whether it has ink.",
        (5, 6): "the last row and the last column are missing: a slice stops before its end, so add 1.",
        (5, 7): "the last row is missing: a slice stops before its end, so add 1.",
        (6, 6): "the last column is missing: a slice stops before its end, so add 1.",
        (4, 7): "empty rows inside the digit are gone, too: keep everything from the first row with ink to the last.",
        (2, 4): "the faint part is cut off: every pixel above 0 is ink.",
    }
    assert result.shape == (6, 7), hints.get(result.shape, f"expected the shape (6, 7) here, not {result.shape}.")
    assert np.array_equal(result, ink[2:8, 5:12]), "the size is right, but not the place or the values."
