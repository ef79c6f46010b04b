"""Every lesson, as it is stored: its form, its links, its outputs, and that each folded solution passes its check.

Lessons of the second edition begin with a collapsed set-up cell. They have a form of their own; the others keep theirs
until they are rewritten.
"""

import ast
import contextlib
import html
import io
import re
import statistics
from decimal import Decimal
from pathlib import Path

import jupytext
import nbformat
import pytest
from jupytext.cli import jupytext as run_jupytext

from digits_helpers import plots

NOTEBOOKS = Path(__file__).parents[1] / "notebooks"
BUILT = (ast.Import, ast.ImportFrom, ast.FunctionDef)  # what a solution may use of the cells before it
SET_UP, LAST = "Set-up", "Every number in this lesson, checked"  # the titles of the two collapsed cells
COLLAPSED = {"jupyter": {"source_hidden": True}, "cellView": "form", "tags": ["hide-input"]}
LONGER = {"09": (110, 3000)}  # the one lesson that may have more cells and words
WORDS_PER_MINUTE, SECONDS_PER_CODE_CELL = 180, 20


KIT = "../docs/kit"  # the page that shows the pieces that lessons are made of


def read(name):
    return nbformat.read(NOTEBOOKS / f"{name}.ipynb", as_version=4)


def code_cells(lesson):
    return [cell for cell in lesson.cells if cell.cell_type == "code"]


def text_cells(lesson):
    return [cell for cell in lesson.cells if cell.cell_type == "markdown"]


def prose(lesson):
    return "\n\n".join(cell.source for cell in text_cells(lesson))


def is_collapsed(cell):
    metadata = cell.metadata
    return any(metadata.get(key) for key in ("cellView", "jupyter")) or "hide-input" in metadata.get("tags", [])


def title(cell):
    """The title that Colab shows for a collapsed cell; ruff puts a space after the #, and Colab takes both."""
    found = re.match(r"# ?@title (.*)", cell.source)
    return found and found[1]


def visible_code(lesson):
    return [cell for cell in code_cells(lesson) if not is_collapsed(cell)]


LESSONS = sorted(path.stem for path in NOTEBOOKS.glob("*.ipynb"))
SECOND = [name for name in LESSONS if title(code_cells(read(name))[0]) == SET_UP]
FIRST = [name for name in LESSONS if name not in SECOND]


@pytest.fixture(params=LESSONS)
def lesson(request):
    return read(request.param)


@pytest.fixture(params=FIRST)
def first_edition(request):
    return read(request.param)


@pytest.fixture(params=SECOND)
def second_edition(request):
    lesson = read(request.param)
    lesson.name = request.param
    return lesson


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


# Every lesson


def test_there_are_lessons():
    assert {"00-start-here", "01-meet-the-data", "08-draw-a-digit"} <= set(LESSONS)


def test_every_stub_gets_a_hint_and_every_solution_passes(lesson):
    found = list(exercises(lesson))
    number = int(lesson.cells[0].source[2:4])
    assert len(found) >= (1 if number == 0 else 2)
    for stub, check, solution, names in found:
        assert printed(f"{stub}\n\n{check}", names).startswith("❌"), stub
        assert printed(f"{solution}\n\n{check}", names).startswith("✅"), solution


@pytest.mark.parametrize("lesson", [*LESSONS, KIT], indirect=True)
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


def test_links_lead_to_lessons_that_exist(lesson):
    targets = re.findall(r"\]\((?!https?://|#|attachment:)([^)#]+)", prose(lesson))
    assert targets and not [target for target in targets if not (NOTEBOOKS / target).exists()]


def assert_basic_form(lesson, code):
    """What both editions have in common. ``code`` holds the cells whose length counts."""
    text = prose(lesson)
    assert re.match(r"# \d\d · ", text) and len(re.findall(r"(?m)^# ", text)) == 1
    lines = sorted(sum(bool(line.strip()) for line in cell.source.splitlines()) for cell in code)
    assert statistics.median(lines) <= 4 and lines[int(0.9 * len(lines)) - 1] <= 12
    assert not re.search(r"!\[\s*\]\(|<img(?![^>]*\balt=)", text), "a picture without a description"
    assert lesson.metadata.kernelspec.name == "python3"
    kinds = "".join(cell.cell_type[0] for cell in lesson.cells if cell in code or cell.cell_type != "code")
    assert "ccc" not in kinds, "three code cells in a row"


