"""Ten probabilities in words, as bars, and the picture that they were read from: small pieces of HTML."""

import base64
import io

import numpy as np
from PIL import Image

from digits_helpers.script import on_page

NOT_SURE = 60  # below so many per cent, as they are shown, the answer names two candidates
NOTHING_DRAWN = "Nothing drawn yet."

# Screen readers say what changes within a live region, and may pass over a region that is itself new on the page, as
# all HTML of a widget is after each change. So the widget's own element, which stays, becomes the region.
LIVE_REGION = on_page("if (this.parentElement) this.parentElement.setAttribute('aria-live', 'polite')")


def in_words(probabilities):
    """One line for ``(10,)`` probabilities, or for ``None`` when nothing is drawn.

    >>> in_words(np.eye(10)[7])
    'I read 7 (100 %).'
    >>> in_words([0, 0, 0, 0, .5, 0, 0, 0, 0, .5])
    'Not sure: 4 (50 %) or 9 (50 %).'
    """
    if probabilities is None:
        return NOTHING_DRAWN
    (first, p), (second, q), _ = top_three(probabilities)
    if round(100 * p) < NOT_SURE:
        return f"Not sure: {first} ({p:.0%}) or {second} ({q:.0%}).".replace("%", " %")
    return f"I read {first} ({p:.0%}).".replace("%", " %")


def top_three(probabilities):
    """The three likeliest digits with their probabilities, likeliest first; of equals the smaller digit.

    >>> top_three([.1, .6, 0, .3, 0, 0, 0, 0, 0, 0])
    [(1, 0.6), (3, 0.3), (0, 0.1)]
    """
    order = np.argsort(-np.asarray(probabilities), kind="stable")[:3]
    return [(int(digit), float(probabilities[digit])) for digit in order]


def announced(html):
    """HTML for a widget whose changes a screen reader is to say."""
    return html + LIVE_REGION


def bars_html(probabilities):
    """A row for each digit: the digit, a bar and the share in numbers; the likeliest row is in bold, with a mark."""
    best = top_three(probabilities)[0][0]
    rows = "".join(_bar_row(digit, float(p), digit == best) for digit, p in enumerate(probabilities))
    return f'<table class="digit-bars" aria-label="Probability of each digit" style="line-height:1.4">{rows}</table>'


def _bar_row(digit, share, best):
    weight, mark = ("bold", "◀") if best else ("normal", "")
    bar = f'<div style="width:{share:.1%};height:0.8em;background:#0072b2"></div>'
    return (
        f'<tr style="font-weight:{weight}"><th scope="row">{digit}</th>'
        f'<td style="width:8em;padding:0 0.4em">{bar}</td><td>{100 * share:.0f}&nbsp;% {mark}</td></tr>'
    )


def top_three_html(probabilities):
    """The three likeliest digits, as a numbered list."""
    items = "".join(f"<li><b>{digit}</b> {100 * p:.1f}&nbsp;%</li>" for digit, p in top_three(probabilities))
    return f'<div class="digit-top3" style="line-height:1.4">Top three:<ol style="margin:0">{items}</ol></div>'


def picture_html(image, caption, pixels=112):
    """A small grey picture, ``(h, w)`` uint8, its longer side ``pixels`` on the page, each of its pixels a square."""
    height, width = (round(side * pixels / max(image.shape)) for side in image.shape)
    return (
        f'<figure style="margin:0 0.5em 0.5em 0"><img src="{_png_url(image)}" alt="{caption}" '
        f'style="width:{width}px;height:{height}px;max-width:none;image-rendering:pixelated"/>'
        f'<figcaption style="line-height:1.4">{caption}</figcaption></figure>'
    )


def steps_html(stages):
    """The steps of the preparation side by side; ``stages`` as ``prepare_stages`` gives them."""
    captions = {"crop": "Cropped to the ink", "box": "In a 20-pixel box", "centred": "Centred in 28 by 28"}
    pictures = "".join(picture_html(stages[name], caption) for name, caption in captions.items())
    return f'<div class="digit-steps" style="display:flex;flex-wrap:wrap">{pictures}</div>'


def digits_html(number):
    """The digits of a number side by side, as the model sees them, each with what it is read as and how surely.

    ``number`` is a list of ``ReadDigit``.
    """
    pictures = "".join(
        picture_html(np.rint(255 * digit.image).astype(np.uint8), _in_short(digit), pixels=56) for digit in number
    )
    return f'<div class="digit-number" style="display:flex;flex-wrap:wrap">{pictures}</div>'


def _in_short(digit):
    percent = f"{100 * digit.confidence:.0f}&nbsp;%"
    return f"? ({digit.digit}, {percent})" if digit.doubt else f"{digit.digit}, {percent}"


def _png_url(image):
    buffer = io.BytesIO()
    Image.fromarray(image).save(buffer, "PNG")
    return "data:image/png;base64," + base64.b64encode(buffer.getvalue()).decode()
