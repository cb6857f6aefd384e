"""Does every database get its tables? Once, whoever starts at the same time and whoever dies in the middle."""

import asyncio
import sqlite3
import subprocess
import sys
from collections.abc import Awaitable
from pathlib import Path

import pytest

from poolkeeper.clock import SystemClock
from poolkeeper.entropy import Entropy
from poolkeeper.settings import Settings
from poolkeeper.store import dialect
from poolkeeper.store.db import Database
from poolkeeper.store.migrate import LATEST, SchemaError, migrate, migrations, require_latest, version
from poolkeeper.store.open import open_database
from poolkeeper.store.postgres import PostgresDatabase
from poolkeeper.store.sqlite import SqliteDatabase
from postgres_server import PostgresServer
from store.conftest import TOYS, Engine

FIRST = """
-- Two tables; an index; this comment; with a semicolon.
CREATE TABLE IF NOT EXISTS hats (
    pool_id text COLLATE "C" NOT NULL, -- whose; indeed
    hat_id  text COLLATE "C" NOT NULL,
    PRIMARY KEY (pool_id, hat_id)
);

CREATE TABLE IF NOT EXISTS caps (pool_id text COLLATE "C" NOT NULL, n bigint NOT NULL, PRIMARY KEY (pool_id));

CREATE INDEX IF NOT EXISTS hats_again ON hats (pool_id, hat_id);
"""
SECOND = """
ALTER TABLE hats ADD COLUMN IF NOT EXISTS label text;
INSERT INTO caps (pool_id, n) VALUES ('a;b', 1) ON CONFLICT DO NOTHING
"""

# Migrates, and dies without a word before statement number N that changes something.
DYING = """
import asyncio, os, sys, types
from pathlib import Path
from poolkeeper.clock import SystemClock
from poolkeeper.entropy import Entropy
from poolkeeper.store.migrate import migrate
from poolkeeper.store.postgres import PostgresDatabase
from poolkeeper.store.sqlite import SqliteDatabase

where, folder, left = sys.argv[1], Path(sys.argv[2]), int(sys.argv[3])

async def main():
    global left
    pg = where.startswith("postgresql:")
    database = await PostgresDatabase.open(where, entropy=Entropy()) if pg else SqliteDatabase(Path(where), entropy=Entropy())
    def dying(execute):
        async def executed(sql, *args):
            global left
            left -= 1
            if left == 0:
                os._exit(9)
            return await execute(sql, *args)
        return executed
    if pg:
        database.execute = dying(database.execute)
    else:
        write = database.write
        database.write = lambda body: write(lambda tx: body(types.SimpleNamespace(execute=dying(tx.execute))))
    print(await migrate(database, SystemClock(), folder))
    await database.close()

asyncio.run(main())
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Write two migrations, and a file that is none."""
    made = tmp_path / "migrations"
    made.mkdir()
    (made / "0001_first.sql").write_text(FIRST)
    (made / "0002_second.sql").write_text(SECOND)
    (made / "notes.txt").write_text("none")
    return made


async def hats(database: Database) -> None:
    """Use everything that the two migrations make."""
    await database.execute("INSERT INTO hats (pool_id, hat_id, label) VALUES ($1, $2, $3)", "p", "h", "red")
    row = await database.fetch_one("SELECT pool_id, n FROM caps")
    assert row is not None
    assert (row[0], row[1]) == ("a;b", 1)


def test_an_empty_database_is_brought_to_the_newest_version(engine: Engine, folder: Path) -> None:
    """Both versions are finished in order; a second run finds nothing to do."""

    async def story(database: Database) -> None:
        assert await version(database) == 0
        assert await migrate(database, SystemClock(), folder) == [1, 2]
        assert await version(database) == 2
        assert await migrate(database, SystemClock(), folder) == []
        await hats(database)

    engine.run(story)


def test_each_step_is_recorded(engine: Engine, folder: Path) -> None:
    """A row for each statement with the time of the clock, and step 0 when the version is whole."""

    class Fixed:
        def now(self) -> int:
            return 1_700_000_000_000

    async def story(database: Database) -> None:
        await migrate(database, Fixed(), folder)
        rows = await database.fetch("SELECT version, step, applied_at FROM schema_migrations ORDER BY version, step")
        steps = [(1, 0), (1, 1), (1, 2), (1, 3), (2, 0), (2, 1), (2, 2)]
        assert [(row[0], row[1], row[2]) for row in rows] == [(*step, 1_700_000_000_000) for step in steps]

    engine.run(story)


