"""A line of text that screen readers announce when it changes (live_text.js)."""

from pathlib import Path

import anywidget
import traitlets


class LiveText(anywidget.AnyWidget):
    """One line of text in an element that stays: screen readers may miss a change in HTML that is itself new.

    >>> LiveText(value="Nothing trained yet.").value
    'Nothing trained yet.'
    """

    _esm = Path(__file__).with_name("live_text.js")

    value = traitlets.Unicode().tag(sync=True)
