"""Words of any script, as search knows them."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedsvc.words.asked import Term, parse
from feedsvc.words.plain import text_of
from feedsvc.words.tokens import LONGEST, words


@pytest.mark.parametrize(
    ("text", "found"),
    [
        pytest.param("Start-ups: 1,500!", ["start", "ups", "1", "500"], id="plain"),
        pytest.param("Élan, naïve Straße", ["elan", "naive", "strasse"], id="accents"),
        pytest.param("Łódź Œuvre øre", ["lodz", "oeuvre", "ore"], id="letters"),
        pytest.param("don\u2019t snake_case", ["don", "t", "snake", "case"], id="joined"),
        pytest.param("co\u00adoperate", ["cooperate"], id="soft hyphen"),
        pytest.param("Йод ёлка Ελλάδα", ["йод", "ёлка", "ελλάδα"], id="no Latin, no folding"),
        pytest.param("हिन्दी क्षत्रिय", ["हिन्दी", "क्षत्रिय"], id="Hindi is whole"),
        pytest.param("क्\u200dष", ["क्ष"], id="joiners go"),
        pytest.param("ଓଡ଼ିଶା ରାଜ୍ୟ", ["ଓଡିଶା", "ରାଜ୍ୟ"], id="Odia, without nukta"),
        pytest.param("\u0b5c \u0b21\u0b3c", ["\u0b21", "\u0b21"], id="nukta, both ways"),
        pytest.param("२०२६ ୨୦୨୬ 2026", ["2026"] * 3, id="digits"),
        pytest.param("مُحَمَّد کتـاب", ["محمد", "کتاب"], id="Arabic points"),
        pytest.param("東京都", ["東京", "京都", "都"], id="pairs"),
        pytest.param("猫", ["猫"], id="one alone"),
        pytest.param("ไทยabc", ["ไท", "ทย", "ย", "abc"], id="Thai and Latin"),
        pytest.param("한국", ["한국", "국"], id="Korean"),
        pytest.param("\u0e40\u0e21\u0e37\u0e2d", ["เมื", "มือ", "อ"], id="marks stay"),
        pytest.param("… !", [], id="nothing"),
        pytest.param("\u064b \u093c", [], id="only points"),
        pytest.param("x" * 90, ["x" * LONGEST], id="endless"),
        pytest.param("é" * 90, ["e" * LONGEST], id="endless with accents"),
    ],
)
def test_text_has_these_words(text: str, found: list[str]) -> None:
    assert list(words(text)) == found


@given(st.text(max_size=60))
def test_words_do_not_depend_on_how_letters_are_composed(text: str) -> None:
    forms = [unicodedata.normalize(form, text) for form in ("NFC", "NFD")]

    assert list(words(forms[0])) == list(words(forms[1]))


@given(st.text(max_size=60))
def test_no_word_holds_what_the_databases_give_a_meaning(text: str) -> None:
    for word in words(text):
        assert word
        assert len(word) <= LONGEST
        assert not set(word) & set(" =\"'\\:*&|!()<>\t\n\r\x00")


def _term(*said: str, out: bool = False, begins: bool = False) -> Term:
    return Term(words=said, is_excluded=out, is_beginning=begins)


@pytest.mark.parametrize(
    ("text", "terms"),
    [
        pytest.param("", [], id="nothing"),
        pytest.param("?!", [], id="no letter"),
        pytest.param("rain sta", [_term("rain"), _term("sta", begins=True)], id="beginning"),
        pytest.param("rain st", [_term("rain"), _term("st")], id="too short to be one"),
        pytest.param("rain start ", [_term("rain"), _term("start")], id="finished"),
        pytest.param('"heavy rain" x', [_term("heavy", "rain"), _term("x")], id="phrase"),
        pytest.param("“heavy rain”", [_term("heavy", "rain")], id="curly quotes"),
        pytest.param('"heavy rain', [_term("heavy", "rain")], id="unclosed"),
        pytest.param("-sun", [_term("sun", out=True)], id="left out"),
        pytest.param('a -"b c"', [_term("a"), _term("b", "c", out=True)], id="phrase left out"),
        pytest.param("start-ups", [_term("start", "ups", begins=True)], id="hyphen"),
        pytest.param("東京都", [_term("東京", "京都", begins=True)], id="pairs"),
        pytest.param("猫 x", [_term("猫", begins=True), _term("x")], id="one of a pair"),
        pytest.param("猫猫", [_term("猫猫", begins=True)], id="the same character twice"),
        pytest.param("abc猫", [_term("abc", "猫", begins=True)], id="Latin, then one"),
        pytest.param(
            "猫 abc", [_term("猫", begins=True), _term("abc", begins=True)], id="a cat"
        ),
        pytest.param("東京abc x", [_term("東京", "京", "abc"), _term("x")], id="mixed"),
        pytest.param("राज", [_term("राज", begins=True)], id="Hindi beginning"),
        pytest.param("same same", [_term("same"), _term("same", begins=True)], id="twice"),
        pytest.param("b b ", [_term("b")], id="the same twice"),
    ],
)
def test_question_is_understood(text: str, terms: list[Term]) -> None:
    assert list(parse(text)) == terms


def test_endless_question_is_cut() -> None:
    assert len(parse(" ".join(f"word{n}" for n in range(99)))) == 12


@pytest.mark.parametrize(
    ("body", "text"),
    [
        pytest.param("<p>One<b>s</b></p><p>two</p>", " Ones  two ", id="inline and blocks"),
        pytest.param('<a title="a > b" href="/">x</a>y', "xy", id="attributes"),
        pytest.param("a &amp; b &lt;c&gt; &#x41; &#65;", "a & b <c> A A", id="references"),
        pytest.param(
            "&nosuch; &#99999999999999999;", "&nosuch; &#99999999999999999;", id="not"
        ),
        pytest.param("a<!-- b -->c", "a c", id="comment"),
        pytest.param("plain", "plain", id="plain"),
    ],
)
def test_text_of_a_body(body: str, text: str) -> None:
    assert text_of(body) == text