# The first edition


def test_form(first_edition):
    assert_basic_form(first_edition, code_cells(first_edition))
    text = prose(first_edition)
    assert "**You need**" in text and "hut down this kernel" in text
    will, now = (_bullets(text, part) for part in ("You will", "You can now"))
    assert len(will) == len(now) >= 3


def _bullets(text, heading):
    bullets = re.search(rf"(?:\*\*{heading}\*\*|## {heading})\n\n((?:- .*\n|  .*\n)+)", text + "\n")[1]
    return bullets.split("\n- ")


# The second edition: its anatomy


def test_the_set_up_and_the_checks_are_collapsed_and_nothing_else(second_edition):
    first, *others, last = code_cells(second_edition)
    for cell, expected in [(first, SET_UP), (last, LAST)]:
        assert title(cell) == expected
        assert {key: cell.metadata.get(key) for key in COLLAPSED} == COLLAPSED
    assert not [cell.source for cell in others if is_collapsed(cell) or title(cell)]
    before = second_edition.cells[second_edition.cells.index(last) - 1]
    assert before.cell_type == "markdown" and "## Every number in this lesson, checked" in before.source.splitlines()


def test_at_most_three_assertions_are_visible(second_edition):
    *visible, last = code_cells(second_edition)
    assert len([found for cell in visible for found in assertions(cell)]) <= 3
    assert assertions(last)


def assertions(cell):
    return [node for node in ast.walk(ast.parse(cell.source)) if isinstance(node, ast.Assert)]


def test_length(second_edition):
    assert_basic_form(second_edition, visible_code(second_edition))
    most_cells, most_words = LONGER.get(second_edition.name[:2], (90, 2500))
    assert len(second_edition.cells) <= most_cells
    assert sum(words(second_edition)) <= most_words and statistics.median(words(second_edition)) <= 60
    assert not [cell.source for cell in code_cells(second_edition) if is_wide(cell.source)]


def is_wide(source):
    return any(len(line) > 88 for line in source.splitlines())


def words(lesson):
    """How many words each text cell has."""
    return [len(re.sub(r"<[^>]+>", " ", cell.source).split()) for cell in text_cells(lesson)]


def test_it_begins_with_a_promise_and_honest_minutes(second_edition):
    heading, promise, costs, badges = second_edition.cells[0].source.split("\n\n")[:4]
    assert heading.startswith("# ") and promise.count(". ") == 0 and promise.endswith(".")
    assert costs.startswith("*") and re.search(r"\d GB", costs) and "colab-badge" in badges
    stated = int(re.search(r"(\d+) min", costs)[1])
    reading = sum(words(second_edition)) / WORDS_PER_MINUTE
    assert stated >= round(reading + SECONDS_PER_CODE_CELL * len(code_cells(second_edition)) / 60)


def test_it_recalls_asks_and_leads_on(second_edition):
    text, first = prose(second_edition), second_edition.name.startswith("00")
    start = text[: text.index("## ", text.index("## Recall") + 3)] if not first else ""
    assert first or start.count("<details>") >= 2, "two recall questions with folded answers"
    assert len(_bullets(text, "You can now")) >= 3 and "**Stretch.**" in text
    number = int(second_edition.name[:2])
    following = [name for name in LESSONS if name.startswith(f"{number + 1:02}")]
    question = text[text.index("**Stretch.**") :]
    assert "?" in question and all(f"]({name}.ipynb)" in question for name in following)


def test_one_multiple_choice_question_names_every_misconception(second_edition):
    (quiz,) = re.findall(r"(?s)(?:<details>\s*<summary>[A-E]\. .*?</details>\s*)+", prose(second_edition))
    answers = re.split(r"<details>", quiz)[1:]
    assert len(answers) >= 3
    assert ["isconception" in answer for answer in answers].count(False) == 1, "one of them is right"


