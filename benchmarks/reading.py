"""How fast digits are read without TensorFlow, next to what was promised: python benchmarks/reading.py [--runs N]

Compares the shipped network in NumPy with the same network in Keras on MNIST's test images: the probabilities, the time
for a single image, and the time for all of them. Then it starts fresh Python processes: for the drawing pad's first
answer, for `digits predict picture.png`, and for `import tensorflow` alone. Everything is timed in turns, so a busy
machine slows everything down alike. The ratios carry over to other machines, the times don't.
"""

import argparse
import os
import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
from PIL import Image

import digits_helpers as dh

SINGLE_IMAGES = 200
UTF8 = os.environ | {"PYTHONIOENCODING": "utf-8"}

SEVEN = [[(70, 60), (210, 60), (120, 230)]]  # as somebody might draw it
PAD = f"import digits_helpers as dh; pad = dh.DigitPad(); pad.replay({SEVEN}); print(pad.text)"
PEAK = "; print(open('/proc/self/status').read())"  # only Linux tells how much memory was used at most
TENSORFLOW = "import tensorflow; print('imported')"


def row(what, measured, promised=""):
    print(f"{what:<48}{measured:>22}   {promised}".rstrip(), flush=True)


def seconds(function, *arguments, **options):
    start = time.perf_counter()
    function(*arguments, **options)
    return time.perf_counter() - start


def in_turns(runs, *functions):
    """The median seconds of each function, called one after the other, again and again."""
    return np.median([[seconds(function) for function in functions] for _ in range(runs)], axis=0)


# NumPy and Keras in one process


def report_agreement(numpy, model, images, labels):
    ours, theirs = numpy(images), model.predict(images[..., np.newaxis], verbose=0)
    right = [np.mean(probabilities.argmax(axis=1) == labels) for probabilities in (ours, theirs)]
    row("largest difference of two probabilities", f"{np.abs(ours - theirs).max():.1e}", "at most 1e-05")
    row("read right, by NumPy and by Keras", " and ".join(f"{share:.2%}" for share in right), "the same")


def report_single_image(numpy, traced, image):
    ours, theirs = 1000 * in_turns(SINGLE_IMAGES, lambda: numpy(image), lambda: traced(image))
    row("one image, NumPy, median", f"{ours:.2f} ms", "at most 0.6 ms")
    row("one image, traced Keras model, median", f"{theirs:.2f} ms")


def report_many_images(numpy, traced, model, images, runs):
    with_channel = images[..., np.newaxis]
    ours, predict, graph = in_turns(
        runs, lambda: numpy(images), lambda: model.predict(with_channel, verbose=0), lambda: traced(images)
    )
    count = f"{len(images):,} images"
    row(f"{count}, NumPy", f"{ours:.2f} s")
    row(f"{count}, model.predict", f"{predict:.2f} s")
    row(f"{count}, traced Keras model", f"{graph:.2f} s")
    row("NumPy's time as a multiple of model.predict's", f"{ours / predict:.2f}", "at most 2")
    row("NumPy's time as a multiple of the traced model's", f"{ours / graph:.2f}")


# Fresh processes


def start(*arguments):
    """Run Python with these arguments; returns the seconds until it has printed a line, and all that it has printed."""
    began = time.perf_counter()
    command = [sys.executable, "-u", *map(str, arguments)]
    quiet = {"stdout": subprocess.PIPE, "stderr": subprocess.DEVNULL}  # TensorFlow says a lot
    with subprocess.Popen(command, **quiet, text=True, encoding="utf-8", env=UTF8) as process:
        first = process.stdout.readline()
        took = time.perf_counter() - began
        printed = first + process.stdout.read()
    if process.returncode or not first:
        raise RuntimeError(f"This command failed; run it yourself to see why: {' '.join(command)}")
    return took, printed


def save_picture(path):
    """Save a written 7 as a picture, black on white."""
    Image.fromarray(255 - dh.rasterize(dh.write_digit(7))).save(path)


def report_processes(runs):
    with tempfile.TemporaryDirectory() as folder:
        picture = Path(folder) / "picture.png"
        save_picture(picture)
        commands = [["-c", TENSORFLOW], ["-c", PAD], ["-m", "digits_helpers.cli", "predict", picture]]
        times = [[start(*command)[0] for command in commands] for _ in range(runs)]
    tensorflow, pad, predict = np.median(times, axis=0)
    row("fresh process: import tensorflow", f"{tensorflow:.2f} s")
    row("fresh process: the pad's first answer", f"{pad:.2f} s")
    row("fresh process: digits predict picture.png", f"{predict:.2f} s")
    row("the pad's time as a share of TensorFlow's", f"{pad / tensorflow:.2f}", "at most 0.25")
    row("digits predict's as a share of TensorFlow's", f"{predict / tensorflow:.2f}", "at most 0.33")


def report_memory():
    if not Path("/proc/self/status").exists():
        return row("the pad's process, peak memory", "only Linux tells")
    _, printed = start("-c", PAD + PEAK)
    kilobytes = int(re.search(r"VmHWM:\s+(\d+)", printed)[1])
    row("the pad's process, peak memory", f"{kilobytes * 1024 / 1e9:.2f} GB", "at most 0.20 GB")


def main():
    parser = argparse.ArgumentParser(description="How fast digits are read without TensorFlow.")
    parser.add_argument("--runs", type=int, default=5, help="time all images and each process this often (default: 5)")
    runs = parser.parse_args().runs

    digits = dh.load_mnist()
    if digits.source == "sample":
        print(f"Only the offline sample is here: {len(digits.x_test):,} test images instead of MNIST's 10,000.")
    images = digits.x_test / np.float32(255)

    row("", "measured", "promised")
    report_processes(runs)
    report_memory()
    dh.quiet_tensorflow()
    model = dh.load_pretrained()
    numpy, traced = dh.Predictor(), dh.Predictor(model)
    report_agreement(numpy, model, images, digits.y_test)
    report_single_image(numpy, traced, images[0])
    report_many_images(numpy, traced, model, images, runs)


if __name__ == "__main__":
    main()
