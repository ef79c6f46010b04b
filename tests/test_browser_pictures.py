"""Pictures that are dropped or pasted on a pad, in JupyterLab in a real Chromium."""

import io
from base64 import b64encode

import nbformat
import pytest
from browser import TOKEN, Pad, chromium_path, open_notebook, run_notebook
from PIL import Image
from playwright.sync_api import expect

import digits_helpers as dh

KERNEL = {"name": "python3", "display_name": "Python 3 (ipykernel)", "language": "python"}

pytestmark = pytest.mark.skipif(chromium_path() is None, reason="no Chromium or Chrome is installed")

# Drop or paste files, [name, type, bytes], on an element; returns whether the page left the event to nobody else.
SEND = """(element, [kind, files]) => {
    const data = new DataTransfer();
    for (const [name, type, bytes] of files) data.items.add(new File([Uint8Array.from(bytes)], name, {type}));
    const options = {bubbles: true, cancelable: true, composed: true};
    const events = kind === 'paste'
        ? [new ClipboardEvent('paste', {clipboardData: data, ...options})]
        : ['dragenter', 'dragover', 'drop'].map(name => new DragEvent(name, {dataTransfer: data, ...options}));
    let seen = false;
    const see = () => { seen = true; };
    document.body.addEventListener(kind, see, {once: true});
    for (const event of events) element.dispatchEvent(event);
    document.body.removeEventListener(kind, see);
    return events.at(-1).defaultPrevented && !seen;
}"""


def picture_of(digit):
    """A PNG file of a digit, dark on light."""
    file = io.BytesIO()
    Image.fromarray(255 - dh.rasterize(dh.write_digit(digit))).save(file, "PNG")
    return file.getvalue()


def send(element, kind, content, name="digit.png", type="image/png"):
    return element.evaluate(SEND, [kind, [[name, type, list(content)]]])


@pytest.fixture(scope="module")
def page(lab, browser):
    page = run_notebook(browser, lab, "pad.ipynb", height=1600)
    yield page
    page.close()


@pytest.fixture
def pad(page):
    pad = Pad(page).empty()
    page.mouse.move(0, 0)
    return pad


@pytest.mark.parametrize("place", [".digit-canvas canvas >> nth=0", ".digit-examples button >> nth=3", ".digit-result"])
def test_a_picture_can_be_dropped_anywhere_on_the_pad(pad, place):
    assert send(pad.root.locator(place).first, "drop", picture_of(7))
    pad.expect("I read 7 (")
    pad.click("Undo")
    pad.expect("Nothing drawn yet.")


@pytest.mark.parametrize("view", [0, 1])
def test_each_view_of_a_pad_takes_a_drop(page, pad, view):
    assert send(Pad(page, view).canvas, "drop", picture_of(2))
    for shown in (0, 1):
        Pad(page, shown).expect("I read 2 (")
    pad.click("Undo")  # one drop is one picture, although two views listen
    pad.expect("Nothing drawn yet.")


def test_a_file_of_a_person_s_own_is_read_and_not_opened(page, pad, tmp_path):
    """With the browser's own drag and drop, which would leave JupyterLab to show the file."""
    file, address = tmp_path / "three.png", page.url
    file.write_bytes(picture_of(3))
    curtain = pad.root.get_by_text("Drop the picture to read it")
    expect(curtain).to_be_hidden()
    drag = Drag(page, pad.canvas, file)
    drag("dragEnter")
    drag("dragOver")
    expect(curtain).to_be_visible()
    drag("dragOver", page.locator(".jp-InputArea").first)
    expect(curtain).to_be_hidden()
    drag("dragOver")
    drag("dragOver")  # for the first one, Chromium only tells the page that another element is entered
    expect(curtain).to_be_visible()
    drag("drop")
    pad.expect("I read 3 (")
    expect(curtain).to_be_hidden()
    assert page.url == address
    assert page.locator(".jp-NotebookPanel").count() == 1
    assert page.locator("#jp-main-dock-panel .jp-Document").count() == 1, "the file was opened in a tab"
    assert page.locator(".jp-DirListing-item", has_text=file.name).count() == 0, "the file was uploaded"


class Drag:
    """A drag of a file from outside the browser, with the pointer in the middle of an element."""

    def __init__(self, page, element, file):
        self.element, self.session = element, page.context.new_cdp_session(page)
        self.data = {"items": [], "files": [str(file)], "dragOperationsMask": 1}

    def __call__(self, kind, element=None):
        box = (element or self.element).bounding_box()
        place = {"x": box["x"] + box["width"] / 2, "y": box["y"] + box["height"] / 2}
        self.session.send("Input.dispatchDragEvent", {"type": kind, "data": self.data, **place})


def test_what_is_dropped_beside_the_pad_is_not_the_pad_s(page, pad):
    assert not send(page.locator(".jp-InputArea").first, "drop", picture_of(7))
    pad.draw(dh.write_digit(4))
    pad.expect("I read 4 (")


