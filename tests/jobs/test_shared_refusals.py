"""Do processes hear of each other's refusals, and of what is usual? What one counts another has a moment later."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from api.world import TestClock
from jobs.conftest import Story
from jobs.counted import Counted
from poolkeeper.call import House, Memory, Watch
from poolkeeper.clock import HOUR, MINUTE, SECOND
from poolkeeper.jobs.population import Counting
from poolkeeper.jobs.shared_refusals import Sharing
from poolkeeper.risk.observation import Observation
from poolkeeper.store import auth_history, population
from poolkeeper.store.auth_history import EventRow

POOL, ADA, NETWORK = "us-east-1_pool", "00000000-0000-4000-8000-00000000000a", "192.0.2.0"


def process(house: House) -> House:
    """Return another process on the same database, which has met a watched pool."""
    other = replace(house, memory=Memory(), watch=Watch())
    other.memory.refusals.of_name("somebody", now=0)
    return other


def pass_time(house: House, milliseconds: int) -> None:
    assert isinstance(house.clock, TestClock)
    house.clock.advance(milliseconds)


def test_a_refusal_is_counted_once_by_every_process(told: Callable[[Story], None]) -> None:
    """However often they exchange; one that starts later knows of the last hour, and no row names a network."""

    async def story(house: House, counted: Counted) -> None:
        here, late = process(house), process(house)
        several = Counted(counted.below)
        several.one_writer = False
        there = process(several.under(house))
        mine, theirs = Sharing(here), Sharing(there)
        await theirs.exchange()
        for name in ("ada", "bob"):
            here.memory.refusals.note(NETWORK, name, now=house.clock.now())
        for _ in range(3):
            await mine.exchange()
            await theirs.exchange()
            pass_time(house, SECOND)
        await Sharing(late).exchange()
        for one in (here, there, late):
            assert one.memory.refusals.of_network(NETWORK, now=house.clock.now()) == (2, 2)
        rows = await counted.below.fetch("SELECT refusals FROM shared_refusals WHERE shard = 0")
        assert [NETWORK.encode() in bytes(row[0]) for row in rows] == [False]

        pass_time(house, HOUR + MINUTE)
        await mine.exchange()
        assert here.memory.refusals.of_network(NETWORK, now=house.clock.now()) == (0, 0)
        assert not await counted.below.fetch("SELECT at FROM shared_refusals WHERE shard = 0")

    told(story)


def test_a_process_that_watches_nothing_asks_nothing(told: Callable[[Story], None]) -> None:
    """No pool without threat protection pays anything."""

    async def story(house: House, counted: Counted) -> None:
        before = len(counted.statements)
        await Sharing(house).exchange()
        await Counting(house).exchange()
        assert len(counted.statements) == before

    told(story)


def seen(address: str) -> Observation:
    return Observation(
        at_ms=1_800_000_000_000,
        address=address,
        user_agent="Firefox",
        device="",
        time_zone="",
        account_age_ms=0,
        known_device=False,
        failures=0,
        network_failures=0,
        spray_names=0,
        bad_signature=False,
    )


def test_what_is_usual_is_known_to_every_process(told: Callable[[Story], None]) -> None:
    """By one key, which lies sealed; nothing of an address stands in the rows."""

    async def story(house: House, counted: Counted) -> None:
        here, there = process(house), process(house)
        mine, theirs = Counting(here), Counting(there)
        await mine.exchange()
        await theirs.exchange()
        for _ in range(50):
            here.watch.population.note(seen("192.0.2.7"), None)
        pass_time(house, 2 * MINUTE)
        await mine.exchange()
        await theirs.exchange()
        usual, new = (there.watch.population.share("network", one) for one in ("192.0.2.0/24", "198.51.100.0/24"))
        assert usual > 100 * new
        assert here.watch.population.share("network", "192.0.2.0/24") == usual
        stored = await population.rows(counted.below)
        assert not any(b"192.0" in row.counts for row in stored)

    told(story)


def test_the_newest_events_of_a_user_stay(told: Callable[[Story], None]) -> None:
    """So many as the setting says, and what they taught."""

    async def story(house: House, counted: Counted) -> None:
        place: dict[str, Any] = {"pool_id": POOL, "user_id": ADA}
        taught: dict[str, Any] = {"profile": b"x", "learnt_from": b"x", "profile_expires_at": 9}
        for at in range(1, 8):
            row = EventRow(at, f"e{at}", "SignIn", "Pass", "[]", b"{}", None, 9)
            assert await auth_history.put_with_profile(counted.below, **place, row=row, **taught)
        assert await auth_history.trim(counted.below, **place, most=3) == 4
        left = await auth_history.page(counted.below, **place, before=(99, ""), limit=9)
        assert [row.event_id for row in left] == ["e7", "e6", "e5"]
        assert await auth_history.profile(counted.below, **place) == b"x"

    told(story)


def test_what_anybody_can_cause_pushes_out_nothing_that_somebody_did(told: Callable[[Story], None]) -> None:
    """Sign-ins that let somebody in are kept by themselves, however many were begun, refused or sent a code since."""

    async def story(house: House, counted: Counted) -> None:
        place = {"pool_id": POOL, "user_id": ADA}
        others = [("SignIn", "InProgress"), ("SignIn", "Fail"), ("ResendCode", "Pass")] * 2
        for at, (kind, outcome) in enumerate([("SignIn", "Pass"), *others], start=1):
            row = EventRow(at, f"e{at}", kind, outcome, "[]", b"{}", None, 9)
            await auth_history.put(counted.below, **place, row=row)
        assert await auth_history.trim(counted.below, **place, most=2) == 4
        left = await auth_history.page(counted.below, **place, before=(99, ""), limit=9)
        assert [row.event_id for row in left] == ["e7", "e6", "e1"]

    told(story)


def test_a_sign_in_that_let_somebody_in_stays_so(told: Callable[[Story], None]) -> None:
    """Of two answers at once one is refused: that hides no session from whoever reads the events."""

    async def story(house: House, counted: Counted) -> None:
        place = {"pool_id": POOL, "user_id": ADA}
        for outcome in ("InProgress", "Fail", "Pass", "Fail"):
            row = EventRow(1, "e1", "SignIn", outcome, "[]", b"{}", None, 9)
            await auth_history.put(counted.below, **place, row=row)
        found = await auth_history.find(counted.below, **place, event_id="e1")
        assert found is not None
        assert found.outcome == "Pass"

    told(story)
