"""Is a job of the due list one worker's? As it was when the list was read, and no longer when another has put it off."""

from collections.abc import Callable

from jobs.conftest import Story
from jobs.counted import Counted
from poolkeeper.call import House
from poolkeeper.model.job import SHARDS, shard_of
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


async def put_off(database: Database, *, due_at: int, lease: int) -> bool:
    """Put the job off as a worker whose lease this is."""
    done = await due.postpone(database, shard=shard_of(JOB), job_id=JOB, due_at=due_at, attempts=1, lease_until=lease)
    return done == 1


def test_what_another_worker_has_put_off_is_not_done_by_an_older_list(told: Callable[[Story], None]) -> None:
    """Its lease is given up by then, as it was when the list was read."""

    async def story(house: House, _: Counted) -> None:
        database = house.db

        async def add(tx: Transaction) -> None:
            await due.add(tx, job_id=JOB, kind="message", pool_id="", now=NOW)

        await database.write(add)
        assert await claimed(database, lease=0, attempts=0, now=NOW)
        assert not await claimed(database, lease=0, attempts=0, now=NOW)
        assert await put_off(database, due_at=NOW + 5_000, lease=NOW + 120_000)
        assert not await claimed(database, lease=0, attempts=0, now=NOW)
        assert not await claimed(database, lease=0, attempts=0, now=NOW + 6_000)
        assert not await claimed(database, lease=0, attempts=1, now=NOW + 4_000)
        assert await claimed(database, lease=0, attempts=1, now=NOW + 6_000)

    told(story)


def test_a_worker_that_comes_back_too_late_gives_up_no_other_s_lease(told: Callable[[Story], None]) -> None:
    """A process that stood still for longer than its lease: what it puts off is being sent by another one, and was by a third."""

    async def story(house: House, _: Counted) -> None:
        database = house.db

        async def add(tx: Transaction) -> None:
            await due.add(tx, job_id=JOB, kind="message", pool_id="", now=NOW)

        await database.write(add)
        late, later = NOW + 120_000, NOW + 240_001
        assert await claimed(database, lease=0, attempts=0, now=NOW)
        assert await claimed(database, lease=late, attempts=0, now=later - 120_000)
        assert not await put_off(database, due_at=NOW + 5_000, lease=late)
        assert await due.ready_messages(database, now=later - 1, limit=1) == []
        assert await put_off(database, due_at=NOW + 5_000, lease=later)
        (job,) = await due.ready_messages(database, now=later, limit=1)
        assert (job.attempts, job.lease_until) == (1, 0)

    told(story)


def test_no_crowd_of_jobs_keeps_another_from_its_turn(told: Callable[[Story], None]) -> None:
    """Whoever starts a hundred imports, which come again at once, delays everybody's deletions and new keys, and no more than that."""

    async def story(house: House, _: Counted) -> None:
        async def add(tx: Transaction) -> None:
            for number in range(1_000):
                job_id = f"import-{number}"
                await due.add(tx, job_id=job_id, kind="import", pool_id="", now=NOW + (shard_of(job_id) != SHARDS - 1))

        await house.db.write(add)
        seen = await due.ready_jobs(house.db, now=NOW + 1, limit=50)
        assert {job.shard for job in seen} == {SHARDS - 1}

    told(story)
