"""Every field at its limit and one beyond it: kept exactly, or refused with a sentence.

What is refused stays in the form, and so does all else that was typed.

The letters are of four bytes (UTF-8), which is where databases that count bytes would err; so
what is stored is looked at on SQLite and on PostgreSQL.
"""

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

import pytest
from flask import Flask
from msgspec import structs

from feedsvc.config import Config
from feedsvc.errors import SignInError
from feedsvc.model import Article, ArticleId, FeedInput
from feedsvc.rendering.body import MAX_CHARACTERS
from feedsvc.web import create_app
from feedsvc.wiring import Service, build, prepare
from feedsvc.workflow import accounts, read, saved_feeds, signing_in
from feedsvc.workflow.handed_in.checking import MAX_BYLINES, MAX_CATEGORIES, MAX_TAGS, MAX_TITLE
from feedsvc.workflow.handed_in.checking_feeds import MAX_DELAY, MAX_ENTRIES, MAX_HOURS
from feedsvc.workflow.handed_in.checking_rules import MAX_SLUG, MAX_TERMS
from feedsvc.workflow.handed_in.enclosures import MAX_FILES, MAX_LENGTH
from feedsvc.workflow.handed_in.fields import MAX_EXCERPT, MAX_LANGUAGE, MAX_NAME, MAX_URL
from feedsvc.workflow.passwords import MAX_LENGTH as MAX_PASSWORD
from feedsvc.workflow.writing.withdraw import MAX_NOTICE
from tests.fakes import FakeClock
from tests.web.api_client import ARTICLES, program
from tests.web.desk_client import ARTICLE_FORM, Browser, Page

FEED_FORM = "//main//form[@method='post']"
LETTER = "\U00020bb7"  # four bytes, a letter in every way
TAG = "en-" + "-".join(["abcdefgh"] * 3) + "-abcde"


def letters(count: int) -> str:
    return LETTER * count


def names(count: int) -> list[str]:
    return [f"{LETTER}{number}" for number in range(count)]


def address(length: int) -> str:
    start = "https://files.example.org/"
    return start + "x" * (length - len(start))


def files(count: int) -> list[str]:
    return [f"https://files.example.org/{number}.pdf" for number in range(count)]


@dataclass(frozen=True, kw_only=True)
class Limit:
    """A field that is filled to its limit, and what is stored then; and one beyond it."""

    most: int
    make: Callable[[int], object]
    stored: Callable[[Article], object]
    kept: Callable[[int], object] | None = None  # where it is stored otherwise than typed
    beside: Mapping[str, object] | None = None  # what the field needs besides
    complains: str = ""  # the field that says it, if it is another
    said: str = ""  # how the sentence writes the limit


def lines(count: int) -> str:
    return "\n".join(names(count))


