"""The part of the digit pad that keeps labelled drawings: its buttons, its file, and its count."""

import os
import threading
import tracemalloc

import numpy as np
import pytest
from events import choose, click

import digits_helpers as dh
from digits_helpers.widgets.handlers import LOCK

FILE = "mine.json"


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    """The current folder: the page can't name a file anywhere else."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def pad():
    return dh.DigitPad()


def fail(*_):
    raise MemoryError


def keep_by_button(pad, digit, label):
    pad.write(digit)
    choose(pad, "This is a", label)
    click(pad, "Keep")


def labels_in(path):
    return [drawing.label for drawing in dh.load_drawings(path)]


def test_the_keep_button_saves_at_once_to_the_file_that_is_named(pad):
    choose(pad, "File", FILE)
    for digit in (3, 8):
        keep_by_button(pad, digit, digit)
        assert labels_in(FILE)[-1] == digit
        assert f"Saved to {FILE}: type this name to load them again." in pad.own.tally_line.value
    later = dh.DigitPad()  # as after a reload: nothing is kept in memory
    choose(later, "File", FILE)
    keep_by_button(later, 5, 5)
    assert labels_in(FILE) == [3, 8, 5], "what an earlier visit kept stays"


def test_what_cannot_be_saved_is_still_kept_and_the_error_is_shown(pad, monkeypatch):
    def full(*_):
        raise OSError(28, "No space left on device")

    choose(pad, "File", FILE)
    with monkeypatch.context() as broken:
        broken.setattr(os, "replace", full)
        keep_by_button(pad, 6, 6)
    assert "was not written" in pad.answer.status.value and pad.own.tally == (1, 0)
    click(pad, "Save")
    assert labels_in(FILE) == [6] and pad.answer.status.value == ""


@pytest.mark.parametrize("name", ["../mine.json", "/tmp/mine.json", "a/mine.json", "C:mine.json", ".mine.json", "mine"])
def test_the_page_can_name_files_in_the_current_folder_only(pad, folder, name):
    (folder / "inside").mkdir()
    os.chdir("inside")
    choose(pad, "File", name)
    for button in ("Keep", "Save", "Load", "Take back"):
        pad.write(2)
        choose(pad, "This is a", 2)
        click(pad, button)
        assert "Type a short file name such as my-digits.json" in pad.answer.status.value, button
    assert pad.own.tally == (1, 0), "what could not be saved is kept, and was not taken back"
    assert [path.name for path in folder.rglob("*")] == ["inside"]


def test_the_take_back_button_takes_it_out_of_the_file_that_is_named(pad):
    choose(pad, "File", FILE)
    for label in (4, 9):
        keep_by_button(pad, 4, label)
    pad.own.keep(9)  # once more: the file holds it once
    click(pad, "Take back")
    assert labels_in(FILE) == [4, 9], "one of the two is still kept"
    click(pad, "Take back")
    assert labels_in(FILE) == [4] and pad.own.tally == (1, 0)
    assert f"Removed the last digit, also from {FILE}." in pad.own.tally_line.value


def test_what_cannot_be_taken_out_of_the_file_is_still_kept(pad, monkeypatch):
    choose(pad, "File", FILE)
    keep_by_button(pad, 2, 2)
    monkeypatch.setattr(os, "replace", fail)
    click(pad, "Take back")
    assert "MemoryError" in pad.answer.status.value and pad.own.tally == (1, 0)
    assert labels_in(FILE) == [2]


def test_keep_save_clear_load(pad):
    for digit in (3, 8):
        pad.write(digit)
        pad.own.keep(digit)
    choose(pad, "File", "first.json")
    keep_by_button(pad, 1, label=7)
    assert pad.own.tally == (2, 1) and "3 kept: 2 read right, 1 wrong" in pad.own.tally_line.value
    choose(pad, "File", FILE)
    click(pad, "Save")
    pad.clear()

    other = dh.DigitPad()
    other.own.load(FILE)
    assert [drawing.label for drawing in other.own.drawings] == [3, 8, 7] and other.own.tally == (2, 1)
    other.own.load(FILE)
    assert len(other.own.drawings) == 3, "what is kept already is not kept twice"


def test_saving_never_drops_what_the_file_holds():
    for digit in (1, 2):
        fresh = dh.DigitPad()
        fresh.write(digit)
        fresh.own.keep(digit)
        fresh.own.save(FILE)
    assert labels_in(FILE) == [1, 2]


def test_a_wrong_label_can_be_taken_back(pad):
    choose(pad, "File", "other.json")
    for label in (1, 7):
        pad.write(1)
        pad.own.keep(label)
    pad.own.save(FILE)
    click(pad, "Take back")
    assert pad.own.tally == (1, 0) and "1 kept: 1 read right, 0 wrong." in pad.own.tally_line.value
    assert len(dh.load_drawings(FILE)) == 2, "a file that isn't named never loses a drawing"
    assert pad.own.take_back().label == 1 and pad.own.drawings == []
    assert len(dh.load_drawings(FILE)) == 2
    click(pad, "Take back")
    assert "There is no kept digit to take back." in pad.answer.status.value


def test_changing_the_list_of_drawings_changes_nothing_that_is_kept(pad):
    pad.write(4)
    pad.own.keep(label=4)
    pad.own.drawings.pop()
    assert pad.own.tally == (1, 0)
    pad.own.keep(label=4)
    pad.model = None
    assert pad.own.tally == (2, 0)


def test_a_drawing_without_a_label_does_not_count(pad):
    seven = dh.write_digit(7)
    dh.save_drawings(FILE, [dh.Drawing(seven), dh.Drawing(seven, label=7)])
    pad.own.load(FILE)
    assert pad.own.tally == (1, 0)
    assert "2 kept: 1 read right, 0 wrong, 1 without a label." in pad.own.tally_line.value


@pytest.mark.parametrize("strokes", [[], [[(-500, -500)]]])
def test_a_drawing_without_ink_is_kept_and_never_right(pad, strokes):
    dh.save_drawings(FILE, [dh.Drawing(strokes, label=6), dh.Drawing(dh.write_digit(7), label=7)])
    choose(pad, "File", FILE)
    click(pad, "Load")
    assert pad.own.tally == (1, 1) and pad.answer.status.value == ""
    pad.model = None
    assert pad.own.tally == (1, 1)


def test_what_succeeds_takes_an_error_away(pad):
    pad.write(2)
    choose(pad, "File", FILE)
    for button in ("Keep", "Save", "Load", "Take back"):
        pad.own.on_error(ValueError("Something else failed."))
        choose(pad, "This is a", 2)
        click(pad, button)
        assert pad.answer.status.value == "", button


def test_keeping_waits_for_a_handler_on_another_thread(pad):
    pad.write(3)
    keeping = threading.Thread(target=pad.own.keep, args=[3])
    with LOCK:
        keeping.start()
        keeping.join(0.2)
        assert pad.own.drawings == []
    keeping.join(10)
    assert pad.own.tally == (1, 0)


def test_kept_drawings_are_read_alike_whatever_their_size_and_at_no_more_cost(pad):
    rng = np.random.default_rng(0)
    written = [(digit, dh.write_digit(digit, rng)) for digit in range(10) for _ in range(3)]
    for scale in (0.1, 1, 10_000 / 280):
        size = [round(280 * scale)] * 2
        drawings = [dh.Drawing([scale * stroke for stroke in strokes], size, digit) for digit, strokes in written]
        dh.save_drawings(FILE, drawings)
        other = dh.DigitPad()
        other.own.load(FILE)
        tracemalloc.start()
        other.own.read_again()
        _, most = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        assert other.own.tally == (30, 0) and most < 10_000_000


def test_a_kept_drawing_has_the_size_of_its_canvas(pad):
    pad.canvas.drawing.size = (700, 220)
    pad.write(1)
    pad.own.keep(1)
    assert pad.own.drawings[0].size == (700, 220)


def test_keeping_needs_strokes_and_a_label(pad, folder):
    click(pad, "Keep")
    assert "There are no strokes to keep" in pad.answer.status.value
    pad.write(2)
    click(pad, "Keep")
    assert "Choose which digit this is" in pad.answer.status.value and pad.own.drawings == []
    (folder / "bad.json").write_text("{}")
    choose(pad, "File", "bad.json")
    for button in ("Load", "Save", "Keep", "Take back"):
        choose(pad, "This is a", 2)
        click(pad, button)
        assert "bad.json" in pad.answer.status.value
    assert (folder / "bad.json").read_text() == "{}", "a file that is something else is not written over"


def test_a_picture_is_not_kept_as_strokes(pad):
    pad.show(dh.rasterize(dh.write_digit(2)))
    keep = dh.DigitPad()
    with pytest.raises(ValueError, match="There are no strokes to keep"):
        pad.own.keep(2)
    assert pad.own.drawings == keep.own.drawings == []
