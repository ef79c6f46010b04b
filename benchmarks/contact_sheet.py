"""Digits written by the program beside digits written by people: python benchmarks/contact_sheet.py SHEET.png [STROKES]

Writes a picture with three rows a digit: every style of ``handwriting`` once, neatly; then as many by ``write_digit``;
then, with STROKES (a file that drawn_digits.py reads), as many real ones. Whoever adds a style looks at it here.
"""

import argparse

import numpy as np
from PIL import Image
from strokes_files import read_strokes

import digits_helpers as dh
from digits_helpers.handwriting import write_style
from digits_helpers.styles import STYLES

CELL, COLUMNS = 56, 25


def small(strokes):
    """One digit, as large as its cell allows: ``(CELL, CELL)`` uint8, black on white."""
    points = np.concatenate(strokes)
    low, extent = points.min(axis=0), np.ptp(points, axis=0)
    scale = (CELL - 12) / extent.max()
    corner = (CELL - extent * scale) / 2
    return 255 - dh.rasterize([(stroke - low) * scale + corner for stroke in strokes], size=(CELL, CELL), width=3)


def row(digits):
    cells = [small(strokes) for strokes in digits[:COLUMNS]]
    return np.hstack(cells + [np.full((CELL, CELL), 255, np.uint8)] * (COLUMNS - len(cells)))


def main():
    parser = argparse.ArgumentParser(description="Digits written by the program beside digits written by people.")
    parser.add_argument("sheet", help="the picture to write, a .png file")
    parser.add_argument("strokes", nargs="?", help="a file with real drawings")
    arguments = parser.parse_args()

    rng = np.random.default_rng(0)
    real = read_strokes(arguments.strokes) if arguments.strokes else []
    rows = []
    for digit in range(10):
        rows.append(row([write_style(style) for style in STYLES[digit].values()]))
        rows.append(row([dh.write_digit(digit, rng) for _ in range(COLUMNS)]))
        people = [strokes for strokes, label in real if label == digit]
        if people:
            rows.append(row([people[number] for number in rng.permutation(len(people))[:COLUMNS]]))
    Image.fromarray(np.vstack(rows)).save(arguments.sheet)
    print(f"saved {arguments.sheet}: {sum(map(len, STYLES.values()))} styles of ten digits")


if __name__ == "__main__":
    main()
