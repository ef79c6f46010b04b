"""The exercises' checks: each tries the reader's answer and prints ✅, or ❌ and a hint that names the mistake."""

import functools
import math

import numpy as np


def exercise(test):
    """Make a check of ``test``, a function that takes the reader's answer and asserts, with a hint, what must hold.

    The check prints and never raises, so that a notebook whose stubs are untouched still runs to its end.

    >>> @exercise
    ... def double(function):
    ...     assert function(3) == 6, "3 should give 6: multiply by 2."
    >>> double(lambda x: x + 2)
    ❌ double: 3 should give 6: multiply by 2.
    >>> double(lambda x: 2 * x)
    ✅ double
    """

    @functools.wraps(test)
    def check(answer):
        name = test.__name__
        try:
            if answer is None or answer is ...:
                raise NotDone
            test(_refuse_stub(answer))
        except NotDone:
            print(
                f"❌ {name}: not written yet, or it returns nothing. "
                "Replace the … with your own code, run the cell, then run this one."
            )
        except AssertionError as hint:
            print(f"❌ {name}: {hint}")
        except Exception as error:
            print(f"❌ {name}: your code stopped with {type(error).__name__}: {error}")
        else:
            print(f"✅ {name}")

    return check


class NotDone(Exception):
    """The stub is still as it came."""


def _refuse_stub(answer):
    """The same answer; a function that returns nothing, or …, is a stub."""
    if not callable(answer):
        return answer

    @functools.wraps(answer)
    def call(*args, **kwargs):
        result = answer(*args, **kwargs)
        if result is None or result is ...:
            raise NotDone
        return result

    return call


def _one_number(result):
    """The number as Python's own, also out of an array that holds it alone."""
    assert np.shape(result) == (), f"expected one number, not {result!r}."
    return np.asarray(result).item()


# Lesson 00


@exercise
def most_likely(function):
    probabilities = np.array([0.02, 0.01, 0.05, 0.6, 0.01, 0.2, 0.01, 0.05, 0.03, 0.02], np.float32)
    for shift in (0, 4):
        given = np.roll(probabilities, shift)
        digit = np.asarray(function(given))
        assert digit.shape == (), f"expected a single digit, not {digit.size} values."
        assert not np.isclose(digit, given.max()), (
            "that is the largest probability itself; the digit is its place: np.argmax."
        )
        assert digit == 3 + shift, f"expected {3 + shift}, because place {3 + shift} holds the largest, not {digit}."


# Lesson 01


@exercise
def difference(function):
    first, second = np.zeros((28, 28), np.uint8), np.zeros((28, 28), np.uint8)
    first[0, :3], second[0, :3] = (0, 255, 100), (255, 0, 151)
    result = np.asarray(function(first, second))
    assert result.shape == (28, 28), f"expected one value a pixel, shape (28, 28), not {result.shape}."
    assert result.min() >= 0, "a difference came out negative: take the absolute value with np.abs."
    assert result.max() <= 1, "a difference came out above 1: divide by 255."
    assert not np.isclose(result[0, 2], 205 / 255), (
        "100 and 151 came out 205 apart: uint8 wrapped around. Turn both images into float32 before you subtract."
    )
    assert np.allclose(result[0, :3], [1, 1, 51 / 255], atol=1e-6), (
        "at pixels with (0, 255), (255, 0) and (100, 151) expected 1, 1 and 0.2, "
        f"not {', '.join(f'{value:.3g}' for value in result[0, :3])}."
    )
    assert result.dtype == np.float32, f"expected float32, not {result.dtype}: use .astype(np.float32)."


@exercise
def one_hot(function):
    labels = np.array([3, 0, 9, 3], np.uint8)
    result = np.asarray(function(labels))
    assert result.shape == (4, 10), f"four labels should give shape (4, 10), ten numbers each, not {result.shape}."
    assert (result.sum(axis=1) == 1).all(), "each row should hold a single 1 and nine 0."
    assert (result.argmax(axis=1) == labels).all(), (
        f"the ones of the labels 3, 0, 9, 3 are at {', '.join(map(str, result.argmax(axis=1)))}: "
        "put each at the place that its label says, counted from 0."
    )
    assert result.dtype == np.float32, f"expected float32, not {result.dtype}: np.eye takes a dtype."


