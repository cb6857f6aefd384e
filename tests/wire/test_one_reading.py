"""Can two readers see different requests in the same bytes? What a proxy may read otherwise is refused, or read in one way."""

import re
import socket
import time
from collections.abc import Iterator

import pytest

from wire.raw_sockets import PATIENT, REQUEST, everything, serving, status

HOST = b"host: localhost\r\n"
HIDDEN = b"POST / HTTP/1.1\r\nhost: localhost\r\nx-hidden: yes\r\ncontent-length: 2\r\n\r\n{}"
OFFER = b"connection: Upgrade, HTTP2-Settings\r\nupgrade: h2c\r\nhttp2-settings: AAEAAEAAAAIAAAABAAMAAABk\r\n"
LAST = b"GET / HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n"
CHUNKED = b"POST / HTTP/1.1\r\nhost: localhost\r\ntransfer-encoding: chunked\r\n\r\n"


Address = tuple[str, int]


@pytest.fixture(scope="module")
def address() -> Iterator[Address]:
    with serving(PATIENT) as address:
        yield address


def talk(address: Address, *pieces: bytes) -> bytes:
    """Send the pieces one after the other, each a packet of its own, and return what was said until the end."""
    with socket.create_connection(address, timeout=20) as connection:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for number, piece in enumerate(pieces):
            if number:
                time.sleep(0.1)
            connection.sendall(piece)
        return everything(connection)


def answers(said: bytes) -> list[int]:
    """Return the statuses of all answers in what was said."""
    return [int(found) for found in re.findall(rb"HTTP/1\.1 (\d\d\d) ", said)]


@pytest.mark.parametrize("in_pieces", [False, True], ids=["one packet", "head and body apart"])
@pytest.mark.parametrize("line_breaks", [0, 1_000, 45_000])
def test_the_body_behind_an_offered_upgrade_is_a_body(address: Address, line_breaks: int, in_pieces: bool) -> None:  # noqa: FBT001 - a case
    """However it arrives, a request that hides in the body of another is never answered."""
    body = b"\r\n" * line_breaks + HIDDEN
    head = (
        b"POST / HTTP/1.1\r\n" + HOST + b"connection: upgrade\r\nupgrade: x\r\ncontent-length: %d\r\n\r\n" % len(body)
    )
    pieces = [head, body, LAST] if in_pieces else [head + body + LAST]
    said = talk(address, *pieces)
    assert answers(said) == [200, 200]
    assert b'"length": %d' % len(body) in said
    assert b"x-hidden" not in said


def test_whoever_offers_another_protocol_is_answered_in_this_one(address: Address) -> None:
    """Java's HttpClient offers h2c with every request: head, body and what follows on the connection arrive whole."""
    head = b"POST /path?query HTTP/1.1\r\n" + HOST + OFFER + b"x-kept: a\r\ncontent-length: 4\r\n\r\n"
    chunked = b"POST / HTTP/1.1\r\n" + HOST + OFFER + b"transfer-encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n"
    websocket = b"GET / HTTP/1.1\r\n" + HOST + b"connection: upgrade\r\nupgrade: websocket\r\n\r\n"
    said = talk(address, head + b"abcd" + chunked + websocket, REQUEST + head[:40], head[40:] + b"abcd", LAST)
    assert answers(said) == [200] * 6
    assert [int(length) for length in re.findall(rb'"length": (\d+)', said)] == [4, 3, 0, 2, 4, 0]
    assert said.count(b'"host", "connection", "http2-settings", "x-kept", "content-length"') == 2
    assert b'"upgrade"' not in said


def test_a_head_with_an_offer_has_the_limits_of_any_head(address: Address) -> None:
    """What is written down again is counted again: a head of too many headers is refused, one below the limit is not."""
    few, many = (b"".join(b"x-%d: y\r\n" % number for number in range(count)) for count in (90, 101))
    assert answers(talk(address, b"GET / HTTP/1.1\r\n" + HOST + OFFER + few + b"\r\n" + LAST)) == [200, 200]
    assert answers(talk(address, b"GET / HTTP/1.1\r\n" + HOST + OFFER + many + b"\r\n" + LAST)) == [431]


