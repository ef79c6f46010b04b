import subprocess
import sys
from pathlib import Path

import matplotlib

matplotlib.use("Agg")

import matplotlib.pyplot as plt
import numpy as np
import pytest

import digits_helpers as dh
from digits_helpers import plots

ROOT = Path(__file__).parents[1]
BLUE, ORANGE = (matplotlib.colors.to_rgba(colour) for colour in (plots.BLUE, plots.ORANGE))


@pytest.fixture(autouse=True)
def close_figures():
    with plt.rc_context():
        yield
    plt.close("all")


@pytest.fixture
def style():
    dh.use_style()


def one_of_each():
    """A figure of each kind, with small or made-up numbers."""
    rng = np.random.default_rng(0)
    labels, answers = rng.integers(0, 10, (2, 60))
    yield dh.show_digits(digits_of(12), titles=range(12))
    yield plots.show_signed(rng.normal(size=(10, 28, 28)), titles=range(10))
    yield plots.show_kernels(rng.normal(size=(6, 3, 3)), rng.normal(size=(6, 26, 26)), titles=list("abcdef"))
    yield plots.show_probabilities(np.full(10, 0.1), label=3).figure
    yield plots.show_curves({"training": [2, 1], "validation": [2, 1.1]}).figure
    yield plots.show_intervals({"one": (0.5, 0.4, 0.6), "two": (0.9, 0.8, 0.95)}, truth=0.55).figure
    yield plots.show_confusions(digits_of(60), labels, answers).figure


def texts(figure):
    """Every text that is drawn, with its extent in pixels."""
    found = []  # a tick outside the limits has a text as well, but doesn't draw it
    with pytest.MonkeyPatch.context() as patch:
        draw = matplotlib.text.Text.draw
        patch.setattr(matplotlib.text.Text, "draw", lambda text, renderer: found.append(text) or draw(text, renderer))
        figure.draw_without_rendering()
    return [(text, text.get_window_extent()) for text in found if text.get_visible() and text.get_text()]


def digits_of(n, dtype=np.uint8):
    return np.random.default_rng(0).integers(0, 256, (n, 28, 28)).astype(dtype)


def shown(figure):
    return [np.asarray(axis.images[0].get_array()) for axis in figure.axes]


def test_every_image_is_drawn_once_in_order():
    images = digits_of(13)
    figure = dh.show_digits(images)
    assert np.array_equal(shown(figure), images)
    assert all(not axis.axison for axis in figure.axes)


def test_rows_and_columns():
    figure = dh.show_digits(digits_of(13), columns=5)
    grid = figure.axes[0].get_gridspec()
    assert (grid.nrows, grid.ncols) == (3, 5)
    assert dh.show_digits(digits_of(3)).axes[0].get_gridspec().ncols == 3, "no empty columns for a short row"


def test_one_image():
    image = digits_of(1)[0]
    assert np.array_equal(shown(dh.show_digits(image)), [image])


def test_titles_may_be_labels():
    figure = dh.show_digits(digits_of(2), titles=np.array([5, 0], np.uint8))
    assert [axis.get_title() for axis in figure.axes] == ["5", "0"]
    one = dh.show_digits(digits_of(1)[0], titles=["five"])
    assert one.axes[0].get_title() == "five"


@pytest.mark.parametrize("scale, dtype", [(1, np.uint8), (255, np.float32)])
def test_white_ink_on_black_whatever_else_is_shown(scale, dtype):
    faint = np.zeros((1, 28, 28), np.uint8)
    faint[0, 5:23, 14] = 51
    picture = dh.show_digits((faint / scale).astype(dtype)).axes[0].images[0]
    grey = picture.to_rgba(picture.get_array())[..., 0]
    assert grey.min() == 0 and grey.max() == pytest.approx(0.2, abs=0.01)


@pytest.mark.parametrize("shape", [(28,), (2, 27, 28), (2, 28, 28, 1), (28, 28, 2)])
def test_wrong_shapes_are_named(shape):
    with pytest.raises(ValueError, match=r"\(28, 28\) or \(n, 28, 28\), not \(" + str(shape[0])):
        dh.show_digits(np.zeros(shape))


def test_other_mistakes_are_named():
    with pytest.raises(ValueError, match="no images"):
        dh.show_digits(np.zeros((0, 28, 28)))
    with pytest.raises(ValueError, match="3 images, not 2 titles"):
        dh.show_digits(digits_of(3), titles=["a", "b"])
    with pytest.raises(ValueError, match="divide by 255"):
        dh.show_digits(digits_of(2, np.float32))
    with pytest.raises(ValueError, match="from 0 to 1"):
        dh.show_digits(np.full((28, 28), np.nan))
    for columns in (0, -3):
        with pytest.raises(ValueError, match=f"1 column or more, not {columns}"):
            dh.show_digits(digits_of(2), columns=columns)
    assert not plt.get_fignums(), "a refused call leaves no empty figure behind"


