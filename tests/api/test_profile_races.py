"""Is anything lost that sign-ins and people teach at the same moment? One row a user holds it, and each adds to what stands there."""

import asyncio
from collections.abc import Callable, Mapping
from typing import Any

import pytest

from api.waiting_tokens import TAKEN, second_waits
from api.watched import events, watched, with_ada
from api.world import ClientOfTests, PoolOfTests, World
from poolkeeper.risk import profile as profiles
from poolkeeper.risk.habits import DENIED
from poolkeeper.risk.profile import Profile

AFTER = {"PostAuthentication": "arn:aws:lambda:us-east-1:000000000000:function:tests"}


def taught(pool: PoolOfTests) -> Profile:
    """Return what the sign-ins of ada taught."""
    (row,) = pool.world.rows("SELECT document FROM auth_history WHERE pool_id = $1 AND kind = 'profile'", pool.pool_id)
    return profiles.decode(bytes(row[0]))


def denied(pool: PoolOfTests) -> bool:
    return any(habit.state == DENIED for habit in taught(pool).table("network").habits)


def deny(pool: PoolOfTests) -> None:
    """Say of ada's first event that it was not hers."""
    pool.admin("admin_update_auth_event_feedback", "ada", EventId=events(pool)[-1]["EventId"], FeedbackValue="Invalid")


def sign_in_while(client: ClientOfTests, patched: pytest.MonkeyPatch, meanwhile: Callable[[], object]) -> None:
    """Sign ada in, and have something happen while the function of that sign-in runs."""
    under_way: list[str] = []

    async def invoke(_arn: str, event: Mapping[str, Any], *, pool_id: str) -> Any:
        if not under_way:
            under_way.append(pool_id)
            await asyncio.to_thread(meanwhile)
        return event

    patched.setattr(client.pool.world.house.functions, "invoke", invoke)
    client.tokens("ada")
    assert under_way


@pytest.mark.parametrize("before", [0, 2])
def test_sign_ins_at_once_are_all_learnt(world: World, monkeypatch: pytest.MonkeyPatch, before: int) -> None:
    """The one that ends last adds to what the other taught, also where neither found anything."""
    client = with_ada(watched(world, LambdaConfig=AFTER))
    with monkeypatch.context() as patched:
        patched.setattr(world.house.functions, "invoke", _echo)
        for _ in range(before):
            client.tokens("ada")
    sign_in_while(client, monkeypatch, lambda: client.tokens("ada"))
    assert taught(client.pool).sign_ins == before + 2


async def _echo(_arn: str, event: Mapping[str, Any], *, pool_id: str) -> Any:
    return event


def test_a_sign_in_under_way_takes_no_denial_back(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Or whoever has the password would sign in again and again until the owner's word is lost."""
    client = with_ada(watched(world, LambdaConfig=AFTER))
    with monkeypatch.context() as patched:
        patched.setattr(world.house.functions, "invoke", _echo)
        client.tokens("ada")
    sign_in_while(client, monkeypatch, lambda: deny(client.pool))
    assert denied(client.pool)
    assert taught(client.pool).sign_ins == 2


def test_a_denial_takes_no_sign_in_back(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """It waits for a sign-in that is about to be committed, and adds to what that taught."""
    if world.engine == "sqlite":
        pytest.skip("SQLite has one writer: nobody meets anybody there")
    client = with_ada(watched(world))
    client.tokens("ada")
    world.clock.advance(1_000)
    told = second_waits(world, monkeypatch, lambda: client.tokens("ada"), lambda: deny(client.pool))
    assert told == [TAKEN, TAKEN]
    assert denied(client.pool)
    assert taught(client.pool).sign_ins == 2
