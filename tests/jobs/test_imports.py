"""Does an import go on where it was? Killed at every step, told to stop, deleted under it, done by two workers at once."""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import pytest

from api.world import TestClock
from jobs.conftest import Story
from jobs.counted import Counted, Died
from jobs.rows import count
from poolkeeper.accounts import imported
from poolkeeper.accounts.upload_urls import part_key
from poolkeeper.aws.generated.cognito_idp import (
    CreateUserImportJobRequest,
    CreateUserPoolRequest,
    StartUserImportJobRequest,
    StopUserImportJobRequest,
    UsernameConfigurationType,
)
from poolkeeper.call import House, own_call
from poolkeeper.errors import PreconditionNotMetException
from poolkeeper.jobs import imports as job_of_imports
from poolkeeper.jobs.worker import Worker
from poolkeeper.model import imports as model
from poolkeeper.model.job import IMPORT, shard_of
from poolkeeper.operations.cognito_idp import imports as operations
from poolkeeper.operations.cognito_idp.pools import create_user_pool
from poolkeeper.server import backups
from poolkeeper.store import imports, pools
from poolkeeper.store.db import Transaction
from poolkeeper.store.due import Job
from poolkeeper.store.import_parts import add
from poolkeeper.store.imports import ImportRow

Told = Callable[[Story], None]

HEADER = "cognito:username,email,email_verified,cognito:mfa_enabled\n"
ROLE = "arn:aws:iam::000000000000:role/import-logs"


@pytest.fixture(autouse=True)
def small_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    """Cut files into many parts, so that rows lie across them."""
    monkeypatch.setattr(job_of_imports, "PART", 1_000)


async def started(
    house: House, rows: int, *, more: str = "", whole: str = "", request: CreateUserPoolRequest | None = None
) -> Job:
    """Make a pool, and a job for a file of so many users, and more, that was started; every tenth row is in error.

    `whole` is another file.
    """
    call = own_call(house)
    pool = (await create_user_pool(call, request or CreateUserPoolRequest(pool_name="tests"))).user_pool
    assert pool is not None
    assert pool.id is not None
    asked = CreateUserImportJobRequest(user_pool_id=pool.id, job_name="tests", cloud_watch_logs_role_arn=ROLE)
    job = (await operations.create_user_import_job(call, asked)).user_import_job
    assert job is not None
    assert job.job_id is not None
    lines = [f"user{n},{'none' if n % 10 == 0 else f'user{n}@example.com'},false,false\n" for n in range(rows)]
    await keep(house, pool.id, job.job_id, (whole or HEADER + "".join(lines) + more).encode(), rows=rows)
    await operations.start_user_import_job(call, StartUserImportJobRequest(user_pool_id=pool.id, job_id=job.job_id))
    return Job(shard_of(job.job_id), job.job_id, IMPORT, pool.id, 0, None, 0)


