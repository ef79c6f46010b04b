"""The MNIST browser as a still picture: what a stored notebook shows where no widget runs, for example on GitHub."""

import numpy as np
from PIL import Image

from digits_helpers.widgets.snapshot import MARGIN, QUIET, SCALE, SURE, Card

DIGIT, GAP, COLUMNS = 84, 6, 8  # the sides of an image, the room between two, and how many are in a row
LINE = 22


def draw_browser(browser):
    """Draw a ``MnistBrowser`` as it is now. Returns a Pillow image."""
    step = DIGIT + GAP
    rows = -(-len(browser.labels) // COLUMNS)
    nearest = 2 * LINE + DIGIT + LINE if browser.my_labels else 0
    card = Card(2 * MARGIN + COLUMNS * step - GAP, 2 * MARGIN + LINE + rows * step - GAP + nearest)
    top = MARGIN
    if browser.my_labels:
        top = _draw_nearest(card, browser, top) + LINE
    card.text(MARGIN, top + LINE - 8, browser.summary, 14, QUIET)
    for place, image in enumerate(_images(browser.images)):
        row, column = divmod(place, COLUMNS)
        card.paste(image, MARGIN + column * step, top + LINE + row * step)
    return card.image.quantize(64)


def _draw_nearest(card, browser, top):
    """The reader's digit, and beside it as many of the nearest images as fit; returns where they end."""
    mine = _images(browser.mine)[browser.picked]
    card.text(MARGIN, top + LINE - 8, f"Your {browser.my_labels[browser.picked]}", 14, SURE)
    card.paste(mine, MARGIN, top + LINE)
    left = MARGIN + DIGIT + 3 * GAP
    card.text(left, top + LINE - 8, browser.message or "The nearest training images, with their labels", 14, QUIET)
    neighbours = zip(_images(browser.near), browser.near_labels, browser.near_distances, strict=True)
    for place, (image, label, distance) in enumerate(list(neighbours)[: COLUMNS - 1]):
        x = left + place * (DIGIT + GAP - 2)
        card.paste(image, x, top + LINE)
        card.text(x + DIGIT / 2, top + LINE + DIGIT + 16, f"{label}, at {distance:.1f}", 13, QUIET, "ms")
    return top + LINE + DIGIT + LINE


def _images(content):
    """Images of 784 bytes each, enlarged with crisp pixels."""
    pixels = np.frombuffer(content, np.uint8).reshape(-1, 28, 28)
    side = SCALE * DIGIT
    return [Image.fromarray(image).resize((side, side), Image.Resampling.NEAREST).convert("RGB") for image in pixels]
