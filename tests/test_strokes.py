"""Drawings and their pictures."""

import numpy as np
import pytest
from PIL import Image

import digits_helpers as dh
from digits_helpers.strokes import as_stroke

LINE = [(40, 40), (200, 220)]


def test_a_stroke_is_drawn_point_by_point():
    drawing = dh.Drawing()
    drawing.extend(1, 1)  # no stroke is open: the pen is up
    assert drawing.strokes == []
    drawing.start(10, 20)
    drawing.extend(30, 40)
    assert drawing.drawing_now and drawing.last_point == (30, 40)
    assert drawing.strokes[0].tolist() == [[10, 20], [30, 40]]
    drawing.finish()
    drawing.extend(50, 60)
    assert drawing.strokes[0].tolist() == [[10, 20], [30, 40]] and drawing.strokes[0].dtype == np.float32


def test_a_second_start_keeps_the_first_stroke():
    drawing = dh.Drawing()
    drawing.start(1, 1)
    drawing.start(5, 5)
    assert [stroke.tolist() for stroke in drawing.strokes] == [[[1, 1]], [[5, 5]]]


def test_undo_goes_back_stroke_by_stroke_and_through_clear():
    drawing = dh.Drawing()
    for x in range(3):
        drawing.add([(x, x)])
    drawing.clear()
    assert drawing.strokes == []
    drawing.clear()  # nothing to clear: not a step to undo
    drawing.undo()
    assert len(drawing.strokes) == 3
    drawing.undo()
    assert [stroke[0, 0] for stroke in drawing.strokes] == [0, 1]
    for _ in range(5):
        drawing.undo()
    assert drawing.strokes == []


def test_undo_and_cancel_drop_the_open_stroke_only():
    drawing = dh.Drawing([LINE])
    for drop in (drawing.undo, drawing.cancel):
        drawing.start(1, 1)
        drop()
        assert len(drawing.strokes) == 1
    drawing.cancel()
    assert len(drawing.strokes) == 1, "without an open stroke there is nothing to drop"
    drawing.start(1, 1)
    drawing.clear()
    drawing.undo()
    assert len(drawing.strokes) == 2, "a stroke that was open when Clear came is not lost"


@pytest.mark.parametrize(
    ("points", "says"),
    [
        ([], r"one or more \(x, y\) points, each two finite numbers, not \[\]"),
        ([1, 2, 3], r"not \[1, 2, 3\]"),
        ([(1, 2, 3)], r"not \[\(1, 2, 3\)\]"),
        ([(1, 2), (3,)], r"not \[\(1, 2\), \(3,\)\]"),
        (5, "not 5"),
        (None, "not None"),
        ("no", "not 'no'"),
        (np.zeros((3, 3)), r"not an array of shape \(3, 3\)"),
        (np.zeros((0, 2)), r"not an array of shape \(0, 2\)"),
        ([np.zeros((2, 2)), np.zeros((2, 3))], "arrays of different shapes"),
        ([("1", "2")], "something other than numbers"),
        ([(1, None)], "something other than numbers"),
        ([(1, 2j)], "something other than numbers"),
        ([(1, True)], "something other than numbers"),
        (np.ones((2, 2), bool), "something other than numbers"),
        (np.array([("1", "2")]), "something other than numbers"),
        ([(1, np.nan)], "contains NaN"),
        (np.array([(1, np.inf)]), "infinity"),
        ([(1, -1e300)], "too large"),
        (np.array([(1, 1e300)]), "too large"),
        ([(10**400, 1)], "too large"),
    ],
)
@pytest.mark.filterwarnings("error")
def test_what_is_no_stroke_is_refused(points, says):
    drawing = dh.Drawing([LINE])
    with pytest.raises(ValueError, match=f"^A stroke is a list of .*{says}"):
        drawing.add(points)
    assert len(drawing.strokes) == 1
    for take in (dh.Drawing, dh.rasterize, dh.group_strokes, drawing.replace):
        with pytest.raises(ValueError, match=f"^stroke 2: A stroke is a list of .*{says}"):
            take([LINE, points])
    assert len(drawing.strokes) == 1, "a refused replacement removes nothing"


@pytest.mark.parametrize(
    "points",
    [[(1, 2), (3, 4)], ([1, 2], np.array([3, 4])), np.array([[1, 2], [3, 4]], np.uint8), [(1.0, np.int64(2)), (3, 4)]],
)
def test_a_stroke_may_be_given_as_lists_tuples_or_arrays_of_any_number(points):
    stroke = as_stroke(points)
    assert stroke.tolist() == [[1, 2], [3, 4]] and stroke.dtype == np.float32 and not stroke.flags.writeable


def test_a_stroke_is_a_copy():
    points = np.ones((2, 2), np.float32)
    stroke = as_stroke(points)
    points[:] = 5
    assert (stroke == 1).all()


