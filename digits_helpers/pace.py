"""How often to answer while a stroke is being drawn: often enough to be live, and no event ever waits for long."""

import time
from contextlib import contextmanager

import numpy as np

PAUSE = 0.1  # seconds at least between two answers
SHARE = 0.25  # of the time, at most, that answers may take
HURRY = 0.003  # seconds between two moves: no page sends them faster, so they have waited, and more wait behind them
PAUSE_IN_A_HURRY = 1


class Pace:
    """Says at each move whether an answer is due.

    >>> pace = Pace()
    >>> pace.due()
    True
    >>> with pace.answering():
    ...     pass
    >>> pace.due()
    False
    """

    def __init__(self):
        self._asked, self._answered, self._took = -np.inf, -np.inf, 0

    def due(self):
        """Whether it is time for an answer."""
        now = time.monotonic()
        pause = PAUSE_IN_A_HURRY if now - self._asked < HURRY else PAUSE
        self._asked = now
        return now - self._answered >= max(pause, self._took / SHARE)

    @contextmanager
    def answering(self):
        """Around the answer, to know when it came and how long it took."""
        started = time.monotonic()
        try:
            yield
        finally:
            self._answered = self._asked = time.monotonic()
            self._took = self._answered - started
