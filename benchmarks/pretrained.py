"""Train the network that ships: python benchmarks/pretrained.py

From nothing and a seed to digits_helpers/pretrained.keras, on MNIST's training set and slightly distorted copies of it.
It needs all of MNIST. The test set is opened once, at the end.
"""

import sys
import time

import numpy as np
from scipy.ndimage import affine_transform

import digits_helpers as dh
from digits_helpers.model import PRETRAINED

dh.quiet_tensorflow()

import keras  # noqa: E402

EPOCHS, BATCH, PEAK_RATE, HELD_BACK = 20, 128, 3e-3, 5000


def distort(image, rng):
    """The same digit in a slightly different hand: turned, slanted and stretched about its middle; ``(28, 28)``."""
    turn, slant = rng.normal(0, 0.12), rng.normal(0, 0.15)  # radians; pixels to the side for each pixel down
    stretch_y, stretch_x = np.exp(rng.normal(0, 0.08, 2))
    matrix = np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]])
    matrix = matrix @ np.array([[stretch_y, 0], [slant, stretch_x]])
    middle = np.array([13.5, 13.5]) + rng.uniform(-1, 1, 2)
    return affine_transform(image, matrix, middle - matrix @ [13.5, 13.5], order=1)


def as_input(images):
    return images.astype(np.float32)[..., np.newaxis] / 255


def save_for_every_keras(model, path):
    """Save what the network has learned, in a file that Keras 3.13 can load as well as 3.15."""
    fresh = dh.build_cnn()  # without the optimizer's state, which is twice the size of the network
    fresh.set_weights(model.get_weights())
    for layer in fresh.layers:
        if layer.weights:  # 3.15 describes the random start in words that 3.13 doesn't know; it has had its day
            layer.kernel_initializer = keras.initializers.Zeros()
    fresh.save(path)


def main():
    digits = dh.load_mnist()
    if digits.source == "sample":
        sys.exit("The shipped network is trained on all of MNIST: set DIGITS_DATA_DIR, or connect to a network.")
    keras.utils.set_random_seed(0)
    rng = np.random.default_rng(0)
    x, y = digits.x_train[:-HELD_BACK], digits.y_train[:-HELD_BACK]
    steps = EPOCHS * int(np.ceil(len(x) / BATCH))
    rate = keras.optimizers.schedules.CosineDecay(
        PEAK_RATE / 10, steps - 500, warmup_target=PEAK_RATE, warmup_steps=500
    )
    model = dh.build_cnn()
    model.compile(keras.optimizers.Adam(rate), loss="sparse_categorical_crossentropy", metrics=["accuracy"])

    started = time.perf_counter()
    for epoch in range(EPOCHS):  # new distortions each time
        distorted = np.stack([distort(image, rng) for image in x])
        model.fit(as_input(distorted), y, batch_size=BATCH, epochs=epoch + 1, initial_epoch=epoch, verbose=2)
    minutes = (time.perf_counter() - started) / 60

    held_back = model.evaluate(as_input(digits.x_train[-HELD_BACK:]), digits.y_train[-HELD_BACK:], verbose=0)[1]
    test = model.evaluate(as_input(digits.x_test), digits.y_test, verbose=0)[1]
    print(f"{minutes:.1f} minutes; accuracy on {HELD_BACK:,} held back: {held_back:.2%}, on the test set: {test:.2%}")

    save_for_every_keras(model, PRETRAINED)
    print(f"saved {PRETRAINED.name}: {model.count_params():,} parameters, {PRETRAINED.stat().st_size / 1024:.0f} KiB")


if __name__ == "__main__":
    main()
