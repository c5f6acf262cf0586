"""Feeds that operators make, change and remove."""

import feedparser
import msgspec
import pytest
from msgspec.structs import replace

from feedsvc.errors import ConflictError, InputError, NotFoundError
from feedsvc.model import Feed, FeedInput, Format, ImageMode, Lease
from feedsvc.model.rule import Rule, Term
from feedsvc.publishing.disk import DiskShelf
from feedsvc.publishing.follow import Follower
from feedsvc.publishing.memory import MemoryShelf
from feedsvc.publishing.unpacking import unpack
from feedsvc.storage import categories, feeds, representations, tags
from feedsvc.workflow import saved_feeds
from feedsvc.workflow.newsroom import Newsroom
from feedsvc.workflow.start import make_ready
from feedsvc.workflow.writing.edit import create
from tests.factories import by, given
from tests.fakes import FakeClock
from tests.leading import regenerate, take_lease


@pytest.fixture
def lease(room: Newsroom) -> Lease:
    make_ready(room)
    with room.database.write() as tx:
        categories.add(tx, slug="news", name="News", feed_guid="urn:x", now=room.clock.now())
        tags.add(tx, slug="rain", name="Rain")
    return take_lease(room)


def wanted(title: str = "Ours", **changes: object) -> FeedInput:
    return FeedInput(title=title, **changes)  # type: ignore[arg-type]


def parsed(
    room: Newsroom, slug: str, format_: Format = Format.ATOM
) -> feedparser.FeedParserDict:
    with room.database.read() as tx:
        feed = feeds.find(tx, slug)
        assert feed is not None
        body = representations.identity_of(tx, [feed.id], unpack)[feed.id][format_].body
    return feedparser.parse(body)


def test_a_feed_of_a_rule_is_made_and_published(
    room: Newsroom, clock: FakeClock, lease: Lease
) -> None:
    first = create(room, given("First"), by=by("a"))
    create(room, given("Other", categories=("Sport",)), by=by("a"))
    exclude = ("tag:rain", "author:Nobody")
    rule = wanted(language="hi", include=("category:News",), exclude=exclude)

    made = saved_feeds.add(room, "partner", rule, by=by("a"))

    regenerate(room, clock, lease)
    read = parsed(room, "partner")
    assert [entry.id for entry in read.entries] == [first.guid]
    assert (read.feed.title, read.feed.language) == ("Ours", "hi")
    assert saved_feeds.find(room, "partner").rule == made.rule
    assert [feed.slug for feed in saved_feeds.all_feeds(room)] == ["partner"]


@pytest.mark.parametrize(
    ("slug", "given_", "title", "rule"),
    [
        pytest.param("tag/rain", FeedInput(), "Rain", "tag:rain", id="tag"),
        pytest.param(
            "author/asha-rao", wanted("Asha Rao"), "Asha Rao", "author:asha rao", id="author"
        ),
        pytest.param("lang/or", FeedInput(), "ଓଡ଼ିଆ", "language:or", id="language"),
        pytest.param("lang/xx-yy", FeedInput(), "xx-yy", "language:xx-yy", id="no language"),
        pytest.param(
            "lang/en-gb-oed", FeedInput(), "en-gb-oed", "language:en-gb-oed", id="odd"
        ),
        pytest.param(
            "author/" + "x" * 64, wanted("x" * 64), "x" * 64, f"author:{'x' * 64}", id="long"
        ),
        pytest.param("lang/pt-br", wanted("Brasil"), "Brasil", "language:pt-br", id="wider"),
    ],
)
def test_the_rule_of_a_subject_follows_from_the_address(
    room: Newsroom, lease: Lease, slug: str, given_: FeedInput, title: str, rule: str
) -> None:
    made = saved_feeds.add(room, slug, given_, by=by("a"))
    made = saved_feeds.change(room, slug, saved_feeds.as_input(made), by=by("a"))

    assert (made.title, made.rule) == (title, Rule(include=(Term.parse(rule),)))


