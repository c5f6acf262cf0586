"""Slugs, from Latin and from the scripts of India."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedsvc.rendering.slugs import kept_slug, slugify


@pytest.mark.parametrize(
    ("text", "slug"),
    [
        pytest.param(
            "Odisha\u2019s Floriculture Hub: it's done!",
            "odishas-floriculture-hub-its-done",
            id="English",
        ),
        pytest.param(
            "Ünïcode & Café — Straße æøå Łódź", "unicode-cafe-strasse-aeoa-lodz", id="European"
        ),
        pytest.param("ﬁne \uff11\uff12 Ⅳ", "fine-12-iv", id="compatibility forms"),
        pytest.param("ଓଡ଼ିଶା ଖବର ୨୦୨୬", "odisha-khabara-2026", id="Odia"),
        pytest.param("ଭୁବନେଶ୍ୱର", "bhubaneshwara", id="Odia conjunct"),
        pytest.param("हिन्दी समाचार: नई योजना", "hindi-samachar-nai-yojana", id="Hindi"),
        pytest.param(
            "मुंबई में राष्ट्रपति का मंत्र",
            "mumbai-men-rashtrapati-ka-mantra",
            id="Hindi nasals, and a spoken final vowel",
        ),
        pytest.param("न", "na", id="the only vowel of a word"),
        pytest.param("दुःख कृष्ण चाय छाया", "duhkh-krushna-chay-chhaya", id="Hindi spelling"),
        pytest.param("বাংলা সংবাদ", "bangla-sangbad", id="Bengali"),
        pytest.param("ગુજરાત સમાચાર", "gujarat-samachar", id="Gujarati"),
        pytest.param("ਪੰਜਾਬ ਖ਼ਬਰਾਂ", "panjab-khabaran", id="Punjabi"),
        pytest.param("தமிழ்நாடு", "tamizhnatu", id="Tamil"),
        pytest.param("బెంగళూరు వార్తలు", "bengaluru-vartalu", id="Telugu"),
        pytest.param("ಕರ್ನಾಟಕ ಬೆಂಗಳೂರು", "karnataka-bengaluru", id="Kannada"),
        pytest.param("കേരളം വാർത്ത അംബ", "keralam-vartta-amba", id="Malayalam"),
        pytest.param("क\u200dष १०", "kash-10", id="joiners are nothing"),
        pytest.param("日本", "", id="no spelling known"),
        pytest.param(" -- ", "", id="nothing at all"),
        pytest.param("a\x01b\x03c\ud800", "abc", id="controls do not meddle"),
    ],
)
def test_slugify(text: str, slug: str) -> None:
    assert slugify(text) == slug


@pytest.mark.parametrize(
    ("text", "limit", "slug"),
    [
        pytest.param("one two three", 8, "one-two", id="between words"),
        pytest.param("one two three", 7, "one-two", id="at a word's end"),
        pytest.param("abcdefghij", 5, "abcde", id="within a long word"),
        pytest.param("a bcdefghijkl", 8, "a-bcdefg", id="not down to next to nothing"),
    ],
)
def test_a_long_slug_is_cut(text: str, limit: int, slug: str) -> None:
    assert slugify(text, limit) == slug


@given(st.text(st.characters(exclude_categories=())), st.integers(1, 60))
def test_a_slug_is_always_fit_for_a_path(text: str, limit: int) -> None:
    slug = slugify(text, limit)

    assert len(slug) <= limit
    assert re.fullmatch(r"(?:[a-z0-9]+(?:-[a-z0-9]+)*)?", slug)
    assert slugify(slug, limit) == slug


@pytest.mark.parametrize(
    ("old", "kept"),
    [
        ("news", "news"),
        ("a--b-", "a--b-"),
        ("x" * 64, "x" * 64),
        ("x" * 65, "x" * 64),
        ("News_Desk", "news-desk"),
        ("ଖବର", "khabara"),
        ("日本", ""),
    ],
)
def test_a_slug_from_elsewhere_is_kept_where_it_can_be(old: str, kept: str) -> None:
    assert kept_slug(old) == kept
