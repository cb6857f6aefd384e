"""What becomes of work while PostgreSQL is away, full, a standby, or waits for one? Answers in time, and nothing run twice."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import asyncpg
import pytest

from poolkeeper.entropy import Entropy
from poolkeeper.store import postgres_connections as connections
from poolkeeper.store.db import Database, Refused, Transaction, Unavailable
from poolkeeper.store.postgres import PostgresDatabase
from postgres_server import PostgresServer
from store.conftest import TOYS, Engine, Hasty

INSERT = "INSERT INTO toys (pool_id, toy_id, n) VALUES ($1, $2, $3)"
TOYS_OF_P = "SELECT toy_id FROM toys WHERE pool_id = 'p' ORDER BY toy_id"


async def operator(url: str, *statements: str) -> list[Any]:
    """Run statements beside the database that is tested; return the first column of the last."""
    connection = await asyncpg.connect(url)
    try:
        for statement in statements[:-1]:
            await connection.execute(statement)
        return [row[0] for row in await connection.fetch(statements[-1])]
    finally:
        await connection.close()


async def opened(url: str) -> PostgresDatabase:
    """Open a database, without pauses between attempts, and make the table of toys."""
    database = await PostgresDatabase.open(url, entropy=Hasty())
    await database.execute(TOYS)
    return database


async def warmed(database: Database, count: int) -> None:
    """Let so many connections lie idle."""
    await asyncio.gather(*[database.fetch("SELECT pg_sleep(0.1)") for _ in range(count)])


async def idle_ones(url: str) -> int:
    """Return how many idle connections of Poolkeepers the server has to a database."""
    ours = "SELECT pid FROM pg_stat_activity WHERE application_name = 'poolkeeper' AND datname = current_database()"
    return len(await operator(url, f"{ours} AND state = 'idle'"))


# The only synchronous standby is gone


@asynccontextmanager
async def without_a_standby(url: str) -> AsyncIterator[None]:
    """Let every commit wait for a standby that is not there, until the block ends."""
    await operator(url, "ALTER SYSTEM SET synchronous_standby_names = 'nobody'", "SELECT pg_reload_conf()")
    try:
        with suppress(TimeoutError):
            while True:  # a setting is read some time after the signal
                await asyncio.wait_for(operator(url, "SELECT pg_logical_emit_message(true, 'tests', '')"), 0.3)
        yield
    finally:
        await operator(url, "ALTER SYSTEM RESET synchronous_standby_names", "SELECT pg_reload_conf()")


async def commits_wait(url: str, count: int) -> None:
    """Return when so many commits wait for a standby."""
    waiting = "SELECT pid FROM pg_stat_activity WHERE wait_event = 'SyncRep' AND datname = current_database()"
    async with asyncio.timeout(20):
        while len(await operator(url, waiting)) < count:  # noqa: ASYNC110 - the server tells nobody
            await asyncio.sleep(0.02)


def test_commits_that_wait_for_a_standby_stop_no_read(
    postgres: PostgresServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Ten changes wait; reads are answered, whoever stands behind is refused in time, and nothing is lost (attacks.md F6)."""
    url = postgres.create_database()
    monkeypatch.setattr(connections, "WAIT_SECONDS", 0.3)

    async def story() -> None:
        database = await opened(url)
        async with without_a_standby(postgres.url):
            changes = [asyncio.create_task(database.execute(INSERT, "p", f"t{n}", n)) for n in range(12)]
            await commits_wait(url, 10)
            assert await asyncio.wait_for(database.fetch(TOYS_OF_P), 5) == []
            behind = await asyncio.gather(*changes[10:], return_exceptions=True)
            assert not any(change.done() for change in changes[:10])
        assert [type(one) for one in behind] == [Unavailable] * 2
        assert await asyncio.gather(*changes[:10]) == [1] * 10
        assert len(await database.fetch(TOYS_OF_P)) == 10
        await database.close()

    asyncio.run(story())


def test_reads_that_hang_stop_no_change(postgres_engine: Engine) -> None:
    """Ten reads that take for ever leave the connections of changes alone."""

    async def story(database: Database) -> None:
        reads = [asyncio.create_task(database.fetch("SELECT pg_sleep(60)")) for _ in range(10)]
        await asyncio.sleep(0.1)
        assert await asyncio.wait_for(database.execute(INSERT, "p", "a", 1), 5) == 1
        for read in reads:
            read.cancel()
        await asyncio.gather(*reads, return_exceptions=True)

    postgres_engine.run(story)


