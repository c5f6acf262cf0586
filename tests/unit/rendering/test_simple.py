"""What is told to be simple is what nh3 gives back as it is; all else goes through nh3."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from feedsvc.rendering.body import absolute_urls
from feedsvc.rendering.sanitise import sanitise
from feedsvc.rendering.simple import is_simple
from feedsvc.rendering.text import xml_safe
from feedsvc.rendering.urls import MAX_URL

PAGE = "https://www.example.org/2026/11/headline/"
LINK = '<a href="https://other.example/a/b_c.html">'
STYLES = ("b", "code", "em", "i", "strong", "u")
BLOCKS = ("p", "h2", "h3", "h4", "li", "blockquote", "ol", "ul")
TEXTS = st.sampled_from(
    [
        "x",
        "A & B",
        "&amp;",
        "&lt;p&gt;",
        "\n",
        " ",
        "\xa0",
        "'\"",
        "ଓଡ଼ିଶା",
        "é 😀",
        "\u2028",
        "a > b",
    ]
) | st.text(st.characters(exclude_categories=["Cs"]), max_size=4)
NOISE = st.sampled_from(
    [
        "<p>",
        "</p>",
        "<em>",
        "</li>",
        "<P>",
        "<br/>",
        "<p >",
        '<p title="x">',
        "<script>",
        "<!--",
        '<a href="/x">',
        '<a href="javascript:x">',
        *("</a>", "<", ">", "&", "&nbsp;", "&#60;"),
    ]
)


def _in_any(inside: st.SearchStrategy[str], *names: str) -> st.SearchStrategy[str]:
    names_and_text = st.tuples(st.sampled_from(names), inside)
    return names_and_text.map(lambda found: f"<{found[0]}>{found[1]}</{found[0]}>")


def _several(*kinds: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return st.lists(st.one_of(*kinds), max_size=4).map("".join)


LINES = _several(
    TEXTS,
    _in_any(TEXTS, *STYLES),
    TEXTS.map(lambda text: f"{LINK}{text}</a>"),
    st.sampled_from(["", "", "", "<br>"]),
)
BODIES = _several(
    _in_any(LINES, *BLOCKS),
    _in_any(_in_any(LINES, *BLOCKS), *BLOCKS),
    st.sampled_from(["\n", "", "<hr>"]),
    TEXTS,
)


@settings(max_examples=1_000, deadline=None)
@given(BODIES, st.lists(st.tuples(st.integers(0, 60), NOISE), max_size=1))
def test_what_is_simple_is_what_nh3_gives_back(body: str, noise: list[tuple[int, str]]) -> None:
    for at, markup in noise:
        body = f"{body[:at]}{markup}{body[at:]}"

    if is_simple(body):
        assert sanitise(body, PAGE) == xml_safe(body)
    else:
        assert absolute_urls(body, PAGE) == sanitise(body, PAGE)


@pytest.mark.parametrize("plane", range(17))
def test_every_character_of_a_simple_body_is_given_back(plane: int) -> None:
    for start in range(plane << 16, (plane + 1) << 16, 0x1000):
        characters = {*map(chr, range(start, start + 0x1000))} - {*"<>&\r"}
        body = f"<p>{xml_safe(''.join(sorted(characters)))}</p>"

        assert is_simple(body)
        assert sanitise(body, PAGE) == body


@pytest.mark.parametrize("name", STYLES)
def test_prose_is_simple(name: str) -> None:
    line = f"Ä &amp; <{name}>b</{name}>, {LINK}c</a><br>\nd"
    body = (
        f"<h2>{line}</h2>\n<p>{line}</p>\n<ul>\n<li>{line}</li>\n<li>e</li>\n</ul>\n<hr>\n"
        f"<ol>\n<li>{line}</li>\n</ol>\n<blockquote>\n<p>{line}</p>\n</blockquote>"
    )

    assert is_simple(body)
    assert absolute_urls(body, PAGE) is body
    assert sanitise(body, PAGE) == body


@pytest.mark.parametrize(
    "body",
    [
        pytest.param("", id="nothing"),
        pytest.param("a", id="no markup"),
        pytest.param("\ufeff<p>a</p>", id="byte order mark"),
        pytest.param("<p>a", id="not closed"),
        pytest.param("<p>a</p></p>", id="not opened"),
        pytest.param("<p>a</p", id="cut"),
        pytest.param("<p><p>a</p></p>", id="paragraph in paragraph"),
        pytest.param("<p><em>a</p></em>", id="crossed"),
        pytest.param("<li>a</li>", id="item of no list"),
        pytest.param('<p title="a">b</p>', id="attribute"),
        pytest.param("<P>a</P>", id="upper case"),
        pytest.param("<p>a<br/></p>", id="closed void"),
        pytest.param("<p>a<!-- b --></p>", id="comment"),
        pytest.param("<script>a</script>", id="script"),
        pytest.param("<p>a & b</p>", id="bare ampersand"),
        pytest.param("<p>a &quot; b</p>", id="reference"),
        pytest.param("<p>a > b</p>", id="bare bracket"),
        pytest.param("<p>a\rb</p>", id="carriage return"),
        pytest.param('<p><a href="/a">b</a></p>', id="relative link"),
        pytest.param('<p><a href="javascript:a">b</a></p>', id="script in link"),
        pytest.param('<p><a href="https://b.example/ a">b</a></p>', id="space in link"),
        pytest.param(
            f'<p><a href="https://b.example/{"a" * MAX_URL}">b</a></p>', id="long link"
        ),
        pytest.param(f"<p>{LINK}a{LINK}b</a></a></p>", id="link in link"),
    ],
)
def test_what_is_not_simple_goes_through_nh3(body: str) -> None:
    assert not is_simple(body)
    assert absolute_urls(body, PAGE) == sanitise(body, PAGE)
