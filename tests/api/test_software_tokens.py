"""How does an authenticator app come to be a user's? By access token and in the middle of a sign-in, never by a guess."""

import asyncio
import json
from base64 import b32decode
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest

from api.people import held, listed, seen
from api.second_factors import (
    EMAIL,
    EMAIL_OTP,
    PHONE,
    SMS_MFA,
    TOTP,
    asked,
    demand,
    enrol,
    give,
    next_codes,
    pool_with,
    shown,
    wrong,
)
from api.signing_in import INVALID_SESSION, LOCKED, at_once, count_of_sessions, failures, lock, put, raw, respond
from api.stage import dump
from api.world import ClientOfTests, World, refused
from poolkeeper.auth.steps import mfa_setup
from poolkeeper.clock import MINUTE, SECOND

NOT_OFFERED = ("SoftwareTokenMFANotFoundException", "Software Token MFA has not been enabled by the userPool")
MISMATCH = ("EnableSoftwareTokenMFAException", "Code mismatch and fail enable Software Token MFA")
USED_SESSION = ("NotAuthorizedException", "Invalid session for the user, session can only be used once.")
NOT_VERIFIED = ("InvalidParameterException", "User has not verified software token mfa")


def associate(world: World, **by: str) -> dict[str, Any]:
    answer: dict[str, Any] = world.unsigned.associate_software_token(**by)
    return answer


def verify(world: World, code: str, **by: str) -> dict[str, Any]:
    answer: dict[str, Any] = world.unsigned.verify_software_token(UserCode=code, **by)
    return answer


def client_with_user(world: World, *methods: str, mode: str = "ON", **attributes: Any) -> ClientOfTests:
    pool = pool_with(world, *(methods or (TOTP,)), mode=mode)
    pool.user("ada", **attributes)
    return pool.client()


def factors(client: ClientOfTests) -> tuple[list[str] | None, str | None]:
    """Return (methods that are on, the preferred one) of the user."""
    user = client.pool.admin("admin_get_user", "ada")
    return user.get("UserMFASettingList"), user.get("PreferredMfaSetting")


def test_an_app_is_set_up_by_access_token(world: World) -> None:
    """The secret is base32 of 32 bytes; verifying makes the app ready and turns nothing on (userpools.md 3.5)."""
    client = client_with_user(world, mode="OPTIONAL")
    token = client.tokens("ada")["AccessToken"]
    answer = associate(world, AccessToken=token)
    secret = answer["SecretCode"]
    assert (len(secret), len(b32decode(f"{secret}===="))) == (52, 32)
    assert "Session" not in answer
    verified = verify(world, shown(world, secret), AccessToken=token, FriendlyDeviceName="Ada's phone")
    assert verified["Status"] == "SUCCESS"
    assert "Session" not in verified
    assert factors(client) == (None, None)
    assert client.tokens("ada")

    settings = {"SoftwareTokenMfaSettings": {"Enabled": True, "PreferredMfa": True}}
    world.unsigned.set_user_mfa_preference(AccessToken=token, **settings)
    assert factors(client) == ([TOTP], TOTP)
    assert asked(client, TOTP)["ChallengeParameters"] == {
        "USER_ID_FOR_SRP": "ada",
        "FRIENDLY_DEVICE_NAME": "Ada's phone",
    }


def test_an_app_is_set_up_in_the_middle_of_a_sign_in(world: World) -> None:
    """MFA_SETUP, Associate, Verify, and its Session answers the challenge: each Session is spent by the next (userpools.md 3.5)."""
    client = client_with_user(world)
    challenge = asked(client, "MFA_SETUP")
    assert json.loads(challenge["ChallengeParameters"]["MFAS_CAN_SETUP"]) == [TOTP]
    assert challenge["ChallengeParameters"]["USER_ID_FOR_SRP"] == "ada"

    first = challenge["Session"]
    associated = associate(world, Session=first)
    secret, second = associated["SecretCode"], associated["Session"]
    assert refused(partial(associate, world, Session=first)) == USED_SESSION
    verified = verify(world, shown(world, secret), Session=second)
    third = verified["Session"]
    assert refused(partial(verify, world, shown(world, secret), Session=second)) == USED_SESSION
    assert len({first, second, third}) == 3

    tokens = respond(client, "MFA_SETUP", third, USERNAME="ada")["AuthenticationResult"]
    assert seen(world, tokens["AccessToken"]) == {}
    assert refused(lambda: respond(client, "MFA_SETUP", third, USERNAME="ada")) == USED_SESSION
    assert factors(client) == ([TOTP], None)
    kept = world.rows("SELECT factors FROM sessions WHERE pool_id = $1", client.pool.pool_id)
    assert kept == [("pwd otp",)]


