"""How does Poolkeeper speak to SQLite? Reads in the loop's thread, one writer thread that commits in groups.

The writer takes all bodies that wait, runs each in a savepoint, commits once and only then answers all of them. While it
waits for the disk the next group gathers: that is where 64 writers at once cost hardly more than one.
"""

import asyncio
import contextlib
import os
import queue
import sqlite3
import threading
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar, cast
from urllib.parse import quote

from poolkeeper.entropy import Entropy
from poolkeeper.store import retry, sqlite_connection, sqlite_file, sqlite_wal
from poolkeeper.store.db import Row, Transaction, Unavailable

T = TypeVar("T")
Body = Callable[[Transaction], Awaitable[Any]]

GROUP = 256
WAITING = 4096

# The writer may wait for a tool that writes beside it; a reader blocks the event loop, so it hardly waits at all.
_WRITER_PATIENCE_MS = 1_000
_READER_PATIENCE_MS = 20


class SqliteDatabase:
    """One SQLite file, as a Database: one event loop, one process.

    `commits` counts the transactions that were committed; `bare` says that the file was found to lack its WAL. At most
    4096 bodies wait for the writer; one more is answered with Unavailable at once, so that nobody waits for nothing.
    """

    one_writer = True

    def __init__(
        self,
        path: Path,
        *,
        entropy: Entropy,
        exclusive: bool = True,
        vfs: str | None = None,
        synchronous: str = "FULL",
    ) -> None:
        """Open the file, or make it with mode 600 and its folder with it.

        `exclusive`: hold `<path>-lock`, so that a second server is refused instead of both being slow (the worst commit
        of two processes took 1.8 s); it ends with the process. A tool beside a running server says False: that is safe,
        SQLite makes each wait for the other. `vfs` and `synchronous` exist for the fault tests; with anything below FULL
        a power cut brings spent codes back. Raises Unavailable when it is refused or the file cannot be used.
        """
        self.bare = sqlite_file.is_bare(path)
        self._path = path
        self._lock = sqlite_file.prepare(path, exclusive=exclusive)
        self._texts: dict[str, str] = {}
        try:
            self._address = f"file:{quote(str(path.absolute()))}" + (f"?vfs={vfs}" if vfs else "")
            self._log = sqlite_wal.Log(self._address)
            self._writer = _Writer(self._address, self._log, synchronous=synchronous, texts=self._texts)
            if self._lock is not None:
                self._writer.mark(sqlite_file.new_mark(self._lock, entropy))
            self._reader = sqlite_connection.connect(self._address, patience=_READER_PATIENCE_MS)
            self._reader.execute("PRAGMA query_only=ON")
        except sqlite3.Error as fault:
            self._let_go()
            raise Unavailable(f"{path.absolute()} cannot be used: {fault}") from fault

        self._entropy = entropy
        self._waiting = 0
        self._closed: asyncio.Future[None] | None = None
        self._thread = threading.Thread(target=self._writer.serve, name="sqlite-writer", daemon=True)
        self._thread.start()

    @property
    def commits(self) -> int:
        return self._writer.commits

    async def fetch(self, sql: str, *args: object) -> Sequence[Row]:
        """Return every row of one SELECT, read in this thread: committed rows only, and the writer is not waited for."""
        return await retry.run(lambda: self._read(sql, args), self._entropy)

    async def fetch_one(self, sql: str, *args: object) -> Row | None:
        """Return the first row, or None."""
        rows = await self.fetch(sql, *args)
        return rows[0] if rows else None

    async def execute(self, sql: str, *args: object) -> int:
        """Run one changing statement in a transaction of its own and return the rows touched."""

        async def body(tx: Transaction) -> int:
            return await tx.execute(sql, *args)

        return await self.write(body)

    async def write(self, body: Callable[[Transaction], Awaitable[T]], *, repeatable: bool = False) -> T:
        """Run `body` in the writer thread, in one transaction with others that wait, and return what it returned.

        Where all of them are `repeatable` nobody waits for the disk: the next commit that does takes them along.
        Raises Unavailable when the disk fails (the change then may stand or not), when too many wait, after close, and
        when contention did not end within ten attempts; BodyError when `body` awaited anything but its transaction.
        """
        return cast("T", await retry.run(lambda: self._submit(body, repeatable=repeatable), self._entropy))

    async def settle(self) -> None:
        """Wait until the log is folded into the file, where a thread of its own is about it: what comes then begins a new log."""
        await self._log.settle()

    async def close(self) -> None:
        """Finish every body that waits, fold the log into the file and let go of it."""
        if self._closed is None:
            self._closed = asyncio.get_running_loop().create_future()
            self._writer.jobs.put(_Job(body=None, future=self._closed))
        await self._closed
        await self._log.close()

        self._reader.close()
        if self._lock is not None:
            sqlite_file.forget(self._lock, self._path)
        self._let_go()

    def _let_go(self) -> None:
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None

    async def _read(self, sql: str, args: tuple[object, ...]) -> list[Row]:
        if self._closed is not None:
            raise Unavailable("the database is closed")
        if threading.get_ident() == self._thread.ident:
            raise retry.BodyError(retry.GUARD)
        try:
            return sqlite_connection.run(self._reader, self._texts, sql, args)[0]
        except sqlite3.Error as fault:
            raise sqlite_connection.judged(fault)  # noqa: B904 - it carries its cause

    async def _submit(self, body: Body, *, repeatable: bool) -> Any:
        if self._closed is not None:
            raise Unavailable("the database is closed")
        if self._waiting >= WAITING:
            raise Unavailable(f"{WAITING} changes wait for the writer already")

        job = _Job(body=body, future=asyncio.get_running_loop().create_future(), repeatable=repeatable)
        self._waiting += 1
        job.future.add_done_callback(self._leave)
        self._writer.jobs.put(job)
        return await job.future

    def _leave(self, _: "asyncio.Future[Any]") -> None:
        self._waiting -= 1
        self._log.fold_if_long()


