"""Watch a network learn: curves that grow with every epoch, and a panel for trying out settings."""

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
from digits_helpers.widgets.answer import WRAP
from digits_helpers.widgets.live_text import LiveText

BATCH_SIZES = (32, 64, 128, 256)


def draw_curves(history, earlier=()):
    """Draw loss and accuracy after each epoch, for the training and the validation images.

    ``history`` is a dictionary like ``fit(...).history``: ``loss``, ``accuracy``, ``val_loss`` and ``val_accuracy``,
    each a list with one number per epoch. ``earlier`` holds the histories of earlier trainings; their validation curves
    appear faintly in the background. Returns a matplotlib ``Figure`` that pyplot doesn't know about, so that a callback
    can draw without getting in the way of a cell.

    >>> draw_curves({"loss": [0.3], "val_loss": [0.1], "accuracy": [0.9], "val_accuracy": [0.97]}).axes[1].get_ylabel()
    'accuracy'

    Built in lesson 04.
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
    """A Keras callback with a ``widget`` that shows the curves and redraws them after every epoch.

    Display ``widget``, then pass the callback to ``fit``. ``history`` holds the numbers of the current or latest
    training, as in ``draw_curves``. When you use the callback for another training, the previous history moves to the
    list ``earlier``, and its curves stay visible in the background.

    >>> curves = LiveCurves()
    >>> curves.on_train_begin()
    >>> curves.on_epoch_end(0, {"loss": 0.3, "val_loss": 0.1, "accuracy": 0.9, "val_accuracy": 0.97})
    >>> curves.history["val_accuracy"]
    [0.97]

    Built in lesson 04.
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
    """Turn a matplotlib figure into an HTML image that contains its own bytes. ``alt`` describes it in words.

    >>> as_html(Figure(), "An empty figure")[:27]
    '<img alt="An empty figure" '

    Built in lesson 04.
    """
    png = io.BytesIO()
    figure.savefig(png, format="png")
    return f'<img alt="{html.escape(alt)}" src="data:image/png;base64,{base64.b64encode(png.getvalue()).decode()}">'


