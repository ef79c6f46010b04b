"""explain_log_line, on what Keras really prints and on lines written out for the cases that are hard to provoke."""

import contextlib
import io
import math
import re

import numpy as np
import pytest

import digits_helpers as dh

IMAGES, BATCH = 300, 8
LINE = "469/469 - 13s - 28ms/step - accuracy: 0.9507 - loss: 0.1612"


@pytest.fixture(scope="module")
def model():
    import keras

    keras.utils.set_random_seed(0)
    model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(3, activation="softmax")])
    model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy", "sparse_categorical_accuracy"])
    return model


@pytest.fixture(scope="module")
def data():
    rng = np.random.default_rng(0)
    return rng.random((IMAGES, 4), np.float32), rng.integers(0, 3, IMAGES)


def printed(call, *args, **kwargs):
    out = io.StringIO()
    with contextlib.redirect_stdout(out):
        result = call(*args, **kwargs)
    return out.getvalue(), result


def by_epoch(text):
    """What was printed below each `Epoch 1/2`."""
    return re.split(r"Epoch \d+/\d+\n", text)[1:]


def slow_batches(seconds=0.06):
    """A callback that makes every batch slower than Keras's shortest time between two updates."""
    import time

    import keras

    return keras.callbacks.LambdaCallback(on_train_batch_end=lambda batch, logs: time.sleep(seconds))


@pytest.mark.parametrize("verbose", [1, 2])
@pytest.mark.parametrize("split", [0.0, 0.25])
def test_every_final_line_agrees_with_the_history(model, data, verbose, split):
    text, run = printed(model.fit, *data, epochs=2, batch_size=BATCH, validation_split=split, verbose=verbose)
    steps = math.ceil(IMAGES * (1 - split) / BATCH)
    lines = [dh.explain_log_line(part) for part in by_epoch(text)]
    assert len(lines) == 2
    for epoch, line in enumerate(lines):
        assert (line.batches_done, line.batches_total, line.seconds_are) == (steps, steps, "elapsed")
        assert line.finished
        expected = {name: values[epoch] for name, values in run.history.items()}
        shown = line.metrics | {f"val_{name}": value for name, value in line.val_metrics.items()}
        assert shown == pytest.approx(expected, abs=5.1e-5)
        assert set(line.val_metrics) == (set(line.metrics) if split else set())


def test_every_update_inside_an_epoch(model, data):
    text, _ = printed(
        model.fit, data[0][:80], data[1][:80], batch_size=BATCH, epochs=1, verbose=1, callbacks=[slow_batches()]
    )
    updates = [update for update in text.split("\r") if update.strip("\b \n")]
    lines = [dh.explain_log_line(update) for update in updates]
    done = [line.batches_done for line in lines]
    assert len(lines) >= 5 and done == sorted(done) and done[-1] == 10
    for line in lines[:-1]:
        assert line.batches_total == 10 and line.seconds_are == "remaining" and not line.finished
        assert set(line.metrics) == {"accuracy", "sparse_categorical_accuracy", "loss"}
    # In the middle, the time printed is what the remaining batches will take; Keras cuts off the fraction.
    for line in lines[1:-1]:
        left = (line.batches_total - line.batches_done) * line.seconds_per_batch
        assert left - 1.1 <= line.seconds <= left + 0.1
    assert lines[-1].finished and dh.explain_log_line(text) == lines[-1]


def test_a_capture_that_stops_anywhere_gives_the_last_complete_update(model, data):
    text, _ = printed(
        model.fit, data[0][:48], data[1][:48], batch_size=BATCH, epochs=1, verbose=1, callbacks=[slow_batches()]
    )
    updates = re.split(r"(?=\r)", text)
    second = text.index(updates[2], len(updates[1])) + len(updates[2])  # two updates are complete
    third = second + len(updates[3].rstrip("\b \n"))
    expected = dh.explain_log_line(updates[2])
    assert expected.batches_done < dh.explain_log_line(updates[3]).batches_done
    for end in range(second, third):
        assert dh.explain_log_line(text[:end]) == expected, repr(text[second:end])
    assert dh.explain_log_line(text[:third]) == dh.explain_log_line(updates[3])


@pytest.mark.parametrize("verbose", [1, 2])
def test_evaluate_and_predict(model, data, verbose):
    text, values = printed(model.evaluate, *data, batch_size=BATCH, verbose=verbose, return_dict=True)
    line = dh.explain_log_line(text)
    assert line.finished and line.batches_total == math.ceil(IMAGES / BATCH) and line.val_metrics == {}
    assert line.metrics == pytest.approx(values, abs=5.1e-5)

    text, _ = printed(model.predict, data[0], batch_size=BATCH, verbose=verbose)
    line = dh.explain_log_line(text)
    assert line.finished and line.metrics == {}


def test_a_generator_of_unknown_length(model, data):
    def batches():
        for start in range(0, 40, BATCH):
            yield data[0][start : start + BATCH], data[1][start : start + BATCH]

    text, run = printed(model.fit, batches(), epochs=1, verbose=1)
    first = dh.explain_log_line(text[: text.index("\b")])
    assert first.batches_total is None and first.seconds_are == "elapsed" and not first.finished
    line = dh.explain_log_line(text)
    assert line.finished and line.batches_done == line.batches_total == 5
    assert line.metrics["loss"] == pytest.approx(run.history["loss"][0], abs=5.1e-5)


