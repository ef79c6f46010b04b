"""What each change to the training gained, on the test set and on real drawings: python benchmarks/gains.py STROKES

Trains networks that differ in one thing each, from several seeds, and reads the test set and the drawings of STROKES
(a file that drawn_digits.py reads) with them. The trainings are shorter than pretrained.py's, so the last row is not
yet the network that ships. Takes about half an hour; gains.md keeps what it printed.
"""

import argparse

import numpy as np
import pretrained
from drawn_digits import place
from strokes_files import read_strokes

import digits_helpers as dh
from digits_helpers.handwriting import write_style
from digits_helpers.styles import STYLES

dh.quiet_tensorflow()

import keras  # noqa: E402

EPOCHS = 2


def write_plainly(digit, rng):
    """Every digit in one style only, in any hand."""
    return write_style(next(iter(STYLES[digit].values())), rng)


def nothing(rng):
    return np.empty((0, 28, 28), np.uint8), np.empty(0, np.uint8)


def one_style(rng):
    return pretrained.write(pretrained.WRITTEN_AN_EPOCH, rng, write_plainly)


def all_styles(rng):
    return pretrained.write(pretrained.WRITTEN_AN_EPOCH, rng)


# Each row changes one thing of the row above: the network, what the program writes, and the share that is distorted.
CHANGES = {
    "MNIST as it is": (dh.build_cnn, nothing, 0),
    "+ distorted": (dh.build_cnn, nothing, 2 / 3),
    "+ written, one style a digit": (dh.build_cnn, one_style, 2 / 3),
    "+ written, all styles": (dh.build_cnn, all_styles, 2 / 3),
    "+ a larger network": (pretrained.build_larger_cnn, all_styles, 2 / 3),
}


def accuracy(model, images, labels):
    return np.mean(dh.Predictor(model)(images / np.float32(255)).argmax(axis=1) == labels)


def main():
    parser = argparse.ArgumentParser(description="What each change to the training gained.")
    parser.add_argument("strokes", help="a file with labelled drawings")
    parser.add_argument("--seeds", type=int, default=3, help="how many trainings of each (default: 3)")
    arguments = parser.parse_args()

    digits = dh.load_mnist()
    rng = np.random.default_rng(0)
    drawings = read_strokes(arguments.strokes)
    labels = np.array([label for _, label in drawings])
    drawn = np.stack(
        [
            dh.prepare_stages(dh.rasterize(place(strokes, rng), width=rng.uniform(8, 24)))["centred"]
            for strokes, _ in drawings
        ]
    )
    print(f"{EPOCHS} epochs; {len(digits.x_test):,} test images, {len(drawn):,} drawings; % read, by seed")
    for name, (build, written, distorted) in CHANGES.items():
        scores = []
        for seed in range(arguments.seeds):
            keras.utils.set_random_seed(seed)
            rng = np.random.default_rng(seed)
            model = build()
            pretrained.train(model, digits.x_train, digits.y_train, written(rng), EPOCHS, rng, distorted, verbose=0)
            scores.append((accuracy(model, digits.x_test, digits.y_test), accuracy(model, drawn, labels)))
        test, drawings_read = 100 * np.array(scores).T
        columns = [" ".join(f"{score:.2f}" for score in part) for part in (test, drawings_read)]
        print(f"{name:<30} test {columns[0]}   drawings {columns[1]}", flush=True)


if __name__ == "__main__":
    main()
