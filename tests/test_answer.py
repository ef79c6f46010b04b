"""What the pads show beside the canvas: words, bars, pictures and errors, as HTML."""

import base64
import io
import re

import numpy as np
import pytest
from PIL import Image

from digits_helpers.number import ReadDigit
from digits_helpers.preprocess import prepare_stages
from digits_helpers.widgets.answer import DigitAnswer, NumberAnswer, bars_html, picture_html
from digits_helpers.widgets.canvas import DrawingCanvas
from digits_helpers.widgets.digit_pad import DigitReading


def pictures_in(html):
    """The captions and arrays of the pictures in HTML."""
    found = re.findall(r'base64,([^"]+)" alt="([^"]*)"', html)
    return {alt: np.asarray(Image.open(io.BytesIO(base64.b64decode(png)))) for png, alt in found}


@pytest.fixture(scope="module")
def reading():
    ink = np.zeros((280, 280), np.uint8)
    ink[40:240, 130:150] = 255
    return DigitReading(np.eye(10, dtype=np.float32)[1], prepare_stages(ink))


def test_bars_name_every_digit_and_mark_the_likeliest_without_colour():
    probabilities = np.full(10, 0.05)
    probabilities[6] = 0.55
    html = bars_html(probabilities)
    assert re.findall(r'<th scope="row">(\d)</th>', html) == list("0123456789")
    assert html.count("◀") == 1 and re.search(r"55&nbsp;% ◀", html)


def test_picture_is_the_picture():
    image = np.arange(784, dtype=np.uint8).reshape(28, 28)
    ((caption, shown),) = pictures_in(picture_html(image, "What the model sees")).items()
    assert caption == "What the model sees" and np.array_equal(shown, image)


def test_a_digits_answer_shows_what_the_model_sees_and_its_top_three(reading):
    answer = DigitAnswer()
    answer.show("I read 1 (100 %).", reading)
    assert "I read 1 (100 %)." in answer.words.value and "aria-live" in answer.words.value
    assert "100&nbsp;% ◀" in answer.bars.value
    assert np.array_equal(pictures_in(answer.seen.value)["What the model sees"], reading.stages["centred"])
    assert re.findall(r"<li><b>(\d)</b>", answer.seen.value) == ["1", "0", "2"]


def test_the_steps_are_shown_on_request_and_at_once(reading):
    answer = DigitAnswer()
    answer.show("I read 1 (100 %).", reading)
    assert answer.steps.value == ""
    answer.with_steps = True
    shown = pictures_in(answer.steps.value)
    assert [*shown] == ["Cropped to the ink", "In a 20-pixel box", "Centred in 28 by 28"]
    for image, stage in zip(shown.values(), ("crop", "box", "centred"), strict=True):
        assert np.array_equal(image, reading.stages[stage])
    answer.with_steps = False
    assert answer.steps.value == ""


def test_no_answer_leaves_only_the_words(reading):
    answer = DigitAnswer()
    answer.with_steps = True
    answer.show("I read 1 (100 %).", reading)
    answer.show("Nothing drawn yet.", None)
    assert "Nothing drawn yet." in answer.words.value
    assert answer.bars.value == answer.seen.value == answer.steps.value == ""


def test_a_numbers_answer_shows_every_digit_and_marks_the_canvas():
    canvas, marks = DrawingCanvas(), []
    canvas.mark = marks.append
    image = np.linspace(0, 1, 784, dtype=np.float32).reshape(28, 28)
    sure = ReadDigit((10, 20, 30, 60), image, np.eye(10)[4], None)
    unsure = ReadDigit((50, 20, 70, 60), image, np.full(10, 0.1), "A blob, not a digit.")
    answer = NumberAnswer(canvas)
    answer.show("I read 4?.", [sure, unsure])
    shown = pictures_in(answer.digits.value)
    assert [*shown] == ["4, 100&nbsp;%", "? (0, 10&nbsp;%)"]
    assert all(np.array_equal(picture, np.rint(255 * image)) for picture in shown.values())
    answer.show("Nothing drawn yet.", None)
    assert answer.digits.value == ""
    assert marks == [((sure.box, "4"), (unsure.box, "?")), ()]


def test_an_error_is_shown_as_plain_text_until_something_succeeds():
    answer = DigitAnswer()
    answer.show_error(ValueError("<b>wrong</b>"))
    assert 'role="alert"' in answer.status.value and "&lt;b&gt;wrong&lt;/b&gt;" in answer.status.value
    assert "ValueError" not in answer.status.value, "messages that were written for people need no name before them"
    answer.show_error(KeyError("brush"))
    assert "KeyError" in answer.status.value
    answer.say("Nothing drawn yet.")
    assert answer.status.value == ""