@pytest.mark.parametrize(
    ("slug", "given_", "field", "problem"),
    [
        pytest.param("recent", wanted(), "slug", "must be a word", id="taken"),
        pytest.param("corrections", wanted(), "slug", "must be a word", id="ours"),
        pytest.param("category/x", wanted(), "slug", "must be a word", id="category"),
        pytest.param("Partner", wanted(), "slug", "must be a word", id="capital"),
        pytest.param("x" * 65, wanted(), "slug", "at most 64", id="long"),
        pytest.param("tag/" + "x" * 65, wanted(), "slug", "at most 64", id="long tag"),
        pytest.param(
            "tag/rain", FeedInput(exclude=("tag:x",)), "exclude", "follows from", id="left out"
        ),
        pytest.param(
            "lang/or", FeedInput(include=("tag:or",)), "include", "follows from", id="another"
        ),
        pytest.param("tag/snow", FeedInput(), "slug", "that no article has", id="no tag"),
        pytest.param("author/asha", wanted("Asha Rao"), "title", "signs", id="author"),
        pytest.param("author/asha", FeedInput(), "title", "signs", id="author without name"),
        pytest.param("a", FeedInput(), "title", "write a title", id="no title"),
        pytest.param("a", wanted("x" * 200), "title", "at most 100", id="long title"),
        pytest.param(
            "a", wanted(language="english!"), "language", "tag such as", id="language"
        ),
        pytest.param("a", wanted(entries=0), "entries", "from 1 to 500", id="no entries"),
        pytest.param("a", wanted(hours=-1), "hours", "from 0 to", id="hours"),
        pytest.param("a", wanted(tracking="x"), "tracking", "utm_source", id="tracking"),
        pytest.param("a", wanted(footer="x" * 2000), "footer", "longer than", id="footer"),
        pytest.param("a", wanted(footer="<b>" * 300), "footer", "deep", id="deep footer"),
        pytest.param("a", wanted(include=("news",)), "include", "is none of", id="no kind"),
        pytest.param(
            "a", wanted(include=("tag:x",)), "include", "there is no tag", id="unknown"
        ),
        pytest.param(
            "a",
            wanted(exclude=("category:x",)),
            "exclude",
            "there is no category",
            id="section",
        ),
        pytest.param("a", wanted(include=("language:!",)), "include", "no language", id="odd"),
        pytest.param(
            "a",
            wanted(include=("tag:rain",), exclude=("tag:Rain",)),
            "exclude",
            "which is included",
            id="both",
        ),
        pytest.param(
            "a",
            wanted(include=tuple(f"author:{number}" for number in range(101))),
            "include",
            "at most 100",
            id="many",
        ),
    ],
)
def test_what_is_no_feed_is_refused_with_its_field(
    room: Newsroom, lease: Lease, slug: str, given_: FeedInput, field: str, problem: str
) -> None:
    with pytest.raises(InputError) as caught:
        saved_feeds.add(room, slug, given_, by=by("a"))

    assert problem in caught.value.fields[field]
    assert saved_feeds.all_feeds(room) == ()


def test_one_slip_is_one_complaint(room: Newsroom, lease: Lease) -> None:
    """What an address cannot mean is not looked for as well."""
    for slug, field in (("author/asha", "title"), ("tag/snow", "slug")):
        with pytest.raises(InputError) as caught:
            saved_feeds.add(room, slug, FeedInput(), by=by("a"))

        assert list(caught.value.fields) == [field]


def test_looks_change_links_pictures_and_texts_but_no_identity(
    room: Newsroom, clock: FakeClock, lease: Lease
) -> None:
    """Promise 8: the same article has the same guid in every feed."""
    url = "https://images.example.org/a.jpg"
    made = create(room, given(image_url=url, image_alt='"A"', canonical_url=""), by=by("a"))
    there = "https://elsewhere.example.org/x?y=1#z"
    create(room, given("Other", canonical_url=there), by=by("a"))
    looks = {"tracking": "?utm_source=p", "footer": "<p>Ours</p><script>x</script>"}
    saved_feeds.add(room, "text", wanted(image_mode=ImageMode.TEXT, **looks), by=by("a"))
    saved_feeds.add(
        room, "none", wanted(image_mode=ImageMode.NONE, full_text=False), by=by("a")
    )

    regenerate(room, clock, lease)

    text, none, plain = (parsed(room, slug).entries for slug in ("text", "none", "recent"))
    assert [entry.id for entry in text] == [entry.id for entry in plain]
    assert text[1].link == f"{plain[1].link}?utm_source=p"
    assert text[0].link == "https://elsewhere.example.org/x?y=1&utm_source=p#z"
    content = text[1].content[0].value
    assert content.startswith('<p><img alt="&quot;A&quot;"')
    assert content.endswith("<p>Ours</p>")
    assert "<img" not in text[0].content[0].value
    assert made.guid == none[1].id
    assert not [link for link in none[1].links if link.rel == "enclosure"]
    assert [link.href for link in plain[1].links if link.rel == "enclosure"] == [url]


def test_a_picture_that_the_text_has_is_not_put_there_twice(
    room: Newsroom, clock: FakeClock, lease: Lease
) -> None:
    url = "https://images.example.org/a.jpg"
    create(room, given(image_url=url, body_source=f"![A]({url})"), by=by("a"))
    saved_feeds.add(room, "text", wanted(image_mode=ImageMode.TEXT), by=by("a"))

    regenerate(room, clock, lease)

    assert parsed(room, "text").entries[0].content[0].value.count("<img") == 1


