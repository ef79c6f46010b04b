"""Guesses on a real page: moved by mouse, finger and keyboard, locked in, and revealed."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from browser import chromium_path, on_a_phone, put, run_in_kernel, run_notebook
from playwright.sync_api import expect

pytestmark = pytest.mark.skipif(chromium_path() is None, reason="no Chromium or Chrome is installed")

FOLDER = "guesses"  # of its own: the guesses are saved in the notebook's folder
CODE = "import digits_helpers as dh"
NARROW = 320  # pixels


@pytest.fixture(scope="module")
def notebook(lab):
    """The path of an almost empty notebook in a folder of its own."""
    kernel = {"name": "python3", "display_name": "Python 3 (ipykernel)", "language": "python"}
    cell = {"cell_type": "code", "source": CODE, "metadata": {}, "outputs": [], "execution_count": None}
    content = {"cells": [cell], "metadata": {"kernelspec": kernel}, "nbformat": 4, "nbformat_minor": 4}
    put(lab, FOLDER, {"type": "directory"})
    put(lab, f"{FOLDER}/guess.ipynb", {"type": "notebook", "content": content})
    return f"{FOLDER}/guess.ipynb"


@pytest.fixture(scope="module")
def page(lab, browser, notebook):
    page = run_notebook(browser, lab, notebook, height=1400)
    yield page
    page.close()


@pytest.fixture(scope="module")
def phone(lab, browser, notebook):
    page = on_a_phone(browser, lab, notebook, NARROW, 900)
    yield page
    page.context.close()


@pytest.fixture
def ask(request):
    """Show a guess under a question of its own, the test's name, in a new cell."""

    def ask(page, answers="0, 10"):
        run_in_kernel(page, f"guess = dh.Guess({request.node.name!r}, {answers})\nguess")
        return last(page, request.node.name)

    return ask


def last(page, question, has=""):
    card = page.locator(f'.guess[aria-label="{question}"]{has}').last
    expect(card).to_be_visible()
    card.scroll_into_view_if_needed()
    return card


def reveal(page, card, code):
    """Run a cell that reveals the truth; returns the card that shows it."""
    question = card.get_attribute("aria-label")
    run_in_kernel(page, code)
    return last(page, question, ":has(.guess-truth, .is-truth)")


def expect_sentence(card, text):
    expect(card.locator(".guess-sentence")).to_have_text(text)


def place(card, value):
    """Where a value from 0 to 10 lies on the page."""
    box = card.locator(".guess-track").bounding_box()
    return box["x"] + box["width"] * value / 10, box["y"] + box["height"] / 2


def drag(page, card, *values):
    page.mouse.move(*place(card, values[0]))
    page.mouse.down()
    for value in values[1:]:
        page.mouse.move(*place(card, value), steps=4)
    page.mouse.up()


def button(card, name):
    return card.get_by_role("button", name=name)


def test_a_range_by_mouse_locked_in_and_revealed(page, ask):
    card = ask(page)
    expect(button(card, "Lock in")).to_be_disabled()
    expect_sentence(card, "I'm 80 % sure it's between 0 and 10.")
    drag(page, card, 10, 9)
    drag(page, card, 0, 8, 6)
    expect_sentence(card, "I'm 80 % sure it's between 6 and 9.")
    page.mouse.move(*place(card, 2))
    expect_sentence(card, "I'm 80 % sure it's between 6 and 9.")
    button(card, "Lock in").click()
    expect(card).to_contain_text("✓ Locked in")
    expect(button(card, "Guess again")).to_be_visible()
    drag(page, card, 9, 3)
    expect_sentence(card, "I'm 80 % sure it's between 6 and 9.")
    shown = reveal(page, card, "guess.reveal(7)")
    expect_sentence(shown, "Your range 6–9 contains 7.")
    band, mark = (shown.locator(part).bounding_box() for part in (".guess-band", ".guess-truth"))
    assert band["x"] < mark["x"] < mark["x"] + mark["width"] < band["x"] + band["width"]
    assert mark["x"] + mark["width"] / 2 == pytest.approx(place(shown, 7)[0], abs=1)
    both = page.locator(f".guess[aria-label='{card.get_attribute('aria-label')}']")
    expect(both.get_by_role("button")).to_have_count(0)  # the truth is known, so there is no second guess
    shown = reveal(page, card, "guess.reveal(3)")
    expect_sentence(shown, "The truth, 3, lies outside your range 6–9.")


