"""The answer in words, bars and pictures."""

import base64
import io
import re

import numpy as np
from PIL import Image

from digits_helpers.words import bars_html, in_words, picture_html, top_three


def test_words():
    assert in_words(None) == "Nothing drawn yet."
    assert in_words(np.array([0, 0.98, 0.02, 0, 0, 0, 0, 0, 0, 0], np.float32)) == "I read 1 (98 %)."
    unsure = np.array([0, 0, 0, 0, 0.48, 0, 0, 0.11, 0, 0.41], np.float32)
    assert in_words(unsure) == "Not sure: 4 (48 %) or 9 (41 %)."
    almost = np.array([0.597, 0.403, 0, 0, 0, 0, 0, 0, 0, 0])
    assert in_words(almost) == "I read 0 (60 %).", "what is shown as 60 % is not called less than 60 %"


def test_top_three_of_equals_are_the_smaller_digits():
    assert [digit for digit, _ in top_three(np.full(10, 0.1))] == [0, 1, 2]


def test_bars_name_every_digit_and_mark_the_likeliest_without_colour():
    probabilities = np.full(10, 0.05)
    probabilities[6] = 0.55
    html = bars_html(probabilities)
    assert re.findall(r'<th scope="row">(\d)</th>', html) == list("0123456789")
    assert html.count("◀") == 1 and re.search(r"55&nbsp;% ◀", html)


def test_picture_is_the_picture():
    image = np.arange(784, dtype=np.uint8).reshape(28, 28)
    html = picture_html(image, "What the model sees")
    png = base64.b64decode(re.search(r"base64,([^\"]+)", html)[1])
    assert np.array_equal(np.asarray(Image.open(io.BytesIO(png))), image)
    assert 'alt="What the model sees"' in html
