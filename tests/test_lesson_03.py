"""What lesson 03 builds by hand does what Keras and the package do, and its network is the package's."""

import ast

import keras
import nbformat
import numpy as np
import pytest
from keras import layers
from lesson_code import NOTEBOOKS, function_from, solution_from

import digits_helpers as dh
from digits_helpers import checks, network
from digits_helpers import layers as package

LESSON = "03-build-the-cnn"


@pytest.fixture
def rng():
    return np.random.default_rng(3)


def random_floats(rng, *shape):
    return rng.normal(size=shape).astype(np.float32)


def solution(name):
    return solution_from(LESSON, name, np=np)


# By hand, as the package does it, and with Keras: the same


@pytest.mark.parametrize("shape", [(28, 28), (3, 3), (11, 6)])
def test_convolution(rng, shape):
    image, kernel = random_floats(rng, *shape), random_floats(rng, 3, 3)
    layer = layers.Conv2D(1, 3, use_bias=False)
    layer.build((None, *shape, 1))
    layer.set_weights([kernel.reshape(3, 3, 1, 1)])
    by_keras = layer(image.reshape(1, *shape, 1)).numpy()[0, :, :, 0]
    by_package = package.convolve(image[None, :, :, None], kernel[:, :, None, None], np.zeros(1))[0, :, :, 0]
    np.testing.assert_allclose(solution("convolve")(image, kernel), by_keras, atol=1e-5)
    np.testing.assert_allclose(by_package, by_keras, atol=1e-5)


def test_convolution_of_many_channels(rng):
    convolve_channels = function_from(LESSON, "convolve_channels", convolve=solution("convolve"))
    maps, kernels, biases = random_floats(rng, 13, 13, 8), random_floats(rng, 3, 3, 8, 5), random_floats(rng, 5)
    layer = layers.Conv2D(5, 3)
    layer.build((None, 13, 13, 8))
    layer.set_weights([kernels, biases])
    by_keras = layer(maps[np.newaxis]).numpy()[0]
    by_hand = [convolve_channels(maps, kernels[..., number], biases[number]) for number in range(5)]
    np.testing.assert_allclose(np.stack(by_hand, axis=-1), by_keras, atol=1e-5)
    np.testing.assert_allclose(package.convolve(maps[np.newaxis], kernels, biases)[0], by_keras, atol=1e-5)


@pytest.mark.parametrize("shape", [(26, 26), (11, 11), (2, 5)])
def test_max_pooling(rng, shape):
    image = random_floats(rng, *shape)
    by_keras = layers.MaxPooling2D()(image.reshape(1, *shape, 1)).numpy()[0, :, :, 0]
    np.testing.assert_allclose(solution("max_pool")(image), by_keras, atol=1e-6)
    np.testing.assert_allclose(package.max_pool(image[None, :, :, None])[0, :, :, 0], by_keras, atol=1e-6)


def test_relu(rng):
    values, by_hand = random_floats(rng, 26, 26), function_from(LESSON, "relu", np=np)
    np.testing.assert_array_equal(by_hand(values), keras.ops.relu(values).numpy())
    np.testing.assert_array_equal(by_hand(values), package.relu(values))


@pytest.mark.parametrize("scale", [1, 1000])
def test_softmax(rng, scale):
    logits, by_hand = scale * random_floats(rng, 20, 10), function_from(LESSON, "softmax", np=np)
    np.testing.assert_allclose(by_hand(logits), keras.ops.softmax(logits).numpy(), atol=1e-5)
    np.testing.assert_array_equal(by_hand(logits), package.softmax(logits))


def test_cross_entropy(rng):
    cross_entropy = function_from(LESSON, "cross_entropy", np=np)
    probabilities = keras.ops.softmax(random_floats(rng, 20, 10)).numpy()
    labels = rng.integers(10, size=20)
    by_hand = [cross_entropy(row, label) for row, label in zip(probabilities, labels, strict=True)]
    by_keras = keras.losses.sparse_categorical_crossentropy(labels, probabilities).numpy()
    np.testing.assert_allclose(by_hand, by_keras, atol=1e-5)


def test_the_parameters(rng):
    count = solution("conv_parameters")
    for size, channels, filters in [(3, 1, 32), (3, 32, 64), (5, 3, 7)]:
        layer = layers.Conv2D(filters, size)
        layer.build((None, 28, 28, channels))
        assert count(size, channels, filters) == layer.count_params()


def test_the_network_is_build_cnn_and_runs_by_hand():
    lesson, built = network_from_lesson(), dh.build_cnn()
    assert settings(lesson) == settings(built)
    assert lesson.count_params() == built.count_params() == 93_322
    built.set_weights(lesson.get_weights())
    images = np.random.default_rng(3).random((5, 28, 28, 1), np.float32)
    by_keras = lesson(images).numpy()
    np.testing.assert_allclose(built(images).numpy(), by_keras, atol=1e-6)
    names = {name: function_from(LESSON, name, np=np) for name in ("relu", "softmax")}
    by_hand = function_from(LESSON, "by_hand", fast=package, **names)
    np.testing.assert_allclose(by_hand(images, lesson.get_weights()), by_keras, atol=1e-5)


def test_activations_end_in_what_the_shipped_network_answers():
    images = np.random.default_rng(3).random((3, 28, 28, 1), np.float32)
    np.testing.assert_allclose(network.activations(images)["dense2"], dh.load_pretrained()(images).numpy(), atol=1e-5)


def network_from_lesson():
    """The model that the lesson's one cell with ``model = keras.Sequential(…)`` makes."""
    cells = nbformat.read(NOTEBOOKS / f"{LESSON}.ipynb", as_version=4).cells
    [source] = [c.source for c in cells if c.cell_type == "code" and "model = keras.Sequential(" in c.source]
    assert all(isinstance(node, ast.Assign) for node in ast.parse(source).body), "the cell does more than build it"
    namespace = {"keras": keras, "layers": layers}
    exec(source, namespace)
    return namespace["model"]


