"""How fast the drawing pad is, beside what was promised of it: python benchmarks/pad.py [STROKES.npz]

In one run: from strokes to probabilities, in turns with model.predict alone; on the real drawings of STROKES.npz (in
the layout that drawn_digits.py reads), or without it on digits written by a program. Then 10,000 mouse events, 1,000 a
second, and how long after the last one the answer stands: handed to the pad itself, which shows what the pad needs; as
messages to a pad in a kernel of its own, and to a canvas there that does nothing with them, which shows what the kernel
needs; and the same at half the rate. Where Chromium is installed, also the time from a mouse move to ink on the page
of JupyterLab, in turns with the few lines of ipycanvas that draw by hand and do nothing else; and events made on that
page, at a mouse's rate and at the full one. The times compare with each other, not with other machines.
"""

import argparse
import asyncio
import json
import os
import sys
import tempfile
import threading
import time
from contextlib import contextmanager
from pathlib import Path

import digits_helpers as dh

dh.quiet_tensorflow()

import nbformat  # noqa: E402
import numpy as np  # noqa: E402
from drawn_digits import place  # noqa: E402
from jupyter_client.manager import start_new_kernel  # noqa: E402
from strokes_files import read_strokes  # noqa: E402

DRAWINGS = 300
EVENTS, EVENTS_A_SECOND = 10_000, 1_000
HALF, FRAMES = EVENTS_A_SECOND // 2, 60  # a second
QUIET = 2  # seconds without any message after which the kernel has nothing more to say
ROWS, MOVES = 6, 10  # strokes in the browser, and mouse moves in each

PAD = """
import digits_helpers as dh

dh.quiet_tensorflow()
pad = dh.DigitPad(dh.load_pretrained())
pad
"""

# Of two layers the upper one takes the events.
LAYER = "\nlayer = pad._canvas._ink"

DEAF = """
import ipycanvas

deaf = ipycanvas.MultiCanvas(2, width=280, height=280)
layer = deaf[1]
"""

SHOW_DEAF = """
import ipywidgets

ipywidgets.Box([deaf]).add_class("deaf")
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

# Notes each move's time and place, and looks on every frame of the page which of the places have ink by now.
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

# Notes when the page last heard of the kernel. Its status comes after all that an event led to.
HEAR = """() => {
    const kernel = window.jupyterapp.shell.currentWidget.context.sessionContext.session.kernel;
    kernel.iopubMessage.connect(() => { window.heard = performance.now(); });
}"""

# Makes mouse events on the canvas at a pace; a mouse's own are joined to one a frame before a page sees them.
BURST = """(canvas, {points, pace}) => new Promise(resolve => {
    const box = canvas.getBoundingClientRect(), start = performance.now();
    let next = 0;
    const make = (name, [x, y]) => canvas.dispatchEvent(
        new MouseEvent(name, {clientX: box.x + x, clientY: box.y + y, bubbles: true, buttons: 1}));
    const step = () => {
        for (const due = (performance.now() - start) * pace / 1000; next < Math.min(due, points.length); next++)
            make(next === 0 ? 'mousedown' : next === points.length - 1 ? 'mouseup' : 'mousemove', points[next]);
        if (next < points.length) setTimeout(step);
        else resolve((window.last = performance.now()) - start);
    };
    step();
})"""


def row(what, measured, promised=""):
    print(f"{what:<44}{measured:>24}   {promised}".rstrip(), flush=True)


# From strokes to probabilities


def load_drawings(path):
    """Up to DRAWINGS drawings of all digits, as strokes on the pad's canvas, and a word on where they come from."""
    rng = np.random.default_rng(0)
    if path is None:
        return [dh.write_digit(number % 10, rng) for number in range(DRAWINGS)], "written by a program"
    drawings = [strokes for strokes, _ in read_strokes(path)]
    chosen = rng.permutation(len(drawings))[:DRAWINGS]
    return [place(drawings[number], rng) for number in chosen], "real"


def seconds(function, argument):
    start = time.perf_counter()
    function(argument)
    return time.perf_counter() - start


def time_answers(drawings):
    """Milliseconds of the pad's way and of model.predict, ``(n, 2)``, one drawing after the other."""
    model = dh.load_pretrained()
    predict = dh.Predictor(model)

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


# Ten thousand events


def long_stroke(count, size):
    """``(count, 2)``: an 8 on a canvas ``size`` wide, again and again, each a little larger than the one before."""
    loop = np.concatenate(dh.write_digit(8)) - 140
    growth = np.linspace(0.6, 1.1, count)[:, np.newaxis]
    return (140 + growth * np.resize(loop, (count, 2))) * size / 280


def as_events(points):
    """A stroke as the page tells of it."""
    names = ["mouse_down", *["mouse_move"] * (len(points) - 2), "mouse_up"]
    return [{"event": name, "x": x, "y": y} for name, (x, y) in zip(names, points.tolist(), strict=True)]


