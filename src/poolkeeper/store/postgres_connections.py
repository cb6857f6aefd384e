"""Who gets a connection to PostgreSQL, and which? So many for reads, so many for changes, and a short line before each.

A commit can wait for as long as a standby is gone, so reads have connections of their own, and whoever waits for one is
told in time. A connection that has nothing to do lies idle until either kind wants it.
"""

import asyncio
import re
from collections.abc import Awaitable, Callable
from typing import TypeVar

import asyncpg

from poolkeeper.store import postgres_faults as faults
from poolkeeper.store import retry
from poolkeeper.store.db import Unavailable

T = TypeVar("T")

NAME = "poolkeeper"
CONNECT_SECONDS = 5.0
ANSWER_SECONDS = 30.0
WAIT_SECONDS = 5.0
MOST_WAITING = 1024
_LOOK_SECONDS = 1.0
_STATEMENTS = 1024
_OF_THE_DRIVER = (OSError, asyncpg.PostgresError, asyncpg.InterfaceError, asyncpg.InternalClientError)
_AT_WORK = "SELECT 1 FROM pg_stat_activity WHERE pid = $1 AND application_name = $2"

# Scheme and user, the hosts, and the rest of an address.
_ADDRESS = re.compile(r"(\w+://(?:[^/?#]*@)?)([^/?#]*)(.*)", re.DOTALL)


class Slots:
    """How many connections may be used at once for one purpose, `waiting` being those who want one more."""

    __slots__ = ("_free", "size", "waiting")

    def __init__(self, size: int) -> None:
        self.size = size
        self.waiting = 0
        self._free = asyncio.Semaphore(size)

    async def enter(self) -> None:
        """Return when the caller may use a connection, in the order of arrival.

        Raises Unavailable at once where as many as may wait already, and after WAIT_SECONDS.
        """
        if not self._free.locked():
            await self._free.acquire()
            return
        if self.waiting >= MOST_WAITING:
            raise Unavailable(f"{MOST_WAITING} others wait for a connection already")
        self.waiting += 1
        try:
            async with asyncio.timeout(WAIT_SECONDS):
                await self._free.acquire()
        except TimeoutError:
            raise Unavailable(f"no connection became free within {WAIT_SECONDS:g} seconds") from None
        finally:
            self.waiting -= 1

    def leave(self) -> None:
        """Let the next one in."""
        self._free.release()

    async def drain(self) -> None:
        """Wait until nobody uses a connection any more."""
        for _ in range(self.size):
            await self._free.acquire()
        for _ in range(self.size):
            self._free.release()


