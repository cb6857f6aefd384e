"""How does contention look from inside? Commits that fail as the engines let them fail."""

import sqlite3
from collections.abc import Callable
from typing import Any

import asyncpg
import pytest

from poolkeeper.store.db import Database
from poolkeeper.store.postgres import PostgresDatabase
from poolkeeper.store.sqlite import SqliteDatabase


def break_commits(
    database: Database, fails: Callable[[], bool], patch: pytest.MonkeyPatch, *, alone: bool = False
) -> None:
    """Let commits fail as the engine itself would, SQLITE_BUSY or SQLSTATE 40001; `alone`: changes of one statement too."""
    if isinstance(database, SqliteDatabase):
        commit = database._writer._commit

        def busy(connection: sqlite3.Connection) -> None:
            if fails():
                fault = sqlite3.OperationalError("database is locked")
                fault.sqlite_errorcode = sqlite3.SQLITE_BUSY
                raise fault
            commit(connection)

        patch.setattr(database._writer, "_commit", busy)
        return

    assert isinstance(database, PostgresDatabase)
    send, run_alone = database._send_commit, database._alone

    async def not_serializable(connection: Any) -> str:
        if fails():
            await connection.execute("ROLLBACK")
            raise asyncpg.SerializationError("could not serialize access")
        return await send(connection)

    async def alone_too(change: Any) -> Any:
        async def changed(connection: Any) -> Any:
            if fails():
                raise asyncpg.SerializationError("could not serialize access")
            return await change(connection)

        return await run_alone(changed)

    patch.setattr(database, "_send_commit", not_serializable)
    if alone:
        patch.setattr(database, "_alone", alone_too)
