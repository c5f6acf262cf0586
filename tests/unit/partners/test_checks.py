"""Every rule finds what it is for, at its very limit, and nothing in what is well."""

from datetime import timedelta

import msgspec
import pytest
from msgspec.structs import replace

from feedsvc.config import Partners
from feedsvc.model import Partner, State
from feedsvc.partners.checks import ALL, check_article, check_feed
from feedsvc.partners.findings import SeenFeed, Severity
from feedsvc.rendering.vetting import MAX_BODY
from tests.unit.partners.samples import (
    CONFIG,
    HTML,
    an_image,
    feed_rules,
    rules,
    seen,
    seen_feed,
)
from tests.unit.rendering.samples import NOON

YEAR = timedelta(days=365)
MINUTE = timedelta(minutes=1)
UPLOADED = f"/media/{'0' * 32}-9x9/9.jpg"


def test_a_page_of_ones_own_is_not_elsewhere() -> None:
    here = seen(canonical_url="https://news.example.org/the-same")

    assert check_article(Partner.FLIPBOARD, here) == ()


@pytest.mark.parametrize("partner", Partner)
def test_nothing_is_found_in_what_is_well(partner: Partner) -> None:
    assert check_article(partner, seen()) == ()
    assert check_feed(partner, seen_feed()) == ()


def _since(**ago: float) -> dict[str, object]:
    when = NOON - timedelta(**ago)
    return {"published": when, "updated": when}