UNCLEAR = {
    "CONNECT": (400, b"CONNECT localhost:80 HTTP/1.1\r\nhost: localhost:80\r\n"),
    "CONNECT with a body": (400, b"CONNECT localhost:80 HTTP/1.1\r\nhost: localhost:80\r\ncontent-length: 77\r\n"),
    "no Host": (400, b"POST / HTTP/1.1\r\ncontent-length: 77\r\n"),
    "two Hosts": (400, b"POST / HTTP/1.1\r\n" + HOST * 2 + b"content-length: 77\r\n"),
    "an empty Host": (400, b"POST / HTTP/1.1\r\nhost:\r\ncontent-length: 77\r\n"),
    "a Host with a user": (400, b"POST / HTTP/1.1\r\nhost: evil@localhost\r\ncontent-length: 77\r\n"),
    "a list of Hosts": (400, b"POST / HTTP/1.1\r\nhost: localhost,evil\r\ncontent-length: 77\r\n"),
    "a path in Host": (400, b"POST / HTTP/1.1\r\nhost: localhost/evil\r\ncontent-length: 77\r\n"),
    "a port that is none": (400, b"POST / HTTP/1.1\r\nhost: localhost:http\r\ncontent-length: 77\r\n"),
    "another host in the target": (400, b"POST http://evil.example/ HTTP/1.1\r\n" + HOST + b"content-length: 77\r\n"),
    "a user in the target": (400, b"POST http://evil@localhost/ HTTP/1.1\r\n" + HOST + b"content-length: 77\r\n"),
    "a target of another scheme": (400, b"POST ftp://localhost/ HTTP/1.1\r\n" + HOST + b"content-length: 77\r\n"),
    "a fragment in the target": (400, b"POST /#/evil HTTP/1.1\r\n" + HOST + b"content-length: 77\r\n"),
    "two operations": (
        400,
        b"POST / HTTP/1.1\r\n" + HOST + b"x-amz-target: a\r\nx-amz-target: b\r\ncontent-length: 77\r\n",
    ),
    "two content types": (
        400,
        b"POST / HTTP/1.1\r\n" + HOST + b"content-type: a\r\ncontent-type: b\r\ncontent-length: 77\r\n",
    ),
    "two lengths": (400, b"POST / HTTP/1.1\r\n" + HOST + b"content-length: 77\r\ncontent-length: 77\r\n"),
    "a list of lengths": (400, b"POST / HTTP/1.1\r\n" + HOST + b"content-length: 77, 77\r\n"),
    "a length with a sign": (400, b"POST / HTTP/1.1\r\n" + HOST + b"content-length: +77\r\n"),
    "a length and chunks": (
        400,
        b"POST / HTTP/1.1\r\n" + HOST + b"content-length: 77\r\ntransfer-encoding: chunked\r\n",
    ),
    "gzip, chunked": (501, b"POST / HTTP/1.1\r\n" + HOST + b"transfer-encoding: gzip, chunked\r\n"),
    "identity, chunked": (501, b"POST / HTTP/1.1\r\n" + HOST + b"transfer-encoding: identity, chunked\r\n"),
    "identity": (501, b"POST / HTTP/1.1\r\n" + HOST + b"transfer-encoding: identity\r\n"),
    "codings in two lines": (
        400,
        b"POST / HTTP/1.1\r\n" + HOST + b"transfer-encoding: gzip\r\ntransfer-encoding: chunked\r\n",
    ),
    "a coding behind a fold": (400, b"POST / HTTP/1.1\r\n" + HOST + b"transfer-encoding:\r\n chunked\r\n"),
    "a coding before a blank": (400, b"POST / HTTP/1.1\r\n" + HOST + b"transfer-encoding : chunked\r\n"),
    "chunks in HTTP/1.0": (400, b"POST / HTTP/1.0\r\n" + HOST + b"transfer-encoding: chunked\r\n"),
    "a folded header": (400, b"POST / HTTP/1.1\r\n" + HOST + b"x-folded: a\r\n content-length: 77\r\n"),
    "lines that end with LF alone": (400, b"POST / HTTP/1.1\n" + HOST + b"content-length: 77\r\n"),
    "a header that ends with LF alone": (400, b"POST / HTTP/1.1\r\n" + HOST + b"x: a\ncontent-length: 77\r\n"),
    "a CR in a header": (400, b"POST / HTTP/1.1\r\n" + HOST + b"x: a\rcontent-length: 77\r\n"),
    "a NUL in a header": (400, b"POST / HTTP/1.1\r\n" + HOST + b"x: a\x00b\r\ncontent-length: 77\r\n"),
    "HTTP/2.0": (505, b"POST / HTTP/2.0\r\n" + HOST + b"content-length: 77\r\n"),
    "HTTP/0.9": (505, b"POST / HTTP/0.9\r\n" + HOST + b"content-length: 77\r\n"),
    "no version": (505, b"POST /\r\n" + HOST + b"content-length: 77\r\n"),
}


