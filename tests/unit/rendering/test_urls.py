"""URLs that may stand in a feed."""

from urllib.parse import urljoin, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedsvc.rendering import urls

PAGE = "https://www.example.org/2026/11/headline"


@pytest.mark.checklist("XML-11", "XML-14")
@pytest.mark.parametrize(
    ("url", "expected"),
    [
        pytest.param("https://x.org/a?b=1#c", "https://x.org/a?b=1#c", id="absolute"),
        pytest.param("HTTP://X.ORG", "http://x.org/", id="normalised"),
        pytest.param("//x.org/a", "https://x.org/a", id="without a scheme"),
        pytest.param("/a", "https://www.example.org/a", id="from the root"),
        pytest.param("a/../b.jpg", "https://www.example.org/2026/11/b.jpg", id="relative"),
        pytest.param("?q=1", f"{PAGE}?q=1", id="only a query"),
        pytest.param("#note", f"{PAGE}#note", id="only a fragment"),
        pytest.param(
            " /a b\"c'd|e ", "https://www.example.org/a%20b%22c%27d%7Ce", id="encoded"
        ),
        pytest.param(
            "/ଖବର?x=é",
            "https://www.example.org/%E0%AC%96%E0%AC%AC%E0%AC%B0?x=%C3%A9",
            id="not ASCII",
        ),
        pytest.param("/a%20b%2", "https://www.example.org/a%20b%252", id="half encoded"),
        pytest.param("https://bücher.example/x", "https://xn--bcher-kva.example/x", id="IDN"),
        pytest.param("https://x.org:8443/", "https://x.org:8443/", id="port"),
        pytest.param("http://[2001:db8::1]:80/x", "http://[2001:db8::1]:80/x", id="IPv6"),
        pytest.param("https://x.org./", "https://x.org./", id="final dot"),
        pytest.param("javascript:alert(1)", None, id="script"),
        pytest.param(" JaVaScript:alert(1)", None, id="script in disguise"),
        pytest.param("data:image/png;base64,AAAA", None, id="data"),
        pytest.param("mailto:a@example.org", None, id="mail is no page"),
        pytest.param("ftp://x.org/a", None, id="other scheme"),
        pytest.param("https://me@x.org/", None, id="somebody's name"),
        pytest.param("http:///x", None, id="no host"),
        pytest.param("https://x..org/", None, id="empty label"),
        pytest.param("https://x%41.org/", None, id="encoded host"),
        pytest.param("https://[::1/", None, id="broken IPv6"),
        pytest.param("https://x.org:port/", None, id="broken port"),
        pytest.param("https://x.org:99999/", None, id="impossible port"),
        pytest.param(f"https://{'a' * 64}.org/", None, id="long label"),
        pytest.param("/" + "a" * urls.MAX_URL, None, id="too long"),
        pytest.param("  ", None, id="empty"),
    ],
)
def test_absolute(url: str, expected: str | None) -> None:
    assert urls.absolute(url, PAGE) == expected


@pytest.mark.checklist("XML-14")
@given(st.text())
def test_an_absolute_url_stays_as_it_is(url: str) -> None:
    once = urls.absolute(url, PAGE)

    assert once is None or (once.isascii() and urls.absolute(once, PAGE) == once)


@pytest.mark.checklist("XML-14")
@given(
    st.from_regex(urls._PLAIN, fullmatch=True)
    | st.sampled_from(
        ["http://x/", "https://x.org/a/../b", "https://x.org/./a.b/", "https://-.a//b"]
    ),
    st.sampled_from(["", PAGE, "http://x.org/a/", "http://x.org/a;b?c#d"]),
)
def test_a_plain_url_is_what_taking_it_apart_gives(url: str, page: str) -> None:
    assert urls.absolute(url, page) == url
    assert urls._encoded(urlsplit(urljoin(page, url))) == url


@pytest.mark.checklist("XML-14")
@given(
    st.from_regex(urls._ROOTED, fullmatch=True)
    | st.text(st.sampled_from("/.a-_0:?#"), min_size=1, max_size=8).map("/{}".format),
    st.from_regex(urls._PLAIN, fullmatch=True)
    | st.from_regex(urls._ORIGIN).filter(str.isprintable)
    | st.sampled_from(
        [
            *("", PAGE, "http://x.org/a/", "http://x.org/a;b?c#d", "https://x.org"),
            *(
                "https://x.org:8443/a",
                "https://me@x.org/",
                "HTTPS://X.org/",
                f"http://{'a' * 64}/",
            ),
        ]
    ),
)
def test_a_path_from_the_root_is_what_taking_it_apart_gives(url: str, page: str) -> None:
    found = urls.absolute(url, page)

    wanted = f"https:{url}" if url.startswith("//") else url
    try:
        assert found == urls._encoded(urlsplit(urljoin(page, wanted)))
    except ValueError:
        assert found is None


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        pytest.param(
            "mailto:a b@example.org?subject=x y",
            "mailto:a%20b@example.org?subject=x%20y",
            id="mail",
        ),
        pytest.param(" MAILTO: a@example.org", "mailto:a@example.org", id="capitals"),
        pytest.param("mailto:nobody", None, id="nobody"),
        pytest.param("/a", "https://www.example.org/a", id="page"),
        pytest.param("javascript:1", None, id="script"),
    ],
)
def test_link(url: str, expected: str | None) -> None:
    assert urls.link(url, PAGE) == expected


@pytest.mark.parametrize(
    ("url", "kept"),
    [
        ("/a:b", True),
        ("a?b:c", True),
        ("#a:b", True),
        ("x", True),
        ("//x.org:80/", True),
        ("https://x", True),
        ("HTTP:x", True),
        ("a b:c", False),
        ("javascript:x", False),
        ("java script:x", False),
        ("data:x", False),
        (":x", False),
        ("mailto:a@b", False),
    ],
)
def test_only_safe_schemes_stand_as_written(url: str, kept: bool) -> None:
    assert urls.as_written(url) == (url if kept else None)


@pytest.mark.parametrize("url", ["mailto:a@example.org", "/x"])
def test_links_may_be_mail(url: str) -> None:
    assert urls.link_as_written(url) == url


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        pytest.param("a.jpg 1x, b.jpg 2x", "a.jpg 1x, b.jpg 2x", id="densities"),
        pytest.param(" a.jpg  640w ,\n b.jpg 1.5x", "a.jpg 640w, b.jpg 1.5x", id="spaces"),
        pytest.param("a,b.jpg", "a,b.jpg", id="a comma in a URL"),
        pytest.param("a.jpg, b.jpg,", "a.jpg, b.jpg", id="no descriptors"),
        pytest.param("javascript:x 1x, b.jpg 2x", "b.jpg 2x", id="only what is safe"),
        pytest.param("a.jpg big, b.jpg 2x", "b.jpg 2x", id="only known descriptors"),
        pytest.param("data:x", None, id="nothing usable"),
        pytest.param(", ,", None, id="nothing at all"),
    ],
)
def test_source_set(value: str, expected: str | None) -> None:
    assert urls.source_set(value, urls.as_written) == expected


@pytest.mark.checklist("XML-11")
def test_source_set_is_absolute_for_every_candidate() -> None:
    found = urls.source_set(
        "a.jpg 1x, //cdn.example.org/b.jpg 2x", lambda u: urls.absolute(u, PAGE)
    )

    expected = "https://www.example.org/2026/11/a.jpg 1x, https://cdn.example.org/b.jpg 2x"
    assert found == expected
