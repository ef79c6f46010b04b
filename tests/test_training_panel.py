"""The live curves and the training panel, with real training on a few small images."""

import json
import re
import threading
from types import SimpleNamespace

import keras
import numpy as np
import pytest
from matplotlib.figure import Figure

import digits_helpers as dh
from digits_helpers.training import compile_with_schedule
from digits_helpers.widgets import training_panel
from digits_helpers.widgets.training_panel import draw_curves


@pytest.fixture(scope="module")
def data():
    """120 images of ten kinds that are easy to tell apart (one bright row each), and 40 more to validate on."""
    y = np.arange(160, dtype=np.uint8) % 10
    x = np.random.default_rng(0).uniform(0, 0.3, (160, 28, 28, 1)).astype(np.float32)
    x[np.arange(160), 4 + 2 * y] = 1
    return x[:120], y[:120], x[120:], y[120:]


def small_network(kind=keras.Sequential):
    return kind([keras.Input((28, 28, 1)), keras.layers.Flatten(), keras.layers.Dense(10, activation="softmax")])


def watched_by(*watchers):
    """A function that builds small networks, and ``watchers`` are callbacks in every training of theirs."""

    class Network(keras.Sequential):
        def fit(self, *arguments, callbacks, **named):
            return super().fit(*arguments, callbacks=[*callbacks, *watchers], **named)

    return lambda: small_network(Network)


@pytest.fixture
def panel(data):
    return dh.TrainingPanel(*data, build=small_network)


@pytest.fixture
def clock(monkeypatch):
    """The panel's clock. It stands still until a test moves it on."""
    clock = SimpleNamespace(monotonic=lambda: clock.now, now=0)
    monkeypatch.setattr(training_panel, "time", clock)
    return clock


class At(keras.callbacks.Callback):
    """Raise ``error`` when an epoch begins."""

    def __init__(self, epoch, error):
        super().__init__()
        self.epoch, self.error = epoch, error

    def on_epoch_begin(self, epoch, logs=None):
        if epoch == self.epoch:
            raise self.error


def accuracy_of(model, data):
    _, _, x_val, y_val = data
    return np.mean(model.predict(x_val, verbose=0).argmax(axis=1) == y_val)


# The curves


def test_curves_show_every_number_and_earlier_runs_faint():
    history = {"loss": [2, 1], "val_loss": [1.5, 0.5], "accuracy": [0.5, 0.8], "val_accuracy": [0.6, 0.9]}
    figure = draw_curves(history, earlier=[{"val_loss": [3], "val_accuracy": [0.1]}])
    assert isinstance(figure, Figure)
    loss, accuracy = figure.axes
    assert [list(line.get_ydata()) for line in loss.lines] == [[3], [2, 1], [1.5, 0.5]]
    assert [list(line.get_ydata()) for line in accuracy.lines] == [[0.1], [0.5, 0.8], [0.6, 0.9]]
    assert list(loss.lines[1].get_xdata()) == [1, 2]
    assert loss.lines[0].get_alpha() < 1 and loss.lines[1].get_alpha() is None


def test_live_curves_follow_a_training_and_keep_the_one_before(data):
    x, y, x_val, y_val = data
    curves = dh.LiveCurves()
    values = []
    curves.widget.observe(lambda change: values.append(change.new), "value")
    histories = []
    for epochs in (2, 1):
        model = small_network()
        compile_with_schedule(model, len(x), epochs, 32)
        fit = model.fit(x, y, 32, epochs, validation_data=(x_val, y_val), verbose=0, callbacks=[curves])
        histories.append(fit.history)
    assert curves.earlier == histories[:1] and curves.history == histories[1]
    assert len(values) == 3, "one picture an epoch"
    assert all(re.match(r'<img alt="After epoch \d: .*val_loss.*" src="data:image/png;base64,iVBOR', v) for v in values)


# Training