def test_an_administrator_answers_mfa_setup_too(world: World) -> None:
    """AdminRespondToAuthChallenge takes the Session of VerifySoftwareToken."""
    client = client_with_user(world)
    associated = associate(world, Session=asked(client, "MFA_SETUP", admin=True)["Session"])
    verified = verify(world, shown(world, associated["SecretCode"]), Session=associated["Session"])
    assert respond(client, "MFA_SETUP", verified["Session"], admin=True, USERNAME="ada")["AuthenticationResult"]


def test_verifying_in_a_sign_in_turns_the_app_on_at_once(world: World) -> None:
    """Who leaves after it and signs in again is asked for the app (userpools.md 3.5); not by the code just used."""
    client = client_with_user(world)
    associated = associate(world, Session=asked(client, "MFA_SETUP")["Session"])
    secret = associated["SecretCode"]
    code = shown(world, secret)
    verify(world, code, Session=associated["Session"])
    session = asked(client, TOTP)["Session"]
    assert refused(lambda: give(client, TOTP, session, code)) == (
        "ExpiredCodeException",
        "Your software token has already been used once.",
    )
    next_codes(world)
    assert give(client, TOTP, session, shown(world, secret))["AuthenticationResult"]


def by_token(client: ClientOfTests) -> dict[str, str]:
    return {"AccessToken": client.tokens("ada")["AccessToken"]}


def by_session(client: ClientOfTests) -> dict[str, str]:
    demand(client.pool, TOTP)
    return {"Session": asked(client, "MFA_SETUP")["Session"]}


BOTH_WAYS = pytest.mark.parametrize("way", [by_token, by_session])


@BOTH_WAYS
def test_a_wrong_code_enables_nothing_and_counts(world: World, way: Callable[[ClientOfTests], dict[str, str]]) -> None:
    """attacks.md 46: five guesses lock, for the right code too; after the lock the same Session goes on."""
    client = client_with_user(world, mode="OPTIONAL")
    by = way(client)
    answer = associate(world, **by)
    secret, by = answer["SecretCode"], {"Session": answer["Session"]} if "Session" in answer else by
    for count in range(1, 6):
        assert refused(partial(verify, world, wrong(shown(world, secret)), **by)) == MISMATCH
        assert failures(client.pool) == [(count, SECOND if count == 5 else 0)]
    assert refused(lambda: verify(world, shown(world, secret), **by)) == LOCKED
    assert factors(client) == (None, None)
    world.clock.advance(SECOND)
    assert verify(world, shown(world, secret), **by)["Status"] == "SUCCESS"


@BOTH_WAYS
def test_nothing_is_verified_that_was_not_associated(
    world: World, way: Callable[[ClientOfTests], dict[str, str]]
) -> None:
    """attacks.md 46: no six digits fit a secret that is not there."""
    client = client_with_user(world, mode="OPTIONAL")
    by = way(client)
    assert refused(partial(verify, world, "000000", **by)) == MISMATCH


def test_a_pool_without_totp_has_no_apps(world: World) -> None:
    """Neither set up nor verified, by access token; with MFA off, and with another method alone."""
    client = client_with_user(world, SMS_MFA, mode="OPTIONAL")
    elsewhere = world.pool().client()
    elsewhere.pool.user("ada")
    for one in (client, elsewhere):
        token = one.tokens("ada")["AccessToken"]
        assert refused(partial(associate, world, AccessToken=token)) == NOT_OFFERED
        assert refused(partial(verify, world, "123456", AccessToken=token)) == NOT_OFFERED


def test_an_app_outlives_its_place_in_the_pools_list(world: World) -> None:
    """Users who enrolled go on with it after the pool turned TOTP off (identity-security.md 5.2)."""
    client = client_with_user(world, mode="OPTIONAL")
    secret = enrol(client, "ada")
    demand(client.pool, SMS_MFA, mode="OPTIONAL")
    assert give(client, TOTP, asked(client, TOTP)["Session"], shown(world, secret))["AuthenticationResult"]


