"""All is written out, and taken over again elsewhere. Promises 2 and 8."""

import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from msgspec.structs import replace

from feedsvc.config import Config
from feedsvc.errors import ConflictError, InputError
from feedsvc.model import RECENT, Article, Enclosure, Format, Release, State
from feedsvc.publishing.unpacking import unpack
from feedsvc.storage import (
    articles,
    categories,
    feeds,
    migrations,
    representations,
    tags,
)
from feedsvc.storage.database import Database
from feedsvc.storage.moving import imports
from feedsvc.workflow import refresh
from feedsvc.workflow.moving.export import to_json, to_wordpress
from feedsvc.workflow.moving.import_archive import import_archive
from feedsvc.workflow.moving.import_wxr import import_wxr
from feedsvc.workflow.newsroom import Newsroom
from feedsvc.workflow.start import make_ready
from feedsvc.workflow.writing import edit
from feedsvc.workflow.writing.withdraw import withdraw
from tests.factories import by, given
from tests.fakes import FakeClock
from tests.leading import take_lease

Bodies = dict[tuple[str, Format], bytes]


@pytest.fixture
def full(tmp_path: Path, sqlite_template: Path, config: Config) -> Iterator[Newsroom]:
    """A newsroom with one of everything, on SQLite."""
    file = tmp_path / "full.sqlite3"
    file.write_bytes(sqlite_template.read_bytes())
    database = Database(f"sqlite:///{file}")
    clock = FakeClock()
    room = Newsroom(config=config, clock=clock, database=database, wake=lambda: None)
    make_ready(room)
    _fill(room, clock)
    yield room
    database.close()


def _fill(room: Newsroom, clock: FakeClock) -> None:
    for number in range(1, 6):
        names = ("News", "Budget") if number % 2 else ("News",)
        made = edit.create(room, given(f"Article {number}", categories=names), by=by("anna"))
        clock.advance(60)
    withdraw(room, made.id, by=by("anna"))
    later = room.clock.now() + timedelta(days=1000)
    edit.create(room, given("Later", release=Release.AT, release_at=later), by=by("anna"))
    edit.create(
        room, given("Secret", release=Release.DRAFT, categories=("Hidden",)), by=by("anna")
    )
    with room.database.write() as tx:
        news, budget = (categories.find_by_name(tx, name) for name in ("News", "Budget"))
        assert news is not None
        assert budget is not None
        categories.set_parent(tx, budget.id, news.id)
        found = at(room, "article-1")
        rain = tags.add(tx, slug="rain", name="Rain & snow")
        whole = replace(
            found,
            tags=(rain,),
            image=Enclosure(
                url="https://i.example.org/a.jpg", media_type="image/jpeg", alt="A"
            ),
            enclosures=(
                Enclosure(url="https://i.example.org/a.mp3", media_type="audio/mpeg", length=9),
                Enclosure(url="https://i.example.org/b.bin"),
            ),
            guid="https://old.example.org/?p=1",
            version=2,
        )
        articles.replace(tx, whole, 1)
        noted = imports.Imported(foreign_id="1", local_id=found.id, digest="d", version=2)
        imports.note(tx, "wordpress old", imports.Kind.ARTICLE, [noted])
        category = imports.Imported(foreign_id="news", local_id=news.id)
        imports.note(tx, "wordpress old", imports.Kind.CATEGORY, [category])


def at(room: Newsroom, slug: str) -> Article:
    with room.database.read() as tx:
        found = articles.find_by_path(tx, f"/articles/{slug}/")
    assert found is not None
    return found


@pytest.fixture
def room(config: Config, clock: FakeClock, database: Database) -> Newsroom:
    """An empty newsroom on each kind of database, some days later."""
    clock.advance(86400 * 3)
    room = Newsroom(config=config, clock=clock, database=database, wake=lambda: None)
    make_ready(room)
    return room


def bodies(room: Newsroom) -> Bodies:
    """Publish what is stored, and return the documents of every public feed."""
    assert refresh.refresh(room, take_lease(room)).is_complete
    with room.database.read() as tx:
        known = {feed.id: feed.slug for feed in feeds.public_feeds(tx)}
        made = representations.identity_of(tx, list(known), unpack)
    return {
        (known[feed_id], format_): one.body
        for feed_id, by_format in made.items()
        for format_, one in by_format.items()
    }


def archived(room: Newsroom, tmp_path: Path) -> Path:
    file = tmp_path / "newsroom.json"
    file.write_bytes(b"".join(to_json(room)))
    return file


@pytest.mark.checklist("ATOM-11", "HTTP-08")
def test_feeds_have_the_same_bytes_in_another_database(
    full: Newsroom, room: Newsroom, tmp_path: Path
) -> None:
    before = bodies(full)

    count = import_archive(room, archived(full, tmp_path))

    assert count == 7
    assert bodies(room) == before
    assert {slug for slug, _ in before} == {"recent", "category/news", "category/budget"}


def test_all_there_was_is_there(full: Newsroom, room: Newsroom, tmp_path: Path) -> None:
    import_archive(room, archived(full, tmp_path))

    for slug in ("article-1", "article-5", "later", "secret"):
        assert at(room, slug) == at(full, slug)
    assert [*to_json(room)][1:] == [*to_json(full)][1:]