FOUND: list[tuple[Partner, str, dict[str, object]]] = [
    (Partner.READERS, "refused", {"guid": ""}),
    (Partner.READERS, "too-long", {"body": f"<p>{'x' * MAX_BODY}</p>"}),
    (Partner.READERS, "no-text", {"body": "<p> </p>"}),
    (Partner.READERS, "title-short", {"title": "x" * 14}),
    (Partner.READERS, "title-long", {"title": "x" * 151}),
    (Partner.READERS, "title-twice", {"namesakes": ("marigolds",)}),
    (Partner.READERS, "no-category", {"categories": ()}),
    (Partner.READERS, "image-alt", {"image": an_image(alt="")}),
    (Partner.READERS, "body-alt", {"body": '<img src="https://x.org/a.png">'}),
    (Partner.READERS, "body-alt", {"body": '<img src="https://x.org/a.png" alt=" "><img>'}),
    (Partner.READERS, "own-alt", {"image": an_image(url=UPLOADED, alt="")}),
    (Partner.READERS, "own-body-alt", {"body": f'<img src="{UPLOADED}">'}),
    (Partner.READERS, "relative", {"body": '<a href="/maps?a=1:2">x</a>'}),
    (Partner.READERS, "relative", {"body": '<img src="a.png" alt="x">'}),
    (
        Partner.READERS,
        "missing",
        {"body": f'<img src="{UPLOADED}" alt="x">', "missing": frozenset({UPLOADED})},
    ),
    (Partner.READERS, "dead", {"body": "<a>x</a>"}),
    (Partner.READERS, "dead", {"body": '<a href="http://localhost:8080/x">x</a>'}),
    (Partner.READERS, "dead", {"body": '<a href="http://10.0.0.7/x">x</a>'}),
    (Partner.READERS, "dead", {"body": '<a href="http://wiki.internal/x">x</a>'}),
    (Partner.READERS, "dead", {"body": '<a href="http:///x">x</a>'}),
    (Partner.READERS, "dead", {"body": '<a href="mailto:nobody">x</a>'}),
    (Partner.READERS, "future", _since(minutes=-6)),
    (Partner.READERS, "old", _since(days=366)),
    (Partner.READERS, "left-out", {"body_format": HTML, "body_source": "a<IFRAME src=x>"}),
    (Partner.READERS, "players", {"body": "<p>x</p><video></video>"}),
    (Partner.FEEDLY, "no-image", {"image": None}),
    (Partner.FEEDLY, "image-width", {"image": an_image(width=450)}),
    (Partner.FLIPBOARD, "no-text", {"body": ""}),
    (Partner.FLIPBOARD, "text-short", {"body": f"<p>{'x' * 299}</p>"}),
    (Partner.FLIPBOARD, "no-image", {"image": None}),
    (
        Partner.FLIPBOARD,
        "no-image",
        {"image": an_image(url="https://x.org/a", media_type=None)},
    ),
    (Partner.FLIPBOARD, "image-small", {"image": an_image(height=499)}),
    (Partner.FLIPBOARD, "no-byline", {"bylines": ()}),
    (Partner.FLIPBOARD, "elsewhere", {"canonical_url": "https://agency.org/x"}),
    (Partner.MSN, "title-short", {"title": "x" * 20}),
    (Partner.MSN, "title-long", {"title": "x" * 151}),
    (Partner.MSN, "title-markup", {"title": "Marigolds <b>bring</b> freedom"}),
    (Partner.MSN, "no-text", {"body": ""}),
    (Partner.MSN, "future", _since(seconds=-1)),
    (Partner.MSN, "old", _since(days=365)),
    (Partner.MSN, "language", {"language": "or"}),
    (Partner.MSN, "markup", {"body": "<p>x</p><blockquote>x</blockquote>"}),
    (Partner.MSN, "nesting", {"body": f"{'<div>' * 10}x{'</div>' * 10}"}),
    (Partner.MSN, "breaks", {"body": "<p>x<br> <br>x</p>"}),
    (Partner.MSN, "no-image", {"image": None}),
    (Partner.MSN, "image-type", {"image": an_image(media_type="image/avif")}),
    (Partner.MSN, "image-width", {"image": an_image(width=719)}),
    (Partner.MSN, "image-size", {"image": an_image(length=15_000_001)}),
    (Partner.MSN, "image-ratio", {"image": an_image(width=1530, height=800)}),
    (Partner.MSN, "image-ratio", {"image": an_image(width=1200, height=2401)}),
    (Partner.SMARTNEWS, "no-text", {"body": ""}),
    (Partner.APPLE, "title", {"title": "x" * 14}),
    (Partner.APPLE, "title", {"title": "x" * 61}),
    (Partner.APPLE, "no-summary", {"body": "<img>"}),
    (Partner.APPLE, "excerpts", {"full_text": False}),
    (Partner.APPLE, "last-link", {"body": '<p>x <a href="x">Read on …</a> </p>'}),
    (Partner.GOOGLE, "size", {"body": f"<p>{'x' * 1_000_001}</p>"}),
    (Partner.NEWSLETTER, "no-image", {"image": None}),
    (Partner.NEWSLETTER, "updated", {"updated": NOON}),
]


@pytest.mark.parametrize(("partner", "rule", "changes"), FOUND)
def test_found(partner: Partner, rule: str, changes: dict[str, object]) -> None:
    assert rule in rules(partner, **changes)


@pytest.mark.parametrize(
    ("partner", "rule"),
    [
        (Partner.READERS, "title-short"),
        (Partner.MSN, "title-short"),
        (Partner.APPLE, "title"),
    ],
)
def test_one_character_is_one(partner: Partner, rule: str) -> None:
    assert "has 1 character" in rules(partner, title="x")[rule]
    assert "1 characters" not in rules(partner, title="x")[rule]
    assert "has 2 characters" in rules(partner, title="xx")[rule]


