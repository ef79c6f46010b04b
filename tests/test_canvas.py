"""The canvas without a browser: from the page's events to strokes, and from strokes to the commands that draw them."""

import asyncio
import itertools
import time

import numpy as np
import pytest
from events import Page, deliver, draw, layers, on_two_threads, send
from ipycanvas import Canvas, hold_canvas

import digits_helpers as dh
from digits_helpers.widgets.canvas import MOUSE_AFTER_TOUCH, DrawingCanvas, LocalInk
from digits_helpers.widgets.handlers import MANAGER, one_message


@pytest.fixture
def page(monkeypatch):
    return Page(monkeypatch)


@pytest.fixture
def canvas(page):
    return DrawingCanvas()


def points(canvas):
    return [stroke.tolist() for stroke in canvas.drawing.strokes]


def assert_shown(page, canvas):
    shown = page.ink(canvas)
    assert [stroke.tolist() for stroke in shown] == points(canvas)
    assert page.shows_picture(canvas) == (canvas.drawing.picture is not None)


# Events


def test_hovering_draws_nothing(canvas):
    send(canvas, "mouse_move", 10, 10)
    assert points(canvas) == [] and canvas.drawing.image.max() == 0


def test_a_tap_is_a_dot(canvas, page):
    send(canvas, "mouse_down", 50, 60)
    send(canvas, "mouse_up", 50, 60)
    assert points(canvas) == [[[50, 60]]]
    assert canvas.drawing.image[60, 50] == 255
    assert_shown(page, canvas)


def test_leaving_the_canvas_ends_the_stroke_and_coming_back_does_not_continue_it(canvas, page):
    send(canvas, "mouse_down", 50, 50)
    send(canvas, "mouse_move", 270, 50)
    send(canvas, "mouse_out", 281, 50)
    send(canvas, "mouse_move", 270, 200)
    send(canvas, "mouse_up", 260, 200)
    assert points(canvas) == [[[50, 50], [270, 50]]]
    assert_shown(page, canvas)


def test_touch_draws_and_a_second_finger_cancels(canvas, page):
    send(canvas, "touch_start", touches=[(50, 50)])
    send(canvas, "touch_move", touches=[(60, 90)])
    send(canvas, "touch_end", touches=[])
    assert points(canvas) == [[[50, 50], [60, 90]]]
    send(canvas, "touch_start", touches=[(10, 10)])
    send(canvas, "touch_start", touches=[(10, 10), (200, 200)])
    send(canvas, "touch_move", touches=[(20, 10), (220, 200)])
    send(canvas, "touch_end", touches=[(20, 10)])
    send(canvas, "touch_move", touches=[(30, 10)])
    send(canvas, "touch_end", touches=[])
    assert len(points(canvas)) == 1
    assert_shown(page, canvas)


def test_the_mouse_events_that_follow_a_touch_draw_nothing(canvas, monkeypatch):
    send(canvas, "touch_start", touches=[(50, 50)])
    send(canvas, "touch_end", touches=[])
    send(canvas, "mouse_down", 50, 50, announced=False)
    send(canvas, "mouse_up", 50, 50)
    assert len(points(canvas)) == 1
    later = time.monotonic() + MOUSE_AFTER_TOUCH + 0.1
    monkeypatch.setattr(time, "monotonic", lambda: later)  # then somebody takes the mouse
    send(canvas, "mouse_down", 90, 90, announced=False)
    send(canvas, "mouse_up", 90, 90)
    assert len(points(canvas)) == 2


def test_a_mouse_or_pen_that_the_page_announces_draws_right_after_a_touch(canvas, page):
    for event in ("touch_start", "touch_end"):
        send(canvas, event, touches=[(50, 50)])
    send(canvas, "mouse_down", 90, 90)
    send(canvas, "mouse_up", 90, 90)
    assert len(points(canvas)) == 2 and page.drawn_by_itself(canvas) == []
    assert_shown(page, canvas)


def test_it_says_whether_a_stroke_is_still_being_drawn(canvas):
    changes = []
    canvas.on_change = changes.append
    draw(canvas, [[(10, 10), (20, 20)]])
    assert changes == [True, True, False]


def test_an_exception_in_a_handler_is_reported_and_the_canvas_goes_on(canvas, page):
    errors = []

    def fail(_moving):
        raise RuntimeError("out of memory")

    canvas.on_change, canvas.on_error = fail, errors.append
    draw(canvas, [[(10, 10), (20, 20)]])
    assert [str(error) for error in errors] == ["out of memory"] * 3
    assert_shown(page, canvas)


# What the page gets


