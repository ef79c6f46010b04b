"""Checks for the exercises in lesson 04."""

import numpy as np

from digits_helpers.checks.runner import exercise, one_number


@exercise
def bias_slopes(function):
    error = np.array([[0.1, -0.2, 0.1], [0.3, 0.1, -0.4]], np.float32)
    result = np.asarray(function(error))
    assert result.shape != (2,), "that is one number per image: add over the images, along axis 0."
    assert result.shape == (3,), f"expected one number for each of the three units, not shape {result.shape}."
    for mistake, hint in [
        (error.mean(axis=0), "that is a mean: the error is already divided by the number of images, so just add up."),
        (-error.sum(axis=0), "the sign is wrong: the slope is the error itself, added up, with its sign."),
    ]:
        assert not np.allclose(result, mistake), hint
    assert np.allclose(result, error.sum(axis=0), atol=1e-6), (
        f"for the errors [0.1, -0.2, 0.1] and [0.3, 0.1, -0.4] expected 0.4, -0.1 and -0.3, not {result.round(3)}."
    )


@exercise
def descend(function):
    weights = [np.array([[1.0, -2.0]], np.float32), np.array([0.5], np.float32)]
    gradients = [np.array([[10.0, 0.0]], np.float32), np.array([-4.0], np.float32)]
    kept = [weight.copy() for weight in weights]
    result = list(function(weights, gradients, 0.1))
    assert len(result) == 2, f"two arrays went in, {len(result)} came out: return a list with one array for each."
    assert all(np.array_equal(a, b) for a, b in zip(weights, kept, strict=True)), (
        "the weights that you were given have changed: make new arrays, weight - rate * gradient."
    )
    shapes = [np.shape(array) for array in result]
    assert shapes == [(1, 2), (1,)], f"expected arrays of shapes (1, 2) and (1,), like the weights, not {shapes}."
    moved = [float(result[0][0, 0]), float(result[0][0, 1]), float(result[1][0])]
    for mistake, hint in [
        ([2, -2, 0.1], "That is a step along the gradient, so the loss rises. Go against it, with minus."),
        ([-9, -2, 4.5], "The step is as long as the gradient itself: multiply it by the learning rate."),
        ([0.9, -2, 0.6], "The step has the same length for every weight: it should grow with the slope."),
    ]:
        assert not np.allclose(moved, mistake, atol=1e-5), hint
    assert np.allclose(moved, [0, -2, 0.9], atol=1e-5), (
        "from 1, -2 and 0.5 with the slopes 10, 0 and -4 and the rate 0.1, expected 0, -2 and 0.9, "
        f"not {', '.join(f'{value:.3g}' for value in moved)}."
    )


@exercise
def best_epoch(function):
    history = {
        "loss": [0.9, 0.5, 0.3, 0.2, 0.1, 0.05],
        "val_loss": [0.8, 0.5, 0.6, 0.4, 0.4, 0.7],
        "accuracy": [0.6, 0.7, 0.8, 0.9, 0.95, 0.99],
        "val_accuracy": [0.7, 0.8, 0.91, 0.9, 0.9, 0.9],
    }
    result = one_number(function(history))
    hints = {
        3: "That is counted from 0, or is the best val_accuracy. Find the lowest val_loss, and count epochs from 1.",
        1: "That is the highest val_loss: look for the lowest.",
        2: "After that epoch it rises for the first time, but later it falls even lower.",
        5: "Epochs 4 and 5 are equally good: return the first of them.",
        6: "That is the last epoch, which has the lowest training loss. Look at val_loss.",
        0.4: "That is the lowest loss itself: return the number of its epoch.",
    }
    lowest = f"the lowest val_loss of {', '.join(map(str, history['val_loss']))} is epoch 4's, not {result}."
    assert result == 4, hints.get(result, lowest)
