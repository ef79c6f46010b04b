"""Turn any picture of a digit into the 28 x 28 image that MNIST's makers would have made of it.

They scaled each digit to fit a 20 x 20 box, keeping its proportions, and placed it in a 28 x 28 field with its centre
of mass in the middle (LeCun et al., 1998). A network trained on such images only reads such images well, so these
functions repeat the procedure, one step each.
"""

import numpy as np
from PIL import Image

from digits_helpers.ink import as_ink, where_inked, without_specks

FIELD = 28  # pixels, the side of an MNIST image
BOX = 20  # pixels, the longer side of the digit in it
TOO_FAINT = "Nothing is drawn: the lines are too faint and thin for such a large picture. Draw them thicker or darker."


def prepare(picture):
    """Apply all the steps and return a ``(28, 28)`` float32 array in [0, 1], ready for a network trained on MNIST.

    ``picture`` is anything that ``as_ink`` accepts. Specks too small to be part of the digit are removed. Raises
    ``ValueError`` if nothing is drawn, and for other shapes, types and values.

    >>> picture = np.zeros((280, 280), np.uint8)
    >>> picture[40:240, 130:150] = 255
    >>> ready = prepare(picture)
    >>> ready.shape, ready.dtype, float(ready.max())
    ((28, 28), dtype('float32'), 1.0)

    Built in lesson 07.
    """
    return ready(prepare_stages(picture))


def prepare_stages(picture):
    """The picture after each step, as a dictionary of uint8 arrays: ``ink``, ``crop``, ``box`` and ``centred``.

    ``picture`` and the errors raised are the same as for ``prepare``.

    >>> picture = np.zeros((280, 280), np.uint8)
    >>> picture[40:240, 130:150] = 255
    >>> [(name, stage.shape) for name, stage in prepare_stages(picture).items()]
    [('ink', (280, 280)), ('crop', (200, 20)), ('box', (20, 2)), ('centred', (28, 28))]

    Built in lesson 07.
    """
    return stages_of_ink(without_specks(as_ink(picture), BOX))


def stages_of_ink(ink):
    """The same stages for ``(h, w)`` uint8 white ink on black, where the paper is known and every speck counts."""
    crop = crop_to_ink(ink)
    box = fit_to_box(crop)
    return {"ink": ink, "crop": crop, "box": box, "centred": center_by_mass(box)}


def ready(stages):
    """The last of the stages as the network's input: ``(28, 28)`` float32 in [0, 1]."""
    return stages["centred"].astype(np.float32) / 255


def crop_to_ink(ink):
    """Crop a ``(h, w)`` picture to the bounding box of its ink. Raises ``ValueError`` if there is no ink.

    >>> crop_to_ink(np.array([[0, 0, 0], [0, 9, 7], [0, 0, 0]], np.uint8))
    array([[9, 7]], dtype=uint8)

    Built in lesson 07.
    """
    if not ink.any():
        raise ValueError("Nothing is drawn: the picture is blank. Draw a digit first.")
    return ink[where_inked(ink)]


def fit_to_box(crop):
    """Scale a ``(h, w)`` uint8 picture so that its longer side is 20 pixels and its brightest value is 255.

    Proportions are kept, but no side becomes shorter than one pixel. Each new pixel is the mean of the area it covers,
    which produces the grey edges of MNIST's digits. Raises ``ValueError`` if every mean rounds to 0, as can happen in a
    large picture with thin, faint lines.

    >>> fit_to_box(np.full((200, 100), 80, np.uint8)).shape
    (20, 10)

    Built in lesson 07.
    """
    height, width = crop.shape
    scale = BOX / max(height, width)
    size = max(1, round(width * scale)), max(1, round(height * scale))
    small = np.asarray(Image.fromarray(crop).resize(size, Image.Resampling.BOX), np.float32)
    if small.max() == 0:
        raise ValueError(TOO_FAINT)
    return np.rint(small * (255 / small.max())).astype(np.uint8)


def center_by_mass(box):
    """Place a small ``(h, w)`` uint8 picture in an empty ``(28, 28)`` field, with its centre of mass in the middle.

    It moves by whole pixels, so nothing is blurred, and no ink is pushed over the edge. Raises ``ValueError`` if the
    picture is larger than the field or has no ink.

    >>> centred = center_by_mass(np.full((20, 3), 255, np.uint8))
    >>> np.flatnonzero(centred.any(axis=0)).tolist()
    [13, 14, 15]

    Built in lesson 07.
    """
    height, width = box.shape
    if max(height, width) > FIELD:
        raise ValueError(f"A picture of {height} x {width} doesn't fit into {FIELD} x {FIELD}: use fit_to_box first.")
    if not box.any():
        raise ValueError("Nothing is drawn: the picture has no ink to centre.")
    top = _offset(box.sum(axis=1, dtype=float))
    left = _offset(box.sum(axis=0, dtype=float))
    centred = np.zeros((FIELD, FIELD), box.dtype)
    centred[top : top + height, left : left + width] = box
    return centred


def _offset(profile):
    """How far to shift a picture along one axis, given the amount of ink in each row (or column).

    MNIST's centres of mass lie at index 14.0 of 0 to 27, half a pixel beyond the middle of the field.
    """
    center = profile @ np.arange(len(profile)) / profile.sum()
    shift = round(FIELD / 2 - center)
    return min(max(shift, 0), FIELD - len(profile))
