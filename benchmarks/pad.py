"""How fast the drawing pad is, next to what was promised: python benchmarks/pad.py [STROKES.npz]

First from strokes to probabilities, in turns with `model.predict` alone: on the real drawings of STROKES.npz (in the
layout that drawn_digits.py reads), or without it on digits written by a program. Then, where Chromium is installed, on
JupyterLab's page, with the server on this machine, 100 ms and 300 ms away, and with a kernel that is busy: from a mouse
move to ink, in turns with the few lines of ipycanvas that draw by hand and do nothing else, and from the last move to
the answer. The ratios carry over to other machines, the times don't.
"""

import argparse
import ast
import os
import sys
import tempfile
import time
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import digits_helpers as dh

dh.quiet_tensorflow()

import nbformat  # noqa: E402
import numpy as np  # noqa: E402
from delay_proxy import DelayProxy  # noqa: E402
from drawn_digits import place  # noqa: E402
from reading import row, seconds  # noqa: E402
from strokes_files import read_strokes  # noqa: E402

DRAWINGS = 300
ROUND_TRIPS = [0, 100, 300]  # milliseconds to the server and back
ROWS, MOVES = 6, 10  # strokes on each canvas, and mouse moves in each
ANSWERS = 5  # strokes whose answer is awaited, for each way that a stroke can end
PACE = 1 / 60  # seconds from one mouse move to the next

PAD = """
import digits_helpers as dh

pad = dh.DigitPad()
pad
"""

PLAIN = """
import ipywidgets
from ipycanvas import Canvas

canvas = Canvas(width=280, height=280)
last = None

def start(x, y):
    global last
    last = x, y

def move(x, y):
    global last
    if last is not None:
        canvas.stroke_line(*last, x, y)
        last = x, y

def stop(x, y):
    global last
    last = None

canvas.on_mouse_down(start)
canvas.on_mouse_move(move)
canvas.on_mouse_up(stop)
ipywidgets.Box([canvas]).add_class("plain")
"""

BUSY = """
import time

end = time.monotonic() + 5
while time.monotonic() < end:
    pass
"""

# Most of a zero. Its last move is the one that turns a 3 into a 0, so a late answer shows.
ZERO = [(140 + 70 * np.sin(turn), 140 - 90 * np.cos(turn)) for turn in np.linspace(0, 1.44 * np.pi, 19)]

# Notes the time and place of each move, and checks on every frame of the page which of these places have ink by now, on
# any layer. An event's own time is when the browser received it: waiting for a busy page counts.
WATCH_INK = """box => {
    const near = (layer, place) => {
        const {left, top, width, height} = layer.getBoundingClientRect();
        const x = (place.x - left) * layer.width / width, y = (place.y - top) * layer.height / height;
        return layer.getContext('2d').getImageData(x - 1, y - 1, 3, 3).data;
    };
    const isInk = (layer, place) => {
        const rgba = near(layer, place);
        for (let i = 0; i < rgba.length; i += 4) if (rgba[i + 3] > 50 && rgba[i] < 200) return true;
        return false;
    };
    const hasInk = (place, layers) => [...box.querySelectorAll(layers)].some(layer => isInk(layer, place));
    const look = () => {
        const now = performance.now();
        for (const place of box.moves) if (!place.delay && hasInk(place, 'canvas')) place.delay = now - place.since;
        requestAnimationFrame(look);
    };
    box.moves = [];
    box.withoutInk = layers => box.moves.filter(place => !hasInk(place, layers)).length;
    box.addEventListener('pointermove', event => {
        if (event.buttons === 1) box.moves.push({x: event.clientX, y: event.clientY, since: event.timeStamp});
    }, true);
    look();
}"""

# Notes when the page shows which answer, checked on every frame, and when the latest move came.
WATCH_ANSWER = """pad => {
    const look = () => {
        const text = pad.querySelector('.digit-answer').textContent;
        if (text !== pad.answers.at(-1)?.text) pad.answers.push({text, since: performance.now()});
        requestAnimationFrame(look);
    };
    pad.answers = [];
    pad.addEventListener('pointermove', event => { if (event.buttons === 1) pad.lastMove = event.timeStamp; }, true);
    look();
}"""

KERNEL = "window.jupyterapp.shell.currentWidget.context.sessionContext.session.kernel"

# The value of a Python expression in the notebook's kernel, as text.
ASK = f"""async value => {{
    const reply = await {KERNEL}.requestExecute({{code: '', silent: true, user_expressions: {{value}}}}).done;
    return reply.content.user_expressions.value.data['text/plain'];
}}"""

START = f"""code => {{
    window.busy = true;
    {KERNEL}.requestExecute({{code}}).done.then(() => {{ window.busy = false; }});
}}"""

# The milliseconds that the server takes to answer a short question.
PING = """async () => {
    const times = [];
    for (let i = 0; i < 5; i++) {
        const start = performance.now();
        await (await fetch('/api')).text();
        times.push(performance.now() - start);
    }
    return times.sort((a, b) => a - b)[2];
}"""


