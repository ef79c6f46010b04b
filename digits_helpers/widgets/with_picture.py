"""What a widget stores besides itself: a picture and a line of text, for pages that run no widgets."""

import io

import ipywidgets as widgets
from IPython.display import display


class WithPicture:
    """A base class of widgets, in front of the others.

    The widget offers ``_picture()``, which returns the bytes of a PNG, its width and height in pixels of the page, and
    what it shows in words. A page that can run the widget shows its view, any other the picture.
    """

    def _repr_mimebundle_(self, **_):
        png, (width, height), alt = self._picture()
        view = {"version_major": 2, "version_minor": 0, "model_id": self.model_id}
        data = {"text/plain": repr(self), "image/png": png, "application/vnd.jupyter.widget-view+json": view}
        return data, {"image/png": {"width": width, "height": height, "alt": alt}}

    if not hasattr(widgets.Widget, "_repr_mimebundle_"):

        def _ipython_display_(self, **_):
            """The same in ipywidgets 7; Colab shows its widgets only in what is displayed, not in a cell's result."""
            data, metadata = self._repr_mimebundle_()
            display(data, metadata=metadata, raw=True)


def as_png(image):
    """The bytes of a Pillow image as a PNG file."""
    file = io.BytesIO()
    image.save(file, "PNG", optimize=True)
    return file.getvalue()
