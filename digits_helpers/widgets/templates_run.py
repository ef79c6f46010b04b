"""Gradient descent from zeros with somebody's own ``gradient``, for the learning templates."""

import numpy as np

CLASSES = 10


class Run:
    """Weights and biases that learn from zeros, with somebody's ``gradient``."""

    def __init__(self, gradient, images, targets, rate):
        self._gradient, self._images, self._targets, self.rate = gradient, images, targets, rate
        self.weights, self.biases = np.zeros((images.shape[1], CLASSES), np.float32), np.zeros(CLASSES, np.float32)
        self.step, self.curve = 0, [[0, self._loss(self.weights, self.biases)]]

    def learn(self, steps):
        weights, biases = self.weights, self.biases
        with np.errstate(over="ignore", invalid="ignore"):  # that's said below, in words
            for _ in range(steps):
                slopes, bias_slopes = self._slopes(weights, biases)
                weights, biases = weights - self.rate * slopes, biases - self.rate * bias_slopes
            loss = self._loss(weights, biases)
        if not np.isfinite(loss):
            raise ValueError("The weights have grown too large to compute with. Choose a lower learning rate.")
        self.weights, self.biases, self.step = weights, biases, self.step + steps
        self.curve.append([self.step, loss])

    def _loss(self, weights, biases):
        return float(((self._images @ weights + biases - self._targets) ** 2).sum(axis=1).mean())

    def _slopes(self, weights, biases):
        try:
            result = self._gradient(self._images, self._targets, weights.copy(), biases.copy())
        except Exception as error:
            raise ValueError(f"Your gradient stopped with {type(error).__name__}: {error}") from error
        if result is None or result is ...:
            raise ValueError("Your gradient returns nothing yet. Write it, run its cell, then run this one.")
        try:
            slopes, bias_slopes = (np.asarray(part, np.float32) for part in result)
        except (TypeError, ValueError):
            raise ValueError("Your gradient should return two arrays: for the weights and for the biases.") from None
        if (slopes.shape, bias_slopes.shape) != (weights.shape, biases.shape):
            shapes = f"{slopes.shape} and {bias_slopes.shape}"
            raise ValueError(f"Your gradient should return slopes of shapes (784, 10) and (10,), not {shapes}.")
        return slopes, bias_slopes
