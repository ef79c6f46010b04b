"""The picture that a pad leaves in a stored notebook, for pages that run no widgets."""

import io
import time
from base64 import b64decode

import nbformat
import numpy as np
import pytest
from IPython.core.formatters import DisplayFormatter
from nbclient import NotebookClient
from PIL import Image

import digits_helpers as dh

VIEW = "application/vnd.jupyter.widget-view+json"
BLUE, DARK = (0, 114, 178), (26, 26, 26)
CANVAS = (slice(40, 580), slice(40, 580))  # inside a digit pad's drawing, in rows and columns of the picture
ANSWER = (slice(0, 200), slice(620, 1240))  # the large digit and its confidence
BARS = (slice(270, 624), slice(620, 1240))


@pytest.fixture
def shown(monkeypatch):
    """Show a pad as the last line of a cell does; returns the stored data and what is stored about it."""
    published = []
    monkeypatch.setattr(
        "digits_helpers.widgets.with_picture.display",
        lambda data, metadata, raw: published.append((data, metadata)),
    )

    def show(pad):
        published.clear()
        data, metadata = DisplayFormatter().format(pad)
        return published[0] if published else (data, metadata)  # ipywidgets 7 displays, 8 has a result

    return show


def pixels(data):
    return np.asarray(Image.open(io.BytesIO(data["image/png"])).convert("RGB")).astype(int)


def count(part, colour):
    """How many pixels have about this colour."""
    return int((abs(part - colour).max(axis=-1) < 24).sum())


def blue_bars(picture):
    """The length of each of the ten bars, in pixels."""
    lengths = [count(picture[row : row + 1, BARS[1]], BLUE) for row in range(294, 294 + 320, 32)]
    assert len(lengths) == 10
    return lengths


def test_a_pad_shows_its_view_its_picture_and_a_line_of_text(shown):
    pad = dh.DigitPad()
    pad.write(7)
    data, metadata = shown(pad)
    assert data["text/plain"] == "<DigitPad with 1 strokes. I read 7 (100 %).>"
    assert data[VIEW]["model_id"] == pad.model_id and data[VIEW]["version_major"] == 2
    about = metadata["image/png"]
    assert about == {"width": 628, "height": 312, "alt": "A drawing pad. I read 7 (100 %)."}
    assert pixels(data).shape == (2 * about["height"], 2 * about["width"], 3)  # crisp on high-density screens


def test_the_picture_has_the_drawing_the_digit_and_its_bar(shown):
    pad = dh.DigitPad()
    pad.write(7)
    picture = pixels(shown(pad)[0])
    ink = (dh.rasterize([2 * stroke for stroke in pad.strokes], (560, 560), 2 * pad.brush) > 127).sum()
    assert abs((picture[CANVAS] < 128).all(axis=-1).sum() - ink) < 0.02 * ink
    assert count(picture[ANSWER], BLUE) > 1500  # the large digit
    *_, seven, eight, nine = lengths = blue_bars(picture)
    assert seven > 400 and sum(lengths) == seven


def test_an_empty_pad_has_neither_digit_nor_bars(shown):
    picture = pixels(shown(dh.DigitPad())[0])
    assert count(picture, BLUE) == 0
    assert count(picture[CANVAS], (255, 255, 255)) == 540 * 540
    assert (picture[ANSWER] < 150).any()  # "Draw a digit"


def test_two_candidates_where_the_network_is_not_sure(shown):
    pad = dh.DigitPad()
    pad.write(4)
    one = count(pixels(shown(pad)[0])[ANSWER], BLUE)
    pad.reader.predict = lambda images: np.array([[0, 0, 0, 0, 0.55, 0, 0, 0, 0, 0.45]], np.float32)
    pad.predict()
    picture = pixels(shown(pad)[0])
    assert count(picture[ANSWER], BLUE) > 1.5 * one
    lengths = blue_bars(picture)
    assert [digit for digit, length in enumerate(lengths) if length] == [4, 9]
    assert lengths[9] / lengths[4] == pytest.approx(0.45 / 0.55, abs=0.02)


def test_light_ink_on_dark_paper(shown):
    pad = dh.DigitPad()
    pad.write(1)
    pad.inverted = True
    canvas = pixels(shown(pad)[0])[CANVAS]
    assert count(canvas, (255, 255, 255)) < count(canvas, DARK) / 4


@pytest.mark.parametrize("height", [280, 140])
def test_a_picture_in_place_of_a_drawing(shown, height):
    pad = dh.DigitPad()
    pad.show(255 - dh.rasterize(dh.write_digit(3))[:height])
    assert count(pixels(shown(pad)[0])[CANVAS], DARK) > 5000


@pytest.mark.parametrize("as_picture", [False, True])
def test_a_number_has_a_box_around_each_digit(shown, as_picture):
    pad = dh.NumberPad()
    pad.write("2507")
    if as_picture:
        pad.show(255 - pad.image)
    data, _ = shown(pad)
    picture = pixels(data)
    assert picture.shape == (664, 1464, 3)
    canvas = picture[34:470, 34:1430]
    tall = (abs(canvas - BLUE).max(axis=-1) < 24).sum(axis=0) > 200  # columns with the side of a box
    sides = np.flatnonzero(np.diff(tall.astype(int)) == 1)
    assert len(sides) == 8
    for digit, (left, right) in zip(pad.number, sides.reshape(4, 2), strict=True):
        assert left / 2 < digit.box[0] < digit.box[2] < right / 2 + 1
    assert count(picture[490:], BLUE) > 1000  # the number itself


def test_nothing_is_drawn_before_it_is_displayed(shown, monkeypatch):
    pad = dh.DigitPad()
    drawn = []
    monkeypatch.setattr(
        "digits_helpers.widgets.base_pad.draw_pad", lambda pad: drawn.append(pad) or Image.new("RGB", (2, 2))
    )
    pad.write(7)
    pad.clear()
    assert drawn == []
    shown(pad)
    assert drawn == [pad]


@pytest.mark.parametrize("number", ["8", "0123456789"])
def test_small_and_quick(shown, number):
    pad = dh.NumberPad() if len(number) > 1 else dh.DigitPad()
    pad.write(number if len(number) > 1 else int(number))
    times = []
    for _ in range(5):
        started = time.process_time()
        data, _ = shown(pad)
        times.append(time.process_time() - started)
    assert len(data["image/png"]) < 30_000
    assert min(times) < 0.06  # it takes 0.015 s


def test_a_notebook_stores_the_picture(tmp_path):
    cells = ["import digits_helpers as dh\npad = dh.DigitPad()\npad.write(5)\npad", "display(pad)"]
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in cells])
    NotebookClient(notebook, timeout=120, kernel_name="python3", resources={"metadata": {"path": tmp_path}}).execute()
    for cell in notebook.cells:
        (output,) = cell.outputs
        assert output.data["text/plain"].endswith("I read 5 (100 %).>")
        assert VIEW in output.data
        assert output.metadata["image/png"]["alt"].endswith("I read 5 (100 %).")
        picture = np.asarray(Image.open(io.BytesIO(b64decode(output.data["image/png"]))).convert("RGB")).astype(int)
        assert blue_bars(picture)[5] > 400
    nbformat.validate(notebook)
