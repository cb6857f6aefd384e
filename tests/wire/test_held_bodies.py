"""Are bodies that wait in line for their answers counted as long as they wait? One connection may send many ahead."""

import asyncio
import socket
from collections.abc import MutableMapping
from typing import Any

import pytest

from poolkeeper.server.connections import Connections
from poolkeeper.settings import Settings
from wire.raw_sockets import answer_on, serving

SETTINGS = Settings(max_body=100_000, max_body_memory=1_000_000, body_seconds=20)
SMALL = b"POST /small HTTP/1.1\r\nhost: localhost\r\ncontent-length: 2\r\n\r\n{}"
BODY = 50_000
LARGE = b"POST /large HTTP/1.1\r\nhost: localhost\r\ncontent-length: %d\r\n\r\n" % BODY + b"a" * BODY


class Desk:
    """An application that answers small requests when it may, and large ones when it may answer those."""

    def __init__(self) -> None:
        self.small = asyncio.Event()
        self.large = asyncio.Event()
        self.loop: asyncio.AbstractEventLoop | None = None

    def let(self, event: asyncio.Event) -> None:
        assert self.loop is not None
        self.loop.call_soon_threadsafe(event.set)

    async def __call__(self, scope: MutableMapping[str, Any], receive: Any, send: Any) -> None:
        if scope["type"] != "http":
            return
        self.loop = asyncio.get_running_loop()
        while (await receive()).get("more_body"):
            pass
        await (self.small if scope["path"] == "/small" else self.large).wait()
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"2")]})
        await send({"type": "http.response.body", "body": b"{}"})


def held(connections: Connections, wanted: int) -> int:
    """Return how many bytes are held, as soon as it is what is wanted, else after two seconds."""

    async def look() -> int:
        for _ in range(200):
            if connections._held == wanted:
                break
            await asyncio.sleep(0.01)
        return connections._held

    return asyncio.run(look())


@pytest.mark.parametrize("ahead", [1, 3])
def test_an_answer_gives_back_its_own_bytes_alone(ahead: int) -> None:
    """What stands behind it in line stays counted until it is answered itself."""
    connections, desk = Connections(SETTINGS), Desk()
    with (
        serving(SETTINGS, desk, connections=connections) as address,
        socket.create_connection(address, timeout=20) as connection,
    ):
        connection.sendall(SMALL + LARGE * ahead)
        assert held(connections, 2 + BODY * ahead) == 2 + BODY * ahead
        desk.let(desk.small)
        answer_on(connection)
        assert held(connections, BODY * ahead) == BODY * ahead
        desk.let(desk.large)
        said = b""
        while said.count(b"{}") < ahead:
            said += connection.recv(65_536)
        assert held(connections, 0) == 0


def test_what_a_connection_held_is_given_back_when_it_ends() -> None:
    """In the middle of everything."""
    connections, desk = Connections(SETTINGS), Desk()
    with serving(SETTINGS, desk, connections=connections) as address:
        with socket.create_connection(address, timeout=20) as connection:
            connection.sendall(SMALL + LARGE * 2)
            assert held(connections, 2 + BODY * 2) == 2 + BODY * 2
        assert held(connections, 0) == 0
        desk.let(desk.small)
        desk.let(desk.large)
