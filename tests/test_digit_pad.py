"""The pad without a browser: events as ipycanvas sends them, and what the widgets then hold."""

import asyncio
import datetime
import io
import itertools
import os
import threading
import tracemalloc

import ipywidgets as widgets
import numpy as np
import pytest
import traitlets
from PIL import Image

import digits_helpers as dh
from digits_helpers import pace

STEPS = ("Cropped to the ink", "In a 20-pixel box", "Centred in 28 by 28")


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
    pad._canvas._ink._handle_frontend_event(None, content, [])


def controls(widget):
    """Every widget inside, in the order of the page."""
    for child in getattr(widget, "children", ()):
        yield child
        yield from controls(child)


def click(pad, name):
    button = next(one for one in controls(pad) if isinstance(one, widgets.Button) and one.description == name)
    button.click()


def choose(pad, description, value):
    control = next(one for one in controls(pad) if getattr(one, "description", None) == description)
    control.value = value


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
    assert f"I read {digit}" in pad._reading.text.value
    assert "What the model sees" in pad._reading.seen.value and "Top three" in pad._reading.seen.value


def test_what_is_drawn_and_what_is_replayed_are_the_same(pad, model):
    strokes = dh.write_digit(4)
    draw(pad, strokes)
    other = dh.DigitPad(model)
    other.replay(strokes)
    assert all(np.allclose(a, b) for a, b in zip(pad.strokes, other.strokes, strict=True))
    assert np.array_equal(pad.probabilities, other.probabilities)
    assert np.array_equal(pad.image, dh.rasterize(strokes, width=18))


def test_nothing_drawn(pad):
    assert pad.text == "Nothing drawn yet." and pad.probabilities is None and pad.strokes == []
    assert pad._reading.bars.value == "" and pad.image.max() == 0
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
    seven = dh.write_digit(7)
    (x, y), *rest = seven[0].tolist()
    pad._pace = pace.Pace()
    send(pad, "mouse_down", x, y)
    early = pad.probabilities.copy()
    monkeypatch.setattr(pace, "PAUSE", 1e9)  # as if every answer came too soon after the last
    monkeypatch.setattr(pace, "PAUSE_IN_A_HURRY", 1e9)
    for x, y in rest:
        send(pad, "mouse_move", x, y)
    assert np.array_equal(pad.probabilities, early)
    send(pad, "mouse_up", x, y)
    assert pad.probabilities.argmax() == 7
    monkeypatch.setattr(pace, "PAUSE", 0)
    monkeypatch.setattr(pace, "SHARE", 1e9)
    monkeypatch.setattr(pace, "HURRY", 0)
    pad.clear()
    send(pad, "mouse_down", *seven[0][0].tolist())
    for x, y in rest:
        send(pad, "mouse_move", x, y)
    assert pad.probabilities.argmax() == 7, "the button is still down"


def test_undo_and_clear(pad):
    draw(pad, dh.write_digit(4))
    whole = pad.text
    assert len(pad.strokes) == 2
    click(pad, "Clear")
    assert pad.text == "Nothing drawn yet." and pad.strokes == []
    click(pad, "Undo")
    assert pad.text == whole and len(pad.strokes) == 2
    click(pad, "Undo")
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
    pad._canvas._touched -= 1  # a second later somebody takes the mouse
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
        assert "RuntimeError: out of memory" in pad._reading.status.value and len(pad.strokes) == 2
    click(pad, "Undo")
    assert pad.probabilities.argmax() == 2 and pad._reading.status.value == ""


def test_bad_strokes_are_refused_and_the_drawing_stays(pad):
    pad.replay(dh.write_digit(3))
    with pytest.raises(ValueError, match="finite"):
        pad.replay([[(1, float("nan"))]])
    assert pad.probabilities.argmax() == 3


def test_a_stroke_beside_the_canvas_is_nothing_drawn(pad):
    pad.replay([[(-100, -100), (-90, -100)]])
    assert pad.text == "Nothing drawn yet."


def test_ink_along_the_border_is_ink_and_the_smallest_dot_counts(pad):
    frame = [[(x, y) for y in range(0, 281, 8) for x in (0, 280)]]
    pad.replay(frame)
    assert pad.probabilities is not None
    pad.brush = 4
    pad.replay([*dh.write_digit(8), [(270, 270)]])
    assert dh.crop_to_ink(pad.image).shape[0] > 200


