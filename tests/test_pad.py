"""The pad without a browser: events as ipycanvas sends them, and what the widgets then hold."""

import numpy as np
import pytest

import digits_helpers as dh
from digits_helpers import pad as pad_module


@pytest.fixture(scope="module")
def model():
    return dh.load_pretrained()


@pytest.fixture
def pad(model):
    return dh.DigitPad(model)


def send(pad, event, x=0, y=0, touches=None):
    """An event as the page sends it, in the canvas's own pixels."""
    content = {"event": event, "x": 2 * x, "y": 2 * y}
    if touches is not None:
        content["touches"] = [{"x": 2 * x, "y": 2 * y} for x, y in touches]
    pad._ink._handle_frontend_event(None, content, [])


def draw(pad, strokes):
    for stroke in strokes:
        (x, y), *rest = stroke.tolist()
        send(pad, "mouse_down", x, y)
        for x, y in rest:
            send(pad, "mouse_move", x, y)
        send(pad, "mouse_up", x, y)


@pytest.mark.parametrize("digit", [0, 2, 3, 5, 7])
def test_a_drawn_digit_is_read(pad, digit):
    draw(pad, dh.write_digit(digit))
    assert pad.probabilities.argmax() == digit
    assert pad.text.startswith(f"I read {digit} (")
    assert f"I read {digit}" in pad._text.value and 'aria-live="polite"' in pad._text.value
    assert "What the model sees" in pad._seen.value and "Top three" in pad._seen.value


def test_what_is_drawn_and_what_is_replayed_are_the_same(pad, model):
    strokes = dh.write_digit(4)
    draw(pad, strokes)
    other = dh.DigitPad(model)
    other.replay(strokes)
    assert all(np.allclose(a, b) for a, b in zip(pad.strokes, other.strokes, strict=True))
    assert np.array_equal(pad.probabilities, other.probabilities)
    assert np.array_equal(pad.image, dh.rasterize(strokes, width=pad_module.BRUSH))


def test_nothing_drawn(pad):
    assert pad.text == "Nothing drawn yet." and pad.probabilities is None and pad.strokes == []
    assert pad._bars.value == "" and pad.image.max() == 0
    send(pad, "mouse_move", 10, 10)  # hovering
    assert pad.strokes == []


def test_a_tap_is_a_dot(pad):
    send(pad, "mouse_down", 50, 60)
    send(pad, "mouse_up", 50, 60)
    assert [stroke.tolist() for stroke in pad.strokes] == [[[50, 60]]]
    assert pad.image[60, 50] == 255 and pad.probabilities is not None


def test_leaving_the_canvas_ends_the_stroke_and_coming_back_does_not_continue_it(pad):
    send(pad, "mouse_down", 50, 50)
    send(pad, "mouse_move", 270, 50)
    send(pad, "mouse_out", 281, 50)
    send(pad, "mouse_move", 270, 200)
    send(pad, "mouse_up", 260, 200)
    assert [stroke.tolist() for stroke in pad.strokes] == [[[50, 50], [270, 50]]]


def test_answers_while_drawing_and_always_at_the_end(pad, monkeypatch):
    monkeypatch.setattr(pad_module, "PAUSE", 1e9)  # as if every answer came too soon after the last
    seven = dh.write_digit(7)
    (x, y), *rest = seven[0].tolist()
    send(pad, "mouse_down", x, y)
    early = pad.probabilities.copy()
    for x, y in rest:
        send(pad, "mouse_move", x, y)
    assert np.array_equal(pad.probabilities, early)
    send(pad, "mouse_up", x, y)
    assert pad.probabilities.argmax() == 7
    monkeypatch.setattr(pad_module, "PAUSE", 0)
    pad.clear()
    send(pad, "mouse_down", *seven[0][0].tolist())
    for x, y in rest:
        send(pad, "mouse_move", x, y)
    assert pad.probabilities.argmax() == 7, "the button is still down"


