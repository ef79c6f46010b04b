"""The learning templates without a browser: their numbers, what a reader's mistake says, and what a notebook stores."""

import io

import numpy as np
import pytest
from IPython.core.formatters import DisplayFormatter
from PIL import Image

import digits_helpers as dh

VIEW = "application/vnd.jupyter.widget-view+json"
RNG = np.random.default_rng(2)
IMAGES, LABELS = RNG.random((40, 784), np.float32) * (RNG.random((40, 784)) > 0.8), np.arange(40) % 10


@pytest.fixture(autouse=True)
def in_an_empty_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


def gradient(images, targets, weights, biases):
    errors = images @ weights + biases - targets
    return 2 * images.T @ errors / len(images), 2 * errors.mean(axis=0)


def templates(function=gradient, **options):
    return dh.LearningTemplates(function, IMAGES, LABELS, **options)


def press(shown, **message):
    """As if the page had sent a message."""
    shown._handle_custom_msg(message, [])


def test_steps_are_those_of_gradient_descent():
    shown = templates()
    press(shown, steps=1)
    press(shown, steps=4)
    weights, biases, targets = np.zeros((784, 10)), np.zeros(10), np.eye(10)[LABELS]
    for _ in range(5):
        slopes, bias_slopes = gradient(IMAGES, targets, weights, biases)
        weights, biases = weights - 0.02 * slopes, biases - 0.02 * bias_slopes
    np.testing.assert_allclose(np.frombuffer(shown.weights, "<f4").reshape(10, 784), weights.T, atol=1e-6)
    np.testing.assert_allclose(shown.biases, biases, atol=1e-6)
    loss = ((IMAGES @ weights + biases - targets) ** 2).sum(axis=1).mean()
    assert shown.curves[1][0] == [0, 1.0] and [step for step, _ in shown.curves[1]] == [0, 1, 5]
    assert shown.curves[1][-1][1] == pytest.approx(loss, rel=1e-4)
    assert (shown.step, shown.rate, shown.message) == (5, 0.02, "")


def test_another_learning_rate_starts_again_and_the_old_curve_stays():
    shown = templates(rates=[0.001, 0.01])
    shown.learn(2)
    press(shown, rate=0.001)
    assert (shown.step, shown.rate) == (0, 0.001) and not np.frombuffer(shown.weights, "<f4").any()
    shown.learn(1)
    assert [len(curve) for curve in shown.curves] == [2, 2]
    with pytest.raises(ValueError, match="one of the learning rates"):
        shown.start(5)


def test_it_shows_the_readers_digits_or_the_stand_ins():
    shown = templates()
    assert shown.labels == [*range(10)] * 2
    assert len(shown.digits) == 20 * 784 and max(shown.digits) == 255
    mine = dh.my_digits()
    few = mine._replace(images=mine.images[3:5], labels=mine.labels[3:5])
    assert templates(own=few).labels == [3, 4]


@pytest.mark.parametrize(
    "mistake, words",
    [
        (lambda *_: None, "returns nothing yet"),
        (lambda *_: ..., "returns nothing yet"),
        (lambda *_: 1 / 0, "stopped with ZeroDivisionError"),
        (lambda x, *_: x @ x, "stopped with ValueError"),
        (lambda *_: 3, "return two arrays"),
        (lambda x, y, w, b: w, "return two arrays"),
        (lambda x, y, w, b: (w.T, b), r"(784, 10) and (10,), not (10, 784) and (10,)"),
    ],
)
def test_a_mistake_in_the_readers_function_is_said_in_words(mistake, words):
    shown = templates(mistake)
    press(shown, steps=1)
    assert words in shown.message and shown.step == 0
    press(shown, steps=1)
    assert words in shown.message, "also the second time"
    data, metadata = shown._repr_mimebundle_()
    assert words in metadata["image/png"]["alt"]
    assert Image.open(io.BytesIO(data["image/png"])).size[1] < 300


def test_a_function_that_changes_its_arguments_does_no_harm():
    def careless(images, targets, weights, biases):
        result = gradient(images, targets, weights, biases)
        weights += 1
        return result

    one, other = templates(), templates(careless)
    one.learn(2)
    other.learn(2)
    assert one.weights == other.weights


def test_a_rate_far_too_high_ends_in_words_and_the_numbers_stay_finite():
    shown = templates(rates=[1.0])
    for _ in range(40):
        press(shown, steps=10)
    assert "Choose a lower learning rate" in shown.message
    assert np.isfinite(np.frombuffer(shown.weights, "<f4")).all()
    assert np.isfinite([loss for _, loss in shown.curves[0]]).all()


@pytest.mark.parametrize("images, labels", [(IMAGES[:, :50], LABELS), (IMAGES, LABELS[:3]), (IMAGES[0], LABELS)])
def test_other_shapes_are_refused(images, labels):
    with pytest.raises(ValueError, match="Expected images"):
        dh.LearningTemplates(gradient, images, labels)


def test_a_notebook_stores_a_picture_and_plain_text(monkeypatch):
    published = []
    monkeypatch.setattr(
        "digits_helpers.widgets.with_picture.display",
        lambda data, metadata, raw: published.append((data, metadata)),
    )
    shown = templates()
    data, metadata = DisplayFormatter().format(shown)
    data, metadata = published[0] if published else (data, metadata)  # ipywidgets 7 displays, 8 has a result
    assert data["text/plain"] == "<LearningTemplates: step 0, learning rate 0.02, loss 1.00>"
    assert data[VIEW]["model_id"] == shown.model_id
    assert "after 1, 10 and 100 steps" in metadata["image/png"]["alt"]
    picture = np.asarray(Image.open(io.BytesIO(data["image/png"])).convert("RGB")).astype(int)
    width, height = metadata["image/png"]["width"], metadata["image/png"]["height"]
    assert picture.shape[:2] == (2 * height, 2 * width) and width == 800
    bluer = picture[..., 2] - picture[..., 0]
    assert (bluer > 30).mean() > 0.01 and (bluer < -30).mean() > 0.01, "weights of both signs"
    assert shown.step == 0, "looking at it moves nothing"
