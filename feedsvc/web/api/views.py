"""What programs can do: parse, call one function of the workflow, answer."""

import hashlib
from typing import Annotated, NoReturn, TypeVar

import msgspec
from flask import Response, abort, g, request
from msgspec import UNSET, Meta, Struct, UnsetType
from msgspec.structs import replace

from feedsvc.errors import ConflictError, InputError
from feedsvc.model import (
    ApiToken,
    Article,
    ArticleId,
    ArticleInput,
    By,
    Enclosure,
    Scope,
    State,
)
from feedsvc.web.api import schema
from feedsvc.web.api.operations import BASE
from feedsvc.wiring import Service
from feedsvc.workflow import read, tokens
from feedsvc.workflow.handed_in.looking_up import looked_up
from feedsvc.workflow.read import Cursor
from feedsvc.workflow.writing import assigning, edit
from feedsvc.workflow.writing.as_input import stored_as_input
from feedsvc.workflow.writing.withdraw import withdraw

T = TypeVar("T", bound=Struct)
_DECIDED = {State.SCHEDULED, State.PUBLISHED}  # readers have it, or are to have it
_JSON = {"application/json", "application/merge-patch+json"}
_CHANGED_MEANWHILE = "it was changed since it had this entity tag; get it again, then decide"
_UNCONDITIONAL = "send If-Match with the entity tag of what you saw"


