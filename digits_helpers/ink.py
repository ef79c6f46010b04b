"""Turn any picture into white ink on black: find its polarity, correct uneven light and remove specks."""

import numpy as np
from PIL import Image, ImageFilter
from scipy import ndimage

SMALLEST_PHOTO = 28  # pixels; a smaller picture isn't treated as a photo
FAINTEST = 12  # grey levels of 255; even a pencil line differs more from its paper


def as_ink(picture):
    """Turn any picture into white ink on black paper, ``(h, w)`` uint8.

    ``picture`` is grey ``(h, w)`` or ``(h, w, 1)``, RGB ``(h, w, 3)`` or RGBA ``(h, w, 4)``, of type bool, uint8, or
    float in [0, 1]. The border tells how bright the paper is, and a pixel's ink is its difference from the paper, so
    white on black and black on white give the same result. If the border is uneven, as in a photo, uneven light and
    noise are removed first. Raises ``ValueError`` for other shapes, types and values.

    >>> as_ink(np.array([[255, 255, 255], [255, 0, 255], [255, 255, 255]], np.uint8))[1].tolist()
    [0, 255, 0]

    Built in lesson 07.
    """
    picture = np.asarray(picture)
    if picture.dtype == np.uint8 and picture.ndim == 2 and picture.size and not border_of(picture).any():
        return picture.copy()  # already white ink on black paper, for example from rasterize
    grey = _as_grey(picture)
    paper = np.median(border_of(grey)).astype(np.float32)
    # If half of the border has exactly the same grey, this isn't a photo, even if a stroke crosses the other half.
    if min(grey.shape) >= SMALLEST_PHOTO and np.median(abs(border_of(grey) - paper)) > 0:
        ink = ink_of_photo(grey)
        if ink is not None:
            return ink
    lighter, darker = grey - paper, paper - grey
    # Cubing lets strong strokes outvote slightly uneven paper.
    ink = lighter if (lighter**3).sum() >= 0 else darker
    return np.rint(ink.clip(0)).astype(np.uint8)


def border_of(picture):
    """The outermost pixels of a ``(h, w)`` picture, ``(2 h + 2 w,)``."""
    return np.concatenate([picture[0], picture[-1], picture[:, 0], picture[:, -1]])


def ink_of_photo(grey):
    """The ink on unevenly lit, noisy paper, as ``as_ink`` returns it; ``None`` if this isn't a photo of paper.

    ``grey`` is ``(h, w)`` float32. A smooth surface, fitted to the border by least squares, models the light on the
    paper, and the border's remaining differences from it are the noise. Blank paper gives zeros.
    """
    blur = ImageFilter.BoxBlur(max(grey.shape) // 200)  # averages out the camera's noise; strokes are wider
    smooth = np.asarray(Image.fromarray(np.rint(grey).astype(np.uint8)).filter(blur), np.float32)
    y, x = (np.linspace(-1, 1, side, dtype=np.float32) for side in grey.shape)
    y, x = np.meshgrid(y, x, indexing="ij")
    terms = [np.ones_like(x), x, y, x * y, x**2, y**2]  # curved, since light falls off from a lamp and in a lens
    border, at_border = border_of(smooth), np.stack([border_of(term) for term in terms], axis=1)
    is_paper = np.ones(len(border), bool)
    for _ in range(3):  # refit without strokes that cross the border, which would pull the surface
        weights = np.linalg.lstsq(at_border[is_paper], border[is_paper], rcond=None)[0]
        off = abs(border - at_border @ weights)
        noise = np.median(off)
        is_paper = off <= 4 * noise
    ink = smooth - sum(weight * term for weight, term in zip(weights, terms, strict=True))
    if (ink**3).sum() < 0:  # darker than the paper; cubing lets strokes outvote the noise
        ink = -ink
    level = np.median(ink[ink >= ink.max() / 2])
    # Noise occasionally reaches six times its median, and JPEG ripples around a stroke a quarter of its strength.
    floor = max(6 * noise, level / 4)
    if floor >= level:
        return np.zeros(grey.shape, np.uint8) if level < FAINTEST else None
    return np.rint(np.where(ink > floor, ink / level, 0).clip(0, 1) * 255).astype(np.uint8)


def where_inked(ink):
    """The bounding box of the ink in a ``(h, w)`` picture, as slices of rows and columns."""
    rows, columns = np.flatnonzero(ink.any(axis=1)), np.flatnonzero(ink.any(axis=0))
    return slice(rows[0], rows[-1] + 1), slice(columns[0], columns[-1] + 1)


def without_specks(ink, box):
    """Remove specks from ``(h, w)`` uint8 ink: parts smaller than a quarter of a pixel once scaled to ``box`` pixels.

    The parts are connected components, and the largest one sets the scale. At MNIST's size nothing is that small, so
    nothing counts as a speck, and neither does a dot among strokes that are just as short.
    """
    if not ink.any():
        return ink
    place = where_inked(ink)  # nothing outside has to be searched
    parts, count = ndimage.label(ink[place], structure=np.ones((3, 3)))  # corners connect, too
    if count < 2:
        return ink
    pixels = np.bincount(parts.ravel())[1:]
    largest = ndimage.find_objects(parts)[pixels.argmax()]
    side = max(part.stop - part.start for part in largest)
    is_speck = np.append(False, pixels < (side / box) ** 2 / 4)  # 0 is the paper's label
    is_speck[1 + pixels.argmax()] = False  # a thin line has few pixels for its length, but is no speck
    clean = ink.copy()
    clean[place][is_speck[parts]] = 0
    return clean


def _as_grey(picture):
    """The picture as ``(h, w)`` float32, from 0 for black to 255 for white."""
    if picture.ndim == 3 and picture.shape[2] == 1:
        picture = picture[:, :, 0]
    if not (picture.ndim == 2 or picture.ndim == 3 and picture.shape[2] in (3, 4)) or 0 in picture.shape:
        raise ValueError(f"Expected a picture of shape (h, w), (h, w, 3) or (h, w, 4), but got {picture.shape}.")
    if picture.dtype == bool or picture.dtype.kind == "f":
        picture = picture.astype(np.float32)
        if not (picture.min() >= 0 and picture.max() <= 1):  # also catches NaN
            raise ValueError(
                f"Expected floats from 0 to 1 in a picture, but got values from {picture.min()} to {picture.max()}."
            )
        picture = picture * 255
    elif picture.dtype != np.uint8:
        raise ValueError(f"Expected a picture of uint8, or of floats from 0 to 1, but got {picture.dtype}.")
    picture = picture.astype(np.float32)
    return picture if picture.ndim == 2 else _without_colour(picture)


def _without_colour(picture):
    """Turn RGB or RGBA into grey. Transparency becomes paper, black or white, whichever contrasts with the ink."""
    grey = picture[:, :, :3] @ np.array([0.299, 0.587, 0.114], np.float32)  # weighted by how bright the eye sees each
    if picture.shape[2] == 3:
        return grey
    opacity = picture[:, :, 3] / 255
    ink = (grey * opacity).sum() / max(opacity.sum(), 1e-6)
    paper = 0 if ink > 127 else 255
    return grey * opacity + paper * (1 - opacity)