SOUND: list[tuple[Partner, str, dict[str, object]]] = [
    (Partner.READERS, "no-text", {"body": '<img src="https://x.org/a.png" alt="x">'}),
    (Partner.READERS, "title-short", {"title": "x" * 15}),
    (Partner.READERS, "title-long", {"title": "x" * 150}),
    (Partner.READERS, "image-alt", {"image": None}),
    (Partner.READERS, "image-alt", {"image": an_image(url=UPLOADED, alt="")}),
    (Partner.READERS, "own-alt", {"image": an_image(alt="")}),
    (Partner.READERS, "own-alt", {"image": an_image(url=UPLOADED, alt="A lamp")}),
    (Partner.READERS, "body-alt", {"body": f'<img src="{UPLOADED}">'}),
    (Partner.READERS, "own-body-alt", {"body": '<img src="https://x.org/a.png">'}),
    (Partner.READERS, "relative", {"body": '<a href="//x.org/a">x</a><a href="#note">x</a>'}),
    (Partner.READERS, "relative", {"body": '<a href="mailto:a@x.org">x</a>'}),
    (Partner.READERS, "missing", {"body": f'<img src="{UPLOADED}" alt="x">'}),
    (Partner.READERS, "relative", {"body": f'<img src="/media/{"0" * 32}-9x9/9.jpg" alt="x">'}),
    (Partner.READERS, "dead", {"body": '<a href="mailto:a@x.org">x</a><a href="/a">x</a>'}),
    (Partner.READERS, "dead", {"body": '<a href="http://1.1.1.1/">x</a>'}),
    (Partner.READERS, "future", _since(minutes=-5)),
    (Partner.READERS, "future", {
        **_since(days=-365), "release_at": NOON + YEAR, "state": State.SCHEDULED,
    }),
    (Partner.READERS, "old", _since(days=365)),
    (Partner.READERS, "left-out", {"body_source": "Write <iframe> to frame."}),
    (Partner.READERS, "left-out", {"body_format": HTML, "body_source": "<formula>"}),
    (Partner.FEEDLY, "image-width", {"image": an_image(width=451)}),
    (Partner.FEEDLY, "image-width", {"image": an_image(width=None)}),
    (Partner.FLIPBOARD, "text-short", {"body": f"<p>{'x' * 300}</p>"}),
    (Partner.FLIPBOARD, "text-short", {"body": "<p>x</p>", "excerpt": "x" * 300}),
    (Partner.FLIPBOARD, "image-small", {"image": an_image(width=500, height=500)}),
    (Partner.FLIPBOARD, "image-small", {"image": an_image(width=None)}),
    (Partner.FLIPBOARD, "image-small", {"image": None}),
    (Partner.MSN, "title-short", {"title": "x" * 21}),
    (Partner.MSN, "title-long", {"title": "x" * 150}),
    (Partner.MSN, "title-markup", {"title": "Why 5 < 6, and 7 > 6, in the village"}),
    (Partner.MSN, "future", _since()),
    (Partner.MSN, "old", _since(days=364, hours=23)),
    (Partner.MSN, "language", {"language": "EN-gb"}),
    (Partner.MSN, "nesting", {"body": f"{'<div>' * 9}<br><img>x{'</div>' * 9}"}),
    (Partner.MSN, "breaks", {"body": "<p>x<br>x<br><i></i><br>x</p>"}),
    (Partner.MSN, "image-type", {"image": an_image(url="https://x.org/a", media_type=None)}),
    (Partner.MSN, "image-width", {"image": an_image(width=720, height=720)}),
    (Partner.MSN, "image-size", {"image": an_image(length=15_000_000)}),
    (Partner.MSN, "image-ratio", {"image": an_image(width=1890, height=1000)}),
    (Partner.MSN, "image-ratio", {"image": an_image(width=None)}),
    (Partner.APPLE, "title", {"title": "x" * 60}),
    (Partner.APPLE, "last-link", {"body": '<p>x <a href="x">there …</a>.</p>'}),
    (Partner.APPLE, "last-link", {"body": '<p>x <a href="x">there</a></p>'}),
    (Partner.NEWSLETTER, "no-image", {"image": None, "body": "<img>"}),
]  # fmt: skip


@pytest.mark.parametrize(("partner", "rule", "changes"), SOUND)
def test_not_found(partner: Partner, rule: str, changes: dict[str, object]) -> None:
    assert rule not in rules(partner, **changes)