def test_a_change_of_looks_keeps_who_is_in_it(
    room: Newsroom, clock: FakeClock, lease: Lease
) -> None:
    create(room, given(), by=by("a"))
    before = saved_feeds.add(room, "partner", wanted(include=("category:news",)), by=by("a"))
    regenerate(room, clock, lease)

    other = replace(saved_feeds.as_input(before), title="Theirs")
    after = saved_feeds.change(room, "partner", other, by=by("a"), version=before.version)

    assert (after.title, after.version) == ("Theirs", before.version + 1)
    assert regenerate(room, clock, lease) == ["partner"]
    assert len(parsed(room, "partner").entries) == 1
    with pytest.raises(ConflictError, match="somebody else"):
        saved_feeds.change(room, "partner", other, by=by("a"), version=before.version)


def test_a_change_of_the_rule_is_another_list(
    room: Newsroom, clock: FakeClock, lease: Lease
) -> None:
    create(room, given(), by=by("a"))
    create(room, given("Other", categories=("Sport",)), by=by("a"))
    saved_feeds.add(room, "partner", wanted(include=("category:news",)), by=by("a"))
    regenerate(room, clock, lease)

    saved_feeds.change(room, "partner", wanted(include=("category:sport",)), by=by("a"))
    regenerate(room, clock, lease)

    assert [entry.title for entry in parsed(room, "partner").entries] == ["Other"]


@pytest.mark.parametrize("slug", ["none", "recent", "category/news"])
def test_what_is_no_saved_feed_cannot_be_changed(
    room: Newsroom, lease: Lease, slug: str
) -> None:
    saved_feeds.add(room, "nine", wanted(), by=by("a"))

    with pytest.raises(NotFoundError, match=f"there is no saved feed {slug}"):
        saved_feeds.change(room, slug, wanted(), by=by("a"))


def test_a_removed_feed_is_gone_on_every_host_and_may_come_back(
    room: Newsroom, clock: FakeClock, lease: Lease, tmp_path_factory: pytest.TempPathFactory
) -> None:
    disk = DiskShelf(tmp_path_factory.mktemp("shelf"))
    host = Follower(room.database, MemoryShelf(), disk, room.clock)
    made = saved_feeds.add(room, "lang/or", FeedInput(), by=by("a"))
    create(room, given(language="or"), by=by("a"))
    regenerate(room, clock, lease)
    host.catch_up()
    was_out = host._memory.find("lang/or", Format.RSS) is not None

    saved_feeds.remove(room, "lang/or", by=by("a"))
    regenerate(room, clock, lease)
    host.catch_up()
    after = Follower(room.database, MemoryShelf(), disk, room.clock)
    after.catch_up()

    assert was_out
    for each in (host, after):
        assert each._memory.find("lang/or", Format.RSS) is None
        assert each._memory.gone == {"lang/or"}
    assert "lang/or" not in {label.slug for label in disk.load()}
    with pytest.raises(NotFoundError):
        saved_feeds.remove(room, "lang/or", by=by("a"))

    again = saved_feeds.add(room, "lang/or", FeedInput(), by=by("a"))
    regenerate(room, clock, lease)
    host.catch_up()

    assert again.guid == made.guid
    assert host._memory.find("lang/or", Format.RSS) is not None
    assert not host._memory.gone
    with pytest.raises(ConflictError, match="already"):
        saved_feeds.add(room, "lang/or", FeedInput(), by=by("a"))


def test_what_names_no_language_is_in_the_feed_of_the_sites(
    room: Newsroom, clock: FakeClock, lease: Lease
) -> None:
    create(room, given(), by=by("a"))
    saved_feeds.add(room, "lang/en", FeedInput(), by=by("a"))
    saved_feeds.add(room, "lang/hi", FeedInput(), by=by("a"))
    saved_feeds.add(room, "ours", wanted(), by=by("a"))
    regenerate(room, clock, lease)
    before = len(parsed(room, "lang/en").entries)

    site = msgspec.structs.replace(room.config.site, language="hi")
    hindi = replace(room, config=msgspec.structs.replace(room.config, site=site))
    make_ready(hindi)
    regenerate(hindi, clock, lease)

    assert before == 1
    assert len(parsed(room, "lang/en").entries) == 0
    assert len(parsed(room, "lang/hi").entries) == 1
    assert _terms(saved_feeds.find(room, "lang/hi")) == ["language:hi"]


def _terms(feed: Feed) -> list[str]:
    return list(saved_feeds.as_input(feed).include)
