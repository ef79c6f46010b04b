"""A picture file reads like the drawing in it, and anything that isn't a picture is refused in one line."""

import io
import struct
import tracemalloc
import warnings
import zlib

import numpy as np
import pytest
from PIL import Image

import digits_helpers as dh
from digits_helpers import picture_files


@pytest.fixture(scope="module")
def drawing():
    """A five, black on white."""
    return 255 - dh.rasterize(dh.write_digit(5, np.random.default_rng(5)))


@pytest.fixture(scope="module")
def predict():
    return dh.Predictor()


def saved(picture, form="PNG", **options):
    """The bytes of a file; ``picture`` is an array or a Pillow image."""
    file = io.BytesIO()
    image = picture if isinstance(picture, Image.Image) else Image.fromarray(picture)
    image.save(file, form, **options)
    return file.getvalue()


def likeness(image, expected):
    """The best correlation of the images when one may be shifted by a pixel, since rounding may shift a digit."""
    shifts = [(row, column) for row in (-1, 0, 1) for column in (-1, 0, 1)]
    return max(np.corrcoef(np.roll(image, shift, (0, 1)).ravel(), expected.ravel())[0, 1] for shift in shifts)


def forms(drawing):
    grey = Image.fromarray(drawing)
    wide = drawing.astype(np.uint16) * 257
    transparent = Image.fromarray(np.dstack([np.zeros_like(drawing)] * 3 + [255 - drawing]))
    return {
        "grey": saved(grey),
        "RGB": saved(grey.convert("RGB")),
        "RGBA": saved(grey.convert("RGBA")),
        "black on transparent": saved(transparent),
        "grey with transparency": saved(grey.convert("LA")),
        "16 bit": saved(wide),
        "16 bit, faint": saved((40000 + drawing.astype(np.uint16) * 80).astype(np.uint16)),
        "palette": saved(grey.convert("P")),
        "GIF": saved(grey, "GIF"),
        "BMP": saved(grey, "BMP"),
        "light on dark": saved(255 - drawing),
    }


@pytest.mark.parametrize("name", list(forms(np.zeros((9, 9), np.uint8))))
def test_the_file_gives_what_the_drawing_gives(drawing, name):
    picture = dh.read_picture(forms(drawing)[name])
    assert picture.dtype == np.uint8 and picture.shape[:2] == drawing.shape
    assert picture.ndim == 2 or picture.shape[2] in (3, 4)
    assert abs(dh.prepare(picture) - dh.prepare(drawing)).max() < 0.02


def test_16_bits_are_scaled_exactly():
    values = np.arange(256, dtype=np.uint16).reshape(16, 16)
    assert np.array_equal(dh.read_picture(saved(values * 257)), values)


def test_one_bit_is_black_and_white(drawing):
    picture = dh.read_picture(saved(Image.fromarray(drawing > 127)))
    assert set(np.unique(picture)) == {0, 255} and np.array_equal(picture > 127, drawing > 127)


def test_a_transparent_colour_of_a_palette_becomes_paper(drawing):
    image = Image.frombytes("P", drawing.shape[::-1], (drawing < 128).astype(np.uint8).tobytes())
    image.putpalette([0, 0, 0, 0, 0, 0])  # both are black: only transparency tells them apart
    picture = dh.read_picture(saved(image, transparency=0))
    assert picture.shape == (*drawing.shape, 4)
    assert np.array_equal(dh.as_ink(picture) > 0, drawing < 128)


@pytest.mark.parametrize("quality", [60, 75, 90, 95])
@pytest.mark.parametrize("mode", ["L", "RGB"])
def test_a_jpegs_ripples_do_not_count_as_ink(drawing, mode, quality):
    content = saved(Image.fromarray(drawing).convert(mode), "JPEG", quality=quality)
    assert likeness(dh.prepare(dh.read_picture(content)), dh.prepare(drawing)) > 0.98


def test_jpegs_of_mnists_size(sample, predict):
    images, labels = sample.x_test[:200], sample.y_test[:200]
    contents = [saved(255 - image, "JPEG", quality=75) for image in images]
    ready = np.stack([dh.prepare(dh.read_picture(content)) for content in contents])
    assert np.mean([likeness(*pair) for pair in zip(ready, images, strict=True)]) > 0.97
    assert (predict(ready).argmax(axis=1) == labels).mean() > 0.97


def test_cmyk_jpeg(drawing):
    picture = dh.read_picture(saved(Image.fromarray(drawing).convert("RGB").convert("CMYK"), "JPEG", quality=95))
    assert picture.shape == (*drawing.shape, 3)
    assert likeness(dh.prepare(picture), dh.prepare(drawing)) > 0.98


@pytest.mark.parametrize("form", ["JPEG", "PNG"])
def test_exif_turns_the_picture_upright(drawing, form):
    exif = Image.Exif()
    exif[0x0112] = 6  # the camera was held so that the picture must be turned a quarter to the right
    lying = np.rot90(drawing[:, 10:])
    picture = dh.read_picture(saved(lying, form, exif=exif))
    assert picture.shape == drawing[:, 10:].shape
    assert likeness(dh.prepare(picture), dh.prepare(drawing)) > 0.98


