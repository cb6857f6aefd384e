"""Do SQLite and PostgreSQL answer alike? The same SQL and the same bodies on both."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

import pytest

from poolkeeper.store import retry
from poolkeeper.store.db import Conflict, Database, Row, Transaction, Unavailable
from store.conftest import Engine

INSERT = "INSERT INTO toys (pool_id, toy_id, n) VALUES ($1, $2, $3)"
NUMBER = "SELECT n FROM toys WHERE pool_id = $1 AND toy_id = $2"
IDS = "SELECT toy_id FROM toys WHERE pool_id = $1 ORDER BY toy_id"


async def ids(reader: Database | Transaction) -> list[str]:
    return [row["toy_id"] for row in await reader.fetch(IDS, "p")]


async def one(database: Database, sql: str, *args: object) -> Row:
    row = await database.fetch_one(sql, *args)
    assert row is not None
    return row


def values(row: Row) -> list[Any]:
    return [row[position] for position in range(len(row))]


def test_placeholders_may_stand_out_of_order_and_twice(engine: Engine) -> None:
    """`$2, $1, $1` takes the second argument first, and the first one twice."""

    async def story(database: Database) -> None:
        await database.execute("INSERT INTO toys (toy_id, pool_id, label, n) VALUES ($2, $1, $1, $3)", "p", "t", 7)
        row = await one(database, "SELECT pool_id, toy_id, label, n FROM toys WHERE n = $2 AND pool_id = $1", "p", 7)
        assert values(row) == ["p", "t", "p", 7]

    engine.run(story)


def test_a_dollar_within_a_literal_is_no_placeholder(engine: Engine) -> None:
    """Text between quotes reaches the row as it stands, doubled quotes and type names included."""

    async def story(database: Database) -> None:
        await database.execute(
            "INSERT INTO toys (pool_id, toy_id, n, label) VALUES ($1, $2, 1, 'it''s $1 in bytea')", "p", "t"
        )
        row = await one(database, "SELECT label FROM toys WHERE pool_id = $1", "p")
        assert row["label"] == "it's $1 in bytea"

    engine.run(story)


def test_values_come_back_as_they_went(engine: Engine) -> None:
    """Bytes stay bytes, 64-bit numbers stay whole, True is 1 and None is None."""

    async def story(database: Database) -> None:
        await database.execute(
            "INSERT INTO toys (pool_id, toy_id, n, label, payload, broken) VALUES ($1, $2, $3, $4, $5, $6)",
            "p",
            "t",
            -(2**63),
            None,
            bytes(range(256)),
            True,  # noqa: FBT003 - a value for a column
        )
        row = await one(database, "SELECT n, label, payload, broken FROM toys WHERE pool_id = $1", "p")
        assert values(row) == [-(2**63), None, bytes(range(256)), 1]
        assert type(row["payload"]) is bytes

    engine.run(story)


def test_a_row_is_read_by_position_and_by_name(engine: Engine) -> None:
    """A column has a number from 0, and the name that the statement gives it."""

    async def story(database: Database) -> None:
        await database.execute(INSERT, "p", "t", 5)
        row = await one(database, "SELECT toy_id, n AS number FROM toys WHERE pool_id = $1", "p")
        assert (len(row), row[0], row[1], row["number"]) == (2, "t", 5, 5)
        assert await database.fetch_one(NUMBER, "p", "nobody") is None

    engine.run(story)


def test_a_parameter_that_may_be_null_is_cast(engine: Engine) -> None:
    """CAST to each of the types takes a value and None, bytes among them."""

    async def story(database: Database) -> None:
        sql = "SELECT CAST($1 AS bytea) AS a, CAST($2 AS text) AS b, CAST($3 AS bigint) AS c, CAST($4 AS smallint) AS d"
        assert values(await one(database, sql, b"\x00\xff", "x", 2**40, 1)) == [b"\x00\xff", "x", 2**40, 1]
        assert values(await one(database, sql, None, None, None, None)) == [None, None, None, None]
        rows = await database.fetch("SELECT n FROM toys WHERE CAST($1 AS text) IS NULL OR label = $1", None)
        assert list(rows) == []

    engine.run(story)


def test_text_keeps_every_character_and_sorts_by_its_bytes(engine: Engine) -> None:
    """Astral and combining characters come back; the order is that of UTF-8, whatever the language of the machine."""
    names = ["B", "a", "e\u0301", "\u00e9", "\uffee", "\U0001f600", "\U0010ffff"]

    async def story(database: Database) -> None:
        for name in reversed(names):
            await database.execute(INSERT, "p", name, 1)
        assert await ids(database) == sorted(names, key=str.encode)

    engine.run(story)


def test_a_value_of_the_wrong_kind_is_refused(engine: Engine) -> None:
    """A text for a number is an error on both engines and leaves nothing, and so are NUL and a missing key."""

    async def story(database: Database) -> None:
        for wrong in (("p", "t", "many"), ("p", "nul\x00", 1), ("p", None, 1)):
            with pytest.raises(Exception, match=r"(?s).+") as refused:
                await database.execute(INSERT, *wrong)
            assert not isinstance(refused.value, Unavailable)
        assert await ids(database) == []

    engine.run(story)


def test_a_change_says_how_many_rows_it_touched(engine: Engine) -> None:
    """INSERT, a conflict that does nothing, UPDATE, DELETE and a schema change."""

    async def story(database: Database) -> None:
        again = f"{INSERT} ON CONFLICT DO NOTHING"
        assert [await database.execute(again, "p", toy, 1) for toy in ("a", "b", "a")] == [1, 1, 0]
        assert await database.execute("UPDATE toys SET n = n + 1 WHERE pool_id = $1", "p") == 2
        assert await database.execute("DELETE FROM toys WHERE pool_id = $1 AND toy_id = $2", "p", "a") == 1
        assert await database.execute("CREATE INDEX IF NOT EXISTS toys_by_n ON toys (pool_id, n)") == 0

    engine.run(story)


def test_returning_gives_the_rows_that_were_changed(engine: Engine) -> None:
    """A conditional change returns its row to one caller, and nothing to the next."""

    async def story(database: Database) -> None:
        await database.execute(INSERT, "p", "t", 1)
        spend = "UPDATE toys SET n = 2 WHERE pool_id = $1 AND toy_id = $2 AND n = 1 RETURNING toy_id, n"

        async def body(tx: Transaction) -> Sequence[Row]:
            return await tx.fetch(spend, "p", "t")

        assert [values(row) for row in await database.write(body)] == [["t", 2]]
        assert list(await database.write(body)) == []

    engine.run(story)


def test_fetch_outside_of_a_transaction_only_reads(engine: Engine) -> None:
    """A change in a read is refused: a read may be run again when a connection is lost."""

    async def story(database: Database) -> None:
        with pytest.raises(Exception, match=r"readonly|reads"):
            await database.fetch(f"{INSERT} RETURNING n", "p", "t", 1)
        assert await ids(database) == []

    engine.run(story)


def test_a_body_sees_its_own_changes_and_returns_its_value(engine: Engine) -> None:
    """What was written a statement before is there, by fetch, fetch_one and the count of rows."""

    async def story(database: Database) -> None:
        async def body(tx: Transaction) -> tuple[list[str], int]:
            await tx.execute(INSERT, "p", "a", 1)
            rows = await tx.fetch(f"{INSERT} RETURNING toy_id", "p", "b", 2)
            assert rows[0]["toy_id"] == "b"
            row = await tx.fetch_one(NUMBER, "p", "b")
            assert row is not None
            return await ids(tx), row["n"]

        assert await database.write(body) == (["a", "b"], 2)
        assert await ids(database) == ["a", "b"]

    engine.run(story)


def test_a_body_that_raises_leaves_nothing(engine: Engine) -> None:
    """Its exception reaches its caller as it is; bodies beside it are not touched."""

    async def story(database: Database) -> None:
        fault = LookupError("of the body's own")

        async def fails(tx: Transaction) -> None:
            await tx.execute(INSERT, "p", "bad", 1)
            raise fault

        good = [database.execute(INSERT, "p", f"good{number}", 1) for number in range(3)]
        outcomes: list[Any] = [
            *await asyncio.gather(good[0], database.write(fails), good[1], good[2], return_exceptions=True)
        ]
        assert outcomes == [1, fault, 1, 1]
        assert await ids(database) == ["good0", "good1", "good2"]

    engine.run(story)


def test_a_body_that_swallows_a_failed_statement_cannot_commit(engine: Engine) -> None:
    """After an error PostgreSQL would answer COMMIT with a rollback: nobody is told that it stands."""

    async def story(database: Database) -> None:
        async def body(tx: Transaction) -> str:
            await tx.execute(INSERT, "p", "a", 1)
            with pytest.raises(Exception, match=r"(?i)unique"):
                await tx.execute(INSERT, "p", "a", 2)
            return "done"

        with pytest.raises(Exception, match=r"(?i)unique"):
            await database.write(body)
        assert await ids(database) == []

    engine.run(story)


def test_a_body_may_give_a_failed_statement_a_name_of_its_own(engine: Engine) -> None:
    """What it raises instead reaches the caller, and nothing stands."""

    async def story(database: Database) -> None:
        await database.execute(INSERT, "p", "a", 1)

        async def body(tx: Transaction) -> None:
            await tx.execute(INSERT, "p", "b", 1)
            try:
                await tx.execute(INSERT, "p", "a", 2)
            except Exception as fault:
                raise LookupError("taken") from fault

        with pytest.raises(LookupError, match="taken"):
            await database.write(body)
        assert await ids(database) == ["a"]

    engine.run(story)


def test_a_transaction_is_of_no_use_after_its_body(engine: Engine) -> None:
    """One that was carried out of its body can do nothing any more."""

    async def story(database: Database) -> None:
        async def body(tx: Transaction) -> Transaction:
            return tx

        kept = await database.write(body)
        with pytest.raises(retry.BodyError, match="after its body"):
            await kept.execute(INSERT, "p", "t", 1)

    engine.run(story)


@pytest.mark.parametrize("wait", ["sleep", "yield", "read", "write"])
def test_a_body_that_awaits_anything_else_is_refused(engine: Engine, wait: str) -> None:
    """A timer, another task's turn, and the database itself beside the transaction: each is named, nothing stands."""

    async def story(database: Database) -> None:
        waits: dict[str, Callable[[], Awaitable[Any]]] = {
            "sleep": lambda: asyncio.sleep(0.001),
            "yield": lambda: asyncio.sleep(0),
            "read": lambda: database.fetch(IDS, "p"),
            "write": lambda: database.execute(INSERT, "p", "inner", 1),
        }

        async def body(tx: Transaction) -> None:
            await tx.execute(INSERT, "p", "t", 1)
            await waits[wait]()

        with pytest.raises(retry.BodyError, match="no network call under the write lock"):
            await database.write(body)
        await database.execute(INSERT, "p", "after", 1)
        assert await ids(database) == ["after"]

    engine.run(story)


