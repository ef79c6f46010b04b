"""The digit pad without a browser: what it reads, shows and undoes, its controls, and pictures."""

import asyncio
import time

import ipywidgets as widgets
import numpy as np
import pytest
import traitlets
from events import Page, Updates, choose, click, controls, draw, png, send, upload

import digits_helpers as dh

STEPS = ["Cropped to the ink", "In a 20-pixel box", "Centred in 28 by 28"]


@pytest.fixture
def pad():
    return dh.DigitPad()


def fail(*_):
    raise MemoryError


def steps_shown(pad):
    """The captions of the steps of the preparation, where the page has pixels to show."""
    return [step["caption"] for step in pad.answer.view.steps] if pad.answer.view.step_pixels else []


# Reading


@pytest.mark.parametrize("digit", [0, 2, 3, 5, 7])
def test_a_drawn_digit_is_read(pad, digit):
    draw(pad, dh.write_digit(digit))
    assert pad.probabilities.argmax() == digit
    assert pad.text.startswith(f"I read {digit} (")
    assert f"I read {digit}" in pad.answer.words.value
    assert pad.answer.view.probabilities == pad.probabilities.tolist()
    assert pad.answer.view.seen == pad.result.stages["centred"].tobytes()


def test_what_is_drawn_and_what_is_replayed_are_the_same(pad):
    strokes = dh.write_digit(4)
    draw(pad, strokes)
    other = dh.DigitPad()
    other.replay(strokes)
    assert all(np.allclose(a, b) for a, b in zip(pad.strokes, other.strokes, strict=True))
    assert np.array_equal(pad.probabilities, other.probabilities)
    assert np.array_equal(pad.image, dh.rasterize(strokes, width=18))


def test_the_result_is_what_the_reader_reads_and_its_probabilities_what_the_network_says(pad):
    pad.write(6)
    again = pad.reader.read(pad.canvas.drawing)
    assert np.array_equal(pad.result.probabilities, again.probabilities)
    assert np.array_equal(pad.result.stages["centred"], again.stages["centred"])
    assert np.array_equal(pad.predict(), dh.Predictor()(dh.prepare(pad.image))[0])


def test_nothing_drawn(pad):
    assert pad.text == "Nothing drawn yet." and pad.probabilities is None and pad.strokes == []
    assert pad.result is None and pad.predict() is None
    assert "Nothing drawn yet." in pad.answer.words.value
    assert pad.answer.view.probabilities == [] and pad.answer.view.seen == b"" and pad.image.max() == 0


def test_a_tap_is_read(pad):
    send(pad, "mouse_down", 50, 60)
    send(pad, "mouse_up", 50, 60)
    assert pad.probabilities is not None


class Clock:
    """A clock that stands still until a test lets time pass."""

    def __init__(self, monkeypatch):
        self.now = 100.0
        monkeypatch.setattr(time, "monotonic", lambda: self.now)


@pytest.fixture
def clock(monkeypatch):
    return Clock(monkeypatch)


RATE = 60  # moves of the mouse in a second


def draw_for_two_seconds(pad, clock):
    """Draw, and return how long it took: longer where the answers keep the mouse waiting."""
    started = clock.now
    send(pad, "mouse_down", 20, 20)
    for number in range(2 * RATE):
        clock.now += 1 / RATE
        send(pad, "mouse_move", 20 + number % 200, 20 + number)
    return clock.now - started


def time_answers(pad, clock, seconds):
    """A list that gets the time of every answer; each takes some seconds of the clock."""
    predict, answers = pad.reader.predict, []

    def timed(images):
        answers.append(clock.now)
        clock.now += seconds
        return predict(images)

    pad.reader.predict = timed
    return answers


def test_a_quick_network_answers_every_move(pad, clock):
    answers = time_answers(pad, clock, seconds=0.002)
    draw_for_two_seconds(pad, clock)
    assert len(answers) == 1 + 2 * RATE


