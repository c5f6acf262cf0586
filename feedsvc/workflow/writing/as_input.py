"""An article as it would have to be handed in: where a change of some fields begins."""

from feedsvc.model import Article, ArticleInput, Release, State

RELEASES_OF = {
    State.DRAFT: Release.DRAFT,
    State.REVIEW: Release.REVIEW,
    State.SCHEDULED: Release.AT,
    State.PUBLISHED: Release.NOW,
    State.WITHDRAWN: Release.DRAFT,
}


def stored_as_input(article: Article) -> ArticleInput:
    """Return what would have to be handed in to get the article as it is stored.

    Nothing is said of media files, so they stay. Whoever names them may name all that it has,
    though imported articles may have more of them, and longer addresses, than others.
    """
    image = article.image
    return ArticleInput(
        title=article.title,
        body_source=article.body_source,
        body_format=article.body_format,
        categories=tuple(category.name for category in article.categories),
        tags=tuple(tag.name for tag in article.tags),
        bylines=article.bylines,
        excerpt=article.excerpt,
        dateline=article.dateline,
        language=article.language or "",
        canonical_url=article.canonical_url or "",
        image_url=image.url if image else "",
        image_alt=image.alt if image else "",
        image_credit=image.credit if image else "",
        known=article.enclosures,
        correction=article.correction,
        release=RELEASES_OF[article.state],
        release_at=article.release_at,
    )
