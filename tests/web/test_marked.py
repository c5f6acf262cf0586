"""Everything that a page says itself is in the catalogues: seen by marking what is.

A language is made in which each translation is its message between brackets. What then stands
outside of them, and is neither data nor a name, was forgotten by whoever wrote it, in a
template or in Python.
"""

import re
from collections.abc import Callable, Iterator
from functools import partial

import pytest
from babel.support import NullTranslations
from lxml import html

from feedsvc import catalogues
from feedsvc.workflow import accounts
from tests.factories import COMMAND_LINE
from tests.live.looks import ARTICLES, DRAFT, WITHDRAWN, Looks, newsroom
from tests.web.desk_client import PASSWORD, Browser, Page

pytestmark = pytest.mark.xdist_group("marked")
OPEN, CLOSE = "\u27e6", "\u27e7"
FORM = "//main//form[@method='post']"
# What people, machines and those who have a name say: nobody translates it.
SILENT = {
    *("script", "style", "textarea", "pre", "code", "kbd", "bdi", "time", "template"),
    *("datalist", "link"),
}
CONTENT = {"body", "summary", "prose"}  # classes of what an editor wrote
ATTRIBUTES = ("aria-label", "title", "placeholder", "alt", "label")
NAMES = (
    *("Apple News", "Atom", "Feedbin", "Feedly", "Flipboard", "Google", "HTML", "Inoreader"),
    *("JSON Feed", "MSN", "Markdown", "NewsBlur", "RSS", "SmartNews", "The Old Reader"),
    *("English", "Liferea", "gzip", "zstd", "br", "audio/mpeg"),
)
DATA = (
    *(str(one["title"]) for one in ARTICLES),
    *("A page without feeds yet", "The News Hashtag", "News as it happens", "News", "Sport"),
    *(
        "Asha Rao",
        "asha",
        "ravi",
        "For Ravi",
        "Rain",
        "rain",
        "New Delhi",
        "Two people at a table",
    ),
    *("The number was wrong: it is 50.", "What is missing", "Ravi Das", "example.org"),
)
KNOWN = re.compile(
    "|".join(
        (
            r"https?://\S+",
            r"(tag|author)/[\w-]+",
            r"\b[kM]B\b",
            r"(\w{3} )?\d{1,2} [A-Z]\w{2,8}( \d{4})?",  # a date, which Babel writes
            *(rf"\b{re.escape(one)}" for one in sorted((*NAMES, *DATA), key=len, reverse=True)),
        )
    )
)


class Marked(NullTranslations):
    """Says each message as it is, in brackets."""

    def ugettext(self, message: str) -> str:
        """Return a message in brackets."""
        return f"{OPEN}{message}{CLOSE}"

    def ungettext(self, singular: str, plural: str, num: int) -> str:
        """Return one of two messages in brackets."""
        return self.ugettext(singular if num == 1 else plural)


@pytest.fixture(scope="module")
def looks(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Looks]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(catalogues, "catalogue", lambda _tag: Marked())
        with newsroom(tmp_path_factory.mktemp("marked")) as looks:
            yield looks


def spoken(element: html.HtmlElement) -> Iterator[str]:
    """Yield what an element says, its attributes first, in the order of the page."""
    classes = set(element.get("class", "").split())
    if not isinstance(element.tag, str) or element.tag in SILENT or classes & CONTENT:
        return
    yield from (element.get(name, "") for name in ATTRIBUTES if name in element.attrib)
    if element.get("dir") == "auto":  # whatever language that is, it was handed in
        return
    yield element.text or ""
    for child in element:
        yield from spoken(child)
        yield child.tail or ""


def unmarked(page: Page) -> list[str]:
    """Return what is said outside of brackets and is no data."""
    found, depth = [], 0
    for text in spoken(page.root):
        said = ""
        for letter in text:
            depth -= letter == CLOSE
            said += letter if depth == 0 and letter != CLOSE else " "
            depth += letter == OPEN
        if re.search(r"[a-z]{2}", KNOWN.sub("", said.replace(OPEN, " ")), re.IGNORECASE):
            found.append(" ".join(said.split()))
    assert depth == 0
    return found


def wrong(pages: Iterator[tuple[str, Page]]) -> dict[str, list[str]]:
    found = {name: unmarked(page) for name, page in pages}
    assert len(found) > 10
    return {name: lines for name, lines in found.items() if lines}


def test_what_is_not_marked_is_found(looks: Looks) -> None:
    page = looks.asha.open("/desk/")
    assert unmarked(page) == []
    page.text = page.text.replace(f"{OPEN}Articles{CLOSE}", "Articles")

    assert "Articles" in unmarked(page)


@pytest.mark.parametrize("part", range(2))
def test_pages_say_nothing_untranslated(looks: Looks, part: int) -> None:
    paths = (*looks.desk(), *looks.door(), *looks.site())[part::2]

    assert wrong((path, looks.asha.open(path)) for path in paths) == {}


