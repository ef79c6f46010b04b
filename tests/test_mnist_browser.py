"""The MNIST browser, without a page: what it finds, what it says, and what it stores."""

import io
import re

import numpy as np
import pytest
from IPython.core.formatters import DisplayFormatter
from PIL import Image

import digits_helpers as dh
from digits_helpers.widgets.mnist_browser import ANY, BLOCK, NEAREST, SHOWN, euclidean, ranks, slants

VIEW = "application/vnd.jupyter.widget-view+json"


@pytest.fixture(scope="module")
def mine(tmp_path_factory):
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(tmp_path_factory.mktemp("empty"))
        return dh.my_digits()


@pytest.fixture
def browser(sample, mine):
    return dh.MnistBrowser(sample, mine)


def pictures(content):
    return np.frombuffer(content, np.uint8).reshape(-1, 28, 28)


def places(sample, content):
    """Where the images are in the training set."""
    known = {image.tobytes(): place for place, image in enumerate(sample.x_train)}
    return [known[image.tobytes()] for image in pictures(content)]


# What it finds


def test_at_first_it_shows_a_mixture(browser, sample):
    assert len(pictures(browser.images)) == SHOWN and len(set(browser.labels)) >= 7
    assert sample.y_train[places(sample, browser.images)].tolist() == browser.labels
    assert browser.summary == "4,000 of 4,000 images match. Any digit, any thickness, any slant."


def test_it_filters_by_digit_thickness_and_slant(browser, sample):
    thickness, slant = sample.x_train.mean(axis=(1, 2)), slants(sample.x_train)
    browser.digit = 4
    assert browser.labels == [4] * SHOWN and browser.summary.startswith("400 of 4,000")
    for name, values in [("thickness", thickness), ("slant", slant)]:
        own = values[sample.y_train == 4]
        for position, low, high in [(0, 0, 10), (100, 90, 100), (50, 45, 55)]:
            setattr(browser, name, position)
            shown = values[places(sample, browser.images)]
            below = [(own < value).mean() * 100 for value in shown]
            assert len(shown) == SHOWN and min(below) >= low and max(below) < high
            assert browser.summary.startswith("40 of") and f"{name} from {low} to {high} %" in browser.summary
        setattr(browser, name, ANY)


def test_other_images_are_others_until_all_have_been_shown(browser, sample):
    browser.digit, browser.slant = 7, 100
    seen = set()
    for page in range(2):
        browser.page = page
        seen |= set(places(sample, browser.images))
    assert len(seen) == 40


def test_few_images_or_none_match(mine):
    images = np.zeros((3, 28, 28), np.uint8)
    images[:, 5:20, 14] = 200
    few = dh.MnistBrowser(dh.Digits(images, np.array([1, 1, 2]), images, [], "folder"))
    few.digit = 1
    assert few.labels == [1, 1]
    few.digit = 9
    assert few.labels == [] and few.images == b"" and few.summary.startswith("0 of 3 images match.")
    assert few._repr_mimebundle_()[0]["image/png"]


def test_slant_is_to_the_right_when_the_top_is():
    upright, right, left = np.zeros((3, 28, 28), np.uint8)
    rows = np.arange(6, 22)
    upright[rows, 14], right[rows, 27 - rows], left[rows, rows] = 255, 255, 255
    assert np.allclose(slants(np.stack([upright, right, left])), [0, 1, -1], atol=1e-4)
    assert np.isfinite(slants(np.zeros((1, 28, 28)) + np.eye(28)[:1])).all(), "ink in one row only"


def test_ranks_are_within_each_digit():
    values, labels = np.array([5, 1, 3, 100, 200]), np.array([0, 0, 0, 1, 1])
    assert np.allclose(ranks(values, labels), [200 / 3, 0, 100 / 3, 0, 50])


# The nearest images


