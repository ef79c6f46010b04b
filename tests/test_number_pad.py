"""The wide pad without a browser: what it reads, what it marks, and that nothing is lost."""

import numpy as np
import pytest

import digits_helpers as dh
from digits_helpers.widgets.number_pad import SIZE


@pytest.fixture(scope="module")
def model():
    return dh.load_pretrained()


@pytest.fixture
def pad(model):
    return dh.NumberPad(model)


def send(pad, event, x=0, y=0):
    pad._canvas._ink._handle_frontend_event(None, {"event": event, "x": 2 * x, "y": 2 * y}, [])


def example(pad, digit):
    pad._examples[digit].click()


def boxes(pad):
    """What the canvas was told to draw around the digits, in pixels of the page."""
    return [np.divide(pad._canvas._around(box), 2) for box, _ in pad._canvas._marks]


@pytest.mark.parametrize("number", ["7", "2507", "0123456789", "31415926535897932384"])
def test_what_is_written_is_read(pad, number):
    pad.write(number)
    assert pad.text == f"I read {number}."
    assert "".join(str(digit.digit) for digit in pad.number) == number


def test_nothing_drawn(pad):
    assert pad.text == "Nothing drawn yet." and pad.number == [] and pad.predict() == []
    assert pad._reading.digits.value == ""


def test_each_digit_has_a_box_around_its_ink_and_its_probability(pad):
    pad.write("358")
    assert [text for _, text in pad._canvas._marks] == ["3", "5", "8"]
    for (left, top, right, bottom), after in zip(boxes(pad), [*boxes(pad)[1:], (SIZE[0],) * 4], strict=True):
        ink = pad.image[round(top) : round(bottom), round(left) : round(right)]
        assert ink.any() and right < after[0]
    inside = sum(
        (pad.image[round(top) : round(bottom), round(left) : round(right)] > 0).sum()
        for left, top, right, bottom in boxes(pad)
    )
    assert inside == (pad.image > 0).sum()
    for digit in pad.number:
        assert f"{digit.digit}, {100 * digit.confidence:.0f}&nbsp;%" in pad._reading.digits.value


def test_read_live_at_the_end_of_each_stroke(pad):
    (stroke,) = dh.write_number("1", size=SIZE)
    (x, y), *rest = stroke.tolist()
    send(pad, "mouse_down", x, y)
    for x, y in rest:
        send(pad, "mouse_move", x, y)
    send(pad, "mouse_up", x, y)
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
        example(pad, digit)
    assert pad.text == "I read 409."
    before = len(pad.strokes)
    pad.undo()
    assert len(pad.strokes) == before - 1
    for _ in range(20):
        example(pad, 8)
    assert "There is no room for another digit. Your drawing is still here." in pad._reading.status.value
    points = np.concatenate(pad.strokes)
    assert points.min() >= 0 and points[:, 0].max() <= SIZE[0] and points[:, 1].max() <= SIZE[1]


def test_clear_and_undo(pad):
    pad.write("62")
    pad.clear()
    assert pad.text == "Nothing drawn yet." and pad._canvas._marks == ()
    pad.undo()
    assert pad.text == "I read 62." and len(pad._canvas._marks) == 2


def test_doubt_is_said_and_marked(pad):
    pad.write("23")
    pad.replay([np.concatenate(pad.strokes)])
    assert pad.text.startswith("I read ?. Digit 1: ")
    assert [text for _, text in pad._canvas._marks] == ["?"] and "? (" in pad._reading.digits.value


def test_a_picture_of_a_number(pad):
    strokes = dh.write_number("8046", size=(1200, 300))
    picture = 255 - dh.rasterize(strokes, (1200, 300), 20)
    pad.show(picture)
    assert pad.text == "I read 8046."
    points = np.concatenate(strokes) * SIZE[0] / 1200
    top = (SIZE[1] - 300 * SIZE[0] / 1200) / 2
    low, high = np.array(boxes(pad))[:, :2].min(axis=0), np.array(boxes(pad))[:, 2:].max(axis=0)
    assert abs(low - (points.min(axis=0) + [0, top])).max() < 12
    assert abs(high - (points.max(axis=0) + [0, top])).max() < 12
    send(pad, "mouse_down", 10, 10)
    send(pad, "mouse_up", 10, 10)
    pad.undo()
    pad.undo()
    assert pad.text == "I read 8046."


def test_not_live_waits_for_predict(pad):
    pad.live = False
    pad.write("51")
    assert pad.text == "Not read yet: press Predict." and pad.number == [] and pad._canvas._marks == ()
    assert len(pad.predict()) == 2 and pad.text == "I read 51."


def test_another_model_reads_anew(pad, model):
    pad.write("51")
    pad.model = dh.build_cnn()
    assert pad.text != "I read 51."
    pad.model = model
    assert pad.text == "I read 51."


def test_a_page_that_is_opened_again_gets_ink_and_boxes(pad, monkeypatch):
    pad.write("27")
    drawn = []
    monkeypatch.setattr(pad._canvas._ground, "stroke_rect", lambda *box: drawn.append(box))
    pad._canvas._on_client_ready()
    assert len(drawn) == 2


def test_boxes_that_cannot_be_worked_out_leave_a_canvas_that_works(pad, monkeypatch):
    def fail(box):
        raise MemoryError

    monkeypatch.setattr(pad._canvas, "_around", fail)
    with pytest.raises(MemoryError):
        pad.write("9")
    assert not pad._canvas._canvas._canvas_manager._caching, "or no canvas would show anything any more"


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
