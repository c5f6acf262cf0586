"""From an article to an entry."""

from datetime import timedelta

import pytest
from msgspec.structs import replace

from feedsvc.config import Site
from feedsvc.errors import RenderingError
from feedsvc.model import Article, ArticleId, BodyFormat, Enclosure, State
from feedsvc.rendering.entry import (
    build_entry,
    correction_entry,
    forget,
    with_dateline,
    withdrawn_entry,
)
from tests.unit.rendering.samples import NEWS, NOON, PHOTO

SITE = Site(base_url="https://www.example.org")
PAGE = "https://www.example.org/2026/11/headline"
LATER = NOON + timedelta(days=3)
ARTICLE = Article(
    id=ArticleId(7),
    guid="tag:example.org,2026-01-01:article/7",
    guid_is_permalink=True,
    slug="headline",
    path="/2026/11/headline",
    title="  A\x00 headline ",
    body_source="",
    body_format=BodyFormat.HTML,
    body='<p>See <a href="/x">this</a> page.</p>',
    bylines=("Jane Doe",),
    language="or",
    categories=(NEWS,),
    state=State.PUBLISHED,
    published=NOON,
    updated=NOON,
    created=NOON,
    changed=NOON,
)


def test_an_entry_carries_what_the_article_says() -> None:
    entry = build_entry(ARTICLE, SITE, full_text=True)

    assert (entry.article_id, entry.guid, entry.guid_is_permalink) == (7, ARTICLE.guid, True)
    assert (entry.title, entry.language) == ("A headline", "or")
    assert (entry.bylines, entry.categories) == (("Jane Doe",), (NEWS,))
    assert (entry.published, entry.updated) == (NOON, NOON)
    assert entry.image is None


@pytest.mark.checklist("RSS-16", "RSS-42", "XML-11")
def test_urls_of_the_body_are_seen_from_its_page() -> None:
    entry = build_entry(ARTICLE, SITE, full_text=True)

    assert entry.html == '<p>See <a href="https://www.example.org/x">this</a> page.</p>'


def test_an_excerpt_feed_carries_no_body() -> None:
    entry = build_entry(ARTICLE, SITE, full_text=False)

    assert (entry.html, entry.summary) == ("", "See this page.")


@pytest.mark.parametrize(
    ("excerpt", "summary"),
    [
        pytest.param(" By hand & \n short ", "By hand & short", id="written by hand"),
        pytest.param(" \x00", "See this page.", id="taken from the body"),
    ],
)
def test_summary(excerpt: str, summary: str) -> None:
    article = replace(ARTICLE, excerpt=excerpt)

    assert build_entry(article, SITE, full_text=True).summary == summary


@pytest.mark.parametrize(
    ("canonical", "permalink"),
    [
        pytest.param(None, PAGE, id="our page"),
        pytest.param(
            "https://agency.example/a b", "https://agency.example/a%20b", id="elsewhere"
        ),
        pytest.param("javascript:x", PAGE, id="unusable"),
    ],
)
def test_permalink(canonical: str | None, permalink: str) -> None:
    article = replace(ARTICLE, canonical_url=canonical)

    assert build_entry(article, SITE, full_text=True).permalink == permalink


@pytest.mark.parametrize("missing", ["published", "updated"])
def test_an_article_without_its_times_is_refused(missing: str) -> None:
    article = replace(ARTICLE, **{missing: None})

    with pytest.raises(RenderingError, match="no publication time"):
        build_entry(article, SITE, full_text=True)


def test_a_dateline_begins_body_and_summary() -> None:
    entry = build_entry(replace(ARTICLE, dateline=" New Delhi "), SITE, full_text=True)

    assert entry.html.startswith("<p>New Delhi: See <a")
    assert entry.summary == "New Delhi: See this page."


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        pytest.param("<p>Text</p>", "<p>Puri: Text</p>", id="first paragraph"),
        pytest.param('<p lang="or">Text</p>', '<p lang="or">Puri: Text</p>', id="attributes"),
        pytest.param("<p>PURI: Text</p>", "<p>PURI: Text</p>", id="is there already"),
        pytest.param("<p>Puri</p><p>x</p>", "<p>Puri</p><p>x</p>", id="is all there is"),
        pytest.param("<p>Puritans</p>", "<p>Puri: Puritans</p>", id="is another word"),
        pytest.param(
            '<p><img src="x"></p><p>Text</p>',
            '<p><img src="x"></p><p>Puri: Text</p>',
            id="not before an image",
        ),
        pytest.param("Text <b>x</b>", "Puri: Text <b>x</b>", id="no paragraph"),
        pytest.param("<h2>Head</h2>", "<p>Puri:</p><h2>Head</h2>", id="only a heading"),
        pytest.param('<img src="x">', '<img src="x">', id="no text"),
        pytest.param("", "", id="no body"),
    ],
)
def test_dateline(body: str, expected: str) -> None:
    assert with_dateline(body, "Puri") == expected


