"""How does Poolkeeper speak to PostgreSQL and what speaks its protocol? asyncpg below a small pool of its own.

A statement is one round trip: prepared once a connection, sent without a transaction around it where it is alone, and no
reset when a connection goes back. Nothing is kept in a session, so PgBouncer may stand between (transaction mode, from
1.21 on, which knows prepared statements). Another isolation level is asked for in the URL:
`postgresql://...?default_transaction_isolation=serializable`.
"""

import asyncio
from collections.abc import Awaitable, Callable, Generator, Sequence
from typing import Any, Generic, NoReturn, TypeVar, cast

import asyncpg

from poolkeeper.entropy import Entropy
from poolkeeper.store import retry
from poolkeeper.store.db import Row, Transaction, Unavailable

T = TypeVar("T")

_CONNECT_SECONDS = 5
_ANSWER_SECONDS = 30
_STATEMENTS = 1024

# Rolled back by the server, which asks for another try: PostgreSQL and YugabyteDB, then Aurora DSQL.
_ROLLED_BACK = frozenset({"40001", "40P01", "OC000", "OC001"})
# Not there yet, or no connection left, said before anything was done.
_NOT_NOW = frozenset({"57P03", "53300"})
# 08: connection exceptions; 57P: the server ends the session; 40003: the outcome is unknown (CockroachDB).
_LOST = ("08", "57P", "40003")