# The style


def test_the_style_is_readable_at_the_width_of_a_notebook(style):
    for figure in one_of_each():
        assert figure.get_figwidth() <= 12
        assert [text.get_text() for text, _ in texts(figure) if text.get_fontsize() < 11] == []


def test_in_the_style_no_two_texts_lie_on_each_other(style):
    for figure in one_of_each():
        drawn = texts(figure)
        for number, (text, box) in enumerate(drawn):
            others = [other.get_text() for other, place in drawn[number + 1 :] if box.overlaps(place)]
            assert others == [], text.get_text()


def test_the_style_has_white_paper_and_no_frame(style):
    figure, axis = plt.subplots()
    axis.plot([1, 2])
    figure.canvas.draw()
    assert np.asarray(figure.canvas.buffer_rgba())[0, 0].tolist() == [255] * 4
    assert [name for name, spine in axis.spines.items() if spine.get_visible()] == ["left", "bottom"]
    assert matplotlib.colors.to_rgba(axis.lines[0].get_color()) == BLUE


@pytest.mark.parametrize("styled", [False, True])
def test_digits_are_large(styled):
    if styled:
        dh.use_style()
    figure = dh.show_digits(digits_of(20), titles=range(20))
    figure.draw_without_rendering()
    assert min(axis.get_window_extent().height for axis in figure.axes) * 100 / figure.dpi >= 60


def test_outside_a_notebook_the_style_chooses_no_backend():
    program = (
        "import matplotlib; matplotlib.use('svg'); import digits_helpers as dh, sys; dh.use_style()\n"
        "print(matplotlib.get_backend(), 'matplotlib_inline.backend_inline' in sys.modules)"
    )
    run = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True)
    assert run.stdout.split() == ["svg", "False"], run.stderr


def test_in_a_notebook_figures_are_sharp(monkeypatch):
    asked = []
    monkeypatch.setattr("digits_helpers.plots.style.get_ipython", lambda: "a shell")
    monkeypatch.setattr("matplotlib_inline.backend_inline.set_matplotlib_formats", asked.append)
    dh.use_style()
    assert asked == ["retina"]


# Images with a sign


def test_signed_images_share_one_scale_around_zero():
    images = np.random.default_rng(0).normal(size=(7, 5, 5))
    figure = plots.show_signed(images)
    *axes, scale = figure.axes
    assert np.array_equal([axis.images[0].get_array() for axis in axes], images)
    limit = np.abs(images).max()
    assert {axis.images[0].get_clim() for axis in axes} == {(-limit, limit)}
    assert [text.get_text() for text in scale.get_xticklabels()] == [f"\N{MINUS SIGN}{limit:.2g}", "0", f"+{limit:.2g}"]


def test_negative_is_orange_zero_white_and_positive_blue():
    axis, *_ = plots.show_signed(np.array([[-2.0, 0, 2]])).axes
    colours = axis.images[0].to_rgba(axis.images[0].get_array())[0]
    assert np.allclose(colours, [ORANGE, (1, 1, 1, 1), BLUE], atol=0.01)


def test_a_limit_holds_for_several_figures():
    for images in (np.ones((2, 3, 3)), np.zeros((2, 3, 3))):
        assert plots.show_signed(images, limit=4).axes[0].images[0].get_clim() == (-4, 4)
    assert plots.show_signed(np.zeros((3, 3))).axes[0].images[0].get_clim() == (-1, 1)


def test_signed_images_and_a_curve_make_one_figure(style):
    figure = plt.figure(figsize=(8, 6))
    above, below = figure.subfigures(2, 1, height_ratios=[2, 1])
    assert plots.show_signed(np.ones((10, 28, 28)), titles=range(10), figure=above) is above
    axis = plots.show_curves({"training": [2, 1], "validation": [2, 1.01]}, below.subplots())
    names = [text for text, _ in texts(figure) if text.get_text() in ("training", "validation")]
    assert [text.axes for text in names] == [axis] * 2 and plt.get_fignums() == [figure.number]
    assert not names[0].get_window_extent().overlaps(names[1].get_window_extent())


