"""Moving in from WordPress, on both databases. Promise 8: a guid never changes."""

import gzip
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from feedsvc.errors import InputError
from feedsvc.model import RECENT, Article, Enclosure, State
from feedsvc.storage import articles, categories, feeds
from feedsvc.storage.moving import imports
from feedsvc.workflow.moving import takeover
from feedsvc.workflow.moving.import_wxr import import_wxr, listed
from feedsvc.workflow.moving.takeover_report import Report
from feedsvc.workflow.newsroom import Newsroom
from feedsvc.workflow.writing import edit, withdraw
from tests.factories import by, given
from tests.fakes import NOON
from tests.wxr import HEAD, TAIL, attachment, author, category, item, meta, term, wxr

WHEN = datetime(2020, 5, 1, 10, tzinfo=UTC)
NEWS = term("category", "news", "News")
Take = Callable[..., Report]
NESTED = (
    "has a body that is nested more than 100 elements deep; take out the needless nesting, "
    "or paste the text without its formatting."
)


@pytest.fixture
def take(room: Newsroom, tmp_path: Path) -> Take:
    def take(*parts: str, with_pages: bool = False, is_trial: bool = False) -> Report:
        file = tmp_path / "export.xml"
        file.write_bytes(wxr(*parts))
        return import_wxr(room, file, with_pages=with_pages, is_trial=is_trial)

    return take


def by_path(room: Newsroom, path: str) -> Article:
    with room.database.read() as tx:
        found = articles.find_by_path(tx, path)
    assert found is not None, f"nothing at {path}"
    return found


def first(room: Newsroom, number: int = 1) -> Article:
    return by_path(room, f"/2020/05/article-{number}/")


def revision(room: Newsroom, slug: str) -> int:
    with room.database.read() as tx:
        feed = feeds.find(tx, slug)
    return feed.revision if feed else -1


def whys(report: Report) -> list[str]:
    return [problem.why for problem in report.refused]


@pytest.fixture(autouse=True)
def recent(room: Newsroom) -> None:
    with room.database.write() as tx:
        feeds.ensure_recent(tx, "urn:x:recent", NOON)


@pytest.mark.checklist("ATOM-11", "XML-10")
def test_an_article_comes_with_all_it_has(room: Newsroom, take: Take) -> None:
    report = take(
        author("anna", "Anna Das"),
        category("news", "News &amp; Views", description="All of it"),
        category("budget", "Budget", "news"),
        item(
            1,
            term("category", "budget", "Budget")
            + term("post_tag", "rain", "Rain")
            + term("post_tag", "%e0%ac%96%e0%ac%ac%e0%ac%b0", "ଖବର")
            + meta("_thumbnail_id", "7")
            + meta("enclosure", "https://old.example.org/a.mp3\n99\naudio/mpeg"),
            title="It <b>rains</b> &amp; pours",
            body='See <a href="/about/">us</a>.',
            excerpt="<p>Short.</p>",
            modified="2020-05-02 10:00:00",
        ),
        attachment(7, "/a.jpg", alt="A river"),
    )

    article = first(room)
    assert (report.added, report.refused, report.unseen) == (1, [], [])
    assert article.title == "It rains & pours"
    assert article.guid == "https://old.example.org/?p=1"
    assert not article.guid_is_permalink
    assert article.body == '<p>See <a href="https://old.example.org/about/">us</a>.</p>'
    assert (article.excerpt, article.bylines, article.slug) == (
        "Short.", ("Anna Das",), "article-1"
    )  # fmt: skip
    assert (article.state, article.published) == (State.PUBLISHED, WHEN)
    assert article.updated == WHEN, "an old article would come back into feeds"
    assert article.image == Enclosure(
        url="https://old.example.org/a.jpg", media_type="image/jpeg", alt="A river"
    )
    assert article.enclosures == (
        Enclosure(url="https://old.example.org/a.mp3", media_type="audio/mpeg", length=99),
    )
    assert [(tag.slug, tag.name) for tag in article.tags] == [
        ("rain", "Rain"),
        ("khabara", "ଖବର"),
    ]
    budget, news = article.categories
    assert (budget.slug, news.slug, news.name) == ("budget", "news", "News & Views")
    assert (budget.parent_id, news.description) == (news.id, "All of it")
    assert revision(room, "category/budget") == 1


def test_doing_it_again_changes_nothing(room: Newsroom, take: Take) -> None:
    parts = [category("news", "News"), *(item(n, NEWS) for n in range(1, 8))]
    take(*parts)
    before = [first(room, n) for n in range(1, 8)], revision(room, RECENT)

    report = take(*parts)

    assert (report.added, report.changed, report.unchanged) == (0, 0, 7)
    assert ([first(room, n) for n in range(1, 8)], revision(room, RECENT)) == before


