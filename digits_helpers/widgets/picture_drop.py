"""Pictures dropped or pasted on a pad (picture_drop.js)."""

from pathlib import Path

import anywidget
import traitlets

from digits_helpers.picture_files import MAX_BYTES


class PictureDrop(anywidget.AnyWidget):
    """Take a picture file that is dropped on the pad around it, or pasted while the focus or the pointer is there.

    It shows only while a file is dragged over the pad. ``on_picture(content)`` is called with the file's bytes, and
    ``on_error(error)`` where the page has refused the file: it's not a picture, or too large.
    """

    _esm = Path(__file__).with_name("picture_drop.js")
    _css = Path(__file__).with_name("picture_drop.css")

    max_bytes = traitlets.Int(MAX_BYTES).tag(sync=True)

    def __init__(self, on_picture, on_error):
        super().__init__()
        self._on_picture, self._on_error = on_picture, on_error
        self.on_msg(self._on_message)

    def _on_message(self, _widget, content, buffers):
        if buffers:
            self._on_picture(bytes(buffers[0]))
        else:
            self._on_error(ValueError(content["error"]))
