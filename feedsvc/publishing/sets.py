"""Sets: the codings of one feed in one format that were sealed together."""

from collections.abc import Iterable
from typing import TypeVar

from feedsvc.model import Format, Label, Representation

Key = tuple[str, Format]  # slug and format
Member = TypeVar("Member", Label, Representation)


def gather(members: Iterable[Member]) -> dict[Key, tuple[Member, ...]]:
    """Return the set of each feed and format: of the newest revision only, never mixed."""
    sets: dict[Key, list[Member]] = {}
    for each in members:
        group = sets.setdefault((each.slug, each.format), [])
        if group and group[0].revision < each.revision:
            group.clear()
        if not group or group[0].revision == each.revision:
            group.append(each)
    return {key: tuple(group) for key, group in sets.items()}
