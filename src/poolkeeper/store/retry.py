"""When is a piece of database work run again, how often and after which pause? The one policy of both drivers."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

from poolkeeper.entropy import Entropy
from poolkeeper.store.db import Conflict, Unavailable, Unwritable

T = TypeVar("T")

ATTEMPTS = 10
FIRST_CEILING = 10_000
LAST_CEILING = 1_000_000

GUARD = "a body given to write() awaited something other than its transaction: no network call under the write lock"


class Again(Exception):  # noqa: N818 - a reason to run again, not an error of anybody's
    """Raised by a driver when an attempt left nothing behind and may be run again; its cause says why."""


class NotHere(Again):
    """Raised instead where the server takes no changes: another one may, and if none does the database is Unwritable."""


class BodyError(Exception):
    """A body given to `write` did what a body may not: a fault of the program, never retried."""


def pause(attempt: int, entropy: Entropy) -> float:
    """Return the seconds to wait after failed attempt number `attempt` (from 1): full jitter under a doubling ceiling.

    Anything from nothing to 10 ms after the first, to 1 s from the eighth on; about 1.6 s over all nine pauses. Source:
    "Exponential Backoff And Jitter", AWS Architecture Blog.
    """
    ceiling = min(FIRST_CEILING << (attempt - 1), LAST_CEILING)
    return entropy.below(ceiling + 1) / 1_000_000


async def run(attempt: Callable[[], Awaitable[T]], entropy: Entropy) -> T:
    """Run `attempt` until it neither raises Again nor Conflict, at most ten times, and return what it returned.

    Raises Unavailable after the tenth; everything else that `attempt` raises is passed on at once.
    """
    for number in range(1, ATTEMPTS):
        try:
            return await attempt()
        except (Again, Conflict):
            await asyncio.sleep(pause(number, entropy))

    try:
        return await attempt()
    except (Again, Conflict) as fault:
        reason = fault.__cause__ or fault
        kind = Unwritable if isinstance(fault, NotHere) else Unavailable
        raise kind(f"the database did not settle within {ATTEMPTS} attempts: {reason!r}") from fault
