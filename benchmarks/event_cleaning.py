"""Do expired events go as fast as a million sign-ins a day bring them? Rows a second, beside few events and beside many.

Usage: python benchmarks/event_cleaning.py [events]

One pool keeps a tenth of `events` and then all of them (1,000,000); every user has signed in ten times. What has expired goes
by the statements that the worker uses, without its pauses, on both engines. Ends with 1 where that is slower than the pace.
"""

import asyncio
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from servers import a_home

from poolkeeper.clock import DAY, SystemClock
from poolkeeper.entropy import Entropy
from poolkeeper.settings import Settings
from poolkeeper.store import cleaning, migrate
from poolkeeper.store.db import Database, Transaction
from poolkeeper.store.open import open_database

EVENTS, EACH = 1_000_000, 10
EXPIRED_SHARE = 50
PACE = 1_000_000 / 86_400
POOL = "us-east-1_Benchmark"
NUMBER = next(number for number, (table, _) in enumerate(cleaning.expiring()) if table == "auth_history")
DOCUMENT = b'{"seen":{"address":"198.51.100.7","user_agent":"' + b"x" * 110 + b'"},"risk":{"score":0.3}}'


async def fill(database: Database, numbers: range, *, expired: int, now: int) -> None:
    """Add events, spread over all users; those whose numbers are below `expired` have."""

    def pieces() -> Iterator[range]:
        for first in range(numbers.start, numbers.stop, 20_000):
            yield range(first, min(first + 20_000, numbers.stop))

    for piece in pieces():
        rows = [
            (f"user-{number % (EVENTS // EACH):08}", now - number, f"event-{number:08}", _until(number, expired, now))
            for number in piece
        ]

        async def body(tx: Transaction, rows: list[tuple[str, int, str, int]] = rows) -> None:
            for user_id, at, event_id, until in rows:
                await tx.execute(
                    """
                    INSERT INTO auth_history (pool_id, user_id, at, event_id, kind, outcome, challenges, document, expires_at)
                    VALUES ($1, $2, $3, $4, 'SignIn', 'Pass', '[["Password","Success"]]', $5, $6)
                    """,
                    POOL,
                    user_id,
                    at,
                    event_id,
                    DOCUMENT,
                    until,
                )

        await database.write(body)


def _until(number: int, expired: int, now: int) -> int:
    return now - DAY - number if number < expired else now + DAY + number


async def cleaned(database: Database, *, now: int) -> float:
    """Remove what has expired; return the seconds that it took."""
    begun, left = time.perf_counter(), cleaning.Expired(POOL, (NUMBER,))
    while left.tables:
        here = left
        left = await database.write(lambda tx, here=here: cleaning.delete_expired(tx, here, now=now))  # type: ignore[misc]
    seconds = time.perf_counter() - begun
    gone = await database.fetch_one("SELECT COUNT(*) FROM auth_history WHERE expires_at < $1", now)
    assert gone is not None
    assert gone[0] == 0
    return seconds


async def rates(settings: Settings, events: int) -> list[float]:
    """Return the rows a second beside a tenth of the events and beside all of them."""
    database = await open_database(settings, Entropy())
    expired = events // EXPIRED_SHARE
    found, filled, now = [], expired, SystemClock().now()
    try:
        await migrate.migrate(database, SystemClock())
        for kept in (events // 10, events):
            await fill(database, range(expired), expired=expired, now=now)
            await fill(database, range(filled, kept), expired=expired, now=now)
            filled = kept
            found.append(expired / await cleaned(database, now=now))
    finally:
        await database.close()
    return found


def main() -> None:
    events = int(sys.argv[1]) if len(sys.argv) > 1 else EVENTS
    slow = []
    for kind in ("sqlite", "postgresql"):
        with a_home(kind) as home, tempfile.TemporaryDirectory() as folder:
            few, many = asyncio.run(rates(Settings(data=Path(folder), database=home.database_url or ""), events))
        print(
            f"{kind:12} {few:9,.0f} rows/s beside {events // 10:,} events, {many:9,.0f} beside {events:,} ({many / few:.2f} times);"
            f" {many / PACE:,.0f} times the pace of a million sign-ins a day",
            flush=True,
        )
        if many < PACE:
            slow.append(kind)
    if slow:
        sys.exit(f"slower than the pace: {', '.join(slow)}")


if __name__ == "__main__":
    main()
