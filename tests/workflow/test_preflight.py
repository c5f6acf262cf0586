"""What is looked at before publishing, and in a feed as it is: on both databases."""

import logging
from datetime import UTC, datetime, timedelta

import pytest
from msgspec import structs
from msgspec.structs import replace
from sqlalchemy import update

from feedsvc.errors import NotFoundError
from feedsvc.model import RECENT, Article, BodyFormat, Format, Partner, Release
from feedsvc.model.pictures import Picture, PictureFile, picture_at
from feedsvc.publishing.unpacking import unpack
from feedsvc.storage import feeds, pictures, representations
from feedsvc.storage.tables.feeds import FeedRow
from feedsvc.workflow import preflight
from feedsvc.workflow.newsroom import Newsroom
from feedsvc.workflow.refresh import refresh
from feedsvc.workflow.start import fingerprint, make_ready
from feedsvc.workflow.writing import edit
from tests.factories import by, given
from tests.fakes import FakeClock
from tests.leading import take_lease
from tests.unit.rendering.reading import find

TITLE = "Start-ups meet officials in New Delhi"


@pytest.fixture(autouse=True)
def ready(room: Newsroom) -> None:
    make_ready(room)


def _store(room: Newsroom, **changes: object) -> Article:
    title = str(changes.pop("title", TITLE))
    return edit.create(room, given(title, **changes), by=by("asha"))


def _set(room: Newsroom, section: str, **values: object) -> Newsroom:
    """Return the newsroom with other settings."""
    changed = structs.replace(getattr(room.config, section), **values)
    return replace(room, config=structs.replace(room.config, **{section: changed}))


def _rules(room: Newsroom, article: Article, *partners: Partner) -> list[str]:
    found = preflight.of_article(room, article, partners or (Partner.READERS,))
    return [each.rule for each in found]


def test_a_good_article_has_nothing_to_be_said(room: Newsroom) -> None:
    assert _rules(room, _store(room)) == []


def test_a_draft_is_looked_at_as_if_it_came_out_now(room: Newsroom, clock: FakeClock) -> None:
    draft = _store(room, release=Release.DRAFT)
    clock.advance(400 * 86_400)

    assert _rules(room, draft) == []
    assert _rules(room, edit.preview(room, given(TITLE))) == []


def test_a_scheduled_one_at_its_time(room: Newsroom, clock: FakeClock) -> None:
    far = clock.now() + timedelta(days=400)
    article = _store(room, release=Release.AT, release_at=far)

    assert _rules(room, article) == ["future"]


@pytest.mark.parametrize("release", [Release.NOW, Release.AT])
def test_the_same_headline_on_the_same_day(
    room: Newsroom, clock: FakeClock, release: Release
) -> None:
    later = clock.now() + timedelta(hours=2)
    _store(room, title=TITLE.upper(), release=release, release_at=later)
    article = _store(room)

    assert _rules(room, article) == ["title-twice"]
    assert _rules(room, replace(article, title="Another headline altogether")) == []


def test_the_same_headline_on_another_day(room: Newsroom, clock: FakeClock) -> None:
    _store(room)
    clock.advance(86_400)

    assert _rules(room, _store(room)) == []


def test_a_draft_shares_no_headline_with_anybody(room: Newsroom) -> None:
    _store(room, release=Release.DRAFT)

    assert _rules(room, _store(room)) == []


def test_a_day_is_the_newsrooms(room: Newsroom, clock: FakeClock) -> None:
    """At 20:00 UTC the next day has begun in Kolkata."""
    room = _set(room, "site", timezone="Asia/Kolkata")
    clock.step_to(datetime(2026, 11, 22, 18, 0, tzinfo=UTC))
    _store(room)
    clock.step_to(datetime(2026, 11, 22, 20, 0, tzinfo=UTC))

    assert _rules(room, _store(room)) == []


def test_one_partner_after_the_other(room: Newsroom) -> None:
    article = _store(room, title="Start-ups meet")

    assert _rules(room, article, Partner.APPLE, Partner.MSN) == [
        "title",
        "title-short",
        "no-image",
    ]


def test_a_feed_is_looked_at_as_it_is(room: Newsroom, clock: FakeClock) -> None:
    good = _store(room)
    clock.advance(60)
    bad = _store(room, title="It rains")

    report = preflight.of_feed(room, RECENT, Partner.MSN)

    assert [checked.article_id for checked in report.articles] == [bad.id, good.id]
    assert [checked.is_refused for checked in report.articles] == [True, False]
    assert (report.accepted, report.warnings, report.findings) == (1, 2, ())
    assert report.is_refused


def _guids(room: Newsroom, slug: str) -> list[str]:
    with room.database.read() as tx:
        feed = feeds.find(tx, slug)
        assert feed is not None
        made = representations.identity_of(tx, [feed.id], unpack)[feed.id][Format.RSS]
    return find(made.body, "//item/guid")


