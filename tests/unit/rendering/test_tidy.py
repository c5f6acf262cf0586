"""Markup made regular before the sanitiser sees it."""

import pytest

from feedsvc.errors import InputError
from feedsvc.rendering.tidy import MAX_DEPTH, MAX_ESCAPES, MAX_VALUE, tidy


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        pytest.param("<p>a<p>b", "<p>a</p><p>b</p>", id="paragraphs end paragraphs"),
        pytest.param("<p>a<div>b</div>c</p>", "<p>a</p><div>b</div>c", id="so do blocks"),
        pytest.param(
            "<ul><li>a<li>b<ul><li>c</ul></ul>",
            "<ul><li>a</li><li>b<ul><li>c</li></ul></li></ul>",
            id="list items",
        ),
        pytest.param(
            "<dl><dt>a<dd>b<dt>c</dl>", "<dl><dt>a</dt><dd>b</dd><dt>c</dt></dl>", id="terms"
        ),
        pytest.param("<h2>a<h3>b</h2>c", "<h2>a</h2><h3>b</h3>c", id="headings"),
        pytest.param("<a>b<a>c</a>", "<a>b</a><a>c</a>", id="links"),
        pytest.param("<b><i>x</b>y</i>", "<b><i>x</i></b>y", id="crossed over"),
        pytest.param("</p></b>x</br>", "x", id="ends of nothing"),
        pytest.param("<p>a<br>b<img>c", "<p>a<br>b<img>c</p>", id="void elements"),
        pytest.param(
            "<section>a</section><center>b</center>",
            "<div>a</div><div>b</div>",
            id="other names of a block",
        ),
        pytest.param("<strike>a</strike><tt>b</tt>", "<s>a</s><code>b</code>", id="old names"),
        pytest.param("<font>a</font><o:p>b</o:p><svg><g>c</g></svg>", "abc", id="unknown tags"),
        pytest.param(
            "<pre>\n\nx\n</pre>", "<pre>x\n</pre>", id="blank lines that parsers drop"
        ),
        pytest.param("<pre>&#10;</pre>", "<pre></pre>", id="nothing but such a line"),
        pytest.param("a\r\nb\rc&#13;d", "a\nb\nc\nd", id="line ends"),
        pytest.param("a\x00b&#11;c\ufffe&#146;", "abc\u2019", id="unwanted characters"),
        pytest.param("a & b < c", "a &amp; b &lt; c", id="signs"),
        pytest.param(
            '<p ID=x Lang="or" onclick=y lang=hi>a',
            '<p lang="or">a</p>',
            id="known attributes, once",
        ),
        pytest.param(
            "<img alt='\"a\"\n >&amp;lt;'>",
            '<img alt="&quot;a&quot; &gt;&amp;lt;">',
            id="values are quoted",
        ),
        pytest.param(f"<img alt='{'x' * (MAX_VALUE + 1)}'>", "<img>", id="values are bounded"),
    ],
)
def test_tidy(source: str, expected: str) -> None:
    assert tidy(source) == expected


def _table(rows: str) -> str:
    return f"<table><tbody>{rows}</tbody></table>"


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        pytest.param(
            "<table><tr><td>a<td>b<tr><th>c</table>d",
            _table("<tr><td>a</td><td>b</td></tr><tr><th>c</th></tr>") + "d",
            id="rows and cells end each other",
        ),
        pytest.param("<table><td>a</table>", _table("<tr><td>a</td></tr>"), id="no row"),
        pytest.param(
            "<table>a<tr>b<td>c</table>",
            _table("<tr><td>a</td></tr><tr><td>b</td><td>c</td></tr>"),
            id="what stands loose gets a cell",
        ),
        pytest.param(
            "<table><thead><tr><td>a<tbody><tr><td>b</table>",
            "<table><thead><tr><td>a</td></tr></thead>"
            "<tbody><tr><td>b</td></tr></tbody></table>",
            id="sections",
        ),
        pytest.param(
            "<table><caption>a<tr><td>b</table>",
            "<table><caption>a</caption><tbody><tr><td>b</td></tr></tbody></table>",
            id="caption",
        ),
        pytest.param(
            "<table>\n<tr>\n<td>a</td>\n</tr>\n</table>",
            "<table>\n<tbody><tr>\n<td>a</td>\n</tr>\n</tbody></table>",
            id="blanks",
        ),
        pytest.param("<td>a<tr>b<caption>c", "abc", id="parts without a table"),
        pytest.param(
            "<b><table><td>a</b>b</table>c</b>",
            f"<b>{_table('<tr><td>ab</td></tr>')}c</b>",
            id="cells are walls",
        ),
        pytest.param(
            "<p><table><td><p>a</table>",
            f"<p></p>{_table('<tr><td><p>a</p></td></tr>')}",
            id="a paragraph in a cell",
        ),
        pytest.param(
            "<table><td><table><td>a</table>b</table>",
            _table(f"<tr><td>{_table('<tr><td>a</td></tr>')}b</td></tr>"),
            id="nested",
        ),
        pytest.param(
            "<table></td></p><img></table>",
            _table("<tr><td><img></td></tr>"),
            id="ends of nothing, and a loose image",
        ),
    ],
)
def test_tables(source: str, expected: str) -> None:
    assert tidy(source) == expected


def test_as_deep_as_allowed_is_fine() -> None:
    assert tidy("<div>" * MAX_DEPTH).count("</div>") == MAX_DEPTH


@pytest.mark.parametrize(
    ("source", "problem"),
    [
        pytest.param("<div>" * (MAX_DEPTH + 1), "nested more than 100", id="depth"),
        pytest.param("<p>" * 300_000, "more markup", id="number of tags"),
        pytest.param(
            ("<b>" * 99 + "x" + "</b>" * 99) * 300, "more markup", id="depth times number"
        ),
        pytest.param("&" * (MAX_ESCAPES + 1), "more markup", id="runs of references"),
        pytest.param(
            f"<img alt='{'&' * 19_000}'>" * 6, "more markup", id="references in values"
        ),
    ],
)
def test_what_would_take_long_is_refused(source: str, problem: str) -> None:
    with pytest.raises(InputError) as refused:
        tidy(source)

    assert problem in refused.value.fields["body"]
    assert refused.value.fields["body"].endswith("formatting.")