def test_text_is_left_alone(pad):
    prevented = pad.canvas.evaluate(
        """canvas => {
            const data = new DataTransfer();
            data.setData('text/plain', '7');
            const drop = new DragEvent('drop', {dataTransfer: data, bubbles: true, cancelable: true});
            const paste = new ClipboardEvent('paste', {clipboardData: data, bubbles: true, cancelable: true});
            canvas.focus();
            canvas.addEventListener('drop', event => event.stopPropagation(), {once: true});
            canvas.addEventListener('paste', event => event.stopPropagation(), {once: true});
            return [drop, paste].map(event => canvas.dispatchEvent(event));
        }"""
    )
    assert prevented == [True, True]  # nobody has prevented what the browser does with text


@pytest.mark.parametrize("kind", ["drop", "paste"])
@pytest.mark.parametrize(
    ("name", "type", "content", "error"),
    [
        ("notes.txt", "text/plain", b"7", "This file is not a picture that can be read."),
        ("seven.png", "image/png", b"7", "This file is not a picture that can be read."),
        ("huge.png", "image/png", None, "The file is too large: over 10 MB."),
    ],
)
def test_what_can_t_be_read_is_refused_and_the_drawing_stays(pad, kind, name, type, content, error):
    pad.draw(dh.write_digit(4))
    pad.expect("I read 4 (")
    before = pad.ink_at_rest()
    pad.canvas.focus()
    if content is None:  # made on the page: a test needs not send ten million numbers there
        pad.canvas.evaluate(
            SEND.replace("Uint8Array.from(bytes)", "new Uint8Array(bytes)"), [kind, [[name, type, 10_000_001]]]
        )
    else:
        assert send(pad.canvas, kind, content, name, type)
    expect(pad.root.get_by_role("alert")).to_contain_text(error)
    pad.expect("I read 4 (")
    assert pad.ink_at_rest() == before
    pad.click("Undo")
    expect(pad.root.get_by_role("alert")).to_have_count(0)


def test_of_several_files_the_picture_is_read(pad):
    files = [["notes.txt", "text/plain", [55]], ["six.png", "image/png", list(picture_of(6))]]
    assert pad.canvas.evaluate(SEND, ["drop", files])
    pad.expect("I read 6 (")


def test_a_copied_picture_is_pasted_with_the_keyboard(page, pad):
    """From the clipboard, with the canvas in focus, where ipycanvas would keep every key to itself."""
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.evaluate(
        """bytes => navigator.clipboard.write(
            [new ClipboardItem({'image/png': new Blob([Uint8Array.from(bytes)], {type: 'image/png'})})])""",
        list(picture_of(8)),
    )
    pad.canvas.focus()
    page.keyboard.press("ControlOrMeta+v")
    pad.expect("I read 8 (")


def test_a_picture_is_pasted_where_the_focus_or_the_pointer_is(page, pad):
    body = page.locator("body")
    page.evaluate("document.activeElement.blur()")
    assert not send(body, "paste", picture_of(5)), "neither is on the pad"
    pad.canvas.hover()
    assert send(body, "paste", picture_of(5))
    pad.expect("I read 5 (")
    page.locator(".jp-Notebook .cm-content").first.focus()  # somebody is typing, and the mouse just rests there
    assert not send(page.locator(".jp-Notebook .cm-content").first, "paste", picture_of(2))
    page.mouse.move(0, 0)
    pad.root.get_by_role("button", name="Clear").focus()
    assert send(pad.root.get_by_role("button", name="Clear"), "paste", picture_of(9))
    pad.expect("I read 9 (")


def test_a_stored_notebook_shows_a_picture_and_a_kernel_the_living_pad(lab, browser, page):
    """The picture stands in for the pad where nobody has run the cells, and never beside it."""
    assert page.locator(".digit-pad").count() == 2
    assert page.locator(".jp-OutputArea-output img").count() == 0
    pad = dh.DigitPad()
    pad.write(5)
    data, metadata = pad._repr_mimebundle_()
    data["image/png"] = b64encode(data["image/png"]).decode()
    output = nbformat.v4.new_output("execute_result", data=data, metadata=metadata, execution_count=1)
    cell = nbformat.v4.new_code_cell("pad", outputs=[output], execution_count=1)
    notebook = nbformat.v4.new_notebook(cells=[cell], metadata={"kernelspec": KERNEL})
    page = browser.new_page()
    response = page.request.put(
        f"{lab}/api/contents/stored.ipynb?token={TOKEN}", data={"type": "notebook", "content": notebook}
    )
    assert response.ok
    open_notebook(page, lab, "stored.ipynb")
    picture = page.locator(".jp-OutputArea-output img")
    expect(picture).to_be_visible()
    assert picture.evaluate("image => [image.naturalWidth, image.width]") == [1256, 628]
    page.close()


def test_a_number_is_read_in_a_dropped_picture(lab, browser):
    pad = Pad(run_notebook(browser, lab, "number.ipynb"))
    file = io.BytesIO()
    Image.fromarray(255 - dh.rasterize(dh.write_number("2507"), (700, 220), 12)).save(file, "PNG")
    assert send(pad.canvas, "drop", file.getvalue())
    pad.expect("I read 2507.")
    pad.page.close()
