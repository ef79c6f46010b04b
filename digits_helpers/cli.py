"""The `digits` command: read handwritten numbers in pictures, or draw digits on a page in the browser.

Every mistake in what it is given is reported in one line on stderr, with exit code 2.
"""

import argparse
import json
import os
import sys
import textwrap
import threading
import warnings
import webbrowser
from pathlib import Path

# Only the standard library is imported up here, so that --help and a mistyped option are answered at once.

PAGE = Path(__file__).parent / "widgets" / "page.ipynb"
FAILED = 2  # argparse exits with the same code
LONGEST_MESSAGE = 300  # characters: Keras's own error messages can fill pages
MAX_IDLE = 600  # seconds after which the kernel of a page that nobody has open any more is shut down
IDLE_CHECK = 60  # seconds between two checks for idle kernels

EXAMPLES = """\
examples:
  digits predict seven.png                             read one picture
  digits predict seven.png house.jpg --plot found.png  read two, and save a figure of what was found
  digits draw                                          draw digits in your browser
"""

PREDICT = """\
Read the handwritten number in each picture: a photo, a scan or a screenshot,
saved as PNG, JPEG, GIF, BMP or WebP. A question mark stands for a digit that
can't be read, followed by the reason. If a picture is blank or can't be opened,
the others are still read, and the exit code is 2.
"""

PREDICT_EXAMPLE = """\
example:
  $ digits predict seven.png house.jpg
  seven.png: 7 (100 %)
  house.jpg: 42
    4 (99 %)
    2 (100 %)
"""

DRAW = """\
Open the drawing pad as a page in your browser: draw a digit and watch the
network read it. The page's address contains a token, and whoever doesn't have
it can't open the page. Digits that you keep are saved at once in the current
folder. Every visit gets its own file, and the page shows its name: type it there
to load those digits again.
The page needs Voila: python -m pip install "voila>=0.5.6" "ipywidgets>=8".
Press Ctrl-C to stop it.
"""

DRAW_EXAMPLE = """\
example:
  digits draw --port 9000
"""


def main(arguments=None):
    """Run the command and return its exit code: 0, 2 for a mistake, or 130 after Ctrl-C.

    ``arguments`` is a list of strings; without it, those from the terminal are used. Like any command built with
    argparse, it raises ``SystemExit`` for ``--help`` and for arguments that don't exist.

    >>> main(["predict", "nowhere/seven.png"])
    2
    """
    options = _parser().parse_args(arguments)
    try:
        return options.run(options)
    except Failure as failure:
        _report(failure)
        return FAILED
    except KeyboardInterrupt:
        return 130  # what shells report after Ctrl-C
    except BrokenPipeError:  # the program that reads the answers has stopped reading, as `head` does
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # or Python would complain again as it exits
        return FAILED


class Failure(Exception):
    """An error that stops the command; its message is for the person who typed it."""


class Unreadable(Exception):
    """The reason why one picture can't be read; the others still can."""


class Parser(argparse.ArgumentParser):
    """An ``ArgumentParser`` that reports a mistake in one line, without printing the usage first."""

    def error(self, message):
        self.exit(FAILED, f"{self.prog}: {message} (see {self.prog} --help)\n")


