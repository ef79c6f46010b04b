"""Ink under the pointer, in JupyterLab in a real Chromium: the page draws it at once, and the kernel has the last word.

Whatever happens to a stroke, in the end the page shows what the kernel holds, to a pixel, and draws nothing by itself.
"""

import base64
import io
import json
import time

import numpy as np
import pytest
from browser import ALL_ANSWERED, PATIENCE, Pad, chromium_path, open_notebook, run_all, run_notebook, save
from PIL import Image
from playwright.sync_api import expect
from scipy.ndimage import binary_dilation

import digits_helpers as dh
from digits_helpers.strokes import BRUSH
from digits_helpers.widgets.smooth import smooth

pytestmark = pytest.mark.skipif(chromium_path() is None, reason="no Chromium or Chrome is installed")

# What a pad's canvas shows, as a PNG: the kernel's ink with the page's own on top.
PICTURE = """frame => {
    const all = document.createElement('canvas');
    [all.width, all.height] = [560, 560];
    for (const layer of frame.querySelectorAll('canvas')) all.getContext('2d').drawImage(layer, 0, 0);
    return all.toDataURL().split(',')[1];
}"""

# How many pixels the page has drawn by itself.
BY_ITSELF = """ink => ink.getContext('2d').getImageData(0, 0, ink.width, ink.height).data.filter(
    (value, place) => place % 4 === 3 && value > 127).length"""

# Runs code in the kernel, while the page goes on, and returns what it prints.
PRINTED = """async code => {
    const kernel = window.jupyterapp.shell.currentWidget.context.sessionContext.session.kernel;
    let printed = '';
    const running = kernel.requestExecute({code, silent: false, store_history: false});
    running.onIOPub = message => { printed += message.content.text ?? ''; };
    await running.done;
    return printed;
}"""

# From now on, everything that the page sends waits until it's let go, as if the kernel were far away.
HOLD = """() => {
    const send = WebSocket.prototype.send, held = [];
    WebSocket.prototype.send = function (message) { held.push(() => send.call(this, message)); };
    window.letGo = () => {
        WebSocket.prototype.send = send;
        for (const go of held) go();
    };
}"""

# Notes, after each move of a pointer on the canvas, whether there is ink under it.
WATCH_MOVES = """frame => {
    window.inked = [];
    const ink = frame.querySelector('.local-ink'), context = ink.getContext('2d');
    frame.addEventListener('pointermove', ({clientX, clientY, buttons}) => {
        const {left, top, width} = ink.getBoundingClientRect(), scale = ink.width / width;
        const [x, y] = [scale * (clientX - left), scale * (clientY - top)];
        if (buttons) window.inked.push(context.getImageData(x, y, 1, 1).data[3] === 255);
    });
}"""

# Counts, frame by frame, the dark pixels that a person sees.
WATCH_FRAMES = """frame => {
    window.counts = [];
    const all = document.createElement('canvas'), context = all.getContext('2d', {willReadFrequently: true});
    [all.width, all.height] = [280, 280];
    const count = () => {
        for (const layer of frame.querySelectorAll('canvas')) context.drawImage(layer, 0, 0, 280, 280);
        const rgba = context.getImageData(0, 0, 280, 280).data;
        let dark = 0;
        for (let i = 0; i < rgba.length; i += 4) dark += rgba[i] < 128;
        window.counts.push(dark);
        window.counting = requestAnimationFrame(count);
    };
    count();
}"""


class InkPad(Pad):
    """A pad of which a test looks at the ink. Positions are in pixels of the drawing, however small the canvas is."""

    def __init__(self, page, view=0):
        super().__init__(page, view)
        self.frame = self.root.locator(".digit-canvas")
        self.layer = self.root.locator(".local-ink")
        self.layer.wait_for(state="attached")

    def place(self, x, y):
        """The same position on the page."""
        box = self.canvas.bounding_box()
        return box["x"] + x * box["width"] / 280, box["y"] + y * box["height"] / 280

    def move(self, *positions):
        for x, y in positions:
            self.page.mouse.move(*self.place(x, y))

    def begin(self):
        """Draw half a stroke: the button is still down when the kernel has received it."""
        self.move((60, 60))
        self.page.mouse.down()
        self.move((100, 100), (150, 110))
        self.page.evaluate(ALL_ANSWERED)

    def by_itself(self):
        return self.layer.evaluate(BY_ITSELF)

    def shown(self):
        """Where the page shows ink, ``(280, 280)`` bool."""
        picture = Image.open(io.BytesIO(base64.b64decode(self.frame.evaluate(PICTURE)))).convert("L")
        return np.asarray(picture.reduce(2)) < 128

    def strokes(self):
        """The strokes that the kernel holds."""
        return kernel(self.page, "[stroke.tolist() for stroke in pad.strokes]")

    def expect_agreement(self, strokes):
        """Wait until the kernel holds so many strokes, and the page shows them, with no ink of its own."""
        self.page.evaluate(ALL_ANSWERED)
        kept = self.strokes()
        assert len(kept) == strokes
        ink, inverted = (
            where_inked(kept, kernel(self.page, "pad.brush")),
            kernel(self.page, "pad.inverted"),
        )
        end = time.monotonic() + PATIENCE / 1000
        while True:
            shown, left = self.shown() ^ inverted, self.by_itself()
            wrong = (shown & ~grown(ink)).sum() + (ink & ~grown(shown)).sum()
            if not wrong and not left:
                return kept
            assert time.monotonic() < end, f"{wrong} pixels differ, and the page has {left} of its own"
            self.page.wait_for_timeout(50)


