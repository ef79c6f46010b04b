"""The benchmarks run, on little data; what they print of much is in the README."""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np

import digits_helpers as dh

BENCHMARKS = Path(__file__).parents[1] / "benchmarks"


def test_drawn_digits_counts_what_is_read_after_each_stage(tmp_path):
    drawings = [dh.write_digit(digit) for digit in range(10)] * 3
    np.savez(
        tmp_path / "strokes.npz",
        points=np.concatenate([stroke for strokes in drawings for stroke in strokes]),
        stroke_lengths=[len(stroke) for strokes in drawings for stroke in strokes],
        strokes_per_digit=[len(strokes) for strokes in drawings],
        labels=np.tile(np.arange(10), 3),
    )
    command = [sys.executable, str(BENCHMARKS / "drawn_digits.py"), str(tmp_path / "strokes.npz")]
    printed = subprocess.run(command, capture_output=True, text=True, check=True, env=os.environ).stdout.splitlines()
    assert printed[0] == "30 drawings, the shipped network"
    read = {line[:22].strip(): float(line[22:30].strip(" %")) for line in printed[2:]}
    assert list(read)[0] == "whole canvas shrunk" and list(read)[-1] == "+ centre of mass"
    assert read["+ centre of mass"] > 90 > read["whole canvas shrunk"]
