"""The wide pad without a browser: what it reads, what it marks, and that nothing is lost."""

import numpy as np
import pytest
from events import Page, click, draw, send

import digits_helpers as dh
from digits_helpers.widgets.number_pad import SIZE


@pytest.fixture
def page(monkeypatch):
    return Page(monkeypatch)


@pytest.fixture
def pad(page):
    return dh.NumberPad()


@pytest.mark.parametrize("number", ["7", "2507", "0123456789", "31415926535897932384"])
def test_what_is_written_is_read(pad, number):
    pad.write(number)
    assert pad.text == f"I read {number}."
    assert f"I read {number}." in pad.answer.words.value
    assert "".join(str(digit.digit) for digit in pad.number) == number


def test_nothing_drawn(pad, page):
    assert pad.text == "Nothing drawn yet." and pad.number == [] and pad.predict() == [] and pad.result is None
    assert pad.answer.view.digits == [] and pad.answer.view.digit_pixels == b"" and page.boxes(pad) == []


def test_each_digit_has_a_box_around_its_ink_and_its_probability(pad, page):
    pad.write("358")
    assert page.labels(pad) == ["3", "5", "8"]
    boxes = page.boxes(pad)
    for (left, top, right, bottom), after in zip(boxes, [*boxes[1:], (SIZE[0],) * 4], strict=True):
        ink = pad.image[round(top) : round(bottom), round(left) : round(right)]
        assert ink.any() and right < after[0]
    inside = sum(
        (pad.image[round(top) : round(bottom), round(left) : round(right)] > 0).sum()
        for left, top, right, bottom in boxes
    )
    assert inside == (pad.image > 0).sum()
    for digit, shown in zip(pad.number, pad.answer.view.digits, strict=True):
        assert shown == {"digit": digit.digit, "percent": round(100 * digit.confidence), "doubtful": False}
    images = np.frombuffer(pad.answer.view.digit_pixels, np.uint8).reshape(-1, 28, 28)
    assert np.allclose(images / 255, [digit.image for digit in pad.number], atol=1 / 255)


def test_read_live_at_the_end_of_each_stroke(pad):
    draw(pad, dh.write_number("1", size=SIZE))
    assert pad.text == "I read 1."


def test_a_bar_added_at_the_end_joins_its_seven(pad):
    pad.write("274")
    seven = next(digit.box for digit in pad.number if digit.digit == 7)
    height, middle = seven[3] - seven[1], (seven[0] + seven[2]) / 2
    bar = [(middle - height / 4, seven[1] + height / 2), (middle + height / 4, seven[1] + height / 2)]
    pad.replay([*pad.strokes, bar])
    assert pad.text == "I read 274."


def test_examples_write_one_digit_more_until_there_is_no_room(pad):
    for digit in (4, 0, 9):
        click(pad, str(digit))
    assert pad.text == "I read 409."
    pad.undo()
    assert pad.text == "I read 40.", "an example is undone as a whole"
    for _ in range(20):
        click(pad, "8")
    assert "There is no room for another digit. Your drawing is still here." in pad.answer.status.value
    points = np.concatenate(pad.strokes)
    assert points.min() >= 0 and points[:, 0].max() <= SIZE[0] and points[:, 1].max() <= SIZE[1]


def test_clear_and_undo(pad, page):
    pad.write("62")
    pad.clear()
    assert pad.text == "Nothing drawn yet." and page.boxes(pad) == []
    pad.undo()
    assert pad.text == "I read 62." and len(page.boxes(pad)) == 2


def test_doubt_is_said_and_marked(pad, page):
    pad.write("23")
    pad.replay([np.concatenate(pad.strokes)])
    assert pad.text.startswith("I read ?. Digit 1: ")
    assert page.labels(pad) == ["?"] and [digit["doubtful"] for digit in pad.answer.view.digits] == [True]


