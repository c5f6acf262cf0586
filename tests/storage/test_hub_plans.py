"""The hub's statements are index ranges too, however many have subscribed."""

from datetime import timedelta

from sqlalchemy import insert, text

from feedsvc.model import HubMode, Intent, IntentId
from feedsvc.storage.database import Database, Transaction
from feedsvc.storage.hub import intents, subscriptions
from feedsvc.storage.tables.hub import IntentRow, SubscriptionRow
from feedsvc.workflow.hub.accepting import MOST_WAITING
from tests.fakes import NOON
from tests.storage.plans import Catch, faults_in

MANY = 1800
LATER = NOON + timedelta(days=1)
BUSY = ("reader1.example", "host1.example")


def _fill(database: Database) -> None:
    subscribed = [
        {
            "topic": f"https://news.example.org/feeds/category/s{number % 300}.rss",
            "callback": f"https://reader{number % 30}.example/{number}",
            "host": f"reader{number % 30}.example",
            "secret": "x" * 40,
            "created": NOON,
            "expires": LATER + timedelta(minutes=number),
            "due": NOON + timedelta(seconds=number - 10) if number % 2 else None,
        }
        for number in range(MANY)
    ]
    asked = [
        {
            "mode": "subscribe",
            "topic": "https://news.example.org/feeds/recent.rss",
            "callback": f"https://host{number % 30}.example/{number}",
            "host": f"host{number % 30}.example",
            "source": f"s{number % 30}",
            "lease_seconds": 60,
            "created": NOON + timedelta(seconds=number),
            "due": NOON + timedelta(seconds=number - 10) if number % 2 else None,
            "failed": None if number % 2 else NOON + timedelta(seconds=number),
        }
        for number in range(MOST_WAITING)  # no more are let in
    ]
    with database.write() as tx:
        tx.execute(insert(SubscriptionRow), subscribed)
        tx.execute(insert(IntentRow), asked)
    with database.write() as tx:
        tx.execute(text("ANALYZE"))


def _intent(number: int = 1) -> Intent:
    return Intent(
        id=IntentId(number),
        mode=HubMode.SUBSCRIBE,
        topic="https://news.example.org/feeds/category/s1.rss",
        callback="https://reader1.example/1",
        host="reader1.example",
        source="s1",
        lease_seconds=60,
        created=NOON,
    )


def _ask_for_questions(tx: Transaction) -> None:
    intents.prune(tx, failed_before=NOON, made_before=NOON)
    intents.last_failure(tx, "host1.example")
    intents.put(tx, _intent(), NOON)
    assert intents.is_any_due(tx, NOON, BUSY)
    asked = intents.claim(tx, NOON, LATER, BUSY)
    assert asked is not None
    intents.failed(tx, asked, NOON)
    intents.put_off(tx, "host2.example", NOON)
    intents.settle(tx, asked)


def _ask_for_deliveries(tx: Transaction) -> None:
    subscriptions.find(tx, _intent().topic, _intent().callback)
    assert subscriptions.count_of(tx, "reader1.example") == MANY // 30
    subscriptions.confirm(tx, _intent(), NOON, LATER)
    assert subscriptions.want(tx, _intent().topic, 7, NOON, LATER) == MANY // 300
    assert subscriptions.is_any_due(tx, NOON, BUSY)
    claimed = subscriptions.claim(tx, NOON, LATER, BUSY)
    assert claimed is not None
    assert subscriptions.still(tx, claimed, NOON)
    subscriptions.failed(tx, claimed, "", NOON, LATER)
    subscriptions.delivered(tx, claimed, 7)
    subscriptions.end(tx, "x", "y")
    subscriptions.prune(tx, NOON)


def test_every_statement_of_the_hub_is_one_index_range(database: Database) -> None:
    """Counting all of them (a new subscription, status, metrics) is bounded by a setting."""
    _fill(database)
    catch = Catch(database)
    with database.write() as tx, catch.by("the hub"):
        _ask_for_questions(tx)
        _ask_for_deliveries(tx)

    assert len(catch.sent) >= 17
    faults = [fault for sent in catch.sent.values() for fault in faults_in(database, sent)]
    assert not faults, "\n".join(faults)
