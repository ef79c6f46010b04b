"""Checks for the exercises, one file per lesson. Each tries the reader's answer and prints ✅, or ❌ with a hint."""

from digits_helpers.checks.extra_neighbours import rebuild, vote
from digits_helpers.checks.lesson_00 import count_correct
from digits_helpers.checks.lesson_01 import add_axes, distances, normalise
from digits_helpers.checks.lesson_02 import gradient, linear_scores
from digits_helpers.checks.lesson_03 import conv_parameters, convolve, max_pool, upper_edges
from digits_helpers.checks.lesson_04 import best_epoch, bias_slopes, descend
from digits_helpers.checks.lesson_05 import epoch_seconds, read_val_loss
from digits_helpers.checks.lesson_06 import confusion, coverage_and_accuracy
from digits_helpers.checks.lesson_07 import center_of_mass, crop_to_ink
from digits_helpers.checks.lesson_08 import candidates, undo
from digits_helpers.checks.lesson_09 import best_score, next_row
from digits_helpers.checks.lesson_10 import mended_and_broken, split
from digits_helpers.checks.runner import exercise

__all__ = [
    "exercise",
    "rebuild",
    "vote",
    "count_correct",
    "normalise",
    "add_axes",
    "distances",
    "gradient",
    "linear_scores",
    "convolve",
    "max_pool",
    "conv_parameters",
    "upper_edges",
    "best_epoch",
    "bias_slopes",
    "descend",
    "epoch_seconds",
    "read_val_loss",
    "confusion",
    "coverage_and_accuracy",
    "center_of_mass",
    "crop_to_ink",
    "candidates",
    "undo",
    "best_score",
    "next_row",
    "mended_and_broken",
    "split",
]
