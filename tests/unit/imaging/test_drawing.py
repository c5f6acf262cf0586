"""Whatever was uploaded is drawn anew: upright, in sRGB, without notes, or it is refused."""

import io
import tracemalloc
import zipfile

import pytest
from PIL import Image, ImageCms

from feedsvc.errors import InputError
from feedsvc.imaging.drawing import MAX_PIXELS, RefusedError, drawn
from tests.pictures import ImagingHere, bomb, decoded, encoded, photograph

_SRGB = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
_MARK = b"<script>alert(document.domain)</script>"


def _only(data: bytes) -> Image.Image:
    [(width, height, body)] = drawn(data).files
    image = decoded(body)
    assert image.size == (width, height)
    return image


@pytest.mark.parametrize(
    ("form", "suffix"),
    [
        pytest.param("JPEG", "jpg", id="jpeg"),
        pytest.param("PNG", "jpg", id="photograph as png"),
        pytest.param("WEBP", "jpg", id="webp"),
        pytest.param("AVIF", "jpg", id="avif"),
    ],
)
def test_photograph_becomes_jpeg(form: str, suffix: str) -> None:
    made = drawn(encoded(photograph(320, 200), form))

    assert made.suffix == suffix
    assert decoded(made.files[0][2]).format == "JPEG"


@pytest.mark.parametrize("form", ["PNG", "GIF"])
def test_drawing_stays_png(form: str) -> None:
    made = drawn(encoded(Image.new("RGB", (300, 200), "navy"), form))

    assert made.suffix == "png"
    assert decoded(made.files[0][2]).convert("RGB").getpixel((5, 5)) == (0, 0, 128)


def test_sizes_are_those_for_pages() -> None:
    made = drawn(encoded(photograph(3000, 1500)))

    assert [(width, height) for width, height, _ in made.files] == [
        (480, 240),
        (960, 480),
        (1600, 800),
        (2400, 1200),
    ]
    assert all(decoded(body).size == (w, h) for w, h, body in made.files)


def test_nothing_is_made_larger() -> None:
    assert [size[:2] for size in drawn(encoded(photograph(500, 20))).files] == [
        (480, 19),
        (500, 20),
    ]


def test_very_tall_picture_is_bounded() -> None:
    assert drawn(encoded(photograph(100, 6000), "PNG")).files[-1][:2] == (80, 4800)


@pytest.mark.parametrize(
    ("width", "height"),
    [
        pytest.param(30_000, 30_000, id="30,000 squared"),
        pytest.param(2, 40_000, id="a line"),
        pytest.param(2**31 - 1, 2**31 - 1, id="all that PNG can say"),
        pytest.param(10_000, MAX_PIXELS // 10_000 + 1, id="a row too much"),
    ],
)
def test_bomb_is_refused_by_its_header(width: int, height: int) -> None:
    tracemalloc.start()

    with pytest.raises(RefusedError, match="pixels"):
        drawn(bomb(width, height))

    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 5_000_000


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(b"<svg xmlns='http://www.w3.org/2000/svg' onload='x'/>", id="svg"),
        pytest.param(b"<?xml version='1.0'?><svg/>", id="svg with a declaration"),
        pytest.param(b"<!doctype html><script>1</script>", id="html"),
        pytest.param(b"%PDF-1.7", id="pdf"),
        pytest.param(b"\xff", id="a byte"),
        pytest.param(encoded(photograph(), "BMP"), id="bmp"),
        pytest.param(encoded(photograph(), "TIFF"), id="tiff"),
        pytest.param(encoded(photograph(), "ICO"), id="ico"),
        pytest.param(encoded(photograph(), "EPS"), id="eps"),
        pytest.param(b"\x89PNG\r\n\x1a\n", id="only the beginning of a png"),
    ],
)
def test_everything_else_is_refused(data: bytes) -> None:
    with pytest.raises(RefusedError, match=r"^kind$"):
        drawn(data)


