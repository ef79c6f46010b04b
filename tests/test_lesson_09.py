"""What lesson 09 builds by hand does the same as the package, and its checks know the likely mistakes."""

import itertools
import sys
from pathlib import Path
from types import SimpleNamespace

import nbformat
import numpy as np
import pytest
from lesson_code import NOTEBOOKS, function_from
from scipy import ndimage

import digits_helpers as dh
from digits_helpers import checks, seams, segment

sys.path.append(str(Path(__file__).parents[1] / "benchmarks"))
import whole_numbers  # noqa: E402

LESSON = "09-read-many-digits"
# Each function after those that it calls.
FUNCTIONS = [
    "in_a_row",
    "draw",
    "neat",
    "read_plainly",
    "hand_of",
    "boxes_of",
    "pieces_of",
    "around",
    "possible_runs",
    "look",
    "strokes_of",
    "overlap",
    "properties_of",
    "all_covers",
    "best_cover",
    "opinion",
    "add_opinions",
    "group",
    "box_of",
    "parts_of",
    "cheapest_path",
    "paths_of",
    "cut",
    "thickness",
    "properties_of_cut",
    "pieces_of_picture",
    "split",
    "random_row",
]


@pytest.fixture(scope="module")
def predict():
    return dh.Predictor(dh.load_pretrained())


@pytest.fixture(scope="module")
def lesson(predict):
    tables = {name: getattr(segment, name) for name in ("STROKES", "PICTURE", "WIDTHS", "SPREADS")}
    built = {"np": np, "ndimage": ndimage, "dh": dh, "predict": predict, **tables}
    for name in FUNCTIONS:
        built[name] = function_from(LESSON, name, **built)
    return SimpleNamespace(**built)


def random_rows(lesson, count, digits, low, high, seed=0):
    """The text and the digits' strokes of numbers as the lesson sets them, ``low`` to ``high`` pixels apart."""
    rng = np.random.default_rng(seed)
    for _ in range(count):
        text, row = lesson.random_row(rng, digits, rng.uniform(low, high))
        yield text, [[stroke.astype(np.float32) for stroke in digit] for digit in row]


def shuffled_strokes(lesson, count=20, digits=4, low=-10, high=30):
    rng = np.random.default_rng(1)
    for _, row in random_rows(lesson, count, digits, low, high):
        strokes = sum(row, [])
        yield [strokes[k] for k in rng.permutation(len(strokes))]


def as_piece(box, number=0, whole=0, crossed=None):
    return seams.Piece(np.asarray(box), (number,), whole, crossed)


# Strokes


def test_the_lessons_hand_is_the_packages(lesson):
    rng = np.random.default_rng(0)
    for count in (1, 2, 7, 40):
        heights, weights = rng.uniform(0, 100, count), rng.uniform(0.1, 100, count)
        assert lesson.hand_of(heights, weights) == seams.hand_of(heights, weights)


def test_the_lesson_finds_the_packages_pieces_and_runs(lesson):
    for strokes in shuffled_strokes(lesson):
        theirs = segment.pieces_of_strokes(strokes)
        boxes = lesson.boxes_of(strokes)
        pieces = lesson.pieces_of(boxes)
        assert [tuple(piece) for piece in pieces] == [piece.members for piece in theirs]
        boxes = np.stack([lesson.around(boxes[piece]) for piece in pieces])
        np.testing.assert_allclose(boxes, [piece.box for piece in theirs], atol=1e-5)
        assert [(first, end - 1) for first, end in lesson.possible_runs(boxes)] == segment._possible_runs(theirs)


def test_the_lessons_properties_are_the_packages(lesson):
    rng = np.random.default_rng(0)
    for count in rng.integers(1, 6, 50):
        corners = rng.uniform(0, 1.5, (count, 2))
        boxes = np.hstack([corners, corners + rng.uniform(0.01, 1, (count, 2))])
        strokes = [as_piece(box, whole=number) for number, box in enumerate(boxes)]
        np.testing.assert_allclose(lesson.properties_of(boxes), segment._properties(strokes)[2:6])

        wholes, crossed = rng.integers(3, size=count).tolist(), [None, 0.0, 1.5][rng.integers(3)]
        parts = [as_piece(box, whole=whole, crossed=crossed) for box, whole in zip(boxes, wholes, strict=True)]
        ours = lesson.properties_of_cut(boxes, wholes, crossed)
        np.testing.assert_allclose(np.array(ours, float), np.array(segment._properties(parts), float)[2:])

        answer = rng.dirichlet(np.full(10, 0.2))
        theirs = segment._properties_read(strokes, answer)
        np.testing.assert_allclose(lesson.opinion(lesson.around(boxes), answer), theirs, rtol=1e-4, atol=1e-6)


