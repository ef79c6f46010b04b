"""A pad as a still picture: what a stored notebook shows where no widget runs, for example on GitHub."""

import functools

import numpy as np
from PIL import Image, ImageColor, ImageDraw, ImageFont, ImageOps

from digits_helpers.strokes import rasterize
from digits_helpers.widgets.canvas import DARK, DOUBTFUL, LIGHT, SHARPNESS, SURE
from digits_helpers.words import NOTHING_DRAWN, top_three

SCALE = SHARPNESS  # pixels of the picture for each pixel of the page, as on the canvas
# All other sizes are in pixels of the page.
MARGIN, CORNER = 16, 12
ANSWER, LARGE = 300, 100  # width of the answer beside a drawing of one digit, and height of the large digit's field
BAR, FIRST_BAR, BAR_STEP = 9, 147, 16  # the height of a bar, where the first one is, and how far it is to the next
FRAME, TRACK, TINT, TEXT, QUIET = "#c8ccd1", "#eceef0", "#e6f1f7", DARK, "#5f6368"


def draw_pad(pad):
    """Draw a pad as it is now: the drawing, and what is read in it. Returns a Pillow image."""
    width, height = pad.canvas.drawing.size
    if pad.answer.view.kind == "digit":
        card = Card(width + ANSWER + 3 * MARGIN, height + 2 * MARGIN)
        _show_digit(card, pad, width + 2 * MARGIN)
    else:
        card = Card(width + 2 * MARGIN, height + 112)
        _show_number(card, pad, height + MARGIN)
    card.paste(_drawing(pad), MARGIN, MARGIN)
    return card.image.quantize(palette=_palette(), dither=Image.Dither.NONE)  # half as large as full colours


def size_on_page(image):
    """Width and height of an image, in pixels of the page."""
    return [side // SCALE for side in image.size]


class Card:
    """A white card to draw on, in pixels of the page."""

    def __init__(self, width, height):
        self.image = Image.new("RGB", (SCALE * width, SCALE * height), "white")
        self._pen = ImageDraw.Draw(self.image)
        self.box(0, 0, width, height, outline=FRAME)

    def box(self, left, top, width, height, fill=None, outline=None, corner=CORNER):
        right, bottom = SCALE * (left + width) - 1, SCALE * (top + height) - 1  # Pillow draws the last pixel, too
        self._pen.rounded_rectangle((SCALE * left, SCALE * top, right, bottom), SCALE * corner, fill, outline, SCALE)

    def text(self, x, y, text, size, colour=TEXT, anchor="ls"):
        """Write a line; ``anchor`` says which point of it is at x, y, by default the left end of its base line."""
        self._pen.text((SCALE * x, SCALE * y), text, colour, _font(SCALE * size), anchor)

    def paste(self, picture, left, top):
        """Put a picture, in pixels of the image, into a frame with round corners."""
        width, height = picture.size
        inside = Image.new("L", picture.size)
        ImageDraw.Draw(inside).rounded_rectangle((0, 0, width - 1, height - 1), SCALE * CORNER, 255)
        self.image.paste(picture, (SCALE * left, SCALE * top), inside)
        self.box(left, top, width / SCALE, height / SCALE, outline=FRAME)


@functools.cache
def _font(size):
    return ImageFont.load_default(size)  # it comes with Pillow, so that the picture is the same everywhere


@functools.cache
def _palette():
    """The colours in use, and for soft edges the steps from white to each of them."""
    ink, sure, doubtful = (np.array(ImageColor.getrgb(colour)) for colour in (DARK, SURE, DOUBTFUL))
    steps = [np.linspace((255, 255, 255), colour, count) for colour, count in [(ink, 32), (sure, 24), (doubtful, 16)]]
    others = [ImageColor.getrgb(colour) for colour in (FRAME, TRACK, TINT, QUIET)]
    palette = Image.new("P", (1, 1))
    palette.putpalette(np.rint(np.vstack([*steps, others])).astype(np.uint8).tobytes())
    return palette


# The drawing


def _drawing(pad):
    """The canvas with its ink, and a box around each digit of a number."""
    drawing, size = pad.canvas.drawing, [SCALE * side for side in pad.canvas.drawing.size]
    if drawing.picture is None:
        ink = Image.fromarray(rasterize([SCALE * stroke for stroke in drawing.strokes], size, SCALE * pad.brush))
    else:
        ink = ImageOps.pad(Image.fromarray(drawing.picture), size)
    canvas = ImageOps.colorize(ink, *((DARK, LIGHT) if pad.inverted else (LIGHT, DARK)))
    pen = ImageDraw.Draw(canvas)
    boxed = pad.answer.view.kind == "number" and pad.result
    for digit in boxed or []:
        left, top, right, bottom = pad.canvas.around(digit.box)
        name, colour = ("?", DOUBTFUL) if digit.doubt else (str(digit.digit), SURE)
        pen.rectangle((left, top, right, bottom), outline=colour, width=SCALE)
        pen.text((left, top - 2 * SCALE), name, colour, _font(16 * SCALE), "ls" if top > 16 * SCALE else "la")
    return canvas


# The answer


def _show_digit(card, pad, left):
    """The digit with its confidence, or the two that it may be, and ten bars."""
    view = pad.answer.view
    candidates = top_three(view.probabilities)[: 1 if view.sure else 2] if view.probabilities else []
    card.box(left, MARGIN, ANSWER, LARGE, TINT)
    for place, (digit, probability) in enumerate(candidates):
        middle, base = left + ANSWER * (place + 0.5) / len(candidates), MARGIN + 0.77 * LARGE
        card.text(middle - 12, base, str(digit), 76, SURE, "rs")
        card.text(middle - 2, base, f"{100 * probability:.0f} %", 24)
    if not candidates:
        card.text(left + ANSWER / 2, MARGIN + LARGE / 2, _invitation(pad, "Draw a digit"), 22, QUIET, "mm")
    elif not view.sure:
        card.text(left, MARGIN + LARGE + 16, "Not sure", 13, QUIET)
    likeliest = {digit for digit, _ in candidates}
    for digit, probability in enumerate(view.probabilities or [0] * 10):
        y, width = FIRST_BAR + digit * BAR_STEP, ANSWER - 64
        colour = TEXT if digit in likeliest else QUIET
        card.text(left, y, str(digit), 13, colour, "lm")
        card.box(left + 20, y - BAR / 2, width, BAR, TRACK, corner=BAR / 2)
        if probability * width >= 1:
            card.box(left + 20, y - BAR / 2, max(probability * width, BAR), BAR, SURE, corner=BAR / 2)
        card.text(left + ANSWER, y, f"{100 * probability:.0f} %", 13, colour, "rm")


def _show_number(card, pad, top):
    """Each digit of the number with its confidence."""
    digits = pad.answer.view.digits
    step = min(64, pad.canvas.drawing.size[0] / max(len(digits), 1))
    for place, digit in enumerate(digits):
        x = MARGIN + (place + 0.5) * step
        name, colour = ("?", DOUBTFUL) if digit["doubtful"] else (str(digit["digit"]), SURE)
        card.text(x, top + 56, name, min(56, step), colour, "ms")
        card.text(x, top + 78, f"{digit['percent']} %", min(14, step / 4), QUIET, "ms")
    if not digits:
        card.text(MARGIN, top + 56, _invitation(pad, "Write a number"), 28, QUIET)


def _invitation(pad, invitation):
    """What stands in the place of an answer."""
    return invitation if pad.text == NOTHING_DRAWN else pad.text