# Lesson 02


@exercise
def nearest_mean(function):
    means = np.array([[0, 0, 0, 0], [3, 3, 0, 0], [2, 2, 2, 2]], np.float32)
    near = [[2.8, 2.9, 0.1, 0], [0.1, 0.2, 0, 0.1], [2, 1.8, 2, 2], [0, 0, 0.9, 0.9], [2.6, 2.6, 2.2, 0], [1, 1, 2, 2]]
    images = np.array(near, np.float32)
    result = np.asarray(function(images, means))
    assert result.shape != (3,), "one answer a mean came out, not one an image: argmin goes along the means, axis 1."
    assert result.shape != (6, 3), "those are the distances to every mean: argmin finds the place of the smallest."
    assert result.shape == (6,), f"six images should give six answers, not an array of shape {result.shape}."
    difference = images[:, np.newaxis] - means
    squared = (difference**2).sum(axis=2)
    for mistake, hint in [
        (squared.argmax(axis=1), "that is the farthest mean: argmin finds the nearest."),
        (squared.min(axis=1), "those are the smallest distances: argmin gives their places."),
        (np.sqrt(squared.min(axis=1)), "those are the smallest distances: argmin gives their places."),
        (difference.sum(axis=2).argmin(axis=1), "plus and minus cancel: square the differences before you add."),
        (abs(difference.sum(axis=2)).argmin(axis=1), "plus and minus cancel: square the differences before you add."),
        (abs(difference).sum(axis=2).argmin(axis=1), "that adds the differences themselves: add their squares."),
        ((images @ means.T).argmax(axis=1), "a product favours means with much ink: subtract, square, add."),
    ]:
        assert not np.allclose(result, mistake), hint
    assert np.array_equal(result, [1, 0, 2, 0, 2, 2]), (
        f"for the check's six images expected 1, 0, 2, 0, 2, 2, not {', '.join(map(str, result))}."
    )


@exercise
def mlp_parameters(function):
    for inputs, hidden, outputs in [(784, 64, 10), (3, 5, 2), (10, 1, 7)]:
        result = _one_number(function(inputs, hidden, outputs))
        weights = inputs * hidden + hidden * outputs
        hints = {  # the hint for each likely mistake; the right answer comes last, over any that equals it
            inputs * hidden * outputs: "Count the weights into the hidden units and those into the outputs, and add.",
            (inputs + 1) * hidden: "That is the first part. The outputs have weights and biases as well.",
            (inputs + 1) * outputs: "That is logistic regression: the hidden units are missing.",
            weights: "These are the weights. Each hidden unit and each output has a bias as well.",
            weights + hidden: "The outputs have biases, too.",
            weights + outputs: "The hidden units have biases, too.",
            weights + 2: "That is one bias for each step. Each hidden unit and each output has a bias of its own.",
            weights + inputs + hidden + outputs: "The inputs are pixels: they have no biases.",
            weights + hidden + outputs: None,
        }
        hint = hints.get(result, "How many weights has one hidden unit, and how many one output? Add a bias to each.")
        asked = f"for {inputs} inputs, {hidden} hidden units and {outputs} outputs you gave {result}"
        assert hint is None, f"{asked}. {hint}"


# Lesson 03


@exercise
def upper_edges(function):
    kernel = np.asarray(function(), np.float32)
    assert kernel.shape == (3, 3), f"expected a kernel of shape (3, 3), not {kernel.shape}."
    assert kernel.any(), "all nine numbers are 0, so it answers 0 to everything."
    assert abs(kernel.sum()) < 1e-5, (
        f"where all nine pixels are 1 it answers {kernel.sum():.3g}, not 0: the nine numbers should sum to 0."
    )
    assert np.allclose(kernel.sum(axis=0), 0, atol=1e-5), (
        "it answers to a vertical edge: in each column, plus and minus should cancel."
    )
    # An edge may lie above the lowest row of the patch, or above the lowest two.
    answers = kernel[2].sum(), kernel[1:].sum()
    assert min(answers) > 0, (
        f"paper above ink gives {answers[0]:.3g} or {answers[1]:.3g}, not two positive numbers: "
        "the lower row should count with plus, the upper row with minus."
    )