def exif_note(number, kind, value):
    """An EXIF block with the camera's orientation (6: turned by a quarter) and one more note."""
    return (
        b"Exif\0\0II*\0"
        + struct.pack("<IHHHII", 8, 2, 0x0112, 3, 1, 6)
        + struct.pack("<HHI4sI", number, kind, 1, value, 0)
    )


DAMAGED_NOTES = {
    "text for a number": exif_note(0x011B, 2, b"abc\0"),
    "a number that lies beyond the end": exif_note(0x011A, 5, b"\xff\xff\0\0"),
}


@pytest.mark.parametrize("name", DAMAGED_NOTES)
def test_damaged_camera_notes_do_not_damage_the_picture(drawing, name):
    content = saved(drawing, "JPEG", quality=95, exif=DAMAGED_NOTES[name])
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        picture = dh.read_picture(content)
    turned = np.rot90(drawing, -1)
    assert max(likeness(dh.prepare(picture), dh.prepare(right)) for right in (drawing, turned)) > 0.98


def test_a_jpeg_may_number_its_tables_from_1(drawing):
    content = bytearray(saved(drawing, "JPEG", quality=90))
    usual = dh.read_picture(content)
    content[content.index(b"\xff\xdb") + 4] = 1  # the table's number where it is defined
    content[content.index(b"\xff\xc0") + 12] = 1  # and where the picture asks for it
    with Image.open(io.BytesIO(content)) as image:
        assert list(image.quantization) == [1]
    assert np.array_equal(dh.read_picture(content), usual)


def test_the_first_frame_of_an_animation(drawing):
    content = saved(Image.fromarray(drawing), "GIF", save_all=True, append_images=[Image.new("L", drawing.shape[::-1])])
    assert np.array_equal(dh.prepare(dh.read_picture(content)), dh.prepare(drawing))


def test_large_pictures_are_shrunk(drawing):
    large = Image.fromarray(drawing).resize((3000, 3000)).crop((0, 0, 3000, 2900))
    picture = dh.read_picture(saved(large))
    assert max(picture.shape) == picture_files.SIDE
    assert likeness(dh.prepare(picture), dh.prepare(drawing)) > 0.95


@pytest.mark.parametrize("size, factor", [((2500, 1200), 2.5), ((1200, 2500), 2.5), ((1000, 90), 1), ((30, 40), 1)])
@pytest.mark.parametrize("turned", [False, True])
def test_the_factor_leads_back_to_the_files_pixels(size, factor, turned):
    exif = Image.Exif()
    exif[0x0112] = 6 if turned else 1
    content = saved(Image.new("L", size, 255), exif=exif)
    picture, shrunk = picture_files.read_and_shrink(content)
    assert shrunk == factor and np.array_equal(picture, dh.read_picture(content))
    height, width = picture.shape
    assert (shrunk * height, shrunk * width) == (size if turned else size[::-1])


def test_bytes_a_view_of_them_and_a_path_are_the_same(drawing, tmp_path):
    content = saved(drawing)
    path = tmp_path / "five.png"
    path.write_bytes(content)
    for source in (content, bytearray(content), memoryview(content), path, str(path)):
        assert np.array_equal(dh.read_picture(source), drawing)


def bomb(width, height):
    """A PNG whose header promises ``width`` x ``height`` pixels."""

    def chunk(name, data):
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    data = zlib.compress(bytes(100_000))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", data) + chunk(b"IEND", b"")


@pytest.mark.parametrize("side", [5_000, 12_000, 60_000])  # above our limit, Pillow's warning, and Pillow's error
def test_a_bomb_is_refused_by_its_header(side):
    content = bomb(side, side)
    tracemalloc.start()
    with warnings.catch_warnings(), pytest.raises(ValueError, match="at most 20 million"):
        warnings.simplefilter("error")
        dh.read_picture(content)
    assert tracemalloc.get_traced_memory()[1] < 5_000_000
    tracemalloc.stop()