def test_an_end_that_is_dragged_past_the_other_takes_its_place(page, ask):
    card = ask(page)
    drag(page, card, 4, 4)  # a click moves the nearer end
    expect_sentence(card, "I'm 80 % sure it's between 4 and 10.")
    drag(page, card, 10, 2)
    expect_sentence(card, "I'm 80 % sure it's between 2 and 4.")
    drag(page, card, 2, 4)
    expect_sentence(card, "I'm 80 % sure it's 4.")
    for end, sentence in [(1, "between 1 and 4."), (3, "between 3 and 4."), (4, "4."), (7, "between 4 and 7.")]:
        drag(page, card, 1 if end == 3 else 3 if end == 4 else 4, end)
        expect_sentence(card, f"I'm 80 % sure it's {sentence}")


def test_a_range_by_keyboard(page, ask):
    card = ask(page)
    cell = page.evaluate("() => window.jupyterapp.shell.currentWidget.content.activeCellIndex")
    card.get_by_role("slider", name="At least").focus()
    for key in ["ArrowRight"] * 3 + ["ArrowUp", "ArrowLeft", "Tab", "ArrowDown", "End", "ArrowLeft"]:
        page.keyboard.press(key)
    expect_sentence(card, "I'm 80 % sure it's between 3 and 9.")
    at_most = card.get_by_role("slider", name="At most")
    expect(at_most).to_be_focused()
    expect(at_most).to_have_attribute("aria-valuetext", "9")
    page.keyboard.press("Home")
    expect_sentence(card, "I'm 80 % sure it's 3.")  # it stops at the other end
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Tab")
    expect(button(card, "Lock in")).to_be_focused()
    page.keyboard.press("Enter")
    expect(button(card, "Guess again")).to_be_focused()
    page.keyboard.press("Space")
    expect(button(card, "Lock in")).to_be_disabled()
    expect(card.get_by_role("slider", name="At least")).to_be_focused()
    assert page.evaluate("() => window.jupyterapp.shell.currentWidget.content.activeCellIndex") == cell


def test_shift_enter_runs_on_from_the_card(page, ask):
    card = ask(page)
    drag(page, card, 10, 9)
    button(card, "Lock in").click()
    expect(button(card, "Guess again")).to_be_focused()
    cells = "() => window.jupyterapp.shell.currentWidget.content.widgets.length"
    before = page.evaluate(cells)
    page.keyboard.press("Shift+Enter")  # of the last cell: it adds another
    page.wait_for_function(f"before => ({cells})() > before", arg=before)


def test_a_choice_by_keyboard_locked_in_and_revealed(page, ask):
    card = ask(page, "['shuffled', 'shifted', 'both']")
    expect(button(card, "Lock in")).to_be_disabled()
    card.get_by_role("radio", name="shuffled").focus()
    page.keyboard.press("Space")
    page.keyboard.press("ArrowDown")
    expect(card.get_by_role("radio", name="shifted")).to_be_checked()
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(card.get_by_role("listitem")).to_have_text(["shuffled", "shiftedyour guess", "both"])
    shown = reveal(page, card, "guess.reveal('both', why={'shifted': 'Look again.'})")
    expect_sentence(shown, "You guessed “shifted”; it's “both”. Look again.")
    expect(shown.get_by_role("listitem")).to_have_text(["shuffled", "shiftedyour guess", "✓both"])


def test_a_choice_by_mouse_that_cannot_be_saved(page, ask):
    card = ask(page, "['a', 'b']")
    run_in_kernel(
        page, "import digits_helpers.guesses as kept\nchange, kept.change = kept.change, lambda key, _: open(key)"
    )
    card.get_by_text("b", exact=True).click()
    button(card, "Lock in").click()
    expect(card.get_by_role("status")).to_contain_text("This guess can't be saved")
    expect(card).to_contain_text("✓ Locked in")
    run_in_kernel(page, "kept.change = change")


