"""A Keras model as a fast function of images."""

import numpy as np

INPUT_SHAPES = ((28, 28, 1), (28, 28))
BATCH = 256  # images at a time: the feature maps of ten thousand would take more than a gigabyte


class Predictor:
    """Answer with ten probabilities an image, in about a millisecond for one.

    ``model.predict`` sets up a data pipeline for every call; here the model is traced once, for any number of images,
    and warmed up, so that the first drawing is answered as quickly as the tenth.

    ``model`` is a Keras model that takes ``(28, 28, 1)`` or ``(28, 28)`` and gives ten probabilities that sum to 1, or
    ten logits; any other raises ``ValueError``, and so does one that answers with NaN, now or after more training.

    >>> import numpy as np
    >>> from digits_helpers import build_cnn
    >>> predict = Predictor(build_cnn())
    >>> predict(np.zeros((28, 28))).shape
    (1, 10)
    """

    def __init__(self, model):
        import keras
        import tensorflow as tf

        if not isinstance(model, keras.Model):
            raise ValueError(f"Only a Keras model can read, such as load_pretrained() gives, not {model!r}.")
        try:
            input_shape, output_shape = tuple(model.input_shape[1:]), tuple(model.output_shape[1:])
        except AttributeError:
            raise ValueError(
                "The model has no input shape yet: begin keras.Sequential with keras.Input((28, 28, 1))."
            ) from None
        if input_shape not in INPUT_SHAPES or output_shape != (10,):
            raise ValueError(
                f"The model takes {input_shape} and gives {output_shape}; "
                "a digit reader takes (28, 28, 1) or (28, 28) and gives (10,)."
            )
        # Told by its last layer: its answers lie in [0, 1], and so may an untrained network's logits.
        if getattr(model.layers[-1], "activation", None) is keras.activations.sigmoid:
            raise ValueError(
                "The model's ten answers don't sum to 1: end it with softmax, not sigmoid, or with no activation."
            )
        self.model = model
        self._input_shape, self._as_tensor = input_shape, tf.constant

        @tf.function(input_signature=[tf.TensorSpec((None, *input_shape), tf.float32)])
        def run(images):
            return model(images, training=False)

        self._run = run.get_concrete_function()  # looked up here once, and not again for every drawing
        # Two different pictures: probabilities sum to 1 for both, logits don't.
        trial = self._answer(np.linspace(0, 1, 2 * 784, dtype=np.float32))
        self._gives_logits = trial.min() < 0 or not np.allclose(trial.sum(axis=1), 1, atol=1e-3)

    def __call__(self, images):
        """Probabilities of the digits 0 to 9.

        ``images`` is one ``(28, 28)`` or many ``(n, 28, 28)``, floats in [0, 1], white ink on black; the answer is
        ``(n, 10)`` float32, with ``n = 1`` for one. Raises ``ValueError`` for other shapes and values.
        """
        images = np.asarray(images)
        if images.ndim not in (2, 3) or images.shape[-2:] != (28, 28):
            raise ValueError(f"Expected images of shape (28, 28) or (n, 28, 28), not {images.shape}.")
        images = images.reshape(-1, 28, 28)
        if len(images) == 0:
            return np.empty((0, 10), np.float32)
        # `not (… <= …)` also catches NaN.
        if not (images.min() >= 0 and images.max() <= 1):
            raise ValueError(
                f"Expected values from 0 to 1, not {images.min()} to {images.max()}; "
                "pixels from 0 to 255 must be divided by 255."
            )
        batches = [images[start : start + BATCH] for start in range(0, len(images), BATCH)]
        answer = np.concatenate([self._answer(batch) for batch in batches])
        return _softmax(answer) if self._gives_logits else answer

    def _answer(self, batch):
        images = batch.astype(np.float32, copy=False).reshape(-1, *self._input_shape)
        answer = self._run(self._as_tensor(images)).numpy()
        if not np.isfinite(answer).all():
            raise ValueError(
                "The model answers with NaN: its training diverged. Train it again with a lower learning rate."
            )
        return answer


def _softmax(logits):
    exponentials = np.exp(logits - logits.max(axis=1, keepdims=True))
    return exponentials / exponentials.sum(axis=1, keepdims=True)
