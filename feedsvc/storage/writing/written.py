"""What an editor wrote, as text, and back: every field of an article but its bookkeeping.

New fields of `Article` come along by themselves; one that an old version does not have stays
as the article has it now.
"""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from msgspec.structs import asdict, replace

from feedsvc.model import (
    Article,
    BodyFormat,
    Category,
    CategoryId,
    Enclosure,
    State,
    Tag,
    TagId,
)

# The body is made from its source; ids, addresses and what storage works out are no content.
_NOT_WRITTEN = {
    *("id", "guid", "guid_is_permalink", "slug", "path", "body", "updated", "corrected"),
    *("owner_id", "review_note", "released_late_seconds", "feed_delay", "sent"),
    *("enters_at", "set_aside", "version", "created", "changed", "changed_by"),
}
WRITTEN = tuple(name for name in Article.__struct_fields__ if name not in _NOT_WRITTEN)


def written(article: Article) -> bytes:
    """Return what was written as JSON, the same for the same content."""
    tree = {name: _plain(getattr(article, name)) for name in WRITTEN}
    text = json.dumps(tree, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return text.encode("utf-8", "surrogatepass")


def read_into(article: Article, text: bytes) -> Article:
    """Return an article as it was, by what was written then; the rest is as it is now."""
    tree: dict[str, Any] = json.loads(text.decode("utf-8", "surrogatepass"))
    known: dict[str, Any] = {name: _value(name, tree[name]) for name in WRITTEN if name in tree}
    return replace(article, **known)


def differing(before: Article, after: Article) -> tuple[str, ...]:
    """Return the names of what was written otherwise."""
    return tuple(
        name
        for name in WRITTEN
        if _plain(getattr(before, name)) != _plain(getattr(after, name))
    )


def _plain(value: object) -> object:
    match value:
        case datetime():
            return value.astimezone(UTC).isoformat()
        case Category() | Tag():
            return value.name
        case Enclosure():
            return asdict(value)
        case tuple():
            return [_plain(each) for each in value]
        case _:
            return value


def _value(name: str, value: Any) -> Any:  # noqa: ANN401 - as JSON has it, and as a field has
    if name in _FORMS and value:
        return _FORMS[name](value)
    return tuple(value) if isinstance(value, list) else value


def _categories(names: list[str]) -> tuple[Category, ...]:
    """Return categories known by their names alone; their ids are none that are stored."""
    return tuple(
        Category(id=CategoryId(-place), slug="", name=name)
        for place, name in enumerate(names, 1)
    )


def _tags(names: list[str]) -> tuple[Tag, ...]:
    return tuple(
        Tag(id=TagId(-place), slug="", name=name) for place, name in enumerate(names, 1)
    )


_FORMS: dict[str, Callable[[Any], object]] = {
    "release_at": datetime.fromisoformat,
    "published": datetime.fromisoformat,
    "withdrawn": datetime.fromisoformat,
    "body_format": BodyFormat,
    "state": State,
    "categories": _categories,
    "tags": _tags,
    "image": lambda value: Enclosure(**value),
    "enclosures": lambda values: tuple(Enclosure(**each) for each in values),
}
