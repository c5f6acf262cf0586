"""What feedsvc itself says in a feed, in the language of what it says it of.

The words and the names of months come with the program, so they are the same on every host;
no locale of the machine has a part in it. Where we do not speak the language, it is English,
with times as digits, as it was before there were others.
"""

from datetime import datetime, tzinfo

import babel

from feedsvc.catalogues import SOURCE, closest, said_in
from feedsvc.rendering.times import LOCAL
from feedsvc.says import says

# Whose names of months and digits feeds have, of the CLDR of its time: with another, they may
# differ, and so the bytes of feeds.
MONTHS = f"babel {babel.__version__}"
WITHDRAWN = says("Withdrawn")  # what feeds.withdrawn_title is when nobody has set it
# To partners that show it as the headline; longer than those that MSN refuses.
_WITHDRAWN_ARTICLE = says("This article has been withdrawn.")


def tongue(*languages: str | None) -> str:
    """Return the language to speak: ours that is closest to the first that is named.

    They are those of the article, the feed and the site, in this order.
    """
    return closest(next((language for language in languages if language), SOURCE))


def correction_heading(when: datetime, zone: tzinfo, spoken: str) -> str:
    """Return what stands before the note on what was wrong, with its time in a zone."""
    return said_in(spoken, says("Correction (%(time)s):", time=_time(when, zone, spoken)))


def correction_title(title: str, spoken: str) -> str:
    """Return the headline of a correction of the article of this title."""
    return said_in(spoken, says("Correction: %(title)s", title=title))


def withdrawn_title(chosen: str, spoken: str) -> str:
    """Return the headline of what is withdrawn: the operator's own, or our word for it."""
    return said_in(spoken, WITHDRAWN) if chosen == WITHDRAWN else chosen


def withdrawn_article(spoken: str) -> str:
    """Return the sentence that partners get in the place of a withdrawn article."""
    return said_in(spoken, _WITHDRAWN_ARTICLE)


def _time(when: datetime, zone: tzinfo, spoken: str) -> str:
    local = when.astimezone(zone)
    if spoken == SOURCE:
        return local.strftime("%Y-%m-%d %H:%M %Z")
    from babel.dates import format_datetime  # noqa: PLC0415 - feeds hardly ever need it

    return f"{format_datetime(local, LOCAL, locale=spoken)} {local.tzname()}"