@dataclass
class Run:
    """One training in a ``TrainingPanel``.

    ``settings`` holds ``epochs`` and ``batch_size``, ``history`` the numbers after each epoch, as in ``draw_curves``,
    and ``model`` the network. ``ended`` says how the training ended: ``"finished"``, ``"stopped"`` with the button,
    ``"interrupted"`` with the kernel, or ``"stopped by an error"``.

    >>> print(Run({"epochs": 1, "batch_size": 128}, {"val_accuracy": [0.97]}, build_cnn(), "finished"))
    epochs 1, batch size 128: finished; best validation accuracy 97.00%, after epoch 1

    Built in lesson 04.
    """

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
    """Choose epochs and batch size, press Train, and watch a new network learn. Stop ends a training early.

    The network learns from ``x`` and ``y`` and is validated on ``x_val`` and ``y_val``. Images are arrays or tensors of
    shape ``(n, 28, 28, 1)``, float32 in [0, 1]; labels are ``(n,)`` integers 0 to 9. Raises ``ValueError`` for any
    other shape, range or label. ``build`` returns a new network that isn't compiled yet.

    ``runs`` keeps every training as a ``Run`` with ``settings``, ``history``, ``model`` and ``ended``. The model has
    the weights of the epoch with the best validation accuracy, however the training ended.

    >>> import numpy as np
    >>> x, y = np.zeros((20, 28, 28, 1), np.float32), np.zeros(20, np.uint8)
    >>> panel = TrainingPanel(x, y, x, y)
    >>> len(panel.train(epochs=2, batch_size=10)["loss"])
    2

    Built in lesson 04.
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
        self.button.on_click(self._train_clicked)
        self.stop_button = widgets.Button(description="Stop", disabled=True)
        self.stop_button.on_click(self._stop_clicked)
        self.progress = widgets.IntProgress(description="Progress")
        self.status = LiveText(value="Nothing trained yet.")
        self._training = threading.Lock()  # some ipykernels handle a click on another thread while a cell trains
        self._stopper = _Stopper()
        self._ended = -math.inf
        controls = widgets.HBox([self.epochs, self.batch_size, self.button, self.stop_button], layout=WRAP)
        super().__init__([controls, self.progress, self.status, self.curves.widget])

    def __repr__(self):
        return "\n".join(["TrainingPanel", *(f"run {n}: {run}" for n, run in enumerate(self.runs, 1))])

    def train(self, epochs=None, batch_size=None):
        """Train a new network and return its history. Arguments you leave out are taken from the controls.

        The Stop button and a kernel interrupt end the training early and keep the results so far. Any error appears in
        the status line and is raised, for example ``ValueError`` for numbers below 1. Raises ``RuntimeError`` if this
        panel is already training.
        """
        if not self._training.acquire(blocking=False):
            raise RuntimeError("This panel is already training. Wait until it's done, or stop it first.")
        self._stopper = _Stopper()  # a new one each time, so that a late click can't stop the next training
        self.button.disabled, self.stop_button.disabled = True, False
        try:
            epochs = self.epochs.value if epochs is None else epochs
            batch_size = self.batch_size.value if batch_size is None else batch_size
            return self._train(epochs, batch_size)
        except Exception as error:
            self.status.value = f"Training stopped with {type(error).__name__}: {error}"
            raise
        finally:
            self.button.disabled, self.stop_button.disabled = False, True
            self._ended = time.monotonic()
            self._training.release()

    def _train(self, epochs, batch_size):
        if epochs < 1 or batch_size < 1:
            raise ValueError(f"epochs and batch_size must be at least 1, but got {epochs} and {batch_size}.")
        model = self.build()
        compile_with_schedule(model, len(self.x), epochs, batch_size)
        keep_best = keras.callbacks.EarlyStopping("val_accuracy", mode="max", patience=3, restore_best_weights=True)
        self.curves.on_train_begin()
        self.curves.history = {}  # a new one even if the previous run has no numbers, so that no two runs share it
        run = Run({"epochs": epochs, "batch_size": batch_size}, self.curves.history, model, "stopped by an error")
        self.runs.append(run)
        self.status.value = (
            f"Run {len(self.runs)}: training. To end it early, press Stop. If the button doesn't react, interrupt the "
            "kernel (Kernel → Interrupt Kernel)."
        )
        try:
            callbacks = [keep_best, self._progress_bar(epochs, batch_size), self.curves, self._stopper]
            model.fit(
                self.x, self.y, batch_size, epochs, verbose=0, validation_data=self.validation, callbacks=callbacks
            )
            run.ended = "finished"
        except _Stopped:
            run.ended = "stopped"
        except KeyboardInterrupt:
            run.ended = "interrupted"
        finally:
            keep_best.on_train_end()  # restores the best epoch's weights, however the training ended
        self.status.value = f"Run {len(self.runs)}: {run}."
        return run.history

    def _progress_bar(self, epochs, batch_size):
        self.progress.value, self.progress.max = 0, epochs * math.ceil(len(self.x) / batch_size)

        def advance(batch, logs):
            self.progress.value += 1

        return keras.callbacks.LambdaCallback(on_train_batch_end=advance)

    def _train_clicked(self, button):
        # In many kernels, clicks wait in a queue during a training. One that arrives right afterwards belongs to a
        # double click.
        if time.monotonic() - self._ended > 0.5:
            with contextlib.suppress(Exception):  # the status line already shows it
                self.train()

    def _stop_clicked(self, button):
        self._stopper.clicked = True


class _Stopped(Exception):
    """The Stop button ended the training."""


class _Stopper(keras.callbacks.Callback):
    """Ends its training after the current batch, in training or validation, once ``clicked`` is true.

    An exception ends it the way a kernel interrupt does. Keras's ``model.stop_training`` would validate first and count
    the unfinished epoch as a whole one; and ``fit`` resets it, so a click before the first batch would be lost.
    """

    def __init__(self):
        super().__init__()
        self.clicked = False

    def on_train_batch_end(self, batch, logs=None):
        if self.clicked:
            raise _Stopped

    def on_test_batch_end(self, batch, logs=None):
        if self.clicked:
            raise _Stopped


def _check(images, labels):
    if images.ndim != 4 or images.shape[1:] != (28, 28, 1) or len(images) == 0 or images.shape[:1] != labels.shape:
        raise ValueError(
            f"Expected images of shape (n, 28, 28, 1) and labels of shape (n,), but got {images.shape} "
            f"and {labels.shape}."
        )
    low, high = np.min(images), np.max(images)  # works for arrays and tensors
    if not (low >= 0 and high <= 1):
        raise ValueError(f"Expected pixel values from 0 to 1, but got {low} to {high}. Divide uint8 images by 255.")
    low, high = labels.min(), labels.max()
    if not (low >= 0 and high <= 9):
        raise ValueError(f"Expected labels from 0 to 9, but got {low} to {high}.")
