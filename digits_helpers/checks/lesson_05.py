"""Checks for the exercises in lesson 05."""

import math

from digits_helpers.checks.runner import exercise, one_number


@exercise
def epoch_seconds(function):
    for n, kept, batch_size, ms, expected in [
        (4000, 400, 128, 50, 1.45),
        (1000, 0, 100, 30, 0.3),
        (60000, 6000, 128, 25, 10.55),
    ]:
        result, images = one_number(function(n, kept, batch_size, ms)), n - kept
        asked = f"for {n} images, {kept} of them kept aside, batch size {batch_size} and {ms} ms/step"
        for mistake, hint in [
            (expected * 1000, "those are milliseconds: divide by 1000."),
            (ms / 1000, "that is one batch: an epoch has many."),
            (images * ms / 1000, "ms/step is the time of a batch, not of an image: count the batches."),
            (images // batch_size * ms / 1000, "the images that are left over form one more batch. Round up."),
            (images / batch_size * ms / 1000, "the number of batches is a whole number. Round up."),
            (math.ceil(n / batch_size) * ms / 1000, "the images kept aside make no steps: subtract them first."),
        ]:
            assert math.isclose(mistake, expected) or not math.isclose(result, mistake), f"{asked}: {hint}"
        assert math.isclose(result, expected), f"{asked} expected {expected} s, not {result:.4g}."


@exercise
def read_val_loss(function):
    start = "29/29 - 1s - 28ms/step - accuracy: 0.9507 - loss: 0.1612"
    for value in ("0.0581", "4.2000e-04", "12.5000"):
        for end in (f"val_accuracy: 0.9801 - val_loss: {value}", f"val_loss: {value} - val_mae: 0.2500"):
            line = f"{start} - {end}"
            result, asked = function(line), f"in {line!r}"
            assert not isinstance(result, str), f"{asked} you gave the text {result!r}: make it a number with float."
            result = one_number(result)
            assert result != 0.1612, f"{asked} you gave the training loss: look for `val_loss: `, with the val_."
            assert "e" not in value or result != 4.2, f"{asked} e-04 belongs to the number: read on to the next space."
            assert result == float(value), f"{asked} expected {float(value)}, not {result}."
