"""Where is a host? One look-up a host at a time, each on a thread of its own, so that one that hangs holds up no other.

The system's resolver cannot be cancelled and may wait for half a minute. In a shared pool of threads, the look-ups of
one name for which nobody answers would take all threads.
"""

import asyncio
import contextlib
import socket
import threading
from collections.abc import Callable

from poolkeeper.hosts import is_address, is_localhost

_MOST = 64
_LOOPBACK = ("::1", "127.0.0.1")

Look = Callable[[str], list[str]]


class CannotResolve(Exception):  # noqa: N818 - what is known of a host, not an accident of ours
    """There is no such host, or it cannot be found out now."""


class Resolver:
    """Look hosts up by the system's own means."""

    def __init__(self, look: Look | None = None) -> None:
        self._look = look or _addresses
        self._under_way: dict[str, asyncio.Future[list[str]]] = {}

    async def addresses(self, host: str) -> list[str]:
        """Return the addresses of a host, in the order in which they are to be tried; whoever waits may stop waiting.

        Raises CannotResolve; at once where as many hosts as there may be are being looked for.
        """
        if is_address(host):
            return [host]
        if is_localhost(host):
            return list(_LOOPBACK)
        waited_for = self._under_way.get(host)
        if waited_for is None:
            if len(self._under_way) >= _MOST:
                raise CannotResolve("too many hosts are being looked for")
            waited_for = self._begin(host)
        return await asyncio.shield(waited_for)

    def _begin(self, host: str) -> "asyncio.Future[list[str]]":
        loop = asyncio.get_running_loop()
        answer: asyncio.Future[list[str]] = loop.create_future()

        def end(addresses: list[str], fault: Exception | None) -> None:
            del self._under_way[host]
            if fault is None:
                answer.set_result(addresses)
            else:
                answer.set_exception(CannotResolve(str(fault)))
                answer.exception()  # It may be that nobody waits for it any more.

        def work() -> None:
            addresses: list[str] = []
            fault: Exception | None = None
            try:
                addresses = self._look(host)
            except (OSError, UnicodeError) as failure:  # No such host; a label of more than 63 letters.
                fault = failure
            with contextlib.suppress(RuntimeError):  # The loop has ended meanwhile.
                loop.call_soon_threadsafe(end, addresses, fault)

        threading.Thread(target=work, name=f"resolver-{host}", daemon=True).start()
        self._under_way[host] = answer
        return answer


def _addresses(host: str) -> list[str]:
    return [str(entry[4][0]) for entry in socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)]
