"""Checks for the exercises in lesson 08."""

import numpy as np

from digits_helpers.checks.runner import exercise


@exercise
def undo(function):
    first, second, third = [(40, 40), (60, 80)], [(200, 120)], [(10, 250), (20, 240), (30, 230)]
    strokes = [first, second, third]
    result = function(strokes)
    assert strokes == [first, second, third], (
        "the list that you were given has changed: make a new one, for example with a slice."
    )
    assert result != third, "that is the stroke taken away: return the strokes that are left."
    assert result != [second, third], "that removed the first stroke: undo takes the last."
    assert result != [first, second, third[:-1]], "that removed one point: undo takes the whole last stroke."
    assert result == [first, second], f"of three strokes the first two should be left, not {result}."
    result = function([first])
    assert result == [], f"of a single stroke nothing should be left, not {result}: undo takes the last of any number."
    try:
        empty = function([])
    except IndexError:
        raise AssertionError("an empty list has no last stroke to take: return an empty list.") from None
    assert empty == [], f"an empty list should give an empty list, not {empty}."


@exercise
def candidates(function):
    sure, torn = np.full((2, 10), 0.01, np.float32)
    sure[[7, 2]] = 0.71, 0.21
    torn[[9, 4]] = 0.5, 0.42
    result = np.asarray(function(torn)).tolist()
    assert not any(0 < value < 1 for value in np.ravel(result)), "those are shares: give the digits, their positions."
    assert result != [9], "with 50 % for the first digit, expected two: compare its share with 0.6."
    assert result != [4, 9], "the likeliest digit comes first: argsort puts it last, so turn the order round."
    assert result == [9, 4], f"9 with 50 % and 4 with 42 % should give [9, 4], not {result}."
    result = np.asarray(function(sure)).tolist()
    assert result != [7, 2], "with 71 % for the first digit, expected that one alone: compare its share with 0.6."
    assert result == [7], f"7 with 71 % and 2 with 21 % should give [7], a list of one, not {result}."
    for first, second, right in [(0.59, 0.05, [6, 3]), (0.3, 0.25, [6, 3]), (0.61, 0.38, [6])]:
        probabilities = np.full(10, (1 - first - second) / 8, np.float32)
        probabilities[[6, 3]] = first, second
        result = np.asarray(function(probabilities)).tolist()
        assert result == right, (
            f"6 with {first:.0%} and 3 with {second:.0%} should give {right}, not {result}: "
            "only the first share is compared with 0.6."
        ).replace("%", " %")
