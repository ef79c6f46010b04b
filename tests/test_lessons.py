"""Every lesson, as it is stored: its form, its links, its outputs, and that each folded solution passes its check."""

import ast
import contextlib
import io
import re
import statistics
from pathlib import Path

import nbformat
import pytest

NOTEBOOKS = Path(__file__).parents[1] / "notebooks"
BUILT = (ast.Import, ast.ImportFrom, ast.FunctionDef)  # what a solution may use of the cells before it
LESSONS = sorted(path.stem for path in NOTEBOOKS.glob("*.ipynb"))


@pytest.fixture(params=LESSONS)
def lesson(request):
    return nbformat.read(NOTEBOOKS / f"{request.param}.ipynb", as_version=4)


def code_cells(lesson):
    return [cell for cell in lesson.cells if cell.cell_type == "code"]


def prose(lesson):
    return "\n\n".join(cell.source for cell in lesson.cells if cell.cell_type == "markdown")


def exercises(lesson):
    """The stub, the cell that checks it, the folded solution and the names a reader has then, for each exercise."""
    cells = lesson.cells
    names = {}
    for i, cell in enumerate(cells):
        if "exercise" in cell.metadata.get("tags", []):
            check = next(other for other in cells[i + 1 :] if "check" in other.metadata.get("tags", []))
            following = cells[cells.index(check) + 1].source
            yield cell.source, check.source, re.search(r"```python\n(.*?)```", following, re.DOTALL)[1], names
        elif cell.cell_type == "code":
            built = [node for node in ast.parse(cell.source).body if isinstance(node, BUILT)]
            exec(compile(ast.Module(built, []), "lesson", "exec"), names)


def printed(code, namespace):
    output = io.StringIO()
    with contextlib.redirect_stdout(output):
        exec(code, namespace)
    return output.getvalue()


def test_there_are_lessons():
    assert {"00-start-here", "01-meet-the-data", "08-draw-a-digit"} <= set(LESSONS)


def test_every_stub_gets_a_hint_and_every_solution_passes(lesson):
    found = list(exercises(lesson))
    number = int(lesson.cells[0].source[2:4])
    assert len(found) >= (1 if number == 0 else 2)
    for stub, check, solution, names in found:
        assert printed(f"{stub}\n\n{check}", names).startswith("❌"), stub
        assert printed(f"{solution}\n\n{check}", names).startswith("✅"), solution


def test_outputs_are_those_of_one_clean_run_from_top_to_bottom(lesson):
    cells = code_cells(lesson)
    assert [cell.execution_count for cell in cells] == list(range(1, len(cells) + 1))
    outputs = [output for cell in cells for output in cell.outputs]
    assert not [output for output in outputs if output.output_type == "error"]
    assert not [output.text for output in outputs if output.get("name") == "stderr"]
    streams = "\n".join(output.get("text", "") for output in outputs)
    results = "\n".join(output.get("data", {}).get("text/plain", "") for output in outputs)
    assert not re.search(r"/(home|root|tmp|Users)/", streams + results), "a machine's path"
    assert not re.search(r"[\x08\x1b]", streams), "the debris of a progress bar"


def test_form(lesson):
    text, cells = prose(lesson), lesson.cells
    assert re.match(r"# \d\d · ", text) and len(re.findall(r"(?m)^# ", text)) == 1
    assert "**You need**" in text and "hut down this kernel" in text
    will, now = (_bullets(text, part) for part in ("You will", "You can now"))
    assert len(will) == len(now) >= 3
    lines = sorted(sum(bool(line.strip()) for line in cell.source.splitlines()) for cell in code_cells(lesson))
    assert statistics.median(lines) <= 4 and lines[int(0.9 * len(lines)) - 1] <= 12
    kinds = "".join(cell.cell_type[0] for cell in cells)
    assert "ccc" not in kinds, "three code cells in a row"
    assert not re.search(r"!\[\s*\]\(|<img(?![^>]*\balt=)", text), "a picture without a description"
    assert lesson.metadata.kernelspec.name == "python3"


def _bullets(text, heading):
    bullets = re.search(rf"(?:\*\*{heading}\*\*|## {heading})\n\n((?:- .*\n|  .*\n)+)", text + "\n")[1]
    return bullets.split("\n- ")


def test_links_lead_to_lessons_that_exist(lesson):
    targets = re.findall(r"\]\((?!https?://|#|attachment:)([^)#]+)", prose(lesson))
    assert targets and not [target for target in targets if not (NOTEBOOKS / target).exists()]