def settings(model):
    return [(type(layer).__name__, {**layer.get_config(), "name": None}) for layer in model.layers]


# Wrong answers that readers give, and a word of the hint that each should get. Where they fail, ours stands in.


def slide(image, kernel, combine):
    height, width = image.shape[0] - 2, image.shape[1] - 2
    return np.array([[combine(image[r : r + 3, c : c + 3], kernel) for c in range(width)] for r in range(height)])


@pytest.mark.parametrize(
    ("wrong", "hint"),
    [
        (lambda image, kernel: ..., "not written yet"),
        (lambda image, kernel: slide(image, kernel, lambda p, k: (p * k[::-1, ::-1]).sum()), "half a turn"),
        (lambda image, kernel: slide(image, kernel, lambda p, k: (p * k.T).sum()), "exchanged"),
        (lambda image, kernel: slide(image, kernel, lambda p, k: (p * k).mean()), "mean"),
        (lambda image, kernel: slide(image, kernel, lambda p, k: int((p * k).sum())), "decimals"),
        (lambda image, kernel: slide(image, kernel, lambda p, k: (p @ k).sum()), "number by number"),
        (lambda image, kernel: slide(np.roll(image, 1), kernel, lambda p, k: (p * k).sum()), "first patch"),
        (lambda image, kernel: np.zeros((4, 3)), "all sums are 0"),
        (lambda image, kernel: np.zeros((26, 26)), "image.shape"),
        (lambda image, kernel: np.zeros(image.shape), "2 smaller"),
        (lambda image, kernel: np.zeros((4, 4)), "(4, 3)"),
        (lambda image, kernel: (image[:3, :3] * kernel).sum(), "one number"),
        (lambda image, kernel: image[99], "IndexError"),
    ],
)
def test_convolve_hints(capsys, wrong, hint):
    goes_on = checks.convolve(wrong)
    said = capsys.readouterr().out
    assert said.startswith("❌") and hint in said and "goes on with our function" in said
    image = np.random.default_rng(0).random((28, 28))
    np.testing.assert_allclose(goes_on(image, np.eye(3)), solution("convolve")(image, np.eye(3)))


@pytest.mark.parametrize(
    ("wrong", "hint"),
    [
        (lambda image: ..., "not written yet"),
        (lambda image: image.max(), "one number"),
        (lambda image: image[:5, :4], "overlap"),
        (lambda image: image[::2, ::2], "rounds down"),
        (lambda image: np.zeros((13, 13)), "image.shape"),
        (lambda image: image[:6:2, :4:2], "upper left"),
        (lambda image: image[:3, :2], "2 * row"),
        (lambda image: image[:, :4].reshape(3, 2, 2, 2).mean(axis=(1, 3)), "means"),
        (lambda image: image[:, :4].reshape(3, 2, 2, 2).min(axis=(1, 3)), "smallest"),
        (lambda image: image[:, :4].reshape(3, 2, 2, 2).max(axis=(1, 3)).clip(0), "negative"),
        (lambda image: image[3:, 3:], "largest of each square"),
        (lambda image: image[:2], "(3, 2)"),
    ],
)
def test_max_pool_hints(capsys, wrong, hint):
    goes_on = checks.max_pool(wrong)
    said = capsys.readouterr().out
    assert said.startswith("❌") and hint in said
    image = np.random.default_rng(0).normal(size=(11, 11))
    np.testing.assert_array_equal(goes_on(image), solution("max_pool")(image))


@pytest.mark.parametrize("name", ["convolve", "max_pool", "conv_parameters"])
def test_the_lesson_goes_on_with_the_readers_function_if_it_passes(capsys, name):
    mine = solution(name)
    assert getattr(checks, name)(mine) is mine
    assert capsys.readouterr().out == f"✅ {name}\n"


def test_upper_edges_hints(capsys):
    for kernel, hint in [
        ([[0, 0, 0], [0, 0, 0], [0, 0, 0]], "0 to everything"),
        ([[1, 1, 1], [0, 0, 0], [-1, -1, -1]], "lower row should count with plus"),
        ([[-1, 0, 1], [-1, 0, 1], [-1, 0, 1]], "vertical edge"),
        ([[0, 0, 0], [0, 0, 0], [1, 1, 1]], "sum to 0"),
        ([-1, 0, 1], "shape (3, 3)"),
        ([[-1, -2, -1], [0, 0, 0], [1, 2, 1]], "✅"),
        ([[-1, -1, -1], [1, 1, 1], [0, 0, 0]], "two positive numbers"),
    ]:
        checks.upper_edges(lambda kernel=kernel: kernel)
        assert hint in capsys.readouterr().out


def test_conv_parameters_hints(capsys):
    for wrong, hint in [
        (lambda size, channels, filters: size * size * channels * filters, "bias as well"),
        (lambda size, channels, filters: size * size * channels * filters + 1, "bias of its own"),
        (lambda size, channels, filters: (size * size + 1) * channels * filters, "not one for each channel"),
        (lambda size, channels, filters: (size * size + 1) * filters, "every channel"),
        (lambda size, channels, filters: (size * channels + 1) * filters, "How many weights"),
        (lambda size, channels, filters: size * size * channels * filters + filters, "✅"),
        (lambda size, channels, filters: np.array(size * size * channels * filters + filters), "✅"),
        (lambda size, channels, filters: [size * size * channels * filters, filters], "one number"),
    ]:
        goes_on = checks.conv_parameters(wrong)
        assert hint in capsys.readouterr().out
        assert goes_on(3, 1, 32) == 320
