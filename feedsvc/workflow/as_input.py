"""An article as it would have to be handed in: where a change of some fields begins."""

from feedsvc.model import Article, ArticleInput, Enclosure, FileInput, Release, State

RELEASES_OF = {
    State.DRAFT: Release.DRAFT,
    State.REVIEW: Release.REVIEW,
    State.SCHEDULED: Release.AT,
    State.PUBLISHED: Release.NOW,
    State.WITHDRAWN: Release.DRAFT,
}


def stored_as_input(article: Article) -> ArticleInput:
    """Return what would have to be handed in to get the article as it is stored."""
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
        enclosures=tuple(map(file_as_input, article.enclosures)),
        correction=article.correction,
        release=RELEASES_OF[article.state],
        release_at=article.release_at,
    )


def file_as_input(file: Enclosure) -> FileInput:
    """Return what would have to be handed in to get a media file as it is stored."""
    return FileInput(
        url=file.url, media_type=file.media_type or "", length=file.length, title=file.alt
    )
