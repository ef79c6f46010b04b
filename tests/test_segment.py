"""Drawings and pictures of several digits come apart into their digits."""

import time

import numpy as np
import pytest
from PIL import Image
from scipy.ndimage import label

import digits_helpers as dh
from digits_helpers.handwriting import write_style
from digits_helpers.seams import MOST_RUNS, cut_to_pieces
from digits_helpers.segment import candidates, group_and_read, picture_of, pieces_of_strokes
from digits_helpers.styles import STYLES
from digits_helpers.words import as_text


@pytest.fixture(scope="module")
def predict():
    return dh.Predictor(dh.load_pretrained())


def in_a_row(digits, gap=40, height=150, top=50):
    """Strokes of each digit, all as high, ``gap`` pixels apart."""
    written, left = [], 20
    for strokes in digits:
        points = np.concatenate(strokes)
        low, extent = points.min(axis=0), np.ptp(points, axis=0)
        scale = height / extent[1]
        written.append([(np.asarray(stroke) - low) * scale + [left, top] for stroke in strokes])
        left += extent[0] * scale + gap
    return written


def neatly(text, **places):
    return in_a_row([dh.write_digit(int(digit)) for digit in text], **places)


def flat(written):
    return [stroke for digit in written for stroke in digit]


def picture(written, width=14):
    strokes = flat(written)
    return dh.rasterize(strokes, (np.concatenate(strokes).max(axis=0) + 30).astype(int).tolist(), width)


def same(groups, written):
    """Whether the groups hold the very strokes of the digits, whatever their order inside."""
    return [sorted(map(id, group)) for group in groups] == [sorted(map(id, digit)) for digit in written]


def as_sets(groups, strokes):
    number_of = {id(stroke): number for number, stroke in enumerate(strokes)}
    return [{number_of[id(stroke)] for stroke in group} for group in groups]


# Strokes


OF_SEVERAL_STROKES = [(digit, name) for digit in STYLES for name, style in STYLES[digit].items() if len(style) > 1]


@pytest.mark.parametrize(("digit", "name"), OF_SEVERAL_STROKES)
def test_the_strokes_of_a_digit_stay_together(digit, name, predict):
    written = in_a_row([dh.write_digit(2), write_style(STYLES[digit][name]), dh.write_digit(3)])
    assert same(dh.group_strokes(flat(written), predict), written)


@pytest.mark.parametrize("gap", [60, 20, 5, 0, -6])
def test_neighbours_come_apart(gap, predict):
    for text in ("2389", "7420", "100", "14"):
        written = neatly(text, gap=gap)
        groups = dh.group_strokes(flat(written), predict)
        assert same(groups, written), text
        if gap > 0:
            assert same(dh.group_strokes(flat(written)), written), text


def test_the_order_of_drawing_does_not_matter(predict):
    seven = write_style(STYLES[7]["with a bar"])
    written = in_a_row([seven, dh.write_digit(4), dh.write_digit(1), seven])
    strokes = flat(written)
    rng = np.random.default_rng(0)
    for _ in range(10):
        mixed = [strokes[k] for k in rng.permutation(len(strokes))]
        assert same(dh.group_strokes(mixed), written)
        assert same(dh.group_strokes(mixed, predict), written)


def test_lines_are_read_from_the_top_in_any_order_of_drawing(predict):
    above, below = neatly("274"), neatly("9035", top=260)
    strokes = flat([*above, *below])
    rng = np.random.default_rng(0)
    for _ in range(5):
        mixed = [strokes[k] for k in rng.permutation(len(strokes))]
        assert same(dh.group_strokes(mixed), [*above, *below])
        assert as_text(dh.read_number(mixed, predict)) == "2749035"


@pytest.mark.parametrize("scale", [0.01, 0.5, 30])
def test_size_and_place_do_not_matter(scale, predict):
    rng = np.random.default_rng(1)
    for _ in range(5):
        digits = [dh.write_digit(int(digit), rng) for digit in rng.integers(10, size=4)]
        strokes = flat(in_a_row(digits, gap=rng.uniform(-5, 30)))
        elsewhere = [stroke * scale + [-300, 7000] for stroke in strokes]
        for ask in (None, predict):
            here, there = dh.group_strokes(strokes, ask), dh.group_strokes(elsewhere, ask)
            assert as_sets(here, strokes) == as_sets(there, elsewhere)


