"""How many real drawings are read, and after which stage of preparation: python benchmarks/drawn_digits.py STROKES

STROKES is a file of labelled drawings: the pad's own .json, an .npz of ragged arrays, or UNIPEN text such as the UCI
pen digits (see strokes_files.py). Each drawing is replayed on a 280-pixel canvas at a random size, place and brush, and
read after each stage of preparation by two networks: the one that ships, and one trained here the plain way, which
takes about a minute. Then the same drawings are replayed ten times over, to see whether the answer stays; and the
probabilities are held against how often they are right.
"""

import argparse
from collections import Counter

import numpy as np
from PIL import Image
from strokes_files import read_strokes
from training import WAYS

import digits_helpers as dh
from digits_helpers.words import NOT_SURE

dh.quiet_tensorflow()

import keras  # noqa: E402

CANVAS, MARGIN, FIELD = 280, 10, 28
SIZES, BRUSHES = (0.30, 0.85), (8, 24)  # of the canvas; pixels
REPLAYS = 10


def place(strokes, rng):
    """The same strokes somewhere on the canvas, the longer side 30 to 85 % of the canvas's."""
    points = np.concatenate(strokes)
    low, extent = points.min(axis=0), np.ptp(points, axis=0)
    scale = rng.uniform(*SIZES) * CANVAS / max(extent.max(), 1e-6)
    corner = rng.uniform(MARGIN, CANVAS - MARGIN - extent * scale)
    return [(stroke - low) * scale + corner for stroke in strokes]


def replay(strokes, rng):
    return dh.rasterize(place(strokes, rng), width=rng.uniform(*BRUSHES))


# The stages, each a way from the canvas to (28, 28) uint8; every one adds one thing to the one before.


def shrink(picture):
    return np.asarray(Image.fromarray(picture).resize((FIELD, FIELD), Image.Resampling.BOX))


def square(crop):
    """The crop in the middle of a square as wide as its longer side."""
    height, width = crop.shape
    side = max(height, width)
    top, left = (side - height) // 2, (side - width) // 2
    return np.pad(crop, [(top, side - height - top), (left, side - width - left)])


def in_the_middle(box):
    top, left = (FIELD - box.shape[0]) // 2, (FIELD - box.shape[1]) // 2
    return np.pad(box, [(top, FIELD - box.shape[0] - top), (left, FIELD - box.shape[1] - left)])


STAGES = {
    "whole canvas shrunk": shrink,
    "+ crop to the ink": lambda canvas: shrink(dh.crop_to_ink(canvas)),
    "+ square": lambda canvas: shrink(square(dh.crop_to_ink(canvas))),
    "+ 20-pixel box": lambda canvas: in_the_middle(dh.fit_to_box(dh.crop_to_ink(canvas))),
    "+ centre of mass": lambda canvas: dh.center_by_mass(dh.fit_to_box(dh.crop_to_ink(canvas))),
    "as shipped": lambda canvas: np.rint(255 * dh.prepare(canvas)).astype(np.uint8),
}


def train_plainly(digits):
    """Lesson 03's network, trained as most people do at first: see training.py."""
    keras.utils.set_random_seed(0)
    compile_model, epochs, batch_size = WAYS["plain"]
    model = dh.build_cnn()
    compile_model(model, len(digits.x_train), epochs, batch_size)
    model.fit(digits.x_train[..., np.newaxis] / np.float32(255), digits.y_train, batch_size, epochs, verbose=0)
    return model


# What is made of the answers


def calibration_error(probabilities, labels, bins=15):
    """By how much the largest probability misses the share of right answers, averaged over bins of it (ECE).

    ``probabilities`` is ``(n, 10)`` and ``labels`` ``(n,)``; the answer lies between 0 and 1.
    """
    sure, right = probabilities.max(axis=1), probabilities.argmax(axis=1) == labels
    bin_of = np.minimum((sure * bins).astype(int), bins - 1)
    misses = [abs(sure[bin_of == b].sum() - right[bin_of == b].sum()) for b in range(bins)]
    return sum(misses) / len(labels)


def predict_uint8(predict, images):
    return predict(np.asarray(images, np.float32) / 255)


