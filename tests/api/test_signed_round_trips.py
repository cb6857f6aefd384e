"""How often does a signed call go to the database? Who calls, and what counts for them, are one statement together."""

from collections.abc import Callable
from functools import partial
from typing import Any

import pytest

from api.principals import allow, person, role, trust
from api.quiet import round_trips, worker_at_rest
from api.world import World
from poolkeeper.clock import SECOND


def trips(world: World, call: Callable[[], Any]) -> int:
    """Return the round trips of a call that was made before, the least of three."""
    call()
    counted = []
    for _ in range(3):
        start = round_trips(world)
        call()
        counted.append(round_trips(world) - start)
    return min(counted)


def test_judging_makes_no_round_trip_more(world: World) -> None:
    """Root, a limited key and a session of a role: one statement says who calls and whether anything has changed."""
    if world.engine == "sqlite":
        pytest.skip("SQLite is called in the process: there are no round trips to count")
    pool = world.pool()
    pool.user("ada")
    ada = person(world, allow("cognito-idp:AdminGetUser"))
    session = ada.assume(role(world, trust({"AWS": ada.arn}), allows=(allow("cognito-idp:AdminGetUser"),)))
    with worker_at_rest(world):
        counted = [
            trips(world, partial(client.admin_get_user, UserPoolId=pool.pool_id, Username="ada"))
            for client in (world.signed, ada.client(), session.client())
        ]
    assert counted == [2, 2, 2]


def test_a_change_is_read_once(world: World) -> None:
    """One statement more at the first call after it, whomever it was about."""
    if world.engine == "sqlite":
        pytest.skip("SQLite is called in the process: there are no round trips to count")
    ada, bob = person(world, allow("cognito-idp:ListUserPools")), person(world)
    call = partial(ada.client().list_user_pools, MaxResults=1)
    with worker_at_rest(world):
        before = trips(world, call)
        bob.put(allow("sts:*"))
        world.clock.advance(SECOND)
        start = round_trips(world)
        call()
        assert round_trips(world) - start == before + 1
        assert trips(world, call) == before
