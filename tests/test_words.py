"""Answers in words."""

import numpy as np
import pytest

from digits_helpers.number import ReadDigit
from digits_helpers.words import as_text, digit_in_words, is_sure, number_in_words, top_three


@pytest.mark.parametrize(
    "shares, words",
    [
        ({1: 0.98, 2: 0.02}, "I read 1 (98 %)."),
        ({4: 0.48, 7: 0.11, 9: 0.41}, "Not sure: 4 (48 %) or 9 (41 %)."),
        ({0: 0.597, 1: 0.403}, "I read 0 (60 %)."),  # what is shown as 60 % is not called less than 60 %
        ({0: 0.594, 1: 0.406}, "Not sure: 0 (59 %) or 1 (41 %)."),
    ],
)
def test_one_digit(shares, words):
    probabilities = np.zeros(10, np.float32)
    probabilities[list(shares)] = list(shares.values())
    assert digit_in_words(probabilities) == words
    assert is_sure(probabilities) == words.startswith("I read")


def test_top_three_of_equals_are_the_smaller_digits():
    assert [digit for digit, _ in top_three(np.full(10, 0.1))] == [0, 1, 2]


def test_a_number_says_which_digits_are_in_doubt_and_why():
    two, seven = (ReadDigit((0, 0, 9, 9), None, np.eye(10)[digit], None) for digit in (2, 7))
    small, blob = two._replace(doubt="Too small for a digit."), seven._replace(doubt="A blob, not a digit.")
    assert number_in_words([two, seven]) == "I read 27." and as_text([two, seven]) == "27"
    expected = "I read 2??. Digit 2: Too small for a digit. Digit 3: A blob, not a digit."
    assert number_in_words([two, small, blob]) == expected
