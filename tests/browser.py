"""A real JupyterLab and a real Chromium for the tests, and a hand that draws with a real mouse."""

import json
import os
import re
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
import uuid
from contextlib import contextmanager
from pathlib import Path

import nbformat
from playwright.sync_api import expect, sync_playwright

NOTEBOOKS = Path(__file__).parents[1] / "notebooks"
LESSONS = ["08-draw-a-digit.ipynb"]  # those with a pad, besides 00: test_browser_lesson_00.py walks through it

# The cells of the notebooks that the tests open, by name.
IMPORT = "import digits_helpers as dh"
MADE = {
    "pad.ipynb": [IMPORT, "pad = dh.DigitPad()\npad", "pad"],  # one pad, shown twice
    "touch.ipynb": [IMPORT, "pad = dh.DigitPad()\npad"],
    "number.ipynb": [IMPORT, "pad = dh.NumberPad()\npad"],
    "train.ipynb": [
        """import digits_helpers as dh

dh.quiet_tensorflow()
digits = dh.load_mnist()
x, y = digits.x_train[:1000, ..., None].astype("float32") / 255, digits.y_train[:1000]
panel = dh.TrainingPanel(x[200:], y[200:], x[:200], y[:200])
panel"""
    ],
}

TOKEN = "test"
PATIENCE = 60_000  # milliseconds to wait for what the page should show: a busy machine may be slow, and is not wrong
COLLAPSED = ".jupyter-widget-Collapse-header, .p-Collapse-header"  # in ipywidgets 8, and in 7

expect.set_options(timeout=PATIENCE)


def chromium_path():
    """The system's Chromium or Chrome, or None."""
    names = ("chromium", "chromium-browser", "google-chrome")
    return next((path for name in names if (path := shutil.which(name))), None)


def write_notebooks(folder):
    """Write the notebooks that the tests open: the lessons that have a pad, and those in ``MADE``."""
    for lesson in LESSONS:
        shutil.copy(NOTEBOOKS / lesson, folder)
    kernel = {"name": "python3", "display_name": "Python 3 (ipykernel)", "language": "python"}
    for name, sources in MADE.items():
        cells = [nbformat.v4.new_code_cell(source) for source in sources]
        nbformat.write(nbformat.v4.new_notebook(cells=cells, metadata={"kernelspec": kernel}), folder / name)


