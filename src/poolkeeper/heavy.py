"""How much costly arithmetic runs at once? A bounded pool of threads for password hashes and SRP, and locks by key.

One Argon2 hash holds a core for some 20 ms and 19 MiB. More threads than cores only make every other answer late, and
a long queue only makes its own answers late: what would wait too long is refused at once (attacks: memory and CPU by
many sign-ins).
"""

import asyncio
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import ParamSpec, TypeVar

from poolkeeper.crypto.srp import prepare_thread
from poolkeeper.errors import TooManyRequestsException

P = ParamSpec("P")
T = TypeVar("T")

_MESSAGE = "Too many requests"


class HeavyPool:
    """Runs functions in `threads` threads, with at most `queue` callers waiting; belongs to one event loop.

    `started` counts the functions that began, `waiting` the callers in the queue.
    """

    def __init__(self, threads: int, queue: int) -> None:
        self._executor = ThreadPoolExecutor(threads, "heavy", initializer=prepare_thread)
        self._free = asyncio.Semaphore(threads)
        self._queue = queue
        self.waiting = 0
        self.started = 0

    async def run(self, function: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> T:
        """Return what `function` returns in a thread of the pool.

        Raises TooManyRequestsException at once, with nothing run, where the queue is full. A caller that is cancelled
        while it waits gives its place back; once the function runs its thread is taken until it ends.
        """
        if self._free.locked():
            await self._wait()
        else:
            await self._free.acquire()

        try:
            call = asyncio.get_running_loop().run_in_executor(self._executor, lambda: function(*args, **kwargs))
        except RuntimeError:  # closed meanwhile: the next in the queue must hear it too
            self._free.release()
            raise
        self.started += 1
        call.add_done_callback(self._finished)
        return await asyncio.shield(call)

    def close(self) -> None:
        """Let running functions end and start no more."""
        self._executor.shutdown(wait=True, cancel_futures=True)

    async def _wait(self) -> None:
        if self.waiting >= self._queue:
            raise TooManyRequestsException(_MESSAGE)
        self.waiting += 1
        try:
            await self._free.acquire()
        finally:
            self.waiting -= 1

    def _finished(self, call: "asyncio.Future[T]") -> None:
        self._free.release()
        if not call.cancelled():
            # A caller that went away does not fetch the outcome; asyncio would complain of an exception unseen.
            call.exception()


@dataclass(slots=True)
class _Entry:
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    users: int = 0


class KeyedLocks:
    """One lock for each key, which exists only while somebody holds or awaits it; belongs to one event loop."""

    def __init__(self, waiters: int) -> None:
        self._waiters = waiters
        self._entries: dict[str, _Entry] = {}

    def __len__(self) -> int:
        return len(self._entries)

    @asynccontextmanager
    async def hold(self, key: str) -> AsyncIterator[None]:
        """Hold the lock of `key`, in the order of arrival.

        Raises TooManyRequestsException at once where as many as `waiters` wait for it already.
        """
        entry = self._entries.setdefault(key, _Entry())
        if entry.users > self._waiters:
            raise TooManyRequestsException(_MESSAGE)
        entry.users += 1
        try:
            async with entry.lock:
                yield
        finally:
            entry.users -= 1
            if entry.users == 0:
                del self._entries[key]
