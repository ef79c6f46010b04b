"""The lessons' networks in Keras, and ``Predictor`` around a Keras model; test_pretrained.py needs no Keras."""

import statistics
import subprocess
import sys
import time

import keras
import numpy as np
import pytest
import tensorflow as tf
from keras import layers

import digits_helpers as dh
from digits_helpers import network
from digits_helpers.predictor import KERAS_BATCH


@pytest.fixture(scope="module")
def cnn():
    keras.utils.set_random_seed(0)
    return dh.build_cnn()


@pytest.fixture(scope="module")
def pretrained():
    return dh.load_pretrained()


@pytest.fixture(scope="module")
def images():
    return np.random.default_rng(0).random((300, 28, 28), np.float32)


def flat_model(input_shape, outputs=10, activation="softmax"):
    return keras.Sequential(
        [keras.Input(input_shape), layers.Flatten(), layers.Dense(outputs, activation=activation)],
    )


# build_cnn


def test_build_cnn_has_the_parameters_that_the_lesson_counts(cnn):
    counts = [layer.count_params() for layer in cnn.layers if layer.weights]
    assert counts == [320, 18_496, 36_928, 36_928, 650]
    assert cnn.count_params() == sum(counts) == 93_322


def test_build_cnn_has_the_shapes_that_the_lesson_traces(cnn):
    assert cnn.input_shape == (None, 28, 28, 1)
    assert [layer.output.shape[1:] for layer in cnn.layers] == [
        (26, 26, 32),
        (13, 13, 32),
        (11, 11, 64),
        (5, 5, 64),
        (3, 3, 64),
        (576,),
        (64,),
        (10,),
    ]


def test_build_cnn_is_float32_and_not_compiled(cnn):
    assert {weight.dtype for weight in cnn.weights} == {"float32"}
    assert not cnn.compiled


def test_untrained_probabilities_sum_to_1(cnn, images):
    probabilities = cnn(images[:7, :, :, np.newaxis]).numpy()
    assert probabilities.shape == (7, 10)
    assert (probabilities > 0).all()
    np.testing.assert_allclose(probabilities.sum(axis=1), 1, atol=1e-5)


# Predictor: what it answers


@pytest.mark.parametrize("count", [1, 7, 300])
def test_predictor_agrees_with_model_predict(cnn, images, count):
    expected = cnn.predict(images[:count, :, :, np.newaxis], verbose=0)
    answer = dh.Predictor(cnn)(images[:count])
    assert answer.dtype == np.float32
    np.testing.assert_allclose(answer, expected, atol=1e-5)


def test_one_image_without_its_axis_is_one_row(cnn, images):
    predict = dh.Predictor(cnn)
    one = predict(images[0])
    assert one.shape == (1, 10)
    np.testing.assert_allclose(one, predict(images[:1]), atol=1e-6)


def test_no_images_give_no_rows(cnn):
    answer = dh.Predictor(cnn)(np.empty((0, 28, 28), np.float32))
    assert answer.shape == (0, 10) and answer.dtype == np.float32


def test_float64_booleans_and_lists_are_images_too(cnn, images):
    predict = dh.Predictor(cnn)
    inked = images[0] > 0.5
    expected = predict(inked.astype(np.float32))
    for same in (inked, inked.astype(float), inked.tolist()):
        answer = predict(same)
        assert answer.dtype == np.float32
        np.testing.assert_allclose(answer, expected, atol=1e-6)


def test_images_are_left_as_they_were(cnn, images):
    before = images[:3].copy()
    dh.Predictor(cnn)(images[:3])
    np.testing.assert_array_equal(images[:3], before)


@pytest.mark.parametrize("input_shape", [(28, 28), (28, 28, 1)])
@pytest.mark.parametrize("activation", ["softmax", None])
def test_either_input_shape_probabilities_or_logits(images, input_shape, activation):
    keras.utils.set_random_seed(1)
    model = flat_model(input_shape, activation=activation)
    expected = model.predict(images[:7].reshape(7, *input_shape), verbose=0)
    if activation is None:
        assert expected.min() < 0  # logits, or the test would test nothing
        expected = keras.ops.softmax(expected).numpy()
    answer = dh.Predictor(model)(images[:7])
    np.testing.assert_allclose(answer, expected, atol=1e-5)
    np.testing.assert_allclose(answer.sum(axis=1), 1, atol=1e-5)


