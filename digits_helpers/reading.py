"""What the pad shows beside the canvas: the answer in words and bars, and what it was read from."""

import html

import ipywidgets as widgets

from digits_helpers.answer import bars_html, picture_html, steps_html, top_three_html

WRAP = {"flex_flow": "row wrap"}  # on a phone, one below the other


class Reading(widgets.VBox):
    """The answer; below it bars, what the model sees and the steps. ``status``, for errors, has its own place."""

    def __init__(self):
        self.text, self.bars, self.seen, self.steps, self.status = (widgets.HTML() for _ in range(5))
        super().__init__([self.text, widgets.HBox([self.bars, self.seen], layout=WRAP), self.steps])

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

    def show_error(self, error):
        """Show what went wrong; nothing is lost by it."""
        what = str(error) if isinstance(error, ValueError | OSError) else f"{type(error).__name__}: {error}"
        self.status.value = f'<div role="alert">{html.escape(what)} Your drawing is kept.</div>'
