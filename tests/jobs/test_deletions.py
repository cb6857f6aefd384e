"""Does all of a deleted pool or group go, and nothing of others? From where it was left, too."""

from collections.abc import Callable
from contextlib import suppress

import pytest

from api.world import TestClock
from jobs.conftest import Story
from jobs.counted import Counted, Died
from jobs.rows import count, fill, schema
from poolkeeper.call import House
from poolkeeper.clock import DAY, MINUTE
from poolkeeper.jobs import deletions, place
from poolkeeper.jobs.deletions import Position
from poolkeeper.jobs.worker import Worker
from poolkeeper.model.job import DELETE_GROUP, DELETE_POOL, shard_of
from poolkeeper.store import due, leftovers
from poolkeeper.store.db import Transaction
from poolkeeper.store.due import Job

Told = Callable[[Story], None]

GONE, OTHER = "us-east-1_gone", "us-east-1_other"
# Not a pool's tables: the pools themselves, what leads to them, and the list of jobs.
APART = {"pools", "directory", "due"}
WALKS = leftovers.of_a_pool()
TABLES = list(WALKS)


async def job_of(house: House, job_id: str, kind: str) -> Job:
    """Put a deletion on the list, as the API does, and return it."""

    async def body(tx: Transaction) -> None:
        await due.add(tx, job_id=job_id, kind=kind, pool_id=GONE, now=house.clock.now())

    await house.db.write(body)
    return Job(shard_of(job_id), job_id, kind, GONE, 0, None, 0)


async def two_pools(house: House, counted: Counted, *, rows: int) -> dict[str, int]:
    """Fill all tables with rows of a pool that was deleted and of another; return how many the other has in each."""
    tables = await schema(counted.below)
    for pool_id, state in ((GONE, "DELETED"), (OTHER, "ACTIVE")):
        for table, columns in tables.items():
            if table == "pools":
                await fill(house.db, table, columns, pool_id=pool_id, rows=1, state=state)
            elif table not in APART:
                await fill(house.db, table, columns, pool_id=pool_id, rows=rows)
        await fill(house.db, "directory", tables["directory"], pool_id=pool_id, rows=0)
        for number in range(rows):
            for kind, value in (
                ("client", f"{pool_id}-client_id-{number:06}"),
                ("host", f"{pool_id}-name-{number:06}"),
            ):
                sql = "INSERT INTO directory (kind, value, pool_id) VALUES ($1, $2, $3)"
                await house.db.execute(sql, kind, value, pool_id)
    return {table: await count(house.db, table, OTHER) for table in tables}


async def gone_through(house: House, job: Job) -> int | None:
    """Let a job go through all tables once, in as many slices as a machine needs for that; return when it comes again."""
    while (again_at := await deletions.delete_pool(house, job)) == house.clock.now():
        pass
    return again_at


async def left(house: House, counted: Counted, pool_id: str) -> dict[str, int]:
    """Return how many rows of a pool each table has, but for the list of jobs."""
    tables = await schema(counted.below)
    found = {table: await count(house.db, table, pool_id) for table in tables if table != "due"}
    return {table: number for table, number in found.items() if number}


def test_every_table_of_a_pool_is_gone_through(told: Told) -> None:
    """Whoever makes a table with a pool_id has to say how a deleted pool's rows of it go (store/tables.py)."""

    async def story(_: House, counted: Counted) -> None:
        tables = set(await schema(counted.below))
        assert set(TABLES) == tables - APART
        assert len(TABLES) == len(tables - APART) > 20

    told(story)


def test_nothing_of_a_pool_is_left_and_all_of_another(told: Told) -> None:
    """Rows in every table, clients and domains in the directory too: the pool's own row goes a minute after the others."""

    async def story(house: House, counted: Counted) -> None:
        others = await two_pools(house, counted, rows=3)
        job = await job_of(house, f"{DELETE_POOL}-{GONE}", DELETE_POOL)
        assert await gone_through(house, job) == house.clock.now() + MINUTE
        assert await left(house, counted, GONE) == {"pools": 1}
        assert await gone_through(house, job) is None
        assert await left(house, counted, GONE) == {}
        assert {table: await count(house.db, table, OTHER) for table in others} == others

    told(story)


def test_what_was_written_meanwhile_goes_too(told: Told) -> None:
    """A request that was under way leaves a row in a table that was done with already."""

    async def story(house: House, counted: Counted) -> None:
        await two_pools(house, counted, rows=1)
        job = await job_of(house, f"{DELETE_POOL}-{GONE}", DELETE_POOL)
        await gone_through(house, job)
        columns = (await schema(counted.below))["nonces"]
        await fill(house.db, "nonces", columns, pool_id=GONE, rows=1)
        assert await gone_through(house, job) == house.clock.now() + MINUTE
        assert await gone_through(house, job) is None
        assert await left(house, counted, GONE) == {}

    told(story)


