"""The pad for twenty digits, in JupyterLab in a real Chromium: drawing them, leaving, coming back, and the file."""

import json
import re

import nbformat
import pytest
from axe_playwright_python.sync_playwright import Axe
from browser import (
    ALL_ANSWERED,
    INK,
    TOKEN,
    chromium_path,
    draw,
    on_a_phone,
    open_notebook,
    put,
    run_all,
    run_notebook,
    use_theme,
)
from playwright.sync_api import expect

import digits_helpers as dh
from digits_helpers.digit_sheet import redrawn

NARROW = 320  # pixels: the narrowest window that the pads are made for
FOLDER, NAME = "twenty", "twenty.ipynb"  # a folder of its own: other notebooks must not find the digits
KERNEL = {"name": "python3", "display_name": "Python 3 (ipykernel)", "language": "python"}
SOURCE = "import digits_helpers as dh\npad = dh.TwentyDigits()\npad"

pytestmark = pytest.mark.skipif(chromium_path() is None, reason="no Chromium or Chrome is installed")

# Drag a file over an element and drop it there; returns whether the page left both events to nobody else.
DROP = """(element, [name, text]) => {
    const data = new DataTransfer();
    data.items.add(new File([text], name, {type: 'application/json'}));
    return ['dragover', 'drop'].map(kind => {
        const event = new DragEvent(kind, {dataTransfer: data, bubbles: true, cancelable: true, composed: true});
        let seen = false;
        const see = () => { seen = true; };
        document.body.addEventListener(kind, see, {once: true});
        element.dispatchEvent(event);
        document.body.removeEventListener(kind, see);
        return event.defaultPrevented && !seen;
    });
}"""


class TwentyPad:
    """What a person sees and does."""

    def __init__(self, page, address):
        self.page, self.address = page, address
        self.root = page.locator(".twenty-digits")
        self.canvas = self.root.locator(".digit-canvas canvas:not(.local-ink)")
        self.thumbnails = self.root.locator(".twenty-thumbnails button")
        self.canvas.wait_for()
        expect(self.thumbnails).to_have_count(20)

    def draw(self, digit):
        draw(self.page, self.canvas, dh.write_digit(digit))

    def click(self, name):
        self.root.get_by_role("button", name=re.compile(rf"(^|\s|\W){name}$")).click()

    def expect(self, prompt, note=None):
        expect(self.root.locator(".twenty-prompt")).to_have_text(prompt)
        if note is not None:
            expect(self.root.locator(".twenty-note")).to_have_text(note)

    def expect_drawn(self, count):
        expect(self.root.locator(".twenty-thumbnails .is-drawn path")).to_have_count(count)

    def ink_at_rest(self):
        self.page.evaluate(ALL_ANSWERED)
        self.page.wait_for_timeout(300)
        return self.canvas.evaluate(INK)

    def files(self, method, **options):
        """Ask the server for the file of digits in the notebook's folder."""
        return request(self.page, self.address, method, "my_digits.json", **options)

    def saved(self):
        self.page.evaluate(ALL_ANSWERED)
        return json.loads(self.files("get").json()["content"])


def request(page, address, method, name, **options):
    return getattr(page.request, method)(f"{address}/api/contents/{FOLDER}/{name}?token={TOKEN}", **options)


@pytest.fixture(scope="module")
def notebook(lab):
    """Write the notebook that the tests open; returns the server's address."""
    cells = [nbformat.v4.new_code_cell(SOURCE)]
    content = nbformat.v4.new_notebook(cells=cells, metadata={"kernelspec": KERNEL})
    put(lab, FOLDER, {"type": "directory"})
    put(lab, f"{FOLDER}/{NAME}", {"type": "notebook", "content": content})
    return lab


@pytest.fixture(scope="module")
def page(notebook, browser):
    page = run_notebook(browser, notebook, f"{FOLDER}/{NAME}")
    yield page
    page.close()