def test_the_lessons_best_cover_is_the_packages_and_the_best_of_all(lesson):
    rng = np.random.default_rng(0)
    for count in rng.integers(1, 8, 50):
        runs = [(first, end) for end in range(1, count + 1) for first in range(end)]
        runs = [run for run in runs if run[1] - run[0] == 1 or rng.random() < 0.7]
        scores = dict(zip(runs, rng.normal(size=len(runs)), strict=True))
        cover = lesson.best_cover(count, scores)
        by_last = {(first, end - 1): score for (first, end), score in scores.items()}
        assert [(first, end - 1) for first, end in cover] == segment._cover(count, by_last)
        ways = [way for way in lesson.all_covers(count) if set(way) <= set(runs)]
        assert len(lesson.all_covers(count)) == 2 ** (count - 1)
        assert sum(scores[run] for run in cover) == pytest.approx(max(sum(scores[run] for run in way) for way in ways))


def test_the_lessons_network_sees_what_the_packages_sees(lesson):
    for strokes in shuffled_strokes(lesson, digits=1):
        np.testing.assert_array_equal(lesson.look(strokes), segment.picture_of(strokes))


def test_the_lesson_groups_strokes_as_the_package_does(lesson, predict):
    for strokes in shuffled_strokes(lesson, count=40):
        ours, theirs = lesson.group(strokes), dh.group_strokes(strokes, predict)
        assert [sorted(map(id, group)) for group in ours] == [sorted(map(id, group)) for group in theirs]


# Pictures


def all_paths(height, width):
    for start, *steps in itertools.product(range(width), *[(-1, 0, 1)] * (height - 1)):
        path = np.cumsum([start, *steps])
        if path.min() >= 0 and path.max() < width:
            yield path


def price(cost, path):
    return cost[range(len(path)), path].sum() + 0.1 * abs(np.diff(path)).sum()


def test_the_lessons_path_is_the_cheapest_of_all(lesson):
    rng = np.random.default_rng(0)
    for height, width in [(1, 3), (2, 2), (5, 4), (6, 3)]:
        cost = rng.uniform(0, 1, (height, width))
        path = lesson.cheapest_path(cost)
        assert abs(np.diff(path)).max(initial=0) <= 1
        assert price(cost, path) == pytest.approx(min(price(cost, other) for other in all_paths(height, width)))


def test_the_lessons_paths_cost_what_the_packages_do(lesson):
    for _, row in random_rows(lesson, 5, 2, -5, 5):
        (part, *_), hand = lesson.parts_of(lesson.draw(sum(row, [])))
        left, top, right, bottom = lesson.box_of(part)
        part = part[top:bottom, left:right]
        stroke, reach = lesson.thickness(part), round(seams.REACH * hand)
        detour = 0.5 * stroke / len(part) * abs(np.arange(-reach, reach + 1)) / reach
        padded = np.pad(part, ((0, 0), (reach, reach))).astype(float)
        ours = []
        for start in range(0, part.shape[1], round(seams.STEP * hand)):
            cost = padded[:, start : start + 2 * reach + 1] + detour
            path = lesson.cheapest_path(cost)
            ours.append((price(cost, path), path + start - reach))
        theirs = seams._seams(part, hand, stroke)
        assert theirs
        for crossed, columns in theirs:
            middle = min(range(len(ours)), key=lambda k: abs(ours[k][1] - columns).sum())
            start = middle * round(seams.STEP * hand) - reach
            cost = padded[:, start + reach : start + 3 * reach + 1] + detour
            assert price(cost, columns - start) == pytest.approx(ours[middle][0])
            assert crossed <= seams.MOST_CROSSED * stroke


def test_the_lesson_measures_pictures_as_the_package_does(lesson):
    for _, row in random_rows(lesson, 5, 3, 5, 30):
        picture = lesson.draw(sum(row, []), brush=10)
        parts, hand = lesson.parts_of(picture)
        assert hand == seams.hand_in_pixels(picture)
        ink = np.any(parts, axis=0)
        assert lesson.thickness(ink) == pytest.approx(seams._thickness(ink))
        for part in parts:
            place = ndimage.find_objects(part.astype(int))[0]
            np.testing.assert_array_equal(lesson.box_of(part), seams.box_of(place))


def test_the_pieces_of_a_picture_are_all_its_ink_once(lesson):
    for _, row in random_rows(lesson, 3, 3, -5, 5):
        picture = lesson.draw(sum(row, []))
        masks, *_ = lesson.pieces_of_picture(picture)
        np.testing.assert_array_equal(np.sum(masks, axis=0), np.any(lesson.parts_of(picture)[0], axis=0))


