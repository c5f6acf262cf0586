"""Sets: the codings of one feed in one format that were sealed together."""

from collections.abc import Iterable

from feedsvc.model import Format, Representation


def gather(
    representations: Iterable[Representation],
) -> dict[tuple[str, Format], tuple[Representation, ...]]:
    """Return the set of each feed and format: of the newest revision only, never mixed."""
    sets: dict[tuple[str, Format], tuple[Representation, ...]] = {}
    for each in representations:
        key = each.slug, each.format
        held = sets.get(key, ())
        if not held or held[0].revision < each.revision:
            sets[key] = (each,)
        elif held[0].revision == each.revision:
            sets[key] = (*held, each)
    return sets
