"""Which flows are open at which door, and until when? What an app client allows is asked again where tokens are issued."""

from functools import partial

import pytest

from api.choosing import ALLOWED
from api.second_factors import TOTP, demand, give, half_way
from api.signing_in import INVALID_SESSION, begin, count_of_sessions, respond
from api.world import PASSWORD, World, refused

NOT_SUPPORTED = ("InvalidParameterException", "Initiate Auth method not supported")


@pytest.mark.parametrize(
    ("flow", "admin"),
    [("USER_PASSWORD_AUTH", True), ("ADMIN_USER_PASSWORD_AUTH", False), ("ADMIN_NO_SRP_AUTH", False)],
)
def test_a_flow_of_the_other_door_is_not_supported(world: World, flow: str, admin: bool) -> None:  # noqa: FBT001 - a parameter of pytest's
    """AWS keeps one list of flows for both operations, and each of them refuses the other's (contract, user pools 3.1)."""
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
    """Attack 25: what was begun while the client allowed it is refused at the gate once it does not."""
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
