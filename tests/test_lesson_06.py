"""What lesson 06 builds by hand does what scikit-learn and SciPy do, and its checks know the likely mistakes."""

import sys
from pathlib import Path

import numpy as np
import pytest
from lesson_code import function_from
from scipy.stats import binomtest
from sklearn import metrics
from sklearn.calibration import calibration_curve

import digits_helpers as dh
from digits_helpers import checks

sys.path.append(str(Path(__file__).parents[1] / "benchmarks"))
import drawn_digits  # noqa: E402

LESSON = "06-judge-the-model"


def lesson(name, **namespace):
    return function_from(LESSON, name, np=np, **namespace)


@pytest.fixture(params=range(5))
def rng(request):
    return np.random.default_rng(request.param)


def random_answers(rng, n=2000):
    """Probabilities (n, 10) and labels (n,) uint8, of which the likeliest digit is right more often than not."""
    labels = rng.integers(0, 10, n).astype(np.uint8)
    logits = rng.normal(0, 2, (n, 10)) + 4 * np.eye(10)[labels]
    return function_from("03-build-the-cnn", "softmax", np=np)(logits), labels


@pytest.mark.parametrize("right, n", [(9903, 10_000), (10_000, 10_000), (0, 12), (3, 7), (1, 1)])
def test_the_interval_is_scipys_and_the_packages(right, n):
    by_hand = lesson("interval")(right / n, n)
    assert by_hand == pytest.approx(dh.interval(right / n, n))
    assert by_hand == pytest.approx(tuple(binomtest(right, n).proportion_ci(method="wilson")), abs=1e-4)


def test_the_confusion_matrix_is_scikit_learns(rng):
    probabilities, labels = random_answers(rng)
    answers = probabilities.argmax(axis=1)
    count_pairs = lesson("count_pairs")
    assert np.array_equal(count_pairs(labels, answers), metrics.confusion_matrix(labels, answers))
    few = labels[:3], answers[:3]  # most digits don't occur
    assert np.array_equal(count_pairs(*few), metrics.confusion_matrix(*few, labels=range(10)))


def test_precision_recall_and_f1_are_scikit_learns(rng):
    probabilities, labels = random_answers(rng)
    answers = probabilities.argmax(axis=1)
    by_hand = lesson("precision_recall_f1")(metrics.confusion_matrix(labels, answers))
    assert np.allclose(by_hand, metrics.precision_recall_fscore_support(labels, answers)[:3])


def test_all_thresholds_pass_through_each_single_one(rng):
    probabilities, labels = random_answers(rng, 300)
    confidence, right = probabilities.max(axis=1), probabilities.argmax(axis=1) == labels
    coverages, accuracies = lesson("all_thresholds")(confidence, right)
    for k, threshold in enumerate(np.sort(confidence)[::-1]):
        answered = confidence >= threshold
        assert coverages[k] == pytest.approx(answered.mean()) and accuracies[k] == pytest.approx(right[answered].mean())


def test_the_reliability_diagram_is_scikit_learns(rng):
    probabilities, labels = random_answers(rng)
    confidence, right = probabilities.max(axis=1), probabilities.argmax(axis=1) == labels
    sure, share, count = lesson("reliability")(confidence, right)
    their_share, their_sure = calibration_curve(right, confidence, n_bins=10)
    assert np.allclose(sure, their_sure) and np.allclose(share, their_share) and count.sum() == len(labels)


def test_the_calibration_error_is_the_benchmarks(rng):
    probabilities, labels = random_answers(rng)
    right = probabilities.argmax(axis=1) == labels
    by_hand = lesson("calibration_error", reliability=lesson("reliability"))(probabilities.max(axis=1), right)
    assert by_hand == pytest.approx(drawn_digits.calibration_error(probabilities, labels, bins=10))


def test_a_confidence_of_one_belongs_to_the_last_bin():
    sure, share, count = lesson("reliability")(np.array([1, 0.95, 0.5]), np.array([True, False, True]))
    assert np.allclose(sure, [0.5, 0.975]) and np.allclose(share, [1, 0.5]) and count.tolist() == [1, 2]


