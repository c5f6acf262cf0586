"""Atom and its extensions: what holds of every document (tests/conformance/statements.toml)."""

import re
from collections import Counter
from datetime import datetime

import pytest
from lxml.etree import QName, _Element

from feedsvc.model import Format
from tests.conformance.documents import DOCUMENTS, NAMES, body, is_absolute, tree, urls_in
from tests.unit.rendering.reading import NAMESPACES, find, names

ATOM = NAMESPACES["atom"]
TOMBSTONES = NAMESPACES["at"]
ONCE = {"id", "title", "updated"}
FEED = ONCE | {"generator", "icon", "logo", "rights", "subtitle"}
ENTRY = ONCE | {"content", "published", "rights", "source", "summary"}
MANY = {"author", "category", "contributor", "link"}
PAGING = {"first", "last", "next", "previous"}
ARCHIVES = {"prev-archive", "next-archive", "current"}
DATE = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")
IRI = re.compile(r"[a-z][a-z0-9+.-]*:[^\s]+")
MEDIA_TYPE = re.compile(r"[a-z]+/[a-z0-9.+-]+")

pytestmark = pytest.mark.parametrize("name", NAMES)


def at(name: str, path: str) -> list[str]:
    return find(body(name, Format.ATOM), path)


def entries(name: str) -> list[_Element]:
    return tree(name, Format.ATOM).findall("atom:entry", NAMESPACES)


def own(element: _Element) -> Counter[str]:
    """Count an element's children in Atom's namespace."""
    kinds = [QName(child) for child in element]
    return Counter(kind.localname for kind in kinds if kind.namespace == ATOM)


@pytest.mark.checklist("ATOM-01")
def test_the_root_is_a_feed(name: str) -> None:
    assert tree(name, Format.ATOM).tag == f"{{{ATOM}}}feed"


@pytest.mark.checklist("ATOM-02", "ATOM-03")
def test_the_feed_says_everything_once_and_names_an_author(name: str) -> None:
    counts = own(tree(name, Format.ATOM))

    assert all(counts[each] == 1 for each in ONCE)
    assert all(counts[each] <= 1 for each in FEED)
    assert counts["author"] == 1
    assert counts.keys() <= FEED | MANY | {"entry"}


@pytest.mark.checklist("ATOM-06")
def test_the_feed_comes_before_its_entries(name: str) -> None:
    children = names(body(name, Format.ATOM), "/atom:feed/*")

    assert "atom:entry" not in children[: len(children) - children.count("atom:entry")]


@pytest.mark.checklist("ATOM-04", "ATOM-05", "ATOM-23")
def test_links_lead_somewhere_each_to_another_place(name: str) -> None:
    assert at(name, "/atom:feed/atom:link[@rel='self']/@href") == [
        DOCUMENTS[name].self_link(Format.ATOM)
    ]
    for element in (tree(name, Format.ATOM), *entries(name)):
        links = element.findall("atom:link", NAMESPACES)
        alternates = [each for each in links if each.get("rel") == "alternate"]
        kinds = [(each.get("type"), each.get("hreflang")) for each in alternates]
        assert len(set(kinds)) == len(kinds) == 1
        for link in links:
            assert is_absolute(link.get("href", ""))
            assert link.get("rel") == "hub" or MEDIA_TYPE.fullmatch(link.get("type", ""))


@pytest.mark.checklist("ATOM-07", "ATOM-11", "ATOM-13")
def test_ids_are_iris_and_no_two_are_the_same(name: str) -> None:
    ids = at(name, "//atom:id")

    assert len(set(ids)) == len(ids)
    assert all(map(IRI.fullmatch, ids))
    assert all(map(IRI.fullmatch, at(name, "//atom:uri | //atom:icon | //atom:logo")))


@pytest.mark.checklist("ATOM-08", "ATOM-09", "ATOM-10", "ATOM-30")
def test_an_entry_says_everything_once_and_something_at_all(name: str) -> None:
    for entry in entries(name):
        counts = own(entry)
        assert all(counts[each] == 1 for each in ONCE)
        assert all(counts[each] <= 1 for each in ENTRY)
        assert counts.keys() <= ENTRY | MANY
        assert entry.findtext("atom:title", "", NAMESPACES).strip()
        content = entry.findtext("atom:content", "", NAMESPACES)
        assert content.strip() or entry.findtext("atom:summary", "", NAMESPACES).strip()


