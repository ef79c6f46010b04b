"""Lesson 08's pad, fed with the same events as the package's, holds the same strokes and gives the same answer."""

import matplotlib

matplotlib.use("Agg")

import events
import nbformat
import numpy as np
import pytest
from lesson_code import NOTEBOOKS

import digits_helpers as dh
from digits_helpers import checks

LESSON = "08-draw-a-digit"


def run_lesson_until(line):
    """Run the lesson's code cells from the top up to the first that holds ``line``; returns what they define."""
    namespace = {}
    for cell in nbformat.read(NOTEBOOKS / f"{LESSON}.ipynb", as_version=4).cells:
        if cell.cell_type == "code":
            exec(compile(cell.source, f"{LESSON}.ipynb", "exec"), namespace)
            if line in cell.source:
                return namespace
    raise LookupError(f"No cell of {LESSON}.ipynb holds {line!r}.")


@pytest.fixture(scope="module")
def lesson():
    return run_lesson_until("canvas.on_mouse_out(on_up)")


@pytest.fixture
def both(lesson):
    """The lesson's pad and the package's, both empty, as a function that sends one mouse event to each."""
    lesson["pen"].strokes.clear()
    lesson["pen"].is_down = False
    pad = dh.DigitPad(lesson["model"])

    def send(event, x, y):
        events.deliver(lesson["canvas"], {"event": event, "x": float(x), "y": float(y)})
        events.send(pad, event, float(x), float(y))

    return lesson, pad, send


def draw(send, strokes):
    for stroke in strokes:
        send("mouse_down", *stroke[0])
        for point in stroke[1:]:
            send("mouse_move", *point)
        send("mouse_up", *stroke[-1])


def assert_same(lesson, pad):
    by_hand = lesson["pen"].strokes
    assert len(by_hand) == len(pad.strokes)
    for mine, theirs in zip(by_hand, pad.strokes, strict=True):
        np.testing.assert_array_equal(np.float32(mine), theirs)
    picture = lesson["picture_of"](by_hand)
    np.testing.assert_array_equal(picture, pad.image)
    probabilities = lesson["read"](picture)
    np.testing.assert_allclose(probabilities, pad.probabilities, atol=1e-5)
    assert lesson["answer"].value == lesson["bars"](probabilities), "the pad shows something else than it computes"


@pytest.mark.parametrize("seed", range(20))
def test_same_events_same_strokes_and_probabilities(both, seed):
    lesson, pad, send = both
    strokes = dh.write_digit(seed % 10, np.random.default_rng(seed))
    draw(send, strokes)
    assert len(pad.strokes) == len(strokes), "the events did not arrive"
    assert_same(lesson, pad)


def test_both_ignore_hovering_and_end_the_stroke_where_the_mouse_leaves(both):
    lesson, pad, send = both
    send("mouse_move", 20, 20)
    send("mouse_down", 140, 60)
    send("mouse_move", 270, 60)
    send("mouse_out", 280, 60)
    send("mouse_move", 20, 250)
    assert [stroke.tolist() for stroke in pad.strokes] == [[[140, 60], [270, 60]]]
    assert_same(lesson, pad)


def test_both_read_a_dot(both):
    lesson, pad, send = both
    send("mouse_down", 100, 100)
    send("mouse_up", 100, 100)
    assert_same(lesson, pad)


def test_the_finished_pad_is_the_last_widget_and_stays_empty():
    lines = [
        line
        for cell in nbformat.read(NOTEBOOKS / f"{LESSON}.ipynb", as_version=4).cells
        if cell.cell_type == "code"
        for line in cell.source.splitlines()
    ]
    assert lines.count("pad") == 1, "exactly one DigitPad is shown"
    used = [line for line in lines if "pad." in line.replace("dh.DigitPad", "")]
    assert used == [], "replays go to another pad"


# Wrong answers that readers give, and a word of the hint that each should get.


def undo_in_place(strokes):
    strokes.pop()
    return strokes


@pytest.mark.parametrize(
    "wrong, hint",
    [
        (undo_in_place, "list that you were given has changed"),
        (lambda strokes: strokes[-1], "the stroke taken away"),
        (lambda strokes: strokes[1:], "takes the last"),
        (lambda strokes: [*strokes[:-1], strokes[-1][:-1]], "whole last stroke"),
        (lambda strokes: [*strokes[:-1]] if strokes[-1] else [], "empty list has no last stroke"),
        (lambda strokes: strokes, "first two should be left"),
        (lambda strokes: strokes[:2], "of a single stroke nothing should be left"),
        (lambda strokes: strokes[:-1], "✅"),
    ],
)
def test_undo_hints(capsys, wrong, hint):
    checks.undo(wrong)
    assert hint in capsys.readouterr().out


@pytest.mark.parametrize(
    "wrong, hint",
    [
        (lambda p: [p.max()] if p.max() >= 0.6 else sorted(p)[:-3:-1], "those are shares"),
        (lambda p: [int(p.argmax())], "expected two"),
        (lambda p: np.argsort(p)[-2:] if p.max() < 0.6 else [p.argmax()], "turn the order round"),
        (lambda p: np.argsort(-p)[:2], "expected that one alone"),
        (lambda p: [3, 5], "should give [9, 4]"),
        (lambda p: [d for d in np.argsort(-p) if p[d] > 0.3], "6 with 59 % and 3 with 5 % should give [6, 3], not [6]"),
        (lambda p: np.argsort(-p)[: 1 + np.searchsorted(np.sort(p)[::-1].cumsum(), 0.6)], "6 with 30 %"),
        (lambda p: np.argsort(-p)[: 1 if p.max() >= 0.7 else 2], "should give [6], not [6, 3]"),
        (lambda p: np.argsort(-p)[: 1 if p.max() >= 0.6 else 2], "✅"),
    ],
)
def test_candidates_hints(capsys, wrong, hint):
    checks.candidates(wrong)
    assert hint in capsys.readouterr().out
