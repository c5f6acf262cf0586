"""Media files in the article form: lines that work without a script, and lose nothing."""

from threading import Semaphore

import pytest
from flask import Flask
from msgspec import structs

from feedsvc.model import Article, ArticleId, Enclosure, Role
from feedsvc.outbound import Outbound
from feedsvc.storage import articles
from feedsvc.web import create_app
from feedsvc.wiring import Service
from feedsvc.workflow import accounts, read
from feedsvc.workflow.handed_in import looking_up
from tests.factories import COMMAND_LINE
from tests.files_at import LENGTH, FileServer
from tests.web.desk_client import PASSWORD, Browser, Page

URL = "https://media.example.org/talk.mp3"


@pytest.fixture
def app(service: Service, files: FileServer) -> Flask:
    return create_app(structs.replace(service, outbound=Outbound((files.name,))))


def stored(service: Service) -> Article:
    return read.article(service.room, ArticleId(1))


def lines(**columns: list[str]) -> dict[str, object]:
    """Return what a form with three lines sends."""
    names = ("enclosures", "enclosure_titles", "enclosure_types", "enclosure_lengths")
    return {name: [*columns.get(name, []), "", "", ""][:3] for name in names}


def shown(page: Page, name: str = "enclosures") -> list[str]:
    return [str(value) for value in page.root.xpath(f"//input[@name='{name}']/@value")]


def test_new_article_has_three_empty_lines(asha: Browser) -> None:
    assert shown(asha.open("/desk/articles/new")) == ["", "", ""]


def test_type_and_size_are_looked_up(
    asha: Browser, service: Service, files: FileServer
) -> None:
    url = f"{files.url}/talk.mp3"

    page = asha.write(**lines(enclosures=["", f" {url} "], enclosure_titles=["", "A talk"]))

    assert stored(service).enclosures == (
        Enclosure(url=url, media_type="audio/mpeg", length=LENGTH, alt="A talk"),
    )
    assert shown(page) == [url, "", "", ""]
    assert shown(page, "enclosure_lengths") == [str(LENGTH), "", "", ""]


def test_what_was_typed_is_kept_when_a_file_cannot_be_found(
    asha: Browser, service: Service, files: FileServer
) -> None:
    url = f"{files.url}/gone.mp3"

    page = asha.write(**lines(enclosures=[url], enclosure_titles=["A talk"]))

    assert page.status == 400
    assert "status 404" in page.words("//*[@id='enclosures-error']")
    assert (shown(page)[0], shown(page, "enclosure_titles")[0]) == (url, "A talk")
    again = asha.send(
        page,
        **lines(enclosures=[url], enclosure_types=["audio/mpeg"], enclosure_lengths=["5 000"]),
    )
    assert again.status == 200
    assert stored(service).enclosures[0].length == 5000


def test_size_that_is_no_number_is_kept_and_explained(asha: Browser) -> None:
    page = asha.write(**lines(enclosures=[URL], enclosure_lengths=["5 MB"]))

    assert page.status == 400
    assert "number of bytes" in page.words("//*[@id='enclosures-error']")
    assert shown(page, "enclosure_lengths")[0] == "5 MB"


def test_preview_carries_the_files_along(asha: Browser, service: Service) -> None:
    typed = lines(enclosures=[URL], enclosure_types=["audio/mpeg"], enclosure_lengths=["5"])

    page = asha.write(action="preview", **typed)
    asha.send(page, action="save")

    assert page.has(f"//p[@class='file']//audio[@src='{URL}']")
    assert stored(service).enclosures == (
        Enclosure(url=URL, media_type="audio/mpeg", length=5),
    )


def test_form_without_these_fields_leaves_the_files(asha: Browser, service: Service) -> None:
    asha.write(
        **lines(enclosures=[URL], enclosure_types=["audio/mpeg"], enclosure_lengths=["5"])
    )
    values = asha.open("/desk/articles/1").values()
    old = {name: value for name, value in values.items() if not name.startswith("enclosure")}

    asha.post("/desk/articles/1", {**old, "title": "Changed"})

    assert stored(service).title == "Changed"
    assert [file.url for file in stored(service).enclosures] == [URL]


def test_conflict_shows_the_files_of_the_other_version(asha: Browser, service: Service) -> None:
    asha.write()
    page = asha.open("/desk/articles/1")
    asha.send(
        page, **lines(enclosures=[URL], enclosure_types=["audio/mpeg"], enclosure_lengths=["5"])
    )

    theirs = asha.send(page, title="Mine")

    assert theirs.status == 409
    assert f"{URL} · audio/mpeg · 5" in theirs.words("//*[contains(@class, 'theirs')]")


def test_nothing_is_looked_up_for_who_may_not_save(
    app: Flask, asha: Browser, service: Service, files: FileServer
) -> None:
    """Or a reporter could make the service ask any server, in the name of others' articles."""
    accounts.add_user(service.room, "ravi", PASSWORD, by=COMMAND_LINE, role=Role.REPORTER)
    ravi = Browser(app, service).sign_in("ravi")
    form = asha.open(asha.write().path).values()
    form["csrf_token"] = ravi.open("/desk/articles/new").values()["csrf_token"]
    files.asked.clear()

    refused = ravi.post(
        "/desk/articles/1",
        {**form, **lines(enclosures=[f"{files.url}/talk.mp3"]), "action": "save"},
    )

    assert refused.status == 403
    assert files.asked == []


def test_article_with_more_files_than_others_may_have_can_be_saved(
    asha: Browser, service: Service
) -> None:
    """As imports bring it; the form shows all of its files, and sends them again."""
    asha.write()
    files = tuple(
        Enclosure(url=f"https://media.example.org/{number}.mp3", media_type="audio/mpeg")
        for number in range(60)
    )
    before = stored(service)
    with service.database.write() as tx:
        articles.replace(tx, structs.replace(before, enclosures=files), before.version)

    page = asha.open("/desk/articles/1")
    preview = asha.send(page, title="It pours", action="preview")
    asha.send(preview)

    assert preview.has(f"//a[@href='{files[-1].url}']")
    assert (stored(service).title, stored(service).enclosures) == ("It pours", files)


def test_text_stays_where_too_many_files_are_looked_up(
    asha: Browser, service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(looking_up, "_places", Semaphore(0))

    page = asha.write(**lines(enclosures=[URL]), title="It rains")

    assert page.status == 503
    assert "Save again in a moment" in page.words("//*[@id='enclosures-error']")
    assert shown(page)[0] == URL
    assert page.has("//textarea[@name='title'][contains(., 'It rains')]")
    assert read.desk_list(service.room, limit=9).articles == ()
