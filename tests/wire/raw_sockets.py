"""A server to send raw bytes to: an application that tells what reached it, and clients that speak by the byte."""

import contextlib
import json
import socket
import threading
from collections.abc import Collection, Iterator, MutableMapping
from contextlib import contextmanager
from typing import Any

import uvicorn

from poolkeeper.server.connections import Connections
from poolkeeper.server.http_protocol import limited_protocol
from poolkeeper.settings import Settings

PATIENT = Settings(max_body=100_000)
REQUEST = b"POST / HTTP/1.1\r\nhost: localhost\r\ncontent-length: 2\r\n\r\n{}"


async def told(scope: MutableMapping[str, Any], receive: Any, send: Any) -> None:
    """Read the whole body and answer how long it was and which headers came with it."""
    if scope["type"] != "http":
        return
    length, more = 0, True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            return
        length += len(message["body"])
        more = message["more_body"]
    content = json.dumps({"length": length, "headers": [name.decode() for name, _ in scope["headers"]]}).encode()
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"%d" % len(content))]})
    await send({"type": "http.response.body", "body": content})


async def hasty(scope: MutableMapping[str, Any], receive: Any, send: Any) -> None:
    """Answer without reading the body."""
    if scope["type"] == "http":
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"2")]})
        await send({"type": "http.response.body", "body": b"{}"})


@contextmanager
def serving(
    settings: Settings,
    app: Any = told,
    *,
    signed_targets: Collection[bytes] = (),
    connections: Connections | None = None,
) -> Iterator[tuple[str, int]]:
    """Run a server with the limits of these settings on a port of the system's choice."""
    protocol = limited_protocol(settings, connections, signed_targets=signed_targets)
    config = uvicorn.Config(app, http=protocol, port=0, lifespan="off", log_config=None, access_log=False, ws="none")
    server = uvicorn.Server(config)
    listener = config.bind_socket()
    listener.listen(2_048)  # the first client must not be faster than the thread
    thread = threading.Thread(target=server.run, args=([listener],))
    thread.start()
    try:
        yield "127.0.0.1", listener.getsockname()[1]
    finally:
        server.should_exit = True
        thread.join()
        listener.close()


def answer_to(address: tuple[str, int], *pieces: bytes) -> bytes:
    """Send the pieces, as far as the server takes them, and return all that it said before it closed."""
    with socket.create_connection(address, timeout=20) as connection:
        with contextlib.suppress(ConnectionError):
            for piece in pieces:
                connection.sendall(piece)
        return everything(connection)


def everything(connection: socket.socket) -> bytes:
    said = b""
    with contextlib.suppress(ConnectionError):
        while piece := connection.recv(65_536):
            said += piece
    return said


def status(answer: bytes) -> int:
    return int(answer.split(b" ", 2)[1])


def one_answer(connection: socket.socket) -> bytes:
    """Send one request and return its answer: head and body may come one after the other."""
    connection.sendall(REQUEST)
    return answer_on(connection)


def answer_on(connection: socket.socket) -> bytes:
    """Return the answer that comes."""
    said = b""
    while not said.endswith(b"}") and (piece := connection.recv(65_536)):
        said += piece
    return said