def test_a_move_sends_its_own_increment_and_nothing_else(pad, monkeypatch):
    monkeypatch.setattr(pace, "PAUSE", 1e9)
    send(pad, "mouse_down", 10, 10)
    sent = []
    manager = pad._canvas._canvas._canvas_manager
    monkeypatch.setattr(manager, "_send_custom", lambda command, buffers=(): sent.append(command))
    for x in range(20, 120):
        send(pad, "mouse_move", x, 10)
    assert len(sent) == 100
    assert max(len(str(command)) for command in sent) < 200


@pytest.fixture
def messages(pad, monkeypatch):
    """The drawing commands that the page gets, as the points of each."""
    sent = []
    monkeypatch.setattr(pad._canvas._ink, "stroke_lines", lambda points: sent.append((points / 2).tolist()))
    return sent


def test_moves_that_come_too_quickly_share_a_message_and_none_is_left_without_ink(pad, messages):
    async def draw_and_hold_still():
        send(pad, "mouse_down", 10, 10)
        for x in range(11, 211):
            send(pad, "mouse_move", x, 10)
        await asyncio.sleep(0.1)  # the button is still down: nothing comes but the timer

    asyncio.run(draw_and_hold_still())
    assert len(messages) < 100
    assert messages[0][0] == [10, 10] and messages[-1][-1] == [210, 10]
    assert all(one[-1] == next_one[0] for one, next_one in itertools.pairwise(messages)), "one line without gaps"
    assert sum(len(one) - 1 for one in messages) == 200, "and nothing twice"


def test_at_a_hands_pace_every_move_has_its_ink_at_once(pad, messages):
    async def draw_slowly():
        send(pad, "mouse_down", 10, 10)
        for number in range(1, 11):
            await asyncio.sleep(1 / 60)
            send(pad, "mouse_move", 10 + number, 10)
            assert len(messages) == number

    asyncio.run(draw_slowly())


@pytest.mark.parametrize("event", ["mouse_up", "mouse_out", "mouse_down"])
def test_the_end_of_a_stroke_lays_all_its_ink(pad, messages, event):
    async def draw_quickly():
        send(pad, "mouse_down", 10, 10)
        for x in (20, 30, 40):
            send(pad, "mouse_move", x, 10)
        send(pad, event, 200, 200)

    asyncio.run(draw_quickly())
    assert messages[-1][-1] == [40, 10]


def test_the_picture_of_an_open_stroke_is_what_its_points_give(pad):
    async def draw_and_change():
        pad.write(5)
        send(pad, "mouse_down", 20, 30)
        for number in range(40):
            send(pad, "mouse_move", 20 + 5 * number, 30 + number % 7)
            if number == 20:
                pad.brush = 30
            assert number % 5 or np.array_equal(pad.image, dh.rasterize(pad.strokes, width=pad.brush))
        pad.undo()
        assert np.array_equal(pad.image, dh.rasterize(dh.write_digit(5), width=30))

    asyncio.run(draw_and_change())


def test_in_a_hurry_answers_are_rare_and_a_calm_move_gets_one(monkeypatch):
    now = 100.0
    monkeypatch.setattr(pace.time, "monotonic", lambda: now)
    own_pace = pace.Pace()
    answered = []
    for number in range(3000):
        now += 0.001
        if own_pace.due():
            with own_pace.answering():
                answered.append(number)
    assert len(answered) == 3
    now = 200.0
    calm = []
    for _ in range(120):
        now += 1 / 60
        calm.append(own_pace.due())
        if calm[-1]:
            with own_pace.answering():
                now += 0.05
    share = 0.05 * sum(calm) / (2 + 0.05 * sum(calm))
    assert 0.1 < share <= pace.SHARE


def test_a_reloaded_page_gets_everything_again_lower_layer_first(pad, monkeypatch):
    draw(pad, dh.write_digit(7))
    drawn = []
    manager = pad._canvas._canvas._canvas_manager
    monkeypatch.setattr(manager, "send_draw_command", lambda canvas, *_, **__: drawn.append(canvas))
    send(pad, "client_ready")
    assert drawn[0] is pad._canvas._ground and drawn[-1] is pad._canvas._ink
    assert len(pad.strokes) == 1


