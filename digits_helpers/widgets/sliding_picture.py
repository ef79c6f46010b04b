"""A sliding kernel as a still picture: what a stored notebook shows where no widget runs, for example on GitHub."""

import numpy as np
from PIL import Image, ImageDraw

from digits_helpers.plots import SIGNED
from digits_helpers.widgets.lettering import LetteredCard
from digits_helpers.widgets.snapshot import MARGIN, QUIET, SCALE

# All sizes are in pixels of the page.
WIDTH, IMAGE, MAP, GAP, CAPTION = 700, 252, 208, 22, 24
CELL, GRID = 41, 3 * 41
FRAME, EDGE, LINE, ERROR = "#e69f00", "#20242a", "#b8bdc4", "#b3261e"
MINUS = "\N{MINUS SIGN}"


def draw_card(sliding):
    """Draw a ``SlidingKernel`` as it is now. Returns a Pillow image."""
    below = (MAP + CAPTION + GAP) * bool(sliding.maps) + 26 * bool(sliding.message)
    paper = _Paper(WIDTH, 2 * MARGIN + IMAGE + CAPTION + below)
    (height, width), place = sliding.shape, sliding.place
    pixels = np.frombuffer(sliding.pixels, "<f4").reshape(height, width)
    paper.image_at(MARGIN, MARGIN, IMAGE, Image.fromarray(np.rint(255 * pixels).astype(np.uint8)), place, 3)
    paper.write(MARGIN + IMAGE / 2, MARGIN + IMAGE + 14, f"your image, {height} × {width}", 13, QUIET, "mm")
    _draw_arithmetic(paper, sliding, MARGIN + IMAGE + GAP)
    top = MARGIN + IMAGE + CAPTION + GAP / 2
    if sliding.message:
        paper.write(MARGIN, top + 8, sliding.message, 13, ERROR, "lm")
        top += 26
    for number, one in enumerate(sliding.maps):
        left, rows = MARGIN + number * (MAP + GAP), one["shape"][0]
        values = np.frombuffer(one["values"], "<f4").reshape(one["shape"])
        corner = [index * rows // (height - 2) for index in place]
        paper.image_at(left, top, MAP, _coloured(values / sliding.reach), corner, 1)
        caption = f"{one['name']}, {one['shape'][0]} × {one['shape'][1]}"
        paper.write(left + MAP / 2, top + MAP + 14, caption, 13, QUIET, "mm")
    return paper.image


def _draw_arithmetic(paper, sliding, left):
    """Nine pixels, times the kernel, is nine products, and their sum."""
    patch, products = sliding.products()
    kernel = np.reshape(sliding.kernel, (3, 3))
    strongest = np.abs(kernel).max() or 1
    grids = {
        "pixels": (patch, Image.fromarray(np.rint(255 * patch).astype(np.uint8)).convert("RGB")),
        "kernel": (kernel, _coloured(kernel / strongest / 2)),
        "products": (products, _coloured(products / strongest / 2)),
    }
    for number, (name, (values, shades)) in enumerate(grids.items()):
        start = left + number * (GRID + 15)
        paper.box(start - 1, MARGIN - 1, GRID + 1, GRID + 1, LINE, corner=0)
        for (row, column), value in np.ndenumerate(values):
            x, y, colour = start + column * CELL, MARGIN + row * CELL, shades.getpixel((column, row))
            paper.box(x, y, CELL - 1, CELL - 1, colour, corner=0)
            text = f"{value:.3g}".replace("-", MINUS) if name == "kernel" else _written(value)
            paper.write(x + CELL / 2, y + CELL / 2, text, 12, "white" if max(colour) < 128 else "black", "mm")
        paper.write(start + GRID / 2, MARGIN + GRID + 14, name, 13, QUIET, "mm")
        if number:
            paper.write(start - 8, MARGIN + GRID / 2, "×="[number - 1], 14, QUIET, "mm")
    row, column = sliding.place
    base = MARGIN + GRID + 62
    paper.write(left, base, f"Row {row}, column {column}: the nine products sum to", 14)
    paper.write(left, base + 34, _written(products.sum()), 26)


class _Paper(LetteredCard):
    """A card with images that have a frame."""

    def image_at(self, left, top, side, image, corner, size):
        """Put an image there, enlarged, with a frame over ``size`` of its pixels, whose corner is at row, column."""
        left, top, side = SCALE * left, round(SCALE * top), SCALE * side
        self.image.paste(image.convert("RGB").resize((side, side), Image.Resampling.NEAREST), (left, top))
        pen = ImageDraw.Draw(self.image)
        pen.rectangle((left, top, left + side - 1, top + side - 1), outline=LINE, width=SCALE)
        y, x = (start + side * index / image.height for start, index in zip((top, left), corner, strict=True))
        for grown, colour in [(3 * SCALE, EDGE), (2 * SCALE, FRAME)]:
            far = side * size / image.height + grown - 1
            pen.rectangle((x - grown, y - grown, x + far, y + far), outline=colour, width=grown)


def _coloured(shares):
    """From −1, orange, to 1, blue, as in all figures."""
    return Image.fromarray(np.rint(255 * SIGNED((shares + 1) / 2)[..., :3]).astype(np.uint8))


def _written(value):
    value = 0.0 if abs(value) < 0.005 else value
    return f"{value:.2f}".replace("-", MINUS)
