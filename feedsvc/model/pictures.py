"""Pictures that were uploaded: what they are called, and the sizes in which they are there.

The name says all that a page has to know: it begins with the digest of the bytes and ends with
the size of the largest file. So a page, a feed and a form can write `srcset`, width and height
of a picture without asking a database.
"""

import re
from datetime import datetime

from msgspec import Struct

MAX_WIDTH, MAX_HEIGHT = 2400, 4800  # pixels of the largest file
SHOWN_WIDTH = 1600  # what feeds name, and pages where a browser knows no srcset
WIDTHS = (480, 960, SHOWN_WIDTH)
MEDIA_TYPES = {"jpg": "image/jpeg", "png": "image/png", "webp": "image/webp"}
NAME = r"[0-9a-f]{32}-([1-9][0-9]{0,3})x([1-9][0-9]{0,3})"
_NAMED = re.compile(r"[0-9a-f]{32}-[1-9][0-9]{0,3}x[1-9][0-9]{0,3}(?![0-9])")
_PATH = re.compile(rf"/media/({NAME})/([1-9][0-9]{{0,3}})\.({'|'.join(MEDIA_TYPES)})")


class PictureFile(Struct, frozen=True, kw_only=True):
    """A picture in one size: pixels, bytes, and their SHA-256."""

    width: int
    height: int
    digest: str
    body: bytes


class Picture(Struct, frozen=True, kw_only=True):
    """An uploaded picture; `width` and `height` are those of its largest file.

    `lengths` are the bytes of its files by width, where they are known.
    """

    name: str
    suffix: str
    width: int
    height: int
    created: datetime | None = None
    created_by: str = ""
    lengths: tuple[tuple[int, int], ...] = ()

    @property
    def media_type(self) -> str:
        """The type of every file of it."""
        return MEDIA_TYPES[self.suffix]

    @property
    def widths(self) -> tuple[int, ...]:
        """How wide its files are, the narrowest first."""
        return widths_of(self.width)

    @property
    def shown(self) -> int:
        """The width that is shown where one has to be chosen."""
        return max(width for width in self.widths if width <= SHOWN_WIDTH)

    @property
    def path(self) -> str:
        """The path of the file that is shown."""
        return self.path_of(self.shown)

    @property
    def srcset(self) -> str:
        """All files as HTML wants them in `srcset`."""
        return ", ".join(f"{self.path_of(width)} {width}w" for width in self.widths)

    def path_of(self, width: int) -> str:
        """Return the path of one file."""
        return f"/media/{self.name}/{width}.{self.suffix}"

    def height_of(self, width: int) -> int:
        """Return how high the file of this width is."""
        return height_of(width, (self.width, self.height))


def widths_of(width: int) -> tuple[int, ...]:
    """Return in which widths a picture is kept that is so wide at most."""
    return (*(each for each in WIDTHS if each < width), width)


def height_of(width: int, whole: tuple[int, int]) -> int:
    """Return the height of a file, by the size of the largest: a whole number, at least 1."""
    return max(1, (width * whole[1] * 2 + whole[0]) // (2 * whole[0]))


def largest(size: tuple[int, int]) -> tuple[int, int]:
    """Return the size in which a picture of this size is kept at most."""
    width, height = size
    scale = min(1.0, MAX_WIDTH / width, MAX_HEIGHT / height)
    return max(1, round(width * scale)), max(1, round(height * scale))


def picture_at(path: str) -> Picture | None:
    """Return what an address of ours without its host says of a picture; None for any other.

    Whether there is such a picture only the database knows.
    """
    found = _PATH.fullmatch(path)
    if found is None:
        return None
    picture = Picture(name=found[1], suffix=found[5], width=int(found[2]), height=int(found[3]))
    return picture if int(found[4]) in picture.widths else None


def named(*texts: str) -> frozenset[str]:
    """Return the names of all pictures that texts name, in an address of any kind.

    What only looks like a name is among them: nobody has such a picture.
    """
    return frozenset(found[0] for text in texts for found in _NAMED.finditer(text))
