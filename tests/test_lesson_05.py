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


WRONG_SECONDS = [
    (lambda n, kept, size, ms: math.ceil((n - kept) / size) * ms, "milliseconds"),
    (lambda n, kept, size, ms: ms / 1000, "one batch"),
    (lambda n, kept, size, ms: (n - kept) * ms / 1000, "not of an image"),
    (lambda n, kept, size, ms: (n - kept) // size * ms / 1000, "left over"),
    (lambda n, kept, size, ms: (n - kept) / size * ms / 1000, "whole"),
    (lambda n, kept, size, ms: math.ceil(n / size) * ms / 1000, "kept aside make no steps"),
    (lambda n, kept, size, ms: ((n - kept) // size + 1) * ms / 1000, "expected 0.3 s"),
    (lambda n, kept, size, ms: None, "not written yet"),
]
WRONG_VAL_LOSS = [
    (lambda line: float(re.search(r"loss: (\S+)", line).group(1)), "training loss"),
    (lambda line: re.search(r"val_loss: (\S+)", line).group(1), "float"),
    (lambda line: float(re.search(r"val_loss: ([\d.]+)", line).group(1)), "e-04"),
    (lambda line: float(line.split()[-1]), "expected 0.0581"),
    (lambda line: np.array([0.1, 0.2]), "one number"),
    (lambda line: None, "not written yet"),
]


@pytest.mark.parametrize("wrong, hint", WRONG_SECONDS)
def test_seconds_hints_name_the_mistake(wrong, hint, capsys):
    checks.epoch_seconds(wrong)
    said = capsys.readouterr().out
    assert said.startswith("❌") and hint in said


@pytest.mark.parametrize("wrong, hint", WRONG_VAL_LOSS)
def test_val_loss_hints_name_the_mistake(wrong, hint, capsys):
    checks.read_val_loss(wrong)
    said = capsys.readouterr().out
    assert said.startswith("❌") and hint in said


def test_right_answers_pass(capsys):
    checks.epoch_seconds(lambda n, kept, batch_size, ms: -((kept - n) // batch_size) * ms / 1000)
    checks.read_val_loss(lambda line: dh.explain_log_line(line).val_metrics["loss"])
    assert capsys.readouterr().out.count("✅") == 2
