"""What did the egress client try to reach? A resolver and a transport that write it down."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from socket import SOCK_STREAM
from typing import Any

import httpcore


class Spy(httpcore.AsyncNetworkBackend):
    """A network that notes where a connection would go, and opens none; `leads_to` sends all of them to a port of ours."""

    def __init__(self, leads_to: int = 0) -> None:
        self.connections: list[tuple[str, int]] = []
        self._leads_to = leads_to

    async def connect_tcp(self, host: str, port: int, *_: Any, **__: Any) -> httpcore.AsyncNetworkStream:
        self.connections.append((host, port))
        if not self._leads_to:
            raise httpcore.ConnectError("spied upon")
        return await httpcore.AnyIOBackend().connect_tcp("127.0.0.1", self._leads_to)


def names(addresses: Mapping[str, list[str]]) -> Callable[[str, int], Awaitable[list[str]]]:
    """Return a resolver that knows `addresses` and, like the system's, what a number is."""

    async def resolve(host: str, port: int) -> list[str]:
        if host in addresses:
            return addresses[host]
        found = await asyncio.get_running_loop().getaddrinfo(host, port, type=SOCK_STREAM)
        return [str(address[0]) for *_, address in found]

    return resolve
