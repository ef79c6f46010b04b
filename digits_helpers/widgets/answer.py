"""What the pad shows beside the canvas: the answer in words and bars, and what it was read from."""

import html

import ipywidgets as widgets

from digits_helpers.answer import announced, bars_html, digits_html, picture_html, steps_html, top_three_html
from digits_helpers.script import on_page

WRAP = {"flex_flow": "row wrap"}  # on a phone, one below the other

# ipywidgets moves the focus since version 8 only, and then in every view, so that the last one has it.
FOCUS = """
    const pad = document.activeElement.closest('.digit-pad');
    if (pad) pad.querySelectorAll('button')[{number}].focus();
"""


class Answer(widgets.VBox):
    """The answer in words, with ``more`` below it. ``status``, for errors, has its own place on the page."""

    def __init__(self, more):
        self.text, self.status = widgets.HTML(), widgets.HTML()
        self._focus = widgets.HTML(layout={"display": "none"})
        super().__init__([self.text, *more, self._focus])

    def say(self, text):
        """Show the answer in one line, and no error any more."""
        self.text.value = announced(f'<div class="digit-answer" style="font-size:1.3em">{text}</div>')
        self.clear_error()

    def show_error(self, error):
        """Show what went wrong; nothing is lost by it."""
        what = str(error) if isinstance(error, ValueError | OSError) else f"{type(error).__name__}: {error}"
        self.status.value = f'<div role="alert">{html.escape(what)} Your drawing is still here.</div>'

    def clear_error(self):
        """What went wrong before is over."""
        self.status.value = ""

    def focus_button(self, number):
        """Move the keyboard's focus to a button, counted from the top, of the view that has the focus now."""
        self._focus.value = ""  # or asking for the same button again would be no change
        self._focus.value = on_page(FOCUS.format(number=number))


class Reading(Answer):
    """What is read in one digit: bars, what the model sees, and the steps."""

    def __init__(self):
        self.bars, self.seen, self.steps = (widgets.HTML() for _ in range(3))
        super().__init__([widgets.HBox([self.bars, self.seen], layout=WRAP), self.steps])

    def show(self, text, probabilities, stages, with_steps):
        """Show one answer: a line, ``(10,)`` and the stages that it was read from; both ``None`` for no answer."""
        self.say(text)
        self.bars.value = bars_html(probabilities) if stages else ""
        self.seen.value = self.steps.value = ""
        if stages:
            picture = picture_html(stages["centred"], "What the model sees")
            self.seen.value = picture + top_three_html(probabilities)
        if stages and with_steps:
            self.steps.value = steps_html(stages)


class NumberReading(Answer):
    """What is read in a number: each digit as the model sees it, with its probability."""

    def __init__(self):
        self.digits = widgets.HTML()
        super().__init__([self.digits])

    def show(self, text, number):
        """Show one answer: a line, and the list of ``ReadDigit`` behind it."""
        self.say(text)
        self.digits.value = digits_html(number) if number else ""
