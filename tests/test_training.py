"""The training recipe: its schedule, and a short training with it."""

import keras
import numpy as np
import pytest

import digits_helpers as dh
from digits_helpers.training import PEAK_RATE, compile_with_schedule


def small_network():
    return keras.Sequential([keras.Input((280,)), keras.layers.Dense(10, activation="softmax")])


def test_the_rate_rises_to_its_peak_and_falls_to_zero():
    schedule = compile_with_schedule(dh.build_cnn(), examples=55000, epochs=3, batch_size=128)
    steps, warmup = 1290, 129
    rates = np.asarray(keras.ops.vectorized_map(schedule, keras.ops.arange(steps + 1)))
    assert rates[0] == 0
    assert rates[warmup] == rates.max() == pytest.approx(PEAK_RATE)
    assert rates[warmup // 2] == pytest.approx(PEAK_RATE * (warmup // 2) / warmup, rel=1e-5)
    assert rates[steps] == pytest.approx(0, abs=1e-9)
    assert np.all(np.diff(rates[:warmup]) > 0) and np.all(np.diff(rates[warmup + 1 :]) < 0)


@pytest.mark.parametrize("examples, epochs, batch_size", [(1, 1, 1), (5, 1, 128), (300, 10, 32)])
def test_the_schedule_fits_any_length(examples, epochs, batch_size):
    schedule = compile_with_schedule(small_network(), examples, epochs, batch_size)
    steps = -(-examples // batch_size) * epochs
    assert all(0 <= float(schedule(step)) <= PEAK_RATE * 1.001 for step in range(steps + 1))


def test_the_recipe_learns_and_its_optimizer_follows_the_schedule():
    y = np.arange(160, dtype=np.uint8) % 10
    x = np.eye(10, dtype=np.float32).repeat(28, axis=1)[y]  # each label lights up 28 inputs of its own
    model = small_network()
    schedule = compile_with_schedule(model, 120, epochs=5, batch_size=8)
    fit = model.fit(x[:120], y[:120], batch_size=8, epochs=5, validation_data=(x[120:], y[120:]), verbose=0)
    assert fit.history["val_accuracy"][-1] > 0.9
    assert int(model.optimizer.iterations) == 75
    assert float(model.optimizer.learning_rate) == pytest.approx(float(schedule(75)), abs=1e-9)
