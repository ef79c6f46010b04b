"""Frames without a browser: what is sent to the page, what a notebook stores, and what is refused."""

import io

import matplotlib

matplotlib.use("Agg")

import matplotlib.pyplot as plt
import numpy as np
import pytest
from IPython.core.formatters import DisplayFormatter
from PIL import Image, ImageSequence

import digits_helpers as dh
from digits_helpers.widgets import frames_picture
from digits_helpers.widgets.canvas import SURE

VIEW = "application/vnd.jupyter.widget-view+json"
BLUE = tuple(bytes.fromhex(SURE[1:]))


def levels(n, shape=(28, 28)):
    """Frames that are each of one grey level, from black to white."""
    return np.rint(np.linspace(0, 255, n)).astype(np.uint8)[:, None, None] * np.ones(shape, np.uint8)


def figures(n, size=(4, 2)):
    for number in range(n):
        figure, axis = plt.subplots(figsize=size)
        axis.plot([0, 1 + number], linewidth=5)
        axis.set_ylim(0, n)
        yield figure


def decoded(frames):
    return [np.asarray(Image.open(io.BytesIO(content)).convert("RGB")) for content in frames.images]


def stored(frames):
    """The frames of the stored picture, RGB, and what is stored about it."""
    data, metadata = frames._repr_mimebundle_()
    picture = Image.open(io.BytesIO(data["image/png"]))
    return [np.asarray(frame.convert("RGB")) for frame in ImageSequence.Iterator(picture)], metadata["image/png"]


# What is sent to the page


@pytest.mark.parametrize("frames", [levels(5), levels(5) / 255, (levels(5) / 255).astype(np.float32), [*levels(5)]])
def test_the_page_gets_each_frame_with_the_same_pixels(frames):
    shown = dh.Frames(frames)
    assert [image[0, 0].tolist() for image in decoded(shown)] == [[level] * 3 for level in levels(5)[:, 0, 0].tolist()]
    assert {image.shape for image in decoded(shown)} == {(28, 28, 3)}
    assert (shown.width, shown.height, shown.crisp) == (280, 280, True)


def test_every_pixel_and_colour_arrives_unchanged():
    images = np.random.default_rng(0).integers(0, 256, (3, 20, 30, 3), np.uint8)
    assert np.array_equal(decoded(dh.Frames(images)), images)


@pytest.mark.parametrize(
    "shape, size, crisp",
    [
        ((28, 280), (560, 56), True),
        ((3, 3), (279, 279), True),
        ((400, 500), (500, 400), False),
        ((1, 1), (280, 280), 1),
    ],
)
def test_small_images_are_enlarged_by_a_whole_number(shape, size, crisp):
    shown = dh.Frames(levels(2, shape))
    assert ((shown.width, shown.height), shown.crisp) == (size, crisp)


def test_figures_are_sharp_and_closed():
    shown = dh.Frames(list(figures(3)))
    assert (shown.width, shown.height, shown.crisp) == (400, 200, False)
    assert [image.shape for image in decoded(shown)] == [(400, 800, 3)] * 3
    assert not np.array_equal(decoded(shown)[0], decoded(shown)[2])
    assert plt.get_fignums() == []


def test_figures_from_a_generator_are_open_one_at_a_time():
    most = 0

    def counted():
        nonlocal most
        for figure in figures(4):
            most = max(most, len(plt.get_fignums()))
            yield figure

    dh.Frames(counted())
    assert most == 1


def test_figures_are_not_cropped_to_what_is_drawn():
    with plt.rc_context({"savefig.bbox": "tight"}):
        assert (dh.Frames(figures(2)).width, dh.Frames(figures(2)).height) == (400, 200)


def test_captions_are_numbers_or_text():
    assert dh.Frames(levels(3), captions=np.array([0, 10, 100])).captions == ["0", "10", "100"]
    assert dh.Frames(levels(3)).captions == []


@pytest.mark.parametrize("count, pause", [(2, 1000), (16, 500), (200, 80)])
def test_a_long_run_plays_faster(count, pause):
    assert dh.Frames(levels(count, (2, 2))).pause == pause


# What is refused


@pytest.mark.parametrize(
    "frames, complaint",
    [
        ([], "There are no frames"),
        (np.zeros((0, 28, 28)), "There are no frames"),
        (np.zeros((28, 28)), r"\(n, h, w\) or \(n, h, w, 3\), or figures, not \(28, 28\)"),
        (np.zeros((2, 28, 28, 1)), r"not \(2, 28, 28, 1\)"),
        (np.zeros((2, 0, 28)), r"not \(2, 0, 28\)"),
        (np.full((2, 3, 3), 1.5), "uint8, or with values from 0 to 1"),
        (np.full((2, 3, 3), np.nan), "uint8, or with values from 0 to 1"),
        (np.full((2, 3, 3), 255), "uint8, or with values from 0 to 1"),
        (np.full((2, 3, 3), "a"), "uint8, or with values from 0 to 1"),
        ([np.zeros((2, 2)), np.zeros((3, 3))], "images of the same size"),
    ],
)
def test_other_frames_are_refused(frames, complaint):
    with pytest.raises(ValueError, match=complaint):
        dh.Frames(frames)


