"""A page for the pads without a browser: the events that it sends, and what it shows of the commands it receives."""

import datetime
import io
import itertools
import json
import sys
import weakref
from concurrent.futures import ThreadPoolExecutor

import ipywidgets as widgets
import numpy as np
from ipycanvas import Canvas, MultiCanvas
from ipycanvas.canvas import COMMANDS
from PIL import Image

from digits_helpers.widgets.canvas import LocalInk
from digits_helpers.widgets.handlers import MANAGER
from digits_helpers.widgets.smooth import smooth

SHARPNESS = 2  # canvas pixels for each pixel of the page
NAMES = {number: name for name, number in COMMANDS.items()}
PRESSES = ("mouse_down", "touch_start")

# What the page sends


def controls(widget):
    """Every widget inside ``widget``, in the order of the page."""
    for child in getattr(widget, "children", ()):
        yield child
        yield from controls(child)


def layers(pad):
    """The two ipycanvas layers of a pad or a canvas: the ground, and the ink above it, which receives the events."""
    canvas = next(one for one in controls(pad) if isinstance(one, MultiCanvas))
    return canvas[0], canvas[1]


def send(pad, event, x=0, y=0, touches=None, announced=True, view="a view"):
    """Send an event as the page does; ``x`` and ``y``, and the fingers in ``touches``, are in pixels of the page.

    When a stroke begins, the page first announces it by a name, and draws it by itself. It announces nothing where a
    browser sends a touch again, as if it came from a mouse, and where the module that draws couldn't be loaded.
    """
    if announced and event in PRESSES and (touches is None or len(touches) == 1):
        _announce_stroke(pad, view)
    content = {"event": event, "x": SHARPNESS * x, "y": SHARPNESS * y}
    if touches is not None:
        content["touches"] = [{"x": SHARPNESS * x, "y": SHARPNESS * y} for x, y in touches]
    deliver(layers(pad)[1], content)


_numbers = itertools.count(1)
_by_itself = weakref.WeakKeyDictionary()  # for each LocalInk, the strokes that each of its views draws by itself


def _announce_stroke(pad, view):
    """ipycanvas sends the name as a key, in the order of its other events."""
    ink, name = next(one for one in controls(pad) if isinstance(one, LocalInk)), f"{view}-{next(_numbers)}"
    _by_itself.setdefault(ink, {}).setdefault(view, []).append(name)
    modifiers = {"shift_key": False, "ctrl_key": False, "meta_key": False}
    deliver(layers(pad)[1], {"event": "key_down", "key": f"stroke {name}", **modifiers})


def deliver(layer, content):
    """What ipycanvas does when a message of the page arrives: it calls the callbacks that were registered."""
    layer._handle_frontend_event(layer, content, [])


def draw(pad, strokes):
    """Draw strokes with the mouse."""
    for stroke in strokes:
        (x, y), *rest = np.asarray(stroke).tolist()
        send(pad, "mouse_down", x, y)
        for x, y in rest:
            send(pad, "mouse_move", x, y)
        send(pad, "mouse_up", x, y)


def click(pad, name):
    next(one for one in controls(pad) if isinstance(one, widgets.Button) and one.description == name).click()


def choose(pad, description, value):
    """Change a setting by its control."""
    next(one for one in controls(pad) if getattr(one, "description", None) == description).value = value


def upload(pad, content):
    """Choose a file with these bytes on the page, in ipywidgets 8 or 7."""
    control = next(one for one in controls(pad) if isinstance(one, widgets.FileUpload))
    if int(widgets.__version__.split(".")[0]) >= 8:
        file = {"name": "a.png", "type": "image/png", "size": len(content), "content": memoryview(content)}
        control.value = (file | {"last_modified": datetime.datetime(2026, 11, 21, tzinfo=datetime.UTC)},)
    else:
        control.set_trait("value", {"a.png": {"metadata": {}, "content": content}})


def png(array):
    """An image as the bytes of a PNG file."""
    file = io.BytesIO()
    Image.fromarray(array).save(file, "PNG")
    return file.getvalue()


def on_two_threads(use, things):
    """Call ``use`` with both things at the same time, with as many switches between the threads as Python allows."""
    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        with ThreadPoolExecutor(2) as threads:
            list(threads.map(use, things))
    finally:
        sys.setswitchinterval(interval)


# What the page shows


