"""How often does a request go to the database, and to an operator's code? Counted: time on a shared machine says little.

A statement is a round trip, BEGIN and COMMIT are one each, a statement alone commits by itself. PostgreSQL's driver counts
them. Refresh and password sign-in, with groups and with tracked sessions, are counted in test_group_claims.py and
test_user_sessions.py.
"""

from collections.abc import Callable, Mapping
from typing import Any

import pytest

from api import choosing, devices, passkeys, second_factors
from api.pools_code import TRIGGERS, Code, running_code
from api.quiet import round_trips, worker_at_rest
from api.signing_in import srp_proof
from api.tracked_sessions import exchange, rotating, tracking
from api.world import ClientOfTests, World

Act = Callable[[], Any]
# Makes what a step needs once, and returns what leads up to the step each time: that returns the step itself.
Prepare = Callable[[World], Callable[[], Act]]


def _by_choice(world: World) -> ClientOfTests:
    client = world.pool().client(ExplicitAuthFlows=choosing.ALLOWED)
    client.pool.user("ada", email="ada@x.example", email_verified="true")
    return choosing.opened(client)


def _choice(world: World) -> Callable[[], Act]:
    client = _by_choice(world)
    return lambda: lambda: client.initiate("USER_AUTH", USERNAME="ada")


def _code_sent(world: World) -> Callable[[], Act]:
    client = _by_choice(world)
    return lambda: lambda: client.initiate("USER_AUTH", USERNAME="ada", PREFERRED_CHALLENGE="EMAIL_OTP")


def _code_given(world: World) -> Callable[[], Act]:
    client = _by_choice(world)

    def lead_up() -> Act:
        world.clock.advance(1_000)
        held = choosing.code_sent(client, "ada")
        return lambda: choosing.code_given(client, "ada", held)

    return lead_up


def _app_verified(world: World) -> Callable[[], Act]:
    client = second_factors.pool_with(world, second_factors.TOTP, mode="OPTIONAL").client()
    client.pool.user("ada")
    token = client.tokens("ada")["AccessToken"]

    def lead_up() -> Act:
        secret = world.unsigned.associate_software_token(AccessToken=token)["SecretCode"]
        code = second_factors.shown(world, secret)
        return lambda: world.unsigned.verify_software_token(AccessToken=token, UserCode=code)

    return lead_up


def _app_code_given(world: World) -> Callable[[], Act]:
    client = second_factors.pool_with(world, second_factors.TOTP, mode="OPTIONAL").client()
    client.pool.user("ada")
    secret = second_factors.enrol(client, "ada")

    def lead_up() -> Act:
        second_factors.next_codes(world)
        session = second_factors.asked(client, second_factors.TOTP)["Session"]
        code = second_factors.shown(world, secret)
        return lambda: second_factors.give(client, second_factors.TOTP, session, code)

    return lead_up


def _passkey_asked(world: World) -> Callable[[], Act]:
    owner = passkeys.with_passkey(world)
    return lambda: owner.challenged


def _passkey_used(world: World) -> Callable[[], Act]:
    owner = passkeys.with_passkey(world)

    def lead_up() -> Act:
        options, session = owner.challenged()
        credential = owner.authenticator.get(options)
        return lambda: owner.answer(session, credential)

    return lead_up


def _device(world: World) -> tuple[ClientOfTests, devices.DeviceOfTests]:
    client = devices.tracked(world).client()
    client.pool.user("ada")
    return client, devices.new_device(client, "ada")


def _device_begun(world: World) -> Callable[[], Act]:
    client, device = _device(world)

    def lead_up() -> Act:
        asked = devices.asked(client, "ada", device)
        return lambda: devices.begun(client, "ada", device, asked)

    return lead_up


def _device_proved(world: World) -> Callable[[], Act]:
    client, device = _device(world)

    def lead_up() -> Act:
        proof = devices.begun(client, "ada", device, devices.asked(client, "ada", device))
        return lambda: client.respond("DEVICE_PASSWORD_VERIFIER", **proof)

    return lead_up


def _sessions_listed(world: World) -> Callable[[], Act]:
    token = tracking(world).tokens("ada")["AccessToken"]
    return lambda: lambda: world.unsigned.list_user_sessions(AccessToken=token)


# fmt: off
STEPS: Mapping[str, tuple[Prepare, int]] = {
    # step                              what leads up to it  round trips
    # The pool takes passkeys too, so whether there is one is read: one more than without.
    "SELECT_CHALLENGE is asked":        (_choice,            2),
    # One of them counts what the mailbox is sent.
    "EMAIL_OTP is asked":               (_code_sent,         8),
    "EMAIL_OTP is answered":            (_code_given,        10),
    "VerifySoftwareToken":              (_app_verified,      7),
    "SOFTWARE_TOKEN_MFA is answered":   (_app_code_given,    9),
    "WEB_AUTHN is asked":               (_passkey_asked,     3),
    "WEB_AUTHN is answered":            (_passkey_used,      9),
    "DEVICE_SRP_AUTH is answered":      (_device_begun,      6),
    "DEVICE_PASSWORD_VERIFIER":         (_device_proved,     9),
    "ListUserSessions":                 (_sessions_listed,   2),
}
# fmt: on


@pytest.mark.parametrize("step", STEPS)
def test_a_step_of_a_sign_in_makes_so_many_round_trips(world: World, step: str) -> None:
    """A statement more shows here, before it shows in anybody's latency."""
    if world.engine == "sqlite":
        pytest.skip("SQLite is called in the process: there are no round trips to count")
    prepare, expected = STEPS[step]
    lead_up = prepare(world)

    def trips() -> int:
        act = lead_up()
        start = round_trips(world)
        act()
        return round_trips(world) - start

    # The first request also reads pool and client.
    with worker_at_rest(world):
        counted = [trips() for _ in range(3)]
    assert min(counted) == expected, counted


def _calls_without_triggers(world: World) -> None:
    client = rotating(world)
    tokens = client.tokens("ada")
    exchange(client, tokens)
    plain = client.pool.client()
    plain.sign_up("bob", email="bob@x.example")
    plain.pool.admin("admin_confirm_sign_up", "bob")
    plain.respond("PASSWORD_VERIFIER", **srp_proof(plain, "bob"))
    plain.initiate("REFRESH_TOKEN_AUTH", REFRESH_TOKEN=plain.tokens("bob")["RefreshToken"])
    world.unsigned.forgot_password(ClientId=plain.client_id, Username="bob")


def test_a_pool_without_triggers_calls_no_function(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Signing up, signing in by password and by SRP, a refresh, a rotation and a reset: nothing is invoked."""
    with running_code(world, monkeypatch, Code()) as code:
        _calls_without_triggers(world)
    assert code.events == []


def test_a_pool_with_triggers_calls_those_alone(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """The count of the test above can count: PreAuthentication is asked once, and nothing else."""
    client = tracking(world)
    arn = TRIGGERS["PreAuthentication"]
    world.signed.update_user_pool(UserPoolId=client.pool.pool_id, LambdaConfig={"PreAuthentication": arn})
    with running_code(world, monkeypatch, Code()) as code:
        tokens = client.tokens("ada")
        client.initiate("REFRESH_TOKEN_AUTH", REFRESH_TOKEN=tokens["RefreshToken"])
    assert code.sources() == ["PreAuthentication"]
