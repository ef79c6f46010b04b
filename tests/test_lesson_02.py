"""What lesson 02 builds by hand does what other tools do, and its checks know the likely mistakes."""

import ast

import nbformat
import numpy as np
import pytest
from lesson_code import NOTEBOOKS, function_from
from sklearn.linear_model import LinearRegression
from sklearn.neighbors import NearestCentroid

from digits_helpers import checks
from digits_helpers.checks import lesson_02
from digits_helpers.widgets.templates_run import Run

LESSON = "02-set-a-baseline"


@pytest.fixture
def rng():
    return np.random.default_rng(2)


def lesson(name, **namespace):
    return function_from(LESSON, name, np=np, **namespace)


def solution(name):
    """The folded solution of an exercise."""
    for cell in nbformat.read(NOTEBOOKS / f"{LESSON}.ipynb", as_version=4).cells:
        if cell.cell_type == "markdown" and f"def {name}(" in cell.source:
            code = cell.source.split("```python\n")[1].split("```")[0]
            namespace = {"np": np}
            exec(compile(ast.parse(code), "solution", "exec"), namespace)
            return namespace[name]
    raise LookupError(name)


def squared(images, means):
    return ((images[:, np.newaxis] - means) ** 2).sum(axis=2)


def scores(images, means):
    return 2 * images @ means.T - (means**2).sum(axis=1)


def gradient(images, targets, weights, biases):
    errors = images @ weights + biases - targets
    return 2 * images.T @ errors / len(images), 2 * errors.mean(axis=0)


# What it builds


def test_as_rows_keeps_every_pixel_in_its_place(rng):
    images = rng.integers(0, 256, (5, 28, 28), dtype=np.uint8)
    rows = lesson("as_rows")(images)
    assert rows.shape == (5, 784) and rows.dtype == np.float32
    assert rows[3, 28 * 7 + 2] == np.float32(images[3, 7, 2]) / 255


@pytest.mark.parametrize("scores_of", [lesson_02._our_linear_scores, solution("linear_scores"), scores])
def test_the_linear_scores_are_scikit_learns_nearest_centroid(rng, scores_of):
    images, labels = rng.random((300, 20)), rng.integers(4, size=300)
    centroids = NearestCentroid().fit(images, labels)
    found = scores_of(images, centroids.centroids_)
    assert np.array_equal(found.argmax(axis=1), centroids.predict(images))
    by_hand = np.array([lesson("squared_distances")(image, centroids.centroids_) for image in images])
    np.testing.assert_allclose(by_hand, squared(images, centroids.centroids_))
    np.testing.assert_allclose(found + by_hand, np.repeat((images**2).sum(axis=1, keepdims=True), 4, axis=1))


@pytest.mark.parametrize("slopes_of", [lesson_02._our_gradient, solution("gradient"), gradient])
def test_the_gradient_is_what_nudging_finds(rng, slopes_of):
    loss = lesson("loss")
    images, targets = rng.random((40, 6)), np.eye(10)[rng.integers(10, size=40)]
    weights, biases = rng.normal(size=(6, 10)), rng.normal(size=10)
    slopes, bias_slopes = slopes_of(images, targets, weights, biases)
    for place in [(0, 0), (2, 7), (5, 9)]:
        nudge = np.zeros((6, 10))
        nudge[place] = 1e-5
        higher, lower = (loss(images, targets, weights + sign * nudge, biases) for sign in (1, -1))
        assert slopes[place] == pytest.approx((higher - lower) / 2e-5, abs=1e-6)
    nudge = 1e-5 * np.eye(10)[4]
    higher, lower = (loss(images, targets, weights, biases + sign * nudge) for sign in (1, -1))
    assert bias_slopes[4] == pytest.approx((higher - lower) / 2e-5, abs=1e-6)


def test_gradient_descent_ends_at_scikit_learns_least_squares(rng):
    images, targets = rng.random((60, 5)), np.eye(10)[rng.integers(10, size=60)]
    run = Run(gradient, images, targets, rate=0.3)
    run.learn(3000)
    fitted = LinearRegression().fit(images, targets)
    np.testing.assert_allclose(run.weights, fitted.coef_.T, atol=1e-3)
    np.testing.assert_allclose(run.biases, fitted.intercept_, atol=1e-3)


def test_the_first_step_makes_mean_images(rng):
    images, labels = rng.random((50, 7)), np.arange(50) % 10
    run = Run(gradient, images, np.eye(10)[labels], rate=0.1)
    run.learn(1)
    means = np.stack([images[labels == digit].mean(axis=0) for digit in range(10)])
    np.testing.assert_allclose(run.weights.T, 2 * 0.1 * means / 10, atol=1e-6)


