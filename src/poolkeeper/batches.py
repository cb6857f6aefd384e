"""How does data leave the house that no request may wait for? From a bounded queue, in order, in batches that are sent until taken."""

import asyncio
import logging
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from enum import Enum
from typing import Generic, TypeVar

T = TypeVar("T")

_MOST_DOUBLINGS = 5

_log = logging.getLogger("poolkeeper.batches")


class Fate(Enum):
    """What became of a batch: it was taken, it is to be sent again, or nobody will ever take it."""

    TAKEN = "taken"
    AGAIN = "again"
    REFUSED = "refused"


def _nobody(_count: int) -> None:
    """Tell nobody."""


class Batches(Generic[T]):
    """A bounded queue and the task that empties it, for one event loop. Whoever puts something in never waits.

    `send` gets a batch and the id that `make_id` gave it, the same at every try. Where `most` wait, the oldest give way; a
    batch that was sent `most_tries` times in vain is given up. `on_drop` hears how many are lost, `on_taken` how many are not.
    """

    def __init__(
        self,
        send: Callable[[Sequence[T], str], Awaitable[Fate]],
        *,
        on_drop: Callable[[int], None],
        on_taken: Callable[[int], None] = _nobody,
        make_id: Callable[[], str] = str,
        most: int,
        batch: int,
        gather_seconds: float,
        most_tries: int = 0,
    ) -> None:
        self._send = send
        self._on_drop = on_drop
        self._on_taken = on_taken
        self._make_id = make_id
        self._most, self._batch, self._most_tries = most, batch, most_tries
        self._gather_seconds = gather_seconds
        self._waiting: deque[T] = deque()
        self._under_way: list[T] = []
        self._sending: asyncio.Task[None] | None = None
        self._hurry = asyncio.Event()

    @property
    def idle(self) -> bool:
        """Whether nothing waits and nothing is under way."""
        return self._sending is None

    def put(self, item: T) -> None:
        """Have something sent, and return at once."""
        if len(self._waiting) >= self._most:
            self._waiting.popleft()
            self._on_drop(1)
        self._waiting.append(item)
        if self._sending is None:
            self._sending = asyncio.get_running_loop().create_task(self._send_all())

    async def close(self, seconds: float) -> None:
        """Send what waits, for so many seconds at the most; what is left then is lost, and counted."""
        self._hurry.set()
        sending = self._sending
        if sending is not None:
            await asyncio.wait([sending], timeout=seconds)
            sending.cancel()
        lost = len(self._under_way) + len(self._waiting)
        self._under_way = []
        self._waiting.clear()
        if lost:
            self._on_drop(lost)

    async def _send_all(self) -> None:
        """Send until nothing waits, each batch until it is taken; then another task begins with the next item."""
        failures, batch_id = 0, ""
        while self._waiting or self._under_way:
            if failures or len(self._waiting) < self._batch:
                await self._pause(self._gather_seconds * 2 ** min(failures, _MOST_DOUBLINGS))
            if not self._under_way:
                self._under_way = [self._waiting.popleft() for _ in range(min(self._batch, len(self._waiting)))]
                batch_id = self._make_id()
            fate = await self._fate(batch_id)
            failures += 1
            if fate is Fate.AGAIN and failures != self._most_tries:
                continue
            settled, self._under_way, failures = len(self._under_way), [], 0
            if fate is Fate.TAKEN:
                self._on_taken(settled)
            else:
                self._on_drop(settled)
        self._sending = None

    async def _fate(self, batch_id: str) -> Fate:
        try:
            return await self._send(self._under_way, batch_id)
        except Exception:  # noqa: BLE001 - else nothing that comes later would ever be sent
            _log.exception("a batch could not be sent, and is lost")
            return Fate.REFUSED

    async def _pause(self, seconds: float) -> None:
        try:
            async with asyncio.timeout(seconds):
                await self._hurry.wait()
        except TimeoutError:
            return
        await asyncio.sleep(0.05)  # Quickly, but without spinning: the other side may be away for good.
