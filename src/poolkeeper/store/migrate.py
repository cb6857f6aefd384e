"""How does a database get its tables? Numbered files, statement by statement, each recorded, by any number of processes.

Every statement commits by itself and may be run again (IF NOT EXISTS), so a process that dies in the middle leaves a
database that the next one finishes, and a statement that another process was quicker with is no error (attacks.md
part 4, rule 11). Where there is one writer a version commits as a whole: a commit is what takes the time there.
"""

import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from importlib.resources import files
from importlib.resources.abc import Traversable

from poolkeeper.clock import Clock
from poolkeeper.store import dialect, key_owners, used_device_keys
from poolkeeper.store.db import Database, Transaction
from poolkeeper.store.table import Table

LATEST = 27

# What SQL cannot work out of a version: done when its statements are, and safe to do again.
_BY_CODE: Mapping[int, Callable[[Database, int], Awaitable[None]]] = {
    8: key_owners.make_users,
    16: used_device_keys.copy,
}

# Step 0 of a version is written last and says that the version is whole.
_WHOLE = 0
_NAME = re.compile(r"(\d{4})_\w+\.sql")


class SchemaError(Exception):
    """The tables are not the ones that this Poolkeeper was written for. The message says what to do."""


@dataclass(frozen=True, slots=True)
class Migration:
    """One file: its number and its statements in order."""

    version: int
    statements: tuple[str, ...]


async def migrate(database: Database, clock: Clock, folder: Traversable | None = None) -> list[int]:
    """Bring the database to the newest version in `folder` (None: Poolkeeper's own) and return what this call finished.

    Raises SchemaError, before anything is changed, when the database is newer than that.
    """
    by_number = migrations(folder)
    await _make_record(database)
    done = await _done(database)
    _refuse_newer(max((version for version, _ in done), default=0), newest=max(by_number, default=0))

    finished = []
    for migration in by_number.values():
        if (migration.version, _WHOLE) in done:
            continue
        if not (database.one_writer and await _apply_at_once(database, migration, done, now=clock.now())):
            await _apply_one_by_one(database, migration, done, clock)
        if folder is None and migration.version in _BY_CODE:
            await _BY_CODE[migration.version](database, clock.now())
        if await _record(database, version=migration.version, step=_WHOLE, now=clock.now()):
            finished.append(migration.version)
    return finished


async def version(database: Database) -> int:
    """Return the newest version that is whole; 0: the database is empty or its first migration is not finished."""
    try:
        row = await database.fetch_one(
            "SELECT COALESCE(MAX(version), 0) AS version FROM schema_migrations WHERE step = $1", _WHOLE
        )
    except Exception as fault:
        if dialect.is_missing_table(fault):
            return 0
        raise
    return int(row["version"]) if row is not None else 0


async def require_latest(database: Database) -> None:
    """Raise SchemaError unless the database is at the version that this Poolkeeper was written for, and none was begun since."""
    current = await version(database)
    _refuse_newer(await _begun(database) if current else 0, newest=LATEST)
    if current < LATEST:
        raise SchemaError(
            f"the database is at version {current} and this Poolkeeper needs {LATEST}: run `poolkeeper migrate` first"
        )


async def _begun(database: Database) -> int:
    """Return the newest version that was begun: where it is not whole, its tables are neither the old nor the new ones."""
    row = await database.fetch_one("SELECT COALESCE(MAX(version), 0) AS version FROM schema_migrations")
    return int(row["version"]) if row is not None else 0


def migrations(folder: Traversable | None = None) -> dict[int, Migration]:
    """Read the files `NNNN_name.sql` of a folder (None: Poolkeeper's own), in the order of their numbers."""
    folder = folder or files("poolkeeper.store") / "migrations"
    by_number = {}
    for file in sorted(folder.iterdir(), key=lambda file: file.name):
        match = _NAME.fullmatch(file.name)
        if match is None:
            continue
        number = int(match[1])
        if number in by_number:
            raise SchemaError(f"two migrations are numbered {number}")
        by_number[number] = Migration(number, tuple(dialect.statements(file.read_text(encoding="utf-8"))))
    return by_number


def _refuse_newer(current: int, *, newest: int) -> None:
    if current > newest:
        raise SchemaError(
            f"the database is at version {current} and this Poolkeeper knows {newest} at most: run a newer Poolkeeper"
        )


async def _make_record(database: Database) -> None:
    await _apply(
        database,
        """
        CREATE TABLE IF NOT EXISTS schema_migrations (
            version    bigint NOT NULL,
            step       bigint NOT NULL,
            applied_at bigint NOT NULL,
            PRIMARY KEY (version, step)
        )
        """,
    )


async def _apply_at_once(database: Database, migration: Migration, done: set[tuple[int, int]], *, now: int) -> bool:
    """Apply a version that nobody has begun in one transaction.

    False, and nothing changed, where one had begun it, with or without a record of that.
    """
    if any(begun == migration.version for begun, _ in done):
        return False

    async def body(tx: Transaction) -> None:
        for step, sql in enumerate(migration.statements, start=1):
            await tx.execute(sql)
            await _record(tx, version=migration.version, step=step, now=now)

    try:
        await database.write(body)
    except Exception as fault:
        if not dialect.is_done(fault):
            raise
        return False
    return True


async def _apply_one_by_one(database: Database, migration: Migration, done: set[tuple[int, int]], clock: Clock) -> None:
    for step, sql in enumerate(migration.statements, start=1):
        if (migration.version, step) not in done:
            await _apply(database, sql)
            await _record(database, version=migration.version, step=step, now=clock.now())


async def _apply(database: Database, sql: str) -> None:
    try:
        await database.execute(sql)
    except Exception as fault:
        changes_schema = sql.lstrip().startswith(("CREATE", "ALTER"))
        if not (changes_schema and dialect.is_done(fault)):
            raise


async def _record(database: Database | Transaction, *, version: int, step: int, now: int) -> int:
    return await database.execute(
        """
        INSERT INTO schema_migrations (version, step, applied_at)
        VALUES ($1, $2, $3)
        ON CONFLICT DO NOTHING
        """,
        version,
        step,
        now,
    )


async def _done(database: Database) -> set[tuple[int, int]]:
    rows = await database.fetch("SELECT version, step FROM schema_migrations ORDER BY version, step")
    return {(row["version"], row["step"]) for row in rows}


TABLE = Table(
    name="schema_migrations",
    key=("version", "step"),
    owner="server",
    at_reset="",
)