def test_without_a_guess_there_is_just_the_truth(page, ask):
    card = ask(page)
    shown = reveal(page, card, "guess.reveal(7)")
    expect_sentence(shown, "The truth is 7.")
    expect(shown.locator(".guess-band")).to_have_count(0)
    expect(shown.locator(".guess-truth")).to_have_text("7")


def test_a_question_that_is_asked_again_shows_what_was_locked_in(page, ask):
    card = ask(page)
    drag(page, card, 10, 5)
    button(card, "Lock in").click()
    expect(card).to_contain_text("✓ Locked in")
    again = ask(page)
    expect_sentence(again, "I'm 80 % sure it's between 0 and 5.")
    expect(again).to_contain_text("✓ Locked in")


@pytest.mark.parametrize("theme", ["Light", "Dark"])
def test_axe_finds_nothing_serious(page, ask, theme):
    page.evaluate(
        "name => window.jupyterapp.commands.execute('apputils:change-theme', {theme: `JupyterLab ${name}`})", theme
    )
    light = "true" if theme == "Light" else "false"
    page.wait_for_function("light => document.body.dataset.jpThemeLight === light", arg=light)
    card = ask(page)
    drag(page, card, 10, 9)
    show_all = f"for question in '1{theme}', '2{theme}':\n    " + "\n    ".join(
        [
            "number, choice = dh.Guess(question + '?', 0, 10), dh.Guess(question, ['a', 'b'])",
            "display(number, choice)",
            "if question[0] == '2':",
            "    number.lock_in(6, 9), choice.lock_in('a')",
            "    display(number.reveal(7), choice.reveal('b'))",
        ]
    )
    run_in_kernel(page, show_all)
    expect(page.locator(f".guess[aria-label*='{theme}']:not([aria-label*='axe'])")).to_have_count(6)
    page.wait_for_timeout(300)  # until colours that change slowly have arrived
    violations = Axe().run(page, context=".guess").response["violations"]
    serious = [(one["id"], one["nodes"][0]["html"]) for one in violations if one["impact"] in ("serious", "critical")]
    assert serious == []


def test_on_a_phone_it_fits_and_fingers_can_move_it(phone, ask):
    card = ask(phone)
    touch = phone.context.new_cdp_session(phone)

    def send(kind, *values):
        points = [dict(zip("xy", place(card, value), strict=True)) for value in values]
        touch.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})

    for start, *path in [(10, 8, 6), (0, 1, 3)]:
        send("touchStart", start)
        for value in path:
            send("touchMove", value)
        send("touchEnd")
    expect_sentence(card, "I'm 80 % sure it's between 3 and 6.")
    assert button(card, "Lock in").bounding_box()["height"] >= 44
    assert card.locator(".guess-area").bounding_box()["height"] >= 44
    assert_fits(card)
    run_in_kernel(phone, "dh.Guess('Which?', ['a rather long answer that takes more than a line', 'b'])")
    choices = last(phone, "Which?")
    assert all(option.bounding_box()["height"] >= 44 for option in choices.locator(".guess-choice").all())
    assert_fits(choices)


def assert_fits(card):
    """Nothing sticks out of the card or the window."""
    box = card.bounding_box()
    assert card.evaluate("element => element.scrollWidth <= element.clientWidth")
    assert box["x"] >= 0 and box["x"] + box["width"] <= NARROW


def test_nothing_moves_for_those_who_prefer_it(page, ask):
    card = ask(page, "['a', 'b']")
    duration = "element => getComputedStyle(element).transitionDuration"
    option = card.locator(".guess-choice").first
    assert option.evaluate(duration) != "0s"
    page.emulate_media(reduced_motion="reduce")
    assert option.evaluate(duration) == "0s"
    page.emulate_media(reduced_motion="null")