@pytest.fixture(scope="module")
def phone_page(notebook, browser):
    """The same on a narrow page that is touched."""
    page = on_a_phone(browser, notebook, f"{FOLDER}/{NAME}", NARROW, 1000)
    yield page
    page.context.close()


@pytest.fixture
def pad(page, notebook):
    return fresh(page, notebook)


@pytest.fixture
def phone(phone_page, notebook):
    return fresh(phone_page, notebook)


def fresh(page, address, digits=None):
    """Run the cell again, without a file of digits or with these."""
    request(page, address, "delete", "my_digits.json")
    if digits is not None:
        text = json.dumps({"version": 1, "digits": digits, "guesses": []})
        assert request(page, address, "put", "my_digits.json", data=as_file(text)).ok
    assert run_all(page)
    return TwentyPad(page, address)


def as_file(text):
    return {"type": "file", "format": "text", "content": text}


def all_twenty():
    digits = []
    for place in range(20):
        strokes = [[[round(x), round(y)] for x, y in stroke.tolist()] for stroke in dh.write_digit(place % 10)]
        digits = redrawn(digits, place, strokes)
    return digits


# Drawing


def test_a_hand_draws_and_goes_on_with_button_enter_or_space(page, pad):
    pad.expect("Draw a 0 (1 of 20)", "Every stroke is saved at once: leave whenever you like, and go on later.")
    goes_on = [lambda: pad.click("Next"), lambda: page.keyboard.press("Enter"), lambda: page.keyboard.press("Space")]
    for digit, go_on in enumerate(goes_on):
        pad.draw(digit)
        pad.expect(
            f"Draw a {digit} ({digit + 1} of 20)", "Saved in my_digits.json. Press Next when the digit is finished."
        )
        pad.expect_drawn(digit + 1)
        go_on()
        pad.expect(f"Draw a {digit + 1} ({digit + 2} of 20)")
        assert pad.ink_at_rest() == 0
    assert [entry["place"] for entry in pad.saved()["digits"]] == [0, 1, 2]


def test_a_digit_of_several_strokes_is_one_digit(pad):
    pad.thumbnails.nth(5).click()
    pad.expect("Draw a 5 (6 of 20)")
    strokes = dh.write_digit(5)
    assert len(strokes) == 2
    for stroke in strokes:
        draw(pad.page, pad.canvas, [stroke])
        pad.page.wait_for_timeout(800)  # as long as somebody may pause
    (entry,) = pad.saved()["digits"]
    assert (entry["label"], len(entry["strokes"]), entry["older"]) == (5, 2, [])


def test_a_digit_is_chosen_by_keyboard_redrawn_and_brought_back(page, pad):
    pad.draw(0)
    pad.click("Next")
    pad.thumbnails.nth(1).focus()
    for key in ("ArrowRight", "ArrowDown", "ArrowLeft", "ArrowUp", "ArrowLeft", "ArrowLeft"):  # the last: at the edge
        page.keyboard.press(key)
    expect(pad.thumbnails.first).to_be_focused()
    page.keyboard.press("Enter")
    pad.expect("Your first 0 (1 of 20)", re.compile("^Add a stroke, or clear it and draw it again"))
    expect(pad.thumbnails.first).to_be_focused()
    before = pad.ink_at_rest()
    assert before > 0
    expect(pad.root.get_by_role("button", name="Older version")).to_be_hidden()
    pad.click("Clear")
    pad.draw(7)
    older = pad.root.get_by_role("button", name="Older version")
    older.press("Enter")
    page.wait_for_timeout(300)
    assert abs(pad.ink_at_rest() - before) < 0.03 * before
    (entry,) = pad.saved()["digits"]
    assert len(entry["older"]) == 1


def test_the_sheet_is_one_stop_of_the_tab_key(page, pad):
    pad.thumbnails.nth(0).focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Tab")
    expect(pad.root.get_by_role("button", name="Download")).to_be_focused()
    page.keyboard.press("Shift+Tab")
    expect(pad.thumbnails.nth(1)).to_be_focused()


