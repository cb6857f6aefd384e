"""Is a second factor demanded wherever the pool demands one? No flow issues tokens without it (attacks.md 4)."""

from typing import Any

import pytest

from api.choosing import WAYS
from api.matrix_people import FLOWS, Person
from api.pools_code import ASK, Code, running_code
from api.pools_code import answer as answer_riddle
from api.second_factors import TOTP, demand, enrol, give, shown
from api.signing_in import INCORRECT, INVALID_SESSION, count_of_sessions, respond
from api.walking import CHALLENGES
from api.world import ClientOfTests, World, refused

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
    assert set_up(client, answer["Session"])["AuthenticationResult"]
    assert count_of_sessions(pool) == 1


def set_up(client: ClientOfTests, session: str) -> dict[str, Any]:
    """Set up an app in a sign-in, and answer MFA_SETUP."""
    begun = client.world.unsigned.associate_software_token(Session=session)
    code = shown(client.world, begun["SecretCode"])
    verified = client.world.unsigned.verify_software_token(Session=begun["Session"], UserCode=code)["Session"]
    return respond(client, "MFA_SETUP", verified, USERNAME="ada")


# The other ways in: those that a password or the pool's own code stands at the beginning of, and those that begin by what
# can be no first of two factors.
BY_PASSWORD = [*(way for way in WAYS if not way.startswith(("EMAIL", "SMS", "WEB"))), "PASSWORD_VERIFIER"]
BY_LESS = ["EMAIL_OTP, first", "SMS_OTP", "WEB_AUTHN"]


def _half_way(world: World, flow: str) -> tuple[ClientOfTests, Person]:
    """Go a way as far as its last answer, and turn MFA on then."""
    client = world.pool().client()
    sub = client.pool.user("ada")
    held = FLOWS[flow].prepare(Person(client, "ada", sub))
    passwords = {"SignInPolicy": {"AllowedFirstAuthFactors": ["PASSWORD"]}}
    world.signed.update_user_pool(UserPoolId=client.pool.pool_id, LambdaConfig=CHALLENGES, Policies=passwords)
    demand(client.pool, TOTP)
    return client, Person(client, "ada", sub, held)


@pytest.mark.parametrize("flow", BY_PASSWORD)
def test_no_other_way_gets_past_mfa_that_is_turned_on_meanwhile(world: World, flow: str) -> None:
    """By choice, by the pool's own challenges, by SRP under way: what the pool demands when the answer comes is asked for."""
    client, person = _half_way(world, flow)
    before = count_of_sessions(client.pool)
    answer = FLOWS[flow].run(person)
    assert answer["ChallengeName"] == "MFA_SETUP"
    assert "AuthenticationResult" not in answer
    assert count_of_sessions(client.pool) == before
    with pytest.MonkeyPatch.context() as patched, running_code(world, patched, Code()):
        answer = set_up(client, answer["Session"])
        if answer.get("ChallengeName") == ASK:
            answer = answer_riddle(client, answer["Session"])
    assert "AuthenticationResult" in answer


@pytest.mark.parametrize("flow", BY_LESS)
def test_a_code_or_a_passkey_alone_never_gets_past_mfa_that_is_turned_on_meanwhile(world: World, flow: str) -> None:
    """They are no first of two factors: no tokens follow, and no app is set up on the strength of them."""
    client, person = _half_way(world, flow)
    before = count_of_sessions(client.pool)
    if flow == "WEB_AUTHN":
        assert refused(lambda: FLOWS[flow].run(person)) == INCORRECT
    else:
        session = FLOWS[flow].run(person)["Session"]
        assert refused(lambda: set_up(client, session)) == INVALID_SESSION
        assert world.rows("SELECT user_id FROM software_tokens WHERE pool_id = $1", client.pool.pool_id) == []
    assert count_of_sessions(client.pool) == before


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
    assert refused(lambda: client.sign_in("ada", "not-the-password")) == INCORRECT
