"""Learning templates as a still picture: what a stored notebook shows where no widget runs, for example on GitHub."""

import io

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from digits_helpers.plots.style import BLUE, INK, LINE, MUTED, SIGNED, STYLE
from digits_helpers.widgets.canvas import SHARPNESS

DPI = 100  # pixels of the page for each inch
WIDTH, ROW, CURVE, WORDS = 8.0, 0.95, 1.7, 0.9  # inches


def picture(frames, curve, message=""):
    """The bytes of a PNG, and its width and height in pixels of the page.

    ``frames`` are pairs of a step and the ten weight images ``(10, 28, 28)`` after it, ``curve`` the points
    ``[step, loss]``. If there is a ``message`` it stands there instead.
    """
    with plt.rc_context(STYLE):
        figure = _message(message) if message else _frames(frames, curve)
        FigureCanvasAgg(figure)
        file = io.BytesIO()
        figure.savefig(file, format="png", dpi=SHARPNESS * DPI)
    return file.getvalue(), [round(DPI * side) for side in figure.get_size_inches()]


def _message(message):
    figure = Figure(figsize=(WIDTH, WORDS))
    figure.text(0.02, 0.5, message, va="center", wrap=True)
    return figure


def _frames(frames, curve):
    figure = Figure(figsize=(WIDTH, ROW * len(frames) + CURVE), layout="constrained")
    figure.get_layout_engine().set(w_pad=0.02, h_pad=0.03, wspace=0.02, hspace=0.02)
    above, below = figure.subfigures(2, 1, height_ratios=[ROW * len(frames), CURVE])
    rows = above.subplots(len(frames), 10, squeeze=False)
    for axes, (step, images) in zip(rows, frames, strict=True):
        draw_templates(axes, images)
        axes[0].set_ylabel(f"{step} step{'s' * (step > 1)}", rotation=0, ha="right", va="center", color=INK)
    axis = below.subplots()
    steps, losses = np.transpose(curve)
    axis.plot(steps, losses, color=BLUE)
    for step, loss in [(step, loss) for step, loss in curve if step in dict(frames)]:
        axis.plot(step, loss, "o", color=BLUE)
        axis.annotate(f"{loss:.2f}", (step, loss), (6, 5), textcoords="offset points", color=BLUE)
    axis.set(xlabel="steps", ylabel="loss", ylim=(0, 1.15 * max(losses)), xlim=(0, steps[-1] * 1.05))
    axis.grid(axis="y")
    return figure


def draw_templates(axes, images):
    """Ten images with a sign in ten axes, on one scale: orange is negative, white is zero, blue is positive."""
    limit = np.abs(images).max() or 1
    for axis, image in zip(axes, images, strict=True):
        axis.imshow(image, cmap=SIGNED, vmin=-limit, vmax=limit)
        axis.set(xticks=[], yticks=[])
        axis.spines[:].set(visible=True, color=LINE)
    axes[-1].set_xlabel(f"±{limit:.2g}", color=MUTED, fontsize=10, labelpad=1, loc="right")
