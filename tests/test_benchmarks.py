"""The benchmarks run, on little data; the README has what they print on all of it."""

import os
import re
import socket
import socketserver
import subprocess
import sys
import threading
import time
from pathlib import Path

import numpy as np
import pytest

import digits_helpers as dh
from digits_helpers import network

BENCHMARKS = Path(__file__).parents[1] / "benchmarks"
sys.path.append(str(BENCHMARKS))

import delay_proxy  # noqa: E402
import drawn_digits  # noqa: E402
import pad as pad_benchmark  # noqa: E402
import pretrained  # noqa: E402
import reading  # noqa: E402
import strokes_files  # noqa: E402

DOWN_AND_A_BAR = """.INCLUDE somebody.doc
.LEXICON "1" "7"
.HIERARCHY DIGIT
.SEGMENT DIGIT 0-2 ? "7"
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
.DT 100
.SEGMENT DIGIT 3-4 ? "1"
.COMMENT 1 1 2
.PEN_DOWN
 10 90
.PEN_UP
.DT 100
.PEN_DOWN
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


@pytest.mark.parametrize(
    "arrays, complaint",
    [
        ({"x_train": [0], "labels": [0]}, "lacks points, stroke_lengths, strokes_per_digit."),
        ({"points": [[1, 2], [3, 4]], "stroke_lengths": [3], "strokes_per_digit": [1], "labels": [7]}, "don't add up"),
        ({"points": [[1, 2], [3, 4]], "stroke_lengths": [2], "strokes_per_digit": [1], "labels": []}, "don't add up"),
        ({"points": [1, 2], "stroke_lengths": [2], "strokes_per_digit": [1], "labels": [7]}, "don't add up"),
    ],
)
def test_an_npz_of_something_else_is_refused(tmp_path, arrays, complaint):
    np.savez(tmp_path / "other.npz", **arrays)
    with pytest.raises(ValueError, match=rf"other\.npz.* {re.escape(complaint)}"):
        strokes_files.read_strokes(tmp_path / "other.npz")


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 torn", b'{"version": 1}'])
def test_what_only_ends_in_npz_is_refused(tmp_path, content):
    (tmp_path / "other.npz").write_bytes(content)
    with pytest.raises(ValueError, match=r"other\.npz is no \.npz file, or a broken one"):
        strokes_files.read_strokes(tmp_path / "other.npz")


def test_the_pads_own_files_without_what_has_no_label_or_no_ink(tmp_path, capsys):
    four = dh.Drawing([[(20, 20), (400, 380)], [(300, 10), (300, 390)]], size=(400, 400), label=4)
    dh.save_drawings(tmp_path / "mine.json", [four, dh.Drawing(dh.write_digit(5)), dh.Drawing(label=6)])
    ((strokes, label),) = strokes_files.read_strokes(tmp_path / "mine.json")
    assert label == 4 and [stroke.tolist() for stroke in strokes] == [[[20, 20], [400, 380]], [[300, 10], [300, 390]]]
    assert capsys.readouterr().out == "mine.json: 2 of 3 left out, without a digit as label or ink.\n"


def test_unipen_text_is_turned_the_right_way_up_and_what_the_pen_did_in_the_air_is_left_out(tmp_path):
    (tmp_path / "pen.tra").write_text(DOWN_AND_A_BAR)
    (seven, label), (dot, other) = strokes_files.read_strokes(tmp_path / "pen.tra")
    assert (label, other) == (7, 1)
    assert [stroke.tolist() for stroke in seven] == [[[10, -90], [50, -90], [30, -10]], [[20, -50], [40, -50]]]
    assert [stroke.tolist() for stroke in dot] == [[[10, -90]]], "a .PEN_DOWN without points draws nothing"


@pytest.mark.parametrize(
    "named, expected",
    [
        ("0-2", [[[1, -1], [2, -2], [3, -3]], [[5, -5], [6, -6]]]),
        ("0", [[[1, -1], [2, -2], [3, -3]]]),
        ("2,0", [[[5, -5], [6, -6]], [[1, -1], [2, -2], [3, -3]]]),
        ("0:1-2:0", [[[2, -2], [3, -3]], [[5, -5]]]),
        ("0:1-0:1,2:1-2:1", [[[2, -2]], [[6, -6]]]),
    ],
)
def test_a_unipen_segment_names_its_strokes_by_number(tmp_path, capsys, named, expected):
    strokes = ".COORD X Y T\n.PEN_DOWN\n1 1 0\n2 2 10\n3 3 20\n.PEN_UP\n4 4 30\n.PEN_DOWN\n5 5 40\n6 6 50\n"
    segments = f'.SEGMENT WORD 0-2 OK "77"\n.SEGMENT CHARACTER {named} "7"\n.SEGMENT CHARACTER 1 ?\n'
    for text in (segments + strokes, strokes + segments):  # both orders are in use
        (tmp_path / "pen.unp").write_text(text)
        ((read, label),) = strokes_files.read_strokes(tmp_path / "pen.unp")
        assert label == 7 and [stroke.tolist() for stroke in read] == expected
        assert "2 of 3 left out" in capsys.readouterr().out


@pytest.mark.parametrize(
    "text, complaint",
    [
        ('.SEGMENT DIGIT ? "3"\n', "line 1: expected a segment such as"),
        ('.SEGMENT DIGIT 0-1-2 ? "3"\n', "line 1: expected components such as"),
        ('.PEN_DOWN\n1 2\n\n.SEGMENT DIGIT 0-1 ? "3"\n', "line 4: there is no component 0-1; the file has 1"),
        ('.PEN_DOWN\n1 2\n.PEN_DOWN\n1 2\n.SEGMENT DIGIT 1-0 ? "3"\n', "line 5: there is no component 1-0"),
        ('.SEGMENT DIGIT 0 ? "3"\n.PEN_DOWN\n1 2\n1\n', "line 4: expected x and y of a point, not '1'"),
        ('.SEGMENT DIGIT 0 ? "3"\n.PEN_DOWN\n1 nan\n', "line 3: expected x and y of a point, not '1 nan'"),
        ('.COORD T X Y\n.SEGMENT DIGIT 0 ? "3"\n.PEN_DOWN\n0 1 2\n', "line 1: points must begin with x and y"),
        ('.SEGMENT DIGIT 0 ? "x"\n.PEN_DOWN\n1 2\n', "holds no labelled drawing"),
        (" 47,100, 27, 81, 57, 37,  8\n", "holds no labelled drawing"),
        ("\x1f\x9d\x90", "is compressed; unpack it first"),
    ],
)
def test_unipen_text_that_is_wrong_says_where(tmp_path, text, complaint):
    (tmp_path / "pen.txt").write_text(text, encoding="latin-1")
    with pytest.raises(ValueError, match=re.escape(f"pen.txt, {complaint}") + "|" + re.escape(f"pen.txt {complaint}")):
        strokes_files.read_strokes(tmp_path / "pen.txt")


# drawn_digits.py


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
    assert re.search(r"^30 drawings +3( +3){9}$", printed, re.MULTILINE) and "Only the offline sample" in printed
    assert "10 replays" in printed and printed.count("calibration error") == 1, "the test set is not in the sample"
    assert (tmp_path / "errors.png").exists() or "nothing is read wrong" in printed


# whole_numbers.py, pad.py and reading.py


def test_whole_numbers_counts_three_kinds_read_in_every_way(tmp_path):
    rng = np.random.default_rng(0)
    labels = np.tile(np.arange(10), 2)
    save_npz(tmp_path / "strokes.npz", [dh.write_digit(int(digit), rng) for digit in labels], labels)
    printed = run("whole_numbers.py", tmp_path / "strokes.npz", "--count", 8)
    shares = re.findall(r"^ *(.+?) +([0-9.]+)%  [0-9.]+% to [0-9.]+%", printed, re.MULTILINE)
    assert len(shares) == 3 * len({way for way, _ in shares}) >= 9
    assert "Two digits in one stroke:" in printed and "40 digits from a picture:" in printed
    assert float(shares[0][1]) >= 60, "with a visible gap most are grouped right"


def test_the_pads_way_is_timed_in_turns_with_model_predict():
    drawings, kind = pad_benchmark.load_drawings(None)
    times = pad_benchmark.time_answers(drawings[:4])
    assert kind == "written by a program" and len(drawings) == pad_benchmark.DRAWINGS
    assert times.shape == (4, 2) and (times > 0).all()


def test_the_points_that_the_kernel_lost_are_counted():
    drawn = [pad_benchmark.row_of_points(0), pad_benchmark.row_of_points(1)]
    rounded = [np.float32(stroke) + 0.5 for stroke in drawn]
    assert pad_benchmark.lost_points(drawn, rounded) == 0
    assert pad_benchmark.lost_points(drawn, [rounded[0], rounded[1][:-2]]) == 2
    assert pad_benchmark.lost_points(drawn, [rounded[0] + 2]) == pad_benchmark.lost_points(drawn, []) == 22


def test_reading_prints_what_was_measured_next_to_what_was_promised():
    printed = run("reading.py", "--runs", 1)
    assert re.search(r"Only the offline sample is here: [1-9][0-9,]* test images", printed)
    measured = dict(re.findall(r"^(\S.*?)  +(\S.*?)(?:  +.*)?$", printed, re.MULTILINE))
    by_numpy, by_keras = measured["read right, by NumPy and by Keras"].split(" and ")
    assert by_numpy == by_keras and float(by_numpy.rstrip("%")) > 99
    assert float(measured["largest difference of two probabilities"]) <= 1e-5
    assert 0 < float(measured["the pad's time as a share of TensorFlow's"]) < 1
    if sys.platform == "linux":
        assert 0.03 < float(measured["the pad's process, peak memory"].removesuffix(" GB")) <= 0.2


def test_the_fresh_processes_read_a_written_7(tmp_path):
    reading.save_picture(tmp_path / "picture.png")
    assert reading.start("-c", reading.PAD)[1].startswith("I read 7")
    assert "picture.png: 7 (" in reading.start("-m", "digits_helpers.cli", "predict", tmp_path / "picture.png")[1]
    with pytest.raises(RuntimeError, match="raise SystemExit"):
        reading.start("-c", "raise SystemExit(1)")


# delay_proxy.py


class Echo(socketserver.BaseRequestHandler):
    def handle(self):
        while data := self.request.recv(2**16):
            self.request.sendall(data)


@pytest.fixture
def echo():
    """The port of a server that sends everything back."""
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Echo) as server:
        server.daemon_threads = True
        thread = threading.Thread(target=server.serve_forever, args=[0.01])
        thread.start()
        yield server.server_address[1]
        server.shutdown()
        thread.join()


def connect(proxy):
    return socket.create_connection(("127.0.0.1", proxy.port), timeout=30)


def test_the_proxy_delays_by_what_it_is_told(echo):
    with delay_proxy.DelayProxy(echo) as proxy, connect(proxy) as line:
        for proxy.round_trip in (0, 0.1, 0.3, 0):
            times = []
            for _ in range(3):
                start = time.perf_counter()
                line.sendall(b"?")
                assert line.recv(10) == b"?"
                times.append(time.perf_counter() - start)
            # The clocks differ by less than 5 ms; a busy machine is later, but hardly three times in a row.
            assert proxy.round_trip - 0.005 <= min(times) <= proxy.round_trip + 0.08


def test_the_proxy_passes_on_everything_in_order_and_fast(echo):
    sent, received = np.random.default_rng(0).bytes(10_000_000), bytearray()

    def send():
        line.sendall(sent)
        line.shutdown(socket.SHUT_WR)  # the proxy passes that on, too: only then does the server hang up

    with delay_proxy.DelayProxy(echo, round_trip=0.1) as proxy, connect(proxy) as line:
        start = time.perf_counter()
        thread = threading.Thread(target=send)
        thread.start()
        while piece := line.recv(2**16):
            received += piece
        thread.join()
    assert received == sent
    assert time.perf_counter() - start < 8, "waiting before each of the 153 pieces, both ways, takes 15 seconds"


def test_with_a_shorter_delay_nothing_overtakes_what_is_on_its_way(echo):
    with delay_proxy.DelayProxy(echo, round_trip=0.3) as proxy, connect(proxy) as line:
        line.sendall(b"first")
        time.sleep(0.05)
        proxy.round_trip = 0
        line.sendall(b"second")
        line.shutdown(socket.SHUT_WR)
        assert b"".join(iter(lambda: line.recv(100), b"")) == b"firstsecond"


def test_the_proxy_stops_with_a_connection_open_and_bytes_on_their_way(echo):
    with delay_proxy.DelayProxy(echo) as proxy:
        line = connect(proxy)
        line.sendall(b"?")
        assert line.recv(10) == b"?"
        proxy.round_trip = 100
        line.sendall(b"too late")
    with line:
        assert line.recv(10) == b"", "the connection is closed"
    with pytest.raises(ConnectionRefusedError):
        connect(proxy)


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


def test_what_ships_is_what_the_script_trains(tmp_path):
    ships, built = dh.load_pretrained(), pretrained.build_larger_cnn(to_train=False)
    assert [weights.shape for weights in ships.weights] == [weights.shape for weights in built.weights]
    network.save_weights(built, tmp_path / "built.npz")
    with np.load(tmp_path / "built.npz") as saved:
        assert {name: saved[name].shape for name in saved.files} == {
            name: weights.shape for name, weights in network.load_weights().items()
        }


def test_written_digits_are_prepared_as_drawings_are():
    images, labels = pretrained.write(20, np.random.default_rng(0))
    assert images.shape == (20, 28, 28) and images.dtype == np.uint8 and labels.tolist() == 2 * list(range(10))
    sides = [max(np.ptp(np.argwhere(image), axis=0)) + 1 for image in images]
    assert sides == [20] * 20


def test_the_contact_sheet_shows_program_and_people(tmp_path):
    save_npz(tmp_path / "strokes.npz", [dh.write_digit(digit) for digit in range(10)], np.arange(10))
    printed = run("contact_sheet.py", tmp_path / "sheet.png", tmp_path / "strokes.npz")
    assert (tmp_path / "sheet.png").exists() and "styles of ten digits" in printed
