"""Whatever runs on a schedule or a request costs the same at any size of the archive.

Every statement that is sent by the schedule, the site and the desk is caught, and the
database is asked how it carries it out: one range of one index, no walk through the archive,
no sorting of it. Statements without a table that grows (`plans.SMALL`) may walk.
"""

import re
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import timedelta
from pathlib import Path

import msgspec
import pytest
from msgspec.structs import replace
from sqlalchemy import event, func, insert, select, text

import feedsvc
from feedsvc.cli.condition import examine
from feedsvc.config import Config
from feedsvc.config import Database as DatabaseSettings
from feedsvc.model import (
    RECENT,
    Article,
    ArticleId,
    Category,
    Enclosure,
    FeedId,
    Format,
    Release,
    Scope,
    State,
    UserId,
)
from feedsvc.model.rule import Rule, Term
from feedsvc.model.writing import WorkingCopy
from feedsvc.publishing.follow import Follower
from feedsvc.publishing.memory import MemoryShelf
from feedsvc.scheduling.work import Work
from feedsvc.storage import bulk, categories, feeds, tags
from feedsvc.storage.database import Transaction
from feedsvc.storage.lists import listing, windows
from feedsvc.storage.membership import filling, members
from feedsvc.storage.tables.accounts import SessionRow, SignInAttemptRow, SignInLinkRow
from feedsvc.storage.tables.articles import ArticleRow
from feedsvc.storage.tables.feeds import FeedRow, FeedTermRow
from feedsvc.storage.tables.tokens import ApiRequestRow
from feedsvc.storage.tables.writing import WorkingCopyRow
from feedsvc.storage.writing import history as versions
from feedsvc.web import create_app
from feedsvc.wiring import Service, build, prepare
from feedsvc.workflow import accounts, archive, read, signing_in, tokens
from feedsvc.workflow.prune import prune
from feedsvc.workflow.writing import edit, history, working_copies
from feedsvc.workflow.writing.withdraw import withdraw
from tests.factories import BODY, COMMAND_LINE, article, by, given
from tests.fakes import NOON, FakeClock
from tests.storage.plans import Catch, Sent, faults_of
from tests.web.desk_client import NAME, PASSWORD, Browser
from tests.web.reading import older

MANY = 3000
RARE = "settling who is in a feed of a tag"  # of which the smaller archive has no whole page
Make = Callable[[str, int, int], Service]  # a URL, how many articles and sections
Who = Callable[[str], AbstractContextManager[None]]


@pytest.fixture
def make(config: Config, clock: FakeClock) -> Iterator[Make]:
    services: list[Service] = []

    def make(url: str, size: int, sections: int) -> Service:
        place = msgspec.structs.replace(config.data, folder=f"{config.folder}-{size}")
        settings = msgspec.structs.replace(
            config, database=DatabaseSettings(url=url), data=place
        )
        services.append(build(settings, clock))
        prepare(services[-1])
        _fill(services[-1], size, sections)
        return services[-1]

    yield make
    for service in services:
        service.database.close()


def _fill(service: Service, size: int, sections: int) -> None:
    """Store articles a quarter of an hour apart, in all states, and what else piles up."""
    with service.database.write() as tx:
        known = [
            categories.add(tx, slug=f"s{n}", name=f"S{n}", feed_guid=f"urn:x:{n}", now=NOON)
            for n in range(sections)
        ]
        subjects = [tags.add(tx, slug=f"t{n}", name=f"T{n}") for n in range(40)]
        made = [
            replace(
                _article(number, size, known),
                tags=(subjects[number % 40], subjects[number % 39]),
            )
            if number % 40 != number % 39
            else _article(number, size, known)
            for number in range(1, size + 1)
        ]
        bulk.add_articles(tx, made, [f"w{one.slug}" for one in made])
        feeds.mark_dirty(tx, [section.id for section in known])
        _save_feeds(tx)
    _fill_door(service, size)


def _save_feeds(tx: Transaction) -> None:
    """Save feeds of rules of each kind; who is in them is found out with the first tick."""
    subjects = [
        {"slug": f"tag/x{n}", "guid": f"urn:z:{n}", "title": "X", "created": NOON, "id": n}
        for n in range(1001, 1301)
    ]
    tx.execute(insert(FeedRow), subjects)
    terms = [
        {"feed_id": n, "term": f"tag:x{n}", "is_excluded": False} for n in range(1001, 1301)
    ]
    tx.execute(insert(FeedTermRow), terms)
    for number, words in enumerate(("category:s1 category:s2", "tag:t1 tag:t2", "language:")):
        _save_feed(tx, f"saved-{number}", words)


