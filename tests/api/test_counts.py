"""How many are there within the hour? Counts in which nothing is lost to another one, and from which all goes in its time."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from functools import partial
from typing import Any

import pytest

from api.doors import call_of
from api.world import World, refused
from poolkeeper.call import Call
from poolkeeper.clock import HOUR, MINUTE, SECOND
from poolkeeper.defences import budgets, hourly
from poolkeeper.errors import LimitExceededException
from poolkeeper.lookup import require_pool_and_subject
from poolkeeper.model.message import Message
from poolkeeper.model.pool import Pool
from poolkeeper.store import message_budgets
from poolkeeper.store.db import Reader, Transaction

Count = Callable[[Transaction, Call, Pool], Awaitable[bool]]
MOST = 3

COUNTS: Mapping[str, Count] = {
    "notices to a user": lambda tx, call, pool: budgets.take_notice(
        tx, pool_id=pool.pool_id, user_id="ada", now=call.now
    ),
    "text messages of a pool": lambda tx, call, pool: budgets.spend(
        tx, call, pool, _text_to_anybody(call, pool), proved=True, asked_for=False
    ),
}


def _text_to_anybody(call: Call, pool: Pool) -> Message:
    number = f"+1555{call.entropy.below(10**7):07}"
    return Message(to=number, medium="SMS", kind="SignUp", body="", pool_id=pool.pool_id, username="ada")


@pytest.fixture(autouse=True)
def so_many(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let three of each be counted within an hour."""
    monkeypatch.setattr(type(world.house), "settings", replace(world.house.settings, sms_per_pool_per_hour=MOST))
    monkeypatch.setattr(budgets, "_NOTICES", MOST)


def goes_out(world: World, pool_id: str, counted: str) -> bool:
    """Count one more, and say whether there was room for it."""

    async def one_more() -> bool:
        call = call_of(world)
        pool, _ = await require_pool_and_subject(call, pool_id, "ada")
        return await world.house.db.write(lambda tx: COUNTS[counted](tx, call, pool))

    try:
        return world.run(one_more)
    except LimitExceededException:
        return False


@pytest.mark.parametrize("counted", COUNTS)
def test_no_count_is_lost_to_another_one(world: World, monkeypatch: pytest.MonkeyPatch, counted: str) -> None:
    """Each finds by then what it did not see when it looked: so many go out, and none beyond."""
    pool_id, recent, looked = world.pool().pool_id, message_budgets.find, list[str]()

    async def of_before(reader: Reader, **place: Any) -> message_budgets.Counted | None:
        looked.append(counted)
        return None if len(looked) == 1 else await recent(reader, **place)

    monkeypatch.setattr(message_budgets, "find", of_before)
    for expected in [True] * MOST + [False] * 2:
        looked.clear()
        assert goes_out(world, pool_id, counted) is expected


@pytest.mark.parametrize("counted", COUNTS)
def test_each_minute_goes_from_a_count_an_hour_later(world: World, counted: str) -> None:
    """One at the beginning and two half an hour later: an hour after the first there is room for one."""
    pool_id = world.pool().pool_id
    world.clock.advance(MINUTE - world.clock.now() % MINUTE)
    assert goes_out(world, pool_id, counted)
    world.clock.advance(30 * MINUTE)
    assert [goes_out(world, pool_id, counted) for _ in range(MOST)] == [True, True, False]
    world.clock.advance(30 * MINUTE - 1)
    assert not goes_out(world, pool_id, counted)
    world.clock.advance(1)
    assert [goes_out(world, pool_id, counted) for _ in range(2)] == [True, False]


def test_a_code_is_sent_again_when_the_first_of_five_is_an_hour_old(world: World) -> None:
    """Not a millisecond earlier."""
    client = world.pool().client()
    client.pool.user("ada", email="ada@x.example", email_verified="true")
    send = partial(world.unsigned.forgot_password, ClientId=client.client_id, Username="ada")
    send()
    world.clock.advance(SECOND)
    for _ in range(hourly.SENDS - 1):
        send()
    world.clock.advance(HOUR - SECOND - 1)
    assert refused(send)[0] == "LimitExceededException"
    world.clock.advance(1)
    assert send()["CodeDeliveryDetails"]
    assert refused(send)[0] == "LimitExceededException"
