"""Checks for the exercises in lesson 09."""

import numpy as np

from digits_helpers.checks.runner import exercise, one_number


@exercise
def best_score(function):
    # Three good runs of two pieces, of which only two fit together; the best single run isn't one of these two.
    scores = {(0, 1): -2, (1, 2): -3, (2, 3): -3, (3, 4): -4, (0, 2): 3, (1, 3): 5, (2, 4): 4, (0, 4): -20}
    hints = {
        5: "that is the best single run: it leaves out pieces 0 and 3, but every piece has to be used.",
        -1: "that begins with the best single run, (1, 3), and then has to take pieces 0 and 3 alone. Compare covers.",
        -12: "that takes each piece alone. A run may hold several pieces.",
        -20: "that is the run of all pieces, or the smallest sum. Look for the cover with the largest sum.",
        12: "runs in that sum share a piece: each piece must be used exactly once.",
        3: "that is the best up to piece 1: return the answer for all pieces, best[count].",
    }
    for order, given in (("", scores), (" if the runs come in another order", dict(reversed(scores.items())))):
        result = one_number(function(4, dict(given)))
        hint = hints.get(result, "best[end] is the largest best[first] + score of the runs (first, end).")
        if order:
            hint = (
                "before a run that begins at `first` is used, best[first] must be final. sorted(scores.items()) helps."
            )
        assert result == 7, f"expected 7 for the check's runs{order}, not {result}: {hint}"
    without = {(0, 1): -1, (0, 2): 2, (2, 3): -5}  # no (1, 2): that run isn't possible
    result = one_number(function(3, without))
    assert result == -3, f"with the runs {[*without]} expected -3, not {result}."


@exercise
def next_row(function):
    costs, ink = np.array([3.0, 7, 9, 8, 1]), np.array([2.0, 0, 1, 0, 4])
    result = np.asarray(function(costs.copy(), ink.copy()))
    assert result.shape == (5,), f"expected five numbers, one for each pixel of the row, not the shape {result.shape}."
    for mistake, hint in [
        (
            [3, 3, 8, 1, 5],
            "beyond the left edge you went on at the right edge, as np.roll does: a path can't leave the picture.",
        ),
        (
            [5, 7, 10, 8, 5],
            "that goes straight down only: a step may also come from the left above or the right above.",
        ),
        ([3, 3, 7, 1, 1], "that is the smallest of the three above: add the ink of the row itself."),
        ([3, 1, 2, 1, 5], "that takes the smallest of the whole row above: only three of its pixels are near enough."),
        ([5, 3, 8, 8, 5], "from above and from the left above, but not from the right above: all three count."),
        ([5, 7, 9, 1, 5], "from above and from the right above, but not from the left above: all three count."),
        ([9, 9, 10, 9, 12], "take the smallest of the three, not the largest."),
    ]:
        assert not np.array_equal(result, mistake), hint
    assert np.array_equal(result, [5, 3, 8, 1, 5]), (
        "costs of 3, 7, 9, 8, 1 and ink of 2, 0, 1, 0, 4 should give 5, 3, 8, 1, 5, "
        f"not {', '.join(f'{value:.3g}' for value in result)}."
    )