def test_a_new_secret_waits_beside_the_one_that_counts(world: World) -> None:
    """The old app signs in until the new one has proved itself, and then no more; a later Associate replaces an earlier."""
    client = client_with_user(world, mode="OPTIONAL")
    token = client.tokens("ada")["AccessToken"]
    old = enrol(client, "ada")
    forgotten = associate(world, AccessToken=token)["SecretCode"]
    new = associate(world, AccessToken=token)["SecretCode"]
    assert give(client, TOTP, asked(client, TOTP)["Session"], shown(world, old))["AuthenticationResult"]
    assert refused(lambda: verify(world, shown(world, forgotten), AccessToken=token)) == MISMATCH

    verify(world, shown(world, new), AccessToken=token)
    next_codes(world)
    session = asked(client, TOTP)["Session"]
    assert refused(lambda: give(client, TOTP, session, shown(world, old)))[0] == "CodeMismatchException"
    assert give(client, TOTP, session, shown(world, new))["AuthenticationResult"]


def test_no_secret_of_an_app_lies_open(world: World) -> None:
    """attacks.md 46: the database holds neither its letters nor its bytes, pending or not; no log does either."""
    client = client_with_user(world, mode="OPTIONAL")
    token = client.tokens("ada")["AccessToken"]
    secrets = [enrol(client, "ada"), associate(world, AccessToken=token)["SecretCode"]]
    everything = dump(world) + b"".join(world.log)
    for secret in secrets:
        assert secret.encode() not in everything
        assert b32decode(f"{secret}====") not in everything


@pytest.mark.parametrize("step", ["associate", "verify"])
def test_who_has_an_app_is_given_no_second_one_by_an_older_session(world: World, step: str) -> None:
    """attacks.md 46: a Session that proves the password alone replaces nothing once the user has set up a factor."""
    client = client_with_user(world)
    thief = asked(client, "MFA_SETUP")["Session"]
    planted = associate(world, Session=thief) if step == "verify" else {"Session": thief}
    own = associate(world, Session=asked(client, "MFA_SETUP")["Session"])
    verify(world, shown(world, own["SecretCode"]), Session=own["Session"])

    if step == "associate":
        work = partial(associate, world, Session=planted["Session"])
    else:
        work = partial(verify, world, shown(world, planted["SecretCode"]), Session=planted["Session"])
    assert refused(work) == INVALID_SESSION
    next_codes(world)
    challenge = asked(client, TOTP)
    assert give(client, TOTP, challenge["Session"], shown(world, own["SecretCode"]))["AuthenticationResult"]