async def hand_over(layer, events, pace):
    """Hand events to a canvas as ipywidgets does; return when each was due and when it was done, in seconds."""
    start, done = time.perf_counter(), []
    due = start + np.arange(len(events)) / pace
    for event, moment in zip(events, due, strict=True):
        await asyncio.sleep(max(0, moment - time.perf_counter()))
        layer._handle_custom_msg(event, [])
        done.append(time.perf_counter())
    return due, np.array(done)


def report_burst_here():
    pad = dh.DigitPad(dh.load_pretrained())
    layer = pad._canvas._ink
    points = long_stroke(EVENTS, layer.width)
    due, done = asyncio.run(hand_over(layer, as_events(points), EVENTS_A_SECOND))
    if sum(map(len, pad.strokes)) != EVENTS - 1:  # the last event lifts the pen
        raise RuntimeError("Events got lost.")
    print(f"\n{EVENTS:,} mouse events handed to the pad, {EVENTS_A_SECOND:,} a second, without a kernel")
    row("last event to final answer", f"{1000 * (done[-1] - due[-1]):,.0f} ms", "200 ms")
    row("furthest behind", f"{1000 * (done - due).max():,.0f} ms")


def ask(client, code, **expressions):
    """Run ``code`` in the kernel; return the values of the expressions."""
    reply = client.execute(code, user_expressions=expressions, reply=True, timeout=120)["content"]
    if reply["status"] != "ok":
        raise RuntimeError("\n".join(reply["traceback"]))
    return [eval(reply["user_expressions"][name]["data"]["text/plain"]) for name in expressions]


def as_messages(client, comm, points):
    """A stroke as the messages that the page sends: their ids, and what goes over the wire."""
    ids, frames = [], []
    for event in as_events(points):
        data = {"method": "custom", "content": event}
        message = client.session.msg("comm_msg", {"comm_id": comm, "data": data})
        ids.append(message["header"]["msg_id"])
        frames.append(client.session.serialize(message))
    return ids, frames


def listen(client, heard, stop):
    """Take every message from the kernel as it comes, with its time; they are read later, when nothing is timed."""
    channel = client.iopub_channel.socket
    while not stop.is_set():
        if channel.poll(100):
            heard.append((time.perf_counter(), channel.recv_multipart()))


def send_all(client, messages, pace):
    """Send so many a second; return when each was sent."""
    start, sent = time.perf_counter(), []
    for number, message in enumerate(messages):
        time.sleep(max(0, start + number / pace - time.perf_counter()))
        client.shell_channel.socket.send_multipart(message)
        sent.append(time.perf_counter())
    return np.array(sent)


def read_heard(client, heard, ids):
    """When the kernel was done with each event, when it last changed a widget, and the last answer it showed."""
    number = {name: position for position, name in enumerate(ids)}
    done, changed, answer = np.full(len(ids), np.inf), -np.inf, ""
    for moment, frames in heard:
        message = client.session.deserialize(client.session.feed_identities(frames)[1])
        kind, content = message["msg_type"], message["content"]
        event = number.get(message["parent_header"].get("msg_id"))
        if kind == "status" and event is not None and content["execution_state"] == "idle":
            done[event] = moment
        elif kind == "comm_msg" and content["data"].get("method") == "update":
            changed = moment
            text = json.dumps(content["data"]["state"], ensure_ascii=False)
            answer = text if "digit-answer" in text else answer
    return done, changed, answer


def send_burst(code, text, pace):
    """Draw one stroke of EVENTS events, ``pace`` a second, on the canvas that ``code`` makes in a real kernel.

    Returns when each event was sent, when the kernel was done with it, and the seconds from the last one sent until
    all were done and the page had been told the answer, which the expression ``text`` gives.
    """
    manager, client = start_new_kernel(extra_arguments=["--IPKernelApp.log_level=ERROR"])
    heard, stop = [], threading.Event()
    listener = threading.Thread(target=listen, args=(client, heard, stop))
    try:
        listener.start()
        comm, size = ask(client, code, comm="layer.comm.comm_id", size="layer.width")
        ids, messages = as_messages(client, comm, long_stroke(EVENTS, size))
        sent = send_all(client, messages, pace)
        while time.perf_counter() - max(sent[-1], heard[-1][0]) < QUIET:
            time.sleep(0.1)
        (final,) = ask(client, "", final=text)
    finally:
        stop.set()
        listener.join()
        client.stop_channels()
        manager.shutdown_kernel(now=True)
    done, changed, answer = read_heard(client, heard, ids)
    if np.isinf(done).any() or final not in answer:
        raise RuntimeError(f"{np.isinf(done).sum()} events got lost; shown is {answer!r}, and the pad holds {final!r}.")
    return sent, done, max(done.max(), changed) - sent[-1]


