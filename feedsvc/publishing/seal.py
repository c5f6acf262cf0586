"""Sealing: validators for bytes that are about to be published.

The entity tag comes from the coded bytes, so it changes when they do and only then, is the
same on every host, and differs between codings (RFC 9110, section 8.8.3.3). Last-Modified is
the moment of sealing and not a date of the content: withdrawing an article would take that
back, and readers who know only the date would keep the article for ever.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple, overload

from feedsvc.model import Coding, Format, Label, Representation, Validators
from feedsvc.publishing.coding import compress
from feedsvc.publishing.tags import entity_tag

SECOND = timedelta(seconds=1)
PATIENCE = timedelta(seconds=5)


class Coded(NamedTuple):
    """A body in one coding, with its entity tag."""

    body: bytes
    etag: str

    @property
    def length(self) -> int:
        """How many bytes it has."""
        return len(self.body)


class Bare(NamedTuple):
    """What is known of a body in one coding without its bytes."""

    length: int
    etag: str


def code(
    body: bytes, previous: Validators | None, parts: Sequence[bytes] = ()
) -> Mapping[Coding, Coded]:
    """Return the body in every coding; as it is if it is what readers now have.

    This is the slow part of sealing. It needs no clock, so it can be done beforehand, and it
    lets other threads work meanwhile.
    """
    as_it_is = tagged(body)
    if _is_out(as_it_is, previous):
        return {Coding.IDENTITY: as_it_is}
    return {
        coding: as_it_is if coding is Coding.IDENTITY else tagged(coded)
        for coding, coded in compress(body, parts).items()
    }


def without_plain(coded: Mapping[Coding, Coded | Bare]) -> Mapping[Coding, Coded | Bare]:
    """Return the same without the bytes that zstd has too, and that are not stored beside it.

    They are more than half of all; whoever is to store what another process has made need not
    be given them.
    """
    if Coding.ZSTD not in coded:
        return coded
    plain = coded[Coding.IDENTITY]
    return {**coded, Coding.IDENTITY: Bare(plain.length, plain.etag)}


def tagged(coded: bytes) -> Coded:
    """Return coded bytes with their entity tag."""
    return Coded(coded, entity_tag(coded))


@overload
def seal(
    slug: str,
    format_: Format,
    coded: Mapping[Coding, Coded],
    revision: int,
    now: datetime,
    previous: Validators | None,
) -> tuple[Representation, ...] | None: ...
@overload
def seal(
    slug: str,
    format_: Format,
    coded: Mapping[Coding, Coded | Bare],
    revision: int,
    now: datetime,
    previous: Validators | None,
) -> tuple[Representation | Label, ...] | None: ...
def seal(
    slug: str,
    format_: Format,
    coded: Mapping[Coding, Coded] | Mapping[Coding, Coded | Bare],
    revision: int,
    now: datetime,
    previous: Validators | None,
) -> tuple[Representation | Label, ...] | None:
    """Return what `code` has made with its validators, ready to publish.

    Of what is bare it is the label. `previous` are the validators of the identity that readers
    now have. When its tag is that of this body there is nothing to publish, and the result is
    empty: what is out keeps its validators, and its codings as they are. None means that it is
    too early: two versions may not share a second, and a date may not lie ahead, so come back
    in a second.
    """
    if _is_out(coded[Coding.IDENTITY], previous):
        return ()
    modified = _last_modified(now, previous)
    if modified is None:
        return None
    labels = (
        Label(
            slug=slug,
            format=format_,
            coding=coding,
            validators=Validators(etag=each.etag, last_modified=modified),
            length=each.length,
            revision=revision,
        )
        for coding, each in coded.items()
    )
    return tuple(
        label.with_body(each.body) if isinstance(each, Coded) else label
        for label, each in zip(labels, coded.values(), strict=True)
    )


def _is_out(coded: Coded | Bare, previous: Validators | None) -> bool:
    return previous is not None and previous.etag == coded.etag


def _last_modified(now: datetime, previous: Validators | None) -> datetime | None:
    """Return the date to seal with: later than the previous one, and now if that can be.

    A previous date well ahead of now means that the clock was set back. Waiting could take
    hours, so the date moves on from where it is; the front never shows one that lies ahead.
    """
    if previous is None:
        return now
    before = previous.last_modified
    if before < now:
        return now
    return None if before - now <= PATIENCE else before + SECOND