IMAGE = {"image_url": "https://files.example.org/a.jpg", "image_alt": "A"}
ONE_FILE = {"enclosures": ["https://files.example.org/0.pdf"]}
NEW: dict[str, Limit] = {
    "title": Limit(most=MAX_TITLE, make=letters, stored=lambda one: one.title),
    "dateline": Limit(most=MAX_NAME, make=letters, stored=lambda one: one.dateline),
    "excerpt": Limit(most=MAX_EXCERPT, make=letters, stored=lambda one: one.excerpt),
    "language": Limit(
        most=MAX_LANGUAGE,
        make=lambda count: TAG + "x" * (count - len(TAG)),
        stored=lambda one: one.language,
    ),
    "canonical_url": Limit(most=MAX_URL, make=address, stored=lambda one: one.canonical_url),
    "image_url": Limit(
        most=MAX_URL, make=address, stored=lambda one: one.image and one.image.url
    ),
    "image_alt": Limit(
        most=MAX_EXCERPT, make=letters, stored=lambda one: one.image and one.image.alt
    ),
    "image_credit": Limit(
        most=MAX_NAME, make=letters, stored=lambda one: one.image and one.image.credit
    ),
    "body_source": Limit(
        most=MAX_CHARACTERS,
        make=letters,
        stored=lambda one: one.body_source,
        said=f"{MAX_CHARACTERS:,}",
    ),
    "bylines": Limit(
        most=MAX_BYLINES,
        make=lines,
        stored=lambda one: list(one.bylines),
        kept=names,
    ),
    "tags": Limit(
        most=MAX_TAGS,
        make=lines,
        stored=lambda one: [tag.name for tag in one.tags],
        kept=names,
    ),
    "new_categories": Limit(
        most=MAX_CATEGORIES,
        make=lambda count: ", ".join(names(count)),
        stored=lambda one: [category.name for category in one.categories],
        kept=names,
        complains="categories",
    ),
    "enclosures": Limit(
        most=MAX_FILES,
        make=files,
        stored=lambda one: [file.url for file in one.enclosures],
        beside={
            "enclosure_lengths": ["1"] * MAX_FILES,
            "enclosure_types": ["text/plain"] * MAX_FILES,
        },
    ),
}
# Once more for the fields that have two limits.
AGAIN: dict[str, Limit] = {
    "bylines": Limit(
        most=MAX_NAME,
        make=letters,
        stored=lambda one: one.bylines,
        kept=lambda count: (letters(count),),
    ),
    "tags": Limit(
        most=MAX_NAME,
        make=letters,
        stored=lambda one: [tag.name for tag in one.tags],
        kept=lambda count: [letters(count)],
    ),
    "new_categories": Limit(
        most=MAX_NAME,
        make=letters,
        stored=lambda one: [category.name for category in one.categories],
        kept=lambda count: [letters(count)],
        complains="categories",
    ),
    "enclosure_titles": Limit(
        most=MAX_EXCERPT,
        make=letters,
        stored=lambda one: one.enclosures[0].alt,
        beside={**ONE_FILE, "enclosure_lengths": "1", "enclosure_types": "text/plain"},
        complains="enclosures",
    ),
}
BEYOND = [*NEW.items(), *AGAIN.items()]


@pytest.fixture
def either(config: Config, clock: FakeClock, database_url: str) -> Iterator[Service]:
    """A whole service, once on SQLite and once on PostgreSQL."""
    given = structs.replace(config.database, url=database_url)
    service = build(structs.replace(config, database=given), clock)
    prepare(service)
    yield service
    service.database.close()


@pytest.fixture
def app(either: Service) -> Flask:
    return create_app(either)


def asha(service: Service) -> Browser:
    return Browser(create_app(service), service).sign_in()


def article(service: Service, number: int) -> Article:
    return read.article(service.room, ArticleId(number))


def filled(table: Mapping[str, Limit]) -> dict[str, object]:
    """Return a form in which every field of a table is at its limit."""
    beside = {key: value for one in table.values() for key, value in (one.beside or {}).items()}
    return {**beside, **{name: one.make(one.most) for name, one in table.items()}}


def differing(stored: Article, table: Mapping[str, Limit]) -> list[str]:
    """Return the fields that are not stored as they were typed."""
    wanted = {name: (one.kept or one.make)(one.most) for name, one in table.items()}
    return [name for name, one in table.items() if one.stored(stored) != wanted[name]]


def lost(page: Page, sent: Mapping[str, object], form: str = ARTICLE_FORM) -> list[str]:
    """Return the fields whose text is not in the form any more."""
    values = page.values(form)
    return [name for name, value in sent.items() if _typed(values.get(name)) != _typed(value)]


def _typed(value: object) -> list[str]:
    """Return what stands in a field, or in each of several of one name."""
    return [str(one) for one in (value if isinstance(value, list) else [value]) if one]


def test_every_field_of_an_article_is_kept_at_its_limit(either: Service) -> None:
    writer = asha(either)
    first = writer.write(**filled(NEW), body_format="html")
    second = writer.write(**filled(AGAIN))

    assert (first.status, second.status) == (200, 200), first.words("//*[@id='problems']")
    assert differing(article(either, 1), NEW) == []
    assert differing(article(either, 2), AGAIN) == []
    assert lost(writer.open("/desk/articles/1"), {"title": letters(MAX_TITLE)}) == []


def test_one_beyond_a_limit_is_refused_and_nothing_typed_is_lost(service: Service) -> None:
    """Each sentence stands at its field, and names the limit."""
    writer, found = asha(service), {}
    form = writer.open("/desk/articles/new")
    for name, limit in BEYOND:
        usual = {"title": "A headline", "body_source": "Talks", "dateline": "Puri", **IMAGE}
        sent = {**usual, **(limit.beside or {}), name: limit.make(limit.most + 1)}
        page = writer.send(form, **sent)
        said = page.words(f"//*[@id='{limit.complains or name}-error']")
        is_said = page.status == 400 and (limit.said or str(limit.most)) in said
        if not is_said or lost(page, sent):
            found[name] = (page.status, said, lost(page, sent))

    assert found == {}
    assert read.desk_list(service.room, limit=9).articles == ()


