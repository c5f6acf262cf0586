"""What programs can do with saved feeds."""

import msgspec
from flask import Response, request

from feedsvc.errors import ConflictError
from feedsvc.model import Feed, FeedId
from feedsvc.web.api import feed_schema
from feedsvc.web.api.operations import BASE
from feedsvc.web.api.views import (
    answer,
    asker,
    body_of,
    demand_condition,
    demand_match,
    refuse_change,
    tag_of,
    token,
)
from feedsvc.wiring import Service
from feedsvc.workflow import private_feeds, saved_feeds


class FeedViews:
    """The views of saved feeds, with the service they ask."""

    def __init__(self, service: Service) -> None:
        self._room = service.room
        self._site = service.config.site

    def list_saved_feeds(self) -> Response:
        """The feeds that somebody has made."""
        found = saved_feeds.all_feeds(self._room)
        feeds = tuple(feed_schema.saved(self._site, feed) for feed in found)
        return answer(feed_schema.SavedFeeds(feeds=feeds))

    def create_feed(self) -> Response:
        """Make a feed."""
        given = body_of(feed_schema.NewFeed)
        wanted = feed_schema.new_input(given)
        known = feed_schema.UNKNOWN
        if given.private:
            slug, by = given.slug, asker(token())
            keyed = private_feeds.add(self._room, wanted, by=by, slug=slug)
            made, known = keyed.feed, keyed.addresses
        else:
            made = saved_feeds.add(self._room, given.slug, wanted, by=asker(token()))
        response = self._feed(made, 201, known)
        response.headers["Location"] = self._site.url(f"{BASE}/saved-feeds/{made.id}")
        return response

    def get_feed(self, feed_id: int) -> Response:
        """A saved feed, public or not."""
        response = self._feed(saved_feeds.of_id(self._room, FeedId(feed_id)))
        response.make_conditional(request)
        return response

    def change_feed(self, feed_id: int) -> Response:
        """Change some settings, over the feed that the program saw."""
        change = body_of(feed_schema.FeedChange)
        demand_condition()
        before = saved_feeds.of_id(self._room, FeedId(feed_id))
        demand_match(self._bytes(before))
        wanted = feed_schema.changed(before, change)
        try:
            stored = saved_feeds.change(
                self._room, before.slug, wanted, by=asker(token()), version=before.version
            )
        except ConflictError:
            refuse_change()
        return self._feed(stored)

    def renew_feed_key(self, feed_id: int) -> Response:
        """Give a private feed another address; that of before answers 410 from then on."""
        feed = saved_feeds.of_id(self._room, FeedId(feed_id))
        keyed = private_feeds.renew(self._room, feed.slug, by=asker(token()))
        return self._feed(keyed.feed, 200, keyed.addresses)

    def remove_feed(self, feed_id: int) -> Response:
        """Remove a feed: its address answers 410 from then on."""
        feed = saved_feeds.of_id(self._room, FeedId(feed_id))
        saved_feeds.remove(self._room, feed.slug, by=asker(token()))
        return self._feed(feed)

    def _bytes(self, feed: Feed) -> bytes:
        return msgspec.json.encode(feed_schema.saved(self._site, feed))

    def _feed(
        self,
        feed: Feed,
        status: int = 200,
        known: feed_schema.Addresses = feed_schema.UNKNOWN,
    ) -> Response:
        body = msgspec.json.encode(feed_schema.saved(self._site, feed, known))
        response = Response(body, status, content_type="application/json")
        response.set_etag(tag_of(self._bytes(feed)))  # of what is stored: without a key
        return response
