"""How many real drawings are read after each stage of preparation: python benchmarks/drawn_digits.py STROKES.npz

STROKES.npz holds labelled pen strokes, ragged: points (N, 2) x right and y down, stroke_lengths (points a stroke),
strokes_per_digit, labels. Each digit is replayed on a 280-pixel canvas at a random size, place and brush width, and
read by the shipped network after each stage of preparation.
"""

import argparse

import numpy as np
from PIL import Image

import digits_helpers as dh

CANVAS = 280


def read_npz(path):
    """Yield ``(strokes, label)`` for every drawing of the file."""
    with np.load(path, allow_pickle=False) as file:
        strokes = np.split(file["points"], np.cumsum(file["stroke_lengths"])[:-1])
        per_digit, labels = file["strokes_per_digit"], file["labels"]
    first = 0
    for count, label in zip(per_digit, labels, strict=True):
        yield strokes[first : first + count], int(label)
        first += count


def place(strokes, rng):
    """The same strokes somewhere on the canvas, its longer side 30 to 85 % of the canvas's."""
    points = np.concatenate(strokes)
    low, high = points.min(axis=0), points.max(axis=0)
    scale = rng.uniform(0.30, 0.85) * CANVAS / max((high - low).max(), 1e-6)
    corner = rng.uniform(10, CANVAS - 10 - (high - low) * scale)
    return [(stroke - low) * scale + corner for stroke in strokes]


def shrink(picture, field=28):
    return np.asarray(Image.fromarray(picture).resize((field, field), Image.Resampling.BOX))


def square(crop):
    """The crop in the middle of a square as wide as its longer side."""
    height, width = crop.shape
    side = max(height, width)
    field = np.zeros((side, side), np.uint8)
    top, left = (side - height) // 2, (side - width) // 2
    field[top : top + height, left : left + width] = crop
    return field


def in_the_middle(box, field=28):
    centred = np.zeros((field, field), np.uint8)
    top, left = (field - box.shape[0]) // 2, (field - box.shape[1]) // 2
    centred[top : top + box.shape[0], left : left + box.shape[1]] = box
    return centred


# One row of the table each; every row adds one thing to the row above.
STAGES = {
    "whole canvas shrunk": lambda canvas: shrink(canvas),
    "+ crop to the ink": lambda canvas: shrink(dh.crop_to_ink(canvas)),
    "+ keep proportions": lambda canvas: shrink(square(dh.crop_to_ink(canvas))),
    "+ 20-pixel box": lambda canvas: in_the_middle(dh.fit_to_box(dh.crop_to_ink(canvas))),
    "+ centre of mass": lambda canvas: dh.prepare_stages(canvas)["centred"],
}


def interval(right, n, z=1.96):
    """Wilson's 95 % confidence interval of the share ``right / n``."""
    share = right / n
    middle = (share + z**2 / (2 * n)) / (1 + z**2 / n)
    half = z * np.sqrt(share * (1 - share) / n + z**2 / (4 * n**2)) / (1 + z**2 / n)
    return middle - half, middle + half


def main():
    parser = argparse.ArgumentParser(description="How many drawings are read after each stage of preparation.")
    parser.add_argument("strokes", help="an .npz file with labelled strokes")
    parser.add_argument("--seed", type=int, default=0, help="for size, place and brush (default: 0)")
    arguments = parser.parse_args()

    rng = np.random.default_rng(arguments.seed)
    drawings = list(read_npz(arguments.strokes))
    labels = np.array([label for _, label in drawings])
    canvases = [dh.rasterize(place(strokes, rng), width=rng.uniform(8, 24)) for strokes, _ in drawings]
    predict = dh.Predictor(dh.load_pretrained())

    print(f"{len(drawings):,} drawings, the shipped network")
    print(f"{'stage':<22}{'read':>8}  95 % interval      by digit, 0 to 9, in %")
    for name, stage in STAGES.items():
        images = np.stack([stage(canvas) for canvas in canvases]).astype(np.float32) / 255
        right = predict(images).argmax(axis=1) == labels
        low, high = interval(right.sum(), len(right))
        digits = " ".join(f"{right[labels == digit].mean():4.0%}"[:-1] for digit in range(10))
        print(f"{name:<22}{right.mean():>8.1%}  {low:.1%} to {high:.1%}   {digits}")


if __name__ == "__main__":
    main()