def test_a_migration_that_comes_later_is_all_that_is_run(engine: Engine, folder: Path) -> None:
    """A database of version 1 is only taken to version 2."""

    async def story(database: Database) -> None:
        later = folder / "0002_second.sql"
        later.unlink()
        assert await migrate(database, SystemClock(), folder) == [1]
        later.write_text(SECOND)
        assert await migrate(database, SystemClock(), folder) == [2]
        await hats(database)

    engine.run(story)


def test_a_database_of_the_future_is_refused(engine: Engine, folder: Path) -> None:
    """Nothing is changed in it, also when the newer Poolkeeper was interrupted after its first step."""

    async def story(database: Database) -> None:
        await migrate(database, SystemClock(), folder)
        await database.execute("INSERT INTO schema_migrations (version, step, applied_at) VALUES (3, 1, 0)")
        (folder / "0001_first.sql").write_text(
            "CREATE TABLE IF NOT EXISTS unwanted (pool_id text, PRIMARY KEY (pool_id))"
        )
        with pytest.raises(SchemaError, match="newer Poolkeeper"):
            await migrate(database, SystemClock(), folder)
        with pytest.raises(Exception, match="unwanted"):
            await database.fetch("SELECT pool_id FROM unwanted")

    engine.run(story)


def test_a_statement_that_fails_is_not_recorded(engine: Engine, folder: Path) -> None:
    """A real fault is passed on, and the next run begins with the statement that failed."""

    async def story(database: Database) -> None:
        (folder / "0002_second.sql").write_text("ALTER TABLE nobody ADD COLUMN IF NOT EXISTS x text;")
        with pytest.raises(Exception, match="nobody"):
            await migrate(database, SystemClock(), folder)
        assert await version(database) == 1
        (folder / "0002_second.sql").write_text(SECOND)
        assert await migrate(database, SystemClock(), folder) == [2]

    engine.run(story)


def test_a_file_commits_each_version_as_a_whole(tmp_path: Path) -> None:
    """A commit of SQLite waits for the disk, and a new file has more than a hundred statements."""

    async def story() -> None:
        database = SqliteDatabase(tmp_path / "new.sqlite3", entropy=Entropy())
        await migrate(database, SystemClock())
        assert database.commits == 1 + 2 * LATEST + 1, "the record; each version and its mark; the users of keys"
        await database.close()

    asyncio.run(story())


def test_a_statement_that_was_done_without_a_record_is_no_fault(engine: Engine, folder: Path) -> None:
    """Of a process that died between the two: the version is finished statement by statement."""

    async def story(database: Database) -> None:
        (folder / "0002_second.sql").unlink()
        await migrate(database, SystemClock(), folder)
        (folder / "0002_second.sql").write_text(SECOND)
        await database.execute("ALTER TABLE hats ADD COLUMN label text")
        assert await migrate(database, SystemClock(), folder) == [2]
        await hats(database)

    engine.run(story)


def test_eight_at_once_are_as_good_as_one(engine: Engine, folder: Path) -> None:
    """Tasks that migrate one database at the same time all succeed, and each version is finished by one of them."""

    async def story(database: Database) -> None:
        finished = await asyncio.gather(*[migrate(database, SystemClock(), folder) for _ in range(8)])
        assert sorted(number for own in finished for number in own) == [1, 2]
        await hats(database)

    engine.run(story)


def test_four_processes_at_once_are_as_good_as_one(postgres: PostgresServer, folder: Path) -> None:
    """Processes that start on an empty PostgreSQL together all succeed."""
    url = postgres.create_database()
    started = [dying(url, folder, 0) for _ in range(4)]
    outputs = [process.communicate(timeout=60)[0] for process in started]
    assert [process.returncode for process in started] == [0] * 4, outputs
    check_hats(PostgresDatabase.open(url, entropy=Entropy()))


