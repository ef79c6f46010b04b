"""Frames in JupyterLab in a real Chromium: played, stepped through, and for everybody."""

import numpy as np
import pytest
from axe_playwright_python.sync_playwright import Axe
from browser import MADE, chromium_path, on_a_phone, run_notebook, save
from playwright.sync_api import expect

pytestmark = pytest.mark.skipif(chromium_path() is None, reason="no Chromium or Chrome is installed")

# Six frames that are each of one grey level, and three figures. What the fixture `lab` serves is written by then.
MADE["frames.ipynb"] = [
    """import numpy as np
import matplotlib.pyplot as plt
import digits_helpers as dh

levels = np.arange(6, dtype=np.uint8)[:, None, None] * np.full((28, 28), 40, np.uint8)
dh.Frames(levels, captions=[f"Level {40 * level}" for level in range(6)])""",
    """def curve(steps):
    figure, axis = plt.subplots(figsize=(8, 3))
    axis.plot(range(steps))
    return figure

dh.Frames((curve(steps) for steps in (2, 3, 4)))""",
]

# The grey level in the middle of the picture, and how many pixels it has.
LOOK = """picture => {
    const canvas = document.createElement('canvas');
    canvas.width = picture.naturalWidth;
    canvas.height = picture.naturalHeight;
    const context = canvas.getContext('2d');
    context.drawImage(picture, 0, 0);
    return [context.getImageData(canvas.width / 2, canvas.height / 2, 1, 1).data[0], canvas.width, canvas.height];
}"""


@pytest.fixture(scope="module")
def page(lab, browser):
    page = run_notebook(browser, lab, "frames.ipynb", height=1400)
    yield page
    page.close()


@pytest.fixture
def frames(page):
    """The first of the two, stopped at its first frame."""
    frames = page.locator(".frames").first
    slider(frames).press("Home")
    expect_frame(frames, 1, 6)
    return frames


@pytest.fixture(scope="module")
def phone(lab, browser):
    """The same on a narrow page that is touched."""
    page = on_a_phone(browser, lab, "frames.ipynb", 320, 1400)
    yield page
    page.context.close()


def slider(frames):
    return frames.get_by_role("slider", name="Frame")


def press(frames, name):
    frames.get_by_role("button", name=name, exact=True).click()


def expect_frame(frames, number, count=6):
    """Wait until so many-th frame is shown: its pixels, its caption and the counter."""
    level = 40 * (number - 1)
    expect(frames.locator(".frames-counter")).to_have_text(f"{number} of {count}")
    expect(frames.get_by_role("img", name=f"Level {level}", exact=True)).to_be_visible()
    expect(frames.locator(".frames-caption")).to_have_text(f"Level {level}")
    assert frames.locator("img").evaluate(LOOK) == [level, 28, 28]


def test_it_waits_at_the_first_frame_until_somebody_plays(frames):
    frames.page.wait_for_timeout(1500)  # longer than a frame stays
    expect_frame(frames, 1)


def test_it_plays_to_the_end_and_again_from_the_start(frames):
    for _ in range(2):
        press(frames, "Play")
        expect(frames.get_by_role("button", name="Pause")).to_be_visible()
        expect(frames.locator(".frames-counter")).to_have_text("2 of 6")
        expect(frames.get_by_role("button", name="Play")).to_be_visible()
        expect_frame(frames, 6)


def test_it_can_be_paused(frames):
    press(frames, "Play")
    expect(frames.locator(".frames-counter")).to_have_text("2 of 6")
    press(frames, "Pause")
    frames.page.wait_for_timeout(1500)
    expect_frame(frames, 2)


def test_it_runs_while_the_kernel_is_busy(frames):
    frames.page.evaluate(
        """() => {
            const kernel = window.jupyterapp.shell.currentWidget.context.sessionContext.session.kernel;
            window.busy = kernel.requestExecute({code: 'import time; time.sleep(4)'}).done;
        }"""
    )
    press(frames, "Step forward")
    expect_frame(frames, 2)
    status = "() => window.jupyterapp.shell.currentWidget.context.sessionContext.session.kernel.status"
    assert frames.page.evaluate(status) == "busy"
    frames.page.evaluate("() => window.busy")


def test_by_keyboard(frames):
    slider(frames).focus()
    for key, number in [
        ("ArrowRight", 2),
        ("ArrowUp", 3),
        ("ArrowLeft", 2),
        ("End", 6),
        ("ArrowRight", 6),
        ("Home", 1),
    ]:
        frames.page.keyboard.press(key)
        expect_frame(frames, number)
    frames.page.keyboard.press("Space")
    expect(frames.get_by_role("button", name="Pause")).to_be_visible()
    frames.page.keyboard.press("Space")
    expect(frames.get_by_role("button", name="Play")).to_be_visible()