@dataclass(slots=True)
class _Job:
    """A body that waits (None: close), the future of its caller, and what became of it."""

    body: Body | None
    future: "asyncio.Future[Any]"
    repeatable: bool = False
    result: Any = None
    fault: BaseException | None = None


class _Writer:
    """The one connection that writes, and the thread that drives it. `jobs` is its only door."""

    def __init__(self, address: str, log: sqlite_wal.Log, *, synchronous: str, texts: dict[str, str]) -> None:
        self.jobs: queue.SimpleQueue[_Job] = queue.SimpleQueue()
        self.commits = 0
        self._marked = False
        self._address = address
        self._log = log
        self._synchronous = synchronous
        self._texts = texts
        self._lasting = True
        self._connection: sqlite3.Connection | None = self._connect()

    def serve(self) -> None:
        """Run groups of bodies until one of them says close."""
        closing = None
        while closing is None:
            group, closing = self._next_group()
            if group:
                self._run_group(group)
                _answer(group)

        if self._connection is not None:
            if self._marked:
                with contextlib.suppress(sqlite3.Error):  # Then the mark stays, and the lock goes on knowing it.
                    self._connection.execute("PRAGMA user_version=0")
            self._connection.close()
        _answer([closing])

    def mark(self, mark: int) -> None:
        """Mark the file itself, and not its WAL alone, as one that a server has open (store/sqlite_file.py)."""
        assert self._connection is not None
        self._connection.execute(f"PRAGMA user_version={mark}")
        self._connection.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchall()
        self._marked = True

    def _next_group(self) -> tuple[list[_Job], _Job | None]:
        """Wait for one job, take what else is there, and say if the last one closes. Callers who left are skipped."""
        group: list[_Job] = []
        job = self.jobs.get()
        while True:
            if job.body is None:
                return group, job
            if not job.future.cancelled():
                group.append(job)
            if len(group) == GROUP:
                return group, None
            try:
                job = self.jobs.get_nowait()
            except queue.Empty:
                return group, None

    def _run_group(self, group: list[_Job]) -> None:
        """Run every body in its savepoint and commit. When the transaction as a whole fails, it fails all of them.

        A body that is alone needs no savepoint: the transaction is its own.
        """
        alone = len(group) == 1
        try:
            connection = self._begin(lasting=not all(job.repeatable for job in group))
            changes_before = connection.total_changes
            for job in group:
                self._run(job, connection, alone=alone)
            if alone and group[0].fault is not None:
                connection.execute("ROLLBACK")
                return
            self._commit(connection)
            self.commits += 1
            self._log.grow(connection.total_changes - changes_before)
        except sqlite3.Error as fault:
            self._abandon()
            for job in group:
                job.fault = fault

    def _run(self, job: _Job, connection: sqlite3.Connection, *, alone: bool) -> None:
        assert job.body is not None
        tx = _Transaction(connection, self._texts)
        if not alone:
            connection.execute("SAVEPOINT body")
        try:
            job.result = _drive(job.body, tx)
            job.fault = tx.fault
        except BaseException as fault:  # noqa: BLE001 - whatever it is, it belongs to the caller and not to the writer
            # A body may turn a failed statement into an exception of its own, but not a state of the database.
            job.fault = fault if tx.fault is None or sqlite_connection.judged(tx.fault) is tx.fault else tx.fault
        tx.over = True

        # The disk's faults end the whole transaction, not the statement (sqlite.org/lang_transaction.html, 3.1).
        if tx.fault is not None and not connection.in_transaction:
            raise tx.fault
        if alone:
            return
        if job.fault is not None:
            connection.execute("ROLLBACK TO body")
        connection.execute("RELEASE body")

    def _connect(self) -> sqlite3.Connection:
        connection = sqlite_connection.connect(self._address, patience=_WRITER_PATIENCE_MS)
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute(f"PRAGMA wal_autocheckpoint={sqlite_wal.MOST_PAGES}")
        connection.execute(f"PRAGMA synchronous={self._synchronous}")
        return connection

    def _begin(self, *, lasting: bool) -> sqlite3.Connection:
        """Begin a transaction; one that is not `lasting` leaves the disk's sync to the next that is (sqlite.org/pragma.html)."""
        if self._connection is None:
            self._connection = self._connect()
            self._lasting = True
        if lasting is not self._lasting:
            self._connection.execute(f"PRAGMA synchronous={self._synchronous if lasting else 'NORMAL'}")
            self._lasting = lasting
        self._connection.execute("BEGIN IMMEDIATE")
        return self._connection

    def _commit(self, connection: sqlite3.Connection) -> None:
        connection.execute("COMMIT")

    def _abandon(self) -> None:
        """Roll back; a connection that cannot even do that is left, and the next group opens another."""
        if self._connection is None or not self._connection.in_transaction:
            return
        try:
            self._connection.execute("ROLLBACK")
        except sqlite3.Error:
            self._connection.close()
            self._connection = None


