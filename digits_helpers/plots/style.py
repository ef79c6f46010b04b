"""The look of all figures: Okabe and Ito's colours, readable type, sharp lines, and nothing that isn't needed."""

import matplotlib.pyplot as plt
from cycler import cycler
from IPython import get_ipython
from matplotlib.colors import LinearSegmentedColormap

# Okabe and Ito chose these so that colour-blind people can tell them apart, too. Their yellow is missing: on white
# paper, a line in it is hard to see.
BLUE, ORANGE, GREEN, PURPLE, AMBER, SKY = COLOURS = ["#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9"]
INK, MUTED, LINE = "#20242a", "#5f6368", "#d5d9de"

# For numbers with a sign: orange is negative, white is zero, blue is positive.
SIGNED = LinearSegmentedColormap.from_list("signed", [ORANGE, "#f4bd93", "white", "#94c8e6", BLUE])

STYLE = {
    "figure.figsize": (8, 3),
    "figure.dpi": 100,
    "figure.facecolor": "white",  # also on a dark page, where dark text on nothing could not be read
    "figure.constrained_layout.use": True,
    "figure.max_open_warning": 0,  # a notebook closes its figures at the end of each cell
    "font.size": 12,
    "text.color": INK,
    "axes.prop_cycle": cycler(color=COLOURS),
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.edgecolor": MUTED,
    "axes.linewidth": 0.8,
    "axes.labelcolor": MUTED,
    "axes.labelsize": 12,
    "axes.labelpad": 6,
    "axes.titlesize": 13,
    "axes.titlecolor": INK,
    "axes.titlelocation": "left",
    "axes.titlepad": 10,
    "axes.axisbelow": True,
    "xtick.color": MUTED,
    "ytick.color": MUTED,
    "xtick.labelsize": 11,
    "ytick.labelsize": 11,
    "xtick.major.size": 3,
    "ytick.major.size": 0,
    "ytick.major.pad": 6,
    "grid.color": "#e8ebee",
    "grid.linewidth": 0.8,
    "lines.linewidth": 2.2,
    "lines.solid_capstyle": "round",
    "lines.solid_joinstyle": "round",
    "lines.markersize": 6,
    "legend.frameon": False,
    "legend.fontsize": 11,
    "image.cmap": "gray",
    "image.interpolation": "nearest",
}


def use_style():
    """Draw all figures from here on in the style of this series.

    It sets matplotlib's ``rcParams``, and in a notebook it makes figures sharp on high-density screens. Figures are
    8 by 3 inches unless you say otherwise, with text of 11 to 13 points.

    >>> with plt.rc_context():
    ...     use_style()
    ...     plt.rcParams["figure.figsize"]
    [8.0, 3.0]

    Plumbing, first used in lesson 00.
    """
    plt.rcParams.update(STYLE)
    if get_ipython() is not None:
        from matplotlib_inline.backend_inline import set_matplotlib_formats  # in a script it would choose a backend

        set_matplotlib_formats("retina")
