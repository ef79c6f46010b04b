"""Lesson 00 in JupyterLab in a real Chromium, the way a learner goes through it: top to bottom, hands on."""

import json
import re
import urllib.request

import nbformat
import pytest
from browser import NOTEBOOKS, TOKEN, Pad, chromium_path, draw, open_notebook, put, wait_until_idle
from playwright.sync_api import expect

import digits_helpers as dh

pytestmark = pytest.mark.skipif(chromium_path() is None, reason="no Chromium or Chrome is installed")

FOLDER = "lesson00"  # of its own: digits and guesses are saved beside the notebook
SCREEN = {"width": 1280, "height": 800}

# Run the selected cell and those below it, up to and including the first whose source contains a text.
RUN_TO = """async text => {
    const app = window.jupyterapp, notebook = app.shell.currentWidget.content;
    for (;;) {
        const source = notebook.activeCell.model.sharedModel.getSource();
        if (!await app.commands.execute('notebook:run-cell-and-select-next')) throw new Error(source);
        if (source.includes(text)) return;
    }
}"""


@pytest.fixture(scope="module")
def page(lab, browser):
    """Lesson 00 as it's stored, without its outputs, just opened."""
    lesson = nbformat.read(NOTEBOOKS / "00-start-here.ipynb", as_version=4)
    for cell in lesson.cells:
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None
    put(lab, FOLDER, {"type": "directory"})
    put(lab, f"{FOLDER}/00-start-here.ipynb", {"type": "notebook", "content": lesson})
    page = browser.new_page(viewport=SCREEN)
    open_notebook(page, lab, f"{FOLDER}/00-start-here.ipynb")
    yield page
    page.close()


def request(lab, path, method="GET", body=None):
    headers = {"Authorization": f"token {TOKEN}", "Content-Type": "application/json"}
    asked = urllib.request.Request(f"{lab}/api/contents/{path}", body, headers, method=method)
    with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(asked, timeout=30) as answer:
        return json.load(answer)


def run_to(page, text):
    page.evaluate(RUN_TO, text)
    wait_until_idle(page)


def card(page, question, number=0):
    found = page.locator(f'.guess[aria-label*="{question}"]').nth(number)
    found.scroll_into_view_if_needed()
    return found


def lock_in_by_keyboard(guess, up, down):
    """Move the lower end so many steps up and the upper end down, and lock in."""
    keyboard = guess.page.keyboard
    guess.get_by_role("slider", name="At least").focus()
    for key in ["ArrowRight"] * up + ["Tab"] + ["ArrowLeft"] * down + ["Tab", "Enter"]:
        keyboard.press(key)
    expect(guess).to_contain_text("✓ Locked in")


def test_a_learner_walks_through_the_lesson(page, lab):
    # The first screen: a collapsed set-up cell, and a pad to draw on without scrolling.
    set_up = page.locator(".jp-CodeCell").first
    expect(set_up.locator(".jp-InputPlaceholder")).to_be_visible()
    expect(set_up.locator(".jp-InputArea-editor")).to_be_hidden()
    run_to(page, "pad.write(3)")
    canvas = page.locator(".digit-pad .digit-canvas canvas").first
    expect(canvas).to_be_visible()
    page.locator(".jp-WindowedPanel-outer, .jp-Notebook").first.evaluate("panel => panel.scrollTo(0, 0)")
    box, panel = canvas.bounding_box(), page.locator(".jp-Notebook").bounding_box()
    assert box["y"] + 0.8 * box["height"] <= panel["y"] + panel["height"]

    # A first digit takes the place of the 3.
    pad = Pad(page)
    pad.expect("I read 3 (100 %)")
    pad.draw(dh.write_digit(7))
    pad.expect("I read 7 (")

    # The layers light up while another one is drawn.
    run_to(page, "pad.inside = True")
    inside = Pad(page, view=1)
    maps = inside.root.locator(".inside-maps > canvas")
    expect(maps.first).to_be_visible()
    expect(maps).to_have_count(9)  # the input and eight layers
    before = maps.nth(1).evaluate("canvas => canvas.toDataURL()")
    inside.click("Clear")
    inside.draw(dh.write_digit(4))
    inside.expect("I read 4 (")
    assert maps.nth(1).evaluate("canvas => canvas.toDataURL()") != before

    # A range and a choice, from the keyboard.
    run_to(page, "lowest = dh.Guess(")
    lock_in_by_keyboard(card(page, "A 4 turns into a 9"), up=40, down=20)
    run_to(page, "lowest.reveal(")
    expect(card(page, "A 4 turns into a 9", 1)).to_contain_text(re.compile(r"Your range 40–80 % contains 5\d\.\d %\."))
    run_to(page, "letter = dh.Guess(")
    letter = card(page, "capital A")
    letter.get_by_role("radio", name="an error").focus()
    for key in ("Space", "ArrowDown", "Tab", "Enter"):
        page.keyboard.press(key)
    expect(letter).to_contain_text("✓ Locked in")
    run_to(page, "letter.reveal(")
    expect(card(page, "capital A", 1)).to_contain_text(
        "You guessed “ten low bars”; it's “a digit, at least 90 % sure”."
    )
    expect(card(page, "capital A", 1)).to_contain_text("nobody taught it to say so.")

    # Twenty digits, with Enter after each.
    run_to(page, "dh.TwentyDigits()")
    twenty = page.locator(".twenty-digits")
    paper = twenty.locator(".digit-canvas canvas:not(.local-ink)")
    for place in range(20):
        expect(twenty.locator(".twenty-prompt")).to_contain_text(f"({place + 1} of 20)")
        draw(page, paper, [stroke[::4] for stroke in dh.write_digit(place % 10)])  # quicker, and still the same digit
        expect(twenty.locator(".twenty-thumbnails .is-drawn path")).to_have_count(place + 1)
        if place < 19:
            page.keyboard.press("Enter")
    expect(twenty.locator(".twenty-note")).to_contain_text("All twenty are drawn and saved.")

    # A guess about them, the exercise, and the truth.
    run_to(page, "right = dh.Guess(")
    lock_in_by_keyboard(card(page, "How many of your twenty"), up=17, down=0)
    run_to(page, "mine = dh.my_digits()")
    assert "stand in" not in output_of(page, "mine = dh.my_digits()")
    run_to(page, "checks.count_correct")
    assert output_of(page, "checks.count_correct").startswith("❌ count_correct: not written yet")
    run_to(page, "right.reveal(")
    expect(card(page, "How many of your twenty", 1)).to_contain_text("Your range 17–20 contains 20.")

    # The environment is fine, and so is every number in the text.
    run_to(page, "Every number in this lesson, checked\nfrom")
    assert re.search(r"(?m)^✅ Everything is here: keras ", output_of(page, "needs = {"))
    expect(page.locator(".jp-InputPlaceholder", has_text="Every number in this lesson, checked")).to_be_visible()
    saved = json.loads(request(lab, f"{FOLDER}/my_digits.json")["content"])
    assert [entry["label"] for entry in saved["digits"]] == [*range(10), *range(10)]
    assert [guess.get("low", guess.get("choice")) for guess in saved["guesses"]] == [40, "ten low bars", 17]


def output_of(page, source):
    """What the cell with this source has printed."""
    return page.evaluate(
        """source => {
            const cells = [...window.jupyterapp.shell.currentWidget.content.model.cells];
            const cell = cells.find(one => one.sharedModel.getSource().includes(source));
            return cell.sharedModel.toJSON().outputs.map(output => [output.text ?? ''].flat().join('')).join('');
        }""",
        source,
    )
