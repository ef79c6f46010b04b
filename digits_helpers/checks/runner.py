"""Turn a test of a reader's answer into a check that prints ✅, or ❌ with a hint that names the mistake."""

import functools

import numpy as np


def exercise(test):
    """Make a check from ``test``, a function that takes the reader's answer and asserts what must hold, with hints.

    The check prints its verdict and never raises, so a notebook with untouched stubs still runs to the end.

    >>> @exercise
    ... def double(function):
    ...     assert function(3) == 6, "3 should give 6: multiply by 2."
    >>> double(lambda x: x + 2)
    ❌ double: 3 should give 6: multiply by 2.
    >>> double(lambda x: 2 * x)
    ✅ double
    """

    @functools.wraps(test)
    def check(answer):
        name = test.__name__
        try:
            if answer is None or answer is ...:
                raise NotDone
            test(_refuse_stub(answer))
        except NotDone:
            print(
                f"❌ {name}: not written yet, or it returns nothing. "
                "Replace the … with your own code, run the cell, then run this one."
            )
        except AssertionError as hint:
            print(f"❌ {name}: {hint}")
        except Exception as error:
            print(f"❌ {name}: your code stopped with {type(error).__name__}: {error}")
        else:
            print(f"✅ {name}")

    return check


class NotDone(Exception):
    """The reader hasn't replaced the stub yet."""


def _refuse_stub(answer):
    """Wrap a function so that it raises ``NotDone`` if it returns nothing, or …, as stubs do."""
    if not callable(answer):
        return answer

    @functools.wraps(answer)
    def call(*args, **kwargs):
        result = answer(*args, **kwargs)
        if result is None or result is ...:
            raise NotDone
        return result

    return call


def one_number(result):
    """The result as a plain Python number, even if it came as an array of shape ()."""
    assert np.shape(result) == (), f"expected one number, not {result!r}."
    return np.asarray(result).item()
