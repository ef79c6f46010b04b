"""The package's layers in NumPy do what Keras's layers do, and what the functions that lesson 03 builds do."""

import keras
import numpy as np
import pytest
from lesson_code import function_from, solution_from

from digits_helpers.layers import convolve, dense, max_pool, relu, softmax

LESSON = "03-build-the-cnn"


@pytest.fixture
def rng():
    return np.random.default_rng(3)


def random_floats(rng, *shape):
    return rng.normal(size=shape).astype(np.float32)


def assert_same(actual, expected):
    np.testing.assert_allclose(actual, expected, atol=1e-5, strict=True)


# Each layer and Keras's


@pytest.mark.parametrize("n, height, width, channels, filters", [(2, 28, 28, 1, 32), (3, 13, 9, 8, 5), (1, 3, 3, 2, 1)])
def test_convolve_agrees_with_keras(rng, n, height, width, channels, filters):
    maps, kernels = random_floats(rng, n, height, width, channels), random_floats(rng, 3, 3, channels, filters)
    bias = random_floats(rng, filters)
    expected = keras.ops.conv(maps, kernels).numpy() + bias
    assert_same(convolve(maps, kernels, bias), expected)


@pytest.mark.parametrize("shape", [(2, 26, 26, 32), (3, 9, 11, 4), (1, 2, 5, 1)])
def test_max_pool_agrees_with_keras(rng, shape):
    maps = random_floats(rng, *shape)
    assert_same(max_pool(maps), keras.layers.MaxPooling2D()(maps).numpy())


def test_dense_agrees_with_keras(rng):
    layer = keras.layers.Dense(64)
    layer.build((None, 576))
    weights, bias = random_floats(rng, 576, 64) / 24, random_floats(rng, 64)
    layer.set_weights([weights, bias])
    inputs = random_floats(rng, 5, 576)
    assert_same(dense(inputs, weights, bias), layer(inputs).numpy())


def test_relu_agrees_with_keras(rng):
    values = random_floats(rng, 2, 13, 13, 8)
    assert_same(relu(values), keras.ops.relu(values).numpy())


@pytest.mark.parametrize("scale", [1, 1000])
def test_softmax_agrees_with_keras(rng, scale):
    logits = scale * random_floats(rng, 20, 10)
    assert_same(softmax(logits), keras.ops.softmax(logits).numpy())


# Each layer and the lesson's function, which takes one image, and often one channel, at a time


def test_convolve_agrees_with_the_lesson(rng):
    maps, kernels, bias = random_floats(rng, 2, 13, 9, 4), random_floats(rng, 3, 3, 4, 5), random_floats(rng, 5)
    one_kernel = solution_from(LESSON, "convolve", np=np)
    one_filter = function_from(LESSON, "convolve_channels", convolve=one_kernel)
    expected = [[one_filter(one, kernels[..., k], bias[k]) for k in range(5)] for one in maps]
    assert_same(convolve(maps, kernels, bias), np.moveaxis(np.array(expected, np.float32), 1, -1))


@pytest.mark.parametrize("shape", [(2, 26, 26, 3), (1, 9, 11, 2)])
def test_max_pool_agrees_with_the_lesson(rng, shape):
    maps, one_channel = random_floats(rng, *shape), solution_from(LESSON, "max_pool", np=np)
    expected = [[one_channel(one[..., channel]) for channel in range(shape[-1])] for one in maps]
    assert_same(max_pool(maps), np.moveaxis(np.array(expected, np.float32), 1, -1))


@pytest.mark.parametrize("name, layer", [("relu", relu), ("softmax", softmax)])
def test_relu_and_softmax_agree_with_the_lesson(rng, name, layer):
    values = random_floats(rng, 20, 10)
    assert_same(layer(values), function_from(LESSON, name, np=np)(values))


# What they leave alone, and what they refuse


def test_inputs_stay_as_they_were(rng):
    maps, kernels, bias = random_floats(rng, 2, 6, 6, 3), random_floats(rng, 3, 3, 3, 4), random_floats(rng, 4)
    flat, weights = random_floats(rng, 2, 108), random_floats(rng, 108, 4)
    arrays = [maps, kernels, bias, flat, weights]
    before = [array.copy() for array in arrays]
    results = convolve(maps, kernels, bias), max_pool(maps), dense(flat, weights, bias), relu(maps), softmax(flat)
    for array, copy in zip(arrays, before, strict=True):
        np.testing.assert_array_equal(array, copy)
        assert not any(np.shares_memory(array, result) for result in results)


def test_relu_in_place_overwrites_the_values(rng):
    values = random_floats(rng, 7)
    expected = relu(values)
    assert relu(values, out=values) is values
    np.testing.assert_array_equal(values, expected)


@pytest.mark.parametrize("shape", [(3, 3, 1, 4), (5, 5, 2, 4), (3, 3, 3, 4)])
def test_kernels_that_do_not_fit_the_maps_are_refused(shape):
    with pytest.raises(ValueError):
        convolve(np.zeros((1, 6, 6, 2), np.float32), np.zeros(shape, np.float32), np.zeros(4, np.float32))


def test_no_images_give_no_maps():
    no_maps = convolve(np.zeros((0, 6, 6, 2)), np.zeros((3, 3, 2, 4)), np.zeros(4))
    assert no_maps.shape == (0, 4, 4, 4) and max_pool(no_maps).shape == (0, 2, 2, 4)
