"""Maps of the site for search engines."""

import pytest

from feedsvc.rendering.sitemap import news_language


@pytest.mark.parametrize(
    ("tag", "language"),
    [
        ("en", "en"),
        ("en-IN", "en"),
        ("OR-in", "or"),
        ("zh", "zh-cn"),
        ("zh-Hans-CN", "zh-cn"),
        ("zh-TW", "zh-tw"),
        ("zh-Hant-HK", "zh-tw"),
        ("yue", "yue"),
    ],
)
def test_languages_are_as_news_search_knows_them(tag: str, language: str) -> None:
    assert news_language(tag) == language