def test_large_logits_do_not_overflow(images):
    model = flat_model((28, 28), activation=None)
    model.layers[-1].set_weights([np.full((784, 10), 5, np.float32), np.arange(10, dtype=np.float32) * 100])
    answer = dh.Predictor(model)(images[:2])
    np.testing.assert_allclose(answer, np.eye(10)[[9, 9]], atol=1e-5)


def test_logits_that_are_all_0_become_tenths(images):
    model = flat_model((28, 28), activation=None)
    model.layers[-1].set_weights([np.zeros((784, 10)), np.zeros(10)])
    np.testing.assert_allclose(dh.Predictor(model)(images[:2]), 0.1, atol=1e-6)


def test_it_follows_the_model_when_training_changes_it(images):
    model = flat_model((28, 28))
    predict = dh.Predictor(model)
    predict(images[:2])
    model.set_weights([np.zeros((784, 10)), np.eye(10)[4] * 50])
    assert predict(images[:2]).argmax(axis=1).tolist() == [4, 4]


def test_it_answers_in_inference_mode(images):
    model = keras.Sequential(
        [keras.Input((28, 28)), layers.Flatten(), layers.Dropout(0.5), layers.Dense(10, "softmax")]
    )
    predict = dh.Predictor(model)
    np.testing.assert_array_equal(predict(images[0]), predict(images[0]))


class BatchSizes(layers.Layer):
    """Hand images on, and note how many there are each time."""

    def __init__(self):
        super().__init__()
        self.sizes = []

    def call(self, images):
        return tf.ensure_shape(tf.numpy_function(self.note, [images], tf.float32), images.shape)

    def note(self, images):
        self.sizes.append(len(images))
        return images


def test_many_images_go_through_in_batches(images):
    noted = BatchSizes()
    model = keras.Sequential([keras.Input((28, 28)), noted, layers.Flatten(), layers.Dense(10, "softmax")])
    predict = dh.Predictor(model)
    noted.sizes.clear()
    assert predict(images).shape == (300, 10)
    assert max(noted.sizes) <= KERAS_BATCH and sum(noted.sizes) == 300


# Predictor: what it refuses


@pytest.mark.parametrize(
    "input_shape, outputs, named",
    [
        ((32, 32, 3), 10, r"takes \(32, 32, 3\) and returns \(10,\)"),
        ((784,), 10, r"takes \(784,\) and returns \(10,\)"),
        ((28, 28, 1), 26, r"takes \(28, 28, 1\) and returns \(26,\)"),
    ],
)
def test_models_of_other_shapes_are_refused_with_their_shapes(input_shape, outputs, named):
    with pytest.raises(ValueError, match=named):
        dh.Predictor(flat_model(input_shape, outputs))


@pytest.mark.parametrize("model, kind", [(dh.build_cnn, "function"), ("mine.keras", "str"), (3, "int")])
def test_what_is_no_model_is_refused(model, kind):
    with pytest.raises(ValueError, match=f"Expected a Keras model, for example from .*, but got {kind}"):
        dh.Predictor(model)


def test_a_model_that_ends_in_sigmoid_is_refused():
    as_a_layer = keras.Sequential([flat_model((28, 28), activation=None), layers.Activation("sigmoid")])
    for model in (flat_model((28, 28), activation="sigmoid"), as_a_layer):
        with pytest.raises(ValueError, match="End it with softmax, or with no activation, but not sigmoid"):
            dh.Predictor(model)


def test_logits_that_all_lie_in_0_to_1_are_logits(images):
    model = flat_model((28, 28), activation="relu")
    model.layers[-1].set_weights([np.zeros((784, 10)), np.arange(10) / 10])
    expected = np.exp(np.arange(10) / 10) / np.exp(np.arange(10) / 10).sum()
    np.testing.assert_allclose(dh.Predictor(model)(images[:2]), [expected] * 2, atol=1e-6)


def test_a_model_that_is_not_built_is_refused():
    with pytest.raises(ValueError, match="no input shape yet"):
        dh.Predictor(keras.Sequential([layers.Flatten(), layers.Dense(10)]))


@pytest.mark.parametrize("value", [np.nan, np.inf])
@pytest.mark.parametrize("activation", ["softmax", None])
def test_a_model_whose_training_diverged_is_refused_with_the_remedy(images, activation, value):
    model = flat_model((28, 28), activation=activation)
    predict = dh.Predictor(model)
    model.set_weights([np.full((784, 10), value), np.zeros(10)])
    for ask in (lambda: dh.Predictor(model), lambda: predict(images[:2])):
        with pytest.raises(ValueError, match="answers with NaN: its training diverged. .*lower learning rate"):
            ask()


