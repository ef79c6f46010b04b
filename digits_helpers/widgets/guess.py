"""A guess to lock in before you see the truth: a range of numbers, or a choice (guess.js)."""

import contextlib
from pathlib import Path

import anywidget
import traitlets

from digits_helpers.guesses import recall, save
from digits_helpers.widgets.guess_answers import Choice, Range
from digits_helpers.widgets.guess_picture import draw_card
from digits_helpers.widgets.handlers import guarded, one_at_a_time
from digits_helpers.widgets.snapshot import size_on_page
from digits_helpers.widgets.with_picture import WithPicture, as_png


class GuessCard(WithPicture, anywidget.AnyWidget):
    """What the page draws: the question, and a scale or choices with the guess and, once revealed, the truth."""

    _esm = Path(__file__).with_name("guess.js")
    _css = Path(__file__).with_name("guess.css")

    question = traitlets.Unicode().tag(sync=True)
    choices = traitlets.List(traitlets.Unicode()).tag(sync=True)  # empty if the answer is a number
    low = traitlets.Float(0).tag(sync=True)  # of the scale of numbers, as are high and step
    high = traitlets.Float(1).tag(sync=True)
    step = traitlets.Float(1).tag(sync=True)
    decimals = traitlets.Int(0).tag(sync=True)  # of the numbers on the scale
    ends = traitlets.List(traitlets.Unicode(), ["0", "1"]).tag(sync=True)  # the ends of the scale, as they're written
    unit = traitlets.Unicode().tag(sync=True)
    guess = traitlets.List().tag(sync=True)  # what is locked in: two numbers or one choice; empty if nothing is
    final = traitlets.Bool(False).tag(sync=True)  # the truth is known, so the guess can't change any more
    sentence = traitlets.Unicode().tag(sync=True)  # the question's state in words, or what the truth says of the guess
    message = traitlets.Unicode().tag(sync=True)  # what went wrong, in one line
    truth = traitlets.Unicode().tag(sync=True)  # as it's written, on the card that reveals it
    place = traitlets.Float(0).tag(sync=True)  # where it lies on the scale

    def __repr__(self):
        return " ".join(filter(None, [self.question, self.sentence, self.message]))

    def _picture(self):
        image = draw_card(self)
        return as_png(image), size_on_page(image), repr(self)


