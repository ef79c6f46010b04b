"""Checks for the exercises in lesson 06."""

import numpy as np

from digits_helpers.checks.runner import exercise


@exercise
def confusion(function):
    labels, answers = np.array([3, 3, 3, 7, 9, 0], np.uint8), np.array([3, 8, 8, 7, 4, 0])
    result = np.asarray(function(labels, answers))
    assert result.shape == (10, 10), (
        f"expected shape (10, 10), not {result.shape}: a row and a column for every digit, even one that doesn't occur."
    )
    right = np.zeros((10, 10), int)
    for pair in zip(labels, answers, strict=True):
        right[pair] += 1
    for mistake, hint in [
        (right.T, "rows and columns are swapped: the row is the label, the column the answer."),
        (right > 0, "two threes were read as 8, but you counted one: count a pair every time it occurs."),
        (right / right.sum(), "those are shares: give counts."),
        (
            np.diag(np.diag(right)),
            "only the right answers are counted: a three that is read as 8 goes to row 3, column 8.",
        ),
        (right - np.diag(np.diag(right)), "the right answers are missing: they are counted too, on the diagonal."),
    ]:
        assert not np.array_equal(result, mistake), hint
    assert np.array_equal(result, right), (
        f"one image of 3 was read as 3 and two as 8; your row 3 says {result[3].tolist()}."
    )
    assert np.issubdtype(result.dtype, np.integer), f"counts are whole numbers, not {result.dtype}: give dtype int."
    fives = np.asarray(function(np.full(300, 5, np.uint8), np.full(300, 5)))[5, 5]
    assert fives == 300, f"300 fives that were read as 5 came out as {fives}: {result.dtype} can't count so far."


@exercise
def coverage_and_accuracy(function):
    confidence = np.array([0.9, 0.9, 0.5, 0.7, 0.6, 0.45, 0.4, 0.3])
    probabilities = np.repeat((1 - confidence[:, np.newaxis]) / 9, 10, axis=1)
    probabilities[:, 4] = confidence
    labels = np.array([4, 9, 1, 4, 4, 4, 5, 6])  # all are read as 4
    result = function(probabilities, labels, 0.5)
    assert np.shape(result) == (2,), f"expected two numbers, coverage and accuracy, not {result!r}."
    hints = {
        (0.6, 0.625): "the two are swapped: coverage comes first.",
        (0.5, 0.75): "one image's confidence is exactly 0.5: answer it, since that is at least the threshold.",
        (0.625, 0.375): "the right answers are divided by all images: divide by those that are answered.",
        (0.625, 0.5): "that is the accuracy on all images: leave out those that aren't answered.",
        (0.375, 0.6): "that is the share that isn't answered: coverage is the other part.",
        (0.375, 1 / 3): "those are the images below the threshold: the others are answered.",
        (5, 0.6): "5 images are answered: divide by the number of all images.",
        (5, 3): "those are counts: give the share answered, and the share of these that are right.",
    }
    for threshold, expected in [(0.5, (0.625, 0.6)), (0.8, (0.25, 0.5))]:
        result = function(probabilities, labels, threshold)
        for mistake, hint in hints.items():
            assert threshold != 0.5 or not np.allclose(result, mistake), hint
        assert np.allclose(result, expected), (
            f"for the threshold {threshold} expected {expected[0]} and {expected[1]}, "
            f"not {result[0]:.3g} and {result[1]:.3g}."
        )
