"""The sliding kernel without a browser: its numbers, the reader's functions in it, and what a notebook stores."""

import io

import numpy as np
import pytest
from PIL import Image

import digits_helpers as dh
from digits_helpers import layers
from digits_helpers.widgets.sliding_kernel import PRESETS

VIEW = "application/vnd.jupyter.widget-view+json"


def convolve(image, kernel):
    windows = np.lib.stride_tricks.sliding_window_view(image, (3, 3))
    return (windows * kernel).sum(axis=(2, 3))


def max_pool(image):
    side = len(image) // 2
    return image[: 2 * side, : 2 * side].reshape(side, 2, side, 2).max(axis=(1, 3))


@pytest.fixture
def digit():
    return np.random.default_rng(3).random((28, 28), np.float32)


def shown(sliding):
    """The maps as the page gets them, by name."""
    return {one["name"]: np.frombuffer(one["values"], "<f4").reshape(one["shape"]) for one in sliding.maps}


def test_the_products_and_the_sum_are_those_at_the_window(digit):
    sliding = dh.SlidingKernel(digit)
    sliding.set_kernel(np.arange(9).reshape(3, 3))
    sliding.move(4, 20)
    patch, products = sliding.products()
    np.testing.assert_array_equal(patch, digit[4:7, 20:23])
    expected = convolve(digit, np.arange(9).reshape(3, 3))[4, 20]
    assert products.sum() == pytest.approx(expected)
    assert repr(sliding) == f"<SlidingKernel: at row 4, column 20 the nine products sum to {expected:.2f}>"


def test_it_begins_where_the_first_kernel_responds_most(digit):
    found = convolve(digit, [[-1, 0, 1]] * 3)
    assert dh.SlidingKernel(digit).place == [*np.unravel_index(found.argmax(), found.shape)]


def test_without_functions_the_page_has_no_maps_and_no_message(digit):
    assert (dh.SlidingKernel(digit).maps, dh.SlidingKernel(digit).message) == ([], "")


@pytest.mark.parametrize("kernel", PRESETS.values(), ids=PRESETS)
def test_the_maps_are_those_of_the_readers_functions(digit, kernel):
    sliding = dh.SlidingKernel(digit, convolve, max_pool)
    sliding.kernel = kernel  # as the page does it
    found = layers.convolve(digit[None, :, :, None], np.reshape(kernel, (3, 3, 1, 1)).astype(np.float32), 0.0)
    kept = layers.relu(found)
    assert [*shown(sliding)] == ["feature map", "after ReLU", "after pooling"]
    for values, expected in zip(shown(sliding).values(), [found, kept, layers.max_pool(kept)], strict=True):
        np.testing.assert_allclose(values, expected[0, :, :, 0], atol=1e-5)
    assert np.abs(found).max() <= sliding.reach + 1e-5


def test_the_readers_own_functions_run_and_not_ours(digit):
    sliding = dh.SlidingKernel(digit, lambda image, kernel: np.full((26, 26), 7), lambda image: np.full((13, 13), -5))
    assert [values.flat[0] for values in shown(sliding).values()] == [7, 7, -5]


def test_the_colours_reach_to_the_largest_possible_sum(digit):
    sliding = dh.SlidingKernel(digit)
    for kernel, reach in [([[-1, 0, 1]] * 3, 3), (np.ones((3, 3)), 9), (-np.ones((3, 3)), 9), (np.zeros((3, 3)), 1)]:
        sliding.set_kernel(kernel)
        assert sliding.reach == reach


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        (lambda image, kernel: None, "Your convolve returns nothing yet."),
        (lambda image, kernel: ..., "Your convolve returns nothing yet."),
        (lambda image, kernel: image[99], "Your convolve stopped with IndexError: index 99 is out of bounds"),
        (lambda image: image, "Your convolve stopped with TypeError"),
        (lambda image, kernel: image, "Your convolve should return a map of shape (26, 26), not (28, 28)."),
        (lambda image, kernel: 3, "Your convolve should return a map of shape (26, 26), not ()."),
        (lambda image, kernel: "a map", "Your convolve should return an array of numbers, not str."),
        (lambda image, kernel: np.full((26, 26), np.nan), "no numbers (NaN)"),
    ],
)
def test_an_error_in_the_readers_convolve_is_said(digit, wrong, said):
    sliding = dh.SlidingKernel(digit, wrong, max_pool)
    assert said in sliding.message and sliding.maps == []
    assert sliding.message.rstrip(".") in repr(sliding)


