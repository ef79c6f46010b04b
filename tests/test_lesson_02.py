"""What lesson 02 builds by hand does what scikit-learn and SciPy do, and its checks know the likely mistakes."""

import numpy as np
import pytest
from lesson_code import function_from
from scipy.special import softmax as scipy_softmax
from scipy.stats import binomtest
from sklearn.decomposition import PCA
from sklearn.metrics import log_loss
from sklearn.neighbors import NearestCentroid
from sklearn.neural_network import MLPClassifier

from digits_helpers import checks

LESSON = "02-set-a-baseline"


@pytest.fixture
def rng():
    return np.random.default_rng(2)


def lesson(name, **namespace):
    return function_from(LESSON, name, np=np, **namespace)


def test_as_rows_keeps_every_pixel_in_its_place(rng):
    images = rng.integers(0, 256, (5, 28, 28), dtype=np.uint8)
    rows = lesson("as_rows")(images)
    assert rows.shape == (5, 784) and rows.dtype == np.float32
    assert rows[3, 28 * 7 + 2] == np.float32(images[3, 7, 2]) / 255


def test_the_nearest_mean_is_scikit_learns_nearest_centroid(rng):
    images, labels = rng.random((300, 20)), rng.integers(4, size=300)
    means = np.stack([images[labels == label].mean(axis=0) for label in range(4)])
    centroids = NearestCentroid().fit(images, labels)
    np.testing.assert_allclose(centroids.centroids_, means)
    distances = lesson("squared_distances")(images, means)
    assert distances.shape == (300, 4)
    np.testing.assert_allclose(distances, ((images[:, np.newaxis] - means) ** 2).sum(axis=2))
    assert np.array_equal(distances.argmin(axis=1), centroids.predict(images))


@pytest.mark.parametrize("shape", [(3,), (50, 10)])
def test_softmax_agrees_with_scipy(rng, shape):
    scores = 5 * rng.normal(size=shape)
    np.testing.assert_allclose(lesson("softmax")(scores), scipy_softmax(scores, axis=-1))


def test_the_gradient_is_what_nudging_finds(rng):
    softmax = lesson("softmax")
    gradient = lesson("gradient", softmax=softmax)
    images, labels = rng.random((40, 6)), rng.integers(10, size=40)
    weights, biases = rng.normal(size=(6, 10)), rng.normal(size=10)

    def loss(weights, biases):
        return log_loss(labels, softmax(images @ weights + biases), labels=range(10))

    slopes, bias_slopes = gradient(images, labels, weights, biases)
    for place in [(0, 0), (2, 7), (5, 9)]:
        nudge = np.zeros((6, 10))
        nudge[place] = 1e-5
        by_nudging = (loss(weights + nudge, biases) - loss(weights - nudge, biases)) / 2e-5
        assert slopes[place] == pytest.approx(by_nudging, abs=1e-6)
    nudge = 1e-5 * np.eye(10)[4]
    by_nudging = (loss(weights, biases + nudge) - loss(weights, biases - nudge)) / 2e-5
    assert bias_slopes[4] == pytest.approx(by_nudging, abs=1e-6)


@pytest.mark.parametrize("count", [1, 4, 12])
def test_rebuilding_is_scikit_learns_inverse_transform(rng, count):
    images = rng.random((60, 12)) @ rng.random((12, 12))
    rebuild = lesson("rebuild", pca=PCA().fit(images))
    few = PCA(count).fit(images)
    np.testing.assert_allclose(rebuild(images, count), few.inverse_transform(few.transform(images)), atol=1e-8)


def test_the_mlp_by_hand_answers_as_scikit_learns(rng):
    images, labels = rng.random((90, 7)), rng.integers(3, size=90)
    mlp = MLPClassifier((5,), tol=1, n_iter_no_change=1, random_state=0).fit(images, labels)
    by_hand = lesson("mlp_probabilities", softmax=lesson("softmax"))(images, mlp.coefs_, mlp.intercepts_)
    np.testing.assert_allclose(by_hand, mlp.predict_proba(images), atol=1e-8)


