"""The command `digits`: what it prints, what it saves, and one line for whatever is wrong with what it is given."""

import importlib
import io
import json
import os
import re
import socket
import subprocess
import sys
import time
import tomllib
import urllib.error
import urllib.request
import warnings
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from PIL import Image

import digits_helpers as dh
from digits_helpers import cli
from digits_helpers.picture_files import MAX_BYTES

COMMAND = [sys.executable, "-m", "digits_helpers.cli"]
PYPROJECT = Path(__file__).parents[1] / "pyproject.toml"


def written(*digits):
    """Those digits side by side on one canvas, black on white."""
    rng = np.random.default_rng(3)
    return np.concatenate([255 - dh.rasterize(dh.write_digit(digit, rng)) for digit in digits], axis=1)


def save(picture, path, **options):
    Image.fromarray(picture).save(path, **options)
    return str(path)


def boxes_of_ink(picture, count):
    """The true boxes of ``written`` digits, left, top, right and bottom, each in its own part of the canvas."""
    width = picture.shape[1] // count
    for left in range(0, picture.shape[1], width):
        rows, columns = np.nonzero(picture[:, left : left + width] < 128)
        yield [left + columns.min(), rows.min(), left + columns.max() + 1, rows.max() + 1]


@pytest.fixture(scope="module")
def predict():
    return dh.Predictor(dh.load_pretrained())


@pytest.fixture
def digits(predict, monkeypatch, capsys):
    """Run the command in this process, with the network that is there already; gives exit code, stdout and stderr."""
    monkeypatch.setattr(cli, "_load", lambda file: predict)
    return runner(capsys)


@pytest.fixture
def whole_digits(capsys):
    """The same, the network's loading included."""
    return runner(capsys)


def runner(capsys):
    def run(*arguments):
        capsys.readouterr()
        try:
            code = cli.main([str(argument) for argument in arguments])
        except SystemExit as stop:  # argparse's own
            code = stop.code
        return SimpleNamespace(code=code, **capsys.readouterr()._asdict())

    return run


def complains_once(result, *words):
    assert result.code == 2
    assert re.fullmatch(r"digits[^\n]*\n", result.err), result.err
    assert all(word in result.err for word in words), result.err


# Help, and mistyped commands


