"""The first words of an article, where nobody wrote an excerpt."""

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from feedsvc.rendering import excerpt, text
from feedsvc.rendering.entry import with_dateline
from feedsvc.rendering.excerpt import LIMIT, first_words, summary
from tests.factories import article


@pytest.mark.parametrize(
    ("html", "expected"),
    [
        pytest.param("", "", id="nothing"),
        pytest.param("<p>One two three.</p>", "One two three.", id="all of it"),
        pytest.param("<p>" + "word " * 15 + "</p>", ("word " * 15).strip(), id="just fifteen"),
        pytest.param("<p>" + "word " * 16 + "</p>", "word " * 14 + "word…", id="one more"),
        pytest.param(
            "<p>One<br>two</p><blockquote><p>three</p></blockquote><div>four</div>",
            "One two three four",
            id="blocks are apart",
        ),
        pytest.param(
            "<h2>Background</h2><p>The minister said no.</p>",
            "The minister said no.",
            id="a heading before the text",
        ),
        pytest.param(
            "<p>The minister</p><h3>Background</h3><p>" + "said " * 20 + "</p>",
            "The minister " + "said " * 12 + "said…",
            id="a heading within",
        ),
        pytest.param(
            "<ul><li>First</li><li><p>Second</p><ol><li>Third</li></ol></li></ul><p>Text</p>",
            "Text",
            id="points before the text",
        ),
        pytest.param(
            "<table><caption>Prices</caption><tr><td>12</td></tr></table>"
            "<pre><code>x = 1</code></pre><dl><dt>a</dt><dd>b</dd></dl>Text",
            "Text",
            id="a table, code and terms, and text in no paragraph",
        ),
        pytest.param(
            "<p>We need:</p><ul><li>flour</li></ul>", "We need:…", id="a list follows"
        ),
        pytest.param("<p>Text</p><ul><li> </li></ul>", "Text", id="nothing follows"),
        pytest.param(
            "<p>Text</p><figure><img src='x'><figcaption>C</figcaption></figure>",
            "Text",
            id="a caption follows",
        ),
        pytest.param(
            "<h2>Who won</h2><p><img src='x'></p><ol><li>Asha</li><li>Ravi</li></ol>",
            "Who won Asha Ravi",
            id="no paragraph has text",
        ),
        pytest.param("</ul><p>Text</p>", "Text", id="an end without a beginning"),
        pytest.param("<p>th<b>re</b>e</p>", "three", id="inline markup is not"),
        pytest.param(
            "<figure><img alt='x'><figcaption>Caption <i>x</i></figcaption></figure>"
            "<p>Text</p>",
            "Text",
            id="captions are left out",
        ),
        pytest.param("<p>AT&amp;T &lt;b&gt;&nbsp;x</p>", "AT&T <b> x", id="references"),
        pytest.param(
            "<p>ଓଡ଼ିଶାର " + "ଖବର " * 15 + "</p>", "ଓଡ଼ିଶାର " + "ଖବର " * 13 + "ଖବର…", id="Odia"
        ),
        pytest.param(
            "<p>हिन्दी " + "समाचार " * 15 + "</p>",
            "हिन्दी " + "समाचार " * 13 + "समाचार…",
            id="Hindi",
        ),
    ],
)
def test_excerpt(html: str, expected: str) -> None:
    assert first_words(html) == expected


def test_excerpt_of_a_script_without_spaces_is_cut_all_the_same() -> None:
    cut = first_words(f"<p>{'国' * 10_000}</p>")

    assert len(cut) == LIMIT
    assert cut.endswith("国…")


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        pytest.param("<h2>Rain</h2><p>It fell.</p>", "Puri: It fell.", id="before the text"),
        pytest.param(
            "<h2>Rain</h2><p>PURI: It fell.</p>", "PURI: It fell.", id="there already"
        ),
        pytest.param("<p>Puritans</p>", "Puri: Puritans", id="another word"),
        pytest.param("<h2>Rain</h2>", "Puri: Rain", id="before a heading"),
        pytest.param("<p> </p>", "", id="no text"),
    ],
)
def test_first_words_begin_with_the_dateline(body: str, expected: str) -> None:
    assert first_words(body, " Puri\n") == expected


def test_a_paragraph_is_not_looked_for_behind_everything() -> None:
    """Else a list page would read megabytes of tables."""
    rows = "<tr><td>" + "word " * 4_000 + "</td></tr>"
    near, far = (
        f"<table>{rows * count}</table><p>It rains in Puri today</p>" for count in (1, 2)
    )

    assert first_words(near) == "It rains in Puri today"
    assert first_words(far) == "word " * 14 + "word…"


def test_summary_is_the_editors_where_there_is_one() -> None:
    assert summary(article(excerpt=" In \n short.", dateline="Puri")) == "In short."


def test_summary_is_else_the_first_words_with_the_dateline() -> None:
    long = article(body="<p>Rain fell " + "and fell " * 20 + "</p>", dateline="Puri")

    assert summary(long) == "Puri: Rain fell " + "and fell " * 5 + "and fell…"


@pytest.mark.parametrize("after", ["<p>Photo: PTI</p>", "<p>Share</p><p>Print</p>"])
def test_a_scrap_beside_a_whole_story_is_not_taken_for_it(after: str) -> None:
    story = "<table><tr><td>" + "It rained all night in Puri. " * 20 + "</td></tr></table>"

    assert first_words(story + after).startswith("It rained all night")
    assert first_words("<ul><li>One</li></ul><p>It rains.</p>") == "It rains."


WORDS = st.sampled_from(["It", "rains,", "ଓଡ଼ିଶା", "\u0301", "e\u0301", "x" * 40, "国" * 30])
ODD = st.sampled_from(
    [
        *("\u202a", "\u202c", "\u2067", "\u2069", "\u200d", "\ufeff", "\x1c", "\x85", "\xa0"),
        *("\x00", "\u2028", "\xad", "<b>in</b>", "<br>", "</p><p>", "<h2>Head</h2>"),
        *("<ul><li>One</li></ul>", "<figcaption>C</figcaption>", "&nbsp;", "&#x202a;"),
    ]
)
STRETCHES = st.lists(WORDS, min_size=1, max_size=30).map(" ".join)
PIECES = st.lists(STRETCHES | WORDS | ODD, max_size=12).map("".join)
BODIES = PIECES | PIECES.map("<p>{}</p>".format)


@given(BODIES, st.sampled_from(["", "Puri", "It rains, It", "It " * 60]))
@example("<p>" + "It rains, " * 8 + "ra</p>\u202a" + "<p>ins\u202c</p>", "")
@settings(max_examples=1_000, deadline=None)
def test_first_words_are_those_of_the_whole_text(body: str, dateline: str) -> None:
    """Promise 2: that no more is read than has to be changes nothing."""
    found = first_words(body, dateline)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(excerpt, "_opening", lambda *_: None)
        patch.setattr(text, "lead", lambda _: "")
        assert first_words(body, dateline) == found


@given(BODIES, st.sampled_from(["It", "It rains, It", "ଓଡ଼ିଶା", "It " * 60]))
@example("<p>It \u202arains", "It rains")
@example("<p>It" + " " * 500 + "rains", "It rains")
@settings(max_examples=500, deadline=None)
def test_whether_a_text_has_its_dateline_is_seen_in_the_whole_text(
    body: str, dateline: str
) -> None:
    found = with_dateline(body, dateline)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(text, "lead", lambda _: "")
        assert with_dateline(body, dateline) == found