def test_a_model_that_reads_no_digits_is_refused():
    import keras

    other = keras.Sequential([keras.Input((32, 32, 3)), keras.layers.Flatten(), keras.layers.Dense(5)])
    with pytest.raises(ValueError, match=r"takes \(32, 32, 3\) and gives \(5,\)"):
        dh.DigitPad(other)


def test_its_text_for_pages_without_widgets(pad):
    pad.replay(dh.write_digit(7))
    assert repr(pad).startswith("<DigitPad with 1 strokes. I read 7 (")


def test_a_reload_ends_an_open_stroke_with_all_its_ink(pad, messages):
    async def draw_and_reload():
        send(pad, "mouse_down", 50, 50)
        for x in (60, 70, 80):
            send(pad, "mouse_move", x, 50)
        send(pad, "client_ready")

    asyncio.run(draw_and_reload())
    for x in (200, 220):
        send(pad, "mouse_move", x, 200)  # the new page's mouse hovers
    assert [stroke.tolist() for stroke in pad.strokes] == [[[50, 50], [60, 50], [70, 50], [80, 50]]]
    assert messages[-1][-1] == [80, 50] and np.array_equal(pad.image, dh.rasterize(pad.strokes))


def test_nobody_can_write_to_the_drawing(pad):
    pad.write(3)
    with pytest.raises(ValueError, match="read-only"):
        pad.strokes[0][:] = 0
    pad.show(255 - pad.image)
    before = pad.image
    pad.image[:] = 0
    assert before.any() and np.array_equal(pad.image, before)


# Controls


@pytest.mark.parametrize("digit", range(10))
def test_examples_write_digits(pad, digit):
    click(pad, str(digit))
    assert pad.probabilities.argmax() == digit
    pad.write(digit)
    assert pad.probabilities.argmax() == digit


def test_brush_width_changes_what_is_read_and_what_is_drawn(pad):
    pad.write(7)
    thin = pad.image.astype(float).sum()
    choose(pad, "Brush width", 36)
    assert pad.brush == 36 and pad.image.astype(float).sum() > 1.5 * thin
    with pytest.raises(traitlets.TraitError, match="greater than 40"):
        pad.brush = 1000


def test_not_live_waits_for_predict(pad):
    choose(pad, "Read while drawing", False)
    draw(pad, dh.write_digit(5))
    assert pad.text == "Not read yet: press Predict." and pad.probabilities is None and pad._reading.bars.value == ""
    click(pad, "Predict")
    assert pad.text.startswith("I read 5")
    draw(pad, [np.array([[10, 10], [20, 20]])])
    assert pad.text == "Not read yet: press Predict.", "an answer that is stale is not shown"
    pad.live = True
    assert pad.probabilities is not None


def test_a_setting_takes_no_answer_away(pad):
    pad.write(5)
    for change in ({"live": False}, {"steps": True}, {"inverted": True}, {"brush": 24}):
        before = pad.image
        pad.set_trait(*change.popitem())
        assert pad.text.startswith("I read 5")
    assert STEPS[0] in pad._reading.steps.value
    assert not np.array_equal(pad.image, before) and pad.probabilities.shape == (10,)
    draw(pad, [np.array([[10, 10], [20, 20]])])
    pad.brush = 18
    assert pad.text == "Not read yet: press Predict.", "a setting doesn't read, either"


def test_inverted_colours_read_the_same(pad):
    pad.write(3)
    before = pad.probabilities
    choose(pad, "Light ink on dark paper", True)
    assert pad.inverted and np.array_equal(pad.probabilities, before)


def test_steps_on_request(pad):
    pad.write(3)
    assert pad._reading.steps.value == ""
    choose(pad, "Show the steps of the preparation", True)
    assert all(step in pad._reading.steps.value for step in STEPS)
    pad.clear()
    assert pad._reading.steps.value == ""


def test_tab_leaves_the_canvas_for_a_button(pad):
    buttons = [one.description for one in controls(pad) if isinstance(one, widgets.Button)]
    for shift, name in ((False, "Undo"), (True, "9")):
        content = {"event": "key_down", "key": "Tab", "shift_key": shift, "ctrl_key": False, "meta_key": False}
        pad._canvas._ink._handle_frontend_event(None, content, [])
        assert f"[{buttons.index(name)}].focus()" in pad._reading._focus.value


