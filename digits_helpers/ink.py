"""Ink on unevenly lit, noisy paper: what a photo of a digit needs before it is a picture of one."""

import numpy as np
from PIL import Image, ImageFilter
from scipy import ndimage

FAINTEST = 12  # grey levels of 255: a pencil's line differs from its paper by more


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
