"""Whole documents: always well-formed, always the same, never too large."""

import hashlib
import json
import locale
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from msgspec.structs import replace

from feedsvc.errors import RenderingError
from feedsvc.model import Category, CategoryId, Entry, FeedDocument, Format, SetAside
from feedsvc.rendering.document import LARGE_BODY, MAX_BYTES, render
from tests.unit.rendering.reading import find
from tests.unit.rendering.samples import a_document, a_rich_document, an_entry

ROOT = Path(__file__).parents[3]
# Vetting trusts a category's slug: only writing finds these out.
UNWRITABLE_SLUG = an_entry(8, categories=(Category(id=CategoryId(1), slug="a\x00", name="A"),))
LONE_SURROGATE = an_entry(9, categories=(Category(id=CategoryId(1), slug="\ud800", name="A"),))


def _guids(body: bytes) -> list[str]:
    return find(body, "//item/guid | //atom:entry/atom:id")


def _digest(document: FeedDocument) -> str:
    rendered = render(document)
    return hashlib.sha256(b"".join(rendered.bodies[format_] for format_ in Format)).hexdigest()


def test_every_format_is_written() -> None:
    rendered = render(a_rich_document())

    assert set(rendered.bodies) == set(Format)
    assert rendered.set_aside == ()


@pytest.mark.checklist("RSS-23", "ATOM-07", "JSON-04", "XML-17")
@pytest.mark.parametrize(
    ("bad", "reason"),
    [
        pytest.param(an_entry(9, guid=""), "guid", id="no guid"),
        pytest.param(an_entry(9, title="", summary=""), "no title", id="no title"),
        pytest.param(an_entry(9, permalink="x"), "no http", id="no address"),
        pytest.param(an_entry(9, guid=an_entry(1).guid), "same guid", id="a guid again"),
        pytest.param(LONE_SURROGATE, "no feed can carry", id="a lone surrogate"),
        pytest.param(replace(UNWRITABLE_SLUG, article_id=LONE_SURROGATE.article_id),
                     "no feed can carry", id="a control character"),
    ],
)  # fmt: skip
def test_a_bad_article_is_set_aside_and_the_others_go_out(bad: Entry, reason: str) -> None:
    rendered = render(a_document(an_entry(1), bad, an_entry(2)))

    assert [(aside.article_id, reason in aside.reason) for aside in rendered.set_aside] == [
        (9, True)
    ]
    assert _guids(rendered.bodies[Format.RSS]) == [an_entry(1).guid, an_entry(2).guid]
    assert _guids(rendered.bodies[Format.ATOM]) == [an_entry(1).guid, an_entry(2).guid]
    items = json.loads(rendered.bodies[Format.JSON])["items"]
    assert [item["id"] for item in items] == [an_entry(1).guid, an_entry(2).guid]


def test_an_entry_that_was_made_before_is_shown_once() -> None:
    again = an_entry(1)
    render(a_document(again))

    rendered = render(a_document(again, again, an_entry(2)))

    assert [aside.article_id for aside in rendered.set_aside] == [again.article_id]
    assert _guids(rendered.bodies[Format.ATOM]) == [again.guid, an_entry(2).guid]


def test_all_bad_articles_are_named_in_order() -> None:
    rendered = render(a_document(UNWRITABLE_SLUG, an_entry(1), an_entry(7, guid="")))

    assert [aside.article_id for aside in rendered.set_aside] == [8, 7]


def test_what_remains_is_as_if_the_bad_had_never_been() -> None:
    clean = render(a_document(an_entry(1)))
    mixed = render(a_document(UNWRITABLE_SLUG, an_entry(1)))

    assert mixed.bodies == clean.bodies


def test_a_feed_that_cannot_be_written_at_all_says_so() -> None:
    with pytest.raises(RenderingError, match="The feed recent cannot be written"):
        render(a_document(an_entry(1), guid="\x00"))


def test_a_feed_of_bad_articles_only_is_empty_and_valid() -> None:
    rendered = render(a_document(an_entry(1, guid="")))

    assert find(rendered.bodies[Format.RSS], "//channel/title") == ["Example Times"]
    assert rendered.set_aside == (
        SetAside(
            article_id=an_entry(1).article_id,
            reason="The article's guid is empty, too long or not plain text.",
        ),
    )


@pytest.mark.checklist("HTTP-90", "XML-13")
def test_too_large_a_feed_gives_up_its_oldest_large_bodies() -> None:
    large, small = "<p>" + "x" * 1_400_000 + "</p>", "<p>" + "y" * (LARGE_BODY - 10) + "</p>"
    rendered = render(
        a_document(*(an_entry(n, html=large if n % 2 else small) for n in range(1, 9)))
    )

    bodies = find(rendered.bodies[Format.RSS], "//item/content:encoded")
    assert [len(body) for body in bodies] == [len(html) for html in (
        large, small, large, small, large, small, small
    )]  # fmt: skip
    assert all(len(body) <= MAX_BYTES for body in rendered.bodies.values())
    assert "content_text" in json.loads(rendered.bodies[Format.JSON])["items"][6]


@pytest.mark.checklist("HTTP-90")
def test_small_bodies_give_way_when_there_are_no_large_ones() -> None:
    body = "<p>" + "ଖ" * 30_000 + "</p>"
    rendered = render(a_document(*(an_entry(n, html=body) for n in range(1, 61))))

    full = find(rendered.bodies[Format.ATOM], "//atom:entry[atom:content]/atom:title")
    assert len(find(rendered.bodies[Format.ATOM], "//atom:entry")) == 60
    assert full == [f"Headline {n}" for n in range(1, len(full) + 1)]
    assert 50 <= len(full) < 60


@pytest.mark.checklist("HTTP-90")
def test_without_bodies_the_oldest_entries_give_way() -> None:
    entries = (
        an_entry(n, title="&" * 500, summary="&" * 2_000, html="", bylines=("&" * 200,))
        for n in range(1, 501)
    )
    rendered = render(a_document(*entries))

    guids = _guids(rendered.bodies[Format.RSS])
    assert 200 < len(guids) < 250
    assert guids[0] == an_entry(1).guid
    assert rendered.set_aside == ()


@pytest.mark.checklist("RSS-13")
def test_rendering_again_gives_the_same_bytes() -> None:
    assert render(a_rich_document()) == render(a_rich_document())


@pytest.mark.checklist("RSS-13", "HTTP-08")
@pytest.mark.parametrize("seed", ["0", "1", "4711"])
def test_processes_of_any_seed_zone_and_locale_agree(seed: str) -> None:
    script = (
        "import locale; locale.setlocale(locale.LC_ALL, 'C.UTF-8')\n"
        "from tests.unit.rendering.test_document import _digest\n"
        "from tests.unit.rendering.samples import a_rich_document\n"
        "print(_digest(a_rich_document()))"
    )
    environment = {**os.environ, "PYTHONHASHSEED": seed, "TZ": f"X{seed[0]}", "LC_ALL": "C"}

    output = subprocess.check_output(
        [sys.executable, "-c", script], cwd=ROOT, env=environment, text=True
    )

    assert output.strip() == _digest(a_rich_document())


def test_threads_do_not_meddle_with_each_other() -> None:
    documents = [a_document(*map(an_entry, range(1, count))) for count in range(5, 13)]
    before = locale.setlocale(locale.LC_ALL)

    with ThreadPoolExecutor(8) as pool:
        digests = list(pool.map(_digest, documents * 5))

    assert digests == [_digest(document) for document in documents] * 5
    assert locale.setlocale(locale.LC_ALL) == before