def test_figures_that_do_not_fit_together_are_refused_and_closed():
    with pytest.raises(ValueError, match="same size, not 3 × 2 and 4 × 2 inches"):
        dh.Frames([*figures(1, (4, 2)), *figures(1, (3, 2))])
    with pytest.raises(ValueError, match="some of each"):
        dh.Frames([next(figures(1)), np.zeros((28, 28))])
    assert plt.get_fignums() == []


@pytest.mark.parametrize("captions", ["abcd", ["a"], range(4)])
def test_captions_must_be_as_many_as_frames(captions):
    with pytest.raises(ValueError, match=f"each of the 3 frames, not {len(captions)}"):
        dh.Frames(levels(3), captions)


# What a notebook stores


def test_it_shows_its_view_an_animation_and_a_line_of_text(monkeypatch):
    published = []
    monkeypatch.setattr(
        "digits_helpers.widgets.with_picture.display", lambda data, metadata, raw: published.append((data, metadata))
    )
    shown = dh.Frames(levels(4), captions=["a", "b", "c", "d"])
    data, metadata = DisplayFormatter().format(shown)
    data, metadata = published[0] if published else (data, metadata)  # ipywidgets 7 displays, 8 has a result
    assert data["text/plain"] == '<Frames: 4 frames, from "a" to "d">'
    assert data[VIEW]["model_id"] == shown.model_id
    assert metadata["image/png"]["alt"] == 'An animation. Frames: 4 frames, from "a" to "d".'
    assert data["image/png"].startswith(b"\x89PNG")
    assert repr(dh.Frames(levels(1))) == "<Frames: 1 frame>"


def test_the_animation_has_every_frame_on_white_and_stops_on_the_last():
    shown = dh.Frames(levels(6))
    pictures, about = stored(shown)
    assert len(pictures) == 6
    assert (about["width"], about["height"]) == (304, 337)
    for picture, level in zip(pictures, levels(6)[:, 0, 0].tolist(), strict=True):
        assert picture.shape == (2 * about["height"], 2 * about["width"], 3)
        assert np.abs(picture[24:584, 24:584].astype(int) - level).max() <= 3, "crisp and in its place"
        assert (picture[:24] == 255).all() and (picture[:, :24] == 255).all()
    picture = Image.open(io.BytesIO(shown._repr_mimebundle_()[0]["image/png"]))
    durations = [frame.info["duration"] for frame in ImageSequence.Iterator(picture)]
    assert durations == [1000] * 5 + [frames_picture.REST] and picture.info["loop"] == frames_picture.PLAYS


def test_the_stored_track_shows_how_far_along_it_is():
    pictures, _ = stored(dh.Frames(levels(5)))
    filled = [(np.abs(picture.astype(int) - BLUE).max(axis=-1) < 24)[-66:].any(axis=0).sum() for picture in pictures]
    steps = np.diff(filled)
    assert filled[0] <= 14 and (steps > 60).all() and np.ptp(steps) <= 3


def test_captions_are_in_the_stored_picture_and_long_ones_are_wrapped():
    plain, _ = stored(dh.Frames(levels(2)))
    short, _ = stored(dh.Frames(levels(2), captions=["one", "two"]))
    long, _ = stored(dh.Frames(levels(2), captions=["one", "a caption that doesn't fit into one line below a digit"]))
    line = 2 * frames_picture.LINE
    assert [len(short[0]) - len(plain[0]), len(long[0]) - len(plain[0])] == [line, 2 * line]
    below = slice(2 * (12 + 280 + 12), 2 * (12 + 280 + 12) + line)
    assert (short[0][below] < 100).any() and not np.array_equal(short[0][below], short[1][below])
    assert (long[1][:, -24:] == 255).all(), "nothing runs into the margin"


def test_the_stored_animation_is_small(monkeypatch):
    noise = np.random.default_rng(0).integers(0, 256, (40, 60, 60), np.uint8)
    everything, _ = stored(dh.Frames(noise, captions=range(40)))
    assert len(everything) == 40
    monkeypatch.setattr(frames_picture, "LIMIT", 60_000)
    shown = dh.Frames(noise, captions=range(40))
    fewer, about = stored(shown)
    assert len(shown._repr_mimebundle_()[0]["image/png"]) <= 60_000
    assert 2 <= len(fewer) < 40
    changed = [np.abs(picture.astype(int) - fewer[-1]).mean() for picture in everything]
    assert np.argmin(changed) == 39 and changed[39] < 2 < changed[38], "the last one stays"
    assert len(shown.images) == 40, "the page has all of them"


def test_a_few_large_frames_are_stored_in_a_smaller_size(monkeypatch):
    monkeypatch.setattr(frames_picture, "LIMIT", 300_000)
    noise = np.random.default_rng(0).integers(0, 256, (2, 600, 600), np.uint8)
    pictures, about = stored(dh.Frames(noise))
    assert len(pictures) == 2 and pictures[0].shape[1] < 2 * about["width"] == 2 * 624