class PostgresDatabase:
    """A pool of connections, as a Database: one event loop, any number of processes.

    `round_trips` counts what went over the wire: statements, BEGIN, COMMIT and ROLLBACK; not counted are the connecting
    and the preparing of a statement, once a connection.
    """

    def __init__(self, url: str, *, entropy: Entropy, max_connections: int) -> None:
        self.round_trips = 0
        self._url = url
        self._entropy = entropy
        self._size = max_connections
        self._free = asyncio.Semaphore(max_connections)
        self._idle: list[asyncpg.Connection] = []
        self._closed = False

    @classmethod
    async def open(cls, url: str, *, entropy: Entropy, max_connections: int = 10) -> "PostgresDatabase":
        """Connect once, to know that it can be done, and return the database.

        Raises Unavailable when the server does not answer within the retries, or refuses.
        """
        database = cls(url, entropy=entropy, max_connections=max_connections)
        try:
            await database.fetch("SELECT 1")
        except (asyncpg.PostgresError, asyncpg.InterfaceError) as fault:
            await database.close()
            raise Unavailable(f"PostgreSQL refuses: {fault}") from fault
        return database

    async def fetch(self, sql: str, *args: object) -> Sequence[Row]:
        """Return every row of one SELECT. A lost connection is no error: a read may be run again."""
        if not sql.lstrip().startswith(("SELECT", "WITH")):
            raise retry.BodyError("fetch reads: a change goes through execute, returning or write")

        async def read(connection: asyncpg.Connection) -> Sequence[Row]:
            self.round_trips += 1
            try:
                return cast("Sequence[Row]", await connection.fetch(sql, *args))
            except Exception as fault:  # noqa: BLE001 - judged, and raised
                _raise(fault, connection, stands=False)

        return await retry.run(lambda: self._lend(read), self._entropy)

    async def fetch_one(self, sql: str, *args: object) -> Row | None:
        """Return the first row, or None."""
        rows = await self.fetch(sql, *args)
        return rows[0] if rows else None

    async def execute(self, sql: str, *args: object) -> int:
        """Run one changing statement, which commits by itself, and return the rows touched.

        Raises Unavailable when the connection was lost after the statement was sent: whether it stands is not known, and
        it is not run a second time.
        """

        async def change(connection: asyncpg.Connection) -> int:
            return _touched(await connection.execute(sql, *args))

        return await self._alone(change)

    async def returning(self, sql: str, *args: object) -> Sequence[Row]:
        """Run one changing statement that ends in RETURNING and commits by itself. Raises Unavailable as `execute`."""

        async def change(connection: asyncpg.Connection) -> Sequence[Row]:
            return cast("Sequence[Row]", await connection.fetch(sql, *args))

        return await self._alone(change)

    async def write(self, body: Callable[[Transaction], Awaitable[T]]) -> T:
        """Run `body` between BEGIN and COMMIT and return what it returned; when it raises, roll back.

        A connection lost before COMMIT is a reason to run again. One lost while COMMIT was under way raises Unavailable:
        the change stands or does not, nobody knows, and it is never run a second time in silence. The caller's client
        asks again, and conditional SQL tells that request what the first one did (attacks.md part 4, rule 5, F23).
        """

        async def transact(connection: asyncpg.Connection) -> T:
            await self._begin(connection)
            tx = _Transaction(self, connection)
            try:
                result = await _Guarded(body, tx)
                if tx.fault is not None:
                    raise tx.fault  # noqa: TRY301 - a body that swallowed it must not commit
            except Exception:
                await self._roll_back(connection)
                # A body may make a name of its own of a failed statement, but not of a state of the database.
                if tx.fault is not None and (judged := _judged(tx.fault, connection, stands=False)) is not tx.fault:
                    raise judged from tx.fault
                raise
            finally:
                tx.over = True
            await self._commit(connection)
            return result

        return await retry.run(lambda: self._lend(transact), self._entropy)

    async def close(self) -> None:
        """Wait for what is under way, at most as long as a statement may take, and close every connection."""
        self._closed = True
        for _ in range(self._size):
            await self._free.acquire()
        while self._idle:
            await self._idle.pop().close(timeout=_CONNECT_SECONDS)
        for _ in range(self._size):
            self._free.release()

    async def _alone(self, change: Callable[[asyncpg.Connection], Awaitable[T]]) -> T:
        async def run(connection: asyncpg.Connection) -> T:
            self.round_trips += 1
            try:
                return await change(connection)
            except Exception as fault:  # noqa: BLE001 - judged, and raised
                _raise(fault, connection, stands=True)

        return await retry.run(lambda: self._lend(run), self._entropy)

    async def _lend(self, work: Callable[[asyncpg.Connection], Awaitable[T]]) -> T:
        """Lend a connection to `work`; take it back only if it is whole, idle and outside of a transaction."""
        await self._enter()
        connection = None
        try:
            connection = await self._connect()
            return await work(connection)
        except asyncio.CancelledError:
            # In the middle of a statement: what the server makes of it is not waited for.
            if connection is not None:
                connection.terminate()
            raise
        finally:
            if connection is not None:
                self._take_back(connection)
            self._free.release()

    async def _enter(self) -> None:
        if self._closed:
            raise Unavailable("the database is closed")
        try:
            async with asyncio.timeout(_ANSWER_SECONDS if self._free.locked() else None):
                await self._free.acquire()
        except TimeoutError:
            raise Unavailable(f"no connection became free within {_ANSWER_SECONDS} seconds") from None

    async def _connect(self) -> asyncpg.Connection:
        while self._idle:
            connection = self._idle.pop()
            if not connection.is_closed():
                return connection
        try:
            return await asyncpg.connect(
                self._url,
                timeout=_CONNECT_SECONDS,
                command_timeout=_ANSWER_SECONDS,
                statement_cache_size=_STATEMENTS,
                max_cached_statement_lifetime=0,
                server_settings={"application_name": "poolkeeper"},
            )
        except TimeoutError as fault:
            raise Unavailable(f"PostgreSQL did not answer within {_CONNECT_SECONDS} seconds") from fault
        except OSError as fault:
            raise retry.Again(f"PostgreSQL does not answer: {fault}") from fault
        except asyncpg.PostgresError as fault:
            if fault.sqlstate in _NOT_NOW or _is_lost(fault):
                raise retry.Again(str(fault)) from fault
            raise

    def _take_back(self, connection: asyncpg.Connection) -> None:
        if connection.is_closed() or connection.is_in_transaction():
            connection.terminate()
        else:
            self._idle.append(connection)

    async def _begin(self, connection: asyncpg.Connection) -> None:
        self.round_trips += 1
        try:
            await connection.execute("BEGIN")
        except Exception as fault:  # noqa: BLE001 - judged, and raised
            _raise(fault, connection, stands=False)

    async def _commit(self, connection: asyncpg.Connection) -> None:
        self.round_trips += 1
        try:
            ended = await self._send_commit(connection)
        except Exception as fault:  # noqa: BLE001 - judged, and raised
            _raise(fault, connection, stands=True)
        if ended != "COMMIT":
            raise retry.BodyError(f"COMMIT ended in {ended}")

    async def _send_commit(self, connection: asyncpg.Connection) -> str:
        return str(await connection.execute("COMMIT"))

    async def _roll_back(self, connection: asyncpg.Connection) -> None:
        if connection.is_closed():
            return
        self.round_trips += 1
        try:
            await connection.execute("ROLLBACK")
        except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError):
            connection.terminate()