@exercise
def conv_parameters(function):
    for size, channels, filters in [(3, 1, 32), (5, 3, 7), (3, 32, 64)]:
        result = _one_number(function(size, channels, filters))
        weights = size * size * channels * filters
        hints = {  # the hint for each likely mistake; the right answer comes last, over any that equals it
            weights: "These are the weights. Each filter has a bias as well.",
            weights + 1: "That is one bias for all. Each filter has a bias of its own.",
            weights + channels * filters: "A filter has one bias, not one for each channel.",
            size * size * filters + filters: "A filter has weights for every channel that comes in.",
            weights + filters: None,
        }
        hint = hints.get(result, "How many weights has one filter? Add its bias, then multiply by the filters.")
        assert hint is None, f"for size {size}, {channels} channels and {filters} filters you gave {result}. {hint}"


@exercise
def mean_loss(function):
    labels = np.array([5, 0, 9], np.uint8)
    right = np.array([0.82, 0.5, 0.1])  # the probability of the right digit
    probabilities = np.repeat((1 - right[:, np.newaxis]) / 9, 10, axis=1).astype(np.float32)
    probabilities[range(3), labels] = right
    result = np.asarray(function(probabilities, labels))
    assert result.shape == (), f"expected one number for all images, not an array of shape {result.shape}."
    losses = -np.log(right)
    for mistake, hint in [
        (-losses.mean(), "The loss came out negative: take minus the logarithm."),
        (losses.sum(), "That is the sum of the losses: divide by the number of images."),
        (-np.log10(right).mean(), "Take the natural logarithm, np.log."),
        (-np.log(right.mean()), "Take the logarithm of each probability first, then the mean."),
    ]:
        assert not np.isclose(result, mistake, atol=1e-4), hint
    assert np.isclose(result, losses.mean(), atol=1e-4), (
        f"Probabilities of 0.82, 0.5 and 0.1 for the right digits should give {losses.mean():.3f}, not {result:.3f}: "
        "from each row, take only the probability at its label."
    )


# Lesson 04


@exercise
def bias_slopes(function):
    error = np.array([[0.1, -0.2, 0.1], [0.3, 0.1, -0.4]], np.float32)
    result = np.asarray(function(error))
    assert result.shape != (2,), "that is one number an image: add over the images, axis 0."
    assert result.shape == (3,), f"expected one number for each of the three units, not the shape {result.shape}."
    for mistake, hint in [
        (error.mean(axis=0), "that is a mean: the error is divided by the number of images already, so add up."),
        (-error.sum(axis=0), "the sign is wrong: the slope is the error itself, added up, with its sign."),
    ]:
        assert not np.allclose(result, mistake), hint
    assert np.allclose(result, error.sum(axis=0), atol=1e-6), (
        f"of the errors [0.1, -0.2, 0.1] and [0.3, 0.1, -0.4] expected 0.4, -0.1 and -0.3, not {result.round(3)}."
    )


@exercise
def descend(function):
    weights = [np.array([[1.0, -2.0]], np.float32), np.array([0.5], np.float32)]
    gradients = [np.array([[10.0, 0.0]], np.float32), np.array([-4.0], np.float32)]
    kept = [weight.copy() for weight in weights]
    result = list(function(weights, gradients, 0.1))
    assert len(result) == 2, f"two arrays went in, {len(result)} came out: return a list with one array for each."
    assert all(np.array_equal(a, b) for a, b in zip(weights, kept, strict=True)), (
        "the weights that were given have changed: make new arrays, weight - rate * gradient."
    )
    shapes = [np.shape(array) for array in result]
    assert shapes == [(1, 2), (1,)], f"expected arrays of the shapes (1, 2) and (1,), as they came, not {shapes}."
    moved = [float(result[0][0, 0]), float(result[0][0, 1]), float(result[1][0])]
    for mistake, hint in [
        ([2, -2, 0.1], "That is a step along the gradient: the loss rises. Go against it, with minus."),
        ([-9, -2, 4.5], "The step is as long as the gradient itself: multiply it by the learning rate."),
        ([0.9, -2, 0.6], "The step has the same length for every weight: it should grow with the slope."),
    ]:
        assert not np.allclose(moved, mistake, atol=1e-5), hint
    assert np.allclose(moved, [0, -2, 0.9], atol=1e-5), (
        "from 1, -2 and 0.5 with the slopes 10, 0 and -4 and the rate 0.1, expected 0, -2 and 0.9, "
        f"not {', '.join(f'{value:.3g}' for value in moved)}."
    )