@pytest.mark.parametrize("seconds", [0.01, 0.05, 0.2])
def test_a_slow_network_is_live_and_leaves_three_quarters_of_the_time_to_the_drawing(pad, clock, seconds):
    answers = time_answers(pad, clock, seconds)
    took = draw_for_two_seconds(pad, clock)
    assert seconds * (len(answers) - 1) <= took / 4, "the stroke began with one answer"
    assert max(np.diff(answers)) < 4 * seconds + 2 / RATE
    send(pad, "mouse_up", 0, 0)
    assert answers[-1] == clock.now - seconds, "the whole stroke is read at once"
    assert np.array_equal(pad.probabilities, pad.reader.read(pad.canvas.drawing).probabilities)


def test_answers_while_drawing_and_always_at_the_end(pad, clock):
    seven = dh.write_digit(7)
    (x, y), *rest = seven[0].tolist()
    time_answers(pad, clock, seconds=100)  # from then on, every answer comes too soon after the last
    send(pad, "mouse_down", x, y)
    early = pad.probabilities
    for x, y in rest:
        send(pad, "mouse_move", x, y)
    assert early is not None and np.array_equal(pad.probabilities, early)
    send(pad, "mouse_up", x, y)
    assert pad.probabilities.argmax() == 7


@pytest.mark.skipif(widgets.__version__.startswith("7."), reason="ipywidgets 7 sends nothing where no kernel runs")
def test_an_answer_is_at_most_two_small_messages(pad, clock, monkeypatch):
    updates = Updates(monkeypatch)
    pad.write(7)
    assert 1 <= updates.count <= 2 and 784 < updates.size < 4096
    send(pad, "mouse_down", 20, 20)
    for number in range(1, 20):
        updates.count = updates.size = 0
        send(pad, "mouse_move", 20 + 10 * number, 20 + number**2 / 2)
        assert 1 <= updates.count <= 2 and 784 < updates.size < 4096
    pad.predict()
    updates.count = 0
    pad.predict()
    assert updates.count == 0, "an answer that stays the same is not sent again"


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
    pad.replay(dh.write_digit(5))
    for _ in pad.strokes:
        pad.undo()
    assert len(pad.strokes) == 1, "replay takes nothing away for good"


def test_an_exception_in_a_handler_is_shown_and_the_pad_goes_on(pad, monkeypatch):
    draw(pad, dh.write_digit(2))
    with monkeypatch.context() as broken:

        def out_of_memory(_):
            raise RuntimeError("out of memory")

        broken.setattr(pad.reader, "predict", out_of_memory)
        send(pad, "mouse_down", 50, 50)
        send(pad, "mouse_up", 50, 50)
        assert "RuntimeError: out of memory" in pad.answer.status.value and len(pad.strokes) == 2
    click(pad, "Undo")
    assert pad.probabilities.argmax() == 2 and pad.answer.status.value == ""


def test_bad_strokes_are_refused_and_the_drawing_stays(pad):
    pad.replay(dh.write_digit(3))
    with pytest.raises(ValueError, match="finite"):
        pad.replay([[(1, float("nan"))]])
    assert pad.probabilities.argmax() == 3 and len(pad.strokes) == 1


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


def test_its_text_for_pages_without_widgets(pad):
    pad.replay(dh.write_digit(7))
    assert repr(pad).startswith("<DigitPad with 1 strokes. I read 7 (")


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
    assert pad.brush == pad.canvas.brush == 36 and pad.image.astype(float).sum() > 1.5 * thin
    with pytest.raises(traitlets.TraitError, match="greater than 40"):
        pad.brush = 1000


def test_not_live_waits_for_predict(pad):
    choose(pad, "Read while drawing", False)
    draw(pad, dh.write_digit(5))
    assert pad.text == "Not read yet: press Predict." and pad.probabilities is None
    assert pad.answer.view.probabilities == []
    click(pad, "Predict")
    assert pad.text.startswith("I read 5")
    draw(pad, [[(10, 10), (20, 20)]])
    assert pad.text == "Not read yet: press Predict.", "an answer that is stale is not shown"
    pad.live = True
    assert pad.probabilities is not None


def test_a_setting_takes_no_answer_away(pad):
    pad.write(5)
    for change in ({"live": False}, {"steps": True}, {"inverted": True}, {"brush": 24}):
        before = pad.image
        pad.set_trait(*change.popitem())
        assert pad.text.startswith("I read 5")
    assert steps_shown(pad) == STEPS
    assert not np.array_equal(pad.image, before) and pad.probabilities.shape == (10,)
    draw(pad, [[(10, 10), (20, 20)]])
    pad.brush = 18
    assert pad.text == "Not read yet: press Predict.", "a setting doesn't read, either"


