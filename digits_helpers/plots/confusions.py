"""A confusion matrix made of the digits that were confused."""

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.patheffects import withStroke

from digits_helpers.plots.images import as_many
from digits_helpers.plots.style import BLUE, INK, LINE, MUTED, ORANGE

PAPER = LinearSegmentedColormap.from_list(
    "paper", [(0.13, 0.14, 0.16, 0), (0.13, 0.14, 0.16, 1)]
)  # no ink: see through
HALF = 0.41  # of a digit's side, where a cell's is 1: 60 pixels and more


def show_confusions(images, labels, predictions):
    """Draw a confusion matrix in which every kind of mistake shows one of its digits, and return its axes.

    A row holds the images of one digit, a column those that got the same answer. Each cell has the first image that
    belongs there and how many there are; the stronger its orange, the more. On the diagonal, where the answer is
    right, there is just the number. ``images`` is ``(n, 28, 28)``, uint8 or floats in [0, 1], and ``labels`` and
    ``predictions`` are ``(n,)`` digits. Raises ``ValueError`` where these shapes and values differ.

    >>> axis = show_confusions(np.zeros((3, 28, 28)), labels=[4, 4, 9], predictions=[4, 9, 9])
    >>> plt.close(axis.figure)

    Plumbing, first used in lesson 06.
    """
    images, labels, predictions = as_many(images), np.asarray(labels), np.asarray(predictions)
    if not labels.shape == predictions.shape == (len(images),):
        raise ValueError(
            f"Expected {len(images)} labels and predictions, one for each image, not {labels.shape} and "
            f"{predictions.shape}."
        )
    counts = np.zeros((10, 10), int)
    np.add.at(counts, (labels, predictions), 1)
    most = max(1, (counts - np.diag(counts.diagonal())).max())

    figure, axis = plt.subplots(figsize=(8, 8), layout="constrained")
    for label, answer in np.argwhere(counts):
        count = counts[label, answer]
        if label == answer:
            _fill(axis, label, answer, BLUE, 0.1)
            axis.text(answer, label, f"{count:,}", color=BLUE, ha="center", va="center")
        else:
            _fill(axis, label, answer, ORANGE, 0.08 + 0.4 * count / most)
            image = images[np.argmax((labels == label) & (predictions == answer))]
            sides = answer - HALF - 0.06, answer + HALF - 0.06, label + HALF - 0.04, label - HALF - 0.04
            axis.imshow(image, cmap=PAPER, vmin=0, vmax=255 if images.dtype == np.uint8 else 1, extent=sides)
            number = axis.text(answer + 0.46, label + 0.45, count, color=INK, ha="right", va="bottom", fontsize=11)
            number.set_path_effects([withStroke(linewidth=3, foreground="white", alpha=0.8)])
    _frame(axis)
    return axis


def _fill(axis, label, answer, colour, strength):
    axis.add_patch(plt.Rectangle((answer - 0.5, label - 0.5), 1, 1, color=colour, alpha=strength, linewidth=0))


def _frame(axis):
    axis.set(xlim=(-0.5, 9.5), ylim=(9.5, -0.5), aspect="equal", xticks=range(10), yticks=range(10))
    axis.set_xlabel("answer", loc="left")
    axis.set_ylabel("digit", loc="top")
    axis.xaxis.set_label_position("top")
    axis.tick_params(top=True, labeltop=True, bottom=False, labelbottom=False, length=0, labelsize=13, labelcolor=INK)
    axis.spines[:].set_visible(False)
    lines = np.arange(11) - 0.5
    axis.hlines(lines, -0.5, 9.5, color=LINE, linewidth=0.8)
    axis.vlines(lines, -0.5, 9.5, color=LINE, linewidth=0.8)
    for label in (axis.xaxis.label, axis.yaxis.label):
        label.set_color(MUTED)
