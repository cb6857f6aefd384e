"""Is a second factor demanded wherever the pool demands one? No flow issues tokens without it (attack 4)."""

import pytest

from api.second_factors import TOTP, demand, enrol, give, shown
from api.signing_in import count_of_sessions, respond
from api.test_sign_in_matrix import FLOWS, Person
from api.world import World, refused

# The flows that begin with a password, which leaves a second factor to be asked for.
BEGINNING = [flow for flow in FLOWS if flow.startswith(("USER_PASSWORD", "ADMIN_", "USER_SRP", "NEW_PASSWORD"))]


@pytest.mark.parametrize("flow", BEGINNING)
def test_no_flow_gets_past_required_mfa(world: World, flow: str) -> None:
    """The pool turns MFA on, even between challenge and answer: no tokens and no session before a factor is set up."""
    pool = world.pool()
    client, sub = pool.client(), pool.user("ada")
    held = FLOWS[flow].prepare(Person(client, "ada", sub))
    demand(pool, TOTP)

    answer = FLOWS[flow].run(Person(client, "ada", sub, held))
    assert answer["ChallengeName"] == "MFA_SETUP"
    assert "AuthenticationResult" not in answer
    assert count_of_sessions(pool) == 0

    begun = world.unsigned.associate_software_token(Session=answer["Session"])
    code = shown(world, begun["SecretCode"])
    session = world.unsigned.verify_software_token(Session=begun["Session"], UserCode=code)["Session"]
    assert respond(client, "MFA_SETUP", session, USERNAME="ada")["AuthenticationResult"]
    assert count_of_sessions(pool) == 1


@pytest.mark.parametrize("flow", [flow for flow in BEGINNING if not flow.startswith("NEW_PASSWORD")])
def test_every_flow_asks_for_what_the_user_has(world: World, flow: str) -> None:
    """By password and by SRP, at both doors: the app is asked for, and tokens come of its code alone."""
    pool = world.pool()
    demand(pool, TOTP, mode="OPTIONAL")
    client, sub = pool.client(), pool.user("ada")
    secret = enrol(client, "ada")
    before = count_of_sessions(pool)

    answer = FLOWS[flow].run(Person(client, "ada", sub))
    assert answer["ChallengeName"] == TOTP
    assert "AuthenticationResult" not in answer
    assert count_of_sessions(pool) == before
    assert give(client, TOTP, answer["Session"], shown(world, secret))["AuthenticationResult"]


def test_a_wrong_password_tells_nothing_of_mfa(world: World) -> None:
    """Whether a second factor would be asked for is told after the first one alone."""
    pool = world.pool()
    client = pool.client()
    pool.user("ada")
    demand(pool, TOTP)
    assert refused(lambda: client.sign_in("ada", "not-the-password")) == (
        "NotAuthorizedException",
        "Incorrect username or password.",
    )
