"""How does Poolkeeper speak to PostgreSQL and what speaks its protocol? asyncpg, over a small pool of connections.

A statement is one round trip: prepared once a connection, sent without a transaction around it where it is alone, and no
reset when a connection goes back. Nothing is kept in a session, so PgBouncer may stand between (transaction mode, from
1.21 on, which knows prepared statements). Another isolation level is asked for in the URL:
`postgresql://...?default_transaction_isolation=serializable`.
"""

from collections.abc import Awaitable, Callable, Generator, Sequence
from typing import Any, Generic, NoReturn, TypeVar, cast

import asyncpg

from poolkeeper.entropy import Entropy
from poolkeeper.store import postgres_connections as connections
from poolkeeper.store import retry
from poolkeeper.store.db import Row, Transaction

T = TypeVar("T")


class PostgresDatabase:
    """A pool of connections, as a Database: one event loop, any number of processes.

    `round_trips` counts what went over the wire: statements, BEGIN, COMMIT and ROLLBACK; not counted are the connecting
    and the preparing of a statement, once a connection.
    """

    one_writer = False

    def __init__(self, url: str, *, entropy: Entropy, reading: int, writing: int) -> None:
        self.round_trips = 0
        self._entropy = entropy
        self._connections = connections.Connections(url, reading=reading, writing=writing)

    @classmethod
    async def open(cls, url: str, *, entropy: Entropy, reading: int = 10, writing: int = 10) -> "PostgresDatabase":
        """Connect once, to know that it can be done, and return the database.

        `reading` and `writing`: so many reads and changes at once, each on a connection. Raises Unavailable when the
        server does not answer within the retries, Refused when it will not have us.
        """
        database = cls(url, entropy=entropy, reading=reading, writing=writing)
        try:
            await database.fetch("SELECT 1")
        except BaseException:
            await database.close()
            raise
        return database

    async def fetch(self, sql: str, *args: object) -> Sequence[Row]:
        """Return every row of one SELECT. A lost connection is no error: a read may be run again."""
        if not sql.lstrip().startswith(("SELECT", "WITH")):
            raise retry.BodyError("fetch reads: a change goes through execute or write")

        async def read(connection: asyncpg.Connection) -> Sequence[Row]:
            self.round_trips += 1
            try:
                return cast("Sequence[Row]", await connection.fetch(sql, *args))
            except Exception as fault:  # noqa: BLE001 - judged, and raised
                self._raise(fault, connection, stands=False)

        return await retry.run(lambda: self._connections.lend(self._connections.reading, read), self._entropy)

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

    async def write(self, body: Callable[[Transaction], Awaitable[T]], *, repeatable: bool = False) -> T:  # noqa: ARG002
        """Run `body` between BEGIN and COMMIT and return what it returned; when it raises, roll back.

        What is `repeatable` is as durable as everything else: another's commit does not wait for it here.

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
                # A body may turn a failed statement into an exception of its own, but not a state of the database.
                fault = tx.fault
                judged = fault and self._connections.judged(fault, connection, stands=False)
                await self._roll_back(connection)
                if judged is not None and judged is not fault:
                    raise judged from fault
                raise
            finally:
                tx.over = True
            await self._commit(connection)
            return result

        return await retry.run(lambda: self._connections.lend(self._connections.writing, transact), self._entropy)

    async def other_connections(self) -> int:
        """Return how many connections of other Poolkeepers the database has, as far as this role is shown them."""
        row = await self.fetch_one(
            """
            SELECT COUNT(*) FROM pg_stat_activity
            WHERE application_name = $1 AND datname = current_database() AND pid <> pg_backend_pid()
            """,
            connections.NAME,
        )
        return int(row[0]) if row is not None else 0

    async def settle(self) -> None:
        """Do nothing: the server has processes of its own for that."""

    async def close(self) -> None:
        """Wait for what is under way, at most as long as a statement may take, and close every connection."""
        await self._connections.close()

    async def _alone(self, change: Callable[[asyncpg.Connection], Awaitable[T]]) -> T:
        async def run(connection: asyncpg.Connection) -> T:
            self.round_trips += 1
            try:
                result = await change(connection)
            except Exception as fault:  # noqa: BLE001 - judged, and raised
                self._raise(fault, connection, stands=True)
            self._connections.require_replicated(connection)
            return result

        return await retry.run(lambda: self._connections.lend(self._connections.writing, run), self._entropy)

    async def _begin(self, connection: asyncpg.Connection) -> None:
        self.round_trips += 1
        try:
            await connection.execute("BEGIN")
        except Exception as fault:  # noqa: BLE001 - judged, and raised
            self._raise(fault, connection, stands=False)

    async def _commit(self, connection: asyncpg.Connection) -> None:
        self.round_trips += 1
        sent = not connection.is_closed()
        try:
            ended = await self._send_commit(connection)
        except Exception as fault:  # noqa: BLE001 - judged, and raised
            self._raise(fault, connection, stands=sent)
        self._connections.require_replicated(connection)
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
        except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError, asyncpg.InternalClientError):
            connection.terminate()

    def _raise(self, fault: Exception, connection: asyncpg.Connection, *, stands: bool) -> NoReturn:
        judged = self._connections.judged(fault, connection, stands=stands)
        if judged is fault:
            raise fault
        raise judged from fault


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

    async def fetch_each(self, sql: str, rows: Sequence[Sequence[object]]) -> Sequence[Row]:
        return cast("Sequence[Row]", await self._run(self._connection.fetchmany, sql, (rows,))) if rows else []

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


def _touched(status: str) -> int:
    """Return the number at the end of a command tag such as `UPDATE 1`; a tag without one is of a schema change."""
    count = status.rpartition(" ")[2]
    return int(count) if count.isdigit() else 0