@pytest.mark.parametrize("pixels", [0, 2, 6])
def test_shifted_moves_to_the_right_and_loses_what_leaves(rng, pixels):
    images = rng.random((4, 28, 28))
    result = lesson("shifted")(images.reshape(4, 784), pixels).reshape(4, 28, 28)
    assert np.array_equal(result[:, :, pixels:], images[:, :, : 28 - pixels])
    assert (result[:, :, :pixels] == 0).all()


def test_compare_counts_both_ways():
    compare = lesson("compare", y_val=np.array([1, 2, 3, 4, 5]))
    assert compare(np.array([1, 0, 0, 4, 0]), np.array([0, 2, 3, 4, 0])) == "2 fixed, 1 broken"


@pytest.mark.parametrize("n, right", [(400, 310), (6000, 5730)])
def test_the_interval_is_near_wilsons(n, right):
    answers = np.r_[np.ones(right), np.zeros(n - right)]
    share, low, high = lesson("with_interval", accuracy=np.mean, y_val=answers)(answers)
    from digits_helpers import interval

    assert (low, high) == pytest.approx(interval(share, n), abs=0.005)


# Its checks


@pytest.mark.parametrize(
    "answer, hint",
    [
        (scores, "✅"),
        (lambda images, means: images @ means.T, "take it twice"),
        (lambda images, means: 2 * images @ means.T, "mean² is missing"),
        (lambda images, means: images @ means.T - (means**2).sum(axis=1), "counts twice"),
        (lambda images, means: images @ means.T - (means**2).sum(axis=1) / 2, "half the scores"),
        (lambda images, means: 2 * images @ means.T + (means**2).sum(axis=1), "wrong sign"),
        (lambda images, means: -scores(images, means), "wrong way round"),
        (lambda images, means: 2 * images @ means.T - (images**2).sum(axis=1)[:, np.newaxis], "should be mean²"),
        (squared, "squared distances"),
        (lambda images, means: 2 * images @ means.T - means.sum(axis=1), "square the means"),
        (lambda images, means: scores(images, means).T, "one row per mean"),
        (lambda images, means: scores(images, means).argmax(axis=1), "(2, 4)"),
        (lambda images, means: np.zeros((2, 4)), "over all pixels"),
        (lambda images, means: images @ means, "ValueError"),
        (lambda images, means: None, "not written yet"),
    ],
)
def test_the_check_of_the_scores_names_the_mistake(answer, hint, capsys):
    checks.linear_scores(answer)
    assert hint in capsys.readouterr().out


def changed(change):
    """The gradient with a mistake: ``change`` gets the errors, the images and the right answer."""

    def wrong(images, targets, weights, biases):
        return change(*gradient(images, targets, weights, biases), images)

    return wrong


@pytest.mark.parametrize(
    "answer, hint",
    [
        (gradient, "✅"),
        (changed(lambda slopes, bias, _: [slopes, bias]), "✅"),
        (changed(lambda slopes, bias, _: (slopes / 2, bias / 2)), "half of what they should be"),
        (changed(lambda slopes, bias, _: (-slopes, -bias)), "the sign is wrong"),
        (changed(lambda slopes, bias, _: (-slopes / 2, -bias / 2)), "and so is a factor"),
        (changed(lambda slopes, bias, images: (slopes * len(images), bias)), "sum over the images"),
        (changed(lambda slopes, bias, images: (slopes * len(images) / 2, bias)), "and take 2 × error"),
        (changed(lambda slopes, bias, _: (slopes / 3, bias)), "number of images only"),
        (changed(lambda slopes, bias, _: (slopes.T, bias)), "lie on their side"),
        (changed(lambda slopes, bias, _: slopes), "return two arrays"),
        (changed(lambda slopes, bias, _: (slopes, bias.mean())), "mean(axis=0)"),
        (changed(lambda slopes, bias, _: (slopes, bias / 2)), "half of what"),
        (changed(lambda slopes, bias, _: (slopes, -bias)), "wrong sign"),
        (changed(lambda slopes, bias, images: (slopes, bias * len(images))), "take the mean"),
        (changed(lambda slopes, bias, _: (slopes, bias + 1)), "2 × the mean error"),
        (changed(lambda slopes, bias, _: (slopes + 1, bias)), "2 × images.T @ errors"),
        (lambda x, y, w, b: gradient(x, y, w, 0 * b), "lack their biases"),
        (lambda x, y, w, b: (x @ (x @ w + b - y), b), "ValueError"),
        (lambda *_: ..., "not written yet"),
    ],
)
def test_the_check_of_the_gradient_names_the_mistake(answer, hint, capsys):
    checks.gradient(answer)
    assert hint in capsys.readouterr().out


def test_a_check_hands_back_yours_or_ours(capsys):
    assert checks.gradient(gradient) is gradient
    assert "goes on" not in capsys.readouterr().out
    assert checks.gradient(lambda *_: None) is lesson_02._our_gradient
    assert "The lesson goes on with our function" in capsys.readouterr().out
