"""How fast the drawing pad is, next to what was promised: python benchmarks/pad.py [STROKES.npz]

First from strokes to probabilities, in turns with `model.predict` alone: on the real drawings of STROKES.npz (in the
layout that drawn_digits.py reads), or without it on digits written by a program. Then, where Chromium is installed,
from a mouse move to ink on JupyterLab's page, in turns with the few lines of ipycanvas that draw by hand and do nothing
else. The ratios carry over to other machines, the times don't.
"""

import argparse
import os
import sys
import tempfile
import time
from contextlib import contextmanager
from pathlib import Path

import digits_helpers as dh

dh.quiet_tensorflow()

import nbformat  # noqa: E402
import numpy as np  # noqa: E402
from drawn_digits import place  # noqa: E402
from reading import row, seconds  # noqa: E402
from strokes_files import read_strokes  # noqa: E402

DRAWINGS = 300
ROWS, MOVES = 6, 10  # strokes in the browser, and mouse moves in each

PAD = """
import digits_helpers as dh

dh.DigitPad()
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

# Notes the time and place of each move, and checks on every frame of the page which of these places have ink by now.
WATCH = """canvas => {
    const context = canvas.getContext('2d');
    const scale = canvas.width / canvas.clientWidth;
    canvas.delays = [];
    canvas.waiting = [];
    canvas.addEventListener('mousemove', event => {
        if (event.buttons !== 1) return;
        canvas.waiting.push({x: scale * event.offsetX, y: scale * event.offsetY, since: performance.now()});
    });
    const hasInk = place => {
        const rgba = context.getImageData(place.x - 1, place.y - 1, 3, 3).data;
        for (let i = 0; i < rgba.length; i += 4) if (rgba[i + 3] > 50 && rgba[i] < 200) return true;
        return false;
    };
    const look = () => {
        const now = performance.now();
        canvas.waiting = canvas.waiting.filter(place => {
            const inked = hasInk(place);
            if (inked) canvas.delays.push(now - place.since);
            return !inked;
        });
        requestAnimationFrame(look);
    };
    look();
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


# From mouse move to ink


@contextmanager
def page_with_both(browser):
    """A page of JupyterLab that shows the pad and the plain canvas."""
    cells = [nbformat.v4.new_code_cell(code.strip()) for code in (PAD, PLAIN)]
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    notebook = nbformat.v4.new_notebook(cells=cells, metadata={"kernelspec": kernel})
    with tempfile.TemporaryDirectory() as scratch:
        source = Path(scratch) / "source"
        source.mkdir()
        nbformat.write(notebook, source / "pad.ipynb")
        with (
            browser.jupyter_lab(source, Path(scratch), dict(os.environ)) as address,
            browser.chromium() as window,
        ):
            yield browser.run_notebook(window, address, "pad.ipynb", height=2000)  # both cells are in view


def draw_row(page, canvas, number):
    """Draw a straight stroke with the mouse, at a hand's pace, and wait until all of it is on the page."""
    box = canvas.bounding_box()
    # Further apart than the brush is wide: the ink of one move must not cover the place of the next.
    points = [(box["x"] + 30 + 20 * step, box["y"] + 40 + 35 * number) for step in range(MOVES + 1)]
    page.mouse.move(*points[0])
    page.mouse.down()
    for point in points[1:]:
        page.mouse.move(*point)
        time.sleep(1 / 60)
    element = canvas.element_handle()
    page.wait_for_function("canvas => canvas.waiting.length === 0", arg=element, timeout=10_000)
    page.mouse.up()


def time_ink(page):
    """Milliseconds from each mouse move to its ink: on the pad, and on the plain canvas."""
    canvases = [page.locator(f".{name} canvas") for name in ("digit-pad", "plain")]
    for canvas in canvases:
        canvas.wait_for()
        canvas.evaluate(WATCH)
    for number in range(ROWS):
        for canvas in canvases:
            draw_row(page, canvas, number)
    return [np.array(canvas.evaluate("canvas => canvas.delays")) for canvas in canvases]


def report_ink():
    sys.path.append(str(Path(__file__).parents[1] / "tests"))
    try:
        import browser
    except ImportError:
        print("\nNothing measured in a browser: playwright is not installed.")
        return
    if browser.chromium_path() is None:
        print("\nNothing measured in a browser: no Chromium or Chrome is installed.")
        return
    with page_with_both(browser) as page:
        pad, plain = time_ink(page)
    print("\nFrom mouse move to ink, in JupyterLab (checked once per frame, 60 times a second)")
    row(f"the pad, median of {len(pad)}", f"{np.median(pad):.0f} ms")
    row(f"plain ipycanvas, median of {len(plain)}", f"{np.median(plain):.0f} ms")
    row("the pad, 95 % within", f"{np.percentile(pad, 95):.0f} ms")
    row("plain ipycanvas, 95 % within", f"{np.percentile(plain, 95):.0f} ms")
    row("ratio of the medians", f"{np.median(pad) / np.median(plain):.2f}")


def main():
    parser = argparse.ArgumentParser(description="How fast the drawing pad is, next to what was promised.")
    parser.add_argument("strokes", nargs="?", help="an .npz file with real strokes (default: digits by a program)")
    arguments = parser.parse_args()

    row("", "measured", "promised")
    report_answers(arguments.strokes)
    report_ink()


if __name__ == "__main__":
    main()
