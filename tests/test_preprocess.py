"""The preparation does to a drawing what was done to MNIST's digits."""

import warnings

import numpy as np
import pytest

import digits_helpers as dh


@pytest.fixture
def canvas():
    return dh.rasterize(dh.write_digit(4))


def test_prepare_gives_mnist_digits_back(sample):
    # They are in their box and in their place already: nothing moves, and no grey level changes beyond rounding.
    off = [int(abs(np.rint(255 * dh.prepare(image)) - image).max()) for image in sample.x_test]
    assert np.mean(np.array(off) <= 1) > 0.995


def test_prepare_gives_what_a_network_takes(canvas):
    ready = dh.prepare(canvas)
    assert ready.shape == (28, 28) and ready.dtype == np.float32
    assert ready.min() == 0 and ready.max() == 1


def test_stages(canvas):
    stages = dh.prepare_stages(canvas)
    assert list(stages) == ["ink", "crop", "box", "centred"]
    assert all(stage.dtype == np.uint8 for stage in stages.values())
    assert max(stages["box"].shape) == 20 and stages["box"].max() == 255
    assert np.array_equal(stages["centred"].astype(np.float32) / 255, dh.prepare(canvas))


def test_the_same_for_white_on_black_and_black_on_white_in_grey_and_colour(canvas):
    expected = dh.prepare(canvas)
    inverted = 255 - canvas
    alike = {
        "black on white": inverted,
        "floats": canvas / 255,
        "one channel": canvas[..., np.newaxis],
        "RGB": np.stack([canvas] * 3, axis=-1),
        "RGB, black on white": np.stack([inverted] * 3, axis=-1),
        "RGBA": np.dstack([inverted] * 3 + [np.full_like(canvas, 255)]),
        "black ink on transparent paper": np.dstack([np.zeros_like(canvas)] * 3 + [canvas]),
        "white ink on transparent paper": np.dstack([np.full_like(canvas, 255)] * 3 + [canvas]),
    }
    for name, picture in alike.items():
        assert abs(dh.prepare(picture) - expected).max() < 0.01, name


def test_blue_ink_on_yellow_paper(canvas):
    paper, ink = np.array([250, 240, 180]), np.array([20, 40, 160])
    share = canvas[..., np.newaxis] / 255
    picture = np.rint(paper * (1 - share) + ink * share).astype(np.uint8)
    assert abs(dh.prepare(picture) - dh.prepare(canvas)).max() < 0.05


def test_a_digit_that_fills_half_of_the_picture_is_told_from_its_paper_by_the_border():
    heavy = dh.rasterize([[(90, 60), (190, 60), (190, 220), (90, 220), (90, 60), (140, 140)]], width=90)
    assert (heavy > 0).mean() > 0.5
    assert np.array_equal(dh.prepare(heavy), dh.prepare(255 - heavy))


@pytest.mark.parametrize("shape", [(28, 28), (40, 400), (400, 40), (1000, 1500), (3, 3)])
def test_any_size(shape):
    picture = np.zeros(shape, np.uint8)
    picture[1:-1, 1:-1] = 200
    assert dh.prepare(picture).max() == 1


def test_place_does_not_matter():
    small = np.zeros((280, 280), np.uint8)
    digit = dh.crop_to_ink(dh.rasterize(dh.write_digit(5)))
    here, there = small.copy(), small.copy()
    here[3 : 3 + digit.shape[0], 5 : 5 + digit.shape[1]] = digit
    there[60 : 60 + digit.shape[0], 90 : 90 + digit.shape[1]] = digit
    assert np.array_equal(dh.prepare(here), dh.prepare(there))


def test_one_pixel():
    picture = np.zeros((50, 50), np.uint8)
    picture[7, 9] = 1
    ready = dh.prepare(picture)
    assert (ready == 1).sum() == 400, "a dot fills the box"
    assert ready[4:24, 4:24].min() == 1


def test_a_straight_line_keeps_its_proportions():
    upright, level = np.zeros((100, 100), np.uint8), np.zeros((100, 100), np.uint8)
    upright[10:90, 50:52] = 255
    level[50:52, 10:90] = 255
    assert dh.prepare(upright).any(axis=1).sum() == 20 and dh.prepare(upright).any(axis=0).sum() == 1
    assert np.array_equal(dh.prepare(upright), dh.prepare(level).T)


