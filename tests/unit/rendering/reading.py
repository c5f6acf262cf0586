"""Reading documents back, with what readers use."""

from xml.parsers import expat

from lxml import etree

NAMESPACES = {
    "at": "http://purl.org/atompub/tombstones/1.0",
    "atom": "http://www.w3.org/2005/Atom",
    "content": "http://purl.org/rss/1.0/modules/content/",
    "dc": "http://purl.org/dc/elements/1.1/",
    "dcterms": "http://purl.org/dc/terms/",
    "media": "http://search.yahoo.com/mrss/",
    "mi": "http://schemas.ingestion.microsoft.com/common/",
    "snf": "http://www.smartnews.be/snf",
    "sy": "http://purl.org/rss/1.0/modules/syndication/",
    "webfeeds": "http://webfeeds.org/rss/1.0",
    "xml": "http://www.w3.org/XML/1998/namespace",
}


def find(body: bytes, path: str) -> list[str]:
    """Return the texts or attribute values at an XPath, in document order."""
    found = etree.fromstring(body).xpath(path, namespaces=NAMESPACES)
    assert isinstance(found, list)
    return [str(node if isinstance(node, str) else node.text or "") for node in found]


def names(body: bytes, path: str) -> list[str]:
    """Return the names of the elements at an XPath, with their prefixes, in order."""
    found = etree.fromstring(body).xpath(path, namespaces=NAMESPACES)
    prefixes = {uri: f"{prefix}:" for prefix, uri in NAMESPACES.items()}
    return [
        prefixes.get(etree.QName(node).namespace or "", "") + etree.QName(node).localname
        for node in found
    ]


def expat_texts(body: bytes, wanted: str) -> list[str]:
    """Return the texts of elements of a name, as the other XML parser reads them."""
    texts: list[str] = []
    inside: list[str] = []
    parser = expat.ParserCreate()

    def start(name: str, _attributes: dict[str, str]) -> None:
        inside.append(name)
        if name == wanted:
            texts.append("")

    def text(data: str) -> None:
        if inside[-1] == wanted:
            texts[-1] += data

    parser.StartElementHandler = start
    parser.EndElementHandler = lambda _name: inside.pop()
    parser.CharacterDataHandler = text
    parser.Parse(body, True)
    return texts
