"""Does a token say how strongly its user was authenticated? Levels asked for by name: reached, or no tokens at all."""

import asyncio
import json
from functools import partial
from typing import Any

import pytest

from api.devices import new_device, sign_in, tracked
from api.forge import claims_of
from api.passkeys import owner, passkey_pool
from api.second_factors import (
    EMAIL,
    EMAIL_OTP,
    PHONE,
    SMS_MFA,
    TOTP,
    demand,
    enrol,
    give,
    next_codes,
    pool_with,
    prefer,
    shown,
)
from api.signing_in import INCORRECT, count_of_sessions
from api.world import FLOWS, PASSWORD, ClientOfTests, PoolOfTests, World, refused
from poolkeeper.clock import MINUTE, SECOND

ALLOWED = [*FLOWS, "ALLOW_USER_AUTH"]
LOA = {level: f"urn:cognito:loa:{level}" for level in range(1, 5)}
INVALID = "InvalidParameterException"
NO_TARGET = (INVALID, "TARGET_ACR_VALUES is required when ACCESS_TOKEN is provided")
UNKNOWN = (INVALID, "None of the requested TARGET_ACR_VALUES are valid")
UNREACHABLE = (INVALID, "None of the requested TARGET_ACR_VALUES can be satisfied by the user")
REACHED = (INVALID, "The access token already satisfies the requested TARGET_ACR_VALUES")
ANOTHER = ("NotAuthorizedException", "The access token does not belong to the user")
BAD_AGE = (INVALID, "MAX_AGE must be a number of seconds")
REVOKED = ("NotAuthorizedException", "Access Token has been revoked")


def _pool(world: World, *methods: str, first: tuple[str, ...] = ("PASSWORD",), mode: str = "OPTIONAL") -> PoolOfTests:
    policy = {"SignInPolicy": {"AllowedFirstAuthFactors": list(first)}}
    return pool_with(world, *(methods or (SMS_MFA, TOTP)), mode=mode, Policies=policy)


def _client(pool: PoolOfTests, **verified: str) -> ClientOfTests:
    """Make a user with verified addresses, and a client that allows USER_AUTH."""
    attributes: dict[str, Any] = {**verified, **{f"{name}_verified": "true" for name in verified}}
    pool.user("ada", **attributes)
    return pool.client(ExplicitAuthFlows=ALLOWED)


def _up(client: ClientOfTests, target: str, name: str = "ada", **more: str) -> dict[str, Any]:
    return client.initiate("USER_AUTH", USERNAME=name, TARGET_ACR_VALUES=target, **more)


def _by_password(client: ClientOfTests, target: str, **more: str) -> dict[str, Any]:
    return _up(client, target, PREFERRED_CHALLENGE="PASSWORD", PASSWORD=PASSWORD, **more)


def _claims(answer: dict[str, Any], token: str = "AccessToken") -> dict[str, Any]:
    claims: dict[str, Any] = claims_of(answer["AuthenticationResult"][token])
    return claims


def test_a_password_is_the_first_level(world: World) -> None:
    """Both tokens say so, and so do those of a refresh; who asks for no level is told none."""
    client = _client(_pool(world))
    answer = _by_password(client, LOA[1])
    for token in ("AccessToken", "IdToken"):
        assert (_claims(answer, token)["acr"], _claims(answer, token)["amr"]) == (LOA[1], ["pwd"])
    again = client.initiate("REFRESH_TOKEN_AUTH", REFRESH_TOKEN=answer["AuthenticationResult"]["RefreshToken"])
    assert (_claims(again)["acr"], _claims(again)["amr"]) == (LOA[1], ["pwd"])
    assert "acr" not in _claims(client.sign_in("ada"))


def test_a_code_alone_is_the_second_level(world: World) -> None:
    """The choice is of codes alone; a password would lead elsewhere."""
    client = _client(_pool(world, first=("PASSWORD", "EMAIL_OTP")), email=EMAIL)
    asked = _up(client, LOA[2])
    assert asked["AvailableChallenges"] == ["EMAIL_OTP"]
    asked = client.respond("SELECT_CHALLENGE", asked["Session"], USERNAME="ada", ANSWER="EMAIL_OTP")
    answer = give(client, EMAIL_OTP, asked["Session"], world.code(EMAIL))
    assert (_claims(answer)["acr"], _claims(answer)["amr"]) == (LOA[2], ["email_otp"])