def test_inverted_colours_read_the_same(pad):
    pad.write(3)
    before = pad.probabilities
    choose(pad, "Light ink on dark paper", True)
    assert pad.inverted and pad.canvas.inverted and np.array_equal(pad.probabilities, before)


def test_steps_on_request(pad):
    pad.write(3)
    assert steps_shown(pad) == []
    choose(pad, "Show the steps of the preparation", True)
    assert pad.steps and steps_shown(pad) == STEPS
    pad.clear()
    assert steps_shown(pad) == []


# Natural behaviour: see also test_both_pads.py


def test_after_an_example_a_hand_starts_fresh_and_one_undo_brings_the_example_back(pad):
    draw(pad, dh.write_digit(7))
    click(pad, "4")
    four = pad.strokes
    draw(pad, dh.write_digit(2))
    assert pad.text.startswith("I read 2") and len(pad.strokes) == 1
    for expected in (four, dh.write_digit(7), []):
        click(pad, "Undo")
        assert len(pad.strokes) == len(expected) and all(map(np.allclose, pad.strokes, expected))
    assert pad.text == "Nothing drawn yet."


def test_after_a_replay_or_a_digit_written_by_a_program_a_hand_starts_fresh(pad):
    for put in (lambda: pad.replay(dh.write_digit(4)), lambda: pad.write(4)):
        put()
        draw(pad, dh.write_digit(2))
        assert pad.text.startswith("I read 2")
        pad.undo()
        assert pad.text.startswith("I read 4") and len(pad.strokes) == 2


def test_an_example_is_undone_as_a_whole_and_then_a_hand_goes_on_with_its_own_drawing(pad):
    while len(pad.strokes) < 2:  # until the example has several strokes
        pad.clear()
        draw(pad, dh.write_digit(4)[:1])
        click(pad, "5")
    click(pad, "Undo")
    draw(pad, dh.write_digit(4)[1:])
    assert pad.text.startswith("I read 4") and len(pad.strokes) == 2


def test_a_replay_is_undone_stroke_by_stroke_and_a_hand_goes_on_with_the_rest(pad):
    pad.replay(dh.write_digit(4))
    pad.undo()
    assert len(pad.strokes) == 1
    draw(pad, dh.write_digit(4)[1:])
    assert pad.text.startswith("I read 4") and len(pad.strokes) == 2


def test_a_digit_that_is_kept_is_done_and_the_next_stroke_belongs_to_the_next_digit(pad):
    for digit in (4, 7):
        draw(pad, dh.write_digit(digit))
        assert pad.text.startswith(f"I read {digit}")
        pad.own.keep(digit)
    assert [len(drawing.strokes) for drawing in pad.own.drawings] == [2, 1]
    pad.undo()
    assert pad.text.startswith("I read 4")


def test_loading_own_digits_leaves_the_drawing_to_the_hand(pad, tmp_path):
    dh.save_drawings(tmp_path / "mine.json", [dh.Drawing(dh.write_digit(3), label=3)])
    four = dh.write_digit(4)
    draw(pad, four[:1])
    pad.own.load(tmp_path / "mine.json")
    draw(pad, four[1:])
    assert pad.text.startswith("I read 4") and len(pad.strokes) == 2


def test_where_nothing_is_read_live_a_fresh_drawing_takes_the_old_answer_away(pad):
    pad.live = False
    click(pad, "4")
    four, answer = pad.strokes, pad.predict()
    send(pad, "mouse_down", 100, 100)
    assert pad.text == "Not read yet: press Predict." and len(pad.strokes) == 1
    send(pad, "mouse_up", 100, 100)
    click(pad, "Undo")
    assert pad.text == "Not read yet: press Predict." and all(map(np.array_equal, pad.strokes, four))
    assert np.array_equal(pad.predict(), answer)