@pytest.mark.checklist("RSS-23")
def test_what_changed_there_is_changed_here(room: Newsroom, take: Take) -> None:
    take(item(1, NEWS), item(2))
    guid = first(room).guid

    report = take(
        item(1, NEWS, title="Anew", guid="https://new.example.org/?p=1",
             modified="2020-06-01 00:00:00", link="https://old.example.org/other/"),
        item(2),
    )  # fmt: skip

    article = first(room)
    assert (report.added, report.changed, report.unchanged) == (0, 1, 1)
    assert (article.title, article.guid, article.published) == ("Anew", guid, WHEN)
    assert article.version == 2


def test_a_late_change_is_told_on(room: Newsroom, take: Take) -> None:
    day = NOON - timedelta(days=2)
    fields = {"date": f"{day:%Y-%m-%d %H:%M:%S}", "modified": f"{NOON:%Y-%m-%d %H:%M:%S}"}

    take(item(1, **fields), item(2, **(fields | {"modified": "2099-01-01 00:00:00"})))

    assert (first(room).published, first(room).updated) == (day, NOON)
    assert first(room, 2).updated == day


def test_what_was_changed_here_stays(room: Newsroom, take: Take) -> None:
    take(item(1))
    article = first(room)
    edit.change(room, article.id, given("Ours", categories=()), by=by("anna"), version=1)

    report = take(item(1, title="Theirs"))

    assert (report.kept, report.changed) == (1, 0)
    assert by_path(room, article.path).title == "Ours"
    assert "changed there and here" in report.adjusted[0].why


@pytest.mark.parametrize(
    ("fields", "state", "release_at"),
    [
        ({"status": "draft", "date": "0000-00-00 00:00:00"}, State.DRAFT, None),
        ({"status": "pending"}, State.REVIEW, None),
        ({"status": "private"}, State.DRAFT, None),
        ({"password": "secret"}, State.DRAFT, None),
        (
            {"status": "future", "date": "2099-01-01 00:00:00"},
            State.SCHEDULED,
            datetime(2099, 1, 1, tzinfo=UTC),
        ),
        ({"status": "future", "date": "0000-00-00 00:00:00"}, State.DRAFT, None),
        (
            {"date": "2099-01-01 00:00:00"},
            State.SCHEDULED,
            datetime(2099, 1, 1, tzinfo=UTC),
        ),
    ],
)
def test_nothing_becomes_public_that_was_not(
    room: Newsroom,
    take: Take,
    fields: dict[str, str],
    state: State,
    release_at: datetime | None,
) -> None:
    """Promise 7."""
    take(item(1, NEWS, **fields))

    article = first(room)
    assert (article.state, article.release_at, article.published) == (state, release_at, None)
    assert not article.is_visible(room.clock.now())
    assert revision(room, "category/news") == 0


@pytest.mark.parametrize("status", ["trash", "draft", "private"])
def test_what_is_taken_back_there_is_withdrawn_here(
    room: Newsroom, take: Take, status: str
) -> None:
    take(item(1, NEWS), item(2, status="future", date="2099-01-01 00:00:00"))

    take(item(1, NEWS, status=status), item(2, status=status))

    article = first(room)
    assert (article.state, article.published) == (State.WITHDRAWN, WHEN)
    assert article.withdrawn == room.clock.now()
    assert first(room, 2).state is State.DRAFT
    assert revision(room, "category/news") == 2


def test_withdrawn_here_stays_withdrawn(room: Newsroom, take: Take) -> None:
    take(item(1))
    withdraw.withdraw(room, first(room).id, by=by("anna"))

    take(item(1, title="Again"))

    assert first(room).state is State.WITHDRAWN


def test_what_is_left_out_is_counted(room: Newsroom, take: Take) -> None:
    report = take(
        item(1, kind="page"),
        item(2, kind="nav_menu_item"),
        item(3, status="trash"),
        item(4, status="auto-draft"),
    )

    assert dict(report.left_out) == {
        "pages (take them with --pages)": 1,
        "of kind nav_menu_item": 1,
        "in the trash": 1,
        "drafts that WordPress made by itself": 1,
    }
    assert report.added == 0


def test_pages_have_their_addresses_and_are_in_no_feed(room: Newsroom, take: Take) -> None:
    report = take(item(1), item(2, kind="page"), with_pages=True)

    page = first(room, 2)
    assert (report.added, report.unseen, page.in_feeds) == (2, [], False)
    assert page.is_visible(room.clock.now())
    assert [entry.guid for entry in listed(room, RECENT)] == [first(room).guid]


