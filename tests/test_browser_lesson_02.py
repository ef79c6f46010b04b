"""Lesson 02's instrument in JupyterLab in a real Chromium: ten templates that learn, by mouse, keyboard and touch."""

import re

import pytest
from axe_playwright_python.sync_playwright import Axe
from browser import MADE, chromium_path, open_notebook, run_all, run_notebook
from playwright.sync_api import expect

pytestmark = pytest.mark.skipif(chromium_path() is None, reason="no Chromium or Chrome is installed")

MADE["templates.ipynb"] = [
    """import numpy as np
import digits_helpers as dh

mine = dh.my_digits()
x = mine.images.reshape(-1, 784)

def gradient(images, targets, weights, biases):
    errors = images @ weights + biases - targets
    return 2 * images.T @ errors / len(images), 2 * errors.mean(axis=0)

dh.LearningTemplates(gradient, x, mine.labels, mine, rates=(0.002, 0.02, 0.2))""",
    """def unfinished(images, targets, weights, biases):
    ...

dh.LearningTemplates(unfinished, x, mine.labels, mine)""",
]


@pytest.fixture(scope="module")
def page(lab, browser):
    page = run_notebook(browser, lab, "templates.ipynb", height=1400)
    yield page
    page.close()


@pytest.fixture
def card(page):
    """The first of the two, at step 0."""
    card = page.locator(".templates").first
    press(card, "Start again")
    expect_step(card, 0)
    return card


def press(card, name):
    card.get_by_role("button", name=name, exact=True).click()


def status(card):
    return card.locator("[role=status]")


def expect_step(card, step):
    expect(status(card)).to_have_text(re.compile(rf"^Step {step}: loss \d"))


def loss(card):
    """The loss as it's written: 0.42, or 2.5 × 10^6."""
    number = re.search(r"loss ([\d.]+)(?: × 10\^(\d+))?$", status(card).inner_text())
    return float(number[1]) * 10 ** int(number[2] or 0)


def test_a_step_draws_templates_and_scores(card):
    expect(card.locator(".templates-tile.is-best")).to_have_count(0)
    blank = card.get_by_label("Weights of 3").evaluate("canvas => canvas.toDataURL()")
    press(card, "Step")
    expect_step(card, 1)
    expect(card.locator(".templates-tile.is-best")).to_have_count(1)
    assert card.get_by_label("Weights of 3").evaluate("canvas => canvas.toDataURL()") != blank
    expect(card.get_by_text(re.compile(r"^\d+ of these 20 digits are classified correctly"))).to_be_visible()


def test_it_plays_and_pauses(card):
    press(card, "Play")
    expect(status(card)).to_have_text(re.compile(r"^Step (1\d|\d\d\d?):"))
    press(card, "Pause")
    expect(card.get_by_role("button", name="Play")).to_be_visible()
    card.page.wait_for_timeout(500)
    paused = status(card).inner_text()
    card.page.wait_for_timeout(700)
    assert status(card).inner_text() == paused


def test_by_keyboard(card):
    active = "() => window.jupyterapp.shell.currentWidget.content.activeCellIndex"
    before = card.page.evaluate(active)
    card.get_by_role("button", name="Step", exact=True).focus()
    card.page.keyboard.press("Enter")
    expect_step(card, 1)
    card.page.keyboard.press("Space")
    expect_step(card, 2)
    digits = card.get_by_role("radiogroup", name="A digit to try the weights on")
    digits.get_by_role("radio").first.focus()
    scores = card.locator(".templates-grid").inner_text()
    card.page.keyboard.press("ArrowRight")
    expect(digits.get_by_role("radio", name="A 1, number 2")).to_be_checked()
    assert card.locator(".templates-grid").inner_text() != scores
    card.get_by_role("radio", name="0.02", exact=True).focus()
    card.page.keyboard.press("ArrowLeft")
    expect(card.get_by_role("radio", name="0.002", exact=True)).to_be_checked()
    expect_step(card, 0)
    assert card.page.evaluate(active) == before, "JupyterLab goes to no other cell"
    card.page.keyboard.press("ArrowRight")
    expect(card.get_by_role("radio", name="0.02", exact=True)).to_be_checked()


def test_a_learning_rate_that_is_too_high_stops_by_itself(card):
    card.get_by_role("radio", name="0.2", exact=True).check()
    expect_step(card, 0)
    press(card, "Play")
    expect(card.get_by_role("button", name="Play", exact=True)).to_be_visible()
    assert loss(card) > 100
    expect(card.locator(".templates-plot span.rate-2")).to_contain_text("0.2:")
    card.get_by_role("radio", name="0.02", exact=True).check()
    expect_step(card, 0)


def test_an_unfinished_function_is_said_in_words(page):
    card = page.locator(".templates").nth(1)
    for _ in range(2):
        press(card, "Step")
        expect(status(card)).to_have_text(re.compile("^Your gradient returns nothing yet"))
    press(card, "Play")
    expect(card.get_by_role("button", name="Play", exact=True)).to_be_visible()


@pytest.mark.parametrize("theme", ["Light", "Dark"])
def test_axe_finds_nothing(card, theme):
    page = card.page
    press(card, "Step")
    expect_step(card, 1)
    change = "name => window.jupyterapp.commands.execute('apputils:change-theme', {theme: `JupyterLab ${name}`})"
    page.evaluate(change, theme)
    page.wait_for_timeout(300)
    found = Axe().run(page, context=".templates").response["violations"]
    assert [(one["id"], one["nodes"][0]["html"][:120]) for one in found] == []


def test_on_a_phone_by_touch(lab, browser):
    context = browser.new_context(viewport={"width": 320, "height": 1400}, has_touch=True)
    page = context.new_page()
    open_notebook(page, lab, "templates.ipynb")
    assert run_all(page)
    page.evaluate("() => window.jupyterapp.commands.execute('application:toggle-left-area')")
    card = page.locator(".templates").first
    card.get_by_role("button", name="Step", exact=True).tap()
    expect_step(card, 1)
    card.get_by_role("radio", name="A 4, number 5").tap()
    expect(card.get_by_role("radio", name="A 4, number 5")).to_be_checked()
    assert card.evaluate("card => card.scrollWidth <= card.clientWidth + 1")
    sizes = [one.bounding_box() for one in card.locator("button, .templates-rates label").all()]
    assert min(box["height"] for box in sizes) >= 44
    context.close()