def sent(asha: Browser, path: str, /, number: int = 1, **changes: object) -> Page:
    """Send a form of a page, and the password where it is asked for."""
    page = asha.send(asha.open(path), f"({FORM})[{number}]", **changes)
    if page.has("//input[@name='confirm_password']"):
        page = asha.send(page, FORM, confirm_password=PASSWORD)
    return page


def test_refused_articles_are_told_why_in_words_of_the_catalogues(looks: Looks) -> None:
    asha = looks.asha
    write = partial(asha.write, title="Half a thought")

    def change(number: int, **changes: object) -> Page:
        return asha.send(asha.open(f"/desk/articles/{number}"), **changes)

    cases: dict[str, Callable[[], Page]] = {
        "nothing": lambda: write(title="", body_source=""),
        "addresses": lambda: write(canonical_url="x", image_url="y", language="not one"),
        "too long": lambda: write(title="x" * 999, new_categories="a" * 300, tags="b" * 300),
        "times": lambda: write(release="at", release_at="soon"),
        "past": lambda: write(release="at", release_at="2020-01-01T10:00"),
        "no alternative": lambda: write(image_url=f"{looks.base}/static/icon.svg"),
        "stale": lambda: change(DRAFT, version="0", title="Rain"),
        "links": lambda: change(1, action="links"),
        "review": lambda: change(DRAFT, release="review"),
        "sent back": lambda: change(DRAFT, release="draft", review_note="What is missing"),
        "published": lambda: change(1, title="Rain"),
        "history": lambda: asha.open("/desk/articles/1/history"),
        "difference": lambda: asha.open("/desk/articles/1/history/2"),
        "no version": lambda: asha.open("/desk/articles/1/history/99"),
        "no article": lambda: asha.open("/desk/articles/999"),
        "another session": lambda: asha.post("/desk/articles/new", {"title": "Rain"}),
        "withdrawn": lambda: asha.open(f"/desk/articles/{WITHDRAWN}/withdraw"),
        "notice": lambda: sent(asha, "/desk/articles/1/withdraw", notice="x" * 5000),
        "none ticked": lambda: sent(asha, "/desk/"),
        "ticked": lambda: sent(asha, "/desk/", chosen=["1.9", "2.1"], action="withdraw"),
        "no picture": lambda: sent(asha, "/desk/media"),
        "nothing found": lambda: asha.open("/desk/?q=zzzz&category=News&from=2020-01-01"),
        "found": lambda: asha.open("/search?q=rain"),
        "not found": lambda: asha.open("/search?q=Ravi+Das"),
        "coming": lambda: asha.open("/desk/coming?from=2027-01-01"),
    }

    assert wrong((name, case()) for name, case in cases.items()) == {}


def test_refused_settings_are_told_why_in_words_of_the_catalogues(looks: Looks) -> None:
    asha, stranger = looks.asha, Browser(looks.app, looks.service)
    room = looks.service.room
    ravi = accounts.add_user(room, "ravi", PASSWORD, "Ravi Das", by=COMMAND_LINE)
    feed = partial(sent, asha, "/desk/feeds/new")
    wordy = partial(feed, language="x y", include="colour:red", footer="<script>")
    long = partial(feed, title="x" * 999, description="x" * 9999, footer="x" * 9999)

    cases: dict[str, Callable[[], Page]] = {
        "no numbers": lambda: feed(entries="many", hours="-1", delay="x"),
        "no words": lambda: wordy(slug="no such thing", title="Rain", tracking="?"),
        "too long": lambda: long(slug="rain"),
        "too many": lambda: feed(slug="rain", title="Rain", entries="99999", hours="99999"),
        "there is one": lambda: feed(slug="tag/rain", title="Rain"),
        "an added feed": lambda: feed(slug="tag/sport", title="Sport"),
        "a feed's figures": lambda: asha.open("/desk/operations?feed=recent&span=week"),
        "no such feed": lambda: asha.open("/desk/operations?feed=nowhere"),
        "nobody asked": lambda: asha.open("/desk/check?feed=nowhere"),
        "a bad name": lambda: sent(asha, "/desk/people/", name="two words", display_name="x"),
        "a known name": lambda: sent(asha, "/desk/people/", name="asha", display_name="asha"),
        "the last admin": lambda: sent(asha, "/desk/people/1", role="reporter"),
        "nobody left": lambda: sent(asha, "/desk/people/1", 2),
        "a wrong password": lambda: sent(asha, "/desk/account", password="x", new="y"),
        "codes": lambda: sent(asha, "/desk/account", 2),
        "not signed in": lambda: sent(stranger, "/desk/sign-in", name="asha", password="x"),
        "a link": lambda: sent(asha, f"/desk/people/{ravi.id}", 2),
        **{
            f"checked for {name}": partial(asha.open, f"/desk/check?feed=recent&as={name}")
            for name in ("readers", "feedly", "flipboard", "msn", "smartnews", "google")
        },
    }

    assert wrong((name, case()) for name, case in cases.items()) == {}