def test_every_stroke_is_in_one_group_whatever_is_drawn(predict):
    rng = np.random.default_rng(2)
    for count in (1, 2, 5, 30):
        strokes = [rng.uniform(0, 300, (rng.integers(1, 20), 2)) for _ in range(count)]
        for ask in (None, predict):
            found = sorted(id(stroke) for group in dh.group_strokes(strokes, ask) for stroke in group)
            assert found == sorted(map(id, strokes))


def test_the_program_s_numbers_are_read(predict):
    rng = np.random.default_rng(3)
    apart = read = 0
    for _ in range(100):
        digits = rng.integers(10, size=3)
        written = in_a_row([dh.write_digit(int(digit), rng) for digit in digits])
        apart += same(dh.group_strokes(flat(written)), written)
        read += as_text(dh.read_number(flat(written), predict)) == "".join(map(str, digits))
    assert apart >= 90 and read >= 85


def test_no_strokes_are_no_digits(predict):
    assert dh.group_strokes([]) == [] and dh.group_strokes([], predict) == []
    assert dh.read_number([], predict) == [] and as_text([]) == ""


def test_what_is_no_stroke_is_refused(predict):
    for wrong in ([[]], [[1, 2, 3]], [[(0, 0), (np.nan, 1)]], ["seven"]):
        with pytest.raises(ValueError, match="stroke"):
            dh.group_strokes(wrong)


# What can't be read


def test_a_dot_is_said_to_be_no_digit(predict):
    (dot,) = dh.read_number([[(50, 50)]], predict)
    assert dot.doubt and as_text([dot]) == "?"
    beside = [*flat(neatly("23")), [(700, 100), (702, 101)]]
    assert as_text(dh.read_number(beside, predict)) == "23?"


def test_a_line_across_everything_is_said_to_be_no_digit(predict):
    strokes = flat(neatly("2468"))
    right = np.concatenate(strokes)[:, 0].max()
    line = np.stack([np.linspace(0, right + 20, 50), np.full(50, 120)], axis=1)
    (all_of_it,) = dh.read_number([*strokes, line], predict)
    assert "wide" in all_of_it.doubt
    (level,) = dh.read_number([line], predict)
    assert "wide" in level.doubt


def test_one_stroke_through_two_digits_is_said_to_be_unreadable(predict):
    for text in ("23", "60", "52"):
        run_together = [np.concatenate(flat(neatly(text)))]
        number = dh.read_number(run_together, predict)
        assert as_text(number) == "?" and number[0].doubt, text


def test_only_the_digit_in_doubt_is_left_open(predict):
    written = neatly("5238")
    strokes = [*written[0], np.concatenate(flat(written[1:3])), *written[3]]
    assert as_text(dh.read_number(strokes, predict)) == "5?8"


def test_a_network_that_is_not_sure_is_a_doubt():
    def no_idea(images):
        return np.full((len(images), 10), 0.1, np.float32)

    number = dh.read_number(flat(neatly("38")), no_idea)
    assert [digit.doubt for digit in number] == ["Not sure: 0 (10 %) or 1 (10 %)."] * 2


# One batch, and what comes with each digit


def test_a_number_is_read_in_one_batch(predict):
    calls = []

    def counting(images):
        calls.append(images.shape)
        return predict(images)

    for drawing in (flat(neatly("2507")), picture(neatly("2507"))):
        calls.clear()
        assert as_text(dh.read_number(drawing, counting)) == "2507"
        assert len(calls) == 1 and calls[0][1:] == (28, 28)


def test_what_comes_with_a_digit(predict):
    written = neatly("27")
    for drawing in (flat(written), picture(written)):
        number = dh.read_number(drawing, predict)
        assert [digit.digit for digit in number] == [2, 7]
        for digit, strokes in zip(number, written, strict=True):
            points = np.concatenate(strokes)
            assert abs(np.subtract(digit.box, [*points.min(axis=0), *points.max(axis=0)])).max() < 10
            assert digit.image.shape == (28, 28) and digit.image.dtype == np.float32 and digit.image.max() == 1
            assert digit.probabilities.shape == (10,)
            assert digit.confidence == digit.probabilities.max() > 0.9
            assert np.array_equal(predict(digit.image)[0].argmax(), digit.digit) and digit.doubt is None


