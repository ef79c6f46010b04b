"""Checks for the exercises in lesson 02. Each also returns the function that the lesson goes on with."""

import functools

import numpy as np

from digits_helpers.checks.runner import exercise


def go_on_with(ours):
    """Turn a test into a check that returns the reader's function if it passes, and ``ours`` if it doesn't.

    >>> @go_on_with(lambda x: 2 * x)
    ... def double(function):
    ...     assert function(3) == 6, "3 should give 6."
    >>> double(lambda x: 3 * x)(10)
    ❌ double: 3 should give 6.
    The lesson goes on with our function until yours passes.
    20
    """

    def decorate(test):
        @functools.wraps(test)
        def check(answer):
            passed = []

            @exercise
            @functools.wraps(test)
            def tested(function):
                test(function)
                passed.append(answer)

            tested(answer)
            if not passed:
                print("The lesson goes on with our function until yours passes.")
            return passed[0] if passed else ours

        return check

    return decorate


def _our_linear_scores(images, means):
    return images @ (2 * means.T) - (means**2).sum(axis=1)


@go_on_with(_our_linear_scores)
def linear_scores(function):
    images = np.array([[1, 0, 2.0], [0, 3, 1]])
    means = np.array([[1, 0, 2], [0, 1, 0], [1, 3, 2], [4, 4, 2.0]])
    result = np.asarray(function(images.copy(), means.copy()))
    products, inks = images @ means.T, (means**2).sum(axis=1)
    assert result.shape != (4, 2), "that's one row per mean: put the images on the left of @, and means.T on its right."
    assert result.shape == (2, 4), f"two images and four means should give scores (2, 4), not {result.shape}."
    for mistake, hint in [
        (products, "that's image · mean: take it twice, and subtract mean², added up over the pixels."),
        (2 * products, "mean² is missing: subtract (means**2).sum(axis=1)."),
        (products - inks, "image · mean counts twice: 2 · image · mean."),
        (products - inks / 2, "the ranking is right, but these are half the scores: 2 · image · mean − mean²."),
        (2 * products + inks, "mean² has the wrong sign: subtract it."),
        (inks - 2 * products, "the signs are the wrong way round: the largest score should win."),
        (2 * products - (images**2).sum(axis=1, keepdims=True), "you subtracted image²: it should be mean²."),
        (((images[:, np.newaxis] - means) ** 2).sum(axis=2), "those are the squared distances: compute the scores."),
        (2 * products - means.sum(axis=1), "square the means before you add up their pixels."),
    ]:
        assert not np.allclose(result, mistake), hint
    assert np.allclose(result, 2 * products - inks), "each score should be 2 · image · mean − mean², over all pixels."


def _our_gradient(images, targets, weights, biases):
    errors = images @ weights + biases - targets
    return 2 * images.T @ errors / len(images), 2 * errors.mean(axis=0)


@go_on_with(_our_gradient)
def gradient(function):
    rng = np.random.default_rng(2)
    images, targets = rng.random((6, 5)), np.eye(3)[[0, 2, 1, 1, 0, 2]]
    weights, biases = rng.normal(size=(5, 3)), rng.normal(size=3)
    result = function(images, targets, weights.copy(), biases.copy())
    assert isinstance(result, tuple | list) and len(result) == 2, (
        "return two arrays: the slopes of the weights, then those of the biases."
    )
    slopes, bias_slopes = map(np.asarray, result)
    assert slopes.shape != (3, 5), "the slopes lie on their side: images.T @ errors has the shape of the weights."
    assert slopes.shape == (5, 3), f"weights of shape (5, 3) need slopes of that shape, not {slopes.shape}."
    expected, expected_bias = _our_gradient(images, targets, weights, biases)
    no_bias, _ = _our_gradient(images, targets, weights, 0 * biases)
    for mistake, hint in [
        (expected / 2, "the slopes are half of what they should be: the slope of error² is 2 × error."),
        (-expected, "the sign is wrong: an error is the score minus the target."),
        (-expected / 2, "the sign is wrong, and so is a factor: 2 × error × pixel, with error = score − target."),
        (expected * 6, "that's the sum over the images: divide by their number, len(images)."),
        (expected * 3, "that's the sum over the images: divide it by their number, and take 2 × error."),
        (expected / 3, "that's also averaged over the digits: divide by the number of images only."),
        (no_bias, "the scores lack their biases: images @ weights + biases."),
    ]:
        assert not np.allclose(slopes, mistake), hint
    assert np.allclose(slopes, expected), "the slopes of the weights are 2 × images.T @ errors / len(images)."
    assert bias_slopes.shape == (3,), f"three biases need three slopes, not shape {bias_slopes.shape}: mean(axis=0)."
    for mistake, hint in [
        (expected_bias / 2, "the slopes of the biases are half of what they should be."),
        (expected_bias * 6, "the slopes of the biases are sums over the images: take the mean."),
        (-expected_bias, "the slopes of the biases have the wrong sign."),
    ]:
        assert not np.allclose(bias_slopes, mistake), hint
    assert np.allclose(bias_slopes, expected_bias), "the slopes of the biases are 2 × the mean error of each score."
