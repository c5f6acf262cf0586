"""Entries as a partner wants them, and those that it would refuse."""

import pytest

from feedsvc.model import Enclosure, Entry, Partner
from feedsvc.rendering import shaping
from feedsvc.rendering.limits import FLIPBOARD_ENTRIES
from feedsvc.rendering.shaping import description, least_entries, shape
from tests.unit.rendering.samples import PHOTO, EntryFields, an_entry

LONG = "Marigolds bring freedom to a village"
SOUND = Enclosure(url="https://cdn.example.org/a.mp3", media_type="audio/mpeg")


def _shaped(profile: Partner, **fields: object) -> Entry:
    changes: EntryFields = {"title": LONG, **fields}  # type: ignore[typeddict-item]
    [entry], unfit = shape([an_entry(**changes)], profile, "en")
    assert unfit == []
    return entry


@pytest.mark.parametrize("profile", [Partner.READERS, Partner.FEEDLY, Partner.SMARTNEWS])
def test_most_take_entries_as_they_are(profile: Partner) -> None:
    entries = [an_entry(1, image=PHOTO), an_entry(2, language="or")]

    assert shape(entries, profile, "en") == (entries, [])


@pytest.mark.parametrize(
    ("profile", "refused"),
    [
        (Partner.MSN, {"title": "x" * 20}),
        (Partner.MSN, {"language": "or"}),
        (Partner.MSN, {"html": ""}),
        (Partner.SMARTNEWS, {"html": ""}),
        (Partner.SMARTNEWS, {"html": "<p> </p><img>"}),
        (Partner.FLIPBOARD, {"html": ""}),
    ],
)
def test_what_would_be_refused_is_left_out(profile: Partner, refused: dict[str, str]) -> None:
    changes: EntryFields = {"title": LONG, **refused}  # type: ignore[typeddict-item]
    good, bad = an_entry(1, title=LONG), an_entry(2, **changes)

    fit, unfit = shape([good, bad], profile, "en")

    assert [entry.article_id for entry in fit] == [1]
    assert unfit == [bad]


def test_a_language_is_one_wherever_it_is_spoken() -> None:
    assert _shaped(Partner.MSN, language="EN-gb").language == "EN-gb"


def test_msn_gets_the_markup_that_it_allows() -> None:
    entry = _shaped(Partner.MSN, html="<blockquote>x</blockquote>", enclosures=(SOUND,))

    assert entry.html == "<div>x</div>"
    assert entry.enclosures == ()


def test_flipboard_gets_a_longer_description() -> None:
    entry = _shaped(Partner.FLIPBOARD, html=f"<p>{'word ' * 200}</p>", enclosures=(SOUND,))

    assert 300 <= len(entry.summary) <= 400
    assert entry.summary.startswith("word word")
    assert entry.enclosures == ()


_WORDS = f"<p>{'word ' * 80}</p>"  # 399 characters
_FEW = f"<p>{'word ' * 50}</p>"  # 249


@pytest.mark.parametrize(
    ("html", "expected"),
    [
        pytest.param(f"<h2>Why</h2>{_WORDS}", "word " * 79 + "word", id="a heading before"),
        pytest.param(
            f"{_FEW}<h2>Why</h2><ul><li>One</li></ul>{_FEW}",
            "word " * 79 + "word…",
            id="a heading and a list within",
        ),
        pytest.param(f"{_WORDS}<ul><li>x</li></ul>", "word " * 79 + "word…", id="a list after"),
        pytest.param(
            f"<h2>Why</h2>{_FEW}<ul><li>{'x' * 50}</li></ul>",
            "Why " + "word " * 50 + "x" * 50,
            id="too few without them",
        ),
    ],
)
def test_flipboard_gets_the_words_of_paragraphs(html: str, expected: str) -> None:
    """A heading read on into a sentence makes neither."""
    assert _shaped(Partner.FLIPBOARD, html=html).summary == expected


@pytest.mark.parametrize(
    ("summary", "html", "expected"),
    [
        ("x" * 300, f"<p>{'word ' * 200}</p>", "x" * 300),
        ("A summary of some length", "<p>Short.</p>", "A summary of some length"),
    ],
)
def test_flipboard_keeps_a_description_that_is_long_enough(
    summary: str, html: str, expected: str
) -> None:
    assert _shaped(Partner.FLIPBOARD, summary=summary, html=html).summary == expected


def test_a_newsletter_takes_the_first_image() -> None:
    entry = _shaped(Partner.NEWSLETTER, image=PHOTO, html='<p>x</p><img src="https://x.org/b">')

    assert entry.html == (
        '<p><img src="https://cdn.example.org/mast.jpg" alt="A mast in Zürich"></p>'
        '<p>x</p><img src="https://x.org/b">'
    )


def test_a_newsletter_of_excerpts_has_the_image_too() -> None:
    photo = Enclosure(url="https://x.org/?a=1&b=2", alt='"A" & <b>')
    entry = _shaped(Partner.NEWSLETTER, image=photo, html="", summary="5 < 6")

    assert entry.html == (
        '<p><img src="https://x.org/?a=1&amp;b=2" alt="&quot;A&quot; &amp; &lt;b&gt;"></p>'
        "<p>5 &lt; 6</p>"
    )


@pytest.mark.parametrize("image", [None, PHOTO])
def test_a_newsletter_shows_no_image_twice(image: Enclosure | None) -> None:
    html = f'<p><img src="{PHOTO.url}" alt="A mast"></p><p>x</p>'

    assert _shaped(Partner.NEWSLETTER, image=image, html=html).html == html


def test_an_entry_is_shaped_once_for_each_partner() -> None:
    entry = an_entry(title=LONG, image=PHOTO, html="<blockquote>x</blockquote>")
    shaping.forget()
    [first], _ = shape([entry], Partner.MSN, "en")

    assert (
        shape([an_entry(title=LONG, image=PHOTO, html=entry.html)], Partner.MSN, "en")[0][0]
        is first
    )
    assert shape([entry], Partner.NEWSLETTER, "en")[0][0].html.startswith("<p><img")
    assert shape([entry], Partner.MSN, "en")[0][0] is first


@pytest.mark.parametrize(
    ("profile", "language", "text", "preset", "expected"),
    [
        (Partner.SMARTNEWS, "en", "x" * 30, "News", "x" * 30),
        (Partner.SMARTNEWS, "en", "x" * 31, "News", "News"),
        (Partner.SMARTNEWS, "ja", "x" * 16, "News", "News"),
        (Partner.SMARTNEWS, "ja", "x" * 15, "News", "x" * 15),
        (Partner.SMARTNEWS, "en", "News from Odisha and from the world", "",
         "News from Odisha and from the…"),
        (Partner.SMARTNEWS, "ja", "News from Odisha", "x" * 16, "News from Odis…"),
        (Partner.MSN, "en", "x" * 31, "News", "x" * 31),
    ],
)  # fmt: skip
def test_smartnews_takes_a_short_description(
    profile: Partner, language: str, text: str, preset: str, expected: str
) -> None:
    assert description(text, preset, profile, language) == expected


def test_flipboard_wants_thirty() -> None:
    assert least_entries(Partner.FLIPBOARD) == FLIPBOARD_ENTRIES.value == 30
    assert least_entries(Partner.MSN) == 1
