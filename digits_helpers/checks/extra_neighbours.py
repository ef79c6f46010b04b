"""Checks for the exercises in the side lesson on nearest neighbours and PCA."""

import numpy as np

from digits_helpers.checks.lesson_02 import go_on_with


def _our_vote(distances, labels, k):
    return np.bincount(labels[np.argsort(distances)[:k]]).argmax()


@go_on_with(_our_vote)
def vote(function):
    distances = np.array([5, 1, 4, 2, 3, 9, 8, 7, 6.0])
    labels = np.array([9, 3, 9, 9, 3, 7, 7, 7, 7])
    result = function(distances, labels, 5)
    assert np.shape(result) == (), f"expected one digit, not {result!r}."
    assert result != 7, "7 is frequent among the far ones: let only the k nearest vote."
    assert function(distances, labels, 1) != 1, "that's a position or a count: return the label."
    for k, nearest, winner in [(1, "3", 3), (3, "3, 9, 3", 3), (5, "3, 9, 3, 9, 9", 9)]:
        found = function(distances, labels, k)
        assert found == winner, f"with k={k} the nearest are labelled {nearest}: expected {winner}, not {found}."


def _our_rebuild(image, mean, components):
    amounts = components @ (image - mean)
    return mean + amounts @ components


@go_on_with(_our_rebuild)
def rebuild(function):
    image, mean = np.array([3, 1, 4, 1.0]), np.array([1, 1, 2, 2.0])
    components = np.array([[0.6, 0, 0.8, 0], [0, 1, 0, 0]])
    result = np.asarray(function(image, mean, components))
    assert result.shape != (2,), "those are the amounts: multiply them by the components and add the mean."
    assert result.shape == (4,), f"expected an image of four pixels, not shape {result.shape}."
    amounts = components @ (image - mean)
    assert not np.allclose(result, amounts @ components), "add the mean again at the end."
    assert not np.allclose(result, mean + (components @ image) @ components), "subtract the mean from the image first."
    assert np.allclose(result, _our_rebuild(image, mean, components)), "expected mean + amounts @ components."