def test_who_comes_by_a_factor_while_an_app_is_verified_is_given_no_app(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """attacks.md 46: the owner's telephone arrives after the Session was looked at and before the app would count."""
    pool = pool_with(world, TOTP, SMS_MFA)
    pool.user("ada")
    client = pool.client()
    planted = associate(world, Session=asked(client, "MFA_SETUP")["Session"])
    taken_up = mfa_setup._taken_up
    phone = [{"Name": "phone_number", "Value": PHONE}, {"Name": "phone_number_verified", "Value": "true"}]

    async def before_the_telephone(*given: Any) -> Any:
        found = await taken_up(*given)
        await asyncio.to_thread(pool.admin, "admin_update_user_attributes", "ada", UserAttributes=phone)
        return found

    with monkeypatch.context() as patched:
        patched.setattr(mfa_setup, "_taken_up", before_the_telephone)
        code = shown(world, planted["SecretCode"])
        assert refused(partial(verify, world, code, Session=planted["Session"])) == INVALID_SESSION
    assert asked(client, SMS_MFA)["ChallengeName"] == SMS_MFA
    assert "UserMFASettingList" not in pool.admin("admin_get_user", "ada")


def test_no_address_is_set_up_for_who_has_come_by_two_factors(world: World) -> None:
    """attacks.md 46: whoever knows the password alone would put a mailbox of their own beside what there is to choose from."""
    client = client_with_user(world, SMS_MFA, EMAIL_OTP)
    session = asked(client, "MFA_SETUP")["Session"]
    addresses = {"email": EMAIL, "email_verified": "true", "phone_number": PHONE, "phone_number_verified": "true"}
    client.pool.admin("admin_update_user_attributes", "ada", UserAttributes=listed(addresses))
    asked(client, "SELECT_MFA_TYPE")
    give = partial(respond, client, "MFA_SETUP", session, USERNAME="ada", EMAIL="eve@tests.example")
    assert refused(give) == INVALID_SESSION
    assert world.outbox("eve@tests.example") == []


def test_of_twenty_verifications_at_once_one_succeeds(world: World) -> None:
    """One Session, one code: one Session that answers MFA_SETUP."""
    client = client_with_user(world)
    associated = associate(world, Session=asked(client, "MFA_SETUP")["Session"])
    body = {"Session": associated["Session"], "UserCode": shown(world, associated["SecretCode"])}
    answers = at_once([partial(raw, world, "VerifySoftwareToken", body)] * 20)
    assert [status for status, _, _ in answers].count(200) == 1


def test_mfa_setup_is_not_answered_without_a_verified_app(world: World) -> None:
    """attacks.md 4: neither by the first Session nor by that of AssociateSoftwareToken."""
    client = client_with_user(world)
    first = asked(client, "MFA_SETUP")["Session"]
    assert refused(lambda: respond(client, "MFA_SETUP", first, USERNAME="ada")) == NOT_VERIFIED
    second = associate(world, Session=first)["Session"]
    assert refused(lambda: respond(client, "MFA_SETUP", second, USERNAME="ada")) == NOT_VERIFIED
    assert count_of_sessions(client.pool) == 0


def test_an_app_that_was_taken_away_meanwhile_lets_nobody_in(world: World) -> None:
    """attacks.md 4: an administrator deletes it between VerifySoftwareToken and the answer."""
    client = client_with_user(world)
    associated = associate(world, Session=asked(client, "MFA_SETUP")["Session"])
    verified = verify(world, shown(world, associated["SecretCode"]), Session=associated["Session"])
    client.pool.admin("admin_delete_software_token", "ada")
    assert refused(lambda: respond(client, "MFA_SETUP", verified["Session"], USERNAME="ada")) == INVALID_SESSION


def test_a_set_up_stops_for_who_may_not_come_in(world: World) -> None:
    """attacks.md 25: disabled or locked between the steps, nothing is drawn and nothing is verified."""
    client = client_with_user(world)
    sub = client.pool.admin("admin_get_user", "ada")["UserAttributes"][0]["Value"]
    session = asked(client, "MFA_SETUP")["Session"]
    put(client.pool, sub, enabled=0)
    assert refused(lambda: associate(world, Session=session)) == ("NotAuthorizedException", "User is disabled.")
    put(client.pool, sub, enabled=1)
    lock(client, "ada")
    assert refused(lambda: associate(world, Session=session)) == LOCKED
    assert world.rows("SELECT user_id FROM software_tokens WHERE pool_id = $1", client.pool.pool_id) == []


@pytest.mark.parametrize("session", ["x" * 20, "A" * 400])
def test_a_made_up_session_is_no_session(world: World, session: str) -> None:
    """It is refused before anybody is looked up."""
    assert refused(partial(associate, world, Session=session)) == INVALID_SESSION
    assert refused(partial(verify, world, "123456", Session=session)) == INVALID_SESSION


def test_one_of_token_and_session_is_needed(world: World) -> None:
    """A call with neither is refused, not answered for nobody."""
    for work in (partial(associate, world), partial(verify, world, "123456")):
        assert refused(work)[0] == "InvalidParameterException"


@pytest.mark.parametrize(
    ("key", "method", "address"),
    [("EMAIL", EMAIL_OTP, EMAIL), ("email", EMAIL_OTP, EMAIL), ("PHONE_NUMBER", SMS_MFA, PHONE)],
)
def test_an_address_is_set_up_by_its_code(world: World, key: str, method: str, address: str) -> None:
    """MFA_SETUP with an address leads to a code there, which stores and verifies it (userpools.md 3.4)."""
    client = client_with_user(world, SMS_MFA, EMAIL_OTP)
    challenge = asked(client, "MFA_SETUP")
    assert json.loads(challenge["ChallengeParameters"]["MFAS_CAN_SETUP"]) == [SMS_MFA, EMAIL_OTP]
    attribute = {SMS_MFA: "phone_number", EMAIL_OTP: "email"}[method]
    given: dict[str, Any] = {"USERNAME": "ada", key: address}
    sent = respond(client, "MFA_SETUP", challenge["Session"], **given)
    assert sent["ChallengeName"] == method
    assert held(client.pool, "ada") == {}

    code = world.code(address)
    assert refused(lambda: give(client, method, sent["Session"], wrong(code)))[0] == "CodeMismatchException"
    assert held(client.pool, "ada") == {}
    assert give(client, method, sent["Session"], code)["AuthenticationResult"]
    assert held(client.pool, "ada") == {attribute: address, f"{attribute}_verified": "true"}
    world.clock.advance(MINUTE)
    assert asked(client, method)["Session"]


def test_no_address_is_set_up_beside_another_factor(world: World) -> None:
    """attacks.md 46: a thief with the password alone cannot put a mailbox in the place of a factor that came meanwhile."""
    client = client_with_user(world, EMAIL_OTP, TOTP)
    thief = asked(client, "MFA_SETUP")["Session"]
    sent = respond(client, "MFA_SETUP", thief, USERNAME="ada", EMAIL="thief@evil.example")
    own = associate(world, Session=asked(client, "MFA_SETUP")["Session"])
    late = asked(client, "MFA_SETUP")["Session"]
    verify(world, shown(world, own["SecretCode"]), Session=own["Session"])

    code = world.code("thief@evil.example")
    assert refused(lambda: give(client, EMAIL_OTP, sent["Session"], code)) == INVALID_SESSION
    again = partial(respond, client, "MFA_SETUP", late, USERNAME="ada", EMAIL="thief@evil.example")
    assert refused(again) == INVALID_SESSION
    assert held(client.pool, "ada") == {}


def test_what_is_no_address_is_not_set_up(world: World) -> None:
    """The schema's rules hold, and a method that the pool does not offer cannot be set up; the Session stays."""
    client = client_with_user(world, EMAIL_OTP)
    session = asked(client, "MFA_SETUP")["Session"]
    setup = partial(respond, client, "MFA_SETUP", session, USERNAME="ada")
    assert refused(partial(setup, EMAIL="no-address"))[0] == "InvalidParameterException"
    assert refused(partial(setup, EMAIL="a@b.example\r\nBcc: c@d.example"))[0] == "InvalidParameterException"
    assert refused(partial(setup, PHONE_NUMBER=PHONE)) == INVALID_SESSION
    assert setup(EMAIL=EMAIL)["ChallengeName"] == EMAIL_OTP


def test_an_administrator_takes_a_lost_app_away(world: World) -> None:
    """Signing in is possible by what is left, and another app can be set up; who has none loses nothing."""
    client = client_with_user(world, mode="OPTIONAL")
    enrol(client, "ada")
    asked(client, TOTP)
    client.pool.admin("admin_delete_software_token", "ada")
    assert factors(client) == (None, None)
    assert client.tokens("ada")
    assert world.rows("SELECT user_id FROM software_tokens WHERE pool_id = $1", client.pool.pool_id) == []
    client.pool.admin("admin_delete_software_token", "ada")
    secret = enrol(client, "ada")
    assert give(client, TOTP, asked(client, TOTP)["Session"], shown(world, secret))["AuthenticationResult"]
    work = partial(client.pool.admin, "admin_delete_software_token", "nobody")
    assert refused(work) == ("UserNotFoundException", "User does not exist.")


def test_a_sign_in_that_was_asked_for_an_app_since_taken_away_is_told(world: World) -> None:
    """No code can be right any more, and the tries are not counted: there is nothing to guess."""
    client = client_with_user(world, mode="OPTIONAL")
    code = shown(world, enrol(client, "ada"))
    session = asked(client, TOTP)["Session"]
    client.pool.admin("admin_delete_software_token", "ada")
    gone = ("SoftwareTokenMFANotFoundException", "Software Token MFA does not exist for the user.")
    for _ in range(6):
        assert refused(lambda: give(client, TOTP, session, code)) == gone
    assert client.tokens("ada")
