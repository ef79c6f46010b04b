"""Files that hold what somebody made: written completely or not at all, and by one process at a time."""

import contextlib
import errno
import os
import uuid

from filelock import FileLock, Timeout

MAX_MEGABYTES = 5  # real files stay far below; this stops a wrong or hostile one before it fills the memory
LOCK_SECONDS = 10  # how long to wait while another process changes the same file


def write_file(path, data):
    """Write bytes completely or not at all: if that fails, an existing file stays as it was. Raises ``OSError``."""
    _refuse_folder(path)
    # Written beside its place and then moved there: a full disk or a crash leaves the old file as it was.
    part = path.with_name(f".{uuid.uuid4().hex}.part")
    try:
        with open(part, "xb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())  # on the disk before it replaces anything
        os.replace(part, path)
    except OSError as error:
        raise _not_written(path, error) from error
    finally:
        with contextlib.suppress(OSError):  # it is gone if all went well
            part.unlink()


def read_file(path):
    """The file's bytes, but hardly more than the limit: check the length. Raises ``OSError`` if it can't be read."""
    _refuse_folder(path)
    try:
        with open(path, "rb") as file:
            return file.read(MAX_MEGABYTES * 1_000_000 + 1)  # one byte over the limit is enough to see that it is over
    except OSError as error:
        raise OSError(error.errno, f"{path} cannot be read: {error.strerror or error}") from error


@contextlib.contextmanager
def locked(path):
    """Let no other process change the file between reading and writing it.

    Raises ``TimeoutError`` after waiting for 10 seconds, and another ``OSError`` if the file can't be locked.

    The lock can't be the file itself, because every write replaces that. It is a hidden file beside it, where every
    process that can change the drawings finds it, whatever its user, container or temporary folder. It stays there:
    once it is deleted, one process could lock the deleted file while another locks a new one of the same name.
    """
    _refuse_folder(path)
    lock = FileLock(path.with_name(f".{path.name}.lock"), timeout=LOCK_SECONDS)
    try:
        os.stat(os.path.join(path.parent, ""))  # FileLock would create a missing folder
        lock.acquire()
    except Timeout:
        raise TimeoutError(
            errno.ETIMEDOUT,
            f"{path} was not written: another program has been changing it for {LOCK_SECONDS} seconds. "
            "Try again, or close other notebooks that keep digits in this file",
        ) from None
    except OSError as error:
        raise _not_written(path, error) from error
    try:
        yield
    finally:
        lock.release()


def _not_written(path, error):
    return OSError(error.errno, f"{path} was not written: {error.strerror or error}")


def _refuse_folder(path):
    if path.is_dir():  # said here because Windows would only speak of missing permission
        raise IsADirectoryError(errno.EISDIR, f"{path} is a folder; name a file in it")