@exercise
def best_epoch(function):
    history = {
        "loss": [0.9, 0.5, 0.3, 0.2, 0.1, 0.05],
        "val_loss": [0.8, 0.5, 0.6, 0.4, 0.4, 0.7],
        "accuracy": [0.6, 0.7, 0.8, 0.9, 0.95, 0.99],
        "val_accuracy": [0.7, 0.8, 0.91, 0.9, 0.9, 0.9],
    }
    result = _one_number(function(history))
    hints = {
        3: "That is counted from 0, or is the best val_accuracy. Find the lowest val_loss, and count epochs from 1.",
        1: "That is the highest val_loss: look for the lowest.",
        2: "After that it rises for the first time; later it falls lower.",
        5: "Epochs 4 and 5 are equally good: return the first of them.",
        6: "That is the last epoch, which has the lowest training loss. Look at val_loss.",
        0.4: "That is the lowest loss itself: return the number of its epoch.",
    }
    lowest = f"the lowest val_loss of {', '.join(map(str, history['val_loss']))} is epoch 4's, not {result}."
    assert result == 4, hints.get(result, lowest)


# Lesson 05


@exercise
def epoch_seconds(function):
    for n, kept, batch_size, ms, expected in [
        (4000, 400, 128, 50, 1.45),
        (1000, 0, 100, 30, 0.3),
        (60000, 6000, 128, 25, 10.55),
    ]:
        result, images = _one_number(function(n, kept, batch_size, ms)), n - kept
        asked = f"for {n} images, {kept} of them kept aside, batch size {batch_size} and {ms} ms/step"
        for mistake, hint in [
            (expected * 1000, "those are milliseconds: divide by 1000."),
            (ms / 1000, "that is one batch: an epoch has many."),
            (images * ms / 1000, "ms/step is the time of a batch, not of an image: count the batches."),
            (images // batch_size * ms / 1000, "the images that are left over form one more batch. Round up."),
            (images / batch_size * ms / 1000, "a number of batches is whole. Round up."),
            (math.ceil(n / batch_size) * ms / 1000, "the images kept aside make no steps: take them away first."),
        ]:
            assert math.isclose(mistake, expected) or not math.isclose(result, mistake), f"{asked}: {hint}"
        assert math.isclose(result, expected), f"{asked} expected {expected} s, not {result:.4g}."


@exercise
def read_val_loss(function):
    start = "29/29 - 1s - 28ms/step - accuracy: 0.9507 - loss: 0.1612"
    for value in ("0.0581", "4.2000e-04", "12.5000"):
        for end in (f"val_accuracy: 0.9801 - val_loss: {value}", f"val_loss: {value} - val_mae: 0.2500"):
            line = f"{start} - {end}"
            result, asked = function(line), f"in {line!r}"
            assert not isinstance(result, str), f"{asked} you gave the text {result!r}: make it a number with float."
            result = _one_number(result)
            assert result != 0.1612, f"{asked} you gave the training loss: look for `val_loss: `, with the val_."
            assert "e" not in value or result != 4.2, f"{asked} e-04 belongs to the number: read on to the next space."
            assert result == float(value), f"{asked} expected {float(value)}, not {result}."


# Lesson 06


@exercise
def confusion(function):
    labels, answers = np.array([3, 3, 3, 7, 9, 0], np.uint8), np.array([3, 8, 8, 7, 4, 0])
    result = np.asarray(function(labels, answers))
    assert result.shape == (10, 10), (
        f"expected the shape (10, 10), not {result.shape}: a row and a column for each digit, even if it doesn't occur."
    )
    right = np.zeros((10, 10), int)
    for pair in zip(labels, answers, strict=True):
        right[pair] += 1
    for mistake, hint in [
        (right.T, "rows and columns are swapped: the row is the label, the column the answer."),
        (right > 0, "two threes were read as 8, and you counted one: count a pair each time that it comes."),
        (right / right.sum(), "those are shares: give counts."),
        (
            np.diag(np.diag(right)),
            "only the right answers are counted: a three that is read as 8 goes to row 3, column 8.",
        ),
        (right - np.diag(np.diag(right)), "the right answers are missing: they are counted too, on the diagonal."),
    ]:
        assert not np.array_equal(result, mistake), hint
    assert np.array_equal(result, right), (
        f"one image of 3 was read as 3 and two as 8; your row 3 says {result[3].tolist()}."
    )
    assert np.issubdtype(result.dtype, np.integer), f"counts are whole numbers, not {result.dtype}: give dtype int."
    fives = np.asarray(function(np.full(300, 5, np.uint8), np.full(300, 5)))[5, 5]
    assert fives == 300, f"300 fives that were read as 5 came out as {fives}: {result.dtype} can't count so far."


@exercise
def coverage_and_accuracy(function):
    confidence = np.array([0.9, 0.9, 0.5, 0.7, 0.6, 0.45, 0.4, 0.3])
    probabilities = np.repeat((1 - confidence[:, np.newaxis]) / 9, 10, axis=1)
    probabilities[:, 4] = confidence
    labels = np.array([4, 9, 1, 4, 4, 4, 5, 6])  # all are read as 4
    result = function(probabilities, labels, 0.5)
    assert np.shape(result) == (2,), f"expected two numbers, coverage and accuracy, not {result!r}."
    hints = {
        (0.6, 0.625): "the two are swapped: coverage comes first.",
        (0.5, 0.75): "one of the images has a confidence of exactly 0.5: at least the threshold counts as answered.",
        (0.625, 0.375): "the right answers are divided by all images: divide by those that are answered.",
        (0.625, 0.5): "that is the accuracy on all images: leave out those that aren't answered.",
        (0.375, 0.6): "that is the share that isn't answered: coverage is the other part.",
        (0.375, 1 / 3): "those are the images below the threshold: the others are answered.",
        (5, 0.6): "5 images are answered: divide by the number of all images.",
        (5, 3): "those are counts: give the share answered, and the share of right ones among these.",
    }
    for threshold, expected in [(0.5, (0.625, 0.6)), (0.8, (0.25, 0.5))]:
        result = function(probabilities, labels, threshold)
        for mistake, hint in hints.items():
            assert threshold != 0.5 or not np.allclose(result, mistake), hint
        assert np.allclose(result, expected), (
            f"for the threshold {threshold} expected {expected[0]} and {expected[1]}, "
            f"not {result[0]:.3g} and {result[1]:.3g}."
        )


# Lesson 07


@exercise
def center_of_mass(function):
    image = np.zeros((7, 12), np.uint8)
    image[1, 2:5], image[5, 9], image[6, 3] = 200, 100, 100
    result = function(image)
    assert np.shape(result) == (2,), f"expected two numbers, the row and the column, not {result!r}."
    right = np.array([2.125, 3.75])
    for mistake, hint in [
        (right[::-1], "row and column are swapped: image.sum(axis=1) gives one number a row, and the row comes first."),
        (right + 1, "both are 1 too large: count the positions from 0, as np.arange does."),
        (right + 0.5, "both are half a pixel too large: position 3 is the middle of pixel 3, not its edge."),
        (right - 0.5, "both are half a pixel too small: position 3 is the middle of pixel 3, not its edge."),
        (np.argwhere(image).mean(axis=0), "every pixel with ink counted the same: weigh its position with its ink."),
        ((3.5, 5.5), "that is the middle of the rectangle around the ink: a place with more ink has to count more."),
        ((3, 5.5), "that is the middle of the picture, wherever the ink is."),
    ]:
        assert not np.allclose(result, mistake, atol=1e-3), hint
    assert np.allclose(result, right, atol=1e-3), (
        f"expected row 2.125 and column 3.75 for the check's picture, not {result[0]:.3f} and {result[1]:.3f}: "
        "multiply each position by its ink, add up, and divide by all ink."
    )


@exercise
def crop_to_ink(function):
    ink = np.zeros((14, 14), np.uint8)
    ink[2:4, 5:9], ink[6:8, 9:12] = 255, 3  # two parts, the second one faint, and two empty rows between them
    result = np.asarray(function(ink))
    hints = {
        (14, 14): "nothing was cut off.",
        (7, 6): "rows and columns are swapped: ink.any(axis=1) says of each row whether it holds ink.",
        (5, 6): "the last row and the last column are missing: a slice stops before its end, so add 1.",
        (5, 7): "the last row is missing: a slice stops before its end, so add 1.",
        (6, 6): "the last column is missing: a slice stops before its end, so add 1.",
        (4, 7): "empty rows inside the digit are gone, too: keep all from the first row with ink to the last.",
        (2, 4): "the faint part is cut off: every pixel above 0 is ink.",
    }
    assert result.shape == (6, 7), hints.get(result.shape, f"expected the shape (6, 7) here, not {result.shape}.")
    assert np.array_equal(result, ink[2:8, 5:12]), "the size is right, but not the place or the values."


# Lesson 08


@exercise
def undo(function):
    first, second, third = [(40, 40), (60, 80)], [(200, 120)], [(10, 250), (20, 240), (30, 230)]
    strokes = [first, second, third]
    result = function(strokes)
    assert strokes == [first, second, third], (
        "the list that you were given has changed: make a new one, for example with a slice."
    )
    assert result != third, "that is the stroke taken away: give back the strokes that are left."
    assert result != [second, third], "that took the first stroke away: undo takes the last."
    assert result != [first, second, third[:-1]], "that took one point away: undo takes the whole last stroke."
    assert result == [first, second], f"of three strokes the first two should be left, not {result}."
    result = function([first])
    assert result == [], f"of a single stroke nothing should be left, not {result}: undo takes the last, of any number."
    try:
        empty = function([])
    except IndexError:
        raise AssertionError("an empty list has no last stroke to take: give back an empty list.") from None
    assert empty == [], f"an empty list should give an empty list, not {empty}."


@exercise
def candidates(function):
    sure, torn = np.full((2, 10), 0.01, np.float32)
    sure[[7, 2]] = 0.71, 0.21
    torn[[9, 4]] = 0.5, 0.42
    result = np.asarray(function(torn)).tolist()
    assert not any(0 < value < 1 for value in np.ravel(result)), "those are shares: give the digits, their places."
    assert result != [9], "at 50 % for the first digit expected two: is the share compared with 0.6?"
    assert result != [4, 9], "the likeliest digit comes first: argsort sorts upwards, so turn the order round."
    assert result == [9, 4], f"9 with 50 % and 4 with 42 % should give [9, 4], not {result}."
    result = np.asarray(function(sure)).tolist()
    assert result != [7, 2], "at 71 % for the first digit expected that one alone: is the share compared with 0.6?"
    assert result == [7], f"7 with 71 % and 2 with 21 % should give [7], a list of one, not {result}."
    for first, second, right in [(0.59, 0.05, [6, 3]), (0.3, 0.25, [6, 3]), (0.61, 0.38, [6])]:
        probabilities = np.full(10, (1 - first - second) / 8, np.float32)
        probabilities[[6, 3]] = first, second
        result = np.asarray(function(probabilities)).tolist()
        assert result == right, (
            f"6 with {first:.0%} and 3 with {second:.0%} should give {right}, not {result}: "
            "it is the first share alone that is compared with 0.6."
        ).replace("%", " %")


# Lesson 09


@exercise
def best_score(function):
    # Three good runs of two pieces, of which only two fit beside each other; the best single run isn't among them.
    scores = {(0, 1): -2, (1, 2): -3, (2, 3): -3, (3, 4): -4, (0, 2): 3, (1, 3): 5, (2, 4): 4, (0, 4): -20}
    hints = {
        5: "that is the best single run: it leaves pieces 0 and 3 alone, and every piece has to be used.",
        -1: "that begins with the best single run, (1, 3), and then has to take pieces 0 and 3 alone. Compare covers.",
        -12: "that takes each piece alone. A run may hold several pieces.",
        -20: "that is the run of all pieces, which is one cover of many; or the smallest sum: look for the largest.",
        12: "runs in that sum share a piece: each piece is to be used exactly once.",
        3: "that is the best up to piece 1: return the answer for all pieces, best[count].",
    }
    for order, given in (("", scores), (" if the runs come in another order", dict(reversed(scores.items())))):
        result = _one_number(function(4, dict(given)))
        hint = hints.get(result, "best[end] is the largest best[first] + score of the runs (first, end).")
        if order:
            hint = (
                "before a run that begins at `first` is used, best[first] must be final. sorted(scores.items()) helps."
            )
        assert result == 7, f"expected 7 for the check's runs{order}, not {result}: {hint}"
    without = {(0, 1): -1, (0, 2): 2, (2, 3): -5}  # no (1, 2): that run is not possible
    result = _one_number(function(3, without))
    assert result == -3, f"with the runs {[*without]} expected -3, not {result}."


@exercise
def next_row(function):
    costs, ink = np.array([3.0, 7, 9, 8, 1]), np.array([2.0, 0, 1, 0, 4])
    result = np.asarray(function(costs.copy(), ink.copy()))
    assert result.shape == (5,), f"expected five numbers, one for each pixel of the row, not the shape {result.shape}."
    for mistake, hint in [
        (
            [3, 3, 8, 1, 5],
            "beyond the left edge you took the right edge: a path can't leave the picture (np.roll does).",
        ),
        (
            [5, 7, 10, 8, 5],
            "that goes straight down only: a step may also come from the left above or the right above.",
        ),
        ([3, 3, 7, 1, 1], "that is the smallest of the three above: add the ink of the row itself."),
        ([3, 1, 2, 1, 5], "that takes the smallest of the whole row above: only three of its pixels are near enough."),
        ([5, 3, 8, 8, 5], "from above and from the left above, but not from the right above: all three count."),
        ([5, 7, 9, 1, 5], "from above and from the right above, but not from the left above: all three count."),
        ([9, 9, 10, 9, 12], "take the smallest of the three, not the largest."),
    ]:
        assert not np.array_equal(result, mistake), hint
    assert np.array_equal(result, [5, 3, 8, 1, 5]), (
        "costs of 3, 7, 9, 8, 1 and ink of 2, 0, 1, 0, 4 should give 5, 3, 8, 1, 5, "
        f"not {', '.join(f'{value:.3g}' for value in result)}."
    )


# Lesson 10


@exercise
def split(function):
    names = list("abcdefgh")
    result = function(list(names))
    assert isinstance(result, tuple | list) and len(result) == 2, (
        f"expected two lists, not {result!r}: return training, testing."
    )
    training, testing = (list(part) for part in result)
    assert (testing, training) != (list("cf"), names), (
        "the testing styles are among the training ones, too: then the test says nothing about new styles."
    )
    assert not set(training) & set(testing), f"{sorted(set(training) & set(testing))} stand in both lists."
    assert (testing, training) != (list("abdegh"), list("cf")), "the two lists are swapped: training comes first."
    assert testing != list("adg"), "that begins with the first: names[2::3] begins with the third."
    assert testing == list("cf"), f"of a to h, c and f are for testing, not {', '.join(testing)}."
    assert training == list("abdegh"), f"of a to h, a, b, d, e, g and h are for training, not {', '.join(training)}."


@exercise
def mended_and_broken(function):
    labels = np.array([1, 2, 3, 4, 5, 6, 7])
    first, second = np.array([1, 2, 9, 9, 9, 6, 8]), np.array([9, 2, 3, 4, 5, 6, 9])
    result = function(first, second, labels)
    assert np.shape(result) == (2,), f"expected two numbers, mended and broken, not {result!r}."
    hints = {
        (1, 3): "the two are swapped: what the second reads right and the first doesn't is mended.",
        (5, 3): "that is how many each reads right; count those that only one of them reads right.",
        (3, 5): "that is how many each reads right; count those that only one of them reads right.",
        (5, 5): "that counts answers that differ; both may be wrong. Compare each with the labels.",
        (3 / 7, 1 / 7): "those are shares: give counts.",
    }
    pair = tuple(np.asarray(result).tolist())
    assert pair == (3, 1), hints.get(pair, f"expected 3 mended and 1 broken here, not {pair[0]} and {pair[1]}.")
