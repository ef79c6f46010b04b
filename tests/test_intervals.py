"""Wilson's interval against published figures and against SciPy's."""

import numpy as np
import pytest
from scipy.stats import binomtest

import digits_helpers as dh


def test_the_interval_is_the_published_one():
    assert dh.interval(81 / 263, 263) == pytest.approx((0.2553, 0.3662), abs=1e-4)  # Newcombe 1998, table I
    assert dh.interval(0, 20) == pytest.approx((0, 0.1611), abs=1e-4)


@pytest.mark.parametrize("right, n", [(0, 1), (1, 1), (3, 500), (250, 500), (9963, 10_000)])
def test_the_interval_is_scipys(right, n):
    expected = tuple(binomtest(right, n).proportion_ci(method="wilson"))
    assert dh.interval(right / n, n) == pytest.approx(expected, abs=1e-4)


def test_no_end_lies_outside_0_to_1():
    n = np.arange(1, 200)
    low, high = dh.interval(0, n)[0], dh.interval(1, n)[1]
    assert low.min() >= 0 and high.max() <= 1
    assert f"{dh.interval(0, 5)[0]:.1%}" == "0.0%"


def test_many_intervals_at_once():
    low, high = dh.interval(np.array([0.1, 0.5]), np.array([10, 1000]))
    assert (low[1], high[1]) == pytest.approx(dh.interval(0.5, 1000)) and high[0] - low[0] > high[1] - low[1]
