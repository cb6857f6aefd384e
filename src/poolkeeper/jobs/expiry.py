"""How is what has expired removed? By a round over all pools, which stops only at those that have something to remove.

One statement looks at a hundred pools; a pool that has nothing costs no other. The round rests in proportion to its work, does
a slice of it at a time and keeps the place that it has come to, so that ten thousand pools are nobody's bad minute.
"""

from collections import deque
from functools import partial

import msgspec

from poolkeeper.call import House
from poolkeeper.clock import MINUTE
from poolkeeper.jobs import place
from poolkeeper.jobs.pace import Pace
from poolkeeper.store import cleaning
from poolkeeper.store.cleaning import Expired
from poolkeeper.store.db import Transaction
from poolkeeper.store.due import Job

_ROUND = 10 * MINUTE


class Position(msgspec.Struct, frozen=True):
    """What the round has before it: the pools behind the id `after`, and first what is left of one of them."""

    after: str = ""
    left: Expired = Expired("", ())


async def clean(house: House, job: Job) -> int | None:
    """Remove some of what has expired; return when the round goes on, or when the next one begins."""
    pace, here = Pace(one_writer=house.db.one_writer), await place.read(house, job, Position())
    page, again_at = deque[Expired](), house.clock.now()
    while not pace.over:
        remaining = await clean_pool(house, here.left, pace)
        if remaining.tables:
            here = Position(here.after, remaining)
            break
        if not page:
            page += await pace.step(partial(cleaning.expired, house.db, after=here.after, now=house.clock.now()))
        if not page:
            here, again_at = Position(), house.clock.now() + _ROUND
            break
        here = Position(page[0].pool_id, page.popleft())

    async def body(tx: Transaction) -> None:
        await place.keep(house, tx, job, here)

    await house.db.write(body)
    return again_at


async def clean_pool(house: House, expired: Expired, pace: Pace) -> Expired:
    """Remove what has expired of one pool, and return what is left when the slice is over."""

    async def body(tx: Transaction) -> Expired:
        return await cleaning.delete_expired(tx, expired, now=house.clock.now())

    while expired.tables and not pace.over:
        expired = await pace.step(lambda: house.db.write(body))
    return expired
