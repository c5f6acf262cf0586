"""How long things are is said by one table of limits, also without a script."""

import json

import pytest

from feedsvc.rendering import limits
from tests.web.desk_client import Browser


def test_form_knows_the_lengths_that_partners_take(asha: Browser) -> None:
    page = asha.open("/desk/articles/new")

    [known] = page.root.xpath("//*[@data-lengths-of='title']/@data-lengths")
    least, most = (limit.value for limit in limits.APPLE_TITLE)
    assert ["Apple News", least, most] in json.loads(known)
    assert ["MSN", limits.MSN_TITLE_REFUSED.value + 1, 150] in json.loads(known)
    assert "MSN 21–150, Apple News 15–60" in page.words("//*[@id='title-hint']")  # noqa: RUF001


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        pytest.param({"title": "T"}, "Headline: 1 character", id="one character"),
        pytest.param({"title": "Ten of one"}, "Headline: 10 characters", id="ten characters"),
        pytest.param({"body_source": "word " * 200}, "200 words, 1 minute to", id="a minute"),
        pytest.param({"body_source": "word " * 201}, "201 words, 2 minutes", id="beyond"),
        pytest.param({}, "Excerpt: the first 15 words, 5 characters", id="automatic excerpt"),
        pytest.param({"excerpt": "Mine"}, "Excerpt: 4 characters", id="excerpt by hand"),
        pytest.param({"new_categories": "A, B"}, "2 categories", id="categories"),
    ],
)
def test_preview_says_how_long_things_are(
    asha: Browser, changes: dict[str, str], said: str
) -> None:
    page = asha.write(**{"body_source": "Talks", **changes}, action="preview")

    assert said in page.words("//*[@class='measured']")


def live(asha: Browser, path: str, **changes: object) -> dict[str, str | None]:
    """Ask as the script of a form does."""
    page = asha.open(path)
    [where] = page.root.xpath("//form/@data-live")
    answer = asha.post(str(where), {**page.values(), **changes})
    assert answer.status == 200
    found: dict[str, str | None] = json.loads(answer.text)
    return found


def test_script_is_told_what_the_form_says(asha: Browser) -> None:
    said = live(asha, "/desk/articles/new", body_source="*One* two", dateline="Delhi")

    assert said == {
        "words": "2 words, 1 minute to read",
        "excerpt": "Delhi: One two",
        "page": None,
    }


def test_count_of_words_is_heard_with_the_text_and_not_after_each_pause(
    asha: Browser,
) -> None:
    page = asha.open("/desk/articles/new")
    wrong = asha.write(body_source="x" * 1_000_001)

    assert not page.has("//*[@id='words'][@aria-live]")
    assert page.root.xpath("//*[@id='body_source']/@aria-describedby") == ["words"]
    [described] = wrong.root.xpath("//*[@id='body_source']/@aria-describedby")
    assert described.split() == ["body_source-error", "words"]


def test_text_that_cannot_be_taken_is_not_counted(asha: Browser) -> None:
    said = live(asha, "/desk/articles/new", body_source="x" * 1_000_001, beside="yes")

    assert said["words"] == said["excerpt"] == ""
    assert "No preview yet" in str(said["page"])


def test_preview_beside_keeps_date_and_address_of_what_is_out(asha: Browser) -> None:
    asha.write(release="now")

    page = live(asha, "/desk/articles/1", title="", beside="yes")["page"]

    assert "No headline yet" in str(page)
    assert 'datetime="2026-11-22T12:00:00Z"' in str(page)


def test_nothing_is_stored_by_looking(asha: Browser) -> None:
    asha.write()

    live(asha, "/desk/articles/1", title="Other", beside="yes")

    assert asha.open("/desk/articles/1").values()["title"] == "Start-ups meet officials"


def test_looking_needs_a_session(asha: Browser) -> None:
    page = asha.post("/desk/articles/new/live", {"csrf_token": "of somebody"})

    assert page.status == 403
    assert json.loads(page.text)["state"] in {"other", "renewed"}
