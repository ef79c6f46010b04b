"""Numbers with their names beside them: ten probabilities, curves, and intervals."""

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.ticker import MaxNLocator

from digits_helpers.plots.style import BLUE, COLOURS, INK, LINE, MUTED, ORANGE

FAINT = "#a9cfe3"  # blue, for what isn't the answer
MINUS = "\N{MINUS SIGN}"
GAP = 16  # points from one label to the next, at least


def show_probabilities(probabilities, label=None, axis=None):
    """Draw the probabilities of the ten digits as bars, and return the axes.

    ``probabilities`` is ``(10,)``, in [0, 1]. The largest is the answer, with its percentage on top. ``label`` is the
    right digit: it gets a frame and its percentage, and an answer other than that is orange. It draws into ``axis``, by
    default into a new figure. Raises ``ValueError`` for other shapes and values.

    >>> axis = show_probabilities([0, 0.01, 0.04, 0, 0, 0, 0, 0.95, 0, 0], label=7)
    >>> plt.close(axis.figure)

    Plumbing, first used in lesson 04.
    """
    probabilities = np.asarray(probabilities)
    if probabilities.shape != (10,) or not (probabilities.min() >= 0 and probabilities.max() <= 1.001):
        raise ValueError(f"Expected ten probabilities from 0 to 1, not {probabilities}.")
    axis = axis or plt.subplots(figsize=(4.5, 2.4))[1]
    answer = int(probabilities.argmax())
    right = answer if label is None else int(label)
    colours = [FAINT] * 10
    colours[answer], colours[right] = ORANGE, BLUE
    axis.bar(range(10), probabilities, color=colours, width=0.72)
    for digit, other in {(answer, right), (right, answer)}:
        aside = digit - other if abs(digit - other) == 1 else 0  # neighbours write to either side
        axis.annotate(
            f"{100 * probabilities[digit]:.0f} %",
            (digit - 0.36 * aside, probabilities[digit]),
            (0, 3),
            textcoords="offset points",
            ha={-1: "right", 0: "center", 1: "left"}[aside],
            fontsize=11,
        )
    axis.set(xticks=range(10), yticks=[], ylim=(0, 1.15))
    axis.spines["left"].set_visible(False)
    axis.tick_params(axis="x", length=0, labelsize=12, labelcolor=INK)
    if label is not None:
        name = axis.get_xticklabels()[int(label)]
        name.set_bbox({"boxstyle": "round,pad=0.25", "facecolor": "none", "edgecolor": INK, "linewidth": 1})
    return axis


def show_curves(curves, axis=None):
    """Draw curves with their names at their right ends, and return the axes.

    ``curves`` maps each name to its values ``(n,)``, drawn over 1 to n as for epochs, or to a pair of x and y, ``(n,)``
    each. It draws into ``axis``, by default into a new figure. Set the limits of y or a logarithmic scale before, so
    that the names find their places. Raises ``ValueError`` if there are no curves.

    >>> axis = show_curves({"training": [2.3, 0.6, 0.4], "validation": [1.9, 0.7, 0.6]})
    >>> plt.close(axis.figure)

    Plumbing, first used in lesson 02.
    """
    if not curves:
        raise ValueError("There are no curves to show.")
    axis = axis or plt.subplots()[1]
    ends = []
    for number, (name, values) in enumerate(curves.items()):
        x, y = values if isinstance(values, tuple) else (np.arange(1, len(values) + 1), values)
        colour = COLOURS[number % len(COLOURS)]
        axis.plot(x, y, color=colour)
        finite = np.flatnonzero(np.isfinite(y))  # a loss may end in NaN
        if len(finite):
            end = x[finite[-1]], y[finite[-1]]
            axis.plot(*end, "o", color=colour, clip_on=False)
            ends.append((*end, name, colour))
    axis.grid(axis="y")
    axis.spines["left"].set_visible(False)
    _name_ends(axis, ends)
    return axis


