"""Ten weight images while they learn, with the loss below and a learning rate to choose (learning_templates.js)."""

from pathlib import Path

import anywidget
import numpy as np
import traitlets

from digits_helpers.widgets.handlers import guarded, one_at_a_time
from digits_helpers.widgets.templates_picture import picture
from digits_helpers.widgets.templates_run import CLASSES, Run
from digits_helpers.widgets.with_picture import WithPicture

KEY_STEPS = (1, 10, 100)  # what a stored notebook shows
CURVE = [*range(1, 10), *range(10, 101, 10)]  # where its curve has a point


class LearningTemplates(WithPicture, anywidget.AnyWidget):
    """The ten weight images of a linear classifier while they learn, step by step, with a ``gradient`` of your own.

    ``gradient(images, targets, weights, biases)`` returns the slopes of the mean squared error: ``(784, 10)`` for the
    weights and ``(10,)`` for the biases. ``images`` is ``(n, 784)`` floats in [0, 1] and ``labels`` ``(n,)`` digits.
    ``own`` are digits to try it on, by default ``my_digits()``. Each of ``rates``, the learning rates to choose from,
    starts again from zeros; the one in the middle comes first. Raises ``ValueError`` for other shapes.

    Play, pause and step on the page, or call ``learn``. If ``gradient`` fails, the widget says how.

    >>> def gradient(images, targets, weights, biases):
    ...     errors = images @ weights + biases - targets
    ...     return 2 * images.T @ errors / len(images), 2 * errors.mean(axis=0)
    >>> templates = LearningTemplates(gradient, np.eye(784)[:30], np.arange(30) % 10)  # doctest: +ELLIPSIS
    No digits of your own yet: ...
    >>> templates.learn(3)
    >>> templates
    <LearningTemplates: step 3, learning rate 0.02, loss 0.97>

    Built in lesson 02.
    """

    _esm = Path(__file__).with_name("learning_templates.js")
    _css = Path(__file__).with_name("learning_templates.css")

    rates = traitlets.List(traitlets.Float()).tag(sync=True)
    rate = traitlets.Float().tag(sync=True)  # of the run that is shown
    step = traitlets.Int(0).tag(sync=True)
    weights = traitlets.Bytes().tag(sync=True)  # float32 (10, 784): one template after the other
    biases = traitlets.List(traitlets.Float()).tag(sync=True)
    curves = traitlets.List().tag(sync=True)  # for each rate the points of its latest run: [step, loss]
    digits = traitlets.Bytes().tag(sync=True)  # uint8 (n, 784): the reader's own
    labels = traitlets.List(traitlets.Int()).tag(sync=True)
    message = traitlets.Unicode().tag(sync=True)  # what went wrong, in one line

    def __init__(self, gradient, images, labels, own=None, rates=(0.002, 0.02, 0.03)):
        images, labels = np.asarray(images, np.float32), np.asarray(labels)
        if images.ndim != 2 or images.shape[1] != 784 or labels.shape != images.shape[:1]:
            raise ValueError(f"Expected images (n, 784) and n labels, not {images.shape} and {labels.shape}.")
        if own is None:
            from digits_helpers.digit_sheet import my_digits  # it reads the reader's file, and only when it's needed

            own = my_digits()
        targets = np.eye(CLASSES, dtype=np.float32)[labels]
        self._new_run = lambda rate: Run(gradient, images, targets, rate)
        super().__init__(
            rates=list(rates),
            curves=[[] for _ in rates],
            digits=np.rint(255 * np.asarray(own.images)).astype(np.uint8).tobytes(),
            labels=own.labels.tolist(),
        )
        self.start(rates[len(rates) // 2])
        self.on_msg(self._on_message)

    @one_at_a_time
    def start(self, rate):
        """Start again from zeros with one of the learning rates. Raises ``ValueError`` for others."""
        if rate not in self.rates:
            raise ValueError(f"Expected one of the learning rates {self.rates}, not {rate}.")
        self._run = self._new_run(rate)
        self._show()

    @one_at_a_time
    def learn(self, steps=1):
        """Take so many steps. Raises ``ValueError`` where ``gradient`` doesn't return what it should."""
        self._run.learn(steps)
        self._show()

    def on_error(self, error):
        """Show what went wrong; the weights stay where they were."""
        self.message = str(error) if type(error) is ValueError else f"{type(error).__name__}: {error}"

    def __repr__(self):
        loss = f"loss {self._run.curve[-1][1]:.2f}"
        return f"<LearningTemplates: step {self.step}, learning rate {self.rate:g}, {loss}>"

    @guarded
    def _on_message(self, _widget, content, _buffers):
        self.message = ""  # so that the same error, once more, is a change
        if "rate" in content:
            self.start(content["rate"])
        else:
            self.learn(content["steps"])

    def _show(self):
        run, curves = self._run, list(self.curves)
        curves[self.rates.index(run.rate)] = list(run.curve)
        with self.hold_sync():  # in one message
            self.rate, self.step, self.curves, self.message = run.rate, run.step, curves, ""
            self.weights, self.biases = run.weights.T.astype("<f4").tobytes(), run.biases.tolist()

    def _picture(self):
        """The templates after 1, 10 and 100 steps."""
        run, frames, message = self._new_run(self.rate), [], ""
        try:
            for step in CURVE:
                run.learn(step - run.step)
                if step in KEY_STEPS:
                    frames.append((step, run.weights.T.reshape(-1, 28, 28)))
        except Exception as error:
            message = str(error)
        png, size = picture(frames, run.curve, message)
        alt = message or f"The ten weight images after 1, 10 and 100 steps. The loss is {run.curve[-1][1]:.2f} at last."
        return png, size, alt
