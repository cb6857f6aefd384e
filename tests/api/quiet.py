"""How does a test count what a request alone asks of the database? The worker rests, and has ended what it was at."""

import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from api.world import World
from poolkeeper.jobs.population import Counting
from poolkeeper.jobs.shared_refusals import Sharing
from poolkeeper.jobs.worker import Worker


@contextmanager
def worker_at_rest(world: World) -> Iterator[None]:
    """Let the worker begin nothing, and wait until the database of a PostgreSQL world is asked nothing any more."""

    async def rest(_worker: Worker, *, messages: bool) -> int:
        return 0

    async def nothing(_exchange: Sharing | Counting) -> None:
        return

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(Worker, "round", rest)
        patched.setattr(Sharing, "exchange", nothing)
        patched.setattr(Counting, "exchange", nothing)
        seen, deadline = -1, time.monotonic() + 60
        while seen != round_trips(world):
            assert time.monotonic() < deadline, "the worker does not come to rest"
            seen = round_trips(world)
            time.sleep(0.3)
        yield


def round_trips(world: World) -> int:
    """Return how many round trips the driver has counted."""
    return int(world.house.db.round_trips)  # type: ignore[attr-defined]  # PostgreSQL's driver alone counts
