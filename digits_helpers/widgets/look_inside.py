"""Look inside: what every layer of the network makes of the drawing, drawn by the page (look_inside.js)."""

from pathlib import Path

import anywidget
import numpy as np
import traitlets

from digits_helpers.layers import convolve, max_pool, relu
from digits_helpers.widgets.handlers import guarded

LIMIT = 100_000  # bytes in an update; ten a second are then still light work for a slow connection
HALF = "<f2"  # float16, little-endian: two bytes a number, and right to three digits
NAMES = {"conv": "convolution", "pool": "pooling", "dense": "dense"}
CANNOT = "The layers of this model can't be shown: it must be built from single layers, each with one input."


class LookInside(anywidget.AnyWidget):
    """Every feature map as a small image, arranged like the network; they light up while you draw.

    Point at a map, or move to it with the keyboard, to see it enlarged, with its kernel and the nine products at one
    place. ``reader`` is the pad's: its ``predict``, a ``Predictor``, runs the network. ``show(reading)`` shows another
    ``DigitReading``, or None where there is none. While it's closed, nothing is computed and nothing is sent; while
    it's open, each update is one message.

    Built in lessons 03 (the layers) and 08 (the pad).
    """

    _esm = Path(__file__).with_name("look_inside.js")
    _css = Path(__file__).with_name("look_inside.css")

    opened = traitlets.Bool(False).tag(sync=True)
    # The input and every layer: its name, kind and shape; the step that leads to it, in words; how many of its maps
    # are sent; whether the page can work out its numbers from the layer before (detail); padding; and relu.
    layers = traitlets.List(traitlets.Dict()).tag(sync=True)
    maps = traitlets.Bytes().tag(sync=True)  # float16: all maps, one layer after the other; empty if nothing is drawn
    kernels = traitlets.Bytes().tag(sync=True)  # float16: kernel (3, 3, c, f) and bias (f,) of each "conv" with detail
    message = traitlets.Unicode().tag(sync=True)  # why there is nothing to see, in one line

    def __init__(self, reader):
        super().__init__()
        self._reader, self._reading = reader, None
        self._predict = None  # the predictor that ``layers`` describes
        self.observe(self._on_open, "opened")

    @guarded
    def show(self, reading):
        """Show what the layers make of another reading, or None."""
        self._reading = reading
        if self.opened:
            self._update()

    def on_error(self, _error):
        """Show one line instead: whatever a model is made of, the answer beside it must not suffer."""
        with self.hold_sync():
            self.layers, self.maps, self.kernels, self.message = [], b"", b"", CANNOT

    @guarded
    def _on_open(self, _change):
        if self.opened:
            self._update()

    def _update(self):
        predict, known = self._reader.predict, self._reader.predict is self._predict
        if known and not self.layers:
            return  # a model that can't be shown
        self._predict = predict
        with self.hold_sync():  # in one message
            described = predict.layers()
            if not known:
                self.layers, self.message = _layers(predict, described), ""
            self.kernels = _kernels(described, self.layers)  # sent when they have changed, as by training
            self.maps = self._maps() if self._reading else b""

    def _maps(self):
        image = self._reading.stages["centred"].astype(np.float32) / 255
        outputs = _outputs(self._predict, image, [layer["key"] for layer in self.layers])
        sent = [output[..., : layer["sent"]].ravel() for output, layer in zip(outputs, self.layers, strict=True)]
        largest = np.finfo(HALF).max
        return np.concatenate(sent).clip(-largest, largest).astype(HALF).tobytes()


def _outputs(predict, image, keys):
    """The input and the outputs of the layers, each ``(h, w, c)`` or ``(units,)``."""
    outputs = predict.activations(image)
    outputs = [image, *(outputs[key][0] for key in keys[1:])]
    return [output[..., np.newaxis] if output.ndim == 2 else output for output in outputs]


def _layers(predict, described):
    """What the page must know of the input and of every layer."""
    noise = np.random.default_rng(0).random((28, 28), np.float32)
    outputs = _outputs(predict, noise, ["", *(layer.name for layer in described)])
    if any(output.ndim not in (1, 3) for output in outputs):
        raise ValueError(CANNOT)
    sent = _how_many_fit([output.shape for output in outputs])
    layers = [_entry("", "input", "input", "", outputs[0].shape, sent[0])]
    counts = {}
    for number, layer in enumerate(described, 1):
        output, source = outputs[number], outputs[number - 1]
        kind = layer.kind
        if kind == "dense" and number == len(described) and output.shape == (10,):
            kind, name = "output", "output"
        else:
            counts[kind] = counts.get(kind, 0) + 1
            name = f"{NAMES[kind]} {counts[kind]}" if kind in NAMES else layer.name.replace("_", " ")
        entry = _entry(layer.name, kind, name, _step(layer, kind, output), output.shape, sent[number])
        # The page has to show the right numbers or none, so try whether the layer before leads to this one.
        whole = sent[number - 1] == source.shape[-1]
        entry |= {"detail": whole and _follows(layer, source, output), "padding": layer.padding, "relu": layer.relu}
        layers.append(entry)
    return layers


def _entry(key, kind, name, step, shape, sent):
    return {"key": key, "kind": kind, "name": name, "step": step, "shape": list(shape), "sent": sent, "detail": False}


def _step(layer, kind, output):
    """What leads from the layer before to this one, in words."""
    then = ", then ReLU" if layer.relu else ""
    return {
        "conv": f"3 × 3 kernels{then}",
        "pool": "the largest of each 2 × 2",
        "dense": f"weighted sums of all numbers above{then}",
        "output": "one probability per digit" if 0.999 < output.sum() < 1.001 else "one score per digit",
    }.get(kind, "")


def _follows(layer, source, output):
    """Whether a convolution or pooling makes ``output`` of ``source``."""
    if source.ndim != 3 or layer.kind not in ("conv", "pool"):
        return False
    source = np.pad(source, ((layer.padding,) * 2, (layer.padding,) * 2, (0, 0)))[np.newaxis]
    if layer.kind == "pool":
        expected = max_pool(source)[0]
    elif source.shape[-1] != layer.kernel.shape[2]:
        return False
    else:
        expected = convolve(source, layer.kernel, layer.bias)[0]
        expected = relu(expected) if layer.relu else expected
    return expected.shape == output.shape and bool(np.allclose(expected, output, atol=1e-3 * np.abs(output).max()))


def _kernels(described, layers):
    """The kernel and bias of every convolution whose numbers the page works out."""
    pairs = zip(described, layers[1:], strict=True)
    wanted = [layer for layer, entry in pairs if layer.kind == "conv" and entry["detail"]]
    parts = [part.ravel() for layer in wanted for part in (layer.kernel, layer.bias)]
    return np.concatenate(parts).astype(HALF).tobytes() if parts else b""


def _how_many_fit(shapes):
    """How many maps of each layer to send: all of them, or fewer of the largest layers until an update is small."""
    sent = [shape[-1] for shape in shapes]
    while True:
        sizes = [2 * int(np.prod(shape[:-1])) * count for shape, count in zip(shapes, sent, strict=True)]
        largest = int(np.argmax(sizes))
        if sum(sizes) <= LIMIT or sent[largest] == 1:
            return sent
        sent[largest] = (sent[largest] + 1) // 2
