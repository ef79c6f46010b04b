"""Read images of digits quickly: with the trained network in NumPy, or with any Keras model."""

import functools
from typing import NamedTuple

import numpy as np
from threadpoolctl import ThreadpoolController

from digits_helpers import network
from digits_helpers.layers import softmax

INPUT_SHAPES = ((28, 28, 1), (28, 28))
NUMPY_BATCH = 16  # images at a time: their feature maps fit into the processor's cache
KERAS_BATCH = 256  # images at a time: the feature maps of ten thousand would take more than a gigabyte


class Layer(NamedTuple):
    """What can be said of one layer: its name as in ``activations``, and how it makes its output from its input.

    ``kind`` is "conv" for a convolution with 3 x 3 kernels that is followed by ReLU or nothing, "pool" for 2 x 2 max
    pooling, "dense", or "other" for anything else.
    """

    name: str
    kind: str
    kernel: np.ndarray | None = None  # a convolution's, (3, 3, c, f)
    bias: np.ndarray | None = None  # (f,)
    padding: int = 0  # rings of zeros around the input
    relu: bool = True


class Predictor:
    """Turn images into ten probabilities each, in about a millisecond for one image.

    ``Predictor()`` runs the trained network that comes with the package, in NumPy and without TensorFlow.
    ``Predictor(model)`` runs a Keras model that takes ``(28, 28, 1)`` or ``(28, 28)`` and returns ten probabilities
    that sum to 1, or ten logits. Any other model raises ``ValueError``, and so does one that answers with NaN, now or
    after more training.

    ``model.predict`` sets up a data pipeline for every call. Here the model is traced once, for any number of images,
    and warmed up, so the first drawing is answered as quickly as the tenth.

    >>> predict = Predictor()
    >>> predict(np.zeros((28, 28))).shape
    (1, 10)

    Built in lesson 08.
    """

    def __init__(self, model=None):
        self.model = model
        self._engine = _NumPyNetwork() if model is None else _KerasModel(model)

    def __call__(self, images):
        """Return the probabilities of the digits 0 to 9.

        ``images`` is one ``(28, 28)`` image or many, ``(n, 28, 28)``: floats in [0, 1], white ink on black. The answer
        is ``(n, 10)`` float32, with ``n = 1`` for one image. Other shapes and values raise ``ValueError``.
        """
        images = _as_many(images)
        if len(images) == 0:
            return np.empty((0, 10), np.float32)
        size = self._engine.batch
        batches = [images[start : start + size] for start in range(0, len(images), size)]
        return np.concatenate([self._engine.probabilities(batch) for batch in batches])

    def activations(self, images):
        """Return what every layer makes of the images, as a dictionary from the layer's name to its output.

        ``images`` as for a call. The outputs are float32: ``(n, h, w, c)`` feature maps or ``(n, units)``, in the order
        of the network. The trained network's layers are listed in ``network.PRETRAINED_LAYERS``.

        >>> list(Predictor().activations(np.zeros((28, 28))))
        ['conv1', 'pool1', 'conv2', 'conv3', 'pool2', 'conv4', 'dense1', 'dense2']
        """
        return self._engine.activations(_as_many(images))

    def layers(self):
        """Return a list of ``Layer``, in the order of the network.

        Layers that hand on their input unchanged, such as Flatten and Dropout, are left out.

        >>> [layer.name for layer in Predictor().layers() if layer.kind == "conv"]
        ['conv1', 'conv2', 'conv3', 'conv4']
        """
        return self._engine.layers()


class _NumPyNetwork:
    """The trained network that comes with the package."""

    batch = NUMPY_BATCH

    def __init__(self):
        # Once a block as large as this has been freed, Linux reuses freed memory instead of fetching fresh pages for
        # every batch, which would nearly double the time.
        np.empty(2**24, np.uint8)
        # Small matrix products gain almost nothing from several cores, and cost a lot where browser, server and
        # kernel share a small machine: they wait until the system has given each thread its turn.
        self._one_core = ThreadpoolController().wrap(limits=1)

    def activations(self, images):
        return self._one_core(network.activations)(images[..., np.newaxis])

    def probabilities(self, images):
        return self._one_core(network.probabilities)(images[..., np.newaxis])

    def layers(self):
        weights = network.load_weights()
        return [
            Layer(name, name.rstrip("0123456789"), weights.get(f"{name}_kernel"), weights.get(f"{name}_bias"))
            for name in network.PRETRAINED_LAYERS
        ]


