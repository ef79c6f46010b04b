"""What lesson 01 builds by hand does the same as the package."""

import matplotlib

matplotlib.use("Agg")

import matplotlib.pyplot as plt
import numpy as np
import pytest
from lesson_code import function_from

import digits_helpers as dh

LESSON = "01-meet-the-data"


def random_digits(n):
    return np.random.default_rng(0).integers(0, 256, (n, 28, 28), dtype=np.uint8)


@pytest.mark.parametrize("n", [2, 10])
def test_show_digits_draws_the_same_pixels_as_the_package(n):
    by_hand = function_from(LESSON, "show_digits", plt=plt)
    images, titles = random_digits(n), np.arange(n)
    pictures = []
    for show in (by_hand, dh.show_digits):
        figure = show(images, titles)
        figure.canvas.draw()
        pictures.append(np.asarray(figure.canvas.buffer_rgba()).copy())
        plt.close(figure)
    assert np.array_equal(*pictures)
    assert np.ptp(pictures[0][..., :3]) == 255, "a blank figure would pass, too"


def test_normalise_keeps_every_grey_level_in_float32():
    normalise = function_from(LESSON, "normalise", np=np)
    levels = np.arange(256, dtype=np.uint8).reshape(1, 16, 16)
    result = normalise(levels)
    assert result.dtype == np.float32 and result.shape == levels.shape
    assert (result.min(), result.max()) == (0, 1)
    assert np.array_equal(np.rint(result * 255), levels)


def test_normalise_gives_what_the_predictor_asks_for():
    normalise = function_from(LESSON, "normalise", np=np)
    predict, images = dh.Predictor(dh.build_cnn()), random_digits(3)
    with pytest.raises(ValueError, match="255"):
        predict(images)
    assert np.array_equal(predict(normalise(images)), predict(images / 255))


def test_function_from_names_what_the_lesson_does_not_define():
    with pytest.raises(LookupError, match="nowhere"):
        function_from(LESSON, "nowhere")
