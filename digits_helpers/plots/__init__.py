"""The figures that several lessons draw, in one style.

Each function returns what it has drawn, a figure or its axes, for a lesson to add a title or a label.
"""

from digits_helpers.plots.charts import show_curves, show_intervals, show_probabilities
from digits_helpers.plots.confusions import show_confusions
from digits_helpers.plots.images import show_digits, show_kernels, show_signed
from digits_helpers.plots.style import BLUE, COLOURS, MUTED, ORANGE, SIGNED, use_style

__all__ = [
    "BLUE",
    "COLOURS",
    "MUTED",
    "ORANGE",
    "SIGNED",
    "show_confusions",
    "show_curves",
    "show_digits",
    "show_intervals",
    "show_kernels",
    "show_probabilities",
    "show_signed",
    "use_style",
]