def test_a_click_trains_and_shows_it(panel):
    panel.epochs.value, panel.batch_size.value = 2, 32
    panel.button.click()
    (run,) = panel.runs
    assert run.settings == {"epochs": 2, "batch_size": 32} and run.ended == "finished"
    assert len(run.history["val_accuracy"]) == 2
    assert panel.progress.value == panel.progress.max == 2 * 4
    assert "epochs 2, batch size 32: finished; best validation accuracy" in panel.status.value
    assert panel.curves.widget.value.startswith("<img")
    assert not panel.button.disabled


def test_a_second_run_loses_nothing_of_the_first(panel, clock):
    first = panel.train(epochs=2, batch_size=32)
    numbers, weights = json.dumps(first), panel.runs[0].model.get_weights()
    clock.now += 1
    panel.button.click()
    assert len(panel.runs) == 2 and panel.runs[0].model is not panel.runs[1].model
    assert json.dumps(panel.runs[0].history) == numbers
    assert all(np.array_equal(a, b) for a, b in zip(weights, panel.runs[0].model.get_weights(), strict=True))
    assert panel.curves.earlier == [first]
    assert "run 1: epochs 2," in repr(panel) and "run 2: epochs 3," in repr(panel)


def test_the_best_epochs_weights_are_kept(panel, data):
    class Spoil(keras.callbacks.Callback):
        """Make the network useless while the second epoch runs, so that the first stays the best."""

        def on_epoch_begin(self, epoch, logs=None):
            if epoch == 1:
                self.model.set_weights([np.zeros_like(w) for w in self.model.get_weights()])

        def on_train_batch_end(self, batch, logs=None):
            if int(self.model.optimizer.iterations) > 30:
                self.model.set_weights([np.zeros_like(w) for w in self.model.get_weights()])

    panel.build = watched_by(Spoil())
    history = panel.train(epochs=2, batch_size=4)
    assert history["val_accuracy"][0] > history["val_accuracy"][1]
    assert accuracy_of(panel.runs[0].model, data) == pytest.approx(history["val_accuracy"][0])


def test_two_clicks_are_one_training(panel, clock):
    tries = []

    def click_again(change):
        tries.append(panel.button.disabled)
        panel.button.click()  # on another thread or in between: the panel is still training
        with pytest.raises(RuntimeError, match="already training"):
            panel.train()

    panel.epochs.value = 1
    panel.curves.widget.observe(click_again, "value")
    panel.button.click()
    panel.button.click()  # waited in the kernel's queue, arrives as soon as the training is over
    assert tries == [True] and len(panel.runs) == 1
    clock.now = 0.6
    panel.curves.widget.unobserve(click_again, "value")
    panel.button.click()
    assert len(panel.runs) == 2


# Stopping with the button


@pytest.mark.parametrize("moment", ["on_train_batch_begin", "on_test_batch_begin"])
def test_a_click_on_stop_ends_a_training_on_another_thread_in_the_middle_of_an_epoch(panel, data, moment):
    in_second_epoch, clicked = threading.Event(), threading.Event()

    def wait_for_the_click(batch, logs):
        if batch == 2 and len(panel.curves.history.get("loss", [])) == 1:
            in_second_epoch.set()
            clicked.wait(20)

    panel.build = watched_by(keras.callbacks.LambdaCallback(**{moment: wait_for_the_click}))
    thread = threading.Thread(target=panel.train, kwargs={"epochs": 500, "batch_size": 8}, daemon=True)
    thread.start()
    assert in_second_epoch.wait(20)
    assert panel.button.disabled and not panel.stop_button.disabled
    assert "press Stop" in panel.status.value and "Kernel → Interrupt Kernel" in panel.status.value
    panel.stop_button.click()
    clicked.set()
    thread.join(5)
    assert not thread.is_alive()
    (run,) = panel.runs
    assert run.ended == "stopped" and {len(numbers) for numbers in run.history.values()} == {1}
    trained = {"on_train_batch_begin": 3, "on_test_batch_begin": 15}[moment]
    assert panel.progress.value == 15 + trained, "stopped after the current batch"
    assert "batch size 8: stopped; best validation accuracy" in panel.status.value
    assert accuracy_of(run.model, data) == pytest.approx(run.history["val_accuracy"][0])
    assert not panel.button.disabled and panel.stop_button.disabled


