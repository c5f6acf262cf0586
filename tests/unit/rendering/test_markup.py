"""Taking HTML apart."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedsvc.rendering.markup import Tag, escape, tokens


def _read(source: str) -> list[str]:
    return [
        token if isinstance(token, str) else f"<{'/' * token.is_end}{token.name}>"
        for token in tokens(source)
    ]


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        pytest.param("a<B>b</B >", ["a", "<b>", "b", "</b>"], id="tags and text"),
        pytest.param("a < b <3", ["a ", "<", " b ", "<", "3"], id="signs that are no tags"),
        pytest.param("a<!-- <b> -->c<!-->d<!--->e", ["a", "c", "d", "e"], id="comments"),
        pytest.param("a<!-- b --!>c<!-- <b>", ["a", "c"], id="comments that end oddly"),
        pytest.param("a<!doctype x>b<?php y?>c</ z>d", ["a", "b", "c", "d"], id="declarations"),
        pytest.param("<![CDATA[a]]>b", ["b"], id="CDATA is a bogus comment"),
        pytest.param("a<script>x</b>'</script>b", ["a", "b"], id="scripts go"),
        pytest.param("a<STYLE x>y</style z>b", ["a", "b"], id="styles go"),
        pytest.param("a<script>x", ["a"], id="an endless script"),
        pytest.param("a<scripting>x", ["a", "<scripting>", "x"], id="only whole names"),
        pytest.param("a<p title='x'", ["a"], id="a tag that never ends"),
        pytest.param("a<p title=\">\" b='>' c=d>e", ["a", "<p>", "e"], id="signs in values"),
        pytest.param('a<p title="b>c', ["a", "<p>", "c"], id="a quote that never ends"),
        pytest.param("a<br/>b<br / >", ["a", "<br>", "b", "<br>"], id="slashes"),
        pytest.param("&lt;&amp;&nbsp;&eacute;", ["<&\u00a0é"], id="references"),
        pytest.param("&#2825;&#x1F4F6;&#146;", ["ଉ📶\u2019"], id="numbers"),
        pytest.param("&#99999999999;&#xD800;", ["\ufffd\ufffd"], id="impossible numbers"),
        pytest.param("<\u017fcript>x", ["<", "\u017fcript>x"], id="only ASCII names tags"),
    ],
)
def test_tokens(source: str, expected: list[str]) -> None:
    assert _read(source) == expected


def test_a_number_of_a_million_digits_is_no_error() -> None:
    assert _read(f"&#{'9' * 1_000_000};") == ["\ufffd"]


@pytest.mark.parametrize(
    ("pairs", "expected"),
    [
        pytest.param("", {}, id="none"),
        pytest.param(' href="a" ID=b c', {"href": "a", "id": "b", "c": ""}, id="all forms"),
        pytest.param(" a='x\"y' a=2", {"a": 'x"y'}, id="the first of a name"),
        pytest.param("/a/b=c/", {"a": "", "b": "c/"}, id="slashes"),
        pytest.param(" = =x", {"=": "x"}, id="stray signs"),
        pytest.param(
            ' u="?a=1&copy=2&amp;b=3"', {"u": "?a=1&copy=2&b=3"}, id="URLs stay whole"
        ),
        pytest.param(' t="&lt;&#146;&#x41"', {"t": "<\u2019A"}, id="references"),
    ],
)
def test_attributes(pairs: str, expected: dict[str, str]) -> None:
    assert Tag("x", is_end=False, pairs=pairs).attributes() == expected


@given(st.text(alphabet="<>/!-?\"'= abp&;#x"))
def test_any_text_can_be_taken_apart(source: str) -> None:
    assert all(tokens(source)) or not source


@given(st.text(st.characters(exclude_characters="\r\n", exclude_categories=["Cs", "Cc"])))
def test_escaped_text_is_read_back(text: str) -> None:
    assert "".join(_read(escape(text))) == text


@pytest.mark.parametrize(
    "unit",
    ["<", "<a ", '<a b="', "<a b='\"", "<!--", "<!", "</", "&", "<a =", "<script>", "<svg"],
)
def test_time_is_linear(unit: str) -> None:
    source = unit * (200_000 // len(unit))
    started = time.process_time()

    for _ in tokens(source):
        pass

    assert time.process_time() - started < 2
