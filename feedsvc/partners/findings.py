"""What a check is, and what it finds."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from msgspec import Struct

from feedsvc.config import Config
from feedsvc.model import Article, Entry, FeedDocument, Partner
from feedsvc.partners.body import Body


class Severity(StrEnum):
    """How much depends on it."""

    ERROR = "error"  # the partner would refuse the article, or the feed
    WARNING = "warning"  # it would show it otherwise, or less well


class Finding(Struct, frozen=True, kw_only=True):
    """What a partner would refuse or dislike, why, and what helps, in one sentence."""

    partner: Partner
    rule: str
    severity: Severity
    text: str

    @property
    def is_blocking(self) -> bool:
        """Whether it keeps the article from being published, whoever else would take it."""
        return self.partner is Partner.READERS and self.severity is Severity.ERROR


class Seen(Struct, frozen=True, kw_only=True):
    """An article as it is looked at: as it is stored, and as a feed with full text shows it.

    `language` is that of the feed, `namesakes` are other articles of this day with the same
    title. `full_text` says whether the feed carries more than excerpts, `host` is the site's.
    `missing` are addresses of uploaded pictures that are not there.
    """

    article: Article
    entry: Entry
    body: Body
    language: str
    host: str
    now: datetime
    full_text: bool = True
    namesakes: tuple[str, ...] = ()
    missing: frozenset[str] = frozenset()


class SeenFeed(Struct, frozen=True, kw_only=True):
    """A feed as it is looked at; `size` is in bytes, of its largest document.

    `description` is what the feed is about before a profile has cut it.
    """

    config: Config
    document: FeedDocument
    description: str
    size: int
    now: datetime


@dataclass(frozen=True, slots=True)
class Rule:
    """One thing that is looked at in every article.

    `what` says what is found, for a table; `look` returns the sentence, or "" if all is well.
    """

    name: str
    severity: Severity
    what: str
    source: str
    look: Callable[[Seen], str]


@dataclass(frozen=True, slots=True)
class FeedRule:
    """One thing that is looked at in a feed as a whole."""

    name: str
    severity: Severity
    what: str
    source: str
    look: Callable[[SeenFeed], str]


class Rules(Struct, frozen=True, kw_only=True):
    """Everything that one partner is known to look at."""

    partner: Partner
    articles: tuple[Rule, ...] = ()
    feeds: tuple[FeedRule, ...] = ()


ERROR, WARNING = Severity.ERROR, Severity.WARNING
