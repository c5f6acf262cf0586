"""Bad input gets a sentence for the field, and nothing is stored."""

import re
from datetime import UTC, datetime, timedelta, timezone

import pytest

from feedsvc.errors import InputError
from feedsvc.model import ArticleInput, BodyFormat, Release
from feedsvc.workflow.handed_in.checking import check
from tests.factories import given

IST = timezone(timedelta(hours=5, minutes=30))


@pytest.mark.parametrize(
    ("change", "field", "sentence"),
    [
        pytest.param({"title": " \x00 "}, "title", "write a headline", id="no title"),
        pytest.param({"title": "\u200b\u2060"}, "title", "write a headline", id="unseen title"),
        pytest.param({"title": "x" * 301}, "title", "301 characters", id="long title"),
        pytest.param({"body_source": "x" * 10_000_000}, "body_source", "1,000,000", id="10 MB"),
        pytest.param(
            {"body_source": "<div>" * 5000, "body_format": BodyFormat.HTML},
            "body_source",
            "nested|deep",
            id="deep body",
        ),
        pytest.param({"excerpt": "x" * 1001}, "excerpt", "at most 1000", id="long excerpt"),
        pytest.param({"categories": ("x" * 101,)}, "categories", "at most 100", id="category"),
        pytest.param(
            {"categories": tuple(map(str, range(21)))}, "categories", "at most 20", id="21"
        ),
        pytest.param({"bylines": ("x" * 101,)}, "bylines", "at most 100", id="byline"),
        pytest.param({"language": "klingon!"}, "language", "language tag", id="language"),
        pytest.param({"language": "Hindi"}, "language", "language tag", id="language's name"),
        pytest.param(
            {"canonical_url": "/here"}, "canonical_url", "full address", id="relative"
        ),
        pytest.param(
            {"canonical_url": "javascript:alert(1)"}, "canonical_url", "https://", id="script"
        ),
        pytest.param({"image_url": "http://["}, "image_url", "full address", id="broken"),
        pytest.param({"image_url": "https://a b/"}, "image_url", "full address", id="host"),
        pytest.param({"image_url": "https://u:p@h/"}, "image_url", "full address", id="user"),
        pytest.param({"image_url": "https://h:x/"}, "image_url", "full address", id="port"),
        pytest.param(
            {"image_url": "https://h/" + "x" * 2000}, "image_url", "at most 2000", id="long URL"
        ),
        pytest.param({"image_url": "data:image/png;base64,AA"}, "image_url", "full", id="data"),
        pytest.param({"image_alt": "x" * 1001}, "image_alt", "at most 1000", id="long alt"),
        pytest.param({"image_credit": "x" * 101}, "image_credit", "at most 100", id="credit"),
        pytest.param({"release": Release.AT}, "release_at", "which date", id="no time"),
        pytest.param(
            {"release": Release.AT, "release_at": datetime(1066, 1, 1, tzinfo=UTC)},
            "release_at",
            "1990 and 2100",
            id="impossible time",
        ),
    ],
)
def test_bad_input_names_its_field(
    change: dict[str, object], field: str, sentence: str
) -> None:
    with pytest.raises(InputError) as caught:
        check(given(**change))  # type: ignore[arg-type]

    assert list(caught.value.fields) == [field]
    assert re.search(sentence, caught.value.fields[field])


def test_every_problem_is_told_at_once() -> None:
    with pytest.raises(InputError) as caught:
        check(ArticleInput(title="", body_source="x", language="?", image_url="?"))

    assert set(caught.value.fields) == {"title", "language", "image_url"}


def test_fields_are_cleaned() -> None:
    checked = check(
        given(
            " A\x00 title\n with\u2028breaks \ud800]]> <b> & ",
            bylines=(" Asha  Rao ", "", "\u200b", "asha rao"),
            categories=("News ", "NEWS", "Sport"),
            language="pt-BR",
        )
    )

    assert checked.title == "A title with breaks ]]> <b> &"
    assert checked.bylines == ("Asha Rao",)
    assert checked.categories == ("News", "Sport")
    assert checked.language == "pt-BR"


@pytest.mark.parametrize(
    ("url", "media_type"),
    [
        ("https://cdn.example.org/a.JPG?x=1", "image/jpeg"),
        ("https://cdn.example.org/a.webp", "image/webp"),
        ("https://cdn.example.org/a", None),
    ],
)
def test_image_type_is_told_where_the_name_tells_it(url: str, media_type: str | None) -> None:
    image = check(given(image_url=url, image_alt=" A  mast ")).image

    assert image is not None
    assert (image.url, image.media_type, image.alt) == (url, media_type, "A mast")


@pytest.mark.parametrize(
    ("written", "stored"),
    [
        ("https://EXAMPLE.org/a b?q=ü#x y", "https://example.org/a%20b?q=%C3%BC#x%20y"),
        ("https://bücher.example/", "https://xn--bcher-kva.example/"),
        ("http://[::1]:8080/x", "http://[::1]:8080/x"),
        ("https://h.example/%E0%A4", "https://h.example/%E0%A4"),
    ],
)
def test_addresses_become_uris(written: str, stored: str) -> None:
    """RFC 3986: what goes into a feed is ASCII, and escaped once."""
    assert check(given(canonical_url=written)).canonical_url == stored


def test_time_is_kept_in_utc_and_whole_seconds() -> None:
    local = datetime(2026, 12, 1, 9, 30, 15, 999, tzinfo=IST)

    checked = check(given(release=Release.AT, release_at=local))

    assert checked.release_at == datetime(2026, 12, 1, 4, 0, 15, tzinfo=UTC)


def test_time_counts_for_a_schedule_only() -> None:
    checked = check(given(release=Release.NOW, release_at=datetime(1, 1, 1, tzinfo=UTC)))

    assert checked.release_at is None
