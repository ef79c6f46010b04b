"""The command `digits`: read pictures of numbers in a terminal, or draw digits on a page in the browser.

Whatever is wrong with what it is given is one line on stderr, and the exit code 2.
"""

import argparse
import json
import os
import sys
import textwrap
import warnings
from pathlib import Path

# Only what comes with Python is imported up here: help, and a mistyped option, are answered at once.

PAGE = Path(__file__).with_name("page.ipynb")
FAILED = 2  # the exit code that argparse has for a wrong option, too
MOST = 300  # characters of a complaint: Keras's can be pages long

EXAMPLES = """\
examples:
  digits predict seven.png                             read one picture
  digits predict seven.png house.jpg --plot found.png  read two, and save what was found
  digits draw                                          draw digits in your browser
"""

PREDICT = """\
Read the handwritten number in each picture: a photo, a scan or a screenshot,
as a PNG, JPEG, GIF, BMP or WebP file. A question mark stands for what can't be
read, and the reason is beside it. A picture with nothing on it, or one that
can't be opened, doesn't stop the others; the exit code is then 2.
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
network read it. Digits that you keep are saved at once, in the folder where you
are now, in a file of its own for each visit: the page shows its name, which is
what to type to load them again.
The page needs Voila: python -m pip install "voila>=0.5.6" "ipywidgets>=8".
Ctrl-C ends it.
"""

DRAW_EXAMPLE = """\
example:
  digits draw --port 9000
"""


def main(arguments=None):
    """Run the command with its arguments, a list of strings, or with the terminal's; returns the exit code.

    >>> main(["predict", "nowhere/seven.png"])
    2
    """
    options = _parser().parse_args(arguments)
    try:
        return options.run(options)
    except Failure as failure:
        _complain(failure)
        return FAILED
    except KeyboardInterrupt:
        return 130  # as shells report Ctrl-C
    except BrokenPipeError:  # whoever read the answers has seen enough, as `head` has
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # or Python complains once more at its end
        return FAILED


class Failure(Exception):
    """What stops the command, in words for the person who gave it."""


class Unreadable(Exception):
    """Why one picture can't be read; the others still can."""


class Parser(argparse.ArgumentParser):
    """As argparse's own; a mistake is one line, without the usage before it."""

    def error(self, message):
        self.exit(FAILED, f"{self.prog}: {message} (see {self.prog} --help)\n")


