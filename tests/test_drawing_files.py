"""Drawings kept in a file."""

import json
import os
import re
import stat
import subprocess
import sys
import threading
import time
import tracemalloc

import numpy as np
import pytest
from filelock import FileLock

import digits_helpers as dh
from digits_helpers import safe_files
from digits_helpers.drawing_files import add_drawings, check_file_name, remove_drawings

LINE = [(40, 40), (200, 220)]
GOOD = {"size": [280, 280], "label": 7, "strokes": [[[1, 2], [3.5, 4]], [[5, 6]]]}


def random_drawing(rng):
    strokes = [rng.uniform(-20, 320, (rng.integers(1, 40), 2)) for _ in range(rng.integers(0, 6))]
    size = tuple(int(side) for side in rng.integers(1, 10_001, 2))
    return dh.Drawing(strokes, size, label=rng.choice([None, *range(10)]))


def write(path, content):
    path.write_text(content if isinstance(content, str) else json.dumps(content), encoding="utf-8")
    return path


# Keeping and reading


def test_random_drawings_come_back(tmp_path):
    rng = np.random.default_rng(0)
    path = tmp_path / "mine.json"
    for _ in range(30):
        drawings = [random_drawing(rng) for _ in range(rng.integers(0, 6))]
        dh.save_drawings(path, drawings)
        loaded = dh.load_drawings(path)
        assert [(d.size, d.label) for d in loaded] == [(d.size, d.label) for d in drawings]
        for before, after in zip(drawings, loaded, strict=True):
            assert [s.shape for s in after.strokes] == [s.shape for s in before.strokes]
            for old, new in zip(before.strokes, after.strokes, strict=True):
                assert new.dtype == np.float32 and np.array_equal(new, old.round(2))
        first = path.read_bytes()
        dh.save_drawings(path, loaded)
        assert path.read_bytes() == first, "only the first time rounds"


def test_the_format_is_the_documented_one(tmp_path):
    path = tmp_path / "mine.json"
    dh.save_drawings(str(path), (d for d in [dh.Drawing([[(1 / 3, 2)]], label=np.uint8(7)), dh.Drawing()]))
    assert json.loads(path.read_text(encoding="utf-8")) == {
        "version": 1,
        "drawings": [
            {"size": [280, 280], "label": 7, "strokes": [[[0.33, 2]]]},
            {"size": [280, 280], "label": None, "strokes": []},
        ],
    }


def test_a_stroke_that_is_still_being_drawn_is_kept_as_well(tmp_path):
    drawing = dh.Drawing([LINE], size=(300, 200), label=7)
    drawing.start(1, 2)
    dh.save_drawings(str(tmp_path / "seven.json"), [drawing])
    (loaded,) = dh.load_drawings(str(tmp_path / "seven.json"))
    assert [stroke.tolist() for stroke in loaded.strokes] == [[[40, 40], [200, 220]], [[1, 2]]]


def test_a_size_made_of_numpys_integers_can_be_kept(tmp_path):
    dh.save_drawings(tmp_path / "mine.json", [dh.Drawing([LINE], size=np.array([300, 200]))])
    assert dh.load_drawings(tmp_path / "mine.json")[0].size == (300, 200)


def test_written_digits_keep_their_picture_and_stay_small(tmp_path):
    path = tmp_path / "mine.json"
    rng = np.random.default_rng(0)
    drawings = [dh.Drawing(dh.write_digit(digit, rng), label=digit) for digit in range(10)]
    dh.save_drawings(path, drawings)
    points = sum(len(stroke) for drawing in drawings for stroke in drawing.strokes)
    assert path.stat().st_size < 17 * points + 60 * len(drawings) + 100, "a point is [123.45,123.45] and a comma"
    for before, after in zip(drawings, dh.load_drawings(path), strict=True):
        difference = np.abs(dh.rasterize(before.strokes).astype(int) - dh.rasterize(after.strokes))
        assert difference.mean() < 0.5


