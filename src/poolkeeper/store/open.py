"""Which database do the settings mean? The one place that chooses between SQLite and PostgreSQL."""

from poolkeeper.entropy import Entropy
from poolkeeper.settings import Settings
from poolkeeper.store.db import Database
from poolkeeper.store.postgres import PostgresDatabase
from poolkeeper.store.sqlite import SqliteDatabase


async def open_database(settings: Settings, entropy: Entropy, *, exclusive: bool = True) -> Database:
    """Open the database that `settings` name; its tables are not looked at.

    `exclusive`: be the one server process of an SQLite file; a tool that runs beside the server says False. PostgreSQL
    has no such thing. Raises Unavailable when there is no answer, or another process serves the file.
    """
    if settings.on_postgres:
        return await PostgresDatabase.open(settings.database, entropy=entropy)
    return SqliteDatabase(settings.sqlite_file, entropy=entropy, exclusive=exclusive)
