"""Does the file of an import come through, whatever its size, and not for ever? The rate in the place of a time, and the memory."""

import socket
import time
from typing import Any

import pytest

from poolkeeper.model.imports import MOST_BYTES
from poolkeeper.server import body_pace
from poolkeeper.server.body_limits import HELD_OF_UPLOAD
from poolkeeper.server.connections import Connections
from poolkeeper.settings import Settings
from wire.raw_sockets import answer_to, everything, serving

HASTY = Settings(max_body=100_000, max_body_memory=1_000_000, body_seconds=1)
HEAD = b"PUT /imports/import-x HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\ncontent-length: %d\r\n\r\n"


@pytest.fixture(autouse=True)
def slow_enough(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ask for a thousand bytes in a second."""
    monkeypatch.setattr(body_pace, "SLOWEST", 1_000)


def test_a_body_of_a_gigabyte_is_refused_by_its_head() -> None:
    """Announced as larger than a file may be."""
    with serving(HASTY) as address:
        assert answer_to(address, HEAD % (MOST_BYTES + 1)).startswith(b"HTTP/1.1 413 ")


def test_a_chunked_body_is_counted_as_it_comes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever was announced."""
    monkeypatch.setattr("poolkeeper.server.body_limits.MOST_BYTES", 200_000)
    head = b"PUT /imports/x HTTP/1.1\r\nhost: localhost\r\ntransfer-encoding: chunked\r\n\r\n"
    chunk = b"%x\r\n%b\r\n" % (50_000, b"a" * 50_000)
    with serving(HASTY) as address:
        assert answer_to(address, head, *[chunk] * 5).startswith(b"HTTP/1.1 413 ")


def test_a_large_file_holds_little_of_the_memory_of_bodies() -> None:
    """Thirty times what all bodies together may take: it is passed on as it comes."""
    connections, size = Connections(HASTY), 30_000_000
    most = 0

    async def watched(scope: Any, receive: Any, send: Any) -> None:
        nonlocal most
        if scope["type"] != "http":
            return
        length, more = 0, True
        while more:
            message = await receive()
            length += len(message["body"])
            more = message["more_body"]
            most = max(most, connections._held)
        assert length == size
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"0")]})
        await send({"type": "http.response.body", "body": b""})

    with serving(HASTY, watched, connections=connections) as address:
        assert answer_to(address, HEAD % size, *[b"a" * 1_000_000] * 30).startswith(b"HTTP/1.1 200 ")
    assert 0 < most <= HELD_OF_UPLOAD
    assert connections._held == 0


def test_a_file_that_comes_slowly_but_comes_is_taken() -> None:
    """Longer than the time of a body, at no less than the lowest rate."""
    with serving(HASTY) as address, socket.create_connection(address, timeout=20) as connection:
        connection.sendall(HEAD % 12_000)
        for _ in range(12):
            connection.sendall(b"a" * 1_000)
            time.sleep(0.2)
        assert everything(connection).startswith(b"HTTP/1.1 200 ")


def test_a_file_that_comes_in_crumbs_is_cut() -> None:
    """A byte now and then buys no more time."""
    with serving(HASTY) as address, socket.create_connection(address, timeout=20) as connection:
        connection.sendall(HEAD % 12_000)
        said = b""
        for _ in range(40):
            try:
                connection.sendall(b"a")
            except ConnectionError:
                break
            time.sleep(0.1)
        said = everything(connection)
    assert said.startswith(b"HTTP/1.1 408 ") or not said


def test_no_other_body_has_that_time() -> None:
    """Of another path, and of another method there, the whole body is there within its time, and small."""
    for line in (b"POST /imports/x", b"PUT /elsewhere"):
        head = b"%b HTTP/1.1\r\nhost: localhost\r\ncontent-length: 200000\r\n\r\n" % line
        with serving(HASTY) as address:
            assert answer_to(address, head).startswith(b"HTTP/1.1 413 ")
