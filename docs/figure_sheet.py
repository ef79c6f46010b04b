"""Every kind of figure in the lessons on one sheet: python docs/figure_sheet.py SHEET.png

Whoever changes the style looks at it here. The digits are MNIST's, and the numbers come from small experiments.
"""

import argparse
import io

import matplotlib

matplotlib.use("Agg")

import matplotlib.pyplot as plt
import numpy as np
from PIL import Image

import digits_helpers as dh
from digits_helpers import plots
from digits_helpers.layers import convolve, softmax

STEPS = 60
GAP = 60  # pixels between two figures


def train(x, y, x_test, y_test):
    """Softmax regression by gradient descent: the weights ``(784, 10)`` before each step, and two losses for each."""
    weights, history, losses = np.zeros((784, 10)), [], []
    for _ in range(STEPS + 1):
        history.append(weights)
        losses.append((loss(weights, x, y), loss(weights, x_test, y_test)))
        weights = weights - 0.5 * x.T @ (softmax(x @ weights) - np.eye(10)[y]) / len(y)
    return history, np.array(losses)


def loss(weights, x, y):
    return -np.log(softmax(x @ weights)[np.arange(len(y)), y]).mean()


def figures():
    """Draw one figure of each kind, one after the other."""
    digits = dh.load_mnist()
    x_train, x_test = (images.reshape(len(images), -1) / 255 for images in (digits.x_train[:4000], digits.x_test))
    y_train, y_test = digits.y_train[:4000], digits.y_test
    history, losses = train(x_train, y_train, x_test, y_test)
    weights = history[-1]
    answers = (x_test @ weights).argmax(axis=1)

    yield dh.show_digits(digits.x_test[:20], titles=y_test[:20])
    yield plots.show_confusions(digits.x_test, y_test, answers).figure
    yield plots.show_signed(weights.T.reshape(10, 28, 28), titles=range(10))

    kernels = np.array([[[-1, 0, 1]] * 3, [[1, 0, -1]] * 3, [[-1] * 3, [0] * 3, [1] * 3], [[1] * 3, [0] * 3, [-1] * 3]])
    image = digits.x_test[y_test == 5][0] / 255
    maps = convolve(image[np.newaxis, ..., np.newaxis], kernels.transpose(1, 2, 0)[:, :, np.newaxis], np.zeros(4))
    names = ["left edges", "right edges", "upper edges", "lower edges"]
    yield plots.show_kernels(kernels, maps[0].transpose(2, 0, 1), titles=names)

    _, axis = plt.subplots()
    axis.set(xlabel="step", ylim=(0, 2.5), title="Loss")
    steps = np.arange(STEPS + 1)
    guessing = np.full(STEPS + 1, np.log(10))
    curves = {"training": losses[:, 0], "test": losses[:, 1], "pure guessing": guessing}
    plots.show_curves({name: (steps, values) for name, values in curves.items()}, axis)
    yield axis.figure

    wrong = np.flatnonzero(answers != y_test)[0]
    figure, axes = plt.subplots(1, 3, figsize=(8, 2.4), width_ratios=[0.7, 1, 1])
    axes[0].imshow(digits.x_test[wrong])
    axes[0].axis("off")
    for axis, step in zip(axes[1:], (1, STEPS), strict=True):
        plots.show_probabilities(softmax(x_test[wrong] @ history[step]), label=int(y_test[wrong]), axis=axis)
        axis.set_title(f"after {step} step{'s' * (step > 1)}")
    yield figure

    rows = {}
    right = answers == y_test
    for count in (50, 200, len(right)):
        share = right[:count].mean()
        rows[f"{count:,} images"] = (share, *dh.interval(share, count))
    axis = plots.show_intervals(rows, truth=right.mean())
    axis.set_title("How many are right?")
    yield axis.figure


def as_picture(figure):
    file = io.BytesIO()
    figure.savefig(file, format="png", dpi=150, bbox_inches="tight")
    plt.close(figure)
    return Image.open(file).convert("RGB")


def main():
    parser = argparse.ArgumentParser(description="Every kind of figure in the lessons on one sheet.")
    parser.add_argument("sheet", help="the picture to write, a .png file")
    sheet = parser.parse_args().sheet

    dh.use_style()
    pictures = [as_picture(figure) for figure in figures()]
    width = max(picture.width for picture in pictures)
    tops = [GAP, GAP]  # where the next picture goes in each of the two columns
    places = []
    for picture in pictures:
        column = int(tops[1] < tops[0])
        places.append((GAP + column * (width + 2 * GAP), tops[column]))
        tops[column] += picture.height + 2 * GAP
    paper = Image.new("RGB", (2 * (width + 2 * GAP), max(tops)), "white")
    for picture, place in zip(pictures, places, strict=True):
        paper.paste(picture, place)
    paper.save(sheet)
    print(f"saved {sheet}: {len(pictures)} figures")


if __name__ == "__main__":
    main()
