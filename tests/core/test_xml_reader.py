"""What does the one reader of XML take? What is XML, and nothing that unfolds, fetches or goes deep."""

import socket
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from lxml import etree

from poolkeeper import xml_reader
from poolkeeper.xml_reader import BadXml


def test_xml_is_read_as_it_stands() -> None:
    """A declaration, a mark of byte order, CDATA as text, blanks, comments for the caller to judge."""
    root = xml_reader.read(
        b'\xef\xbb\xbf<?xml version="1.0" encoding="utf-8"?><!-- a --><r> <a>\xc3\xa4<![CDATA[<&]]></a><!--b--></r>'
    )
    assert (root.text, root[0].text, len(root)) == (" ", "\u00e4<&", 2)


@pytest.mark.parametrize(
    "text",
    [
        b"<!DOCTYPE a><a/>",
        b"<!doctype a><a/>",
        b'<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>',
        b"<a><!ELEMENT a ANY></a>",
        b"<a>&b;</a>",
        b'<?xml version="1.0" encoding="UTF-7"?><a/>',
        b"<?xml version='1.0' encoding='utf-16'?><a/>",
        "<a/>".encode("utf-16"),
        "<a/>".encode("utf-16-le"),
        "<a/>".encode("utf-32"),
        b"<a>\xff</a>",
        b"<a",
        b"<a></b>",
        b"<a/><b/>",
        b"<a/>b",
        b"<p:a/>",
        b'<a b="1" b="2"/>',
        b'<a xmlns:p="u" xmlns:q="u" p:b="1" q:b="2"/>',
        b"<a>&#0;</a>",
        b"<a>" * 65 + b"</a>" * 65,
        b"<a>" * 100_000,
        b"<a>" + b"<b/>" * 20_000 + b"</a>",
        b"<a><b " + b" ".join(b'a%d="1"' % number for number in range(65)) + b"/></a>",
        b"<a><b " + b" ".join(b'xmlns:a%d="u"' % number for number in range(65)) + b"/></a>",
        b"<a>" + b" " * xml_reader.MOST_BYTES + b"</a>",
        b"",
        b" ",
    ],
)
def test_what_is_no_plain_xml_is_refused(text: bytes) -> None:
    """Document types, entities, other encodings, what is not well-formed, too deep, too many or too large."""
    with pytest.raises(BadXml):
        xml_reader.read(text)


@pytest.mark.parametrize(
    "text",
    [
        b"<!DOCTYPE a><a/>",
        b'<a><!ENTITY b "c"></a>',
        "<a/>".encode("utf-16-le"),
        b"<a>\xff</a>",
        b'<?xml version="1.0" encoding="UTF-7"?><a/>',
        b"<a>" + b" " * xml_reader.MOST_BYTES + b"</a>",
    ],
)
def test_no_parser_sees_what_the_text_alone_refuses(text: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    """A parser that one day follows a document type is not given one."""
    monkeypatch.delattr(xml_reader, "parser")
    with pytest.raises(BadXml):
        xml_reader.read(text)


def test_the_bounds_are_what_they_say() -> None:
    """64 levels, attributes of an element and prefixes, 20,000 elements, and as many bytes as the caller says."""
    assert xml_reader.read(b"<a>" * 64 + b"</a>" * 64).tag == "a"
    assert len(xml_reader.read(b"<a>" + b"<b/>" * 19_999 + b"</a>")) == 19_999
    assert len(xml_reader.read(b"<a " + b" ".join(b'a%d="1"' % number for number in range(64)) + b"/>").attrib) == 64
    same = b"".join(b'<b xmlns:a%d="u"/>' % (number % 64) for number in range(1_000))
    assert len(xml_reader.read(b"<a>" + same + b"</a>")) == 1_000
    assert xml_reader.read(b"<a/>", most_bytes=4).tag == "a"
    with pytest.raises(BadXml):
        xml_reader.read(b"<a/>", most_bytes=3)


def test_nothing_is_fetched_and_no_file_is_opened(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Not even by the parser itself, were the text let through."""
    asked: list[Any] = []
    connect: Callable[..., Any] = lambda *given: asked.append(given)  # noqa: E731 - one line says it
    monkeypatch.setattr(socket.socket, "connect", connect)
    secret = tmp_path / "secret"
    secret.write_text("opened")
    for address in (secret.as_uri(), "http://127.0.0.1:9/x"):
        text = f'<!DOCTYPE a [<!ENTITY b SYSTEM "{address}">]><a>&b;</a>'.encode()
        root = etree.fromstring(text, xml_reader.parser())
        assert "opened" not in "".join(str(part) for part in root.itertext())
    assert asked == []


def test_what_was_encrypted_is_read_where_it_stood() -> None:
    """Its prefixes are those declared there; it is one element and nothing beside it."""
    namespaces = {"p": "urn:p", None: "urn:d"}
    assert xml_reader.read_within(b"<p:a><b/></p:a>", namespaces)[0].tag == "{urn:d}b"
    assert xml_reader.read_within(b' <?xml version="1.0"?>\n<p:a/>\n', namespaces).tag == "{urn:p}a"
    for wrong in (
        b"",
        b"text",
        b"<p:a/><p:a/>",
        b"<p:a/>x",
        b"</around><around>",
        b"<q:a/>",
        b"<!DOCTYPE a><p:a/>",
        b"<!-- -->",
    ):
        with pytest.raises(BadXml):
            xml_reader.read_within(wrong, namespaces)


def test_what_is_wrong_with_a_text_is_said_once() -> None:
    """With its place in the text, and without the name that a parser gives to what has none."""
    with pytest.raises(BadXml) as refusal:
        xml_reader.read(b"AAAA")
    assert str(refusal.value) == "not well-formed: Start tag expected, '<' not found, line 1, column 1"
