"""Train the network that ships: python benchmarks/pretrained.py

From nothing and a seed to digits_helpers/pretrained.npz, on MNIST's training set, slightly distorted, and on digits
that the program writes; not on one real drawing. It needs all of MNIST. The settings were chosen on MNIST's last 5,000
training images, held back at first, and on the drawings that drawn_digits.py measures; gains.md has the table.
"""

import argparse
import sys
import time
from pathlib import Path

import numpy as np
from scipy.ndimage import affine_transform

import digits_helpers as dh
from digits_helpers.network import PRETRAINED, save_weights

dh.quiet_tensorflow()

import keras  # noqa: E402
from keras import layers  # noqa: E402

EPOCHS, BATCH, PEAK_RATE = 26, 128, 3e-3
WRITTEN, WRITTEN_AN_EPOCH = 100_000, 20_000
DISTORTED = 2 / 3  # the share of images that are distorted, each epoch others


def build_larger_cnn(to_train=True):
    """Lesson 03's network with one more convolution, and wider at its end: 196,554 parameters.

    For training it has BatchNorm and dropout as well. Without them, its layers are ``network.PRETRAINED_LAYERS``.
    """

    def convolve(filters):
        if not to_train:
            return [layers.Conv2D(filters, 3, activation="relu")]
        return [layers.Conv2D(filters, 3, use_bias=False), layers.BatchNormalization(), layers.ReLU()]

    def drop():
        return [layers.Dropout(0.3)] if to_train else []

    return keras.Sequential(
        [
            keras.Input((28, 28, 1)),
            *convolve(32),
            layers.MaxPooling2D(),
            *convolve(64),
            *convolve(64),
            layers.MaxPooling2D(),
            *convolve(128),
            layers.Flatten(),
            *drop(),
            layers.Dense(128, activation="relu"),
            *drop(),
            layers.Dense(10, activation="softmax"),
        ],
        name="digits_reader",
    )


def fold(model):
    """The same function without BatchNorm: once trained, it scales and shifts, and a convolution can do that itself."""
    weights = []
    for layer in model.layers:
        if isinstance(layer, layers.Conv2D):
            (kernel,) = layer.get_weights()
        elif isinstance(layer, layers.BatchNormalization):
            gamma, beta, mean, variance = layer.get_weights()
            scale = gamma / np.sqrt(variance + layer.epsilon)
            weights += [kernel * scale, beta - mean * scale]
        else:
            weights += layer.get_weights()
    folded = build_larger_cnn(to_train=False)
    folded.set_weights(weights)
    return folded


def distort(image, rng):
    """The same digit in a slightly different hand: turned, slanted and stretched about its middle; ``(28, 28)``."""
    turn, slant = rng.normal(0, 0.12), rng.normal(0, 0.15)  # radians; pixels to the side for each pixel down
    stretch_y, stretch_x = np.exp(rng.normal(0, 0.08, 2))
    matrix = np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]])
    matrix = matrix @ np.array([[stretch_y, 0], [slant, stretch_x]])
    middle = np.array([13.5, 13.5]) + rng.uniform(-1, 1, 2)
    return affine_transform(image, matrix, middle - matrix @ [13.5, 13.5], order=1)


def write(count, rng, writer=dh.write_digit):
    """Digits of the program on a canvas, in any size and with any brush, prepared: images and labels."""
    labels = np.arange(count) % 10
    images = np.empty((count, 28, 28), np.uint8)
    for image, label in zip(images, labels, strict=True):
        canvas = dh.rasterize(writer(int(label), rng), width=rng.uniform(8, 24))
        image[:] = dh.prepare_stages(canvas)["centred"]
    return images, labels


def as_input(images):
    return images.astype(np.float32)[..., np.newaxis] / 255


def train(model, images, labels, written, epochs, rng, distorted=DISTORTED, verbose=2):
    """Train on the images, and in each epoch on another part of the ``written`` ones; most of both distorted anew."""
    a_part = min(WRITTEN_AN_EPOCH, len(written[0]))
    steps = epochs * int(np.ceil((len(images) + a_part) / BATCH))
    rate = keras.optimizers.schedules.CosineDecay(
        PEAK_RATE / 10, steps - 500, warmup_target=PEAK_RATE, warmup_steps=500
    )
    model.compile(keras.optimizers.Adam(rate), loss="sparse_categorical_crossentropy", metrics=["accuracy"])
    for epoch in range(epochs):
        part = rng.permutation(len(written[0]))[:a_part]
        x = np.concatenate([images, written[0][part]])
        # Both kinds alike, or the network tells them apart by their sharpness and reads each kind in its own way.
        x = np.stack([distort(image, rng) if rng.random() < distorted else image for image in x])
        y = np.concatenate([labels, written[1][part]])
        model.fit(as_input(x), y, batch_size=BATCH, epochs=epoch + 1, initial_epoch=epoch, verbose=verbose)


def main():
    parser = argparse.ArgumentParser(description="Train the network that ships.")
    parser.add_argument("--seed", type=int, default=0, help="of everything random (default: 0)")
    parser.add_argument(
        "--save", type=Path, default=PRETRAINED, help="the .npz file to write (default: the one that ships)"
    )
    arguments = parser.parse_args()

    digits = dh.load_mnist()
    if digits.source == "sample":
        sys.exit("The shipped network is trained on all of MNIST: set DIGITS_DATA_DIR, or connect to a network.")
    keras.utils.set_random_seed(arguments.seed)
    rng = np.random.default_rng(arguments.seed)
    started = time.perf_counter()
    model = build_larger_cnn()
    train(model, digits.x_train, digits.y_train, write(WRITTEN, rng), EPOCHS, rng)
    minutes = (time.perf_counter() - started) / 60

    folded = fold(model)
    folded.set_weights([weights.astype(np.float16) for weights in folded.get_weights()])  # as they will be stored
    answers = dh.Predictor(folded)(digits.x_test / np.float32(255)).argmax(axis=1)
    test = np.mean(answers == digits.y_test)
    print(f"{minutes:.1f} minutes; accuracy on the test set: {test:.2%}")

    save_weights(folded, arguments.save)
    size = arguments.save.stat().st_size
    print(f"saved {arguments.save.name}: {folded.count_params():,} parameters, {size / 1024:.0f} KiB")


if __name__ == "__main__":
    main()
