"""Explain the lines that Keras prints while it trains."""

import re
from dataclasses import dataclass

COLOUR = re.compile(r"\x1b(\[[0-9;]*m?)?")
HEADER = re.compile(r"Epoch \d+/\d+")
START = re.compile(
    r"(?P<done>\d+)/(?P<total>\d+|Unknown)"
    r"(?:(?P<plain> -)| ?[━=]*) "  # verbose=2 prints a dash, verbose=1 a bar (of `=` if ━ can't be shown)
    r"(?:(?P<time>\d+(?::\d\d){1,2})|(?P<seconds>-?\d+)s)(?: -)? "
    r"(?P<step>\d+)(?P<unit>s|ms|us)/step"
)
VALUE = re.compile(r"-?\d+\.\d{4}(e[+-]\d{2,3})?|-?inf|nan")  # always four decimals, unless cut off
UNIT = {"s": 1, "ms": 1e-3, "us": 1e-6}
EXAMPLE = "`469/469 - 13s - 28ms/step - accuracy: 0.9507 - loss: 0.1612`"


@dataclass(frozen=True)
class LogLine:
    """The contents of one line of ``fit``, ``evaluate`` or ``predict``; ``print`` it for an explanation in words.

    ``seconds_are`` is ``"remaining"`` (an estimate, while there are batches to come) or ``"elapsed"``. ``val_metrics``
    uses the same names as ``metrics``, without ``val_``. Times are as precise as Keras prints them.
    """

    batches_done: int
    batches_total: int | None  # None if Keras doesn't know it yet
    seconds: int
    seconds_are: str
    seconds_per_batch: float
    metrics: dict[str, float]
    val_metrics: dict[str, float]

    @property
    def finished(self):
        """Whether all batches are done, so that the time shown is the time they took."""
        return self.batches_done == self.batches_total and self.seconds_are == "elapsed"

    def __str__(self):
        total = "an unknown number" if self.batches_total is None else self.batches_total
        state = "all done" if self.finished else "still running"
        time = "passed, for all batches together" if self.seconds_are == "elapsed" else "left, by Keras's estimate"
        validated = ", validation included" if self.val_metrics else ""
        over = "all batches" if self.finished else "the batches so far"
        rows = [
            ("batches", f"{self.batches_done} of {total}", f"{state}; batches are counted, not images"),
            ("time", f"{self.seconds} s", time + validated),
            ("per batch", f"{self.seconds_per_batch:g} s", "on average" + validated),
        ]
        for name, value in self.metrics.items():
            average = f"average over {over}; in fit() the weights change meanwhile"
            rows.append((name, f"{value:g}", "the optimizer's step size" if name == "learning_rate" else average))
        for name, value in self.val_metrics.items():
            rows.append((f"val_{name}", f"{value:g}", "on the validation set, with the weights of the epoch's end"))
        first, second = (max(len(row[column]) for row in rows) for column in (0, 1))
        return "\n".join(f"{name:<{first}}  {value:<{second}}  {meaning}" for name, value, meaning in rows)

    def _repr_pretty_(self, printer, cycle):
        printer.text(str(self))  # shown by a notebook when this is a cell's last expression