def test_only_so_many_wait_for_a_connection(postgres: PostgresServer, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever comes when as many wait as may is refused at once; the others are served, and then there is room again."""
    url = postgres.create_database()
    monkeypatch.setattr(connections, "MOST_WAITING", 3)

    async def story() -> None:
        database = await PostgresDatabase.open(url, entropy=Entropy(), reading=1)
        reads = [asyncio.create_task(database.fetch("SELECT pg_sleep(0.2)")) for _ in range(5)]
        with pytest.raises(Unavailable, match="3 others wait"):
            await reads[4]
        assert not any(read.done() for read in reads[:4])
        await asyncio.gather(*reads[:4])
        assert len(await database.fetch("SELECT 1")) == 1
        await database.close()

    asyncio.run(story())


def test_commits_that_were_given_up_do_not_pile_up(postgres: PostgresServer, monkeypatch: pytest.MonkeyPatch) -> None:
    """The server waits on, though nobody hears it: two changes keep the two places until the standby is back."""
    url = postgres.create_database()
    monkeypatch.setattr(connections, "WAIT_SECONDS", 0.3)
    monkeypatch.setattr(connections, "ANSWER_SECONDS", 0.3)

    async def story() -> None:
        database = await PostgresDatabase.open(url, entropy=Hasty(), reading=1, writing=2)
        await database.execute(TOYS)
        async with without_a_standby(postgres.url):
            for expected in ("did not answer", "no connection became free", "no connection became free"):
                turn = [database.execute(INSERT, "p", f"{expected}-{n}", n) for n in range(2)]
                outcomes = await asyncio.gather(*turn, return_exceptions=True)
                assert all(expected in str(one) for one in outcomes), outcomes
            await commits_wait(url, 2)
            assert len(await operator(url, "SELECT pid FROM pg_stat_activity WHERE wait_event = 'SyncRep'")) == 2
        monkeypatch.setattr(connections, "WAIT_SECONDS", 5)
        assert await database.execute(INSERT, "p", "after", 1) == 1
        assert len(await database.fetch(TOYS_OF_P)) == 3
        await database.close()

    asyncio.run(story())


def test_changes_that_wait_for_a_lock_do_not_pile_up(postgres: PostgresServer, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two that were given up keep the two places, for as long as the server waits for the row on their behalf."""
    url = postgres.create_database()
    monkeypatch.setattr(connections, "WAIT_SECONDS", 0.3)
    monkeypatch.setattr(connections, "ANSWER_SECONDS", 0.3)

    async def story() -> None:
        database = await PostgresDatabase.open(url, entropy=Hasty(), reading=1, writing=2)
        await database.execute(TOYS)
        await database.execute(INSERT, "p", "a", 1)

        async def body(tx: Transaction) -> int:
            return await tx.execute("UPDATE toys SET n = n + 1 WHERE pool_id = $1 AND toy_id = $2", "p", "a")

        holder = await asyncpg.connect(url)
        await holder.execute("BEGIN; UPDATE toys SET n = 5")
        for expected in ("did not answer", "no connection became free"):
            outcomes = await asyncio.gather(*[database.write(body) for _ in range(2)], return_exceptions=True)
            assert all(expected in str(one) for one in outcomes), outcomes
        await holder.execute("COMMIT")
        await holder.close()
        monkeypatch.setattr(connections, "WAIT_SECONDS", 5)
        assert await database.write(body) == 1
        assert [row[0] for row in await database.fetch("SELECT n FROM toys WHERE pool_id = 'p'")] == [6]
        await database.close()

    asyncio.run(story())


@pytest.mark.parametrize("alone", [True, False])
def test_a_commit_that_stopped_waiting_for_its_standby_is_not_acknowledged(
    postgres: PostgresServer,
    alone: bool,  # noqa: FBT001 - a parameter of pytest
) -> None:
    """An operator's pg_cancel_backend ends the wait: PostgreSQL says COMMIT, and no standby has it."""
    url = postgres.create_database()

    async def story() -> None:
        database = await opened(url)

        async def body(tx: Transaction) -> int:
            return await tx.execute(INSERT, "p", "a", 1)

        async with without_a_standby(postgres.url):
            change = asyncio.create_task(database.execute(INSERT, "p", "a", 1) if alone else database.write(body))
            await commits_wait(url, 1)
            await operator(url, "SELECT pg_cancel_backend(pid) FROM pg_stat_activity WHERE wait_event = 'SyncRep'")
            with pytest.raises(Unavailable, match="no standby"):
                await change
        assert [row[0] for row in await database.fetch(TOYS_OF_P)] == ["a"]
        assert await database.execute(INSERT, "p", "b", 1) == 1
        await database.close()

    asyncio.run(story())


# A connection that died between two statements


@dataclass
class Line:
    """A proxy on loopback. `condemn` says the server's last words on every connection, and leaves it open, as a slow network does."""

    url: str = ""
    made: int = 0
    _clients: list[asyncio.StreamWriter] = field(default_factory=list)
    _ends: set["asyncio.Task[Any]"] = field(default_factory=set)

    def condemn(self) -> None:
        words = b"SFATAL\0VFATAL\0C57P01\0Mterminating connection due to administrator command\0\0"
        for client in (one for one in self._clients if not one.is_closing()):
            client.write(b"E" + (len(words) + 4).to_bytes(4, "big") + words)

    async def carry(self, client: asyncio.StreamReader, answer: asyncio.StreamWriter, host: str, port: int) -> None:
        server, send = await asyncio.open_connection(host, port)
        self.made += 1
        self._clients.append(answer)
        pumps = asyncio.gather(self._pump(client, send), self._pump(server, answer))
        self._ends.add(asyncio.create_task(self._over(pumps, answer, send)))

    async def _over(self, pumps: "asyncio.Future[Any]", *writers: asyncio.StreamWriter) -> None:
        await pumps
        for writer in writers:
            with suppress(ConnectionError):
                await writer.wait_closed()

    async def hang_up(self) -> None:
        """End every connection."""
        for client in self._clients:
            client.transport.abort()
        await asyncio.gather(*self._ends)

    async def _pump(self, source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
        try:
            while data := await source.read(65536):
                target.write(data)
        except ConnectionError:
            pass
        target.close()


@asynccontextmanager
async def through_a_line(url: str) -> AsyncIterator[Line]:
    """Stand between a driver and the server of `url`."""
    target = urlsplit(url)
    assert target.hostname is not None
    assert target.port is not None
    host, port = target.hostname, target.port
    line = Line()
    listener = await asyncio.start_server(lambda client, answer: line.carry(client, answer, host, port), "127.0.0.1", 0)
    line.url = url.replace(f":{port}/", f":{listener.sockets[0].getsockname()[1]}/")
    yield line
    await line.hang_up()
    listener.close()
    await listener.wait_closed()


def test_a_read_on_a_dead_connection_is_read_on_a_fresh_one(postgres: PostgresServer) -> None:
    """Six idle connections hear that the server goes; the first read finds out, and all six are gone (attacks.md F5)."""
    url = postgres.create_database()

    async def story() -> None:
        async with through_a_line(url) as line:
            database = await opened(line.url)
            await warmed(database, 6)
            line.condemn()
            await asyncio.sleep(0.1)
            assert await database.fetch(TOYS_OF_P) == []
            assert line.made == 7
            # None of the others is met by a change, which could not be run twice.
            assert await asyncio.gather(*[database.execute(INSERT, "p", f"t{n}", n) for n in range(6)]) == [1] * 6
            assert await idle_ones(url) <= 7
            await database.close()

    asyncio.run(story())


def test_a_body_on_a_dead_connection_runs_on_a_fresh_one(postgres: PostgresServer) -> None:
    """Nothing of it stands, whether the connection died before it or in its midst."""
    url = postgres.create_database()

    async def story() -> None:
        async with through_a_line(url) as line:
            database = await opened(line.url)
            runs = 0

            async def body(tx: Transaction) -> None:
                nonlocal runs
                runs += 1
                await tx.execute(INSERT, "p", f"run{runs}", 1)
                if runs == 1:
                    line.condemn()
                    await tx.fetch("SELECT pg_sleep(0.1)")
                await tx.execute(INSERT, "p", "second", 1)

            line.condemn()
            await asyncio.sleep(0.1)
            await database.write(body)
            assert [row[0] for row in await database.fetch(TOYS_OF_P)] == ["run2", "second"]
            assert runs == 2
            await database.close()

    asyncio.run(story())


def test_a_change_on_a_dead_connection_is_refused_and_the_next_one_stands(postgres: PostgresServer) -> None:
    """Whether the server took it is not known, so its caller hears Unavailable, and it is never run twice."""
    url = postgres.create_database()

    async def story() -> None:
        async with through_a_line(url) as line:
            database = await opened(line.url)
            await warmed(database, 3)
            line.condemn()
            await asyncio.sleep(0.1)
            with pytest.raises(Unavailable, match="lost"):
                await database.execute(INSERT, "p", "first", 1)
            assert await database.execute(INSERT, "p", "second", 1) == 1
            assert [row[0] for row in await database.fetch(TOYS_OF_P)] == ["second"]
            await database.close()

    asyncio.run(story())


def test_idle_connections_that_the_server_ended_are_no_error_to_anybody(postgres: PostgresServer) -> None:
    """pg_terminate_backend on all of them, and reads, changes and bodies go on."""
    url = postgres.create_database()

    async def story() -> None:
        database = await opened(url)
        await warmed(database, 8)

        async def body(tx: Transaction) -> int:
            return await tx.execute(INSERT, "p", "body", 1)

        ended = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'poolkeeper'"
        assert len(await operator(url, f"{ended} AND datname = current_database()")) == 8
        await asyncio.sleep(0.1)
        assert await database.execute(INSERT, "p", "alone", 1) == 1
        assert await database.write(body) == 1
        assert len(await database.fetch(TOYS_OF_P)) == 2
        await database.close()

    asyncio.run(story())


# A standby, or one that is to become the primary


def test_a_standby_is_waited_for_and_is_no_accident(postgres: PostgresServer) -> None:
    """While no host takes changes the caller hears Unavailable; the same database goes on when one does (attacks.md F7)."""
    url = postgres.create_database()
    name = urlsplit(url).path[1:]

    async def story() -> None:
        database = await opened(f"{url}?target_session_attrs=read-write")
        end = f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'"
        await operator(postgres.url, f"ALTER DATABASE {name} SET default_transaction_read_only = on", end)
        for ask in (lambda: database.fetch(TOYS_OF_P), lambda: database.execute(INSERT, "p", "a", 1)):
            with pytest.raises(Unavailable, match="10 attempts"):
                await ask()
        await operator(postgres.url, f"ALTER DATABASE {name} RESET default_transaction_read_only", "SELECT 1")
        assert await database.execute(INSERT, "p", "a", 1) == 1
        await database.close()

    asyncio.run(story())


@pytest.mark.parametrize("alone", [True, False])
def test_a_change_that_reached_a_standby_looks_for_the_primary(
    postgres: PostgresServer,
    alone: bool,  # noqa: FBT001 - a parameter of pytest
) -> None:
    """A server that refuses to write has done nothing: the change is asked anew, by a new connection (attacks.md F7)."""
    url = postgres.create_database()
    name = urlsplit(url).path[1:]

    async def story() -> None:
        database = await opened(url)

        async def body(tx: Transaction) -> int:
            return await tx.execute(INSERT, "p", "a", 1)

        def change() -> Any:
            return database.execute(INSERT, "p", "a", 1) if alone else database.write(body)

        end = f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'"
        await operator(postgres.url, f"ALTER DATABASE {name} SET default_transaction_read_only = on", end)
        await asyncio.sleep(0.1)
        with pytest.raises(Unavailable, match="10 attempts"):
            await change()
        await operator(postgres.url, f"ALTER DATABASE {name} RESET default_transaction_read_only", "SELECT 1")
        assert await change() == 1
        await database.close()

    asyncio.run(story())


def test_a_host_that_does_not_answer_is_passed_over(postgres: PostgresServer, monkeypatch: pytest.MonkeyPatch) -> None:
    """A frozen machine takes connections and says nothing; the next host of the address is asked, and remembered."""
    url = postgres.create_database()
    monkeypatch.setattr(connections, "CONNECT_SECONDS", 1)

    async def story() -> None:
        taken = 0

        async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            nonlocal taken
            taken += 1
            with suppress(ConnectionError):
                while await reader.read(1024):
                    pass
            writer.close()

        frozen = await asyncio.start_server(silent, "127.0.0.1", 0)
        first = f"127.0.0.1:{frozen.sockets[0].getsockname()[1]}"
        both = url.replace("@127", f"@{first},127")
        database = PostgresDatabase(both, entropy=Hasty(), reading=4, writing=4)
        await warmed(database, 4)
        await asyncio.gather(*[database.execute("SELECT 1") for _ in range(8)])
        assert taken == 4
        await database.close()
        frozen.close()

    asyncio.run(story())


def test_a_server_that_refuses_later_is_unavailable(postgres: PostgresServer) -> None:
    """A role that may not come in any more, or a database that is gone: the caller hears so, at once."""
    url = postgres.create_database()
    role = url.replace("://poolkeeper@", "://visitor@")

    async def story() -> None:
        await operator(url, "CREATE ROLE visitor LOGIN", "SELECT 1")
        database = await PostgresDatabase.open(role, entropy=Hasty())
        end = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'visitor'"
        await operator(url, "ALTER ROLE visitor NOLOGIN", end)
        await asyncio.sleep(0.1)
        with pytest.raises(Refused, match="PostgreSQL refuses"):
            await database.fetch("SELECT 1")
        await operator(url, "ALTER ROLE visitor LOGIN", "SELECT 1")
        assert len(await database.fetch("SELECT 1")) == 1
        await database.close()
        await operator(url, "DROP ROLE visitor", "SELECT 1")

    asyncio.run(story())


# No room, and no time


RAISE = """
CREATE FUNCTION raise(state text) RETURNS bigint LANGUAGE plpgsql AS
$$ BEGIN RAISE EXCEPTION 'could not extend file' USING ERRCODE = state; END $$
"""
RAISE_AT_COMMIT = """
CREATE FUNCTION raise_late() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN RAISE EXCEPTION 'could not extend file' USING ERRCODE = '53100'; END $$
"""
LATE = """
CREATE CONSTRAINT TRIGGER late AFTER INSERT ON toys DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION raise_late()
"""
FULL = {
    "53100": "a disk",
    "53200": "memory",
    "53400": "a limit",
    "58030": "a file",
    "57014": "statement_timeout",
    "55P03": "lock_timeout",
}


@pytest.mark.parametrize("state", FULL)
def test_a_server_without_room_is_unavailable_at_once(postgres: PostgresServer, state: str) -> None:
    """A read, a change and a body are refused once each, the connections are kept, and everything else goes on (F10)."""
    url = postgres.create_database()

    async def story() -> None:
        database = await opened(url)
        await database.execute(RAISE)
        runs = 0

        async def body(tx: Transaction) -> None:
            nonlocal runs
            runs += 1
            await tx.execute(INSERT, "p", "body", 1)
            try:
                await tx.fetch("SELECT raise($1)", state)
            except Exception as fault:
                raise LookupError("a name of the body's own") from fault

        before = database.round_trips
        with pytest.raises(Unavailable, match="could not extend"):
            await database.fetch("SELECT raise($1)", state)
        with pytest.raises(Unavailable, match="could not extend"):
            await database.execute("INSERT INTO toys (pool_id, toy_id, n) VALUES ('p', 'alone', raise($1))", state)
        assert database.round_trips == before + 2
        with pytest.raises(Unavailable, match="could not extend"):
            await database.write(body)
        assert runs == 1
        assert await database.fetch(TOYS_OF_P) == []
        assert await idle_ones(url) == 1
        await database.close()

    asyncio.run(story())


def test_a_disk_that_is_full_at_the_commit_undoes_it(postgres: PostgresServer) -> None:
    """The body ran once, its caller hears Unavailable, and nothing stands (attacks.md F10)."""
    url = postgres.create_database()

    async def story() -> None:
        database = await opened(url)
        for statement in (RAISE_AT_COMMIT, LATE):
            await database.execute(statement)
        runs = 0

        async def body(tx: Transaction) -> None:
            nonlocal runs
            runs += 1
            await tx.execute(INSERT, "p", "body", 1)

        with pytest.raises(Unavailable, match="could not extend"):
            await database.write(body)
        assert runs == 1
        assert await database.fetch(TOYS_OF_P) == []
        await database.close()

    asyncio.run(story())


def test_too_many_connections_are_waited_for(postgres: PostgresServer) -> None:
    """A role that may have one connection has it elsewhere: Unavailable after ten attempts, and then all is well."""
    url = postgres.create_database()

    async def story() -> None:
        await operator(url, "CREATE ROLE lonely LOGIN CONNECTION LIMIT 1", "SELECT 1")
        lonely = url.replace("://poolkeeper@", "://lonely@")
        other = await asyncpg.connect(lonely)
        with pytest.raises(Unavailable, match="10 attempts"):
            await PostgresDatabase.open(lonely, entropy=Hasty())
        await other.close()
        database = await PostgresDatabase.open(lonely, entropy=Entropy())
        await database.close()
        await operator(url, "DROP ROLE lonely", "SELECT 1")

    asyncio.run(story())


def test_a_frozen_connection_takes_the_idle_ones_with_it(
    postgres: PostgresServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What lies idle is as dead as what did not answer, and would cost every next caller as much time (attacks.md F9)."""
    url = postgres.create_database()
    monkeypatch.setattr(connections, "ANSWER_SECONDS", 0.3)

    async def story() -> None:
        database = await opened(url)
        await warmed(database, 4)
        with pytest.raises(Unavailable, match="did not answer"):
            await database.fetch("SELECT pg_sleep(60)")
        assert await database.fetch(TOYS_OF_P) == []
        async with asyncio.timeout(10):
            while await idle_ones(url) > 1:  # noqa: ASYNC110 - the server tells nobody
                await asyncio.sleep(0.05)
        await database.close()

    asyncio.run(story())
