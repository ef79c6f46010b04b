"""The benchmarks run, on little data; what they print of much is in the README."""

import os
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import digits_helpers as dh

BENCHMARKS = Path(__file__).parents[1] / "benchmarks"
sys.path.append(str(BENCHMARKS))

import drawn_digits  # noqa: E402
import pretrained  # noqa: E402
import strokes_files  # noqa: E402

DOWN_AND_A_BAR = """.INCLUDE somebody.doc
.SEGMENT DIGIT 0-1 ? "7"
.COMMENT 7 1 1
.PEN_DOWN
 10 90
 50 90
 30 10
.PEN_UP
 40 40
.DT 100
.PEN_DOWN
 20 50
 40 50
.PEN_UP
.SEGMENT DIGIT 2 ? "1"
.PEN_DOWN
 10 90
.PEN_UP
"""


def run(script, *arguments):
    command = [sys.executable, str(BENCHMARKS / script), *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, check=True, env=os.environ).stdout


# Files of strokes


def save_npz(path, drawings, labels):
    np.savez(
        path,
        points=np.concatenate([stroke for strokes in drawings for stroke in strokes]),
        stroke_lengths=[len(stroke) for strokes in drawings for stroke in strokes],
        strokes_per_digit=[len(strokes) for strokes in drawings],
        labels=labels,
    )


def test_strokes_of_an_npz_come_back_as_they_went_in(tmp_path):
    written = [dh.write_digit(digit, np.random.default_rng(digit)) for digit in range(10)]
    save_npz(tmp_path / "strokes.npz", written, np.arange(10))
    read = strokes_files.read_strokes(tmp_path / "strokes.npz")
    assert [label for _, label in read] == list(range(10))
    for (strokes, _), original in zip(read, written, strict=True):
        assert len(strokes) == len(original)
        assert all(np.array_equal(*pair) for pair in zip(strokes, original, strict=True))


def test_an_npz_of_something_else_is_refused_by_name(tmp_path):
    np.savez(tmp_path / "mnist.npz", x_train=np.zeros(3), labels=np.zeros(3))
    with pytest.raises(ValueError, match=r"mnist\.npz lacks points, stroke_lengths, strokes_per_digit"):
        strokes_files.read_strokes(tmp_path / "mnist.npz")


def test_the_pads_own_files_without_what_has_no_label(tmp_path):
    drawings = [dh.Drawing(dh.write_digit(4), label=4), dh.Drawing(dh.write_digit(5))]
    dh.save_drawings(tmp_path / "mine.json", drawings)
    ((strokes, label),) = strokes_files.read_strokes(tmp_path / "mine.json")
    assert label == 4 and len(strokes) == 2


def test_unipen_text_is_turned_the_right_way_up_and_what_the_pen_did_in_the_air_is_left_out(tmp_path):
    (tmp_path / "pen.tra").write_text(DOWN_AND_A_BAR)
    (seven, label), (dot, other) = strokes_files.read_strokes(tmp_path / "pen.tra")
    assert (label, other) == (7, 1)
    assert [stroke.tolist() for stroke in seven] == [[[10, -90], [50, -90], [30, -10]], [[20, -50], [40, -50]]]
    assert dot[0].tolist() == [[10, -90]]


@pytest.mark.parametrize(
    "text, complaint",
    [
        (".PEN_DOWN\n1 2\n", "line 1: .PEN_DOWN before the first .SEGMENT"),
        ('.SEGMENT DIGIT 0 ? "x"\n', "line 1: .SEGMENT must end in a digit"),
        ('.SEGMENT DIGIT 0 ? "3"\n.PEN_DOWN\n1 2\n1\n', "line 4: expected x and y of a point, not '1'"),
        ("", "holds no labelled drawing"),
    ],
)
def test_unipen_text_that_is_wrong_says_where(tmp_path, text, complaint):
    (tmp_path / "pen.txt").write_text(text)
    with pytest.raises(ValueError, match=re.escape(complaint)):
        strokes_files.read_strokes(tmp_path / "pen.txt")


# drawn_digits.py