@pytest.mark.parametrize("strokes", [5, None, np.float32(1), Image.new("L", (28, 28))])
@pytest.mark.parametrize("give", [dh.Drawing, dh.rasterize, dh.group_strokes])
def test_what_is_no_list_of_strokes_is_refused(give, strokes):
    with pytest.raises(ValueError, match="Expected a list of strokes, not .*For a picture, pass an array"):
        give(strokes)


@pytest.mark.parametrize("label", [None, 0, 9, np.uint8(7), np.int64(3)])
def test_a_label_is_a_digit_or_none(label):
    drawing = dh.Drawing(label=label)
    assert drawing.label == label and type(drawing.label) in (int, type(None))
    drawing.label = 4
    assert drawing.label == 4


@pytest.mark.parametrize("label", [-1, 10, True, np.True_, 7.0, "7", [7], np.nan, 10**400])
def test_what_is_no_label_is_refused(label):
    with pytest.raises(ValueError, match="0 to 9, or None"):
        dh.Drawing(label=label)
    drawing = dh.Drawing(label=5)
    with pytest.raises(ValueError, match="0 to 9, or None"):
        drawing.label = label
    assert drawing.label == 5


@pytest.mark.parametrize("size", [[280, 200], np.array([280, 200]), (np.int16(280), 200)])
def test_a_size_is_two_whole_numbers(size):
    drawing = dh.Drawing(size=size)
    assert drawing.size == (280, 200) and [type(side) for side in drawing.size] == [int, int]


@pytest.mark.parametrize("size", [280, None, "ab", (), (280,), (1, 2, 3), (0, 10), (10.5, 10), (True, 10), np.eye(2)])
def test_what_is_no_size_is_refused(size):
    with pytest.raises(ValueError, match="A size is width and height"):
        dh.Drawing(size=size)


def test_strokes_cannot_be_written_to():
    drawing = dh.Drawing([LINE])
    drawing.add([(1, 1)])
    for stroke in drawing.strokes:
        with pytest.raises(ValueError, match="read-only"):
            stroke += 1


# Strokes, or a picture in their place

PICTURE = np.full((28, 28), 200, np.uint8)


def test_a_picture_takes_the_place_of_the_strokes_and_undo_brings_them_back():
    drawing = dh.Drawing([LINE])
    drawing.start(1, 1)  # a stroke that is still being drawn is kept as well
    drawing.show(PICTURE)
    assert drawing.strokes == [] and np.array_equal(drawing.picture, PICTURE) and not drawing.empty
    drawing.undo()
    assert len(drawing.strokes) == 2 and drawing.picture is None


def test_a_stroke_removes_the_picture_and_undo_brings_it_back():
    drawing = dh.Drawing()
    drawing.show(PICTURE)
    drawing.start(1, 1)
    assert drawing.picture is None and len(drawing.strokes) == 1
    drawing.extend(5, 5)
    drawing.finish()
    assert drawing.picture is None and len(drawing.strokes) == 1
    drawing.undo()
    assert drawing.strokes == [] and np.array_equal(drawing.picture, PICTURE)


def test_whatever_is_done_a_drawing_never_holds_strokes_and_a_picture():
    rng = np.random.default_rng(0)
    drawing = dh.Drawing()
    steps = [
        lambda: drawing.start(1, 1),
        lambda: drawing.extend(5, 5),
        drawing.finish,
        drawing.cancel,
        lambda: drawing.add(LINE),
        lambda: drawing.replace([LINE, LINE]),
        lambda: drawing.replace([LINE, LINE], one_by_one=True),
        lambda: drawing.show(PICTURE),
        drawing.clear,
        drawing.undo,
    ]
    seen = set()
    for step in rng.integers(len(steps), size=2000):
        steps[step]()
        has = bool(drawing.strokes), drawing.picture is not None
        assert drawing.empty == (not any(has))
        seen.add(has)
    assert seen == {(False, False), (True, False), (False, True)}


TWO = [[(1, 2)], [(3, 4), (5, 6)]]


def as_lists(drawing):
    return [stroke.tolist() for stroke in drawing.strokes]


@pytest.mark.parametrize("one_by_one", [False, True])
@pytest.mark.parametrize("before", ["strokes", "picture", "nothing"])
def test_replace_puts_strokes_in_place_of_everything_and_undo_goes_all_the_way_back(before, one_by_one):
    drawing = dh.Drawing([LINE] if before == "strokes" else ())
    if before == "picture":
        drawing.show(PICTURE)
    old = drawing.image
    drawing.replace(TWO, one_by_one)
    assert as_lists(drawing) == [[[1, 2]], [[3, 4], [5, 6]]] and drawing.picture is None
    drawing.undo()
    if one_by_one:
        assert as_lists(drawing) == [[[1, 2]]] and drawing.picture is None
        drawing.undo()
    assert np.array_equal(drawing.image, old)


def test_replacing_by_nothing_is_clearing():
    drawing = dh.Drawing([LINE])
    for _ in range(2):  # the second time there is nothing to clear, and nothing to undo
        drawing.replace([])
        assert drawing.empty and not drawing.starts_fresh
    drawing.undo()
    assert len(drawing.strokes) == 1


