"""How many whole numbers are read right: python benchmarks/whole_numbers.py STROKES

STROKES is a file of labelled drawings of single digits (see strokes_files.py). Numbers of two to five of them are set
side by side, with a visible gap, with overlapping boxes, or with overlapping pen paths; as strokes, in a random order,
and as pictures. Beside the package's way the plain one: threshold, connected components, one digit each, from left to
right. At the end: how often it is said that two digits in one stroke are no digit, and how long forty digits take.
(The file can't be called numbers.py: Python's own module of that name is imported by NumPy.)
"""

import argparse
import itertools
import time

import numpy as np
from scipy import ndimage
from strokes_files import read_strokes

import digits_helpers as dh
from digits_helpers.preprocess import stages_of_ink
from digits_helpers.words import as_text

LENGTHS = (2, 3, 4, 5)
MARGIN = 20  # pixels around a number
LONG = 40  # digits


# From one digit to the next; a width is the last one's, a brush the pen's, a hand the height of the writing.


def visible_gap(rng, hand, brush, width):
    """5 to 40 % of a hand between the ink."""
    return brush + hand * rng.uniform(0.05, 0.4)


def boxes_overlap(rng, hand, brush, width):
    """The boxes around the ink overlap by 0 to 10 % of a digit's width."""
    return brush - rng.uniform(0, 0.1) * (width + brush)


def paths_overlap(rng, hand, brush, width):
    """The boxes around the pen's paths overlap by 0 to 10 % of a digit's width, those of the ink by a brush more."""
    return -rng.uniform(0, 0.1) * width


SPACES = {"a visible gap": visible_gap, "boxes overlap": boxes_overlap, "pen paths overlap": paths_overlap}


def side_by_side(drawings, space, rng):
    """The digits' strokes as one hand writes them, a list for each digit, and the brush, in pixels."""
    hand = rng.uniform(60, 180)
    brush = hand * rng.uniform(0.06, 0.14)
    written, right, width = [], None, 0
    for strokes in drawings:
        points = np.concatenate(strokes)
        low, extent = points.min(axis=0), np.ptp(points, axis=0)
        height = hand * np.exp(rng.normal(0, 0.12))
        scale = height / max(extent[1], 0.6 * extent[0], 1e-6)
        left = MARGIN if right is None else right + space(rng, hand, brush, width)
        width, right = extent[0] * scale, left + extent[0] * scale
        bottom = MARGIN + 1.6 * hand + rng.normal(0, 0.05) * hand  # the line that they stand on
        corner = np.array([left, bottom - extent[1] * scale])
        written.append([((stroke - low) * scale + corner).astype(np.float32) for stroke in strokes])
    return written, brush


def shuffled(written, rng):
    strokes = list(itertools.chain(*written))
    return [strokes[k] for k in rng.permutation(len(strokes))]


def picture_of(strokes, brush):
    size = np.concatenate(strokes).max(axis=0) + brush / 2 + MARGIN
    return dh.rasterize(strokes, size.astype(int).tolist(), brush)


def read_plainly(picture, predict):
    parts, _ = ndimage.label(picture > 127, np.ones((3, 3)))
    places = sorted(ndimage.find_objects(parts), key=lambda place: place[1].start)
    images = [stages_of_ink(picture[place])["centred"] for place in places]
    return "".join(str(answer.argmax()) for answer in predict(np.array(images) / np.float32(255)))


def all_digits(number):
    """What is read, in doubt or not."""
    return "".join(str(digit.digit) for digit in number)


def same_groups(groups, written):
    return [sorted(map(id, group)) for group in groups] == [sorted(map(id, digit)) for digit in written]


def measure(drawings, space, count, predict, rng):
    """For each way and each length of a number: which of ``count`` numbers are right."""
    right = {way: {length: [] for length in LENGTHS} for way in WAYS}
    for number in range(count):
        length = LENGTHS[number % len(LENGTHS)]
        chosen = [drawings[k] for k in rng.integers(len(drawings), size=length)]
        text = "".join(str(label) for _, label in chosen)
        written, brush = side_by_side([strokes for strokes, _ in chosen], space, rng)
        strokes = shuffled(written, rng)
        picture = picture_of(strokes, brush)
        for way, is_right in WAYS.items():
            right[way][length].append(is_right(strokes, written, picture, text, predict))
    return right