def test_far_too_many_files_are_refused_with_a_sentence_and_stay_in_the_form(
    service: Service,
) -> None:
    """A form of more parts than Werkzeug takes by itself would be answered without its text."""
    writer = asha(service)
    form = writer.open("/desk/articles/new")
    page = writer.send(form, title="Talks", enclosures=files(1200))

    assert page.status == 400
    assert "1200 files; at most 50" in page.words("//*[@id='enclosures-error']")
    assert lost(page, {"title": "Talks", "enclosures": files(1200)}) == []


def test_a_size_has_its_limit_too(service: Service) -> None:
    writer = asha(service)
    kept = writer.write(**ONE_FILE, enclosure_lengths=str(MAX_LENGTH), enclosure_types="a/b")
    refused = writer.write(**ONE_FILE, enclosure_lengths=str(MAX_LENGTH + 1))

    assert kept.status == 200
    assert article(service, 1).enclosures[0].length == MAX_LENGTH
    assert refused.status == 400
    assert "size" in refused.words("//*[@id='enclosures-error']")
    assert refused.values()["title"] == "Start-ups meet officials"


def test_notes_are_kept_at_their_limit_and_refused_beyond_it(either: Service) -> None:
    writer = asha(either)
    review = writer.write(release="review")
    bad = writer.send(review, release="draft", review_note=letters(MAX_EXCERPT + 1))
    writer.send(review, release="draft", review_note=letters(MAX_EXCERPT))
    out = writer.write(release="now")
    worse = writer.send(out, correction=letters(MAX_EXCERPT + 1))
    writer.send(out, correction=letters(MAX_EXCERPT))
    leaving = writer.open("/desk/articles/2/withdraw")
    worst = writer.send(leaving, FEED_FORM, notice=letters(MAX_NOTICE + 1))
    writer.send(leaving, FEED_FORM, notice=letters(MAX_NOTICE))

    assert article(either, 1).review_note == letters(MAX_EXCERPT)
    assert article(either, 2).correction == letters(MAX_EXCERPT)
    assert article(either, 2).withdrawal_notice == letters(MAX_NOTICE)
    for page, name in ((bad, "review_note"), (worse, "correction"), (worst, "notice")):
        assert page.status == 400
        assert "at most 1000" in page.words(f"//*[@id='{name}-error']")
    assert worst.values(FEED_FORM)["notice"] == letters(MAX_NOTICE + 1)
    assert worse.values()["correction"] == letters(MAX_EXCERPT + 1)


FEED: dict[str, tuple[int, Callable[[int], str]]] = {
    "slug": (MAX_SLUG, lambda count: "a" * count),
    "title": (MAX_NAME, letters),
    "description": (MAX_EXCERPT, letters),
    "language": (MAX_LANGUAGE, lambda count: TAG + "x" * (count - len(TAG))),
    "include": (MAX_TERMS, lambda count: "\n".join(f"author:{one}" for one in names(count))),
    "exclude": (MAX_NAME, lambda count: f"author:{letters(count)}"),
    "entries": (MAX_ENTRIES, str),
    "hours": (MAX_HOURS, str),
    "delay": (MAX_DELAY, str),
    "tracking": (MAX_EXCERPT, lambda count: "utm_source=" + "x" * (count - 11)),
    "footer": (MAX_EXCERPT, letters),
}


def test_feed_is_kept_at_its_limits(either: Service) -> None:
    admin = asha(either)
    sent = {name: make(most) for name, (most, make) in FEED.items()}
    page = admin.send(admin.open("/desk/feeds/new"), FEED_FORM, **sent)

    assert page.status == 200, page.words("//*[@role='alert']")
    feed = saved_feeds.find(either.room, sent["slug"])
    given: FeedInput = saved_feeds.as_input(feed)
    assert (given.title, given.description) == (sent["title"], sent["description"])
    assert (given.entries, given.hours, given.delay) == (MAX_ENTRIES, MAX_HOURS, MAX_DELAY)
    assert (given.tracking, given.language) == (sent["tracking"], sent["language"])
    assert set(given.include) == set(sent["include"].split("\n"))
    assert given.exclude == (sent["exclude"],)
    assert letters(MAX_EXCERPT) in given.footer


