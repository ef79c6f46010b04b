"""Lesson 05: its hand-built reader against the package's, its exercises against right and wrong answers."""

import math
import random
import re

import numpy as np
import pytest
from lesson_code import function_from

import digits_helpers as dh
from digits_helpers import checks

LESSON = "05-read-the-log"


def random_line(rng):
    """A verbose=2 line as Keras writes it, and the measures in it."""
    total = rng.choice([1, 29, 469, 1875])
    names = rng.sample(["accuracy", "loss", "learning_rate", "f1-score", "top_k_accuracy"], rng.randint(1, 5))
    names += [f"val_{name}" for name in names if rng.random() < 0.5]
    values = [rng.choice(["nan", "inf", f"{rng.gauss(0, 3):.4f}", f"{rng.random() / 1000:.4e}"]) for _ in names]
    step = f"{rng.randint(0, 999)}{rng.choice(['s', 'ms', 'us'])}"
    measures = "".join(f" - {name}: {value}" for name, value in zip(names, values, strict=True))
    return f"{total}/{total} - {rng.randint(0, 4000)}s - {step}/step{measures}"


@pytest.mark.parametrize("seed", range(100))
def test_the_lessons_reader_agrees_with_the_packages(seed):
    read_line = function_from(LESSON, "read_line", re=re)
    text = random_line(random.Random(seed))
    by_hand, line = read_line(text), dh.explain_log_line(text)
    assert by_hand["batches_done"] == line.batches_done and by_hand["batches_total"] == line.batches_total
    assert by_hand["seconds"] == line.seconds and line.finished
    assert by_hand["seconds_per_batch"] == pytest.approx(line.seconds_per_batch)
    measures = line.metrics | {f"val_{name}": value for name, value in line.val_metrics.items()}
    assert by_hand["measures"] == pytest.approx(measures, nan_ok=True)


WRONG_STEPS = [
    (lambda n, batch_size: n // batch_size, "left over"),
    (lambda n, batch_size: n // batch_size + 1, "no extra batch"),
    (lambda n, batch_size: n / batch_size, "whole"),
    (lambda n, batch_size: float(math.ceil(n / batch_size)), "an int"),
    (lambda n, batch_size: batch_size, "expected 29"),
    (lambda n, batch_size: None, "not written yet"),
]
WRONG_VAL_LOSS = [
    (lambda line: float(re.search(r"loss: (\S+)", line).group(1)), "training loss"),
    (lambda line: re.search(r"val_loss: (\S+)", line).group(1), "float"),
    (lambda line: float(re.search(r"val_loss: ([\d.]+)", line).group(1)), "e-04"),
    (lambda line: float(line.split()[-1]), "expected 0.0581"),
    (lambda line: np.array([0.1, 0.2]), "one number"),
    (lambda line: None, "not written yet"),
]


@pytest.mark.parametrize("wrong, hint", WRONG_STEPS)
def test_steps_hints_name_the_mistake(wrong, hint, capsys):
    checks.steps_per_epoch(wrong)
    said = capsys.readouterr().out
    assert said.startswith("❌") and hint in said


@pytest.mark.parametrize("wrong, hint", WRONG_VAL_LOSS)
def test_val_loss_hints_name_the_mistake(wrong, hint, capsys):
    checks.read_val_loss(wrong)
    said = capsys.readouterr().out
    assert said.startswith("❌") and hint in said


def test_right_answers_pass(capsys):
    checks.steps_per_epoch(lambda n, batch_size: -(-n // batch_size))
    checks.read_val_loss(lambda line: dh.explain_log_line(line).val_metrics["loss"])
    assert capsys.readouterr().out.count("✅") == 2
