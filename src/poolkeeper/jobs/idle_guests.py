"""How are guests removed whom nobody calls any more, and keys that nobody needs? By a round over all identity pools.

One statement looks at a hundred pools; a pool that has nothing costs no other. The round rests in proportion to its work, and
keeps the place that it has come to, as that of expired rows does (expiry.py).
"""

from functools import partial

import msgspec

from poolkeeper.call import House
from poolkeeper.clock import DAY, MINUTE
from poolkeeper.identities import issuer
from poolkeeper.jobs import place
from poolkeeper.jobs.pace import Pace
from poolkeeper.store import identity_cleaning
from poolkeeper.store.db import Transaction
from poolkeeper.store.due import Job

_ROUND = 60 * MINUTE


class Position(msgspec.Struct, frozen=True):
    """What the round has before it: the identity pools behind the id `after`."""

    after: str = ""


async def remove(house: House, job: Job) -> int | None:
    """Remove some of the guests without a call for `guest_days`; return when the round goes on, or the next one begins."""
    pace, here = Pace(one_writer=house.db.one_writer), await place.read(house, job, Position())
    now, days = house.clock.now(), house.settings.guest_days
    again_at = now
    while days and not pace.over:
        used_before = now - days * DAY
        page = await pace.step(
            partial(identity_cleaning.next_pools, house.db, after=here.after, used_before=used_before)
        )
        for identity_pool_id, has_idle in page:
            if has_idle and not await remove_from(house, identity_pool_id, pace, used_before=used_before):
                break
            here = Position(identity_pool_id)
        if not page:
            break
    if not days or not pace.over:
        here, again_at = Position(), now + _ROUND
        await issuer.retire(house)

    async def body(tx: Transaction) -> None:
        await place.keep(house, tx, job, here)

    await house.db.write(body)
    return again_at


async def remove_from(house: House, identity_pool_id: str, pace: Pace, *, used_before: int) -> bool:
    """Remove the idle guests of one identity pool in batches; False where the slice was over before they were gone."""
    used_since, more = 0, True

    async def body(tx: Transaction) -> list[int]:
        return list(
            await identity_cleaning.delete_idle_guests(
                tx, identity_pool_id, used_since=used_since, used_before=used_before
            )
        )

    while more and not pace.over:
        gone = await pace.step(lambda: house.db.write(body))
        more = len(gone) >= identity_cleaning.BATCH
        used_since = max(gone, default=0)
    return not more