def test_a_move_sends_its_own_increment_and_nothing_else(canvas, monkeypatch):
    sent = []
    send(canvas, "mouse_down", 10, 10)
    monkeypatch.setattr(MANAGER, "send", lambda content, buffers: sent.append(buffers))
    for x in range(20, 120):
        send(canvas, "mouse_move", x, 10)
    assert len(sent) == 100, "one message for each move"
    assert max(sum(map(len, map(bytes, buffers))) for buffers in sent) < 200


@pytest.mark.parametrize("in_a_kernel", [True, False])
def test_every_move_shows_its_ink_before_its_event_is_done(canvas, page, monkeypatch, in_a_kernel):
    """Colab shows only what is sent from inside a callback: ink may not wait for a timer, however quick the moves."""
    monkeypatch.setattr(time, "monotonic", lambda: 100.0)  # no time at all from one move to the next

    def draw_quickly():
        send(canvas, "mouse_down", 10, 10)
        for number in range(50):
            send(canvas, "mouse_move", 20 + number, 10 + number % 7)
            assert_shown(page, canvas)

    async def with_an_event_loop():
        draw_quickly()

    if in_a_kernel:
        asyncio.run(with_an_event_loop())
    else:
        draw_quickly()
    assert len(points(canvas)[0]) == 51


def test_a_page_that_hides_the_canvas_in_mid_stroke_ends_the_stroke(canvas, page):
    """JupyterLab does when its theme changes; the mouse then has no place on the canvas."""
    send(canvas, "mouse_down", 50, 50)
    send(canvas, "mouse_move", 60, 90)
    deliver(layers(canvas)[1], {"event": "mouse_move", "x": None, "y": None})
    send(canvas, "mouse_move", 200, 200)
    assert points(canvas) == [[[50, 50], [60, 90]]]
    assert_shown(page, canvas)


@pytest.mark.parametrize("event", ["mouse_up", "mouse_out", "mouse_down"])
def test_at_the_end_of_a_stroke_all_its_ink_is_there(canvas, page, event):
    send(canvas, "mouse_down", 10, 10)
    for x in (20, 30, 40):
        send(canvas, "mouse_move", x, 10)
    send(canvas, event, 200, 200)
    assert page.ink(canvas)[0].tolist() == [[10, 10], [20, 10], [30, 10], [40, 10]]


def test_the_picture_of_an_open_stroke_is_what_its_points_give(canvas, page):
    draw(canvas, dh.write_digit(5))
    send(canvas, "mouse_down", 20, 30)
    for number in range(40):
        send(canvas, "mouse_move", 20 + 5 * number, 30 + number % 7)
        if number == 20:
            canvas.brush = 30
        if number % 5 == 0:
            np.testing.assert_array_equal(
                canvas.drawing.image, dh.rasterize(canvas.drawing.strokes, width=canvas.brush)
            )
    assert_shown(page, canvas)


def test_a_reloaded_page_gets_everything_again_lower_layer_first(canvas, page):
    draw(canvas, dh.write_digit(4))
    canvas.mark((((20, 20, 90, 90), "4"),))
    del page.messages[:]
    send(canvas, "client_ready")
    ground, ink = layers(canvas)
    (message,) = page.messages
    assert [layer for layer, _ in itertools.groupby(layer for layer, _ in message)] == [ground.model_id, ink.model_id]
    assert_shown(page, canvas)
    assert len(points(canvas)) == 2 and page.labels(canvas) == ["4"]


def test_a_reload_ends_an_open_stroke_with_all_its_ink(canvas, page):
    send(canvas, "mouse_down", 50, 50)
    for x in (60, 70, 80):
        send(canvas, "mouse_move", x, 50)
    send(canvas, "client_ready")
    for x in (200, 220):
        send(canvas, "mouse_move", x, 200)  # the new page's mouse hovers
    assert points(canvas) == [[[50, 50], [60, 50], [70, 50], [80, 50]]]
    assert_shown(page, canvas)


def test_marks_are_drawn_under_the_ink_with_the_ink_layer_last(canvas, page):
    canvas.mark((((20, 20, 90, 90), "4"),))
    ground, ink = layers(canvas)
    assert page.messages[-1][0] == (ground.model_id, "clear") and page.messages[-1][-1][0] == ink.model_id
    ((left, top, right, bottom),) = page.boxes(canvas)
    assert left < 20 and top < 20 and right > 90 and bottom > 90, "with room for the brush"
    count = len(page.messages)
    canvas.mark((((20, 20, 90, 90), "4"),))
    assert len(page.messages) == count, "the same marks need no message"


