"""What is made fit for a document, and what is refused."""

from datetime import UTC, datetime, timedelta, timezone

import pytest

from feedsvc.errors import RenderingError
from feedsvc.model import Category, CategoryId, Enclosure, Entry, Tombstone
from feedsvc.rendering.vetting import MAX_BODY, MAX_TITLE, vet_document, vet_entry
from tests.unit.rendering.samples import NEWS, NOON, PHOTO, a_document, an_entry


def test_a_good_entry_stays_as_it_is() -> None:
    entry = an_entry(categories=(NEWS,), bylines=("Jane Doe",), image=PHOTO)

    assert vet_entry(entry) == entry


@pytest.mark.checklist("XML-13")
@pytest.mark.parametrize(
    ("title", "summary", "expected"),
    [
        pytest.param(" a\x00\n b ", "s", "a b", id="cleaned"),
        pytest.param("\u200b \u202e", "The first words.", "The first words.", id="invisible"),
        pytest.param("", "word " * 40, "word " * 15 + "word…", id="first words of the summary"),
        pytest.param("x " * MAX_TITLE, "s", "x " * 249 + "x…", id="too long"),
    ],
)
def test_title(title: str, summary: str, expected: str) -> None:
    vetted = vet_entry(an_entry(title=title, summary=summary))

    assert vetted.title == expected
    assert len(vetted.title) <= MAX_TITLE


@pytest.mark.parametrize(
    ("entry", "reason"),
    [
        pytest.param(an_entry(title=" ", summary="\u200b"), "no title", id="nothing to say"),
        pytest.param(an_entry(guid=""), "guid is empty", id="no guid"),
        pytest.param(an_entry(guid="a\x00b"), "guid", id="a guid with a control character"),
        pytest.param(an_entry(guid="a\nb"), "guid", id="a guid of two lines"),
        pytest.param(an_entry(guid="x" * 1_001), "guid", id="a guid without end"),
        pytest.param(an_entry(permalink="javascript:x"), "'javascript:x' is no", id="a script"),
        pytest.param(an_entry(permalink="/x"), "canonical link", id="half a link"),
        pytest.param(
            an_entry(published=datetime(2026, 1, 1)),  # noqa: DTZ001 - the fault to be found
            "no time zone",
            id="a time without a zone",
        ),
    ],
)
def test_refusals_are_sentences(entry: Entry, reason: str) -> None:
    with pytest.raises(RenderingError, match=reason) as refused:
        vet_entry(entry)

    assert str(refused.value).endswith(".")


@pytest.mark.checklist("RSS-24")
@pytest.mark.parametrize(
    ("guid", "claimed", "is_permalink"),
    [
        ("https://x.org/?p=1", True, True),
        ("https://x.org/?p=1", False, False),
        ("tag:x.org,2026:1", True, False),
    ],
)
def test_only_an_address_is_a_permalink(guid: str, claimed: bool, is_permalink: bool) -> None:
    vetted = vet_entry(an_entry(guid=guid, guid_is_permalink=claimed))

    assert (vetted.guid, vetted.guid_is_permalink) == (guid, is_permalink)


@pytest.mark.checklist("ATOM-16")
def test_times_are_whole_seconds_in_utc_and_in_order() -> None:
    india = timezone(timedelta(hours=5, minutes=30))
    entry = an_entry(
        published=datetime(2026, 11, 22, 17, 30, 0, 999, india), updated=NOON - timedelta(1)
    )

    vetted = vet_entry(entry)

    assert (vetted.published, vetted.updated) == (NOON, NOON)
    assert vetted.published.tzinfo is UTC


@pytest.mark.checklist("RSS-60", "JSON-06")
def test_names_are_clean_and_told_once() -> None:
    entry = an_entry(bylines=(" Jane\nDoe", "", "Jane Doe", "\x92", "x" * 300))

    assert vet_entry(entry).bylines == ("Jane Doe", "\u2019", "x" * 199 + "…")


def test_a_category_without_a_name_has_its_slug() -> None:
    blank = Category(id=CategoryId(1), slug="news", name=" \x00")

    assert vet_entry(an_entry(categories=(blank,))).categories[0].name == "news"


