"""Why articles are set aside: stored in English, said in the language of the desk."""

from datetime import datetime

import pytest

from feedsvc.catalogues import said_in
from feedsvc.model import Category, CategoryId, Entry
from feedsvc.rendering import reasons
from feedsvc.rendering.document import render
from feedsvc.says import Said, english
from tests.unit.rendering.samples import a_document, an_entry

EVERY = (
    reasons.GUID,
    reasons.NO_TITLE,
    reasons.NO_ZONE,
    reasons.NOT_WITHDRAWN,
    reasons.NO_CORRECTION,
    reasons.NOT_PUBLISHED,
    reasons.TWICE,
    reasons.bad_address("javascript:x 100 %"),
    reasons.unwritable(ValueError("two\nlines, (all) of %s")),
)


@pytest.mark.parametrize("said", EVERY)
def test_a_stored_reason_is_known_again(said: str) -> None:
    found = reasons.again(english(said))

    assert found == said
    assert isinstance(found, Said)
    assert isinstance(said, Said)
    assert found.message == said.message


@pytest.mark.parametrize("tag", ["hi", "or"])
@pytest.mark.parametrize("said", EVERY)
def test_a_known_reason_is_said_in_other_languages(said: str, tag: str) -> None:
    found = said_in(tag, reasons.again(english(said)))

    assert found != said


def test_what_stands_in_it_stays_as_it_is() -> None:
    found = said_in("hi", reasons.again(english(reasons.bad_address("javascript:x 100 %"))))

    assert "'javascript:x 100 %'" in found


@pytest.mark.parametrize(
    "stored",
    [
        pytest.param("its address cannot be written", id="of another version"),
        pytest.param("", id="none"),
        pytest.param(f"{reasons.GUID} And more.", id="more than ours"),
    ],
)
def test_another_text_stays_as_it_is(stored: str) -> None:
    found = reasons.again(stored)

    assert found == stored
    assert not isinstance(found, Said)


@pytest.mark.parametrize(
    "bad",
    [
        pytest.param(an_entry(guid=""), id="guid"),
        pytest.param(an_entry(permalink="javascript:x"), id="address"),
        pytest.param(an_entry(title="", summary=""), id="title"),
        pytest.param(
            an_entry(published=datetime(2026, 1, 1)),  # noqa: DTZ001 - the fault to be found
            id="zone",
        ),
        pytest.param(
            an_entry(categories=(Category(id=CategoryId(1), slug="\ud800", name="A"),)),
            id="character",
        ),
    ],
)
def test_the_writer_of_feeds_says_nothing_else(bad: Entry) -> None:
    """Whatever it gives as a reason is in the list of what is known again."""
    [aside] = render(a_document(bad)).set_aside

    assert isinstance(reasons.again(english(aside.reason)), Said)