def test_a_file_that_an_editor_touched_is_read(tmp_path):
    path = tmp_path / "mine.json"
    text = json.dumps({"note": "by hand", "drawings": [GOOD], "version": 1}, indent=4)
    path.write_text(text, encoding="utf-8-sig", newline="\r\n")  # as Windows editors write
    assert [drawing.label for drawing in dh.load_drawings(path)] == [7]


@pytest.mark.skipif(os.name != "posix", reason="permission bits are POSIX's")
def test_the_file_has_an_ordinary_files_permissions(tmp_path):
    ordinary = write(tmp_path / "ordinary.txt", "")
    dh.save_drawings(tmp_path / "mine.json", [])
    assert stat.S_IMODE((tmp_path / "mine.json").stat().st_mode) == stat.S_IMODE(ordinary.stat().st_mode)


# A failed write


@pytest.fixture
def old_file(tmp_path):
    """A kept file; whatever the test does, it is unchanged afterwards, and nothing lies beside it."""
    path = tmp_path / "mine.json"
    dh.save_drawings(path, [dh.Drawing([LINE], label=1)])
    before = path.read_bytes()
    yield path
    assert path.read_bytes() == before and list(tmp_path.iterdir()) == [path]


def test_a_write_that_stops_half_way_leaves_the_old_file(old_file):
    resource = pytest.importorskip("resource")
    many = [dh.Drawing([LINE] * 1000)] * 10
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (10_000, limits[1]))  # the system stops the write, as for a full disk
    try:
        with pytest.raises(OSError, match="mine.json was not written: File too large"):
            dh.save_drawings(old_file, many)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)


@pytest.mark.parametrize("step", ["fsync", "replace"])
@pytest.mark.parametrize("failure", [OSError(28, "No space left on device"), KeyboardInterrupt()])
def test_a_failure_at_the_last_steps_leaves_the_old_file(step, failure, old_file, monkeypatch):
    def fail(*_):
        raise failure

    with monkeypatch.context() as patched:
        patched.setattr(os, step, fail)
        with pytest.raises(type(failure)):
            dh.save_drawings(old_file, [])


def test_a_read_only_folder_leaves_the_old_file(old_file):
    old_file.parent.chmod(0o500)
    try:
        if os.access(old_file.parent, os.W_OK):
            pytest.skip("no folder is read-only to root, nor by its mode on Windows")
        with pytest.raises(PermissionError, match="mine.json was not written: Permission denied"):
            dh.save_drawings(old_file, [])
    finally:
        old_file.parent.chmod(0o700)


def still_drawn(x, y):
    drawing = dh.Drawing()
    drawing.start(x, y)  # checked when the stroke ends
    return drawing


@pytest.mark.parametrize(
    ("drawing", "says"),
    [
        (dh.Drawing([LINE], size=(10_001, 10)), "A drawing is at most 10,000 pixels wide and high"),
        (dh.Drawing([LINE, [(1e6, 0)]]), "stroke 2: Coordinates must lie between"),
        (still_drawn(np.nan, 0), "stroke 1: A stroke is .* contains NaN"),
        (dh.Drawing([[(1, 1)] * 100_001]), "A drawing has at most 100,000 points, and this one has 100,001"),
    ],
)
def test_what_could_not_be_read_again_is_not_written(drawing, says, old_file):
    with pytest.raises(ValueError, match=f"^mine.json: drawing 2: .*{says}"):
        dh.save_drawings(old_file, [dh.Drawing(), drawing])


# Paths


def test_a_picture_is_not_kept_as_an_empty_drawing(old_file):
    drawing = dh.Drawing([LINE])
    drawing.show(np.full((28, 28), 255, np.uint8))
    with pytest.raises(ValueError, match="A picture can't be kept, only strokes"):
        dh.save_drawings(old_file, [drawing])