def test_a_dateline_is_text() -> None:
    assert with_dateline("<p>x</p>", "A & <B>") == "<p>A &amp; &lt;B&gt;: x</p>"


@pytest.mark.parametrize(
    ("image", "expected"),
    [
        pytest.param(PHOTO, PHOTO, id="known in full"),
        pytest.param(
            Enclosure(url="/a b.JPG?w=1", alt=" x\n y ", credit="\x00z"),
            Enclosure(
                url="https://www.example.org/a%20b.JPG?w=1",
                media_type="image/jpeg",
                alt="x y",
                credit="z",
            ),
            id="type by name",
        ),
        pytest.param(
            Enclosure(url="https://x.org/a"), Enclosure(url="https://x.org/a"), id="no type"
        ),
        pytest.param(Enclosure(url="data:image/png;base64,AA"), None, id="unusable"),
    ],
)
def test_image(image: Enclosure, expected: Enclosure | None) -> None:
    article = replace(ARTICLE, image=image)

    assert build_entry(article, SITE, full_text=True).image == expected


def test_an_article_that_is_the_same_is_not_looked_through_again() -> None:
    entry = build_entry(ARTICLE, SITE, full_text=True)

    assert build_entry(replace(ARTICLE), SITE, full_text=True) is entry


@pytest.mark.parametrize(
    ("article", "site"),
    [
        pytest.param(replace(ARTICLE, title="Another"), SITE, id="title"),
        pytest.param(replace(ARTICLE, body='<p><a href="/y">y</a></p>'), SITE, id="body"),
        pytest.param(replace(ARTICLE, path="/2"), SITE, id="path"),
        pytest.param(replace(ARTICLE, categories=()), SITE, id="categories"),
        pytest.param(ARTICLE, Site(base_url="https://other.example"), id="site"),
    ],
)
def test_an_article_or_site_that_changed_makes_another_entry(
    article: Article, site: Site
) -> None:
    before = build_entry(ARTICLE, SITE, full_text=True)
    after = build_entry(article, site, full_text=True)
    forget()

    assert after != before
    assert after == build_entry(article, site, full_text=True)
    assert before == build_entry(ARTICLE, SITE, full_text=True)


def test_a_correction_stands_before_everything_else() -> None:
    """In the newsroom's zone, and escaped: it is plain text."""
    article = replace(ARTICLE, correction="5 < 6 & not 7.", corrected=NOON, language=None)
    site = Site(base_url=SITE.base_url, timezone="Asia/Kolkata")

    entry = build_entry(article, site, full_text=True)

    before = "<p><strong>Correction (2026-11-22 17:30 IST):</strong> 5 &lt; 6 &amp; not 7.</p>"
    assert entry.html.startswith(before)
    assert entry.summary == build_entry(ARTICLE, site, full_text=True).summary


@pytest.mark.parametrize(
    ("of_article", "of_feed", "of_site", "heading"),
    [
        pytest.param(
            "or-IN", "hi", "en", "ସଂଶୋଧନ (22 ନଭେମ୍ବର 2026, 17:30 IST):", id="the article's"
        ),
        pytest.param(None, "hi", "or", "सुधार (22 नवंबर 2026, 17:30 IST):", id="the feed's"),
        pytest.param(None, None, "hi", "सुधार (22 नवंबर 2026, 17:30 IST):", id="the site's"),
        pytest.param("ta", "hi", "hi", "Correction (2026-11-22 17:30 IST):", id="none of ours"),
    ],
)
def test_a_correction_is_in_the_language_of_what_it_corrects(
    of_article: str | None, of_feed: str | None, of_site: str, heading: str
) -> None:
    article = replace(ARTICLE, correction="Five.", corrected=NOON, language=of_article)
    site = Site(base_url=SITE.base_url, timezone="Asia/Kolkata", language=of_site)

    entry = build_entry(article, site, full_text=True, language=of_feed)

    assert entry.html.startswith(f"<p><strong>{heading}</strong> Five.</p>")
    assert build_entry(article, site, full_text=True, language=of_feed) is entry


