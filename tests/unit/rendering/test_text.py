"""Text that every document can carry."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedsvc.rendering.text import (
    clean_block,
    clean_characters,
    html_text,
    is_blank,
    joins,
    plain_text,
    shorten,
    xml_safe,
)

ANY_TEXT = st.text(st.characters(exclude_categories=()))  # lone surrogates too
FAMILY = "👩\u200d👩\u200d👧\u200d👦"


@pytest.mark.checklist("XML-02", "XML-03", "XML-05", "XML-12")
@pytest.mark.parametrize(
    ("value", "expected"),
    [
        pytest.param("  a \t b\r\nc ", "a b c", id="white space becomes one space"),
        pytest.param("a\x00b\x08c\x1bd", "abcd", id="controls are dropped"),
        pytest.param("a\x0bb\x0cc", "a b c", id="tabulators of line printers are spaces"),
        pytest.param("a\u2028b\u2029c\x85d", "a b c d", id="exotic line ends are spaces"),
        pytest.param("a\u00a0b\u3000c", "a b c", id="no-break and wide spaces too"),
        pytest.param(
            "It\x92s \x93so\x94 \x80", "It\u2019s “so” €", id="windows-1252 is repaired"
        ),
        pytest.param("a\x81\x8d\x7fb", "ab", id="C1 without a meaning is dropped"),
        pytest.param("a\ud800b\udfffc", "abc", id="lone surrogates"),
        pytest.param("a\ufffeb\uffffc\ufdd0d\U0001fffee", "abcde", id="noncharacters"),
        pytest.param("\ufeffa\ufeffb", "ab", id="byte order marks"),
        pytest.param("AT&amp;T <b>", "AT&amp;T <b>", id="markup is text"),
        pytest.param(f"{FAMILY} 🇨🇭 ❤️", f"{FAMILY} 🇨🇭 ❤️", id="emoji sequences survive"),
        pytest.param("ନମ\u200cସ୍ତେ", "ନମ\u200cସ୍ତେ", id="joiners of Indic scripts survive"),
        pytest.param("a\u202eb", "ab", id="an override that is never closed"),
        pytest.param("a\u202cb\u2069", "ab", id="ends that close nothing"),
        pytest.param("\u2067אב\u2069 c", "\u2067אב\u2069 c", id="a closed isolate"),
        pytest.param("\u202aa\u2066b\u202cc\u2069", "a\u2066bc\u2069", id="PDF stays inside"),
        pytest.param("\u2066a\u202eb\u2069", "\u2066ab\u2069", id="PDI leaves none open"),
        pytest.param("\u202aa\u2069b\u202c", "\u202aab\u202c", id="PDI without an isolate"),
    ],
)
def test_plain_text(value: str, expected: str) -> None:
    assert plain_text(value) == expected


@given(ANY_TEXT)
def test_cleaning_twice_changes_nothing(value: str) -> None:
    once = plain_text(value)

    assert plain_text(once) == once


@given(ANY_TEXT)
def test_what_is_clean_already_comes_out_as_if_it_were_not(value: str) -> None:
    """A character that is dropped has all others looked at one by one."""
    assert plain_text(value) == plain_text(value + "\x00")
    assert clean_characters(value) == clean_characters(value + "\x00")


@pytest.mark.checklist("XML-02")
@given(ANY_TEXT)
def test_block_keeps_lines_and_is_stable(value: str) -> None:
    once = clean_block(value)

    assert clean_block(once) == once
    assert "\r" not in once


def test_block_keeps_what_markdown_means_by_blanks() -> None:
    assert (
        clean_block("\n    code\r\nhard  \rbreak\u2028end\x00\n")
        == "    code\nhard  \nbreak\nend"
    )


@pytest.mark.checklist("XML-01")
def test_xml_safe_keeps_exactly_the_characters_of_xml() -> None:
    kept = xml_safe("".join(map(chr, range(0x110000))))

    allowed = [0x9, 0xA, 0xD, *range(0x20, 0xD800), *range(0xE000, 0xFFFE)]
    assert kept == "".join(map(chr, [*allowed, *range(0x10000, 0x110000)]))


@pytest.mark.parametrize(
    ("value", "blank"),
    [("", True), (" \u200b\u200d\ufe0f", True), ("a", False), ("ଓ", False), ("…", False)],
)
def test_is_blank(value: str, blank: bool) -> None:
    assert is_blank(value) is blank


def test_no_letter_and_no_digit_is_blank() -> None:
    """What begins with one is looked at no further."""
    blank = {"Zs", "Zl", "Zp", "Cc", "Cf", "Mn", "Me"}

    assert not [
        character
        for character in map(chr, range(0x110000))
        if character.isalnum() and unicodedata.category(character) in blank
    ]


@pytest.mark.checklist("XML-05", "XML-12")
@pytest.mark.parametrize(
    ("value", "limit", "expected"),
    [
        pytest.param("short", 5, "short", id="fits"),
        pytest.param("one two three", 9, "one two…", id="between words"),
        pytest.param("abcdefghij", 5, "abcd…", id="a long word is cut"),
        pytest.param(f"ab{FAMILY}", 6, "ab…", id="a family stays together"),
        pytest.param("ab🇨🇭🇨🇭c", 6, "ab🇨🇭…", id="flags stay whole"),
        pytest.param("abକ୍ଷିc", 5, "ab…", id="an Odia conjunct stays whole"),
        pytest.param("é" * 5, 4, "ééé…", id="a composed letter"),
        pytest.param("e\u0301" * 5, 4, "e\u0301…", id="a letter and its accent"),
        pytest.param("e" + "\u0301" * 9, 4, "e\u0301\u0301…", id="nothing but one grapheme"),
        pytest.param("abcd\u2067ef gh\u2069ijkl", 9, "abcdef…", id="closes no direction"),
    ],
)
def test_shorten(value: str, limit: int, expected: str) -> None:
    assert shorten(value, limit) == expected


@given(ANY_TEXT, st.integers(2, 30))
def test_shortened_is_never_longer(value: str, limit: int) -> None:
    assert len(shorten(plain_text(value), limit)) <= limit


@pytest.mark.parametrize(
    ("value", "index", "joined"),
    [
        pytest.param("ab", 1, False, id="two letters"),
        pytest.param("a\u0301", 1, True, id="a combining mark"),
        pytest.param("କି", 1, True, id="a vowel sign"),
        pytest.param("କ୍ଷ", 2, True, id="after a virama"),
        pytest.param("कख", 1, False, id="two syllables"),
        pytest.param("👩\u200d👧", 2, True, id="after a joiner"),
        pytest.param("👍🏽", 1, True, id="a skin tone"),
        pytest.param("🇨🇭", 1, True, id="inside a flag"),
        pytest.param("🇨🇭🇮🇳", 2, False, id="between flags"),
        pytest.param("🇨a", 1, False, id="half a flag"),
        pytest.param("\u1100\u1161", 1, True, id="Hangul jamo"),
        pytest.param("한국", 1, False, id="Hangul syllables"),
    ],
)
def test_joins(value: str, index: int, joined: bool) -> None:
    assert joins(value, index) is joined


def test_text_of_a_body_has_its_headings_and_not_its_captions() -> None:
    body = "<h2>One</h2><figure><figcaption>Caption <i>x</i></figcaption></figure><ul><li>two"

    assert html_text(body) == "One two"


def test_text_is_read_no_further_than_asked() -> None:
    assert html_text("<p>one</p><p>two</p>", 2) == "one"