def where_inked(strokes, brush=BRUSH, times=4):
    """The pixels that the strokes' smooth lines cover, drawn larger, because Pillow rounds to whole pixels."""
    large = dh.rasterize([times * smooth(stroke) for stroke in strokes], (280 * times, 280 * times), times * brush)
    return large.reshape(280, times, 280, times).mean(axis=(1, 3)) > 127


def grown(ink):
    return binary_dilation(ink, np.ones((3, 3)))


def kernel(page, expression):
    """The value of an expression in the kernel."""
    return json.loads(page.evaluate(PRINTED, f"import json; print(json.dumps({expression}))"))


def do(page, code):
    page.evaluate(PRINTED, code)


@pytest.fixture(scope="module")
def page(lab, browser):
    return run_notebook(browser, lab, "pad.ipynb", height=1600)


@pytest.fixture
def pad(page):
    pad = InkPad(page).empty()
    pad.expect_agreement(strokes=0)
    return pad


ZERO = dh.write_digit(0)


# While the kernel is elsewhere


def test_ink_is_under_the_pointer_at_once_while_a_cell_runs_and_nothing_is_lost(page, pad, tmp_path):
    pad.frame.evaluate(WATCH_MOVES)
    cell = f"import pathlib, time\nwhile not pathlib.Path({str(tmp_path / 'enough')!r}).exists(): time.sleep(0.05)"
    page.evaluate(f"cell => {{ ({PRINTED})(cell); }}", cell)
    pad.draw([*ZERO, *dh.write_digit(1)])
    inked = page.evaluate("() => window.inked")
    assert len(inked) > 10 and all(inked)
    assert pad.by_itself() > 5_000, "the kernel is busy"
    (tmp_path / "enough").touch()
    kept = pad.expect_agreement(strokes=len(ZERO) + len(dh.write_digit(1)))
    np.testing.assert_allclose(kept[0][-1], ZERO[0][-1], atol=1.5)


def test_strokes_pile_up_while_the_kernel_is_far_away_and_none_flickers(page, pad):
    page.evaluate(HOLD)
    pad.frame.evaluate(WATCH_FRAMES)
    pad.draw([np.array([[40.0 + 50 * k, 40], [60 + 50 * k, 140], [40 + 50 * k, 240]]) for k in range(4)])
    assert pad.ink() == 0
    everything = pad.shown()
    page.evaluate("() => window.letGo()")
    kept = pad.expect_agreement(strokes=4)
    counts = page.evaluate("() => { cancelAnimationFrame(window.counting); return window.counts; }")
    steps = np.diff(counts)  # edges that the kernel draws in pieces are up to 3 % darker, until the end of the stroke
    assert (steps > -0.03 * counts[-1]).all(), f"some ink was gone for a moment: {steps.min()}"
    assert not (everything & ~grown(where_inked(kept))).any(), "the page's ink was where the kernel's is"


def test_when_the_pointer_rests_the_page_sends_something_once(page, pad):
    pad.move((60, 60))
    page.mouse.down()
    page.mouse.up()
    page.wait_for_timeout(200)
    keys = pad.frame.evaluate("""async frame => {
        const canvas = frame.querySelector('canvas'), {left, top} = canvas.getBoundingClientRect(), keys = [];
        const send = (kind, type, x) => canvas.dispatchEvent(new kind(
            type, {clientX: left + x, clientY: top + 60, buttons: 1, pointerId: 1, bubbles: true}));
        frame.addEventListener('keydown', ({key}) => keys.push(key.split(' ')[0]), true);
        send(PointerEvent, 'pointerdown', 60), send(MouseEvent, 'mousedown', 60);
        for (let x = 61; x < 90; x++) send(PointerEvent, 'pointermove', x), send(MouseEvent, 'mousemove', x);
        await new Promise(resolve => setTimeout(resolve, 200));
        send(MouseEvent, 'mouseup', 90);
        return keys;
    }""")
    assert keys == ["stroke", "rest"]
    pad.expect_agreement(strokes=2)


