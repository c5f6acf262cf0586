"""Pictures at the desk: uploaded with the form or on their page; nothing typed is lost."""

from io import BytesIO

import pytest
from flask import Flask
from msgspec import structs
from werkzeug.datastructures import FileStorage

from feedsvc.model import Article, ArticleId, State
from feedsvc.web import create_app
from feedsvc.wiring import Service
from feedsvc.workflow import pictures, read
from tests.pictures import ImagingHere, bomb, encoded, photograph
from tests.web.desk_client import Browser, Page

UPLOAD = "//form[contains(@class, 'checking')]"


@pytest.fixture
def app(service: Service) -> Flask:
    return create_app(structs.replace(service, imaging=ImagingHere()))


def a_file(data: bytes | None = None, name: str = "holiday.jpg") -> FileStorage:
    data = encoded(photograph(700, 500)) if data is None else data
    return FileStorage(BytesIO(data), filename=name)


def stored(service: Service) -> Article:
    return read.article(service.room, ArticleId(1))


def the_picture(service: Service) -> str:
    [picture] = pictures.newest(service.room)
    return picture.path


def value(page: Page, name: str) -> str:
    [found] = page.root.xpath(f"//input[@name='{name}']/@value")
    return str(found)


def test_lead_image_is_uploaded_with_the_form(asha: Browser, service: Service) -> None:
    page = asha.write(image_file=a_file(), image_alt="A lamp", release="now")

    image = stored(service).image
    assert image is not None
    assert (image.url, image.alt) == (the_picture(service), "A lamp")
    assert stored(service).state is State.PUBLISHED
    assert page.has("//img[@class='thumb']")


def test_form_without_a_file_uploads_none(asha: Browser, service: Service) -> None:
    asha.write(image_file=FileStorage(BytesIO(b""), filename=""))

    assert stored(service).image is None
    assert pictures.newest(service.room) == ()


def test_uploaded_picture_takes_the_place_of_an_address(
    asha: Browser, service: Service
) -> None:
    asha.write(image_url="https://img.example.org/a.jpg", image_file=a_file())

    image = stored(service).image
    assert image is not None
    assert image.url == the_picture(service)


def test_picture_stays_in_the_form_when_something_else_is_wrong(
    asha: Browser, service: Service
) -> None:
    page = asha.write(title="", image_file=a_file(), image_alt="A lamp")

    assert page.status == 400
    assert value(page, "image_url") == the_picture(service)
    assert page.has("//img[@class='thumb']")
    asha.send(page, title="Now with a headline")
    image = stored(service).image
    assert image is not None
    assert image.url == the_picture(service)


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        pytest.param(b"<svg xmlns='http://www.w3.org/2000/svg'/>", "is no JPEG", id="svg"),
        pytest.param(b"", "is empty", id="nothing"),
        pytest.param(bomb(30_000, 30_000), "30,000 by 30,000", id="bomb"),
        pytest.param(bytes(10_000_001), "at most 10 MB", id="too large"),
    ],
)
def test_refused_picture_loses_no_text(
    app: Flask, service: Service, data: bytes, sentence: str
) -> None:
    if not data:  # said before anything is drawn
        app = create_app(service)
    asha = Browser(app, service).sign_in()

    page = asha.write(image_file=a_file(data), title="Typed", excerpt="Also typed")

    assert page.status == 400
    assert sentence in page.words("//*[@id='image_file-error']")
    assert page.words("//textarea[@name='title']") == "Typed"
    assert page.words("//textarea[@name='excerpt']") == "Also typed"
    assert read.desk_list(service.room, limit=1).articles == ()


def test_what_a_file_is_called_does_not_count(asha: Browser, service: Service) -> None:
    asha.write(image_file=a_file(encoded(photograph(), "WEBP"), "evil.svg.exe"))

    assert the_picture(service).endswith(".jpg")


def test_preview_carries_the_picture_along(asha: Browser, service: Service) -> None:
    page = asha.write(action="preview", image_file=a_file(), image_alt="A lamp")

    assert page.has(f"//figure/img[@src='{the_picture(service)}']")
    asha.send(page, action="publish")
    image = stored(service).image
    assert image is not None
    assert image.url == the_picture(service)


def test_words_are_asked_for_before_the_article_goes_out(
    asha: Browser, service: Service
) -> None:
    page = asha.write(image_file=a_file(), release="now")

    assert page.status == 400
    assert "say what the picture shows" in page.words("//*[@id='image_alt-error']").lower()
    asha.send(page, image_alt="A lamp")
    assert stored(service).state is State.PUBLISHED


def test_page_of_pictures_gives_lines_to_copy(asha: Browser, service: Service) -> None:
    page = asha.send(
        asha.open("/desk/media"), UPLOAD, image_file=a_file(), image_alt='A "lamp" [left]'
    )

    path = the_picture(service)
    assert page.status == 200
    assert page.root.xpath("//input[@id='made-markdown']/@value") == [
        f'![A "lamp" \\[left\\]]({path})'
    ]
    assert page.root.xpath("//input[@id='made-html']/@value") == [
        f'<p><img src="{path}" alt="A &quot;lamp&quot; [left]"></p>'
    ]
    assert page.has(f"//ul[@class='pictures']//input[@value='![]({path})']")


def test_line_that_is_copied_shows_the_picture(asha: Browser, service: Service) -> None:
    page = asha.send(
        asha.open("/desk/media"), UPLOAD, image_file=a_file(), image_alt="A \\lamp] _x_"
    )
    for name, form in (("markdown", "markdown"), ("html", "html")):
        [line] = page.root.xpath(f"//input[@id='made-{name}']/@value")
        made = asha.write(body_source=str(line), body_format=form, action="preview")
        [image] = made.root.xpath("//article/div[@class='body']//img")
        assert image.get("src") == the_picture(service)
        assert image.get("alt") == ("A \\lamp] x" if name == "markdown" else "A \\lamp] _x_")


def test_page_of_pictures_keeps_the_words_of_a_refused_one(asha: Browser) -> None:
    page = asha.send(
        asha.open("/desk/media"), UPLOAD, image_file=a_file(b"x"), image_alt="A lamp"
    )

    assert page.status == 400
    assert "is no JPEG" in page.words("//*[@role='alert']")
    assert value(page, "image_alt") == "A lamp"


def test_page_of_pictures_asks_for_a_file(asha: Browser) -> None:
    page = asha.send(asha.open("/desk/media"), UPLOAD)

    assert "choose a file" in page.words("//*[@role='alert']")


def test_script_gets_json(asha: Browser, service: Service) -> None:
    token = asha.open("/desk/media").values(UPLOAD)["csrf_token"]
    headers = {"Accept": "application/json"}

    good = asha.post("/desk/media", {"csrf_token": token, "image_file": a_file()}, **headers)
    bad = asha.post("/desk/media", {"csrf_token": token}, **headers)

    path = the_picture(service)
    assert f'"markdown":"![]({path})"' in good.text.replace(" ", "").replace("\n", "")
    assert (good.status, bad.status) == (200, 400)
    assert "The picture is missing; choose a file." in bad.text
