"""What lesson 04 builds by hand does the same as the package, and its solutions pass its checks."""

import base64
import html
import io
import math
import re

import keras
import nbformat
import numpy as np
import pytest
from lesson_code import NOTEBOOKS, function_from
from matplotlib.figure import Figure

import digits_helpers as dh
from digits_helpers import checks, training
from digits_helpers.widgets import training_panel

LESSON = "04-train-the-cnn"
HISTORY = {
    "accuracy": [0.9, 0.95, 0.97],
    "loss": [0.3, 0.2, 0.1],
    "val_accuracy": [0.92, 0.96, 0.95],
    "val_loss": [0.25, 0.12, 0.15],
}


@pytest.fixture(scope="module")
def notebook():
    return nbformat.read(NOTEBOOKS / f"{LESSON}.ipynb", as_version=4)


def png(figure):
    file = io.BytesIO()
    figure.savefig(file, format="png")
    return file.getvalue()


@pytest.mark.parametrize("examples, epochs, batch_size", [(55000, 3, 128), (3667, 6, 128), (1000, 1, 7), (5, 1, 128)])
def test_the_recipe(examples, epochs, batch_size):
    lessons = function_from(LESSON, "compile_with_schedule", keras=keras, math=math)
    ours, theirs = (keras.Sequential([keras.Input((4,)), keras.layers.Dense(10)]) for _ in range(2))
    by_lesson = lessons(ours, examples, epochs, batch_size)
    by_package = training.compile_with_schedule(theirs, examples, epochs, batch_size)
    assert by_lesson.get_config() == by_package.get_config()
    configs = [model.get_compile_config() for model in (ours, theirs)]
    for config in configs:
        del config["optimizer"]["config"]["name"]  # Keras counts them: adam, adam_1
    assert configs[0] == configs[1]


def test_the_schedule_by_hand():
    rate_at = function_from(LESSON, "rate_at", math=math)
    schedule = training.compile_with_schedule(dh.build_cnn(), examples=430, epochs=3, batch_size=10)
    by_hand = [rate_at(step, 129, training.PEAK_RATE) for step in range(130)]
    assert np.allclose(by_hand, [float(schedule(step)) for step in range(130)], atol=1e-8)


def test_the_curves():
    draw_curves = function_from(LESSON, "draw_curves", Figure=Figure)
    assert png(draw_curves(HISTORY)) == png(training_panel.draw_curves(HISTORY))


def test_a_figure_as_html():
    as_html = function_from(LESSON, "as_html", io=io, base64=base64)
    assert as_html(Figure(), "An empty figure") == training_panel.as_html(Figure(), "An empty figure")


def test_the_live_curves(notebook):
    (cell,) = (c for c in notebook.cells if c.cell_type == "code" and "class LiveCurves" in c.source)
    lesson = {
        "keras": keras,
        "draw_curves": function_from(LESSON, "draw_curves", Figure=Figure),
        "as_html": function_from(LESSON, "as_html", io=io, base64=base64),
    }
    exec(cell.source, lesson)
    ours, theirs = lesson["LiveCurves"](), dh.LiveCurves()
    assert ours.widget.value == theirs.widget.value
    for epoch in range(3):
        for curves in (ours, theirs):
            curves.on_epoch_end(epoch, {name: values[epoch] for name, values in HISTORY.items()})
        assert ours.history == theirs.history
        assert html.unescape(ours.widget.value) == html.unescape(theirs.widget.value)


@pytest.mark.parametrize("name", ["bias_slopes", "descend", "best_epoch"])
def test_each_solution_passes_and_its_stub_does_not(notebook, name, capsys):
    solutions = [
        block
        for cell in notebook.cells
        if cell.cell_type == "markdown" and "<summary>Solution</summary>" in cell.source
        for block in re.findall(r"```python\n(.*?)```", cell.source, re.DOTALL)
        if f"def {name}(" in block
    ]
    assert len(solutions) == 1
    namespace = {"np": np}
    exec(solutions[0], namespace)
    check = getattr(checks, name)
    check(namespace[name])
    assert capsys.readouterr().out == f"✅ {name}\n"
    check(function_from(LESSON, name))
    assert "not written yet" in capsys.readouterr().out


@pytest.mark.parametrize(
    "name, answer, hint",
    [
        ("bias_slopes", lambda error: error.mean(axis=0), "add up"),
        ("bias_slopes", lambda error: error.sum(axis=1), "over the images"),
        ("bias_slopes", lambda error: -error.sum(axis=0), "sign"),
        ("bias_slopes", lambda error: error, "shape (2, 3)"),
        ("descend", lambda w, g, rate: [a + rate * b for a, b in zip(w, g, strict=True)], "with minus"),
        ("descend", lambda w, g, rate: [a - b for a, b in zip(w, g, strict=True)], "learning rate"),
        ("descend", lambda w, g, rate: [a - rate * np.sign(b) for a, b in zip(w, g, strict=True)], "same length"),
        ("descend", lambda w, g, rate: [np.subtract(a, rate * b, out=a) for a, b in zip(w, g, strict=True)], "changed"),
        ("descend", lambda w, g, rate: w[0] - rate * g[0], "two arrays went in"),
        ("best_epoch", lambda history: int(np.argmin(history["val_loss"])), "counted from 0"),
        ("best_epoch", lambda history: int(np.argmin(history["loss"])) + 1, "training loss"),
        ("best_epoch", lambda history: int(np.argmax(history["val_loss"])) + 1, "highest"),
        ("best_epoch", lambda history: min(history["val_loss"]), "number of its epoch"),
        ("best_epoch", lambda history: len(history["loss"]) - 1, "the first of them"),
        ("best_epoch", lambda history: 1 + np.flatnonzero(np.diff(history["val_loss"]) > 0)[0], "rises for the first"),
        ("best_epoch", lambda history: 1 + int(np.argmax(history["val_accuracy"])), "best val_accuracy"),
        ("best_epoch", lambda history: 1 + np.flatnonzero(np.equal(history["val_loss"], 0.4)), "one number"),
        ("best_epoch", lambda history: [4], "one number"),
        ("best_epoch", lambda history: 0, "0.8, 0.5, 0.6, 0.4, 0.4, 0.7 is epoch 4's, not 0"),
        ("best_epoch", lambda history: ..., "not written yet"),
    ],
)
def test_likely_mistakes_get_a_hint(name, answer, hint, capsys):
    getattr(checks, name)(answer)
    out = capsys.readouterr().out
    assert out.startswith("❌") and hint in out


def test_the_test_set_stays_closed(notebook):
    code = "\n".join(cell.source for cell in notebook.cells if cell.cell_type == "code")
    assert "x_test" not in code and "y_test" not in code
