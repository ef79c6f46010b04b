"""Checks for the exercises in lesson 02."""

import numpy as np

from digits_helpers.checks.runner import exercise, one_number


@exercise
def nearest_mean(function):
    means = np.array([[0, 0, 0, 0], [3, 3, 0, 0], [2, 2, 2, 2]], np.float32)
    near = [[2.8, 2.9, 0.1, 0], [0.1, 0.2, 0, 0.1], [2, 1.8, 2, 2], [0, 0, 0.9, 0.9], [2.6, 2.6, 2.2, 0], [1, 1, 2, 2]]
    images = np.array(near, np.float32)
    result = np.asarray(function(images, means))
    assert result.shape != (3,), "you gave one answer per mean, not one per image: take argmin along the means, axis 1."
    assert result.shape != (6, 3), "those are the distances to every mean: argmin finds the place of the smallest."
    assert result.shape == (6,), f"six images should give six answers, not an array of shape {result.shape}."
    difference = images[:, np.newaxis] - means
    squared = (difference**2).sum(axis=2)
    for mistake, hint in [
        (squared.argmax(axis=1), "that is the farthest mean: argmin finds the nearest."),
        (squared.min(axis=1), "those are the smallest distances: argmin gives their places."),
        (np.sqrt(squared.min(axis=1)), "those are the smallest distances: argmin gives their places."),
        (difference.sum(axis=2).argmin(axis=1), "positive and negative differences cancel: square them first."),
        (abs(difference.sum(axis=2)).argmin(axis=1), "positive and negative differences cancel: square them first."),
        (abs(difference).sum(axis=2).argmin(axis=1), "that adds the absolute differences: add their squares."),
        ((images @ means.T).argmax(axis=1), "a product favours means with much ink: subtract, square and add instead."),
    ]:
        assert not np.allclose(result, mistake), hint
    assert np.array_equal(result, [1, 0, 2, 0, 2, 2]), (
        f"for the check's six images expected 1, 0, 2, 0, 2, 2, not {', '.join(map(str, result))}."
    )


@exercise
def mlp_parameters(function):
    for inputs, hidden, outputs in [(784, 64, 10), (3, 5, 2), (10, 1, 7)]:
        result = one_number(function(inputs, hidden, outputs))
        weights = inputs * hidden + hidden * outputs
        hints = {  # the hint for each likely mistake; the right answer comes last, over any that equals it
            inputs * hidden * outputs: "Count the weights into the hidden units and into the outputs, and add them.",
            (inputs + 1) * hidden: "That is the first part. The outputs have weights and biases as well.",
            (inputs + 1) * outputs: "That is logistic regression: the hidden units are missing.",
            weights: "These are the weights. Each hidden unit and each output has a bias as well.",
            weights + hidden: "The outputs have biases, too.",
            weights + outputs: "The hidden units have biases, too.",
            weights + 2: "That is one bias for each step. Each hidden unit and each output has a bias of its own.",
            weights + inputs + hidden + outputs: "The inputs are pixels: they have no biases.",
            weights + hidden + outputs: None,
        }
        hint = hints.get(result, "How many weights does one hidden unit have, and one output? Add a bias for each.")
        asked = f"for {inputs} inputs, {hidden} hidden units and {outputs} outputs you gave {result}"
        assert hint is None, f"{asked}. {hint}"
