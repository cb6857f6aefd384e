"""What is said to a client that speaks clear HTTP where TLS is spoken, or TLS where it is not? Why nothing works, in words."""

import asyncio
import re
import socket
from typing import NoReturn

LINGER_SECONDS = 1.0
_LINGER_BYTES = 64 * 1024
_HTTP = re.compile(rb"[A-Z]{3,7} ?")
_WORDS = b"This port speaks TLS: its addresses begin with https:// and not with http://.\n"
_ANSWER = (
    b"HTTP/1.1 400 Bad Request\r\ncontent-type: text/plain\r\ncontent-length: %d\r\nconnection: close\r\n\r\n%b"
    % (len(_WORDS), _WORDS)
)


def fault_of(first: bytes) -> str:
    """Return what the log says of bytes that are no HTTP: a handshake of TLS begins as RFC 8446 5.1 has it."""
    if first.startswith(b"\x16\x03"):
        return "A client spoke TLS to a port without it: its addresses begin with http:// and not with https://."
    return "Invalid HTTP request received."


async def speaks_clear(connection: socket.socket) -> bool:
    """Say whether a client begins with HTTP in clear, as soon as it says anything; its bytes are left to be read."""
    loop = asyncio.get_running_loop()
    readable = asyncio.Event()
    loop.add_reader(connection, readable.set)
    try:
        await readable.wait()
    finally:
        loop.remove_reader(connection)
    return _HTTP.match(connection.recv(8, socket.MSG_PEEK)) is not None


async def turn_away(connection: socket.socket) -> NoReturn:
    """Answer in clear, and hear the client out for a moment: an end with unread bytes takes the answer from it.

    Raises ConnectionAbortedError, or what ends the connection before: there is nobody to be served.
    """
    loop = asyncio.get_running_loop()
    bytes_heard = 0
    async with asyncio.timeout(LINGER_SECONDS):
        await loop.sock_sendall(connection, _ANSWER)
        connection.shutdown(socket.SHUT_WR)
        while bytes_heard < _LINGER_BYTES and (piece := await loop.sock_recv(connection, _LINGER_BYTES)):
            bytes_heard += len(piece)
    raise ConnectionAbortedError
