"""Does anybody notice that a pool of a million users, a group of a million members, or a million expired rows go? No.

`make deletions`, run on purpose; ROWS= makes it smaller. One person of another pool changes an attribute again and again,
over one connection: in calm before, while the rows go, and in calm again. Three rows on each engine: a group with all users
in it is deleted, then their pool, both through the API; then ROWS expired rows, spread over 10,000 pools, are cleaned away.
Whether all of them are gone is looked up in the tables (a pool's own row goes a minute after the others). On a machine that
does other things absolute times say nothing: what is judged is the p99 while they go against the p99 of calm before and
after, at most twice, and that they are gone within ten minutes. Ends with 1 when a bound does not hold.
"""

import argparse
import asyncio
import sqlite3
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from itertools import accumulate, count
from typing import Any

import asyncpg
import growth
import load
from calls import call, post
from servers import OURS, Home, Server, a_home, running
from world import GROUP, World, build

ROWS = 1_000_000
POOLS = 10_000
TIMES, LONGEST_SECONDS = 2.0, 600.0
CALM_SECONDS, PIECE_SECONDS, PAUSE_SECONDS = 20.0, 2.0, 0.005
LEFT_SECONDS = 4 * LONGEST_SECONDS
DAY = 86_400_000


class Tables:
    """The tables of a server that runs, beside it."""

    def __init__(self, home: Home) -> None:
        self._url, self._file = home.database_url, home.folder / "data" / "poolkeeper.sqlite3"

    def rows(self, sql: str) -> Sequence[Sequence[Any]]:
        """Run one statement by itself and return its rows."""
        if self._url:
            return asyncio.run(self._on_postgres(sql))
        with sqlite3.connect(self._file, timeout=30, isolation_level=None) as database:
            rows = database.execute(sql).fetchall()
        database.close()
        return rows

    async def _on_postgres(self, sql: str) -> Sequence[Sequence[Any]]:
        database = await asyncpg.connect(self._url)
        try:
            return [tuple(row) for row in await database.fetch(sql)]
        finally:
            await database.close()


class Changes:
    """Changes of an attribute in a pool of one's own, one after the other; `during` and `calm` are their latencies in ms."""

    def __init__(self, server: Server, world: World) -> None:
        self._server, self._world, self._numbers = server, world, count()

    def send(self, seconds: float) -> list[float]:
        """Change attributes for so long and return what each change took. Raises RuntimeError when one is refused."""
        requests = [self._change(number) for number in range(200)]
        job = load.Job(
            port=self._server.port,
            requests=requests,
            count=10_000_000,
            concurrency=1,
            seconds=seconds,
            pause=PAUSE_SECONDS,
        )
        answers = load.run(job).answers
        if refused := [answer for answer in answers if answer.status != 200]:
            raise RuntimeError(f"a change was answered {refused[0].status} {refused[0].body[:200]!r}")
        return [answer.nanoseconds / 1e6 for answer in answers]

    def _change(self, number: int) -> bytes:
        user = self._world.users[number % len(self._world.users)]
        attributes = [{"Name": "nickname", "Value": f"nick-{next(self._numbers)}"}]
        payload = {"AccessToken": user.access_token, "UserAttributes": attributes}
        return post(self._server.port, "UpdateUserAttributes", payload)


@contextmanager
def watched(gone: Callable[[], bool], begun: float) -> Iterator[list[float]]:
    """Look again and again whether everything is gone; the list gets the second at which it was, while the block lasts."""
    took, over = list[float](), threading.Event()

    def look() -> None:
        while not over.wait(0.5) and not took:
            if gone():
                took.append(time.perf_counter() - begun)

    watcher = threading.Thread(target=look)
    watcher.start()
    try:
        yield took
    finally:
        over.set()
        watcher.join()


def percentile(sample: Sequence[float], share: float) -> float:
    """Return the value below which `share` of the sample lies."""
    ordered = sorted(sample)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def _until(sample: Sequence[float], seconds: float) -> Sequence[float]:
    """Return the changes of a piece that were under way before that second of it."""
    ends = accumulate(milliseconds / 1000 + PAUSE_SECONDS for milliseconds in sample)
    return [milliseconds for milliseconds, end in zip(sample, ends, strict=True) if end < seconds]


