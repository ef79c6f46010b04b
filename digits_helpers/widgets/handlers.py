"""How the widgets' event handlers run: one at a time, and never failing without a word."""

import contextlib
import functools
import threading

from ipycanvas.canvas import _CANVAS_MANAGER as MANAGER

# One lock for all pads of the process, because all canvases of a process send through ipycanvas's one manager: two
# threads that draw on two canvases at the same time would mix up their commands.
LOCK = threading.RLock()


def guarded(method):
    """Make an event handler of a method: it waits for its turn, and reports an exception to ``self.on_error``.

    Some kernels run two handlers at once, on two threads; and nobody sees an exception that leaves a handler.
    """

    @functools.wraps(method)
    def handle(self, *event):
        with LOCK:
            try:
                method(self, *event)
            except Exception as error:
                self.on_error(error)

    return handle


def one_at_a_time(method):
    """Let a call from Python wait for an event handler on another thread, and the other way round."""

    @functools.wraps(method)
    def waiting(self, *arguments, **named):
        with LOCK:
            return method(self, *arguments, **named)

    return waiting


@contextlib.contextmanager
def one_message():
    """Send everything that is drawn inside as one message, or nothing of it if an exception ends it.

    ipycanvas's own ``hold_canvas`` stays on when an exception or a kernel interrupt ends it, and then no canvas of the
    process shows anything until the kernel restarts.
    """
    with LOCK:
        try:
            MANAGER._caching = True
            yield
            MANAGER.flush()
        except BaseException:
            # Drop what may have arrived or not, and let the next command name its canvas again.
            MANAGER._commands_cache, MANAGER._buffers_cache, MANAGER._current_canvas = [], [], None
            raise
        finally:
            MANAGER._caching = False