class _KerasModel:
    """A Keras model, checked and traced."""

    batch = KERAS_BATCH

    def __init__(self, model):
        import keras
        import tensorflow as tf

        if not isinstance(model, keras.Model):
            raise ValueError(
                f"Expected a Keras model, for example from load_pretrained(), but got {type(model).__name__}."
            )
        self._model, self._input_shape = model, _check_shapes(model)
        # Judged by its last layer: an untrained network's logits may all lie in [0, 1], too.
        if getattr(model.layers[-1], "activation", None) is keras.activations.sigmoid:
            raise ValueError(
                "The model's ten outputs don't sum to 1. End it with softmax, or with no activation, but not sigmoid."
            )
        self._as_tensor = tf.constant

        @tf.function(input_signature=[tf.TensorSpec((None, *self._input_shape), tf.float32)])
        def run(images):
            return model(images, training=False)

        self._run = run.get_concrete_function()  # looked up once, not for every drawing
        # Two different images: probabilities sum to 1 for both, logits don't.
        trial = self._outputs(np.linspace(0, 1, 2 * 784, dtype=np.float32))
        self._gives_logits = trial.min() < 0 or not np.allclose(trial.sum(axis=1), 1, atol=1e-3)

    def probabilities(self, images):
        outputs = self._outputs(images)
        return softmax(outputs) if self._gives_logits else outputs

    def activations(self, images):
        outputs = self._every_layer(self._as_tensor(images.reshape(-1, *self._input_shape)))
        return {name: output.numpy() for name, output in outputs.items()}

    def layers(self):
        import keras

        hands_on = keras.layers.Flatten | keras.layers.Dropout
        return [_describe(layer) for layer in self._inner_layers() if not isinstance(layer, hands_on)]

    def _inner_layers(self):
        import keras

        return [layer for layer in self._model.layers if not isinstance(layer, keras.layers.InputLayer)]

    @functools.cached_property
    def _every_layer(self):
        """The model with all its layers' outputs, traced like the model itself: fast enough for every drawing."""
        import keras
        import tensorflow as tf

        layers = self._inner_layers()
        model = keras.Model(self._model.inputs, [layer.output for layer in layers])

        @tf.function(input_signature=[tf.TensorSpec((None, *self._input_shape), tf.float32)])
        def run(images):
            outputs = model(images, training=False)
            return {layer.name: output for layer, output in zip(layers, outputs, strict=True)}

        return run.get_concrete_function()

    def _outputs(self, images):
        outputs = self._run(self._as_tensor(images.reshape(-1, *self._input_shape))).numpy()
        if not np.isfinite(outputs).all():
            raise ValueError(
                "The model answers with NaN: its training diverged. Train it again with a lower learning rate."
            )
        return outputs


def _describe(layer):
    """A Keras layer as a ``Layer``."""
    import keras

    settings = layer.get_config()
    if isinstance(layer, keras.layers.Dense):
        return Layer(layer.name, "dense", relu=layer.activation is keras.activations.relu)
    if isinstance(layer, keras.layers.MaxPooling2D):
        plain = settings["pool_size"] == settings["strides"] == (2, 2) and settings["padding"] == "valid"
        return Layer(layer.name, "pool" if plain else "other")
    plain = {"kernel_size": (3, 3), "strides": (1, 1), "dilation_rate": (1, 1), "groups": 1}
    relu = getattr(layer, "activation", None) is keras.activations.relu
    if (
        not isinstance(layer, keras.layers.Conv2D)
        or any(settings.get(name) != value for name, value in plain.items())
        or not (relu or layer.activation is keras.activations.linear)
    ):
        return Layer(layer.name, "other")
    kernel, *bias = (weight.astype(np.float32) for weight in layer.get_weights())
    bias = bias[0] if bias else np.zeros(kernel.shape[-1], np.float32)
    return Layer(layer.name, "conv", kernel, bias, int(settings["padding"] == "same"), relu)


def _check_shapes(model):
    """The shape of the images that a model takes; ``ValueError`` if it can't read digits."""
    try:
        input_shape, output_shape = tuple(model.input_shape[1:]), tuple(model.output_shape[1:])
    except AttributeError:
        raise ValueError(
            "The model has no input shape yet: begin keras.Sequential with keras.Input((28, 28, 1))."
        ) from None
    if input_shape not in INPUT_SHAPES or output_shape != (10,):
        raise ValueError(
            f"The model takes {input_shape} and returns {output_shape}; "
            "a digit reader takes (28, 28, 1) or (28, 28) and returns (10,)."
        )
    return input_shape


def _as_many(images):
    """``images`` as ``(n, 28, 28)`` float32; ``ValueError`` for other shapes and values."""
    images = np.asarray(images)
    if images.ndim not in (2, 3) or images.shape[-2:] != (28, 28):
        raise ValueError(f"Expected images of shape (28, 28) or (n, 28, 28), not {images.shape}.")
    images = images.reshape(-1, 28, 28)
    # `not (… <= …)` also catches NaN.
    if len(images) and not (images.min() >= 0 and images.max() <= 1):
        raise ValueError(
            f"Expected values from 0 to 1, not {images.min()} to {images.max()}; "
            "pixels from 0 to 255 must be divided by 255."
        )
    return images.astype(np.float32, copy=False)