@pytest.mark.parametrize(
    "text, expected",
    [  # text, (done, total, seconds, what they are, seconds a batch)
        (LINE, (469, 469, 13, "elapsed", 0.028)),
        ("469/469 ━━━━━━━━━━━━━━━━━━━━ 13s 28ms/step - loss: 0.1612", (469, 469, 13, "elapsed", 0.028)),
        ("469/469 ==================== 13s 28ms/step - loss: 0.1612", (469, 469, 13, "elapsed", 0.028)),
        ("469/469 13s 28ms/step - loss: 0.1612\n", (469, 469, 13, "elapsed", 0.028)),
        (" 12/469 ━━━━━━━━━━━━━━━━━━━━ 5s 950us/step - loss: 0.1612", (12, 469, 5, "remaining", 0.00095)),
        ("  1/469 1:23 178ms/step - loss: 2.3161", (1, 469, 83, "remaining", 0.178)),
        ("  1/469 1:02:03 8s/step - loss: 2.3161", (1, 469, 3723, "remaining", 8)),
        ("469/469 - 3723s - 8s/step - loss: 2.3161", (469, 469, 3723, "elapsed", 8)),
        ("      7/Unknown 2s 250ms/step - loss: 2.3161", (7, None, 2, "elapsed", 0.25)),
        # After the last batch and before the validation: nothing remains, and 13 s have passed.
        ("469/469 ━━━━━━━━━━━━━━━━━━━━ 0s 28ms/step - loss: 0.1612", (469, 469, 0, "remaining", 0.028)),
        ("5/5 ━━━━━━━━━━━━━━━━━━━━ 0s 3ms/step - loss: 0.1612", (5, 5, 0, "elapsed", 0.003)),
        ("1/1 - 0s - 0s/step", (1, 1, 0, "elapsed", 0)),
    ],
)
def test_counts_and_times(text, expected):
    line = dh.explain_log_line(text)
    assert line.batches_done == expected[0] and line.batches_total == expected[1]
    assert (line.seconds, line.seconds_are) == expected[2:4]
    assert line.seconds_per_batch == pytest.approx(expected[4])
    assert line.finished == (expected[0] == expected[1] and expected[3] == "elapsed")


def test_names_and_values():
    names = "sparse_categorical_accuracy: 0.9000 - f1-score: -0.2500 - learning_rate: 1.0000e-04 - loss: nan"
    validation = "val_loss: inf - val_f1-score: -inf - val_a b: 12345.6789"
    line = dh.explain_log_line(f"5/5 - 1s - 2ms/step - {names} - {validation}")
    assert list(line.metrics) == ["sparse_categorical_accuracy", "f1-score", "learning_rate", "loss"]
    assert line.metrics["f1-score"] == -0.25 and line.metrics["learning_rate"] == 1e-4
    assert math.isnan(line.metrics["loss"])
    assert line.val_metrics == {"loss": math.inf, "f1-score": -math.inf, "a b": 12345.6789}


def test_colour_codes_as_keras_3_13_and_3_14_write_them():
    bar = "━" * 20
    first = f"\r\x1b[1m  1/469\x1b[0m \x1b[37m{bar}\x1b[0m \x1b[1m3:30\x1b[0m 450ms/step - loss: 2.3000"
    last = f"\r\x1b[1m469/469\x1b[0m \x1b[32m{bar}\x1b[0m\x1b[37m\x1b[0m \x1b[1m13s\x1b[0m 28ms/step - loss: 0.1612"
    line = dh.explain_log_line(first + "\b" * 61 + last + "   \n")
    assert line.finished and line.seconds == 13 and line.metrics == {"loss": 0.1612}
    assert dh.explain_log_line(first).seconds == 210
    # Where the output can't go back, every update is a line of its own.
    assert dh.explain_log_line(first.replace("\r", "\n") + last.replace("\r", "\n") + "\n") == line


def test_the_explanation_names_every_part():
    text = str(dh.explain_log_line(LINE + " - val_accuracy: 0.9801"))
    rows = text.splitlines()
    assert [row.split("  ")[0] for row in rows] == ["batches", "time", "per batch", "accuracy", "loss", "val_accuracy"]
    assert "469 of 469" in rows[0] and "13 s" in rows[1] and "0.028 s" in rows[2]
    assert "0.9801" in rows[-1] and "validation" in rows[-1]
    assert "left" in str(dh.explain_log_line("12/469 5s 28ms/step"))


def test_a_notebook_shows_the_explanation():
    pretty = pytest.importorskip("IPython.lib.pretty").pretty
    line = dh.explain_log_line(LINE)
    assert pretty(line) == str(line)


@pytest.mark.parametrize(
    "text, says",
    [
        ("", "empty"),
        (" \n\r", "empty"),
        ("Epoch 1/5", "header"),
        (f"Epoch 1/5\n{LINE}", "header"),
        ("hello", "not a Keras log line"),
        (f"{LINE}\nEpoch 1: saving model", "not a Keras log line"),
        ("469/469", "cut off"),
        ("469/469 - 13s - 28ms/step - accuracy: 0.9507 - lo", "cut off"),
        ("469/469 - 13s - 28ms/step - loss: 0.16", "cut off"),
        ("469/469 - 13s - 28ms/step - : 0.1612", "cut off"),
        (f"{LINE}\n{LINE}", "several"),
        (f"{LINE}\n79/79 - 1s - 9ms/step - loss: 0.1000", "several"),
        (f"12/469 5s 28ms/step\n{LINE}\n11/469 5s 28ms/step", "several"),
        (None, "NoneType"),
    ],
)
def test_anything_else_is_refused(text, says):
    with pytest.raises(ValueError, match=says):
        dh.explain_log_line(text)
