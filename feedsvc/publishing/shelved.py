"""The labels of one set, packed: ten thousand feeds are 120,000 labels.

As objects they would take some 600 bytes each, and the collector would walk through them.
Packed, a set of four is one value of some 250 bytes, and nothing in it can change.
"""

import struct
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import NamedTuple

from feedsvc.model import Coding, Format, Label, Validators

_CODINGS = tuple(Coding)
_HEAD = struct.Struct("<qq")  # revision; Last-Modified in seconds since 1970
_ONE = struct.Struct("<BIB")  # coding, length of the body, length of the tag that follows


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
            tag = each.validators.etag.encode("ascii")
            parts.append(_ONE.pack(_CODINGS.index(each.coding), each.length, len(tag)) + tag)
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
            etag = self.packed[at : at + tag_length].decode("ascii")
            at += tag_length
            yield Label(
                slug=self.slug,
                format=self.format,
                coding=_CODINGS[coding],
                validators=Validators(etag=etag, last_modified=modified),
                length=length,
                revision=revision,
            )