def test_a_feed_is_looked_at_by_its_own_partner(
    room: Newsroom, caplog: pytest.LogCaptureFixture
) -> None:
    """And goes out without what that one would refuse; everybody else's feed has it."""
    good, bad = _store(room), _store(room, title="It rains")
    with room.database.write() as tx:
        tx.execute(update(FeedRow).where(FeedRow.slug == RECENT).values(profile="msn"))
    with caplog.at_level(logging.INFO):
        assert refresh(room, take_lease(room)).failed == []

    report = preflight.of_feed(room, RECENT)

    assert report.partner is Partner.MSN
    assert [checked.is_refused for checked in report.articles] == [True, False]
    assert _guids(room, RECENT) == [good.guid]
    assert _guids(room, "category/news") == [bad.guid, good.guid]
    assert (
        "left out of feed=recent entries=1; for the reasons: feedsvc check feed" in caplog.text
    )


def test_a_feed_without_pictures_has_none(room: Newsroom) -> None:
    _store(room, image_url="https://cdn.example.org/a.jpg", image_alt="A table of officials")
    beside = preflight.of_feed(room, RECENT, Partner.NEWSLETTER)
    with room.database.write() as tx:
        tx.execute(update(FeedRow).values(image_mode="none"))

    without = preflight.of_feed(room, RECENT, Partner.NEWSLETTER)

    assert [len(report.articles[0].findings) for report in (beside, without)] == [0, 1]


def test_flipboard_is_given_thirty_articles(room: Newsroom, clock: FakeClock) -> None:
    for number in range(32):
        clock.advance(60)
        _store(room, title=f"Start-ups meet officials again: {number}")
    with room.database.write() as tx:
        tx.execute(update(FeedRow).values(max_entries=5, min_hours=0))
    bare = _set(room, "feeds", archive_entries=0)

    readers = preflight.of_feed(bare, RECENT)
    with room.database.write() as tx:
        tx.execute(update(FeedRow).values(profile="flipboard"))

    assert len(readers.articles) == 5
    assert len(preflight.of_feed(bare, RECENT).articles) == 30


def test_the_source_is_looked_at_too(room: Newsroom) -> None:
    _store(room, body_source="<p>Text</p><iframe src=x></iframe>", body_format=BodyFormat.HTML)

    [checked] = preflight.of_feed(room, "category/news", Partner.READERS).articles

    assert [found.rule for found in checked.findings] == ["left-out"]


def test_headlines_of_one_day_in_a_feed(room: Newsroom, clock: FakeClock) -> None:
    titles = [TITLE, TITLE.upper(), "Another one of this very day"]
    for title in titles:
        _store(room, title=title)
    clock.advance(86_400)
    _store(room)

    report = preflight.of_feed(room, RECENT, Partner.READERS)

    found = [[each.rule for each in checked.findings] for checked in report.articles]
    assert found == [[], [], ["title-twice"], ["title-twice"]]
    assert not report.is_refused


def test_a_feed_as_a_whole_may_be_refused(room: Newsroom) -> None:
    report = preflight.of_feed(room, RECENT, Partner.FLIPBOARD)

    assert report.is_refused
    assert report.accepted == len(report.articles) == 0


@pytest.mark.parametrize(
    ("partner", "rules"), [(Partner.APPLE, ["excerpts"]), (Partner.SMARTNEWS, [])]
)
def test_a_feed_of_excerpts(room: Newsroom, partner: Partner, rules: list[str]) -> None:
    """A feed that is made for SmartNews has the whole articles, whatever others have."""
    _store(room)

    [checked] = preflight.of_feed(
        _set(room, "feeds", full_text=False), RECENT, partner
    ).articles

    assert [found.rule for found in checked.findings] == rules


def test_what_feeds_say_of_the_newsroom_is_a_change_to_them(room: Newsroom) -> None:
    assert fingerprint(_set(room, "partners", accent_color="")) == fingerprint(room)
    assert fingerprint(_set(room, "partners", accent_color="00FF00")) != fingerprint(room)


def test_no_such_feed(room: Newsroom) -> None:
    with pytest.raises(NotFoundError, match="there is no feed none"):
        preflight.of_feed(room, "none", Partner.MSN)


@pytest.mark.parametrize("host", ["", "https://news.example.org"])
def test_uploaded_picture_that_is_not_there_is_a_warning(room: Newsroom, host: str) -> None:
    """Not a refusal; nor is a picture there that is of another type than its address says."""
    there, text = _uploaded(room, 1), "![A lamp]({}{})"
    names = [there.path, there.path.replace(".jpg", ".png"), "/media/" + _path(2)]
    article = _store(room, body_source="\n\n".join(text.format(host, one) for one in names))

    [found] = preflight.of_article(room, article, [Partner.READERS])

    assert (found.rule, found.is_blocking) == ("missing", False)
    assert f"at {host}{names[1]}, {host}{names[2]}, so" in found.text
    [checked] = preflight.of_feed(room, RECENT).articles
    assert [each.rule for each in checked.findings] == ["missing"]


def test_uploaded_picture_that_is_there_is_well(room: Newsroom) -> None:
    path = _uploaded(room, 1).path

    assert _rules(room, _store(room, body_source=f"![A lamp]({path})")) == []


def _path(number: int) -> str:
    return f"{number:032x}-10x10/10.jpg"


def _uploaded(room: Newsroom, number: int) -> Picture:
    picture = picture_at("/media/" + _path(number))
    assert picture is not None
    picture = replace(picture, created=room.clock.now())
    file = PictureFile(width=10, height=10, digest="0" * 64, body=b"a picture")
    with room.database.write() as tx:
        pictures.add(tx, picture, [file])
    return picture