@pytest.mark.parametrize("brush", [4, 18, 40])
def test_a_new_brush_redraws_with_it(canvas, page, brush):
    draw(canvas, dh.write_digit(7))
    canvas.brush = brush
    np.testing.assert_array_equal(canvas.drawing.image, dh.rasterize(canvas.drawing.strokes, width=brush))
    assert_shown(page, canvas)


# The page draws a stroke by itself until the kernel has settled it. What the page is told says whether it's kept.


def begin(canvas):
    send(canvas, "mouse_down", 50, 50)
    send(canvas, "mouse_move", 60, 50)


def second_finger(canvas):
    send(canvas, "touch_start", touches=[(60, 50), (200, 200)])


def undo(canvas):
    canvas.drawing.undo()
    canvas.redraw()


@pytest.mark.parametrize(
    "end, kept",
    [
        (lambda canvas: send(canvas, "mouse_up", 60, 50), True),
        (lambda canvas: send(canvas, "mouse_out", 281, 50), True),
        (lambda canvas: send(canvas, "touch_end", touches=[]), True),
        (lambda canvas: send(canvas, "touch_cancel", touches=[]), True),
        (lambda canvas: send(canvas, "client_ready"), True),
        (second_finger, False),
        (undo, False),
    ],
)
def test_however_a_stroke_ends_the_page_is_told_that_its_ink_is_there_or_gone(canvas, page, end, kept):
    draw(canvas, dh.write_digit(4))
    del page.settled[:]
    begin(canvas)
    assert page.settled == [] and len(page.drawn_by_itself(canvas)) == 1
    shown = []
    settle, page.on_settled = page.on_settled, lambda *told: (shown.append(len(page.ink(canvas))), settle(*told))
    end(canvas)
    assert set(page.settled) == {kept} and page.drawn_by_itself(canvas) == []
    assert set(shown) == {len(points(canvas))} == {2 + kept}, "the kernel's ink goes ahead"
    send(canvas, "mouse_move", 90, 90)
    send(canvas, "mouse_up", 90, 90)
    assert set(page.settled) == {kept} and len(points(canvas)) == 2 + kept, "what comes afterwards isn't a stroke"


def test_a_release_that_was_never_seen_leaves_no_stroke_to_the_page(canvas, page):
    begin(canvas)
    begin(canvas)
    send(canvas, "mouse_up", 60, 50)
    assert len(points(canvas)) == 2 and page.settled == [True] and page.drawn_by_itself(canvas) == []


def test_every_view_is_told_about_its_own_strokes(canvas, page):
    for view in ("left", "right", "left"):
        send(canvas, "mouse_down", 50, 50, view=view)
    send(canvas, "mouse_up", 60, 50)
    assert len(points(canvas)) == 3 and page.drawn_by_itself(canvas) == [] and page.settled == [True, True]


@pytest.mark.parametrize("change", [{"brush": 30}, {"inverted": True}])
def test_a_setting_in_mid_stroke_leaves_the_stroke_to_the_page(canvas, page, change):
    begin(canvas)
    canvas.set_trait(*change.popitem())
    assert page.settled == [] and len(page.drawn_by_itself(canvas)) == 1
    send(canvas, "mouse_up", 60, 50)
    assert page.settled == [True]
    assert_shown(page, canvas)


def test_a_page_whose_module_did_not_load_is_told_nothing_and_draws_as_well(canvas, page):
    for event, x in (("mouse_down", 50), ("mouse_move", 90), ("mouse_up", 90)):
        send(canvas, event, x, 50, announced=False)
    assert page.settled == [] and points(canvas) == [[[50, 50], [90, 50]]]
    assert_shown(page, canvas)


def test_the_page_is_told_what_its_ink_looks_like(canvas):
    ink = next(one for one in canvas.children if isinstance(one, LocalInk))
    assert (ink.width, ink.height, ink.brush) == (280, 280, 18)
    dark = ink.colour
    canvas.brush, canvas.inverted = 30, True
    assert ink.brush == 30 and ink.colour != dark
    wide = DrawingCanvas((700, 220), 12)
    ink = next(one for one in wide.children if isinstance(one, LocalInk))
    assert (ink.width, ink.height, ink.brush, ink.colour) == (700, 220, 12, dark)


def test_a_finished_stroke_is_drawn_again_as_one_line(canvas, page):
    """Increments whose soft edges overlap would look stepped."""
    send(canvas, "mouse_down", 10, 10)
    for x in (20, 30, 40):
        send(canvas, "mouse_move", x, 10)
    send(canvas, "mouse_up", 40, 10)
    ink = layers(canvas)[1].model_id
    drawn = [name for layer, name in page.messages[-1] if layer == ink and name != "set"]
    assert drawn == ["clear", "fillCircle", "strokeLines"]
    assert_shown(page, canvas)


