"""What the index of words holds of one article, in the form that each database takes."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

from feedsvc.words.asked import Term
from feedsvc.words.tokens import words

Facts = Sequence[str]  # of which one has to be met
GAP = "="  # no word: keeps fields apart, and the place of what is not indexed
ANY = "a="  # in every entry
# Of a tsvector: places up to 16,383, 256 of a word, a megabyte. So both databases stop there.
MOST_WORDS, MOST_PLACES, MOST_BYTES = 15_000, 250, 600_000


def text_tokens(fields: Iterable[str]) -> list[str]:
    """Return the words of an article's fields in order, as they are indexed.

    The first 15,000 count; where a word stands more than 250 times, the first of these.
    """
    return list(_bounded(_all(fields)))


def _all(fields: Iterable[str]) -> Iterator[str]:
    for field in fields:
        yield from words(field)
        yield GAP


def _bounded(tokens: Iterator[str]) -> Iterator[str]:
    seen: Counter[str] = Counter()
    size = 0
    for number, token in enumerate(tokens):
        size += len(token) if token.isascii() else len(token.encode())
        if number >= MOST_WORDS or size > MOST_BYTES:
            return
        seen[token] += 1
        yield token if seen[token] <= MOST_PLACES else GAP


def as_text(facts: Sequence[str], tokens: Sequence[str]) -> str:
    """Return an entry as FTS5 takes it: tokens with spaces between."""
    return " ".join((*facts, GAP, *tokens))


def as_vector(facts: Sequence[str], tokens: Sequence[str]) -> str:
    """Return an entry as a tsvector: each word with its places."""
    places: dict[str, list[str]] = {}
    for place, token in enumerate(tokens, 1):
        if token != GAP:
            places.setdefault(token, []).append(str(place))
    known = (f"'{fact}'" for fact in facts)
    return " ".join((*known, *(f"'{word}':{','.join(at)}" for word, at in places.items())))


def as_match(facts: Sequence[Facts], terms: Sequence[Term]) -> str:
    """Return a question as FTS5 takes it: one of each of the facts, and all of the terms."""
    wanted = [_any_of(each) for each in facts or ((ANY,),)]
    wanted += [_phrase(term) for term in terms if not term.is_excluded]
    refused = [_phrase(term) for term in terms if term.is_excluded]
    question = f"({' AND '.join(wanted)})"
    return f"{question} NOT ({' OR '.join(refused)})" if refused else question


def _any_of(facts: Facts) -> str:
    quoted = (f'"{fact}"' for fact in facts)
    return f"({' OR '.join(quoted)})"


def _phrase(term: Term) -> str:
    return f'"{" ".join(term.words)}"{" *" if term.is_beginning else ""}'


def as_query(facts: Sequence[Facts], terms: Sequence[Term]) -> str:
    """Return the same question as a tsquery."""
    asked = [f"({_either(each)})" for each in facts or ((ANY,),)]
    asked += [f"{'!' if term.is_excluded else ''}({_followed(term)})" for term in terms]
    return " & ".join(asked)


def _either(facts: Facts) -> str:
    return " | ".join(f"'{fact}'" for fact in facts)


def _followed(term: Term) -> str:
    words = " <-> ".join(f"'{word}'" for word in term.words)
    return f"{words}:*" if term.is_beginning else words
