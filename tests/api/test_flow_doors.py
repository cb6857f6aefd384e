"""Which flows are open at which door, and until when? What an app client allows is asked again where tokens are issued."""

from functools import partial
from typing import Any

import pytest
from botocore.exceptions import ClientError

from api.choosing import ALLOWED
from api.doors import call_of
from api.second_factors import TOTP, demand, give, half_way
from api.signing_in import INVALID_SESSION, begin, count_of_sessions, respond
from api.world import PASSWORD, World, refused
from poolkeeper.auth import flow
from poolkeeper.auth.challenge import Challenge
from poolkeeper.auth.flow import STARTS, Entrance
from poolkeeper.auth.sign_in import Proven
from poolkeeper.errors import NotAuthorizedException

NOT_SUPPORTED = ("InvalidParameterException", "Initiate Auth method not supported.")


@pytest.mark.parametrize(
    ("flow", "admin"),
    [("USER_PASSWORD_AUTH", True), ("ADMIN_USER_PASSWORD_AUTH", False), ("ADMIN_NO_SRP_AUTH", False)],
)
def test_a_flow_of_the_other_door_is_not_supported(world: World, flow: str, admin: bool) -> None:  # noqa: FBT001 - a parameter of pytest's
    """AWS keeps one list of flows for both operations, and each of them refuses the other's (userpools.md 3.1)."""
    pool = world.pool()
    pool.user("ada")
    client = pool.client(ExplicitAuthFlows=ALLOWED)
    sign_in = partial(begin, client, flow, USERNAME="ada", PASSWORD=PASSWORD)
    assert refused(partial(sign_in, admin=admin)) == NOT_SUPPORTED
    assert "AuthenticationResult" in sign_in(admin=not admin)


def test_a_challenge_that_is_never_asked_is_answered_by_nobody(world: World) -> None:
    """ADMIN_NO_SRP_AUTH is in the list of challenges: the right password and the Session of another one open nothing."""
    pool = world.pool()
    demand(pool, TOTP, mode="OPTIONAL")
    pool.user("ada")
    pool.user("grace")
    client = pool.client(ExplicitAuthFlows=ALLOWED)
    asked = begin(client, "USER_AUTH", USERNAME="grace", PREFERRED_CHALLENGE="PASSWORD")
    assert asked["ChallengeName"] == "PASSWORD"
    half, _ = half_way(client, "ada", TOTP)
    sessions = count_of_sessions(pool)

    for name, session in (("ada", half), ("grace", asked["Session"])):
        given = {"USERNAME": name, "PASSWORD": PASSWORD}
        for admin in (True, False):
            answer = partial(respond, client, "ADMIN_NO_SRP_AUTH", session, admin=admin, **given)
            assert refused(answer) == INVALID_SESSION
    assert count_of_sessions(pool) == sessions


def test_a_flow_that_is_taken_from_the_client_meanwhile_gives_no_tokens(world: World) -> None:
    """attacks.md 25: what was begun while the client allowed it is refused at the gate once it does not."""
    pool = world.pool()
    demand(pool, TOTP, mode="OPTIONAL")
    pool.user("ada")
    client = pool.client()
    session, code = half_way(client, "ada", TOTP)
    sessions = count_of_sessions(pool)

    place = {"UserPoolId": pool.pool_id, "ClientId": client.client_id}
    world.signed.update_user_pool_client(**place, ExplicitAuthFlows=["ALLOW_USER_SRP_AUTH"])
    assert refused(lambda: give(client, TOTP, session, code)) == (
        "InvalidParameterException",
        "USER_PASSWORD_AUTH flow not enabled for this client",
    )
    assert count_of_sessions(pool) == sessions


@pytest.mark.parametrize("name", [name for name, start in STARTS.items() if start.entrances == {Entrance.PAGES}])
@pytest.mark.parametrize("admin", [True, False])
def test_a_flow_of_the_pages_is_no_flow_of_the_api(world: World, name: str, admin: bool) -> None:  # noqa: FBT001 - a parameter of pytest's
    """Its rules are others: no secret hash, and nothing that the client allows or not."""
    pool = world.pool()
    pool.user("ada")
    client = pool.client(ExplicitAuthFlows=ALLOWED)
    given = {"USERNAME": "ada", "PASSWORD": PASSWORD, "CREDENTIAL": "{}"}
    answer = client.world.call(
        "InitiateAuth", {"AuthFlow": name, "ClientId": client.client_id, "AuthParameters": given}
    )
    assert answer[0] == 400
    with pytest.raises(ClientError, match="Exception"):
        begin(client, name, admin=admin, **given)


def test_what_one_side_began_is_not_gone_on_with_at_the_other(world: World) -> None:
    """The API's Session in a page's place, and the page's at the API: neither side's rules are walked around."""
    pool = world.pool()
    demand(pool, TOTP, mode="OPTIONAL")
    pool.user("ada")
    client = pool.client(ExplicitAuthFlows=ALLOWED)
    session, code = half_way(client, "ada", TOTP)

    async def nowhere(proven: Proven) -> None:
        raise AssertionError(f"{proven.subject.name} came through")

    async def at_the_pages(challenge: str, given: dict[str, str], held: str | None) -> Challenge | None:
        call = call_of(world)
        about: Any = {"client_id": client.client_id, "pool_id": pool.pool_id}
        if held is None:
            begun = partial(flow.begin, call, nowhere, entrance=Entrance.PAGES, flow=challenge, **about)
            return await begun(given=given, metadata={})
        answered = partial(flow.respond, call, nowhere, entrance=Entrance.PAGES, challenge=challenge, **about)
        return await answered(given=given, metadata={}, session=held)

    answer = {"USERNAME": "ada", f"{TOTP}_CODE": code}
    with pytest.raises(NotAuthorizedException, match="Invalid session"):
        world.run(lambda: at_the_pages(TOTP, answer, session))
    asked = world.run(lambda: at_the_pages("PAGES_PASSWORD", {"USERNAME": "ada", "PASSWORD": PASSWORD}, None))
    assert asked is not None
    assert asked.name == TOTP
    assert refused(lambda: give(client, TOTP, asked.session or "", code)) == INVALID_SESSION
    assert "AuthenticationResult" in give(client, TOTP, session, code)
