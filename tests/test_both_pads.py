"""What holds for both pads: they read what can be seen, threads don't disturb each other, and TensorFlow stays out."""

import itertools
import json
import subprocess
import sys
import threading
import time

import numpy as np
import pytest
from events import Page, choose, click, draw, layers, on_two_threads, send

import digits_helpers as dh
from digits_helpers.widgets import base_pad
from digits_helpers.widgets.handlers import LOCK

PADS = [dh.DigitPad, dh.NumberPad]


@pytest.fixture
def page(monkeypatch):
    return Page(monkeypatch)


# What is read is what can be seen


def as_numbers(pad, result):
    """Everything that a pad says of a result, as a list of arrays."""
    if result is None:
        return []
    if isinstance(pad, dh.DigitPad):
        return [result.probabilities, *result.stages.values()]
    return [np.concatenate([digit.box, digit.probabilities, digit.image.ravel()]) for digit in result]


def read_what_is_visible(pad, page):
    size, brush = pad.canvas.drawing.size, pad.brush
    on_canvas = [stroke for stroke in page.ink(pad) if dh.rasterize([stroke], size, brush).any()]
    visible = dh.Drawing(on_canvas, size, brush=brush)
    if page.shows_picture(pad):
        assert visible.strokes == [], "a picture and ink are shown on top of each other"
        visible.show(pad.canvas.drawing.picture)
    return visible, pad.reader.read(visible)


def assert_reads_what_is_visible(pad, page, throttled=False):
    visible, expected = read_what_is_visible(pad, page)
    np.testing.assert_array_equal(pad.image, visible.image)
    may_be_older = pad.canvas.drawing.drawing_now and throttled
    if (pad.result is not None or pad.live) and not may_be_older:
        ours, fresh = as_numbers(pad, pad.result), as_numbers(pad, expected)
        assert len(ours) == len(fresh) and all(map(np.array_equal, ours, fresh))
        assert pad.text == (pad.reader.words(expected) if expected else "Nothing drawn yet.")
    assert pad.text in pad.answer.words.value
    if isinstance(pad, dh.NumberPad):
        assert page.labels(pad) == ["?" if digit.doubt else str(digit.digit) for digit in pad.number]


def random_steps(pad, rng):
    """Things that may happen to a pad, in a random order, as functions."""
    width, height = pad.canvas.drawing.size
    pictures = [255 - dh.rasterize(dh.write_digit(digit, rng)) for digit in range(3)]
    strokes = [dh.write_digit(digit, rng) for digit in range(10)]

    def near(margin=40):
        return float(rng.uniform(-margin, width + margin)), float(rng.uniform(-margin, height + margin))

    def mouse(event):
        return lambda: send(pad, event, *near())

    def touch(event, fingers):
        return lambda: send(pad, event, touches=[near() for _ in range(fingers)])

    def tap():
        place = near(0)
        send(pad, "touch_start", touches=[place])
        send(pad, "touch_end", touches=[])
        send(pad, "mouse_down", *place, announced=False)  # the browser sends the touch again
        send(pad, "mouse_up", *place)

    def beside():
        pad.replay([[(-200 - 50 * rng.random(), 50), (-150, 60)], *strokes[rng.integers(10)]])

    steps = [
        *[mouse("mouse_down"), mouse("mouse_move"), mouse("mouse_move"), mouse("mouse_up"), mouse("mouse_out")] * 3,
        *[touch("touch_start", 1), touch("touch_move", 1), touch("touch_end", 0)] * 2,
        *[touch("touch_start", 2), touch("touch_end", 1), touch("touch_move", 2), touch("touch_cancel", 0)],
        *[tap] * 2,
        *[lambda: click(pad, "Undo")] * 6,
        *[lambda: click(pad, "Clear")] * 4,
        lambda: click(pad, "Predict"),
        *[lambda: click(pad, str(rng.integers(10)))] * 3,
        *[lambda: pad.show(pictures[rng.integers(3)])] * 4,
        *[lambda: pad.replay(strokes[rng.integers(10)])] * 2,
        *[beside] * 2,
        *[lambda: send(pad, "client_ready")] * 2,
        lambda: choose(pad, "Brush width", int(rng.integers(4, 30))),
        lambda: choose(pad, "Light ink on dark paper", bool(rng.integers(2))),
        lambda: choose(pad, "Read while drawing", bool(rng.random() < 0.8)),
    ]
    while True:
        yield steps[rng.integers(len(steps))]