def _parser():
    parser = Parser(
        prog="digits",
        description="Read handwritten digits with the network of the lessons.",
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    commands = parser.add_subparsers(title="commands", metavar="command", required=True)

    predict = _command(commands, "predict", "read the numbers in pictures", PREDICT, PREDICT_EXAMPLE, _predict)
    predict.add_argument("pictures", nargs="+", metavar="picture", help="a picture of a handwritten digit or number")
    predict.add_argument("--model", metavar="FILE", help="your own Keras model (.keras), not the one that ships")
    predict.add_argument(
        "--plot",
        metavar="FILE",
        help="save a figure (.png, .pdf or .svg) of each picture with boxes and answers, and of what the network saw",
    )
    predict.add_argument(
        "--json",
        action="store_true",
        help="print one JSON list for all pictures: file, number, digits and error of each; a digit has its "
        "probability, its box (left, top, right, bottom in pixels) and what makes it doubtful",
    )

    draw = _command(commands, "draw", "draw digits on a page in the browser", DRAW, DRAW_EXAMPLE, _draw)
    draw.add_argument("--port", type=_port, default=8866, help="the page's port on this machine (default: %(default)s)")
    draw.add_argument("--no-browser", action="store_true", help="print the page's address and open no browser")
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


def _complain(failure):
    print("digits:", textwrap.shorten(str(failure), MOST, placeholder=" …"), file=sys.stderr)  # in one line


# digits draw


def _draw(options):
    try:
        from voila.app import main as serve
    except ImportError:
        raise Failure('the page needs Voila: python -m pip install "voila>=0.5.6" "ipywidgets>=8"') from None
    os.environ["DIGITS_PAGE_DIR"] = os.getcwd()  # the page itself runs beside its notebook, in the package
    serve([str(PAGE), f"--port={options.port}", *["--no-browser"] * options.no_browser])  # until Ctrl-C
    return 0


# digits predict


def _predict(options):
    if options.plot:
        _check_place(Path(options.plot), options.pictures)
    if hasattr(sys.stdout, "reconfigure"):
        sys.stdout.reconfigure(errors="backslashreplace")  # a file's name may have letters that a terminal lacks
    predict, entries, found = None, [], []
    for file in options.pictures:
        try:
            picture, shrunk = _open(file)
            predict = predict or _load(options.model)  # not before there is a picture for it: it takes seconds
            number = _read(picture, predict)
        except Unreadable as reason:
            _complain(f"{file}: {reason}")
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
    """The picture in a file, and how many times smaller it was made."""
    from digits_helpers.picture_files import MAX_BYTES, open_image, read_picture

    try:
        with open(file, "rb") as opened:
            content = opened.read(MAX_BYTES + 1)  # enough to see that it is too large
        picture = read_picture(content)
    except OSError as error:
        raise Unreadable(f"{error.strerror}.") from None
    except ValueError as error:
        raise Unreadable(error) from None
    with open_image(content) as original:
        return picture, max(original.size) / max(picture.shape[:2])


def _load(file):
    """The network as a ``Predictor``: the one that ships, or the one in a file."""
    from digits_helpers.network import load_pretrained
    from digits_helpers.predictor import Predictor
    from digits_helpers.quiet_tf import quiet_tensorflow

    if file and not Path(file).is_file():
        raise Failure(f"--model {file}: there is no such file")
    try:
        quiet_tensorflow()
    except ImportError:
        raise Failure("the network needs TensorFlow: python -m pip install tensorflow") from None
    if file is None:
        return Predictor(load_pretrained())
    import keras

    try:
        model = keras.models.load_model(file, compile=False, safe_mode=True)
    except Exception as error:  # Keras raises whatever such a file makes it stumble over
        raise Failure(f"--model {file}: can't be loaded as a Keras model: {error}") from None
    try:
        return Predictor(model)
    except Exception as error:  # ValueError for most; a model may also break in any way of its own
        raise Failure(f"--model {file}: {error}") from None


def _read(picture, predict):
    from digits_helpers.number import read_number

    try:
        number = read_number(picture, predict)
    except ValueError as error:
        raise Unreadable(error) from None
    if not number:
        raise Unreadable("Nothing is drawn on it.")
    return number


def _in_lines(file, number):
    """The answer in the terminal: one line, and a further one for each digit if there are several."""
    from digits_helpers.number import as_text

    if len(number) == 1:
        return f"{file}: {_in_words(number[0])}"
    return "\n  ".join([f"{file}: {as_text(number)}", *map(_in_words, number)])


def _in_words(digit):
    return f"? {digit.doubt}" if digit.doubt else _with_share(digit)


def _with_share(digit):
    return f"{digit.digit} ({100 * digit.confidence:.0f} %)"


def _entry(file, number=(), shrunk=1, error=None):
    """The answer for a program, with boxes in pixels of the file's picture."""
    from digits_helpers.number import as_text

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
    """A row for each picture: what was found in it, and what the network saw of each digit."""
    from matplotlib.figure import Figure  # without pyplot: no window, and no screen needed

    figure = Figure(figsize=(9, 2.6 * len(found)), layout="constrained")
    rows = figure.subfigures(len(found), 1, squeeze=False)
    for row, (name, picture, number) in zip(rows[:, 0], found, strict=True):
        left, right = row.subfigures(1, 2)
        _draw_found(left.subplots(), name, picture, number)
        _draw_seen(right, number)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of letters in a file's name that the font lacks
            figure.savefig(file)
    except (OSError, ValueError) as error:
        raise Failure(f"--plot {file}: {error}") from None


def _draw_found(axis, name, picture, number):
    from matplotlib.patches import Rectangle
    from matplotlib.patheffects import withStroke

    from digits_helpers.number import as_text

    axis.imshow(picture, cmap="gray", vmin=0, vmax=255)
    axis.set(xticks=[], yticks=[], facecolor="0.6")  # black and white both show where a picture is transparent
    axis.set_title(f"{name}: {as_text(number)}", parse_math=False, pad=18)  # above the answers at its edge
    # Black with a white rim shows on any picture. What lies at the picture's edge is not cut off there.
    visible = {"path_effects": [withStroke(linewidth=4, foreground="white")], "clip_on": False}
    margin = max(picture.shape[:2]) / 100  # a 1 may be one pixel wide
    for digit in number:
        left, top, right, bottom = digit.box
        corner, size = (left - margin, top - margin), (right - left + 2 * margin, bottom - top + 2 * margin)
        style = "--" if digit.doubt else "-"
        axis.add_patch(Rectangle(corner, *size, fill=False, linewidth=1.5, linestyle=style, **visible))
        axis.text(left - margin, top - 2 * margin, as_text([digit]), weight="bold", **visible)


def _draw_seen(figure, number, columns=5):
    figure.suptitle("what the network saw")
    axes = figure.subplots(-(-len(number) // columns), columns, squeeze=False)
    for axis in axes.flat:
        axis.axis("off")
    for axis, digit in zip(axes.flat, number, strict=False):  # the last row may not be full
        axis.imshow(digit.image, cmap="gray", vmin=0, vmax=1)
        doubt = "? " if digit.doubt else ""
        axis.set_title(doubt + _with_share(digit), fontsize="small")


if __name__ == "__main__":
    sys.exit(main())
