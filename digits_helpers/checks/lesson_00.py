"""Checks for the exercises in lesson 00."""

import numpy as np

from digits_helpers.checks.runner import exercise, one_number

LABELS = np.array([7, 2, 1, 0, 4, 9])


@exercise
def count_correct(function):
    probabilities = np.full((len(LABELS), 10), 0.02, np.float32)
    predictions = np.array([7, 2, 1, 6, 4, 4])  # four of six are correct
    probabilities[np.arange(len(LABELS)), predictions] = 0.82
    count = one_number(function(probabilities, LABELS))
    assert count != 0, "expected 4, not 0: compare the positions of the largest probabilities with the labels."
    assert not np.isclose(count, 4 / 6), "that's the share of correct predictions. Count them: use np.sum."
    assert count != 2, "that's how many are wrong."
    assert count == 4, f"four of these six predictions are correct, not {count}. Use np.argmax with axis=1."
    best = one_number(function(probabilities, predictions))
    assert best == len(LABELS), f"with labels that all agree, expected {len(LABELS)}, not {best}."
