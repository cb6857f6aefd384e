"""What does a round over many pools cost? As much as there is to remove, and hardly anything where there is nothing."""

import re
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any, TypeVar

import msgspec
import pytest

from jobs.conftest import Story
from jobs.counted import Counted
from jobs.rows import count, fill, schema
from poolkeeper.call import House
from poolkeeper.clock import DAY, HOUR, MINUTE
from poolkeeper.jobs import deletions, expiry, place
from poolkeeper.jobs.pace import Pace
from poolkeeper.model.job import CLEANING, shard_of
from poolkeeper.store import cleaning, due, leftovers
from poolkeeper.store.cleaning import BATCH, Expired
from poolkeeper.store.db import Transaction
from poolkeeper.store.due import Job
from poolkeeper.store.sqlite import SqliteDatabase

T = TypeVar("T")
Told = Callable[[Story], None]

POOL = "us-east-1_pool"
JOB = Job(shard_of(CLEANING), CLEANING, CLEANING, "", 0, None, 0)


async def on_the_list(house: House) -> None:
    """Put the job on the list, as the worker does."""

    async def body(tx: Transaction) -> None:
        await due.add(tx, job_id=CLEANING, kind=CLEANING, pool_id="", now=house.clock.now())

    await house.db.write(body)


async def a_round(house: House) -> int:
    """Clean until the round is over, and return how many slices that were."""
    for slices in range(1, 200):
        if await expiry.clean(house, JOB) != house.clock.now():
            return slices
    raise AssertionError("the round has no end")


class OneStep(Pace):
    """A slice that is over when one piece of work is done."""

    done = False

    @property
    def over(self) -> bool:
        return self.done

    async def step(self, work: Callable[[], Awaitable[T]], meanwhile: object = None) -> T:
        assert meanwhile is None
        self.done = True
        return await work()


def test_pools_with_nothing_to_remove_cost_a_statement_a_hundred(told: Told) -> None:
    """Of 250 pools three have something: three transactions, and one that keeps the place."""

    async def story(house: House, counted: Counted) -> None:
        tables, now = await schema(counted.below), house.clock.now()
        for number in range(250):
            pool_id = f"{POOL}-{number:03}"
            await fill(house.db, "pools", tables["pools"], pool_id=pool_id, rows=1)
            await fill(house.db, "nonces", tables["nonces"], pool_id=pool_id, rows=1, expires_at=now + HOUR)
        for number in (0, 99, 249):
            pool_id = f"{POOL}-{number:03}"
            await fill(house.db, "codes", tables["codes"], pool_id=pool_id, rows=2, expires_at=now - HOUR)
        await on_the_list(house)

        counted.forget()
        await a_round(house)
        assert counted.writes == 3 + 1
        assert len(counted.statements) == 3 + 1 + 1  # pages of pools, the empty one behind them, and the place
        assert [await count(house.db, "codes", f"{POOL}-{number:03}") for number in (0, 99, 249)] == [0, 0, 0]

        counted.forget()
        await a_round(house)
        assert (counted.writes, len(counted.statements)) == (1, 5)

    told(story)


def test_what_has_expired_goes_from_every_table_and_nothing_else(told: Told) -> None:
    """More rows than a batch, all of one moment: each table keeps what it keeps for a while."""

    async def story(house: House, counted: Counted) -> None:
        tables, now = await schema(counted.below), house.clock.now()
        await fill(house.db, "pools", tables["pools"], pool_id=POOL, rows=1)
        kept = {table: one.kept for table, one in cleaning.expiring() if one.looked_back is None}
        assert set(kept) == {table for table, columns in tables.items() if "expires_at" in columns}
        for table, kept_for in kept.items():
            for expires_at, rows in ((now - kept_for - 1, 2 * BATCH + 20), (now - kept_for, 2), (now, 1)):
                key = next(name for name in tables[table] if name != "pool_id")
                known: dict[str, Any] = {
                    "key": key,
                    "prefix": f"{expires_at}",
                    "expires_at": expires_at,
                    "spent_at": now,
                }
                await fill_more(house, table, tables[table], rows, pool_id=POOL, **known)
        await on_the_list(house)
        await a_round(house)
        assert {table: await count(house.db, table, POOL) for table in kept} == dict.fromkeys(kept, 3)

    told(story)


async def fill_more(
    house: House,
    table: str,
    columns: dict[str, str],
    rows: int,
    *,
    pool_id: str,
    key: str,
    prefix: str,
    **known: object,
) -> None:
    """Put rows into a table whose keys begin with a prefix."""
    for number in range(rows):
        await fill(house.db, table, columns, pool_id=pool_id, rows=1, **{**known, key: f"{prefix}-{number}"})