def test_a_click_on_stop_before_the_first_batch_ends_this_training_and_not_the_next(panel):
    def build_and_stop():
        panel.stop_button.click()
        return small_network()

    panel.build = build_and_stop
    assert panel.train(epochs=5, batch_size=8) == {}
    assert repr(panel) == "TrainingPanel\nrun 1: epochs 5, batch size 8: stopped"
    panel.build = small_network
    panel.train(epochs=1)
    assert [run.ended for run in panel.runs] == ["stopped", "finished"]


def test_a_click_on_stop_while_nothing_trains_changes_nothing(panel):
    def stop():
        before = panel.status.value, repr(panel), panel.button.disabled, panel.stop_button.disabled
        panel.stop_button.click()
        assert (panel.status.value, repr(panel), panel.button.disabled, panel.stop_button.disabled) == before

    stop()
    panel.train(epochs=1)
    stop()  # waited in the kernel's queue until the training was over
    panel.train(epochs=1)
    assert [run.ended for run in panel.runs] == ["finished", "finished"]
    assert panel.stop_button.disabled


# Interrupts and errors


def test_an_interrupt_keeps_what_was_trained(panel, data):
    panel.build = watched_by(At(2, KeyboardInterrupt()))
    history = panel.train(epochs=5, batch_size=8)
    assert len(history["val_accuracy"]) == 2
    assert panel.runs[0].ended == "interrupted" and "interrupted; best validation accuracy" in panel.status.value
    assert accuracy_of(panel.runs[0].model, data) == pytest.approx(max(history["val_accuracy"]))
    assert not panel.button.disabled and panel.stop_button.disabled


@pytest.mark.parametrize(
    "error, ended, status",
    [
        (KeyboardInterrupt(), "interrupted", "Run 1: epochs 5, batch size 128: interrupted."),
        (OSError("no room left"), "stopped by an error", "Training stopped with OSError: no room left"),
    ],
)
def test_a_run_that_ends_in_its_first_epoch_stays_without_numbers(panel, error, ended, status):
    panel.build = watched_by(At(0, error))
    panel.epochs.value = 5
    panel.button.click()
    assert repr(panel) == f"TrainingPanel\nrun 1: epochs 5, batch size 128: {ended}"
    assert status in panel.status.value
    panel.build = small_network
    assert len(panel.train(epochs=2, batch_size=32)["loss"]) == 2
    assert [len(run.history) for run in panel.runs] == [0, 4]


def test_an_error_keeps_the_best_epochs_weights(panel, data):
    class Spoil(keras.callbacks.Callback):
        """Make the network useless before it is judged after the second epoch, so that the first stays the best."""

        def on_test_begin(self, logs=None):
            if int(self.model.optimizer.iterations) > 30:
                self.model.set_weights([np.zeros_like(w) for w in self.model.get_weights()])

    panel.build = watched_by(At(2, OSError("no room left")), Spoil())
    with pytest.raises(OSError, match="no room left"):
        panel.train(epochs=3, batch_size=4)
    (run,) = panel.runs
    assert run.ended == "stopped by an error" and run.history["val_accuracy"][0] > run.history["val_accuracy"][1]
    assert accuracy_of(run.model, data) == pytest.approx(run.history["val_accuracy"][0])


def test_an_error_is_shown_and_raised_and_the_panel_goes_on(panel, clock):
    panel.train(epochs=1, batch_size=32)
    panel.build = watched_by(At(1, OSError("no <room> left")))
    clock.now += 1
    panel.button.click()
    assert "Training stopped with OSError: no <room> left" in panel.status.value
    assert not panel.button.disabled and panel.stop_button.disabled
    with pytest.raises(OSError, match="no <room> left"):
        panel.train()
    panel.build = small_network
    panel.train(epochs=1)
    assert [run.ended for run in panel.runs] == ["finished", "stopped by an error", "stopped by an error", "finished"]
    assert [len(run.history["loss"]) for run in panel.runs] == [1, 1, 1, 1]


