"""What a WordPress stores becomes HTML, with nothing left over."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedsvc.errors import InputError
from feedsvc.model import BodyFormat
from feedsvc.rendering.body import absolute_urls, to_html
from feedsvc.rendering.wordpress import Picture, from_wordpress

PAGE = "https://old.example.org/2020/05/it-rains/"
FILES = {
    "7": Picture(url="https://old.example.org/a.jpg", alt="A river", caption="Seven & a half"),
    "8": Picture(url="/b.png"),
}


def pictures(numbers: tuple[str, ...]) -> list[Picture]:
    return [FILES[number] for number in numbers if number in FILES] if numbers else [FILES["8"]]


def shown(source: str) -> str:
    return from_wordpress(source, PAGE, pictures)


@pytest.mark.parametrize(
    ("source", "html"),
    [
        ("One\nline\n\nTwo", "<p>One<br>\nline</p>\n<p>Two</p>"),
        ("One\r\n\r\nTwo", "<p>One</p>\n<p>Two</p>"),
        ("<h2>Head</h2>text", "<h2>Head</h2>\n<p>text</p>"),
        ("<div>a\n\nb</div>", "<div>a\n<p>b</p></div>"),
        ("<ul><li>a</li><li>b</li></ul>", "<ul>\n<li>a</li>\n<li>b</li>\n</ul>"),
        ("<pre>a\n\n\nb</pre>", "<pre>a\n\n\nb</pre>"),
        ("a <pre>b", "<p>a </p>\n<pre>b</pre>"),
        ("<a\nhref='/x'>y</a>", '<p><a href="https://old.example.org/x">y</a></p>'),
        ("A<!--more-->B", "<p>A</p>\n<p>B</p>"),
        ("A<!--nextpage-->B", "<p>A</p>\n<p>B</p>"),
        (
            ('<!-- wp:paragraph {"a":1} -->\n<p>Block</p>\n<!-- /wp:paragraph -->'
            "<!-- wp:latest-posts /-->"),
            "<p>Block</p>",
        ),
        (
            "https://youtu.be/x?a=1&b=2",
            '<p><a href="https://youtu.be/x?a=1&amp;b=2">https://youtu.be/x?a=1&amp;b=2</a></p>',
        ),
        (
            ("<!-- wp:embed --><figure><div>\nhttps://youtu.be/x\n</div></figure>"
            "<!-- /wp:embed -->"),
            ('<figure><div>\n\n\n<p><a href="https://youtu.be/x">https://youtu.be/x</a></p>\n\n\n'
            "</div></figure>"),
        ),
        (
            '[caption id="a" width="3"]<img src="/a.jpg" alt="A" /> The <b>river</b>[/caption]',
            ('<figure><img src="https://old.example.org/a.jpg" alt="A">\n'
            "<figcaption>The <b>river</b></figcaption>\n</figure>"),
        ),
        (
            '[caption caption="Seven & more"]<a href="/x"><img src="/a.jpg"></a>[/caption]',
            ('<figure><a href="https://old.example.org/x">'
            '<img src="https://old.example.org/a.jpg"></a>\n'
            "<figcaption>Seven &amp; more</figcaption>\n</figure>"),
        ),
        ("[caption]only words[/caption]", "<figure>only words</figure>"),
        (
            '[gallery ids="7,9,8"]',
            ('<figure><img src="https://old.example.org/a.jpg" alt="A river">\n'
            "<figcaption>Seven &amp; a half</figcaption>\n</figure>\n"
            '<figure><img src="https://old.example.org/b.png" alt="">\n</figure>'),
        ),
        ("[gallery]", '<figure><img src="https://old.example.org/b.png" alt="">\n</figure>'),
        ('a[gallery ids="1"]b', "<p>ab</p>"),
        (
            "[embed width=3]https://v.example/1[/embed]",
            '<p><a href="https://v.example/1">https://v.example/1</a></p>',
        ),
        (
            "[youtube=https://youtu.be/x]",
            '<p><a href="https://youtu.be/x">https://youtu.be/x</a></p>',
        ),
        (
            "[youtube https://youtu.be/y]",
            '<p><a href="https://youtu.be/y">https://youtu.be/y</a></p>',
        ),
        ("a [youtube x7] b", "<p>a  b</p>"),
        ('[audio mp3="/a.mp3"][/audio]', ('<p><audio src="https://old.example.org/a.mp3" '
         'controls=""></audio></p>')),
        ("[video]https://v.example/a.mp4[/video]", ('<p><video src="https://v.example/a.mp4" '
         'controls=""></video></p>')),
        ("[video poster='x']", ""),
        ("[su_note color='x']Mind![/su_note]", "<p>Mind!</p>"),
        ('[contact-form-7 id="3" title="C"]', ""),
        ("a [my_code] b [toc]", "<p>a  b </p>"),
        ("[[gallery]] is code", "<p>[gallery] is code</p>"),
        ("He said [sic] it [...] was [1] [re-elected]", ("<p>He said [sic] it [...] was [1] "
         "[re-elected]</p>")),
        ("[Editor's note: no]", "<p>[Editor's note: no]</p>"),
        ("[x = y] holds [/b", "<p>[x = y] holds [/b</p>"),
        ("[embed]https://v.example/1", '<p><a href="https://v.example/1">https://v.example/1</a></p>'),
        ("[embed]https://a.example/[/embed] x [embed]y", ('<p><a href="https://a.example/">'
         "https://a.example/</a></p>\n<p> x y</p>")),
        ("[box]a[/box] [BOX/]", "<p>a </p>"),
        ("<p>&nbsp;</p><p></p>text<div><p> </p></div>", "<p>text</p>"),
        ("a<script>alert(1)\n\n</script>b", "<p>ab</p>"),
        ("", ""),
    ],
)  # fmt: skip
def test_text_is_shown_as_wordpress_would(source: str, html: str) -> None:
    assert _plain(shown(source)) == _plain(html)


def _plain(html: str) -> str:
    """Return HTML without the white space between tags, which shows nothing."""
    return re.sub(r"(?<=>) +| +(?=<)", "", " ".join(html.split()))


def test_too_long_a_text_is_refused() -> None:
    with pytest.raises(InputError, match="split the article"):
        shown("x" * 1_000_001)


@given(st.lists(st.sampled_from("[/]<>\"'= \n&;-!xp:,"), max_size=60).map("".join))
def test_any_text_comes_out_clean_and_stays_as_it_is(source: str) -> None:
    html = shown(source)

    assert absolute_urls(to_html(html, BodyFormat.HTML), PAGE).strip() == html
