"""What caches are told about pages and static files, and the headers all answers carry."""

import gzip
import re
from pathlib import Path

import msgspec
import pytest
from flask.testing import FlaskClient
from msgspec.structs import replace

from feedsvc.catalogues import SOURCE, catalogue, tongues
from feedsvc.model import Coding
from feedsvc.rendering import style_sheet
from feedsvc.web import assets, create_app
from feedsvc.wiring import Service
from tests.web.reading import Publish, pages, text

IMMUTABLE = "public, max-age=31536000, immutable"


def test_public_pages_may_be_kept_for_a_short_while(
    reader: FlaskClient, publish: Publish
) -> None:
    for path in [*pages(reader, publish), "/feeds.opml", "/robots.txt"]:
        response = reader.get(path)
        assert response.headers["Cache-Control"] == "public, max-age=60, stale-if-error=86400"


@pytest.mark.parametrize("form", ['"{}"', 'W/"{}"', '"x", "{}"', "*"])
def test_known_page_is_not_sent_again(reader: FlaskClient, publish: Publish, form: str) -> None:
    publish()
    tag = reader.get("/").headers["ETag"].strip('"')

    response = reader.get("/", headers={"If-None-Match": form.format(tag)})

    assert (response.status_code, response.data) == (304, b"")
    assert response.headers["ETag"] == f'"{tag}"'
    assert response.headers["Cache-Control"].startswith("public, max-age=60")


def test_changed_page_is_sent(reader: FlaskClient, publish: Publish) -> None:
    tag = reader.get("/").headers["ETag"]
    publish()

    assert reader.get("/", headers={"If-None-Match": tag}).status_code == 200


def test_page_does_not_change_with_time(
    reader: FlaskClient, publish: Publish, service: Service
) -> None:
    publish()
    tag = reader.get("/").headers["ETag"]
    other_process = create_app(service).test_client()

    assert other_process.get("/").headers["ETag"] == tag


def test_if_match_is_no_reason_to_refuse_a_page(reader: FlaskClient) -> None:
    assert reader.get("/", headers={"If-Match": "*"}).status_code == 200


def test_head_is_get_without_the_body(reader: FlaskClient) -> None:
    head, get = reader.head("/"), reader.get("/")

    assert head.data == b""
    assert dict(head.headers) == dict(get.headers)


def static_addresses(page: str) -> list[str]:
    return re.findall(r'"(/static/[^"]+)"', page)


@pytest.mark.checklist("HTTP-39")
def test_static_files_are_kept_for_ever(reader: FlaskClient) -> None:
    addresses = static_addresses(text(reader, "/")) + static_addresses(text(reader, "/feeds/"))

    assert {address.partition("?")[0] for address in addresses} == {
        f"/static/{name}" for name in ("feedsvc.css", "icon.svg", "ages.js", "copy.js")
    }
    for address in addresses:
        assert reader.get(address).headers["Cache-Control"] == IMMUTABLE


@pytest.mark.checklist("HTTP-39")
@pytest.mark.parametrize("query", ["", "?v=", "?v=000000000000"])
def test_static_file_of_another_version_is_kept_briefly(
    reader: FlaskClient, query: str
) -> None:
    response = reader.get(f"/static/feedsvc.css{query}")

    assert response.headers["Cache-Control"] == "public, max-age=60"


def test_static_file_is_compressed_for_who_can_unpack_it(reader: FlaskClient) -> None:
    plain = reader.get("/static/feedsvc.css")
    short = reader.get("/static/feedsvc.css", headers={"Accept-Encoding": "br;q=1, gzip;q=0.9"})

    assert gzip.decompress(short.data) == plain.data
    assert len(short.data) < len(plain.data) / 2
    assert short.headers["Content-Encoding"] == "gzip"
    assert "Content-Encoding" not in plain.headers
    assert short.content_type == plain.content_type
    assert plain.headers["Vary"] == short.headers["Vary"] == "Accept-Encoding"


@pytest.mark.parametrize(
    "accepted", ["", "identity", "gzip;q=0", "br", "identity;q=0, gzip;q=0"]
)
def test_static_file_stays_as_it_is_for_everybody_else(
    reader: FlaskClient, accepted: str
) -> None:
    response = reader.get("/static/feedsvc.css", headers={"Accept-Encoding": accepted})

    assert response.status_code == 200
    assert "Content-Encoding" not in response.headers
    assert response.data.startswith(b"/*")