def _parser():
    parser = Parser(
        prog="digits",
        description="Read handwritten digits with the network from the lessons.",
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    commands = parser.add_subparsers(title="commands", metavar="command", required=True)

    predict = _command(commands, "predict", "read the numbers in pictures", PREDICT, PREDICT_EXAMPLE, _predict)
    predict.add_argument("pictures", nargs="+", metavar="picture", help="a picture of a handwritten digit or number")
    predict.add_argument("--model", metavar="FILE", help="use your own Keras model (.keras); this needs TensorFlow")
    predict.add_argument(
        "--plot",
        metavar="FILE",
        help="save a figure (.png, .pdf or .svg) that shows each picture with boxes and answers, "
        "and what the network saw of each digit",
    )
    predict.add_argument(
        "--json",
        action="store_true",
        help="print JSON: a list with the file, number, digits and error of each picture, and for each digit its "
        "probability, its box (left, top, right, bottom in pixels) and the reason if it can't be read",
    )

    draw = _command(commands, "draw", "draw digits on a page in the browser", DRAW, DRAW_EXAMPLE, _draw)
    draw.add_argument("--port", type=_port, default=8866, help="the page's port on this machine (default: %(default)s)")
    draw.add_argument("--no-browser", action="store_true", help="only print the page's address; don't open a browser")
    return parser


def _command(commands, name, summary, description, example, run):
    command = commands.add_parser(
        name,
        help=summary,
        description=description,
        epilog=example,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    command.set_defaults(run=run)
    return command


def _port(text):
    number = int(text) if text.isdecimal() else 0
    if not 1 <= number <= 65535:
        raise argparse.ArgumentTypeError(f"a port is a number from 1 to 65535, not {text!r}")
    return number


def _report(error):
    print("digits:", textwrap.shorten(str(error), LONGEST_MESSAGE, placeholder=" …"), file=sys.stderr)  # on one line


# digits draw


def _draw(options):
    try:
        from voila.app import Voila
    except ImportError:
        raise Failure('the page needs Voila: python -m pip install "voila>=0.5.6" "ipywidgets>=8"') from None

    class Page(Voila):
        def launch_browser(self):
            """Open the page with its token, which Voila leaves out."""
            # The address is handed over in a private file: every user of this machine can see the browser's arguments.
            file = Path(self.connection_dir, "open-page.html")
            file.write_text(f'<meta http-equiv="refresh" content="0; url={self.display_url}">', encoding="utf-8")
            threading.Thread(target=webbrowser.open, args=[file.as_uri()]).start()  # a text browser doesn't return

    for name in ("JUPYTER_TOKEN", "JUPYTER_TOKEN_FILE"):
        os.environ.pop(name, None)  # otherwise Voila uses that token instead of a new one, and doesn't print it
    os.environ["DIGITS_PAGE_DIR"] = os.getcwd()  # the page's kernel starts in the package, next to the notebook
    Page.launch_instance(  # returns after Ctrl-C
        [
            str(PAGE),
            "--token",
            f"--port={options.port}",
            # As long as a page is open, its kernel stays: a drawing on it would be lost. Kept digits are in their file.
            f"--MappingKernelManager.cull_idle_timeout={MAX_IDLE}",
            f"--MappingKernelManager.cull_interval={IDLE_CHECK}",
            *["--no-browser"] * options.no_browser,
        ]
    )
    return 0


# digits predict


def _predict(options):
    if options.plot:
        _check_place(Path(options.plot), options.pictures)
    if hasattr(sys.stdout, "reconfigure"):
        sys.stdout.reconfigure(errors="backslashreplace")  # the terminal may lack characters of a file's name
    predict, entries, found = None, [], []
    for file in options.pictures:
        try:
            picture, shrunk = _open(file)
            if options.model and predict is None:  # TensorFlow takes seconds: only when there is a picture to read
                predict = _load(options.model)
            number = _read(picture, predict)
        except Unreadable as reason:
            _report(f"{file}: {reason}")
            entries.append(_entry(file, error=str(reason)))
            continue
        entries.append(_entry(file, number, shrunk))
        if not options.json:
            print(_in_lines(file, number), flush=True)
        if options.plot:
            found.append((Path(file).name, picture, number))
    if options.json:
        print(json.dumps(entries, indent=2), flush=True)
    if found:
        _save_figure(found, options.plot)
    return FAILED if any(entry["error"] for entry in entries) else 0


def _check_place(plot, pictures):
    if not plot.parent.is_dir():
        raise Failure(f"--plot {plot}: there is no folder {plot.parent}")
    if plot.exists() and any(Path(picture).exists() and plot.samefile(picture) for picture in pictures):
        raise Failure(f"--plot {plot}: this would overwrite the picture; choose another name")


def _open(file):
    """Return the picture in a file, and how many times smaller it was made."""
    from digits_helpers.picture_files import MAX_BYTES, read_and_shrink

    try:
        with open(file, "rb") as opened:
            return read_and_shrink(opened.read(MAX_BYTES + 1))  # enough to see that it is too large
    except OSError as error:
        raise Unreadable(f"{error.strerror}.") from None
    except ValueError as error:
        raise Unreadable(error) from None


def _load(file):
    """Return a ``Predictor`` for the Keras model in a file."""
    if not Path(file).is_file():
        raise Failure(f"--model {file}: there is no such file")
    from digits_helpers.predictor import Predictor
    from digits_helpers.quiet_tf import quiet_tensorflow

    try:
        quiet_tensorflow()
    except ImportError:
        raise Failure("--model needs TensorFlow: python -m pip install tensorflow") from None
    import keras

    try:
        model = keras.models.load_model(file, compile=False, safe_mode=True)
    except Exception as error:  # a damaged file can make Keras raise anything
        raise Failure(f"--model {file}: can't be loaded as a Keras model: {error}") from None
    try:
        return Predictor(model)
    except Exception as error:  # usually ValueError, but a model can fail in its own way
        raise Failure(f"--model {file}: {error}") from None


def _read(picture, predict):
    from digits_helpers.number import read_number

    try:
        number = read_number(picture, predict)
    except ValueError as error:
        raise Unreadable(error) from None
    if not number:
        raise Unreadable("Nothing is drawn on this picture.")
    return number


def _in_lines(file, number):
    """The answer for the terminal: one line, followed by a line for each digit if there are several."""
    from digits_helpers.words import as_text

    if len(number) == 1:
        return f"{file}: {_in_words(number[0])}"
    return "\n  ".join([f"{file}: {as_text(number)}", *map(_in_words, number)])


def _in_words(digit):
    from digits_helpers.words import with_percent

    return f"? {digit.doubt}" if digit.doubt else with_percent(digit.digit, digit.confidence)


def _entry(file, number=(), shrunk=1, error=None):
    """The answer for other programs, with boxes in pixels of the picture as it is in the file."""
    from digits_helpers.words import as_text

    digits = [
        {
            "digit": digit.digit,
            "probability": round(digit.confidence, 4),
            "box": [round(shrunk * side) for side in digit.box],
            "doubt": digit.doubt,
        }
        for digit in number
    ]
    return {"file": file, "number": None if error else as_text(number), "digits": digits, "error": error}


# The figure


def _save_figure(found, file):
    """Save a figure with a row for each picture: what was found in it, and what the network saw of each digit."""
    from matplotlib.figure import Figure  # pyplot would need a screen

    figure = Figure(figsize=(9, 2.6 * len(found)), layout="constrained")
    rows = figure.subfigures(len(found), 1, squeeze=False)
    for row, (name, picture, number) in zip(rows[:, 0], found, strict=True):
        left, right = row.subfigures(1, 2)
        _draw_found(left.subplots(), name, picture, number)
        _draw_seen(right, number)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # the font may lack characters of a file's name
            figure.savefig(file)
    except (OSError, ValueError) as error:
        raise Failure(f"--plot {file}: {error}") from None


def _draw_found(axis, name, picture, number):
    from matplotlib.patches import Rectangle
    from matplotlib.patheffects import withStroke

    from digits_helpers.words import as_text

    axis.imshow(picture, cmap="gray", vmin=0, vmax=255)
    axis.set(xticks=[], yticks=[], facecolor="0.6")  # behind a transparent picture: both black and white show on it
    axis.set_title(f"{name}: {as_text(number)}", parse_math=False, pad=18)  # leaves room for answers at the top edge
    # Black with a white rim is visible on any picture. Boxes and answers at its edge aren't cut off.
    visible = {"path_effects": [withStroke(linewidth=4, foreground="white")], "clip_on": False}
    margin = max(picture.shape[:2]) / 100  # a 1 may be only one pixel wide
    for digit in number:
        left, top, right, bottom = digit.box
        corner, size = (left - margin, top - margin), (right - left + 2 * margin, bottom - top + 2 * margin)
        style = "--" if digit.doubt else "-"
        axis.add_patch(Rectangle(corner, *size, fill=False, linewidth=1.5, linestyle=style, **visible))
        axis.text(left - margin, top - 2 * margin, as_text([digit]), weight="bold", **visible)


def _draw_seen(figure, number, columns=5):
    from digits_helpers.words import with_percent

    figure.suptitle("what the network saw")
    axes = figure.subplots(-(-len(number) // columns), columns, squeeze=False)
    for axis in axes.flat:
        axis.axis("off")
    for axis, digit in zip(axes.flat, number, strict=False):  # the last row may have empty places
        axis.imshow(digit.image, cmap="gray", vmin=0, vmax=1)
        doubt = "? " if digit.doubt else ""
        axis.set_title(doubt + with_percent(digit.digit, digit.confidence), fontsize="small")


if __name__ == "__main__":
    sys.exit(main())
