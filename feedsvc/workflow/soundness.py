"""What keeps an article from going out: that no feed could carry it. Else most is a warning.

Fields without which there is no article (a headline, a date that exists) are asked for whenever
it is stored, and characters that XML does not have are taken out then
(`workflow/handed_in/checking.py`). What is left is found out here, by making the feed that
would have this article alone: what would be set aside there is not published in the first
place. What is imported is stored as it is, and set aside where it must be, because nobody is
there who could mend it.

One thing more keeps it back: an uploaded picture without description (`workflow/pictures.py`).
"""

from feedsvc.errors import InputError
from feedsvc.model import RECENT, Article, Feed, FeedId
from feedsvc.rendering.document import render
from feedsvc.rendering.kept import passing
from feedsvc.says import says
from feedsvc.workflow.compose import compose
from feedsvc.workflow.newsroom import Newsroom


def demand_sound(room: Newsroom, article: Article) -> None:
    """Let pass an article that feeds can carry in every format.

    Raises:
        InputError: they cannot; says why.
    """
    now = room.clock.now()
    alone = Feed(
        id=FeedId(0),
        slug=RECENT,
        guid="urn:uuid:00000000-0000-4000-8000-000000000000",
        category=None,
        revision=1,
        published_revision=0,
        full_text=True,
        created=now,
    )
    with passing():
        composed = compose(room.config, alone, [article], ())
        rendered = render(composed.document)
    for aside in (*composed.set_aside, *rendered.set_aside):
        raise InputError(
            says(
                "no feed could carry this article, so it stays unpublished: %(reason)s",
                reason=aside.reason,
            )
        )
