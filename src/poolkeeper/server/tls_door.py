"""How does a TLS listener take connections? By itself: a connection in its handshake is counted too, and ended in time.

asyncio tells a protocol of its connection when the handshake is over, so that connections which never come to it would be
nobody's: not counted, and held for a minute.
"""

import asyncio
import socket
import ssl
from collections.abc import Callable

from poolkeeper.server import wrong_door
from poolkeeper.server.connections import Connections
from poolkeeper.server.http_protocol import LimitedProtocol

HANDSHAKE_SECONDS = 5
_PAUSE_SECONDS = 0.1


class TlsDoor:
    """Takes connections of one listener and hands them over when they are secure; made in the loop that it serves in.

    It has what uvicorn asks of an asyncio.Server.
    """

    def __init__(
        self,
        listener: socket.socket,
        context: ssl.SSLContext,
        connections: Connections,
        make_protocol: Callable[[], LimitedProtocol],
        *,
        backlog: int,
    ) -> None:
        self._listener = listener
        self._context = context
        self._connections = connections
        self._make_protocol = make_protocol
        self._shaking: set[asyncio.Task[None]] = set()
        listener.settimeout(0)
        listener.listen(backlog)
        self._taking = asyncio.create_task(self._take_all())

    def close(self) -> None:
        """Take no more, and let go of whoever has not shaken hands."""
        self._taking.cancel()
        for task in self._shaking:
            task.cancel()

    async def wait_closed(self) -> None:
        """Wait until nobody is at the door any more."""
        await asyncio.gather(self._taking, *self._shaking, return_exceptions=True)

    async def _take_all(self) -> None:
        loop = asyncio.get_running_loop()
        while True:
            try:
                connection, address = await loop.sock_accept(self._listener)
            except OSError:  # gone again before it was taken, or there is no descriptor: others end meanwhile
                await asyncio.sleep(_PAUSE_SECONDS)
                continue
            task = loop.create_task(self._shake_hands(connection, address[0]))
            self._shaking.add(task)
            task.add_done_callback(self._shaking.discard)

    async def _shake_hands(self, connection: socket.socket, peer: str) -> None:
        """Secure a connection, or end it: when its time is over, when it fails, or when others need the room."""
        task = asyncio.current_task()
        assert task is not None
        entry = self._connections.enter(peer, lambda: _cancel(task))
        if entry is None:
            connection.close()
            return

        def make() -> LimitedProtocol:
            protocol = self._make_protocol()
            protocol.entry = entry
            return protocol

        connection.settimeout(0)
        # Head and body of an answer are two writes, and the second would wait 40 ms for the client.
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        loop = asyncio.get_running_loop()
        ends_at = loop.time() + HANDSHAKE_SECONDS
        try:
            async with asyncio.timeout_at(ends_at):
                in_clear = await wrong_door.speaks_clear(connection)
            if in_clear:
                await wrong_door.turn_away(connection)
            await loop.connect_accepted_socket(
                make, connection, ssl=self._context, ssl_handshake_timeout=max(ends_at - loop.time(), _PAUSE_SECONDS)
            )
        except BaseException as fault:
            self._connections.leave(entry)
            connection.close()
            if not isinstance(fault, (OSError, asyncio.CancelledError)):
                raise


def _cancel(task: "asyncio.Task[None]") -> None:
    task.cancel()
