"""What can be guessed, and in which words: a range of numbers, or one of several choices.

Both offer the same: ``traits`` for the page, ``checked(*answer)`` for an entry of the file, ``as_truth(value)``,
``written(truth)``, and the sentences ``asked``, ``guessed`` and ``judged``. A guess is the list of an entry's values.
"""

import math
from decimal import Decimal

from digits_helpers.guesses import CONFIDENCE


class Range:
    """Two numbers on a scale from ``low`` to ``high``, in steps of ``step``; ``unit`` is written after them."""

    def __init__(self, low, high, step, unit):
        low, high, step = (_as_number(value) for value in (low, high, step))
        if not (low < high and step > 0):
            raise ValueError(f"Expected a scale from a low to a higher number in positive steps, not {low} to {high}.")
        steps = (high - low) / step
        if not math.isclose(steps, round(steps)):
            raise ValueError(f"No whole number of steps of {step} leads from {low} to {high}.")
        self.low, self.high, self.unit = low, high, unit
        self.decimals = max(_decimals(low), _decimals(step))
        self.asked = "Guess a range from {} to {}.".format(*self.ends(low, high))
        self.traits = {"low": low, "high": high, "step": step, "ends": self.ends(low, high)}
        self.traits |= {"unit": unit, "decimals": self.decimals}

    def checked(self, *answer):
        if len(answer) != 2:
            raise ValueError(f"Expected the two ends of a range, not {len(answer)} answers.")
        low, high = (_tidy(_as_number(value), self.decimals) for value in answer)
        if not self.low <= low <= high <= self.high:
            raise ValueError(
                f"{low} to {high} is no range between {self._bare(self.low)} and {self.written(self.high)}."
            )
        return {"low": low, "high": high}

    def as_truth(self, value):
        """The truth as it's shown, with at most one decimal more than the scale has, and so as it's judged."""
        return _tidy(_as_number(value), self.decimals + 1)

    def ends(self, low, high):
        return [self._bare(low), self.written(high)]

    def written(self, value):
        return self._bare(value) + self.unit

    def guessed(self, guess):
        low, high = guess
        between = f"between {self._bare(low)} and " if low < high else ""
        return f"I'm {CONFIDENCE} % sure it's {between}{self.written(high)}."

    def judged(self, guess, truth):
        if not guess:
            return f"The truth is {self.written(truth)}."
        (low, high), truth_in_words = guess, self.written(truth)
        if low == high:
            verdict = "is exactly right" if low == truth else f"misses the truth, {truth_in_words}"
            return f"Your guess, {self.written(low)}, {verdict}."
        around = f"{self._bare(low)}–{self.written(high)}"
        if low <= truth <= high:
            return f"Your range {around} contains {truth_in_words}."
        return f"The truth, {truth_in_words}, lies outside your range {around}."

    def _bare(self, value):
        decimals = self.decimals + (value != round(value, self.decimals))
        return f"{value:,.{decimals}f}".replace("-", "\N{MINUS SIGN}")


class Choice:
    """One of several choices, which are shown as text."""

    def __init__(self, choices):
        if isinstance(choices, str) or not hasattr(choices, "__iter__"):
            raise ValueError(f"Expected a lowest and a highest number, or a list of choices, not {choices!r}.")
        self.choices = [str(choice) for choice in choices]
        if len(set(self.choices)) < max(2, len(self.choices)):
            raise ValueError(f"Expected at least two different choices, not {self.choices}.")
        self.asked = f"Choose one: {', '.join(self.choices)}."
        self.traits = {"choices": self.choices}

    def checked(self, *answer):
        if len(answer) != 1:
            raise ValueError(f"Expected one of the choices, not {len(answer)} answers.")
        return {"choice": self.as_truth(answer[0])}

    def as_truth(self, value):
        if str(value) not in self.choices:
            raise ValueError(f"{value!r} is none of the choices: {', '.join(self.choices)}.")
        return str(value)

    def written(self, truth):
        return truth

    def guessed(self, guess):
        return f"My guess: {guess[0]}."

    def judged(self, guess, truth):
        if not guess:
            return f"The answer is “{truth}”."
        return f"Your guess, “{truth}”, is right." if guess == [truth] else f"You guessed “{guess[0]}”; it's “{truth}”."


def _as_number(value):
    """A finite float, also from NumPy's and TensorFlow's numbers."""
    try:
        number = math.nan if isinstance(value, str | bool) else float(value)
    except TypeError:
        number = math.nan
    if not math.isfinite(number):
        raise ValueError(f"Expected a number, not {value!r}.")
    return number


def _tidy(number, decimals):
    """A number as it's stored: rounded, and an int where it's a whole one."""
    rounded = round(number, decimals)
    return int(rounded) if rounded == int(rounded) else rounded


def _decimals(number):
    """How many decimals a number has: 0 for 5.0, and 2 for 0.25."""
    return max(0, -Decimal(str(number)).normalize().as_tuple().exponent)
