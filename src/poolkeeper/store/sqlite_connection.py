"""What is one connection to SQLite? How it is opened, how a statement runs on it, and what its faults mean."""

import sqlite3

from poolkeeper.store import dialect, retry
from poolkeeper.store.db import Row, Unwritable

_STATEMENTS = 512
_PRAGMAS = ("cache_size=-16000", "temp_store=MEMORY", "trusted_schema=OFF", "journal_size_limit=67108864")

# Results that say "not now" and leave nothing behind, and results that say that the disk or the file is not well
# (sqlite.org/rescode.html). After the second kind a COMMIT may stand or not.
_BUSY = frozenset({sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED, sqlite3.SQLITE_PROTOCOL})
_UNWELL = frozenset(
    {
        sqlite3.SQLITE_FULL,
        sqlite3.SQLITE_IOERR,
        sqlite3.SQLITE_CANTOPEN,
        sqlite3.SQLITE_READONLY,
        sqlite3.SQLITE_CORRUPT,
        sqlite3.SQLITE_NOTADB,
        sqlite3.SQLITE_NOMEM,
    }
)


def connect(address: str, *, patience: int) -> sqlite3.Connection:
    """Open the file at a `file:` address; `patience` is how many milliseconds it waits for another writer."""
    connection = sqlite3.connect(
        address, uri=True, isolation_level=None, check_same_thread=False, cached_statements=_STATEMENTS
    )
    connection.row_factory = sqlite3.Row
    connection.execute(f"PRAGMA busy_timeout={patience}")
    for pragma in _PRAGMAS:
        connection.execute(f"PRAGMA {pragma}")
    return connection


def run(
    connection: sqlite3.Connection, texts: dict[str, str], sql: str, args: tuple[object, ...]
) -> tuple[list[Row], int]:
    """Run one statement to its end: every row is fetched, so that nothing is left open over a commit."""
    text = texts.get(sql)
    if text is None:
        text = texts[sql] = dialect.for_sqlite(sql)
    for arg in args:
        # PostgreSQL refuses it too; here it would stand in the row.
        if type(arg) is str and "\0" in arg:
            raise ValueError("a text parameter holds NUL")

    cursor = connection.execute(text, args)
    rows = cursor.fetchall()
    return rows, len(rows) if cursor.description else max(cursor.rowcount, 0)


def judged(fault: BaseException) -> BaseException:
    """Return what a caller is told: run again, the database is away, or the fault itself."""
    code = getattr(fault, "sqlite_errorcode", 0) & 0xFF
    if code not in _BUSY | _UNWELL:
        return fault
    answer = retry.Again(str(fault)) if code in _BUSY else Unwritable(str(fault))
    answer.__cause__ = fault
    return answer
