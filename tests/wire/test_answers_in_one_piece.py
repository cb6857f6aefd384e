"""How does an answer leave? Head and body in one piece where both are there, the head alone where the body takes longer."""

import asyncio
import socket
import struct
from collections.abc import MutableMapping
from types import SimpleNamespace
from typing import Any

from poolkeeper.server.answer_writer import LARGE, AnswerWriter
from wire.raw_sockets import PATIENT, REQUEST, answer_on, everything, serving

_HEAD = b"HEAD / HTTP/1.1\r\nhost: localhost\r\n\r\n"
_LAST = b"GET / HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n"


async def two(scope: MutableMapping[str, Any], _receive: Any, send: Any) -> None:
    """Answer with two bytes, whatever is asked."""
    if scope["type"] == "http":
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"2")]})
        await send({"type": "http.response.body", "body": b"{}"})


async def bit_by_bit(scope: MutableMapping[str, Any], receive: Any, send: Any) -> None:
    """Send the head, and the body only when the client has gone on to send the rest of its own."""
    if scope["type"] == "http":
        await receive()
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"3")]})
        await send({"type": "http.response.body", "body": b"a", "more_body": True})
        await receive()
        await send({"type": "http.response.body", "body": b"b", "more_body": True})
        await asyncio.sleep(0.01)
        await send({"type": "http.response.body", "body": b"c"})


def data_segments(connection: socket.socket) -> int:
    """Return how many segments with data a connection has received: tcpi_data_segs_in of Linux's struct tcp_info."""
    return int(struct.unpack_from("I", connection.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 160), 152)[0])


def test_head_and_body_come_in_one_piece() -> None:
    """One segment costs server and client one call of the system each, and a client that reads once has it all."""
    with serving(PATIENT, two) as address, socket.create_connection(address, timeout=20) as connection:
        for number in range(1, 21):
            connection.sendall(REQUEST)
            assert answer_on(connection).endswith(b"\r\n\r\n{}")
            assert data_segments(connection) == number


def test_what_is_sent_bit_by_bit_is_not_held_back() -> None:
    """The client has head and first byte before it sends what the rest waits for."""
    with serving(PATIENT, bit_by_bit) as address, socket.create_connection(address, timeout=20) as connection:
        connection.sendall(b"POST / HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\ncontent-length: 2\r\n\r\n1")
        said = b""
        while not said.endswith(b"\r\n\r\na"):
            said += connection.recv(65_536)
        connection.sendall(b"2")
        assert everything(connection) == b"bc"


def test_answers_to_requests_sent_ahead_keep_their_order() -> None:
    """An answer without a body is whole before the next begins, and the last one before the connection ends."""
    with serving(PATIENT, two) as address, socket.create_connection(address, timeout=20) as connection:
        connection.sendall(_HEAD + REQUEST + _HEAD + _LAST)
        heads = everything(connection).split(b"HTTP/1.1 200 OK\r\n")[1:]
        assert [one.endswith(b"{}") for one in heads] == [False, True, False, True]


def test_a_large_body_is_not_copied_behind_its_head() -> None:
    """40 MB of a style's pictures would be copied at a stretch; two calls of the system are nothing beside them."""
    written: list[bytes] = []
    transport: Any = SimpleNamespace(write=written.append)
    loop: Any = SimpleNamespace(call_soon=lambda _flush: None)
    writer, head, large = AnswerWriter(transport, loop), b"head", bytes(LARGE + 1)
    for part in (head, large, head, b"small"):
        writer.write(part)
    assert [len(part) for part in written] == [4, len(large), 9]
    assert written[1] is large