# From strokes to probabilities


def load_drawings(path):
    """Up to DRAWINGS drawings of all digits, as strokes on the pad's canvas, and a word on where they come from."""
    rng = np.random.default_rng(0)
    if path is None:
        return [dh.write_digit(number % 10, rng) for number in range(DRAWINGS)], "written by a program"
    drawings = [strokes for strokes, _ in read_strokes(path)]
    chosen = rng.permutation(len(drawings))[:DRAWINGS]
    return [place(drawings[number], rng) for number in chosen], "real"


def time_answers(drawings):
    """Milliseconds of the pad's way and of ``model.predict``, ``(n, 2)``, one drawing after the other."""
    predict, model = dh.Predictor(), dh.load_pretrained()

    def read(strokes):
        return predict(dh.prepare(dh.rasterize(strokes)))

    def plainly(image):
        return model.predict(image, verbose=0)

    pairs = [(strokes, dh.prepare(dh.rasterize(strokes))[np.newaxis, :, :, np.newaxis]) for strokes in drawings]
    for strokes, image in pairs[:5]:  # both warm up
        read(strokes), plainly(image)
    return 1000 * np.array([(seconds(read, strokes), seconds(plainly, image)) for strokes, image in pairs])


def report_answers(path):
    drawings, kind = load_drawings(path)
    points = np.median([sum(map(len, strokes)) for strokes in drawings])
    pad, plain = time_answers(drawings).T
    print(f"\nFrom strokes to probabilities: {len(drawings)} drawings, {kind}, of {points:.0f} points (median)")
    row("the pad's way, median", f"{np.median(pad):.2f} ms")
    row("the pad's way, 95 % within", f"{np.percentile(pad, 95):.2f} ms", "under 10 ms")
    row("model.predict alone, median", f"{np.median(plain):.1f} ms")
    row("how many times faster", f"{np.median(plain) / np.median(pad):.1f}", "at least 15")


# On the page


@contextmanager
def page_with_both(browser):
    """A page of JupyterLab that shows the pad and the plain canvas, and the proxy between the page and the server."""
    cells = [nbformat.v4.new_code_cell(code.strip()) for code in (PAD, PLAIN)]
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    notebook = nbformat.v4.new_notebook(cells=cells, metadata={"kernelspec": kernel})
    with tempfile.TemporaryDirectory() as scratch:
        source = Path(scratch) / "source"
        source.mkdir()
        nbformat.write(notebook, source / "pad.ipynb")
        with (
            browser.jupyter_lab(source, Path(scratch), dict(os.environ)) as server,
            DelayProxy(urlsplit(server).port) as proxy,
            browser.chromium() as window,
        ):
            address = f"http://127.0.0.1:{proxy.port}"
            yield browser.run_notebook(window, address, "pad.ipynb", height=2000), proxy  # both cells are in view


class Surface:
    """A canvas on the page, ``pad`` or ``plain``, watched for ink."""

    def __init__(self, page, box, clear):
        self.page, self.box, self._clear = page, page.locator(box), clear
        self.canvas = self.box.locator("canvas:not(.local-ink)")
        self.canvas.wait_for()
        self.box.evaluate(WATCH_INK)

    def clear(self):
        self.page.evaluate(ASK, self._clear)
        self.wait_until("box.withoutInk('canvas') === box.moves.length")
        self.box.evaluate("box => { box.moves = []; }")

    def wait_until(self, condition):
        self.page.wait_for_function(f"box => {condition}", arg=self.box.element_handle())

    def wait_for_ink(self):
        self.wait_until("box.moves.every(place => place.delay)")

    def draw(self, points, release=True):
        """Draw a stroke with the mouse at a hand's pace; ``points`` are in pixels of the page from the corner."""
        corner = self.canvas.bounding_box()
        for number, (x, y) in enumerate(points):
            self.page.mouse.move(corner["x"] + x, corner["y"] + y)
            if number == 0:
                self.page.mouse.down()
            elif number < len(points) - 1:
                time.sleep(PACE)
        if release:
            self.page.mouse.up()

    def delays(self):
        """Milliseconds from each move to its ink."""
        return np.array(self.box.evaluate("box => box.moves.map(place => place.delay)"))

    def without_ink(self):
        """How many moves have no ink of the kernel's."""
        return self.box.evaluate("box => box.withoutInk('canvas:not(.local-ink)')")


def row_of_points(number):
    # Further apart than the brush is wide: the ink of one move must not cover the place of the next.
    return [(30 + 20 * step, 40 + 35 * number) for step in range(MOVES + 1)]


def time_ink(surfaces):
    """Milliseconds from each mouse move to its ink on each surface, one stroke after the other in turns."""
    for surface in surfaces:
        surface.clear()
    for number in range(ROWS):
        for surface in surfaces:
            surface.draw(row_of_points(number))
            surface.wait_for_ink()
    return [surface.delays() for surface in surfaces]


