"""How the pads look and whether everybody can use them, in JupyterLab in a real Chromium."""

import re

import pytest
from axe_playwright_python.sync_playwright import Axe
from browser import COLLAPSED, Pad, chromium_path, open_notebook, run_all, run_in_kernel, run_notebook, use_theme
from playwright.sync_api import expect

import digits_helpers as dh

pytestmark = pytest.mark.skipif(chromium_path() is None, reason="no Chromium or Chrome is installed")

NARROW = 320  # pixels: the narrowest window that the pads are made for
PADS = {"touch.ipynb": "DigitPad", "number.ipynb": "NumberPad"}


@pytest.fixture(scope="module")
def pages(lab, browser):
    """A page for each of the pads, by its notebook."""
    pages = {name: run_notebook(browser, lab, name, height=1400) for name in PADS}
    yield pages
    for page in pages.values():
        page.close()


@pytest.fixture(params=PADS, ids=PADS.values())
def pad(request, pages):
    return Pad(pages[request.param]).empty()


@pytest.fixture
def digit_pad(pages):
    return Pad(pages["touch.ipynb"]).empty()


@pytest.fixture(scope="module")
def phones(lab, browser):
    """The same on narrow pages that are touched."""
    context = browser.new_context(viewport={"width": NARROW, "height": 1400}, has_touch=True)
    pages = {}
    for name in PADS:
        pages[name] = page = context.new_page()
        open_notebook(page, lab, name)
        assert run_all(page)
        page.evaluate("() => window.jupyterapp.commands.execute('application:toggle-left-area')")
        for title in Pad(page).root.locator(COLLAPSED).all():
            title.click()
    yield pages
    context.close()


@pytest.fixture(params=PADS, ids=PADS.values())
def phone(request, phones):
    return Pad(phones[request.param]).empty()


def style(locator, name):
    return locator.evaluate("(element, name) => getComputedStyle(element)[name]", name)


# For everybody


@pytest.mark.parametrize("theme", ["Light", "Dark"])
def test_axe_finds_nothing_serious(pad, theme):
    pad.click("3")
    pad.expect("I read 3")
    settings = pad.root.locator(COLLAPSED).filter(has_text="Settings")
    settings.press("Enter")
    use_theme(pad.page, theme)
    violations = Axe().run(pad.page, context=".digit-pad").response["violations"]
    use_theme(pad.page, "Light")
    settings.press("Enter")
    serious = [(one["id"], one["nodes"][0]["html"]) for one in violations if one["impact"] in ("serious", "critical")]
    assert serious == []


def test_the_dark_theme_is_dark_and_the_paper_stays_light(digit_pad):
    light = style(digit_pad.root, "backgroundColor")
    use_theme(digit_pad.page, "Dark")
    dark = style(digit_pad.root, "backgroundColor")
    digit_pad.expect_ink(0, 0)
    use_theme(digit_pad.page, "Light")
    assert min(int(part) for part in re.findall(r"\d+", light)[:3]) > 200
    assert max(int(part) for part in re.findall(r"\d+", dark)[:3]) < 60


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_page_without_a_theme_follows_the_browser(digit_pad, scheme):
    page = digit_pad.page
    theme = page.evaluate(
        """() => [...document.styleSheets].flatMap(sheet => [...sheet.cssRules])
            .flatMap(rule => [...rule.style ?? []]).filter(name => name.startsWith('--jp-'))"""
    )
    undefined = "".join(f"{name}: initial;" for name in {*theme})
    without = page.add_style_tag(content=f"body {{ {undefined} }}")
    page.emulate_media(color_scheme=scheme)
    digit_pad.click("3")
    digit_pad.expect("I read 3")
    page.wait_for_timeout(300)
    ground = style(digit_pad.root, "backgroundColor")
    violations = Axe().run(page, context=".digit-body").response["violations"]
    without.evaluate("element => element.remove()")
    page.emulate_media(color_scheme="null")
    assert (min(int(part) for part in re.findall(r"\d+", ground)[:3]) > 128) == (scheme == "light")
    assert [one["id"] for one in violations] == []


@pytest.mark.parametrize("name", ["1", "Clear", "My own digits"])
def test_what_has_the_keyboards_focus_is_outlined(digit_pad, name):
    button = digit_pad.root.get_by_role("button", name=name, exact=name == "1")
    button.focus()
    digit_pad.page.keyboard.press("Shift+Tab")
    digit_pad.page.keyboard.press("Tab")
    expect(button).to_be_focused()
    assert style(button, "outlineStyle") == "solid" and float(style(button, "outlineWidth")[:-2]) >= 2


def test_the_frame_shows_that_the_canvas_has_the_focus(digit_pad):
    frame = digit_pad.root.locator(".digit-canvas")
    digit_pad.root.get_by_role("button", name="Undo").focus()
    assert style(frame, "outlineStyle") == "none"
    digit_pad.canvas.focus()
    assert style(frame, "outlineStyle") == "solid"


