"""May a token alone change the MFA of its user? Where the operator says so only soon after a sign-in with MFA (attacks.md 48)."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import botocore.auth
import pytest

import postgres_server
from api.choosing import ALLOWED
from api.devices import INSTEAD_OF_MFA, confirm
from api.happenings import happened
from api.mail_notices import OFF, notices, owner, signed_in
from api.passkeys import Owner, configure
from api.second_factors import EMAIL, PHONE, SMS_MFA, TOTP, asked, enrol, give, pool_with, prefer, shown
from api.software_authenticator import Authenticator
from api.world import ClientOfTests, World, refused, round_to_second, running, settings_for
from poolkeeper.clock import MINUTE, SECOND

AGAIN = ("NotAuthorizedException", "Sign in again with a second factor before you change how you are asked for one.")
LATE = 5 * MINUTE + SECOND
ELSEWHERE = [{"Name": "phone_number", "Value": "+15550199"}]


def stored(client: ClientOfTests) -> list[tuple[Any, ...]]:
    """Return what the database has of the pool's users and their apps."""
    users = "SELECT attributes, mfa, version FROM users WHERE pool_id = $1"
    apps = "SELECT secret FROM software_tokens WHERE pool_id = $1"
    return [*client.world.rows(users, client.pool.pool_id), *client.world.rows(apps, client.pool.pool_id)]


@pytest.fixture(params=["sqlite", "postgresql"])
def strict(
    request: pytest.FixtureRequest,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    postgres: postgres_server.PostgresServer,
) -> Iterator[World]:
    """Run a server that asks for a proof of the last five minutes, and mails no notices."""
    database = postgres.create_database() if request.param == "postgresql" else ""
    with _running(tmp_path, database, engine=request.param) as world:
        monkeypatch.setattr(botocore.auth, "get_current_datetime", world.clock.datetime)
        yield world


