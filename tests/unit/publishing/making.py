"""Representations to put on shelves, with bytes that say what they are of."""

from datetime import UTC, datetime, timedelta

from feedsvc.model import Coding, Format, Representation, Validators
from feedsvc.publishing.tags import entity_tag

START = datetime(2025, 3, 2, 6, 0, 0, tzinfo=UTC)


def make_representation(
    slug: str = "recent",
    format_: Format = Format.RSS,
    revision: int = 1,
    coding: Coding = Coding.IDENTITY,
    body: bytes | None = None,
) -> Representation:
    if body is None:
        body = f"{slug} {format_} {coding} of revision {revision}. ".encode() * 9
    return Representation(
        slug=slug,
        format=format_,
        coding=coding,
        body=body,
        validators=Validators(
            etag=entity_tag(body), last_modified=START + timedelta(seconds=revision)
        ),
        revision=revision,
    )


def make_set(
    slug: str = "recent", format_: Format = Format.RSS, revision: int = 1
) -> tuple[Representation, ...]:
    return tuple(make_representation(slug, format_, revision, coding) for coding in Coding)