def test_nothing_jumps_while_twenty_digits_are_drawn(page, notebook):
    pad = fresh(page, notebook)
    parts = [pad.root, pad.canvas, pad.thumbnails.first, pad.root.get_by_role("button", name="Next")]
    places = [part.bounding_box() for part in parts]
    pad.draw(0)
    pad.expect_drawn(1)
    assert [part.bounding_box() for part in parts] == places
    pad = fresh(page, notebook, all_twenty())
    pad.expect("Your first 0 (1 of 20)", re.compile("^All twenty are drawn and saved"))
    pad.expect_drawn(20)
    parts = [pad.root, pad.canvas, pad.thumbnails.first, pad.root.get_by_role("button", name="Next")]
    assert [part.bounding_box() for part in parts] == places


def test_it_goes_on_after_a_reload_and_a_restart(page, pad, notebook):
    pad.draw(0)
    pad.click("Next")
    pad.draw(1)
    pad.expect_drawn(2)
    page.evaluate("() => window.jupyterapp.shell.currentWidget.context.sessionContext.session.kernel.restart()")
    open_notebook(page, notebook, f"{FOLDER}/{NAME}")
    assert run_all(page)
    pad = TwentyPad(page, notebook)
    pad.expect("Draw a 2 (3 of 20)")
    pad.expect_drawn(2)


# The file


def test_a_download_brings_everything_back_when_it_is_dropped(page, pad, notebook):
    pad.draw(0)
    pad.thumbnails.nth(14).click()
    pad.expect("Draw another 4 (15 of 20)")
    pad.draw(4)
    pad.expect_drawn(2)
    page.evaluate(ALL_ANSWERED)  # the second stroke of the 4 has arrived, too
    with page.expect_download() as download:
        pad.click("Download")
    assert download.value.suggested_filename == "my_digits.json"
    text = download.value.path().read_text()
    assert json.loads(text) == pad.saved()
    pad = fresh(page, notebook)
    assert pad.root.evaluate(DROP, ["my_digits.json", text]) == [True, True]
    pad.expect("Draw a 1 (2 of 20)", "Brought back 2 digits and 0 guesses.")
    pad.expect_drawn(2)
    assert pad.saved() == json.loads(text)
    assert "is-dropping" not in pad.root.get_attribute("class")
    assert page.locator("#jp-main-dock-panel .jp-Document").count() == 1, "the file was opened in a tab"


def test_a_file_can_be_chosen_and_another_one_is_refused(pad):
    pad.draw(0)
    text = json.dumps({"version": 1, "digits": all_twenty(), "guesses": [{"question": "How many?"}]})
    for name, content in [("other.json", "{}"), ("my_digits.json", text)]:
        with pad.page.expect_file_chooser() as chooser:
            pad.click("Bring back a file")
        chooser.value.set_files({"name": name, "mimeType": "application/json", "buffer": content.encode()})
        if name == "other.json":
            expect(pad.root.get_by_role("alert")).to_have_text("other.json: This isn't a file of digits and guesses.")
            pad.expect_drawn(1)
    pad.expect("Your first 0 (1 of 20)", re.compile("^Brought back 19 digits and 1 guess. 1 digit you had drawn"))
    expect(pad.root.get_by_role("button", name="Older version")).to_be_visible()


def test_a_file_that_is_too_large_never_leaves_the_page(pad):
    pad.root.evaluate(DROP, ["film.mp4", "x" * 5_000_001])
    expect(pad.root.get_by_role("alert")).to_contain_text("film.mp4 is larger than 5 MB")


