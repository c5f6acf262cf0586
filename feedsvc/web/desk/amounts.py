"""Amounts as people read them: numbers, bytes, shares and times, in the page's language."""

from babel.numbers import format_decimal, format_percent
from babel.units import format_unit

from feedsvc.web.tongues import tongue

_UNITS = ("B", "kB", "MB", "GB", "TB", "PB")
_STEP = 1000
_NONE = "\u2013"


def count(number: int | None) -> str:
    """Return a whole number, in groups of digits."""
    return _NONE if number is None else format_decimal(number, locale=tongue())


def volume(number: int | None) -> str:
    """Return bytes with three digits that matter: 999 B, 1.02 kB, 15.3 MB."""
    if number is None:
        return _NONE
    value, place = float(number), 0
    while value >= _STEP - 0.5 and place < len(_UNITS) - 1:
        value, place = value / _STEP, place + 1
    text = format_decimal(value, "@@@" if place else "0", locale=tongue())
    return f"{text} {_UNITS[place]}"


def percent(share: float | None) -> str:
    """Return a share of 0 to 1; what is not quite all, or nothing, is never said to be.

    All but these two have a place behind the point, so that columns stand in line.
    """
    if share is None:
        return _NONE
    if share in {0, 1}:
        return format_percent(share, "0%", locale=tongue())
    return format_percent(min(max(share, 0.001), 0.999), "0.0%", locale=tongue())


def duration(seconds: int | None) -> str:
    """Return a stretch of time in its largest unit: 40 sec, 5 min, 3 hr, 2 days."""
    if seconds is None:
        return _NONE
    sizes = ((86_400, "day"), (3_600, "hour"), (60, "minute"), (1, "second"))
    size, unit = next((each for each in sizes if seconds >= 2 * each[0]), sizes[-1])
    return format_unit(seconds // size, f"duration-{unit}", "short", locale=tongue())