def test_each_group_comes_with_what_the_network_saw(predict):
    ((group, seen, answer),) = group_and_read(dh.write_digit(3), predict)
    assert np.array_equal(seen, picture_of(group))
    assert np.allclose(answer, predict(seen)[0], atol=1e-5)
    ((_, _, answer),) = group_and_read(dh.write_digit(3))
    assert answer is None


@pytest.mark.parametrize("as_picture", [False, True])
def test_forty_digits_in_time(as_picture, predict):
    rng = np.random.default_rng(4)
    digits = rng.integers(10, size=40)
    written = in_a_row([dh.write_digit(int(digit), rng) for digit in digits])
    drawing = picture(written) if as_picture else flat(written)
    seconds = []  # of the processor's time, which no other work on the machine makes longer
    for _ in range(3):
        start = time.process_time()
        number = dh.read_number(drawing, predict)
        seconds.append(time.process_time() - start)
    assert 38 <= len(number) <= 44
    assert min(seconds) < 2  # 0.05 s and 0.4 s on an idle machine


# Too much of it


def grid_of_dots(step):
    dots = np.zeros((1000, 1000), np.uint8)
    for row, column in np.ndindex(3, 3):
        dots[5 + row : 990 : step, 5 + column : 990 : step] = 255
    return dots


def salt(share):
    picture = np.zeros((1000, 1000), np.uint8)
    inside = picture[1:-1, 1:-1]
    inside[np.random.default_rng(0).random(inside.shape) < share] = 255
    return picture


@pytest.mark.parametrize(
    "drawing",
    [
        pytest.param(salt(0.02), id="a little salt"),
        pytest.param(salt(0.2), id="salt"),
        pytest.param(salt(0.38), id="salt that hangs together"),
        pytest.param(np.random.default_rng(0).integers(0, 256, (1000, 1000), np.uint8), id="noise"),
        pytest.param(grid_of_dots(4), id="dots"),
        pytest.param([[(7 * x, 0), (7 * x, 100)] for x in range(400)], id="short strokes in a row"),
        pytest.param([[(x / 7, 0), (x / 7, 100)] for x in range(2000)], id="strokes upon strokes"),
    ],
)
def test_far_too_many_parts_are_refused_in_time(drawing, predict):
    start = time.process_time()
    with pytest.raises(ValueError, match="too many parts for a number"):
        dh.read_number(drawing, predict)
    assert time.process_time() - start < 6  # 1.4 s on an idle machine


@pytest.mark.parametrize("gap", [40, 5, -6])
def test_sixty_digits_are_far_from_too_many(gap):
    rng = np.random.default_rng(5)
    written = in_a_row([dh.write_digit(int(digit), rng) for digit in rng.integers(10, size=60)], gap=gap, height=60)

    def runs(pieces):
        places, *_ = candidates(pieces, None, None, np.ones(8))
        return len(places)

    assert runs(pieces_of_strokes([stroke.astype(np.float32) for stroke in flat(written)])) < MOST_RUNS / 20
    assert runs(cut_to_pieces(picture(written, width=7))[0]) < MOST_RUNS / 1.8


def test_a_frame_around_small_writing_takes_no_longer(predict):
    framed = np.zeros((1000, 1000), np.uint8)
    framed[10:-10, 10:-10] = 255
    framed[12:-12, 12:-12] = 0
    for top, left in np.ndindex(20, 20):
        framed[100 + 40 * top : 125 + 40 * top, 100 + 40 * left : 106 + 40 * left] = 255
    start = time.process_time()
    assert len(dh.read_number(framed, predict)) >= 400
    assert time.process_time() - start < 8  # 2 s on an idle machine


# Pictures


@pytest.mark.parametrize("gap", [40, 20])
def test_the_parts_of_a_picture(gap, predict):
    for text in ("2389", "100", "5", "0123456789"):
        written = neatly(text, gap=gap)
        for ask in (None, predict):
            parts = dh.split_image(picture(written), ask)
            assert len(parts) == len(text)
            for part, strokes in zip(parts, written, strict=True):
                points = np.concatenate(strokes)
                assert abs(np.subtract(part.box, [*points.min(axis=0), *points.max(axis=0)])).max() < 10
        answers = [predict(dh.prepare(part.ink))[0].argmax() for part in parts]
        assert "".join(map(str, answers)) == text