def test_feeds_of_two_languages_say_it_each_in_its_own() -> None:
    article = replace(ARTICLE, correction="Five.", corrected=NOON, language=None)

    said = {
        tag: build_entry(article, SITE, full_text=True, language=tag).html[11:16]
        for tag in ("en", "hi", "or", "en")
    }

    assert said == {"en": "Corre", "hi": "सुधार", "or": "ସଂଶୋଧ"}


def test_media_files_stand_beside_the_image_each_once() -> None:
    article = replace(
        ARTICLE,
        image=PHOTO,
        enclosures=(
            Enclosure(url="/media/talk.MP3", length=5),
            Enclosure(url="https://www.example.org/media/talk.MP3"),
            Enclosure(url=PHOTO.url),
            Enclosure(url="mailto:somebody@example.org"),
        ),
    )

    entry = build_entry(article, SITE, full_text=True)

    [talk] = entry.enclosures
    assert talk.url == "https://www.example.org/media/talk.MP3"
    assert talk.media_type == "audio/mpeg"
    assert entry.attached == (talk, entry.image)


def test_of_a_withdrawn_article_nothing_is_left_but_its_identity() -> None:
    gone = replace(ARTICLE, state=State.WITHDRAWN, withdrawn=LATER, withdrawal_notice="Gone.")

    entry = withdrawn_entry(replace(gone, language=None), SITE, "Withdrawn")

    assert (entry.guid, entry.permalink, entry.published) == (ARTICLE.guid, PAGE, NOON)
    assert (entry.title, entry.summary, entry.html) == ("Withdrawn", "Gone.", "")
    assert (entry.bylines, entry.categories, entry.image) == ((), (), None)
    assert entry.updated == entry.ended == LATER


@pytest.mark.parametrize(
    ("chosen", "feed", "title"),
    [
        pytest.param("Withdrawn", "hi", "वापस लिया गया", id="our word is translated"),
        pytest.param("Withdrawn", "ta", "Withdrawn", id="as far as we know the language"),
        pytest.param("Taken back", "hi", "Taken back", id="the operator's own is not"),
    ],
)
def test_the_headline_of_what_is_withdrawn(chosen: str, feed: str, title: str) -> None:
    gone = replace(ARTICLE, state=State.WITHDRAWN, withdrawn=LATER, language=None)

    assert withdrawn_entry(gone, SITE, chosen, feed).title == title


@pytest.mark.parametrize(
    "there", [replace(ARTICLE, withdrawn=LATER, published=None), ARTICLE], ids=["draft", "out"]
)
def test_what_was_not_withdrawn_makes_no_such_entry(there: Article) -> None:
    with pytest.raises(RenderingError, match="withdraw it again"):
        withdrawn_entry(there, SITE, "Withdrawn")


def test_a_correction_has_a_guid_of_its_own_and_always_the_same() -> None:
    wrong = replace(ARTICLE, correction="It was < 5.", corrected=LATER, language=None)

    first, second = (
        correction_entry(each, SITE) for each in (wrong, replace(wrong, title="B"))
    )
    later = correction_entry(replace(wrong, corrected=LATER + timedelta(seconds=1)), SITE)

    assert first.guid == second.guid == "urn:uuid:a51c13ae-e994-580c-86b3-1e2e3a99a9c0"
    assert later.guid != first.guid
    assert (first.title, first.summary) == ("Correction: A headline", "It was < 5.")
    assert correction_entry(wrong, SITE, "hi").title == "सुधार: A headline"


def test_what_was_never_corrected_makes_no_such_entry() -> None:
    with pytest.raises(RenderingError, match="has no correction"):
        correction_entry(ARTICLE, SITE)
