"""WordPress exports are read as values; what means harm is refused."""

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from feedsvc.errors import InputError
from feedsvc.reading import xml_stream
from feedsvc.reading.times import mail_time, sql_time, web_time
from feedsvc.reading.values import (
    ForeignAuthor,
    ForeignCategory,
    ForeignFact,
    ForeignFile,
    ForeignItem,
    ForeignTerm,
    Found,
    Status,
)
from feedsvc.reading.wxr import read_wxr
from tests.wxr import HEAD, TAIL, attachment, author, category, item, meta, term, wxr

WHEN = datetime(2020, 5, 1, 10, tzinfo=UTC)


def found(document: bytes, size: int = 64) -> list[Found]:
    pieces = [document[at : at + size] for at in range(0, len(document), size)]
    return list(read_wxr(iter(pieces)))


def only(document: bytes) -> ForeignItem:
    [got] = [each for each in found(document) if isinstance(each, ForeignItem)]
    return got


@pytest.mark.parametrize("size", [1, 7, 1 << 20])
def test_everything_is_found_however_the_bytes_come(size: int) -> None:
    document = wxr(
        author("anna", "Anna Das"),
        author("bibhu", ""),
        category("news", "News &amp; Views", description="All of it"),
        category("budget", "Budget", "news"),
        "<wp:tag><wp:tag_slug>x</wp:tag_slug></wp:tag><image><url>u</url></image>",
        attachment(7, "https://old.example.org/a.jpg", 1, "A river"),
        item(1, term("category", "news", "News") + term("post_tag", "rain", "Rain")),
    )

    facts = {"title": "The Daily", "link": "https://old.example.org", "wxr_version": "1.2"}
    facts["base_blog_url"] = "https://old.example.org"
    assert found(document, size) == [
        *(ForeignFact(name=name, value=value) for name, value in facts.items()),
        ForeignAuthor(login="anna", name="Anna Das"),
        ForeignAuthor(login="bibhu", name="bibhu"),
        ForeignCategory(
            term=ForeignTerm(slug="news", name="News &amp; Views", description="All of it")
        ),
        ForeignCategory(term=ForeignTerm(slug="budget", name="Budget", parent="news")),
        ForeignFile(id="7", url="https://old.example.org/a.jpg", alt="A river", parent="1"),
        ForeignItem(
            id="1",
            title="Article 1",
            link="https://old.example.org/2020/05/article-1/",
            guid="https://old.example.org/?p=1",
            slug="article-1",
            body="It rains for the 1th time.",
            is_wordpress_text=True,
            authors=("anna",),
            categories=(ForeignTerm(slug="news", name="News"),),
            tags=(ForeignTerm(slug="rain", name="Rain"),),
            published=WHEN,
            line=document.partition(b"Article 1")[0].count(b"\n") + 1,
        ),
    ]


def test_all_that_an_article_may_have() -> None:
    more = (
        meta("_thumbnail_id", "7")
        + meta("enclosure", "https://old.example.org/a.mp3\n3043247\naudio/mpeg\n")
        + meta("enclosure", "https://old.example.org/b.mp3\nlong")
        + term("author", "cap-anna", "Anna Das")
        + term("author", "cap-bibhu", "Bibhu")
        + term("post_format", "video", "Video")
    )
    got = only(
        wxr(
            item(
                5, more, permalink="true", modified="2020-05-02 10:00:00", excerpt="Short.",
                password="x", status="future",
            )
        )
    )  # fmt: skip

    assert got.image_id == "7"
    assert got.files == (
        ForeignFile(
            url="https://old.example.org/a.mp3", length=3043247, media_type="audio/mpeg"
        ),
        ForeignFile(url="https://old.example.org/b.mp3"),
    )
    assert got.authors == ("Anna Das", "Bibhu")
    assert (got.guid_is_permalink, got.is_protected, got.excerpt) == (True, True, "Short.")
    assert (got.status, got.updated) == (Status.SCHEDULED, datetime(2020, 5, 2, 10, tzinfo=UTC))


def test_oldest_version_writes_terms_twice() -> None:
    more = "<category>News</category>" + '<category domain="category">News</category>'
    more += term("category", "news", "News") + '<category domain="tag">Rain</category>'
    document = wxr(item(1, more)).replace(b"export/1.2/", b"export/1.0/")

    assert only(document).categories == (ForeignTerm(slug="news", name="News"),)
    assert only(document).tags == (ForeignTerm(slug="", name="Rain"),)


