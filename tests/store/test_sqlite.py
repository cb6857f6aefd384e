"""What does the SQLite driver promise beyond the common? Groups, one process, a bounded queue, strict tables."""

import asyncio
import sqlite3
import stat
from pathlib import Path
from typing import Any

import pytest

from poolkeeper.entropy import Entropy
from poolkeeper.store import sqlite as driver
from poolkeeper.store import sqlite_wal
from poolkeeper.store.db import Database, Unavailable, Unwritable
from poolkeeper.store.sqlite import SqliteDatabase
from poolkeeper.store.sqlite_wal import LONG_ROWS
from store.conftest import TOYS, Engine

INSERT = "INSERT INTO toys (pool_id, toy_id, n) VALUES ($1, $2, $3)"
COUNT = "SELECT COUNT(*) AS n FROM toys WHERE pool_id = $1"


def count(path: Path) -> int:
    with sqlite3.connect(path) as connection:
        return int(connection.execute("SELECT COUNT(*) FROM toys").fetchone()[0])


def test_writers_at_once_share_a_commit(sqlite_engine: Engine) -> None:
    """640 changes by 64 writers need far fewer commits than changes: the group that waits goes together."""

    async def story(database: Database) -> None:
        assert isinstance(database, SqliteDatabase)
        before = database.commits

        async def writer(name: int) -> None:
            for number in range(10):
                await database.execute(INSERT, "p", f"{name}-{number}", 1)

        await asyncio.gather(*[writer(name) for name in range(64)])
        row = await database.fetch_one(COUNT, "p")
        assert row is not None
        assert row["n"] == 640
        assert database.commits - before <= 640 // 8

    sqlite_engine.run(story)