def explain_log_line(text):
    """Parse a Keras training log line, and explain it when printed.

    ``text`` is a line printed with ``verbose=2``, or with ``verbose=1``: either as you see it (with or without the
    progress bar), or as captured output with colour codes and every update of the line, in which case the last complete
    update counts. Returns a ``LogLine``. Raises ``ValueError`` for anything else: a header such as ``Epoch 1/5``,
    several lines, an incomplete line, or other text.

    >>> line = explain_log_line("469/469 - 13s - 28ms/step - accuracy: 0.9507 - loss: 0.1612 - val_loss: 0.0581")
    >>> line.batches_done, line.seconds_per_batch, line.val_metrics["loss"]
    (469, 0.028, 0.0581)
    >>> print(explain_log_line("120/469 ━━━━━━━━━━━━━━━━━━━━ 9s 28ms/step"))
    batches    120 of 469  still running; batches are counted, not images
    time       9 s         left, by Keras's estimate
    per batch  0.028 s     on average

    Built in lesson 05.
    """
    if not isinstance(text, str):
        raise ValueError(f"Expected the text of a log line, such as {EXAMPLE}, not {type(text).__name__}.")
    pieces = [" ".join(piece.split()) for piece in re.split(r"[\b\r\n]+", COLOUR.sub("", text)) if piece.strip()]
    updates = [_parse(piece) for piece in pieces]
    if len(updates) > 1 and _is_cut_off(pieces[-1], updates[-1], updates[-2]):
        updates.pop()
    for piece, update in zip(pieces, updates, strict=False):
        if update is None:
            raise ValueError(_refusal(piece))
    if not updates:
        raise ValueError(f"The text is empty: pass a line that fit() or evaluate() printed, such as {EXAMPLE}.")
    if not _same_line(updates, "\n" in text.strip()):
        raise ValueError("The text holds several log lines: pass one of them, for example text.splitlines()[-1].")
    return updates[-1]


def _parse(piece):
    """Parse one update, without colours or repeated spaces, as a ``LogLine``; ``None`` if it isn't complete."""
    start = START.match(piece)
    if not start:
        return None
    metrics, val_metrics = {}, {}
    rest, *parts = piece[start.end() :].split(" - ")
    for part in parts:
        name, _, value = part.rpartition(": ")
        if not name or not VALUE.fullmatch(value):
            return None
        kind = val_metrics if name.startswith("val_") else metrics
        kind[name.removeprefix("val_")] = float(value)
    if rest:
        return None
    done, total = int(start["done"]), None if start["total"] == "Unknown" else int(start["total"])
    seconds, step = _seconds(start), int(start["step"])
    # After the last batch, verbose=1 first prints that 0s remain, and the elapsed time only after validation. If the
    # batches alone took longer than 0s, `0s` can't be the elapsed time. (The average leaves out the first batch.)
    zero_remain = seconds == 0 and max(done - 1, 1) * max(step - 0.5, 0) * UNIT[start["unit"]] > 0.5
    running = total is not None and not start["plain"] and not val_metrics and (done != total or zero_remain)
    return LogLine(
        batches_done=done,
        batches_total=total,
        seconds=seconds,
        seconds_are="remaining" if running else "elapsed",
        seconds_per_batch=round(step * UNIT[start["unit"]], 6),
        metrics=metrics,
        val_metrics=val_metrics,
    )


def _seconds(start):
    if start["seconds"]:
        return int(start["seconds"])
    seconds = 0
    for part in start["time"].split(":"):  # hours, minutes, seconds
        seconds = 60 * seconds + int(part)
    return seconds


def _is_cut_off(piece, update, before):
    """Whether the latest update was captured while it was still being printed."""
    if before is None or before.finished:
        return False
    if update is None:
        return piece[0].isdigit()
    return len(update.metrics) < len(before.metrics)


def _same_line(updates, newlines):
    """Whether the updates belong to a single count going up, rather than to two lines that end at the same batch."""
    done = [update.batches_done for update in updates]
    totals = {update.batches_total for update in updates} - {None}
    return len(totals) <= 1 and done == sorted(done) and not (newlines and done[0] == done[-1])


def _refusal(piece):
    shown = repr(piece if len(piece) <= 80 else piece[:79] + "…")
    if HEADER.match(piece):
        return f"{shown} is the header of an epoch: pass only the line below it, such as {EXAMPLE}."
    if re.match(r"\d+/", piece):
        return f"{shown} starts like a log line but is cut off or changed: pass the whole line as Keras printed it."
    return f"{shown} is not a Keras log line: pass a line that fit() or evaluate() printed, such as {EXAMPLE}."
