"""Passwords: which are taken, how they are kept (argon2id; OWASP's smallest parameters)."""

import hashlib
import re
import secrets
import unicodedata
from importlib.resources import files
from threading import BoundedSemaphore

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from feedsvc.errors import InputError
from feedsvc.says import says

MIN_LENGTH = 12
MAX_LENGTH = 256
_COMMON = (
    "password",
    "passwort",
    "qwerty",
    "letmein",
    "welcome",
    "administrator",
    "iloveyou",
    "newsroom",
    "feedsvc",
)
_JOINT = r"[\W_]*"  # what stands between words, or beside one
_GUESSED = says("is too easily guessed; a few unrelated words make a good one")
_KNOWN = says(
    "is made of names of yours or the newsroom's, or of common words, which are tried first; a "
    "few unrelated words make a good one"
)
_hasher = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)
# What no password has made, with the parameters of the others: looking at it takes as long.
_NOBODYS = (
    f"$argon2id$v=19$m={_hasher.memory_cost},t={_hasher.time_cost},p={_hasher.parallelism}"
    f"${'A' * 22}${'A' * 43}"
)
_turn = BoundedSemaphore(2)  # guards memory and processors: two hashes at a time


def check_password(password: str, context: tuple[str, ...]) -> str:
    """Return the password if it may be used.

    No rules of composition and no forced change (ASVS 5.0, 6.2); long enough, not made of
    words that are tried first (common ones, and those of `context`: 6.2.11), and none of the
    10,000 most common (6.2.4 asks for 3,000), in whatever case.

    Args:
        password: as it was typed.
        context: what everybody knows of its user and the newsroom: names, of several words
            perhaps, each of which counts, too.

    Raises:
        InputError: it is too short, too long or too easily guessed.
    """
    if not MIN_LENGTH <= len(password) <= MAX_LENGTH:
        raise _refused(
            says(
                "must have %(min_length)s to %(max_length)s characters; this has %(count)s",
                min_length=MIN_LENGTH,
                max_length=MAX_LENGTH,
                count=len(password),
            )
        )
    folded = _folded(password)
    rest = _without(folded, (*_COMMON, *map(_folded, context)))
    if len({*rest}) < 5:  # noqa: PLR2004 - aaaaaaaaaaaa, password1234, the site's name and a year
        raise _refused(_GUESSED if rest == folded else _KNOWN)
    if _is_common(folded):
        raise _refused(
            says(
                "is one that very many people have, so it is tried first; a few unrelated "
                "words make a good one"
            )
        )
    return password


def _folded(text: str) -> str:
    return unicodedata.normalize("NFKC", text).casefold()


def _without(password: str, phrases: tuple[str, ...]) -> str:
    """Return what is left without these phrases and their words, however they are joined."""
    known = {tuple(_words(phrase)) for phrase in phrases}
    known |= {(word,) for words in known for word in words}
    long = [words for words in known if len("".join(words)) > 3]  # noqa: PLR2004
    rest = password
    for words in sorted(long, key=lambda words: (-len("".join(words)), words)):
        rest = re.sub(_JOINT.join(["", *map(re.escape, words), ""]), "", rest)
    return rest


def _words(phrase: str) -> list[str]:
    """Return the words of a phrase: letters with their signs, and numerals."""
    return "".join(
        " " if unicodedata.category(each)[0] in "ZPSC" else each for each in phrase
    ).split()


def _is_common(folded: str) -> bool:
    # Read each time: a password is chosen once in a year, and nothing has to stay in memory.
    known = (files("feedsvc.workflow") / "common_passwords.txt").read_bytes()
    return b"\n%s\n" % folded.encode("utf-8", "surrogatepass") in known


def _refused(problem: str) -> InputError:
    return InputError(f"the password {problem}", {"password": problem})


class Hashing:
    """Hashes in the thread that asks, which takes tens of milliseconds of a processor."""

    def make(self, password: str) -> str:
        """Return what may be stored."""
        with _turn:
            return _hasher.hash(password)

    def matches(self, stored: str | None, password: str) -> bool:
        """Whether the password is the one; as slow for nobody as for somebody."""
        with _turn:
            try:
                _hasher.verify(stored or _NOBODYS, password)
            except (VerificationError, InvalidHashError):
                return False
        return stored is not None


def needs_rehash(stored: str) -> bool:
    """Whether the hash was made with weaker parameters than today's."""
    return _hasher.check_needs_rehash(stored)


def new_token() -> str:
    """Return 256 random bits, safe in a URL and in a cookie."""
    return secrets.token_urlsafe(32)


def token_hash(token: str) -> str:
    """Return what is stored of a token: enough to know it again, not to use it."""
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()
