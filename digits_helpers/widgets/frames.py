"""Frames to step through or play, in the page and without the kernel (frames.js)."""

import io
from pathlib import Path

import anywidget
import matplotlib.pyplot as plt
import numpy as np
import traitlets
from matplotlib.figure import Figure
from PIL import Image

from digits_helpers.widgets.canvas import SHARPNESS
from digits_helpers.widgets.frames_picture import animation
from digits_helpers.widgets.with_picture import WithPicture

DPI = 100  # pixels of the page for each inch of a figure
TALL, WIDE = 280, 640  # small images are enlarged to about this size, in pixels of the page
WHOLE_RUN, SLOWEST, FASTEST = 8000, 1000, 80  # milliseconds: to play everything, and for one frame


class Frames(WithPicture, anywidget.AnyWidget):
    """Show images or figures one after the other: play them, step through them, or drag the slider.

    ``frames`` is an array ``(n, h, w)`` in grey or ``(n, h, w, 3)`` in colour, or a list of such images, uint8 or
    floats in [0, 1]; small images are enlarged with crisp pixels. Or it's a list of matplotlib figures, all of the same
    size, which are closed when they have been drawn. A generator of figures has only one of them open at a time.
    ``captions`` holds one line of text, or a number, for each frame. Raises ``ValueError`` if there are no frames, for
    other shapes and values, and if the numbers of frames and captions differ.

    Everything runs in the page, so it also works when the kernel is busy. From the keyboard: arrow keys step, Home and
    End go to the first and the last frame, and the space bar plays and pauses. A stored notebook holds an animated PNG
    of at most 1.5 MB; where all frames would take more, it leaves some out.

    >>> fading = Frames(np.linspace(1, 0, 12).reshape(12, 1, 1) * np.ones((28, 28)), captions=range(12))
    >>> fading
    <Frames: 12 frames, from "0" to "11">

    Plumbing, first used in lesson 02.
    """

    _esm = Path(__file__).with_name("frames.js")
    _css = Path(__file__).with_name("frames.css")

    images = traitlets.List(traitlets.Bytes()).tag(sync=True)  # WebP, lossless
    captions = traitlets.List(traitlets.Unicode()).tag(sync=True)  # as many, or none
    width, height = traitlets.Int().tag(sync=True), traitlets.Int().tag(sync=True)  # pixels of the page
    crisp = traitlets.Bool().tag(sync=True)  # small images: enlarged without smoothing
    pause = traitlets.Int().tag(sync=True)  # milliseconds for each frame

    def __init__(self, frames, captions=None):
        self._pictures, size = _drawn(frames)
        captions = [] if captions is None else [str(caption) for caption in captions]
        if captions and len(captions) != len(self._pictures):
            raise ValueError(f"Expected one caption for each of the {len(self._pictures)} frames, not {len(captions)}.")
        width, height = size
        super().__init__(
            images=[_webp(picture) for picture in self._pictures],
            captions=captions,
            width=width,
            height=height,
            crisp=self._pictures[0].width < width,
            pause=max(FASTEST, min(SLOWEST, WHOLE_RUN // len(self._pictures))),
        )

    def __repr__(self):
        count = "1 frame" if len(self.images) == 1 else f"{len(self.images)} frames"
        captions = f', from "{self.captions[0]}" to "{self.captions[-1]}"' if self.captions else ""
        return f"<Frames: {count}{captions}>"

    def _picture(self):
        """An animated one."""
        png, size = animation(self._pictures, self.captions, (self.width, self.height), self.pause)
        return png, size, f"An animation. {repr(self).strip('<>')}."


def _drawn(frames):
    """The frames as Pillow images, all of the same size, and the size in pixels of the page that they are shown in."""
    if not isinstance(frames, np.ndarray):
        # One at a time, so that a generator never has more than one figure open.
        frames = [_picture_of(frame) if isinstance(frame, Figure) else frame for frame in frames]
    if len(frames) == 0:
        raise ValueError("There are no frames to show.")
    kinds = {isinstance(frame, Image.Image) for frame in frames}
    if len(kinds) > 1:
        raise ValueError("Expected figures or images, but got some of each.")
    return _from_figures(frames) if kinds == {True} else _from_arrays(frames)


def _from_figures(pictures):
    sizes = sorted({picture.size for picture in pictures})
    if len(sizes) > 1:
        inches = " and ".join(f"{width / DPI / SHARPNESS:g} × {height / DPI / SHARPNESS:g}" for width, height in sizes)
        raise ValueError(f"Expected figures of the same size, not {inches} inches.")
    return pictures, [round(side / SHARPNESS) for side in sizes[0]]


def _picture_of(figure):
    """Draw a figure, and close it."""
    file = io.BytesIO()
    # Not cropped to what is drawn, or the picture would jump from frame to frame.
    with plt.rc_context({"savefig.bbox": None}):
        figure.savefig(file, format="png", dpi=SHARPNESS * DPI)
    plt.close(figure)
    return Image.open(file).convert("RGB")


def _from_arrays(frames):
    try:
        images = np.asarray(frames)
    except ValueError:
        raise ValueError("Expected images of the same size.") from None
    if not (images.ndim == 3 or (images.ndim == 4 and images.shape[3] == 3)) or 0 in images.shape:
        raise ValueError(f"Expected frames of shape (n, h, w) or (n, h, w, 3), or figures, not {images.shape}.")
    if images.dtype != np.uint8:
        if images.dtype.kind not in "fiub" or not (images.min() >= 0 and images.max() <= 1):  # also catches NaN
            raise ValueError("Expected frames of uint8, or with values from 0 to 1.")
        images = np.rint(255.0 * images).astype(np.uint8)
    height, width = images.shape[1:3]
    scale = max(1, min(TALL // height, WIDE // width))
    return [Image.fromarray(image) for image in images], (scale * width, scale * height)


def _webp(picture):
    file = io.BytesIO()
    picture.save(file, "WEBP", lossless=True, quality=20)  # of a lossless file, the quality is the effort
    return file.getvalue()
