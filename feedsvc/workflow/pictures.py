"""Pictures are uploaded, kept in the database, and known again in articles."""

import logging
from collections.abc import Callable, Collection
from datetime import timedelta

from msgspec.structs import replace

from feedsvc.errors import InputError, NotFoundError
from feedsvc.imaging.aside import Imaging, refused
from feedsvc.model import By
from feedsvc.model.pictures import Picture, named, picture_at
from feedsvc.rendering.pictures import own_pictures
from feedsvc.says import says
from feedsvc.storage import pictures
from feedsvc.storage.database import one_at_a_time
from feedsvc.workflow import permission
from feedsvc.workflow.handed_in.checking import Checked
from feedsvc.workflow.newsroom import Newsroom
from feedsvc.workflow.permission import Right

logger = logging.getLogger(__name__)
RECENT = 24
MOST = 50  # removed in one run; what is left goes in the next
AT_ONCE = 2  # in a transaction: a SQLite that overwrites what it deletes takes its time
REST_SECONDS = 0.15  # between two; SQLite has those who wait look again every 0.1 seconds
_UNKNOWN = says("there is no such picture here; upload it again, or give another address")
_NO_ALT = says("say what the picture shows: readers who cannot see it need it")
_NO_ALT_IN_TEXT = says(
    "a picture in the text does not say what it shows; write it between the square brackets, "
    "or into alt"
)


def add(room: Newsroom, imaging: Imaging, data: bytes, *, by: By) -> Picture:
    """Store what was uploaded, drawn anew; the same picture twice is one.

    Raises:
        InputError: it cannot be taken; the sentence is that of the field `image_file`.
        ForbiddenError: they may not write here.
        UnavailableError: the database cannot answer now.
    """
    permission.demand(by, Right.WRITE)
    most = room.config.desk.picture_megabytes
    if len(data) > most * 1_000_000:
        size = f"{len(data) / 1e6:.1f} MB"
        raise refused(
            says(
                "the picture has %(size)s, and at most %(most)s MB are possible; "
                "make it smaller",
                size=size,
                most=most,
            )
        )
    made = imaging.make(data)
    whole = made.files[-1]
    picture = Picture(
        name=made.name,
        suffix=made.suffix,
        width=whole.width,
        height=whole.height,
        created=room.clock.now(),
        created_by=by.name,
        lengths=tuple((file.width, len(file.body)) for file in made.files),
    )
    with room.database.write() as tx:
        one_at_a_time(tx)
        known = pictures.find(tx, picture.name)
        if known is not None:
            pictures.note_named(tx, [picture.name], room.clock.now())
            return known
        pictures.add(tx, picture, made.files, unused_since=picture.created)
    logger.info("stored picture=%s by=%s", picture.name, by.name)
    return picture


def newest(room: Newsroom) -> tuple[Picture, ...]:
    """Return what was uploaded last, newest first."""
    with room.database.read() as tx:
        return pictures.newest(tx, RECENT)


def remove_unused(room: Newsroom, rest: Callable[[float], bool]) -> None:
    """Remove some pictures that nothing has named for as long as the settings say.

    Those of articles and feeds stay, whatever the articles say now: earlier versions have
    them. What the settings themselves name stays, too. Few go in each transaction, and in
    between others write.

    Args:
        room: where they are.
        rest: waits so many seconds; returns whether this is to end before its time.

    Raises:
        UnavailableError: the database cannot answer now.
    """
    if not room.config.desk.picture_days:
        return
    gone: list[str] = []
    while len(gone) < MOST:
        some = _remove_some(room)
        gone += some
        if len(some) < AT_ONCE or rest(REST_SECONDS):
            break
    if gone:
        logger.info("removed pictures that nothing shows count=%d first=%s", len(gone), gone[0])


def _remove_some(room: Newsroom) -> tuple[str, ...]:
    """Remove the few that have been unused for longest, and too long."""
    now, site, partners = room.clock.now(), room.config.site, room.config.partners
    logos = (partners.logo, partners.cover, partners.smartnews_logo)
    own = named(site.icon, *logos, partners.smartnews_dark_logo)
    with room.database.write() as tx:
        one_at_a_time(tx)
        pictures.note_named(tx, own, now)
        before = now - timedelta(days=room.config.desk.picture_days)
        return pictures.remove_unused(tx, before, AT_ONCE)


def digest(room: Newsroom, picture: Picture, width: int) -> str:
    """Return the SHA-256 of one file.

    Raises:
        NotFoundError: there is none.
    """
    with room.database.read() as tx:
        found = pictures.digest(tx, picture, width)
    if found is None:
        raise NotFoundError("there is no such picture")
    return found


def body(room: Newsroom, picture: Picture, width: int) -> bytes:
    """Return the bytes of one file.

    Raises:
        NotFoundError: there is none.
    """
    with room.database.read() as tx:
        found = pictures.body(tx, picture, width)
    if found is None:
        raise NotFoundError("there is no such picture")
    return found


def confirmed(room: Newsroom, checked: Checked) -> Checked:
    """Return an article's content with the length of its lead image, where that is uploaded.

    Raises:
        InputError: there is no such picture; or readers are to have the article, and a picture
            of it does not say what it shows.
    """
    lead = picture_at(checked.image.url) if checked.image else None
    problems = _undescribed(checked, lead) if checked.release.goes_out else {}
    if names := named(checked.body, lead.name if lead else ""):
        _retain(room, names)
    if lead is not None and checked.image is not None:
        with room.database.read() as tx:
            stored = pictures.find(tx, lead.name)
        if stored is None:
            problems["image_url"] = _UNKNOWN
        else:
            length = dict(stored.lengths)[lead.shown]
            checked = replace(checked, image=replace(checked.image, length=length))
    if problems:
        raise InputError(says("the article was not stored: some fields need a look"), problems)
    return checked


def _retain(room: Newsroom, names: Collection[str]) -> None:
    """Let none of these go before the article is stored; nearly always none is about to."""
    now = room.clock.now()
    with room.database.read() as tx:
        if not pictures.is_named_long_ago(tx, names, now):
            return
    with room.database.write() as tx:
        pictures.note_named(tx, names, now)


def missing(room: Newsroom, addresses: Collection[str]) -> frozenset[str]:
    """Return which of these addresses are those of uploaded pictures that are not there.

    Raises:
        UnavailableError: the database cannot answer now.
    """
    here = room.config.site.url("")
    found = {address: picture_at(address.removeprefix(here)) for address in addresses}
    shown = {address: picture for address, picture in found.items() if picture}
    if not shown:
        return frozenset()
    with room.database.read() as tx:
        stored = pictures.suffixes(tx, {picture.name for picture in shown.values()})
    return frozenset(
        address
        for address, picture in shown.items()
        if stored.get(picture.name) != picture.suffix
    )


def _undescribed(checked: Checked, lead: Picture | None) -> dict[str, str]:
    problems: dict[str, str] = {}
    if lead is not None and checked.image is not None and not checked.image.alt:
        problems["image_alt"] = _NO_ALT
    if any(not words for _, words in own_pictures(checked.body)):
        problems["body_source"] = _NO_ALT_IN_TEXT
    return problems
