"""The index of words finds the same on both engines, newest first."""

from collections.abc import Callable
from datetime import timedelta
from types import ModuleType

import pytest
from alembic.script import ScriptDirectory
from hypothesis import HealthCheck, settings
from hypothesis import given as examples
from hypothesis import strategies as st
from msgspec.structs import replace
from sqlalchemy import text

from feedsvc.errors import MigrationError, UnavailableError
from feedsvc.model import Article, ArticleId, State
from feedsvc.storage import (
    article_rows,
    articles,
    bulk,
    categories,
    migrations,
    releases,
    search,
    search_filling,
    tags,
)
from feedsvc.storage import settings as facts
from feedsvc.storage.database import Database, Transaction
from feedsvc.storage.search import Wanted
from feedsvc.storage.tables.articles import ArticleRow
from feedsvc.words import entry
from feedsvc.words.asked import parse
from tests.factories import PUBLISHED, article
from tests.fakes import NOON

HOUR = timedelta(hours=1)


def store(tx: Transaction, number: int, title: str = "", **changes: object) -> ArticleId:
    made: dict[str, object] = {"title": title, "body": "", "bylines": (), "categories": ()}
    return articles.add(tx, article(number, **(made | changes)), None)


def found(tx: Transaction, asked: str, **wanted: object) -> list[int]:
    question = Wanted(terms=parse(asked), **wanted)  # type: ignore[arg-type]
    return list(search.find(tx, question, limit=50))


TEXTS = [
    "Heavy rain fell on Odisha",
    "Rain, then heavy sun",
    "ଓଡ଼ିଶାରେ ପ୍ରବଳ ବର୍ଷା",
    "बाढ़ से हिन्दी भाषी राज्य",
    "東京都で大雨",
    "ฝนตกหนักในกรุงเทพ",
    "Le naïve Élan",
]


@pytest.mark.parametrize(
    ("asked", "numbers"),
    [
        pytest.param("rain", [2, 1], id="newest first"),
        pytest.param("HEAVY rain", [2, 1], id="all words"),
        pytest.param('"heavy rain"', [1], id="phrase"),
        pytest.param("rain -sun", [1], id="without"),
        pytest.param("-rain", [7, 6, 5, 4, 3], id="only without"),
        pytest.param('rain -"heavy sun"', [1], id="without a phrase"),
        pytest.param("odi", [1], id="beginning"),
        pytest.param("odi ", [], id="no beginning when finished"),
        pytest.param("\u0b13\u0b21\u0b3f\u0b36\u0b3e", [3], id="Odia beginning, no nukta"),
        pytest.param("\u0b2c\u0b30\u0b4d\u0b37\u0b3e ", [3], id="Odia word"),
        pytest.param("हिन्दी ", [4], id="Hindi"),
        pytest.param("बाढ ", [4], id="Hindi, no nukta"),
        pytest.param("大雨", [5], id="Japanese"),
        pytest.param("雨", [5], id="one character"),
        pytest.param("京大", [], id="not beside each other"),
        pytest.param("ฝนตก", [6], id="Thai"),
        pytest.param("naive elan", [7], id="accents"),
        pytest.param("article", [], id="what is nowhere"),
    ],
)
def test_words_are_found(database: Database, asked: str, numbers: list[int]) -> None:
    with database.write() as tx:
        for number, said in enumerate(TEXTS, 1):
            when = PUBLISHED + number * timedelta(minutes=1)
            store(tx, number, said, published=when)

        assert found(tx, asked) == numbers


def test_every_field_is_searched(database: Database) -> None:
    with database.write() as tx:
        tag = tags.add(tx, slug="monsoon", name="Monsoon")
        fields: dict[str, object] = {
            "bylines": ("Asha Rao",),
            "tags": (tag,),
            "body": "<p>It <b>pour</b>ed &amp; poured.</p>",
            "excerpt": "Short",
            "dateline": "Cuttack",
        }
        number = store(tx, 1, "Headline", **fields)

        for asked in ("headline", "rao", "monsoon", "poured", "short", "cuttack"):
            assert found(tx, asked) == [number], asked
        assert found(tx, '"headline short"') == []  # fields are apart