def test_numbers_below_1_are_refused_and_nothing_is_lost(panel):
    first = panel.train(epochs=1, batch_size=32)
    for settings in ({"epochs": 0}, {"epochs": -2}, {"batch_size": 0}):
        with pytest.raises(ValueError, match="must be at least 1, but got"):
            panel.train(**settings)
        assert len(panel.runs) == 1 and panel.curves.history == first and not panel.curves.earlier
        assert "must be at least 1" in panel.status.value
        assert not panel.button.disabled and panel.stop_button.disabled
    panel.train(epochs=1)
    assert len(panel.runs) == 2 and panel.curves.earlier == [first]


# The rest


def test_every_control_says_what_it_is_and_the_panel_is_one_quiet_box(panel, capfd):
    controls = [panel.epochs, panel.batch_size, panel.button, panel.stop_button, panel.progress]
    assert all(control.description for control in controls)
    panel.train(epochs=1)
    assert capfd.readouterr() == ("", "")
    assert repr(panel).startswith("TrainingPanel\nrun 1: epochs 1, batch size 128: finished")


@pytest.mark.parametrize(
    "images, labels, message",
    [
        (np.zeros((3, 28, 28), np.float32), np.zeros(3), "shape"),
        (np.zeros((3, 28, 28, 1), np.float32), np.zeros(2), r"labels of shape \(n,\), but got .* and \(2,\)"),
        (np.zeros((0, 28, 28, 1), np.float32), np.zeros(0), "shape"),
        (np.full((3, 28, 28, 1), 255, np.uint8), np.zeros(3), "Divide uint8 images by 255"),
        (np.full((3, 28, 28, 1), np.nan, np.float32), np.zeros(3), "0 to 1"),
        (np.zeros((3, 28, 28, 1), np.float32), np.array([1, 5, 10]), "Expected labels from 0 to 9, but got 1 to 10"),
        (np.zeros((3, 28, 28, 1), np.float32), [-1, 5, 9], "Expected labels from 0 to 9, but got -1 to 9"),
    ],
)
def test_images_that_no_network_here_takes_are_refused(data, images, labels, message):
    x, y, x_val, y_val = data
    with pytest.raises(ValueError, match=message):
        dh.TrainingPanel(images, labels, x_val, y_val)
    with pytest.raises(ValueError, match=message):
        dh.TrainingPanel(x, y, images, labels)


def test_tensors_and_lists_of_labels_do_as_well(data):
    x, y, x_val, y_val = data
    y, y_val = y.tolist(), keras.ops.convert_to_tensor(y_val)
    panel = dh.TrainingPanel(keras.ops.cast(x, "float32"), y, keras.ops.cast(x_val, "float32"), y_val, small_network)
    assert len(panel.train(epochs=1)["val_loss"]) == 1
    with pytest.raises(ValueError, match="Divide uint8 images by 255"):
        dh.TrainingPanel(keras.ops.cast(x, "float32") * 255, y, x_val, y_val)


def test_the_saved_network_and_history_come_back_the_same(panel, data, tmp_path):
    """As lesson 04 saves them."""
    history = panel.train(epochs=2, batch_size=32)
    model = panel.runs[0].model
    model.save(tmp_path / "best.keras")
    (tmp_path / "history.json").write_text(json.dumps(history))
    assert json.loads((tmp_path / "history.json").read_text()) == history
    loaded = keras.models.load_model(tmp_path / "best.keras")
    x_val = data[2]
    assert np.array_equal(loaded.predict(x_val, verbose=0), model.predict(x_val, verbose=0))
    assert float(loaded.optimizer.learning_rate) == pytest.approx(float(model.optimizer.learning_rate), abs=1e-9)