@pytest.mark.checklist("ATOM-13", "ATOM-14")
def test_dates_are_rfc_3339(name: str) -> None:
    dates = at(name, "//atom:updated | //atom:published | //dcterms:modified | //@when")

    assert dates
    for date in dates:
        assert DATE.fullmatch(date)
        assert datetime.fromisoformat(date).tzinfo is not None


@pytest.mark.checklist("ATOM-15", "ATOM-16")
def test_times_are_in_order(name: str) -> None:
    [feed] = at(name, "/atom:feed/atom:updated")
    for entry in entries(name):
        updated = entry.findtext("atom:updated", "", NAMESPACES)
        assert entry.findtext("atom:published", "", NAMESPACES) <= updated <= feed


@pytest.mark.checklist("ATOM-17", "ATOM-18", "ATOM-19", "ATOM-20")
def test_text_is_of_a_known_type_and_holds_no_elements(name: str) -> None:
    for element in tree(name, Format.ATOM).iter(
        *(f"{{{ATOM}}}{each}" for each in ("title", "subtitle", "rights", "summary", "content"))
    ):
        kind = QName(element).localname
        is_html = kind in {"content", "summary"}
        assert len(element) == 0
        assert element.get("src") is None
        assert element.get("type", "text") == ("html" if is_html else "text")


@pytest.mark.checklist("ATOM-21")
def test_a_person_has_one_name(name: str) -> None:
    for author in tree(name, Format.ATOM).iter(f"{{{ATOM}}}author"):
        counts = own(author)
        assert counts["name"] == 1
        assert counts["uri"] <= 1
        assert counts["email"] == 0
        assert author.findtext("atom:name", "", NAMESPACES).strip()


@pytest.mark.checklist("ATOM-22")
def test_a_category_has_a_term_and_a_scheme(name: str) -> None:
    for category in tree(name, Format.ATOM).iter(f"{{{ATOM}}}category"):
        assert category.get("term")
        assert category.get("label")
        assert is_absolute(category.get("scheme", ""))


@pytest.mark.checklist("ATOM-29")
def test_every_url_is_absolute_by_itself(name: str) -> None:
    html = at(name, "//atom:content | //atom:summary")

    assert all(map(is_absolute, (url for each in html for url in urls_in(each))))
    assert all(
        map(is_absolute, at(name, "//@href | //@src | //@uri | //atom:category/@scheme"))
    )
    assert not at(name, "//@xml:base")


@pytest.mark.checklist("TOMB-01", "TOMB-02", "TOMB-03", "TOMB-04")
def test_tombstones_stand_in_the_feed_and_not_beside_what_lives(name: str) -> None:
    root = tree(name, Format.ATOM)
    stones = list(root.iter(f"{{{TOMBSTONES}}}deleted-entry"))

    assert all(stone.getparent() is root for stone in stones)
    for stone in stones:
        assert set(stone.attrib) == {"ref", "when"}
        said = [QName(child).localname for child in stone]
        assert set(said) <= {"by", "comment", "link"}
        assert said.count("by") <= 1
        assert said.count("comment") <= 1
    refs = [stone.get("ref", "") for stone in stones]
    assert len(set(refs)) == len(refs)
    assert not set(refs) & set(at(name, "//atom:entry/atom:id"))


@pytest.mark.checklist("PAGE-01", "PAGE-05", "PAGE-11", "PAGE-12")
@pytest.mark.parametrize("format_", [Format.RSS, Format.ATOM])
def test_archives_are_linked_in_the_head_and_nothing_is_paged(
    name: str, format_: Format
) -> None:
    def rels(path: str) -> set[str]:
        return set(find(body(name, format_), path))

    is_archive = bool(DOCUMENTS[name].current)
    head = rels("/rss/channel/atom:link/@rel | /atom:feed/atom:link/@rel")
    within = rels("//item/atom:link/@rel | //atom:entry/atom:link/@rel")
    history = {QName(each).localname for each in tree(name, format_).iter("{*}archive")}

    assert not (head | within) & PAGING
    assert not within & (ARCHIVES | {"self", "hub"})
    assert ("current" in head) == is_archive == (history == {"archive"})
    assert not list(tree(name, format_).iter("{*}complete"))
