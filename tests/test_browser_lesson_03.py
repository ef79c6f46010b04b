"""The sliding kernel of lesson 03 in a real JupyterLab and Chromium: mouse, keyboard, touch, and accessibility."""

import time

import pytest
from axe_playwright_python.sync_playwright import Axe
from browser import MADE, PATIENCE, chromium_path, open_notebook, run_all, run_in_kernel, run_notebook, use_theme
from playwright.sync_api import expect

pytestmark = pytest.mark.skipif(chromium_path() is None, reason="no Chromium or Chrome is installed")

# A white square on black, whose edges everybody can work out. What the fixture `lab` serves is written by then.
MADE["sliding.ipynb"] = [
    """import numpy as np
import digits_helpers as dh

square = np.zeros((28, 28))
square[8:20, 8:20] = 1
window = dh.SlidingKernel(square)
window""",
    """def convolve(image, kernel):
    return np.array([[(image[r:r + 3, c:c + 3] * kernel).sum() for c in range(26)] for r in range(26)])

def max_pool(image):
    return image[:26, :26].reshape(13, 2, 13, 2).max(axis=(1, 3))

mine = dh.SlidingKernel(square, convolve, max_pool)
mine""",
    "broken = dh.SlidingKernel(square, lambda image, kernel: image[99])\nbroken",
]

# The colour of one pixel of a canvas.
COLOUR = "(canvas, [x, y]) => [...canvas.getContext('2d').getImageData(x, y, 1, 1).data.slice(0, 3)]"
BLUE, ORANGE, WHITE = [0, 114, 178], [213, 94, 0], [255, 255, 255]


@pytest.fixture(scope="module")
def page(lab, browser):
    page = run_notebook(browser, lab, "sliding.ipynb", height=1600)
    yield page
    page.close()


def part(page, number):
    return page.locator(".sliding").nth(number)


def drag(page, stage, start, end, side=28):
    """Drag from one pixel of a square image to another, as row and column."""
    stage.scroll_into_view_if_needed()
    box = stage.bounding_box()
    (x0, y0), (x1, y1) = (
        (box["x"] + (column + 0.5) * box["width"] / side, box["y"] + (row + 0.5) * box["height"] / side)
        for row, column in (start, end)
    )
    page.mouse.move(x0, y0)
    page.mouse.down()
    page.mouse.move(x1, y1, steps=5)
    page.mouse.up()


def expect_sum(sliding, row, column, total):
    expect(sliding.locator(".sliding-sum")).to_have_text(
        f"Row {row}, column {column}: the nine products sum to {total}"
    )


def colour(sliding, number, row, column):
    return sliding.locator(".sliding-maps canvas").nth(number).evaluate(COLOUR, [column, row])


def expect_colours(sliding, number, row, colours):
    """Wait until the map has these colours, by column: the reader's functions run in the kernel."""
    canvas = sliding.locator(".sliding-maps canvas").nth(number)
    end = time.monotonic() + PATIENCE / 1000
    while (seen := {column: canvas.evaluate(COLOUR, [column, row]) for column in colours}) != colours:
        assert time.monotonic() < end, f"{seen} in row {row} of map {number}, not {colours}"
        sliding.page.wait_for_timeout(50)


def expect_in_kernel(page, code, said):
    """Wait until code in a new cell prints this: the page's messages may still be on their way."""
    end = time.monotonic() + PATIENCE / 1000
    while True:
        run_in_kernel(page, code)
        if page.locator(".jp-OutputArea-output").last.inner_text().strip() == said:
            return
        assert time.monotonic() < end, f"{code} doesn't print {said}"


def test_by_mouse(page):
    sliding = part(page, 0)
    stage = sliding.locator(".sliding-top .sliding-stage")
    drag(page, stage, (14, 3), (14, 7))
    expect_sum(sliding, 13, 6, "3.00")
    assert colour(sliding, 0, 13, 6) == BLUE and colour(sliding, 0, 20, 6) == WHITE  # filled in where it has been
    drag(page, stage, (14, 7), (14, 20))
    expect_sum(sliding, 13, 19, "−3.00")
    drag(page, stage, (14, 14), (40, 60))  # off the image
    expect_sum(sliding, 25, 25, "0.00")
    expect_in_kernel(page, "print(window.place)", "[25, 25]")


