"""What lesson 03 builds by hand does what Keras does, and its network is the package's."""

import ast

import keras
import nbformat
import numpy as np
import pytest
from keras import layers
from lesson_code import NOTEBOOKS, function_from

import digits_helpers as dh
from digits_helpers import checks

LESSON = "03-build-the-cnn"


@pytest.fixture
def rng():
    return np.random.default_rng(3)


def random_floats(rng, *shape):
    return rng.normal(size=shape).astype(np.float32)


@pytest.mark.parametrize("shape", [(28, 28), (3, 3), (11, 6)])
def test_convolution_agrees_with_keras(rng, shape):
    convolve = function_from(LESSON, "convolve", np=np)
    image, kernel = random_floats(rng, *shape), random_floats(rng, 3, 3)
    layer = layers.Conv2D(1, 3, use_bias=False)
    layer.build((None, *shape, 1))
    layer.set_weights([kernel.reshape(3, 3, 1, 1)])
    expected = layer(image.reshape(1, *shape, 1)).numpy()[0, :, :, 0]
    np.testing.assert_allclose(convolve(image, kernel), expected, atol=1e-5)


def test_convolution_of_many_channels_agrees_with_keras(rng):
    convolve = function_from(LESSON, "convolve", np=np)
    convolve_channels = function_from(LESSON, "convolve_channels", convolve=convolve)
    maps, kernels, biases = random_floats(rng, 13, 13, 8), random_floats(rng, 3, 3, 8, 5), random_floats(rng, 5)
    layer = layers.Conv2D(5, 3)
    layer.build((None, 13, 13, 8))
    layer.set_weights([kernels, biases])
    expected = layer(maps[np.newaxis]).numpy()[0]
    for filter in range(5):
        by_hand = convolve_channels(maps, kernels[:, :, :, filter], biases[filter])
        np.testing.assert_allclose(by_hand, expected[:, :, filter], atol=1e-5)


@pytest.mark.parametrize("shape", [(26, 26), (11, 11), (2, 5)])
def test_max_pooling_agrees_with_keras(rng, shape):
    image = random_floats(rng, *shape)
    expected = layers.MaxPooling2D()(image.reshape(1, *shape, 1)).numpy()[0, :, :, 0]
    np.testing.assert_allclose(function_from(LESSON, "max_pool")(image), expected, atol=1e-5)


def test_relu_agrees_with_keras(rng):
    answers = random_floats(rng, 26, 26)
    np.testing.assert_allclose(
        function_from(LESSON, "relu", np=np)(answers), keras.ops.relu(answers).numpy(), atol=1e-5
    )


@pytest.mark.parametrize("scale", [1, 1000])
def test_softmax_agrees_with_keras(rng, scale):
    logits = scale * random_floats(rng, 20, 10)
    softmax = function_from(LESSON, "softmax", np=np)
    np.testing.assert_allclose(softmax(logits), keras.ops.softmax(logits).numpy(), atol=1e-5)


def test_cross_entropy_agrees_with_keras(rng):
    cross_entropy = function_from(LESSON, "cross_entropy", np=np)
    probabilities = keras.ops.softmax(random_floats(rng, 20, 10)).numpy()
    labels = rng.integers(10, size=20)
    by_hand = [cross_entropy(row, label) for row, label in zip(probabilities, labels, strict=True)]
    expected = keras.losses.sparse_categorical_crossentropy(labels, probabilities).numpy()
    np.testing.assert_allclose(by_hand, expected, atol=1e-5)


def test_the_network_built_in_the_lesson_is_build_cnn():
    lesson, package = network_from_lesson(), dh.build_cnn()
    assert settings(lesson) == settings(package)
    assert [w.shape for w in lesson.weights] == [w.shape for w in package.weights]
    assert lesson.count_params() == package.count_params() == 93_322
    package.set_weights(lesson.get_weights())
    images = np.random.default_rng(3).random((5, 28, 28, 1), np.float32)
    np.testing.assert_allclose(package(images).numpy(), lesson(images).numpy(), atol=1e-6)


def network_from_lesson():
    """The model that the lesson's one cell with ``model = keras.Sequential(…)`` makes."""
    cells = nbformat.read(NOTEBOOKS / f"{LESSON}.ipynb", as_version=4).cells
    [source] = [c.source for c in cells if c.cell_type == "code" and "model = keras.Sequential(" in c.source]
    assert all(isinstance(node, ast.Assign) for node in ast.parse(source).body), "the cell does more than build it"
    namespace = {"keras": keras, "layers": layers}
    exec(source, namespace)
    return namespace["model"]


def settings(network):
    return [(type(layer).__name__, {**layer.get_config(), "name": None}) for layer in network.layers]


# Wrong answers that readers give, and a word of the hint that each should get.


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
        checks.conv_parameters(wrong)
        assert hint in capsys.readouterr().out


def test_mean_loss_hints(capsys):
    def right(probabilities, labels):
        return probabilities[np.arange(len(labels)), labels]

    for wrong, hint in [
        (lambda p, y: np.log(right(p, y)).mean(), "minus"),
        (lambda p, y: -np.log(right(p, y)).sum(), "sum"),
        (lambda p, y: -np.log(right(p, y)), "one number"),
        (lambda p, y: -np.log10(right(p, y)).mean(), "natural"),
        (lambda p, y: -np.log(right(p, y).mean()), "first"),
        (lambda p, y: -np.log(p).mean(), "at its label"),
        (lambda p, y: -np.log(right(p, y)).mean(), "✅"),
    ]:
        checks.mean_loss(wrong)
        assert hint in capsys.readouterr().out