@pytest.mark.parametrize(("ink", "speck"), [(0, 255), (220, 0)])
def test_a_few_odd_pixels_do_not_decide_what_is_ink(canvas, ink, speck):
    grey = np.where(canvas > 127, ink, 120).astype(np.uint8)
    spotted = grey.copy()
    spotted[5, 5] = spotted[270, 8:11] = speck
    assert np.array_equal(dh.as_ink(spotted), dh.as_ink(grey))
    assert np.array_equal(dh.prepare(255 - spotted), dh.prepare(255 - grey))


def test_white_ink_on_black_paper_is_ink_as_it_is(canvas):
    ink = dh.as_ink(canvas)
    assert ink.dtype == np.uint8 and np.array_equal(ink, canvas) and ink is not canvas
    assert np.array_equal(ink, dh.as_ink(canvas / 255)), "floats go the long way round"
    canvas = canvas.copy()
    canvas[0, 100:120] = 255
    assert np.array_equal(dh.as_ink(canvas), canvas), "and so does ink that leaves the picture"


@pytest.mark.parametrize("blank", [np.zeros((28, 28), np.uint8), np.full((9, 9), 255, np.uint8), np.full((9, 9), 0.5)])
def test_blank_paper_says_so(blank):
    with pytest.raises(ValueError, match="Nothing is drawn"):
        dh.prepare(blank)


def test_lines_that_vanish_in_the_box_are_said_to_be_too_faint_and_thin():
    faint = np.full((1000, 1000), 255, np.uint8)
    faint[100, 300:700] = faint[100:900, 500] = 240
    with warnings.catch_warnings(), pytest.raises(ValueError, match="Nothing is drawn: .* too faint and thin"):
        warnings.simplefilter("error")
        dh.prepare(faint)
    faint[faint < 255] = 0
    assert dh.prepare(faint).max() == 1, "thin alone is not too thin"


@pytest.mark.parametrize(
    ("picture", "says"),
    [
        (np.zeros(784, np.uint8), "shape"),
        (np.zeros((2, 28, 28), np.uint8), "shape"),
        (np.zeros((0, 5), np.uint8), "shape"),
        (np.zeros((0, 5)), "shape"),
        (np.full((28, 28), 255.0), "from 0 to 1"),
        (np.full((28, 28), np.nan), "from 0 to 1"),
        (np.zeros((28, 28), np.int64), "uint8"),
        ([["a", "b"]], "uint8"),
    ],
)
def test_what_is_no_picture_is_refused(picture, says):
    with pytest.raises(ValueError, match=says):
        dh.prepare(picture)


def test_fit_to_box_averages_areas():
    # Each of the box's pixels covers ten by ten of the crop's: half of them white makes it half grey.
    crop = np.zeros((200, 200), np.uint8)
    crop[:, ::2] = 255
    crop[:10, :10] = 255
    box = dh.fit_to_box(crop)
    assert box[0, 0] == 255 and abs(int(box[10, 10]) - 128) <= 1


def test_center_by_mass_shifts_by_whole_pixels_to_the_middle():
    rng = np.random.default_rng(0)
    for _ in range(50):
        box = rng.integers(1, 256, (20, rng.integers(3, 21)), dtype=np.uint8)
        centred = dh.center_by_mass(box)
        rows, columns = np.indices(centred.shape)
        assert abs((centred * rows).sum() / centred.sum() - 14) <= 0.5 + 1e-6
        assert abs((centred * columns).sum() / centred.sum() - 14) <= 0.5 + 1e-6
        assert np.array_equal(dh.crop_to_ink(centred), box), "no pixel has changed"


def test_center_by_mass_never_loses_ink():
    lopsided = np.full((20, 20), 1, np.uint8)
    lopsided[:, 0] = 255
    assert dh.center_by_mass(lopsided).sum() == lopsided.sum()
    with pytest.raises(ValueError, match="doesn't fit"):
        dh.center_by_mass(np.ones((29, 5), np.uint8))
    with pytest.raises(ValueError, match="Nothing is drawn"):
        dh.center_by_mass(np.zeros((20, 20), np.uint8))
