"""Articles for a CMS: stored once, changed over what was seen, decided by who may."""

from datetime import timedelta
from threading import Semaphore
from typing import Any

import pytest
from flask.testing import FlaskClient
from msgspec import structs
from werkzeug.test import TestResponse

from feedsvc.model import Article, ArticleId, Role, Scope, State, User
from feedsvc.storage import accounts
from feedsvc.web import create_app
from feedsvc.wiring import Service
from feedsvc.workflow import read, tokens
from feedsvc.workflow.handed_in import looking_up
from feedsvc.workflow.writing import edit
from feedsvc.workflow.writing.withdraw import withdraw
from tests.factories import by, given
from tests.fakes import NOON, FakeClock
from tests.pictures import ImagingHere, encoded, photograph
from tests.rows import spoil
from tests.web.api_client import ARTICLES, Program, program


@pytest.fixture
def cms(service: Service, reader: FlaskClient) -> Program:
    return program(service, reader)


def _stored(service: Service) -> tuple[Article, ...]:
    return read.desk_list(service.room, limit=100).articles


def _fields(response: TestResponse) -> dict[str, str]:
    assert response.status_code == 422, response.text
    problem: dict[str, Any] = response.get_json()
    return {one["field"]: one["detail"] for one in problem["errors"]}


def test_an_article_is_a_draft_unless_it_is_said(cms: Program, service: Service) -> None:
    _, _, document = cms.store(categories=["News"], bylines=["Anna Das"])

    assert document["state"] == "draft"
    assert document["html"] == "<p>It rains in <em>Puri</em>.</p>"
    (article,) = _stored(service)
    assert (article.changed_by, article.bylines) == ("api:cms-publish", ("Anna Das",))


def test_a_published_article_is_where_it_says(cms: Program, reader: FlaskClient) -> None:
    _, _, document = cms.store(release="now")

    page = reader.get(document["url"].removeprefix("https://news.example.org"))
    assert page.status_code == 200
    assert "It rains" in page.text


def test_every_field_comes_back(cms: Program) -> None:
    given = {
        "title": "Rain & sun",
        "body": "<p>Rain.</p>",
        "body_format": "html",
        "categories": ["News", "Weather"],
        "bylines": ["Anna Das", "Ravi"],
        "excerpt": "Short.",
        "dateline": "Puri",
        "language": "en",
        "canonical_url": "https://elsewhere.example/1",
        "image": {"url": "https://images.example/1.jpg", "alt": "Rain", "credit": "Ravi"},
    }

    address, tag, document = cms.store(**given)

    assert document.items() >= given.items()
    again = cms.get(address)
    assert (again.get_json(), again.headers["ETag"]) == (document, tag)


def test_a_scheduled_article_is_seen_when_it_is_due(
    cms: Program, reader: FlaskClient, clock: FakeClock
) -> None:
    due = NOON + timedelta(hours=1)

    _, _, document = cms.store(release="at", release_at="2026-11-22T18:30:00+05:30")

    assert (document["state"], document["release_at"]) == ("scheduled", "2026-11-22T13:00:00Z")
    path = document["url"].removeprefix("https://news.example.org")
    assert reader.get(path).status_code == 404  # Promise 7
    clock.advance((due - NOON).total_seconds())
    assert reader.get(path).status_code == 200


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"title": ""}, "title"),
        ({"title": 7}, "title"),
        ({"headline": "x"}, "document"),
        ({"image": {"url": "ftp://x/1.jpg"}}, "image.url"),
        ({"image": {"address": "x"}}, "image"),
        ({"body_format": "word"}, "body_format"),
        ({"release": "at"}, "release_at"),
        ({"release": "at", "release_at": "2026-12-01T09:30:00"}, "release_at"),
        ({"categories": ["x" * 101]}, "categories"),
        ({"categories": [1]}, "categories[0]"),
    ],
)
def test_what_cannot_be_taken_is_named(
    cms: Program, service: Service, changes: dict[str, object], field: str
) -> None:
    response = cms.post(ARTICLES, {"title": "It rains", "body": "x", **changes})

    assert field in _fields(response)
    assert _stored(service) == ()