def test_what_is_new_is_numbered_after_what_came(
    full: Newsroom, room: Newsroom, tmp_path: Path
) -> None:
    import_archive(room, archived(full, tmp_path))

    made = edit.create(room, given("New", categories=("Weather",)), by=by("anna"))

    assert made.id > 7
    assert made.categories[0].id > 3


def test_readers_of_the_new_place_get_no_older_revision(
    full: Newsroom, room: Newsroom, tmp_path: Path
) -> None:
    """Promise 4."""
    bodies(room)
    with room.database.read() as tx:
        empty = feeds.find(tx, RECENT)
    assert empty is not None

    import_archive(room, archived(full, tmp_path))

    with room.database.read() as tx:
        feed = feeds.find(tx, RECENT)
    assert feed is not None
    assert feed.revision == empty.revision + 1
    assert feed.is_dirty


def test_public_articles_are_a_feed_and_others_are_no_items(full: Newsroom) -> None:
    document = json.loads(b"".join(to_json(full)))

    assert document["version"] == "https://jsonfeed.org/version/1.1"
    assert [item["title"] for item in document["items"]] == [
        f"Article {number}" for number in range(1, 5)
    ]
    first = document["items"][0]
    assert first["id"] == "https://old.example.org/?p=1"
    assert first["tags"] == ["News", "Budget", "Rain & snow"]
    assert first["attachments"] == [
        {"url": "https://i.example.org/a.mp3", "mime_type": "audio/mpeg", "size_in_bytes": 9}
    ]
    assert len(document["_feedsvc_hidden"]) == 3


def test_an_empty_newsroom_has_an_archive_too(room: Newsroom, tmp_path: Path) -> None:
    file = archived(room, tmp_path)

    assert json.loads(file.read_bytes())["items"] == []
    assert import_archive(room, file) == 0


def test_an_archive_is_for_an_empty_newsroom(
    full: Newsroom, room: Newsroom, tmp_path: Path
) -> None:
    file = archived(full, tmp_path)
    import_archive(room, file)

    with pytest.raises(ConflictError, match="for an empty newsroom"):
        import_archive(room, file)


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        (b"]\n}\n", b"", "breaks off"),
        (b"]\n}\n", b"]\n", "breaks off"),
        (b'],\n"_feedsvc_hidden": [\n', b"],\n", "breaks off"),
        (b'{"id":"', b'{"id', "breaks off or is damaged"),
        (b'{"id":"', b'7,\n{"id":"', "breaks off or is damaged"),
        (b'"items": [\n', b'"items": [', "no archive as"),
        (b'"format":1', b'"format":2', "newer feedsvc"),
        (b'"format":1', b'"form":1', "no archive as"),
        (b'"category":[', b'"weather":[{}],"category":[', "holds weather, which this program"),
        (b'"dateline":"New Delhi"', b'"dateline":"x","mood":"y"', "article.mood, which this"),
        (b'"byline":[', b'"weather":[', "an article of a form"),
        (b'"_feedsvc":{"article"', b'"_feedsvc":7,"x":{"article"', "no archive as"),
        (b'"created":"2026', b'"created":"soon', "feed.created that is no time"),
    ],
)
def test_a_damaged_archive_leaves_nothing(
    full: Newsroom, room: Newsroom, tmp_path: Path, old: bytes, new: bytes, sentence: str
) -> None:
    whole = b"".join(to_json(full))
    assert old in whole
    file = tmp_path / "damaged.json"
    file.write_bytes(whole.replace(old, new, 1))

    with pytest.raises(InputError, match=f"{sentence}.*nothing was stored"):
        import_archive(room, file)

    with room.database.read() as tx:
        assert categories.all_categories(tx) == ()
        assert feeds.find(tx, RECENT) is not None
    assert migrations.current_version(room.database) == migrations.needed_version()


def test_a_line_without_an_end_is_refused(
    room: Newsroom, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("feedsvc.workflow.moving.import_archive.MOST_BYTES_OF_A_LINE", 1000)
    file = tmp_path / "newsroom.json"
    file.write_bytes(b"x" * 70_000)

    with pytest.raises(InputError, match="longer than any article"):
        import_archive(room, file)


def test_a_wordpress_export_of_ours_is_taken_over(
    full: Newsroom, room: Newsroom, tmp_path: Path
) -> None:
    file = tmp_path / "newsroom.xml"
    file.write_bytes(b"".join(to_wordpress(full)))

    report = import_wxr(room, file)

    assert (report.added, report.refused, report.unseen) == (6, [], [])
    assert dict(report.left_out) == {"in the trash": 1}
    for slug in ("article-1", "article-2", "later", "secret"):
        old, new = at(full, slug), at(room, slug)
        for name in ("guid", "title", "slug", "bylines", "state", "published", "updated"):
            assert getattr(old, name) == getattr(new, name)
        assert {one.name for one in old.categories} == {one.name for one in new.categories}
        assert [one.name for one in old.tags] == [one.name for one in new.tags]
        assert old.release_at == new.release_at or old.state is State.DRAFT
        assert old.image == new.image
        assert [one.url for one in old.enclosures] == [one.url for one in new.enclosures]
    with room.database.read() as tx:
        budget, news = (categories.find_by_name(tx, name) for name in ("Budget", "News"))
    assert budget is not None
    assert news is not None
    assert budget.parent_id == news.id