def test_an_error_in_the_readers_max_pool_leaves_the_other_maps(digit):
    sliding = dh.SlidingKernel(digit, convolve, lambda image: image)
    assert [*shown(sliding)] == ["feature map", "after ReLU"]
    assert sliding.message == "Your max_pool should return a map of shape (13, 13), not (26, 26)."


def test_an_error_goes_away_with_a_kernel_that_works(digit):
    def picky(image, kernel):
        if kernel[0, 0] == 5:
            raise RuntimeError("I don't like fives")
        return convolve(image, kernel)

    sliding = dh.SlidingKernel(digit, picky)
    sliding.kernel = [5.0] * 9
    assert sliding.message == "Your convolve stopped with RuntimeError: I don't like fives" and sliding.maps == []
    sliding.kernel = PRESETS["Copy"]
    assert sliding.message == "" and len(sliding.maps) == 2


def test_a_function_that_changes_its_arguments_changes_nothing_here(digit):
    def greedy(image, kernel):
        found = convolve(image, kernel)
        image[:], kernel[:] = 0, 0
        return found

    sliding = dh.SlidingKernel(digit, greedy)
    before = shown(sliding)["feature map"].copy()
    sliding.kernel = PRESETS["Copy"]
    sliding.kernel = PRESETS["Left edges"]
    np.testing.assert_array_equal(shown(sliding)["feature map"], before)


@pytest.mark.parametrize("image", [np.zeros((2, 28, 28)), np.zeros((28, 20)), np.zeros((3, 3)), 0.5, np.zeros(784)])
def test_other_shapes_are_refused(image):
    with pytest.raises(ValueError, match="one square image"):
        dh.SlidingKernel(image)


@pytest.mark.parametrize("value", [-0.1, 255, np.nan])
def test_other_values_are_refused(value):
    with pytest.raises(ValueError, match="from 0 to 1"):
        dh.SlidingKernel(np.full((28, 28), value))


def test_what_makes_no_sense_is_refused(digit):
    sliding = dh.SlidingKernel(digit)
    for place in [(-1, 0), (0, 26), (26, 0)]:
        with pytest.raises(ValueError, match="rows and columns 0 to 25"):
            sliding.move(*place)
    with pytest.raises(ValueError, match=r"shape \(3, 3\), not \(9,\)"):
        sliding.set_kernel(range(9))


# What a notebook stores


def picture(sliding):
    data, metadata = sliding._repr_mimebundle_()
    assert data["text/plain"] == repr(sliding) and VIEW in data
    assert metadata["image/png"]["alt"].startswith("A kernel that slides over a digit: at row ")
    image = Image.open(io.BytesIO(data["image/png"]))
    assert image.width == 2 * metadata["image/png"]["width"] and image.height == 2 * metadata["image/png"]["height"]
    return image.convert("RGB")


def test_the_stored_picture_shows_the_maps(digit):
    square = np.zeros((28, 28))
    square[8:20, 8:20] = 1
    plain, full = picture(dh.SlidingKernel(square)), picture(dh.SlidingKernel(square, convolve, max_pool))
    assert full.height > plain.height + 400
    colours = full.crop((0, plain.height, full.width, full.height)).getcolors(2**24)
    common = {colour for count, colour in colours if count > 1000}
    assert (0, 114, 178) in common and (213, 94, 0) in common  # left edges are blue, right ones orange


def test_the_stored_picture_shows_another_place_and_a_message(digit):
    sliding = dh.SlidingKernel(digit)
    before = picture(sliding)
    sliding.move(0, 0)
    assert before.tobytes() != picture(sliding).tobytes()
    assert picture(dh.SlidingKernel(digit, lambda *_: None)).height > before.height
