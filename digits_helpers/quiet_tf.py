"""TensorFlow without its start-up messages."""

import os


def quiet_tensorflow():
    """Import TensorFlow without showing its C++ start-up messages in the notebook.

    They bypass ``sys.stderr`` and no setting turns them off, so the process's standard error goes to the null device
    during the import. Errors raised by the import still reach you.

    >>> quiet_tensorflow()

    Plumbing, first used in lesson 00.
    """
    stderr = os.dup(2)
    null = os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(null, 2)
        import tensorflow  # noqa: F401
    finally:
        os.dup2(stderr, 2)
        os.close(stderr)
        os.close(null)