@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP", "GIF"])
def test_cut_off_picture_is_refused(form: str) -> None:
    whole = encoded(photograph(400, 300), form)

    with pytest.raises(RefusedError, match=r"damaged|kind"):
        drawn(whole[: len(whole) // 2])


def test_picture_that_holds_less_than_it_says_is_refused() -> None:
    with pytest.raises(RefusedError, match="damaged"):
        drawn(bomb(400, 300))


def _polyglots() -> dict[str, bytes]:
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as made:
        made.writestr("index.html", _MARK)
    small = photograph()
    gif = encoded(small, "GIF", comment=b"*/=1;" + _MARK)
    return {
        "gif and script": gif + b"\n" + _MARK,
        "png and zip": encoded(small, "PNG") + archive.getvalue(),
        "jpeg and html": encoded(small, comment=_MARK) + _MARK,
    }


@pytest.mark.parametrize("data", _polyglots().values(), ids=_polyglots().keys())
def test_of_two_files_in_one_only_the_picture_is_left(data: bytes) -> None:
    for _, _, body in drawn(data).files:
        assert b"script" not in body
        assert b"PK\x03\x04" not in body
        assert not zipfile.is_zipfile(io.BytesIO(body))


def test_places_and_notes_are_gone() -> None:
    exif = Image.Exif()
    exif[0x010F] = "Secret Camera"
    exif[0x8825] = {1: "N", 2: (19.0, 48.0, 47.0), 3: "E", 4: (85.0, 49.0, 29.0)}
    data = encoded(
        photograph(), exif=exif, icc_profile=_SRGB, comment=b"Secret note", dpi=(72, 72)
    )

    image = _only(data)

    assert not image.getexif()
    assert not {"icc_profile", "comment", "exif", "xmp"} & image.info.keys()
    assert b"Secret" not in drawn(data).files[0][2]


def test_notes_of_png_are_gone() -> None:
    from PIL.PngImagePlugin import PngInfo  # noqa: PLC0415 - only here

    notes = PngInfo()
    notes.add_text("Author", "Secret")
    flat = Image.new("RGB", (60, 40), "red")

    assert not _only(encoded(flat, "PNG", pnginfo=notes, icc_profile=_SRGB)).info


@pytest.mark.parametrize("orientation", range(1, 9))
def test_picture_stands_upright(orientation: int) -> None:
    """The red corner is at the top left of what the camera saw, whichever way it was held."""
    upright = Image.new("RGB", (60, 40), "white")
    upright.paste("red", (0, 0, 20, 20))
    turns = {
        2: Image.Transpose.FLIP_LEFT_RIGHT,
        3: Image.Transpose.ROTATE_180,
        4: Image.Transpose.FLIP_TOP_BOTTOM,
        5: Image.Transpose.TRANSPOSE,
        6: Image.Transpose.ROTATE_90,
        7: Image.Transpose.TRANSVERSE,
        8: Image.Transpose.ROTATE_270,
    }
    stored = upright.transpose(turns[orientation]) if orientation in turns else upright
    exif = Image.Exif()
    exif[0x0112] = orientation

    image = _only(encoded(stored, exif=exif, quality=95)).convert("RGB")

    assert image.size == (60, 40)
    red, green, _ = image.getpixel((8, 8))  # type: ignore[misc] # three numbers, of RGB
    assert red > 200 > green + 100
    assert min(image.getpixel((50, 30))) > 200  # type: ignore[arg-type] # as above


@pytest.mark.parametrize(
    ("image", "form", "colour"),
    [
        pytest.param(
            Image.new("CMYK", (40, 40), (0, 255, 255, 0)), "JPEG", (255, 0, 0), id="cmyk"
        ),
        pytest.param(Image.new("L", (40, 40), 128), "PNG", (128, 128, 128), id="grey"),
        pytest.param(Image.new("1", (40, 40), 1), "PNG", (255, 255, 255), id="one bit"),
        pytest.param(
            Image.new("I;16", (40, 40), 128 * 257), "PNG", (128, 128, 128), id="16 bits"
        ),
        pytest.param(Image.new("P", (40, 40), 3), "PNG", None, id="palette"),
    ],
)
def test_every_way_to_write_colours_becomes_rgb(
    image: Image.Image, form: str, colour: tuple[int, int, int] | None
) -> None:
    found = _only(encoded(image, form)).convert("RGB").getpixel((20, 20))

    expected = colour or image.convert("RGB").getpixel((20, 20))
    assert isinstance(found, tuple)
    assert isinstance(expected, tuple)
    assert all(abs(one - other) <= 3 for one, other in zip(found, expected, strict=True))


def test_colours_are_converted_by_the_profile_of_the_picture() -> None:
    lab = ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB")).tobytes()
    grey = Image.new("RGB", (40, 40), (200, 30, 30))

    untouched = _only(encoded(grey, "PNG", icc_profile=_SRGB)).convert("RGB")
    strange = _only(encoded(grey, "PNG", icc_profile=lab)).convert("RGB")
    broken = _only(encoded(grey, "PNG", icc_profile=b"no profile")).convert("RGB")

    for image in (untouched, strange, broken):
        assert image.getpixel((5, 5)) == (200, 30, 30)


def test_clear_parts_stay_clear() -> None:
    image = Image.new("RGBA", (40, 40), (255, 0, 0, 0))
    image.paste((0, 0, 255, 255), (0, 0, 20, 20))
    palette = image.quantize(4)

    for data in (encoded(image, "PNG"), encoded(palette, "PNG"), encoded(image, "WEBP")):
        made = drawn(data)
        found = decoded(made.files[0][2])
        assert made.suffix == "png"
        assert found.getpixel((30, 30))[3] == 0  # type: ignore[index] # of RGBA
        assert found.getpixel((5, 5))[3] == 255  # type: ignore[index] # of RGBA


def test_alpha_that_hides_nothing_is_dropped() -> None:
    assert _only(encoded(photograph(mode="RGBA"), "PNG")).mode == "RGB"


def test_large_picture_with_clear_parts_is_webp() -> None:
    image = Image.effect_noise((900, 700), 80).convert("RGBA")
    image.putalpha(Image.linear_gradient("L").resize((900, 700)))

    made = drawn(encoded(image, "PNG", compress_level=1))

    assert made.suffix == "webp"
    assert decoded(made.files[0][2]).mode == "RGBA"


def test_of_an_animation_the_first_frame_is_kept() -> None:
    frames = [Image.new("RGB", (40, 30), colour) for colour in ("red", "blue", "green")]

    image = _only(encoded(frames[0], "GIF", save_all=True, append_images=frames[1:]))

    assert image.convert("RGB").getpixel((5, 5)) == (255, 0, 0)
    assert getattr(image, "n_frames", 1) == 1


def test_same_bytes_give_the_same_picture() -> None:
    data = encoded(photograph(700, 500))

    assert drawn(data) == drawn(data)


@pytest.mark.parametrize(
    ("data", "told"),
    [
        pytest.param(b"x", "the picture is no JPEG, PNG, WebP, GIF or AVIF", id="kind"),
        pytest.param(
            bomb(400, 300),
            "the picture is damaged or cut off; save it anew and send it again",
            id="damaged",
        ),
        pytest.param(
            bomb(30_000, 30_000),
            "the picture has 30,000 by 30,000 pixels, and at most 50 million are possible; "
            "make it smaller",
            id="pixels",
        ),
    ],
)
def test_refusal_is_a_sentence(data: bytes, told: str) -> None:
    with pytest.raises(InputError) as caught:
        ImagingHere().make(data)

    assert caught.value.fields == {"image_file": told}


def test_want_of_memory_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object, **__: object) -> None:
        raise MemoryError

    monkeypatch.setattr(Image, "open", fail)

    with pytest.raises(InputError, match="too much memory"):
        ImagingHere().make(encoded(photograph()))