# Pictures


def png(array):
    file = io.BytesIO()
    Image.fromarray(array).save(file, "PNG")
    return file.getvalue()


def upload(pad, content):
    """What a file chosen on the page does, in ipywidgets 8 and in 7."""
    if int(widgets.__version__.split(".")[0]) >= 8:
        file = {"name": "a.png", "type": "image/png", "size": len(content), "content": memoryview(content)}
        pad._upload.value = (file | {"last_modified": datetime.datetime(2026, 11, 21, tzinfo=datetime.UTC)},)
    else:
        pad._upload.set_trait("value", {"a.png": {"metadata": {}, "content": content}})


def test_a_picture_is_read_like_a_drawing_and_undo_brings_the_drawing_back(pad):
    strokes = dh.write_digit(4)
    pad.replay(strokes)
    drawn = pad.probabilities
    upload(pad, png(255 - dh.rasterize(strokes)))
    assert pad.strokes == [] and np.allclose(pad.probabilities, drawn, atol=1e-3)
    pad.undo()
    assert len(pad.strokes) == 2
    pad.show(dh.rasterize(dh.write_digit(2)))
    assert pad.text.startswith("I read 2")
    draw(pad, dh.write_digit(7))
    assert pad.text.startswith("I read 7"), "drawing replaces the picture"
    pad.undo()
    pad.undo()
    assert pad.text.startswith("I read 2"), "and that can be undone"


def test_the_same_picture_can_be_uploaded_twice(pad):
    content = png(dh.rasterize(dh.write_digit(6)))
    upload(pad, content)
    pad.clear()
    upload(pad, content)
    assert pad.text.startswith("I read 6")


@pytest.mark.parametrize(
    "content", [b"", b"not a picture", png(np.zeros((20, 20), np.uint8)), png(dh.rasterize([]))[:40]]
)
def test_a_bad_picture_is_one_clear_line_and_the_drawing_stays(pad, content):
    pad.write(8)
    upload(pad, content)
    assert 'role="alert"' in pad._reading.status.value and "Your drawing is still here." in pad._reading.status.value
    assert "\n" not in pad._reading.status.value
    assert pad.text.startswith("I read 8") and len(pad.strokes) == 1


def fail(*_):
    raise MemoryError


def test_a_picture_that_cannot_be_read_leaves_the_drawing(pad, monkeypatch):
    pad.write(8)
    monkeypatch.setattr(pad, "_predict", fail)
    with pytest.raises(MemoryError):
        pad.show(dh.rasterize(dh.write_digit(2)))
    assert pad.text.startswith("I read 8") and len(pad.strokes) == 1


@pytest.mark.parametrize("part", ["_fitted", "_corner"])
def test_a_picture_that_cannot_be_drawn_leaves_the_drawing_and_a_canvas_that_works(pad, part, monkeypatch):
    pad.write(8)
    monkeypatch.setattr(pad._canvas, part, fail)
    with pytest.raises(MemoryError):
        pad.show(dh.rasterize(dh.write_digit(2)))
    assert pad.text.startswith("I read 8") and len(pad.strokes) == 1
    assert not pad._canvas._canvas._canvas_manager._caching, "or no canvas would show anything any more"


def test_the_upload_says_how_large_a_file_may_be(pad):
    assert pad._upload.description == "Read a picture (up to 10 MB)"


# Own digits


def keep_by_button(pad, digit, label):
    pad.write(digit)
    choose(pad, "This is a", label)
    click(pad, "Keep")


def labels_in(path):
    return [drawing.label for drawing in dh.load_drawings(path)]


def test_the_keep_button_saves_at_once_to_the_file_that_is_named(pad, model, tmp_path):
    file = tmp_path / "mine.json"
    choose(pad, "File", str(file))
    for digit in (3, 8):
        keep_by_button(pad, digit, digit)
        assert labels_in(file)[-1] == digit
        assert f"Saved to {file}: type this name to load them again." in pad.own._tally.value
    later = dh.DigitPad(model)  # as after a reload: nothing is kept in memory
    choose(later, "File", str(file))
    keep_by_button(later, 5, 5)
    assert labels_in(file) == [3, 8, 5], "what an earlier visit kept stays"


