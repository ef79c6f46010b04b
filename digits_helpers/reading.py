"""What the pad shows beside the canvas: the answer in words and bars, and what it was read from."""

import html

import ipywidgets as widgets

from digits_helpers.answer import bars_html, picture_html, steps_html, top_three_html

WRAP = {"flex_flow": "row wrap"}  # on a phone, one below the other

# ipywidgets moves the focus since version 8 only, and then in every view, so that the last one has it.
FOCUS = """<img src="data:," alt="" onerror="
    const pad = document.activeElement.closest('.digit-pad');
    if (pad) pad.querySelectorAll('button')[{number}].focus();
">"""


class Reading(widgets.VBox):
    """The answer; below it bars, what the model sees and the steps. ``status``, for errors, has its own place."""

    def __init__(self):
        self.text, self.bars, self.seen, self.steps, self.status = (widgets.HTML() for _ in range(5))
        self._focus = widgets.HTML(layout={"display": "none"})
        super().__init__([self.text, widgets.HBox([self.bars, self.seen], layout=WRAP), self.steps, self._focus])

    def show(self, text, probabilities, stages, with_steps):
        """Show one answer: a line, ``(10,)`` and the stages that it was read from; both ``None`` for no answer."""
        self.text.value = (
            f'<div class="digit-answer" role="status" aria-live="polite" style="font-size:1.3em">{text}</div>'
        )
        self.bars.value = bars_html(probabilities) if stages else ""
        self.seen.value = self.steps.value = self.status.value = ""
        if stages:
            picture = picture_html(stages["centred"], "What the model sees")
            self.seen.value = picture + top_three_html(probabilities)
        if stages and with_steps:
            self.steps.value = steps_html(stages)

    def focus_button(self, number):
        """Move the keyboard's focus to a button, counted from the top, of the view that has the focus now."""
        self._focus.value = ""  # or asking for the same button again would be no change
        self._focus.value = FOCUS.format(number=number)

    def show_error(self, error):
        """Show what went wrong; nothing is lost by it."""
        what = str(error) if isinstance(error, ValueError | OSError) else f"{type(error).__name__}: {error}"
        self.status.value = f'<div role="alert">{html.escape(what)} Your drawing is kept.</div>'
