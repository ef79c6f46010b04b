"""The `digits` command: what it prints and saves, how it reports mistakes in one line, and the page that it serves."""

import contextlib
import http.client
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
    """Digits side by side on one canvas, black on white."""
    rng = np.random.default_rng(3)
    return np.concatenate([255 - dh.rasterize(dh.write_digit(digit, rng)) for digit in digits], axis=1)


def save(picture, path, **options):
    Image.fromarray(picture).save(path, **options)
    return str(path)


def boxes_of_ink(picture, count):
    """The true box (left, top, right, bottom) of each digit in a ``written`` picture."""
    width = picture.shape[1] // count
    for left in range(0, picture.shape[1], width):
        rows, columns = np.nonzero(picture[:, left : left + width] < 128)
        yield [left + columns.min(), rows.min(), left + columns.max() + 1, rows.max() + 1]


@pytest.fixture
def digits(capsys):
    """Run the command in this process; returns its exit code, stdout and stderr."""

    def run(*arguments):
        capsys.readouterr()
        try:
            code = cli.main([str(argument) for argument in arguments])
        except SystemExit as stop:  # raised by argparse
            code = stop.code
        return SimpleNamespace(code=code, **capsys.readouterr()._asdict())

    return run


@pytest.fixture
def no_tensorflow(monkeypatch):
    """Importing TensorFlow or Keras fails, as where they aren't installed."""
    monkeypatch.setitem(sys.modules, "tensorflow", None)
    monkeypatch.setitem(sys.modules, "keras", None)


def imported_by(code, folder):
    """Run Python code in a process of its own, in a folder; returns what it printed and which slow imports it made."""
    slow = ("tensorflow", "keras", "matplotlib", "sklearn", "scipy.interpolate", "ipywidgets")
    code += f"\nimport json, sys; print(json.dumps([name for name in {slow} if name in sys.modules]))"
    run = subprocess.run([sys.executable, "-c", code], cwd=folder, capture_output=True, text=True, check=True)
    *printed, imported = run.stdout.splitlines()
    return printed, json.loads(imported)


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
        "print(time.process_time())"  # unlike elapsed time, it doesn't depend on how busy the machine is; mostly 0.03 s
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
    """In a process of its own, the way people run it: answers on stdout and nothing on stderr."""
    save(written(7), tmp_path / "seven.png")
    save(written(4, 0, 7), tmp_path / "number.jpg", quality=90)
    run = subprocess.run(
        [*COMMAND, "predict", "seven.png", "number.jpg"], cwd=tmp_path, capture_output=True, text=True, timeout=120
    )
    share = r"\((100|9\d) %\)"
    expected = rf"seven\.png: 7 {share}\nnumber\.jpg: 407\n  4 {share}\n  0 {share}\n  7 {share}\n"
    assert re.fullmatch(expected, run.stdout), run.stdout
    assert run.stderr == "" and run.returncode == 0


def test_a_picture_is_read_without_tensorflow_and_other_slow_imports(tmp_path):
    save(written(7), tmp_path / "seven.png")
    code = "from digits_helpers import cli; cli.main(['predict', 'seven.png'])"
    printed, imported = imported_by(code, tmp_path)
    assert len(printed) == 1 and printed[0].startswith("seven.png: 7 (")
    assert imported == []


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


def test_a_name_that_the_terminal_cannot_show_is_printed_all_the_same(monkeypatch, tmp_path):
    terminal = io.TextIOWrapper(io.BytesIO(), "ascii")
    monkeypatch.setattr(sys, "stdout", terminal)
    assert cli.main(["predict", save(written(7), tmp_path / "七.png")]) == 0
    assert b"\\u4e03.png: 7 (" in terminal.buffer.getvalue()