def test_nobody_is_answered_before_the_commit(sqlite_engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    """When a COMMIT fails for good, every body of the group fails, also those that had run well."""

    async def story(database: Database) -> None:
        assert isinstance(database, SqliteDatabase)

        def full(connection: sqlite3.Connection) -> None:
            fault = sqlite3.OperationalError("database or disk is full")
            fault.sqlite_errorcode = sqlite3.SQLITE_FULL
            raise fault

        with monkeypatch.context() as broken:
            broken.setattr(database._writer, "_commit", full)
            writes = [database.execute(INSERT, "p", str(number), 1) for number in range(5)]
            outcomes = await asyncio.gather(*writes, return_exceptions=True)
        assert [type(outcome) for outcome in outcomes] == [Unwritable] * 5

        assert await database.execute(INSERT, "p", "after", 1) == 1
        row = await database.fetch_one(COUNT, "p")
        assert row is not None
        assert row["n"] == 1

    sqlite_engine.run(story)


def test_a_full_disk_fails_writes_and_spares_reads(tmp_path: Path) -> None:
    """A file that may not grow answers Unavailable, keeps what it has, and takes changes again when there is room."""

    async def story() -> None:
        database = SqliteDatabase(tmp_path / "a.sqlite3", entropy=Entropy())
        await database.execute(TOYS)
        await database.execute(INSERT, "p", "before", 1)
        connection = database._writer._connection
        assert connection is not None
        pages = connection.execute("PRAGMA page_count").fetchone()[0]
        connection.execute(f"PRAGMA max_page_count={pages}")

        big = "INSERT INTO toys (pool_id, toy_id, n, payload) VALUES ($1, $2, 1, $3)"
        with pytest.raises(Unavailable, match="full"):
            await database.execute(big, "p", "big", bytes(100_000))
        row = await database.fetch_one(COUNT, "p")
        assert row is not None
        assert row["n"] == 1

        connection.execute("PRAGMA max_page_count=100000")
        assert await database.execute(big, "p", "big", bytes(100_000)) == 1
        await database.close()

    asyncio.run(story())


def test_a_second_server_process_is_refused(tmp_path: Path) -> None:
    """The file is one process's until it lets go; the refusal says what there is for more."""

    async def story() -> None:
        first = SqliteDatabase(tmp_path / "a.sqlite3", entropy=Entropy())
        with pytest.raises(Unavailable, match="PostgreSQL has as many as you like"):
            SqliteDatabase(tmp_path / "a.sqlite3", entropy=Entropy())
        await first.close()
        await SqliteDatabase(tmp_path / "a.sqlite3", entropy=Entropy()).close()

    asyncio.run(story())


def test_a_file_that_is_no_database_is_refused(tmp_path: Path) -> None:
    """The refusal names the file and changes nothing, and the lock is given back."""
    (tmp_path / "a.sqlite3").write_bytes(b"no database, " * 1000)
    for _ in range(2):
        with pytest.raises(Unavailable, match=r"a\.sqlite3 cannot be used"):
            SqliteDatabase(tmp_path / "a.sqlite3", entropy=Entropy())
    assert (tmp_path / "a.sqlite3").read_bytes() == b"no database, " * 1000
    with pytest.raises(Unavailable, match="cannot be used"):
        SqliteDatabase(tmp_path / "a.sqlite3" / "b.sqlite3", entropy=Entropy())


def test_a_tool_may_write_beside_the_server(tmp_path: Path) -> None:
    """Opened without the lock, two writers of one file lose nothing: each waits for the other."""

    async def story() -> None:
        server = SqliteDatabase(tmp_path / "a.sqlite3", entropy=Entropy())
        tool = SqliteDatabase(tmp_path / "a.sqlite3", entropy=Entropy(), exclusive=False)
        await server.execute(TOYS)

        async def writer(database: SqliteDatabase, name: str) -> None:
            for number in range(50):
                await database.execute(INSERT, "p", f"{name}{number}", 1)

        await asyncio.gather(writer(server, "server"), writer(tool, "tool"))
        await tool.close()
        await server.close()

    asyncio.run(story())
    assert count(tmp_path / "a.sqlite3") == 100


def test_the_log_is_folded_into_the_file_without_the_writer(tmp_path: Path) -> None:
    """Once many rows have changed they are in the file itself, and the log is begun anew instead of growing."""
    path = tmp_path / "store.sqlite3"
    log = path.with_name("store.sqlite3-wal")

    async def story() -> None:
        database = SqliteDatabase(path, entropy=Entropy())
        await database.execute(TOYS)
        for number in range(LONG_ROWS):
            await database.execute(INSERT, "p", str(number), 1)
        size = log.stat().st_size
        await database.settle()
        copy = tmp_path / "copy.sqlite3"
        copy.write_bytes(path.read_bytes())
        assert count(copy) == LONG_ROWS
        for number in range(LONG_ROWS, 2 * LONG_ROWS - 1):
            await database.execute(INSERT, "p", str(number), 1)
        assert log.stat().st_size == size
        await database.close()

    asyncio.run(story())


def test_a_log_that_no_fold_can_end_is_folded_by_the_writer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It stays bounded while others write without a pause, or while folds fail."""
    path = tmp_path / "store.sqlite3"
    log = path.with_name("store.sqlite3-wal")
    monkeypatch.setattr(sqlite_wal.Log, "fold_if_long", lambda log: None)
    monkeypatch.setattr(sqlite_wal, "MOST_PAGES", 50)

    async def story() -> None:
        database = SqliteDatabase(path, entropy=Entropy())
        await database.execute(TOYS)
        for number in range(2 * LONG_ROWS):
            await database.execute(INSERT, "p", str(number), 1)
        assert log.stat().st_size < 2 * 50 * 4096
        await database.close()

    asyncio.run(story())


def test_a_reader_is_not_kept_waiting_by_a_change_in_progress(tmp_path: Path) -> None:
    """While somebody holds the write lock, reads answer with what is committed."""

    async def story() -> None:
        database = SqliteDatabase(tmp_path / "a.sqlite3", entropy=Entropy())
        await database.execute(TOYS)
        await database.execute(INSERT, "p", "t", 1)
        with sqlite3.connect(tmp_path / "a.sqlite3", isolation_level=None) as other:
            other.execute("BEGIN IMMEDIATE")
            other.execute("UPDATE toys SET n = 2")
            row = await database.fetch_one("SELECT n FROM toys WHERE pool_id = $1", "p")
            other.execute("ROLLBACK")
        other.close()
        assert row is not None
        assert row["n"] == 1
        await database.close()

    asyncio.run(story())


def test_the_queue_of_the_writer_has_an_end(sqlite_engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    """One more than may wait is answered with Unavailable, the others as ever, and then there is room again."""
    monkeypatch.setattr(driver, "WAITING", 20)

    async def story(database: Database) -> None:
        writes = [database.execute(INSERT, "p", str(number), 1) for number in range(21)]
        outcomes: list[Any] = [*await asyncio.gather(*writes, return_exceptions=True)]
        assert outcomes[:20] == [1] * 20
        assert isinstance(outcomes[20], Unavailable)
        assert await database.execute(INSERT, "p", "after", 1) == 1

    sqlite_engine.run(story)


def test_the_file_is_its_owner_s_alone(tmp_path: Path) -> None:
    """The database and the files beside it have mode 600, in a folder that is made where it is missing."""

    async def story() -> None:
        database = SqliteDatabase(tmp_path / "new" / "a.sqlite3", entropy=Entropy())
        await database.execute(TOYS)
        modes = {file.name: stat.S_IMODE(file.stat().st_mode) for file in (tmp_path / "new").iterdir()}
        assert modes == dict.fromkeys(("a.sqlite3", "a.sqlite3-wal", "a.sqlite3-shm", "a.sqlite3-lock"), 0o600)
        await database.close()
        assert {file.name for file in (tmp_path / "new").iterdir()} == {"a.sqlite3", "a.sqlite3-lock"}

    asyncio.run(story())


def test_a_change_waits_for_the_disk(sqlite_engine: Engine) -> None:
    """The writer runs in WAL mode with synchronous=FULL: what is answered survives a power cut."""

    async def story(database: Database) -> None:
        assert isinstance(database, SqliteDatabase)
        connection = database._writer._connection
        assert connection is not None
        assert connection.execute("PRAGMA synchronous").fetchone()[0] == 2
        assert connection.execute("PRAGMA journal_mode").fetchone()[0] == "wal"

    sqlite_engine.run(story)