def test_the_folded_parts_open_by_keyboard_and_say_so(digit_pad):
    title = digit_pad.root.get_by_role("button", name="My own digits")
    expect(title).to_have_attribute("aria-expanded", "false")
    title.press("Enter")
    expect(title).to_have_attribute("aria-expanded", "true")
    expect(digit_pad.root.get_by_role("button", name="Keep")).to_be_visible()
    title.press("Space")
    expect(title).to_have_attribute("aria-expanded", "false")
    expect(digit_pad.root.get_by_role("button", name="Keep")).to_be_hidden()


# The answer


def test_the_answer_is_one_large_digit_with_its_confidence(digit_pad):
    large = digit_pad.root.locator(".digit-large")
    expect(large).to_have_text("Draw a digit")
    digit_pad.draw(dh.write_digit(7))
    digit_pad.expect("I read 7 (")
    expect(large).to_have_text(re.compile(r"^7\s?(9\d|100)\s%$"))
    expect(large.locator("b")).to_have_css("font-size", re.compile(r"^(4[89]|[5-9]\d|\d{3})(\.\d+)?px$"))


def test_an_unsure_answer_names_both_candidates_and_looks_different(digit_pad):
    digit_pad.draw(dh.write_digit(7))
    digit_pad.expect("I read 7 (")
    sure = style(digit_pad.root.locator(".digit-large"), "borderTopStyle")
    run_in_kernel(digit_pad.page, "import numpy as np\nshares = np.array([0, 0, 0, 0, .51, 0, 0, 0, 0, .49])")
    run_in_kernel(digit_pad.page, "pad.answer.show('Not sure.', pad.result._replace(probabilities=shares))")
    large = digit_pad.root.locator(".digit-large")
    expect(large).to_have_text(re.compile(r"^4\s?51\s%\s?or\s?9\s?49\s%$"))
    assert (sure, style(large, "borderTopStyle")) == ("solid", "dashed")
    marked = digit_pad.root.locator(".digit-bars tr").filter(has_text=re.compile("◀|◁"))
    expect(marked.locator("th")).to_have_text(["4", "9"])


def boxes(pad):
    parts = [pad.root, *(pad.root.locator(part) for part in (".digit-canvas", ".digit-result", ".digit-answer"))]
    return [(box["width"], box["height"]) for part in parts if (box := part.bounding_box())]


def test_nothing_jumps_when_an_answer_arrives(pad):
    before = boxes(pad)
    pad.click("3")
    pad.expect("I read 3")
    expect(pad.root.get_by_role("img", name=re.compile("What the model sees|^3, "))).to_be_visible()
    assert boxes(pad) == before
    pad.empty()
    assert boxes(pad) == before


def test_nothing_jumps_with_the_steps_shown_either(digit_pad):
    run_in_kernel(digit_pad.page, "pad.steps = True")
    expect(digit_pad.root.get_by_text("In a 20-pixel box")).to_be_visible()
    before = boxes(digit_pad)
    digit_pad.click("3")
    digit_pad.expect("I read 3")
    assert boxes(digit_pad) == before
    run_in_kernel(digit_pad.page, "pad.steps = False")


def test_the_bars_glide_unless_less_motion_is_wanted(digit_pad):
    bar = digit_pad.root.locator(".digit-bar").nth(3)
    digit_pad.click("3")
    digit_pad.expect("I read 3")
    assert float(style(bar, "transitionDuration")[:-1]) > 0
    digit_pad.page.emulate_media(reduced_motion="reduce")
    assert float(style(bar, "transitionDuration")[:-1]) == 0
    digit_pad.page.emulate_media(reduced_motion="no-preference")
    track = digit_pad.root.locator(".digit-track").nth(3).bounding_box()
    digit_pad.page.wait_for_timeout(400)
    assert bar.bounding_box()["width"] > 0.9 * track["width"]


# On a phone


def test_a_narrow_window_needs_no_sideways_scrolling(phone):
    phone.click("3")
    phone.expect("I read 3")
    too_wide = phone.root.evaluate(
        """pad => {
            const right = Math.min(innerWidth, pad.getBoundingClientRect().right) + 1;
            const beyond = [...pad.querySelectorAll('*')].filter(one => one.getBoundingClientRect().right > right);
            const scrolling = [pad, pad.closest('.jp-OutputArea'), pad.closest('.jp-Cell'), document.documentElement]
                .filter(one => one.scrollWidth > one.clientWidth + 1);
            return [...beyond, ...scrolling].map(one => one.outerHTML.slice(0, 100));
        }"""
    )
    assert too_wide == []


def test_what_is_pressed_is_as_large_as_a_finger(phone):
    assert phone.page.evaluate("() => matchMedia('(pointer: coarse)').matches")
    pressed = phone.root.locator("button, [role=button], select, input[type=text], label:has(input[type=checkbox])")
    sizes = [(one.inner_text(), one.bounding_box()) for one in pressed.all() if one.is_visible()]
    assert len(sizes) > 15
    assert [name for name, box in sizes if box["height"] < 44 or box["width"] < 44] == []


def test_with_a_mouse_it_may_be_a_little_smaller(digit_pad):
    buttons = digit_pad.root.locator("button:visible").all()
    assert min(min(box["width"], box["height"]) for one in buttons if (box := one.bounding_box())) >= 32
