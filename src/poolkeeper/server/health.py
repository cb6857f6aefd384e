"""Can this process serve? Only if it can read and the database takes changes: now and then it tries a change."""

import asyncio
import contextlib

from poolkeeper.call import House
from poolkeeper.clock import SECOND
from poolkeeper.store import facts, pools
from poolkeeper.store.db import Unavailable, Unwritable

_SECONDS = 2.0
_TRIAL_SECONDS = 1.0
_RARE, _SOON = 10 * SECOND, 2 * SECOND
_FACT = "health"


async def try_a_change(house: House) -> None:
    """Change a fact that nobody reads, to another value each time: SQLite writes nothing where nothing differs.

    Raises Unwritable where the database takes no changes, Unavailable where nobody knows.
    """
    await facts.put(house.db, _FACT, str(house.clock.now()).encode())


class Health:
    """What a process knows of its database's health.

    A change is tried every ten seconds while /health is asked, and every two after a refusal: a server that gets no
    requests would never learn that it can serve again. A commit that waits for its standby is no refusal, and no second
    one is sent to wait beside it.
    """

    def __init__(self, house: House) -> None:
        self._house = house
        self._writable = True
        self._next = 0
        self._trial: asyncio.Task[None] | None = None

    async def can_serve(self) -> bool:
        """Answer within two seconds, from what is known where the database does not."""
        loop = asyncio.get_running_loop()
        deadline = loop.time() + _SECONDS
        try:
            async with asyncio.timeout_at(deadline):
                await pools.ids(self._house.db, after="", limit=1)
        except (Unavailable, TimeoutError):
            return False
        now = self._house.clock.now()
        if (self._trial is None or self._trial.done()) and now >= self._next:
            self._next = now + (_RARE if self._writable else _SOON)
            self._trial = asyncio.create_task(self._try())
            await asyncio.wait({self._trial}, timeout=min(_TRIAL_SECONDS, deadline - loop.time()))
        return self._writable

    async def close(self) -> None:
        """Give up a change that is being tried."""
        if self._trial is not None:
            self._trial.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._trial

    async def _try(self) -> None:
        try:
            await try_a_change(self._house)
        except Unwritable:
            self._writable = False
            self._next = min(self._next, self._house.clock.now() + _SOON)
        except Unavailable:
            return
        else:
            self._writable = True