def report_bursts(pace):
    print(f"\n{EVENTS:,} mouse events to a kernel, {pace:,} a second")
    for name, code, text in (("no handlers", DEAF, "''"), ("pad", PAD + LAYER, "pad.text")):
        sent, done, wait = send_burst(code, text, pace)
        queue = np.arange(1, len(sent) + 1) - np.searchsorted(np.sort(done), sent)  # sent and not done, at each event
        promised = ("200 ms", "no backlog") if name == "pad" else ("what the kernel alone needs", "")
        row(f"{name}: done, on average", f"{len(sent) / (done.max() - sent[0]):,.0f} a second")
        row(f"{name}: last event to final answer", f"{1000 * wait:,.0f} ms", promised[0])
        row(f"{name}: longest queue", f"{queue.max():,} events", promised[1])


# In a browser


def write_notebook(folder):
    cells = [nbformat.v4.new_code_cell(code.strip()) for code in (PAD, PLAIN, DEAF + SHOW_DEAF)]
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    nbformat.write(nbformat.v4.new_notebook(cells=cells, metadata={"kernelspec": kernel}), folder / "pad.ipynb")


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


@contextmanager
def page_with_all(browser):
    """A page of JupyterLab that shows the pad, the plain canvas and the one without handlers."""
    with tempfile.TemporaryDirectory() as scratch:
        scratch = Path(scratch)
        (scratch / "source").mkdir()
        write_notebook(scratch / "source")
        with (
            browser.jupyter_lab(scratch / "source", scratch, dict(os.environ)) as address,
            browser.chromium() as window,
        ):
            page = window.new_page(viewport={"width": 1280, "height": 2000})  # all cells are in view
            browser.open_notebook(page, address, "pad.ipynb")
            if not browser.run_all(page):
                raise RuntimeError("A cell of the notebook stopped with an error.")
            yield page


def time_burst(page, name, count, pace):
    """Seconds from the last of ``count`` mouse events on a canvas until the page had all messages they led to."""
    canvas = page.locator(f".{name} canvas")
    canvas.wait_for()
    canvas.evaluate(BURST, {"points": long_stroke(count, 280).tolist(), "pace": pace})
    page.wait_for_function("() => performance.now() - window.heard > 2000", timeout=180_000)
    return page.evaluate("() => window.heard - window.last") / 1000


def time_pixels(page):
    """Milliseconds from each mouse move to its ink: on the pad, and on the plain canvas."""
    canvases = [page.locator(f".{name} canvas") for name in ("digit-pad", "plain")]
    for canvas in canvases:
        canvas.wait_for()
        canvas.evaluate(WATCH)
    for number in range(ROWS):
        for canvas in canvases:
            draw_row(page, canvas, number)
    return [np.array(canvas.evaluate("canvas => canvas.delays")) for canvas in canvases]


def report_page_bursts(page):
    page.evaluate(HEAR)
    for count, pace in ((10 * FRAMES, FRAMES), (EVENTS, EVENTS_A_SECOND)):
        whose = "as a mouse's come, once a frame" if pace == FRAMES else "as only a script can"
        print(f"\n{count:,} mouse events on a canvas in JupyterLab, {pace:,} a second, {whose}")
        for name, what in (("deaf", "no handlers"), ("digit-pad", "pad")):
            promised = "200 ms" if name == "digit-pad" else "what page, server and kernel alone need"
            wait = time_burst(page, name, count, pace)
            row(f"{what}: last event to final answer", f"{1000 * wait:,.0f} ms", promised)


def report_browser():
    sys.path.append(str(Path(__file__).parents[1] / "tests"))
    try:
        import browser
    except ImportError:
        print("\nNothing measured in a browser: playwright is not installed.")
        return
    if browser.chromium_path() is None:
        print("\nNothing measured in a browser: no Chromium or Chrome is installed.")
        return
    with page_with_all(browser) as page:
        report_pixels(page)
        report_page_bursts(page)


def report_pixels(page):
    pad, plain = time_pixels(page)
    print("\nFrom mouse move to pixel, in JupyterLab (the page is looked at once a frame, 60 times a second)")
    row(f"the pad, median of {len(pad)}", f"{np.median(pad):.0f} ms")
    row(f"plain ipycanvas, median of {len(plain)}", f"{np.median(plain):.0f} ms")
    row("the pad, 95 % within", f"{np.percentile(pad, 95):.0f} ms")
    row("plain ipycanvas, 95 % within", f"{np.percentile(plain, 95):.0f} ms")
    row("ratio of the medians", f"{np.median(pad) / np.median(plain):.2f}", "beside the plain pattern")


def main():
    parser = argparse.ArgumentParser(description="How fast the drawing pad is, beside what was promised of it.")
    parser.add_argument("strokes", nargs="?", help="an .npz file with real strokes (default: digits by a program)")
    arguments = parser.parse_args()

    row("", "measured", "promised")
    report_answers(arguments.strokes)
    report_burst_here()
    for pace in (EVENTS_A_SECOND, HALF):
        report_bursts(pace)
    report_browser()


if __name__ == "__main__":
    main()
