"""The lessons' network, untrained and trained."""

from pathlib import Path

PRETRAINED = Path(__file__).with_name("pretrained.keras")


def build_cnn():
    """The three-convolution network of lesson 03, not yet compiled: 93,322 parameters.

    It takes ``(n, 28, 28, 1)`` float32 in [0, 1] and gives ``(n, 10)`` float32 probabilities that sum to 1.

    >>> build_cnn().count_params()
    93322
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
    """The network that ships, trained by ``benchmarks/pretrained.py`` on MNIST and on digits that a program wrote.

    It takes and gives what ``build_cnn()`` does and has one convolution more; MODEL_CARD.md says what it reads and
    what it can't. It is loaded in Keras's safe mode, which runs no code that a model file may carry. It comes without
    an optimizer: call ``compile`` before you train it further.

    >>> load_pretrained().output_shape
    (None, 10)
    """
    import keras

    return keras.models.load_model(PRETRAINED, compile=False, safe_mode=True)