class Query(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a list can be asked for."""

    state: State | UnsetType = UNSET
    limit: Annotated[int, Meta(ge=1, le=100)] = 20
    before: str | UnsetType = UNSET


class Views:
    """The views, with the service they ask; `token` is who asks."""

    def __init__(self, service: Service) -> None:
        self._room = service.room
        self._outbound = service.outbound
        self._site = service.config.site

    def list_articles(self) -> Response:
        """Articles in one or all states, last changed first."""
        asked = _query()
        page = read.desk_list(
            self._room,
            limit=asked.limit,
            state=asked.state or None,
            before=_cursor(asked.before) if asked.before else None,
        )
        owners = assigning.owners(self._room, page.articles)
        found = tuple(schema.summary(self._site, one, owners) for one in page.articles)
        following = self._following(asked, page.next) if page.next else None
        return answer(schema.Articles(articles=found, next=following))

    def _following(self, asked: Query, place: Cursor) -> str:
        state = f"&state={asked.state}" if asked.state else ""
        return self._site.url(
            f"{BASE}/articles?limit={asked.limit}&before={place.encode()}{state}"
        )

    def create_article(self) -> Response:
        """Store an article; once for each idempotency key."""
        given, bearer = body_of(schema.NewArticle), token()
        if given.release.goes_out:
            tokens.demand(bearer, Scope.PUBLISH)
        key = request.headers.get("Idempotency-Key")
        asked = msgspec.json.encode(given)
        word = tokens.once(self._room, bearer, key, asked) if key is not None else None
        wanted = self._given_to(given.owner, schema.as_input(given, word))
        wanted = self._looked_up(wanted)
        stored = edit.create(self._room, wanted, by=asker(bearer))
        response = self._article(stored, 201)
        response.headers["Location"] = self._site.url(f"{BASE}/articles/{stored.id}")
        return response

    def get_article(self, article_id: int) -> Response:
        """An article in whatever state."""
        response = self._article(self._found(article_id))
        response.make_conditional(request)
        return response

    def change_article(self, article_id: int) -> Response:
        """Change some fields, over the article that the program saw."""
        change, bearer = body_of(schema.Change), token()
        demand_condition()
        before = self._found(article_id)
        demand_match(self._bytes(before))
        wanted = schema.changed(stored_as_input(before), change)
        wanted = self._given_to(change.owner, wanted)
        if wanted.release.goes_out or before.state in _DECIDED:
            tokens.demand(bearer, Scope.PUBLISH)
        wanted = self._looked_up(wanted, before.enclosures)
        try:
            stored = edit.change(
                self._room, before.id, wanted, by=asker(bearer), version=before.version
            )
        except ConflictError:
            refuse_change()
        return self._article(stored)

    def withdraw_article(self, article_id: int) -> Response:
        """Take an article out of every feed."""
        nothing = not request.content_length and "Transfer-Encoding" not in request.headers
        given = schema.Withdrawal() if nothing else body_of(schema.Withdrawal)
        stored = withdraw(
            self._room,
            ArticleId(article_id),
            by=asker(token()),
            notice=None if given.notice is UNSET else given.notice,
            reissue=None if given.reissue is UNSET else given.reissue,
        )
        return self._article(stored)

    def list_categories(self) -> Response:
        """Every category, by name."""
        found = tuple(map(schema.category, read.desk_categories(self._room)))
        return answer(schema.Categories(categories=found))

    def list_feeds(self) -> Response:
        """Every public feed."""
        found = tuple(schema.feed(self._site, feed) for feed in read.feeds(self._room))
        return answer(schema.Feeds(feeds=found))

    def _looked_up(
        self, given: ArticleInput, stored: tuple[Enclosure, ...] = ()
    ) -> ArticleInput:
        return looked_up(self._room.clock, self._outbound, given, stored)

    def _given_to(self, owner: str | UnsetType | None, given: ArticleInput) -> ArticleInput:
        if owner is UNSET:
            return given
        return replace(given, assigned=assigning.named(self._room, owner or ""))

    def _found(self, article_id: int) -> Article:
        return read.article(self._room, ArticleId(article_id))

    def _bytes(self, article: Article) -> bytes:
        owners = assigning.owners(self._room, [article])
        return msgspec.json.encode(schema.full(self._site, article, owners))

    def _article(self, article: Article, status: int = 200) -> Response:
        body = self._bytes(article)
        response = Response(body, status, content_type="application/json")
        response.set_etag(tag_of(body))
        return response


def token() -> ApiToken:
    """Return who asks."""
    known: ApiToken = g.api_token
    return known


def asker(bearer: ApiToken) -> By:
    """Return as whom a program acts, for colleagues to see at the desk."""
    return tokens.bearer_of(bearer, request.remote_addr or "")


def demand_condition() -> None:
    """Answer 428 to a change that does not say over what (RFC 6585, section 3)."""
    if not request.if_match:
        abort(428, _UNCONDITIONAL)


def demand_match(current: bytes) -> None:
    """Answer 412 if what the program saw is not what is stored (RFC 9110, section 13.1.1)."""
    if not request.if_match.contains(tag_of(current)):
        refuse_change()


def refuse_change() -> NoReturn:
    """Answer 412: somebody else was faster."""
    abort(412, _CHANGED_MEANWHILE)


def tag_of(body: bytes) -> str:
    """Return the entity tag of an answer."""
    return hashlib.sha256(body).hexdigest()[:32]


def answer(document: Struct) -> Response:
    """Answer with a document."""
    return Response(msgspec.json.encode(document), content_type="application/json")


def body_of(kind: type[T]) -> T:
    """Read what was sent; what is wrong is said with the place where it is.

    Raises:
        InputError: it is JSON, and not what was expected.
    """
    if request.mimetype not in _JSON:
        abort(415, "send JSON, with Content-Type: application/json")
    data = request.get_data()
    try:
        return msgspec.json.decode(data, type=kind)
    except msgspec.ValidationError as error:
        raise _misfit(error) from None
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        abort(400, f"this is no JSON: {error}")


def _query() -> Query:
    try:
        return msgspec.convert(request.args.to_dict(), Query, strict=False)
    except msgspec.ValidationError as error:
        raise _misfit(error) from None


def _cursor(text: str) -> Cursor:
    try:
        return Cursor.decode(text)
    except InputError as error:
        raise InputError("the request cannot be taken", {"before": str(error)}) from None


def _misfit(error: msgspec.ValidationError) -> InputError:
    """Return what does not fit, by field: msgspec says "... - at `$.image.url`"."""
    problem, _, place = str(error).partition(" - at `$.")
    field = place.removesuffix("`") or "document"
    return InputError("the request cannot be taken", {field: problem})