@pytest.mark.parametrize("right, n", [(310, 400), (380, 400), (5730, 6000)])
def test_the_margin_is_near_wilsons_interval(right, n):
    wilson = binomtest(right, n).proportion_ci(method="wilson")
    share, half = right / n, lesson("margin")(right / n, n)
    assert (share - half, share + half) == pytest.approx((wilson.low, wilson.high), abs=0.005)


@pytest.mark.parametrize("pixels", [-3, 0, 2])
def test_moved_moves_each_row_of_pixels_to_the_right(rng, pixels):
    images = np.zeros((4, 28, 28))
    images[:, 4:24, 4:24] = rng.random((4, 20, 20))
    result = lesson("moved")(images.reshape(4, 784), pixels).reshape(4, 28, 28)
    assert np.array_equal(result[:, 4:24, 4 + pixels : 24 + pixels], images[:, 4:24, 4:24])
    assert result.sum() == pytest.approx(images.sum())


def squared(images, means):
    return ((images[:, np.newaxis] - means) ** 2).sum(axis=2)


@pytest.mark.parametrize(
    "answer, hint",
    [
        (lambda images, means: squared(images, means).argmin(axis=1), "✅"),
        (lambda images, means: squared(images, means).argmax(axis=1), "farthest"),
        (lambda images, means: squared(images, means).argmin(axis=0), "axis 1"),
        (lambda images, means: squared(images, means), "place of the smallest"),
        (lambda images, means: squared(images, means).min(axis=1), "their places"),
        (lambda images, means: np.sqrt(squared(images, means)).min(axis=1), "their places"),
        (lambda images, means: (images[:, np.newaxis] - means).sum(axis=2).argmin(axis=1), "cancel"),
        (lambda images, means: abs((images[:, np.newaxis] - means).sum(axis=2)).argmin(axis=1), "cancel"),
        (lambda images, means: abs(images[:, np.newaxis] - means).sum(axis=2).argmin(axis=1), "their squares"),
        (lambda images, means: (images @ means.T).argmax(axis=1), "much ink"),
        (lambda images, means: squared(images, means).argmin(), "six answers"),
        (lambda images, means: np.zeros(6, int), "expected 1, 0, 2, 0, 2, 2"),
        (lambda images, means: ((images - means) ** 2).sum(), "ValueError"),
        (lambda images, means: None, "not written yet"),
    ],
)
def test_the_check_of_the_nearest_mean_names_the_mistake(answer, hint, capsys):
    checks.nearest_mean(answer)
    assert hint in capsys.readouterr().out


@pytest.mark.parametrize(
    "answer, hint",
    [
        (lambda i, h, o: (i + 1) * h + (h + 1) * o, "✅"),
        (lambda i, h, o: i * h + h * o, "bias as well"),
        (lambda i, h, o: i * h * o, "and add"),
        (lambda i, h, o: (i + 1) * h, "first part"),
        (lambda i, h, o: (i + 1) * o, "logistic regression"),
        (lambda i, h, o: (i + 1) * h + h * o, "The outputs have biases"),
        (lambda i, h, o: i * h + (h + 1) * o, "hidden units have biases"),
        (lambda i, h, o: i * h + 1 + h * o + 1, "one bias for each step"),
        (lambda i, h, o: i + i * h + h + h * o + o, "no biases"),
        (lambda i, h, o: i + h + o, "How many weights"),
        (lambda i, h, o: np.array((i + 1) * h + (h + 1) * o), "✅"),
        (lambda i, h, o: [(i + 1) * h, (h + 1) * o], "expected one number"),
        (lambda i, h, o: ..., "not written yet"),
        (lambda i, h, o: None, "not written yet"),
    ],
)
def test_the_check_of_the_mlps_parameters_names_the_mistake(answer, hint, capsys):
    checks.mlp_parameters(answer)
    assert hint in capsys.readouterr().out