def test_at_least_four_tasks_are_checked(second_edition):
    stubs = len(list(exercises(second_edition)))
    guesses = sum(cell.source.count("dh.Guess(") for cell in code_cells(second_edition))
    assert stubs + guesses + 1 >= 4, "exercises, guesses and the multiple-choice question"


def test_every_guess_is_shown_and_revealed(second_edition):
    asked, revealed = [], []
    for cell in code_cells(second_edition):
        *_, last = ast.parse(cell.source).body
        for found, part in [(asked, "dh.Guess("), (revealed, ".reveal(")]:
            if part in cell.source:
                found.append(cell.source)
                assert isinstance(last, ast.Expr), f"the last line shows nothing: {cell.source}"
    assert len(asked) == len(revealed)
    assert "my_guess =" not in "\n".join(cell.source for cell in code_cells(second_edition))


def test_no_two_guesses_of_the_series_ask_the_same():
    """The words of a question identify it. A stored card says them first, and then what there is to do."""
    cards = [
        output.data["text/plain"]
        for name in SECOND
        for cell in code_cells(read(name))
        if "dh.Guess(" in cell.source
        for output in cell.outputs
        if "text/plain" in output.get("data", {})
    ]
    questions = [re.split(r" (?=Guess a range from |Choose one: )", card)[0] for card in cards]
    assert questions and len(questions) == len(set(questions))


# The second edition: its numbers


NUMBER = re.compile(r"(?<![\w.])\d[\d,_]*(?:\.\d+)?(?:e[-+]?\d+)?(?:\s?%)?")


def test_every_number_in_the_prose_is_computed_or_checked(second_edition):
    *cells, last = code_cells(second_edition)
    known = numbers_in("\n".join([last.source, *map(seen, cells)]))
    unknown = [number for number in claims(second_edition) if not is_known(number, known)]
    assert unknown == []


def seen(cell):
    """The source of a code cell, unless it's collapsed, and what its outputs say."""
    said = [output.get("text", "") + output.get("data", {}).get("text/plain", "") for output in cell.outputs]
    return "\n".join([*said, *([] if is_collapsed(cell) else [cell.source])])


def claims(lesson):
    """The numbers in the text that need a source: with two figures or more, or a decimal point."""
    text = prose(lesson)
    text = text.replace(lesson.cells[0].source.split("\n\n")[2], "")  # minutes and memory
    for left_out in (
        r"(?s)```.*?```",
        r"`[^`]*`",
        r"!?\[[^\]]*\]\([^)]*\)",
        r"<[^>]+>",
        r"(?i)\blessons? \d\d(?:(?:, | and | or | to |–)\d\d)*",
        r"\b0\d\b(?! ?%)",
        r"\b(?:19|20)\d\ds?\b",
        r"(?i)\bkeras \d\.\d+",
    ):
        text = re.sub(left_out, " ", text)
    return [number for number in NUMBER.findall(html.unescape(text)) if len(re.findall(r"\d", number)) > 1]


def value(number):
    """A number as it's written in a text: 93,322 or 93_322, 17 % or 1e-5."""
    return Decimal(re.sub(r"[,_%\s]", "", number))


def numbers_in(text):
    return {value(number) for number in NUMBER.findall(text)}


def is_known(number, known):
    """Whether a number from the text is one of these, or rounded from one of these; a percentage may be a share."""
    said = value(number)
    shares = {100 * one for one in known} if "%" in number else set()
    return any(said == one or said == round(one, max(0, -said.as_tuple().exponent)) for one in known | shares)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("93,322 numbers, 17 % and 0.28", ["93,322", "17 %", "0.28"]),
        ("28 × 28 pixels, at least 60-pixel digits, 7 of 9", ["28", "28", "60"]),
        ("In lessons 02, 03 and 10, or lesson 04, in 1998 and in the 1990s with Keras 3.13", []),
        ("`np.arange(100)`, [99](http://x/12.html), <kbd>F12</kbd>, the 5 % of 07", []),
        ("12&nbsp;345 in 10 of 20 <b>30</b>", ["12", "345", "10", "20", "30"]),
    ],
)
def test_numbers_that_need_a_source(text, expected):
    first = nbformat.v4.new_markdown_cell("# 00 · Title\n\nA promise.\n\n*25 min · 1.2 GB*\n\nBadges")
    cells = [first, nbformat.v4.new_markdown_cell(text)]
    assert claims(nbformat.v4.new_notebook(cells=cells)) == expected


