"""What does the PostgreSQL driver promise beyond the common? Few round trips, real 40001s, and no change made twice."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from itertools import pairwise
from urllib.parse import urlsplit

import asyncpg
import pytest

from poolkeeper.entropy import Entropy
from poolkeeper.store import postgres_connections as connections
from poolkeeper.store.db import Database, Transaction, Unavailable
from poolkeeper.store.postgres import PostgresDatabase
from postgres_server import PostgresServer
from store.conftest import TOYS, Engine, Hasty

INSERT = "INSERT INTO toys (pool_id, toy_id, n) VALUES ($1, $2, $3)"
NUMBER = "SELECT n FROM toys WHERE pool_id = $1 AND toy_id = $2"


def test_a_statement_alone_is_one_round_trip(postgres_engine: Engine) -> None:
    """Reads and one-statement changes go once over the wire; a body pays for BEGIN and for COMMIT or ROLLBACK."""

    async def story(database: Database) -> None:
        assert isinstance(database, PostgresDatabase)

        async def two(tx: Transaction) -> None:
            await tx.execute(INSERT, "p", "a", 1)
            await tx.fetch_one(NUMBER, "p", "a")

        async def fails(tx: Transaction) -> None:
            await tx.execute(INSERT, "p", "b", 1)
            raise LookupError

        counts = [database.round_trips]
        await database.fetch_one(NUMBER, "p", "t")
        counts.append(database.round_trips)
        await database.execute(INSERT, "p", "t", 1)
        counts.append(database.round_trips)
        await database.write(two)
        counts.append(database.round_trips)
        with pytest.raises(LookupError):
            await database.write(fails)
        counts.append(database.round_trips)
        assert [after - before for before, after in pairwise(counts)] == [1, 1, 4, 3]

    postgres_engine.run(story)


def test_serializable_is_asked_for_in_the_url_and_its_failures_are_retried(postgres: PostgresServer) -> None:
    """Bodies that read and write without compare-and-set lose nothing where the server itself answers 40001."""
    url = postgres.create_database() + "?default_transaction_isolation=serializable"

    async def story() -> None:
        database = await PostgresDatabase.open(url, entropy=Entropy())
        await database.execute(TOYS)
        await database.execute(INSERT, "p", "t", 0)
        runs = 0

        async def add(tx: Transaction) -> None:
            nonlocal runs
            runs += 1
            row = await tx.fetch_one(NUMBER, "p", "t")
            assert row is not None
            await tx.execute("UPDATE toys SET n = $3 WHERE pool_id = $1 AND toy_id = $2", "p", "t", row["n"] + 1)

        await asyncio.gather(*[database.write(add) for _ in range(8)])
        row = await database.fetch_one(NUMBER, "p", "t")
        assert row is not None
        assert row["n"] == 8
        assert runs > 8
        await database.close()

    asyncio.run(story())


def test_more_callers_than_connections_share_them(postgres: PostgresServer) -> None:
    """A hundred bodies over two connections all end well, and the server sees no third one."""
    url = postgres.create_database()

    async def story() -> None:
        database = await PostgresDatabase.open(url, entropy=Entropy(), reading=1, writing=2)
        await database.execute(TOYS)

        async def body(tx: Transaction) -> int:
            await tx.execute("UPDATE toys SET n = n + 1 WHERE pool_id = $1", "p")
            row = await tx.fetch_one(
                "SELECT COUNT(*) AS n FROM pg_stat_activity WHERE datname = current_database() AND application_name = $1",
                "poolkeeper",
            )
            assert row is not None
            return int(row["n"])

        assert max(await asyncio.gather(*[database.write(body) for _ in range(100)])) == 2
        await database.close()

    asyncio.run(story())


def test_close_waits_for_reads_and_changes_and_leaves_no_connection(postgres: PostgresServer) -> None:
    """What holds a connection, and what waits for one, is over when it returns; closing once more is no harm."""
    url = postgres.create_database()
    ours = "SELECT COUNT(*) FROM pg_stat_activity WHERE application_name = $1 AND datname = current_database()"

    async def story() -> None:
        database = await PostgresDatabase.open(url, entropy=Entropy(), reading=1, writing=1)
        await database.execute(TOYS)
        work = [asyncio.create_task(database.fetch("SELECT pg_sleep(0.2)")) for _ in range(2)]
        await asyncio.sleep(0)
        await database.close()
        assert all(task.done() for task in work)

        database = await PostgresDatabase.open(url, entropy=Entropy(), reading=1, writing=1)
        slow = "INSERT INTO toys (pool_id, toy_id, n) SELECT $1, $2, 1 FROM pg_sleep(0.2)"
        changes = [asyncio.create_task(database.execute(slow, "p", toy)) for toy in ("a", "b")]
        await asyncio.sleep(0)
        await database.close()
        assert all(task.done() for task in changes)
        await asyncio.wait_for(database.close(), 20)

        beside = await asyncpg.connect(url)
        try:
            async with asyncio.timeout(20):
                while await beside.fetchval(ours, connections.NAME) > 0:  # noqa: ASYNC110 - the server tells nobody
                    await asyncio.sleep(0.02)
        finally:
            await beside.close()

    asyncio.run(story())


def test_a_server_that_is_not_there_is_unavailable(postgres: PostgresServer) -> None:
    """No answer on the port, and a refusal, are both told as Unavailable; neither shows the password."""

    async def story() -> None:
        with pytest.raises(Unavailable, match="10 attempts") as away:
            await PostgresDatabase.open("postgresql://u:hush@127.0.0.1:1/x", entropy=Hasty())
        with pytest.raises(Unavailable, match="refuses") as refused:
            await PostgresDatabase.open(f"{postgres.url}_nowhere", entropy=Hasty())
        assert "hush" not in f"{away.value}{refused.value}"

    asyncio.run(story())


def test_a_crash_of_the_server_is_outlived(postgres: PostgresServer) -> None:
    """After a kill and a restart the same object reads and writes, and what was acknowledged is there (attacks.md F5)."""
    url = postgres.create_database()

    async def story() -> None:
        database = await PostgresDatabase.open(url, entropy=Entropy())
        await database.execute(TOYS)
        acknowledged = []
        enough = asyncio.Event()

        async def load(name: int) -> None:
            for number in range(100):
                try:
                    await database.execute(INSERT, "p", f"{name}-{number}", 1)
                except Unavailable:
                    continue
                acknowledged.append(f"{name}-{number}")
                if len(acknowledged) == 100:
                    enough.set()

        async def crash() -> None:
            await enough.wait()
            await asyncio.to_thread(postgres.kill)
            await asyncio.to_thread(postgres.start)

        await asyncio.gather(*[load(name) for name in range(4)], crash())
        assert await database.execute(INSERT, "p", "after", 1) == 1
        rows = await database.fetch("SELECT toy_id FROM toys WHERE pool_id = $1", "p")
        assert {*acknowledged, "after"} <= {row["toy_id"] for row in rows}
        await database.close()

    asyncio.run(story())


def test_a_server_that_does_not_answer_is_given_up(postgres_engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    """A statement that takes too long is Unavailable, once and not ten times, and the database goes on (attacks.md F9)."""
    monkeypatch.setattr(connections, "ANSWER_SECONDS", 0.05)

    async def story(database: Database) -> None:
        assert isinstance(database, PostgresDatabase)
        before = database.round_trips
        with pytest.raises(Unavailable, match="did not answer"):
            await database.fetch("SELECT pg_sleep(60)")
        assert database.round_trips == before + 1
        assert await database.execute(INSERT, "p", "after", 1) == 1

    postgres_engine.run(story)


def test_nobody_waits_for_a_connection_for_ever(postgres: PostgresServer, monkeypatch: pytest.MonkeyPatch) -> None:
    """While every connection is busy for too long, the next caller hears Unavailable (attacks.md F9)."""
    url = postgres.create_database()

    async def story() -> None:
        database = await PostgresDatabase.open(url, entropy=Entropy(), reading=1)
        busy = asyncio.create_task(database.fetch("SELECT pg_sleep(60)"))
        await asyncio.sleep(0)
        monkeypatch.setattr(connections, "WAIT_SECONDS", 0.05)
        with pytest.raises(Unavailable, match="no connection became free"):
            await database.fetch("SELECT 1")
        busy.cancel()
        with pytest.raises(asyncio.CancelledError):
            await busy
        row = await database.fetch_one("SELECT 1 AS one")
        assert row is not None
        assert row["one"] == 1
        await database.close()

    asyncio.run(story())


@dataclass
class Cutter:
    """A proxy on loopback that cuts a connection at the first message which holds `at`, `before` it reaches the server."""

    at: bytes
    before: bool
    cuts: int = 0
    url: str = ""
    _pairs: list[asyncio.StreamWriter] = field(default_factory=list)

    async def carry(self, client: asyncio.StreamReader, answer: asyncio.StreamWriter, host: str, port: int) -> None:
        server, send = await asyncio.open_connection(host, port)
        self._pairs += [answer, send]
        back = asyncio.create_task(self._pump(server, answer))
        while data := await client.read(65536):
            if self.at in data and not self.cuts:
                self.cuts += 1
                answer.transport.abort()
                if not self.before:
                    send.write(data)
                    await send.drain()
                    send.write_eof()
                break
            send.write(data)
        await asyncio.sleep(0)
        send.close()
        await back

    async def _pump(self, server: asyncio.StreamReader, answer: asyncio.StreamWriter) -> None:
        try:
            while data := await server.read(65536):
                answer.write(data)
        except ConnectionError:
            pass
        answer.close()


@asynccontextmanager
async def cutting(url: str, at: bytes, *, before: bool) -> AsyncIterator[Cutter]:
    """Stand between a driver and the server of `url`."""
    target = urlsplit(url)
    assert target.hostname is not None
    assert target.port is not None
    host, port = target.hostname, target.port
    cutter = Cutter(at, before)
    listener = await asyncio.start_server(
        lambda client, answer: cutter.carry(client, answer, host, port), "127.0.0.1", 0
    )
    own = listener.sockets[0].getsockname()[1]
    cutter.url = url.replace(f":{port}/", f":{own}/")
    yield cutter
    listener.close()
    await listener.wait_closed()


async def settled(url: str) -> list[str]:
    """Return the toys once the sessions that were cut have ended."""
    database = await PostgresDatabase.open(url, entropy=Entropy())
    others = "SELECT COUNT(*) AS n FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
    while (row := await database.fetch_one(others)) is not None and row["n"]:  # noqa: ASYNC110 - the server tells nobody
        await asyncio.sleep(0.01)
    rows = await database.fetch("SELECT toy_id FROM toys WHERE pool_id = $1 ORDER BY toy_id", "p")
    await database.close()
    return [row["toy_id"] for row in rows]


@pytest.mark.parametrize("before", [True, False])
def test_a_connection_lost_in_a_body_is_a_reason_to_run_again(postgres: PostgresServer, before: bool) -> None:  # noqa: FBT001 - a parameter of pytest
    """Nothing was committed yet, so the body runs anew on another connection and its change is there once."""
    url = postgres.create_database()

    async def story() -> None:
        async with cutting(url, b"cut-me", before=before) as cutter:
            database = await PostgresDatabase.open(cutter.url, entropy=Entropy())
            await database.execute(TOYS)
            runs = 0

            async def body(tx: Transaction) -> None:
                nonlocal runs
                runs += 1
                await tx.execute(INSERT, "p", f"run{runs}", 1)
                await tx.execute(INSERT, "p", "cut-me", 1)

            await database.write(body)
            assert (runs, cutter.cuts) == (2, 1)
            await database.close()
        assert await settled(url) == ["cut-me", "run2"]

    asyncio.run(story())


@pytest.mark.parametrize("before", [True, False])
def test_an_unknown_commit_is_told_and_never_run_twice(postgres: PostgresServer, before: bool) -> None:  # noqa: FBT001 - a parameter of pytest
    """Lost at COMMIT, the change stands or does not: the caller hears Unavailable and the body ran once (attacks.md F9)."""
    url = postgres.create_database()

    async def story() -> None:
        async with cutting(url, b"COMMIT", before=before) as cutter:
            database = await PostgresDatabase.open(cutter.url, entropy=Entropy())
            await database.execute(TOYS)
            runs = 0

            async def body(tx: Transaction) -> None:
                nonlocal runs
                runs += 1
                await tx.execute(INSERT, "p", f"run{runs}", 1)

            with pytest.raises(Unavailable, match="lost"):
                await database.write(body)
            assert (runs, cutter.cuts) == (1, 1)
            await database.close()
        assert await settled(url) == ([] if before else ["run1"])

    asyncio.run(story())


@pytest.mark.parametrize("before", [True, False])
def test_a_single_change_that_was_cut_is_told_and_never_run_twice(postgres: PostgresServer, before: bool) -> None:  # noqa: FBT001 - a parameter of pytest
    """A one-statement change commits by itself, so a lost answer is an unknown commit too."""
    url = postgres.create_database()

    async def story() -> None:
        async with cutting(url, b"cut-me", before=before) as cutter:
            database = await PostgresDatabase.open(cutter.url, entropy=Entropy())
            await database.execute(TOYS)
            with pytest.raises(Unavailable, match="lost"):
                await database.execute(INSERT, "p", "cut-me", 1)
            assert cutter.cuts == 1
            await database.close()
        assert await settled(url) == ([] if before else ["cut-me"])

    asyncio.run(story())


def test_a_read_that_was_cut_is_read_again(postgres: PostgresServer) -> None:
    """A read changes nothing, so a lost connection is no error to its caller."""
    url = postgres.create_database()

    async def story() -> None:
        async with cutting(url, b"cut-me", before=True) as cutter:
            database = await PostgresDatabase.open(cutter.url, entropy=Entropy())
            await database.execute(TOYS)
            assert await database.fetch_one(NUMBER, "p", "cut-me") is None
            assert cutter.cuts == 1
            await database.close()

    asyncio.run(story())
