"""Sentences for people, made where nobody knows which language those people read.

A layer below the web raises and returns English. Made here, a sentence is a string like any
other and also remembers how it was made, so that the web can say the same in another
language. What is stored, logged or printed is the English.
"""

from collections.abc import Mapping


class Said(str):
    """A sentence in English, with its message, the values in it, and what decides its plural.

    `str()` keeps what it knows; an f-string does not.
    """

    __slots__ = ("many", "message", "number", "values")
    message: str
    many: str
    number: int
    values: Mapping[str, object]

    def __str__(self) -> str:
        """Return the sentence itself, so that the text of an exception is one still."""
        return self


def says(message: str, /, **values: object) -> str:
    """Return a sentence, with `%(name)s` filled in.

    The message must stand in the call as it is: that is where translators find it.
    """
    return _said(message, "", 0, values)


def counts(one: str, many: str, /, count: int, **values: object) -> str:
    """Return what is said of one, or of `count` things, which is `%(count)s` in it."""
    return _said(one, many, count, {"count": count, **values})


def english(text: str) -> str:
    """Return a sentence as nothing but text, for what takes no other kind of string."""
    return str.__str__(text)


def _said(message: str, many: str, count: int, values: Mapping[str, object]) -> str:
    sentence = Said((many if many and count != 1 else message) % values)
    sentence.message, sentence.many, sentence.number = message, many, count
    sentence.values = values
    return sentence
