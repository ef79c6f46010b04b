"""The lessons' networks: the one that lesson 03 builds, and the trained one that comes with the package.

The trained network's weights are stored once, in ``pretrained.npz``. NumPy runs it from there without TensorFlow
(``probabilities`` and ``activations``), and ``load_pretrained`` builds the Keras model from the same file.
"""

import functools
from pathlib import Path

import numpy as np

from digits_helpers.layers import convolve, dense, max_pool, relu, softmax

PRETRAINED = Path(__file__).with_name("pretrained.npz")

# The trained network, layer by layer. Every convolution and dense layer ends in ReLU, except for the last, in softmax.
PRETRAINED_LAYERS = ("conv1", "pool1", "conv2", "conv3", "pool2", "conv4", "dense1", "dense2")


def build_cnn():
    """Build the network of lesson 03, with three convolutions and 93,322 parameters, not compiled yet.

    It takes ``(n, 28, 28, 1)`` float32 in [0, 1] and returns ``(n, 10)`` float32 probabilities that sum to 1.

    >>> build_cnn().count_params()
    93322

    Built in lesson 03.
    """
    import keras
    from keras import layers

    return keras.Sequential(
        [
            keras.Input((28, 28, 1)),
            layers.Conv2D(32, 3, activation="relu"),
            layers.MaxPooling2D(),
            layers.Conv2D(64, 3, activation="relu"),
            layers.MaxPooling2D(),
            layers.Conv2D(64, 3, activation="relu"),
            layers.Flatten(),
            layers.Dense(64, activation="relu"),
            layers.Dense(10, activation="softmax"),
        ],
        name="digits_cnn",
    )


def load_pretrained():
    """Load the trained network that comes with the package as a Keras model.

    It takes and returns what ``build_cnn()`` does, and has one more convolution. ``MODEL_CARD.md`` says what it reads
    and what it doesn't. It isn't compiled: call ``compile`` before you train it further. Where you only want to read
    digits, ``Predictor()`` runs the same weights without TensorFlow.

    Source: trained by ``benchmarks/pretrained.py`` on MNIST and synthetic handwriting.

    >>> load_pretrained().output_shape
    (None, 10)

    Built in lessons 03 (the network), 04 (its training) and 10 (its training data).
    """
    import keras
    from keras import layers

    weights = load_weights()

    def layer(name):
        if name.startswith("pool"):
            return [layers.MaxPooling2D(name=name)]
        units = len(weights[f"{name}_bias"])
        if name.startswith("conv"):
            return [layers.Conv2D(units, 3, activation="relu", name=name)]
        if name == PRETRAINED_LAYERS[-1]:
            return [layers.Dense(units, activation="softmax", name=name)]
        return [layers.Flatten(name="flatten"), layers.Dense(units, activation="relu", name=name)]

    stack = [part for name in PRETRAINED_LAYERS for part in layer(name)]
    model = keras.Sequential([keras.Input((28, 28, 1)), *stack], name="digits_reader")
    model.set_weights(list(weights.values()))
    return model


def activations(images):
    """Run the trained network in NumPy, and return what every layer makes of the images.

    ``images`` is ``(n, 28, 28, 1)`` float32 in [0, 1]. Returns a dictionary from the layer's name to its output, in the
    order of ``PRETRAINED_LAYERS``: feature maps ``(n, h, w, c)``, and ``(n, units)`` for the dense layers. The last
    one, ``dense2``, holds the ``(n, 10)`` probabilities. All are float32.

    >>> maps = activations(np.zeros((1, 28, 28, 1), np.float32))
    >>> maps["conv1"].shape, maps["dense2"].shape
    ((1, 26, 26, 32), (1, 10))

    Built in lesson 03.
    """
    outputs, values = {}, images
    for name in PRETRAINED_LAYERS:
        outputs[name] = values = _run_layer(name, values)
    return outputs


def probabilities(images):
    """Run the trained network in NumPy as ``activations`` does, but keep only the ``(n, 10)`` probabilities.

    >>> probabilities(np.zeros((1, 28, 28, 1), np.float32)).shape
    (1, 10)

    Built in lesson 03.
    """
    values = images
    for name in PRETRAINED_LAYERS:
        values = _run_layer(name, values)
    return values


def _run_layer(name, values):
    if name.startswith("pool"):
        return max_pool(values)
    kernel, bias = load_weights()[f"{name}_kernel"], load_weights()[f"{name}_bias"]
    if name.startswith("conv"):
        sums = convolve(values, kernel, bias)
    else:
        sums = dense(values.reshape(-1, len(kernel)), kernel, bias)
    return softmax(sums) if name == PRETRAINED_LAYERS[-1] else relu(sums, out=sums)


@functools.cache
def load_weights():
    """The trained weights as read-only float32 arrays, such as ``conv1_kernel`` ``(3, 3, 1, 32)`` and ``conv1_bias``.

    >>> sum(weight.size for weight in load_weights().values())
    196554
    """
    with np.load(PRETRAINED, allow_pickle=False) as file:
        weights = {name: file[name].astype(np.float32) for name in file.files}
    for weight in weights.values():
        weight.setflags(write=False)  # everybody shares them
    return weights


def save_weights(model, path):
    """Store the weights of a Keras model with the trained network's layers, as float16; used by the training script."""
    names = [f"{layer}_{part}" for layer in PRETRAINED_LAYERS if layer[:4] != "pool" for part in ("kernel", "bias")]
    arrays = (weight.astype(np.float16) for weight in model.get_weights())
    np.savez_compressed(path, **dict(zip(names, arrays, strict=True)))