# Every way a stroke can end


def test_a_release_ends_it(page, pad):
    pad.begin()
    page.mouse.up()
    pad.move((200, 200))
    (kept,) = pad.expect_agreement(strokes=1)
    np.testing.assert_allclose(kept[-1], (150, 110), atol=1)


def test_a_tap_is_a_dot(page, pad):
    pad.move((140, 140))
    page.mouse.down()
    page.mouse.up()
    pad.expect_agreement(strokes=1)


def test_leaving_the_canvas_ends_it_and_coming_back_does_not_continue_it(page, pad):
    pad.begin()
    pad.move((275, 110), (290, 110), (330, 180), (275, 180), (100, 180))
    assert not pad.shown()[160:].any()
    page.mouse.up()
    pad.expect_agreement(strokes=1)


@pytest.mark.parametrize(
    "code, strokes",
    [("pad.undo()", 0), ("pad.clear()", 0), ("pad.replay(dh.write_digit(0))", len(ZERO))],
    ids=["undo", "clear", "replay"],
)
def test_the_kernel_ends_it(page, pad, code, strokes):
    pad.begin()
    do(page, code)
    pad.expect_agreement(strokes)
    pad.move((200, 150), (220, 220))  # the button is still down
    assert pad.by_itself() == 0
    page.mouse.up()
    pad.expect_agreement(strokes)


def test_other_buttons_neither_draw_nor_end_it(page, pad):
    pad.move((60, 200))
    page.mouse.down(button="right")
    pad.move((200, 200))
    assert pad.by_itself() == 0
    page.mouse.up(button="right")
    page.keyboard.press("Escape")  # the browser's menu
    pad.begin()
    page.mouse.down(button="middle")
    pad.move((200, 120))
    page.mouse.up(button="middle")
    pad.move((220, 200))
    page.mouse.up()
    (kept,) = pad.expect_agreement(strokes=1)
    np.testing.assert_allclose([kept[0], kept[-1]], [(60, 60), (220, 200)], atol=1)


def test_a_release_that_the_canvas_never_saw_ends_it_at_the_next_move(page, pad):
    pad.begin()
    page.evaluate("() => addEventListener('mouseup', event => event.stopPropagation(), {capture: true, once: true})")
    page.mouse.up()
    pad.move((200, 200), (220, 60))
    pad.expect_agreement(strokes=1)


def test_a_reload_ends_it(page, pad):
    pad.draw(ZERO)
    save(page)
    pad.begin()
    page.reload()
    pad = InkPad(page)
    pad.move((200, 200), (220, 60))
    pad.expect_agreement(strokes=len(ZERO) + 1)
    page.mouse.up()
    pad.draw([np.array([[40.0, 250], [240, 250]])])
    pad.expect_agreement(strokes=len(ZERO) + 2)


# Views and settings


def test_two_views_show_the_same(page, pad):
    other = InkPad(page, view=1)
    pad.begin()
    assert pad.by_itself() > 1_000 and other.by_itself() == 0
    other.expect_ink(1_000)
    page.mouse.up()
    other.draw([np.array([[200.0, 60], [200, 240]])])
    pad.draw([np.array([[60.0, 240], [150, 240]])])
    for view in (pad, other):
        view.expect_agreement(strokes=3)


@pytest.mark.parametrize("brush", [8, 40])
def test_the_brush(page, pad, brush):
    check_setting(page, pad, f"brush = {brush}", "brush = 18")


def test_light_ink_on_dark_paper(page, pad):
    check_setting(page, pad, "inverted = True", "inverted = False")


def check_setting(page, pad, setting, usual):
    """Under a setting, the page draws as much ink by itself as the kernel does in the end."""
    do(page, f"pad.{setting}")
    pad.begin()
    drawn = pad.by_itself()
    page.mouse.up()
    (kept,) = pad.expect_agreement(strokes=1)
    width = kernel(page, "pad.brush")
    assert drawn == pytest.approx(4 * (dh.rasterize([kept], width=width) > 127).sum(), rel=0.06)
    do(page, f"pad.{usual}")
    pad.expect_agreement(strokes=1)


def test_a_dark_theme_changes_no_ink(page, pad):
    change = "theme => window.jupyterapp.commands.execute('apputils:change-theme', {theme})"
    pad.begin()
    page.evaluate(change, "JupyterLab Dark")
    pad.move((200, 200))
    page.mouse.up()
    pad.expect_agreement(strokes=1)
    page.evaluate(change, "JupyterLab Light")