class Page:
    """Receives ipycanvas's messages in place of a browser, and knows what every canvas shows.

    ``messages`` holds the drawing commands of each message, as pairs of the canvas's id and the command's name. Pads
    that existed before get everything with the event ``client_ready``, as on a page that has just been opened.
    ``settled`` holds what the strokes that the page drew by itself have come to: True for each time that the page was
    told to leave them to ipycanvas, False for each time that it was told to drop them.
    """

    def __init__(self, monkeypatch):
        Canvas().clear()  # so that the first command of every other canvas says which one it is for
        self.messages, self.settled = [], []
        self._shown = {}
        self._current = None
        self.receive = self._receive  # can be replaced to make the connection fail
        monkeypatch.setattr(MANAGER, "send", lambda *message, **named: self.receive(*message, **named))
        self.on_settled = self._settle
        monkeypatch.setattr(LocalInk, "send", lambda _ink, *message: self.on_settled(*message))

    def drawn_by_itself(self, pad):
        """The names of the strokes that the page still shows by itself, on top of ipycanvas's."""
        return [name for one in controls(pad) for names in _by_itself.get(one, {}).values() for name in names]

    def ink(self, pad):
        """The strokes that a pad's upper layer shows, a list of ``(k, 2)`` float32 arrays in pixels of the page.

        A smooth line counts as the stroke that it was made from, if that is one of the drawing's.
        """
        lines = [np.array(line, np.float32) / SHARPNESS for line in self.layer(layers(pad)[1]).strokes]
        strokes = getattr(pad, "canvas", pad).drawing.strokes
        return [next((stroke for stroke in strokes if _shows(line, stroke)), line) for line in lines]

    def boxes(self, pad):
        """The boxes that a pad's lower layer shows, a list of left, top, right, bottom in pixels of the page."""
        return [np.divide(box, SHARPNESS).tolist() for box in self.layer(layers(pad)[0]).boxes]

    def labels(self, pad):
        """The texts beside those boxes."""
        return self.layer(layers(pad)[0]).texts

    def shows_picture(self, pad):
        return self.layer(layers(pad)[0]).picture

    def layer(self, canvas):
        return self._shown.setdefault(canvas.model_id, Layer())

    def _settle(self, content, _buffers=None):
        """Up to this stroke, the kernel's ink is there or gone: the page doesn't show it by itself any more."""
        for names in [names for views in _by_itself.values() for names in views.values()]:
            if content["settled"] in names:
                del names[: names.index(content["settled"]) + 1]
                self.settled.append(content["kept"])

    def _receive(self, _content, buffers):
        commands = json.loads(bytes(buffers[0]))
        buffers = iter(buffers[1:])
        self.messages.append([])
        for number, *arguments in commands if isinstance(commands[0], list) else [commands]:
            name = NAMES[number]
            if name == "switchCanvas":
                self._current = arguments[0][0].removeprefix("IPY_MODEL_")
                continue
            self.messages[-1].append((self._current, name))
            count = arguments[1] if len(arguments) > 1 else 0
            data = [next(buffers) for _ in range(count)]
            self._shown.setdefault(self._current, Layer()).execute(name, arguments[0] if arguments else [], data)


def _shows(line, stroke):
    """Whether the line shows the stroke: smooth, or smooth as far as it was when the canvas was last drawn again."""
    looks = (np.concatenate([smooth(stroke[:count]), stroke[count:]]) for count in range(len(stroke), 0, -1))
    return any(len(look) == len(line) and np.allclose(look, line, atol=1e-3) for look in looks)


class Layer:
    """What one canvas shows: ``strokes`` and ``boxes`` in its own pixels, ``texts``, and whether there is a picture."""

    def __init__(self):
        self.strokes, self.boxes, self.texts, self.picture = [], [], [], False
        self.commands = 0

    def execute(self, name, arguments, buffers):
        self.commands += 1
        if name == "clear":
            self.strokes, self.boxes, self.texts, self.picture = [], [], [], False
        elif name == "fillCircle":
            self.strokes.append([arguments[:2]])
        elif name == "strokeLines":
            self._go_on(np.frombuffer(buffers[0], arguments[0]["dtype"]).reshape(arguments[0]["shape"]).tolist())
        elif name == "strokeRect":
            left, top, width, height = arguments
            self.boxes.append((left, top, left + width, top + height))
        elif name == "fillText":
            self.texts.append(arguments[0])
        elif name == "putImageData":
            self.picture = True

    def _go_on(self, points):
        if self.strokes and np.allclose(self.strokes[-1][-1], points[0]):
            self.strokes[-1] += points[1:]
        else:
            self.strokes.append(points)


class Updates:
    """Counts what the widgets send to the page besides drawing commands: ``count`` messages with ``size`` bytes."""

    def __init__(self, monkeypatch):
        self.count = self.size = 0
        monkeypatch.setattr(widgets.Widget, "send_state", lambda widget, key=None: self._add(widget.get_state(key)))

    def _add(self, state):
        self.count += bool(state)  # where nothing has changed, nothing is sent
        binary = [value for value in state.values() if isinstance(value, bytes)]
        self.size += sum(map(len, binary))
        self.size += len(json.dumps({name: value for name, value in state.items() if not isinstance(value, bytes)}))
