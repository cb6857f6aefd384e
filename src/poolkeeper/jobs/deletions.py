"""How are the rows of what was deleted removed? Table after table, in batches, after the answer that it is gone.

A job does a slice of its work and comes again. Its place (the table, and the key up to which that is empty) is kept in the
transaction of every batch, so whoever goes on after a crash begins where it ended. Requests that were under way may
have written rows behind that place: so the job goes through the tables again and again, a minute apart, until it finds
nothing.
"""

from collections.abc import Awaitable, Callable, Mapping
from functools import partial

import msgspec

from poolkeeper.call import House
from poolkeeper.clock import MINUTE
from poolkeeper.jobs import place
from poolkeeper.jobs.pace import Pace
from poolkeeper.model.identity_ids import mark_of
from poolkeeper.model.job import DELETE_GROUP
from poolkeeper.store import due, identity_pools, leftovers, pools
from poolkeeper.store.db import Transaction
from poolkeeper.store.due import Job
from poolkeeper.store.table import Key, Walk

Hold = Callable[[Transaction], Awaitable[None]]


class Position(msgspec.Struct, frozen=True):
    """What is left: of `table` the rows behind the key `after`, and the tables that follow; all of them where it is empty.

    `found` says whether anything was removed since the first table.
    """

    table: str = ""
    after: Key = ()
    found: bool = False


class _PoolLivesError(Exception):
    """The pool with the job's id is not deleted: the rows of the deleted one are gone, and a new pool has its id."""


async def delete_pool(house: House, job: Job) -> int | None:
    """Remove some of a deleted pool's rows; the pool's own row goes last, and the job with it.

    Every batch holds that row: a pool that was made anew with a chosen id loses nothing to a job that comes again.
    """

    async def require_deleted(tx: Transaction) -> None:
        if not await pools.hold_deleted(tx, job.pool_id):
            raise _PoolLivesError

    async def forget(tx: Transaction) -> None:
        await pools.forget(tx, job.pool_id)
        await due.finish(tx, shard=job.shard, job_id=job.job_id)

    try:
        again_at = await _remove(house, job, leftovers.of_a_pool(), owner=(job.pool_id,), holding=require_deleted)
    except _PoolLivesError:
        return None
    if again_at is None:
        await house.db.write(forget)
    return again_at


async def delete_group(house: House, job: Job) -> int | None:
    """Remove some of a deleted group's memberships, which nobody sees any more."""
    group_id = job.job_id.removeprefix(f"{DELETE_GROUP}-")
    return await _remove(house, job, leftovers.of_a_group(), owner=(job.pool_id, group_id))


async def delete_identity_pool(house: House, job: Job) -> int | None:
    """Remove some of a deleted identity pool's rows; the pool's own row goes last."""
    again_at = await _remove(house, job, leftovers.of_an_identity_pool(), owner=(job.pool_id,))
    if again_at is None:

        async def body(tx: Transaction) -> None:
            await identity_pools.forget(tx, job.pool_id, mark=mark_of(job.pool_id))

        await house.db.write(body)
    return again_at


async def _nothing(_tx: Transaction) -> None:
    """Hold nothing: the id of what was deleted is never another's."""


async def _remove(
    house: House, job: Job, walks: Mapping[str, Walk], *, owner: Key, holding: Hold = _nothing
) -> int | None:
    """Go on where the job was; return when it goes on from there, None when all tables are empty.

    `holding` is awaited first in each transaction that removes something, and may end the job by an exception.
    """
    pace, here = Pace(one_writer=house.db.one_writer), await place.read(house, job, Position())
    names = list(walks)

    for name in names[names.index(here.table) if here.table in names else 0 :]:
        walk = walks[name]
        if here.table != name:
            here = Position(name, walk.start, here.found)
        while (
            not pace.over and (here := await _further(house, job, walk, here, pace, owner=owner, holding=holding)).after
        ):
            pass
        if here.after:
            await _keep(house, job, here)
            return house.clock.now()

    if not here.found:
        return None
    await _keep(house, job, Position())
    return house.clock.now() + MINUTE


async def _further(
    house: House, job: Job, walk: Walk, here: Position, pace: Pace, *, owner: Key, holding: Hold
) -> Position:
    """Remove the next 500 rows of a table at most, or fewer when the slice is over; at its end the place has no key."""
    keys = await leftovers.keys(house.db, walk, owner=owner, after=here.after)
    if not keys:
        return Position(here.table, (), here.found)
    gone = 0
    while gone < len(keys) and not pace.over:
        gone = min(gone + pace.rows, len(keys))
        there = Position(here.table, tuple(keys[gone - 1]), found=True)
        await pace.step(
            partial(_delete, house, job, walk, here, there, owner=owner, holding=holding),
            meanwhile=house.db.settle,
        )
        here = there
    return here


async def _delete(
    house: House, job: Job, walk: Walk, here: Position, there: Position, *, owner: Key, holding: Hold
) -> None:
    async def body(tx: Transaction) -> None:
        await holding(tx)
        await leftovers.delete(tx, walk, owner=owner, after=here.after, last=there.after)
        await place.keep(house, tx, job, there)

    await house.db.write(body, repeatable=True)


async def _keep(house: House, job: Job, here: Position) -> None:
    async def body(tx: Transaction) -> None:
        await place.keep(house, tx, job, here)

    await house.db.write(body)
