"""How the widgets' handlers run: one at a time, and never dying in silence. ``self.lock`` is the widget's."""

import functools


def guarded(method):
    """An event handler that does one thing at a time, and shows an error instead of dying of it.

    Some kernels run two handlers at once, on two threads; and an exception that leaves a handler is seen by nobody.
    """

    @functools.wraps(method)
    def handle(self, *event):
        with self.lock:
            try:
                method(self, *event)
            except Exception as error:
                self.on_error(error)

    return handle


def one_at_a_time(method):
    """Let a call from Python wait for an event handler that is running on another thread, and the other way round."""

    @functools.wraps(method)
    def waiting(self, *arguments, **named):
        with self.lock:
            return method(self, *arguments, **named)

    return waiting
