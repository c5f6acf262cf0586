"""Pictures as people and attackers upload them, and a way to draw them without a process."""

import struct
import zlib
from io import BytesIO
from typing import Any

from PIL import Image

from feedsvc.imaging.aside import Imaging, Made, _read, told_of


class ImagingHere(Imaging):
    """Draws in the thread that asks: what the helper does, without starting one."""

    def make(self, data: bytes) -> Made:
        return _read(told_of(data))


def photograph(width: int = 64, height: int = 48, mode: str = "RGB") -> Image.Image:
    """Return something with as many colours as a photograph has."""
    across = Image.linear_gradient("L").resize((width, height))
    down = across.transpose(Image.Transpose.ROTATE_180)
    grain = Image.radial_gradient("L").resize((width, height))
    return Image.merge("RGB", (across, down, grain)).convert(mode)


def encoded(image: Image.Image, form: str = "JPEG", **options: Any) -> bytes:  # noqa: ANN401 - Pillow's
    out = BytesIO()
    image.save(out, form, **options)
    return out.getvalue()


def decoded(data: bytes) -> Image.Image:
    image = Image.open(BytesIO(data))
    image.load()
    return image


def bomb(width: int, height: int) -> bytes:
    """Return a small PNG that says it is large, with a beginning of what it says it has."""
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    data = zlib.compress(b"\0" * 100_000)
    chunks = (_chunk(b"IHDR", header), _chunk(b"IDAT", data), _chunk(b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunks)


def _chunk(kind: bytes, data: bytes) -> bytes:
    return (
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
    )
