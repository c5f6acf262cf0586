"""Links are looked at when somebody asks: kindly, briefly, and never inside our network."""

import pytest
from msgspec.structs import replace

from feedsvc.clock import SystemClock
from feedsvc.model import BodyFormat, Release
from feedsvc.outbound import Outbound
from feedsvc.workflow.handed_in import asking
from feedsvc.workflow.newsroom import Newsroom
from feedsvc.workflow.writing import edit, links
from feedsvc.workflow.writing.links import Link, Verdict, check_links
from feedsvc.workflow.writing.withdraw import withdraw
from tests.factories import by, given
from tests.files_at import FileServer


@pytest.fixture
def impatient(room: Newsroom) -> Newsroom:
    """A newsroom whose clock runs, since others' servers take real time."""
    return replace(room, clock=SystemClock())


def looked(
    room: Newsroom, files: FileServer, body: str, original: str = ""
) -> tuple[Link, ...]:
    article = edit.preview(
        room, given(body_source=body, body_format=BodyFormat.HTML, canonical_url=original)
    )
    return check_links(room, Outbound((files.name,)), article)


@pytest.mark.parametrize(
    ("path", "verdict", "problem"),
    [
        pytest.param("/talk.mp3", Verdict.THERE, "", id="there"),
        pytest.param("/moved.mp3", Verdict.THERE, "", id="moved"),
        pytest.param("/no-head", Verdict.THERE, "", id="head refused"),
        pytest.param("/gone", Verdict.DEAD, "status 404", id="gone"),
        pytest.param("/members", Verdict.UNSURE, "status 403", id="members only"),
        pytest.param("/broken", Verdict.UNSURE, "status 500", id="broken"),
        pytest.param("/inside", Verdict.DEAD, "not a public address", id="into our network"),
    ],
)
def test_an_address_is_asked(
    impatient: Newsroom, files: FileServer, path: str, verdict: Verdict, problem: str
) -> None:
    [found] = looked(impatient, files, f'<a href="{files.url}{path}#end">x</a>')

    assert (found.url, found.verdict) == (files.url + path, verdict)
    assert problem in found.problem
    assert bool(problem) == bool(found.problem)


def test_each_is_asked_once_with_images_and_the_original(
    impatient: Newsroom, files: FileServer
) -> None:
    files.asked.clear()
    url, image = f"{files.url}/talk.mp3", f"{files.url}/moved.mp3"
    body = f'<a href="{url}">x</a> <a href="{url}#b">y</a> <a href="#here">z</a>'

    found = looked(impatient, files, f'{body}<img src="{image}" alt="">', f"{files.url}/gone")

    assert [link.url for link in found] == [url, image, f"{files.url}/gone"]
    assert files.asked.count("HEAD /gone") == 1


def test_mail_addresses_are_nobodys_page(impatient: Newsroom, files: FileServer) -> None:
    assert looked(impatient, files, '<a href="mailto:a@example.org">x</a>') == ()


def test_private_addresses_are_not_asked(impatient: Newsroom, files: FileServer) -> None:
    [found] = looked(impatient, files, '<a href="http://10.0.0.1/x">x</a>')

    assert found.verdict is Verdict.DEAD
    assert "not a public address" in found.problem


def test_slow_servers_are_left_behind(
    impatient: Newsroom, files: FileServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(asking, "SECONDS", 0.5)
    body = "".join(f'<a href="{files.url}/slow.mp3?{n}">x</a>' for n in range(20))
    files.asked.clear()

    found = looked(impatient, files, body)

    assert {(link.verdict, link.problem) for link in found} == {
        (Verdict.UNSURE, "there was no answer within 0.5 seconds")
    }
    assert len(files.asked) <= links.AT_ONCE


def test_no_more_than_so_many_are_asked(
    impatient: Newsroom, files: FileServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(links, "MOST", 2)
    body = "".join(f'<a href="{files.url}/talk.mp3?{n}">x</a>' for n in range(9))

    assert len(looked(impatient, files, body)) == 2


@pytest.mark.parametrize(
    ("release", "verdict", "problem"),
    [
        pytest.param(Release.NOW, Verdict.THERE, "", id="published"),
        pytest.param(Release.REVIEW, Verdict.DEAD, "not published yet", id="in review"),
    ],
)
def test_pages_of_this_site_are_looked_up_and_not_asked(
    room: Newsroom, files: FileServer, release: Release, verdict: Verdict, problem: str
) -> None:
    made = edit.create(room, given("Other", release=release), by=by("asha"))

    [found] = looked(room, files, f'<a href="{made.path}?utm=x">x</a>')

    assert (found.verdict, problem in found.problem) == (verdict, True)


def test_what_was_withdrawn_here_is_no_page_any_more(room: Newsroom, files: FileServer) -> None:
    made = edit.create(room, given("Other"), by=by("asha"))
    withdraw(room, made.id, by=by("asha"))

    [found] = looked(room, files, f'<a href="{room.config.site.url(made.path)}">x</a>')

    assert (found.verdict, found.problem) == (
        Verdict.DEAD,
        "the article there has been withdrawn",
    )


@pytest.mark.parametrize(
    ("path", "verdict"),
    [
        ("/articles/never-was/", Verdict.DEAD),
        ("/articles/never%00was/", Verdict.DEAD),
        ("/category/news/", Verdict.THERE),
    ],
)
def test_other_paths_of_this_site(
    room: Newsroom, files: FileServer, path: str, verdict: Verdict
) -> None:
    [found] = looked(room, files, f'<a href="{path}">x</a>')

    assert found.verdict is verdict
