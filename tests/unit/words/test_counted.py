"""Words are counted by one rule, in any script."""

import pytest

from feedsvc.words.counted import count_words


@pytest.mark.parametrize(
    ("text", "count"),
    [
        pytest.param("", 0, id="nothing"),
        pytest.param("Officials met over 50 start-ups.", 5, id="latin"),
        pytest.param("One — two … three / 4", 4, id="what has no letter is no word"),
        pytest.param("Élan d'une fête", 3, id="accents and apostrophes"),
        pytest.param("राज्य में नई रेल लाइन को मंजूरी मिली।", 8, id="hindi"),
        pytest.param("ଓଡ଼ିଶାରେ ନୂଆ ରେଳ ଲାଇନକୁ ମଞ୍ଜୁରୀ", 5, id="odia"),
        pytest.param("ریاست میں نئی ریلوے لائن کی منظوری", 7, id="urdu"),
        pytest.param("印度批准新铁路线,明年开工。", 12, id="chinese"),
        pytest.param("2026年に開業", 5, id="japanese with a number"),
        pytest.param("서울에서 회의가 열렸다", 3, id="korean has spaces"),
        pytest.param("รัฐบาลอนุมัติ", 3, id="thai, by fives"),
        pytest.param("🎉 🎉🎉", 0, id="pictures"),
        pytest.param("a\u00a0b\u2003c\nd", 4, id="every kind of space"),
    ],
)
def test_words_are_counted(text: str, count: int) -> None:
    assert count_words(text) == count
