"""WordPress exports as tests need them: only what matters is given."""

from html import escape

HEAD = """<?xml version="1.0" encoding="UTF-8"?>
<rss version="2.0" xmlns:excerpt="http://wordpress.org/export/1.2/excerpt/"
 xmlns:content="http://purl.org/rss/1.0/modules/content/"
 xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:wp="http://wordpress.org/export/1.2/">
<channel><title>The Daily</title><link>https://old.example.org</link>
<wp:wxr_version>1.2</wp:wxr_version>
<wp:base_blog_url>https://old.example.org</wp:base_blog_url>
"""
TAIL = "</channel></rss>\n"


def wxr(*parts: str) -> bytes:
    """Return an export of these parts."""
    return (HEAD + "\n".join(parts) + TAIL).encode()


def author(login: str, name: str) -> str:
    return (
        f"<wp:author><wp:author_login>{login}</wp:author_login>"
        f"<wp:author_display_name><![CDATA[{name}]]></wp:author_display_name></wp:author>"
    )


def category(slug: str, name: str, parent: str = "", description: str = "") -> str:
    return (
        f"<wp:category><wp:category_nicename>{slug}</wp:category_nicename>"
        f"<wp:category_parent>{parent}</wp:category_parent>"
        f"<wp:cat_name><![CDATA[{name}]]></wp:cat_name>"
        f"<wp:category_description><![CDATA[{description}]]></wp:category_description>"
        "</wp:category>"
    )


def item(number: int | str = 1, more: str = "", **fields: str) -> str:
    """Return an article of 2020-05-01; `fields` replace parts, "" leaves one out."""
    given = {
        "title": f"Article {number}",
        "link": f"https://old.example.org/2020/05/article-{number}/",
        "creator": "anna",
        "guid": f"https://old.example.org/?p={number}",
        "permalink": "false",
        "body": f"It rains for the {number}th time.",
        "excerpt": "",
        "date": "2020-05-01 10:00:00",
        "modified": "",
        "name": f"article-{number}",
        "status": "publish",
        "kind": "post",
        "password": "",
    } | fields
    return f"""<item><title><![CDATA[{given["title"]}]]></title><link>{given["link"]}</link>
<dc:creator>{given["creator"]}</dc:creator>
<guid isPermaLink="{given["permalink"]}">{escape(given["guid"])}</guid>
<content:encoded><![CDATA[{given["body"]}]]></content:encoded>
<excerpt:encoded><![CDATA[{given["excerpt"]}]]></excerpt:encoded>
<wp:post_id>{number}</wp:post_id><wp:post_date_gmt>{given["date"]}</wp:post_date_gmt>
<wp:post_modified_gmt>{given["modified"]}</wp:post_modified_gmt>
<wp:post_name>{given["name"]}</wp:post_name><wp:status>{given["status"]}</wp:status>
<wp:post_type>{given["kind"]}</wp:post_type>
<wp:post_password>{given["password"]}</wp:post_password>{more}</item>"""


def term(domain: str, slug: str, name: str) -> str:
    return f'<category domain="{domain}" nicename="{slug}"><![CDATA[{name}]]></category>'


def meta(key: str, value: str) -> str:
    return (
        f"<wp:postmeta><wp:meta_key>{key}</wp:meta_key>"
        f"<wp:meta_value><![CDATA[{value}]]></wp:meta_value></wp:postmeta>"
    )


def attachment(number: int, url: str, parent: int = 0, alt: str = "") -> str:
    return f"""<item><title>f</title><guid isPermaLink="false">{url}</guid>
<wp:post_id>{number}</wp:post_id><wp:post_type>attachment</wp:post_type>
<wp:status>inherit</wp:status><wp:post_parent>{parent}</wp:post_parent>
<wp:attachment_url>{url}</wp:attachment_url>{meta("_wp_attachment_image_alt", alt)}</item>"""
