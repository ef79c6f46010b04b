"""The trained network in NumPy, and the file that it comes in; nothing here needs TensorFlow."""

import tracemalloc

import numpy as np
import pytest

import digits_helpers as dh
from digits_helpers import network

MAPS_OF_ONE_IMAGE = 4 * 26 * 26 * 32  # bytes of the first convolution's output


@pytest.fixture(scope="module")
def predict():
    return dh.Predictor()


@pytest.fixture(scope="module")
def images():
    return np.random.default_rng(0).random((300, 28, 28), np.float32)


# What it answers


def test_it_reads_996_of_1000_test_images(predict, all_of_mnist):
    answers = predict(all_of_mnist.x_test / np.float32(255)).argmax(axis=1)
    assert np.mean(answers == all_of_mnist.y_test) >= 0.996


def test_it_reads_the_first_of_each_digit(predict, sample):
    digits, first = np.unique(sample.y_test, return_index=True)
    assert predict(sample.x_test[first] / 255).argmax(axis=1).tolist() == digits.tolist() == list(range(10))


def test_it_reads_a_drawing_alike_in_any_place_size_and_brush(predict):
    rng = np.random.default_rng(0)
    alike = []
    for number in range(100):
        strokes = dh.write_digit(number % 10, rng)
        points = np.concatenate(strokes)
        low, extent = points.min(axis=0), np.ptp(points, axis=0)
        images = []
        for share in (0.30, 0.55, 0.85):
            scale = share * 280 / extent.max()
            corner = rng.uniform(12, 268 - extent * scale)
            moved = [(stroke - low) * scale + corner for stroke in strokes]
            images += [dh.prepare(dh.rasterize(moved, width=width)) for width in (8, 16, 24)]
        answers = predict(np.stack(images)).argmax(axis=1)
        alike += (answers == np.bincount(answers).argmax()).tolist()
    assert np.mean(alike) >= 0.98  # 99 of 100 are measured on many more: benchmarks/drawn_digits.py


def test_it_gives_ten_probabilities(predict, images):
    probabilities = predict(images[:7])
    assert probabilities.shape == (7, 10) and probabilities.dtype == np.float32 and probabilities.min() >= 0
    np.testing.assert_allclose(probabilities.sum(axis=1), 1, atol=1e-5)


def test_an_image_is_read_alike_alone_and_among_others(predict, images):
    together = predict(images)
    alone = [predict(image)[0] for image in images[::30]]
    np.testing.assert_allclose(together[::30], alone, atol=1e-6)


def test_no_images_give_no_rows(predict):
    answer = predict(np.empty((0, 28, 28), np.float32))
    assert answer.shape == (0, 10) and answer.dtype == np.float32


def test_many_images_go_through_in_batches(predict, images):
    tracemalloc.start()
    try:
        predict(images)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < len(images) * MAPS_OF_ONE_IMAGE / 2, "not even one layer's maps of all images fit in there"


@pytest.mark.parametrize("value", [-0.1, 1.1, 255, np.nan])
def test_values_outside_0_to_1_are_refused(predict, value):
    image = np.zeros((28, 28), np.float32)
    image[3, 4] = value
    with pytest.raises(ValueError, match="from 0 to 1"):
        predict(image)
    with pytest.raises(ValueError, match="from 0 to 1"):
        predict.activations(image)


# What its layers put out


def test_every_layer_has_its_shape(predict, images):
    outputs = predict.activations(images[:2])
    assert tuple(outputs) == network.PRETRAINED_LAYERS
    assert [output.shape for output in outputs.values()] == [
        (2, 26, 26, 32),
        (2, 13, 13, 32),
        (2, 11, 11, 64),
        (2, 9, 9, 64),
        (2, 4, 4, 64),
        (2, 2, 2, 128),
        (2, 128),
        (2, 10),
    ]
    assert {output.dtype for output in outputs.values()} == {np.dtype(np.float32)}


def test_the_last_layer_is_the_answer(predict, images):
    np.testing.assert_allclose(predict.activations(images[:7])["dense2"], predict(images[:7]), atol=1e-6)


def test_every_output_has_an_array_of_its_own(predict, images):
    arrays = [images, *predict.activations(images[:2]).values(), *network.load_weights().values()]
    for number, array in enumerate(arrays):
        assert not any(np.shares_memory(array, other) for other in arrays[:number])


# The file


def test_the_file_holds_float16_and_is_under_400_kilobytes():
    assert network.PRETRAINED.stat().st_size < 400_000
    with np.load(network.PRETRAINED, allow_pickle=False) as file:
        assert {file[name].dtype for name in file.files} == {np.dtype(np.float16)}
        assert sum(file[name].size for name in file.files) == 196_554


def test_no_code_runs_from_the_file(tmp_path, monkeypatch):
    np.savez(tmp_path / "carrier.npz", conv1_kernel=np.array([print], dtype=object))
    monkeypatch.setattr(network, "PRETRAINED", tmp_path / "carrier.npz")
    network.load_weights.cache_clear()
    with pytest.raises(ValueError, match="allow_pickle"):  # and what isn't loaded isn't cached
        network.load_weights()


def test_nobody_can_change_the_weights_for_everybody():
    with pytest.raises(ValueError, match="read-only"):
        network.load_weights()["conv1_bias"][0] = 1
