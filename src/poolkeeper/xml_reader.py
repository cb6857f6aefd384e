"""How is XML of strangers read? By one parser that knows no DTD, no entities, no network and little depth.

Whatever reads XML reads it here, once: two readers of one message may understand two things (attacks.md 119).
"""

import re
from collections.abc import Mapping
from functools import cache

from lxml import etree

Element = etree._Element  # noqa: SLF001 - the library's name for what all its functions take and return

MOST_BYTES = 1024 * 1024
MOST_DEPTH = 64
MOST_ELEMENTS = 20_000
# An element's attributes, and different prefixes: what comes later (canonical forms above all) takes their square.
MOST_ATTRIBUTES = 64
MOST_PREFIXES = 64

_BYTE_ORDER_MARK = b"\xef\xbb\xbf"
# What begins with `<!` is a comment, a CDATA section, or belongs to a document type.
_DECLARATION = re.compile(r"<!(?!--|\[CDATA\[)")
_ENCODING = re.compile(r"""<\?xml\s[^>]*?\bencoding\s*=\s*["']([^"']*)["']""")
_PREFIX = re.compile(r"xmlns:([^\s=<>]{1,256})")
_XML_DECLARATION = re.compile(rb"\s*<\?xml\s[^>]*\?>")
_ENCODINGS = frozenset({"utf-8", "utf8", "us-ascii", "ascii"})


class BadXml(Exception):  # noqa: N818 - what is said of the text, not of us
    """A text that is no XML, or more than is read. The message is for the log."""


def parser() -> etree.XMLParser:
    """Return a parser that resolves nothing and fetches nothing; comments stay, for the caller to refuse."""
    return etree.XMLParser(
        encoding="utf-8",
        resolve_entities=False,
        load_dtd=False,
        dtd_validation=False,
        attribute_defaults=False,
        no_network=True,
        huge_tree=False,
        recover=False,
        remove_blank_text=False,
        strip_cdata=True,
        collect_ids=False,
    )


def read(text: bytes, *, most_bytes: int = MOST_BYTES, most_elements: int = MOST_ELEMENTS) -> Element:
    """Return the root of a document of at most `most_bytes`, UTF-8, 64 levels deep and of at most `most_elements`.

    An element may have 64 attributes, the document as many prefixes. Raises BadXml for more, for any document type (whose text
    alone is refused, before a parser sees it), for another encoding, and for what is not well-formed or uses a prefix that
    nobody declared.
    """
    if len(text) > most_bytes:
        raise BadXml(f"more than {most_bytes} bytes")
    _require_plain_text(text)
    try:
        root = etree.fromstring(text, parser())
    except etree.XMLSyntaxError as fault:
        raise BadXml(f"not well-formed: {fault.msg}") from None
    except ValueError as fault:
        raise BadXml(f"not well-formed: {fault}") from None
    _require_small(root, most_elements)
    return root


def read_within(
    text: bytes,
    namespaces: Mapping[str | None, str],
    *,
    most_bytes: int = MOST_BYTES,
    most_elements: int = MOST_ELEMENTS,
) -> Element:
    """Return the one element that `text` holds, read where `namespaces` (by prefix) are declared.

    It stands in an element of ours; a declaration of XML before it is left out. Raises BadXml, as `read`, and for anything else
    beside that element.
    """
    around = etree.tostring(etree.Element("around", nsmap=dict(namespaces))).removesuffix(b"/>")
    inside = _XML_DECLARATION.sub(b"", text, count=1) if _XML_DECLARATION.match(text) else text
    wrapped = around + b">" + inside + b"</around>"
    root = read(wrapped, most_bytes=most_bytes + len(around) + 16, most_elements=most_elements + 1)
    if [type(child) for child in root] != [Element] or (root.text or "").strip() or (root[0].tail or "").strip():
        raise BadXml("not one element")
    return root[0]


def _require_plain_text(text: bytes) -> None:
    try:
        decoded = text.removeprefix(_BYTE_ORDER_MARK).decode("utf-8")
    except UnicodeDecodeError:
        raise BadXml("not UTF-8") from None
    if "\x00" in decoded:
        raise BadXml("a NUL character: UTF-16, or no XML")
    if (declared := _ENCODING.match(decoded)) and declared[1].lower() not in _ENCODINGS:
        raise BadXml("another encoding than UTF-8 is declared")
    if _DECLARATION.search(decoded):
        raise BadXml("a document type")
    if len(set(_PREFIX.findall(decoded))) > MOST_PREFIXES:
        raise BadXml(f"more than {MOST_PREFIXES} prefixes")


def _require_small(root: Element, most_elements: int) -> None:
    docinfo = root.getroottree().docinfo
    if docinfo.doctype or docinfo.internalDTD is not None:
        raise BadXml("a document type")
    count, too_deep, too_wide = _measures()
    if too_deep(root):
        raise BadXml(f"more than {MOST_DEPTH} levels")
    if count(root) > most_elements:
        raise BadXml(f"more than {most_elements} elements")
    if too_wide(root):
        raise BadXml(f"more than {MOST_ATTRIBUTES} attributes")


@cache
def _measures() -> tuple[etree.XPath, etree.XPath, etree.XPath]:
    """Return what counts elements, and says of one that it is too deep or has too many attributes.

    A walk in Python would cost more than the parse.
    """
    too_deep = f"boolean({'/*' * (MOST_DEPTH + 1)})"
    return etree.XPath("count(//*)"), etree.XPath(too_deep), etree.XPath(f"boolean(//*[@*[{MOST_ATTRIBUTES + 1}]])")
