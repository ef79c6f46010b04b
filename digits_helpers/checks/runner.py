"""The exercises' checks: each tries the reader's answer and prints ✅, or ❌ and a hint that names the mistake."""

import functools

import numpy as np


def exercise(test):
    """Make a check of ``test``, a function that takes the reader's answer and asserts, with a hint, what must hold.

    The check prints and never raises, so that a notebook whose stubs are untouched still runs to its end.

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
    """The stub is still as it came."""


def _refuse_stub(answer):
    """The same answer; a function that returns nothing, or …, is a stub."""
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
    """The number as Python's own, also out of an array that holds it alone."""
    assert np.shape(result) == (), f"expected one number, not {result!r}."
    return np.asarray(result).item()
