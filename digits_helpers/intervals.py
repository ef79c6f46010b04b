"""Confidence intervals for shares, such as an accuracy measured on a limited number of images."""

import numpy as np


def interval(share, n):
    """Wilson's 95 % confidence interval for a share measured on ``n`` images.

    ``share`` is a number in [0, 1] or an array of them, and ``n`` the number of images, or an array of such numbers,
    at least 1: with 0 images you get NaN or ``ZeroDivisionError``. Returns the lower and the upper end, both in
    [0, 1]. The formula is Wilson's (1927) and also holds for shares near 0 and 1.

    >>> low, high = interval(0.99, 10_000)
    >>> f"{low:.4f} to {high:.4f}"
    '0.9879 to 0.9918'

    Built in lesson 06.
    """
    z = 1.96  # 95 % of a normal distribution lies within so many standard deviations of its mean
    middle = (share + z**2 / (2 * n)) / (1 + z**2 / n)
    half = z * np.sqrt(share * (1 - share) / n + z**2 / (4 * n**2)) / (1 + z**2 / n)
    return np.clip(middle - half, 0, 1), np.clip(middle + half, 0, 1)  # rounding can push them just outside