@pytest.mark.parametrize("moment", [2, 3, 4, 7, 9, 11])
def test_a_process_that_dies_in_the_middle_is_finished_by_the_next(
    postgres: PostgresServer, tmp_path: Path, folder: Path, moment: int
) -> None:
    """Killed before a table, between a table and its record, or between two versions: the next run mends it (attacks.md F18)."""
    for where in (postgres.create_database(), str(tmp_path / "a.sqlite3")):
        process = dying(where, folder, moment)
        process.communicate(timeout=60)
        assert process.returncode == 9
        process = dying(where, folder, 0)
        assert process.communicate(timeout=60)[0].strip() in {"[1, 2]", "[2]"}
        check_hats(opened(where))


def test_poolkeeper_s_own_tables_are_made_on_both_engines(engine: Engine) -> None:
    """Every statement of store/migrations is accepted, and LATEST is the number of the last file."""

    async def story(database: Database) -> None:
        with pytest.raises(SchemaError, match="poolkeeper migrate"):
            await require_latest(database)
        assert await migrate(database, SystemClock()) == list(migrations())
        await require_latest(database)
        assert await version(database) == LATEST == max(migrations())

    engine.run(story)


def test_the_settings_choose_the_engine(postgres: PostgresServer, tmp_path: Path) -> None:
    """No address means the file in the data folder; an address means PostgreSQL."""

    async def story() -> None:
        own = await open_database(Settings(data=tmp_path), Entropy())
        assert isinstance(own, SqliteDatabase)
        await own.close()
        assert (tmp_path / "poolkeeper.sqlite3").is_file()
        other = await open_database(Settings(database=postgres.url), Entropy())
        assert isinstance(other, PostgresDatabase)
        await other.close()

    asyncio.run(story())


def test_the_text_for_sqlite_differs_where_it_must() -> None:
    """The closed list, and nothing within literals, quoted names and comments."""
    assert dialect.for_sqlite(TOYS).split() == [
        "CREATE",
        "TABLE",
        "IF",
        "NOT",
        "EXISTS",
        "toys",
        "(",
        "pool_id",
        "text",
        "COLLATE",
        "BINARY",
        "NOT",
        "NULL,",
        "toy_id",
        "text",
        "COLLATE",
        "BINARY",
        "NOT",
        "NULL,",
        "n",
        "integer",
        "NOT",
        "NULL,",
        "label",
        "text,",
        "payload",
        "blob,",
        "broken",
        "integer,",
        "PRIMARY",
        "KEY",
        "(pool_id,",
        "toy_id)",
        ")",
        "STRICT",
    ]
    same = """SELECT 'bytea $1 COLLATE "C"' AS "bigint" -- $1"""
    assert dialect.for_sqlite(same) == same
    assert dialect.for_sqlite("SELECT CAST($12 AS bytea), $2") == "SELECT CAST(?12 AS blob), ?2"
    assert (
        dialect.for_sqlite("SELECT 1 FOR UPDATE OF u, s")
        == dialect.for_sqlite("SELECT 1 FOR SHARE OF u")
        == "SELECT 1 "
    )
    assert (
        dialect.for_sqlite("CREATE INDEX CONCURRENTLY IF NOT EXISTS a ON b (c)")
        == "CREATE INDEX IF NOT EXISTS a ON b (c)"
    )


def test_tables_of_narrow_rows_are_one_tree_on_sqlite(tmp_path: Path) -> None:
    """What is found by its key alone has no second tree, whose pages a change would dirty too."""
    file = tmp_path / "a.sqlite3"

    async def story() -> None:
        database = SqliteDatabase(file, entropy=Entropy())
        await migrate(database, SystemClock())
        await database.close()

    asyncio.run(story())
    with sqlite3.connect(file) as connection:
        in_one_tree = connection.execute("SELECT name FROM pragma_table_list WHERE wr = 1 ORDER BY name").fetchall()
    assert [name for (name,) in in_one_tree] == ["aliases", "memberships", "nonces", "user_attributes"]


def dying(where: str, folder: Path, moment: int) -> "subprocess.Popen[str]":
    """Start a process that migrates and dies before its change number `moment`; 0: it lives."""
    command = [sys.executable, "-c", DYING, where, str(folder), str(moment)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)


async def opened(where: str) -> Database:
    if where.startswith("postgresql:"):
        return await PostgresDatabase.open(where, entropy=Entropy())
    return SqliteDatabase(Path(where), entropy=Entropy())


def check_hats(opening: Awaitable[Database]) -> None:
    async def story() -> None:
        database = await opening
        await hats(database)
        await database.close()

    asyncio.run(story())
