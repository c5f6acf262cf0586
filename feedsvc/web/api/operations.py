"""The one list of what programs can ask for: routes and description are both made from it."""

from dataclasses import dataclass

from msgspec import Struct

from feedsvc.model import Scope
from feedsvc.web.api import feed_schema, schema

BASE = "/api/v1"
PICTURES = ("image/jpeg", "image/png", "image/webp", "image/gif", "image/avif")
FEED = f"{BASE}/saved-feeds/{{feed_id}}"
ARTICLE = f"{BASE}/articles/{{article_id}}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """One method at one path; `name` is also the view's.

    `statuses` are those of refusals that belong to this operation; those that any operation
    can meet are in `openapi`.
    """

    name: str
    method: str
    path: str
    summary: str
    scope: Scope
    answer: type[Struct]
    status: int = 200
    body: type[Struct] | None = None
    is_body_needed: bool = True
    media_types: tuple[str, ...] = ()  # of a body that is no document
    query: tuple[str, ...] = ()
    headers: tuple[str, ...] = ()
    statuses: tuple[int, ...] = ()


OPERATIONS = (
    Operation(
        name="list_articles",
        method="GET",
        path=f"{BASE}/articles",
        summary="Articles in one or all states, last changed first",
        scope=Scope.READ,
        answer=schema.Articles,
        query=("state", "limit", "before"),
        statuses=(422,),
    ),
    Operation(
        name="create_article",
        method="POST",
        path=f"{BASE}/articles",
        summary="Store an article: a draft, published now, or scheduled",
        scope=Scope.WRITE,
        answer=schema.FullArticle,
        status=201,
        body=schema.NewArticle,
        headers=("Idempotency-Key",),
        statuses=(409, 422),
    ),
    Operation(
        name="get_article",
        method="GET",
        path=ARTICLE,
        summary="An article in whatever state; the entity tag is what a change must name",
        scope=Scope.READ,
        answer=schema.FullArticle,
        headers=("If-None-Match",),
        statuses=(404,),
    ),
    Operation(
        name="change_article",
        method="PATCH",
        path=ARTICLE,
        summary="Change some fields of an article, over the one with this entity tag",
        scope=Scope.WRITE,
        answer=schema.FullArticle,
        body=schema.Change,
        headers=("If-Match",),
        statuses=(404, 412, 422, 428),
    ),
    Operation(
        name="withdraw_article",
        method="POST",
        path=f"{ARTICLE}/withdraw",
        summary="Take an article out of every feed; twice is harmless",
        scope=Scope.PUBLISH,
        answer=schema.FullArticle,
        body=schema.Withdrawal,
        is_body_needed=False,
        statuses=(404, 422),
    ),
    Operation(
        name="upload_picture",
        method="POST",
        path=f"{BASE}/pictures",
        summary="Store a picture, drawn anew in several sizes; the same one twice is one",
        scope=Scope.WRITE,
        answer=schema.UploadedPicture,
        status=201,
        media_types=PICTURES,
        statuses=(422,),
    ),
    Operation(
        name="list_categories",
        method="GET",
        path=f"{BASE}/categories",
        summary="Every category, by name",
        scope=Scope.READ,
        answer=schema.Categories,
    ),
    Operation(
        name="list_feeds",
        method="GET",
        path=f"{BASE}/feeds",
        summary="Every public feed",
        scope=Scope.READ,
        answer=schema.Feeds,
    ),
    Operation(
        name="list_saved_feeds",
        method="GET",
        path=f"{BASE}/saved-feeds",
        summary="Every feed that somebody has made, with its rule",
        scope=Scope.READ,
        answer=feed_schema.SavedFeeds,
    ),
    Operation(
        name="create_feed",
        method="POST",
        path=f"{BASE}/saved-feeds",
        summary="Make a feed of a rule, a tag, an author or a language",
        scope=Scope.PUBLISH,
        answer=feed_schema.SavedFeed,
        status=201,
        body=feed_schema.NewFeed,
        statuses=(409, 422),
    ),
    Operation(
        name="get_feed",
        method="GET",
        path=FEED,
        summary="A feed that somebody has made; the entity tag is what a change must name",
        scope=Scope.READ,
        answer=feed_schema.SavedFeed,
        headers=("If-None-Match",),
        statuses=(404,),
    ),
    Operation(
        name="change_feed",
        method="PATCH",
        path=FEED,
        summary="Change some settings of a feed, over the one with this entity tag",
        scope=Scope.PUBLISH,
        answer=feed_schema.SavedFeed,
        body=feed_schema.FeedChange,
        headers=("If-Match",),
        statuses=(404, 412, 422, 428),
    ),
    Operation(
        name="renew_feed_key",
        method="POST",
        path=f"{FEED}/key",
        summary="Give a private feed a new address; that of before answers 410 from then on",
        scope=Scope.PUBLISH,
        answer=feed_schema.SavedFeed,
        statuses=(404, 422),
    ),
    Operation(
        name="remove_feed",
        method="POST",
        path=f"{FEED}/remove",
        summary="Remove a feed; its address answers 410 from then on",
        scope=Scope.PUBLISH,
        answer=feed_schema.SavedFeed,
        statuses=(404,),
    ),
)
