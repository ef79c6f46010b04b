"""What the pads show beside the canvas: the answer in words and bars, and the images that the network saw."""

import base64
import html
import io

import ipywidgets as widgets
import numpy as np
import traitlets
from PIL import Image

from digits_helpers.widgets.script import on_page
from digits_helpers.words import top_three

WRAP = {"flex_flow": "row wrap"}  # on a phone, one below the other
STEPS = {"crop": "Cropped to the ink", "box": "In a 20-pixel box", "centred": "Centred in 28 by 28"}

# Screen readers announce what changes within a live region, but may miss a region that is itself new on the page, as
# all HTML of a widget is after each change. So the widget's own element, which stays, becomes the region.
LIVE_REGION = on_page("if (this.parentElement) this.parentElement.setAttribute('aria-live', 'polite')")

# ipywidgets moves the focus only since version 8, and then in every view, so that the last view gets it.
FOCUS = """
    const pad = document.activeElement.closest('.digit-pad');
    if (pad) pad.querySelectorAll('button')[{number}].focus();
"""


class Answer(widgets.VBox):
    """The answer in words, with ``more`` below it.

    ``status``, for errors, has a place of its own on the page. ``settings`` are controls for how the answer is shown.
    """

    def __init__(self, more, settings=()):
        self.words, self.status, self.settings = widgets.HTML(), widgets.HTML(), settings
        self._focus = widgets.HTML(layout={"display": "none"})
        super().__init__([self.words, *more, self._focus])

    def say(self, text):
        """Show the answer in one line, and clear any error."""
        self.words.value = announced(f'<div class="digit-answer" style="font-size:1.3em">{text}</div>')
        self.clear_error()

    def show_error(self, error):
        """Show what went wrong. Nothing is lost by it."""
        what = str(error) if isinstance(error, ValueError | OSError) else f"{type(error).__name__}: {error}"
        self.status.value = f'<div role="alert">{html.escape(what)} Your drawing is still here.</div>'

    def clear_error(self):
        self.status.value = ""

    def focus_button(self, number):
        """Move the keyboard's focus to a button of the pad, counted from the top, in the view that has it now."""
        self._focus.value = ""  # otherwise asking for the same button again would change nothing
        self._focus.value = on_page(FOCUS.format(number=number))


class DigitAnswer(Answer):
    """One digit: bars, what the model sees, the top three, and on request the steps of the preparation.

    Built in lesson 08.
    """

    with_steps = traitlets.Bool(False, help="show the steps of the preparation")

    def __init__(self):
        self._reading = None
        self.bars, self.seen, self.steps = (widgets.HTML() for _ in range(3))
        switch = widgets.Checkbox(description="Show the steps of the preparation", indent=False)
        super().__init__([widgets.HBox([self.bars, self.seen], layout=WRAP), self.steps], [switch])
        traitlets.link((self, "with_steps"), (switch, "value"))
        self.observe(lambda _: self._show_steps(), "with_steps")

    def show(self, text, reading):
        """Show an answer: a line of text, and the ``DigitReading`` behind it, or ``None`` where there is none."""
        self.say(text)
        self._reading = reading
        self.bars.value = bars_html(reading.probabilities) if reading else ""
        self.seen.value = seen_html(reading) if reading else ""
        self._show_steps()

    def _show_steps(self):
        self.steps.value = steps_html(self._reading.stages) if self._reading and self.with_steps else ""


class NumberAnswer(Answer):
    """A number: each digit as the model sees it, with its probability, and a box around it on the canvas.

    Built in lesson 09.
    """

    def __init__(self, canvas):
        self.canvas = canvas
        self.digits = widgets.HTML()
        super().__init__([self.digits])

    def show(self, text, number):
        """Show an answer: a line of text, and the list of ``ReadDigit`` behind it, or ``None`` where there is none."""
        self.say(text)
        self.digits.value = digits_html(number) if number else ""
        self.canvas.mark(tuple((digit.box, "?" if digit.doubt else str(digit.digit)) for digit in number or []))


# HTML


def announced(content):
    """HTML whose changes a screen reader announces."""
    return content + LIVE_REGION


def bars_html(probabilities):
    """A row for each digit: the digit, a bar, and its probability in percent. The most likely is bold and marked."""
    best = top_three(probabilities)[0][0]
    rows = "".join(_bar_row(digit, float(p), digit == best) for digit, p in enumerate(probabilities))
    return f'<table class="digit-bars" aria-label="Probability of each digit" style="line-height:1.4">{rows}</table>'


def _bar_row(digit, share, best):
    weight, mark = ("bold", "◀") if best else ("normal", "")
    bar = f'<div style="width:{share:.1%};height:0.8em;background:#0072b2"></div>'
    return (
        f'<tr style="font-weight:{weight}"><th scope="row">{digit}</th>'
        f'<td style="width:8em;padding:0 0.4em">{bar}</td><td>{100 * share:.0f}&nbsp;% {mark}</td></tr>'
    )


def seen_html(reading):
    """What the model sees, and the three most likely digits as a numbered list."""
    items = "".join(f"<li><b>{digit}</b> {100 * p:.1f}&nbsp;%</li>" for digit, p in top_three(reading.probabilities))
    return (
        picture_html(reading.stages["centred"], "What the model sees")
        + f'<div class="digit-top3" style="line-height:1.4">Top three:<ol style="margin:0">{items}</ol></div>'
    )


def steps_html(stages):
    """The steps of the preparation side by side; ``stages`` as ``prepare_stages`` returns them."""
    pictures = "".join(picture_html(stages[name], caption) for name, caption in STEPS.items())
    return f'<div class="digit-steps" style="display:flex;flex-wrap:wrap">{pictures}</div>'


def digits_html(number):
    """The digits of a number side by side, as the model sees them, each with its answer and probability."""
    pictures = "".join(
        picture_html(np.rint(255 * digit.image).astype(np.uint8), _in_short(digit), pixels=56) for digit in number
    )
    return f'<div class="digit-number" style="display:flex;flex-wrap:wrap">{pictures}</div>'


def _in_short(digit):
    percent = f"{100 * digit.confidence:.0f}&nbsp;%"
    return f"? ({digit.digit}, {percent})" if digit.doubt else f"{digit.digit}, {percent}"


def picture_html(image, caption, pixels=112):
    """A small grey picture, ``(h, w)`` uint8, its longer side ``pixels`` long on the page, with sharp squares."""
    height, width = (round(side * pixels / max(image.shape)) for side in image.shape)
    file = io.BytesIO()
    Image.fromarray(image).save(file, "PNG")
    url = "data:image/png;base64," + base64.b64encode(file.getvalue()).decode()
    return (
        f'<figure style="margin:0 0.5em 0.5em 0"><img src="{url}" alt="{caption}" '
        f'style="width:{width}px;height:{height}px;max-width:none;image-rendering:pixelated"/>'
        f'<figcaption style="line-height:1.4">{caption}</figcaption></figure>'
    )