@pytest.mark.parametrize("stands", [False, True], ids=["before a batch", "behind a batch"])
def test_whoever_goes_on_begins_where_it_was_left(told: Told, *, stands: bool) -> None:
    """Killed at every batch: nothing is left in the end, and no key that was done with is looked at again."""

    async def story(house: House, counted: Counted) -> None:
        tables = await schema(counted.below)
        await fill(house.db, "pools", tables["pools"], pool_id=GONE, rows=1, state="DELETED")
        for table, rows in (
            ("clients", 3),
            ("devices", 3),
            ("password_history", 3),
            ("user_attributes", 3),
            ("users", 250),
        ):
            await fill(house.db, table, tables[table], pool_id=GONE, rows=rows)
        job = await job_of(house, f"{DELETE_POOL}-{GONE}", DELETE_POOL)

        deaths, kept = 0, (TABLES[0], WALKS[TABLES[0]].start)
        while await count(house.db, "users", GONE):
            counted.forget()
            counted.dies_before, counted.dies_behind = (-1, 0) if stands else (1, -1)
            with suppress(Died):
                await deletions.delete_pool(house, job)
            asked = [
                (name, args[1:]) for sql, args in counted.statements for name, walk in WALKS.items() if walk.keys == sql
            ]
            here = await place.read(house, job, Position())
            assert asked[0] == kept
            assert asked == sorted(asked, key=lambda one: (TABLES.index(one[0]), one[1]))
            kept, deaths = (here.table, here.after), deaths + 1
        counted.forget()
        assert deaths >= 6
        assert await left(house, counted, GONE) == {"pools": 1}

    told(story)


def test_a_place_in_a_table_that_is_no_more_is_the_beginning(told: Told) -> None:
    """A server of another version went on with it: everything is gone through again."""

    async def story(house: House, counted: Counted) -> None:
        await two_pools(house, counted, rows=1)
        job = await job_of(house, f"{DELETE_POOL}-{GONE}", DELETE_POOL)
        before = Position("table_of_another_version", ("key",), found=True)
        await house.db.write(lambda tx: place.keep(house, tx, job, before))
        await gone_through(house, job)
        assert await left(house, counted, GONE) == {"pools": 1}

    told(story)


def test_a_group_of_many_is_emptied_and_no_other(told: Told) -> None:
    """More members than are looked up at once; their other groups stay."""

    async def story(house: House, counted: Counted) -> None:
        columns = (await schema(counted.below))["memberships"]
        await fill(house.db, "memberships", columns, pool_id=GONE, rows=1100, group_id="gone")
        await fill(house.db, "memberships", columns, pool_id=GONE, rows=5, group_id="other")
        job = await job_of(house, f"{DELETE_GROUP}-gone", DELETE_GROUP)
        for _ in range(100):
            if await deletions.delete_group(house, job) is None:
                break
        assert await count(house.db, "memberships", GONE) == 5

    told(story)


def test_a_deletion_is_never_given_up(told: Told, monkeypatch: pytest.MonkeyPatch) -> None:
    """A worker that fails at it for weeks goes on with it when it can: nobody would ever remove the rows again."""

    async def broken(*_: object, **__: object) -> None:
        raise RuntimeError("no keys today")

    async def story(house: House, counted: Counted) -> None:
        await two_pools(house, counted, rows=1)
        await job_of(house, f"{DELETE_POOL}-{GONE}", DELETE_POOL)
        worker, clock = Worker(house, {}, lambda *_: None), house.clock
        assert isinstance(clock, TestClock)
        with monkeypatch.context() as patched:
            patched.setattr(leftovers, "keys", broken)
            for _ in range(20):
                assert await worker.round(messages=False) == 1
                clock.advance(DAY)
        for _ in range(2):
            while await worker.round(messages=False):
                pass
            clock.advance(MINUTE)
        assert await left(house, counted, GONE) == {}
        assert await due.ready_jobs(house.db, now=clock.now(), limit=1) == []

    told(story)


def test_a_pool_that_has_the_id_now_loses_nothing(told: Told) -> None:
    """A worker died when the last row was gone and the job was still there; by then the id was chosen again."""

    async def story(house: House, counted: Counted) -> None:
        await two_pools(house, counted, rows=2)
        await house.db.execute("UPDATE pools SET state = 'ACTIVE' WHERE pool_id = $1", GONE)
        before = await left(house, counted, GONE)
        job = await job_of(house, f"{DELETE_POOL}-{GONE}", DELETE_POOL)
        assert await gone_through(house, job) is None
        assert await left(house, counted, GONE) == before

    told(story)


def test_the_job_goes_with_the_last_row(told: Told) -> None:
    """Else a pool of the same id, deleted in its turn, would be looked for from where the first one's job had ended."""

    async def story(house: House, counted: Counted) -> None:
        await two_pools(house, counted, rows=1)
        job = await job_of(house, f"{DELETE_POOL}-{GONE}", DELETE_POOL)
        while await deletions.delete_pool(house, job) is not None:
            pass
        assert await count(house.db, "due", GONE) == 0

    told(story)
