"""Which articles a saved feed takes: by category, tag, author and language. Pure.

A rule is met where, of each kind it includes, the article has at least one, and none of what
it excludes. So "News or Sport, in Odia, nothing tagged advertisement" is one rule.
"""

from collections.abc import Iterable, Iterator
from collections.abc import Set as AbstractSet
from enum import StrEnum
from typing import NamedTuple, Self

from msgspec import Struct


class TermKind(StrEnum):
    """What an article is known by."""

    ALL = "all"  # every article has it; stored for a rule that includes nothing
    CATEGORY = "category"
    TAG = "tag"
    AUTHOR = "author"
    LANGUAGE = "language"


class Term(NamedTuple):
    """One thing an article is known by; its text form is what is stored.

    `value` is the slug of a category or tag, an author's name in case-folded form, or a
    language tag in small letters ("" for an article that is in the site's language).
    """

    kind: TermKind
    value: str

    def __str__(self) -> str:
        """Return the text form."""
        return f"{self.kind}:{self.value}"

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read the text form; ValueError for anything else."""
        kind, _, value = text.partition(":")
        return cls(TermKind(kind), value)


EVERY = Term(TermKind.ALL, "")


class Rule(Struct, frozen=True, kw_only=True):
    """What a saved feed takes and leaves out; with nothing included it takes all."""

    include: tuple[Term, ...] = ()
    exclude: tuple[Term, ...] = ()

    def takes(self, terms: AbstractSet[Term]) -> bool:
        """Whether an article that is known by these terms is in the feed."""
        if not terms.isdisjoint(self.exclude):
            return False
        return all(not terms.isdisjoint(group) for group in self.groups().values())

    def groups(self) -> dict[TermKind, list[Term]]:
        """Return what is included, by kind."""
        found: dict[TermKind, list[Term]] = {}
        for term in self.include:
            found.setdefault(term.kind, []).append(term)
        return found


def languages(tag: str | None) -> Iterator[Term]:
    """Yield what a language is known by: `pt-BR` is also `pt` (RFC 4647, section 3.3.1)."""
    parts = (tag or "").lower().split("-")
    yield from (
        Term(TermKind.LANGUAGE, "-".join(parts[:count])) for count in range(1, len(parts) + 1)
    )


def with_unsaid(terms: Iterable[Term], site_language: str) -> tuple[Term, ...]:
    """Return the terms, with articles that name no language where the site's is among them."""
    given = tuple(terms)
    unsaid = Term(TermKind.LANGUAGE, "")
    is_ours = not set(languages(site_language)).isdisjoint(given)
    return (*given, unsaid) if is_ours and unsaid not in given else given
