"""HTML for a partner that lists what it allows: nothing else is left, and no word is lost."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from feedsvc.model import BodyFormat
from feedsvc.partners.body import read_body
from feedsvc.rendering.allowed import for_msn
from feedsvc.rendering.body import to_html
from feedsvc.rendering.limits import MSN_NESTING, MSN_TAGS


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("<p>A <em>b</em> &amp; c</p>", "<p>A <em>b</em> &amp; c</p>"),
        ('<p><a href="https://x.org/?a&amp;b" rel="nofollow">x</a></p>', None),
        ('<p><img src="https://x.org/a.png" alt="&lt;x&gt;"></p>', None),
        ("<h6>x</h6>", "<h5>x</h5>"),
        ("<blockquote><p>x</p></blockquote>", "<div><p>x</p></div>"),
        (
            "<figure><img><figcaption>x</figcaption></figure>",
            "<div><img><div>x</div></div>",
        ),
        ("<dl><dt>x</dt><dd>y</dd></dl>", "<div><div>x</div><div>y</div></div>"),
        ("<pre><code>x</code></pre>", "<div>x</div>"),
        ("<p>x <del>old</del> <ins>new</ins> <s>gone</s></p>", "<p>x  new </p>"),
        ("<p>x <q>y</q></p>", "<p>x \u201cy\u201d</p>"),
        ("<p>x</p><hr><p>y</p>", "<p>x</p> <p>y</p>"),
        ("<p>x<br><del>old</del><br>y</p>", "<p>x<br>y</p>"),
        ('<p>x</p><video src="https://x.org/v.mp4">no <b>film</b><br></video>', "<p>x</p>"),
        ("<picture><source><img></picture>", "<img>"),
        ("<p>x<br><br> <br>y<br>z</p>", "<p>x<br> y<br>z</p>"),
        ("<p>x<br></p><p><br>y</p>", "<p>x<br></p><p><br>y</p>"),
        ("<p><mark>x</mark> <u>y</u></p>", "<p>x y</p>"),
        ('<table><tbody><tr><td colspan="2">x</td></tr></tbody></table>', None),
        ("<ol><li>x</li></ol>", None),
    ],
)
def test_what_is_not_allowed_is_put_otherwise(before: str, after: str | None) -> None:
    assert for_msn(before) == (before if after is None else after)


def test_an_end_without_a_beginning_is_nothing() -> None:
    assert for_msn("x</b>") == "x"


def test_what_is_too_deep_stays_as_text() -> None:
    deep = f"{'<div>' * 9}<b>x</b>{'</div>' * 9}"

    assert for_msn(deep) == deep.replace("<b>", "").replace("</b>", "")


@pytest.mark.parametrize(
    ("markup", "words"),
    [
        ("<ul><li>x</li><li>y</li></ul>", "x y"),
        ("<table><tbody><tr><td>x</td><td>y</td></tr></tbody></table>", "x y"),
        ("<p>x <q>y</q></p>", "x \u201cy\u201d"),
    ],
)
def test_a_list_without_room_for_its_parts_is_text(markup: str, words: str) -> None:
    around = 9
    body = for_msn(f"{'<div>' * around}{markup}{'</div>' * around}")

    assert read_body(body).tags == {"div"}
    assert read_body(body).text == words


PIECES = st.sampled_from(
    [
        *("x ", "&amp;", "<br>", "<hr>", "<img src=a>", "<p>", "</p>", "<ul>", "<li>", "</ul>"),
        *("<table>", "<tr>", "<td>", "</table>", "<blockquote>", "</blockquote>", "<div>"),
        *("</div>", "<pre>", "</pre>", "<q>", "</q>", "<s>", "</s>", "<audio>", "</audio>"),
        *("<figure>", "<figcaption>", "</figure>", "<b>", "</b>", "<dl>", "<dd>", "</dl>"),
    ]
)


@given(st.lists(PIECES, max_size=60).map("".join))
@example("<ul><ul><ul><ul><table><blockquote><li>")
def test_only_what_is_allowed_is_left(source: str) -> None:
    body = for_msn(to_html(source, BodyFormat.HTML))
    found = read_body(body)

    assert found.tags <= MSN_TAGS
    assert found.depth < MSN_NESTING.value
    assert found.breaks <= 1
    assert for_msn(body) == body


@given(
    st.lists(PIECES.filter(lambda piece: piece not in {"<s>", "<audio>", "<q>"})).map("".join)
)
def test_no_word_is_lost(source: str) -> None:
    body = to_html(source, BodyFormat.HTML)

    assert for_msn(body).count("x") == body.count("x")
