"""Answers in words: what a network reads in a digit or a number, and when it isn't sure.

A number is a list of ``ReadDigit``, as ``read_number`` returns it.
"""

import numpy as np

NOT_SURE = 60  # percent, as displayed: below this, the answer names two candidates
NOTHING_DRAWN = "Nothing drawn yet."


def digit_in_words(probabilities):
    """Say in one line what ``(10,)`` probabilities mean.

    >>> digit_in_words(np.eye(10)[7])
    'I read 7 (100 %).'
    >>> digit_in_words([0, 0, 0, 0, .5, 0, 0, 0, 0, .5])
    'Not sure: 4 (50 %) or 9 (50 %).'

    Built in lesson 08.
    """
    (first, p), (second, q), _ = top_three(probabilities)
    if not is_sure(probabilities):
        return f"Not sure: {with_percent(first, p)} or {with_percent(second, q)}."
    return f"I read {with_percent(first, p)}."


def is_sure(probabilities):
    """Whether the most likely digit reaches ``NOT_SURE`` percent, as displayed.

    >>> is_sure([.1, .6, 0, .3, 0, 0, 0, 0, 0, 0]), is_sure([.3, .4, 0, .3, 0, 0, 0, 0, 0, 0])
    (True, False)
    """
    return bool(round(100 * float(max(probabilities))) >= NOT_SURE)


def with_percent(digit, probability):
    """
    >>> with_percent(7, 0.994)
    '7 (99 %)'
    """
    return f"{digit} ({100 * probability:.0f} %)"


def top_three(probabilities):
    """The three most likely digits with their probabilities, the most likely first; of equals the smaller digit.

    >>> top_three([.1, .6, 0, .3, 0, 0, 0, 0, 0, 0])
    [(1, 0.6), (3, 0.3), (0, 0.1)]

    Built in lesson 08.
    """
    order = np.argsort(-np.asarray(probabilities), kind="stable")[:3]
    return [(int(digit), float(probabilities[digit])) for digit in order]


def as_text(number):
    """The digits of a number as text, with a question mark for each that can't be read.

    >>> as_text([])
    ''

    Built in lesson 09.
    """
    return "".join("?" if digit.doubt else str(digit.digit) for digit in number)


def number_in_words(number):
    """Say in one line what a number reads, and what is wrong with the digits that can't be read.

    >>> from digits_helpers.number import ReadDigit
    >>> unsure = ReadDigit((0, 0, 9, 9), None, np.eye(10)[3], "A blob, not a digit.")
    >>> number_in_words([unsure._replace(doubt=None), unsure])
    'I read 3?. Digit 2: A blob, not a digit.'

    Built in lesson 09.
    """
    doubts = [f" Digit {place}: {digit.doubt}" for place, digit in enumerate(number, 1) if digit.doubt]
    return f"I read {as_text(number)}.{''.join(doubts)}"
