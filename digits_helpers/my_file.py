"""The one file that keeps what a reader makes in the lessons: ``my_digits.json``, next to the notebooks.

It holds ``{"version": 1, "digits": [...], "guesses": [...]}``. The modules ``digit_sheet`` and ``guesses``
describe the entries.
"""

import json
import reprlib
from pathlib import Path

from digits_helpers.safe_files import MAX_MEGABYTES, locked, read_file, write_file

MY_FILE = Path("my_digits.json")  # in the current folder, which is the notebooks'
VERSION = 1
KEYS = ("digits", "guesses")


def load(path=MY_FILE):
    """Return what the file holds: a dictionary with the lists ``digits`` and ``guesses``, empty without a file.

    A damaged file raises ``ValueError``, and one that can't be read ``OSError``. Nothing is written.

    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     load(Path(folder, "mine.json"))
    {'version': 1, 'digits': [], 'guesses': []}

    Built in lesson 00.
    """
    path = Path(path)
    if not path.exists():
        return _empty()
    try:
        return parse(read_file(path), path.name)
    except ValueError as error:
        raise ValueError(f"{error} It stays as it is: rename or move it to start a new one.") from None


def change(key, function, path=MY_FILE):
    """Replace the list under ``key``, "digits" or "guesses", by ``function`` of it, and return the new list.

    The file is written completely or not at all, and what else it holds stays. While other notebooks change it, this
    waits for up to 10 seconds and then raises ``TimeoutError``. A damaged file raises ``ValueError`` and stays as it
    is, and so does a file that would grow beyond 5 MB. Raises ``OSError`` if the file can't be read or written.

    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = Path(folder, "mine.json")
    ...     _ = change("guesses", lambda guesses: [*guesses, {"question": "How many?"}], path)
    ...     load(path)["guesses"]
    [{'question': 'How many?'}]

    Built in lesson 00.
    """
    return change_all(lambda content: content | {key: function(content[key])}, path)[key]


def change_all(function, path=MY_FILE):
    """Replace everything the file holds by ``function`` of it, and return that; otherwise like ``change``.

    Built in lesson 00.
    """
    path = Path(path)
    with locked(path):
        content = function(load(path))
        data = json.dumps(content, separators=(",", ":"), allow_nan=False).encode()
        parse(data, path.name)  # what could not be read again must not take the old file's place
        write_file(path, data)
    return content


def parse(data, name):
    """Check the bytes of such a file and return what ``load`` does; ``name`` is the file's name, for error messages.

    >>> parse(b"scribble", "mine.json")
    Traceback (most recent call last):
    ValueError: mine.json: This isn't a JSON file (Expecting value: line 1 column 1 (char 0)).

    Built in lesson 00.
    """
    problem = None
    if len(data) > MAX_MEGABYTES * 10**6:
        problem = f"The file is larger than {MAX_MEGABYTES} MB."
    else:
        try:
            content = json.loads(data)
        except (ValueError, RecursionError) as error:
            problem = f"This isn't a JSON file ({error})."
        else:
            problem = _problem(content)
    if problem:
        raise ValueError(f"{name}: {problem}")
    return _empty() | content


def _empty():
    return {"version": VERSION} | {key: [] for key in KEYS}


def _problem(content):
    """What is wrong with the content of a file, as a sentence, or None."""
    if not isinstance(content, dict) or not set(KEYS) & set(content):
        return "This isn't a file of digits and guesses."
    version = content.get("version")
    if type(version) is not int or version < 1:  # True is an int to isinstance
        return f"The version must be {VERSION}, not {reprlib.repr(version)}."
    if version > VERSION:
        return f"It was written by a newer version of this package (format {version}). Update the package."
    for key in KEYS:
        entries = content.get(key, [])
        if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
            return f"{key} must be a list of objects, not {reprlib.repr(entries)}."
    return None