class _Transaction:
    """What a body is handed. After a failed statement only its end is left, as on PostgreSQL."""

    __slots__ = ("_connection", "_texts", "fault", "over")

    def __init__(self, connection: sqlite3.Connection, texts: dict[str, str]) -> None:
        self._connection = connection
        self._texts = texts
        self.fault: Exception | None = None
        self.over = False

    async def fetch(self, sql: str, *args: object) -> Sequence[Row]:
        return self._run(sql, args)[0]

    async def fetch_one(self, sql: str, *args: object) -> Row | None:
        rows = self._run(sql, args)[0]
        return rows[0] if rows else None

    async def execute(self, sql: str, *args: object) -> int:
        return self._run(sql, args)[1]

    async def fetch_each(self, sql: str, rows: Sequence[Sequence[object]]) -> Sequence[Row]:
        return [row for args in rows for row in self._run(sql, tuple(args))[0]]

    def _run(self, sql: str, args: tuple[object, ...]) -> tuple[list[Row], int]:
        if self.over:
            raise retry.BodyError("a transaction was used after its body had ended")
        if self.fault is not None:
            raise retry.BodyError("a body went on after a statement had failed") from self.fault
        try:
            return sqlite_connection.run(self._connection, self._texts, sql, args)
        except Exception as fault:
            self.fault = fault
            raise


def _drive(body: Body, tx: _Transaction) -> Any:
    """Run a body to its end without a loop: it may await its transaction, which never suspends, and nothing else."""
    coroutine = cast("Coroutine[Any, Any, Any]", body(tx))
    try:
        coroutine.send(None)
    except StopIteration as end:
        return end.value
    except RuntimeError as fault:
        if str(fault) == "no running event loop":
            raise retry.BodyError(retry.GUARD) from fault
        raise
    coroutine.close()
    raise retry.BodyError(retry.GUARD)


def _answer(jobs: list[_Job]) -> None:
    """Tell the callers, each in its own loop; a loop that has ended has nobody left to tell."""
    for loop in {job.future.get_loop() for job in jobs}:
        with contextlib.suppress(RuntimeError):
            loop.call_soon_threadsafe(_settle, [job for job in jobs if job.future.get_loop() is loop])


def _settle(jobs: list[_Job]) -> None:
    for job in jobs:
        if job.future.done():
            continue
        if job.fault is None:
            job.future.set_result(job.result)
        else:
            job.future.set_exception(sqlite_connection.judged(job.fault))
