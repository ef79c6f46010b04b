"""The reader's twenty digits: the file that keeps them, the pad that collects them, and what the lessons get."""

import io
import json
import os
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest
from events import Page, click, draw, send
from IPython.core.formatters import DisplayFormatter
from ipywidgets import Button
from PIL import Image

import digits_helpers as dh
from digits_helpers import digit_sheet, my_file
from digits_helpers.digit_sheet import brought_back, merge, redrawn

FILE = my_file.MY_FILE
ONE, OTHER, THIRD = ([[[x, 40.5], [x, 240]]] for x in (140, 100, 60))
GUESS = {"question": "How many?", "low": 6, "high": 9}


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def page(monkeypatch):
    return Page(monkeypatch)


@pytest.fixture
def full_disk(monkeypatch):
    """Writing fails inside ``with full_disk():``."""

    def fail(*_):
        raise OSError(28, "No space left on device")

    @contextmanager
    def broken():
        with monkeypatch.context() as patch:
            patch.setattr(os, "replace", fail)
            yield

    return broken


def content(digits=(), guesses=()):
    return {"version": 1, "digits": list(digits), "guesses": list(guesses)}


def as_bytes(*parts):
    return json.dumps(content(*parts)).encode()


def entries():
    return my_file.load()["digits"]


def strokes_at(place):
    return digit_sheet.entry_at(entries(), place)["strokes"]


def older_at(place):
    return digit_sheet.entry_at(entries(), place)["older"]


def note(pad):
    return next(one for one in pad.children if "twenty-note" in one._dom_classes).value


def tell(pad, message, *buffers):
    """Send a message as the page does."""
    view = pad.children[-1]
    view._handle_custom_msg(message, [memoryview(buffer) for buffer in buffers])


# The file


def test_the_two_lists_are_changed_apart_and_what_else_is_there_stays():
    FILE.write_text(json.dumps(content() | {"colour": "blue"}))
    assert my_file.change("guesses", lambda guesses: [*guesses, GUESS]) == [GUESS]
    my_file.change("digits", lambda digits: redrawn(digits, 3, ONE))
    loaded = my_file.load()
    assert loaded["guesses"] == [GUESS] and loaded["digits"][0]["label"] == 3 and loaded["colour"] == "blue"


DAMAGED = {
    b"{": "JSON",
    b"[1]": "isn't a file of digits and guesses",
    b'{"version": 1, "drawings": []}': "isn't a file of digits and guesses",
    b'{"version": 1, "digits": [7]}': "digits must be a list of objects",
    b'{"version": 1, "guesses": {}}': "guesses must be a list of objects",
    b'{"version": true, "digits": []}': "version must be 1",
    b'{"version": 2, "digits": []}': "newer version",
    b"\xff\xfe{}": "JSON",
    b"[" * 100_000: "JSON",
    b" " * 5_000_001: "larger than 5 MB",
}


@pytest.mark.parametrize("data", DAMAGED, ids=DAMAGED.values())
def test_a_damaged_file_is_refused_with_advice_and_stays_as_it_is(data):
    FILE.write_bytes(data)
    for use in (my_file.load, dh.my_digits, lambda: my_file.change("guesses", lambda guesses: [*guesses, GUESS])):
        with pytest.raises(ValueError, match=f"(?s)^my_digits.json: .*{DAMAGED[data]}.* rename or move it"):
            use()
    assert FILE.read_bytes() == data


@pytest.mark.parametrize(
    "change, problem",
    [
        ({"place": 20}, "place must be a whole number from 0 to 19"),
        ({"place": True}, "place must be"),
        ({"label": 4}, "At place 13 belongs a 3"),
        ({"strokes": [[[1, "2"]]]}, "stroke 1"),
        ({"older": [[[1, 2]]]}, "stroke 1"),
        ({"older": None}, "older must be a list"),
        ({"size": [0, 280]}, "size is width and height"),
    ],
)
def test_a_damaged_digit_is_named_and_stays_as_it_is(change, problem):
    (entry,) = redrawn([], 13, ONE)
    data = as_bytes([entry | change])
    FILE.write_bytes(data)
    with pytest.raises(ValueError, match=f"my_digits.json: digit 1: .*{problem}"):
        dh.my_digits()
    pad = dh.TwentyDigits()
    draw(pad, ONE)
    assert problem.split()[0] in note(pad) and "alert" in note(pad)
    assert FILE.read_bytes() == data