def test_wilsons_interval_is_the_known_one():
    assert drawn_digits.interval(81, 263) == pytest.approx((0.2553, 0.3662), abs=1e-4)  # Newcombe 1998, table I
    assert drawn_digits.interval(0, 20)[0] == pytest.approx(0, abs=1e-9)


def test_the_calibration_error_of_a_case_counted_by_hand():
    sure = np.array([0.91, 0.91, 0.91, 0.91, 0.6, 0.6])  # two bins: three of four right, one of two right
    probabilities = np.zeros((6, 10))
    probabilities[:, 3], probabilities[:, 4] = sure, 1 - sure
    labels = np.array([3, 3, 3, 4, 3, 4])
    by_hand = 4 / 6 * abs(0.91 - 0.75) + 2 / 6 * abs(0.6 - 0.5)
    assert drawn_digits.calibration_error(probabilities, labels) == pytest.approx(by_hand)


def test_the_stages_end_in_what_ships():
    rng = np.random.default_rng(0)
    for digit in range(10):
        canvas = drawn_digits.replay(dh.write_digit(digit, rng), rng)
        stages = {name: stage(canvas) for name, stage in drawn_digits.STAGES.items()}
        assert {image.shape for image in stages.values()} == {(28, 28)}
        assert np.array_equal(stages["as shipped"], stages["+ centre of mass"])


def test_drawn_digits_counts_what_is_read_after_each_stage_by_two_networks(tmp_path):
    rng = np.random.default_rng(0)
    labels = np.tile(np.arange(10), 3)
    save_npz(tmp_path / "strokes.npz", [dh.write_digit(int(digit), rng) for digit in labels], labels)
    printed = run("drawn_digits.py", tmp_path / "strokes.npz", "--errors", tmp_path / "errors.png")
    read = re.findall(r"^(.{22})\s+([0-9.]+)%  [0-9.]+% to [0-9.]+%", printed, re.MULTILINE)
    assert [name.strip() for name, _ in read] == 2 * list(drawn_digits.STAGES)
    shares = [float(share) for _, share in read]
    assert shares[5] >= 90 > shares[0], "the network that ships"
    assert shares[5] > shares[11] > shares[6], "the plain one reads fewer, and the preparation helps it, too"
    assert "30 drawings\n" in printed and "calibration error" in printed and "10 replays" in printed
    assert (tmp_path / "errors.png").exists() or "nothing is read wrong" in printed


# pretrained.py


def test_what_is_folded_reads_as_before():
    model = pretrained.build_larger_cnn()
    rng = np.random.default_rng(0)
    for layer in model.layers:  # a BatchNorm that has never seen an image changes nothing
        if layer.name.startswith("batch_norm"):
            layer.set_weights([rng.uniform(0.5, 1.5, weights.shape) for weights in layer.get_weights()])
    images = rng.random((20, 28, 28), dtype=np.float32)
    folded = pretrained.fold(model)
    np.testing.assert_allclose(dh.Predictor(folded)(images), dh.Predictor(model)(images), atol=1e-5)
    assert [type(layer).__name__ for layer in folded.layers].count("BatchNormalization") == 0


def test_what_ships_is_what_the_script_trains():
    ships, built = dh.load_pretrained(), pretrained.build_larger_cnn(to_train=False)
    assert [weights.shape for weights in ships.weights] == [weights.shape for weights in built.weights]


def test_written_digits_are_prepared_as_drawings_are():
    images, labels = pretrained.write(20, np.random.default_rng(0))
    assert images.shape == (20, 28, 28) and images.dtype == np.uint8 and labels.tolist() == 2 * list(range(10))
    sides = [max(np.ptp(np.argwhere(image), axis=0)) + 1 for image in images]
    assert sides == [20] * 20


def test_the_contact_sheet_shows_program_and_people(tmp_path):
    save_npz(tmp_path / "strokes.npz", [dh.write_digit(digit) for digit in range(10)], np.arange(10))
    printed = run("contact_sheet.py", tmp_path / "sheet.png", tmp_path / "strokes.npz")
    assert (tmp_path / "sheet.png").exists() and "styles of ten digits" in printed
