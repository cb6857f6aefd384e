"""Is a job of the due list one worker's? As it was when the list was read, and no longer when another has put it off."""

from collections.abc import Callable

from jobs.conftest import Story
from jobs.counted import Counted
from poolkeeper.call import House
from poolkeeper.model.job import shard_of
from poolkeeper.store import due
from poolkeeper.store.db import Database, Transaction

JOB, NOW = "message-1", 1_000_000


async def claimed(database: Database, *, lease: int, attempts: int, now: int) -> bool:
    """Claim the job by a list that says this of it."""

    async def body(tx: Transaction) -> bool:
        return await due.claim(
            tx,
            shard=shard_of(JOB),
            job_id=JOB,
            seen_lease=lease,
            seen_attempts=attempts,
            lease_until=now + 120_000,
            now=now,
        )

    return await database.write(body)


def test_what_another_worker_has_put_off_is_not_done_by_an_older_list(told: Callable[[Story], None]) -> None:
    """Its lease is given up by then, as it was when the list was read."""

    async def story(house: House, _: Counted) -> None:
        database = house.db

        async def add(tx: Transaction) -> None:
            await due.add(tx, job_id=JOB, kind="message", pool_id="", now=NOW)

        await database.write(add)
        assert await claimed(database, lease=0, attempts=0, now=NOW)
        assert not await claimed(database, lease=0, attempts=0, now=NOW)
        await due.postpone(database, shard=shard_of(JOB), job_id=JOB, due_at=NOW + 5_000, attempts=1)
        assert not await claimed(database, lease=0, attempts=0, now=NOW)
        assert not await claimed(database, lease=0, attempts=0, now=NOW + 6_000)
        assert not await claimed(database, lease=0, attempts=1, now=NOW + 4_000)
        assert await claimed(database, lease=0, attempts=1, now=NOW + 6_000)

    told(story)