def test_elements_of_another_namespace_are_none_of_ours() -> None:
    fake = '<wp:author xmlns:wp="http://example.com/"><wp:author_login>x</wp:author_login></wp:author>'
    fake += '<x:category xmlns:x="http://example.com/">x</x:category><category>y</category>'

    assert not [each for each in found(wxr(fake)) if not isinstance(each, ForeignFact)]


def test_an_item_with_almost_nothing() -> None:
    bare = HEAD + "<item><title>T</title><description>D</description></item>" + TAIL
    got = only(bare.encode())

    assert (got.kind, got.status, got.body, got.id) == ("post", Status.PUBLISHED, "D", "")
    assert not got.guid_is_permalink
    assert got.authors == ()
    assert got.published is None
    assert only(wxr(item(1, status="inherit"))).status is Status.OTHER


LAUGHS = b"""<?xml version="1.0"?><!DOCTYPE rss [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;">
<!ENTITY c "&b;&b;&b;&b;">]><rss><channel><item><title>&c;</title></item></channel></rss>"""
OUTSIDE = b"""<!DOCTYPE rss [<!ENTITY x SYSTEM "file:///etc/passwd">]>
<rss><channel><item><title>&x;</title></item></channel></rss>"""


@pytest.mark.checklist("XML-18")
@pytest.mark.parametrize(
    ("document", "sentence"),
    [
        pytest.param(LAUGHS, "declares a document type", id="billion laughs"),
        pytest.param(OUTSIDE, "declares a document type", id="external entity"),
        pytest.param(LAUGHS.decode().encode("utf-16"), "document type", id="in UTF-16"),
        pytest.param(wxr(item(1))[:-40], "line [0-9]+: .*mend that line", id="truncated"),
        pytest.param(b"", "breaks off|mend", id="empty"),
        pytest.param(b"no xml", "well-formed XML, line 1", id="no XML"),
        pytest.param(wxr("<x>"), "mend that line", id="not closed"),
        pytest.param(wxr(item(1, title="caf\xe9")).replace(b"\xc3\xa9", b"\xe9"), "iconv",
                     id="mis-encoded"),
        pytest.param(wxr(item(1, "&nbsp;")), "'nbsp' not defined", id="undeclared entity"),
        pytest.param(wxr(item(1, body="x" * (11 << 20))), "too long|huge|long text|mend",
                     id="huge text"),
    ],
)  # fmt: skip
def test_bad_file_is_refused_with_a_sentence(document: bytes, sentence: str) -> None:
    with pytest.raises(InputError, match=sentence):
        found(document, 1 << 16)


def test_endless_element_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(xml_stream, "MOST_BYTES_OF_ONE", 1 << 20)

    def endless() -> Iterator[bytes]:
        yield HEAD.encode() + b"<item>"
        while True:
            yield b"<wp:comment>x</wp:comment>" * 1000

    with pytest.raises(InputError, match="without a single article"):
        list(read_wxr(endless()))


@pytest.mark.parametrize(
    ("text", "when"),
    [
        ("2020-05-01 10:00:00", WHEN),
        ("2020-05-01T10:00:00", WHEN),
        ("0000-00-00 00:00:00", None),
        ("2020-02-30 10:00:00", None),
        ("0020-05-01 10:00:00", None),
        ("2120-05-01 10:00:00", None),
        ("", None),
    ],
)
def test_dates_of_databases(text: str, when: datetime | None) -> None:
    assert sql_time(text) == when


@pytest.mark.parametrize(
    ("text", "when"),
    [
        ("Fri, 01 May 2020 10:00:00 +0000", WHEN),
        ("Fri, 01 May 2020 12:00:00 +0200", WHEN),
        ("1 May 2020 10:00:00", WHEN),
        ("Wed, 30 Nov -0001 00:00:00 +0000", None),
        ("yesterday", None),
        ("Fri, 01 May 9999 23:00:00 -2300", None),
    ],
)
def test_dates_of_mails(text: str, when: datetime | None) -> None:
    assert mail_time(text) == when


@pytest.mark.parametrize(
    ("text", "when"),
    [
        ("2020-05-01T10:00:00Z", WHEN),
        ("2020-05-01T12:00:00.123+02:00", WHEN),
        ("2020-05-01T06:00:00-0400", WHEN),
        ("2020-05-01", WHEN.replace(hour=0)),
        ("2020-13-01T10:00:00+02:00", None),
        ("1900-01-01T00:00:00+02:00", None),
        ("soon", None),
    ],
)
def test_dates_of_the_web(text: str, when: datetime | None) -> None:
    assert web_time(text) == when
