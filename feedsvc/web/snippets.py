"""What is written into a text where an uploaded picture is to be."""

from dataclasses import dataclass

from feedsvc.model.pictures import Picture
from feedsvc.rendering.markup import escape
from feedsvc.rendering.text import plain_text


@dataclass(frozen=True, slots=True, kw_only=True)
class Snippet:
    """What puts a picture into a text, in each of the ways that texts are written."""

    picture: Picture
    markdown: str
    html: str


def snippet(picture: Picture, alt: str) -> Snippet:
    """Return what is to stand in a text; `alt` is what the picture shows, in words."""
    words = plain_text(alt)
    bracketed = words.replace("\\", "\\\\").replace("[", "\\[").replace("]", "\\]")
    quoted = escape(words).replace('"', "&quot;")
    return Snippet(
        picture=picture,
        markdown=f"![{bracketed}]({picture.path})",
        html=f'<p><img src="{picture.path}" alt="{quoted}"></p>',
    )
