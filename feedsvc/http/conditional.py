"""Whether a conditional request is answered with the feed, with 304 or with 412.

RFC 9110, section 13. The caller negotiates the coding first and hands in the validators of
that representation (section 13.1.2); it asks only where the answer would otherwise be a 200
to GET or HEAD (section 13.2.1).
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from feedsvc.http.dates import parse_http_date
from feedsvc.model import Validators


class Verdict(StrEnum):
    """What the preconditions of a request come to."""

    SEND = "send"
    NOT_MODIFIED = "not modified"
    FAILED = "precondition failed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Conditions:
    """The conditional fields of a request; None where the request has no such field.

    A field that comes in several lines is handed in joined with ", " (section 5.3).
    """

    if_match: str | None = None
    if_unmodified_since: str | None = None
    if_none_match: str | None = None
    if_modified_since: str | None = None


# One pass, no backtracking between members: a tag is taken whole, commas and all, before
# anything is compared. What is neither quoted nor a separator is taken for an unquoted tag.
_TAG = re.compile(r'(W/)?"([^"]*)"|([^\s,"]+)', re.IGNORECASE)

# Proxies that compress mark the tag they pass on: Apache "…-gzip", "…;gzip" and "…-br",
# Jetty "…--gzip".
_MARK = re.compile(r"(?:--?|;)(?:gzip|br|zstd)")


def evaluate(current: Validators, conditions: Conditions) -> Verdict:
    """Judge the preconditions in the order of section 13.2.2.

    A date is looked at only where the tag of its pair is absent, matching or not, and only
    when it is one valid date: in doubt the feed is sent, which is always right.
    """
    if not _may_proceed(current, conditions):
        return Verdict.FAILED
    if _is_known(current, conditions):
        return Verdict.NOT_MODIFIED
    return Verdict.SEND


def _may_proceed(current: Validators, conditions: Conditions) -> bool:
    if conditions.if_match is not None:
        return _is_listed_strongly(current.etag, conditions.if_match)
    return _is_not_after(current, conditions.if_unmodified_since, otherwise=True)


def _is_known(current: Validators, conditions: Conditions) -> bool:
    if conditions.if_none_match is not None:
        return _is_listed_weakly(current.etag, conditions.if_none_match)
    return _is_not_after(current, conditions.if_modified_since, otherwise=False)


def _is_not_after(current: Validators, value: str | None, *, otherwise: bool) -> bool:
    """Return whether the feed is unchanged since a date; `otherwise` if there is no date.

    The feed's own date stands in for the present when a two-digit year is read. It is never
    later, so that a doubtful year can only come out too early, and the feed is sent.
    """
    date = parse_http_date(value, current.last_modified) if value is not None else None
    return otherwise if date is None else current.last_modified <= date


def _is_listed_strongly(etag: str, field: str) -> bool:
    """Compare as `If-Match` asks: a weak or altered tag matches nothing (13.1.1)."""
    return field.strip() == "*" or any(
        member[1] is None and member[2] == etag for member in _members(etag, field)
    )


def _is_listed_weakly(etag: str, field: str) -> bool:
    """Compare as `If-None-Match` asks (13.1.2), and forgive what others do to tags.

    nginx weakens them, compressing proxies mark them, some clients lose the quotes. Each
    such tag still names these bytes and no others.
    """
    return field.strip() == "*" or any(
        _names(member[2] or member[3] or "", etag) for member in _members(etag, field)
    )


def _names(tag: str, etag: str) -> bool:
    if not tag.startswith(etag):
        return False
    return len(tag) == len(etag) or _MARK.fullmatch(tag, len(etag)) is not None


def _members(etag: str, field: str) -> Iterator[re.Match[str]]:
    """Return the members of a list of tags, or none where the tag is not in it at all.

    Most fields do not name the tag; seeing that first keeps a list of thousands cheap.
    """
    return _TAG.finditer(field) if etag in field else iter(())
