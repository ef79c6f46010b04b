"""Drawings kept in a file."""

import json
import os
import re
import stat

import numpy as np
import pytest

import digits_helpers as dh
from digits_helpers import kept

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


@pytest.mark.parametrize(
    ("drawing", "says"),
    [
        (dh.Drawing([LINE], size=(10_001, 10)), "size must be"),
        (dh.Drawing([[(1e6, 0)]]), "stroke 1: A point is"),
        (dh.Drawing([[(1, 1)] * 100_001]), "too many points"),
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
        drawing.save(old_file)


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
        ("", "This is no JSON file"),
        ("not json", "This is no JSON file"),
        ('{"version": 1, "drawings": [', "This is no JSON file"),
        ("[" * 200_000, "This is no JSON file"),
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
    with pytest.raises(ValueError, match="^picture.json: This is no JSON file"):
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
            (GOOD | {"size": size}, "size must be")
            for size in [280, "ab", [], [280], [1, 2, 3], [0, 280], [-1, 5], [10_001, 5], [True, 5], ["9", 5], [2.5, 5]]
        ],
        *[
            (GOOD | {"label": label}, "A label is a whole number from 0 to 9, or None, not")
            for label in [-1, 10, 7.0, True, False, "7", [], {}, float("nan")]
        ],
        (GOOD | {"strokes": {}}, "strokes must be a list"),
        (GOOD | {"strokes": None}, "strokes must be a list"),
        (GOOD | {"strokes": [[[1, 2]], []]}, "stroke 2: A stroke is a list of one or more"),
        (GOOD | {"strokes": [[[1, 2]], "ab"]}, "stroke 2: A stroke is a list of one or more"),
        *[
            (GOOD | {"strokes": [[[1, 2]], [[3, 4], point]]}, "stroke 2: A point is")
            for point in [
                *[5, None, "ab", [], [1], [1, 2, 3], [[1], [2]], {"x": 1, "y": 2}, ["1", "2"], [None, 1], [True, 1]],
                *[[float("nan"), 1], [1, float("inf")], [-float("inf"), 1], [1e300, 1], [1, -100_001], [10**400, 1]],
            ]
        ],
        (GOOD | {"strokes": [[[1, 2]] * 50_000, [[1, 2]] * 50_001]}, "It has too many points: 100,001"),
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


def test_too_large_a_file_is_refused(tmp_path, monkeypatch):
    path = write(tmp_path / "other.json", json.dumps({"version": 1, "drawings": []}).ljust(1_000_000))
    monkeypatch.setattr(kept, "MAX_MEGABYTES", 1)
    assert dh.load_drawings(path) == []
    path.write_text(path.read_text() + " ")
    with pytest.raises(ValueError, match="^other.json: The file is too large; at most 1 MB"):
        dh.load_drawings(path)