# Natural behaviour: a hand doesn't scribble over what was put there


@pytest.mark.parametrize(
    "put",
    [lambda drawing: drawing.replace(dh.write_digit(4)), lambda drawing: drawing.show(np.eye(28, dtype=np.uint8))],
)
def test_a_second_finger_brings_back_at_once_what_the_stroke_had_cleared(canvas, page, put):
    put(canvas.drawing)
    canvas.redraw()
    before = points(canvas)
    send(canvas, "touch_start", touches=[(60, 50)])
    assert points(canvas) == [[[60, 50]]]
    assert_shown(page, canvas)
    second_finger(canvas)
    assert points(canvas) == before and page.settled[-1] is False and page.drawn_by_itself(canvas) == []
    assert_shown(page, canvas)


# Whatever happens, every canvas of the process goes on showing what is drawn


def assert_all_canvases_draw(page, canvas):
    other = Canvas()
    other.fill_rect(1, 2, 3, 4)
    assert page.layer(other).commands == 1, "another canvas shows nothing any more"
    canvas.redraw((((20, 20, 90, 90), "?"),))
    assert_shown(page, canvas)
    assert page.labels(canvas) == ["?"]
    other.clear()
    assert page.layer(other).commands == 2
    draw(canvas, [[(100, 100), (120, 120)]])
    assert_shown(page, canvas)


@pytest.mark.parametrize("error", [KeyboardInterrupt, MemoryError])
@pytest.mark.parametrize("share", [0, 0.3, 0.7, 1])
def test_an_interrupt_in_the_middle_of_a_redraw_leaves_every_canvas_alive(canvas, page, monkeypatch, error, share):
    draw(canvas, dh.write_digit(4))
    canvas.redraw()
    last = len(page.messages[-1]) - 1
    original, left = MANAGER.send_command, [round(share * last)]

    def interrupted(*command):
        left[0] -= 1
        if left[0] < 0:
            raise error
        original(*command)

    shown = page.ink(canvas)
    with monkeypatch.context() as broken, pytest.raises(error):
        broken.setattr(MANAGER, "send_command", interrupted)
        canvas.redraw()
    assert all(map(np.array_equal, page.ink(canvas), shown)), "the page shows all of a message or nothing"
    assert_all_canvases_draw(page, canvas)


@pytest.mark.parametrize("arrived", [False, True])
@pytest.mark.parametrize("error", [KeyboardInterrupt, ConnectionError])
def test_an_interrupt_while_the_message_is_sent_leaves_every_canvas_alive(canvas, page, error, arrived):
    draw(canvas, dh.write_digit(4))
    receive = page.receive

    def interrupted(*message, **named):
        if arrived:
            receive(*message, **named)
        raise error

    page.receive = interrupted
    with pytest.raises(error):
        canvas.redraw()
    page.receive = receive
    assert_all_canvases_draw(page, canvas)


def test_marks_that_were_interrupted_are_drawn_at_the_next_attempt(canvas, page):
    receive, marks = page.receive, (((20, 20, 90, 90), "4"),)

    def interrupted(*message, **named):
        raise KeyboardInterrupt

    page.receive = interrupted
    with pytest.raises(KeyboardInterrupt):
        canvas.mark(marks)
    page.receive = receive
    canvas.mark(marks)
    assert page.labels(canvas) == ["4"]


def test_a_pad_revives_canvases_that_an_interrupted_hold_canvas_left_dead(canvas, page):
    with pytest.raises(KeyboardInterrupt), hold_canvas():
        raise KeyboardInterrupt  # in a reader's own code: ipycanvas goes on holding
    canvas.redraw()
    assert_all_canvases_draw(page, canvas)


def test_inside_one_message_nothing_is_sent(page):
    other = Canvas()
    with one_message():
        other.clear()
        other.fill_rect(1, 2, 3, 4)
        assert page.messages == []
    assert [[name for _, name in message] for message in page.messages] == [["clear", "fillRect"]]


# Two threads


def test_two_canvases_on_two_threads_do_not_mix_their_commands(page):
    """ipycanvas has one manager for the whole process, which remembers the canvas that the last command was for."""
    canvases = [DrawingCanvas(), DrawingCanvas()]

    def use(number):
        for stroke in range(10):
            draw(canvases[number], [[(x, 100 * number + stroke) for x in range(40)]])
            canvases[number].redraw()

    on_two_threads(use, range(2))
    arrived = [[page.layer(layer).commands for layer in layers(canvas)] for canvas in canvases]
    assert arrived[0] == arrived[1], "both were sent the same number of commands"
    for canvas in canvases:
        assert len(points(canvas)) == 10
        assert_shown(page, canvas)
