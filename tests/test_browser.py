"""What a person expects of the lessons and widgets, in JupyterLab in a real Chromium.

Each test asserts on what the page shows.
"""

import re

import numpy as np
import pytest
from browser import INK, LESSONS, Pad, chromium_path, on_a_phone, run_in_kernel, run_notebook, save
from PIL import Image
from playwright.sync_api import expect

import digits_helpers as dh

pytestmark = pytest.mark.skipif(chromium_path() is None, reason="no Chromium or Chrome is installed")


@pytest.fixture(scope="module")
def page(lab, browser):
    return run_notebook(browser, lab, "pad.ipynb", height=1600)


@pytest.fixture
def pad(page):
    return Pad(page).empty()


# The lessons


@pytest.mark.parametrize("lesson", LESSONS)
def test_the_pad_of_a_lesson_reads_a_drawing(lab, browser, lesson):
    pad = Pad(run_notebook(browser, lab, lesson))
    pad.click("Clear")
    pad.draw(dh.write_digit(2))
    pad.expect("I read 2 (")
    pad.page.close()


# Drawing


@pytest.mark.parametrize("digit", [2, 4, 8])
def test_a_digit_drawn_with_the_mouse_is_read(pad, digit):
    pad.draw(dh.write_digit(digit))
    pad.expect(f"I read {digit} (")
    # The ink on the page is the ink that was read, give or take the smooth edges.
    expected = 4 * (dh.rasterize(dh.write_digit(digit)) > 127).sum()
    pad.expect_ink(0.92 * expected, 1.08 * expected)
    assert abs(pad.ink_at_rest() - expected) < 0.08 * expected
    bold = pad.root.locator(".digit-bars tr", has_text="◀")
    assert bold.locator("th").inner_text() == str(digit)
    assert pad.root.locator(".digit-top3 li").first.inner_text().startswith(f"{digit} ")
    assert pad.root.get_by_role("img", name="What the model sees").is_visible()


def test_the_answer_changes_while_the_button_is_down(pad):
    strokes = dh.write_digit(7)
    box = pad.canvas.bounding_box()
    points = [(box["x"] + x, box["y"] + y) for x, y in strokes[0].tolist()]
    pad.page.mouse.move(*points[0])
    pad.page.mouse.down()
    for point in points[1:]:
        pad.page.mouse.move(*point)
    for attempt in range(30):  # moves that have waited for a busy kernel look hurried, and are left to the next one
        if pad.text().startswith("I read 7 ("):
            break
        pad.page.wait_for_timeout(500)
        pad.page.mouse.move(points[-1][0], points[-1][1] + 1 - attempt % 2)
    pad.expect("I read 7 (")
    pad.page.mouse.up()


def test_undo_and_clear(pad):
    pad.draw(dh.write_digit(4))
    pad.expect("I read 4 (")
    whole = pad.ink_at_rest()
    pad.click("Clear")
    pad.expect("Nothing drawn yet.")
    pad.expect_ink(0, 0)
    pad.click("Undo")
    pad.expect("I read 4 (")
    pad.expect_ink(0.95 * whole, 1.05 * whole)
    pad.click("Undo")
    pad.expect_ink(0.2 * whole, 0.9 * whole)  # one stroke of two is left


def test_leaving_the_canvas_ends_the_stroke(pad):
    line = np.array([[60, 140], [270, 140]] + [[x, 140] for x in range(275, 400, 5)] + [[270, 220], [60, 220]])
    pad.draw([line])
    one_line = 4 * 18 * 210
    pad.expect_ink(0.8 * one_line)
    assert pad.ink_at_rest() < 1.5 * one_line, "coming back with the button down draws nothing"


def test_dragged_out_released_there_and_back_again(pad):
    box = pad.canvas.bounding_box()
    mouse = pad.page.mouse
    mouse.move(box["x"] + 60, box["y"] + 140)
    mouse.down()
    mouse.move(box["x"] + 250, box["y"] + 140, steps=20)
    mouse.move(box["x"] + 400, box["y"] + 140, steps=5)
    mouse.up()
    mouse.move(box["x"] + 250, box["y"] + 250, steps=5)
    mouse.move(box["x"] + 60, box["y"] + 250, steps=20)
    expect(pad.root.locator(".digit-bars")).to_be_visible()
    one_line = 4 * 18 * 190
    pad.expect_ink(0.8 * one_line, 1.5 * one_line)