@pytest.mark.parametrize("body", [b"", b"{", b'{"title":"\xff"}', b'{"title":"\\ud800"}'])
def test_what_is_no_json_is_refused(cms: Program, body: bytes) -> None:
    response = cms.client.post(
        ARTICLES,
        data=body,
        headers={"Authorization": f"Bearer {cms.secret}", "Content-Type": "application/json"},
    )

    assert response.status_code == 400
    assert "no JSON" in response.get_json()["detail"]


def test_depth_harms_nobody(cms: Program) -> None:
    response = cms.client.post(
        ARTICLES,
        data=b'{"title":' + b"[" * 500_000,
        headers={"Authorization": f"Bearer {cms.secret}", "Content-Type": "application/json"},
    )

    assert response.status_code in {400, 422}


def test_only_json_is_read(cms: Program) -> None:
    headers = {"Authorization": f"Bearer {cms.secret}"}

    response = cms.client.post(ARTICLES, data={"title": "x"}, headers=headers)

    assert response.status_code == 415


def test_the_same_key_is_one_article(cms: Program, service: Service) -> None:
    document = {"title": "Once", "body": "x"}

    first, second = (cms.post(ARTICLES, document, Idempotency_Key="abc-1") for _ in "12")

    assert (first.status_code, second.status_code) == (201, 201)
    assert first.headers["Location"] == second.headers["Location"]
    assert len(_stored(service)) == 1


def test_a_key_is_for_one_request(cms: Program, service: Service) -> None:
    cms.post(ARTICLES, {"title": "Once", "body": "x"}, Idempotency_Key="abc-1")

    response = cms.post(ARTICLES, {"title": "Other", "body": "x"}, Idempotency_Key="abc-1")

    assert "another request" in _fields(response)["Idempotency-Key"]
    assert len(_stored(service)) == 1


@pytest.mark.parametrize("key", ["", "a b", "x" * 201])
def test_a_key_has_a_form(cms: Program, key: str) -> None:
    response = cms.post(ARTICLES, {"title": "Once", "body": "x"}, Idempotency_Key=key)

    assert "1 to 200" in _fields(response)["Idempotency-Key"]


def test_a_key_is_its_tokens_own(cms: Program, service: Service) -> None:
    _, secret = tokens.issue(service.room, "other", Scope.WRITE)
    other = Program(client=cms.client, secret=secret)

    for who in (cms, other):
        who.post(ARTICLES, {"title": "Once", "body": "x"}, Idempotency_Key="abc-1")

    assert len(_stored(service)) == 2


def test_a_change_keeps_what_it_does_not_name(cms: Program) -> None:
    image = {"url": "https://images.example/1.jpg", "alt": "Rain", "credit": ""}
    address, tag, before = cms.store(categories=["News"], image=image, excerpt="Short.")

    response = cms.patch(address, {"title": "It pours", "excerpt": None}, If_Match=tag)

    after = response.get_json()
    assert response.status_code == 200
    assert (after["title"], after["excerpt"]) == ("It pours", "")
    for name in ("guid", "body", "categories", "image", "state", "created"):
        assert after[name] == before[name]


def test_lists_and_image_are_cleared_by_null(cms: Program) -> None:
    image = {"url": "https://images.example/1.jpg"}
    address, tag, _ = cms.store(categories=["News"], bylines=["Anna"], image=image)

    response = cms.patch(
        address, {"categories": None, "bylines": [], "image": None}, If_Match=tag
    )

    after = response.get_json()
    assert (after["categories"], after["bylines"], after["image"]) == ([], [], None)


def test_only_a_significant_change_moves_updated(cms: Program, clock: FakeClock) -> None:
    address, tag, before = cms.store(release="now")
    clock.advance(60)

    minor = cms.patch(address, {"body": "It rains."}, If_Match=tag)
    major = cms.patch(
        address, {"body": "It rained.", "significant": True}, If_Match=minor.headers["ETag"]
    )

    assert minor.get_json()["updated"] == before["updated"]
    assert major.get_json()["updated"] == "2026-11-22T12:01:00Z"
    assert major.get_json()["published"] == before["published"]


def test_a_change_names_what_it_changes(cms: Program) -> None:
    address, tag, _ = cms.store()

    assert cms.patch(address, {"title": "x"}).status_code == 428
    assert cms.patch(address, {"title": "x"}, If_Match='"other"').status_code == 412
    assert cms.patch(address, {"title": "x"}, If_Match=f"W/{tag}").status_code == 412
    assert cms.patch(address, {"title": "x"}, If_Match="*").status_code == 200