def test_a_pool_is_named_with_what_of_it_has_expired(told: Told) -> None:
    """Each table by itself, from the moment on at which its rows go; a batch begins where the one before it came to."""

    async def story(house: House, counted: Counted) -> None:
        tables, now = await schema(counted.below), house.clock.now()
        await fill(house.db, "pools", tables["pools"], pool_id=POOL, rows=1)

        async def named(table: str, expires_at: int, spent_at: int | None) -> tuple[int, ...]:
            await house.db.execute(f"DELETE FROM {table}")
            known: dict[str, Any] = {"expires_at": expires_at, "spent_at": spent_at}
            await fill(house.db, table, tables[table], pool_id=POOL, rows=1, **known)
            (found,) = await cleaning.expired(house.db, after="", now=now)
            await house.db.execute(f"DELETE FROM {table}")
            return found.tables

        for number, (table, one) in enumerate(cleaning.expiring()):
            spent_at, last = (now if one.looked_back is None else None), now - one.kept
            assert await named(table, last - 1, spent_at) == (number,), number
            assert await named(table, last, spent_at) == (), number
            if one.looked_back is not None:
                assert await named(table, last - 1, now) == (), number
                assert await named(table, one.since(now), None) == (number,), number
                assert await named(table, one.since(now) - 1, None) == (), number

            for expires_at in (last - 3, last - 2, last - 1):
                key = next(name for name in tables[table] if name != "pool_id")
                about: dict[str, Any] = {"expires_at": expires_at, "spent_at": spent_at, key: str(expires_at)}
                await fill(house.db, table, tables[table], pool_id=POOL, rows=1, **about)
            since = Expired(POOL, (number,), last - 2)
            await house.db.write(partial(cleaning.delete_expired, expired=since, now=now))
            left = await house.db.fetch(f"SELECT expires_at FROM {table}")
            assert [row[0] for row in left] == [last - 3], number
            await house.db.execute(f"DELETE FROM {table}")

    told(story)


def test_a_code_that_nobody_came_with_goes_at_once_and_a_spent_one_stays_a_day(told: Told) -> None:
    """One that was missed while no worker ran goes with the spent ones."""

    async def story(house: House, counted: Counted) -> None:
        columns, now = (await schema(counted.below))["authorization_codes"], house.clock.now()
        await fill(house.db, "pools", (await schema(counted.below))["pools"], pool_id=POOL, rows=1)
        for code, expires_at, spent_at in (
            ("nobody came", now - 2 * MINUTE, None),
            ("spent", now - 2 * MINUTE, now),
            ("alive", now + MINUTE, None),
            ("missed", now - HOUR, None),
            ("missed long ago", now - DAY - 1, None),
        ):
            known: dict[str, Any] = {"code": code, "expires_at": expires_at, "spent_at": spent_at}
            await fill(house.db, "authorization_codes", columns, pool_id=POOL, rows=1, **known)
        await on_the_list(house)
        await a_round(house)
        rows = await house.db.fetch("SELECT code FROM authorization_codes WHERE pool_id = $1 ORDER BY code", POOL)
        assert [row[0] for row in rows] == ["alive", "missed", "spent"]

    told(story)


def test_a_round_goes_on_where_its_slice_ended(told: Told, monkeypatch: pytest.MonkeyPatch) -> None:
    """Slices of one batch: what is left of a pool comes first, from the time that was come to."""
    monkeypatch.setattr(expiry, "Pace", OneStep)
    second = f"{POOL}-2"

    async def story(house: House, counted: Counted) -> None:
        tables, now = await schema(counted.below), house.clock.now()
        for pool_id in (POOL, second):
            await fill(house.db, "pools", tables["pools"], pool_id=pool_id, rows=1)
            for hours, rows in ((9, BATCH), (8, BATCH), (7, 1)):
                known: dict[str, Any] = {"key": "nonce", "prefix": f"{hours}", "expires_at": now - hours * HOUR}
                await fill_more(house, "nonces", tables["nonces"], rows, pool_id=pool_id, **known)
        await on_the_list(house)

        nonces, went_on = (
            next(n for n, (table, _) in enumerate(cleaning.expiring()) if table == "nonces"),
            list[Expired](),
        )
        for _ in range(7):
            await expiry.clean(house, JOB)
            went_on.append((await place.read(house, JOB, expiry.Position())).left)
        times = (0, now - 9 * HOUR, now - 8 * HOUR)
        left = [Expired(pool_id, (nonces,), since) for pool_id in (POOL, second) for since in times]
        assert went_on == [*left, Expired("", ())]
        assert [await count(house.db, "nonces", pool_id) for pool_id in (POOL, second)] == [0, 0]

    told(story)


@pytest.mark.parametrize(
    "left",
    [deletions.Position("nonces", ("key",), found=True), expiry.Position(POOL, Expired(POOL, (99,), 7))],
    ids=["of another form", "of a table that is no more"],
)
def test_a_place_that_another_version_wrote_ends_no_round(told: Told, left: msgspec.Struct) -> None:
    """The round goes on from there, or begins anew."""

    async def story(house: House, _: Counted) -> None:
        await on_the_list(house)
        await house.db.write(lambda tx: place.keep(house, tx, JOB, left))
        assert await a_round(house) < 5
        assert (await place.read(house, JOB, expiry.Position())) == expiry.Position()

    told(story)


def test_what_has_expired_is_found_by_an_index(told: Told) -> None:
    """So are the keys of a deleted pool's rows: no table is read from end to end, in SQLite as it plans unasked."""

    async def story(house: House, counted: Counted) -> None:
        if not isinstance(counted.below, SqliteDatabase):
            return  # PostgreSQL plans by what it knows of a table, and these are empty
        of = (leftovers.of_a_pool, leftovers.of_a_group, leftovers.of_an_identity_pool)
        walked = [walk for walks in of for walk in walks().values()]
        for sql in [
            *(w.keys for w in walked),
            *(w.delete for w in walked),
            *(one.delete for _, one in cleaning.expiring()),
        ]:
            unbound = ("",) * len(set(re.findall(r"\$\d+", sql)))
            plan = [row["detail"] for row in await house.db.fetch(f"EXPLAIN QUERY PLAN {sql}", *unbound)]
            assert [line for line in plan if not line.startswith(("SEARCH ", "LIST SUBQUERY"))] == [], sql

    told(story)