class Connections:
    """The connections of one process to one database; belongs to one event loop.

    `reading` and `writing` bound how many are used at once.
    """

    def __init__(self, url: str, *, reading: int, writing: int) -> None:
        self.reading = Slots(reading)
        self.writing = Slots(writing)
        self._addresses = addresses(url)
        self._idle: list[asyncpg.Connection] = []
        self._unsure: set[asyncpg.Connection] = set()
        self._given_up: dict[asyncpg.Connection, int] = {}
        self._watching: set[asyncio.Task[None]] = set()
        self._closed = False

    async def lend(self, slots: Slots, work: Callable[[asyncpg.Connection], Awaitable[T]]) -> T:
        """Lend a connection to `work`; take it back only if it is whole, idle and outside of a transaction."""
        if self._closed:
            raise Unavailable("the database is closed")
        await slots.enter()
        connection = None
        try:
            connection = self._take_idle() or await self._connect()
            return await work(connection)
        except asyncio.CancelledError:
            # In the middle of a statement: what the server makes of it is not waited for.
            if connection is not None:
                connection.terminate()
            raise
        finally:
            if connection is not None:
                self._take_back(connection)
            server_pid = None if connection is None else self._given_up.pop(connection, None)
            if server_pid is not None and slots is self.writing:
                watching = asyncio.create_task(self._leave_late(slots, server_pid))
                self._watching.add(watching)
                watching.add_done_callback(self._watching.discard)
            else:
                slots.leave()

    def judged(self, fault: Exception, connection: asyncpg.Connection, *, stands: bool) -> Exception:
        """Return what the caller of a connection is told of a fault, and let go of what is dead.

        All idle connections go with the first that is found dead: they lead to the same server.
        """
        meaning = faults.meaning(fault, closed=connection.is_closed())
        if meaning is faults.Meaning.SILENT and not connection.is_closed():
            self._given_up[connection] = connection.get_server_pid()
        if meaning in (faults.Meaning.LOST, faults.Meaning.SILENT, faults.Meaning.ELSEWHERE):
            connection.terminate()
            while self._idle:
                self._idle.pop().terminate()
        return faults.for_caller(fault, meaning, stands=stands)

    def require_replicated(self, connection: asyncpg.Connection) -> None:
        """Raise Unavailable where the commit that a connection just acknowledged has not reached its standby."""
        if connection in self._unsure:
            raise Unavailable("PostgreSQL stopped waiting for its standby: the change stands, and no standby has it")

    async def close(self) -> None:
        """Wait for what is under way, at most as long as a statement may take, and close every connection."""
        self._closed = True
        await self.reading.drain()
        await self.writing.drain()
        while self._idle:
            await self._idle.pop().close(timeout=CONNECT_SECONDS)

    async def _leave_late(self, slots: Slots, server_pid: int) -> None:
        """Keep the place of a change that was given up, for as long as the server works at it or waits, for a lock or a standby.

        The server goes on whether its client is there or not. Other changes would pile up beside it, until the server
        has no connection left for reads.
        """

        async def look(connection: asyncpg.Connection) -> bool:
            return bool(await connection.fetch(_AT_WORK, server_pid, NAME))

        try:
            at_work = True
            while at_work:
                await asyncio.sleep(_LOOK_SECONDS)
                at_work = await self.lend(self.reading, look)
        except (Unavailable, retry.Again, *_OF_THE_DRIVER):
            return  # The server is away, and what it worked at as well.
        finally:
            slots.leave()

    def _take_idle(self) -> asyncpg.Connection | None:
        while self._idle:
            connection = self._idle.pop()
            if not connection.is_closed():
                return connection
        return None

    def _take_back(self, connection: asyncpg.Connection) -> None:
        self._unsure.discard(connection)
        if connection.is_closed() or connection.is_in_transaction():
            connection.terminate()
        else:
            self._idle.append(connection)

    async def _connect(self) -> asyncpg.Connection:
        """Make a connection. Of several hosts the one that answered last is asked first; a silent one is passed over.

        Raises Again where another try may succeed, Unavailable after CONNECT_SECONDS, Refused where the server says no.
        """
        seconds = CONNECT_SECONDS / len(self._addresses)
        for _ in range(len(self._addresses)):
            address = self._addresses[0]
            try:
                connection = await asyncpg.connect(
                    address,
                    timeout=seconds,
                    command_timeout=ANSWER_SECONDS,
                    statement_cache_size=_STATEMENTS,
                    max_cached_statement_lifetime=0,
                    server_settings={"application_name": NAME},
                )
            except TimeoutError:
                if self._addresses[0] is address:  # nobody else has passed it over meanwhile
                    self._addresses.append(self._addresses.pop(0))
            except _OF_THE_DRIVER as fault:
                raise faults.not_connected(fault) from fault
            else:
                connection.add_log_listener(self._heard)
                return connection
        raise Unavailable(f"PostgreSQL did not answer within {CONNECT_SECONDS:g} seconds")

    def _heard(self, connection: asyncpg.Connection, notice: asyncpg.PostgresLogMessage) -> None:
        """Note that a commit gave up waiting for its standby: PostgreSQL warns, and then says COMMIT as ever.

        Source: SyncRepWaitForLSN in PostgreSQL's syncrep.c; its text is translated, its place is not.
        """
        if getattr(notice, "server_source_function", None) == "SyncRepWaitForLSN":
            self._unsure.add(connection)


def addresses(url: str) -> list[str]:
    """Return an address of several hosts once for each of them, that host first."""
    match = _ADDRESS.fullmatch(url)
    if match is None:
        return [url]
    before, hosts, after = match[1], match[2].split(","), match[3]
    return [f"{before}{','.join(hosts[n:] + hosts[:n])}{after}" for n in range(len(hosts))]
