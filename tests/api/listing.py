"""How do tests of listings get many rows, all pages, and an empty table? Straight into the database, and back."""

import asyncio
import re
import sqlite3
from collections.abc import Callable, Iterator
from typing import Any

import asyncpg

from api.world import World, refused

_NO_MARKER = re.compile(r"Paging marker \S+ is invalid for request [0-9a-f-]{36}")


def pages(call: Callable[..., dict[str, Any]], token: str, **given: Any) -> Iterator[dict[str, Any]]:
    """Yield every page of a listing; `token` names the member that leads from one to the next."""
    page = call(**given)
    while token in page:
        yield page
        page = call(**given, **{token: page[token]})
    yield page


def refused_as_no_marker(work: Callable[[], Any]) -> bool:
    """Say whether a call is refused for its token in AWS's words, which hold the token and the request's id."""
    name, sentence = refused(work)
    return name == "InvalidParameterException" and bool(_NO_MARKER.fullmatch(sentence))


def bulk(world: World, sql: str, rows: list[tuple[Any, ...]]) -> None:
    """Run one statement for many rows, past the server: in one transaction of a connection to its database."""
    if world.engine == "sqlite":
        with sqlite3.connect(world.house.settings.data / "poolkeeper.sqlite3") as database:
            database.executemany(sql.replace("$", "?"), rows)
        database.close()
        return

    async def run() -> None:
        connection = await asyncpg.connect(world.house.settings.database)
        await connection.executemany(sql, rows)
        await connection.close()

    asyncio.run(run())


def analyze(world: World) -> None:
    """Let the engine count its tables, as it does by itself in time."""
    bulk(world, "ANALYZE", [()])


def eventually(world: World, sql: str, *args: object) -> None:
    """Wait until the worker has left no row that a statement finds."""

    async def gone() -> None:
        async with asyncio.timeout(20):
            while await world.house.db.fetch(sql, *args):  # noqa: ASYNC110 - the worker tells nobody
                await asyncio.sleep(0.05)

    world.run(gone)
