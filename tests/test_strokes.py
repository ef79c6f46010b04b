"""Drawings and their pictures."""

import numpy as np
import pytest
from PIL import Image

import digits_helpers as dh
from digits_helpers.strokes import Paper

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
    drawing.start(1, 1)
    drawing.clear()
    drawing.undo()
    assert len(drawing.strokes) == 2, "a stroke that was open when Clear came is not lost"


@pytest.mark.parametrize(
    ("points", "says"),
    [([], "one or more"), ([1, 2, 3], "shape"), ([(1, 2, 3)], "shape"), ([(1, np.nan)], "finite"), ("no", "numbers")],
)
def test_what_is_no_stroke_is_refused(points, says):
    drawing = dh.Drawing([LINE])
    with pytest.raises(ValueError, match=says):
        drawing.add(points)
    assert len(drawing.strokes) == 1


@pytest.mark.parametrize("strokes", [5, None, np.float32(1), Image.new("L", (28, 28))])
@pytest.mark.parametrize("give", [dh.Drawing, dh.rasterize, dh.group_strokes])
def test_what_is_no_list_of_strokes_is_refused(give, strokes):
    with pytest.raises(ValueError, match="Strokes are given as a list, .*for a picture, give an array"):
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


def test_save_and_load_one_drawing(tmp_path):
    path = tmp_path / "seven.json"
    drawing = dh.Drawing([LINE], size=(300, 200), label=7)
    drawing.start(1, 2)  # a stroke that is still being drawn is kept as well
    drawing.save(str(path))
    loaded = dh.Drawing.load(str(path))
    assert loaded.size == (300, 200) and loaded.label == 7
    assert [stroke.tolist() for stroke in loaded.strokes] == [[[40, 40], [200, 220]], [[1, 2]]]
    assert loaded.strokes[0].dtype == np.float32


@pytest.mark.parametrize("count", [0, 2])
def test_load_wants_exactly_one_drawing(count, tmp_path):
    path = tmp_path / "some.json"
    dh.save_drawings(path, [dh.Drawing([LINE])] * count)
    with pytest.raises(ValueError, match=f"some.json holds {count} drawings, not one"):
        dh.Drawing.load(path)


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


@pytest.mark.parametrize("width", [1, 4, 17.3, 40])
def test_a_stroke_drawn_piece_by_piece_is_pixel_for_pixel_the_whole_one(width):
    rng = np.random.default_rng(0)
    for _ in range(20):
        strokes = [rng.normal(140, 90, (rng.integers(1, 30), 2)).astype(np.float32) for _ in range(3)]
        paper = Paper(width=width)
        for number, stroke in enumerate(strokes):
            paper.draw(stroke[:1])
            for last in range(1, len(stroke)):
                paper.draw(stroke[last - 1 : last + 1])
                so_far = [*strokes[:number], stroke[: last + 1]]
            if len(stroke) > 1:
                assert np.array_equal(paper.picture(), dh.rasterize(so_far, width=width))
        assert np.array_equal(paper.picture(), dh.rasterize(strokes, width=width))


def test_the_picture_is_the_whole_papers_wherever_the_ink_is():
    # Only the rectangle that holds ink is looked at: halving all of the paper must give the same.
    rng = np.random.default_rng(0)
    for _ in range(200):
        size = tuple(rng.integers(1, 300, 2).tolist())
        paper = Paper(size, rng.uniform(1, 50))
        paper.draw(rng.normal(rng.uniform(-60, 340, 2), rng.uniform(1, 90), (rng.integers(1, 20), 2)))
        assert np.array_equal(paper.picture(), np.asarray(paper._twice.reduce(2)))
