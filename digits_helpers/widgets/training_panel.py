"""Watch a network learn: curves that grow with every epoch, and a panel to try settings in."""

import base64
import contextlib
import html
import io
import math
import threading
import time
from dataclasses import dataclass

import ipywidgets as widgets
import keras
import numpy as np
from matplotlib.figure import Figure

from digits_helpers.network import build_cnn
from digits_helpers.training import compile_with_schedule
from digits_helpers.widgets.answer import announced

BATCH_SIZES = (32, 64, 128, 256)


def draw_curves(history, earlier=()):
    """A figure of loss and accuracy after each epoch, for the training and the validation images.

    ``history`` is a dictionary like the ``history`` that ``fit`` returns in its History: ``loss``, ``accuracy``,
    ``val_loss`` and ``val_accuracy``, each a list with a number an epoch. ``earlier`` holds other such dictionaries,
    whose validation curves are drawn faint behind. The figure is not pyplot's, so that a callback may draw it.

    >>> draw_curves({"loss": [0.3], "val_loss": [0.1], "accuracy": [0.9], "val_accuracy": [0.97]}).axes[1].get_ylabel()
    'accuracy'
    """
    figure = Figure(figsize=(8, 3), layout="constrained")
    for axes, measure in zip(figure.subplots(1, 2), ["loss", "accuracy"], strict=True):
        for old in earlier:
            _plot(axes, old, f"val_{measure}", color="grey", alpha=0.4)
        _plot(axes, history, measure, color="C0", linestyle="--", marker="o", label="training")
        _plot(axes, history, f"val_{measure}", color="C1", marker="s", label="validation")
        axes.set(xlabel="epoch", ylabel=measure, title=f"{measure} after each epoch")
        axes.xaxis.get_major_locator().set_params(integer=True)
        axes.legend()
    return figure


def _plot(axes, history, name, **style):
    values = history.get(name, [])
    axes.plot(range(1, len(values) + 1), values, **style)


class LiveCurves(keras.callbacks.Callback):
    """A Keras callback whose ``widget`` shows the curves, drawn anew after every epoch.

    Display ``widget``, then hand the callback to ``fit``. ``history`` holds the numbers of the training that runs or
    ran last. Used for a second training, it keeps the first one as faint curves (``earlier``, a list of histories).

    >>> curves = LiveCurves()
    >>> curves.on_train_begin()
    >>> curves.on_epoch_end(0, {"loss": 0.3, "val_loss": 0.1, "accuracy": 0.9, "val_accuracy": 0.97})
    >>> curves.history["val_accuracy"]
    [0.97]
    """

    def __init__(self):
        super().__init__()
        self.history, self.earlier = {}, []
        self.widget = widgets.HTML("The curves appear after the first epoch.")

    def on_train_begin(self, logs=None):
        if self.history:
            self.earlier.append(self.history)
            self.history = {}

    def on_epoch_end(self, epoch, logs=None):
        for name, value in logs.items():
            self.history.setdefault(name, []).append(float(value))
        numbers = ", ".join(f"{name} {values[-1]:.4f}" for name, values in self.history.items())
        self.widget.value = as_html(draw_curves(self.history, self.earlier), f"After epoch {epoch + 1}: {numbers}")


def as_html(figure, alt):
    """``figure`` as an HTML image that carries its own bytes; ``alt`` says in words what it shows.

    >>> as_html(Figure(), "An empty figure")[:27]
    '<img alt="An empty figure" '
    """
    png = io.BytesIO()
    figure.savefig(png, format="png")
    return f'<img alt="{html.escape(alt)}" src="data:image/png;base64,{base64.b64encode(png.getvalue()).decode()}">'


@dataclass
class Run:
    """One training in a panel: its settings, the numbers after each epoch, the network, and how it ended."""

    settings: dict
    history: dict
    model: keras.Model
    ended: str

    def __str__(self):
        text = f"epochs {self.settings['epochs']}, batch size {self.settings['batch_size']}: {self.ended}"
        accuracies = self.history.get("val_accuracy")
        if not accuracies:
            return text
        return f"{text}; best validation accuracy {max(accuracies):.2%}, after epoch {np.argmax(accuracies) + 1}"