@pytest.mark.parametrize("command", [[], ["predict"], ["draw"]])
def test_help_is_quick_and_has_an_example(command):
    slow = ("numpy", "PIL", "matplotlib", "ipywidgets", "tensorflow", "keras", "voila")
    code = (
        "import sys, time\nfrom digits_helpers import cli\n"
        f"try: cli.main({[*command, '--help']})\n"
        f"except SystemExit as stop: print(stop.code, [name for name in {slow} if name in sys.modules])\n"
        "print(time.process_time())"  # other work on the machine doesn't make it longer; 0.03 s on an idle one
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    text, seconds, _ = run.stdout.rsplit("\n", 2)
    assert text.endswith("\n0 []") and float(seconds) < 1 and run.stderr == ""
    assert text.startswith(f"usage: {' '.join(['digits', *command])}") and "example" in text
    assert f"\n  digits {command[0]}" in text.replace("$ ", "") if command else "digits predict seven.png" in text


def test_examples_in_the_help_are_commands_that_exist():
    lines = re.findall(
        r"^ +(?:\$ )?digits (.+?)(?:  .*)?$", cli.EXAMPLES + cli.PREDICT_EXAMPLE + cli.DRAW_EXAMPLE, re.M
    )
    assert len(lines) == 5
    for line in lines:
        assert cli._parser().parse_args(line.split()).run


@pytest.mark.parametrize(
    "arguments, words",
    [
        ([], "command"),
        (["read", "a.png"], "'read'"),
        (["predict"], "picture"),
        (["predict", "a.png", "--colour"], "--colour"),
        (["predict", "a.png", "--plot"], "--plot"),
        (["draw", "--port", "many"], "'many'"),
        (["draw", "--port", "0"], "1 to 65535"),
        (["draw", "--port", "65536"], "1 to 65535"),
        (["draw", "--port", "-1"], "--port"),
    ],
)
def test_a_mistyped_command_is_one_line(digits, arguments, words):
    result = digits(*arguments)
    complains_once(result, words, "--help")
    assert result.out == ""


def test_the_installed_command_is_this_one():
    scripts = tomllib.loads(PYPROJECT.read_text(encoding="utf-8"))["project"]["scripts"]
    module, function = scripts["digits"].split(":")
    assert getattr(importlib.import_module(module), function) is cli.main


# Answers


def test_one_digit_and_a_number_in_a_terminal(tmp_path):
    """As somebody runs it, in a process of its own: answers on stdout, and not a word of TensorFlow's on stderr."""
    save(written(7), tmp_path / "seven.png")
    save(written(4, 0, 7), tmp_path / "number.jpg", quality=90)
    run = subprocess.run(
        [*COMMAND, "predict", "seven.png", "number.jpg"], cwd=tmp_path, capture_output=True, text=True, timeout=120
    )
    share = r"\((100|9\d) %\)"
    expected = rf"seven\.png: 7 {share}\nnumber\.jpg: 407\n  4 {share}\n  0 {share}\n  7 {share}\n"
    assert re.fullmatch(expected, run.stdout), run.stdout
    assert run.stderr == "" and run.returncode == 0


def test_json_is_one_document_for_all_pictures(digits, tmp_path):
    pictures = [written(5), written(2, 9, 1)]
    files = [save(picture, tmp_path / f"{number}.png") for number, picture in enumerate(pictures)]
    result = digits("predict", *files, "--json")
    assert result.code == 0 and result.err == ""
    answers = json.loads(result.out)
    assert [answer["file"] for answer in answers] == files
    assert [answer["number"] for answer in answers] == ["5", "291"]
    for answer, picture in zip(answers, pictures, strict=True):
        assert set(answer) == {"file", "number", "digits", "error"} and answer["error"] is None
        assert "".join(str(digit["digit"]) for digit in answer["digits"]) == answer["number"]
        for digit, box in zip(answer["digits"], boxes_of_ink(picture, len(answer["digits"])), strict=True):
            assert set(digit) == {"digit", "probability", "box", "doubt"} and digit["doubt"] is None
            assert 0.9 < digit["probability"] <= 1
            assert np.abs(np.subtract(digit["box"], box)).max() <= 4


def test_boxes_are_in_pixels_of_the_file_even_where_it_is_read_smaller(digits, tmp_path):
    wide = np.kron(written(4, 7), np.ones((4, 4), np.uint8))
    assert max(wide.shape) == 2240
    file = save(wide, tmp_path / "wide.png")
    (answer,) = json.loads(digits("predict", file, "--json").out)
    assert answer["number"] == "47"
    for digit, box in zip(answer["digits"], boxes_of_ink(wide, 2), strict=True):
        assert np.abs(np.subtract(digit["box"], box)).max() <= 16


def test_a_doubt_is_said_with_its_reason(digits, tmp_path):
    picture = np.full((200, 400), 255, np.uint8)
    picture[60:140, 60:140] = 0
    picture[40:160, 300:312] = 0
    file = save(picture, tmp_path / "blob.png")
    result = digits("predict", file)
    first, blob, one = result.out.splitlines()
    assert first == f"{file}: ?1"
    assert blob == "  ? A blob, not a digit."
    assert one.startswith("  1 (") and result.code == 0 and result.err == ""
    (answer,) = json.loads(digits("predict", file, "--json").out)
    assert answer["number"] == "?1"
    assert [digit["doubt"] for digit in answer["digits"]] == ["A blob, not a digit.", None]


def test_not_sure_is_said(capsys, monkeypatch, tmp_path):
    def torn(images):
        return np.tile(np.float32([0, 0.45, 0, 0, 0, 0, 0, 0.55, 0, 0]), (len(images), 1))

    monkeypatch.setattr(cli, "_load", lambda file: torn)
    file = save(written(7), tmp_path / "seven.png")
    result = runner(capsys)("predict", file)
    assert result.out == f"{file}: ? Not sure: 7 (55 %) or 1 (45 %).\n"
    assert result.code == 0


def test_a_name_that_the_terminal_cannot_show_is_printed_all_the_same(predict, monkeypatch, tmp_path):
    terminal = io.TextIOWrapper(io.BytesIO(), "ascii")
    monkeypatch.setattr(sys, "stdout", terminal)
    monkeypatch.setattr(cli, "_load", lambda file: predict)
    assert cli.main(["predict", save(written(7), tmp_path / "七.png")]) == 0
    assert b"\\u4e03.png: 7 (" in terminal.buffer.getvalue()


def test_a_reader_that_has_seen_enough_gets_no_traceback(tmp_path):
    file = save(written(7), tmp_path / "seven.png")
    run = subprocess.Popen([*COMMAND, "predict", file, file], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    run.stdout.close()
    assert run.stderr.read() == b""
    run.stderr.close()
    assert run.wait(60) == 2


# Pictures that can't be read


def bad_pictures(folder):
    """Files by name, with words of the complaint."""
    seven = save(written(7), folder / "seven.png")
    content = Path(seven).read_bytes()
    (folder / "text.png").write_text("hello")
    (folder / "empty.png").write_bytes(b"")
    (folder / "cut.png").write_bytes(content[: len(content) // 2])
    (folder / "large.png").write_bytes(content + bytes(MAX_BYTES))
    (folder / "folder.png").mkdir()
    save(np.full((90, 90), 255, np.uint8), folder / "blank.png")
    dots = np.full((1000, 1000), 255, np.uint8)
    dots.reshape(100, 10, 100, 10)[:, 3:7, :, 3:7] = 0
    save(dots, folder / "dots.png")
    faint = np.zeros((1000, 1000), np.uint8)
    faint[20:980, 500] = 5
    save(faint, folder / "faint.png")
    return {
        "missing.png": "No such file",
        "text.png": "no picture",
        "empty.png": "empty",
        "cut.png": "damaged",
        "large.png": "too large",
        "folder.png": "",  # the system's own words
        "blank.png": "Nothing is drawn",
        "dots.png": "parts",
        "faint.png": "too faint",
    }


@pytest.mark.parametrize("name", ["missing", "text", "empty", "cut", "large", "folder", "blank", "dots", "faint"])
def test_a_picture_that_cannot_be_read_is_one_line(digits, tmp_path, name):
    words = bad_pictures(tmp_path)[f"{name}.png"]
    file = tmp_path / f"{name}.png"
    result = digits("predict", file)
    complains_once(result, f"digits: {file}: ", words)
    assert result.out == ""
    as_json = digits("predict", file, "--json")
    complains_once(as_json, words)
    (answer,) = json.loads(as_json.out)
    assert answer["number"] is None and answer["digits"] == [] and words in answer["error"]


def test_one_bad_picture_does_not_stop_the_others(digits, tmp_path):
    bad = list(bad_pictures(tmp_path))
    files = [tmp_path / name for name in ["seven.png", *bad, "five.png"]]
    save(written(5), tmp_path / "five.png")
    result = digits("predict", *files, "--plot", tmp_path / "found.png")
    first, last = result.out.splitlines()
    assert first.startswith(f"{files[0]}: 7 (") and last.startswith(f"{files[-1]}: 5 (")
    assert [Path(line.split(": ")[1]).name for line in result.err.splitlines()] == bad
    assert result.code == 2 and (tmp_path / "found.png").exists()
    answers = json.loads(digits("predict", *files, "--json").out)
    assert [answer["number"] for answer in answers] == ["7", *[None] * len(bad), "5"]


def test_damaged_notes_of_a_camera_are_not_complained_of(digits, tmp_path):
    note = b"Exif\0\0II*\0" + b"\x08\0\0\0" + b"\x01\0" + b"\x1a\x01\x05\0\x01\0\0\0\xff\xff\0\0" + bytes(4)
    file = save(written(7), tmp_path / "seven.jpg", quality=90, exif=note)
    with warnings.catch_warnings():
        warnings.simplefilter("error")  # Pillow has one for this file
        result = digits("predict", file)
    assert result.code == 0 and result.out.startswith(f"{file}: 7 (") and result.err == ""


def test_no_network_is_loaded_for_nothing(monkeypatch, capsys, tmp_path):
    monkeypatch.setattr(cli, "_load", lambda file: pytest.fail("the network was loaded"))
    complains_once(runner(capsys)("predict", tmp_path / "missing.png"))


# Models


def always(digit, shape=(28, 28, 1), outputs=10):
    """A network that says the same of every picture."""
    import keras

    model = keras.Sequential([keras.Input(shape), keras.layers.Flatten(), keras.layers.Dense(outputs)])
    kernel, bias = model.layers[-1].get_weights()
    bias[digit] = 20
    model.layers[-1].set_weights([0 * kernel, bias])
    return model


def test_another_model_reads(whole_digits, tmp_path):
    always(3).save(tmp_path / "mine.keras")
    result = whole_digits("predict", save(written(7), tmp_path / "a.png"), "--model", tmp_path / "mine.keras")
    assert result.out.endswith("a.png: 3 (100 %)\n") and result.err == "" and result.code == 0


def bad_model(kind, folder):
    """A file, and words of the complaint about it."""
    import keras

    file = folder / "bad.keras"
    if kind == "letters":
        always(3, outputs=26).save(file)
        return file, "a digit reader takes"
    if kind == "colour":
        always(3, shape=(32, 32, 3)).save(file)
        return file, "a digit reader takes"
    if kind == "text":
        file.write_text("hello")
    elif kind == "cut":
        always(3).save(file)
        file.write_bytes(file.read_bytes()[:2000])
    elif kind == "with code in it":
        double = keras.layers.Lambda(lambda images: 2 * images)
        keras.Sequential([keras.Input((28, 28, 1)), double, keras.layers.Flatten()]).save(file)
    elif kind == "h5":
        file = folder / "bad.h5"
        file.write_bytes(b"\x89HDF\r\n\x1a\n" + bytes(200))
    elif kind == "folder":
        file.mkdir()
    return file, "no such file" if kind in ("missing", "folder") else "can't be loaded"


@pytest.mark.parametrize("kind", ["missing", "folder", "text", "cut", "h5", "letters", "colour", "with code in it"])
def test_a_model_that_cannot_read_digits_is_one_line(whole_digits, tmp_path, kind):
    file, words = bad_model(kind, tmp_path)
    result = whole_digits("predict", save(written(7), tmp_path / "a.png"), "--model", file)
    complains_once(result, f"--model {file}: ", words)
    assert result.out == "" and len(result.err) < 400


def test_without_tensorflow_it_says_what_to_install(whole_digits, monkeypatch, tmp_path):
    monkeypatch.setitem(sys.modules, "tensorflow", None)  # so that importing it fails
    complains_once(whole_digits("predict", save(written(7), tmp_path / "a.png")), "pip install tensorflow")


# The figure


def test_the_figure_shows_boxes_answers_and_what_the_network_saw(digits, predict, monkeypatch, tmp_path):
    from matplotlib.figure import Figure

    figures = []
    monkeypatch.setattr(Figure, "savefig", lambda figure, file: figures.append((figure, file)))
    picture = np.concatenate([written(4, 7), np.full((280, 200), 255, np.uint8)], axis=1)
    picture[100:160, 620:690] = 0  # a blob
    files = [save(picture, tmp_path / "a$b$.png"), save(written(2), tmp_path / "two.png")]
    assert digits("predict", *files, "--plot", tmp_path / "found.png").code == 0
    ((figure, file),) = figures
    assert file == str(tmp_path / "found.png")

    found = [axis for axis in figure.findobj(lambda part: hasattr(part, "get_images")) if axis.patches]
    assert [axis.get_title() for axis in found] == ["a$b$.png: 47?", "two.png: 2"]
    assert [[text.get_text() for text in axis.texts] for axis in found] == [["4", "7", "?"], ["2"]]
    assert [box.get_linestyle() for box in found[0].patches] == ["-", "-", "--"]
    for box, (left, top, right, bottom) in zip(found[0].patches, boxes_of_ink(written(4, 7), 2), strict=False):
        drawn = box.get_bbox()
        assert left - 16 < drawn.x0 < left and top - 16 < drawn.y0 < top
        assert right < drawn.x1 < right + 16 and bottom < drawn.y1 < bottom + 16

    seen = [axis for axis in figure.axes if axis not in found and axis.images]
    assert [re.sub(r" \(.*", "", axis.get_title())[:1] for axis in seen] == ["4", "7", "?", "2"]
    read = dh.read_number(picture, predict) + dh.read_number(written(2), predict)
    for axis, digit in zip(seen, read, strict=True):
        assert np.array_equal(axis.images[0].get_array(), digit.image)


@pytest.mark.parametrize("name", ["found.png", "found.pdf", "found.svg"])
def test_the_figure_is_saved_without_a_screen_and_has_no_colours(digits, tmp_path, name):
    file = save(written(8, 6), tmp_path / "数 $8_$.png")  # no letters of the font, and no formula
    result = digits("predict", file, "--plot", tmp_path / name)
    assert result.code == 0 and result.err == ""
    assert (tmp_path / name).stat().st_size > 5000
    if name.endswith("png"):
        pixels = np.asarray(Image.open(tmp_path / name).convert("RGB"))
        assert (pixels.max(axis=2) == pixels.min(axis=2)).all()
        assert len(np.unique(pixels)) > 50


def test_a_figure_that_cannot_be_saved_is_one_line(digits, tmp_path):
    file = save(written(7), tmp_path / "a.png")
    before = Path(file).read_bytes()
    result = digits("predict", file, "--plot", tmp_path / "nowhere" / "found.png")
    complains_once(result, "there is no folder", "nowhere")
    assert result.out == ""  # said before the work
    complains_once(digits("predict", file, "--plot", file), "overwrite")
    complains_once(digits("predict", file, "--plot", tmp_path / "found.xyz"), "found.xyz", "xyz")
    (tmp_path / "folder.png").mkdir()
    complains_once(digits("predict", file, "--plot", tmp_path / "folder.png"), "folder.png")
    assert Path(file).read_bytes() == before


# The page


def test_without_voila_it_says_what_to_install(digits, monkeypatch):
    monkeypatch.setitem(sys.modules, "voila", None)
    monkeypatch.setitem(sys.modules, "voila.app", None)
    complains_once(digits("draw"), 'python -m pip install "voila>=0.5.6" "ipywidgets>=8"')


def test_draw_serves_the_page_with_the_options_given(digits, monkeypatch):
    served = []
    monkeypatch.setenv("DIGITS_PAGE_DIR", "")
    monkeypatch.setitem(sys.modules, "voila", SimpleNamespace())
    monkeypatch.setitem(sys.modules, "voila.app", SimpleNamespace(main=served.append))
    assert digits("draw").code == digits("draw", "--port", "9000", "--no-browser").code == 0
    page = str(Path(cli.__file__).with_name("page.ipynb"))
    assert served == [[page, "--port=8866"], [page, "--port=9000", "--no-browser"]]
    assert os.environ["DIGITS_PAGE_DIR"] == os.getcwd()


def can_serve_the_page():
    from browser import chromium_path

    return find_spec("voila") and chromium_path() and int(version("ipywidgets").split(".")[0]) >= 8


@pytest.fixture
def page_address(tmp_path):
    """The page, served by the command as somebody starts it in the folder ``tmp_path``."""
    from browser import stop

    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    address = f"http://localhost:{port}/"
    log = tmp_path / "server.log"
    with log.open("w") as output:
        server = subprocess.Popen(
            [*COMMAND, "draw", "--no-browser", f"--port={port}"], cwd=tmp_path, stdout=output, stderr=output
        )
    try:
        end = time.monotonic() + 120
        while address not in log.read_text(encoding="utf-8"):
            assert server.poll() is None and time.monotonic() < end, log.read_text(encoding="utf-8")
            time.sleep(0.2)
        yield address
    finally:
        code = stop(server)
    assert code == 0, "the page's server stops when it is told to"
    with pytest.raises(urllib.error.URLError):
        urllib.request.build_opener(urllib.request.ProxyHandler({})).open(address, timeout=5)


@pytest.mark.skipif(not can_serve_the_page(), reason="needs voila, ipywidgets 8, and Chromium or Chrome")
def test_digits_kept_on_the_page_are_there_after_a_reload(page_address, tmp_path):
    from browser import PATIENCE, Pad, chromium
    from playwright.sync_api import expect

    with chromium() as window:
        page = window.new_page(viewport={"width": 1100, "height": 900})
        page.goto(page_address, timeout=2 * PATIENCE)
        pad = Pad(page).empty()
        assert page.title() == page.get_by_role("heading").first.inner_text() == "Draw a digit"
        assert "load_pretrained" not in page.inner_text("body"), "the code is hidden"
        pad.draw(dh.write_digit(7))
        pad.expect("I read 7 (")
        pad.open("My own digits")
        pad.root.get_by_label("This is a").select_option("7")
        pad.click("Keep")
        expect(pad.root.get_by_text("kept:")).to_contain_text("Saved to my-digits-")
        page.reload(timeout=2 * PATIENCE)
        (file,) = tmp_path.glob("my-digits-*.json")
        (kept,) = dh.load_drawings(file)
        assert kept.label == 7
        again = Pad(page)
        again.open("My own digits")
        expect(again.root.get_by_text("kept:")).to_contain_text("0 kept")
        again.root.get_by_label("File").fill(file.name)
        again.click("Load")
        expect(again.root.get_by_text("kept:")).to_contain_text("1 kept: 1 read right")


@pytest.mark.skipif(not can_serve_the_page(), reason="needs voila, ipywidgets 8, and Chromium or Chrome")
def test_visitors_do_not_see_each_others_drawings(page_address):
    from browser import PATIENCE, Pad, chromium

    with chromium() as window:
        pads = []
        for digit in (2, 5):
            page = window.new_context().new_page()
            page.goto(page_address, timeout=2 * PATIENCE)
            pads.append(Pad(page))
            pads[-1].expect("Nothing drawn yet.")
            pads[-1].draw(dh.write_digit(digit))
            pads[-1].expect(f"I read {digit} (")
        assert pads[0].text().startswith("I read 2 (")
        pads[1].click("Clear")
        pads[1].expect("Nothing drawn yet.")
        pads[1].expect_ink(0, 0)
        pads[0].expect("I read 2 (")
        pads[0].expect_ink(5_000)
        names = []
        for pad in pads:
            pad.open("My own digits")
            names.append(pad.root.get_by_label("File").input_value())
        assert names[0] != names[1] and all(re.fullmatch(r"my-digits-[0-9a-f]{4}\.json", name) for name in names)
