"""Many articles at once touch the feeds they are in, and no others."""

from feedsvc.model import State
from feedsvc.storage import feeds, settings
from feedsvc.workflow.bulk import store_many
from feedsvc.workflow.newsroom import Newsroom
from feedsvc.workflow.start import make_ready
from tests.factories import article, category


def revisions(room: Newsroom) -> dict[str, int]:
    with room.database.read() as tx:
        return {feed.slug: feed.revision for feed in feeds.public_feeds(tx)}


def test_visible_articles_mark_their_feeds_once_and_secret_ones_none(room: Newsroom) -> None:
    """Promises 1 and 7."""
    make_ready(room)
    secret = article(3, state=State.DRAFT, published=None, categories=(category("Merger"),))

    store_many(
        room, [secret], ["c"], feed_guid=lambda made: f"urn:x:{made.slug}", note=("far", "1")
    )
    before = revisions(room)
    store_many(
        room,
        [article(1), article(2)],
        ["a", "b"],
        feed_guid=lambda made: f"urn:x:{made.slug}",
        note=("far", "3"),
    )

    assert before == {"recent": 1}
    assert revisions(room) == {"recent": 2, "category/news": 1}
    with room.database.read() as tx:
        assert settings.get(tx, "far") == "3"
