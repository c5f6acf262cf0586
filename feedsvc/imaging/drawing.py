"""From the bytes that somebody sent to the files that readers get, all of them drawn anew.

What is no picture does not survive that, whatever else a file may have been: names, places and
other notes (EXIF, XMP, comments), a second file behind the first, a script in a header.

It runs in a process of its own (`aside.py`): here the bytes of strangers are decoded.
"""

from dataclasses import dataclass
from io import BytesIO

from PIL import Image, ImageCms

from feedsvc.model.pictures import height_of, largest, widths_of

MAX_PIXELS = 50_000_000  # as many as cameras have; 200 MB decoded
MAX_SIDE = 30_000
FORMATS = ("JPEG", "PNG", "WEBP", "GIF", "AVIF")
_LOSSLESS = frozenset({"PNG", "GIF"})
_LARGE_PNG = 400_000  # bytes: above that a picture with transparency is WebP
_QUALITY = 82
_ORIENTATION = 0x0112  # EXIF: which way the camera was held
_UPRIGHT = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
_LYING = frozenset({5, 6, 7, 8})
_SRGB = ImageCms.createProfile("sRGB")


class RefusedError(Exception):
    """The picture cannot be taken; why is a word of `aside.sentence`, with what it says."""

    def __init__(self, why: str, **values: int) -> None:
        super().__init__(why)
        self.why, self.values = why, values


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawn:
    """A picture in every size that it is kept in, the narrowest first."""

    suffix: str
    files: tuple[tuple[int, int, bytes], ...]  # width, height, bytes


def drawn(data: bytes) -> Drawn:
    """Return the picture as it is kept.

    Of an animation that is its first frame. It stands upright, in sRGB, at most as large as
    `model.pictures` says. What it is follows from its bytes alone.

    Raises:
        RefusedError: it is none, or one that is too large or broken.
        MemoryError: it needs more memory than there is.
    """
    image = _opened(data)
    kind = image.format or ""
    _bound(image)
    try:
        image = _reduced(image)
    except (OSError, SyntaxError, ValueError, EOFError) as error:
        raise RefusedError("damaged") from error
    suffix, whole = _encoded(image, kind)
    smaller = [
        (
            width,
            height,
            _written(image.resize((width, height), Image.Resampling.LANCZOS), suffix),
        )
        for width in widths_of(image.width)[:-1]
        for height in [height_of(width, image.size)]
    ]
    return Drawn(suffix=suffix, files=(*smaller, (*image.size, whole)))


def _opened(data: bytes) -> Image.Image:
    Image.MAX_IMAGE_PIXELS = None  # bounded here, with a sentence
    try:
        return Image.open(BytesIO(data), formats=FORMATS)
    except (OSError, SyntaxError, ValueError) as error:
        raise RefusedError("kind") from error


def _bound(image: Image.Image) -> None:
    """Refuse by what the header says, before anything is decoded."""
    width, height = image.size
    if width * height > MAX_PIXELS or max(width, height) > MAX_SIDE:
        millions = MAX_PIXELS // 10**6
        raise RefusedError("pixels", width=width, height=height, millions=millions)


def _reduced(image: Image.Image) -> Image.Image:
    """Return it decoded, no larger than needed, upright, in sRGB, and without any notes."""
    orientation = image.getexif().get(_ORIENTATION, 1)
    is_lying = orientation in _LYING
    upright = largest(image.size[::-1] if is_lying else image.size)
    size = upright[::-1] if is_lying else upright
    image.draft(None, size)  # a JPEG is decoded at a half or less
    image.load()
    profile = image.info.get("icc_profile")
    plain = _plain(image)
    if plain.size != size:
        plain = plain.resize(size, Image.Resampling.LANCZOS, reducing_gap=3.0)
    if orientation in _UPRIGHT:
        plain = plain.transpose(_UPRIGHT[orientation])
    plain = _in_srgb(plain, profile)
    plain.info = {}
    return plain


def _plain(image: Image.Image) -> Image.Image:
    """Return it with eight bits a channel and no palette."""
    if image.mode.startswith("I;16") or image.mode in {"I", "F"}:
        return image.convert("I").point(lambda value: value * (1 / 257)).convert("L")
    has_clear = image.mode in {"RGBA", "LA", "PA"} or "transparency" in image.info
    if has_clear:
        clear = image.convert("RGBA")
        is_solid = clear.getchannel("A").getextrema()[0] == 255  # noqa: PLR2004 - opaque
        return clear.convert("RGB") if is_solid else clear
    return image if image.mode in {"L", "RGB", "CMYK"} else image.convert("RGB")


def _in_srgb(image: Image.Image, profile: bytes | None) -> Image.Image:
    """Convert the colours by the picture's own profile; without a usable one they stand."""
    wanted = "RGBA" if image.mode == "RGBA" else "RGB"
    if profile:
        try:
            own = ImageCms.ImageCmsProfile(BytesIO(profile))
            made = ImageCms.profileToProfile(image, own, _SRGB, outputMode=wanted)
        except (ImageCms.PyCMSError, OSError, ValueError):
            made = None
        if made is not None:
            return made
    return image.convert(wanted)


def _encoded(image: Image.Image, kind: str) -> tuple[str, bytes]:
    """Choose what it is written as, and write it in its largest size.

    Drawings stay PNG, photographs become JPEG; what is clear in places, and large, WebP.
    """
    if image.mode == "RGBA":
        whole = _written(image, "png")
        return ("png", whole) if len(whole) <= _LARGE_PNG else ("webp", _written(image, "webp"))
    photograph = _written(image, "jpg")
    if kind in _LOSSLESS:
        drawing = _written(image, "png")
        if len(drawing) <= len(photograph):
            return "png", drawing
    return "jpg", photograph


def _written(image: Image.Image, suffix: str) -> bytes:
    out = BytesIO()
    if suffix == "jpg":
        image.save(out, "JPEG", quality=_QUALITY, progressive=True, optimize=True)
    elif suffix == "webp":
        image.save(out, "WEBP", quality=_QUALITY, method=4)
    else:
        image.save(out, "PNG")
    return out.getvalue()