def _save_feed(tx: Transaction, slug: str, words: str) -> FeedId:
    include = tuple(Term.parse(word) for word in words.split())
    exclude = (Term.parse("tag:none"), Term.parse("author:nobody"))
    made = feeds.add(tx, slug, f"urn:y:{slug}", "Saved", NOON)
    members.set_rule(tx, made, Rule(include=include, exclude=exclude))
    filling.begin(tx, made)
    return made


def _settle(service: Service, clock: FakeClock, who: Who) -> None:
    """Some steps clear the long list of a feed, some look through the archive for another."""
    with service.database.write() as tx:
        full = feeds.find(tx, "saved-2")
        assert full is not None
        filling.begin(tx, full.id)
        new = [_save_feed(tx, f"new-{each}", each) for each in ("language:", "category:s1")]
        rare = _save_feed(tx, "rare", "tag:t1")
    for feed_id in (full.id, *new[:1] * 3, *new[1:] * 2):
        with service.database.write() as tx, who("settling who is in a feed"):
            filling.step(tx, feed_id, clock.now())
    for _ in range(2):
        with service.database.write() as tx, who(RARE):
            filling.step(tx, rare, clock.now())


def _fill_door(service: Service, size: int) -> None:
    """Let sessions, links and failed attempts pile up."""
    user = accounts.add_user(service.room, "old", PASSWORD, by=COMMAND_LINE)
    numbers, later = range(size), NOON + timedelta(1)
    hashes = [{"account_hash": f"a{n}", "address_hash": f"b{n}", "at": NOON} for n in numbers]
    links = [{"token_hash": f"l{n}", "user_id": user.id, "expires": later} for n in numbers]
    whose = {"user_id": user.id, "csrf_secret": "", "created": NOON, "last_seen": NOON}
    token, _ = tokens.issue(service.room, "old", Scope.READ)
    asked = {"token_id": token.id, "fingerprint": "", "created": NOON}
    with service.database.write() as tx:
        tx.execute(insert(ApiRequestRow), [{"key_hash": f"k{n}", **asked} for n in numbers])
        tx.execute(insert(SignInAttemptRow), hashes)
        tx.execute(insert(SignInLinkRow), links)
        tx.execute(insert(SessionRow), [{"token_hash": f"s{n}", **whose} for n in numbers])
        tx.execute(insert(WorkingCopyRow), [_left(user.id, number) for number in numbers])


def _left(user_id: UserId, number: int) -> dict[str, object]:
    """Return a text that somebody has left behind, or what notes that it was saved."""
    return {
        "user_id": user_id,
        "subject": number,
        "word": f"w{number}",
        "count": 1,
        "version": 1,
        "fields": "" if number % 2 else '[["title", "T"]]',
        "changed": NOON,
    }


def _leave(service: Service, who: Who) -> None:
    """Somebody who has left many texts behind leaves one more, and sees what there is."""
    room = service.room
    found = accounts.users(room)
    user_id = next(user.id for user in found if user.name == "old")
    for number in (None, ArticleId(7)):
        copy = WorkingCopy(
            article_id=number,
            word="typed-now",
            count=2,
            fields=(("title", "T"),),
            changed=NOON,
        )
        with who("keeping a working copy"):
            working_copies.keep(room, user_id, copy)
            assert len(working_copies.of(room, user_id, number)) in {1, 2}
            working_copies.settle(room, user_id, ArticleId(7), "typed-now", 2)
    with who("what is unsaved"):
        assert len(working_copies.unsaved(room, user_id, 5)) == 5


def _article(number: int, size: int, sections: list[Category]) -> Article:
    when = NOON - timedelta(minutes=15 * (size - number + 1))
    is_draft = number % 15 == 0
    second, first = divmod(number % len(sections) ** 2, len(sections))
    changes: dict[str, object] = {
        "categories": tuple(dict.fromkeys((sections[first], sections[second]))),
        "body": f"<p>{BODY * 5}</p>",
        "published": when,
        "changed": when,
        "updated": when,
        "release_at": None if is_draft else when,
        "image": Enclosure(url="https://images.example.org/a.jpg"),
    }
    if is_draft:
        changes |= {"state": State.DRAFT, "published": None}
    return article(number, **changes)


