"""Learn the weights in digits_helpers/segment.py: python benchmarks/segment_weights.py

From numbers that the program writes, no real drawing among them. A way to take a number apart is as likely as the
exponential of its score, divided by the sum of these over all ways; the weights are those that make the right ways
likeliest. Prints the four rows of weights, with and without a network; takes about five minutes.
"""

import argparse

import numpy as np
from scipy.optimize import minimize
from whole_numbers import SPACES, picture_of, shuffled, side_by_side

import digits_helpers as dh
from digits_helpers import segment
from digits_helpers.seams import cut_to_pieces

ALIKE = 0.02  # keeps weights small that don't matter


def numbers(count, rng):
    """Numbers of two to five digits, as ``(written, brush, strokes)``; few are as hard as overlapping paths."""
    spaces = list(SPACES.values())
    for number in range(count):
        digits = rng.integers(10, size=2 + number % 4)
        space = spaces[rng.choice(3, p=[0.45, 0.4, 0.15])]
        written, brush = side_by_side([dh.write_digit(int(digit), rng) for digit in digits], space, rng)
        yield written, brush, shuffled(written, rng)


def from_strokes(written, strokes, predict):
    """The properties of all runs, and which of the runs are right."""
    digit_of = {id(stroke): number for number, digit in enumerate(written) for stroke in digit}
    pieces = segment.pieces_of_strokes(strokes)

    def look(run):
        return segment.picture_of([strokes[member] for piece in run for member in piece.members])

    owners = [{digit_of[id(strokes[member])] for member in piece.members} for piece in pieces]
    return examples(pieces, owners, look, predict, segment.STROKES)


def from_picture(written, brush, predict):
    ink = picture_of([stroke for digit in written for stroke in digit], brush)
    pieces, labels = cut_to_pieces(ink)

    def look(run):
        part = np.isin(labels, [member for piece in run for member in piece.members])
        return dh.prepare_stages(np.where(part, ink, 0))["centred"].astype(np.float32) / 255

    # A piece is the digit's that most of its ink would be without the others.
    size = ink.shape[::-1]
    alone = np.stack([dh.rasterize(digit, size, brush) > 127 for digit in written])
    owners = [{int(alone[:, labels == piece.members[0]].sum(axis=1).argmax())} for piece in pieces]
    return examples(pieces, owners, look, predict, segment.PICTURE)


def examples(pieces, owners, look, predict, weights):
    places, properties, _ = segment.candidates(pieces, look, predict, weights)
    right = []
    for first, last in places:
        inside = set().union(*owners[first : last + 1])
        outside = set().union(*owners[:first], *owners[last + 1 :])
        right.append(len(inside) == 1 and not inside & outside)
    return places, properties, np.array(right), len(pieces)


def log_likelihood(example, weights):
    """Of the right way to take the number apart, and its gradient.

    ``before[k]`` sums over all ways to use the first k pieces, ``after[k]`` over all ways to use the others.
    """
    places, properties, right, count = example
    scores = properties @ weights
    before, after = np.full(count + 1, -np.inf), np.full(count + 1, -np.inf)
    before[0] = after[count] = 0
    for (first, last), score in zip(places, scores, strict=True):
        before[last + 1] = np.logaddexp(before[last + 1], before[first] + score)
    for (first, last), score in zip(reversed(places), scores[::-1], strict=True):
        after[first] = np.logaddexp(after[first], score + after[last + 1])
    firsts, lasts = np.array(places).T
    shares = np.exp(before[firsts] + scores + after[lasts + 1] - before[count])  # how much of all ways has the run
    return scores[right].sum() - before[count], properties[right].sum(axis=0) - shares @ properties


def can_be_right(example):
    """Whether the right runs use every piece: not where a piece belongs to two digits."""
    places, _, right, count = example
    return sum(last + 1 - first for (first, last), good in zip(places, right, strict=True) if good) == count


def learn(data, used):
    def loss(weights):
        terms = [log_likelihood(example, weights * used) for example in data]
        gradient = -np.mean([gradient for _, gradient in terms], axis=0) * used
        value = -np.mean([value for value, _ in terms])
        return value + ALIKE * np.mean(weights**2), gradient + 2 * ALIKE * weights / len(weights)

    return minimize(loss, np.zeros(len(used)), jac=True, method="L-BFGS-B", options={"maxiter": 60}).x * used


def main():
    parser = argparse.ArgumentParser(description="Learn the weights that take numbers apart.")
    parser.add_argument("--count", type=int, default=800, help="numbers to learn from (default: 800)")
    arguments = parser.parse_args()

    predict = dh.Predictor()
    segment.HOPELESS = -np.inf  # ask about all runs: what is hopeless is to be learnt
    written = list(numbers(arguments.count, np.random.default_rng(0)))
    data = {
        "STROKES": [from_strokes(digits, strokes, predict) for digits, _, strokes in written],
        "PICTURE": [from_picture(digits, brush, predict) for digits, brush, _ in written],
    }
    network = np.isin(segment.Weights._fields, ["sure", "unusual"])
    for name, found in data.items():
        usable = [example for example in found if can_be_right(example)]
        print(f"# {len(usable)} of {len(found)} numbers can be taken apart rightly")
        for suffix, used in (("", np.ones(len(network))), ("_ALONE", ~network)):
            weights = learn(usable, used)
            print(f"{name}{suffix} = Weights({', '.join(f'{weight:.2g}' for weight in weights)})", flush=True)


if __name__ == "__main__":
    main()