def test_two_digits_at_one_place_are_refused():
    FILE.write_bytes(as_bytes(2 * redrawn([], 13, ONE)))
    with pytest.raises(ValueError, match="digit 2: Another digit has the place 13"):
        dh.my_digits()


def test_a_write_that_fails_or_would_grow_too_large_leaves_the_old_file(full_disk):
    my_file.change("guesses", lambda _: [GUESS])
    before = FILE.read_bytes()
    with full_disk(), pytest.raises(OSError, match="my_digits.json was not written"):
        my_file.change("guesses", lambda _: [])
    with pytest.raises(ValueError, match="larger than 5 MB"):
        my_file.change("guesses", lambda _: [{"question": "x" * 5_000_000}])
    with pytest.raises(ValueError):
        my_file.change("guesses", lambda _: [{"truth": float("nan")}])  # no other program could read it
    assert FILE.read_bytes() == before
    assert not list(Path().glob(".*.part"))


def test_changes_at_the_same_time_are_all_kept():
    def add(number):
        my_file.change("guesses", lambda guesses: [*guesses, {"question": str(number)}])

    with ThreadPoolExecutor(4) as threads:
        list(threads.map(add, range(20)))
    assert {guess["question"] for guess in my_file.load()["guesses"]} == {str(number) for number in range(20)}


# Versions


def test_what_is_redrawn_becomes_older_and_a_draft_does_not():
    first = redrawn([], 7, ONE)
    draft = redrawn(first, 7, OTHER)
    (entry,) = redrawn(draft, 7, OTHER + THIRD, draft=OTHER)
    assert (entry["strokes"], entry["older"]) == (OTHER + THIRD, [ONE])
    (entry,) = redrawn([entry], 7, ONE)  # back to what was there: it isn't kept twice
    assert (entry["strokes"], entry["older"]) == (ONE, [OTHER + THIRD])
    assert first[0]["strokes"] == ONE and first[0]["older"] == []


def test_bringing_back_goes_through_all_versions():
    digits = redrawn(redrawn(redrawn([], 7, ONE), 7, OTHER), 7, THIRD)
    seen = []
    for _ in range(4):
        digits = brought_back(digits, 7)
        seen.append(digits[0]["strokes"])
    assert seen == [OTHER, ONE, THIRD, OTHER]
    assert len(digits[0]["older"]) == 2
    assert brought_back([], 7) == []


# What the lessons get


def test_without_digits_twenty_stand_in_and_one_line_says_so(capsys):
    mine = dh.my_digits()
    assert capsys.readouterr().out.count("\n") == 1
    assert mine.labels.tolist() == 2 * list(range(10)) and not mine.drawn.any()
    assert mine.images.shape == (20, 28, 28) and mine.images.dtype == np.float32 and 0.9 < mine.images.max() <= 1
    again = dh.my_digits()
    assert np.array_equal(again.images, mine.images), "the same every time"
    assert not FILE.exists()
    probabilities = dh.Predictor()(mine.images)
    assert (probabilities.argmax(axis=1) == mine.labels).all(), "each of them can be read"


def test_some_digits_are_used_alone_and_one_line_counts_them(capsys):
    my_file.change("digits", lambda _: redrawn(redrawn([], 14, [[[100, 40], [60, 140]]]), 1, ONE))
    mine = dh.my_digits()
    out = capsys.readouterr().out
    assert "2 of twenty" in out and out.count("\n") == 1
    assert mine.labels.tolist() == [1, 4] and mine.drawn.tolist() == [True, True]
    assert np.array_equal(mine.drawings[0].strokes[0], np.float32(ONE[0]))
    assert np.array_equal(mine.images[0], dh.prepare(mine.drawings[0].image))