@pytest.mark.parametrize(
    ("image", "expected"),
    [
        pytest.param(
            Enclosure(url="https://x.org/a b", alt="c\x00 ", credit=" d"),
            Enclosure(url="https://x.org/a%20b", alt="c", credit="d"),
            id="cleaned",
        ),
        pytest.param(Enclosure(url="/x"), None, id="left out"),
    ],
)
def test_image(image: Enclosure, expected: Enclosure | None) -> None:
    assert vet_entry(an_entry(image=image)).image == expected


@pytest.mark.checklist("RSS-30", "ATOM-23", "JSON-11")
@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("audio/mpeg", "audio/mpeg"),
        (" Audio/MPEG ; codecs=x", "audio/mpeg"),
        ("application/vnd.ms-excel", "application/vnd.ms-excel"),
        ("mp3", None),
        ("long text here", None),
        ("audio/mpeg audio/ogg", None),
        ("audio/", None),
        ("a\ud800/b", None),
        ("", None),
        (None, None),
    ],
)
def test_only_a_media_type_is_told_as_one(given: str | None, kept: str | None) -> None:
    file = Enclosure(url="https://x.org/a", media_type=given, length=-1)

    [vetted] = vet_entry(an_entry(enclosures=(file,))).enclosures

    assert (vetted.media_type, vetted.length) == (kept, None)


@pytest.mark.parametrize(
    ("html", "expected"),
    [
        pytest.param("<p>a\x0b\ud800b</p>", "<p>ab</p>", id="characters"),
        pytest.param("x" * (MAX_BODY + 1), "", id="beyond all measure"),
    ],
)
def test_body(html: str, expected: str) -> None:
    assert vet_entry(an_entry(html=html)).html == expected


@pytest.mark.checklist("RSS-02", "RSS-50", "ATOM-03")
def test_a_document_lacks_nothing() -> None:
    given = a_document(
        title="\x00", description=" ", author="", copyright="©\n2026", ttl_minutes=0
    )

    vetted = vet_document(given, ())

    assert (vetted.title, vetted.description, vetted.author) == ("Example Times",) * 3
    assert (vetted.copyright, vetted.ttl_minutes) == ("© 2026", 1)


def test_a_feed_of_a_site_without_a_name_is_refused() -> None:
    with pytest.raises(RenderingError, match=r"recent has no title; set site\.title"):
        vet_document(a_document(title="", site_title=""), ())


def test_the_author_may_be_the_feed_itself() -> None:
    assert vet_document(a_document(author="", site_title=""), ()).author == "Example Times"


@pytest.mark.checklist("ATOM-15")
@pytest.mark.parametrize(
    ("updated", "withdrawn"),
    [
        pytest.param(NOON + timedelta(hours=9), NOON, id="an entry"),
        pytest.param(NOON, NOON + timedelta(hours=9), id="a tombstone"),
    ],
)
def test_updated_is_not_before_what_is_shown(updated: datetime, withdrawn: datetime) -> None:
    given = a_document(tombstones=(Tombstone(guid="tag:x,2026:1", withdrawn=withdrawn),))

    vetted = vet_document(given, (an_entry(updated=updated),))

    assert vetted.updated == NOON + timedelta(hours=9)


@pytest.mark.checklist("TOMB-03", "TOMB-04")
def test_a_tombstone_is_told_once_and_not_of_the_living() -> None:
    entry = an_entry()
    early, late = NOON - timedelta(hours=1), NOON
    given = a_document(
        tombstones=(
            Tombstone(guid="tag:x,2026:1", withdrawn=late),
            Tombstone(guid="tag:x,2026:1", withdrawn=early),
            Tombstone(guid=entry.guid, withdrawn=late),
            Tombstone(guid="tag:x,2026:2", withdrawn=early),
            Tombstone(guid="\x00", withdrawn=early),
        )
    )

    vetted = vet_document(given, (entry,))

    assert [(stone.guid, stone.withdrawn) for stone in vetted.tombstones] == [
        ("tag:x,2026:1", late),
        ("tag:x,2026:2", early),
    ]