def test_an_editor_is_not_overwritten(cms: Program, service: Service) -> None:
    """Promise 1: what an editor saved in between stays."""
    address, tag, document = cms.store()
    number = ArticleId(document["id"])
    edit.change(service.room, number, given("By Anna"), by=by("anna"), version=1)

    response = cms.patch(address, {"title": "By the CMS"}, If_Match=tag)

    assert response.status_code == 412
    assert read.article(service.room, number).title == "By Anna"


def test_a_time_alone_schedules(cms: Program) -> None:
    address, tag, _ = cms.store()

    response = cms.patch(address, {"release_at": "2026-11-23T09:00:00Z"}, If_Match=tag)

    assert response.get_json()["state"] == "scheduled"


def test_a_published_article_is_not_hidden_by_a_change(cms: Program) -> None:
    address, tag, _ = cms.store(release="now")

    response = cms.patch(address, {"release": "draft"}, If_Match=tag)

    assert "withdraw" in _fields(response)["release"]


def test_what_is_known_is_not_sent_again(cms: Program) -> None:
    address, tag, _ = cms.store()

    response = cms.get(address, If_None_Match=tag)

    assert (response.status_code, response.data) == (304, b"")


def test_an_article_is_withdrawn(cms: Program, reader: FlaskClient) -> None:
    address, _, document = cms.store(release="now")

    answers = [cms.post(f"{address}/withdraw") for _ in "12"]

    assert [answer.get_json()["state"] for answer in answers] == ["withdrawn", "withdrawn"]
    path = document["url"].removeprefix("https://news.example.org")
    assert reader.get(path).status_code == 410


def test_articles_are_listed_page_by_page(
    cms: Program, service: Service, clock: FakeClock
) -> None:
    for number in range(5):
        clock.advance(1)
        cms.store(title=f"T{number}")
    edit.create(service.room, given("Published"), by=by("anna"))

    titles, address = [], f"{ARTICLES}?state=draft&limit=2"
    while address:
        page = cms.get(address.removeprefix("https://news.example.org")).get_json()
        titles += [one["title"] for one in page["articles"]]
        address = page["next"]

    assert titles == ["T4", "T3", "T2", "T1", "T0"]


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("limit=0", "limit"),
        ("limit=x", "limit"),
        ("state=new", "state"),
        ("before=x", "before"),
    ],
)
def test_a_list_is_asked_for_rightly(cms: Program, query: str, field: str) -> None:
    assert field in _fields(cms.get(f"{ARTICLES}?{query}"))


def test_tags_are_stored_kept_and_changed(cms: Program) -> None:
    address, tag, stored = cms.store(tags=["Rain", "Floods", "rain"])
    kept = cms.patch(address, {"title": "Other"}, If_Match=tag)
    changed = cms.patch(address, {"tags": None}, If_Match=kept.headers["ETag"])

    assert stored["tags"] == ["Rain", "Floods"]
    assert kept.get_json()["tags"] == ["Rain", "Floods"]
    assert changed.get_json()["tags"] == []


def test_categories_and_feeds_are_listed(cms: Program) -> None:
    cms.store(categories=["News"], release="now")
    cms.store(categories=["Secret"])

    names = [one["name"] for one in cms.get("/api/v1/categories").get_json()["categories"]]
    feeds = cms.get("/api/v1/feeds").get_json()["feeds"]

    assert names == ["News", "Secret"]
    assert [feed["slug"] for feed in feeds] == ["recent", "category/news"]
    assert feeds[1]["atom"] == "https://news.example.org/feeds/category/news.atom"


@pytest.mark.parametrize("path", [f"{ARTICLES}/99", f"{ARTICLES}/0", "/api/v1/nothing"])
def test_what_is_not_there_is_a_problem_document(cms: Program, path: str) -> None:
    response = cms.get(path)

    assert response.status_code == 404
    assert response.content_type == "application/problem+json"
    assert response.get_json()["title"] == "Not Found"


def test_another_method_is_a_problem_document(cms: Program) -> None:
    response = cms.ask("DELETE", f"{ARTICLES}/1")

    assert (response.status_code, response.content_type) == (405, "application/problem+json")
    assert "PATCH" in response.headers["Allow"]