_BARE = msgspec.structs.replace(
    CONFIG,
    site=msgspec.structs.replace(CONFIG.site, base_url="http://x.org", icon=""),
    partners=Partners(smartnews_description="News of Odisha", smartnews_logo="https://x.org/"),
)
FEEDS: list[tuple[Partner, str, SeenFeed, SeenFeed]] = [
    (Partner.FLIPBOARD, "few", seen_feed(19), seen_feed(20)),
    (Partner.FLIPBOARD, "fewer", seen_feed(29), seen_feed(30)),
    (Partner.FLIPBOARD, "fewer", seen_feed(20), seen_feed(19)),
    (Partner.MSN, "https", seen_feed(config=_BARE), seen_feed()),
    (Partner.SMARTNEWS, "description", seen_feed(description="x" * 31),
     seen_feed(description="x" * 30)),
    (Partner.SMARTNEWS, "description", seen_feed(description="x" * 16, language="ja-JP"),
     seen_feed(description="x" * 15, language="ja")),
    (Partner.SMARTNEWS, "description", seen_feed(description="x" * 31),
     replace(seen_feed(description="News of Odisha", config=_BARE), description="x" * 31)),
    (Partner.SMARTNEWS, "logo", seen_feed(config=_BARE), seen_feed()),
    (Partner.FEEDLY, "brand", seen_feed(config=_BARE), seen_feed()),
    (Partner.SMARTNEWS, "size", seen_feed(size=1_000_001), seen_feed(size=1_000_000)),
    (Partner.APPLE, "language", seen_feed(language="en"), seen_feed(language="en-IN")),
    (Partner.APPLE, "few", seen_feed(9), seen_feed(10)),
    (Partner.GOOGLE, "size", seen_feed(size=2_000_001), seen_feed(size=2_000_000)),
    (Partner.GOOGLE, "icon", seen_feed(config=_BARE), seen_feed()),
]  # fmt: skip


@pytest.mark.parametrize(("partner", "rule", "bad", "good"), FEEDS)
def test_found_in_a_feed(partner: Partner, rule: str, bad: SeenFeed, good: SeenFeed) -> None:
    assert rule in feed_rules(partner, bad)
    assert rule not in feed_rules(partner, good)


def test_every_rule_has_been_seen_to_find_something() -> None:
    tried = {(partner, rule) for partner, rule, _ in FOUND}
    tried |= {(partner, rule) for partner, rule, _, _ in FEEDS}

    known = {(rules.partner, rule.name) for rules in ALL for rule in rules.articles}
    known |= {(rules.partner, rule.name) for rules in ALL for rule in rules.feeds}
    assert tried == known


def test_a_finding_is_a_calm_sentence() -> None:
    texts = [
        text for partner, _, changes in FOUND for text in rules(partner, **changes).values()
    ]
    texts += [
        text for partner, _, bad, _ in FEEDS for text in feed_rules(partner, bad).values()
    ]

    for text in texts:
        assert text[0].isupper(), text
        assert text.endswith("."), text
        assert "!" not in text, text


def test_what_is_refused_comes_first() -> None:
    found = check_article(Partner.MSN, seen(image=None, title="x" * 20))

    assert [each.severity for each in found] == [Severity.ERROR, Severity.WARNING]


def test_every_address_is_named_once_and_few_of_many() -> None:
    many = "".join(f'<a href="/{number}">x</a>' for number in (1, 1, 2, 3, 4))

    assert "/1, /2, /3 …," in rules(Partner.READERS, body=many)["relative"]


def test_it_is_counted_in_words() -> None:
    image = '<img src="https://x.org/a.png">'

    assert rules(Partner.READERS, body=image)["body-alt"].startswith("There is 1 image ")
    assert rules(Partner.READERS, body=image * 2)["body-alt"].startswith("There are 2 images ")


def test_a_refusal_says_what_the_writer_of_feeds_says() -> None:
    said = "The article's guid is empty, too long or not plain text."

    assert (
        rules(Partner.READERS, guid="")["refused"] == f"No feed can carry the article. {said}"
    )