def broken():
    noise = np.random.default_rng(0).integers(0, 256, (200, 200), dtype=np.uint8)
    files = {form: saved(noise, form) for form in ("PNG", "JPEG", "GIF", "BMP")}
    flipped = bytearray(files["PNG"])
    flipped[len(flipped) // 2] ^= 255
    yield from ((f"half a {form}", content[: len(content) // 2], "damaged") for form, content in files.items())
    yield "a flipped byte", bytes(flipped), "damaged"
    yield "a header only", files["PNG"][:20], "not a picture"
    yield "text", b"This is a five.\n", "not a picture"
    yield "an EPS", b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n", "not a picture"
    yield "nothing", b"", "empty"
    yield "too many bytes", bytes(picture_files.MAX_BYTES + 1), "too large"
    yield "no such file", "nowhere/five.png", "Can't read five.png"
    yield "a folder", ".", "Can't read"
    yield "None", None, "not NoneType"
    yield "a number", 5, "not int"


@pytest.mark.parametrize(("content", "says"), [pytest.param(*case[1:], id=case[0]) for case in broken()])
def test_what_is_no_picture_is_refused_in_one_line(content, says):
    with pytest.raises(ValueError, match=says) as error:
        dh.read_picture(content)
    assert "\n" not in str(error.value) and len(str(error.value)) < 120


# Photos


def photo(ink, rng, light=False, scale=1, noise=8, dust=2):
    """A JPEG photo of a pencil digit: unevenly lit paper, camera noise, and some grains of dust."""
    ink = np.asarray(Image.fromarray(ink).resize([scale * side for side in ink.shape[::-1]])) / 255
    y, x = np.indices(ink.shape) / len(ink) - 0.5
    angle = rng.uniform(0, 2 * np.pi)
    paper = (70 if light else 180) + 60 * (x * np.cos(angle) + y * np.sin(angle)) - 40 * (x**2 + y**2)
    for row, column in rng.integers(10, 260, (dust, 2)) * scale:
        ink[row : row + 2 * scale, column : column + 2 * scale] = 1
    grey = paper + (80 if light else -80) * ink + rng.normal(0, noise, ink.shape)
    return saved(np.rint(grey.clip(0, 255)).astype(np.uint8), "JPEG", quality=85)


@pytest.mark.parametrize("scale", [1, 3])
@pytest.mark.parametrize("light", [False, True], ids=["dark on light", "light on dark"])
def test_a_photo_is_read_as_the_clean_drawing(predict, light, scale):
    ready, alike = [], []
    for number in range(30):
        rng = np.random.default_rng(number)
        ink = dh.rasterize(dh.write_digit(number % 10, rng))
        stages, clean = (dh.prepare_stages(p) for p in (dh.read_picture(photo(ink, rng, light, scale)), ink))
        off = np.array(stages["crop"].shape) / scale - clean["crop"].shape
        assert abs(off).max() <= 3, f"number {number}: dust, noise or light changed the crop"
        ready.append(stages["centred"].astype(np.float32) / 255)
        alike.append(likeness(stages["centred"], clean["centred"]))
    assert np.array_equal(predict(np.stack(ready)).argmax(axis=1), np.arange(30) % 10)
    # A width of 16.5 pixels in the box may be rounded the other way: such a digit is less alike, and no less right.
    assert np.mean(np.array(alike) > 0.9) >= 0.9 and min(alike) > 0.8 and np.median(alike) > 0.98


def test_a_photo_with_a_stroke_that_leaves_it():
    rng = np.random.default_rng(0)
    ink = dh.rasterize([[(140, -20), (140, 200)], [(90, 120), (200, 120)]])
    assert likeness(dh.prepare(dh.read_picture(photo(ink, rng))), dh.prepare(ink)) > 0.9


@pytest.mark.parametrize("noise", [1, 4, 8])
@pytest.mark.parametrize("scale", [1, 3])
@pytest.mark.parametrize("light", [False, True], ids=["light paper", "dark paper"])
def test_on_a_photo_of_blank_paper_is_nothing(light, scale, noise):
    for seed in range(5):
        blank = photo(np.zeros((280, 280)), np.random.default_rng(seed), light, scale, noise, dust=0)
        with pytest.raises(ValueError, match="Nothing is drawn"):
            dh.prepare(dh.read_picture(blank))


def test_a_faint_line_on_a_photo_is_ink():
    rng = np.random.default_rng(0)
    ink = dh.rasterize(dh.write_digit(2, rng))
    assert likeness(dh.prepare(dh.read_picture(photo(ink // 4, rng, scale=3, dust=0))), dh.prepare(ink)) > 0.9


# Specks


def test_a_speck_far_from_the_digit_is_left_out(drawing):
    spotted = drawing.copy()
    spotted[5, 5] = 128
    assert np.array_equal(dh.prepare(spotted), dh.prepare(drawing))
    assert dh.crop_to_ink(dh.as_ink(spotted)).shape > dh.crop_to_ink(dh.as_ink(drawing)).shape


def test_a_dot_of_the_brush_is_no_speck(drawing):
    ink = 255 - drawing
    dotted = np.maximum(ink, dh.rasterize([[(20, 20)]], width=8))
    assert dh.crop_to_ink(dh.prepare_stages(dotted)["ink"]).shape > dh.crop_to_ink(ink).shape


def test_a_thin_line_is_no_speck_beside_one():
    ink = np.zeros((2000, 2000), np.uint8)
    ink[100:1900, 1000] = 255
    line = ink.copy()
    ink[50, 50] = 255
    assert np.array_equal(dh.prepare_stages(ink)["ink"], line)


def test_a_digit_of_dots_keeps_all_of_them():
    dots = dh.rasterize([[(140, y)] for y in range(40, 250, 20)], width=4)
    assert np.array_equal(dh.prepare_stages(dots)["ink"], dots)


def test_nothing_is_a_speck_at_mnists_size(sample):
    for image in sample.x_test:
        assert np.array_equal(dh.prepare_stages(image)["ink"], dh.as_ink(image))
