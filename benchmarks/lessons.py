"""How long each lesson takes from top to bottom, and how much memory its kernel takes: python benchmarks/lessons.py

Once on the offline sample, and once on all of MNIST where that is at hand. The memory is the kernel's largest resident
set, as Linux tells it. Name lessons to run only these.
"""

import argparse
import os
import tempfile
import time
from pathlib import Path

import nbformat
from nbclient import NotebookClient

import digits_helpers as dh

NOTEBOOKS = Path(__file__).parents[1] / "notebooks"
PEAK = "print(*(line.split()[1] for line in open('/proc/self/status') if line.startswith('VmHWM')))"  # in kB
NOWHERE = {"DIGITS_DATA_DIR": "", "https_proxy": "http://127.0.0.1:9"}  # every download is refused at once


def run(path, settings):
    """Seconds, and the kernel's peak in GB, of one lesson in an environment with these settings."""
    lesson = nbformat.read(path, as_version=4)
    lesson.cells.append(nbformat.v4.new_code_cell(PEAK))
    client = NotebookClient(
        lesson, timeout=900, kernel_name="python3", resources={"metadata": {"path": str(NOTEBOOKS)}}
    )
    start = time.perf_counter()
    client.execute(env=os.environ | settings)
    return time.perf_counter() - start, int(lesson.cells[-1].outputs[0].text) * 1024 / 1e9


def main():
    parser = argparse.ArgumentParser(description="Seconds and peak memory of each lesson.")
    parser.add_argument("lessons", nargs="*", help="such as 04 or 04-train-the-cnn (default: all)")
    arguments = parser.parse_args()
    paths = [
        path for path in sorted(NOTEBOOKS.glob("*.ipynb")) if path.name.startswith(tuple(arguments.lessons or [""]))
    ]

    columns = {"the sample": NOWHERE | {"KERAS_HOME": tempfile.mkdtemp()}}
    if dh.load_mnist().source != "sample":
        columns["all of MNIST"] = {}
    print(f"{'':<28}" + "".join(f"{name:>20}" for name in columns))
    total = dict.fromkeys(columns, 0)
    for path in paths:
        row = f"{path.stem:<28}"
        for name, settings in columns.items():
            seconds, gigabytes = run(path, settings)
            total[name] += seconds
            row += f"{seconds:>10.0f} s {gigabytes:>5.2f} GB"
        print(row, flush=True)
    print(f"{'all':<28}" + "".join(f"{seconds:>10.0f} s{'':>9}" for seconds in total.values()))


if __name__ == "__main__":
    main()