def test_strokes_added_together_are_undone_together():
    drawing = dh.Drawing([LINE])
    drawing.start(10, 20)
    drawing.add(*TWO)
    drawing.extend(30, 40)  # the pen was taken away
    assert as_lists(drawing)[1:] == [[[10, 20]], *as_lists(dh.Drawing(TWO))]
    drawing.undo()
    assert as_lists(drawing)[1:] == [[[10, 20]]]
    with pytest.raises(ValueError, match="A stroke is a list"):
        drawing.add(LINE, [])
    assert len(drawing.strokes) == 2


# A hand that starts to draw begins a fresh drawing where it would scribble over something that was put there


def draw_by_hand(drawing):
    drawing.start(1, 1)
    drawing.extend(9, 9)
    drawing.finish()


@pytest.mark.parametrize(
    "put",
    [
        lambda drawing: drawing.replace(TWO),
        lambda drawing: drawing.replace(TWO, one_by_one=True),
        lambda drawing: drawing.show(PICTURE),
    ],
)
def test_a_stroke_after_what_was_put_there_is_alone_and_one_undo_brings_the_rest_back(put):
    drawing = dh.Drawing([LINE])
    put(drawing)
    old = drawing.image
    assert drawing.starts_fresh
    for take_back in (drawing.undo, drawing.cancel):
        drawing.start(1, 1)
        assert as_lists(drawing) == [[[1, 1]]] and not drawing.starts_fresh
        take_back()
        assert np.array_equal(drawing.image, old) and drawing.starts_fresh
    draw_by_hand(drawing)
    draw_by_hand(drawing)
    assert as_lists(drawing) == [[[1, 1], [9, 9]]] * 2, "the second stroke belongs to the first"
    drawing.undo()
    drawing.undo()
    assert np.array_equal(drawing.image, old) and drawing.starts_fresh


def test_a_hand_goes_on_with_its_own_strokes_and_with_strokes_added_to_them():
    drawing = dh.Drawing([LINE])
    draw_by_hand(drawing)
    drawing.add(*TWO)
    draw_by_hand(drawing)
    assert len(drawing.strokes) == 5
    drawing.clear()
    draw_by_hand(drawing)
    drawing.replace(TWO, one_by_one=True)
    drawing.undo()
    draw_by_hand(drawing)
    assert len(drawing.strokes) == 2, "it goes on with what an undo has left of a replay"


def test_the_image_is_what_is_drawn_with_the_drawings_size_and_brush():
    drawing = dh.Drawing([LINE], size=(300, 200), brush=6)
    drawing.start(10, 10)
    assert np.array_equal(drawing.image, dh.rasterize([LINE, [(10, 10)]], (300, 200), 6))
    assert drawing.image.shape == (200, 300) and drawing.image.dtype == np.uint8
    drawing.brush = 30
    assert np.array_equal(drawing.image, dh.rasterize([LINE, [(10, 10)]], (300, 200), 30))
    assert np.array_equal(dh.Drawing([LINE]).image, dh.rasterize([LINE])), "both start with the same size and brush"
    assert dh.Drawing().image.max() == 0


def test_the_image_of_a_picture_is_a_copy_of_it():
    drawing = dh.Drawing(size=(280, 280))
    drawing.show(PICTURE.copy())
    image = drawing.image
    assert np.array_equal(image, PICTURE)
    image[:] = 0
    assert np.array_equal(drawing.picture, PICTURE)


# Pictures of strokes


def test_rasterize_draws_white_on_black_as_wide_as_the_brush():
    image = dh.rasterize([[(140, 40), (140, 240)]], width=18)
    assert image.shape == (280, 280) and image.dtype == np.uint8
    assert image[:, 140].max() == 255 and image[0, 0] == 0
    assert abs(image[140].astype(float).sum() / 255 - 18) < 1, "a line is as wide as the brush"
    assert image[20, 140] == 0 and image[33, 140] > 0, "and ends round, half a brush beyond its last point"


def test_rasterize_smooths_edges():
    image = dh.rasterize([LINE])
    assert ((image > 0) & (image < 255)).sum() > 100


def test_rasterize_a_dot_nothing_and_points_outside():
    assert dh.rasterize([]).max() == 0
    dot = dh.rasterize([[(100, 50)]], width=20)
    assert abs((dot.astype(float) / 255).sum() - np.pi * 100) < 25 and dot[50, 100] == 255
    assert dh.rasterize([[(-500, -500), (-400, -500)]]).max() == 0


def test_rasterize_sizes():
    assert dh.rasterize([LINE], size=(400, 100)).shape == (100, 400)
    assert dh.rasterize([LINE], width=1).max() == 255
    with pytest.raises(ValueError, match="at least one pixel"):
        dh.rasterize([LINE], width=0.9)
    with pytest.raises(ValueError, match="at least one pixel"):
        dh.rasterize([LINE], size=(0, 10))
