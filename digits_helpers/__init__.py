"""The small package behind the lessons: draw a digit, prepare it the way MNIST was prepared, and read it.

>>> import digits_helpers as dh
>>> drawing = dh.rasterize([[(140, 60), (140, 220)]])
>>> dh.prepare(drawing).shape
(28, 28)

Each public name is imported on first use, so code that doesn't need TensorFlow doesn't wait for it.
"""

import importlib
import os

# Without this, TensorFlow prints its build options on import, in the middle of a lesson's output.
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

_HOME_OF = {
    "quiet_tensorflow": "quiet_tf",
    "Digits": "data",
    "load_mnist": "data",
    "build_cnn": "network",
    "load_pretrained": "network",
    "Predictor": "predictor",
    "explain_log_line": "keras_log",
    "Drawing": "strokes",
    "rasterize": "strokes",
    "save_drawings": "drawing_files",
    "load_drawings": "drawing_files",
    "read_picture": "picture_files",
    "as_ink": "ink",
    "crop_to_ink": "preprocess",
    "fit_to_box": "preprocess",
    "center_by_mass": "preprocess",
    "prepare": "preprocess",
    "prepare_stages": "preprocess",
    "write_digit": "handwriting",
    "write_number": "handwriting",
    "group_strokes": "segment",
    "split_image": "segment",
    "read_number": "number",
    "show_digits": "plots",
    "use_style": "plots",
    "interval": "intervals",
    "my_digits": "digit_sheet",
    "my_guesses": "guesses",
    "TwentyDigits": "widgets.twenty_digits",
    "Guess": "widgets.guess",
    "Frames": "widgets.frames",
    "MnistBrowser": "widgets.mnist_browser",
    "LearningTemplates": "widgets.learning_templates",
    "SlidingKernel": "widgets.sliding_kernel",
    "DigitPad": "widgets.digit_pad",
    "NumberPad": "widgets.number_pad",
    "LiveCurves": "widgets.training_panel",
    "TrainingPanel": "widgets.training_panel",
}

__all__ = list(_HOME_OF)


def __getattr__(name):
    if name not in _HOME_OF:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(importlib.import_module(f"{__name__}.{_HOME_OF[name]}"), name)
    globals()[name] = value  # so that __getattr__ isn't called for it again
    return value


def __dir__():
    return sorted([*globals(), *_HOME_OF])