def test_with_all_twenty_nothing_is_printed(capsys):
    for place in range(20):
        my_file.change("digits", lambda digits, place=place: redrawn(digits, place, ONE))
    mine = dh.my_digits()
    assert capsys.readouterr().out == "" and len(mine.drawings) == 20 and mine.drawn.all()
    assert repr(mine) == "20 digits of your own: 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9"


def test_a_digit_of_which_only_older_versions_are_left_is_not_drawn():
    my_file.change("digits", lambda _: redrawn(redrawn([], 1, ONE), 1, []))
    assert not dh.my_digits().drawn.any()


def test_no_module_takes_the_place_of_a_public_function():
    """With a module of its own name, ``dh.my_digits`` would be that module as soon as anything imports it."""
    assert not {path.stem for path in Path(dh.__file__).parent.glob("*.py")} & set(dh.__all__)


# The pad


def test_twenty_digits_one_after_the_other():
    pad = dh.TwentyDigits()
    prompts = []
    for place in range(20):
        prompts.append(pad.children[0].value)
        draw(pad, [[(40 + place, 40), (100, 200)]])
        assert len(strokes_at(place)) == 1, "saved before Next is pressed"
        click(pad, "Next")
    assert prompts[:2] + prompts[8:11] + prompts[18:19] == [
        "Draw a 0 (1 of 20)",
        "Draw a 1 (2 of 20)",
        "Draw an 8 (9 of 20)",
        "Draw a 9 (10 of 20)",
        "Draw another 0 (11 of 20)",
        "Draw another 8 (19 of 20)",
    ]
    assert "All twenty are drawn" in note(pad) and pad.children[0].value == "Your first 0 (1 of 20)"
    assert dh.my_digits().labels.tolist() == 2 * list(range(10))
    click(pad, "Next")
    assert pad.place == 1


def test_every_stroke_of_a_digit_is_saved_at_once_and_nothing_cuts_it_off():
    pad = dh.TwentyDigits()
    pad.go_to(4)
    for count, stroke in enumerate(([(40, 40), (40, 150)], [(40, 150), (200, 150)], [(150, 60), (150, 260)]), 1):
        draw(pad, [stroke])
        assert len(strokes_at(4)) == count and pad.place == 4
    assert older_at(4) == [], "half a digit is no version"


def test_it_goes_on_where_it_was_left_in_another_notebook_or_after_a_restart():
    first = dh.TwentyDigits()
    for _ in range(3):
        draw(first, ONE)
        click(first, "Next")
    click(first, "Next")  # skips the 3
    draw(first, OTHER)
    later = dh.TwentyDigits()
    assert repr(later) == "<TwentyDigits, 4 of 20 drawn. Draw a 3 (4 of 20)>"
    draw(later, ONE)
    click(later, "Next")
    assert later.place == 5


def test_a_stroke_that_is_still_being_drawn_is_kept():
    pad = dh.TwentyDigits()
    send(pad, "mouse_down", 40, 40)
    send(pad, "mouse_move", 40, 200)
    pad.next()
    assert strokes_at(0) == [[[40, 40], [40, 200]]] and pad.place == 1
    assert pad.canvas.drawing.empty


def test_undo_takes_back_a_stroke_and_clear_is_taken_back():
    pad = dh.TwentyDigits()
    draw(pad, ONE + OTHER)
    click(pad, "Undo")
    assert strokes_at(0) == ONE
    click(pad, "Clear")
    assert strokes_at(0) == [] and older_at(0) == [ONE]
    click(pad, "Undo")
    assert strokes_at(0) == ONE and older_at(0) == []
    click(pad, "Undo")
    assert entries() == []


def test_a_digit_is_redrawn_and_every_version_stays(page):
    pad = dh.TwentyDigits()
    draw(pad, ONE)
    tell(pad, {"open": 5})
    assert pad.canvas.drawing.empty
    tell(pad, {"open": 0})
    assert len(page.ink(pad)) == 1 and np.allclose(page.ink(pad)[0], ONE[0])
    click(pad, "Clear")
    assert strokes_at(0) == ONE, "until something new is drawn"
    draw(pad, OTHER)
    draw(pad, THIRD)
    assert (strokes_at(0), older_at(0)) == (OTHER + THIRD, [ONE])
    click(pad, "Clear")
    assert strokes_at(0) == ONE, "with nothing drawn, the one that was opened is there again"
    draw(pad, THIRD)
    assert strokes_at(0) == THIRD and sorted(older_at(0)) == sorted([ONE, OTHER + THIRD])
    click(pad, "Older version")
    assert strokes_at(0) == ONE and [stroke.tolist() for stroke in pad.canvas.drawing.strokes] == ONE
    assert len(older_at(0)) == 2


