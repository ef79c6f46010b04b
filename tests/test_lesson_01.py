"""What lesson 01 builds by hand does the same as the package, its solutions pass, and its mistakes get hints."""

import matplotlib

matplotlib.use("Agg")

import re

import matplotlib.pyplot as plt
import nbformat
import numpy as np
import pytest
from lesson_code import NOTEBOOKS, function_from
from sklearn.neighbors import KNeighborsClassifier

import digits_helpers as dh
from digits_helpers import checks
from digits_helpers.widgets.mnist_browser import euclidean, ranks, slants

LESSON = "01-meet-the-data"


def random_digits(n):
    return np.random.default_rng(0).integers(0, 256, (n, 28, 28), dtype=np.uint8)


def solution(name):
    """The function as the lesson's folded solution defines it."""
    cells = nbformat.read(NOTEBOOKS / f"{LESSON}.ipynb", as_version=4).cells
    text = "\n".join(cell.source for cell in cells if cell.cell_type == "markdown")
    (code,) = re.findall(rf"(?s)```python\n(def {name}\(.*?)```", text)
    names = {"np": np}
    exec(code, names)
    return names[name]


# By hand and in the package


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


def test_slant_is_the_browsers(sample):
    rows, columns = np.mgrid[:28, :28].reshape(2, -1)
    slant = function_from(LESSON, "slant", np=np, rows=rows, columns=columns)
    images = sample.x_train[:200]
    by_hand = np.array([slant(image / 255) for image in images])
    assert np.allclose(by_hand, slants(images), atol=1e-4) and np.ptp(by_hand) > 0.5


def test_thickness_is_the_browsers(sample):
    browser = dh.MnistBrowser(sample)
    browser.digit, browser.thickness = 8, 0
    shown = np.frombuffer(browser.images, np.uint8).reshape(-1, 28, 28) / np.float32(255)
    x_train = sample.x_train / np.float32(255)  # the lesson's thickness: images.mean(axis=(1, 2))
    thickness = x_train[sample.y_train == 8].mean(axis=(1, 2))
    assert shown.mean(axis=(1, 2)).max() <= np.quantile(thickness, 0.1)


def test_leaning_keeps_the_thickness_and_sorts_by_slant(sample):
    rows, columns = np.mgrid[:28, :28].reshape(2, -1)
    slant = function_from(LESSON, "slant", np=np, rows=rows, columns=columns)
    x_train = sample.x_train / np.float32(255)
    leaning = function_from(LESSON, "leaning", np=np, x_train=x_train, digits=sample, slant=slant)
    for digit in (1, 4):
        images = leaning(digit)
        leans = [slant(image) for image in images]
        own = x_train[sample.y_train == digit]
        standing = ranks(own.mean(axis=(1, 2)), np.zeros(len(own)))
        assert len(images) == 8 and leans == sorted(leans) and leans[0] < 0 < leans[-1]
        for image in images:
            (place,) = np.flatnonzero((own == image).all(axis=(1, 2)))
            assert 39 <= standing[place] <= 61


def test_distances_are_the_browsers_and_give_scikit_learns_nearest_neighbour(sample):
    distances, x = solution("distances"), sample.x_train[:300] / np.float32(255)
    new = sample.x_test[:20] / np.float32(255)
    known = KNeighborsClassifier(n_neighbors=1).fit(x.reshape(300, -1), sample.y_train[:300])
    found = known.kneighbors(new.reshape(20, -1), return_distance=False).ravel()
    for image, place in zip(new, found, strict=True):
        assert np.array_equal(distances(image, x), euclidean(image, x))
        assert distances(image, x).argmin() == place


def test_normalise_gives_what_the_predictor_asks_for():
    normalise, add_axes = solution("normalise"), solution("add_axes")
    predict, images = dh.Predictor(), random_digits(3)
    with pytest.raises(ValueError, match="255"):
        predict(images)
    assert np.array_equal(predict(normalise(images)), predict(images / np.float32(255)))
    assert dh.load_pretrained()(add_axes(normalise(images))).shape == (3, 10)
    assert np.shares_memory(images, add_axes(images))


def test_function_from_names_what_the_lesson_does_not_define():
    with pytest.raises(LookupError, match="nowhere"):
        function_from(LESSON, "nowhere")


# The checks: solutions pass, and each likely mistake gets a hint


@pytest.mark.parametrize("name", ["normalise", "add_axes", "distances"])
def test_the_solution_passes_and_the_stub_gets_a_hint(name, capsys):
    getattr(checks, name)(solution(name))
    assert capsys.readouterr().out == f"✅ {name}\n"
    getattr(checks, name)(function_from(LESSON, name, np=np))
    assert "not written yet" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("name", "answer", "hint"),
    [
        ("normalise", lambda i: i / 255, "expected float32, not float64"),
        ("normalise", lambda i: i.astype(np.float32), "divide by 255"),
        ("normalise", lambda i: (i // 255).astype(np.float32), "divide after you've converted"),
        ("normalise", lambda i: (i / 256).astype(np.float32), "not 256"),
        ("normalise", lambda i: i.astype(np.float32).ravel() / 255, "the shape changed"),
        ("normalise", lambda i: 1 - i.astype(np.float32) / 255, "should become 0, 0.2, 0.4 and 1, not 1, 0.8"),
        ("add_axes", lambda i: i[..., np.newaxis], "a single image also needs the first axis"),
        ("add_axes", lambda i: np.reshape(i, (-1, 784)), "one long row"),
        ("add_axes", lambda i: i[np.newaxis], "the new axis came first"),
        ("add_axes", lambda i: np.reshape(i, (2, 28, 28, 1)), "stopped with ValueError"),
        ("add_axes", lambda i: np.reshape(i, (-1, 28, 28)), r"should give shape (2, 28, 28, 1), not (2, 28, 28)"),
        ("add_axes", lambda i: np.reshape(i.T, (-1, 28, 28, 1)), "changed their places"),
        ("distances", lambda a, b: np.sqrt(((b - a) ** 2).sum()), "one number for all images"),
        ("distances", lambda a, b: np.abs(b - a), "sum them over axis=(1, 2)"),
        ("distances", lambda a, b: np.sqrt(((b - a) ** 2).sum(axis=0)), "shape (3,), not (28, 28)"),
        ("distances", lambda a, b: (b - a).sum(axis=(1, 2)), "square them before"),
        ("distances", lambda a, b: (b - a).sum(axis=(1, 2)) ** 2, "squared the sum"),
        ("distances", lambda a, b: abs((b - a).sum(axis=(1, 2))), "cancel"),
        ("distances", lambda a, b: abs(b - a).sum(axis=(1, 2)), "absolute differences"),
        ("distances", lambda a, b: ((b - a) ** 2).sum(axis=(1, 2)), "square root is missing"),
        ("distances", lambda a, b: np.sqrt(((b - a) ** 2).mean(axis=(1, 2))), "mean of squares"),
        ("distances", lambda a, b: np.ones(3), "expected 0.000, 0.500"),
    ],
)
def test_a_mistake_gets_its_hint(name, answer, hint, capsys):
    getattr(checks, name)(answer)
    said = capsys.readouterr().out
    assert said.startswith(f"❌ {name}: ") and hint in said


# The numbers that the lesson can't compute on the sample


def test_the_halves_of_the_test_set(all_of_mnist):
    wrong = dh.Predictor()(all_of_mnist.x_test / np.float32(255)).argmax(axis=1) != all_of_mnist.y_test
    assert abs(wrong[:5000].sum() - 28) <= 1 and abs(wrong[5000:].sum() - 9) <= 1