def test_a_code_on_top_of_a_password_is_the_third_level(world: World) -> None:
    """MFA is optional and the user has turned nothing on, yet the code is asked for: no tokens come before it."""
    client = _client(_pool(world), phone_number=PHONE)
    asked = _by_password(client, LOA[3])
    assert asked["ChallengeName"] == SMS_MFA
    assert count_of_sessions(client.pool) == 0
    answer = give(client, SMS_MFA, asked["Session"], world.code(PHONE))
    assert (_claims(answer)["acr"], _claims(answer)["amr"]) == (LOA[3], ["pwd", "sms", "mfa"])


def test_an_app_on_top_of_a_password_is_the_fourth_level(world: World) -> None:
    """The app is asked for even where MFA would have been content with a message."""
    client = _client(_pool(world), phone_number=PHONE)
    secret = enrol(client, "ada", preferred=False)
    prefer(client.pool, "ada", "SMSMfaSettings")
    asked = _by_password(client, LOA[4])
    assert asked["ChallengeName"] == TOTP
    answer = give(client, TOTP, asked["Session"], shown(world, secret))
    assert (_claims(answer)["acr"], _claims(answer)["amr"]) == (LOA[4], ["pwd", "otp", "mfa"])


def test_a_passkey_alone_is_the_third_level(world: World) -> None:
    """It is in the choice beside the password; the fourth level it cannot reach."""
    pool = passkey_pool(world)
    client = pool.client(ExplicitAuthFlows=ALLOWED)
    person = owner(client)
    person.register()
    assert _up(client, LOA[3])["AvailableChallenges"] == ["WEB_AUTHN"]
    asked = _up(client, LOA[3], PREFERRED_CHALLENGE="WEB_AUTHN")
    options = json.loads(asked["ChallengeParameters"]["CREDENTIAL_REQUEST_OPTIONS"])
    answer = person.answer(asked["Session"], person.authenticator.get(options))
    assert _claims(answer)["acr"] == LOA[3]
    assert refused(lambda: _up(client, LOA[4])) == UNREACHABLE


def test_the_best_level_that_can_be_reached_is_the_aim(world: World) -> None:
    """Levels come best first; what is unknown is ignored, and what nobody knows is an error."""
    client = _client(_pool(world), phone_number=PHONE)
    asked = _by_password(client, f"nonsense {LOA[4]} {LOA[3]} {LOA[1]}")
    assert asked["ChallengeName"] == SMS_MFA
    assert refused(lambda: _up(client, "nonsense urn:cognito:loa:5")) == UNKNOWN
    assert refused(lambda: _up(client, LOA[4])) == UNREACHABLE


def test_levels_have_the_names_of_the_pool(world: World) -> None:
    """AcrConfiguration gives a level another name; the default one means nothing then."""
    pool = world.pool(AcrConfiguration={"Level1": {"AcrValue": "https://levels.example/one"}})
    client = _client(pool)
    assert _claims(_by_password(client, "https://levels.example/one"))["acr"] == "https://levels.example/one"
    assert refused(lambda: _up(client, LOA[1])) == UNKNOWN


def test_only_what_is_missing_is_asked_of_whoever_has_a_token(world: World) -> None:
    """The password that a token's session proved counts: the code alone is asked for, and the token goes on working."""
    client = _client(_pool(world), phone_number=PHONE)
    token = client.tokens("ada")["AccessToken"]
    asked = _up(client, LOA[3], ACCESS_TOKEN=token)
    assert asked["ChallengeName"] == SMS_MFA
    answer = give(client, SMS_MFA, asked["Session"], world.code(PHONE))
    assert (_claims(answer)["acr"], _claims(answer)["amr"]) == (LOA[3], ["pwd", "sms", "mfa"])
    assert _claims(answer)["origin_jti"] != claims_of(token)["origin_jti"]
    assert world.unsigned.get_user(AccessToken=token)

    stepped_up = answer["AuthenticationResult"]["AccessToken"]
    for target in (LOA[3], LOA[1], f"{LOA[4]} {LOA[3]}"):
        assert refused(partial(_up, client, target, ACCESS_TOKEN=stepped_up)) == REACHED