def test_a_missing_file_a_folder_and_a_missing_folder(tmp_path):
    with pytest.raises(FileNotFoundError, match=re.escape(f"{tmp_path / 'none.json'} cannot be read: No such file")):
        dh.load_drawings(tmp_path / "none.json")
    with pytest.raises(FileNotFoundError, match="mine.json was not written: No such file"):
        dh.save_drawings(tmp_path / "nowhere" / "mine.json", [])
    with pytest.raises(IsADirectoryError, match="is a folder; name a file in it"):
        dh.load_drawings(tmp_path)
    with pytest.raises(IsADirectoryError, match="is a folder; name a file in it"):
        dh.save_drawings(tmp_path, [])
    assert list(tmp_path.iterdir()) == []


def test_a_file_where_a_folder_should_be(tmp_path):
    inside = write(tmp_path / "file", "") / "mine.json"
    for use in (dh.load_drawings, lambda path: dh.save_drawings(path, [])):
        with pytest.raises(OSError, match="mine.json (cannot be read|was not written): "):
            use(inside)


# Files from elsewhere


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ("", "This isn't a JSON file"),
        ("not json", "This isn't a JSON file"),
        ('{"version": 1, "drawings": [', "This isn't a JSON file"),
        ("[" * 200_000, "This isn't a JSON file"),
        ("[]", r"must hold an object with version and drawings, not \[\]"),
        ("null", "must hold an object"),
        ({"drawings": []}, "The version is missing"),
        ({"version": 2, "drawings": []}, r"was written by a newer version of this package \(format 2"),
        ({"version": 0, "drawings": []}, "The version must be 1, not 0"),
        ({"version": True, "drawings": []}, "The version must be 1, not True"),
        ({"version": "1", "drawings": []}, "The version must be 1, not '1'"),
        ({"version": 1}, "The list of drawings is missing"),
        ({"version": 1, "drawings": {}}, "drawings must be a list, not {}"),
    ],
)
def test_what_is_no_file_of_drawings_is_named(content, says, tmp_path):
    with pytest.raises(ValueError, match=f"^other.json: .*{says}"):
        dh.load_drawings(write(tmp_path / "other.json", content))


def test_bytes_that_are_no_text(tmp_path):
    path = tmp_path / "picture.json"
    path.write_bytes(bytes(range(256)))
    with pytest.raises(ValueError, match="^picture.json: This isn't a JSON file"):
        dh.load_drawings(path)


def without(key):
    return {name: value for name, value in GOOD.items() if name != key}


@pytest.mark.parametrize(
    ("drawing", "says"),
    [
        ([], "A drawing is an object"),
        (None, "A drawing is an object"),
        *[(without(key), f"{key} is missing") for key in GOOD],
        *[
            (GOOD | {"size": size}, "A size is width and height, two whole numbers")
            for size in [280, "ab", [], [280], [1, 2, 3], [0, 280], [-1, 5], [True, 5], ["9", 5], [2.5, 5], {"9": 9}]
        ],
        (GOOD | {"size": [10_001, 5]}, r"A drawing is at most 10,000 pixels wide and high, not \(10001, 5\)"),
        (GOOD | {"size": [5, 10**400]}, "A drawing is at most 10,000 pixels wide and high"),
        *[
            (GOOD | {"label": label}, "A label is a whole number from 0 to 9, or None, not")
            for label in [-1, 10, 7.0, True, False, "7", [], {}, float("nan")]
        ],
        (GOOD | {"strokes": {}}, "strokes must be a list"),
        (GOOD | {"strokes": None}, "strokes must be a list"),
        (GOOD | {"strokes": [[[1, 2]], []]}, "stroke 2: A stroke is a list of one or more"),
        (GOOD | {"strokes": [[[1, 2]], "ab"]}, "stroke 2: A stroke is a list of one or more"),
        *[
            (GOOD | {"strokes": [[[1, 2]], [[3, 4], point]]}, f"stroke 2: A stroke is .* two finite numbers.*{says}")
            for says, points in {
                r"not \[\[3, 4\], ": [5, None, "ab", [], [1], [1, 2, 3], {"x": 1, "y": 2}],
                "other than numbers": [[[1], [2]], ["1", "2"], [None, 1], [True, 1], [{}, 1]],
                "NaN, infinity": [[float("nan"), 1], [1, float("inf")], [-float("inf"), 1], [1e300, 1], [10**400, 1]],
            }.items()
            for point in points
        ],
        *[
            (GOOD | {"strokes": [[[1, 2]], stroke]}, "stroke 2: A stroke is a list of one or more")
            for stroke in [5, None, True, {}, [1, 2], [5], ["ab"], [[1]], [[1, 2, 3]], [{"x": 1, "y": 2}], [[[1], [2]]]]
        ],
        (GOOD | {"strokes": [[[1, 2]], [[3, 4], [1, -100_001]]]}, "stroke 2: Coordinates must lie between -100,000"),
        (GOOD | {"strokes": [[[1, 2]] * 50_000, [[1, 2]] * 50_001]}, "A drawing has at most 100,000 points"),
    ],
)
def test_what_is_no_drawing_is_named_with_its_place(drawing, says, tmp_path):
    path = write(tmp_path / "other.json", {"version": 1, "drawings": [GOOD, GOOD, drawing, GOOD]})
    with pytest.raises(ValueError, match=f"^other.json: drawing 3: {says}") as caught:
        dh.load_drawings(path)
    assert len(str(caught.value)) < 400 and "\n" not in str(caught.value), "one clear line, however long the value is"


