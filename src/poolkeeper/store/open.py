"""Which database do the settings mean? The one place that chooses between SQLite and PostgreSQL."""

from poolkeeper.entropy import Entropy
from poolkeeper.settings import Settings
from poolkeeper.store.db import Database
from poolkeeper.store.sqlite import SqliteDatabase
from poolkeeper.store.sqlite_file import BareCopy, is_bare


async def open_database(
    settings: Settings, entropy: Entropy, *, exclusive: bool = True, as_found: bool = False
) -> Database:
    """Open the database that `settings` name; its tables are not looked at.

    `exclusive`: be the one server process of an SQLite file; a tool that runs beside the server says False. PostgreSQL
    has no such thing. `as_found`: take a copy of a running server's file without its WAL for what it holds. Raises
    Unavailable when there is no answer, or another process serves the file; BareCopy for such a copy.
    """
    if settings.on_postgres:
        from poolkeeper.store.postgres import PostgresDatabase  # noqa: PLC0415 - only who has PostgreSQL pays for its driver

        return await PostgresDatabase.open(
            settings.database,
            entropy=entropy,
            reading=settings.database_read_connections,
            writing=settings.database_write_connections,
        )
    if exclusive and not as_found and is_bare(settings.sqlite_file):
        raise BareCopy(settings.sqlite_file)
    return SqliteDatabase(settings.sqlite_file, entropy=entropy, exclusive=exclusive)


def is_bare_copy(database: Database) -> bool:
    """Say whether an open database was found to be a copy of a running server's file without its WAL."""
    return isinstance(database, SqliteDatabase) and database.bare


async def other_connections(database: Database) -> int:
    """Return how many connections of other Poolkeepers a database has; SQLite's lock answers that by itself."""
    if database.one_writer:
        return 0
    from poolkeeper.store.postgres import PostgresDatabase  # noqa: PLC0415 - loaded already

    return await database.other_connections() if isinstance(database, PostgresDatabase) else 0
