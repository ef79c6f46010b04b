"""TensorFlow without its start-up messages."""

import os


def quiet_tensorflow():
    """Import TensorFlow, and keep what its C++ side writes while it starts out of the notebook.

    Those lines bypass ``sys.stderr`` and heed no setting, so the process's own stderr is pointed at nothing meanwhile.
    Errors raised by the import still arrive.

    >>> quiet_tensorflow()
    """
    kept = os.dup(2)
    nowhere = os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(nowhere, 2)
        import tensorflow  # noqa: F401
    finally:
        os.dup2(kept, 2)
        os.close(kept)
        os.close(nowhere)
