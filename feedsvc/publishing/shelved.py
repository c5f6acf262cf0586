"""The labels of one set, packed: ten thousand feeds are 120,000 labels.

As objects they would take some 600 bytes each, and the collector would walk through them.
Packed, a set of four is one value of some 140 bytes, and nothing in it can change.
"""

import struct
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import NamedTuple

from feedsvc.model import Coding, Format, Label, Validators

_CODINGS = tuple(Coding)
_HEAD = struct.Struct("<qq")  # revision; Last-Modified in seconds since 1970
_ONE = struct.Struct("<BIB")  # coding, length of the body, length of the tag that follows
_HEX = 0x80  # beside the coding: the tag follows as the bytes that its digits stand for


class Shelved(NamedTuple):
    """The labels of one feed in one format, all of one revision."""

    slug: str
    format: Format
    packed: bytes

    @classmethod
    def of(cls, group: Sequence[Label]) -> "Shelved":
        """Pack a set: the same, in whatever order it comes. All have the date of the first."""
        first = group[0]
        seconds = int(first.validators.last_modified.timestamp())
        parts = [_HEAD.pack(first.revision, seconds)]
        for each in sorted(group, key=lambda one: _CODINGS.index(one.coding)):
            form, tag = _packed_tag(each.validators.etag)
            coding = _CODINGS.index(each.coding) | form
            parts.append(_ONE.pack(coding, each.length, len(tag)) + tag)
        return cls(first.slug, first.format, b"".join(parts))

    @property
    def revision(self) -> int:
        """The revision of all of them."""
        revision: int = _HEAD.unpack_from(self.packed)[0]
        return revision

    @property
    def labels(self) -> Mapping[Coding, Label]:
        """The labels by coding, made anew."""
        return {each.coding: each for each in self._unpacked()}

    def _unpacked(self) -> Iterator[Label]:
        revision, seconds = _HEAD.unpack_from(self.packed)
        modified = datetime.fromtimestamp(seconds, UTC)
        at = _HEAD.size
        while at < len(self.packed):
            coding, length, tag_length = _ONE.unpack_from(self.packed, at)
            at += _ONE.size
            tag = self.packed[at : at + tag_length]
            etag = tag.hex() if coding & _HEX else tag.decode("ascii")
            at += tag_length
            yield Label(
                slug=self.slug,
                format=self.format,
                coding=_CODINGS[coding & ~_HEX],
                validators=Validators(etag=etag, last_modified=modified),
                length=length,
                revision=revision,
            )


def _packed_tag(etag: str) -> tuple[int, bytes]:
    """Return a tag in half the room where it is digits, as all are that we make."""
    try:
        tag = bytes.fromhex(etag)
    except ValueError:
        tag = b""
    return (_HEX, tag) if tag.hex() == etag else (0, etag.encode("ascii"))
