"""On what do the tests of jobs run? A house over an empty database, on both engines, without a worker of its own."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

import postgres_server
from api.world import TestClock, settings_for
from jobs.counted import Counted
from poolkeeper.call import House
from poolkeeper.entropy import Entropy
from poolkeeper.jobs import pace
from poolkeeper.server.start import open_house, prepare

Story = Callable[[House, Counted], Awaitable[None]]


@pytest.fixture(autouse=True)
def unhurried(monkeypatch: pytest.MonkeyPatch) -> None:
    """Give jobs all the time they want: how far one comes in a slice depends on what else the machine does."""
    monkeypatch.setattr(pace, "_SLICE", 600_000_000_000)


@pytest.fixture(params=["sqlite", "postgresql"])
def told(request: pytest.FixtureRequest, tmp_path: Path) -> Callable[[Story], None]:
    """Hand a test what tells its story: to a house, and to the database below it, whose statements are counted."""
    database = ""
    if request.param == "postgresql":
        server: postgres_server.PostgresServer = request.getfixturevalue("postgres")
        database = server.create_database()
    settings, clock, entropy = settings_for(tmp_path, database=database), TestClock(1_800_000_000_000), Entropy()

    async def whole(story: Story) -> None:
        await prepare(settings, clock, entropy)
        house = await open_house(settings, clock, entropy)
        counted = Counted(house.db)
        try:
            await story(counted.under(house), counted)
        finally:
            await house.egress.close()
            house.heavy.close()
            await house.db.close()

    return lambda story: asyncio.run(whole(story))