def test_the_limits_themselves_are_allowed(tmp_path):
    limits = {"size": [1, 10_000], "label": 0, "strokes": [[[-100_000, 100_000]] * 100_000]}
    (drawing,) = dh.load_drawings(write(tmp_path / "other.json", {"version": 1, "drawings": [limits]}))
    assert drawing.size == (1, 10_000) and len(drawing.strokes[0]) == 100_000


# Large files


def file_of(path, size):
    """Write a file of exactly this many bytes, full of drawings, and return how many drawings it holds."""
    strokes = np.random.default_rng(0).uniform(0, 280, (2, 30, 2)).round(2).tolist()
    entry = json.dumps({"size": [280, 280], "label": 3, "strokes": strokes}, separators=(",", ":"))
    count = (size - 100) // (len(entry) + 1)
    text = f'{{"version": 1, "drawings": [{",".join([entry] * count)}]}}'
    path.write_text(text.ljust(size), encoding="utf-8")
    return count


def test_a_file_of_5_megabytes_is_read_quickly_and_one_byte_more_is_refused(tmp_path):
    path = tmp_path / "other.json"
    count = file_of(path, 5_000_000)
    start = time.process_time()
    assert len(dh.load_drawings(path)) == count
    assert time.process_time() - start < 4, "0.4 s were measured"
    with open(path, "a", encoding="utf-8") as file:
        file.write(" ")
    with pytest.raises(ValueError, match="^other.json: A file holds at most 5 MB of drawings, and this is more"):
        dh.load_drawings(path)


def test_a_file_of_5_megabytes_takes_little_memory(tmp_path):
    path = tmp_path / "other.json"
    file_of(path, 5_000_000)
    tracemalloc.start()
    try:
        dh.load_drawings(path)
        assert tracemalloc.get_traced_memory()[1] < 100e6, "60 MB were measured"
    finally:
        tracemalloc.stop()


def test_a_file_too_large_is_refused_before_it_fills_the_memory(tmp_path):
    path = tmp_path / "other.json"
    file_of(path, 49_000_000)
    tracemalloc.start()
    try:
        with pytest.raises(ValueError, match="at most 5 MB"):
            dh.load_drawings(path)
        assert tracemalloc.get_traced_memory()[1] < 12e6
    finally:
        tracemalloc.stop()


def test_more_than_5_megabytes_are_not_written(old_file):
    points = np.random.default_rng(0).uniform(100, 280, (90_000, 2))
    with pytest.raises(ValueError, match="^mine.json: A file holds at most 5 MB"):
        dh.save_drawings(old_file, [dh.Drawing([points])] * 4)


# Adding and removing


