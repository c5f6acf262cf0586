"""An article as feed readers will have it, before anything is stored."""

from dataclasses import dataclass

from feedsvc.model import Article, Entry
from feedsvc.rendering.entry import build_entry
from feedsvc.rendering.kept import passing
from feedsvc.rendering.vetting import vet_entry
from feedsvc.workflow.newsroom import Newsroom


@dataclass(frozen=True, slots=True, kw_only=True)
class Entries:
    """The forms in which feeds carry an article; `usual` is the one of `feeds.full_text`."""

    usual: Entry
    other: Entry


def as_entries(room: Newsroom, article: Article) -> Entries:
    """Return what feeds would carry of an article: the text, and the excerpt only.

    They are built and vetted by what makes every entry. What a saved feed changes about its
    entries is left out.

    Raises:
        RenderingError: the article has no publication time, or no feed could carry it.
    """
    is_whole = room.config.feeds.full_text
    with passing():  # what is only looked at must not drive out what feeds are made of
        usual, other = (
            vet_entry(build_entry(article, room.config.site, full_text=form))
            for form in (is_whole, not is_whole)
        )
    return Entries(usual=usual, other=other)
