"""An article is stored over what it was: what is beside its row is written where it differs."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from msgspec.structs import replace
from sqlalchemy import event

from feedsvc.errors import UnavailableError
from feedsvc.model import Article, Enclosure, State
from feedsvc.model.rule import Rule, Term, TermKind
from feedsvc.storage import articles, categories, feeds, settings, tags
from feedsvc.storage.database import Database, Transaction
from feedsvc.storage.membership import members
from tests.factories import PUBLISHED, article

CLIP = Enclosure(url="https://news.example.org/a.mp3", media_type="audio/mpeg", length=3)
PHOTO = Enclosure(url="https://news.example.org/a.jpg", media_type="image/jpeg", length=5)
BESIDE = ("byline", "enclosure", "article_category", "article_tag", "feed_entry")


def full(tx: Transaction) -> Article:
    """Return an article with something of each kind, and a saved feed that takes it."""
    news = categories.add(tx, slug="news", name="News", feed_guid="urn:x:1", now=PUBLISHED)
    rain = tags.add(tx, slug="rain", name="Rain")
    return article(
        1,
        bylines=("Asha", "Ravi"),
        image=PHOTO,
        enclosures=(CLIP,),
        categories=(news,),
        tags=(rain,),
    )


def bare(made: Article) -> Article:
    """Return the same with nothing beside it."""
    return replace(made, bylines=(), image=None, enclosures=(), categories=(), tags=())


def store(tx: Transaction, made: Article) -> Article:
    found = articles.find(tx, articles.add(tx, made, None))
    assert found is not None
    return found


def later(made: Article, like: Article) -> Article:
    """Return an article's next version, with what another one has beside it."""
    names = ("bylines", "image", "enclosures", "categories", "tags")
    return replace(
        made, version=made.version + 1, **{name: getattr(like, name) for name in names}
    )


@contextmanager
def changes(tx: Transaction) -> Iterator[list[str]]:
    """Note which tables rows are taken from, or put into."""
    found: list[str] = []

    def note(_c: object, _k: object, statement: str, *_: object) -> None:
        words = statement.split()
        if words[0] in {"DELETE", "INSERT"}:
            found.append(f"{words[0]} {words[2]}")

    asked = tx.connection
    event.listen(asked, "before_cursor_execute", note)
    yield found
    event.remove(asked, "before_cursor_execute", note)


@pytest.mark.parametrize("knows", [True, False])
def test_what_is_beside_it_comes_and_goes(database: Database, *, knows: bool) -> None:
    with database.write() as tx:
        whole = full(tx)
        made = store(tx, bare(whole))
        for wanted in (whole, whole, bare(whole), bare(whole), whole):
            after = later(made, wanted)

            stored = articles.replace(tx, after, made.version, before=made if knows else None)

            made = articles.find(tx, after.id) or after
            assert made == stored == after


def test_what_stays_as_it_is_is_left_alone(database: Database) -> None:
    with database.write() as tx:
        made = store(tx, bare(full(tx)))
        after = replace(made, version=made.version + 1, title="Another")
        with changes(tx) as found:
            articles.replace(tx, after, made.version, before=made)

    assert not [each for each in found if each.split()[1] in BESIDE]


def test_bylines_and_files_are_written_where_they_differ(database: Database) -> None:
    with database.write() as tx:
        made = store(tx, full(tx))
        after = replace(made, version=made.version + 1, bylines=("Asha",))
        with changes(tx) as found:
            articles.replace(tx, after, made.version, before=made)

    assert [each for each in found if each.split()[1] in {"byline", "enclosure"}] == [
        "DELETE byline",
        "INSERT byline",
    ]


def test_it_leaves_a_saved_feed_that_takes_it_no_more(database: Database) -> None:
    with database.write() as tx:
        whole = full(tx)
        categories.add(tx, slug="x", name="X", feed_guid="urn:x:2", now=PUBLISHED)
        feed = feeds.find(tx, "category/x")
        assert feed is not None
        members.set_rule(tx, feed.id, Rule(include=(Term(TermKind.TAG, "rain"),)))
        made = store(tx, whole)
        entered = members.feeds_with(tx, made.id)

        articles.replace(tx, later(made, bare(made)), made.version, before=made)

        assert (entered, members.feeds_with(tx, made.id)) == ((feed.id,), ())


def test_a_scheduled_article_is_returned_with_when_feeds_have_it(database: Database) -> None:
    with database.write() as tx:
        made = store(tx, replace(full(tx), state=State.DRAFT, published=None))
        late = replace(
            made,
            version=made.version + 1,
            state=State.SCHEDULED,
            release_at=PUBLISHED.replace(year=2031),
            feed_delay=10,
        )

        stored = articles.replace(tx, late, made.version, before=made)

        assert stored == articles.find(tx, made.id)
        assert stored is not None
        assert stored.enters_at is not None


def test_a_snapshot_of_postgresql_takes_no_writing(postgres_url: str) -> None:
    database = Database(postgres_url)

    with pytest.raises(UnavailableError, match="read-only"), database.read() as tx:
        settings.put(tx, "a", "1")
    with database.write() as tx:  # on the same connection
        settings.put(tx, "a", "2")
    with database.read() as tx:
        assert settings.get(tx, "a") == "2"
    database.close()
