"""The catalogues: everything that a page says, in every language that pages speak."""

import re
from collections import Counter
from collections.abc import Iterable

import pytest
from babel.messages.catalog import Message

from feedsvc.catalogues import SOURCE, tongues
from tests import catalogues

PART = re.compile(r"%\(\w+\)s|%%|\{\w*\}|</?\w+[^>]*>")


@pytest.fixture(scope="module")
def sources() -> set[str | tuple[str, ...] | list[str]]:
    return {message.id for message in catalogues.messages() if message.id}


def every(tag: str) -> list[Message]:
    return [message for message in catalogues.catalogue(tag) if message.id]


def texts(value: Iterable[str] | None) -> tuple[str, ...]:
    return (value,) if isinstance(value, str) else tuple(value or ("",))


def test_pages_speak_these_languages() -> None:
    assert tongues() == (SOURCE, *catalogues.TAGS)


@pytest.mark.parametrize("tag", catalogues.TAGS)
def test_catalogue_has_the_messages_of_the_sources(
    tag: str, sources: set[str | tuple[str, ...] | list[str]]
) -> None:
    """Else run `make messages`, and translate what is new."""
    found = {message.id for message in every(tag)}

    assert (sources - found, found - sources) == (set(), set())


@pytest.mark.parametrize("tag", catalogues.TAGS)
def test_every_message_is_translated(tag: str) -> None:
    assert [one.id for one in every(tag) if one.fuzzy or not all(texts(one.string))] == []


@pytest.mark.parametrize("tag", catalogues.TAGS)
def test_translations_have_the_plural_forms_of_their_language(tag: str) -> None:
    count = catalogues.catalogue(tag).num_plurals
    plurals = [message for message in every(tag) if message.pluralizable]

    assert plurals
    assert [one.id for one in plurals if len(texts(one.string)) != count] == []


def parts(text: str) -> Counter[str]:
    """Return the values and the markup in a message."""
    return Counter(PART.findall(text))


@pytest.mark.parametrize("tag", catalogues.TAGS)
def test_translations_hold_the_same_values_and_markup(tag: str) -> None:
    """What is said of one may leave out the number; what is said of many may not."""
    wrong = []
    for message in every(tag):
        known, said = texts(message.id), texts(message.string)
        spare = [text for text in said[:-1] if parts(text) - parts(known[-1])]
        if spare or parts(said[-1]) != parts(known[-1]):
            wrong.append(message.id)

    assert wrong == []


@pytest.mark.parametrize("tag", catalogues.TAGS)
def test_file_is_as_the_command_writes_it(tag: str) -> None:
    before = catalogues.file_of(tag).read_bytes()

    assert catalogues.written(tag) == before
