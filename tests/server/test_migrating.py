"""What becomes of a database that an earlier Poolkeeper made? Refused with the command to run, or brought up to date."""

import asyncio
import sqlite3
from collections.abc import Awaitable, Callable
from importlib.resources import files
from pathlib import Path

import pytest

import postgres_server
from poolkeeper.clock import SystemClock
from poolkeeper.entropy import Entropy
from poolkeeper.store.db import Database
from poolkeeper.store.migrate import LATEST, migrate
from poolkeeper.store.postgres import PostgresDatabase
from poolkeeper.store.sqlite import SqliteDatabase
from server import program
from server.operating import KEY, new_pool, new_user, sign_in, with_ring
from server.program import Place, place, serving

ADDED_TABLES = ("software_tokens", "devices", "passkeys", "conversations")
ADDED_COLUMNS = {"users": ("mfa",), "sessions": ("device_key", "factors", "acr", "seen_at", "address", "user_agent")}


def of_version_1(where: Place) -> None:
    """Take a database back to what version 1 made: without what version 2 added, and without its record."""
    with sqlite3.connect(where.data / "poolkeeper.sqlite3") as database:
        for table in ADDED_TABLES:
            database.execute(f"DROP TABLE {table}")
        for table, columns in ADDED_COLUMNS.items():
            for column in columns:
                database.execute(f"ALTER TABLE {table} DROP COLUMN {column}")
        database.execute("DELETE FROM schema_migrations WHERE version > 1")
    database.close()


def test_a_database_of_version_1_is_refused_until_it_is_migrated_and_keeps_its_users(tmp_path: Path) -> None:
    """Exit code 3 and the command to run; after it everybody signs in as before."""
    where = place(tmp_path, **KEY)
    with serving(where):
        pool_id, client_id = new_pool(where)
        new_user(where, pool_id, client_id)
    of_version_1(where)

    refused = program.run(where, "serve")
    assert refused.returncode == 3
    assert "the database is at version 1" in refused.stderr
    assert "poolkeeper migrate" in refused.stderr
    assert f"at version {LATEST}" in program.told(where, "migrate")
    with serving(where):
        assert sign_in(where, client_id, "ada")["AuthenticationResult"]["TokenType"] == "Bearer"


def test_a_developer_s_own_file_is_brought_up_to_date_by_the_start(tmp_path: Path) -> None:
    """`serve --dev` on SQLite asks nobody: it says what it did, and everybody signs in as before."""
    where = place(tmp_path, **KEY)
    with serving(where, "--dev"):
        pool_id, client_id = new_pool(where)
        new_user(where, pool_id, client_id)
    of_version_1(where)

    with serving(where, "--dev") as server:
        assert sign_in(where, client_id, "ada")["AuthenticationResult"]["TokenType"] == "Bearer"
        assert "version 1" in server.said()


def test_a_half_finished_migration_of_a_newer_poolkeeper_is_refused(installed: Place) -> None:
    """By the start as by `migrate`: its tables are neither the old nor the new ones."""
    with serving(installed):
        pass

    async def begin() -> None:
        url = installed.environment.get("POOLKEEPER_DATABASE")
        file = installed.data / "poolkeeper.sqlite3"
        database = (
            await PostgresDatabase.open(url, entropy=Entropy()) if url else SqliteDatabase(file, entropy=Entropy())
        )
        await database.execute(
            "INSERT INTO schema_migrations (version, step, applied_at) VALUES ($1, 1, 1)", LATEST + 1
        )
        await database.close()

    asyncio.run(begin())
    for command in ("serve", "migrate"):
        refused = program.run(installed, command)
        assert refused.returncode == 3
        assert f"the database is at version {LATEST + 1} and this Poolkeeper knows {LATEST} at most" in refused.stderr


def test_a_new_database_beside_old_keys_is_warned_of(tmp_path: Path) -> None:
    """Its file was removed: the server starts empty, and whoever reads the log learns it."""
    where = place(tmp_path, **KEY)
    with serving(where) as server:
        assert "were there before it" not in server.said()
    for file in where.data.glob("poolkeeper.sqlite3*"):
        file.unlink()
    with serving(where) as server:
        assert f"the sealing keys {where.data / 'sealing.keys'} were there before it" in server.said()


@pytest.mark.parametrize("engine", ["sqlite", "postgres"])
def test_a_start_that_finds_the_first_tables_of_another_one_makes_the_rest(
    engine: str, postgres: postgres_server.PostgresServer, tmp_path: Path
) -> None:
    """Of two that start at once on an empty database one may find version 1 whole: that is no older database."""
    url = postgres.create_database() if engine == "postgres" else ""
    where = place(tmp_path, **KEY, database=url)
    with_ring(where)
    only_first = tmp_path / "first"
    only_first.mkdir()
    for file in (files("poolkeeper.store") / "migrations").iterdir():
        if file.name.startswith("0001"):
            (only_first / file.name).write_text(file.read_text())

    asyncio.run(_begun(lambda: _opened(url, where), only_first))

    with serving(where):
        assert new_pool(where)


async def _opened(url: str, where: Place) -> Database:
    if url:
        return await PostgresDatabase.open(url, entropy=Entropy())
    return SqliteDatabase(where.data / "poolkeeper.sqlite3", entropy=Entropy())


async def _begun(opened: Callable[[], Awaitable[Database]], only_first: Path) -> None:
    """Leave a database where a start that had come to version 1 has it."""
    database = await opened()
    try:
        assert await migrate(database, SystemClock(), only_first) == [1]
    finally:
        await database.close()