def time_ink_while_busy(surface, all_answered):
    """The same on one surface, with a kernel that is busy as long as the drawing takes."""
    surface.clear()
    surface.page.evaluate(START, BUSY)
    for number in range(ROWS):
        surface.draw(row_of_points(number))
    if not surface.page.evaluate("window.busy"):
        raise RuntimeError("The cell had ended before everything was drawn: this machine is too slow for it.")
    surface.wait_for_ink()
    surface.page.evaluate(all_answered)
    return surface.delays()


def lost_points(drawn, strokes):
    """How many points of the strokes ``drawn`` are further than a pixel from every point of ``strokes``."""
    kept = np.concatenate([np.empty((0, 2)), *strokes])
    return sum(not (np.hypot(*(kept - point).T) <= 1).any() for stroke in drawn for point in stroke)


def time_answer(surface, release, all_answered):
    """Milliseconds from the last mouse move to the answer to the whole stroke; infinite if it never came."""
    page, pad = surface.page, surface.page.locator(".digit-pad")
    surface.clear()
    pad.evaluate("pad => { pad.answers = []; }")
    surface.draw(ZERO, release)
    page.evaluate(all_answered)
    page.wait_for_timeout(100)
    expected = ast.literal_eval(page.evaluate(ASK, "pad.reader.words(pad.reader.read(pad.canvas.drawing))"))
    last_move, answer = pad.evaluate("pad => [pad.lastMove, pad.answers.at(-1)]")
    page.mouse.up()
    if answer["text"] != expected:
        return np.inf
    if answer["since"] < last_move:
        raise RuntimeError(f"The page showed {expected!r} before the last move, so it can't be timed.")
    return answer["since"] - last_move


def median_and_95(times):
    return f"{np.median(times):.0f} / {np.percentile(times, 95, method='higher'):.0f} ms"


def line(what, pad, plain="", promised=""):
    print(f"{what:<42}{pad:>16}{plain:>18}   {promised}".rstrip(), flush=True)


def report_page():
    sys.path.append(str(Path(__file__).parents[1] / "tests"))
    try:
        import browser
    except ImportError:
        print("\nNothing measured in a browser: playwright is not installed.")
        return
    if browser.chromium_path() is None:
        print("\nNothing measured in a browser: no Chromium or Chrome is installed.")
        return
    with page_with_both(browser) as (page, proxy):
        report_ink_and_answers(page, proxy, browser.ALL_ANSWERED)


def report_ink_and_answers(page, proxy, all_answered):
    pad = Surface(page, ".digit-canvas", "pad.clear()")
    plain = Surface(page, ".plain", "canvas.clear()")
    page.locator(".digit-pad").evaluate(WATCH_ANSWER)
    pad.draw(ZERO), plain.draw(ZERO)  # both warm up
    answers = []

    print("\nIn JupyterLab, checked once per frame, 60 times a second; median and 95 % within")
    line("From mouse move to ink", "the pad", "plain ipycanvas", "promised")
    for milliseconds in ROUND_TRIPS:
        proxy.round_trip = milliseconds / 1000
        measured = page.evaluate(PING)
        away = f"server {milliseconds} ms away (measured: {measured:.0f})"
        line(f"  {away}", *map(median_and_95, time_ink([pad, plain])), "95 % within 20 ms")
        for end, release in {"button still down": False, "released at once": True}.items():
            late = [time_answer(pad, release, all_answered) - measured for _ in range(ANSWERS)]
            answers.append((f"  server {milliseconds} ms away, {end}", late))
    proxy.round_trip = 0
    busy = [time_ink_while_busy(surface, all_answered) for surface in (pad, plain)]
    line("  while a five-second cell is running", *map(median_and_95, busy), "95 % within 20 ms")

    line("Drawn during that cell, and lost", "the pad", "plain ipycanvas", "promised")
    drawn = [row_of_points(number) for number in range(ROWS)]
    strokes = ast.literal_eval(page.evaluate(ASK, "[stroke.tolist() for stroke in pad.strokes]"))
    line("  points, from the kernel's strokes", f"{lost_points(drawn, strokes)} of {ROWS * (MOVES + 1)}", "", "0")
    without_ink = [f"{surface.without_ink()} of {ROWS * MOVES}" for surface in (pad, plain)]
    line("  moves, from the page's ink", *without_ink, "0")

    line("From the last move to the answer, less the round trip", "")
    for what, late in answers:
        line(what, median_and_95(late), "", "at most 50 ms")


def main():
    parser = argparse.ArgumentParser(description="How fast the drawing pad is, next to what was promised.")
    parser.add_argument("strokes", nargs="?", help="an .npz file with real strokes (default: digits by a program)")
    arguments = parser.parse_args()

    row("", "measured", "promised")
    report_answers(arguments.strokes)
    report_page()


if __name__ == "__main__":
    main()
