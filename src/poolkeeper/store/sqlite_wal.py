"""How does what stands in SQLite's log get into its file, other than by the writer's hand? By a connection of its own.

The writer does it at every thousandth page, and whoever writes next waits for two syncs and a thousand pages. A passive
checkpoint beside it keeps nobody waiting (sqlite.org/wal.html, 2.2); when all is folded in, the next writer begins the log anew.
"""

import contextlib
import sqlite3


def fold(address: str) -> None:
    """Write what stands in the log into the file, beside whoever reads or writes; on a fault that is left to the writer."""
    with contextlib.suppress(sqlite3.Error), contextlib.closing(sqlite3.connect(address, uri=True)) as connection:
        connection.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchall()