def test_two_displays_of_one_pad_show_the_same(page, pad):
    other = Pad(page, view=1)
    pad.draw(dh.write_digit(3))
    for view in (pad, other):
        view.expect("I read 3 (")
        view.expect_ink(10_000)
    other.empty().draw(dh.write_digit(7))
    for view in (pad, other):
        view.expect("I read 7 (")
    pad.expect_ink(0.95 * other.ink_at_rest(), 1.05 * other.ink_at_rest())


def test_reload_then_draw(page, pad):
    pad.draw(dh.write_digit(2))
    pad.expect("I read 2 (")
    before = pad.ink_at_rest()
    save(page)
    page.reload()
    for view in (0, 1):
        Pad(page, view).expect("I read 2 (")
        Pad(page, view).expect_ink(0.95 * before, 1.05 * before)
    again = Pad(page).empty()
    again.draw(dh.write_digit(8))
    again.expect("I read 8 (")


# Controls


def test_examples_by_keyboard_alone(page, pad):
    pad.root.get_by_role("button", name="0", exact=True).focus()
    for _ in range(4):
        page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    pad.expect("I read 4 (")
    pad.expect_ink(5_000)
    for _ in range(5):
        page.keyboard.press("Tab")
    page.keyboard.press("Space")
    pad.expect("I read 9 (")


def test_the_answer_changes_within_a_live_region_that_stays(pad):
    region = pad.root.locator("[aria-live=polite]", has_text="Nothing drawn yet.").element_handle()
    pad.click("6")
    pad.expect("I read 6 (")
    assert region.inner_text().startswith("I read 6 (")  # a region made anew would have left this one behind, empty
    assert region.evaluate("element => element.isConnected")


@pytest.mark.parametrize("view", [0, 1])
def test_the_canvas_has_a_name(page, view):
    canvas = Pad(page, view).root.get_by_role("img", name="Drawing canvas", exact=True)
    expect(canvas).to_have_attribute("tabindex", "0")  # the canvas itself, which takes the focus


@pytest.mark.parametrize("view", [0, 1])
def test_the_keyboard_can_leave_the_canvas(page, view):
    pad = Pad(page, view)
    pad.canvas.focus()
    page.keyboard.press("Tab")
    expect(pad.root.get_by_role("button", name="Undo")).to_be_focused()
    pad.canvas.focus()
    page.keyboard.press("Shift+Tab")
    expect(pad.root.get_by_role("button", name="9", exact=True)).to_be_focused()


def test_settings(pad):
    pad.draw(dh.write_digit(3))
    pad.expect("I read 3 (")
    pad.open("Settings")
    pad.root.get_by_label("Show the steps of the preparation").check()
    for caption in ("Cropped to the ink", "In a 20-pixel box", "Centred in 28 by 28"):
        expect(pad.root.get_by_role("img", name=caption)).to_be_visible()
    before = pad.ink_at_rest()
    pad.root.get_by_label("Light ink on dark paper").check()
    pad.expect_ink(560 * 560 - 1.1 * before, 560 * 560 - 0.9 * before)
    pad.root.get_by_label("Light ink on dark paper").uncheck()
    pad.root.get_by_label("Show the steps of the preparation").uncheck()
    pad.root.get_by_label("Read while drawing").uncheck()
    pad.draw([np.array([[100.0, 30], [180, 30]])])
    pad.expect("Not read yet: press Predict.")
    pad.click("Predict")
    expect(pad.root.locator(".digit-bars")).to_be_visible()
    pad.root.get_by_label("Read while drawing").check()


def choose_file(page, pad, path):
    with page.expect_file_chooser() as chooser:
        pad.root.get_by_role("button", name="Read a picture").click()
    chooser.value.set_files(path)


def test_upload_good_and_bad(page, pad, tmp_path):
    good, bad = tmp_path / "six.png", tmp_path / "bad.png"
    Image.fromarray(255 - dh.rasterize(dh.write_digit(6))).save(good)
    bad.write_text("This is not a picture.")
    pad.open("A picture instead of a drawing")
    choose_file(page, pad, good)
    pad.expect("I read 6 (")
    pad.expect_ink(5_000)
    choose_file(page, pad, bad)
    expect(pad.root.get_by_role("alert")).to_contain_text("Your drawing is still here.")
    pad.expect("I read 6 (")
    pad.expect_ink(5_000)
    pad.empty().draw(dh.write_digit(1))
    pad.expect("I read 1 (")
    expect(pad.root.get_by_role("alert")).to_have_count(0)
    choose_file(page, pad, good)  # the same file as before
    pad.expect("I read 6 (")