def test_by_keyboard(page):
    sliding = part(page, 1)
    sliding.locator(".sliding-top .sliding-stage").focus()
    run_in_kernel(page, "mine.move(13, 5)")
    expect_sum(sliding, 13, 5, "0.00")
    stage = sliding.locator(".sliding-top .sliding-stage")
    for key, (row, column), total in [
        ("ArrowRight", (13, 6), "3.00"),
        ("ArrowDown", (14, 6), "3.00"),
        ("ArrowLeft", (14, 5), "0.00"),
        ("ArrowUp", (13, 5), "0.00"),
    ]:
        stage.press(key)
        expect_sum(sliding, row, column, total)


def test_the_kernel_can_be_edited_and_the_readers_functions_answer(page):
    sliding = part(page, 1)
    expect(sliding.locator(".sliding-maps figcaption")).to_have_text(
        ["feature map, 26 × 26", "after ReLU, 26 × 26", "after pooling, 13 × 13"]
    )
    expect_colours(sliding, 0, 13, {6: BLUE, 12: WHITE, 19: ORANGE})
    expect_colours(sliding, 1, 13, {6: BLUE, 12: WHITE, 19: WHITE})
    expect_colours(sliding, 2, 6, {3: BLUE, 6: WHITE, 9: WHITE})
    expect(sliding.get_by_role("spinbutton", name="Kernel, row 1, column 2")).to_have_value("0")
    sliding.get_by_role("button", name="Right edges").press("Enter")
    expect(sliding.get_by_role("spinbutton", name="Kernel, row 1, column 1")).to_have_value("1")
    expect_colours(sliding, 0, 13, {6: ORANGE, 12: WHITE, 19: BLUE})
    for row in (1, 2, 3):
        for column, value in [(1, "0"), (2, "0"), (3, "-0.5")]:
            sliding.get_by_role("spinbutton", name=f"Kernel, row {row}, column {column}").fill(value)
    expect_colours(sliding, 0, 13, {2: WHITE, 12: ORANGE})
    expect_colours(sliding, 1, 13, {2: WHITE, 12: WHITE})
    expect_in_kernel(page, "print(mine.kernel == [0, 0, -0.5] * 3)", "True")
    sliding.get_by_role("button", name="Left edges").click()


def test_sliding_over_all_fills_in_every_sum(page):
    sliding = part(page, 0)
    sliding.get_by_role("button", name="Slide over all").click()
    expect_sum(sliding, 25, 25, "0.00")
    expect(sliding.get_by_role("button", name="Slide over all")).to_be_visible()
    assert [colour(sliding, 0, 13, column) for column in (6, 12, 19)] == [BLUE, WHITE, ORANGE]


def test_an_error_is_said(page):
    sliding = part(page, 2)
    expect(sliding.locator(".sliding-message")).to_contain_text("Your convolve stopped with IndexError")
    stage = sliding.locator(".sliding-top .sliding-stage")
    drag(page, stage, (14, 3), (14, 7))
    expect_sum(sliding, 13, 6, "3.00")  # and the page goes on


@pytest.mark.parametrize("theme", ["Light", "Dark"])
def test_axe_finds_nothing(page, theme):
    use_theme(page, theme)
    violations = Axe().run(page, context=".sliding").response["violations"]
    use_theme(page, "Light")
    assert [(one["id"], one["nodes"][0]["html"]) for one in violations] == []


def test_on_a_phone_by_touch_and_without_motion(lab, browser):
    context = browser.new_context(viewport={"width": 320, "height": 1400}, has_touch=True, reduced_motion="reduce")
    phone = context.new_page()
    open_notebook(phone, lab, "sliding.ipynb")
    assert run_all(phone)
    phone.evaluate("() => window.jupyterapp.commands.execute('application:toggle-left-area')")
    sliding = part(phone, 0)
    too_wide = sliding.evaluate(
        "root => [...root.querySelectorAll('*')].filter(one => one.getBoundingClientRect().right > innerWidth).length"
    )
    assert too_wide == 0
    stage = sliding.locator(".sliding-top .sliding-stage")
    stage.scroll_into_view_if_needed()
    box = stage.bounding_box()
    phone.touchscreen.tap(box["x"] + 7.5 * box["width"] / 28, box["y"] + 14.5 * box["height"] / 28)
    expect_sum(sliding, 13, 6, "3.00")
    sliding.get_by_role("button", name="Slide over all").tap()
    expect_sum(sliding, 25, 25, "0.00")
    assert colour(sliding, 0, 13, 12) == WHITE and colour(sliding, 0, 13, 19) == ORANGE
    context.close()
