import matplotlib

matplotlib.use("Agg")

import matplotlib.pyplot as plt
import numpy as np
import pytest

import digits_helpers as dh


@pytest.fixture(autouse=True)
def close_figures():
    yield
    plt.close("all")


def digits_of(n, dtype=np.uint8):
    return np.random.default_rng(0).integers(0, 256, (n, 28, 28)).astype(dtype)


def shown(figure):
    return [np.asarray(axis.images[0].get_array()) for axis in figure.axes]


def test_every_image_is_drawn_once_in_order():
    images = digits_of(13)
    figure = dh.show_digits(images)
    assert np.array_equal(shown(figure), images)
    assert all(not axis.axison for axis in figure.axes)


def test_rows_and_columns():
    figure = dh.show_digits(digits_of(13), columns=5)
    grid = figure.axes[0].get_gridspec()
    assert (grid.nrows, grid.ncols) == (3, 5)
    assert dh.show_digits(digits_of(3)).axes[0].get_gridspec().ncols == 3, "no empty columns for a short row"


def test_one_image():
    image = digits_of(1)[0]
    assert np.array_equal(shown(dh.show_digits(image)), [image])


def test_titles_may_be_labels():
    figure = dh.show_digits(digits_of(2), titles=np.array([5, 0], np.uint8))
    assert [axis.get_title() for axis in figure.axes] == ["5", "0"]
    one = dh.show_digits(digits_of(1)[0], titles=["five"])
    assert one.axes[0].get_title() == "five"


@pytest.mark.parametrize("scale, dtype", [(1, np.uint8), (255, np.float32)])
def test_white_ink_on_black_whatever_else_is_shown(scale, dtype):
    faint = np.zeros((1, 28, 28), np.uint8)
    faint[0, 5:23, 14] = 51
    picture = dh.show_digits((faint / scale).astype(dtype)).axes[0].images[0]
    grey = picture.to_rgba(picture.get_array())[..., 0]
    assert grey.min() == 0 and grey.max() == pytest.approx(0.2, abs=0.01)


@pytest.mark.parametrize("shape", [(28,), (2, 27, 28), (2, 28, 28, 1), (28, 28, 2)])
def test_wrong_shapes_are_named(shape):
    with pytest.raises(ValueError, match=r"\(28, 28\) or \(n, 28, 28\), not \(" + str(shape[0])):
        dh.show_digits(np.zeros(shape))


def test_other_mistakes_are_named():
    with pytest.raises(ValueError, match="no images"):
        dh.show_digits(np.zeros((0, 28, 28)))
    with pytest.raises(ValueError, match="3 images, not 2 titles"):
        dh.show_digits(digits_of(3), titles=["a", "b"])
    with pytest.raises(ValueError, match="divide by 255"):
        dh.show_digits(digits_of(2, np.float32))
    with pytest.raises(ValueError, match="from 0 to 1"):
        dh.show_digits(np.full((28, 28), np.nan))
    for columns in (0, -3):
        with pytest.raises(ValueError, match=f"1 column or more, not {columns}"):
            dh.show_digits(digits_of(2), columns=columns)
    assert not plt.get_fignums(), "a refused call leaves no empty figure behind"
