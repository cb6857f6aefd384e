"""Whether ids of two pools, mixed in one request, ever reach a row of the other pool (attacks.md 34)."""

from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from api.stage import BUILT, NAME, Stage, Wire, request_for, rows_of_pools, set_stage, tables
from api.world import World, refused

SIDES = ("left", "right")
# What decides whose rows a request is about, in this order.
OWNERS = ("UserPoolId", "ClientId", "AccessToken")


def mixed(requests: Mapping[str, Mapping[str, Any]], sides: Mapping[str, str]) -> dict[str, Any]:
    """Return one request of members from both sides."""
    return {name: requests[side][name] for name, side in sides.items()}


def differing(requests: Mapping[str, Mapping[str, Any]]) -> list[str]:
    """Return the members in which two requests differ: what there is to mix."""
    return [name for name, value in requests["left"].items() if value != requests["right"][name]]


@pytest.fixture
def stages(world: World) -> dict[str, Stage]:
    """Two pools with the same names in them."""
    return {side: set_stage(world, side) for side in SIDES}


def test_mixed_ids_reach_no_row_of_the_other_pool(world: World, wire: Wire, stages: dict[str, Stage]) -> None:
    """attacks.md 34: every operation, its members drawn from two pools: the other pool's rows are neither told nor touched."""
    known = tables(world)
    ids = {side: stages[side].pool.pool_id for side in SIDES}
    requests = {one.name: {side: request_for(one, stages[side]) for side in SIDES} for one in BUILT}
    mixable = [name for name, both in requests.items() if len(differing(both)) > 1 and set(both["left"]) & set(OWNERS)]
    assert len(mixable) > 10

    @settings(max_examples=150, deadline=None)
    @given(data=st.data(), operation=st.sampled_from(sorted(mixable)), name=st.sampled_from(["same", *SIDES]))
    def mix(data: st.DataObject, operation: str, name: str) -> None:
        both = requests[operation]
        choices = {
            member: st.sampled_from(SIDES) if member in differing(both) else st.just("left") for member in both["left"]
        }
        sides = data.draw(st.fixed_dictionaries(choices))
        assume(len({sides[member] for member in differing(both)}) == 2)
        request = mixed(both, sides)
        if name != "same" and "Username" in request:
            request["Username"] = stages[name].sub
        owner = next(sides[member] for member in OWNERS if member in request)
        other = SIDES[1 - SIDES.index(owner)]

        before = rows_of_pools(world, known, ids[other])
        answer = wire.call(operation, request)
        assert answer.status in {200, 400}, answer
        for secret in (f"client-of-{other}", f"pool-of-{other}", stages[other].email):
            assert secret not in answer.body, (request, answer)
        assert rows_of_pools(world, known, ids[other]) == before, (operation, request, answer)

    mix()


def test_a_client_is_found_in_its_own_pool_alone(world: World, stages: dict[str, Stage]) -> None:
    """attacks.md 34: what names a pool and a client wants the client of that pool."""
    left, right = stages["left"], stages["right"]
    ids = {"UserPoolId": left.pool.pool_id, "ClientId": right.client.client_id}
    unknown = ("ResourceNotFoundException", f"User pool client {right.client.client_id} does not exist.")
    parameters = {"USERNAME": NAME, "PASSWORD": right.password}
    signed = world.signed
    assert refused(lambda: signed.describe_user_pool_client(**ids)) == unknown
    assert refused(lambda: signed.delete_user_pool_client(**ids)) == unknown
    assert (
        refused(
            lambda: signed.admin_initiate_auth(**ids, AuthFlow="ADMIN_USER_PASSWORD_AUTH", AuthParameters=parameters)
        )
        == unknown
    )
    refresh = {"REFRESH_TOKEN": right.tokens["RefreshToken"]}
    assert (
        refused(lambda: signed.admin_initiate_auth(**ids, AuthFlow="REFRESH_TOKEN_AUTH", AuthParameters=refresh))
        == unknown
    )


def test_the_same_name_is_somebody_else_in_another_pool(world: World, stages: dict[str, Stage]) -> None:
    """attacks.md 34: passwords, subs and sessions of one pool mean nothing in the other."""
    left, right = stages["left"], stages["right"]
    assert refused(lambda: left.client.sign_in(NAME, right.password))[0] == "NotAuthorizedException"
    assert refused(lambda: left.client.sign_in(right.sub, right.password))[0] == "NotAuthorizedException"
    assert refused(lambda: left.pool.admin("admin_get_user", right.sub))[0] == "UserNotFoundException"
    answers = {"USERNAME": "newcomer", "NEW_PASSWORD": "Another-word-4-pools"}
    assert refused(lambda: left.client.respond("NEW_PASSWORD_REQUIRED", right.session, **answers)) == (
        "NotAuthorizedException",
        "Invalid session for the user.",
    )
    assert left.client.respond("NEW_PASSWORD_REQUIRED", left.session, **answers)["AuthenticationResult"]