def test_feed_beyond_a_limit_is_refused_and_nothing_typed_is_lost(service: Service) -> None:
    admin, found = asha(service), {}
    form = admin.open("/desk/feeds/new")
    for name, (most, make) in FEED.items():
        sent = {"slug": "partner", "title": "Ours", "description": "Rain"}
        sent[name] = make(most + 1)
        page = admin.send(form, FEED_FORM, **sent)
        said = page.words(f"//*[@id='{name}-error']")
        is_said = page.status == 400 and (str(most) in said or name == "tracking")
        if not is_said or not said or lost(page, sent, FEED_FORM):
            found[name] = (page.status, said, lost(page, sent, FEED_FORM))

    assert found == {}


@pytest.mark.parametrize(
    ("name", "display_name", "wrong"),
    [
        pytest.param("a" * 64, letters(MAX_NAME), "", id="at the limit"),
        pytest.param("a" * 65, letters(MAX_NAME), "name", id="a name beyond it"),
        pytest.param("a" * 64, letters(MAX_NAME + 1), "display_name", id="a full name beyond"),
    ],
)
def test_names_of_people_are_kept_or_refused(
    either: Service, name: str, display_name: str, wrong: str
) -> None:
    admin = asha(either)
    people, form = "/desk/people/", "//form[@action='/desk/people/']"
    sent = {"name": name, "display_name": display_name, "role": "reporter"}
    page = admin.send(admin.open(people), form, **sent)
    known = {user.name: user.display_name for user in accounts.users(either.room)}

    if not wrong:
        assert known[name] == display_name
        return
    assert (page.status, name in known) == (400, False)
    assert str(64 if wrong == "name" else 100) in page.words(f"//*[@id='{wrong}-error']")
    assert lost(page, sent, form) == []


@pytest.mark.parametrize("count", [MAX_PASSWORD, MAX_PASSWORD + 1])
def test_passwords_are_kept_or_refused(service: Service, count: int) -> None:
    """Of every letter: what is beyond the limit is never cut off in silence."""
    writer = asha(service)
    secret = ("seven lamps of odisha" + LETTER * count)[:count]
    form = "//form[contains(@action, '/account/password')]"
    page = writer.send(
        writer.open("/desk/account"), form, current="seven lamps of odisha", password=secret
    )

    if count > MAX_PASSWORD:
        assert page.status == 400
        assert "12 to 256 characters; this has 257" in page.words("//*[@id='password-error']")
        return
    assert page.status == 200
    again = {"agent": "a test", "address": "127.0.0.1"}
    assert signing_in.sign_in(service.room, "asha", secret, **again)
    with pytest.raises(SignInError):
        signing_in.sign_in(service.room, "asha", secret[:-1], **again)


def test_api_has_the_same_limits(either: Service) -> None:
    """And names the field and the limit."""
    cms = program(either, create_app(either).test_client())
    plain = ("title", "excerpt", "dateline", "language", "canonical_url")
    document = {name: NEW[name].make(NEW[name].most) for name in plain}
    lists: dict[str, object] = {
        "categories": names(MAX_CATEGORIES),
        "tags": names(MAX_TAGS),
        "bylines": names(MAX_BYLINES),
        "enclosures": [
            {"url": url, "type": "text/plain", "length": 1} for url in files(MAX_FILES)
        ],
    }
    _, _, stored = cms.store(**document, **lists)
    wrong = {}
    for name in plain:
        answer = cms.post(
            ARTICLES, {"title": "A", "body": "B", name: NEW[name].make(_more(name))}
        )
        said = json.dumps(answer.get_json()["errors"])
        if (
            answer.status_code != 422
            or f'"{name}"' not in said
            or str(NEW[name].most) not in said
        ):
            wrong[name] = said

    assert {name: stored[name] for name in plain} == document
    assert [file["url"] for file in stored["enclosures"]] == files(MAX_FILES)
    assert (stored["tags"], stored["bylines"]) == (names(MAX_TAGS), names(MAX_BYLINES))
    assert wrong == {}


def _more(name: str) -> int:
    return NEW[name].most + 1