def test_undo_and_clear(pad):
    draw(pad, dh.write_digit(4))
    whole = pad.text
    assert len(pad.strokes) == 2
    pad._clear.click()
    assert pad.text == "Nothing drawn yet." and pad.strokes == []
    pad._undo.click()
    assert pad.text == whole and len(pad.strokes) == 2
    pad._undo.click()
    assert len(pad.strokes) == 1
    pad.replay(dh.write_digit(1))
    pad.undo()
    pad.undo()
    assert len(pad.strokes) == 1, "replay takes nothing away for good"


def test_touch_draws_and_a_second_finger_cancels(pad):
    send(pad, "touch_start", touches=[(50, 50)])
    send(pad, "touch_move", touches=[(60, 90)])
    send(pad, "touch_end", touches=[])
    assert [stroke.tolist() for stroke in pad.strokes] == [[[50, 50], [60, 90]]]
    send(pad, "touch_start", touches=[(10, 10)])
    send(pad, "touch_start", touches=[(10, 10), (200, 200)])
    send(pad, "touch_move", touches=[(20, 10), (220, 200)])
    send(pad, "touch_end", touches=[(20, 10)])
    send(pad, "touch_move", touches=[(30, 10)])
    send(pad, "touch_end", touches=[])
    assert len(pad.strokes) == 1


def test_the_mouse_events_that_follow_a_touch_draw_nothing(pad):
    send(pad, "touch_start", touches=[(50, 50)])
    send(pad, "touch_end", touches=[])
    send(pad, "mouse_down", 50, 50)
    send(pad, "mouse_up", 50, 50)
    assert len(pad.strokes) == 1
    pad._touched -= 1  # a second later somebody takes the mouse
    send(pad, "mouse_down", 90, 90)
    send(pad, "mouse_up", 90, 90)
    assert len(pad.strokes) == 2


def test_an_exception_in_a_handler_is_shown_and_the_pad_goes_on(pad, monkeypatch):
    draw(pad, dh.write_digit(2))
    with monkeypatch.context() as broken:

        def fail(_):
            raise RuntimeError("out of memory")

        broken.setattr(pad, "_predict", fail)
        send(pad, "mouse_down", 50, 50)
        send(pad, "mouse_up", 50, 50)
        assert "RuntimeError: out of memory" in pad._status.value and len(pad.strokes) == 2
    pad._undo.click()
    assert pad.probabilities.argmax() == 2 and pad._status.value == ""


def test_bad_strokes_are_refused_and_the_drawing_stays(pad):
    pad.replay(dh.write_digit(3))
    with pytest.raises(ValueError, match="finite"):
        pad.replay([[(1, float("nan"))]])
    assert pad.probabilities.argmax() == 3


def test_a_stroke_beside_the_canvas_is_nothing_drawn(pad):
    pad.replay([[(-100, -100), (-90, -100)]])
    assert pad.text == "Nothing drawn yet."


def test_a_move_sends_its_own_increment_and_nothing_else(pad, monkeypatch):
    monkeypatch.setattr(pad_module, "PAUSE", 1e9)
    send(pad, "mouse_down", 10, 10)
    sent = []
    manager = pad._canvas._canvas_manager
    monkeypatch.setattr(manager, "_send_custom", lambda command, buffers=(): sent.append(command))
    for x in range(20, 120):
        send(pad, "mouse_move", x, 10)
    assert len(sent) == 100
    assert max(len(str(command)) for command in sent) < 200


def test_a_reloaded_page_gets_everything_again_lower_layer_first(pad, monkeypatch):
    draw(pad, dh.write_digit(7))
    drawn = []
    manager = pad._canvas._canvas_manager
    monkeypatch.setattr(manager, "send_draw_command", lambda canvas, *_, **__: drawn.append(canvas))
    send(pad, "client_ready")
    assert drawn[0] is pad._paper and drawn[-1] is pad._ink
    assert len(pad.strokes) == 1


def test_a_model_that_reads_no_digits_is_refused():
    import keras

    other = keras.Sequential([keras.Input((32, 32, 3)), keras.layers.Flatten(), keras.layers.Dense(5)])
    with pytest.raises(ValueError, match=r"takes \(32, 32, 3\) and gives \(5,\)"):
        dh.DigitPad(other)


def test_its_text_for_pages_without_widgets(pad):
    pad.replay(dh.write_digit(7))
    assert repr(pad).startswith("<DigitPad with 1 strokes. I read 7 (")