def test_filters_combine(database: Database) -> None:
    with database.write() as tx:
        news = categories.add(tx, slug="news", name="News", feed_guid="urn:n", now=NOON)
        tag = tags.add(tx, slug="rain", name="Rain")
        store(tx, 1, "Rain", categories=(news,), changed_by="asha", tags=(tag,))
        store(tx, 2, "Rain", categories=(news,), changed_by="ravi", state=State.DRAFT)
        store(tx, 3, "Rain", changed_by="asha", published=PUBLISHED + HOUR)
        store(tx, 4, "Sun", categories=(news,), changed_by="asha")

        assert found(tx, "rain", category=news.id) == [2, 1]
        assert found(tx, "rain", category=news.id, person="asha") == [1]
        assert found(tx, "", category=news.id, state=State.PUBLISHED) == [4, 1]
        assert found(tx, "", tag=tag.id) == [1]
        assert found(tx, "rain", since=PUBLISHED + HOUR) == [3]
        assert found(tx, "rain", until=PUBLISHED + HOUR, person="asha") == [1]
        assert found(tx, "") == [3, 4, 2, 1]


def test_pages_hold_every_article_once(database: Database) -> None:
    with database.write() as tx:
        ids = [
            store(tx, n, "Rain", published=PUBLISHED - n // 3 * timedelta(minutes=1))
            for n in range(1, 12)
        ]
        seen: list[ArticleId] = []
        place = None
        while page := search.find(tx, Wanted(terms=parse("rain")), limit=2, before=place):
            seen += page
            last = articles.find(tx, page[-1])
            assert last is not None
            place = search.place_of(last)

    assert sorted(seen) == ids
    assert len(seen) == len(ids)


def test_page_goes_on_beyond_what_came_lately(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    few = str(search._LATE_PLACE).replace("LIMIT 600", "LIMIT 3")
    monkeypatch.setattr(search, "_LATE_PLACE", text(few))
    with database.write() as tx:
        for number in range(1, 8):
            store(tx, number, "Rain", published=PUBLISHED - number * timedelta(days=25))
        everything = Wanted(terms=parse("rain"))

        assert found(tx, "rain") == [1, 2, 3, 4, 5, 6, 7]
        assert search.find(tx, everything, limit=4) == [1, 2, 3, 4]
        assert search.find(tx, everything, limit=2) == [1, 2]
        last = articles.find(tx, ArticleId(4))
        assert last is not None
        place = search.place_of(last)
        assert search.find(tx, everything, limit=9, before=place) == [5, 6, 7]
        assert found(tx, "rain", since=PUBLISHED - timedelta(days=60)) == [1, 2]
        assert found(tx, "rain", until=PUBLISHED - timedelta(days=500)) == []


def test_times_before_1970_and_after_2242_have_their_place(database: Database) -> None:
    far = PUBLISHED.replace(year=9000), PUBLISHED.replace(year=1900)
    with database.write() as tx:
        for number, when in enumerate((PUBLISHED, *far), 1):
            store(tx, number, "Rain", published=when)

        assert found(tx, "rain") == [2, 1, 3]


def _changed(tx: Transaction, number: int, **changes: object) -> Article:
    before = articles.find(tx, ArticleId(number))
    assert before is not None
    after = replace(before, version=before.version + 1, **changes)
    assert articles.replace(tx, after, before.version)
    return after


def test_change_takes_out_what_was_there(database: Database) -> None:
    with database.write() as tx:
        store(tx, 1, "Rain")
    with database.write() as tx:
        _changed(tx, 1, title="Sun", published=PUBLISHED + HOUR)

        assert (found(tx, "rain"), found(tx, "sun")) == ([], [1])
        _is_sound(tx)


def test_save_that_changes_no_word_writes_nothing(database: Database) -> None:
    with database.write() as tx:
        store(tx, 1, "Rain")
    with database.write() as tx:
        _changed(tx, 1, slug="other")

        assert found(tx, "rain") == [1]
        _is_sound(tx)


def test_release_is_found_as_published(database: Database) -> None:
    with database.write() as tx:
        store(tx, 1, "Rain", state=State.SCHEDULED, release_at=NOON, published=None)
        assert found(tx, "rain", state=State.SCHEDULED) == [1]

        releases.release_due(tx, NOON)

        assert found(tx, "rain", state=State.SCHEDULED) == []
        assert found(tx, "rain", state=State.PUBLISHED) == [1]


def _store_again(tx: Transaction) -> ArticleId:
    """Store what was out and is to come out once more an hour after noon."""
    again = {"state": State.SCHEDULED, "release_at": NOON + HOUR, "published": PUBLISHED}
    return store(tx, 1, "Rain", **again)


def _is_told(tx: Transaction) -> bool:
    """Whether the index gives at noon what comes out an hour later."""
    return bool(found(tx, "rain", is_out=True, until=NOON + timedelta(seconds=1)))


def test_what_comes_out_once_more_has_its_place_at_that_time(database: Database) -> None:
    """Promise 7: the index tells readers nothing of its words before, and finds it then."""
    with database.write() as tx:
        number = _store_again(tx)

        assert not _is_told(tx)
        assert found(tx, "rain", since=NOON + HOUR) == [number]
        releases.release_due(tx, NOON + HOUR)
        assert found(tx, "rain", until=PUBLISHED + HOUR) == [number]
        _is_sound(tx)


def test_what_was_to_come_out_once_more_gets_its_place_by_a_migration(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Promise 7, for what an earlier version has stored."""
    migration = _migration("is to come out once more")
    with database.write() as tx:
        with monkeypatch.context() as patch:
            patch.setattr(search, "place_of", lambda one: (one.published, one.id))
            _store_again(tx)
        assert _is_told(tx)
        store(tx, 2, "Rain")
        assert found(tx, "rain", since=PUBLISHED + HOUR) == []

        monkeypatch.setattr(migration.op, "get_bind", lambda: tx.connection)
        migration.upgrade()

        assert found(tx, "rain", since=PUBLISHED + HOUR) == [1]
        assert found(tx, "rain", until=PUBLISHED + HOUR) == [2]
        assert found(tx, "rain") == [1, 2]
        _is_sound(tx)
        _forget(tx)
        migration.upgrade()  # whoever leads has not come to it yet
        assert found(tx, "rain") == []


def test_many_at_once_are_found(database: Database) -> None:
    with database.write() as tx:
        made = [article(number, categories=(), title=f"Rain {number}") for number in (1, 2)]
        bulk.add_articles(tx, made, [None, None])

        assert found(tx, "rain") == [2, 1]


def test_what_is_not_stored_is_not_found(database: Database) -> None:
    """Promise 1: an article and its words are stored together."""

    def broken() -> None:
        with database.write() as tx:
            store(tx, 1, "Rain")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        broken()

    with database.read() as tx:
        assert found(tx, "rain") == []


def test_old_articles_are_indexed_step_by_step(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Promise 6: what a step has done stays, and another process goes on."""
    monkeypatch.setattr(search_filling, "PAGE", 2)
    with database.write() as tx:
        for number in range(1, 6):
            store(tx, number, "Rain")
        _forget(tx)
        facts.put(tx, "search", "6")
        assert not search_filling.is_done(tx)

    seen = []
    more = True
    while more:
        with database.write() as tx:
            more = search_filling.step(tx)
            seen.append(len(found(tx, "rain")))

    assert seen == [2, 4, 5]
    with database.write() as tx:
        assert search_filling.is_done(tx)
        assert not search_filling.step(tx)
        _is_sound(tx)


def test_release_during_a_step_is_found_as_published(
    postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """SQLite has one writer at a time anyway."""
    database = Database(postgres_url)
    with database.write() as tx:
        store(tx, 1, "Rain", state=State.SCHEDULED, release_at=NOON, published=None)
        _forget(tx)
    to_articles = article_rows.to_articles

    def released(tx: Transaction, rows: list[ArticleRow]) -> list[Article]:
        with database.write() as other:
            releases.release_due(other, NOON)
        return to_articles(tx, rows)

    with monkeypatch.context() as patch, database.write() as tx:
        patch.setattr(search_filling, "to_articles", released)
        search_filling.put_page(tx, 2)
    with database.write() as tx:
        releases.release_due(tx, NOON)

        assert found(tx, "rain", state=State.SCHEDULED) == []
        assert found(tx, "rain", state=State.PUBLISHED) == [1]
    database.close()


def _forget(tx: Transaction) -> None:
    tx.execute(text("DELETE FROM search_entry"))
    if tx.is_sqlite:
        tx.execute(text("INSERT INTO search_words (search_words) VALUES ('delete-all')"))


def _is_sound(tx: Transaction) -> None:
    """FTS5 holds exactly what is kept beside it: taking all of it out leaves nothing."""
    if not tx.is_sqlite:
        return
    tx.execute(text("INSERT INTO search_words (search_words) VALUES ('integrity-check')"))
    rows = search.kept(tx)
    for row in rows:
        tx.execute(search.TAKE_OUT, row)
    assert found(tx, "") == []
    for row in rows:
        tx.execute(search.PUT_IN, row)


LONG = [
    pytest.param(lambda: "word " * 20_000, id="many words"),
    pytest.param(lambda: " ".join(f"w{n}" for n in range(40_000)), id="many different words"),
    pytest.param(lambda: " ".join(chr(0x3400 + n % 20_000) * 39 for n in range(900)), id="Han"),
    pytest.param(lambda: "\U00020000" * 40_000, id="four bytes each"),
    pytest.param(lambda: " ".join(f"{n:x}" + "अ" * 36 for n in range(9000)), id="long words"),
]


@pytest.mark.parametrize("said", LONG)
def test_text_of_any_length_is_stored(database: Database, said: Callable[[], str]) -> None:
    body = said()
    with database.write() as tx:
        store(tx, 1, "Rain", body=body)

        assert found(tx, "rain") == [1]
        assert found(tx, f'"{body.split()[0][:38]}"') == [1]


def test_both_engines_leave_out_the_same(database: Database) -> None:
    with database.write() as tx:
        body = "same " * (entry.MOST_PLACES + 5) + "end " + "x " * entry.MOST_WORDS + "last"
        store(tx, 1, "", body=body)

        assert found(tx, '"same same"') == [1]
        assert found(tx, '"same end"') == []
        assert found(tx, "end") == [1]
        assert found(tx, "last") == []


STRANGE = st.text(
    alphabet=st.sampled_from("ab\"'\\:*&|!()<>= -\u0000\u0b3c\u0b21東京éA%_\u200d"),
    max_size=20,
)


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@examples(said=STRANGE, asked=STRANGE)
def test_no_text_and_no_question_is_an_error(database: Database, said: str, asked: str) -> None:
    said = said.replace("\0", "")  # as it is when it is checked
    with database.write() as tx:
        number = store(tx, 1, said)
        found(tx, asked)
        if parse(said) and not any(term.is_excluded for term in parse(said)):
            assert found(tx, said) == [number]
        tx.connection.rollback()


def _migration(said: str) -> ModuleType:
    script = ScriptDirectory(str(migrations.migrations_folder()))
    return next(step.module for step in script.walk_revisions() if said in str(step.doc))


def test_sqlite_without_fts5_is_named(sqlite_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """There is no taking FTS5 out of a SQLite; a module that it never had is missing alike."""
    database = Database(sqlite_url)
    migration = _migration("index of words")
    monkeypatch.setattr(migration, "MODULE", "fts99")
    with database.write() as tx:
        monkeypatch.setattr(migration.op, "get_bind", lambda: tx.connection)
        with pytest.raises(MigrationError, match="built without FTS5"):
            migration.upgrade()

    with (
        pytest.raises(UnavailableError, match="built without FTS5"),
        database.write() as tx,
    ):
        tx.execute(text("CREATE VIRTUAL TABLE other USING fts99(x)"))
    database.close()
