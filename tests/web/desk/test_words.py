"""What the desk says about times and messages."""

import pytest
from msgspec import structs
from msgspec.structs import replace

from feedsvc.web.desk import words
from feedsvc.wiring import Service


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        pytest.param(5, "Released 5 s late", id="seconds"),
        pytest.param(600, "Released 10 minutes late", id="minutes"),
        pytest.param(10_000, "Released 2 hours late", id="hours"),
    ],
)
def test_lateness_is_said_in_round_numbers(seconds: int, said: str) -> None:
    assert words.lateness(seconds) == said


@pytest.mark.parametrize(
    ("message", "said"),
    [
        pytest.param("must be a tag", "Must be a tag.", id="a message"),
        pytest.param("Choose one of these.", "Choose one of these.", id="a sentence"),
    ],
)
def test_message_becomes_a_sentence(message: str, said: str) -> None:
    assert words.sentence(message) == said


@pytest.mark.parametrize(
    ("on_edit", "said"),
    [
        pytest.param(True, "within seconds", id="at once"),
        pytest.param(False, "next scheduled regeneration", id="by the schedule"),
    ],
)
def test_readers_are_promised_what_the_schedule_keeps(
    service: Service, on_edit: bool, said: str
) -> None:
    schedule = replace(service.config.schedule, regenerate_on_edit=on_edit)
    config = replace(service.config, schedule=schedule)

    assert said in words.soon(structs.replace(service, config=config))