def test_keep_save_clear_and_load_in_another_session(page, pad):
    pad.open("My own digits")
    for digit in (2, 5):
        pad.empty().draw(dh.write_digit(digit))
        pad.expect(f"I read {digit} (")
        pad.root.get_by_label("This is a").select_option(str(digit))
        pad.click("Keep")
        expect(pad.root.get_by_text("kept:")).to_contain_text(f"{1 + (digit == 5)} kept")
        expect(pad.root.get_by_text("kept:")).to_contain_text("Saved to my-digits.json")
    pad.root.get_by_label("File").fill("others.json")
    pad.click("Save")
    expect(pad.root.get_by_text("kept:")).to_contain_text("Saved to others.json")
    pad.root.get_by_label("File").fill("my-digits.json")
    pad.click("Clear")
    pad.click("Take back")
    expect(pad.root.get_by_text("kept:")).to_contain_text("1 kept: 1 read right, 0 wrong.")
    pad.click("Take back")
    expect(pad.root.get_by_text("kept:")).to_contain_text("0 kept")
    expect(pad.root.get_by_text("kept:")).to_contain_text("also from my-digits.json")
    pad.root.get_by_label("File").fill("others.json")
    pad.click("Load")
    expect(pad.root.get_by_text("kept:")).to_contain_text("2 kept: 2 read right, 0 wrong")


# Faults


def test_another_model_while_something_is_drawn(page, pad):
    pad.draw(dh.write_digit(7))
    pad.expect("I read 7 (")
    run_in_kernel(page, "pad.model = dh.build_cnn()")
    pad.expect("Not sure: ")
    pad.expect_ink(5_000)
    run_in_kernel(page, "pad.model = None")
    pad.expect("I read 7 (")


def test_an_exception_in_a_handler_is_shown_and_the_pad_lives(page, pad):
    run_in_kernel(page, "def fail(images):\n    raise RuntimeError('no memory <left>')")
    run_in_kernel(page, "good, pad.reader.predict = pad.reader.predict, fail")
    pad.draw(dh.write_digit(4))
    expect(pad.root.get_by_role("alert")).to_contain_text("RuntimeError: no memory <left> Your drawing is still here.")
    pad.expect_ink(5_000)
    run_in_kernel(page, "pad.reader.predict = good")
    pad.click("Predict")
    pad.expect("I read 4 (")


def test_drawing_while_the_kernel_is_busy_is_not_lost(page, pad):
    page.evaluate(
        """() => {
            const app = window.jupyterapp, session = app.shell.currentWidget.context.sessionContext.session;
            session.kernel.requestExecute({code: 'import time; time.sleep(3)'});
        }"""
    )
    pad.draw(dh.write_digit(0))
    pad.expect("I read 0 (")
    pad.expect_ink(5_000)


# Touch


@pytest.fixture(scope="module")
def touch(lab, browser):
    return on_a_phone(browser, lab, "touch.ipynb", dense=2.6)


class Fingers:
    def __init__(self, page, canvas):
        self.session = page.context.new_cdp_session(page)
        box = canvas.bounding_box()
        self.x, self.y = box["x"], box["y"]

    def send(self, kind, *points):
        touches = [{"x": self.x + x, "y": self.y + y, "id": number} for number, (x, y) in enumerate(points)]
        self.session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": touches})


def scrolled(page):
    return page.evaluate("() => [...document.querySelectorAll('*')].map(one => one.scrollTop).reduce((a, b) => a + b)")


def test_a_finger_draws_and_the_page_stays_where_it_is(touch):
    pad = Pad(touch).empty()
    fingers, before = Fingers(touch, pad.canvas), scrolled(touch)
    for stroke in dh.write_digit(2):
        first, *rest = stroke.tolist()
        fingers.send("touchStart", first)
        for point in rest:
            fingers.send("touchMove", point)
        fingers.send("touchEnd")
    pad.expect("I read 2 (")
    assert scrolled(touch) == before


def test_a_second_finger_cancels_the_stroke(touch):
    pad = Pad(touch).empty()
    fingers = Fingers(touch, pad.canvas)
    fingers.send("touchStart", (60, 60))
    fingers.send("touchMove", (100, 100))
    fingers.send("touchStart", (100, 100), (220, 220))
    fingers.send("touchMove", (60, 100), (250, 220))
    fingers.send("touchEnd")
    pad.expect("Nothing drawn yet.")
    pad.expect_ink(0, 0)


