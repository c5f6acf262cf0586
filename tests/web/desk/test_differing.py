"""What was changed in a text, word by word."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedsvc.web.desk.writing.differing import COUNTED, Kind, Piece, pieces, shortened

SHOWN = {Kind.SAME: "{}", Kind.REMOVED: "[-{}-]", Kind.ADDED: "[+{}+]"}


def shown(found: list[Piece]) -> str:
    """Write pieces in one line."""
    left_out = "<{}>"
    return "".join(
        left_out.format(each.words)
        if each.kind is Kind.LEFT_OUT
        else SHOWN[each.kind].format(each.text)
        for each in found
    )


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        pytest.param("The old town", "The new town", "The [-old-][+new+] town", id="a word"),
        pytest.param("", "All of it", "[+All of it+]", id="from nothing"),
        pytest.param("All of it", "", "[-All of it-]", id="to nothing"),
        pytest.param(
            "The old town hall",
            "The new city hall",
            "The [-old town-][+new city+] hall",
            id="words beside each other are one change",
        ),
        pytest.param("On Monday, he", "On Monday he", "On Monday[-,-] he", id="punctuation"),
        pytest.param(
            "ओडिशा सरकार ने आज योजना की घोषणा की।",
            "ओडिशा सरकार ने कल योजना की घोषणा की।",
            "ओडिशा सरकार ने [-आज-][+कल+] योजना की घोषणा की।",
            id="Hindi",
        ),
        pytest.param(
            "ଓଡ଼ିଶା ସରକାର ଆଜି ନୂଆ ଯୋଜନା।",
            "ଓଡ଼ିଶା ସରକାର କାଲି ନୂଆ ଯୋଜନା।",
            "ଓଡ଼ିଶା ସରକାର [-ଆଜି-][+କାଲି+] ନୂଆ ଯୋଜନା।",
            id="Odia",
        ),
        pytest.param(
            "کراچی میں آج بارش ہوئی؟",
            "کراچی میں کل بارش ہوئی؟",
            "کراچی میں [-آج-][+کل+] بارش ہوئی؟",
            id="Urdu",
        ),
        pytest.param(
            "किताब",
            "किताबें",
            "[-किताब-][+किताबें+]",
            id="a vowel sign belongs to its word",
        ),
        pytest.param(
            "One.\n\nTwo.\n\nThree.",
            "One.\n\nThree.",
            "One.\n\n[-Two.\n\n-]Three.",
            id="a paragraph goes",
        ),
        pytest.param("a b", "a  b", "a[- -][+  +]b", id="spaces"),
    ],
)
def test_change_is_told_in_words(before: str, after: str, expected: str) -> None:
    assert shown(pieces(before, after)) == expected


TEXTS = st.text(st.sampled_from("ab .\nआि।"), max_size=60)


@given(TEXTS, TEXTS)
def test_both_texts_can_be_read_from_it(before: str, after: str) -> None:
    found = pieces(before, after)

    assert "".join(each.text for each in found if each.kind is not Kind.ADDED) == before
    assert "".join(each.text for each in found if each.kind is not Kind.REMOVED) == after


@pytest.mark.parametrize(
    ("before", "after"),
    [
        pytest.param("a b " * 90_000, "b a c" * 90_000, id="two words again and again"),
        pytest.param("a\nb\n" * 90_000, "b\na\nc" * 90_000, id="two lines again and again"),
        pytest.param(" " * 400_000 + "x", "y" + " " * 400_000, id="spaces"),
        pytest.param(
            " ".join(map(str, range(60_000))),
            " ".join(map(str, reversed(range(60_000)))),
            id="turned round",
        ),
        pytest.param(
            "".join(f"{n}\n" for n in range(9000)),
            "".join(f"new {n}\n{n}\n" for n in range(9000)),
            id="few pairs, each found by another search",
        ),
    ],
)
def test_what_difflib_would_need_hours_for_is_shown_whole(before: str, after: str) -> None:
    """Compared word by word these are thousands of millions of pairs."""
    found = pieces(before, after)

    assert len(found) < 10
    assert sum(len(each.text.encode()) for each in shortened(found)) < 50_000


def test_work_is_bounded_for_the_whole_text_and_not_for_each_paragraph() -> None:
    before = "".join(f"{'old word ' * 20}\nSame {n}.\n" for n in range(9))
    after = before.replace("old ", "new ")

    def unchanged(found: list[Piece]) -> str:
        return "".join(each.text for each in found if each.kind is Kind.SAME)

    assert unchanged(pieces(before, after)).count("word") == 180
    assert 0 < unchanged(pieces(before, after, steps=60_000)).count("word") < 180
    assert "word" not in unchanged(pieces(before, after, steps=0))


@given(TEXTS)
def test_words_are_counted_without_reading_space_twice(text: str) -> None:
    """Space alone matches too: what fails to match is tried again from every character."""
    found = COUNTED.findall(text)

    assert "".join(found) == text
    assert len([each for each in found if each.strip()]) == len(text.split())


def test_what_is_alike_and_far_away_is_left_out() -> None:
    words = " ".join(f"w{n}" for n in range(400))

    found = shortened(pieces(f"{words} old {words}", f"{words} new {words}"))

    assert shown(found).startswith("<370>w370 ")
    assert "w399 [-old-][+new+] w0 " in shown(found)
    assert shown(found).endswith(" w29 <370>")


def test_short_texts_are_shown_whole() -> None:
    found = pieces("one two three", "one two four")

    assert shortened(found) == found


def test_of_an_endless_change_some_is_shown() -> None:
    found = shortened(pieces("", "word " * 9000))

    assert shown(found) == f"[+{'word ' * 3000}+]<6000>"


def test_page_stays_small_whatever_was_changed() -> None:
    old = "".join(f"ଶବ୍ଦ{n} ଏଠାରେ ଅଛି\n" for n in range(3000))
    new = "".join(f"ଶବ୍ଦ{n} ସେଠାରେ ଅଛି\n" for n in range(3000))

    found = shortened(pieces(old, new))

    assert sum(len(each.text.encode()) for each in found) <= 40_000
    assert found[-1].kind is Kind.LEFT_OUT
    assert found[-1].words > 1000