@pytest.mark.parametrize(
    ("fields", "path"),
    [
        ({"link": "https://old.example.org/?p=1"}, "/articles/article-1/"),
        ({"link": "https://other.example.org/a/"}, "/articles/article-1/"),
        ({"link": "https://www.old.example.org/a/b"}, "/a/b"),
        ({"link": "https://old.example.org/%e0%ac%96/"}, "/ଖ/"),
        ({"link": "https://old.example.org/feeds/x/"}, "/articles/article-1/"),
        ({"link": "https://old.example.org/feed/"}, "/articles/article-1/"),
        ({"link": "https://old.example.org/category/x/"}, "/articles/article-1/"),
        ({"link": "https://old.example.org/category/x/y/"}, "/category/x/y/"),
        ({"link": "https://old.example.org/a%00b/"}, "/articles/article-1/"),
        ({"link": "https://old.example.org/"}, "/articles/article-1/"),
        ({"link": "https://[/"}, "/articles/article-1/"),
        ({"link": "", "name": "", "title": "日本"}, "/articles/article/"),
    ],
)
def test_permalinks_stay_where_they_can(
    room: Newsroom, take: Take, fields: dict[str, str], path: str
) -> None:
    take(item(1, **fields))

    assert by_path(room, path).guid == "https://old.example.org/?p=1"


def test_colliding_addresses_get_another(room: Newsroom, take: Take) -> None:
    edit.create(room, given("Same", categories=()), by=by("anna"))
    same = {"name": "same", "link": "https://old.example.org/?p=9"}
    take(item(1, **same), item(2, **same), item(3, "<x/>", **same), item("2-", **same))

    assert by_path(room, "/articles/same-1/").guid.endswith("p=1")
    assert by_path(room, "/articles/same-2/").guid.endswith("p=2")
    assert by_path(room, "/articles/same-3/").guid.endswith("p=3")
    with room.database.read() as tx:
        assert len(imports.guids_taken(tx, ["https://old.example.org/?p=2-"])) == 1


@pytest.mark.checklist("RSS-23", "ATOM-07")
def test_two_articles_with_one_guid(room: Newsroom, take: Take) -> None:
    """The second would be new to every subscriber, so no feed shows it; nothing is lost."""
    parts = [item(1), item(2, guid="https://old.example.org/?p=1")]

    report = take(*parts)
    again = take(*parts)

    second = first(room, 2)
    assert (report.added, again.unchanged, report.unseen) == (2, 2, [])
    assert second.guid.startswith("urn:uuid:")
    assert not second.in_feeds
    assert "has the guid of 1" in report.adjusted[0].why


def test_a_guid_that_is_here_already(room: Newsroom, take: Take) -> None:
    made = edit.create(room, given("Ours", categories=()), by=by("anna"))

    report = take(item(1, guid=made.guid), item(2))

    assert (report.added, report.refused_count) == (1, 1)
    assert f"of article {made.id}, which is here" in whys(report)[0]


def test_one_bad_item_is_named_and_the_others_go_on(room: Newsroom, take: Take) -> None:
    report = take(
        item(1, date="0000-00-00 00:00:00"),
        item(2, title="", body=""),
        item(3, guid="x" * 1001),
        item(4, body="<div>" * 500),
        item(5),
        item(5, title="Twice"),
        item(6, title=""),
        item(7, title="w " * 200),
        item(8, guid=""),
        item(9, guid="", link=""),
    )

    assert report.added == 5
    assert sorted(whys(report)) == [
        NESTED,
        f"has a guid that no feed can carry: '{'x' * 100}'",
        "has neither a title nor text",
        "is published, but has no date that can be read",
        "stands twice in the file; the first counts",
    ]
    assert "post 5 'Twice', line" in report.refused[0].what
    assert first(room, 6).title == "It rains for the 6th time."
    assert len(first(room, 7).title) <= 300
    assert first(room, 8).guid == "https://old.example.org/2020/05/article-8/"


def test_parents_in_a_circle_and_names_that_collide(room: Newsroom, take: Take) -> None:
    edit.create(room, given("Ours", categories=("Sports",)), by=by("anna"))
    report = take(
        category("a", "A", "b"),
        category("b", "B", "a"),
        category("local", "Local"),
        category("local-sports", "Sports", "local"),
        category("world-sports", "Sports", "nowhere"),
        category("odd_slug", "Odd"),
        item(1, term("category", "local-sports", "Sports")),
        item(2, term("category", "world-sports", "Sports")),
        item(3, term("category", "a", "A")),
    )

    assert [one.name for one in first(room, 1).categories] == ["Sports", "Local"]
    assert [one.name for one in first(room, 2).categories] == ["Sports (world-sports)"]
    assert [one.slug for one in first(room, 3).categories] in (["a"], ["a", "b"])
    assert any("is part of itself" in note for note in report.notes)
    assert any("'local-sports' leads nowhere" in note for note in report.notes)
    with room.database.read() as tx:
        assert categories.find_by_name(tx, "Odd") is not None