WAYS = {
    "strokes grouped": lambda strokes, written, *_: same_groups(dh.group_strokes(strokes), written),
    "  asking the network": lambda strokes, written, picture, text, predict: same_groups(
        dh.group_strokes(strokes, predict), written
    ),
    "  and read": lambda strokes, written, picture, text, predict: all_digits(dh.read_number(strokes, predict)) == text,
    "pictures read": lambda strokes, written, picture, text, predict: (
        all_digits(dh.read_number(picture, predict)) == text
    ),
    "  the plain way": lambda strokes, written, picture, text, predict: read_plainly(picture, predict) == text,
}


def print_table(name, right):
    print(f"\n{name:<22}   right  95 % interval     with 2, 3, 4, 5 digits, in %")
    for way, by_length in right.items():
        every = sum(by_length.values(), [])
        low, high = dh.interval(np.mean(every), len(every))
        lengths = " ".join(f"{100 * np.mean(part):5.1f}" for part in by_length.values())
        print(f"{way:<22} {np.mean(every):>7.1%}  {low:.1%} to {high:.1%}   {lengths}", flush=True)


def print_doubts(drawings, count, predict, rng):
    """Two digits that one stroke runs through, and single digits that are doubted although they are read right."""
    in_one_stroke = [drawing for drawing in drawings if len(drawing[0]) == 1]
    told = doubted = 0
    for _ in range(count):
        pair = [in_one_stroke[k][0] for k in rng.integers(len(in_one_stroke), size=2)]
        written, _ = side_by_side(pair, visible_gap, rng)
        run_together = np.concatenate([digit[0] for digit in written])
        told += "?" in as_text(dh.read_number([run_together], predict))
        strokes, label = drawings[rng.integers(len(drawings))]
        number = dh.read_number(strokes, predict)
        doubted += "?" in as_text(number) and all_digits(number) == str(label)
    print(f"\nTwo digits in one stroke: {told / count:.0%} are said to be unreadable, as are {doubted / count:.1%}")
    print("of the single digits that the network reads right.")


def print_times(drawings, predict, rng):
    chosen = [drawings[k][0] for k in rng.integers(len(drawings), size=LONG)]
    written, brush = side_by_side(chosen, visible_gap, rng)
    strokes = shuffled(written, rng)
    picture = picture_of(strokes, brush)
    for name, drawing in (("strokes", strokes), ("a picture", picture)):
        seconds = []
        for _ in range(5):
            start = time.perf_counter()
            dh.read_number(drawing, predict)
            seconds.append(time.perf_counter() - start)
        print(f"{LONG} digits from {name}: {1000 * min(seconds):.0f} ms")


def load_model(path):
    dh.quiet_tensorflow()
    import keras

    return keras.models.load_model(path)


def main():
    parser = argparse.ArgumentParser(description="How many whole numbers are read right.")
    parser.add_argument("strokes", help="a file with labelled drawings")
    parser.add_argument("--count", type=int, default=500, help="numbers of each kind (default: 500)")
    parser.add_argument("--model", help="a .keras file (default: the network that ships)")
    parser.add_argument("--seed", type=int, default=0, help="for the choice of digits and places (default: 0)")
    arguments = parser.parse_args()

    drawings = list(read_strokes(arguments.strokes))
    rng = np.random.default_rng(arguments.seed)
    predict = dh.Predictor(load_model(arguments.model) if arguments.model else None)
    print(f"{len(drawings):,} drawings, {arguments.count:,} numbers of each kind")
    for name, space in SPACES.items():
        print_table(name, measure(drawings, space, arguments.count, predict, rng))
    print_doubts(drawings, arguments.count, predict, rng)
    print_times(drawings, predict, rng)


if __name__ == "__main__":
    main()