class _Transaction:
    """What a body is handed. After a failed statement only its end is left: PostgreSQL refuses everything else."""

    __slots__ = ("_connection", "_database", "busy", "fault", "over")

    def __init__(self, database: PostgresDatabase, connection: asyncpg.Connection) -> None:
        self._database = database
        self._connection = connection
        self.busy = False
        self.fault: Exception | None = None
        self.over = False

    async def fetch(self, sql: str, *args: object) -> Sequence[Row]:
        return cast("Sequence[Row]", await self._run(self._connection.fetch, sql, args))

    async def fetch_one(self, sql: str, *args: object) -> Row | None:
        rows = await self.fetch(sql, *args)
        return rows[0] if rows else None

    async def execute(self, sql: str, *args: object) -> int:
        return _touched(await self._run(self._connection.execute, sql, args))

    async def _run(self, ask: Callable[..., Awaitable[Any]], sql: str, args: tuple[object, ...]) -> Any:
        if self.over:
            raise retry.BodyError("a transaction was used after its body had ended")
        if self.fault is not None:
            raise retry.BodyError("a body went on after a statement had failed") from self.fault
        self._database.round_trips += 1
        self.busy = True
        try:
            return await ask(sql, *args)
        except Exception as fault:
            self.fault = fault
            raise
        finally:
            self.busy = False


class _Guarded(Generic[T]):
    """Await a body as it is, but refuse to wait for anything that its transaction did not ask for.

    SQLite cannot wait for anything else; here it would hold a connection and its locks for as long as that takes.
    """

    def __init__(self, body: Callable[[Transaction], Awaitable[T]], tx: _Transaction) -> None:
        self._body = body
        self._tx = tx

    def __await__(self) -> Generator[Any, Any, T]:
        steps = self._body(self._tx).__await__()
        try:
            waiting = next(steps)
            while self._tx.busy:
                try:
                    answer = yield waiting
                except BaseException as fault:  # noqa: BLE001 - a cancellation is the body's to see
                    waiting = steps.throw(fault)
                else:
                    waiting = steps.send(answer)
        except StopIteration as end:
            return cast("T", end.value)
        steps.close()
        raise retry.BodyError(retry.GUARD)


def _raise(fault: Exception, connection: asyncpg.Connection, *, stands: bool) -> NoReturn:
    judged = _judged(fault, connection, stands=stands)
    if judged is fault:
        raise fault
    raise judged from fault


def _judged(fault: Exception, connection: asyncpg.Connection, *, stands: bool) -> Exception:
    """Return what a caller is told: run again, the database is away, or the fault itself.

    `stands`: the server may have committed before the connection was lost, so it must not be run again.
    """
    if getattr(fault, "sqlstate", None) in _ROLLED_BACK:
        return retry.Again(str(fault))
    if isinstance(fault, TimeoutError):
        # Ten times as long would help nobody.
        connection.terminate()
        return Unavailable(f"PostgreSQL did not answer within {_ANSWER_SECONDS} seconds")
    if _is_lost(fault) or (isinstance(fault, asyncpg.InterfaceError) and connection.is_closed()):
        connection.terminate()
        reason = f"the connection to PostgreSQL was lost: {fault!r}"
        return Unavailable(reason) if stands else retry.Again(reason)
    return fault


def _is_lost(fault: Exception) -> bool:
    """Say whether the session is gone."""
    state = getattr(fault, "sqlstate", None) or ""
    return isinstance(fault, OSError) or state.startswith(_LOST)


def _touched(status: str) -> int:
    """Return the number at the end of a command tag such as `UPDATE 1`; a tag without one is of a schema change."""
    count = status.rpartition(" ")[2]
    return int(count) if count.isdigit() else 0
