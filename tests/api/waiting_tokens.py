"""How does a test let two requests meet at one row? It holds one commit back until the other waits for it."""

import asyncio
import threading
import time
from collections.abc import Callable
from functools import partial
from typing import Any

import asyncpg
import pytest
from botocore.exceptions import ClientError

from api.quiet import worker_at_rest
from api.world import World

WAITING = "SELECT COUNT(*) FROM pg_locks WHERE NOT granted"


TAKEN, REFUSED = "", "NotAuthorizedException"


def second_waits(
    world: World, monkeypatch: pytest.MonkeyPatch, first: Callable[[], object], second: Callable[[], object]
) -> list[str]:
    """Hold one call at its COMMIT, make another that has to wait for it, and let go; return how each was answered."""
    at_commit, go_on = threading.Event(), threading.Event()
    told = [TAKEN, TAKEN]

    def call(place: int, work: Callable[[], object]) -> None:
        try:
            work()
        except ClientError as fault:
            told[place] = fault.response["Error"]["Code"]

    calling = [threading.Thread(target=partial(call, *both)) for both in enumerate((first, second))]
    with worker_at_rest(world):
        hold_next_commit(world, monkeypatch, at_commit, go_on)
        calling[0].start()
        assert at_commit.wait(20)
    calling[1].start()
    waited = it_waits(world, calling[1])
    go_on.set()
    for thread in calling:
        thread.join(20)
    assert waited, told
    return told


def hold_next_commit(
    world: World, monkeypatch: pytest.MonkeyPatch, at_commit: threading.Event, go_on: threading.Event
) -> None:
    """Hold the next transaction of the server's at its COMMIT."""
    database = world.house.db
    send = type(database)._send_commit  # type: ignore[attr-defined]  # PostgreSQL's alone

    async def held(self: Any, connection: asyncpg.Connection) -> str:
        if not at_commit.is_set():
            at_commit.set()
            await asyncio.to_thread(go_on.wait, 20)
        return str(await send(self, connection))

    monkeypatch.setattr(type(database), "_send_commit", held)


def it_waits(world: World, calling: threading.Thread) -> bool:
    """Say whether a call comes to wait for a lock in the database, or ends without."""
    ends = time.monotonic() + 20
    while calling.is_alive():
        if world.rows(WAITING) != [(0,)]:
            return True
        assert time.monotonic() < ends
        time.sleep(0.01)
    return False
