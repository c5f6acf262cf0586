"""XML of any size, one element at a time, with flat memory and nothing from outside.

No document type is taken: without one there are no entities, so no billion laughs and no
file or address that is read from inside a document (OWASP, XML External Entity).
"""

from collections.abc import Iterator

from lxml import etree

from feedsvc.errors import InputError

MOST_BYTES_OF_ONE = 32 << 20  # between two elements that are wanted
Element = etree._Element  # noqa: SLF001 - lxml has no other name for it


def elements(source: Iterator[bytes], wanted: frozenset[str]) -> Iterator[tuple[str, Element]]:
    """Yield each element with a local name that is wanted, whole, with that name.

    It is emptied when the next one is asked for, and so is everything before it.

    Raises:
        InputError: it is no well-formed XML, declares a document type, or holds one element
            that is larger than any article.
    """
    parser = etree.XMLPullParser(
        ("start", "end"),
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
    )
    depth = _Depth()
    for chunk in source:
        _feed(parser, chunk)
        yield from _wanted(parser, wanted, depth)
        depth.count(len(chunk))
    _close(parser)
    yield from _wanted(parser, wanted, depth)


class _Depth:
    """Where the parser is: whether inside a wanted element, and since how many bytes."""

    def __init__(self) -> None:
        self.inside = 0
        self.has_root = False
        self._bytes = 0

    def count(self, size: int) -> None:
        self._bytes += size
        if self._bytes > MOST_BYTES_OF_ONE:
            raise InputError(
                f"holds more than {MOST_BYTES_OF_ONE >> 20} MB without a single article; "
                "it is none of the files that can be read here"
            )

    def found(self) -> None:
        self._bytes = 0


def _wanted(
    parser: "etree.XMLPullParser[Element]", wanted: frozenset[str], depth: _Depth
) -> Iterator[tuple[str, Element]]:
    for event, element in parser.read_events():
        name = local_name(element)
        if event == "start":
            if not depth.has_root:
                _refuse_document_type(element)
                depth.has_root = True
            depth.inside += name in wanted
        elif name in wanted:
            depth.inside -= 1
            if not depth.inside:
                depth.found()
                yield name, element
                _forget(element)


def local_name(element: Element) -> str:
    """Return the name without its namespace."""
    return str(element.tag).rpartition("}")[2]


def _forget(element: Element) -> None:
    """Drop the element, and what stands before it: both have been read."""
    element.clear()
    parent = element.getparent()
    while parent is not None and element.getprevious() is not None:
        del parent[0]


def _refuse_document_type(root: Element) -> None:
    if root.getroottree().docinfo.doctype:
        raise InputError(
            "declares a document type (DOCTYPE), which an export never does and an attack "
            "would; take the declaration out if you trust the file"
        )


def _feed(parser: "etree.XMLPullParser[Element]", chunk: bytes) -> None:
    try:
        parser.feed(chunk)
    except etree.XMLSyntaxError:
        raise _sentence(parser) from None


def _close(parser: "etree.XMLPullParser[Element]") -> None:
    try:
        parser.close()
    except etree.XMLSyntaxError:
        raise _sentence(parser) from None


def _sentence(parser: "etree.XMLPullParser[Element]") -> InputError:
    logged = list(parser.feed_error_log)
    # Some faults are told at the end only, and then only in the log.
    line = logged[0].line if logged else 0
    detail = logged[0].message if logged else "no element found"
    if "encoding" in detail.lower() or "utf-8" in detail.lower() or "bytes" in detail.lower():
        remedy = "save it in the encoding it declares: iconv -f WINDOWS-1252 -t UTF-8 FILE"
    elif "Premature end" in detail or "no element" in detail:
        remedy = "the file breaks off; export it again, or copy it again"
    elif "huge" in detail.lower() or "too long" in detail.lower():
        remedy = "no text of an article is that long; take the element out"
    else:
        remedy = "export it again, or mend that line"
    return InputError(f"is no well-formed XML, line {line}: {detail}; {remedy}")
