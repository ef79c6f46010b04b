"""A picture file as an array that ``prepare`` takes: a photo of a digit, a screenshot, a scan."""

import io
import warnings
from pathlib import Path

import numpy as np
from PIL import Image, ImageOps

from digits_helpers.ink import border_of

MAX_BYTES = 10_000_000  # of the file
MAX_PIXELS = 20_000_000  # a phone's camera makes 12 million; decoded they take four bytes each
SIDE = 1000  # pixels; larger pictures are shrunk, since a digit needs no more, and reading it stays quick
FORMATS = ("PNG", "JPEG", "GIF", "BMP", "WEBP")  # common ones, and none that runs another program, as EPS does


def read_picture(content):
    """The picture in a file, as a uint8 array ``(h, w)``, ``(h, w, 3)`` for RGB or ``(h, w, 4)`` for RGBA.

    ``content`` is a file's bytes (also as a bytearray or memoryview), or its path. PNG, JPEG, GIF (its first frame),
    BMP and WebP are read; a camera's note of how it was held (EXIF) turns the picture upright where it can be read, 16
    bits are scaled to 8, and a longer side over 1,000 pixels is shrunk to that. Raises ``ValueError``, in one line, for
    what is no such file, for a damaged one, and for one of more than ``MAX_BYTES`` or ``MAX_PIXELS``.

    >>> file = io.BytesIO()
    >>> Image.new("L", (40, 30), 255).save(file, "PNG")
    >>> picture = read_picture(file.getvalue())
    >>> picture.shape, picture.dtype, int(picture[0, 0])
    ((30, 40), dtype('uint8'), 255)
    """
    content = _bytes_of(content)
    if len(content) == 0:
        raise ValueError("The file is empty.")
    if len(content) > MAX_BYTES:
        raise ValueError(f"The file is too large: over {MAX_BYTES // 10**6} MB. Save the picture in a smaller size.")
    with open_image(content) as image:
        if image.width * image.height > MAX_PIXELS:
            raise _too_many_pixels(f"{image.width:,} x {image.height:,} pixels")
        try:
            image.load()
        except Exception:  # decoders raise OSError, SyntaxError, struct.error and others for what is damaged
            raise ValueError(f"The {image.format} file is damaged or cut off: its picture can't be read.") from None
        tables = getattr(image, "quantization", None)  # only a JPEG has them
        simple = _simple_mode(_upright(image))
    simple.thumbnail((SIDE, SIDE), Image.Resampling.BOX)  # the mean of areas; smaller pictures stay as they are
    picture = np.array(simple)
    return _without_ripples(picture, tables[min(tables)]) if tables else picture


def _bytes_of(content):
    if isinstance(content, (bytes, bytearray, memoryview)):
        return bytes(content)
    try:
        with Path(content).open("rb") as file:
            return file.read(MAX_BYTES + 1)  # enough to see that it is too large
    except TypeError:
        given = type(content).__name__
        raise ValueError(f"A picture is a file's bytes or its path, on a pad also an array, not {given}.") from None
    except OSError as error:
        raise ValueError(f"Can't read {Path(content).name}: {error.strerror}.") from None


def open_image(content):
    """A file's bytes as Pillow's image, which has its size, and no pixel yet; ``ValueError`` for what is no picture."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # Pillow's own about many pixels, where ours is an error, and damaged notes
            return Image.open(io.BytesIO(content), formats=FORMATS)
    except Image.DecompressionBombError:
        raise _too_many_pixels("far too many pixels") from None
    except Exception:
        raise ValueError("This is no picture that can be read. Use a PNG or JPEG file.") from None


def _too_many_pixels(size):
    return ValueError(f"The picture has {size}; at most {MAX_PIXELS // 10**6} million are read. Make it smaller.")


def _upright(image):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # Pillow's own about notes that are damaged
        try:
            return ImageOps.exif_transpose(image)
        except Exception:  # damaged notes raise errors of many kinds; the pixels are whole
            return image


def _simple_mode(image):
    """The image as 8 bits of grey (L), RGB or RGBA."""
    if image.mode.startswith("I"):  # 16 bits of grey; convert("L") would cut off all above 255
        return Image.fromarray(np.rint(np.asarray(image) / 257).astype(np.uint8))
    if image.has_transparency_data:
        return image.convert("RGBA")
    return image.convert("L" if image.mode in ("1", "L") else "RGB")


def _without_ripples(picture, table):
    """A JPEG's picture with its paper as flat as it was before the JPEG's loss put ripples around the strokes.

    ``table`` holds the steps to which the JPEG rounded, so it tells how high its ripples are (factor and limit are
    measured). Where the border is uneven, the picture is a photo: it is returned as it is, for ``as_ink`` to find its
    paper.
    """
    grey = np.asarray(Image.fromarray(picture).convert("L"), np.float32)  # of colours a JPEG loses more than of this
    off = abs(grey - np.median(border_of(grey)))
    if np.median(border_of(off)) > 0:
        return picture
    picture[off <= min(1.5 * np.mean(table), 50)] = np.median(border_of(picture), axis=0)
    return picture
