"""Read PNG, JPEG and other picture files as arrays, for example a photo, a screenshot or a scan of a digit."""

import io
import warnings
from pathlib import Path

import numpy as np
from PIL import Image, ImageOps

from digits_helpers.ink import border_of

MAX_BYTES = 10_000_000  # of the file
MAX_PIXELS = 20_000_000  # a phone's camera takes 12 million; decoded, each needs up to four bytes
SIDE = 1000  # pixels: digits need no more, and a smaller picture is read faster
FORMATS = ("PNG", "JPEG", "GIF", "BMP", "WEBP")  # common formats, none of which starts another program, as EPS does


def read_picture(content):
    """Read a picture file as a uint8 array: ``(h, w)`` for grey, ``(h, w, 3)`` for RGB or ``(h, w, 4)`` for RGBA.

    ``content`` is the file's path or its bytes (``bytes``, ``bytearray`` or ``memoryview``). The formats are PNG, JPEG,
    GIF (its first frame), BMP and WebP. A photo is turned upright if the camera recorded how it was held, 16-bit values
    are scaled to 8 bits, and a picture whose longer side has more than 1,000 pixels is shrunk to that size. A file that
    is not a picture, is damaged, or is larger than 10 MB or 20 million pixels raises ``ValueError``.

    >>> file = io.BytesIO()
    >>> Image.new("L", (40, 30), 255).save(file, "PNG")
    >>> picture = read_picture(file.getvalue())
    >>> picture.shape, picture.dtype, int(picture[0, 0])
    ((30, 40), dtype('uint8'), 255)

    Built in lesson 07.
    """
    picture, _ = read_and_shrink(content)
    return picture


def read_and_shrink(content):
    """Read a picture file like ``read_picture``, and also return how many times smaller the picture was made.

    >>> file = io.BytesIO()
    >>> Image.new("L", (2500, 2000), 255).save(file, "PNG")
    >>> picture, factor = read_and_shrink(file.getvalue())
    >>> picture.shape, factor
    ((800, 1000), 2.5)

    Built in lesson 07.
    """
    content = _bytes_of(content)
    if len(content) == 0:
        raise ValueError("The file is empty.")
    if len(content) > MAX_BYTES:
        raise ValueError(f"The file is too large: over {MAX_BYTES // 10**6} MB. Save the picture in a smaller size.")
    with _open_image(content) as image:
        if image.width * image.height > MAX_PIXELS:
            raise _too_many_pixels(f"{image.width:,} x {image.height:,} pixels")
        try:
            image.load()
        except Exception:  # decoders raise OSError, SyntaxError, struct.error and others for a damaged file
            raise ValueError(f"The {image.format} file is damaged or incomplete: it can't be read.") from None
        tables = getattr(image, "quantization", None)  # only JPEGs have them
        simple = _simple_mode(_upright(image))
    side = max(simple.size)
    simple.thumbnail((SIDE, SIDE), Image.Resampling.BOX)  # averages areas, and never enlarges
    picture = np.array(simple)
    if tables:
        picture = _without_ripples(picture, tables[min(tables)])
    return picture, side / max(simple.size)


def _bytes_of(content):
    if isinstance(content, (bytes, bytearray, memoryview)):
        return bytes(content)
    try:
        with Path(content).open("rb") as file:
            return file.read(MAX_BYTES + 1)  # enough to see that it is too large
    except TypeError:
        given = type(content).__name__
        raise ValueError(f"Expected a picture's path or its bytes (or, on a pad, an array), not {given}.") from None
    except OSError as error:
        raise ValueError(f"Can't read {Path(content).name}: {error.strerror}.") from None


def _open_image(content):
    """Open a file's bytes as a Pillow image, whose pixels aren't decoded yet; ``ValueError`` if it's not a picture."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # Pillow warns about damaged EXIF data, and about sizes that we refuse
            return Image.open(io.BytesIO(content), formats=FORMATS)
    except Image.DecompressionBombError:
        raise _too_many_pixels("far too many pixels") from None
    except Exception:
        raise ValueError("This file is not a picture that can be read. Use a PNG or JPEG file.") from None


def _too_many_pixels(size):
    return ValueError(f"The picture has {size}; at most {MAX_PIXELS // 10**6} million can be read. Make it smaller.")


def _upright(image):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # Pillow warns about damaged EXIF data
        try:
            return ImageOps.exif_transpose(image)
        except Exception:  # damaged EXIF data raises all kinds of errors, but the pixels are fine
            return image


def _simple_mode(image):
    """Convert an image to 8-bit grey (L), RGB or RGBA."""
    if image.mode.startswith("I"):  # 16-bit grey, where convert("L") would clip everything above 255
        return Image.fromarray(np.rint(np.asarray(image) / 257).astype(np.uint8))
    if image.has_transparency_data:
        return image.convert("RGBA")
    return image.convert("L" if image.mode in ("1", "L") else "RGB")


def _without_ripples(picture, table):
    """Flatten the paper of a JPEG, where compression leaves ripples around the strokes.

    ``table`` holds the JPEG's rounding steps, which tell how high the ripples can be (factor and limit were measured).
    A picture whose border is uneven is a photo and is returned unchanged: ``as_ink`` finds its paper.
    """
    # JPEG compresses colours more strongly than brightness, so the brightness tells paper from ink.
    grey = np.asarray(Image.fromarray(picture).convert("L"), np.float32)
    off = abs(grey - np.median(border_of(grey)))
    if np.median(border_of(off)) > 0:
        return picture
    picture[off <= min(1.5 * np.mean(table), 50)] = np.median(border_of(picture), axis=0)
    return picture
