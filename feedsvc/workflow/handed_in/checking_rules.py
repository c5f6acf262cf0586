"""The rule that was handed in for a saved feed: what it names, looked up."""

import re

from babel import Locale, UnknownLocaleError
from msgspec.structs import replace

from feedsvc.errors import InputError
from feedsvc.model import FeedInput, FeedKind
from feedsvc.model import is_private as is_private_slug
from feedsvc.model.rule import Rule, Term, TermKind, with_unsaid
from feedsvc.rendering.slugs import slugify
from feedsvc.says import says
from feedsvc.storage import categories, tags
from feedsvc.storage.database import Transaction
from feedsvc.workflow.handed_in.fields import MAX_LANGUAGE, MAX_NAME, Problems, limited

MAX_TERMS = 100
MAX_SLUG = 64  # characters, without the folder
LANGUAGE = re.compile("[a-z]{2,8}(-[a-z0-9]{1,8})*")
_FOLLOWS = says("cannot be chosen: what is in this feed follows from its address")


def checked_rule(
    tx: Transaction, site_language: str, given: FeedInput, problems: Problems
) -> Rule:
    """Return the rule as it will be stored; what is wrong with it is noted."""
    rule = Rule(
        include=with_unsaid(_terms(tx, given.include, "include", problems), site_language),
        exclude=with_unsaid(_terms(tx, given.exclude, "exclude", problems), site_language),
    )
    if both := set(rule.include) & set(rule.exclude):
        problems.note(
            "exclude", says("names %(least)s, which is included", least=min(map(str, both)))
        )
    return rule


def of_subject(tx: Transaction, slug: str, given: FeedInput, problems: Problems) -> FeedInput:
    """Return what is wanted of a feed of a subject: its rule follows from its address."""
    kind, slash, name = slug.partition("/")
    if not slash or is_private_slug(slug):
        return given
    if kind == FeedKind.TAG:
        tag = tags.find_by_slug(tx, name)
        if tag is None:
            problems.note("slug", says("names a tag %(name)s that no article has", name=name))
        title, term = given.title or (tag.name if tag else name), f"tag:{name}" if tag else ""
    elif kind == FeedKind.AUTHOR:
        is_theirs = slugify(given.title, limit=MAX_SLUG) == name
        title, term = given.title, f"author:{given.title}" if is_theirs else ""
        if not is_theirs:
            problems.note(
                "title", says("must be how the author signs: the address follows from it")
            )
    else:
        title, term = given.title or _own_name(name), f"language:{name}"
    subject = kind if kind != FeedKind.LANGUAGE else TermKind.LANGUAGE
    if given.exclude:
        problems.note("exclude", _FOLLOWS)
    if any(not _is_of(text, subject, name) for text in given.include):
        problems.note("include", _FOLLOWS)
    language = given.language or (name if kind == FeedKind.LANGUAGE else "")
    include = (term,) if term else ()  # what its address cannot mean was said already
    return replace(given, title=title, language=language, include=include, exclude=())


def _own_name(tag: str) -> str:
    """Return what a language is called by who speaks it; a tag that nobody knows stays."""
    try:
        return Locale.parse(tag, sep="-").get_display_name() or tag
    except (ValueError, UnknownLocaleError):
        return tag


def _is_of(term: str, kind: str, name: str) -> bool:
    """Whether a term names what a feed's address does."""
    named, _, value = term.partition(":")
    return named == kind and name in {value, slugify(value, limit=MAX_SLUG)}


def _terms(
    tx: Transaction, given: tuple[str, ...], field: str, problems: Problems
) -> tuple[Term, ...]:
    found: dict[Term, None] = {}
    for text in given:
        try:
            found[_term(tx, text)] = None
        except InputError as error:
            problems.note(field, str(error))
    if len(found) > MAX_TERMS:
        problems.note(
            field,
            says(
                "names %(count)s things; at most %(max_terms)s are possible",
                count=len(found),
                max_terms=MAX_TERMS,
            ),
        )
    return tuple(found)


def _term(tx: Transaction, text: str) -> Term:
    kind, _, name = text.partition(":")
    name = limited(name, MAX_NAME)  # no category, tag or author can have a longer one
    match kind.strip():
        case TermKind.CATEGORY:
            section = categories.find_by_name(tx, name) or categories.find_by_slug(tx, name)
            slug = section.slug if section else ""
        case TermKind.TAG:
            tag = tags.find_by_name(tx, name) or tags.find_by_slug(tx, name)
            slug = tag.slug if tag else ""
        case TermKind.AUTHOR:
            slug = categories.name_key(name)
        case TermKind.LANGUAGE:
            is_tag = len(name) <= MAX_LANGUAGE and LANGUAGE.fullmatch(name.lower())
            slug = name.lower() if is_tag else ""
        case _:
            raise InputError(
                says(
                    "%(text)s is none of category:NAME, tag:NAME, author:NAME and language:TAG",
                    text=f"{text!r}",
                )
            )
    if not slug:
        raise InputError(
            says("there is no %(kind)s %(name)s", kind=kind.strip(), name=f"{name!r}")
        )
    return Term(TermKind(kind.strip()), slug)