def test_it_fits_a_phones_width(touch):
    pad = Pad(touch)
    parts = pad.root.locator("canvas:visible, button:visible, input:visible, .digit-answer").all()
    assert max(part.bounding_box()["x"] + part.bounding_box()["width"] for part in parts) <= 412


# The wide pad


@pytest.fixture(scope="module")
def number_page(lab, browser):
    return run_notebook(browser, lab, "number.ipynb")


@pytest.fixture
def wide(number_page):
    return Pad(number_page).empty()


def captions(wide):
    """What is written below each picture of a digit."""
    return wide.root.locator(".digit-number figcaption")


# How many of a canvas's pixels are as blue as the boxes around the digits.
BLUE = INK.replace("rgba[i] < 128", "rgba[i] < 60 && rgba[i + 2] > 150")


def test_a_number_written_with_the_mouse_is_read(wide):
    two, seven, four = dh.write_digit(2), dh.write_digit(7), dh.write_digit(4)
    wide.draw([0.6 * stroke + [10, 10] for stroke in two])
    wide.expect("I read 2.")
    wide.draw([0.6 * stroke + [430, 20] for stroke in four])
    wide.expect("I read 24.")
    wide.draw([0.6 * stroke + [220, 20] for stroke in seven])  # the order doesn't matter
    wide.expect("I read 274.")
    expect(captions(wide)).to_have_text([re.compile("^2,"), re.compile("^7,"), re.compile("^4,")])
    wide.expect_ink(3 * 2 * 2 * (60 + 100), ink=BLUE)  # three boxes of at least 60 by 100
    wide.draw([np.array([[40.0, 20], [600, 140]])])
    wide.expect("I read ?. Digit 1: Too wide for one digit")
    wide.click("Undo")
    wide.expect("I read 274.")


def test_the_wide_pad_by_keyboard_after_a_reload(number_page, wide):
    for digit in "190":
        wide.root.get_by_role("button", name=digit, exact=True).press("Enter")
    wide.expect("I read 190.")
    save(number_page)
    number_page.reload()
    again = Pad(number_page)
    again.expect("I read 190.")
    again.expect_ink(5_000)
    expect(captions(again)).to_have_count(3)
    again.expect_ink(1000, ink=BLUE)
    again.root.get_by_role("button", name="5", exact=True).press("Enter")
    again.expect("I read 1905.")
    again.expect_ink(7_000)
    expect(captions(again)).to_have_count(4)
    again.expect_ink(1500, ink=BLUE)


def test_a_picture_of_a_number(number_page, wide, tmp_path):
    picture = tmp_path / "number.png"
    strokes = dh.write_number("3058", size=(700, 220))
    Image.fromarray(255 - dh.rasterize(strokes, (900, 300))).save(picture)
    wide.open("A picture instead of a drawing")
    choose_file(number_page, wide, picture)
    wide.expect("I read 3058.")
    wide.expect_ink(5_000)
    wide.click("Undo")
    wide.expect("Nothing drawn yet.")


def test_the_wide_pad_fits_a_phones_width_and_is_touched_there(lab, browser):
    page = on_a_phone(browser, lab, "number.ipynb", dense=2.6)
    wide = Pad(page).empty()
    box = wide.canvas.bounding_box()
    assert box["x"] + box["width"] <= 412
    assert box["height"] / box["width"] == pytest.approx(220 / 700, rel=0.02)
    fingers, scale = Fingers(page, wide.canvas), box["width"] / 700
    for stroke in dh.write_number("36", size=(700, 220)):
        first, *rest = (scale * stroke).tolist()
        fingers.send("touchStart", first)
        for point in rest:
            fingers.send("touchMove", point)
        fingers.send("touchEnd")
    wide.expect("I read 36.")


# The other widget: the training panel of lesson 04


def test_the_training_panel_trains_at_a_click(lab, browser):
    page = run_notebook(browser, lab, "train.ipynb")
    panel = page.locator(".jp-OutputArea-output", has=page.get_by_role("button", name="Train")).last
    panel.get_by_role("button", name="Train").click()
    status = panel.locator("[aria-live=polite]")
    expect(status).to_contain_text("finished; best validation accuracy")
    curves = panel.get_by_role("img")
    expect(curves).to_be_visible()
    expect(curves).to_have_attribute("alt", re.compile("After epoch 3: .*val_accuracy"))