def test_a_forgotten_stroke_is_added_later():
    pad = dh.TwentyDigits()
    draw(pad, ONE)
    click(pad, "Next")
    pad.go_to(0)
    draw(pad, OTHER)
    assert strokes_at(0) == ONE + OTHER and older_at(0) == [ONE]
    click(pad, "Undo")
    assert strokes_at(0) == ONE and older_at(0) == []
    click(pad, "Undo")  # of an old stroke
    draw(pad, THIRD)
    assert strokes_at(0) == THIRD and ONE in older_at(0)


def test_older_version_is_offered_where_there_is_one():
    pad = dh.TwentyDigits()
    button = next(one for one in pad.children if isinstance(one, Button))
    assert button.layout.display == "none"
    with pytest.raises(ValueError, match="no older version"):
        pad.bring_back()
    draw(pad, ONE)
    click(pad, "Clear")
    draw(pad, OTHER)
    assert button.layout.display is None


@pytest.mark.parametrize("place", [-1, 20, 3.5, "3", None])
def test_there_are_twenty_places(place):
    with pytest.raises(ValueError, match="whole number from 0 to 19"):
        dh.TwentyDigits().go_to(place)


def test_two_pads_lose_nothing_of_each_other():
    one, two = dh.TwentyDigits(), dh.TwentyDigits()
    draw(one, ONE)
    draw(two, OTHER)  # it doesn't know that there is a 0 by now
    assert strokes_at(0) == OTHER and older_at(0) == [ONE]
    click(one, "Next")
    draw(one, THIRD)
    assert {entry["place"]: entry["strokes"] for entry in entries()} == {0: OTHER, 1: THIRD}


def test_what_cannot_be_saved_stays_on_the_pad_and_is_saved_later(full_disk):
    pad = dh.TwentyDigits()
    with full_disk():
        draw(pad, ONE)
        assert "was not written" in note(pad) and "alert" in note(pad)
        click(pad, "Next")
        draw(pad, OTHER)
        assert "2 of 20 drawn" in repr(pad) and not FILE.exists()
    draw(pad, THIRD)
    assert strokes_at(0) == ONE and strokes_at(1) == OTHER + THIRD and older_at(1) == []
    assert "Saved in my_digits.json" in note(pad)


def test_a_damaged_file_is_left_alone_and_the_digits_wait():
    FILE.write_text("{")
    pad = dh.TwentyDigits()
    assert "rename or move it" in note(pad)
    draw(pad, ONE)
    assert FILE.read_text() == "{" and "1 of 20 drawn" in repr(pad)
    FILE.rename("broken.json")
    click(pad, "Next")
    draw(pad, OTHER)
    assert (strokes_at(0), strokes_at(1)) == (ONE, OTHER)


def test_clearing_the_canvas_and_leaving_loses_nothing():
    pad = dh.TwentyDigits()
    draw(pad, ONE)
    click(pad, "Next")
    pad.go_to(0)
    click(pad, "Clear")
    click(pad, "Next")
    assert strokes_at(0) == ONE and older_at(0) == []


# Download, and bringing back


def test_a_download_brings_everything_back_on_another_machine(monkeypatch):
    pad, sent = dh.TwentyDigits(), []
    monkeypatch.setattr(type(pad.children[-1]), "send", lambda _view, message: sent.append(message))
    tell(pad, {"download": True})
    assert "nothing to download yet" in note(pad) and sent == []
    draw(pad, ONE)
    pad.go_to(12)
    draw(pad, OTHER)
    my_file.change("guesses", lambda _: [GUESS])
    tell(pad, {"download": True})
    before = FILE.read_bytes()
    assert [message["file"].encode() for message in sent] == [before]
    FILE.unlink()
    fresh = dh.TwentyDigits()
    tell(fresh, {"name": "my_digits.json"}, before)
    assert FILE.read_bytes() == before
    assert note(fresh) == "<div>Brought back 2 digits and 1 guess.</div>" and fresh.place == 1