def print_stages(name, predict, images, labels):
    print(f"\n{name:<22}    read  95 % interval      by digit, 0 to 9, in %")
    for stage, prepared in images.items():
        right = predict_uint8(predict, prepared).argmax(axis=1) == labels
        low, high = dh.interval(right.mean(), len(right))
        of_digit = [right[labels == digit] for digit in range(10)]
        digits = " ".join(f"{100 * part.mean():5.1f}" if len(part) else "    -" for part in of_digit)
        print(f"{stage:<22}{right.mean():>8.1%}  {f'{low:.1%} to {high:.1%}':<17}{digits}", flush=True)


def print_errors(probabilities, labels):
    answers = probabilities.argmax(axis=1)
    wrong = answers != labels
    pairs = Counter(zip(labels[wrong].tolist(), answers[wrong].tolist(), strict=True))
    common = ", ".join(f"{label} as {answer}: {count}" for (label, answer), count in pairs.most_common(12))
    print(f"\n{wrong.sum()} wrong; most often {common}")


def print_confidence(name, probabilities, labels):
    right = probabilities.argmax(axis=1) == labels
    unsure = np.round(100 * probabilities.max(axis=1)) < NOT_SURE
    caught = f"{unsure[~right].mean():.0%} of {(~right).sum()}" if (~right).any() else "no"
    print(
        f"{name:<22}calibration error {calibration_error(probabilities, labels):.2%}; below {NOT_SURE} % are "
        f"{caught} errors and {unsure[right].mean():.1%} of the right answers"
    )


def print_steadiness(predict, drawings, rng):
    answers = []
    for _ in range(REPLAYS):
        images = [STAGES["as shipped"](replay(strokes, rng)) for strokes, _ in drawings]
        answers.append(predict_uint8(predict, images).argmax(axis=1))
    alike = np.array([np.bincount(each).max() for each in np.array(answers).T])
    print(
        f"{REPLAYS} replays of each at any size, place and brush: {alike.mean() / REPLAYS:.2%} get the drawing's most "
        f"frequent answer; {np.mean(alike == REPLAYS):.1%} of the drawings always get the same"
    )


def save_errors(path, images, probabilities, labels, columns=16):
    """A sheet of the wrongly read drawings as the network gets them, with label → answer and the probability."""
    import matplotlib.pyplot as plt

    wrong = np.flatnonzero(probabilities.argmax(axis=1) != labels)
    if not len(wrong):
        return print("nothing is read wrong: no sheet saved")
    wrong = wrong[np.argsort(labels[wrong], kind="stable")]
    titles = [f"{labels[i]}→{probabilities[i].argmax()}\n{probabilities[i].max():.0%}" for i in wrong]
    dh.show_digits(images[wrong], titles, columns=columns)
    plt.savefig(path)
    print(f"saved {path}")


def main():
    parser = argparse.ArgumentParser(description="How many drawings are read after each stage of preparation.")
    parser.add_argument("strokes", help="a file with labelled drawings: .json, .npz, or UNIPEN text")
    parser.add_argument("--seed", type=int, default=0, help="for size, place and brush (default: 0)")
    parser.add_argument("--errors", metavar="SHEET.png", help="save a picture of what the shipped network reads wrong")
    arguments = parser.parse_args()

    rng = np.random.default_rng(arguments.seed)
    drawings = read_strokes(arguments.strokes)
    labels = np.array([label for _, label in drawings])
    canvases = [replay(strokes, rng) for strokes, _ in drawings]
    images = {name: np.stack([stage(canvas) for canvas in canvases]) for name, stage in STAGES.items()}
    digits = dh.load_mnist()
    shipped = dh.Predictor()
    plain = dh.Predictor(train_plainly(digits))

    counts = " ".join(f"{count:5}" for count in np.bincount(labels, minlength=10))
    print(f"{f'{len(drawings):,} drawings':<49}{counts}")
    if digits.source == "sample":
        print(f"Only the offline sample is here: the plain network learned from {len(digits.x_train):,} images of it,")
        print("the shipped one from all that is in it, so how sure it is on MNIST's test set isn't measured.")
    print_stages("the shipped network", shipped, images, labels)
    print_stages("trained the plain way", plain, images, labels)

    probabilities = predict_uint8(shipped, images["as shipped"])
    print_errors(probabilities, labels)
    print_steadiness(shipped, drawings, rng)
    print_confidence("on the drawings:", probabilities, labels)
    if digits.source != "sample":
        print_confidence("on MNIST's test set:", predict_uint8(shipped, digits.x_test), digits.y_test)
    if arguments.errors:
        save_errors(arguments.errors, images["as shipped"], probabilities, labels)


if __name__ == "__main__":
    main()
