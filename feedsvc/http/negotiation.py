"""Which content coding an answer takes (RFC 9110, section 12.5.3)."""

import re
from collections.abc import Collection

from feedsvc.model import Coding

PREFERENCE = (Coding.BR, Coding.ZSTD, Coding.GZIP, Coding.IDENTITY)

_ALIASES = {"x-gzip": "gzip"}  # section 8.4.1.3
_ONLY_WHEN_NAMED = frozenset({Coding.ZSTD})
_UNSAID = 0.0005  # below every weight that can be written: those have three decimals
_MEMBER = re.compile(
    r"[ \t]*([!#$%&'*+.^_`|~0-9a-z-]+)"
    r"(?:[ \t]*;[ \t]*q=(0(?:\.[0-9]{0,3})?|1(?:\.0{0,3})?))?[ \t]*",
    re.IGNORECASE,
)


def choose_coding(accept_encoding: str | None, offered: Collection[Coding]) -> Coding | None:
    """Return the coding for this request, or None when none will do (406).

    The highest weight wins, and `PREFERENCE` among equals. Identity will do unless it is
    excluded. Without the field every coding is allowed, but the clients that send none
    (sfeed, curl) decode none, so they get identity. `*` never brings zstd: no reader is
    known to decode what it did not name.
    """
    weights = _weights(accept_encoding or "")
    ranked = [coding for coding in PREFERENCE if coding in offered]
    best = max(ranked, key=lambda coding: _weight(coding, weights), default=None)
    return best if best is not None and _weight(best, weights) > 0 else None


def _weights(field: str) -> dict[str, float]:
    """Return what each member says; a member that is not well-formed says nothing.

    A coding named twice counts with its lower weight, so that an exclusion always holds.
    """
    weights: dict[str, float] = {}
    for member in field.split(","):
        if found := _MEMBER.fullmatch(member):
            name = found[1].lower()
            name = _ALIASES.get(name, name)
            weight = float(found[2] or "1")
            weights[name] = min(weight, weights.get(name, weight))
    return weights


def _weight(coding: Coding, weights: dict[str, float]) -> float:
    if coding in weights:
        return weights[coding]
    if "*" in weights and coding not in _ONLY_WHEN_NAMED:
        return weights["*"]
    return _UNSAID if coding is Coding.IDENTITY else 0.0