@contextmanager
def _running(folder: Path, database: str, *, engine: str) -> Iterator[World]:
    settings = settings_for(folder, database=database, mfa_change_seconds=300, account_notices=False)
    with running(settings, engine=engine, started_at=round_to_second(time.time_ns() // 1_000_000)) as world:
        yield world


def test_a_token_weakens_mfa_only_soon_after_a_sign_in_that_used_it(strict: World) -> None:
    """Off, another app, another address for codes: each wants a second factor of the last five minutes."""
    client, secret = owner(strict)
    strict.unsigned.set_user_mfa_preference(
        AccessToken=(token := signed_in(client, secret)), SMSMfaSettings={"Enabled": True}
    )
    new = strict.unsigned.associate_software_token(AccessToken=token)["SecretCode"]
    strict.clock.advance(5 * MINUTE + SECOND)
    before = stored(client)

    weaken: list[partial[Any]] = [
        partial(strict.unsigned.set_user_mfa_preference, SoftwareTokenMfaSettings=OFF),
        partial(strict.unsigned.set_user_settings, MFAOptions=[]),
        partial(strict.unsigned.verify_software_token, UserCode=shown(strict, new)),
        partial(
            strict.unsigned.update_user_attributes, UserAttributes=[{"Name": "phone_number", "Value": "+15550199"}]
        ),
        partial(strict.unsigned.delete_user_attributes, UserAttributeNames=["phone_number"]),
    ]
    for one in weaken:
        assert refused(partial(one, AccessToken=token)) == AGAIN
    assert stored(client) == before
    assert happened(strict, client.pool, "MfaTurnedOff") == []
    form = [{"Name": "name", "Value": "Ada"}, {"Name": "phone_number", "Value": PHONE}]
    strict.unsigned.update_user_attributes(AccessToken=token, UserAttributes=form)

    strict.unsigned.set_user_mfa_preference(AccessToken=signed_in(client, secret), SoftwareTokenMfaSettings=OFF)
    assert len(happened(strict, client.pool, "MfaTurnedOff")) == 1
    assert notices(client) == []


def test_a_sign_in_without_the_second_factor_is_no_proof(strict: World) -> None:
    """A token of before MFA was on is new enough, and says nothing of the app."""
    pool = pool_with(strict, TOTP, mode="OPTIONAL")
    pool.user("ada", email=EMAIL, email_verified="true")
    client = pool.client()
    token = client.tokens("ada")["AccessToken"]
    begun = strict.unsigned.associate_software_token(AccessToken=token)
    strict.unsigned.verify_software_token(AccessToken=token, UserCode=shown(strict, begun["SecretCode"]))
    strict.unsigned.set_user_mfa_preference(AccessToken=token, SoftwareTokenMfaSettings={"Enabled": True})

    turn_off = partial(strict.unsigned.set_user_mfa_preference, AccessToken=token, SoftwareTokenMfaSettings=OFF)
    assert refused(turn_off) == AGAIN


def by_sms(world: World, *methods: str, mode: str) -> tuple[ClientOfTests, str]:
    """Sign a user in by password and SMS; return a client and an access token that is not new any more."""
    pool = pool_with(world, SMS_MFA, *methods, mode=mode)
    pool.user("ada", phone_number=PHONE, phone_number_verified="true")
    client = pool.client()
    if mode == "OPTIONAL":
        prefer(pool, "ada", "SMSMfaSettings")
    session = asked(client, SMS_MFA)["Session"]
    token = give(client, SMS_MFA, session, world.code(PHONE))["AuthenticationResult"]["AccessToken"]
    world.clock.advance(LATE)
    return client, token


def test_the_number_that_a_demanding_pool_sends_codes_to_is_guarded_though_nobody_turned_sms_on(strict: World) -> None:
    """The pool asks for SMS by itself where there is a number."""
    _, token = by_sms(strict, mode="ON")
    change = partial(strict.unsigned.update_user_attributes, AccessToken=token, UserAttributes=ELSEWHERE)
    assert refused(change) == AGAIN


def test_no_other_factor_is_added_beside_the_one_that_is_on(strict: World) -> None:
    """By an app of his own a thief would sign in with two factors, and turn the owner's off."""
    _, token = by_sms(strict, TOTP, mode="OPTIONAL")
    secret = strict.unsigned.associate_software_token(AccessToken=token)["SecretCode"]
    verify = partial(strict.unsigned.verify_software_token, AccessToken=token, UserCode=shown(strict, secret))
    assert refused(verify) == AGAIN


def test_a_passkey_that_counts_as_two_is_not_added(strict: World) -> None:
    """It would sign in by itself."""
    first = {"SignInPolicy": {"AllowedFirstAuthFactors": ["PASSWORD", "WEB_AUTHN"]}}
    pool = strict.pool(Policies=first)
    configure(pool, two_factors=True, mfa="OPTIONAL")
    pool.user("ada")
    client = pool.client(ExplicitAuthFlows=ALLOWED)
    token = signed_in(client, enrol(client, "ada"))
    thief = Owner(client, "ada", "", token, Authenticator())
    strict.clock.advance(LATE)
    assert refused(thief.register) == AGAIN


def test_a_device_that_stands_for_mfa_is_not_confirmed_late(strict: World) -> None:
    """Clients confirm it right after the sign-in."""
    pool = pool_with(strict, TOTP, mode="OPTIONAL", DeviceConfiguration=INSTEAD_OF_MFA)
    pool.user("ada")
    client = pool.client()
    secret = enrol(client, "ada")
    answer = give(client, TOTP, asked(client, TOTP)["Session"], shown(strict, secret))["AuthenticationResult"]
    strict.clock.advance(LATE)
    assert refused(lambda: confirm(strict, answer)) == AGAIN


def test_nor_is_one_remembered_that_was_confirmed_before_there_was_mfa(strict: World) -> None:
    """Its token asks long after the sign-in, which proved a password alone; to forget it is free."""
    on_prompt = {"ChallengeRequiredOnNewDevice": True, "DeviceOnlyRememberedOnUserPrompt": True}
    pool = pool_with(strict, TOTP, mode="OPTIONAL", DeviceConfiguration=on_prompt)
    pool.user("ada")
    client = pool.client()
    early = client.tokens("ada")
    device = confirm(strict, early)
    enrol(client, "ada")
    remember = partial(strict.unsigned.update_device_status, AccessToken=early["AccessToken"], DeviceKey=device.key)
    assert refused(lambda: remember(DeviceRememberedStatus="remembered")) == AGAIN
    assert remember(DeviceRememberedStatus="not_remembered")


def test_a_user_without_mfa_sets_it_up_by_any_token(strict: World) -> None:
    """Nothing is guarded that is not there."""
    pool = pool_with(strict, TOTP, mode="OPTIONAL")
    pool.user("ada")
    client = pool.client()
    token = client.tokens("ada")["AccessToken"]
    strict.clock.advance(LATE)
    secret = strict.unsigned.associate_software_token(AccessToken=token)["SecretCode"]
    strict.unsigned.verify_software_token(AccessToken=token, UserCode=shown(strict, secret))
    strict.unsigned.set_user_mfa_preference(AccessToken=token, SoftwareTokenMfaSettings={"Enabled": True})