@pytest.mark.parametrize("temperature", [0.5, 1, 1.7, 4])
def test_softening_divides_the_logits(rng, temperature):
    softmax = function_from("03-build-the-cnn", "softmax", np=np)
    logits = rng.normal(0, 3, (50, 10))
    assert np.allclose(lesson("soften")(softmax(logits), temperature), softmax(logits / temperature))


def test_the_best_temperature_undoes_a_wrong_one(rng):
    soften = lesson("soften")
    best_temperature = lesson("best_temperature", soften=soften)
    probabilities = function_from("03-build-the-cnn", "softmax", np=np)(rng.normal(0, 2, (5000, 10)))
    labels = np.array([rng.choice(10, p=row) for row in probabilities])  # calibrated by construction
    assert best_temperature(probabilities, labels) == pytest.approx(1, abs=0.1)
    assert best_temperature(soften(probabilities, 1 / 2), labels) == pytest.approx(2, abs=0.2)


def count(labels, answers, by=int):
    matrix = np.zeros((10, 10), by)
    np.add.at(matrix, (labels, answers), 1)
    return matrix


def count_once(labels, answers):
    matrix = np.zeros((10, 10), int)
    matrix[labels, answers] += 1
    return matrix


@pytest.mark.parametrize(
    "answer, hint",
    [
        (count_once, "counted one"),
        (lambda labels, answers: count(answers, labels), "swapped"),
        (lambda labels, answers: count(labels, answers) / len(labels), "give counts"),
        (lambda labels, answers: count(labels, labels), "row 3 says [0, 0, 0, 3,"),
        (lambda labels, answers: np.diag(np.diag(count(labels, answers))), "only the right answers"),
        (lambda labels, answers: count(labels, answers) * (1 - np.eye(10, dtype=int)), "the right answers are missing"),
        (lambda labels, answers: metrics.confusion_matrix(labels, answers), "(10, 10)"),
        (lambda labels, answers: count(labels, answers, float), "whole numbers"),
        (lambda labels, answers: count(labels, answers, np.uint8), "came out as 44: uint8 can't count so far"),
        (lambda labels, answers: None, "not written yet"),
    ],
)
def test_the_check_of_the_confusion_matrix_names_the_mistake(answer, hint, capsys):
    checks.confusion(answer)
    said = capsys.readouterr().out
    assert said.startswith("❌") and hint in said


@pytest.mark.parametrize(
    "answer, hint",
    [
        (lambda sure, right, t: (right[sure >= t].mean(), np.mean(sure >= t)), "swapped"),
        (lambda sure, right, t: (np.mean(sure > t), right[sure > t].mean()), "at least"),
        (lambda sure, right, t: (np.mean(sure >= t), np.mean(right & (sure >= t))), "divided by all"),
        (lambda sure, right, t: (np.mean(sure >= t), right.mean()), "accuracy on all images"),
        (lambda sure, right, t: (np.mean(sure < t), right[sure >= t].mean()), "isn't answered"),
        (lambda sure, right, t: (np.mean(sure < t), right[sure < t].mean()), "below the threshold"),
        (lambda sure, right, t: (np.sum(sure >= t), right[sure >= t].mean()), "divide by the number of all"),
        (lambda sure, right, t: (np.sum(sure >= t), right[sure >= t].sum()), "counts"),
        (lambda sure, right, t: (np.mean(sure >= 0.5), right[sure >= 0.5].mean()), "for the threshold 0.8"),
        (lambda sure, right, t: np.mean(sure >= t), "two numbers"),
        (lambda sure, right, t: None, "not written yet"),
    ],
)
def test_the_check_of_the_coverage_names_the_mistake(answer, hint, capsys):
    checks.coverage_and_accuracy(lambda p, labels, t: answer(p.max(axis=1), p.argmax(axis=1) == labels, t))
    said = capsys.readouterr().out
    assert said.startswith("❌") and hint in said


def test_right_answers_pass_whatever_their_form(capsys):
    checks.confusion(lambda labels, answers: metrics.confusion_matrix(labels, answers, labels=range(10)))
    checks.coverage_and_accuracy(
        lambda p, labels, t: [np.mean(p.max(axis=1) >= t), np.mean((p.argmax(axis=1) == labels)[p.max(axis=1) >= t])]
    )
    assert capsys.readouterr().out.count("✅") == 2
