"""One XML entry by itself: the markup that it has in any document that feedgen writes.

An element's markup depends on its own content, on how deep it stands, and on the prefixes
that are declared above it. So a document that has nothing else, but the same elements and
prefixes around the entry, is enough to find out (tests/unit/rendering/test_fragments.py).
"""

from collections.abc import Callable, Mapping
from threading import local

from lxml import etree
from lxml.etree import _Element

from feedsvc.errors import RenderingError

Finish = Callable[[bytes], bytes]


class _Thread(local):
    """A parser takes a quarter as long to make as an entry to read; threads share none."""

    def __init__(self) -> None:
        self.parser = etree.XMLParser(resolve_entities=False, no_network=True)


_thread = _Thread()


class Around:
    """The elements that entries of one format stand in."""

    def __init__(
        self,
        *names: str,
        entry: str,
        namespaces: Mapping[str, str],
        finish: Finish = lambda whole: whole,
    ) -> None:
        """Take the names from the root down, and that of entries.

        What is declared on the root goes by `namespaces`; `finish` is done to what is written.
        """
        self._names, self._entry = names, entry
        self._namespaces = dict(namespaces)
        self._finish = finish
        mark = etree.Element("mark")
        indent = "  " * len(names)
        self._head, _, self._tail = self._write(mark).partition(f"{indent}<mark/>\n".encode())

    def markup(self, element: _Element) -> bytes:
        """Return the entry's markup, read back as a reader would.

        Raises:
            RenderingError: it is not one whole entry.
            XMLSyntaxError: it cannot be read back.
        """
        whole = self._finish(self._write(element))
        found = whole[len(self._head) : -len(self._tail)]
        if not (whole.startswith(self._head) and whole.endswith(self._tail)):
            raise RenderingError("What stands around an entry depends on the entry.")
        if self._inside(whole) != [self._entry]:
            raise RenderingError("An entry's markup is not one whole element.")
        return found

    def _write(self, element: _Element) -> bytes:
        root = parent = etree.Element(self._names[0], nsmap=self._namespaces)
        for name in self._names[1:]:
            parent = etree.SubElement(parent, name)
        parent.append(element)
        return etree.tostring(root, pretty_print=True, encoding="UTF-8", xml_declaration=False)

    def _inside(self, whole: bytes) -> list[object]:
        """Read a document with the limits of libxml2; return what stands where entries do."""
        inside = [etree.fromstring(whole, _thread.parser)]
        for name in self._names:
            inside = [child for each in inside if each.tag == name for child in each]
        return [each.tag for each in inside]
