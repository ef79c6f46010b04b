"""How far to trust a share that was counted on some images only."""

import numpy as np


def interval(share, n):
    """Wilson's 95 % confidence interval of a share that was measured on ``n`` images.

    ``share`` is a number in [0, 1] or an array of them, ``n`` the number of images or an array of such, 1 or more: of 0
    images there is no interval, only NaN or ``ZeroDivisionError``. Returns the lower and the upper end, in [0, 1]. The
    formula is Wilson's of 1927; it holds near 0 and 1, too.

    >>> low, high = interval(0.99, 10_000)
    >>> f"{low:.4f} to {high:.4f}"
    '0.9879 to 0.9918'
    """
    z = 1.96  # 95 % of a normal distribution lie so many standard deviations around its mean
    middle = (share + z**2 / (2 * n)) / (1 + z**2 / n)
    half = z * np.sqrt(share * (1 - share) / n + z**2 / (4 * n**2)) / (1 + z**2 / n)
    return np.clip(middle - half, 0, 1), np.clip(middle + half, 0, 1)  # rounding can push them just outside
