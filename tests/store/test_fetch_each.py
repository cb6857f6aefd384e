"""Do SQLite and PostgreSQL answer alike where one statement is run for many rows? One statement, in one exchange."""

import pytest

from poolkeeper.store.db import Database, Transaction
from store.conftest import Engine

INSERT = "INSERT INTO toys (pool_id, toy_id, n) VALUES ($1, $2, $3)"
NUMBER = "SELECT n FROM toys WHERE pool_id = $1 AND toy_id = $2"
IDS = "SELECT toy_id FROM toys WHERE pool_id = $1 ORDER BY toy_id"


def test_a_statement_for_each_row_returns_what_each_returned(engine: Engine) -> None:
    """In the order of the rows; nothing for one that touched nothing, and nothing at all for none. What fails undoes all."""

    async def story(database: Database) -> None:
        async def body(tx: Transaction) -> list[list[object]]:
            sql = f"{INSERT} ON CONFLICT (pool_id, toy_id) DO NOTHING RETURNING toy_id, n"
            made = await tx.fetch_each(sql, [("p", "b", 1), ("p", "a", 2), ("p", "b", 3)])
            found = await tx.fetch_each(NUMBER, [("p", "a"), ("p", "none"), ("p", "b")])
            assert list(await tx.fetch_each(sql, [])) == []
            assert list(await tx.fetch_each(INSERT, [("p", "c", 4)])) == []
            return [list(row) for row in (*made, *found)]

        assert await database.write(body) == [["b", 1], ["a", 2], [2], [1]]

        async def twice(tx: Transaction) -> None:
            await tx.fetch_each(INSERT, [("p", "d", 5), ("p", "d", 6)])

        with pytest.raises(Exception, match=r"(?i)unique"):
            await database.write(twice)
        assert [row[0] for row in await database.fetch(IDS, "p")] == ["a", "b", "c"]

    engine.run(story)