def test_trial_says_the_same_and_stores_nothing(room: Newsroom, take: Take) -> None:
    parts = [
        category("local", "Local"),
        category("a-sports", "Sports", "local"),
        category("b-sports", "Sports"),
        *(item(n, NEWS + term("category", "b-sports", "Sports")) for n in range(1, 5)),
        item(5, date="0000-00-00 00:00:00"),
    ]

    trial = take(*parts, is_trial=True)

    assert trial.is_trial
    with room.database.read() as tx:
        assert categories.all_categories(tx) == ()
        assert articles.find_by_path(tx, "/2020/05/article-1/") is None
    done = take(*parts)
    assert (trial.added, trial.refused, trial.unseen) == (done.added, done.refused, done.unseen)
    assert (done.added, done.unseen) == (4, [])


def test_what_subscribers_would_see_as_new_is_named(room: Newsroom, take: Take) -> None:
    ours = edit.create(room, given("Ours", categories=("News",)), by=by("anna"))

    report = take(category("news", "News"), item(1, NEWS), is_trial=True)

    assert [(one.feed, one.guid) for one in report.unseen] == [
        ("category/news", ours.guid),
        ("recent", ours.guid),
    ]


def test_what_old_feeds_listed_and_ours_do_not_is_named(room: Newsroom, take: Take) -> None:
    report = take(
        item(1), item(2, body="<div>" * 500, date="2020-06-01 00:00:00"), item(3)
    )  # fmt: skip

    assert [one.guid for one in report.missing] == ["https://old.example.org/?p=2"]


@pytest.mark.parametrize("document", [wxr(item(1))[:-30], b"<rss/>", b"\x1f\x8bno"])
def test_nothing_of_a_broken_file_is_stored(
    room: Newsroom, tmp_path: Path, document: bytes
) -> None:
    file = tmp_path / "export.xml"
    file.write_bytes(document)

    with pytest.raises(InputError, match=r"export\.xml is "):
        import_wxr(room, file)

    with room.database.read() as tx:
        assert imports.guids_taken(tx, ["https://old.example.org/?p=1"]) == {}


def test_old_version_packed_file_and_control_characters(room: Newsroom, tmp_path: Path) -> None:
    file = tmp_path / "export.xml.gz"
    document = wxr(item(1, body="a\x0bb")).replace(b">1.2<", b">0.9<")
    file.write_bytes(gzip.compress(document))
    seen: list[int] = []

    report = import_wxr(room, file, on_bytes=seen.append)

    assert sum(seen) == 2 * file.stat().st_size
    assert first(room).body == "<p>ab</p>"
    assert report.notes == [
        "the export's version is '0.9'; it was read as 1.2",
        "1 control characters were dropped from the file",
    ]


def test_a_file_without_an_address_has_a_source_all_the_same(
    room: Newsroom, tmp_path: Path
) -> None:
    file = tmp_path / "export.xml"
    head = HEAD.replace("https://old.example.org", "http://[")
    file.write_bytes((head + item(1, body='<a href="/x">y</a>') + TAIL).encode())

    assert import_wxr(room, file).source == "wordpress"


class StoppedError(Exception):
    """The process ends here."""


def test_a_stopped_run_goes_on_where_it_was(
    room: Newsroom, take: Take, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Promise 1: articles, notes and dirty marks are stored together; then the next batch."""
    monkeypatch.setattr(takeover, "BATCH", 3)
    parts = [category("news", "News"), *(item(n, NEWS) for n in range(1, 9))]
    calls: Iterator[int] = iter(range(9))
    noted = imports.note

    def stopping(*arguments: object) -> None:
        noted(*arguments)  # type: ignore[arg-type]
        if next(calls) == 2:  # categories, a batch, and in the middle of the next
            raise StoppedError

    with monkeypatch.context() as patch:
        patch.setattr(imports, "note", stopping)
        with pytest.raises(StoppedError):
            take(*parts)
    assert revision(room, "category/news") == 1

    report = take(*parts)

    assert (report.unchanged, report.added, report.unseen) == (3, 5, [])
    assert revision(room, "category/news") == 3
