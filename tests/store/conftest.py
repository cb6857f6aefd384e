"""On which engines do the tests of the store run? SQLite in a fresh file, PostgreSQL on a server of the session's own."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import pytest

import postgres_server
from poolkeeper.entropy import Entropy
from poolkeeper.store.db import Database
from poolkeeper.store.postgres import PostgresDatabase
from poolkeeper.store.sqlite import SqliteDatabase

T = TypeVar("T")

TOYS = """
CREATE TABLE IF NOT EXISTS toys (
    pool_id text COLLATE "C" NOT NULL,
    toy_id  text COLLATE "C" NOT NULL,
    n       bigint NOT NULL,
    label   text,
    payload bytea,
    broken  smallint,
    PRIMARY KEY (pool_id, toy_id)
)
"""


class Hasty(Entropy):
    """Nothing but zeros: no pause between attempts is longer than none."""

    def bytes(self, count: int) -> bytes:
        return bytes(count)


@dataclass(frozen=True)
class Engine:
    """One engine with an empty database. `run` opens it, makes the table of toys, tells a story and closes it."""

    name: str
    open: Callable[[], Awaitable[Database]]

    def run(self, story: Callable[[Database], Awaitable[T]]) -> T:
        async def whole() -> T:
            database = await self.open()
            try:
                await database.execute(TOYS)
                return await story(database)
            finally:
                await database.close()

        return asyncio.run(whole())


@pytest.fixture
def sqlite_engine(tmp_path: Path) -> Engine:
    """Name a file that does not exist yet."""

    async def opened() -> Database:
        return SqliteDatabase(tmp_path / "store.sqlite3", entropy=Entropy())

    return Engine("sqlite", opened)


@pytest.fixture
def postgres_engine(postgres: postgres_server.PostgresServer) -> Engine:
    """Make an empty database."""
    url = postgres.create_database()
    return Engine("postgres", lambda: PostgresDatabase.open(url, entropy=Entropy()))


@pytest.fixture(params=["sqlite", "postgres"])
def engine(request: pytest.FixtureRequest) -> Engine:
    """Give each test that asks for it both engines in turn."""
    found: Engine = request.getfixturevalue(f"{request.param}_engine")
    return found