def test_the_keys_work_from_the_buttons_too(frames):
    forward = frames.get_by_role("button", name="Step forward")
    forward.press("Space")  # the button is pressed, nothing plays
    expect_frame(frames, 2)
    forward.press("ArrowRight")
    expect_frame(frames, 3)
    expect(forward).to_be_focused()
    active = "() => window.jupyterapp.shell.currentWidget.content.activeCellIndex"
    before = frames.page.evaluate(active)
    forward.press("ArrowDown")
    expect_frame(frames, 2)
    assert frames.page.evaluate(active) == before, "JupyterLab goes to no other cell"


def test_by_dragging_the_slider(frames):
    box = slider(frames).bounding_box()
    middle = box["y"] + box["height"] / 2
    frames.page.mouse.move(box["x"] + 9, middle)
    frames.page.mouse.down()
    frames.page.mouse.move(box["x"] + box["width"] * 0.6, middle, steps=5)
    expect_frame(frames, 4)
    frames.page.mouse.move(box["x"] + box["width"], middle, steps=5)
    frames.page.mouse.up()
    expect_frame(frames, 6)


def test_a_click_on_the_picture_plays_and_pauses(frames):
    frames.locator("img").click()
    expect(frames.get_by_role("button", name="Pause")).to_be_visible()
    expect(slider(frames)).to_be_focused()
    frames.locator("img").click()
    expect(frames.get_by_role("button", name="Play")).to_be_visible()


def test_screen_readers_hear_the_caption_and_the_place(frames):
    slider(frames).press("ArrowRight")
    expect(slider(frames)).to_have_attribute("aria-valuetext", "Level 40, 2 of 6")
    expect(frames.get_by_role("button", name="Step back")).to_be_enabled()
    slider(frames).press("Home")
    expect(frames.get_by_role("button", name="Step back")).to_be_disabled()


def test_nothing_jumps_from_frame_to_frame(frames):
    parts = [frames, *frames.locator("img, .frames-caption, .frames-controls, .frames-slider, .frames-counter").all()]
    before = [part.bounding_box() for part in parts]
    slider(frames).press("End")
    expect_frame(frames, 6)
    parts = [frames, *frames.locator("img, .frames-caption, .frames-controls, .frames-slider, .frames-counter").all()]
    assert [part.bounding_box() for part in parts] == before


def test_small_images_are_crisp_and_figures_are_sharp(page):
    small, figure = page.locator(".frames img").all()
    assert small.evaluate("picture => getComputedStyle(picture).imageRendering") == "pixelated"
    assert (small.bounding_box()["width"], small.bounding_box()["height"]) == (280, 280)
    assert figure.evaluate(LOOK)[1:] == [1600, 600] and figure.bounding_box()["width"] <= 800


@pytest.mark.parametrize("theme", ["Light", "Dark"])
def test_axe_finds_nothing(frames, theme):
    page = frames.page
    change = "name => window.jupyterapp.commands.execute('apputils:change-theme', {theme: `JupyterLab ${name}`})"
    page.evaluate(change, theme)
    page.wait_for_timeout(300)
    violations = Axe().run(page, context=".frames").response["violations"]
    page.evaluate(change, "Light")
    assert [(one["id"], one["nodes"][0]["html"]) for one in violations] == []


def test_on_a_phone_it_fits_and_what_is_pressed_is_as_large_as_a_finger(phone):
    too_wide = phone.evaluate(
        """() => [...document.querySelectorAll('.frames, .frames *')]
            .filter(one => one.getBoundingClientRect().right > innerWidth)
            .concat([...document.querySelectorAll('.frames, .jp-OutputArea')]
                .filter(one => one.scrollWidth > one.clientWidth + 1)).map(one => one.outerHTML.slice(0, 100))"""
    )
    assert too_wide == []
    pressed = phone.locator(".frames button, .frames input").all()
    sizes = [one.bounding_box() for one in pressed]
    assert len(sizes) == 8 and min(min(box["width"], box["height"]) for box in sizes) >= 44


def test_it_plays_by_touch(phone):
    frames = phone.locator(".frames").first
    frames.get_by_role("button", name="Step forward").tap()
    expect_frame(frames, 2)


def test_the_stored_picture_moves_on_a_page_without_widgets(page, browser):
    """As GitHub and the website show it: an image of the type that the notebook says."""
    save(page)
    cells = page.evaluate("() => window.jupyterapp.shell.currentWidget.context.model.toJSON().cells")
    picture = cells[0]["outputs"][0]["data"]["image/png"]
    picture = picture if isinstance(picture, str) else "".join(picture)
    still = browser.new_page()
    still.set_content(f'<img src="data:image/png;base64,{picture.replace(chr(10), "")}">')
    image = still.locator("img")
    seen = set()
    for _ in range(40):
        pixels = np.frombuffer(image.screenshot(), np.uint8).tobytes()
        seen.add(pixels)
        if len(seen) >= 3:
            break
        still.wait_for_timeout(250)
    still.close()
    assert len(seen) >= 3
