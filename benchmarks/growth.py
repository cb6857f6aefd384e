"""What does an operation cost when a pool has a thousand users, and when it has a million? On both engines.

The users are not signed up one by one: a user that was made through the API is read back from the database, with its
names, its session and its group, and copied with other names and ids straight into the tables. Copies keep the first one's
password, so that they can sign in.
"""

import asyncio
import dataclasses
import random
import sqlite3
from collections.abc import Callable, Iterator, Mapping, Sequence
from hashlib import md5
from itertools import count
from pathlib import Path
from typing import Any

import asyncpg
from measure import Cost, Unable, measure
from operations import (
    OPERATIONS,
    admin_create_users,
    admin_get_users,
    get_users,
    password_sign_ins,
    refreshes,
)
from servers import Home, Server, a_home, running
from world import World, build, signed_in

SMALL = 1_000
LARGE = 1_000_000
SIGNED_IN = 200
COMPARED = (
    get_users,
    admin_get_users,
    password_sign_ins,
    refreshes,
    admin_create_users,
)
TABLES = ("users", "aliases", "user_attributes", "memberships", "sessions")
FIRST = "user-000@example.com"

Table = tuple[str, Sequence[str], Sequence[tuple[Any, ...]]]


def name_of(number: int) -> str:
    """Return the name of the copy with this number: spread over the index, not in the order of its making."""
    return f"{md5(b'%d' % number, usedforsecurity=False).hexdigest()[:20]}@example.com"


def sub_of(number: int) -> str:
    """Return the sub of the copy with this number, in a UUID's form."""
    digits = md5(b"sub %d" % number, usedforsecurity=False).hexdigest()
    return "-".join((digits[:8], digits[8:12], digits[12:16], digits[16:20], digits[20:]))


def fill(home: Home, numbers: range) -> None:
    """Add one copy of FIRST for each number to the server's database; the server must not run."""
    if home.database_url:
        asyncio.run(_fill_postgres(home.database_url, numbers))
    else:
        _fill_sqlite(home.folder / "data" / "poolkeeper.sqlite3", numbers)


def copies(table: Table, sub: str, numbers: range) -> Iterator[tuple[Any, ...]]:
    """Yield the rows of one table for each number: the first user's, with its name, sub and session id replaced."""
    _, columns, rows = table
    own = columns.index("session_id") if "session_id" in columns else None

    for number in numbers:
        name, new_sub = name_of(number), sub_of(number)
        for row in rows:
            changed = [
                value.replace(sub, new_sub).replace(FIRST, name) if isinstance(value, str) else value for value in row
            ]
            if own is not None:
                changed[own] = f"{row[own][:-12]}{number:012}"
            yield tuple(changed)


def _fill_sqlite(file: Path, numbers: range) -> None:
    with sqlite3.connect(file) as database:
        database.execute("PRAGMA synchronous = OFF")
        sub, pool_id = _first(lambda sql: database.execute(sql).fetchone())
        for name in TABLES:
            found = database.execute(f"SELECT * FROM {name} WHERE user_id = '{sub}'")
            columns = [column[0] for column in found.description]
            table = (name, columns, found.fetchall())
            marks = ", ".join("?" * len(columns))
            database.executemany(f"INSERT INTO {name} VALUES ({marks})", copies(table, sub, numbers))
        database.execute(_tally(pool_id, len(numbers)))
        database.commit()
        database.execute("ANALYZE")
    database.close()


async def _fill_postgres(url: str, numbers: range) -> None:
    database = await asyncpg.connect(url)
    names = await database.fetchrow("SELECT user_id, pool_id FROM users WHERE username = $1", FIRST)
    sub, pool_id = names["user_id"], names["pool_id"]
    for name in TABLES:
        rows = await database.fetch(f"SELECT * FROM {name} WHERE user_id = $1", sub)
        columns = list(rows[0].keys())
        table = (name, columns, [tuple(row) for row in rows])
        await database.copy_records_to_table(name, records=copies(table, sub, numbers), columns=columns)
    await database.execute(_tally(pool_id, len(numbers)))
    await database.execute("VACUUM ANALYZE")
    await database.close()


def _first(fetch: Callable[[str], tuple[str, str]]) -> tuple[str, str]:
    return fetch(f"SELECT user_id, pool_id FROM users WHERE username = '{FIRST}'")


def _tally(pool_id: str, users: int) -> str:
    return (
        f"INSERT INTO tallies (pool_id, shard, users) VALUES ('{pool_id}', 0, {users}) "
        f"ON CONFLICT (pool_id, shard) DO UPDATE SET users = tallies.users + {users}"
    )


def compare(kind: str, *, large: int = LARGE, share: float = 1.0) -> Mapping[str, tuple[Cost | Unable, Cost | Unable]]:
    """Return the cost of each operation with SMALL and with `large` users in the pool, on one engine."""
    with a_home(kind) as home:
        with running(kind, home=home) as server:
            world = build(server, users=1)

        fill(home, range(SMALL))
        with running(kind, home=home) as server:
            few = _costs(world, server, SMALL, share)

        fill(home, range(SMALL, large))
        with running(kind, home=home) as server:
            many = _costs(world, server, large, share)
    return {name: (few[name], many[name]) for name in few}


def _costs(world: World, server: Server, users: int, share: float) -> Mapping[str, Cost | Unable]:
    """Sign users in who are picked all over the pool, and measure what operations on them cost."""
    picked = random.Random(users).sample(range(users), SIGNED_IN)
    people = tuple(signed_in(server.port, world.client_id, name_of(number)) for number in picked)
    here = dataclasses.replace(world, server=server, users=people, numbers=count(users))
    return {
        operation.name: measure(operation, here, share=share)
        for operation in OPERATIONS
        if operation.requests in COMPARED
    }
