"""Revisions only grow, and a newer one is never replaced by an older."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from feedsvc import zstd
from feedsvc.errors import StaleError
from feedsvc.model import RECENT, Coding, Feed, Format, Label, Representation, Validators
from feedsvc.publishing.unpacking import unpack
from feedsvc.storage import categories, feeds, leases, representations
from feedsvc.storage.database import Database, Transaction
from feedsvc.storage.tables.feeds import RepresentationRow
from tests.fakes import NOON

TERM = timedelta(seconds=10)


def recent(tx: Transaction) -> Feed:
    feeds.ensure_recent(tx, "urn:uuid:recent", NOON)
    found = feeds.find(tx, RECENT)
    assert found is not None
    return found


def test_new_feed_of_all_articles_is_dirty_once(database: Database) -> None:
    with database.write() as tx:
        recent(tx)
        feed = recent(tx)

    assert (feed.revision, feed.published_revision, feed.is_dirty) == (1, 0, True)


def test_marking_touches_recent_and_the_categories_only(database: Database) -> None:
    with database.write() as tx:
        recent(tx)
        made = [
            categories.add(tx, slug=slug, name=slug, feed_guid=f"urn:{slug}", now=NOON)
            for slug in ("a", "b")
        ]
        feeds.mark_dirty(tx, {made[0].id})
        revisions = {
            slug: found.revision
            for slug in (RECENT, "category/a", "category/b")
            if (found := feeds.find(tx, slug))
        }

    assert revisions == {RECENT: 2, "category/a": 1, "category/b": 0}


def test_category_without_public_articles_is_known_to_nobody(database: Database) -> None:
    """Promise 7: the name of a category may be the secret."""
    with database.write() as tx:
        recent(tx)
        categories.add(tx, slug="merger", name="Merger", feed_guid="urn:m", now=NOON)

        known = feeds.public_feeds(tx), categories.public_categories(tx)
        found = categories.find_public(tx, "merger"), feeds.dirty(tx, 9)

    assert [feed.slug for feed in known[0]] == [RECENT]
    assert known[1] == ()
    assert found[0] is None
    assert [feed.slug for feed in found[1]] == [RECENT]


def test_older_revision_is_never_published(database: Database) -> None:
    """Promise 4: no going back."""
    with database.write() as tx:
        old = recent(tx)
        feeds.mark_dirty(tx, ())
        new = recent(tx)
        first = feeds.mark_published(tx, new, NOON)
        late = feeds.mark_published(tx, old, NOON)
        again = feeds.mark_published(tx, new, NOON)

    assert (first, late, again) == (True, False, False)


def test_change_during_a_run_keeps_the_feed_dirty(database: Database) -> None:
    """Promise 1: a mark made while the feed was being rendered is not lost."""
    with database.write() as tx:
        seen = recent(tx)
        feeds.mark_dirty(tx, ())
        feeds.mark_published(tx, seen, NOON)

        assert recent(tx).is_dirty
        assert feeds.is_any_dirty(tx)
        assert not feeds.is_any_dirty(tx, skipping=[RECENT])


def test_followers_see_publications_in_order(database: Database) -> None:
    with database.write() as tx:
        feed = recent(tx)
        other = categories.add(tx, slug="a", name="a", feed_guid="urn:a", now=NOON)
        feeds.mark_dirty(tx, {other.id})
        for made in feeds.dirty(tx, 9):
            feeds.mark_published(tx, made, NOON)
        news = feeds.published_since(tx, 0, 9)
        rest = feeds.published_since(tx, news[0][1], 9)

    assert [sequence for _, sequence in news] == [1, 2]
    assert rest == news[1:]
    assert feed.id in {found for found, _ in news}


def test_standing_counts_what_is_dirty_and_knows_the_last_publication(
    database: Database,
) -> None:
    with database.write() as tx:
        none = feeds.standing(tx)
        feeds.ensure_recent(tx, "urn:x", NOON)
        dirty = feeds.standing(tx)
        recent = feeds.find(tx, RECENT)
        assert recent is not None
        feeds.mark_published(tx, recent, NOON)
        out = feeds.standing(tx)

    assert none == feeds.Standing(dirty=0, newest=0, regenerated=None)
    assert dirty == feeds.Standing(dirty=1, newest=0, regenerated=None)
    assert out == feeds.Standing(dirty=0, newest=1, regenerated=NOON)


def test_feeds_that_readers_have_are_named(database: Database) -> None:
    with database.write() as tx:
        feed = recent(tx)
        categories.add(tx, slug="a", name="a", feed_guid="urn:a", now=NOON)
        before = feeds.published_slugs(tx)
        feeds.mark_published(tx, feed, NOON)
        after = feeds.published_slugs(tx)

    assert (before, after) == ((), (RECENT,))


def test_all_or_named_feeds_are_marked(database: Database) -> None:
    with database.write() as tx:
        recent(tx)
        other = categories.add(tx, slug="a", name="a", feed_guid="urn:a", now=NOON)
        feeds.mark_dirty(tx, {other.id})

        counts = feeds.mark_all_dirty(tx), feeds.mark_all_dirty(tx, ["category/a"])

    assert counts == (2, 1)


def representation(
    body: bytes, format_: Format = Format.RSS, coding: Coding = Coding.IDENTITY
) -> Representation:
    return Representation(
        slug=RECENT,
        format=format_,
        coding=coding,
        body=body,
        validators=Validators(etag="0" * 32, last_modified=NOON),
        revision=1,
    )


def test_representations_are_replaced_a_format_at_a_time(database: Database) -> None:
    with database.write() as tx:
        feed = recent(tx)
        atom = representation(b"atom", Format.ATOM)
        representations.replace(tx, feed.id, [representation(b"old"), atom])
        representations.replace(tx, feed.id, [representation(b"new")])
        representations.replace(tx, feed.id, [])

        found = representations.identity_of(tx, [feed.id], unpack)[feed.id]
        everything = representations.of_feeds(tx, [feed.id], unpack)
        validators = representations.validators_of(tx, [feed.id])[feed.id]

    assert validators == {format_: made.validators for format_, made in found.items()}
    assert found == {Format.RSS: representation(b"new"), Format.ATOM: atom}
    assert set(everything) == set(found.values())


def test_of_bytes_that_are_not_stored_the_label_is_enough(database: Database) -> None:
    plain = representation(b"the news" * 9)
    coded = representation(zstd.compress(plain.body), coding=Coding.ZSTD)
    with database.write() as tx:
        feed = recent(tx)
        representations.replace(tx, feed.id, [plain.label, coded])

        everything = representations.of_feeds(tx, [feed.id], unpack)

    assert set(everything) == {plain, coded}


@pytest.mark.parametrize(
    "sealed",
    [
        pytest.param([representation(b"alone").label], id="nothing to make it from"),
        pytest.param(
            [
                representation(b"the news", coding=Coding.GZIP).label,
                representation(b"the news", coding=Coding.ZSTD),
            ],
            id="another coding",
        ),
    ],
)
def test_a_label_of_what_nobody_could_make_is_refused(
    database: Database, sealed: list[Representation | Label]
) -> None:
    with database.write() as tx:
        feed = recent(tx)
        with pytest.raises(TypeError, match="a label alone of recent rss"):
            representations.replace(tx, feed.id, sealed)


def test_bytes_that_can_be_made_from_others_are_not_stored(database: Database) -> None:
    """A set with zstd comes back whole, and so does one without."""
    coded = zstd.compress(b"the news" * 9)
    atom = [
        representation(b"the news" * 9, Format.ATOM),
        representation(coded, Format.ATOM, Coding.ZSTD),
        representation(b"gzip", Format.ATOM, Coding.GZIP),
    ]
    alone = [representation(b"{}", Format.JSON), representation(b"", Format.RSS)]
    stored_atom = select(RepresentationRow).where(RepresentationRow.format == "atom")
    with database.write() as tx:
        feed = recent(tx)
        representations.replace(tx, feed.id, [*atom, *alone])

        everything = representations.of_feeds(tx, [feed.id], unpack)
        one_set = representations.of_set(tx, RECENT, Format.ATOM, unpack)
        identity = representations.identity_of(tx, [feed.id], unpack)
        labels = representations.labels_of(tx, [feed.id])
        stored = {row.coding: row.body for row in tx.rows(stored_atom)}

    assert stored == {"identity": b"", "zstd": coded, "gzip": b"gzip"}
    assert set(everything) == {*atom, *alone}
    assert set(one_set) == set(atom)
    assert identity == {feed.id: {made.format: made for made in [atom[0], *alone]}}
    assert set(labels) == {made.label for made in [*atom, *alone]}


def test_lease_is_for_one_at_a_time(database: Database) -> None:
    with database.write() as tx:
        mine = leases.acquire(tx, "leader", "me", NOON, TERM)
        theirs = leases.acquire(tx, "leader", "they", NOON + TERM / 2, TERM)
        extended = leases.acquire(tx, "leader", "me", NOON + TERM / 2, TERM)

    assert mine is not None
    assert extended is not None
    assert theirs is None
    assert (extended.token, extended.expires) == (mine.token, mine.expires + TERM / 2)


def test_leader_that_slept_is_fenced_off(database: Database) -> None:
    """Promise 4: also by a leader that slept through its lease."""
    with database.write() as tx:
        slept = leases.acquire(tx, "leader", "me", NOON, TERM)
        awake = leases.acquire(tx, "leader", "they", NOON + TERM, TERM)
        assert slept is not None
        assert awake is not None

        leases.check(tx, awake)
        with pytest.raises(StaleError):
            leases.check(tx, slept)


def test_lease_given_up_is_free_at_once(database: Database) -> None:
    with database.write() as tx:
        mine = leases.acquire(tx, "leader", "me", NOON, TERM)
        assert mine is not None
        leases.give_up(tx, mine, NOON)
        theirs = leases.acquire(tx, "leader", "they", NOON, TERM)
        now = leases.current(tx, "leader")

    assert theirs is not None
    assert now == theirs
    assert theirs.token == mine.token + 1


def test_nobody_has_led_yet(database: Database) -> None:
    with database.read() as tx:
        assert leases.current(tx, "leader") is None
