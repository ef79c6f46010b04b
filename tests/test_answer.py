"""What the pads show beside the canvas: words and errors, and the numbers and pixels that the page draws."""

import numpy as np
import pytest

from digits_helpers.number import ReadDigit
from digits_helpers.preprocess import prepare_stages
from digits_helpers.widgets.answer import DigitAnswer, NumberAnswer
from digits_helpers.widgets.canvas import DrawingCanvas
from digits_helpers.widgets.digit_pad import DigitReading


def images_in(pixels, sizes):
    """The images, ``(height, width)`` each, that a view's bytes hold one after the other."""
    pixels = np.frombuffer(pixels, np.uint8)
    ends = np.cumsum([0, *(height * width for height, width in sizes)])
    assert len(pixels) == ends[-1], "as many pixels as the sizes say"
    return [pixels[ends[n] : ends[n + 1]].reshape(size) for n, size in enumerate(sizes)]


def steps_in(view):
    """The captions and images of the steps of the preparation."""
    sizes = [(step["height"], step["width"]) for step in view.steps]
    return dict(zip([step["caption"] for step in view.steps], images_in(view.step_pixels, sizes), strict=True))


@pytest.fixture(scope="module")
def reading():
    ink = np.zeros((280, 280), np.uint8)
    ink[40:240, 130:150] = 255
    return DigitReading(np.eye(10, dtype=np.float32)[1], prepare_stages(ink))


def test_a_digits_answer_holds_the_probabilities_and_what_the_model_sees(reading):
    answer = DigitAnswer()
    answer.show("I read 1 (100 %).", reading)
    assert "I read 1 (100 %)." in answer.words.value
    assert answer.view.kind == "digit" and answer.view.sure
    assert answer.view.probabilities == reading.probabilities.tolist()
    (seen,) = images_in(answer.view.seen, [(28, 28)])
    assert np.array_equal(seen, reading.stages["centred"])


@pytest.mark.parametrize("most, sure", [(0.597, True), (0.594, False)])
def test_it_says_whether_it_is_sure(reading, most, sure):
    answer = DigitAnswer()
    probabilities = np.zeros(10, np.float32)
    probabilities[[4, 9]] = most, 1 - most
    answer.show("", reading._replace(probabilities=probabilities))
    assert answer.view.sure is sure
    answer.show("Nothing drawn yet.", None)
    assert answer.view.sure, "without an answer there is nothing to doubt"


def test_the_steps_are_shown_on_request_and_at_once(reading):
    answer = DigitAnswer()
    answer.show("I read 1 (100 %).", reading)
    assert answer.view.steps == [] and answer.view.step_pixels == b""
    answer.with_steps = True
    shown = steps_in(answer.view)
    assert [*shown] == ["Cropped to the ink", "In a 20-pixel box", "Centred in 28 by 28"]
    for image, stage in zip(shown.values(), ("crop", "box", "centred"), strict=True):
        assert np.array_equal(image, reading.stages[stage])
    answer.with_steps = False
    assert answer.view.steps == [] and answer.view.step_pixels == b""


def test_no_answer_leaves_only_the_words(reading):
    answer = DigitAnswer()
    answer.with_steps = True
    answer.show("I read 1 (100 %).", reading)
    answer.show("Nothing drawn yet.", None)
    assert "Nothing drawn yet." in answer.words.value
    assert answer.view.probabilities == []
    assert answer.view.seen == answer.view.step_pixels == b""


def test_a_numbers_answer_shows_every_digit_and_marks_the_canvas():
    canvas, marks = DrawingCanvas(), []
    canvas.mark = marks.append
    image = np.linspace(0, 1, 784, dtype=np.float32).reshape(28, 28)
    sure = ReadDigit((10, 20, 30, 60), image, np.eye(10)[4], None)
    unsure = ReadDigit((50, 20, 70, 60), 1 - image, np.full(10, 0.1), "A blob, not a digit.")
    answer = NumberAnswer(canvas)
    answer.show("I read 4?.", [sure, unsure])
    assert answer.view.kind == "number"
    assert answer.view.digits == [
        {"digit": 4, "percent": 100, "doubtful": False},
        {"digit": 0, "percent": 10, "doubtful": True},
    ]
    first, second = images_in(answer.view.digit_pixels, [(28, 28)] * 2)
    assert np.array_equal(first, np.rint(255 * image)) and np.array_equal(second, np.rint(255 * (1 - image)))
    answer.show("Nothing drawn yet.", None)
    assert answer.view.digits == [] and answer.view.digit_pixels == b""
    assert marks == [((sure.box, "4"), (unsure.box, "?")), ()]


@pytest.mark.parametrize("text", ["<b>wrong</b>", 'a "quoted" & <img src=x>'])
def test_words_are_plain_text(text):
    answer = DigitAnswer()
    answer.say(text)
    assert "<b>" not in answer.words.value and "<img" not in answer.words.value and "&lt;" in answer.words.value


def test_an_error_is_shown_as_plain_text_until_something_succeeds():
    answer = DigitAnswer()
    answer.show_error(ValueError("<b>wrong</b>"))
    assert 'role="alert"' in answer.status.value and "&lt;b&gt;wrong&lt;/b&gt;" in answer.status.value
    assert "ValueError" not in answer.status.value, "messages that were written for people need no name before them"
    answer.show_error(KeyError("brush"))
    assert "KeyError" in answer.status.value
    answer.say("Nothing drawn yet.")
    assert answer.status.value == ""
