"""Guesses: locked in, kept in the file, compared with the truth, counted, and stored as a picture and plain text."""

import errno
import io
import json
from pathlib import Path

import nbformat
import numpy as np
import pytest
from IPython.core.formatters import DisplayFormatter
from nbclient import NotebookClient
from PIL import Image

import digits_helpers as dh
from digits_helpers import guesses

ASKED = "How many of the ten?"
BLUE, DARK = (0, 114, 178), (26, 26, 26)
FILE = Path("my_digits.json")


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    """An empty current folder, and nothing in memory."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(guesses, "_unsaved", {})
    return tmp_path


@pytest.fixture
def read_only(monkeypatch):
    """A folder that nothing can be written to. (Permissions would not stop a test that runs as root.)"""

    def refuse(*_):
        raise OSError(errno.EROFS, "my_digits.json was not written: Read-only file system")

    monkeypatch.setattr(guesses, "change", refuse)


def ten():
    return dh.Guess(ASKED, 0, 10)


def stored():
    return json.loads(FILE.read_text())["guesses"]


def click(guess, **message):
    """What the page sends."""
    guess._handle_custom_msg(message, [])


# Locking in


def test_a_range_that_is_locked_in_is_saved_at_once_and_comes_back():
    guess = ten()
    assert guess.answer is None and not FILE.exists()
    click(guess, lock=[6, 9])
    assert guess.answer == (6, 9) and guess.message == ""
    assert stored() == [{"question": ASKED, "low": 6, "high": 9, "truth": None, "earlier": []}]
    again = ten()
    assert again.answer == (6, 9) and not again.final
    assert repr(again) == f"{ASKED} I'm 80 % sure it's between 6 and 9."


def test_a_choice_that_is_locked_in_is_saved_at_once_and_comes_back():
    choices = ["shuffled", "shifted", "both"]
    click(dh.Guess("Which?", choices), lock=["both"])
    assert stored() == [{"question": "Which?", "choice": "both", "truth": None, "earlier": []}]
    assert dh.Guess("Which?", choices).answer == "both"


def test_what_is_locked_in_stays_until_guess_again_and_the_file_keeps_it_even_then():
    guess = ten()
    guess.lock_in(6, 9)
    click(guess, lock=[0, 1])  # a second click
    assert guess.answer == (6, 9) and guess.message == ""
    with pytest.raises(ValueError, match="locked in already"):
        guess.lock_in(0, 1)
    click(guess, again=True)
    assert guess.answer is None
    assert ten().answer == (6, 9), "only another guess takes its place"
    guess.lock_in(2, 3)
    again = ten()
    again.guess_again()
    again.lock_in(4, 4)
    (entry,) = stored()
    assert (entry["low"], entry["high"]) == (4, 4)
    assert entry["earlier"] == [{"low": 6, "high": 9}, {"low": 2, "high": 3}]


def test_once_the_truth_is_known_there_is_no_second_guess():
    guess = ten()
    guess.lock_in(6, 9)
    guess.reveal(3)
    for known in (guess, ten()):
        assert known.final
        with pytest.raises(ValueError, match="truth is known"):
            known.guess_again()
        assert known.answer == (6, 9)
    click(guess, again=True)
    assert guess.answer == (6, 9) and "truth is known" in guess.message


@pytest.mark.parametrize("answer", [(9, 6), (-1, 3), (3, 11), (3,), (1, 2, 3), ("a", 3), (float("nan"), 3), (None, 3)])
def test_an_impossible_range_is_refused(answer):
    guess = ten()
    with pytest.raises(ValueError, match="range|number"):
        guess.lock_in(*answer)
    click(guess, lock=list(answer))
    assert guess.answer is None and guess.message and not FILE.exists()


@pytest.mark.parametrize("arguments", [("neither",), (), ("both", "both")])
def test_an_impossible_choice_is_refused(arguments):
    with pytest.raises(ValueError, match="choices"):
        dh.Guess("Which?", ["shifted", "both"]).lock_in(*arguments)


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        (("", 0, 10), "question in words"),
        ((0, 10), "question in words"),
        (("Which?",), "list of choices"),
        (("Which?", 0, 10, 1), "list of choices"),
        (("Which?", "abc"), "not 'abc'"),
        (("Which?", 7), "not 7"),
        (("Which?", ["one"]), "two different choices"),
        (("Which?", ["one", "one"]), "two different choices"),
        (("How many?", 10, 0), "from a low to a higher number"),
        (("How many?", "0", 10), "Expected a number, not '0'"),
        (("How many?", 0, float("inf")), "Expected a number, not inf"),
    ],
)
def test_a_question_that_makes_no_sense_is_refused(arguments, problem):
    with pytest.raises(ValueError, match=problem):
        dh.Guess(*arguments)


@pytest.mark.parametrize(
    ("step", "problem"), [(0, "positive steps"), (-1, "positive steps"), (3, "whole number of steps")]
)
def test_a_step_that_does_not_lead_to_the_end_is_refused(step, problem):
    with pytest.raises(ValueError, match=problem):
        dh.Guess("How many?", 0, 10, step=step)


# The truth


@pytest.mark.parametrize(
    ("low", "high", "truth", "sentence"),
    [
        (6, 9, 7, "Your range 6–9 contains 7."),
        (6, 9, 6, "Your range 6–9 contains 6."),
        (6, 9, np.int64(9), "Your range 6–9 contains 9."),
        (6, 9, 3, "The truth, 3, lies outside your range 6–9."),
        (6, 9, np.float32(9.25), "The truth, 9.2, lies outside your range 6–9."),
        (6, 9, 9.04, "Your range 6–9 contains 9."),  # judged as it's shown
        (7, 7, 7, "Your guess, 7, is exactly right."),
        (7, 7, 8, "Your guess, 7, misses the truth, 8."),
        (6, 9, 1234.5, "The truth, 1,234.5, lies outside your range 6–9."),
        (0, 2, -1, "The truth, −1, lies outside your range 0–2."),
    ],
)
def test_one_sentence_says_what_happened_and_the_count_agrees(low, high, truth, sentence):
    guess = ten()
    guess.lock_in(low, high)
    reveal = guess.reveal(truth)
    assert reveal.sentence == sentence
    (counted,) = dh.my_guesses().guesses
    assert counted.inside == ("contains" in sentence or "right" in sentence)
    assert reveal.low <= reveal.place <= reveal.high, "a surprise off the scale is on the picture, too"


def test_units_and_decimals():
    guess = dh.Guess("How much?", 0, 1, step=0.05, unit=" %")
    click(guess, lock=[0.1 + 0.2, 0.7])
    assert guess.answer == (0.3, 0.7)
    assert guess.sentence == "I'm 80 % sure it's between 0.30 and 0.70 %."
    assert guess.reveal(0.7).sentence == "Your range 0.30–0.70 % contains 0.70 %."
    assert guess.reveal(0.7149).sentence == "The truth, 0.715 %, lies outside your range 0.30–0.70 %."
    assert dh.Guess("How many images?", 0, 60_000, step=1000).ends == ["0", "60,000"]


def test_without_a_guess_it_is_just_the_truth_and_nothing_is_saved():
    assert ten().reveal(7).sentence == "The truth is 7."
    assert dh.Guess("Which?", ["a", "b"]).reveal("b", why={"a": "Because."}).sentence == "The answer is “b”."
    assert not FILE.exists()


def test_a_choice_and_what_it_tells_you():
    guess = dh.Guess("Which?", ["shuffled", "shifted"])
    guess.lock_in("shuffled")
    why = {"shuffled": "Arithmetic can't see it."}
    assert guess.reveal("shifted", why).sentence == "You guessed “shuffled”; it's “shifted”. Arithmetic can't see it."
    assert guess.reveal("shuffled").sentence == "Your guess, “shuffled”, is right."
    assert stored()[0]["truth"] == "shuffled"
    with pytest.raises(ValueError, match="none of the choices"):
        guess.reveal("both")
    with pytest.raises(ValueError, match="why explains 'both'"):
        guess.reveal("shifted", {"both": "No."})


def test_choices_may_be_numbers():
    guess = dh.Guess("Which digit?", range(10))
    guess.lock_in(np.int64(7))
    assert guess.reveal(7).sentence == "Your guess, “7”, is right."


@pytest.mark.parametrize("truth", ["7", None, float("nan"), [7, 8], True])
def test_a_truth_that_is_no_number_is_refused(truth):
    with pytest.raises(ValueError, match="Expected a number"):
        ten().reveal(truth)


def test_a_guess_that_comes_back_with_the_file_is_revealed():
    guess = ten()
    ten().lock_in(6, 9)  # in place of a file that is dropped on the page
    assert guess.reveal(7).sentence == "Your range 6–9 contains 7."
    assert guess.answer == (6, 9)


# The file


def test_everything_else_in_the_file_stays():
    others = [{"question": "Other?", "low": 1, "high": 2, "truth": None}, {"note": "mine"}, {"question": 3}]
    content = {"version": 1, "digits": [{"any": "digit"}], "guesses": others}
    FILE.write_text(json.dumps(content))
    guess = ten()
    guess.lock_in(6, 9)
    guess.reveal(7)
    now = json.loads(FILE.read_text())
    assert now["digits"] == content["digits"] and now["guesses"][:3] == others
    assert now["guesses"][3:] == [{"question": ASKED, "low": 6, "high": 9, "truth": 7, "earlier": []}]


def test_an_answer_to_an_older_version_of_the_question_is_kept_but_not_shown():
    dh.Guess(ASKED, 0, 100).lock_in(50, 60)
    guess = ten()
    assert guess.answer is None and guess.message == ""
    guess.lock_in(6, 9)
    assert stored()[0]["earlier"] == [{"low": 50, "high": 60}]


def test_a_folder_that_cannot_be_written_to_does_not_stop_the_lesson(read_only):
    guess = ten()
    click(guess, lock=[6, 9])
    assert guess.answer == (6, 9)
    assert guess.message == (
        "This guess can't be saved, so it counts only until the kernel stops. "
        "my_digits.json was not written: Read-only file system."
    )
    assert repr(guess).endswith(guess.message)
    assert ten().answer == (6, 9), "in memory"
    assert guess.reveal(7).sentence == "Your range 6–9 contains 7."
    assert dh.my_guesses()[1:] == (1, 1)


def test_a_damaged_file_is_left_alone():
    FILE.write_text("scribble")
    guess = ten()
    assert "isn't a JSON file" in guess.message
    guess.lock_in(6, 9)
    assert guess.reveal(7).sentence == "Your range 6–9 contains 7."
    assert "isn't a JSON file" in guess.message and FILE.read_text() == "scribble"
    with pytest.raises(ValueError, match="isn't a JSON file"):
        dh.my_guesses()


def test_what_could_not_be_saved_is_saved_later():
    FILE.write_text("scribble")
    guess = ten()
    guess.lock_in(6, 9)
    FILE.unlink()
    guess.reveal(7)
    assert guess.message == "" and stored()[0]["truth"] == 7 and guesses._unsaved == {}


# The count


def test_the_count_of_ranges_that_contained_the_truth():
    assert repr(dh.my_guesses()) == "No ranges to count yet: lock in a guess, then reveal the truth."
    for number, truth in enumerate([7, 3, 9, None]):
        guess = dh.Guess(f"Question {number}?", 0, 10)
        guess.lock_in(6, 9)
        if truth is not None:
            guess.reveal(truth)
        if number == 0:
            assert repr(dh.my_guesses()) == "Your one range contains the truth."
    choice = dh.Guess("Which?", ["a", "b"])
    choice.lock_in("a")
    choice.reveal("a")
    mine = dh.my_guesses()
    assert (mine.ranges, mine.inside) == (3, 2)
    assert repr(mine) == "2 of your 3 ranges contain the truth; 80 % would be 2.4."
    assert mine.guesses[1] == ("Question 1?", 6, 9, 3, False)
    assert [guess.inside for guess in mine.guesses] == [True, False, True]


# What is stored


@pytest.fixture
def shown(monkeypatch):
    """Show a card as the last line of a cell does; returns the stored data and what is stored about it."""
    published = []
    monkeypatch.setattr(
        "digits_helpers.widgets.with_picture.display", lambda data, metadata, raw: published.append((data, metadata))
    )

    def show(card):
        published.clear()
        data, metadata = DisplayFormatter().format(card)
        return published[0] if published else (data, metadata)  # ipywidgets 7 displays, 8 has a result

    return show


def columns(data, colour, rows):
    """In which columns of the picture, in pixels of the page, more rows have this colour: the first and the last."""
    picture = np.asarray(Image.open(io.BytesIO(data["image/png"])).convert("RGB")).astype(int)
    scale = picture[80:, 34:-34]  # below the question
    found = np.flatnonzero((abs(scale - colour).max(axis=-1) < 24).sum(axis=0) > rows)
    return (34 + found[[0, -1]]) / 2 if len(found) else None


@pytest.mark.parametrize("truth", [0, 3, 7, 10, 40])
def test_the_picture_has_the_range_and_the_truth_to_scale(shown, truth):
    guess = ten()
    guess.lock_in(6, 9)
    data, metadata = shown(guess.reveal(truth))
    start, width, end = 24, 512, max(10, truth)  # of the scale
    # The range's round ends reach 8 pixels further, but not for all of its height.
    np.testing.assert_allclose(columns(data, BLUE, rows=30), start + width * np.array([6, 9]) / end, atol=8)
    np.testing.assert_allclose(columns(data, DARK, rows=50), start + width * truth / end, atol=2)
    about = metadata["image/png"]
    assert about["alt"] == data["text/plain"] == f"{ASKED} {guess.reveal(truth).sentence}"
    assert Image.open(io.BytesIO(data["image/png"])).size == (2 * about["width"], 2 * about["height"])
    assert len(data["image/png"]) < 15_000
    assert "application/vnd.jupyter.widget-view+json" in data


def test_the_picture_of_an_open_question_shows_neither(shown):
    data, _ = shown(ten())
    assert columns(data, BLUE, rows=0) is None and columns(data, DARK, rows=0) is None


@pytest.mark.parametrize("question", ["Which?", "Which of these is it? " * 12])
def test_the_picture_of_choices_grows_with_its_words(shown, question):
    short = shown(dh.Guess("Which?", ["a", "b"]))[1]["image/png"]["height"]
    card = dh.Guess(question, [f"the answer number {number}" for number in range(6)])
    assert shown(card)[1]["image/png"]["height"] > short + 30


def test_a_lesson_without_any_guess_stores_the_truth(folder):
    cells = [
        "import digits_helpers as dh\nguess = dh.Guess('How many?', 0, 10)\nguess",
        "guess.reveal(7)",
        "dh.my_guesses()",
    ]
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in cells])
    NotebookClient(notebook, timeout=120, kernel_name="python3", resources={"metadata": {"path": folder}}).execute()
    asked, revealed, counted = (cell.outputs[0] for cell in notebook.cells)
    assert asked.data["text/plain"] == "How many? Guess a range from 0 to 10."
    assert revealed.data["text/plain"] == "How many? The truth is 7." == revealed.metadata["image/png"]["alt"]
    assert asked.data["image/png"] != revealed.data["image/png"]
    assert counted.data["text/plain"].startswith("No ranges to count yet")
    assert not FILE.exists()
    nbformat.validate(notebook)