@pytest.mark.parametrize("name", UNCLEAR)
def test_a_head_that_two_may_read_differently_is_refused(address: Address, name: str) -> None:
    """One refusal, and the connection ends: what follows may be a body, or a request, and nobody guesses."""
    expected, head = UNCLEAR[name]
    said = talk(address, head + b"\r\n" + HIDDEN + LAST)
    assert answers(said) == [expected]
    assert b"x-hidden" not in said


@pytest.mark.parametrize(
    "framing",
    [
        b"2\n{}\r\n0\r\n\r\n",
        b"2;a\n{}\r\n0\r\n\r\n",
        b"2 \r\n{}\r\n0\r\n\r\n",
        b"+2\r\n{}\r\n0\r\n\r\n",
        b"2\r\n{}0\r\n\r\n",
        b'2;a="b\r\nc"\r\n{}\r\n0\r\n\r\n',
        b"10000000000000002\r\n{}\r\n0\r\n\r\n",
        b"2\r\n{}\r\n0\r\nx-trailer: a\n\r\n",
    ],
)
def test_chunks_that_two_may_read_differently_are_refused(address: Address, framing: bytes) -> None:
    """A lax reader finds another end of such a body: there is one answer, a refusal, and what follows gets none."""
    assert answers(talk(address, CHUNKED + framing + HIDDEN + LAST)) == [400]


@pytest.mark.parametrize(
    "name", [b"Connection: close", b"Transfer-Encoding: chunked", b"Content-Length: 5", b"Host: evil", b"Upgrade: x"]
)
def test_a_trailer_says_nothing_of_the_message(address: Address, name: bytes) -> None:
    """What would change how the message was read, had it stood in the head, is refused behind it (RFC 9110 6.5.1)."""
    assert answers(talk(address, CHUNKED + b"2\r\n{}\r\n0\r\n" + name + b"\r\n\r\n" + LAST)) == [400]


@pytest.mark.parametrize(
    "head",
    [
        b"GET http://localhost/ HTTP/1.1\r\nhost: localhost\r\n",
        b"GET https://LOCALHOST/ HTTP/1.1\r\nhost: localhost\r\n",
        b"GET / HTTP/1.1\r\nhost: [::1]:7665\r\n",
        b"GET / HTTP/1.1\r\nhost: pool_keeper.internal.:7665\r\n",
        b"OPTIONS * HTTP/1.1\r\nhost: localhost\r\n",
        b"GET / HTTP/1.0\r\n",
        b"POST / HTTP/1.1\r\nhost: localhost\r\nTransfer-Encoding: CHUNKED\r\n\r\n2;a=b\r\n{}\r\n0\r\nx: y\r\n",
        b"POST / HTTP/1.1\r\nhost: localhost\r\nx: a\r\nx: b\r\ncontent-length:\t0 \r\n",
    ],
)
def test_what_can_be_read_in_one_way_is_answered(address: Address, head: bytes) -> None:
    """The strange forms that are legal pass."""
    assert status(talk(address, head + b"\r\n" + LAST)) == 200
