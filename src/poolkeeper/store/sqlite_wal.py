"""How does what stands in SQLite's log get into its file, other than by the writer's hand? By a connection of its own.

Left alone the writer does it at every thousandth page, and whoever writes next waits for two syncs and a thousand pages. A
passive checkpoint beside it keeps nobody waiting (sqlite.org/wal.html, 2.2); when all is folded in, the next writer begins the
log anew. How long the log is SQLite tells nobody but its writer; a changed row is one to five pages, of its table and its
indexes, so rows are counted.
"""

import asyncio
import contextlib
import sqlite3

LONG_ROWS = 75
"""Rows that were changed since the last fold, from which the log is folded: more make a fold that commits beside it wait for."""
MOST_PAGES = 4_000
"""Pages from which the writer folds the log after all: where others write without a pause no fold reaches the log's end."""


class Log:
    """The log of one file, for one event loop. The writer's thread counts what it changes; the loop folds when it is long.

    One fold at a time has the connection, which is opened once: to open it reads the whole schema.
    """

    def __init__(self, address: str) -> None:
        self._address = address
        self._changed_rows = 0
        self._folded_rows = 0
        self._folding: asyncio.Task[None] | None = None
        self._connection: sqlite3.Connection | None = None

    def grow(self, rows: int) -> None:
        """Count rows that a commit has changed: for the writer's thread."""
        self._changed_rows += rows

    def fold_if_long(self) -> None:
        """Begin to fold the log where it is long, and return at once."""
        if self._folding is None and self._changed_rows - self._folded_rows >= LONG_ROWS:
            self._folded_rows = self._changed_rows
            self._folding = asyncio.create_task(self._fold())

    async def settle(self) -> None:
        """Wait until the fold that is under way, if there is one, has ended."""
        if self._folding is not None:
            await asyncio.shield(self._folding)

    async def close(self) -> None:
        """Let go of the file."""
        await self.settle()
        if self._connection is not None:
            self._connection.close()

    async def _fold(self) -> None:
        try:
            await asyncio.to_thread(self._write_into_file)
        finally:
            self._folding = None

    def _write_into_file(self) -> None:
        """Write what stands in the log into the file, beside whoever reads or writes; a fault leaves that to the writer."""
        with contextlib.suppress(sqlite3.Error):
            if self._connection is None:
                self._connection = sqlite3.connect(self._address, uri=True, check_same_thread=False)
            self._connection.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchall()