@pytest.mark.parametrize("throttled", [False, True])
@pytest.mark.parametrize("pause", [0.05, 1])
@pytest.mark.parametrize("kind", PADS)
def test_what_is_read_is_what_can_be_seen_whatever_happens(page, monkeypatch, kind, pause, throttled):
    now = 100.0
    monkeypatch.setattr(time, "monotonic", lambda: now)
    monkeypatch.setattr(base_pad, "ANSWERING", 1e-9 if throttled else 1)
    pad = kind()
    for step in itertools.islice(random_steps(pad, np.random.default_rng(0)), 200):
        now += pause
        step()
        assert_reads_what_is_visible(pad, page, throttled)
        if not pad.canvas.drawing.drawing_now:
            assert page.drawn_by_itself(pad) == [], "the page shows a stroke that the kernel doesn't know"


@pytest.mark.parametrize(
    "put", [lambda pad: pad.show(dh.rasterize(dh.write_digit(2))), lambda pad: pad.replay(dh.write_digit(2))]
)
@pytest.mark.parametrize("kind", PADS)
def test_a_stroke_on_a_picture_or_an_example_replaces_it_and_its_answer_at_once(page, monkeypatch, kind, put):
    monkeypatch.setattr(base_pad, "ANSWERING", 1e-9)  # as if it were too soon for another answer
    pad = kind()
    put(pad)
    assert "I read 2" in pad.text
    send(pad, "mouse_down", 100, 100)
    assert_reads_what_is_visible(pad, page)
    assert len(pad.strokes) == 1 and not page.shows_picture(pad)


@pytest.mark.parametrize("kind", PADS)
def test_a_picture_shown_in_mid_stroke_takes_the_pen_away(page, kind):
    pad = kind()
    send(pad, "mouse_down", 100, 100)
    send(pad, "mouse_move", 100, 150)
    pad.show(dh.rasterize(dh.write_digit(2)))
    send(pad, "mouse_move", 100, 200)
    send(pad, "mouse_up", 100, 200)
    assert "I read 2" in pad.text and pad.strokes == [] and page.ink(pad) == []
    pad.undo()
    assert [stroke.tolist() for stroke in page.ink(pad)] == [[[100, 100], [100, 150]]]
    assert_reads_what_is_visible(pad, page)


@pytest.mark.parametrize("kind", PADS)
def test_strokes_beside_the_canvas_are_not_read_with_or_without_others(page, kind):
    pad = kind()
    width, height = pad.canvas.drawing.size
    pad.replay([[(-100, 50), (-60, 150)], [(width + 50, 10)], [(-80, 60), (60, -80)], [(50, height + 40)]])
    assert pad.text == "Nothing drawn yet." and not pad.image.any()
    pad.replay([*pad.strokes, [(width / 2, 40), (width / 2, height - 40)]])
    assert pad.text.startswith("I read 1")
    pad.replay([[(-100, height / 2), (width + 100, height / 2)]])  # no point of it is on the canvas, but ink is
    assert pad.text != "Nothing drawn yet." and pad.image.any()


# Nothing is lost


def actions(pad, rng):
    """What people do, as functions: each is one action, and where it changes the drawing, one Undo takes it back."""
    width, height = pad.canvas.drawing.size

    def places(count):
        return rng.uniform((0, 0), (width, height), (count, 2))

    def stroke():
        draw(pad, [places(4)])

    def zoom():
        one, two, three = places(3).tolist()
        send(pad, "touch_start", touches=[one])
        send(pad, "touch_move", touches=[two])
        send(pad, "touch_move", touches=[two, three])
        send(pad, "touch_end", touches=[])

    def leave_in_mid_stroke():
        one, two = places(2).tolist()
        send(pad, "mouse_down", *one)
        send(pad, "mouse_move", *two)
        send(pad, "client_ready")
        send(pad, "mouse_up", *two)

    return [
        *[stroke] * 6,
        *[zoom, leave_in_mid_stroke, lambda: send(pad, "client_ready")],
        *[lambda: click(pad, str(rng.integers(10)))] * 3,
        lambda: click(pad, "Clear"),
        lambda: pad.show(255 - dh.rasterize([places(3)], pad.canvas.drawing.size)),
        lambda: pad.replay([places(3)]),
        lambda: choose(pad, "Brush width", int(rng.integers(4, 30))),
        lambda: choose(pad, "Light ink on dark paper", bool(rng.integers(2))),
        lambda: choose(pad, "Read while drawing", bool(rng.integers(2))),
        lambda: click(pad, "Predict"),
    ]


