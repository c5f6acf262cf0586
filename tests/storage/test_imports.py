"""What came from elsewhere is remembered; tags and scratch notes are found again."""

from feedsvc.model import ArticleId
from feedsvc.storage import articles, categories, tags
from feedsvc.storage.database import Database
from feedsvc.storage.moving import imports
from feedsvc.storage.moving.imports import Imported, Kind
from feedsvc.storage.moving.scratch import Scratch
from tests.factories import PUBLISHED, article


def test_what_was_noted_is_found_and_noted_anew(database: Database) -> None:
    first = Imported(foreign_id="7", local_id=1, digest="a", version=1)
    second = Imported(foreign_id="7", local_id=1, digest="b", version=2)

    with database.write() as tx:
        imports.note(tx, "wordpress a", Kind.ARTICLE, [first])
        imports.note(tx, "wordpress a", Kind.ARTICLE, [second])
        imports.note(tx, "wordpress a", Kind.ARTICLE, [])

    with database.read() as tx:
        assert imports.find(tx, "wordpress a", Kind.ARTICLE, ["7", "8"]) == {"7": second}
        assert imports.find(tx, "wordpress b", Kind.ARTICLE, ["7"]) == {}


def test_categories_are_known_by_their_slugs_there(database: Database) -> None:
    with database.write() as tx:
        above, made = (
            categories.add(tx, slug=slug, name=slug, feed_guid=f"urn:x:{slug}", now=PUBLISHED)
            for slug in ("news", "budget")
        )
        categories.set_parent(tx, made.id, above.id)
        categories.describe(tx, made.id, "All of it")
        imports.note(tx, "w", Kind.CATEGORY, [Imported(foreign_id="money", local_id=made.id)])

    with database.read() as tx:
        [(slug, found)] = imports.categories(tx, "w").items()
    assert (slug, found.slug, found.parent_id) == ("money", "budget", above.id)
    assert found.description == "All of it"


def test_taken_guids_and_paths(database: Database) -> None:
    with database.write() as tx:
        number = articles.add(tx, article(1, categories=()), None)

    with database.read() as tx:
        taken = imports.guids_taken(tx, [article(1).guid, "urn:x:other"])
        paths = imports.paths_taken(tx, [article(1).path, "/other/"])
    assert taken == {article(1).guid: number}
    assert paths == {article(1).path: ArticleId(number)}


def test_tags_have_one_name_and_one_slug(database: Database) -> None:
    with database.write() as tx:
        rain = tags.add(tx, slug="rain", name="Rain")
        other = tags.add(tx, slug="rain", name="Rain?")
        wet = article(1, categories=(), tags=(other, rain))
        number = articles.add(tx, wet, None)

    with database.read() as tx:
        assert tags.find_by_names(tx, ["RAIN", "snow"]) == {"rain": rain}
        stored = articles.find(tx, number)
    assert other.slug == "rain-2"
    assert stored is not None
    assert stored.tags == (other, rain)


def test_scratch_keeps_words_until_the_work_ends() -> None:
    with Scratch.opened() as scratch:
        assert scratch.claim("guid", "a", "1") == "1"
        assert scratch.claim("guid", "a", "2") == "1"
        scratch.put("file", "7/2", "b")
        scratch.put("file", "7/1", "a")
        scratch.put("file", "7/1", "c")
        scratch.put("file", "70/1", "x")

        assert scratch.get("file", "7/1") == "c"
        assert scratch.get("path", "7/1") is None
        assert scratch.starting("file", "7/", 9) == ["c", "b"]
        assert scratch.starting("file", "7/", 1) == ["c"]