def test_what_cannot_be_saved_is_still_kept_and_the_error_is_shown(pad, tmp_path):
    choose(pad, "File", str(tmp_path / "nowhere" / "mine.json"))
    keep_by_button(pad, 6, 6)
    assert "was not written" in pad._reading.status.value and pad.own.tally == (1, 0)
    choose(pad, "File", str(tmp_path / "mine.json"))
    click(pad, "Save")
    assert labels_in(tmp_path / "mine.json") == [6] and pad._reading.status.value == ""


def test_the_take_back_button_takes_it_out_of_the_file_that_is_named(pad, tmp_path):
    file = tmp_path / "mine.json"
    choose(pad, "File", str(file))
    for label in (4, 9):
        keep_by_button(pad, 4, label)
    pad.own.keep(9)  # once more: the file holds it once
    click(pad, "Take back")
    assert labels_in(file) == [4, 9], "one of the two is still kept"
    click(pad, "Take back")
    assert labels_in(file) == [4] and pad.own.tally == (1, 0)
    assert f"The last one is taken back, also from {file}." in pad.own._tally.value


def test_what_cannot_be_taken_out_of_the_file_is_still_kept(pad, tmp_path, monkeypatch):
    choose(pad, "File", str(tmp_path / "mine.json"))
    keep_by_button(pad, 2, 2)
    monkeypatch.setattr(os, "replace", fail)
    click(pad, "Take back")
    assert "MemoryError" in pad._reading.status.value and pad.own.tally == (1, 0)
    assert labels_in(tmp_path / "mine.json") == [2]


def test_keep_save_clear_load(pad, model, tmp_path):
    for digit in (3, 8):
        pad.write(digit)
        pad.own.keep(digit)
    choose(pad, "File", str(tmp_path / "first.json"))
    keep_by_button(pad, 1, label=7)
    assert pad.own.tally == (2, 1) and "3 kept: 2 read right, 1 wrong" in pad.own._tally.value
    choose(pad, "File", str(tmp_path / "mine.json"))
    click(pad, "Save")
    pad.clear()

    other = dh.DigitPad(model)
    other.own.load(tmp_path / "mine.json")
    assert [drawing.label for drawing in other.own.drawings] == [3, 8, 7] and other.own.tally == (2, 1)
    other.own.load(tmp_path / "mine.json")
    assert len(other.own.drawings) == 3, "what is kept already is not kept twice"


def test_saving_never_drops_what_the_file_holds(pad, model, tmp_path):
    path = tmp_path / "mine.json"
    for digit in (1, 2):
        fresh = dh.DigitPad(model)
        fresh.write(digit)
        fresh.own.keep(digit)
        fresh.own.save(path)
    assert [drawing.label for drawing in dh.load_drawings(path)] == [1, 2]


def test_a_wrong_label_can_be_taken_back(pad, tmp_path):
    choose(pad, "File", str(tmp_path / "other.json"))
    for label in (1, 7):
        pad.write(1)
        pad.own.keep(label)
    pad.own.save(tmp_path / "mine.json")
    click(pad, "Take back")
    assert pad.own.tally == (1, 0) and "1 kept: 1 read right, 0 wrong." in pad.own._tally.value
    assert len(dh.load_drawings(tmp_path / "mine.json")) == 2, "a file that isn't named never loses a drawing"
    assert pad.own.take_back().label == 1 and pad.own.drawings == []
    assert len(dh.load_drawings(tmp_path / "mine.json")) == 2
    click(pad, "Take back")
    assert "Nothing is kept that could be taken back." in pad._reading.status.value


def test_changing_the_list_of_drawings_changes_nothing_that_is_kept(pad, model):
    pad.write(4)
    pad.own.keep(label=4)
    pad.own.drawings.pop()
    assert pad.own.tally == (1, 0)
    pad.own.keep(label=4)
    pad.model = model
    assert pad.own.tally == (2, 0)