@pytest.mark.parametrize("accepted", ["identity", "gzip"])
def test_each_coding_of_a_static_file_is_confirmed_by_its_own_tag(
    reader: FlaskClient, accepted: str
) -> None:
    tags = {
        coding: reader.get("/static/desk.js", headers={"Accept-Encoding": coding}).headers[
            "ETag"
        ]
        for coding in ("identity", "gzip")
    }

    def status(tag: str) -> int:
        given = {"Accept-Encoding": accepted, "If-None-Match": tag}
        response = reader.get("/static/desk.js", headers=given)
        assert response.headers["Vary"] == "Accept-Encoding"
        return response.status_code

    assert {coding: status(tag) for coding, tag in tags.items()} == {
        coding: 304 if coding == accepted else 200 for coding in tags
    }


def test_what_compressing_makes_longer_stays_as_it_is(tmp_path: Path) -> None:
    (tmp_path / "one.js").write_text("1;")

    assert set(assets.load(tmp_path)["one.js"].bodies) == {Coding.IDENTITY}


@pytest.mark.parametrize("tag", [tag for tag in tongues() if tag != SOURCE])
def test_style_sheet_of_feeds_differs_by_language_in_one_sentence(
    reader: FlaskClient, tag: str
) -> None:
    sentence = re.compile(r'content: "(This is a web feed, [^"]+ feed reader\.)";')
    english = text(reader, "/static/feed.css")
    (said,) = sentence.findall(english)
    translated = catalogue(tag).ugettext(said)

    assert translated != said
    assert text(reader, f"/static/feed.{tag}.css") == english.replace(said, translated)


def test_style_sheet_without_its_notice_is_another_programs() -> None:
    with pytest.raises(ValueError, match="install feedsvc anew"):
        style_sheet.translated(":root::before { content: none; }", "hi")


@pytest.mark.parametrize(
    "path", ["/static/none.css", "/static/feed.xx.css", "/static/../site.py", "/static/"]
)
def test_missing_static_file_is_not_found(reader: FlaskClient, path: str) -> None:
    assert reader.get(path).status_code == 404


@pytest.mark.parametrize("path", ["/", "/feeds/", "/nothing", "/static/ages.js", "/desk/"])
def test_every_answer_is_armoured(reader: FlaskClient, path: str) -> None:
    headers = reader.get(path).headers

    assert "default-src 'none'" in headers["Content-Security-Policy"]
    assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"]
    assert headers["Strict-Transport-Security"] == "max-age=31536000"


def test_newsrooms_own_icon_is_shown(service: Service) -> None:
    icon = "https://images.example.org/icon.png"
    site = msgspec.structs.replace(service.config.site, icon=icon)
    config = msgspec.structs.replace(service.config, site=site)
    reader = create_app(replace(service, config=config)).test_client()

    assert reader.get("/favicon.ico").headers["Location"] == icon
    assert f'<link rel="icon" href="{icon}">' in text(reader, "/")


def test_plain_http_promises_no_https(service: Service) -> None:
    site = msgspec.structs.replace(service.config.site, base_url="http://127.0.0.1:8080")
    config = msgspec.structs.replace(service.config, site=site)
    plain = create_app(replace(service, config=config)).test_client()

    assert "Strict-Transport-Security" not in plain.get("/").headers


def test_pages_hold_no_inline_script_or_style(reader: FlaskClient, publish: Publish) -> None:
    for path in pages(reader, publish):
        page = text(reader, path)
        page = re.sub(r'<script type="application/ld\+json">[^<]*</script>', "", page)  # data
        assert not re.search(r"<script(?![^>]* src=)|<style|\sstyle=|\son[a-z]+=", page)


@pytest.mark.parametrize("path", ["/desk/", "/desk/articles/new", "/desk/nothing", "/desk"])
def test_nothing_of_the_desk_is_kept(reader: FlaskClient, path: str) -> None:
    assert reader.get(path).headers["Cache-Control"] == "no-store"
