"""Pictures are uploaded, kept in the database, and known again in articles."""

import logging
from dataclasses import replace
from datetime import timedelta

from feedsvc.errors import InputError, NotFoundError
from feedsvc.imaging.aside import Imaging, refused
from feedsvc.model import By
from feedsvc.model.pictures import Picture, named, picture_at
from feedsvc.rendering.pictures import own_pictures
from feedsvc.says import says
from feedsvc.storage import pictures
from feedsvc.storage.database import one_at_a_time
from feedsvc.workflow import permission
from feedsvc.workflow.checking import Checked
from feedsvc.workflow.newsroom import Newsroom
from feedsvc.workflow.permission import Right

logger = logging.getLogger(__name__)
RECENT = 24
AT_ONCE = 50  # removed in a transaction: each has up to four files
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


def remove_unused(room: Newsroom) -> None:
    """Remove some pictures that nothing has named for as long as the settings say.

    Those of articles and feeds stay, whatever the articles say now: earlier versions have
    them. What the settings themselves name stays, too.

    Raises:
        UnavailableError: the database cannot answer now.
    """
    days, now = room.config.desk.picture_days, room.clock.now()
    if not days:
        return
    site, partners = room.config.site, room.config.partners
    logos = (partners.logo, partners.cover, partners.smartnews_logo)
    with room.database.write() as tx:
        one_at_a_time(tx)
        own = named(site.icon, *logos, partners.smartnews_dark_logo)
        pictures.note_named(tx, own, now)
        gone = pictures.remove_unused(tx, now - timedelta(days=days), AT_ONCE)
    if gone:
        logger.info("removed pictures that nothing shows count=%d first=%s", len(gone), gone[0])


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
        with room.database.write() as tx:  # so that none goes before the article is stored
            pictures.note_named(tx, names, room.clock.now())
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


def _undescribed(checked: Checked, lead: Picture | None) -> dict[str, str]:
    problems: dict[str, str] = {}
    if lead is not None and checked.image is not None and not checked.image.alt:
        problems["image_alt"] = _NO_ALT
    if any(not words for _, words in own_pictures(checked.body)):
        problems["body_source"] = _NO_ALT_IN_TEXT
    return problems
