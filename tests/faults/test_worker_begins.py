"""Whether a worker that begins while the database takes no change begins later (attacks.md F5)."""

import asyncio
from typing import Any

import pytest

from api.world import World
from poolkeeper.jobs.worker import Worker
from poolkeeper.model.job import CLEANING, IDLE_GUESTS, KEY_STOCK, SAML_METADATA
from poolkeeper.store import due
from poolkeeper.store.db import Unavailable

# What is always to be done.
STANDING = [KEY_STOCK, CLEANING, IDLE_GUESTS, SAML_METADATA]


@pytest.mark.parametrize("fault", [Unavailable("no change is taken"), RuntimeError("a fault of the program")])
def test_a_worker_begins_when_the_database_takes_its_list(
    world: World, monkeypatch: pytest.MonkeyPatch, fault: Exception
) -> None:
    """The first change of its life is refused: it waits and tries again, for nobody would begin it a second time."""
    added: list[str] = []
    put = due.add

    async def add(tx: Any, **row: Any) -> None:
        added.append(row["kind"])
        if len(added) == 1:
            raise fault
        await put(tx, **row)

    async def story() -> None:
        worker = Worker(world.house, {}, lambda _event, _request_id: None)
        running = asyncio.create_task(worker.run())
        async with asyncio.timeout(20):
            while len(added) <= len(STANDING) and not running.done():  # noqa: ASYNC110 - the worker tells nobody
                await asyncio.sleep(0.02)
        worker.stop()
        await running

    async def rest(_worker: Worker, *, messages: bool) -> int:
        return 0

    monkeypatch.setattr(Worker, "round", rest)
    monkeypatch.setattr(due, "add", add)
    world.run(story)
    assert added[1:] == STANDING
