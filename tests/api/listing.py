"""How do tests of listings get many rows, all pages, and an empty table? Straight into the database, and back."""

import asyncio
from collections.abc import Callable, Iterator
from typing import Any

from api.world import World
from poolkeeper.store.db import Transaction


def pages(call: Callable[..., dict[str, Any]], token: str, **given: Any) -> Iterator[dict[str, Any]]:
    """Yield every page of a listing; `token` names the member that leads from one to the next."""
    page = call(**given)
    while token in page:
        yield page
        page = call(**given, **{token: page[token]})
    yield page


def bulk(world: World, sql: str, rows: list[tuple[Any, ...]]) -> None:
    """Run one statement for many rows, in batches."""
    for start in range(0, len(rows), 500):
        _run_batch(world, sql, rows[start : start + 500])


def _run_batch(world: World, sql: str, rows: list[tuple[Any, ...]]) -> None:
    async def body(tx: Transaction) -> None:
        for row in rows:
            await tx.execute(sql, *row)

    world.run(lambda: world.house.db.write(body))


def eventually(world: World, sql: str, *args: object) -> None:
    """Wait until the worker has left no row that a statement finds."""

    async def gone() -> None:
        async with asyncio.timeout(20):
            while await world.house.db.fetch(sql, *args):  # noqa: ASYNC110 - the worker tells nobody
                await asyncio.sleep(0.05)

    world.run(gone)