def seen(pad, page):
    """What is on the canvas."""
    picture = pad.image.tobytes() if page.shows_picture(pad) else None
    return picture, [stroke.tolist() for stroke in page.ink(pad)]


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("kind", PADS)
def test_undo_takes_back_one_action_after_the_other_and_nothing_is_ever_lost(page, monkeypatch, kind, seed):
    now = itertools.count()
    monkeypatch.setattr(time, "monotonic", lambda: next(now))
    pad, rng, past = kind(), np.random.default_rng(seed), []
    monkeypatch.setattr(pad.reader, "read", lambda _drawing: None)  # reading changes nothing, and takes its time
    empty, possible = seen(pad, page), actions(pad, rng)
    for _ in range(150):
        before = seen(pad, page)
        if rng.random() < 0.25:
            click(pad, "Undo")
            assert seen(pad, page) == (past.pop() if past else before)
        else:
            possible[rng.integers(len(possible))]()
            if seen(pad, page) != before:
                past.append(before)
    while past:
        click(pad, "Undo")
        assert seen(pad, page) == past.pop()
    click(pad, "Undo")
    assert seen(pad, page) == empty


@pytest.mark.parametrize("kind", PADS)
def test_an_undo_in_mid_stroke_takes_back_what_the_stroke_had_replaced(page, kind):
    pad = kind()
    pad.replay(dh.write_digit(2))
    before = seen(pad, page)
    for end in ("mouse_up", None):
        send(pad, "mouse_down", 100, 100)
        send(pad, "mouse_move", 120, 100)
        if end:
            send(pad, end, 120, 100)
        assert len(pad.strokes) == 1
        click(pad, "Undo")
        send(pad, "mouse_move", 130, 100)
        assert seen(pad, page) == before and page.drawn_by_itself(pad) == []
        assert_reads_what_is_visible(pad, page)


@pytest.mark.parametrize("kind", PADS)
def test_a_reload_or_a_setting_does_not_turn_an_example_into_a_drawing(page, kind):
    pad = kind()
    pad.replay(dh.write_digit(2))
    send(pad, "client_ready")
    pad.brush, pad.inverted, pad.live = 10, True, False
    draw(pad, dh.write_digit(7))
    pad.live = True
    assert pad.text.startswith("I read 7") and len(pad.strokes) == 1
    assert_reads_what_is_visible(pad, page)


# Two threads


@pytest.mark.parametrize("kind", PADS)
def test_two_pads_on_two_threads_do_not_mix_their_commands(page, kind):
    pads = [kind(), kind()]
    for pad in pads:
        pad.live = False  # reading would leave the threads little time to disturb each other

    def use(pad):
        for digit in range(10):
            draw(pad, dh.write_digit(digit, np.random.default_rng(digit)))
            pad.replay(pad.strokes[-1:])

    on_two_threads(use, pads)
    arrived = [[page.layer(layer).commands for layer in layers(pad)] for pad in pads]
    assert arrived[0] == arrived[1] and sum(arrived[0]) > 300
    for pad in pads:
        pad.predict()
        assert pad.answer.status.value == ""
        assert_reads_what_is_visible(pad, page)


def test_a_call_waits_for_a_handler_on_another_thread():
    """Some kernels run an event's handler on another thread while a cell is busy."""
    pad = dh.DigitPad()
    writing = threading.Thread(target=pad.replay, args=[dh.write_digit(3)])
    with LOCK:
        writing.start()
        writing.join(0.2)
        assert pad.strokes == []
    writing.join(10)
    assert pad.text.startswith("I read 3")


# Without TensorFlow, and with it

FRESH = """
import json, pathlib, sys
import digits_helpers as dh
pad = dh.DigitPad()
pad.write(7)
row = dh.NumberPad()
row.write("25")
number = dh.read_number(row.image)
memory = [line for line in pathlib.Path("/proc/self/status").read_text().splitlines() if line.startswith("VmHWM")]
print(json.dumps({
    "texts": [pad.text, row.text, "".join(str(digit.digit) for digit in number)],
    "slow": sorted({"tensorflow", "keras"} & set(sys.modules)),
    "gigabytes": int(memory[0].split()[1]) / 1e6,
}))
"""


@pytest.mark.skipif(sys.platform != "linux", reason="the peak of a process's memory is read from /proc")
def test_reading_needs_no_tensorflow_and_little_memory():
    # Not resource.getrusage: a new process starts with its parent's peak there.
    fresh = json.loads(subprocess.run([sys.executable, "-c", FRESH], capture_output=True, check=True, text=True).stdout)
    assert fresh["texts"][0].startswith("I read 7") and fresh["texts"][1:] == ["I read 25.", "25"]
    assert fresh["slow"] == []
    assert fresh["gigabytes"] < 0.2


def test_the_cells_of_old_notebooks_still_work():
    for name in dh.__all__:
        assert getattr(dh, name) is not None, name
    digit, row = dh.DigitPad(dh.load_pretrained()), dh.NumberPad(dh.load_pretrained())
    digit.write(7)
    row.write("25")
    assert digit.text.startswith("I read 7") and row.text == "I read 25."
    new = dh.DigitPad()
    new.replay(digit.strokes)
    assert np.allclose(new.probabilities, digit.probabilities, atol=1e-5)