def test_a_method_is_known_or_refused_at_every_address(cms: Program) -> None:
    refused = cms.get(f"{ARTICLES}/1/withdraw")
    asked = cms.ask("OPTIONS", f"{ARTICLES}/1/withdraw")

    assert (refused.status_code, refused.headers["Allow"]) == (405, "OPTIONS, POST")
    assert (asked.status_code, asked.headers["Allow"]) == (204, "OPTIONS, POST")


def test_withdrawn_articles_are_listed_too(cms: Program, service: Service) -> None:
    article = edit.create(service.room, given(), by=by("anna"))
    withdraw(service.room, article.id, by=by("anna"))

    (found,) = cms.get(f"{ARTICLES}?state={State.WITHDRAWN}").get_json()["articles"]

    assert found["withdrawn"] == "2026-11-22T12:00:00Z"


def test_a_withdrawal_may_come_with_a_notice_and_a_last_entry(cms: Program) -> None:
    path, _, _ = cms.store(release="now")

    told = cms.post(f"{path}/withdraw", {"notice": "A court has ruled.", "reissue": True})
    again = cms.post(f"{path}/withdraw")

    assert told.status_code == again.status_code == 200
    assert told.get_json() == again.get_json()
    assert (told.get_json()["withdrawal_notice"], told.get_json()["reissued"]) == (
        "A court has ruled.",
        True,
    )


@pytest.mark.parametrize("document", [{"notice": "x" * 1001}, {"reissue": "y"}, {"why": "?"}])
def test_a_withdrawal_that_cannot_be_read_is_none(
    cms: Program, document: dict[str, object]
) -> None:
    path, _, _ = cms.store(release="now")

    refused = cms.post(f"{path}/withdraw", document)

    assert refused.status_code == 422
    assert cms.get(path).get_json()["state"] == "published"


def test_a_draft_has_no_corrections(cms: Program) -> None:
    path, tag, _ = cms.store()

    refused = cms.patch(path, {"correction": "Wrong."}, If_Match=tag)

    assert refused.status_code == 422
    assert [error["field"] for error in refused.get_json()["errors"]] == ["correction"]


def test_a_program_can_send_what_feeds_wait_for(patient: Service) -> None:
    cms = program(patient, create_app(patient).test_client())

    path, tag, stored = cms.store(release="now")
    _, _, at_once = cms.store(release="now", send_now=True)
    sent = cms.patch(path, {"send_now": True}, If_Match=tag).get_json()

    assert stored["enters_at"] == "2026-11-22T12:10:00Z"
    assert (at_once["enters_at"], sent["enters_at"]) == (None, None)


def test_media_files_come_back_and_can_be_changed(cms: Program) -> None:
    talk = {"url": "https://m.example.org/talk.mp3", "type": "audio/mpeg", "length": 5}
    path, tag, document = cms.store(enclosures=[{**talk, "title": "Talk"}])
    assert document["enclosures"] == [{**talk, "title": "Talk"}]

    renamed = [{"url": talk["url"], "title": "The talk"}]
    response = cms.patch(path, {"enclosures": renamed}, If_Match=tag)
    assert response.get_json()["enclosures"] == [{**talk, "title": "The talk"}]

    tag = response.headers["ETag"]
    response = cms.patch(path, {"enclosures": None}, If_Match=tag)
    assert response.get_json()["enclosures"] == []


def test_media_file_that_cannot_be_looked_up_is_refused(cms: Program) -> None:
    document = {"title": "T", "body": "B", "enclosures": [{"url": "http://10.0.0.1/a.mp3"}]}

    assert "write type and size" in _fields(cms.post(ARTICLES, document))["enclosures"]


def test_what_no_feed_could_carry_is_refused(cms: Program, service: Service) -> None:
    address, _, _ = cms.store()
    spoil(service.room, ArticleId(1), guid="x" * 1001)
    tag = cms.get(address).headers["ETag"]

    refused = cms.patch(address, {"release": "now"}, If_Match=tag)

    assert refused.status_code == 422
    assert "no feed could carry this article" in refused.get_json()["detail"]
    assert cms.get(address).get_json()["state"] == "draft"


def _sent(cms: Program, data: bytes, kind: str = "image/jpeg") -> TestResponse:
    headers = {"Authorization": f"Bearer {cms.secret}", "Content-Type": kind}
    return cms.client.post("/api/v1/pictures", data=data, headers=headers)


