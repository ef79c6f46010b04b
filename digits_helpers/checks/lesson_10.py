"""Checks for the exercises in lesson 10."""

import numpy as np

from digits_helpers.checks.runner import exercise


@exercise
def split(function):
    names = list("abcdefgh")
    result = function(list(names))
    assert isinstance(result, tuple | list) and len(result) == 2, (
        f"expected two lists, not {result!r}: return training, testing."
    )
    training, testing = (list(part) for part in result)
    assert (testing, training) != (list("cf"), names), (
        "the testing styles are among the training ones, too, so the test says nothing about new styles."
    )
    assert not set(training) & set(testing), f"{sorted(set(training) & set(testing))} are in both lists."
    assert (testing, training) != (list("abdegh"), list("cf")), "the two lists are swapped: training comes first."
    assert testing != list("adg"), "that begins with the first: names[2::3] begins with the third."
    assert testing == list("cf"), f"of a to h, c and f are for testing, not {', '.join(testing)}."
    assert training == list("abdegh"), f"of a to h, a, b, d, e, g and h are for training, not {', '.join(training)}."


@exercise
def mended_and_broken(function):
    labels = np.array([1, 2, 3, 4, 5, 6, 7])
    first, second = np.array([1, 2, 9, 9, 9, 6, 8]), np.array([9, 2, 3, 4, 5, 6, 9])
    result = function(first, second, labels)
    assert np.shape(result) == (2,), f"expected two numbers, mended and broken, not {result!r}."
    hints = {
        (1, 3): "the two are swapped: what the second reads right and the first doesn't is mended.",
        (5, 3): "that is how many each reads right; count those that only one of them reads right.",
        (3, 5): "that is how many each reads right; count those that only one of them reads right.",
        (5, 5): "that counts answers that differ; both may be wrong. Compare each with the labels.",
        (3 / 7, 1 / 7): "those are shares: give counts.",
    }
    pair = tuple(np.asarray(result).tolist())
    assert pair == (3, 1), hints.get(pair, f"expected 3 mended and 1 broken here, not {pair[0]} and {pair[1]}.")