def test_a_program_that_stops_reading_causes_no_traceback(tmp_path):
    file = save(written(7), tmp_path / "seven.png")
    run = subprocess.Popen([*COMMAND, "predict", file, file], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    run.stdout.close()
    assert run.stderr.read() == b""
    run.stderr.close()
    assert run.wait(60) == 2


# Pictures that can't be read


def bad_pictures(folder):
    """Write unreadable files; returns their names, each with words of its error message."""
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
        "text.png": "not a picture",
        "empty.png": "empty",
        "cut.png": "damaged",
        "large.png": "too large",
        "folder.png": "",  # the message comes from the operating system
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


# Models


def constant_model(logits, shape=(28, 28, 1)):
    """A Keras model that gives the same logits for every picture."""
    import keras

    model = keras.Sequential([keras.Input(shape), keras.layers.Flatten(), keras.layers.Dense(len(logits))])
    kernel, _ = model.layers[-1].get_weights()
    model.layers[-1].set_weights([0 * kernel, np.asarray(logits)])
    return model


def always(digit, shape=(28, 28, 1), outputs=10):
    """A Keras model that says the same of every picture."""
    return constant_model(20 * np.eye(outputs)[digit], shape)


def test_another_model_reads(digits, tmp_path):
    always(3).save(tmp_path / "mine.keras")
    result = digits("predict", save(written(7), tmp_path / "a.png"), "--model", tmp_path / "mine.keras")
    assert result.out.endswith("a.png: 3 (100 %)\n") and result.err == "" and result.code == 0


def test_not_sure_is_said(digits, tmp_path):
    torn = np.log(np.maximum([0, 0.45, 0, 0, 0, 0, 0, 0.55, 0, 0], 1e-9))
    constant_model(torn).save(tmp_path / "torn.keras")
    file = save(written(7), tmp_path / "seven.png")
    result = digits("predict", file, "--model", tmp_path / "torn.keras")
    assert result.out == f"{file}: ? Not sure: 7 (55 %) or 1 (45 %).\n"
    assert result.code == 0


def bad_model(kind, folder):
    """Write a file that isn't a model of digits; returns it with words of the error message."""
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
def test_a_model_that_cannot_read_digits_is_one_line(digits, tmp_path, kind):
    file, words = bad_model(kind, tmp_path)
    result = digits("predict", save(written(7), tmp_path / "a.png"), "--model", file)
    complains_once(result, f"--model {file}: ", words)
    assert result.out == "" and len(result.err) < 400


def test_only_another_model_needs_tensorflow(digits, no_tensorflow, tmp_path):
    file, model = save(written(7), tmp_path / "a.png"), tmp_path / "mine.keras"
    assert digits("predict", file).out.startswith(f"{file}: 7 (")
    model.write_bytes(b"")
    complains_once(digits("predict", file, "--model", model), "pip install tensorflow")


def test_no_model_is_loaded_for_nothing(digits, no_tensorflow, tmp_path):
    (tmp_path / "mine.keras").write_bytes(b"")
    result = digits("predict", tmp_path / "missing.png", "--model", tmp_path / "mine.keras")
    complains_once(result, "missing.png: No such file")


# The figure


def test_the_figure_shows_boxes_answers_and_what_the_network_saw(digits, monkeypatch, tmp_path):
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
    read = dh.read_number(picture) + dh.read_number(written(2))
    for axis, digit in zip(seen, read, strict=True):
        assert np.array_equal(axis.images[0].get_array(), digit.image)


@pytest.mark.parametrize("name", ["found.png", "found.pdf", "found.svg"])
def test_the_figure_is_saved_without_a_screen_and_has_no_colours(digits, tmp_path, name):
    file = save(written(8, 6), tmp_path / "数 $8_$.png")  # the font lacks this letter, and this isn't a formula
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
    assert result.out == ""  # reported before anything is read
    complains_once(digits("predict", file, "--plot", file), "overwrite")
    complains_once(digits("predict", file, "--plot", tmp_path / "found.xyz"), "found.xyz", "xyz")
    (tmp_path / "folder.png").mkdir()
    complains_once(digits("predict", file, "--plot", tmp_path / "folder.png"), "folder.png")
    assert Path(file).read_bytes() == before


# The page

VISITOR = re.compile(r"my-digits-[0-9a-f]{16}\.json")


def test_without_voila_it_says_what_to_install(digits, monkeypatch):
    monkeypatch.setitem(sys.modules, "voila", None)
    monkeypatch.setitem(sys.modules, "voila.app", None)
    complains_once(digits("draw"), 'python -m pip install "voila>=0.5.6" "ipywidgets>=8"')


def test_draw_serves_the_page_with_the_options_given(digits, monkeypatch):
    served = []

    class Voila:
        launch_instance = served.append

    for name in ("DIGITS_PAGE_DIR", "JUPYTER_TOKEN", "JUPYTER_TOKEN_FILE"):
        monkeypatch.setenv(name, "")  # restored after the test
    monkeypatch.setitem(sys.modules, "voila", SimpleNamespace())
    monkeypatch.setitem(sys.modules, "voila.app", SimpleNamespace(Voila=Voila))
    assert digits("draw").code == digits("draw", "--port", "9000", "--no-browser").code == 0
    page = str(Path(cli.__file__).with_name("widgets") / "page.ipynb")
    culling = ["--MappingKernelManager.cull_idle_timeout=600", "--MappingKernelManager.cull_interval=60"]
    assert served == [
        [page, "--token", "--port=8866", *culling],
        [page, "--token", "--port=9000", *culling, "--no-browser"],
    ]
    assert os.environ["DIGITS_PAGE_DIR"] == os.getcwd()


def pad_of_the_page(code, folder):
    """Run the page's code with ``folder`` as the visitors' folder, and then more code that may use its ``pad``."""
    cells = json.loads(cli.PAGE.read_text(encoding="utf-8"))["cells"]
    page = ["".join(cell["source"]) for cell in cells if cell["cell_type"] == "code"]
    return imported_by("\n".join([f"import os; os.environ['DIGITS_PAGE_DIR'] = {str(folder)!r}", *page, code]), folder)


def test_the_pages_pad_reads_without_tensorflow(tmp_path):
    printed, imported = pad_of_the_page("pad.replay(dh.write_digit(7)); print(pad.text)", tmp_path)
    assert printed[0].startswith("I read 7 (")
    assert "ipywidgets" in imported and not {"tensorflow", "keras"} & set(imported)


# For each of `names`, draw a 7, type the name and press every button; then print the labels of what is kept.
PRESS_ALL_BUTTONS = """
import ipywidgets

def parts(widget):
    yield widget
    for child in getattr(widget, "children", ()):
        yield from parts(child)

buttons = {part.description: part for part in parts(pad.own) if isinstance(part, ipywidgets.Button)}
(label,) = [part for part in parts(pad.own) if isinstance(part, ipywidgets.Dropdown)]
pad.replay(dh.write_digit(7))
for name in names:
    pad.own.file.value = name
    for button in ("Keep", "Save", "Load", "Take back"):
        label.value = 7
        buttons[button].click()
print({drawing.label for drawing in pad.own.drawings})
"""


def test_a_visitor_reaches_no_file_outside_the_folder(tmp_path):
    folder, other = tmp_path / "visitors", tmp_path / "other"
    for place in (folder / "deeper", other):
        place.mkdir(parents=True)
    dh.save_drawings(other / "theirs.json", [dh.Drawing(dh.write_digit(1))])
    before = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    names = ["../x.json", "../other/theirs.json", str(other / "x.json"), "deeper/x.json", "..", ".", ""]
    (labels,), _ = pad_of_the_page(f"names = {names}" + PRESS_ALL_BUTTONS, folder)
    assert "1" not in labels
    assert {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()} == before
    pad_of_the_page("names = ['mine.json']" + PRESS_ALL_BUTTONS, folder)
    assert (folder / "mine.json").exists(), "the same buttons do write a file in the folder"


def can_serve_the_page():
    from browser import chromium_path

    return find_spec("voila") and chromium_path() and int(version("ipywidgets").split(".")[0]) >= 8


needs_the_page = pytest.mark.skipif(
    not can_serve_the_page(), reason="needs voila, ipywidgets 8, and Chromium or Chrome"
)

# Stands in for the web browser that `digits draw` opens, and saves what it's asked to open.
FAKE_BROWSER = """
import sys, urllib.request
with urllib.request.urlopen(sys.argv[1]) as page, open("opened.html", "wb") as copy:
    copy.write(page.read())
"""


class Server:
    """``digits draw``, started in ``folder`` the way people start it; ``settings`` replace constants of the command."""

    def __init__(self, folder, **settings):
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.folder, self._log = folder, folder / "server.log"
        (folder / "browser.py").write_text(FAKE_BROWSER)
        code = f"import sys; from digits_helpers import cli; vars(cli).update({settings}); sys.exit(cli.main())"
        with self._log.open("w") as output:
            self.process = subprocess.Popen(
                [sys.executable, "-c", code, "draw", f"--port={self.port}"],
                cwd=folder,
                env=os.environ | {"BROWSER": f"{sys.executable} browser.py %s", "JUPYTER_TOKEN": "known-to-others"},
                stdout=output,
                stderr=output,
            )

    def log(self):
        return self._log.read_text(encoding="utf-8")

    def wait_for(self, pattern, seconds=120):
        """Wait until the server has printed something that matches; returns the match."""
        end = time.monotonic() + seconds
        while not (found := re.search(pattern, self.log())):
            assert self.process.poll() is None and time.monotonic() < end, self.log()
            time.sleep(0.1)
        return found

    def address(self):
        """The printed address."""
        return self.wait_for(rf"http://localhost:{self.port}/\S*\s")[0].strip()

    def ask(self, path, method="GET", **headers):
        """Send a request; returns the status, the headers and the body, which is empty for a websocket."""
        connection = http.client.HTTPConnection("localhost", self.port, timeout=60)
        with contextlib.closing(connection):
            connection.request(method, path, headers={name.replace("_", "-"): headers[name] for name in headers})
            response = connection.getresponse()
            body = b"" if response.status == 101 else response.read()
            return response.status, response.headers, body.decode()

    def kernels(self):
        return re.findall("Kernel started: (.*)", self.log())


@contextlib.contextmanager
def serving(folder, **settings):
    from browser import stop

    server = Server(folder, **settings)
    try:
        server.address()
        yield server
    finally:
        code = stop(server.process)
    assert code == 0, "the page's server stops when it is told to"
    with pytest.raises(OSError):
        server.ask("/")


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    with serving(tmp_path_factory.mktemp("page")) as running:
        yield running


def token_in(address):
    return re.fullmatch(r"http://localhost:\d+(/\?token=[0-9a-f]{32,})", address)[1]


@needs_the_page
def test_the_address_that_is_printed_and_opened_has_the_token(server):
    end = time.monotonic() + 60
    opened = server.folder / "opened.html"
    while not opened.exists() or not opened.read_text():
        assert time.monotonic() < end
        time.sleep(0.1)
    assert f'url={server.address()}"' in opened.read_text()
    assert token_in(server.address())


@needs_the_page
@pytest.mark.parametrize("path", ["/", "/?token=", "/?token=wrong", "/?token=known-to-others"])
def test_without_the_token_a_visitor_gets_no_page_and_no_kernel(server, path):
    before = server.kernels()
    status, headers, body = server.ask(path)
    assert status == 302 and headers["Location"].startswith("/login?")
    assert "Draw a digit" not in body
    login_status, _, form = server.ask(headers["Location"])
    assert login_status == 200 and "Draw a digit" not in form
    assert server.kernels() == before


WEBSOCKET = {
    "Connection": "Upgrade",
    "Upgrade": "websocket",
    "Sec_WebSocket_Version": "13",
    "Sec_WebSocket_Key": "dGhlIHNhbXBsZSBub25jZQ==",
}


@needs_the_page
def test_without_the_token_nobody_reaches_a_visitors_kernel(server):
    token = token_in(server.address()).partition("=")[2]
    before = server.kernels()
    status, _, body = server.ask(f"/?token={token}")
    assert status == 200 and "Draw a digit" in body
    (kernel,) = [started for started in server.kernels() if started not in before]
    assert kernel in body
    own_page = {"Cookie": "_xsrf=00", "X_XSRFToken": "00"}  # as if sent by a page of this server
    for wrong in ("", "?token=wrong"):
        assert server.ask(f"/api/kernels/{kernel}{wrong}")[0] == 403
        assert server.ask(f"/api/kernels/{kernel}{wrong}", "DELETE", **own_page)[0] == 403
        assert server.ask(f"/voila/api/shutdown/{kernel}{wrong}", "POST", **own_page)[0] == 403
        assert server.ask(f"/api/kernels/{kernel}/channels{wrong}", **WEBSOCKET)[0] == 403
    status, _, answer = server.ask(f"/api/kernels/{kernel}?token={token}")
    assert status == 200 and json.loads(answer)["id"] == kernel, "the kernel is still there"
    assert server.ask(f"/api/kernels/{kernel}/channels?token={token}", **WEBSOCKET)[0] == 101
    assert server.ask(f"/voila/api/shutdown/{kernel}?token={token}", "POST")[0] == 204


@needs_the_page
def test_the_kernel_of_a_page_that_is_gone_ends_after_a_while(tmp_path):
    with serving(tmp_path, MAX_IDLE=1, IDLE_CHECK=1) as server:
        assert server.ask(token_in(server.address()))[0] == 200
        (kernel,) = server.kernels()
        server.wait_for(f"Culling .*{kernel}.*\n.*Kernel shutdown: {kernel}", seconds=60)


@needs_the_page
def test_digits_kept_on_the_page_are_there_after_a_reload(server, browser):
    from browser import PATIENCE, Pad
    from playwright.sync_api import expect

    page = browser.new_page(viewport={"width": 1100, "height": 900})
    page.goto(server.address(), timeout=2 * PATIENCE)
    pad = Pad(page).empty()
    assert page.title() == page.get_by_role("heading").first.inner_text() == "Draw a digit"
    assert "DigitPad" not in page.inner_text("body"), "the code is hidden"
    pad.draw(dh.write_digit(7))
    pad.expect("I read 7 (")
    pad.open("My own digits")
    pad.root.get_by_label("This is a").select_option("7")
    pad.click("Keep")
    expect(pad.root.get_by_text("kept:")).to_contain_text("Saved to my-digits-")
    page.reload(timeout=2 * PATIENCE)
    (file,) = server.folder.glob("my-digits-*.json")
    (kept,) = dh.load_drawings(file)
    assert kept.label == 7
    again = Pad(page)
    again.open("My own digits")
    expect(again.root.get_by_text("kept:")).to_contain_text("0 kept")
    again.root.get_by_label("File").fill(file.name)
    again.click("Load")
    expect(again.root.get_by_text("kept:")).to_contain_text("1 kept: 1 read right")
    again.root.get_by_label("File").fill("../outside.json")
    again.click("Save")
    again.root.get_by_label("File").fill("inside.json")
    again.click("Save")
    expect(again.root.get_by_text("kept:")).to_contain_text("Saved to inside.json")
    assert not (server.folder.parent / "outside.json").exists()
    page.close()


@needs_the_page
def test_visitors_do_not_see_each_others_drawings(server, browser):
    from browser import PATIENCE, Pad

    pads = []
    for digit in (2, 5):
        page = browser.new_context().new_page()
        page.goto(server.address(), timeout=2 * PATIENCE)
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
    assert names[0] != names[1] and all(VISITOR.fullmatch(name) for name in names)
    for pad in pads:
        pad.page.context.close()