def test_picture_is_uploaded_and_shown(service: Service) -> None:
    drawing = structs.replace(service, imaging=ImagingHere())
    cms = program(service, create_app(drawing).test_client())

    response = _sent(cms, encoded(photograph(700, 500)))

    assert response.status_code == 201
    told = response.get_json()
    assert (told["width"], told["height"], told["type"]) == (700, 500, "image/jpeg")
    assert told["length"] == len(cms.client.get(told["url"]).data)
    image = {"url": told["url"], "alt": "A lamp"}
    _, _, document = cms.store(image=image, body=told["markdown"].replace("[]", "[A lamp]"))
    assert document["image"] == {**image, "credit": ""}
    assert f'srcset="{told["srcset"]}"' in document["html"]


def test_what_is_no_picture_is_refused(service: Service, cms: Program) -> None:
    assert _sent(cms, b"").status_code == 422
    assert _sent(cms, b"<svg/>", "image/svg+xml").status_code == 415
    assert _fields(_sent(cms, bytes(10_000_001))) == {
        "image_file": "the picture has 10.0 MB, and at most 10 MB are possible; make it smaller"
    }


def test_picture_needs_a_token_that_may_write(service: Service, reader: FlaskClient) -> None:
    assert _sent(program(service, reader, Scope.READ), b"x").status_code == 403


@pytest.fixture
def ravi(service: Service) -> User:
    now = service.clock.now()
    with service.database.write() as tx:
        return accounts.add_user(
            tx, name="ravi", display_name="", role=Role.REPORTER, password_hash="x", now=now
        )


def test_an_article_is_given_to_somebody(cms: Program, service: Service, ravi: User) -> None:
    address, tag, made = cms.store(owner="Ravi")
    listed = cms.get(ARTICLES).get_json()["articles"]
    kept = cms.patch(address, {"title": "It pours"}, If_Match=tag)
    taken = cms.patch(address, {"owner": None}, If_Match=kept.headers["ETag"])
    given_back = cms.patch(address, {"owner": "ravi"}, If_Match=taken.headers["ETag"])

    answers = [kept.get_json(), taken.get_json(), given_back.get_json()]
    assert (made["owner"], listed[0]["owner"]) == ("ravi", "ravi")
    assert [answer["owner"] for answer in answers] == ["ravi", None, "ravi"]
    assert _stored(service)[0].owner_id == ravi.id


def test_what_a_program_began_is_nobodys(cms: Program) -> None:
    _, _, document = cms.store()

    assert document["owner"] is None


@pytest.mark.parametrize("name", ["meera", "ra\x00vi", "asha"])
def test_an_article_is_given_only_to_who_can_sign_in(
    cms: Program, service: Service, ravi: User, name: str
) -> None:
    address, tag, _ = cms.store(owner="ravi")
    with service.database.write() as tx:
        out = accounts.add_user(
            tx, name="asha", display_name="", role=Role.EDITOR, password_hash="x", now=NOON
        )
        accounts.set_disabled(tx, out.id, disabled=True)

    refused = cms.patch(address, {"owner": name}, If_Match=tag)
    unstored = cms.post(ARTICLES, {"title": "x", "body": "x", "owner": name})

    assert list(_fields(refused)) == list(_fields(unstored)) == ["owner"]
    assert [article.owner_id for article in _stored(service)] == [ravi.id]


def test_a_program_that_writes_drafts_gives_no_published_article_away(
    cms: Program, service: Service, reader: FlaskClient, ravi: User
) -> None:
    """As at the desk: what readers have is for those who publish."""
    address, tag, _ = cms.store(release="now")
    writer = program(service, reader, Scope.WRITE)
    _, _, made = writer.store(owner="ravi")

    assert writer.patch(address, {"owner": "ravi"}, If_Match=tag).status_code == 403
    assert (made["owner"], cms.get(address).get_json()["owner"]) == ("ravi", None)


def test_program_is_told_when_too_many_files_are_looked_up(
    cms: Program, service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(looking_up, "_places", Semaphore(0))

    response = cms.post(
        ARTICLES,
        {"title": "x", "body": "x", "enclosures": [{"url": "https://media.example/1.mp3"}]},
    )

    assert (response.status_code, response.headers["Retry-After"]) == (503, "10")
    assert response.get_json()["detail"] == (
        "Too many files are being looked up just now. Save again in a moment."
    )
    assert _stored(service) == ()