class Guess(GuessCard):
    """A question with a guess to lock in before the truth is revealed.

    ``Guess(question, low, high)`` asks for a range of numbers that you're 80 % sure contains the truth. It moves in
    steps of ``step``, and ``unit`` is written after the numbers, with a space if it needs one. ``Guess(question,
    choices)`` asks for one of a list of choices. Raises ``ValueError`` for a scale or choices that make no sense.

    Lock in a guess on the page or with ``lock_in``; ``answer`` then holds it: two numbers, one choice, or None. It is
    saved in ``my_digits.json`` in the current folder under the words of the question, so running the cell again brings
    it back. If it can't be saved, one line says so, and it counts until the kernel stops.

    >>> guess = Guess("How many of the ten will be classified correctly?", 0, 10)
    >>> guess
    How many of the ten will be classified correctly? Guess a range from 0 to 10.
    >>> guess.reveal(7)
    How many of the ten will be classified correctly? The truth is 7.

    Built in lesson 00.
    """

    def __init__(self, question, *answers, step=1, unit=""):
        if not isinstance(question, str) or not question.strip():
            raise ValueError(f"Expected a question in words, not {question!r}.")
        if len(answers) not in (1, 2):
            raise ValueError("Expected a lowest and a highest number, or a list of choices.")
        self._kind = Range(*answers, step, unit) if len(answers) == 2 else Choice(*answers)
        super().__init__(question=question.strip(), sentence=self._kind.asked, **self._kind.traits)
        self._take_up()
        self.on_msg(self._on_message)

    @property
    def answer(self):
        """What is locked in: the two ends of the range, or the choice; None if nothing is."""
        if not self.guess:
            return None
        return self.guess[0] if self.choices else tuple(self.guess)

    @one_at_a_time
    def lock_in(self, *answer):
        """Lock in the two ends of a range, or a choice. Raises ``ValueError`` if that isn't a possible answer.

        What is locked in stays: until ``guess_again`` is called, another call raises ``ValueError``.
        """
        if self.guess:
            raise ValueError("This guess is locked in already.")
        checked = self._kind.checked(*answer)
        self._keep({"question": self.question, **checked, "truth": None, "earlier": _history(self._entry)})

    @one_at_a_time
    def guess_again(self):
        """Open the guess again; the file keeps the earlier one. Raises ``ValueError`` once the truth is known."""
        if self.final:
            raise ValueError("The truth is known, so this guess can't change any more.")
        self.guess, self.sentence, self.message = [], self._kind.asked, ""

    @one_at_a_time
    def reveal(self, truth, why=None):
        """Compare the guess with the truth; returns what to show, which is just the truth if nothing was locked in.

        ``truth`` is a number, which may lie off the scale, or one of the choices. A number is shown with at most one
        decimal more than the scale has, and judged as it's shown. ``why`` may say of each choice what it tells you if
        you chose it: ``{"shuffled": "…"}``. Raises ``ValueError`` if the truth isn't a possible answer, or if ``why``
        names something else than a choice.
        """
        truth, why = self._kind.as_truth(truth), why or {}
        for choice in why:
            if choice not in self.choices:
                raise ValueError(f"why explains {choice!r}, which is none of the choices.")
        if not self.guess:
            self._take_up()  # the file may have come back since this cell ran
        if self.guess:
            self._keep(self._entry | {"truth": truth})
        return Reveal(self, self._kind, truth, why)

    def on_error(self, error):
        """Show what went wrong."""
        self.message = str(error)

    @guarded
    def _on_message(self, _widget, content, _buffers):
        if "lock" not in content:
            self.guess_again()
        elif not self.guess:  # a second click, or a second view of the card, may come too late
            self.lock_in(*content["lock"])

    def _take_up(self):
        """Show what was locked in earlier, unless it answers another version of this question."""
        self._entry = None
        try:
            self._entry = recall(self.question)
        except (OSError, ValueError) as error:
            self._not_saved(error)
        with contextlib.suppress(ValueError):
            self._show(self._kind.checked(*_answer(self._entry).values()))

    def _keep(self, entry):
        self._entry, self.message = entry, ""
        try:
            save(entry)
        except (OSError, ValueError) as error:
            self._not_saved(error)
        self._show(_answer(entry))

    def _show(self, answer):
        guess = list(answer.values())
        with self.hold_sync():  # in one message
            self.final, self.guess, self.sentence = self._entry["truth"] is not None, guess, self._kind.guessed(guess)

    def _not_saved(self, error):
        reason = getattr(error, "strerror", None) or str(error)
        self.message = f"This guess can't be saved, so it counts only until the kernel stops. {reason.rstrip('.')}."


class Reveal(GuessCard):
    """A guess beside the truth, and a sentence that says what happened."""

    def __init__(self, guess, kind, truth, why):
        super().__init__(
            question=guess.question, guess=guess.guess, final=True, truth=kind.written(truth), **kind.traits
        )
        self.sentence = kind.judged(guess.guess, truth)
        if isinstance(kind, Range):
            self.place = truth
            low, high = min(kind.low, truth), max(kind.high, truth)  # it may be off the scale
            self.low, self.high, self.ends = low, high, kind.ends(low, high)
        elif guess.answer in why:
            self.sentence += f" {why[guess.answer]}"


def _answer(entry):
    """The answer in an entry of the file, which may be None."""
    return {key: entry[key] for key in ("low", "high", "choice") if key in (entry or {})}


def _history(entry):
    """The answers that came before a new one, the latest last."""
    return [*entry.get("earlier", []), _answer(entry)] if entry else []
