"""Sentences that can be said again in another language."""

import msgspec

from feedsvc.errors import InputError
from feedsvc.says import Said, counts, english, says


def test_sentence_is_english_text() -> None:
    found = says("at most %(limit)s are possible", limit=20)

    assert found == "at most 20 are possible"
    assert f"{found}!" == "at most 20 are possible!"
    assert msgspec.json.encode([english(found)]) == b'["at most 20 are possible"]'


def test_plural_follows_the_count() -> None:
    found = [counts("%(count)s word", "%(count)s words", count=count) for count in (0, 1, 2)]

    assert found == ["0 words", "1 word", "2 words"]


def test_percent_sign_is_written_twice_also_without_values() -> None:
    assert says("100 %% sure") == "100 % sure"


def test_text_of_an_error_remembers_how_it_was_made() -> None:
    error = InputError(says("at most %(limit)s are possible", limit=20))

    found = str(error)

    assert isinstance(found, Said)
    assert (found.message, found.values) == ("at most %(limit)s are possible", {"limit": 20})