@pytest.mark.parametrize("shape", [(), (28,), (784,), (27, 28), (28, 28, 1), (5, 784), (5, 28, 28, 1), (0, 27, 28)])
def test_other_shapes_are_refused(cnn, shape):
    with pytest.raises(ValueError, match="shape") as refusal:
        dh.Predictor(cnn)(np.zeros(shape, np.float32))
    assert str(shape) in str(refusal.value)


@pytest.mark.parametrize("value", [-0.1, 1.1, 255, np.nan, np.inf, -np.inf])
def test_values_outside_0_to_1_are_refused(cnn, value):
    image = np.zeros((28, 28), np.float32)
    image[3, 4] = value
    with pytest.raises(ValueError, match="from 0 to 1"):
        dh.Predictor(cnn)(image)


def test_uint8_images_are_refused_with_the_remedy(cnn):
    with pytest.raises(ValueError, match="divided by 255"):
        dh.Predictor(cnn)(np.full((2, 28, 28), 200, np.uint8))


# Predictor: how fast


def test_one_image_is_at_least_five_times_faster_than_model_predict(cnn, images):
    predict = dh.Predictor(cnn)
    one, with_channel = images[:1], images[:1, :, :, np.newaxis]
    cnn.predict(with_channel, verbose=0)  # its first call traces; ours is traced and warm already
    ours, theirs = [], []
    for _ in range(15):  # in turns, so that a busy machine slows both
        ours.append(seconds(predict, one))
        theirs.append(seconds(cnn.predict, with_channel, verbose=0))
    assert statistics.median(theirs) >= 5 * statistics.median(ours)


def test_the_first_answer_needs_no_tracing(cnn, images, monkeypatch):
    traced, call = [], cnn.call
    monkeypatch.setattr(cnn, "call", lambda *inputs, **options: traced.append(1) or call(*inputs, **options))
    predict = dh.Predictor(cnn)
    assert len(traced) == 1  # before the first image
    predict(images[0])
    predict(images[:7])
    assert len(traced) == 1


def seconds(function, *args, **kwargs):
    start = time.perf_counter()
    function(*args, **kwargs)
    return time.perf_counter() - start


# load_pretrained


def test_pretrained_stands_in_for_build_cnn(pretrained, cnn):
    assert pretrained.input_shape == cnn.input_shape and pretrained.output_shape == cnn.output_shape
    assert pretrained.count_params() <= 500_000
    assert not pretrained.compiled


def test_pretrained_and_numpy_give_the_same_probabilities(pretrained, sample):
    digits = sample.x_test[:500] / np.float32(255)
    expected = pretrained.predict(digits[..., np.newaxis], verbose=0)
    np.testing.assert_allclose(dh.Predictor()(digits), expected, atol=1e-5)


def test_pretrained_and_numpy_agree_in_every_layer(pretrained, sample):
    digits = sample.x_test[:10] / np.float32(255)
    numpy, theirs = dh.Predictor().activations(digits), dh.Predictor(pretrained).activations(digits)
    assert list(theirs) == [*network.PRETRAINED_LAYERS[:6], "flatten", *network.PRETRAINED_LAYERS[6:]]
    for name, output in numpy.items():
        np.testing.assert_allclose(output, theirs[name], atol=1e-5 * max(1, output.max()), err_msg=name)


def test_saved_weights_are_the_ones_that_ship(pretrained, tmp_path):
    network.save_weights(pretrained, tmp_path / "weights.npz")
    with np.load(tmp_path / "weights.npz", allow_pickle=False) as saved, np.load(network.PRETRAINED) as ships:
        assert saved.files == ships.files
        for name in ships.files:
            np.testing.assert_array_equal(saved[name], ships[name], strict=True)


# The package


def test_importing_the_package_imports_no_tensorflow():
    program = (
        "import sys, digits_helpers\n"
        "heavy = {'tensorflow', 'keras', 'matplotlib', 'sklearn', 'ipycanvas'} & set(sys.modules)\n"
        "print(', '.join(sorted(heavy)) or 'nothing heavy')"
    )
    run = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=120, check=True)
    assert run.stdout.strip() == "nothing heavy"