@contextmanager
def jupyter_lab(notebooks, scratch, env):
    """Serve a copy of the folder ``notebooks``, with settings of its own in ``scratch``; yields the address."""
    root = scratch / "notebooks"
    shutil.copytree(notebooks, root, ignore=shutil.ignore_patterns(".ipynb_checkpoints"))
    # The tests alone save: a save of JupyterLab's own may be under way when a page is loaded again, and of two pages
    # with one notebook the second would ask whether to overwrite the file that the first has changed.
    documents = scratch / "lab_settings" / "@jupyterlab" / "docmanager-extension" / "plugin.jupyterlab-settings"
    documents.parent.mkdir(parents=True)
    documents.write_text('{"autosave": false}')
    settings = {
        f"JUPYTER{name}_DIR": str(scratch / name.lower())
        for name in ("_CONFIG", "_DATA", "_RUNTIME", "LAB_SETTINGS", "LAB_WORKSPACES")
    }
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    options = {
        "ServerApp.ip": "127.0.0.1",
        "ServerApp.port": port,
        "ServerApp.root_dir": root,
        "ServerApp.open_browser": False,
        "ServerApp.allow_root": True,
        "IdentityProvider.token": TOKEN,
        "LabApp.expose_app_in_browser": True,
        "LabApp.check_for_updates_class": "jupyterlab.NeverCheckForUpdate",
        "LabApp.news_url": "None",
    }
    log = scratch / "server.log"
    with log.open("w") as output:
        server = subprocess.Popen(
            [sys.executable, "-m", "jupyterlab", *(f"--{name}={value}" for name, value in options.items())],
            env=env | settings,
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    try:
        address = f"http://127.0.0.1:{port}"
        _wait_for(f"{address}/api?token={TOKEN}", server, log)
        yield address
    finally:
        stop(server)


def stop(server):
    """Tell a process to end, and end it if it does not, so that nothing stays behind; returns its exit code."""
    server.terminate()
    try:
        return server.wait(120)
    finally:
        server.kill()


def _wait_for(url, server, log, seconds=120):
    end = time.monotonic() + seconds
    while time.monotonic() < end and server.poll() is None:
        try:
            urllib.request.build_opener(urllib.request.ProxyHandler({})).open(url, timeout=5).close()
            return
        except OSError:
            time.sleep(0.3)
    raise RuntimeError(f"JupyterLab did not start:\n{log.read_text()[-3000:]}")


@contextmanager
def chromium():
    """A headless Chromium; each ``new_page`` of it is a fresh browser window, with settings such as ``has_touch``."""
    with sync_playwright() as playwright:
        options = ["--disable-gpu", "--disable-background-networking", "--disable-component-update", "--disable-sync"]
        if hasattr(os, "geteuid") and os.geteuid() == 0:
            options.append("--no-sandbox")  # Chromium refuses to start as root with it
        browser = playwright.chromium.launch(executable_path=chromium_path(), args=options, timeout=2 * PATIENCE)
        yield browser
        browser.close()


def put(lab, path, model):
    """Write a file, or make a folder, on the server: what a test leaves behind must not meet another test's kernel."""
    headers = {"Authorization": f"token {TOKEN}", "Content-Type": "application/json"}
    request = urllib.request.Request(f"{lab}/api/contents/{path}", json.dumps(model).encode(), headers, method="PUT")
    urllib.request.build_opener(urllib.request.ProxyHandler({})).open(request, timeout=30).close()


def open_notebook(page, address, name):
    """Open a notebook in JupyterLab and wait until its kernel is there.

    Each page has a workspace of its own: in a shared one, a reload also restores the notebooks of other pages.
    """
    page.set_default_timeout(PATIENCE)
    page.goto(f"{address}/lab/workspaces/{uuid.uuid4().hex}/tree/{name}?token={TOKEN}")
    page.wait_for_function("() => window.jupyterapp && window.jupyterapp.shell.currentWidget?.context")
    wait_until_idle(page)


def run_notebook(window, address, name, height=1000):
    """Open a notebook on a fresh page and run all of it; returns the page."""
    page = window.new_page(viewport={"width": 1280, "height": height})
    open_notebook(page, address, name)
    assert run_all(page), "a cell stopped with an error"
    return page


def on_a_phone(window, address, name, width=412, height=800, dense=1):
    """The same on a page that is narrow and touched, without JupyterLab's sidebar; ``dense`` pixels for each."""
    context = window.new_context(viewport={"width": width, "height": height}, device_scale_factor=dense, has_touch=True)
    page = context.new_page()
    open_notebook(page, address, name)
    assert run_all(page), "a cell stopped with an error"
    page.evaluate("() => window.jupyterapp.commands.execute('application:toggle-left-area')")
    return page


def use_theme(page, name):
    page.evaluate(
        "name => window.jupyterapp.commands.execute('apputils:change-theme', {theme: `JupyterLab ${name}`})", name
    )
    light = "true" if name == "Light" else "false"
    page.wait_for_function("light => document.body.dataset.jpThemeLight === light", arg=light)
    page.wait_for_timeout(300)  # until colours that change slowly have arrived


def run_all(page, seconds=300):
    """Run every cell and wait for the last; returns whether none stopped with an error."""
    # The promise is kept on the page: waiting for it in evaluate() would run into the driver's own time limit.
    page.evaluate(
        """() => {
            window.ran = null;
            window.jupyterapp.commands.execute('notebook:run-all-cells').then(well => { window.ran = well; });
        }"""
    )
    page.wait_for_function("() => window.ran !== null", timeout=1000 * seconds)
    wait_until_idle(page)
    return page.evaluate("() => window.ran")


def save(page):
    """Save the open notebook, as a person does before closing the page; returns once it is written."""
    page.evaluate("() => window.jupyterapp.commands.execute('docmanager:save')")


def wait_until_idle(page):
    page.wait_for_function(
        "() => window.jupyterapp.shell.currentWidget.context.sessionContext.session?.kernel?.status === 'idle'"
    )


def draw(page, canvas, strokes):
    """Draw strokes, ``(k, 2)`` x, y in pixels of the pad, on the element ``canvas`` with the mouse."""
    canvas.scroll_into_view_if_needed()
    box = canvas.bounding_box()
    for stroke in strokes:
        points = [(box["x"] + x, box["y"] + y) for x, y in stroke.tolist()]
        page.mouse.move(*points[0])
        page.mouse.down()
        for point in points[1:]:
            page.mouse.move(*point)
        page.mouse.up()


def run_in_kernel(page, code):
    """Run code in a new cell at the end of the open notebook, as a person would, and wait for it."""
    page.evaluate(
        """async code => {
            const app = window.jupyterapp, notebook = app.shell.currentWidget.content;
            notebook.activeCellIndex = notebook.widgets.length - 1;
            await app.commands.execute('notebook:insert-cell-below');
            notebook.activeCell.model.sharedModel.setSource(code);
            window.ran = null;
            app.commands.execute('notebook:run-cell').then(() => { window.ran = true; });
        }""",
        code,
    )
    page.wait_for_function("() => window.ran !== null")
    wait_until_idle(page)


# How many of a canvas's pixels are dark, on the page itself.
INK = """canvas => {
    const rgba = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data;
    let dark = 0;
    for (let i = 0; i < rgba.length; i += 4) dark += rgba[i + 3] > 127 && rgba[i] < 128;
    return dark;
}"""


# Ends when the kernel has answered whatever the page has sent it so far. The widgets' events may go to a thread of the
# kernel that is not the cells', a subshell, and each of these has a queue of its own: an empty cell goes to every one.
ALL_ANSWERED = """async () => {
    const kernel = window.jupyterapp.shell.currentWidget.context.sessionContext.session.kernel;
    const listed = kernel.supportsSubshells ? await kernel.requestListSubshell({}).done : null;
    const answers = [null, ...(listed?.content.subshell_id ?? [])].map(subshell => {
        kernel.subshellId = subshell;
        return kernel.requestExecute({code: '', silent: true}).done;
    });
    kernel.subshellId = null;
    await Promise.all(answers);
}"""


class Pad:
    """A drawing pad on the page: what a person sees and does. ``view`` counts where it is shown more than once."""

    def __init__(self, page, view=0):
        self.page = page
        page.set_default_timeout(PATIENCE)
        self.root = page.locator(".digit-pad").nth(view)
        self.canvas = self.root.locator(".digit-canvas canvas:not(.local-ink)")
        self.canvas.wait_for()
        self.canvas.scroll_into_view_if_needed()

    def empty(self):
        if self.text() != "Nothing drawn yet.":
            self.click("Clear")
        self.expect("Nothing drawn yet.")
        return self

    def draw(self, strokes):
        draw(self.page, self.canvas, strokes)

    def click(self, name):
        # An icon before the name is a character of its own to the browser.
        self.root.get_by_role("button", name=re.compile(rf"(^|\s|\W){name}$")).click()

    def open(self, title):
        """Unfold a part below the canvas."""
        self.root.locator(COLLAPSED).filter(has_text=title).click()

    def text(self):
        return self.root.locator(".digit-answer").inner_text()

    def expect(self, start):
        """Wait until the answer begins like this."""
        expect(self.root.locator(".digit-answer")).to_have_text(re.compile("^" + re.escape(start)))

    def expect_ink(self, least, most=10**9, ink=INK):
        """Wait until so many of the canvas's pixels are dark, or what else the script ``ink`` counts.

        A stroke drawn in one go has up to 3 % fewer than one drawn piece by piece, whose soft edges overlap.
        """
        end = time.monotonic() + PATIENCE / 1000
        while not least <= (count := self.canvas.evaluate(ink)) <= most:
            assert time.monotonic() < end, f"{count} such pixels, not {least} to {most}"
            self.page.wait_for_timeout(50)

    def ink(self):
        return self.canvas.evaluate(INK)

    def ink_at_rest(self):
        """The dark pixels once no more come: an answer may stand before the stroke's last ink has arrived."""
        self.page.evaluate(ALL_ANSWERED)
        before, now = None, self.ink()
        while now != before:
            self.page.wait_for_timeout(500)
            before, now = now, self.ink()
        return now
