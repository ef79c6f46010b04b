"""Checks for the exercises in lesson 03."""

import numpy as np

from digits_helpers.checks.runner import exercise, one_number


@exercise
def upper_edges(function):
    kernel = np.asarray(function(), np.float32)
    assert kernel.shape == (3, 3), f"expected a kernel of shape (3, 3), not {kernel.shape}."
    assert kernel.any(), "all nine numbers are 0, so it responds with 0 to everything."
    assert abs(kernel.sum()) < 1e-5, (
        f"where all nine pixels are 1 it gives {kernel.sum():.3g}, not 0: the nine numbers should sum to 0."
    )
    assert np.allclose(kernel.sum(axis=0), 0, atol=1e-5), (
        "it responds to a vertical edge: the numbers in each column should cancel."
    )
    # An edge may lie above the lowest row of the patch, or above the lowest two.
    answers = kernel[2].sum(), kernel[1:].sum()
    assert min(answers) > 0, (
        f"paper above ink gives {answers[0]:.3g} or {answers[1]:.3g}, not two positive numbers: "
        "the lower row should count with plus, the upper row with minus."
    )


@exercise
def conv_parameters(function):
    for size, channels, filters in [(3, 1, 32), (5, 3, 7), (3, 32, 64)]:
        result = one_number(function(size, channels, filters))
        weights = size * size * channels * filters
        hints = {  # the hint for each likely mistake; the right answer comes last, over any that equals it
            weights: "These are the weights. Each filter has a bias as well.",
            weights + 1: "That is one bias for all. Each filter has a bias of its own.",
            weights + channels * filters: "A filter has one bias, not one for each channel.",
            size * size * filters + filters: "A filter has weights for every channel of its input.",
            weights + filters: None,
        }
        hint = hints.get(result, "How many weights does a filter have? Add its bias, then multiply by the filters.")
        assert hint is None, f"for size {size}, {channels} channels and {filters} filters you gave {result}. {hint}"


@exercise
def mean_loss(function):
    labels = np.array([5, 0, 9], np.uint8)
    right = np.array([0.82, 0.5, 0.1])  # the probability of the right digit
    probabilities = np.repeat((1 - right[:, np.newaxis]) / 9, 10, axis=1).astype(np.float32)
    probabilities[range(3), labels] = right
    result = np.asarray(function(probabilities, labels))
    assert result.shape == (), f"expected one number for all images, not an array of shape {result.shape}."
    losses = -np.log(right)
    for mistake, hint in [
        (-losses.mean(), "The loss came out negative: take minus the logarithm."),
        (losses.sum(), "That is the sum of the losses: divide by the number of images."),
        (-np.log10(right).mean(), "Take the natural logarithm, np.log."),
        (-np.log(right.mean()), "Take the logarithm of each probability first, then the mean."),
    ]:
        assert not np.isclose(result, mistake, atol=1e-4), hint
    assert np.isclose(result, losses.mean(), atol=1e-4), (
        f"Probabilities of 0.82, 0.5 and 0.1 for the right digits should give {losses.mean():.3f}, not {result:.3f}: "
        "from each row, take only the probability at its label."
    )