# Pen and touch


def test_a_pen(page, pad):
    session = page.context.new_cdp_session(page)

    def pen(kind, x, y, **state):
        x, y = pad.place(x, y)
        event = {"type": kind, "x": x, "y": y, "pointerType": "pen", "button": "left", "force": 0.5, **state}
        session.send("Input.dispatchMouseEvent", event)

    pen("mousePressed", 60, 60, buttons=1, clickCount=1)
    for x in range(70, 200, 10):
        pen("mouseMoved", x, 60 + x / 2, buttons=1)
    assert pad.by_itself() > 5_000
    pen("mouseReleased", 200, 160, clickCount=1)
    pad.expect_agreement(strokes=1)


@pytest.fixture(scope="module")
def phone(lab, browser):
    """A page so small that the canvas shrinks, with 2.6 pixels of the screen for each of its own, and touched."""
    context = browser.new_context(viewport={"width": 320, "height": 900}, device_scale_factor=2.6, has_touch=True)
    page = context.new_page()
    open_notebook(page, lab, "touch.ipynb")
    assert run_all(page)
    page.evaluate("() => window.jupyterapp.commands.execute('application:toggle-left-area')")
    return page


@pytest.fixture
def small(phone):
    pad = InkPad(phone).empty()
    pad.expect_agreement(strokes=0)
    return pad


class Fingers:
    def __init__(self, pad):
        self.pad, self.session = pad, pad.page.context.new_cdp_session(pad.page)

    def send(self, kind, *positions):
        places = [self.pad.place(*position) for position in positions]
        touches = [{"x": x, "y": y, "id": number} for number, (x, y) in enumerate(places)]
        self.session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": touches})


def test_the_layers_lie_on_each_other(phone, small):
    assert small.canvas.bounding_box()["width"] < 275
    for width in (320, 290):
        phone.set_viewport_size({"width": width, "height": 900})
        small.move((10, 10))
        end = time.monotonic() + 10
        while True:
            one, other = ([*part.bounding_box().values()] for part in (small.canvas, small.layer))
            if np.allclose(one, other, atol=0.1):
                break
            assert time.monotonic() < end, f"{one} is not {other}"
    phone.set_viewport_size({"width": 320, "height": 900})


def test_a_finger_keeps_its_stroke_beyond_the_edge(small):
    fingers = Fingers(small)
    fingers.send("touchStart", (60, 60))
    for position in [(150, 70), (275, 80), (290, 120), (275, 160), (100, 200)]:
        fingers.send("touchMove", position)
    assert small.by_itself() > 5_000
    fingers.send("touchEnd")
    (kept,) = small.expect_agreement(strokes=1)
    np.testing.assert_allclose(kept[-1], (100, 200), atol=1)


def test_a_second_finger_cancels_it(phone, small):
    fingers = Fingers(small)
    phone.evaluate(HOLD)
    fingers.send("touchStart", (60, 60))
    fingers.send("touchMove", (150, 100))
    assert small.by_itself() > 1_000
    fingers.send("touchStart", (150, 100), (220, 220))
    assert small.by_itself() == 0
    fingers.send("touchMove", (60, 100), (250, 220))
    fingers.send("touchEnd")
    phone.evaluate("() => window.letGo()")
    small.expect_agreement(strokes=0)


def test_a_mouse_draws_right_after_a_touch_even_if_the_kernel_is_busy(phone, small):
    fingers = Fingers(small)
    phone.evaluate(HOLD)
    fingers.send("touchStart", (60, 60))
    fingers.send("touchMove", (60, 200))
    fingers.send("touchEnd")
    small.draw([small.canvas.bounding_box()["width"] / 280 * np.array([[150.0, 60], [150, 200]])])
    phone.evaluate("() => window.letGo()")
    small.expect_agreement(strokes=2)


# Without the module


def test_the_pad_draws_and_answers_in_words_where_no_module_loads(lab, browser):
    page = browser.new_page(viewport={"width": 1280, "height": 1000})
    page.route("**/extensions/anywidget/**", lambda route: route.abort())
    open_notebook(page, lab, "number.ipynb")
    assert run_all(page)
    pad = Pad(page)
    expect(pad.root.locator(".local-ink")).to_have_count(0)
    assert pad.canvas.bounding_box()["width"] == pytest.approx(700, abs=1)
    expect(pad.root.locator(".digit-canvas > :visible")).to_have_count(1)  # no error lies on the canvas
    pad.draw([0.6 * stroke + [10, 10] for stroke in dh.write_digit(2)])
    pad.expect("I read 2.")
    pad.expect_ink(5_000)
    pad.click("Undo")
    pad.expect("Nothing drawn yet.")
    pad.expect_ink(0, 0)