def test_the_lesson_splits_pictures_mostly_as_the_package_does(lesson, predict):
    alike = []
    for _, row in random_rows(lesson, 20, 3, 0, 30):
        picture = lesson.draw(sum(row, []))
        ours = [lesson.box_of(alone) for alone in lesson.split(picture)]
        theirs = [part.box for part in dh.split_image(picture, predict)]
        alike.append(len(ours) == len(theirs) and abs(np.subtract(ours, theirs)).max() < 4)
    assert np.mean(alike) >= 0.85


def test_the_lessons_plain_way_is_the_benchmarks(lesson, predict):
    alike = []
    for _, row in random_rows(lesson, 20, 3, 20, 40):
        picture = lesson.draw(sum(row, []))
        alike.append(lesson.read_plainly(picture) == whole_numbers.read_plainly(picture, predict))
    assert np.mean(alike) >= 0.9  # the lesson leaves specks out inside a part's box


def test_the_readers_pad_is_shown_once_and_stays_empty():
    cells = nbformat.read(NOTEBOOKS / f"{LESSON}.ipynb", as_version=4).cells
    lines = [line for cell in cells if cell.cell_type == "code" for line in cell.source.splitlines()]
    assert lines.count("pad") == 1
    assert not [line for line in lines if line.startswith("pad.")], "what the lesson writes goes to another pad"


# Wrong answers that readers give, and a word of the hint that each should get.


def in_given_order(count, scores):
    best = [0] + [-np.inf] * count
    for (first, end), score in scores.items():
        best[end] = max(best[end], best[first] + score)
    return best[count]


def right_score(count, scores):
    return in_given_order(count, dict(sorted(scores.items())))


def greedy(count, scores):
    used, total = set(), 0
    for (first, end), score in sorted(scores.items(), key=lambda item: -item[1]):
        if not used & set(range(first, end)):
            used |= set(range(first, end))
            total += score
    return total


def every_run(count, scores):
    best = [0]
    for end in range(1, count + 1):
        best.append(max(best[first] + scores[first, end] for first in range(end)))
    return best[count]


@pytest.mark.parametrize(
    "wrong, hint",
    [
        (lambda count, scores: max(scores.values()), "the best single run"),
        (greedy, "begins with the best single run"),
        (lambda count, scores: sum(scores[k, k + 1] for k in range(count)), "each piece alone"),
        (lambda count, scores: scores[0, count], "the run of all pieces"),
        (lambda count, scores: sum(score for score in scores.values() if score > 0), "share a piece"),
        (lambda count, scores: right_score(count, scores) + 1, "largest best[first] + score"),
        (in_given_order, "sorted(scores.items())"),
        (every_run, "KeyError"),
        (lambda count, scores: [7], "one number"),
        (lambda count, scores: None, "not written yet"),
        (right_score, "✅"),
        (lambda count, scores: np.array(right_score(count, scores)), "✅"),
        (lambda count, scores: np.array(5), "the best single run"),
    ],
)
def test_best_score_hints(capsys, wrong, hint):
    checks.best_score(wrong)
    assert hint in capsys.readouterr().out


def neighbours(costs, *shifts):
    padded = np.pad(costs, 1, constant_values=np.inf)
    return np.min([padded[1 + shift : len(costs) + 1 + shift] for shift in shifts], axis=0)


@pytest.mark.parametrize(
    "wrong, hint",
    [
        (lambda c, ink: ink + np.min([np.roll(c, 1), c, np.roll(c, -1)], axis=0), "left edge"),
        (lambda c, ink: ink + c, "straight down only"),
        (lambda c, ink: neighbours(c, -1, 0, 1), "add the ink"),
        (lambda c, ink: ink + c.min(), "whole row above"),
        (lambda c, ink: ink + neighbours(c, -1, 0), "not from the right above"),
        (lambda c, ink: ink + neighbours(c, 0, 1), "not from the left above"),
        (lambda c, ink: ink[1:-1] + np.min([c[:-2], c[1:-1], c[2:]], axis=0), "five numbers"),
        (lambda c, ink: ink + 2 * neighbours(c, -1, 0, 1), "should give 5, 3, 8, 1, 5"),
        (lambda c, ink: ink + neighbours(c, -1, 0, 1), "✅"),
    ],
)
def test_next_row_hints(capsys, wrong, hint):
    checks.next_row(wrong)
    assert hint in capsys.readouterr().out
