"""Saved feeds: their rules, and which articles are in them.

A feed with a rule has a list of its own, one small row for each of its articles, written in
the transaction that stores the article. So what it shows is one range of one index however
rare its articles are, and no regeneration asks any rule. Which rules may take an article is
looked up by what the article is known by, so ten thousand feeds of tags cost a save nothing.
"""

from collections.abc import Collection, Iterable, Mapping
from collections.abc import Set as AbstractSet

from sqlalchemy import delete, insert, select

from feedsvc.model import Article, ArticleId, FeedId
from feedsvc.model.rule import EVERY, Rule, Term, TermKind, languages
from feedsvc.storage import feeds
from feedsvc.storage.categories import name_key
from feedsvc.storage.database import Transaction
from feedsvc.storage.tables.feeds import FeedEntryRow, FeedRow, FeedTermRow

Rules = Mapping[FeedId, Rule]
_AT_ONCE = 500  # terms, or feeds, looked up in one statement


def terms_of(article: Article) -> frozenset[Term]:
    """Return what an article is known by."""
    return known_by(
        categories=(category.slug for category in article.categories),
        tags=(tag.slug for tag in article.tags),
        bylines=article.bylines,
        language=article.language,
    )


def known_by(
    *,
    categories: Iterable[str],
    tags: Iterable[str],
    bylines: Iterable[str],
    language: str | None,
) -> frozenset[Term]:
    """Return the terms of an article, from the slugs and names of its subjects."""
    return frozenset(
        (
            EVERY,
            *(Term(TermKind.CATEGORY, slug) for slug in categories),
            *(Term(TermKind.TAG, slug) for slug in tags),
            *(Term(TermKind.AUTHOR, name_key(name)) for name in bylines),
            *languages(language),
        )
    )


def rules_for(tx: Transaction, articles: Iterable[Article]) -> Rules:
    """Return the rules that may take one of these articles: all that include a term of it."""
    terms = sorted({str(term) for article in articles for term in terms_of(article)})
    found: set[int] = set()
    for begin in range(0, len(terms), _AT_ONCE):
        query = (
            select(FeedTermRow.feed_id)
            .join(FeedRow, FeedRow.id == FeedTermRow.feed_id)
            .where(FeedTermRow.term.in_(terms[begin : begin + _AT_ONCE]))
            .where(~FeedTermRow.is_excluded, FeedRow.gone.is_(None))
        )
        found.update(tx.scalars(query))
    return rules_of(tx, [FeedId(number) for number in sorted(found)])


def rules_of(tx: Transaction, feed_ids: Collection[FeedId]) -> Rules:
    """Return the rules of some feeds; one that has none is not among them."""
    ids = tuple(feed_ids)
    found: dict[FeedId, tuple[list[Term], list[Term]]] = {}
    for begin in range(0, len(ids), _AT_ONCE):
        query = (
            select(FeedTermRow.feed_id, FeedTermRow.term, FeedTermRow.is_excluded)
            .where(FeedTermRow.feed_id.in_(ids[begin : begin + _AT_ONCE]))
            .order_by(FeedTermRow.feed_id)
        )
        for feed_id, text, is_excluded in tx.execute(query):
            lists = found.setdefault(FeedId(feed_id), ([], []))
            if (term := Term.parse(text)) != EVERY:
                lists[is_excluded].append(term)
    return {
        # Not in the order of a database, which goes by its locale: rules are compared.
        feed_id: Rule(
            include=tuple(sorted(include, key=str)), exclude=tuple(sorted(exclude, key=str))
        )
        for feed_id, (include, exclude) in found.items()
    }


def naming_languages(tx: Transaction) -> tuple[FeedId, ...]:
    """Return the feeds whose rule names a language, included or excluded, in order."""
    first = f"{TermKind.LANGUAGE}:"
    query = select(FeedTermRow.feed_id).where(
        FeedTermRow.term >= first, FeedTermRow.term < f"{TermKind.LANGUAGE};"
    )
    return tuple(FeedId(number) for number in sorted(set(tx.scalars(query))))


def set_rule(tx: Transaction, feed_id: FeedId, rule: Rule) -> None:
    """Store what a feed takes; who is in it is settled by `filling`."""
    tx.execute(delete(FeedTermRow).where(FeedTermRow.feed_id == feed_id))
    rows: list[dict[str, object]] = [
        {"feed_id": feed_id, "term": str(term), "is_excluded": is_excluded}
        for terms, is_excluded in ((rule.include or (EVERY,), False), (rule.exclude, True))
        for term in terms
    ]
    tx.execute(insert(FeedTermRow), rows)


def taking(rules: Rules, terms: AbstractSet[Term]) -> tuple[FeedId, ...]:
    """Return the feeds that take an article which is known by these terms."""
    return tuple(feed_id for feed_id, rule in rules.items() if rule.takes(terms))


def mark_dirty(
    tx: Transaction, articles: Iterable[Article], *, only_public: bool = False
) -> None:
    """Raise the revision of every feed that one of these articles is in, as it is given.

    With `only_public` none of them becomes public that was not.
    """
    articles = list(articles)
    rules = rules_for(tx, articles)
    touched = {number for one in articles for number in taking(rules, terms_of(one))}
    categories = {category.id for one in articles for category in one.categories}
    feeds.mark_dirty(tx, categories, touched, only_public=only_public)


def feeds_with(tx: Transaction, article_id: ArticleId) -> tuple[FeedId, ...]:
    """Return the saved feeds that an article is in, or will be."""
    query = select(FeedEntryRow.feed_id).where(FeedEntryRow.article_id == article_id)
    return tuple(FeedId(number) for number in tx.scalars(query))