def test_a_password_is_asked_for_where_the_token_is_of_a_code(world: World) -> None:
    """The code that the token's session proved counts, so that a password completes the third level."""
    client = _client(_pool(world, EMAIL_OTP, first=("PASSWORD", "EMAIL_OTP")), email=EMAIL)
    asked = client.initiate("USER_AUTH", USERNAME="ada", PREFERRED_CHALLENGE="EMAIL_OTP")
    token = give(client, EMAIL_OTP, asked["Session"], world.code(EMAIL))["AuthenticationResult"]["AccessToken"]

    asked = _up(client, LOA[3], ACCESS_TOKEN=token)
    assert asked["AvailableChallenges"] == ["PASSWORD", "PASSWORD_SRP"]
    chosen = {"USERNAME": "ada", "ANSWER": "PASSWORD", "PASSWORD": PASSWORD}
    answer = client.respond("SELECT_CHALLENGE", asked["Session"], **chosen)
    assert (_claims(answer)["acr"], _claims(answer)["amr"]) == (LOA[3], ["pwd", "email_otp", "mfa"])
    assert _by_password(client, LOA[3], ACCESS_TOKEN=token)["AuthenticationResult"]


def test_proofs_that_are_too_old_do_not_count(world: World) -> None:
    """MAX_AGE: up to it the token's proofs count, a second later everything is asked for anew."""
    client = _client(_pool(world), phone_number=PHONE)
    token = client.tokens("ada")["AccessToken"]
    world.clock.advance(10 * MINUTE)
    assert _up(client, LOA[3], ACCESS_TOKEN=token, MAX_AGE="600")["ChallengeName"] == SMS_MFA
    world.clock.advance(SECOND)
    assert _up(client, LOA[3], ACCESS_TOKEN=token, MAX_AGE="600")["ChallengeName"] == "SELECT_CHALLENGE"
    # A level that was reached, but too long ago, can be reached again.
    assert refused(lambda: _up(client, LOA[1], ACCESS_TOKEN=token)) == REACHED
    assert _by_password(client, LOA[1], ACCESS_TOKEN=token, MAX_AGE="600")["AuthenticationResult"]
    for age in ("-1", "1.5", "soon", "", "9" * 30, "٣"):
        assert refused(partial(_up, client, LOA[3], ACCESS_TOKEN=token, MAX_AGE=age)) == BAD_AGE


def test_a_token_serves_its_own_user_and_client_alone(world: World) -> None:
    """Another user's, another client's, another pool's, none, or one whose session has ended: refused."""
    client = _client(_pool(world), phone_number=PHONE)
    foreign = _client(_pool(world), phone_number=PHONE)
    client.pool.user("bob", phone_number="+15550100124", phone_number_verified="true")
    token = client.tokens("ada")["AccessToken"]
    other = client.pool.client(ExplicitAuthFlows=ALLOWED)
    for where, wrong in {
        "another user": partial(_up, client, LOA[3], "bob", ACCESS_TOKEN=token),
        "nobody": partial(_up, client, LOA[3], "nobody", ACCESS_TOKEN=token),
        "another client": partial(_up, other, LOA[3], ACCESS_TOKEN=token),
        "another pool": partial(_up, foreign, LOA[3], ACCESS_TOKEN=token),
    }.items():
        assert refused(wrong) == ANOTHER, where
    assert refused(lambda: client.initiate("USER_AUTH", USERNAME="ada", ACCESS_TOKEN=token)) == NO_TARGET
    assert refused(lambda: _up(client, LOA[3], ACCESS_TOKEN="none"))[1] == "Invalid Access Token"
    world.unsigned.global_sign_out(AccessToken=token)
    assert refused(lambda: _up(client, LOA[3], ACCESS_TOKEN=token)) == REVOKED


def test_proofs_die_with_the_session_that_they_came_from(world: World) -> None:
    """Signed out between the question and the answer: the right code completes nothing."""
    client = _client(_pool(world), phone_number=PHONE)
    token = client.tokens("ada")["AccessToken"]
    asked = _up(client, LOA[3], ACCESS_TOKEN=token)
    world.unsigned.global_sign_out(AccessToken=token)
    sessions = count_of_sessions(client.pool)
    assert refused(lambda: give(client, SMS_MFA, asked["Session"], world.code(PHONE))) == REVOKED
    assert count_of_sessions(client.pool) == sessions