def test_kernels_stand_above_their_maps_with_a_scale_for_each_row(style):
    kernels, maps = np.arange(18).reshape(2, 3, 3) - 9, np.arange(32).reshape(2, 4, 4)
    figure = plots.show_kernels(kernels, maps, titles=["one", "two"])
    figure.draw_without_rendering()
    left, right, below, below_right = figure.axes[:4]
    assert [axis.images[0].get_clim() for axis in (left, right, below, below_right)] == [(-9, 9)] * 2 + [(-31, 31)] * 2
    assert np.array_equal(right.images[0].get_array(), kernels[1])
    assert np.array_equal(below_right.images[0].get_array(), maps[1])
    boxes = [axis.get_window_extent() for axis in (right, below_right)]
    assert boxes[0].y0 >= boxes[1].y1 and np.isclose(sum(boxes[0].intervalx), sum(boxes[1].intervalx), atol=1)
    assert [axis.get_title("center") for axis in (left, right)] == ["one", "two"]


def test_images_with_a_sign_that_do_not_fit_are_refused():
    with pytest.raises(ValueError, match=r"\(h, w\) or \(n, h, w\), not \(3,\)"):
        plots.show_signed(np.zeros(3))
    with pytest.raises(ValueError, match="each of the 2 images, not 1 titles"):
        plots.show_signed(np.zeros((2, 3, 3)), titles=["a"])
    with pytest.raises(ValueError, match="each of the 2 kernels, not 3"):
        plots.show_kernels(np.zeros((2, 3, 3)), np.zeros((3, 26, 26)))
    assert not plt.get_fignums()


# Charts


def bars(axis):
    return [bar.get_height() for bar in axis.patches], [bar.get_facecolor() for bar in axis.patches]


@pytest.mark.parametrize(
    "label, blue, orange, percentages",
    [(None, 3, None, ["60 %"]), (3, 3, None, ["60 %"]), (4, 4, 3, ["40 %", "60 %"]), (8, 8, 3, ["0 %", "60 %"])],
)
def test_probabilities_name_the_answer_and_the_right_digit(style, label, blue, orange, percentages):
    axis = plots.show_probabilities([0, 0, 0, 0.6, 0.4, 0, 0, 0, 0, 0], label)
    heights, colours = bars(axis)
    assert heights == [0, 0, 0, 0.6, 0.4, 0, 0, 0, 0, 0]
    assert [digit for digit, colour in enumerate(colours) if colour == BLUE] == [blue]
    assert [digit for digit, colour in enumerate(colours) if colour == ORANGE] == ([orange] if orange else [])
    assert sorted(text.get_text() for text in axis.texts) == percentages
    framed = [text.get_text() for text in axis.get_xticklabels() if text.get_bbox_patch()]
    assert framed == ([] if label is None else [str(label)])


@pytest.mark.parametrize("answer, label", [(3, 4), (4, 3), (0, 1), (9, 8)])
def test_percentages_of_neighbours_do_not_touch(style, answer, label):
    shares = np.full(10, 0.05)
    shares[[answer, label]] = 0.31, 0.29
    axis = plots.show_probabilities(shares, label)
    axis.figure.draw_without_rendering()
    first, second = (text.get_window_extent() for text in axis.texts)
    assert not first.overlaps(second)


@pytest.mark.parametrize("shares", [np.zeros(9), np.full(10, 2), np.full(10, -0.1), np.full(10, np.nan)])
def test_what_are_no_probabilities_is_refused(shares):
    with pytest.raises(ValueError, match="ten probabilities from 0 to 1"):
        plots.show_probabilities(shares)


@pytest.mark.parametrize("scale", ["linear", "log"])
@pytest.mark.parametrize("ends", [(1, 1, 1), (0.1, 0.11, 0.9), (0.5, 0.49, 0.48), (1,)])
def test_names_stand_at_the_ends_of_their_curves_and_apart(style, ends, scale):
    _, axis = plt.subplots()
    axis.set_yscale(scale)
    plots.show_curves({f"curve {end} {number}": [1.0, end] for number, end in enumerate(ends)}, axis)
    axis.figure.draw_without_rendering()
    boxes = [(text, text.get_window_extent()) for text in axis.texts]
    for text, box in boxes:
        assert box.x0 > axis.transData.transform(text.xy)[0], "to the right of its end"
        assert abs(sum(box.intervaly) / 2 - axis.transData.transform(text.xy)[1]) < 45
        assert text.get_color() in [line.get_color() for line in axis.lines if line.get_ydata()[-1] == text.xy[1]]
        assert box.x1 <= axis.figure.bbox.width
    heights = sorted(sum(box.intervaly) / 2 for _, box in boxes)
    assert all(step > 14 for step in np.diff(heights))


def test_far_names_stay_at_their_ends():
    axis = plots.show_curves({"low": [0, 0], "high": [0, 1]})
    assert [text.xyann[1] for text in axis.texts] == pytest.approx([0, 0])