def test_a_conflict_runs_the_body_again(engine: Engine) -> None:
    """A body that finds the row changed is run anew, and what it did before is gone."""

    async def story(database: Database) -> None:
        runs = 0

        async def body(tx: Transaction) -> int:
            nonlocal runs
            runs += 1
            await tx.execute(INSERT, "p", f"run{runs}", 1)
            if runs < 4:
                raise Conflict
            return runs

        assert await database.write(body) == 4
        assert await ids(database) == ["run4"]

    engine.run(story)


def test_contention_without_end_is_given_up_after_ten_attempts(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    """The tenth conflict is answered with Unavailable."""
    monkeypatch.setattr(retry, "pause", lambda attempt, entropy: 0.0)

    async def story(database: Database) -> None:
        runs = 0

        async def body(tx: Transaction) -> None:
            nonlocal runs
            runs += 1
            raise Conflict

        with pytest.raises(Unavailable, match="10 attempts"):
            await database.write(body)
        assert runs == 10

    engine.run(story)


async def add_one(database: Database, attempts: list[int]) -> None:
    """Add 1 to the toy by compare-and-set, as every state change does."""
    attempts.append(0)
    mine = len(attempts) - 1

    async def body(tx: Transaction) -> None:
        attempts[mine] += 1
        row = await tx.fetch_one(NUMBER, "p", "counter")
        assert row is not None
        changed = await tx.execute(
            "UPDATE toys SET n = $4 WHERE pool_id = $1 AND toy_id = $2 AND n = $3", "p", "counter", row[0], row[0] + 1
        )
        if changed == 0:
            raise Conflict

    await database.write(body)


def test_64_writers_of_one_counter_lose_no_step(engine: Engine) -> None:
    """Every one of 64 at once adds its 1, none with more than ten attempts."""

    async def story(database: Database) -> None:
        await database.execute(INSERT, "p", "counter", 0)
        attempts: list[int] = []
        await asyncio.gather(*[add_one(database, attempts) for _ in range(64)])
        assert (await one(database, NUMBER, "p", "counter"))["n"] == 64
        assert max(attempts) <= 10

    engine.run(story)


def test_of_many_who_spend_a_code_one_succeeds(engine: Engine) -> None:
    """A conditional statement touches its row once, however many ask at the same time."""

    async def story(database: Database) -> None:
        await database.execute(INSERT, "p", "code", 0)
        spend = "UPDATE toys SET n = 1 WHERE pool_id = $1 AND toy_id = $2 AND n = 0"
        touched = await asyncio.gather(*[database.execute(spend, "p", "code") for _ in range(20)])
        assert sorted(touched) == [0] * 19 + [1]

    engine.run(story)


def test_callers_who_leave_hurt_nobody(engine: Engine) -> None:
    """Tasks that are cancelled in the middle of reads and writes leave a database that goes on."""

    async def story(database: Database) -> None:
        for number in range(30):
            tasks = [
                asyncio.create_task(database.execute(INSERT, "p", f"left{number}", 1)),
                asyncio.create_task(database.fetch_one(NUMBER, "p", "t")),
            ]
            await asyncio.sleep(0)
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

        assert await database.execute(INSERT, "q", "t", 1) == 1
        assert (await one(database, NUMBER, "q", "t"))["n"] == 1

    engine.run(story)


def test_close_finishes_what_is_under_way_and_refuses_the_rest(engine: Engine) -> None:
    """Every change that was asked for before stands; one that comes after is answered with Unavailable."""

    async def story(database: Database) -> None:
        tasks = [asyncio.create_task(database.execute(INSERT, "p", f"{number:02}", 1)) for number in range(50)]
        await asyncio.sleep(0)
        await database.close()
        assert await asyncio.gather(*tasks) == [1] * 50
        with pytest.raises(Unavailable, match="closed"):
            await database.execute(INSERT, "p", "late", 1)
        with pytest.raises(Unavailable, match="closed"):
            await database.fetch(IDS, "p")

    engine.run(story)

    async def later(database: Database) -> None:
        assert await ids(database) == [f"{number:02}" for number in range(50)]

    engine.run(later)
