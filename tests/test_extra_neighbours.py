"""The side lesson on nearest neighbours and PCA: its form, its exercises, and what it builds by hand."""

import ast
import contextlib
import io
import re
from pathlib import Path

import nbformat
import numpy as np
import pytest
from sklearn.decomposition import PCA
from sklearn.neighbors import KNeighborsClassifier

from digits_helpers import checks
from digits_helpers.checks import extra_neighbours

PATH = Path(__file__).parents[1] / "notebooks" / "extra" / "neighbours-and-pca.ipynb"
HIDDEN = {"jupyter": {"source_hidden": True}, "cellView": "form", "tags": ["hide-input"]}


@pytest.fixture(scope="module")
def cells():
    return nbformat.read(PATH, as_version=4).cells


@pytest.fixture
def rng():
    return np.random.default_rng(2)


def code(cells):
    return [cell for cell in cells if cell.cell_type == "code"]


def test_form(cells):
    first, *visible, last = code(cells)
    for cell, title in [(first, "Set-up"), (last, "Every number in this lesson, checked")]:
        assert cell.source.splitlines()[0] == f"# @title {title}"
        assert {key: cell.metadata.get(key) for key in HIDDEN} == HIDDEN
    assert not [cell for cell in visible if "assert " in cell.source or cell.metadata.get("cellView")]
    assert 25 <= len(cells) <= 35
    assert max(len(line) for cell in code(cells) for line in cell.source.splitlines()) <= 88
    text = "\n".join(cell.source for cell in cells if cell.cell_type == "markdown")
    assert "## You can now" in text and "**Stretch.**" in text and text.count("Misconception:") == 2


def test_links_and_outputs(cells):
    text = "\n".join(cell.source for cell in cells if cell.cell_type == "markdown")
    targets = re.findall(r"\]\((?!https?://)([^)#]+)", text)
    assert len(targets) == 2 and all((PATH.parent / target).exists() for target in targets)
    assert [cell.execution_count for cell in code(cells)] == list(range(1, len(code(cells)) + 1))
    outputs = [output for cell in code(cells) for output in cell.outputs]
    assert not [output for output in outputs if output.output_type == "error" or output.get("name") == "stderr"]


def test_every_stub_gets_a_hint_and_every_solution_passes(cells):
    found = 0
    for place, cell in enumerate(cells):
        if "exercise" in cell.metadata.get("tags", []):
            check, solution = cells[place + 1], re.search(r"```python\n(.*?)```", cells[place + 2].source, re.S)[1]
            assert "check" in check.metadata.tags
            for source, mark in [(cell.source, "❌"), (solution, "✅")]:
                said = io.StringIO()
                with contextlib.redirect_stdout(said):
                    exec(f"{source}\n\n{check.source}", {"np": np, "checks": checks})
                assert said.getvalue().startswith(mark)
            found += 1
    assert found == 2


def solution(cells, name):
    text = next(cell.source for cell in cells if "```python" in cell.source and f"def {name}(" in cell.source)
    namespace = {"np": np}
    exec(compile(ast.parse(re.search(r"```python\n(.*?)```", text, re.S)[1]), "solution", "exec"), namespace)
    return namespace[name]


def test_the_vote_is_scikit_learns(cells, rng):
    images, labels, asked = rng.random((80, 6)), rng.integers(4, size=80), rng.random((30, 6))
    expected = KNeighborsClassifier(5).fit(images, labels).predict(asked)
    for vote in (solution(cells, "vote"), extra_neighbours._our_vote):
        answers = [vote(((images - one) ** 2).sum(axis=1), labels, 5) for one in asked]
        assert np.array_equal(answers, expected)


@pytest.mark.parametrize("count", [1, 4, 12])
def test_rebuilding_is_scikit_learns_inverse_transform(cells, rng, count):
    images = rng.random((60, 12)) @ rng.random((12, 12))
    few = PCA(count).fit(images)
    expected = few.inverse_transform(few.transform(images[:1]))[0]
    for rebuild in (solution(cells, "rebuild"), extra_neighbours._our_rebuild):
        np.testing.assert_allclose(rebuild(images[0], few.mean_, few.components_), expected, atol=1e-8)


def nearest_label(distances, labels, k):
    return labels[np.argmin(distances)]


@pytest.mark.parametrize(
    "answer, hint",
    [
        (extra_neighbours._our_vote, "✅"),
        (nearest_label, "k=5"),
        (lambda distances, labels, k: np.bincount(labels).argmax(), "only the k nearest"),
        (lambda distances, labels, k: np.bincount(labels[distances.argsort()[:k]]).max(), "return the label"),
        (lambda distances, labels, k: distances.argsort()[0], "return the label"),
        (lambda distances, labels, k: labels[distances.argsort()[:k]], "expected one digit"),
        (lambda distances, labels, k: None, "not written yet"),
    ],
)
def test_the_check_of_the_vote_names_the_mistake(answer, hint, capsys):
    checks.vote(answer)
    assert hint in capsys.readouterr().out


@pytest.mark.parametrize(
    "answer, hint",
    [
        (extra_neighbours._our_rebuild, "✅"),
        (lambda image, mean, components: components @ (image - mean), "those are the amounts"),
        (lambda image, mean, components: components @ (image - mean) @ components, "add the mean again"),
        (lambda image, mean, components: mean + components @ image @ components, "subtract the mean"),
        (lambda image, mean, components: image, "expected mean + amounts"),
        (lambda image, mean, components: components, "four pixels"),
        (lambda image, mean, components: ..., "not written yet"),
    ],
)
def test_the_check_of_rebuilding_names_the_mistake(answer, hint, capsys):
    checks.rebuild(answer)
    assert hint in capsys.readouterr().out
