"""The MNIST browser in JupyterLab in a real Chromium: by mouse, by keyboard, by touch, and for everybody."""

import re

import pytest
from axe_playwright_python.sync_playwright import Axe
from browser import MADE, chromium_path, on_a_phone, run_in_kernel, run_notebook, use_theme
from playwright.sync_api import expect

pytestmark = pytest.mark.skipif(chromium_path() is None, reason="no Chromium or Chrome is installed")

# What the fixture `lab` serves is written by then. The reader's function is a slow copy of ours.
MADE["mnist_browser.ipynb"] = [
    """import numpy as np
import digits_helpers as dh

def distances(image, images):
    if broken:
        raise TypeError("no such distance")
    return np.sqrt(((images - image) ** 2).sum(axis=(1, 2)))

broken = False
digits, mine = dh.load_mnist(), dh.my_digits()
browser = dh.MnistBrowser(digits, mine, distances)
browser""",
]


@pytest.fixture(scope="module")
def page(lab, browser):
    page = run_notebook(browser, lab, "mnist_browser.ipynb", height=1600)
    yield page
    page.close()


@pytest.fixture(scope="module")
def phone(lab, browser):
    """The same on a narrow page that is touched."""
    page = on_a_phone(browser, lab, "mnist_browser.ipynb", 320, 1600)
    yield page
    page.context.close()


def button(page, name):
    return page.locator(".mnist").get_by_role("button", name=name, exact=True)


def expect_matches(page, text):
    expect(page.locator(".mnist-row .mnist-summary")).to_have_text(re.compile("^" + text))


def test_a_walk_by_mouse(page):
    expect_matches(page, r"4,000 of 4,000 images match\.")
    expect(page.locator(".mnist-part").last.locator("canvas")).to_have_count(24)
    button(page, "4").click()
    expect_matches(page, r"400 of 4,000 images match\. Digit 4,")
    expect(page.get_by_role("img", name="A 4", exact=True)).to_have_count(24)
    expect(button(page, "4")).to_have_attribute("aria-pressed", "true")
    before = page.locator(".mnist-part").last.locator("canvas").first.evaluate("canvas => canvas.toDataURL()")
    button(page, "Other images").click()
    page.wait_for_function(
        """before => document.querySelector('.mnist-part:last-child canvas').toDataURL() !== before""",
        arg=before,
    )
    slider = page.get_by_role("slider", name="Thickness")
    box = slider.bounding_box()
    page.mouse.click(box["x"] + 3, box["y"] + box["height"] / 2)
    expect_matches(page, r"40 of 4,000 images match\. Digit 4, thickness from 0 to 10 %, any slant\.")
    button(page, "Any thickness").click()
    button(page, "all").click()
    expect_matches(page, r"4,000 of 4,000 images match\. Any digit, any thickness, any slant\.")


def test_your_digit_and_its_neighbours(page):
    near = page.locator(".mnist-part").first
    button(page, "Your 3").click()
    expect(near.get_by_role("status")).to_have_text(re.compile(r"Nearest to your 3: \d of these 8 are labelled 3\."))
    expect(near.locator("figure")).to_have_count(8)
    distances = [float(text.split(" at ")[1]) for text in near.locator("figcaption").all_inner_texts()]
    assert distances == sorted(distances) and distances[0] > 0
    pixels = """canvas => [...canvas.getContext('2d').getImageData(0, 0, 28, 28).data].filter((_, i) => i % 4 === 0)"""
    shown = near.locator("figure canvas").first.evaluate(pixels)
    run_in_kernel(page, f"print(digits.x_train[browser.nearest(mine.images[3])[0][0]].ravel().tolist() == {shown})")
    expect(page.locator(".jp-OutputArea-output pre").last).to_have_text(re.compile("True"))


def test_by_keyboard(page):
    button(page, "Your 3").focus()
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(button(page, "Your 4")).to_have_attribute("aria-pressed", "true")
    expect(page.locator(".mnist-part").first.get_by_role("status")).to_have_text(re.compile("Nearest to your 4"))
    active = "() => window.jupyterapp.shell.currentWidget.content.activeCellIndex"
    before = page.evaluate(active)
    slider = page.get_by_role("slider", name="Slant")
    slider.focus()
    for key, words in [("End", "90–100 %"), ("ArrowLeft", "90–100 %"), ("ArrowDown", "85–95 %"), ("Home", "0–10 %")]:
        page.keyboard.press(key)
        expect(slider).to_have_attribute("aria-valuetext", f"{words}, from left to right")
    expect_matches(page, r"400 of 4,000 images match\. Any digit, any thickness, slant from 0 to 10 %\.")
    assert page.evaluate(active) == before, "JupyterLab goes to no other cell"
    button(page, "Any slant").press("Space")
    expect(slider).to_have_attribute("aria-valuetext", "any")


def test_an_error_in_the_readers_function_is_shown(page):
    run_in_kernel(page, "broken = True")
    button(page, "Your 5").click()
    message = page.locator(".mnist-message")
    expect(message).to_have_role("alert")
    expect(message).to_have_text("Your function stopped with TypeError: no such distance")
    expect(page.locator(".mnist-part").first.locator("figure")).to_have_count(0)
    run_in_kernel(page, "broken = False")
    button(page, "Your 6").click()
    expect(message).to_have_text("")
    expect(page.locator(".mnist-part").first.locator("figure")).to_have_count(8)


@pytest.mark.parametrize("theme", ["Light", "Dark"])
def test_axe_finds_nothing(page, theme):
    use_theme(page, theme)
    violations = Axe().run(page, context=".mnist").response["violations"]
    use_theme(page, "Light")
    assert [(one["id"], one["nodes"][0]["html"]) for one in violations] == []


def test_on_a_phone_it_fits_and_works_by_touch(phone):
    too_wide = phone.evaluate(
        """() => [...document.querySelectorAll('.mnist, .mnist :not(.mnist-own, .mnist-own *)')]
            .filter(one => one.getBoundingClientRect().right > innerWidth || one.scrollWidth > one.clientWidth + 1
                && one.clientWidth).map(one => one.outerHTML.slice(0, 100))"""
    )
    assert too_wide == []
    sizes = [one.bounding_box() for one in phone.locator(".mnist button, .mnist input").all()]
    assert min(min(box["width"], box["height"]) for box in sizes) >= 44
    button(phone, "7").tap()
    expect_matches(phone, r"400 of 4,000 images match\. Digit 7")
    button(phone, "Your 9, number 2").tap()
    expect(phone.locator(".mnist-part").first.get_by_role("status")).to_have_text(re.compile("Nearest to your 9"))