class TrainingPanel(widgets.VBox):
    """Choose epochs and batch size, press Train, and watch a new network learn.

    ``x`` and ``x_val``, arrays or tensors, are ``(n, 28, 28, 1)`` float32 in [0, 1], ``y`` and ``y_val`` their ``(n,)``
    integer labels 0 to 9; the network learns from the first pair and is watched on the second. Raises ``ValueError``
    for images of another shape or range and for other labels. ``build`` makes the network, not yet compiled.

    Every training is kept in ``runs``, each a ``Run`` with ``settings``, ``history``, ``model`` and ``ended``; its
    network has the weights of the epoch with the best validation accuracy.

    >>> import numpy as np
    >>> x, y = np.zeros((20, 28, 28, 1), np.float32), np.zeros(20, np.uint8)
    >>> panel = TrainingPanel(x, y, x, y)
    >>> len(panel.train(epochs=2, batch_size=10)["loss"])
    2
    """

    def __init__(self, x, y, x_val, y_val, build=build_cnn):
        y, y_val = np.asarray(y), np.asarray(y_val)
        for images, labels in [(x, y), (x_val, y_val)]:
            _check(images, labels)
        self.x, self.y, self.validation = x, y, (x_val, y_val)
        self.build = build
        self.runs = []
        self.curves = LiveCurves()
        self.epochs = widgets.IntSlider(3, 1, 10, description="Epochs")
        self.batch_size = widgets.Dropdown(options=BATCH_SIZES, value=128, description="Batch size")
        self.button = widgets.Button(description="Train", button_style="primary")
        self.button.on_click(self._clicked)
        self.progress = widgets.IntProgress(description="Progress")
        self.status = widgets.HTML()
        self._say("Nothing trained yet.")
        self._training = threading.Lock()  # some ipykernels run a click on another thread while a cell trains
        self._ended = -math.inf
        controls = widgets.HBox([self.epochs, self.batch_size, self.button])
        super().__init__([controls, self.progress, self.status, self.curves.widget])

    def __repr__(self):
        return "\n".join(["TrainingPanel", *(f"run {n}: {run}" for n, run in enumerate(self.runs, 1))])

    def train(self, epochs=None, batch_size=None):
        """Train a new network and return its history; what is not given is taken from the controls.

        Interrupting the kernel ends the training early and keeps what it has reached. Any other error is shown in the
        status line and raised, such as ``ValueError`` for numbers below 1. Raises ``RuntimeError`` while another
        training of this panel is running.
        """
        if not self._training.acquire(blocking=False):
            raise RuntimeError("This panel is training already: wait until it is done, or interrupt the kernel.")
        self.button.disabled = True
        try:
            epochs = self.epochs.value if epochs is None else epochs
            batch_size = self.batch_size.value if batch_size is None else batch_size
            return self._train(epochs, batch_size)
        except Exception as error:
            self._say(f"Training stopped with {type(error).__name__}: {error}")
            raise
        finally:
            self.button.disabled = False
            self._ended = time.monotonic()
            self._training.release()

    def _train(self, epochs, batch_size):
        if epochs < 1 or batch_size < 1:
            raise ValueError(f"epochs and batch_size must be 1 or more, not {epochs} and {batch_size}.")
        model = self.build()
        compile_with_schedule(model, len(self.x), epochs, batch_size)
        keep_best = keras.callbacks.EarlyStopping("val_accuracy", mode="max", patience=3, restore_best_weights=True)
        self.curves.on_train_begin()
        self.curves.history = {}  # shared with this run alone, also where the one before ended in its first epoch
        run = Run({"epochs": epochs, "batch_size": batch_size}, self.curves.history, model, "stopped by an error")
        self.runs.append(run)
        self._say(f"Run {len(self.runs)}: training. To stop early, interrupt the kernel (Kernel → Interrupt Kernel).")
        try:
            callbacks = [keep_best, self._progress_bar(epochs, batch_size), self.curves]
            model.fit(
                self.x, self.y, batch_size, epochs, verbose=0, validation_data=self.validation, callbacks=callbacks
            )
            run.ended = "finished"
        except KeyboardInterrupt:
            run.ended = "interrupted"
        finally:
            keep_best.on_train_end()  # puts the best epoch's weights back, however the training ended
        self._say(f"Run {len(self.runs)}: {run}.")
        return run.history

    def _progress_bar(self, epochs, batch_size):
        self.progress.value, self.progress.max = 0, epochs * math.ceil(len(self.x) / batch_size)

        def advance(batch, logs):
            self.progress.value += 1

        return keras.callbacks.LambdaCallback(on_train_batch_end=advance)

    def _clicked(self, button):
        # While the kernel trains, clicks wait in a queue. One that comes out right afterwards was a double click.
        if time.monotonic() - self._ended > 0.5:
            with contextlib.suppress(Exception):  # the status line has told it
                self.train()

    def _say(self, text):
        self.status.value = announced(f"<div>{html.escape(text)}</div>")


def _check(images, labels):
    if images.ndim != 4 or images.shape[1:] != (28, 28, 1) or len(images) == 0 or images.shape[:1] != labels.shape:
        raise ValueError(
            f"Expected images of shape (n, 28, 28, 1) and as many labels (n,), not {images.shape} and {labels.shape}."
        )
    low, high = np.min(images), np.max(images)  # of an array or a tensor
    if not (low >= 0 and high <= 1):
        raise ValueError(f"Expected values from 0 to 1, not {low} to {high}: divide uint8 images by 255.")
    low, high = labels.min(), labels.max()
    if not (low >= 0 and high <= 9):
        raise ValueError(f"Labels are digits 0 to 9, not {low} to {high}.")