def test_what_could_not_be_saved_can_be_downloaded(monkeypatch, full_disk):
    pad, sent = dh.TwentyDigits(), []
    monkeypatch.setattr(type(pad.children[-1]), "send", lambda _view, message: sent.append(message))
    with full_disk():
        draw(pad, ONE)
        tell(pad, {"download": True})
    assert json.loads(sent[0]["file"])["digits"][0]["strokes"] == ONE


def test_merging_keeps_what_is_there_and_the_files_versions_behind_it():
    my_file.change("digits", lambda _: redrawn(redrawn([], 0, ONE), 1, ONE))
    my_file.change("guesses", lambda _: [GUESS])
    earlier = GUESS | {"low": 1}
    theirs = redrawn(redrawn(redrawn(redrawn([], 0, THIRD), 0, OTHER), 1, ONE), 2, ONE)
    data = as_bytes(theirs, [earlier, GUESS])
    said = merge(data, "my_digits (1).json")
    assert strokes_at(0) == ONE and older_at(0) == [THIRD, OTHER]
    assert strokes_at(1) == ONE and older_at(1) == [] and strokes_at(2) == ONE
    assert my_file.load()["guesses"] == [earlier, GUESS], "the latest one stays the latest"
    assert said.startswith("Brought back 1 digit and 1 guess. 1 digit you had drawn here stayed")
    before = FILE.read_bytes()
    assert merge(data, "my_digits.json") == "Brought back 0 digits and 0 guesses."
    assert FILE.read_bytes() == before


@pytest.mark.parametrize(
    "data, problem",
    [
        (b"{", "JSON"),
        (b'{"version": 1, "drawings": []}', "isn&#x27;t a file of digits and guesses"),
        (as_bytes([{"place": 3}]), "digit 1"),
    ],
)
def test_another_file_is_refused_and_nothing_changes(data, problem):
    pad = dh.TwentyDigits()
    draw(pad, ONE)
    before = FILE.read_bytes()
    tell(pad, {"name": "<b>other.json"}, data)
    assert problem in note(pad) and "&lt;b&gt;other.json" in note(pad) and "alert" in note(pad)
    assert FILE.read_bytes() == before and len(pad.canvas.drawing.strokes) == 1


def test_what_the_page_refuses_is_shown():
    pad = dh.TwentyDigits()
    tell(pad, {"error": "film.mp4 is larger than 5 MB, so it's another file."})
    assert "film.mp4" in note(pad)


# The picture of it


def test_a_stored_page_shows_the_sheet_and_a_line_of_text(monkeypatch):
    published = []
    monkeypatch.setattr(
        "digits_helpers.widgets.with_picture.display",
        lambda data, metadata, raw: published.append((data, metadata)),
    )
    pad = dh.TwentyDigits()
    draw(pad, ONE)
    data, metadata = DisplayFormatter().format(pad)
    data, metadata = published[0] if published else (data, metadata)  # ipywidgets 7 displays, 8 has a result
    assert data["text/plain"] == "<TwentyDigits, 1 of 20 drawn. Draw a 0 (1 of 20)>"
    assert data["application/vnd.jupyter.widget-view+json"]["model_id"] == pad.model_id
    assert metadata["image/png"]["alt"] == "A sheet of digits. TwentyDigits, 1 of 20 drawn. Draw a 0 (1 of 20)"
    picture = np.asarray(Image.open(io.BytesIO(data["image/png"])).convert("L"))
    assert picture.shape == (2 * metadata["image/png"]["height"], 2 * metadata["image/png"]["width"])
    first, second = picture[96:216, 34:150], picture[96:216, 166:282]  # the drawn 0, and a grey 1
    assert (first < 40).sum() > 500 and (second < 40).sum() == 0 and (second < 120).any()
    assert len(data["image/png"]) < 20_000