def test_the_buttons_work_from_python_too(pad):
    pad.write_example(4)
    by_call = pad.strokes
    assert pad.text.startswith("I read 4")
    other = dh.DigitPad()
    click(other, "4")
    assert all(map(np.array_equal, by_call, other.strokes))
    pad.write_example(4)
    assert not np.array_equal(pad.strokes[0], by_call[0]), "every time in another handwriting"
    pad.undo()
    assert all(map(np.array_equal, by_call, pad.strokes))
    with pytest.raises(ValueError, match="digit from 0 to 9"):
        pad.write_example(10)
    assert all(map(np.array_equal, by_call, pad.strokes))


# Pictures


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
    assert 'role="alert"' in pad.answer.status.value and "Your drawing is still here." in pad.answer.status.value
    assert "\n" not in pad.answer.status.value
    assert pad.text.startswith("I read 8") and len(pad.strokes) == 1


def test_a_picture_that_cannot_be_read_leaves_the_drawing(pad, monkeypatch):
    pad.write(8)
    monkeypatch.setattr(pad.reader, "predict", fail)
    with pytest.raises(MemoryError):
        pad.show(dh.rasterize(dh.write_digit(2)))
    assert pad.text.startswith("I read 8") and len(pad.strokes) == 1


def test_a_picture_that_cannot_be_drawn_leaves_the_drawing_and_a_canvas_that_works(monkeypatch):
    page = Page(monkeypatch)
    pad = dh.DigitPad()
    pad.write(8)
    with monkeypatch.context() as broken, pytest.raises(MemoryError):
        broken.setattr("ipycanvas.canvas.binary_image", fail)
        pad.show(dh.rasterize(dh.write_digit(2)))
    assert pad.text.startswith("I read 8") and len(pad.strokes) == 1
    assert len(page.ink(pad)) == 1 and not page.shows_picture(pad)
    draw(pad, [[(10, 10), (20, 20)], [(30, 10), (40, 20)]])
    assert len(page.ink(pad)) == 2


def test_the_upload_says_how_large_a_file_may_be(pad):
    assert [one for one in controls(pad) if getattr(one, "description", "") == "Read a picture (up to 10 MB)"]


# Any Keras model


def test_a_model_that_reads_no_digits_is_refused():
    import keras

    other = keras.Sequential([keras.Input((32, 32, 3)), keras.layers.Flatten(), keras.layers.Dense(5)])
    with pytest.raises(ValueError, match=r"takes \(32, 32, 3\) and returns \(5,\)"):
        dh.DigitPad(other)


def test_another_model_can_be_put_in_while_drawing(pad):
    import keras

    flat = keras.Sequential([keras.Input((28, 28)), keras.layers.Flatten(), keras.layers.Dense(10)])  # logits
    assert pad.model is None
    draw(pad, dh.write_digit(7))
    pad.own.keep(7)
    send(pad, "mouse_down", 50, 50)
    pad.model = flat
    assert pad.model is flat and abs(pad.probabilities.sum() - 1) < 1e-5
    send(pad, "mouse_move", 60, 60)
    send(pad, "mouse_up", 60, 60)
    assert [stroke.tolist() for stroke in pad.strokes] == [[[50, 50], [60, 60]]] and sum(pad.own.tally) == 1
    wrong = keras.Sequential([keras.Input((28, 28)), keras.layers.Flatten(), keras.layers.Dense(3)])
    with pytest.raises(ValueError, match=r"returns \(3,\)"):
        pad.model = wrong
    assert pad.model is flat
    pad.model = None
    assert pad.model is None and pad.own.tally == (1, 0)


def test_a_pen_that_rests_gets_the_answer_to_its_last_move():
    """Moves that come too soon after a slow answer are read a moment later, although no further event comes."""
    pad = dh.DigitPad()
    quick = pad.reader.predict

    def slow(images):
        time.sleep(0.05)
        return quick(images)

    async def draw_and_rest():
        pad.reader.predict = slow
        (first, *rest), *_ = dh.write_digit(7)
        send(pad, "mouse_down", *first)
        for point in rest:
            send(pad, "mouse_move", *point)
        read_too_early = pad.text
        await asyncio.sleep(1)
        return read_too_early

    read_too_early = asyncio.run(draw_and_rest())
    assert pad.canvas.drawing.drawing_now and pad.text.startswith("I read 7 (")
    assert read_too_early != pad.text, "or the test would test nothing"