def test_digits_that_touch_come_apart(predict):
    for text in ("23", "64", "40", "2354"):
        touching = picture(neatly(text, gap=8), width=20)
        assert label(touching)[1] < len(text)
        assert as_text(dh.read_number(touching, predict)) == text


def test_a_neighbour_s_ink_is_not_in_a_part(predict):
    seven, six = in_a_row([dh.write_digit(7), dh.write_digit(6)], gap=-20)
    parts = dh.split_image(picture([seven, six]), predict)
    assert len(parts) == 2 and parts[0].box[2] > parts[1].box[0]  # the boxes overlap, the ink doesn't
    assert [int(predict(dh.prepare(part.ink))[0].argmax()) for part in parts] == [7, 6]


def test_a_cap_that_touches_nothing_stays_with_its_digit(predict):
    written = in_a_row([dh.write_digit(3), write_style(STYLES[5]["detached cap"]), dh.write_digit(2)], gap=50)
    assert as_text(dh.read_number(picture(written, width=8), predict)) == "352"


def test_lines_are_read_from_the_top(predict):
    above, below = neatly("274"), neatly("9035", top=260)
    assert as_text(dh.read_number(picture([*above, *below]), predict)) == "2749035"


def test_specks_are_left_out(predict):
    dirty = picture(neatly("26", gap=60))
    clean = dh.split_image(dirty, predict)
    dirty[5:8, 5:8] = dirty[100:102, 160:163] = 255
    assert [part.box for part in dh.split_image(dirty, predict)] == [part.box for part in clean]


def test_boxes_of_a_picture_that_is_read_smaller_end_within_it(predict):
    edge = np.zeros((403, 803), np.uint8)  # read at a third or less, rounded up
    edge[3:, 300:340] = edge[3:, 763:] = 255
    for ask in (None, predict):
        boxes = [part.box for part in dh.split_image(edge, ask)]
        assert boxes[-1][2:] == (803, 403), boxes


def test_any_kind_of_picture_and_any_size(predict):
    white_on_black = picture(neatly("4073"))
    black_on_white = 255 - white_on_black
    for alike in (black_on_white, white_on_black / 255, np.stack([black_on_white] * 3, axis=-1)):
        assert as_text(dh.read_number(alike, predict)) == "4073"
    for height in (40, 1000):
        width = round(height * white_on_black.shape[1] / white_on_black.shape[0])
        resized = np.asarray(Image.fromarray(white_on_black).resize((width, height), Image.Resampling.BOX))
        number = dh.read_number(resized, predict)
        assert as_text(number) == "4073"
        assert abs(number[-1].box[2] - width * (1 - 30 / white_on_black.shape[1])) < 0.06 * width


def test_mnist_s_own_digits_are_one_part(sample, predict):
    one = [len(dh.split_image(image, predict)) == 1 for image in sample.x_test[:200]]
    assert np.mean(one) >= 0.94


def test_nothing_on_a_picture_is_no_digit(predict):
    for blank in (np.zeros((50, 80), np.uint8), np.full((50, 80, 3), 200, np.uint8)):
        assert dh.split_image(blank) == [] and dh.split_image(blank, predict) == []
        assert dh.read_number(blank, predict) == []


@pytest.mark.parametrize("drawing", [None, Image.new("L", (28, 28))])
def test_what_is_neither_strokes_nor_an_array_is_refused(drawing, predict):
    with pytest.raises(ValueError, match="For a picture, pass an array"):
        dh.read_number(drawing, predict)


def test_what_is_no_picture_is_refused(predict):
    with pytest.raises(ValueError, match="picture"):
        dh.split_image(np.zeros(5, np.uint8))


def test_lines_that_vanish_when_shrunk_are_said_to_be_too_faint_and_thin(predict):
    faint = np.zeros((1000, 1000), np.uint8)
    faint[20:980, 500] = 5
    for ask in (None, predict):
        with pytest.raises(ValueError, match="Nothing is drawn: .* too faint and thin"):
            dh.split_image(faint, ask)


def test_a_line_a_dot_and_a_block_are_said_to_be_no_digits(predict):
    for width, height in ((500, 6), (200, 90), (8, 8), (60, 60)):
        shape = np.zeros((120, 600), np.uint8)
        shape[20 : 20 + height, 30 : 30 + width] = 255
        (number,) = dh.read_number(shape, predict)
        assert number.doubt and number.box == (30, 20, 30 + width, 20 + height)