def test_they_die_with_it_also_while_a_function_is_asked(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Signed out everywhere after the last look at the session, before the one that stands on it is opened."""
    arn = "arn:aws:lambda:us-east-1:000000000000:function:afterwards"
    pool = pool_with(world, SMS_MFA, TOTP, mode="OPTIONAL", LambdaConfig={"PostAuthentication": arn})
    client = _client(pool, phone_number=PHONE)

    async def invoke(arn: str, event: Any, *, pool_id: str) -> Any:
        if signing_out:
            await asyncio.to_thread(pool.admin, "admin_user_global_sign_out", "ada")
        return event

    monkeypatch.setattr(world.house.functions, "invoke", invoke)
    signing_out = False
    token = client.tokens("ada")["AccessToken"]
    asked = _up(client, LOA[3], ACCESS_TOKEN=token)
    sessions = count_of_sessions(pool)
    signing_out = True
    assert refused(lambda: give(client, SMS_MFA, asked["Session"], world.code(PHONE))) == REVOKED
    assert count_of_sessions(pool) == sessions


def test_a_device_is_no_proof_that_a_token_brings_along(world: World) -> None:
    """attacks.md 49: whoever steps up names a device anew, and that one proves itself or is none."""
    pool = tracked(world, Policies={"SignInPolicy": {"AllowedFirstAuthFactors": ["PASSWORD"]}})
    demand(pool, TOTP, mode="OPTIONAL")
    pool.user("ada")
    client = pool.client(ExplicitAuthFlows=ALLOWED)
    device = new_device(client, "ada")
    token = sign_in(client, "ada", device)["AccessToken"]
    secret = str(world.unsigned.associate_software_token(AccessToken=token)["SecretCode"])
    world.unsigned.verify_software_token(AccessToken=token, UserCode=shown(world, secret))

    for key in (device.key, f"{device.key[:-1]}x"):
        next_codes(world)
        asked = _up(client, LOA[4], ACCESS_TOKEN=token, DEVICE_KEY=key)
        answer = give(client, TOTP, asked["Session"], shown(world, secret))
        if key == device.key:
            assert answer["ChallengeName"] == "DEVICE_SRP_AUTH"
        else:
            assert _claims(answer)["device_key"] not in {key, device.key}


def test_an_address_that_nobody_has_verified_reaches_no_level(world: World) -> None:
    """Whoever holds a stolen token can write an address of his own; codes to that prove nothing."""
    pool = _pool(world)
    pool.user("ada", phone_number=PHONE)
    client = pool.client(ExplicitAuthFlows=ALLOWED)
    token = client.tokens("ada")["AccessToken"]
    assert refused(lambda: _up(client, LOA[3], ACCESS_TOKEN=token)) == UNREACHABLE


def test_mfa_stays_what_it_is(world: World) -> None:
    """Where it is required the first level asks for it too, and the token says what was reached."""
    client = _client(_pool(world, SMS_MFA, mode="ON"), phone_number=PHONE)
    asked = _by_password(client, LOA[1])
    assert asked["ChallengeName"] == SMS_MFA
    answer = give(client, SMS_MFA, asked["Session"], world.code(PHONE))
    assert (_claims(answer)["acr"], _claims(answer)["amr"]) == (LOA[3], ["pwd", "sms", "mfa"])


def test_a_level_that_is_renamed_meanwhile_is_not_reached(world: World) -> None:
    """The gate compares by the names of that moment: no tokens, since nobody can say what they would claim."""
    pool = world.pool(AcrConfiguration={"Level1": {"AcrValue": "one"}})
    client = _client(pool)
    asked = _up(client, "one", PREFERRED_CHALLENGE="PASSWORD")
    world.signed.update_user_pool(UserPoolId=pool.pool_id, AcrConfiguration={"Level1": {"AcrValue": "uno"}})
    assert refused(lambda: client.respond("PASSWORD", asked["Session"], USERNAME="ada", PASSWORD=PASSWORD)) == INCORRECT
    assert count_of_sessions(pool) == 0


@pytest.mark.parametrize("target", [LOA[1], f"{LOA[4]} {LOA[3]} {LOA[1]}"])
def test_nobody_reaches_for_a_level_like_a_user(world: World, target: str) -> None:
    """A ghost is offered what a user might be, and refused like one with a wrong password."""
    client = _client(_pool(world))
    for name in ("ada", "nobody"):
        assert "PASSWORD" in _up(client, target, name)["AvailableChallenges"]
        given = {"PREFERRED_CHALLENGE": "PASSWORD", "PASSWORD": "Wrong-password-0"}
        assert refused(partial(_up, client, target, name, **given)) == INCORRECT
