"""Frames as one animated picture: what a stored notebook shows where no widget runs, for example on GitHub.

It's an animated PNG, because every viewer of notebooks shows outputs of the type image/png; nbconvert, for one, leaves
out image/gif. A viewer that can't play it shows the first frame.
"""

import functools
import io

import numpy as np
from matplotlib import font_manager
from PIL import Image, ImageDraw, ImageFont

from digits_helpers.widgets.canvas import DARK, SHARPNESS, SURE
from digits_helpers.widgets.snapshot import QUIET, TRACK

LIMIT = 1_500_000  # bytes: a notebook with larger pictures opens slowly
PLAYS, REST = 3, 2500  # it stops on its last frame after so many rounds, and rests there for so many milliseconds
COLOURS = 8  # the frames that decide on the 256 colours of all
# All other sizes are in pixels of the page.
MARGIN, TEXT, LINE, COUNTER = 12, 15, 21, 84


def animation(pictures, captions, size, pause):
    """The bytes of an animated PNG, and its width and height in pixels of the page.

    ``pictures`` are Pillow images, shown at ``size``, width and height in pixels of the page, each for ``pause``
    milliseconds. ``captions`` holds a line of text for each of them, or nothing.
    """
    lines = [_wrapped(caption, size[0]) for caption in captions] or [[]] * len(pictures)
    most = max(map(len, lines))
    kept, reduced = list(range(len(pictures))), 1
    while True:
        cards = [_card(pictures[at], lines[at], most, (at, len(pictures)), size).reduce(reduced) for at in kept]
        animated = _animated(_with_few_colours(cards), pause * len(pictures) / len(kept))
        if len(animated) <= LIMIT:
            return animated, [reduced * side // SHARPNESS for side in cards[0].size]
        if len(kept) > 8:
            kept = kept[::-2][::-1]  # every second one, with the last
        else:
            reduced *= 2


def _animated(cards, pause):
    file = io.BytesIO()
    durations = [round(pause)] * (len(cards) - 1) + [REST]
    cards[0].save(file, "PNG", save_all=True, append_images=cards[1:], duration=durations, loop=PLAYS)
    return file.getvalue()


def _with_few_colours(cards):
    """All cards with the same palette, as one PNG needs it: a third of the bytes."""
    some = cards[:: -(-len(cards) // COLOURS)] + cards[-1:]
    width, height = cards[0].size
    sheet = Image.new("RGB", (width, height * len(some)))
    for place, card in enumerate(some):
        sheet.paste(card, (0, place * height))
    palette = sheet.quantize()
    colours = np.reshape(palette.getpalette(), (-1, 3))
    colours[colours.min(axis=1) > 247] = 255  # paper stays white
    palette.putpalette(colours.ravel().tolist())
    return [card.quantize(palette=palette, dither=Image.Dither.NONE) for card in cards]


def _card(picture, lines, most, place, size):
    """A picture on white, with its caption, of at most so many lines, and how far along it is."""
    (width, height), (number, count) = size, place
    under = MARGIN + height + MARGIN
    middle = under + LINE * (most + 0.5)  # of the track
    card = Image.new(
        "RGB", [SHARPNESS * side for side in (width + 2 * MARGIN, under + LINE * (most + 1) + MARGIN)], "white"
    )
    enlarged = picture.width < SHARPNESS * width
    large = picture.convert("RGB").resize(
        [SHARPNESS * side for side in size], Image.Resampling.NEAREST if enlarged else Image.Resampling.LANCZOS
    )
    card.paste(large, (SHARPNESS * MARGIN, SHARPNESS * MARGIN))
    pen = ImageDraw.Draw(card)
    for row, line in enumerate(lines):
        _write(pen, MARGIN, under + LINE * row, line, DARK, "la")
    right = width + MARGIN - COUNTER
    share = number / max(1, count - 1)
    for end, colour in [(right, TRACK), (MARGIN + 6 + share * (right - MARGIN - 6), SURE)]:
        sides = MARGIN, middle - 3, end, middle + 3
        pen.rounded_rectangle([SHARPNESS * side for side in sides], 3 * SHARPNESS, colour)
    _write(pen, width + MARGIN, middle, f"{number + 1} of {count}", QUIET, "rm")
    return card


def _write(pen, x, y, text, colour, anchor):
    pen.text((SHARPNESS * x, SHARPNESS * y), text, colour, _font(), anchor)


def _wrapped(caption, width):
    """The caption in lines that are at most ``width`` pixels of the page wide, if its words are."""
    lines = []
    for word in caption.split():
        longer = f"{lines[-1]} {word}" if lines else word
        if lines and _font().getlength(longer) <= SHARPNESS * width:
            lines[-1] = longer
        else:
            lines.append(word)
    return lines


@functools.cache
def _font():
    """Matplotlib's own font: the same everywhere, and it has every sign that a caption may hold, such as × and −."""
    return ImageFont.truetype(font_manager.findfont("DejaVu Sans"), SHARPNESS * TEXT)