def dots(*places):
    return [dh.Drawing([[(x, 0)]], label=7) for x in places]


def places_in(path):
    return [int(drawing.strokes[0][0, 0]) for drawing in dh.load_drawings(path)]


def test_only_new_drawings_are_added_and_the_others_keep_their_order(tmp_path):
    path = tmp_path / "mine.json"
    add_drawings(path, dots(3, 1))
    add_drawings(str(path), (drawing for drawing in dots(1, 2, 3, 4)))
    assert places_in(path) == [3, 1, 2, 4]


def test_a_drawing_with_another_size_label_or_stroke_is_another_drawing(tmp_path):
    path = tmp_path / "mine.json"
    different = [
        dh.Drawing([LINE], label=1),
        dh.Drawing([LINE]),
        dh.Drawing([LINE], (300, 280), label=1),
        dh.Drawing([LINE[:1], LINE[1:]], label=1),
        dh.Drawing([np.add(LINE, 0.01)], label=1),
    ]
    add_drawings(path, different)
    add_drawings(path, [*different, dh.Drawing([np.add(LINE, 0.001)], label=1)])
    assert len(dh.load_drawings(path)) == 5, "0.001 pixels is less than a file holds"


def test_removing_says_whether_there_was_something_to_remove(tmp_path):
    path = tmp_path / "mine.json"
    dh.save_drawings(path, dots(1, 2, 2, 3))
    assert remove_drawings(path, dots(2, 9)) is True
    assert places_in(path) == [1, 3]
    before = path.stat()
    assert remove_drawings(path, dots(2)) is False
    assert path.stat().st_mtime_ns == before.st_mtime_ns and places_in(path) == [1, 3]


def test_a_picture_is_not_taken_for_an_empty_drawing(tmp_path):
    path = tmp_path / "mine.json"
    add_drawings(path, [dh.Drawing()])
    picture = dh.Drawing()
    picture.show(np.full((28, 28), 255, np.uint8))
    with pytest.raises(ValueError, match="A picture can't be kept"):
        add_drawings(path, [picture])


def test_what_is_no_file_of_drawings_is_not_changed(tmp_path):
    path = write(tmp_path / "mine.json", "[]")
    for change in (add_drawings, remove_drawings):
        with pytest.raises(ValueError, match="^mine.json: The file must hold an object"):
            change(path, dots(1))
    assert path.read_text(encoding="utf-8") == "[]"


def test_many_drawings_are_compared_quickly(tmp_path):
    path = tmp_path / "mine.json"
    dh.save_drawings(path, dots(*range(10_000)))
    start = time.process_time()
    add_drawings(path, dots(*range(10_000)))
    assert time.process_time() - start < 5, "0.5 s were measured"
    assert len(dh.load_drawings(path)) == 10_000


CHILD = """
import sys
from digits_helpers.drawing_files import add_drawings
from digits_helpers.strokes import Drawing

print("ready", flush=True)
sys.stdin.readline()  # both start at the same time
for x in map(int, sys.argv[2:]):
    add_drawings(sys.argv[1], [Drawing([[(x, 0)]])])
"""