def test_a_file_over_the_pad_shows_where_to_drop_it(page, pad):
    pad.root.evaluate(DROP.replace("'dragover', 'drop'", "'dragover'"), ["my_digits.json", "{}"])
    shown = "element => getComputedStyle(element, '::after').content"
    assert "Drop my_digits.json to bring your digits back" in pad.root.evaluate(shown)
    pad.root.evaluate("element => element.dispatchEvent(new DragEvent('dragleave', {bubbles: true}))")
    assert pad.root.evaluate(shown) == "none"


def test_without_a_kernel_a_page_shows_the_picture(page, notebook):
    fresh(page, notebook, all_twenty())
    page.evaluate("() => window.jupyterapp.commands.execute('docmanager:save')")
    cell = request(page, notebook, "get", NAME).json()["content"]["cells"][0]
    (output,) = cell["outputs"]
    assert output["data"]["image/png"] and output["data"]["text/plain"].startswith("<TwentyDigits, 20 of 20 drawn.")
    assert output["metadata"]["image/png"]["alt"].startswith("A sheet of digits.")


# For everybody


@pytest.mark.parametrize("theme", ["Light", "Dark"])
def test_axe_finds_nothing_serious(page, notebook, theme):
    pad = fresh(page, notebook, all_twenty()[3:])
    pad.draw(0)
    pad.click("Clear")
    expect(pad.root.get_by_role("button", name="Older version")).to_be_visible()
    use_theme(page, theme)
    violations = Axe().run(page, context=".twenty-digits").response["violations"]
    use_theme(page, "Light")
    serious = [(one["id"], one["nodes"][0]["html"]) for one in violations if one["impact"] in ("serious", "critical")]
    assert serious == []


def test_the_focus_is_outlined_and_less_motion_is_less(page, pad):
    thumbnail = pad.thumbnails.first
    thumbnail.focus()
    page.keyboard.press("ArrowRight")
    second = pad.thumbnails.nth(1)
    expect(second).to_have_css("outline-style", "solid")
    assert second.evaluate("button => getComputedStyle(button).transitionDuration") != "0s"
    page.emulate_media(reduced_motion="reduce")
    assert second.evaluate("button => getComputedStyle(button).transitionDuration") == "0s"
    page.emulate_media(reduced_motion="no-preference")


def test_the_jupyter_shortcuts_still_work_from_the_pad(page, pad):
    pad.canvas.focus()
    page.keyboard.press("Shift+Enter")
    page.wait_for_timeout(300)
    pad = TwentyPad(page, pad.address)
    pad.expect("Draw a 0 (1 of 20)")


def test_a_phone_needs_no_sideways_scrolling_and_everything_is_as_large_as_a_finger(phone):
    phone.draw(0)
    phone.click("Clear")  # now there is an older version
    phone.expect_drawn(0)
    too_wide = phone.root.evaluate(
        """pad => {
            const right = Math.min(innerWidth, pad.getBoundingClientRect().right) + 1;
            const beyond = [...pad.querySelectorAll('*')].filter(one => one.getBoundingClientRect().right > right);
            const scrolling = [pad, pad.closest('.jp-OutputArea'), document.documentElement]
                .filter(one => one.scrollWidth > one.clientWidth + 1);
            return [...beyond, ...scrolling].map(one => one.outerHTML.slice(0, 100));
        }"""
    )
    assert too_wide == []
    buttons = [one for one in phone.root.get_by_role("button").all() if one.is_visible()]
    assert len(buttons) == 26
    sizes = {one.inner_text() or one.get_attribute("aria-label"): one.bounding_box() for one in buttons}
    assert {name: box for name, box in sizes.items() if box["height"] < 44 or box["width"] < 44} == {}


def test_a_finger_chooses_a_digit_and_goes_on(phone):
    phone.thumbnails.nth(2).tap()
    phone.expect("Draw a 2 (3 of 20)")
    box = phone.canvas.bounding_box()
    phone.page.touchscreen.tap(box["x"] + 50, box["y"] + 50)
    phone.expect_drawn(1)
    phone.root.get_by_role("button", name="Next").tap()
    phone.expect("Draw a 3 (4 of 20)")
