"""Cards with type that has every sign, such as × and −, which the font of the pads' pictures lacks."""

import functools

from matplotlib import font_manager
from PIL import ImageDraw, ImageFont

from digits_helpers.widgets.snapshot import SCALE, TEXT, Card


class LetteredCard(Card):
    """A card that writes in DejaVu Sans. It needs Matplotlib, for which a pad's first answer shouldn't wait."""

    def write(self, x, y, text, size, colour=TEXT, anchor="ls", bold=False):
        """Write a line; ``anchor`` says which point of it is at x, y, by default the left end of its base line."""
        pen = ImageDraw.Draw(self.image)
        pen.text((SCALE * x, SCALE * y), text, colour, font(SCALE * size, bold), anchor)


@functools.cache
def font(size, bold=False):
    """Matplotlib's own font: the same everywhere."""
    weight = "bold" if bold else "normal"
    return ImageFont.truetype(font_manager.findfont(f"DejaVu Sans:weight={weight}"), size)