def test_curves_over_their_own_x_and_with_gaps():
    axis = plots.show_curves(
        {"steps": ([0, 10, 100], [3.0, 2.0, 1.0]), "diverged": [2.0, 9.0, np.nan], "gone": [np.nan]}
    )
    assert axis.lines[0].get_xdata().tolist() == [0, 10, 100]
    assert sorted((text.get_text(), *text.xy) for text in axis.texts) == [("diverged", 2, 9), ("steps", 100, 1)]
    assert [line.get_xdata()[0] for line in axis.lines[2:3]] == [1], "epochs are counted from 1"
    with pytest.raises(ValueError, match="no curves"):
        plots.show_curves({})


def test_intervals_have_their_numbers_beside_them_and_miss_the_truth_in_orange():
    axis = plots.show_intervals({"small": (0.9, 0.8, 0.95), "large": (0.91, 0.905, 0.915)}, truth=0.92)
    assert [text.get_text() for text in axis.get_yticklabels()] == ["small", "large", "truth"]
    assert [text.get_text() for text in axis.texts] == [
        *("90.0 %", "80.0 to 95.0", "91.0 %", "90.5 to 91.5"),
        "92.0 %",
    ]
    drawn = [(line.get_xdata().tolist(), line.get_color()) for line in axis.lines]
    assert drawn[:4] == [
        ([80, 95], plots.BLUE),
        ([90], plots.BLUE),
        ([90.5, 91.5], plots.ORANGE),
        ([91], plots.ORANGE),
    ]
    assert drawn[4][0] == [92, 92]


def test_differences_of_shares_may_be_negative():
    axis = plots.show_intervals({"changed": (-0.004, -0.012, 0.003)})
    assert [text.get_text() for text in axis.texts] == ["−0.4 %", "−1.2 to 0.3"]
    assert len(axis.get_yticks()) == 1 and axis.lines[0].get_color() == plots.BLUE


def test_intervals_that_cannot_be_are_refused():
    with pytest.raises(ValueError, match="no intervals"):
        plots.show_intervals({})
    with pytest.raises(ValueError, match="inside its interval for x"):
        plots.show_intervals({"x": (0.5, 0.6, 0.7)})


# Confusions


def test_every_kind_of_mistake_shows_its_first_digit_and_their_number(style):
    images = digits_of(6)
    labels, answers = np.array([[4, 9], [4, 9], [4, 4], [7, 1], [4, 9], [0, 0]]).T
    axis = plots.show_confusions(images, labels, answers)
    assert sorted(text.get_text() for text in axis.texts) == ["1", "1", "1", "3"]
    shown = {}
    for image in axis.images:
        left, right, bottom, top = image.get_extent()
        shown[round((bottom + top) / 2), round((left + right) / 2)] = image.get_array()
    assert set(shown) == {(4, 9), (7, 1)}
    assert np.array_equal(shown[4, 9], images[0]) and np.array_equal(shown[7, 1], images[3])
    assert [tick.get_text() for tick in axis.get_xticklabels()] == list("0123456789")


def test_confused_digits_are_large(style):
    axis = plots.show_confusions(digits_of(1), [1], [2])
    axis.figure.draw_without_rendering()
    left, right, *_ = axis.images[0].get_extent()
    assert np.ptp(axis.transData.transform([(left, 0), (right, 0)])[:, 0]) * 100 / axis.figure.dpi >= 60


def test_more_mistakes_are_a_stronger_orange_and_the_right_ones_blue():
    axis = plots.show_confusions(digits_of(5), [1, 1, 1, 2, 3], [2, 2, 2, 5, 3])
    strengths = {(round(p.get_y() + 0.5), round(p.get_x() + 0.5)): p.get_facecolor() for p in axis.patches}
    assert strengths[1, 2][:3] == strengths[2, 5][:3] == ORANGE[:3] and strengths[3, 3][:3] == BLUE[:3]
    assert strengths[1, 2][3] > strengths[2, 5][3]


def test_labels_that_do_not_fit_are_refused():
    with pytest.raises(ValueError, match=r"3 labels and predictions, one for each image, not \(2,\) and \(3,\)"):
        plots.show_confusions(digits_of(3), [1, 2], [1, 2, 3])


# The sheet


def test_the_sheet_has_every_kind_of_figure(tmp_path):
    run = subprocess.run(
        [sys.executable, "docs/figure_sheet.py", tmp_path / "sheet.png"], cwd=ROOT, capture_output=True, text=True
    )
    assert "7 figures" in run.stdout, run.stderr
    assert plt.imread(tmp_path / "sheet.png").shape[2] == 3