def test_two_processes_that_add_to_one_file_lose_nothing(tmp_path):
    path = tmp_path / "mine.json"
    halves = range(50), range(50, 100)
    children = [
        subprocess.Popen(
            [sys.executable, "-c", CHILD, str(path), *map(str, half)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for half in halves
    ]
    try:
        assert [child.stdout.readline() for child in children] == ["ready\n"] * 2
        for child in children:
            child.stdin.write("go\n")
            child.stdin.flush()
        errors = [child.communicate(timeout=60)[1] for child in children]
    finally:
        for child in children:
            child.kill()
            child.wait()
    assert errors == ["", ""]
    assert sorted(places_in(path)) == list(range(100))


@pytest.fixture
def locked_file(tmp_path):
    """A kept file that another program is changing."""
    path = tmp_path / "mine.json"
    dh.save_drawings(path, dots(1))
    with FileLock(tmp_path / ".mine.json.lock"):
        yield path


def test_waiting_for_another_program_has_an_end(locked_file, monkeypatch):
    monkeypatch.setattr(safe_files, "LOCK_SECONDS", 0.1)
    for change in (add_drawings, remove_drawings):
        with pytest.raises(TimeoutError, match="mine.json was not written: another program .* Try again, or close"):
            change(locked_file, dots(1, 2))
    assert places_in(locked_file) == [1], "reading needs no lock"


def test_a_change_waits_until_the_other_program_is_done(tmp_path):
    path = tmp_path / "mine.json"
    with FileLock(tmp_path / ".mine.json.lock"):
        waiting = threading.Thread(target=add_drawings, args=(path, dots(2)))
        waiting.start()
        waiting.join(0.2)
        assert waiting.is_alive() and not path.exists()
        dh.save_drawings(path, dots(1))
    waiting.join(10)
    assert places_in(path) == [1, 2]


def test_a_failed_change_lets_the_next_one_through(tmp_path):
    path = tmp_path / "mine.json"
    with pytest.raises(ValueError, match="at most 10,000 pixels"):
        add_drawings(path, [dh.Drawing(size=(10_001, 1))])
    add_drawings(path, dots(1))
    assert places_in(path) == [1]


def test_where_nothing_can_be_written_a_change_says_so_as_save_does(tmp_path):
    with pytest.raises(FileNotFoundError, match="mine.json was not written: No such file"):
        add_drawings(tmp_path / "nowhere" / "mine.json", dots(1))
    with pytest.raises(IsADirectoryError, match="is a folder; name a file in it"):
        add_drawings(tmp_path, dots(1))
    with pytest.raises(FileNotFoundError, match="none.json cannot be read: No such file"):
        remove_drawings(tmp_path / "none.json", dots(1))
    assert not (tmp_path / "nowhere").exists()
    with pytest.raises(OSError, match="mine.json was not written: "):
        add_drawings(write(tmp_path / "file", "") / "mine.json", dots(1))


def test_a_change_in_a_read_only_folder_says_so(old_file):
    old_file.parent.chmod(0o500)
    try:
        if os.access(old_file.parent, os.W_OK):
            pytest.skip("no folder is read-only to root, nor by its mode on Windows")
        for change in (add_drawings, remove_drawings):
            with pytest.raises(PermissionError, match="mine.json was not written: Permission denied"):
                change(old_file, dots(1))
    finally:
        old_file.parent.chmod(0o700)


# Names that somebody types


@pytest.mark.parametrize("name", ["my-digits.json", "a.json", "my digits 2.json", "größe.json", "v1.2.json", "手.json"])
def test_a_plain_file_name_is_accepted(name):
    assert check_file_name(name) == name
    assert check_file_name(f"  {name}\n") == name


@pytest.mark.parametrize(
    "name",
    [
        *["", " ", ".json", "json", "digits", "digits.txt", "digits.json.txt", "digits.json/"],
        *["/tmp/a.json", "../a.json", "folder/a.json", "\\\\host\\a.json", "folder\\a.json", "C:a.json", "C:\\a.json"],
        *[".hidden.json", "..json", " .hidden.json", "~/a.json", "a.json:b.json", "what?.json", "<b>.json", "a|b.json"],
        *["a\0.json", "a\n.json", "a\x1b[2J.json", "a\x7f.json", "a\u202e.json", "a\ud800.json", "a\u2028b.json"],
        *["a" * 56 + ".json", "a" * 100_000 + ".json"],
    ],
)
def test_any_other_name_is_refused_in_one_line(name):
    with pytest.raises(ValueError, match="^Type a short file name such as my-digits.json: .*$") as caught:
        check_file_name(name)
    assert len(str(caught.value)) < 200 and "\n" not in str(caught.value)


def test_a_lock_fits_beside_the_longest_name(tmp_path):
    name = check_file_name("\U0001f600" * 55 + ".json")
    add_drawings(tmp_path / name, dots(1))
    assert places_in(tmp_path / name) == [1]
