"""Any picture as white ink on black: polarity, uneven light in photos, and specks."""

import numpy as np
from PIL import Image, ImageFilter
from scipy import ndimage

SMALLEST_PHOTO = 28  # pixels; a smaller picture is no photo
FAINTEST = 12  # grey levels of 255: a pencil's line differs from its paper by more


def as_ink(picture):
    """Any picture as white ink on black paper, ``(h, w)`` uint8.

    ``picture`` is grey ``(h, w)`` or ``(h, w, 1)``, RGB ``(h, w, 3)`` or RGBA ``(h, w, 4)``, of type bool, uint8, or
    float in [0, 1]. The paper's grey is read off the border, and ink is how far a pixel differs from it, so white on
    black and black on white give the same. Where the border is uneven, as in a photo, uneven light and noise are taken
    out first. Raises ``ValueError`` for other shapes, types and values.

    >>> as_ink(np.array([[255, 255, 255], [255, 0, 255], [255, 255, 255]], np.uint8))[1].tolist()
    [0, 255, 0]
    """
    picture = np.asarray(picture)
    if picture.dtype == np.uint8 and picture.ndim == 2 and picture.size and not border_of(picture).any():
        return picture.copy()  # white ink on black paper already, as rasterize gives it
    grey = _as_grey(picture)
    paper = np.median(border_of(grey)).astype(np.float32)
    # Half of the border exactly alike: not a photo. A stroke that leaves the picture there doesn't make it one.
    if min(grey.shape) >= SMALLEST_PHOTO and np.median(abs(border_of(grey) - paper)) > 0:
        ink = ink_of_photo(grey)
        if ink is not None:
            return ink
    lighter, darker = grey - paper, paper - grey
    # Cubes: a stroke outweighs much paper that is slightly uneven
    ink = lighter if (lighter**3).sum() >= 0 else darker
    return np.rint(ink.clip(0)).astype(np.uint8)


def border_of(picture):
    """The outermost pixels of a ``(h, w)`` picture, ``(2 h + 2 w,)``."""
    return np.concatenate([picture[0], picture[-1], picture[:, 0], picture[:, -1]])


def ink_of_photo(grey):
    """What stands out from unevenly lit, noisy paper, as ``as_ink`` gives it; None where it isn't a photo of paper.

    Of blank paper nothing stands out, and all of the answer is 0. ``grey`` is ``(h, w)`` float32. The light on the
    paper is a smooth surface that is fitted to the border; the noise is what the border still differs from it.
    """
    blur = ImageFilter.BoxBlur(max(grey.shape) // 200)  # averages the camera's noise; a stroke is wider than that
    smooth = np.asarray(Image.fromarray(np.rint(grey).astype(np.uint8)).filter(blur), np.float32)
    y, x = (np.linspace(-1, 1, side, dtype=np.float32) for side in grey.shape)
    y, x = np.meshgrid(y, x, indexing="ij")
    terms = [np.ones_like(x), x, y, x * y, x**2, y**2]  # a plane, bent: lamps and lenses darken towards the edges
    border, at_border = border_of(smooth), np.stack([border_of(term) for term in terms], axis=1)
    is_paper = np.ones(len(border), bool)
    for _ in range(3):  # a stroke that crosses the border would pull the surface: fit again without it
        weights = np.linalg.lstsq(at_border[is_paper], border[is_paper], rcond=None)[0]
        off = abs(border - at_border @ weights)
        noise = np.median(off)
        is_paper = off <= 4 * noise
    ink = smooth - sum(weight * term for weight, term in zip(weights, terms, strict=True))
    if (ink**3).sum() < 0:  # darker than the paper; the cube counts much of a stroke and little of noise
        ink = -ink
    level = np.median(ink[ink >= ink.max() / 2])
    # Noise reaches six times its median now and then, and around strokes a JPEG leaves ripples of up to a quarter.
    floor = max(6 * noise, level / 4)
    if floor >= level:
        return np.zeros(grey.shape, np.uint8) if level < FAINTEST else None
    return np.rint(np.where(ink > floor, ink / level, 0).clip(0, 1) * 255).astype(np.uint8)


def where_inked(ink):
    """The smallest rectangle that holds all ink of a ``(h, w)`` picture, as slices of rows and columns."""
    rows, columns = np.flatnonzero(ink.any(axis=1)), np.flatnonzero(ink.any(axis=0))
    return slice(rows[0], rows[-1] + 1), slice(columns[0], columns[-1] + 1)


def without_specks(ink, box):
    """``(h, w)`` uint8 ink without its specks: parts that would cover less than a quarter of a pixel in a ``box``.

    What a pixel in the box covers is judged by the largest part. In pictures of MNIST's size that is one pixel, so
    that nothing is a speck there, and nothing is one beside strokes that are as short as itself.
    """
    if not ink.any():
        return ink
    place = where_inked(ink)  # all that has to be looked at
    parts, count = ndimage.label(ink[place], structure=np.ones((3, 3)))  # touching at a corner is touching
    if count < 2:
        return ink
    pixels = np.bincount(parts.ravel())[1:]
    largest = ndimage.find_objects(parts)[pixels.argmax()]
    side = max(part.stop - part.start for part in largest)
    is_speck = np.append(False, pixels < (side / box) ** 2 / 4)  # 0 is the paper's label
    is_speck[1 + pixels.argmax()] = False  # a thin line has few pixels for its length
    clean = ink.copy()
    clean[place][is_speck[parts]] = 0
    return clean


def _as_grey(picture):
    """``(h, w)`` float32, 0 for black to 255 for white."""
    if picture.ndim == 3 and picture.shape[2] == 1:
        picture = picture[:, :, 0]
    if not (picture.ndim == 2 or picture.ndim == 3 and picture.shape[2] in (3, 4)) or 0 in picture.shape:
        raise ValueError(f"A picture has the shape (h, w), (h, w, 3) or (h, w, 4), not {picture.shape}.")
    if picture.dtype == bool or picture.dtype.kind == "f":
        picture = picture.astype(np.float32)
        if not (picture.min() >= 0 and picture.max() <= 1):  # also catches NaN
            raise ValueError(f"A picture of floats holds values from 0 to 1, not {picture.min()} to {picture.max()}.")
        picture = picture * 255
    elif picture.dtype != np.uint8:
        raise ValueError(f"A picture is an array of uint8, or of floats from 0 to 1, not of {picture.dtype}.")
    picture = picture.astype(np.float32)
    return picture if picture.ndim == 2 else _without_colour(picture)


def _without_colour(picture):
    """Grey of RGB or RGBA; what is transparent becomes paper, as far from the ink as it can be."""
    grey = picture[:, :, :3] @ np.array([0.299, 0.587, 0.114], np.float32)  # as bright as the eye sees each
    if picture.shape[2] == 3:
        return grey
    opacity = picture[:, :, 3] / 255
    ink = (grey * opacity).sum() / max(opacity.sum(), 1e-6)
    paper = 0 if ink > 127 else 255
    return grey * opacity + paper * (1 - opacity)
