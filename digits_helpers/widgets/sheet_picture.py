"""The sheet of the reader's digits as a still picture, for pages that run no widgets."""

from PIL import Image, ImageOps

from digits_helpers import digit_sheet
from digits_helpers.strokes import rasterize
from digits_helpers.widgets.canvas import DARK, LIGHT
from digits_helpers.widgets.snapshot import FRAME, MARGIN, QUIET, SCALE, Card

# In pixels of the page
SIDE, STEP = 60, 66  # of a thumbnail, and from one to the next
BRUSH = 4
TOP = 48


def draw_sheet(entries):
    """Draw all twenty places in two rows, those without a digit with its name in grey. Returns a Pillow image."""
    drawn = digit_sheet.drawn_places(entries)
    card = Card(2 * MARGIN + 9 * STEP + SIDE, TOP + STEP + SIDE + MARGIN)
    card.text(MARGIN, 32, f"{len(drawn)} of {digit_sheet.PLACES} digits drawn", 18)
    for place in range(digit_sheet.PLACES):
        row, column = divmod(place, digit_sheet.DIGITS)
        left, top = MARGIN + column * STEP, TOP + row * STEP
        if place in drawn:
            card.paste(_thumbnail(digit_sheet.entry_at(entries, place)), left, top)
        else:
            card.box(left, top, SIDE, SIDE, outline=FRAME)
            card.text(left + SIDE / 2, top + SIDE / 2, str(digit_sheet.label_at(place)), 22, QUIET, "mm")
    return card.image.convert("L")


def _thumbnail(entry):
    side = SCALE * SIDE
    scale = side / max(entry["size"])
    strokes = [[(scale * x, scale * y) for x, y in stroke] for stroke in entry["strokes"]]
    return ImageOps.colorize(Image.fromarray(rasterize(strokes, (side, side), SCALE * BRUSH)), LIGHT, DARK)