def _publish(service: Service, work: Work, clock: FakeClock, who: Who) -> None:
    """An article is published, changed and withdrawn, another released; feeds follow."""
    room = service.room

    def tick(name: str) -> None:
        clock.advance(2)
        with who(name):
            work.tick()

    tick("the first tick")
    with who("an edit"):
        made = edit.create(room, given(categories=("S1", "S2", "New")), by=by("a"))
        edit.change(room, made.id, given("Other", categories=("S3",)), by=by("b"), version=1)
        due = clock.now() + timedelta(seconds=3)
        edit.create(room, given("Later", release=Release.AT, release_at=due), by=by("a"))
    tick("a tick with dirty feeds")
    tick("a tick with a release")
    with who("a withdrawal"):
        withdraw(room, made.id, by=by("a"))
    tick("a tick after a withdrawal")
    with who("an edit of what is archived"):
        edit.change(room, ArticleId(7), given("Other", correction="No."), by=by("b"), version=1)
    tick("a tick after an edit of what is archived")
    _settle(service, clock, who)
    clock.advance(2)
    work.tick()  # not looked at: once, what is in new feeds is archived
    tick("a tick with nothing to do")
    with who("the schedule"):
        work.regenerate()
        Follower(service.database, MemoryShelf(), service.disk, service.clock).catch_up()
        prune(room)
        read.standing(room)
        examine(service)


def _visit_author(service: Service, who: Who) -> None:
    """An author's page is a list of what entered a feed."""
    with service.database.read() as tx, who("the page of an author"):
        saved = feeds.find(tx, "saved-2")
        assert saved is not None
        place = NOON - timedelta(hours=30), ArticleId(1)
        assert len(listing.entered(tx, NOON, saved.id, limit=21, before=place)) == 21


def _look_back(service: Service, clock: FakeClock, who: Who) -> None:
    """An editor looks at what an article was, and what is old is forgotten."""
    with service.database.read() as tx:
        number = ArticleId(tx.scalar(select(func.max(ArticleRow.id))) or 0)
    with who("the history of an article"):
        history.past(service.room, number, before=9)
        history.change(service.room, number, 1)
    with service.database.write() as tx, who("forgetting old versions"):
        versions.forget(tx, number, clock.now())


def _wait(service: Service, work: Work, clock: FakeClock, who: Who) -> None:
    """Feeds wait for an article, and have it."""
    settings = msgspec.structs.replace(service.config.feeds, delay_minutes=1)
    config = msgspec.structs.replace(service.config, feeds=settings)
    room = replace(service.room, config=config)
    with who("an article that waits"):
        made = edit.create(room, given("Waits", categories=("S1",)), by=by("a"))
        edit.change(room, made.id, given("Waits", categories=("S1",)), by=by("a"), version=1)
    clock.advance(60)
    with who("a tick with an article that has waited"):
        work.tick()


def _visit(service: Service, who: Who) -> None:
    """A reader and an editor look around."""
    reader = create_app(service).test_client()
    for path in ("/", "/category/s1/", "/tag/t1/"):
        with who(path):
            place = path
            for _ in range(4):
                place = older(reader.get(place).text) or path
    for path in (
        "/search?q=waits",
        "/articles/article-7/",
        "/articles/none/",
        "/feeds/",
        "/feeds.opml",
    ):
        with who(path):
            reader.get(path)
    for slug in (RECENT, "category/s1", "saved-0"):
        with who(f"an archive document of {slug}"):
            version = archive.version(service.room, slug, 2)
            assert archive.make(service.room, slug, 2, Format.ATOM)[0] == version
    with service.database.read() as tx, who("what a closed document holds"):
        first, last = (NOON - timedelta(hours=hours) for hours in (40, 30))
        ends = {"after": (first, ArticleId(1)), "before": (last, ArticleId(1))}
        assert len(windows.waiting(tx, None, limit=26, **ends)) == 26
    for path in ("/sitemap.xml", "/news-sitemap.xml"):  # months: see test_mapping
        with who(path):
            assert reader.get(path).status_code == 200, path
    with who("signing in"):
        desk = Browser(create_app(service), service).sign_in(NAME)
        link = signing_in.make_sign_in_link(service.room, NAME, by=COMMAND_LINE)
        token = signing_in.sign_in_by_link(service.room, link, agent="")
        signing_in.sign_out(service.room, token)
    desk_pages = ["/desk/", *(f"/desk/?state={state}" for state in State)]
    # What is everywhere is for test_search_plans: PostgreSQL has to sort what it finds.
    desk_pages += ["/desk/coming", "/desk/coming?from=2026-11-16"]
    desk_pages += ["/desk/?q=waits", "/desk/?q=%22other+deliberations%22+-none&state=draft"]
    for path in (*desk_pages, "/desk/articles/7", "/desk/check?feed=category/s1&as=msn"):
        with who(path):
            page = desk.open(path)
            assert page.status == 200, path
            deeper = re.search(r'href="([^"]*before=[^"]*)"', page.text)
            if deeper:
                desk.open(deeper[1].replace("&amp;", "&"))