async def keep(house: House, pool_id: str, job_id: str, content: bytes, *, rows: int) -> None:
    """Keep a file as the endpoint does."""
    place = {"pool_id": pool_id, "job_id": job_id, "upload": "a-file"}
    assert await imports.begin_upload(house.db, **place, now=house.clock.now())

    async def body(tx: Transaction) -> None:
        for number in range(0, len(content), 1_000):
            part = house.sealer.seal_column(
                content[number : number + 1_000], **part_key(**place, number=number // 1_000)
            )
            await add(tx, **place, number=number // 1_000, payload=part)

    await house.db.write(body)
    assert await imports.finish_upload(house.db, **place, row_count=rows)


async def row_of(house: House, job: Job) -> ImportRow:
    """Return a job's row."""
    found = await imports.find(house.db, pool_id=job.pool_id, job_id=job.job_id)
    assert found is not None
    return found


async def done(house: House, job: Job) -> ImportRow:
    """Go on with a job until it is done with, and return its row."""
    for _ in range(100):
        if await job_of_imports.run(house, job) is None:
            return await row_of(house, job)
    raise AssertionError("it does not end")


@pytest.mark.parametrize("stands", [False, True], ids=["before a batch", "behind a batch"])
def test_killed_at_every_step_it_repeats_nothing_and_forgets_nothing(told: Told, *, stands: bool) -> None:
    """Each user once, each row counted once, each fault kept once; the file is gone in the end."""

    async def story(house: House, counted: Counted) -> None:
        job, deaths = await started(house, 250), 0
        while (await row_of(house, job)).status not in model.ENDED:
            counted.forget()
            counted.dies_before, counted.dies_behind = (-1, 0) if stands else (1, -1)
            with suppress(Died):
                await job_of_imports.run(house, job)
            deaths += 1
        counted.forget()
        row = await done(house, job)
        assert deaths >= 3
        assert (row.status, row.imported, row.skipped, row.failed) == ("Succeeded", 225, 0, 25)
        assert await count(counted.below, "users", job.pool_id) == 225
        faults = await imports.faults(house.db, pool_id=job.pool_id, job_id=job.job_id, after=0, limit=100)
        assert [one.row_number for one in faults] == [2 + n for n in range(0, 250, 10)]
        assert await count(counted.below, "import_parts", job.pool_id) == 0

    told(story)


def test_it_stops_at_a_word(told: Told) -> None:
    """The batch that is under way does not stand, what was made stays, and it says how far it came."""

    async def story(house: House, counted: Counted) -> None:
        job = await started(house, 250)
        counted.forget()
        counted.dies_behind = 1
        with suppress(Died):
            await job_of_imports.run(house, job)
        counted.forget()
        before = await row_of(house, job)
        assert before.status == "InProgress"
        assert before.message == f"{before.next_row - 2} of 250 rows"
        place = StopUserImportJobRequest(user_pool_id=job.pool_id, job_id=job.job_id)
        told_so = (await operations.stop_user_import_job(own_call(house), place)).user_import_job
        assert told_so is not None
        assert told_so.status == "Stopping"
        row = await done(house, job)
        assert (row.status, row.imported) == ("Stopped", before.imported)
        assert row.message == "The Import Job was stopped by the developer."
        assert await count(counted.below, "users", job.pool_id) == before.imported > 0
        assert await count(counted.below, "import_parts", job.pool_id) == 0

    told(story)


def test_a_stop_in_the_middle_of_a_batch_undoes_that_batch(told: Told, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever works with what the job was before finds that it was told something else."""

    async def story(house: House, counted: Counted) -> None:
        job = await started(house, 250)
        take = job_of_imports._File.take

        async def take_late(self: job_of_imports._File, most: int) -> object:
            rows = await take(self, most)
            if most > 1:
                await house.db.write(lambda tx: imports.stop(tx, pool_id=job.pool_id, job_id=job.job_id))
            return rows

        with monkeypatch.context() as patched:
            patched.setattr(job_of_imports._File, "take", take_late)
            await job_of_imports.run(house, job)
        assert await count(counted.below, "users", job.pool_id) == 0
        assert (await done(house, job)).status == "Stopped"

    told(story)


def test_a_batch_costs_a_few_round_trips(told: Told) -> None:
    """Not some for each user: over a network that would be most of what an import takes."""

    async def story(house: House, counted: Counted) -> None:
        job = await started(house, 600)
        before = getattr(counted.below, "round_trips", 0)
        assert (await done(house, job)).imported == 540
        assert getattr(counted.below, "round_trips", 0) - before < 600 / 4  # in batches of 150, or more

    told(story)


def test_of_two_rows_with_one_name_the_first_has_it(told: Told) -> None:
    """In one batch as in two: a username that stands twice is skipped, an address that does is a fault; case does not matter."""
    header = "cognito:username,email,email_verified,cognito:mfa_enabled,preferred_username\n"
    rows = [
        "ada,ada@example.com,true,false,ada",
        "ADA,other@example.com,true,false,",
        "eve,Ada@example.com,true,false,",
        "bob,bob@example.com,true,false,eve",
        "eve,eve@example.com,true,false,",
        "kim,ada@example.com,false,false,",
    ]

    async def story(house: House, counted: Counted) -> None:
        request = CreateUserPoolRequest(
            pool_name="tests",
            alias_attributes=["email", "preferred_username"],
            username_configuration=UsernameConfigurationType(case_sensitive=False),
        )
        job = await started(house, 0, whole=header + "\n".join(rows), request=request)
        row = await done(house, job)
        assert (row.imported, row.skipped, row.failed) == (3, 2, 1)
        faults = await imports.faults(house.db, pool_id=job.pool_id, job_id=job.job_id, after=0, limit=100)
        assert [(one.row_number, one.column_name, one.reason) for one in faults] == [
            (4, "email", "another user has this name")
        ]
        sql = "SELECT u.username FROM users u WHERE u.pool_id = $1 ORDER BY u.username"
        assert [row[0] for row in await house.db.fetch(sql, job.pool_id)] == ["ada", "bob", "kim"]
        assert (
            await count(counted.below, "aliases", job.pool_id) == 3 * 2 + 2 + 1
        )  # sub and name; addresses; another name

    told(story)


def test_behind_each_long_row_others_get_a_turn(told: Told, monkeypatch: pytest.MonkeyPatch) -> None:
    """A batch may have hundreds, and each may take milliseconds to read: nobody waits for them all."""
    turns, seen, read = 0, list[int](), imported.read

    async def others() -> None:
        nonlocal turns
        while True:
            turns += 1
            await asyncio.sleep(0)

    def watched(*given: Any, **named: Any) -> Any:
        seen.append(turns)
        return read(*given, **named)

    monkeypatch.setattr(imported, "read", watched)

    async def story(house: House, _counted: Counted) -> None:
        job = await started(house, 0, more=('"",' * 1_500 + "\n") * 5)
        other = asyncio.create_task(others())
        assert (await done(house, job)).failed == 5
        other.cancel()
        assert len(set(seen)) == 5

    told(story)


def test_two_workers_at_once_make_nobody_twice(told: Told) -> None:
    """One that lost its lease goes on with what it has read: nothing of that stands."""

    async def story(house: House, counted: Counted) -> None:
        job = await started(house, 250)
        await asyncio.gather(*(job_of_imports.run(house, job) for _ in range(3)))
        row = await done(house, job)
        assert (row.status, row.imported, row.skipped, row.failed) == ("Succeeded", 225, 0, 25)
        assert await count(counted.below, "users", job.pool_id) == 225

    told(story)


def test_a_pool_that_is_deleted_ends_its_imports(told: Told) -> None:
    """Nobody is made in it any more."""

    async def story(house: House, counted: Counted) -> None:
        job = await started(house, 20)
        await house.db.execute("UPDATE pools SET state = 'DELETED' WHERE pool_id = $1", job.pool_id)
        assert await pools.version(house.db, job.pool_id) is None
        assert await job_of_imports.run(house, job) is None
        assert await count(counted.below, "users", job.pool_id) == 0

    told(story)


def test_a_job_that_always_meets_an_accident_ends(told: Told, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever waits for it is told, and not for days."""

    async def broken(*_: object, **__: object) -> None:
        raise RuntimeError("no parts today")

    async def story(house: House, _counted: Counted) -> None:
        job, clock = await started(house, 20), house.clock
        assert isinstance(clock, TestClock)
        worker = Worker(house, {}, lambda *_: None)
        with monkeypatch.context() as patched:
            patched.setattr("poolkeeper.store.import_parts.find", broken)
            for _ in range(8):
                await worker.round(messages=False)
                clock.advance(24 * 60 * 60 * 1000)
        row = await row_of(house, job)
        assert row.status == "Failed"
        assert row.message == "Something went wrong here. The log tells more of this job."

    told(story)


def test_a_restore_drops_files_and_ends_what_was_under_way(told: Told) -> None:
    """What an import made since the backup is not there; its job says so, and one that was not started wants a new file."""

    async def story(house: House, counted: Counted) -> None:
        job = await started(house, 250)
        counted.forget()
        counted.dies_behind = 1
        with suppress(Died):
            await job_of_imports.run(house, job)
        counted.forget()
        request = CreateUserImportJobRequest(user_pool_id=job.pool_id, job_name="x", cloud_watch_logs_role_arn=ROLE)
        waiting = (await operations.create_user_import_job(own_call(house), request)).user_import_job
        assert waiting is not None
        assert waiting.job_id is not None
        await keep(house, job.pool_id, waiting.job_id, HEADER.encode(), rows=0)

        await backups._end(house)
        row = await row_of(house, job)
        assert (row.status, row.message) == ("Stopped", "The import job was ended by a restore of the database.")
        assert await job_of_imports.run(house, job) is None
        assert await count(counted.below, "import_parts", job.pool_id) == 0
        start = StartUserImportJobRequest(user_pool_id=job.pool_id, job_id=waiting.job_id)
        with pytest.raises(PreconditionNotMetException, match="has no CSV file yet"):
            await operations.start_user_import_job(own_call(house), start)

    told(story)