def test_a_drawing_without_a_label_does_not_count(pad, tmp_path):
    seven = dh.write_digit(7)
    dh.save_drawings(tmp_path / "mine.json", [dh.Drawing(seven), dh.Drawing(seven, label=7)])
    pad.own.load(tmp_path / "mine.json")
    assert pad.own.tally == (1, 0) and "2 kept: 1 read right, 0 wrong, 1 without a label." in pad.own._tally.value


@pytest.mark.parametrize("strokes", [[], [[(-500, -500)]]])
def test_a_drawing_without_ink_is_kept_and_never_right(pad, model, strokes, tmp_path):
    dh.save_drawings(tmp_path / "mine.json", [dh.Drawing(strokes, label=6), dh.Drawing(dh.write_digit(7), label=7)])
    choose(pad, "File", str(tmp_path / "mine.json"))
    click(pad, "Load")
    assert pad.own.tally == (1, 1) and pad._reading.status.value == ""
    pad.model = model
    assert pad.own.tally == (1, 1)


def test_what_succeeds_takes_an_error_away(pad, tmp_path):
    pad.write(2)
    choose(pad, "File", str(tmp_path / "mine.json"))
    for button in ("Keep", "Save", "Load", "Take back"):
        pad.own.on_error(ValueError("Something else failed."))
        choose(pad, "This is a", 2)
        click(pad, button)
        assert pad._reading.status.value == "", button


def test_keeping_waits_for_a_handler_on_another_thread(pad):
    pad.write(3)
    keeping = threading.Thread(target=pad.own.keep, args=[3])
    with pad.lock:
        keeping.start()
        keeping.join(0.2)
        assert pad.own.drawings == []
    keeping.join(10)
    assert pad.own.tally == (1, 0)


def test_kept_drawings_are_read_alike_whatever_their_size_and_at_no_more_cost(pad, tmp_path):
    rng = np.random.default_rng(0)
    written = [(digit, dh.write_digit(digit, rng)) for digit in range(10) for _ in range(3)]
    for scale in (0.1, 1, 10_000 / 280):
        size = [round(280 * scale)] * 2
        drawings = [dh.Drawing([scale * stroke for stroke in strokes], size, digit) for digit, strokes in written]
        dh.save_drawings(tmp_path / f"{scale}.json", drawings)
        other = dh.DigitPad(pad.model)
        other.own.load(tmp_path / f"{scale}.json")
        tracemalloc.start()
        other.own.read_again()
        _, most = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        assert other.own.tally == (30, 0) and most < 10_000_000


def test_a_kept_drawing_has_the_size_of_its_canvas(pad):
    pad._canvas.drawing.size = (700, 220)
    pad.write(1)
    pad.own.keep(1)
    assert pad.own.drawings[0].size == (700, 220)


def test_keeping_needs_strokes_and_a_label(pad, tmp_path):
    click(pad, "Keep")
    assert "There are no strokes to keep" in pad._reading.status.value
    pad.write(2)
    click(pad, "Keep")
    assert "Choose which digit this is" in pad._reading.status.value and pad.own.drawings == []
    (tmp_path / "bad.json").write_text("{}")
    choose(pad, "File", str(tmp_path / "bad.json"))
    for button in ("Load", "Save", "Keep", "Take back"):
        choose(pad, "This is a", 2)
        click(pad, button)
        assert "bad.json" in pad._reading.status.value
    assert (tmp_path / "bad.json").read_text() == "{}", "a file that is something else is not written over"


# Any model


def test_another_model_can_be_put_in_while_drawing(pad):
    import keras

    flat = keras.Sequential([keras.Input((28, 28)), keras.layers.Flatten(), keras.layers.Dense(10)])  # logits
    pad.write(7)
    pad.own.keep(7)
    send(pad, "mouse_down", 50, 50)
    pad.model = flat
    assert pad.model is flat and abs(pad.probabilities.sum() - 1) < 1e-5
    send(pad, "mouse_move", 60, 60)
    send(pad, "mouse_up", 60, 60)
    assert len(pad.strokes) == 2 and sum(pad.own.tally) == 1
    wrong = keras.Sequential([keras.Input((28, 28)), keras.layers.Flatten(), keras.layers.Dense(3)])
    with pytest.raises(ValueError, match=r"gives \(3,\)"):
        pad.model = wrong
    assert pad.model is flat