def _name_ends(axis, ends):
    """Write each curve's name beside its end, and push names apart that would lie on each other."""
    figure = axis.get_figure(root=True)
    figure.draw_without_rendering()  # so that the axes have their final size
    points = 72 / figure.dpi
    ends = sorted((axis.transData.transform((x, y))[1] * points, x, y, name, colour) for x, y, name, colour in ends)
    heights = [height for height, *_ in ends]
    places = _spread(heights)
    for (height, x, y, name, colour), place in zip(ends, places, strict=True):
        axis.annotate(
            name,
            (x, y),
            (9, place - height),
            textcoords="offset points",
            color=colour,
            va="center",
            annotation_clip=False,
        )


def _spread(heights):
    """Heights in rising order, at least GAP apart, that are as near to ``heights`` as a shift of each group allows."""
    groups = []  # each of them: the heights that it wants, all moved together
    for height in heights:
        groups.append([height])
        while len(groups) > 1 and _places(groups[-2])[-1] + GAP > _places(groups[-1])[0]:
            last = groups.pop()
            groups[-1] += last
    return [place for group in groups for place in _places(group)]


def _places(group):
    middle = (len(group) - 1) / 2
    return [np.mean(group) + (number - middle) * GAP for number in range(len(group))]


def show_intervals(rows, truth=None, axis=None):
    """Draw shares with their intervals, one below the other, and return the axes.

    ``rows`` maps each name to a share and the lower and upper end of its interval, such as 0.97, 0.96, 0.98. They are
    shown in percent, and may be negative, as differences of shares are. ``truth`` is a share to compare them with: it
    gets a line and a row of its own, and intervals that don't hold it are orange. It draws into ``axis``, by default
    into a new figure. Raises ``ValueError`` if there are no rows, and where a share lies outside its interval.

    >>> axis = show_intervals({"100 images": (0.97, 0.92, 0.99), "10,000 images": (0.975, 0.972, 0.978)}, truth=0.976)
    >>> plt.close(axis.figure)

    Plumbing, first used in lesson 06.
    """
    if not rows:
        raise ValueError("There are no intervals to show.")
    names = [*rows] + ["truth"] * (truth is not None)
    axis = axis or plt.subplots(figsize=(8, 0.8 + 0.4 * len(names)))[1]
    for place, (name, (share, low, high)) in enumerate(rows.items()):
        if not low <= share <= high:
            raise ValueError(f"Expected a share inside its interval for {name}, not {share} in {low} to {high}.")
        colour = BLUE if truth is None or low <= truth <= high else ORANGE
        axis.plot([100 * low, 100 * high], [place, place], color=colour, linewidth=6, alpha=0.3)
        axis.plot(100 * share, place, "o", color=colour, markersize=8)
        _write_beside(axis, place, 14, f"{_percent(share)} %", color=colour, weight="bold")
        _write_beside(axis, place, 78, f"{_percent(low)} to {_percent(high)}", color=MUTED, fontsize=11)
    if truth is not None:
        axis.plot([100 * truth] * 2, [-0.5, len(rows)], color=INK, linewidth=1.2, linestyle=(0, (4, 3)))
        axis.plot(100 * truth, len(rows), "D", color=INK, markersize=6)
        _write_beside(axis, len(rows), 14, f"{_percent(truth)} %", weight="bold")
    axis.set(yticks=range(len(names)), yticklabels=names, ylim=(len(names) - 0.5, -0.5))
    axis.xaxis.set_major_locator(MaxNLocator(6, steps=[1, 2, 5, 10]))
    axis.xaxis.set_major_formatter(lambda value, _: f"{value:g} %".replace("-", MINUS))
    axis.tick_params(axis="y", labelcolor=INK, labelsize=12)
    axis.spines["left"].set_visible(False)
    axis.spines["bottom"].set_color(LINE)
    axis.grid(axis="x")
    return axis


def _write_beside(axis, place, offset, text, **style):
    """Write into a row, so many points to the right of the axes."""
    coordinates = {"xycoords": axis.get_yaxis_transform(), "textcoords": "offset points"}
    axis.annotate(text, (1, place), (offset, 0), va="center", annotation_clip=False, **coordinates, **style)


def _percent(share):
    return f"{100 * share:.1f}".replace("-", MINUS)