def _attend(service: Service, who: Who) -> None:
    """Somebody is at an article, and leaves it."""
    desk = Browser(create_app(service), service).sign_in(NAME)
    form = desk.open("/desk/articles/7").values()
    with who("being there"):
        for leaving in ("", "yes"):
            said = {"csrf_token": form["csrf_token"], "leaving": leaving}
            assert desk.post("/desk/articles/7/presence", said).status == 200


def _work(service: Service) -> Work:
    work = Work(service, lambda now: now + timedelta(minutes=5))
    work.mark_prepared()
    return work


def _all(service: Service, clock: FakeClock, who: Who) -> None:
    _publish(service, _work(service), clock, who)
    _wait(service, _work(service), clock, who)
    _visit(service, who)
    _leave(service, who)
    _visit_author(service, who)
    _attend(service, who)
    _look_back(service, clock, who)


@pytest.mark.parametrize("is_analysed", [False, True])
def test_every_statement_is_one_index_range(
    make: Make,
    clock: FakeClock,
    database_url: str,
    is_analysed: bool,
) -> None:
    service = make(database_url, MANY, 20)
    if not service.database.is_sqlite and not is_analysed:
        pytest.skip("PostgreSQL analyses by itself")
    _work(service).tick()  # once, what is there is archived
    if is_analysed:
        with service.database.write() as tx:
            tx.execute(text("ANALYZE"))
    catch = Catch(service.database)
    _all(service, clock, catch.by)

    assert len(catch.sent) > 50
    faults = [fault for sent in catch.sent.values() for fault in _faults(service, sent)]
    assert not faults, "\n".join(faults)


def _faults(service: Service, sent: Sent) -> list[str]:
    with service.database.engine.connect() as connection:
        found = faults_of(connection, sent)
        connection.rollback()
    if re.search(r"(?is)\bcount\(.* FROM article", sent.statement):
        found.append("counts the archive")
    return [f"{sent.who}: {fault}\n    {sent.statement}" for fault in found]


def test_nothing_is_skipped_to_get_to_a_page() -> None:
    """SQLAlchemy always writes OFFSET for SQLite, so that a statement does not show it."""
    for module in Path(feedsvc.__file__).parent.rglob("*.py"):
        assert ".offset(" not in module.read_text("utf-8"), module


def test_no_step_more_for_five_times_the_archive(make: Make, tmp_path: Path) -> None:
    """What a plan does not show: whether a range begins where it should.

    SQLite counts the instructions of its virtual machine; the same visits must take as many.
    Each section holds more than the widest window at either size.
    """
    counts = []
    for size in (1000, 5000):
        clock = FakeClock()
        service = make(f"sqlite:///{tmp_path}/{size}.sqlite3", size, 3)
        _work(service).tick()  # once, what is there is archived
        steps = Steps(service)
        _all(service, clock, steps.by)
        counts.append(steps.taken)

    of_all = counts[0].keys() - {RARE, ""}
    grown = {who: (counts[0][who], counts[1][who]) for who in of_all}
    worse = {who: pair for who, pair in grown.items() if pair[1] > 1.2 * pair[0] + 20}
    assert not worse


class Steps:
    """Counts hundreds of SQLite's instructions."""

    def __init__(self, service: Service) -> None:
        self.taken: dict[str, int] = {}
        self._who = ""
        service.database.engine.dispose()
        event.listen(service.database.engine, "connect", self._connected)

    def _connected(self, connection: sqlite3.Connection, _record: object) -> None:
        connection.set_progress_handler(self._count, 100)

    def _count(self) -> int:
        self.taken[self._who] = self.taken.get(self._who, 0) + 1
        return 0

    @contextmanager
    def by(self, who: str) -> Iterator[None]:
        """Count for somebody."""
        self._who = who
        self.taken.setdefault(who, 0)
        yield
        self._who = ""