def test_the_nearest_are_those_of_a_search_through_everything(browser, sample, mine):
    everything = sample.x_train.reshape(-1, 784) / 255
    for place in (1, 18):
        browser.picked = place
        distances = np.linalg.norm(everything - mine.images[place].ravel(), axis=1)
        nearest = np.argsort(distances)[:NEAREST]
        assert np.allclose(browser.near_distances, distances[nearest], atol=1e-4)
        assert places(sample, browser.near) == nearest.tolist()
        assert browser.near_labels == sample.y_train[nearest].tolist()
    found, distances = browser.nearest(sample.x_train[1234] / np.float32(255), count=3)
    assert (found[0], distances[0]) == (1234, 0) and len(found) == 3


def test_it_runs_the_readers_function_in_blocks(sample, mine):
    asked = []

    def city_blocks(image, images):
        asked.append((image.shape, image.dtype, images.shape, images.dtype, images.max()))
        image[:] = 7  # changes a copy
        return abs(images - mine.images[0]).sum(axis=(1, 2))

    before = mine.images.copy()
    browser = dh.MnistBrowser(sample, mine, city_blocks)
    assert asked == [((28, 28), np.float32, (BLOCK, 28, 28), np.float32, 1)] * (len(sample.x_train) // BLOCK)
    assert np.array_equal(mine.images, before)
    distances = abs(sample.x_train / np.float32(255) - mine.images[0]).sum(axis=(1, 2))
    assert np.allclose(browser.near_distances, np.sort(distances)[:NEAREST], rtol=1e-5) and browser.message == ""


@pytest.mark.parametrize("nothing", [None, ...])
def test_until_the_function_is_written_ours_stands_in(sample, mine, browser, nothing):
    waiting = dh.MnistBrowser(sample, mine, lambda image, images: nothing)
    assert waiting.message == "Your function returns nothing yet, so this uses ours."
    assert waiting.near_distances == browser.near_distances
    assert waiting.message in repr(waiting)


@pytest.mark.parametrize(
    ("function", "complaint"),
    [
        (lambda image, images: image.mising, "Your function stopped with AttributeError: "),
        (lambda image, images: 3.0, r"Expected one distance per image, so shape \(2000,\), not \(\)\."),
        (lambda image, images: images - image, r"so shape \(2000,\), not \(2000, 28, 28\)"),
        (lambda image: 0, "Your function stopped with TypeError: "),
    ],
)
def test_a_function_that_fails_is_reported_and_the_next_try_counts(sample, mine, function, complaint):
    broken = True
    browser = dh.MnistBrowser(sample, mine, lambda *both: function(*both) if broken else euclidean(*both))
    assert re.search(complaint, browser.message)
    assert browser.near_labels == [] and browser._repr_mimebundle_()[0]["image/png"]
    broken = False
    browser.picked = 1
    assert browser.message == "" and len(browser.near_labels) == NEAREST


# What a notebook stores


def test_it_shows_its_view_a_picture_and_a_line_of_text(browser, monkeypatch):
    published = []
    monkeypatch.setattr(
        "digits_helpers.widgets.with_picture.display", lambda data, metadata, raw: published.append((data, metadata))
    )
    data, metadata = DisplayFormatter().format(browser)
    data, metadata = published[0] if published else (data, metadata)  # ipywidgets 7 displays, 8 has a result
    assert data["text/plain"] == repr(browser) and "Nearest to your 0: 0, 0" in repr(browser)
    assert data[VIEW]["model_id"] == browser.model_id
    picture = Image.open(io.BytesIO(data["image/png"]))
    about = metadata["image/png"]
    assert picture.size == (2 * about["width"], 2 * about["height"]) and "4,000 images match" in about["alt"]


def test_the_picture_has_the_readers_digit_and_its_neighbours_in_it(browser, sample):
    picture = np.asarray(Image.open(io.BytesIO(browser._repr_mimebundle_()[0]["image/png"])).convert("L"))
    top, left, side = 2 * (16 + 22), 2 * 16, 2 * 84
    mine = picture[top : top + side, left : left + side][3::6, 3::6]  # the middle of each enlarged pixel
    assert np.abs(mine.astype(int) - pictures(browser.mine)[0])[2:-2, 2:-2].max() <= 16
    assert dh.MnistBrowser(sample)._repr_mimebundle_()[0]["image/png"] != browser._repr_mimebundle_()[0]["image/png"]