def test_a_picture_of_a_number(pad, page):
    strokes = dh.write_number("8046", size=(1200, 300))
    picture = 255 - dh.rasterize(strokes, (1200, 300), 20)
    pad.show(picture)
    assert pad.text == "I read 8046." and page.shows_picture(pad)
    points = np.concatenate(strokes) * SIZE[0] / 1200
    top = (SIZE[1] - 300 * SIZE[0] / 1200) / 2
    boxes = np.array(page.boxes(pad))
    low, high = boxes[:, :2].min(axis=0), boxes[:, 2:].max(axis=0)
    assert abs(low - (points.min(axis=0) + [0, top])).max() < 12
    assert abs(high - (points.max(axis=0) + [0, top])).max() < 12
    send(pad, "mouse_down", 10, 10)
    send(pad, "mouse_up", 10, 10)
    assert not page.shows_picture(pad)
    pad.undo()
    assert pad.text == "I read 8046." and page.shows_picture(pad)


def test_an_example_on_a_picture_begins_a_new_number(pad, page):
    pad.show(dh.rasterize(dh.write_number("80", size=SIZE), SIZE))
    click(pad, "7")
    assert pad.text == "I read 7." and not page.shows_picture(pad)
    pad.undo()
    assert pad.text == "I read 80." and page.ink(pad) == []


def test_after_an_example_a_hand_goes_on_with_the_number(pad):
    click(pad, "4")
    draw(pad, [np.array([(300.0, 45), (300, 175)])])
    assert pad.text == "I read 41."
    pad.write_example(0)
    assert pad.text == "I read 410."
    for text in ("I read 41.", "I read 4.", "Nothing drawn yet."):
        click(pad, "Undo")
        assert pad.text == text


def test_after_a_number_written_by_a_program_a_hand_starts_fresh_and_examples_go_on(pad):
    pad.write("25")
    draw(pad, [np.array([(300.0, 45), (300, 175)])])
    assert pad.text == "I read 1."
    pad.undo()
    assert pad.text == "I read 25."
    click(pad, "7")
    assert pad.text == "I read 257."
    with pytest.raises(ValueError, match="no room"):
        while True:
            pad.write_example(8)


def test_not_live_waits_for_predict(pad, page):
    pad.live = False
    pad.write("51")
    assert pad.text == "Not read yet: press Predict." and pad.number == [] and page.boxes(pad) == []
    assert len(pad.predict()) == 2 and pad.text == "I read 51."


def test_another_model_reads_anew(pad):
    pad.write("51")
    pad.model = dh.build_cnn()
    assert pad.text != "I read 51."
    pad.model = None
    assert pad.text == "I read 51."


def test_a_page_that_is_opened_again_gets_ink_and_boxes(pad, page):
    pad.write("27")
    del page.messages[:]
    send(pad, "client_ready")
    names = [name for message in page.messages for _, name in message]
    assert names.count("strokeRect") == 2 and names.count("fillCircle") == len(pad.strokes)
    assert page.labels(pad) == ["2", "7"]


def test_boxes_that_cannot_be_drawn_leave_a_canvas_that_works(pad, page, monkeypatch):
    def fail(*_):
        raise MemoryError

    with monkeypatch.context() as broken, pytest.raises(MemoryError):
        broken.setattr("ipycanvas.Canvas.stroke_rect", fail)
        pad.write("9")
    pad.write("9")
    assert page.labels(pad) == ["9"] and len(page.ink(pad)) == 1


@pytest.mark.parametrize("wrong", ["", "2a", "-5", "²", 25, None])
def test_what_is_no_number_is_refused_and_the_drawing_stays(pad, wrong):
    pad.write("9")
    with pytest.raises(ValueError, match="text of digits"):
        pad.write(wrong)
    assert pad.text == "I read 9."


def test_written_numbers_in_any_hand_are_on_the_canvas():
    rng = np.random.default_rng(0)
    for _ in range(50):
        number = "".join(map(str, rng.integers(10, size=rng.integers(1, 12))))
        points = np.concatenate(dh.write_number(number, rng, SIZE))
        assert points.min() >= 0 and (points.max(axis=0) <= SIZE).all()