def test_a_number_is_known_as_it_is_rounded_or_as_a_share():
    known = numbers_in("loss: 0.2849, accuracy: 0.984; 93322 and (28, 28), 1e-5")
    for number in ("0.28", "0.285", "98 %", "98.4 %", "93,322", "28", "0.00001"):
        assert is_known(number, known), number
    for number in ("0.29", "97 %", "93,321", "27", "98.5 %", "0.0001"):
        assert not is_known(number, known), number


# The page that shows the kit


def test_the_kit_page_shows_each_piece_in_two_lines():
    kit = read(KIT)
    sources = [cell.source for cell in code_cells(kit)]
    assert all(len(source.split("\n")) - source.count("\n\n") <= 2 and not is_wide(source) for source in sources)
    pieces = ["dh.TwentyDigits", "dh.my_digits", "dh.Guess", ".reveal", "dh.my_guesses", "dh.Frames", "dh.use_style"]
    drawn = [f"plots.{name}" for name in plots.__all__ if name.startswith("show_") and name != "show_digits"]
    for piece in [*pieces, *drawn, "dh.show_digits"]:
        assert f"{piece}(" in "\n".join(sources), piece
    outputs = [output.get("data", {}) for cell in code_cells(kit) for output in cell.outputs]
    widgets = [data for data in outputs if "application/vnd.jupyter.widget-view+json" in data]
    assert len(widgets) == 5 and all("image/png" in data and "text/plain" in data for data in widgets)


# The second edition: editing


def test_editing_as_text_keeps_everything(second_edition, tmp_path):
    """jupytext --to py:percent, an edit, and jupytext --update --to ipynb: metadata and outputs stay."""
    notebook, script = tmp_path / "lesson.ipynb", tmp_path / "lesson.py"
    second_edition.pop("name")
    nbformat.write(second_edition, notebook)
    before = nbformat.read(notebook, as_version=4)
    run_jupytext(["--quiet", "--to", "py:percent", str(notebook)])
    text = script.read_text(encoding="utf-8")
    assert f"@title {SET_UP}" in text and f"@title {LAST}" in text
    script.write_text(text.replace("You can now", "Now you can", 1), encoding="utf-8")
    run_jupytext(["--quiet", "--update", "--to", "ipynb", str(script)])
    after = nbformat.read(notebook, as_version=4)
    assert "Now you can" in prose(after)
    assert len(after.cells) == len(before.cells)
    for old, new in zip(before.cells, after.cells, strict=True):
        assert new.metadata == old.metadata
        if old.cell_type == "code":
            assert (new.source, new.outputs, new.execution_count) == (old.source, old.outputs, old.execution_count)


def test_editing_the_collapsed_cells_as_text_keeps_them_collapsed(tmp_path):
    cells = [nbformat.v4.new_code_cell(f"#@title {name}\nx = 1", metadata=COLLAPSED) for name in (SET_UP, LAST)]
    notebook = nbformat.v4.new_notebook(cells=cells)
    text = jupytext.writes(notebook, "py:percent").replace("x = 1", "x = 2")
    script, path = tmp_path / "lesson.py", tmp_path / "lesson.ipynb"
    script.write_text(text, encoding="utf-8")
    nbformat.write(notebook, path)
    run_jupytext(["--quiet", "--update", "--to", "ipynb", str(script)])
    edited = nbformat.read(path, as_version=4).cells
    assert [cell.source.splitlines()[1] for cell in edited] == ["x = 2"] * 2
    assert [cell.metadata for cell in edited] == [COLLAPSED] * 2