def beside(
    name: str, changes: Changes, server: Server, begin: Callable[[], object], gone: Callable[[], bool]
) -> list[str]:
    """Begin something in calm, measure changes until everything is gone, tell of it; return the bounds that do not hold."""
    calm = changes.send(CALM_SECONDS)
    used, used_there = server.cpu(), server.database_cpu()
    begun, during = time.perf_counter(), list[float]()
    begin()
    with watched(gone, begun) as took:
        while not took and time.perf_counter() - begun < LEFT_SECONDS:
            piece_begun = time.perf_counter()
            piece = changes.send(PIECE_SECONDS)
            during += _until(piece, took[0] - (piece_begun - begun)) if took else piece
    used, used_there = server.cpu() - used, server.database_cpu() - used_there
    calm += changes.send(CALM_SECONDS)

    seconds = took[0] if took else float("inf")
    ratio = percentile(during, 0.99) / percentile(calm, 0.99)
    print(
        f"{name}: gone after {seconds:.0f} s, CPU {used / 1e9:.1f} s, of the database {used_there / 1e9:.1f} s\n"
        + "\n".join(
            f"  {when}: {len(sample)} changes, p50 {percentile(sample, 0.5):.1f}, p99 {percentile(sample, 0.99):.1f},"
            f" longest {max(sample):.0f} ms"
            for when, sample in (("calm", calm), ("meanwhile", during))
        )
        + f"\n  p99 {ratio:.1f} times that of calm",
        flush=True,
    )
    checks = (
        (seconds > LONGEST_SECONDS, f"gone after {seconds:.0f} s"),
        (ratio > TIMES, f"the p99 of another pool's changes is {ratio:.1f} times its own"),
    )
    return [f"{server.kind}, {name}: {message}" for bad, message in checks if bad]


def of_a_pool(kind: str, rows: int) -> list[str]:
    """Delete a group with `rows` members, then the pool with `rows` users."""
    with a_home(kind) as home:
        with running(kind, home=home) as server:
            large = build(server, users=1)
        growth.fill(home, range(rows))
        with running(kind, home=home) as server:
            tables = Tables(home)
            changes = Changes(server, build(server, users=8))
            group = {"UserPoolId": large.pool_id, "GroupName": GROUP}

            def left(table: str) -> bool:
                return bool(tables.rows(f"SELECT pool_id FROM {table} WHERE pool_id = '{large.pool_id}' LIMIT 1"))

            broken = beside(
                f"a group of {rows:,} members",
                changes,
                server,
                lambda: call(server.port, "DeleteGroup", group, signed=True),
                lambda: not left("memberships"),
            )
            return broken + beside(
                f"a pool of {rows:,} users",
                changes,
                server,
                lambda: call(server.port, "DeleteUserPool", {"UserPoolId": large.pool_id}, signed=True),
                lambda: not any(left(table) for table in growth.TABLES),
            )


def of_many_pools(kind: str, rows: int) -> list[str]:
    """Clean away `rows` expired rows that are spread over POOLS pools."""
    with a_home(kind) as home:
        with running(kind, home=home) as server:
            pool_id = build(server, users=1).pool_id
        tables, now = Tables(home), time.time_ns() // 1_000_000
        _many_pools(tables, pool_id)
        expired = now - DAY
        _spent_nonces(tables, rows, expired)
        tables.rows(f"UPDATE due SET due_at = {now + DAY} WHERE kind = 'cleaning'")
        if home.database_url:
            tables.rows("VACUUM ANALYZE")
        with running(kind, home=home) as server:
            changes = Changes(server, build(server, users=8))
            return beside(
                f"{rows:,} expired rows of {POOLS:,} pools",
                changes,
                server,
                lambda: tables.rows("UPDATE due SET due_at = 0, lease_until = 0 WHERE kind = 'cleaning'"),
                lambda: (
                    not tables.rows(
                        f"SELECT job_id FROM due WHERE kind = 'cleaning' AND due_at < {time.time_ns() // 1_000_000}"
                    )
                ),
            )


def _many_pools(tables: Tables, pool_id: str) -> None:
    numbers = f"WITH RECURSIVE numbers (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < {POOLS})"
    tables.rows(
        f"""
        INSERT INTO pools (pool_id, region, state, version, name, document, preferences, secret, created_at, updated_at)
        {numbers}
        SELECT p.region || '_many' || (100000 + n), region, state, version, name, document, preferences, secret,
               created_at, updated_at
        FROM numbers CROSS JOIN pools p WHERE p.pool_id = '{pool_id}'
        """
    )


def _spent_nonces(tables: Tables, rows: int, expires_at: int) -> None:
    numbers = f"WITH RECURSIVE numbers (n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM numbers WHERE n < {rows - 1})"
    tables.rows(
        f"""
        INSERT INTO nonces (pool_id, nonce, expires_at)
        {numbers}
        SELECT 'us-east-1_many' || (100001 + n % {POOLS}), 'spent-' || n, {expires_at} - n FROM numbers
        """
    )


PARTS: dict[str, Callable[[str, int], list[str]]] = {"deletions": of_a_pool, "cleaning": of_many_pools}


def main() -> int:
    """Read the options, run the parts, and return 1 when a bound does not hold."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", nargs="+", choices=OURS, default=OURS)
    parser.add_argument("--parts", nargs="+", choices=tuple(PARTS), default=tuple(PARTS))
    parser.add_argument("--rows", type=int, default=ROWS)
    options = parser.parse_args()

    broken: list[str] = []
    for kind in options.only:
        print(f"--- {kind}", flush=True)
        for part in options.parts:
            broken += PARTS[part](kind, options.rows)
    print("\n".join(broken) or "Every bound holds.")
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main())
