"""What do moto's own tests ask of second factors, and is it answered so here? By moto's names.

Source: getmoto/moto, tests/test_cognitoidp (commit 0af643a, August 2026); the first three
are asserted on AWS by its authors. Where AWS's contract says otherwise this server keeps to the contract, and the case says
what is answered instead (emulators.md 1).
"""

from functools import partial
from typing import Any

import pytest
from pycognito.aws_srp import AWSSRP

from api.second_factors import BY_ADMINISTRATOR, PHONE, SMS_MFA, TOTP, asked, enrol, give, next_codes, pool_with, shown
from api.signing_in import srp_guess, srp_sign_in
from api.world import PASSWORD, SMS, ClientOfTests, PoolOfTests, World, refused

SECOND = "P2$Sword2"
APP: dict[str, Any] = {"SoftwareTokenMfaSettings": {"Enabled": True, "PreferredMfa": True}}
NO_APP: dict[str, Any] = {"SoftwareTokenMfaSettings": {"Enabled": False, "PreferredMfa": False}}
TEXT: dict[str, Any] = {"SMSMfaSettings": {"Enabled": True, "PreferredMfa": False}}
TEXT_FIRST: dict[str, Any] = {"SMSMfaSettings": {"Enabled": True, "PreferredMfa": True}}
NO_TEXT: dict[str, Any] = {"SMSMfaSettings": {"Enabled": False, "PreferredMfa": False}}


def by_app(world: World, mode: str, **settings: Any) -> ClientOfTests:
    """Make a pool as moto's cases on AWS do, with SMS and then an app, and a client that has a secret."""
    pool = world.pool(MfaConfiguration=mode, SmsConfiguration=SMS)
    app = {"SoftwareTokenMfaConfiguration": {"Enabled": True}}
    world.signed.set_user_pool_mfa_config(UserPoolId=pool.pool_id, MfaConfiguration=mode, **app)
    return pool.client(**settings)


def signed_up(client: ClientOfTests) -> dict[str, str]:
    """Sign somebody up and confirm them; return the hash that goes with what they answer."""
    secret = AWSSRP.get_secret_hash("ada", client.client_id, client.secret)
    client.world.unsigned.sign_up(ClientId=client.client_id, Username="ada", Password=PASSWORD, SecretHash=secret)
    client.pool.admin("admin_confirm_sign_up", "ada")
    return {"SECRET_HASH": secret}


def answered_by_app(client: ClientOfTests, app: str, **more: str) -> None:
    """Sign in by SRP and an app's next code."""
    next_codes(client.world)
    question = srp_sign_in(client, "ada")
    assert question["ChallengeName"] == TOTP
    code = shown(client.world, app)
    answer = client.respond(TOTP, question["Session"], USERNAME="ada", SOFTWARE_TOKEN_MFA_CODE=code, **more)
    assert {"AccessToken", "IdToken", "RefreshToken"} <= answer["AuthenticationResult"].keys()
    again = partial(client.respond, TOTP, USERNAME="ada", SOFTWARE_TOKEN_MFA_CODE=code, **more)
    used = ("ExpiredCodeException", "Your software token has already been used once.")
    assert refused(partial(again, srp_sign_in(client, "ada")["Session"])) == used


def test_an_app_is_set_up_where_it_is_required(world: World) -> None:
    """user_authentication_flow_mfa_on: by the Session of MFA_SETUP; a code that was used is not used again."""
    client = by_app(world, "ON", GenerateSecret=True)
    secret = signed_up(client)
    question = srp_sign_in(client, "ada")
    assert question["ChallengeName"] == "MFA_SETUP"
    begun = world.unsigned.associate_software_token(Session=question["Session"])
    code = shown(world, begun["SecretCode"])
    told = world.unsigned.verify_software_token(Session=begun["Session"], UserCode=code)
    assert told["Status"] == "SUCCESS"
    answered_by_app(client, begun["SecretCode"], **secret)


def test_an_app_is_set_up_where_it_is_optional(world: World) -> None:
    """user_authentication_flow_mfa_optional: by the access token, and preferred by its owner."""
    client = by_app(world, "OPTIONAL", GenerateSecret=True)
    secret = signed_up(client)
    token = {"AccessToken": srp_sign_in(client, "ada")["AuthenticationResult"]["AccessToken"]}
    app = world.unsigned.associate_software_token(**token)["SecretCode"]
    told = world.unsigned.verify_software_token(**token, UserCode=shown(world, app))
    assert told["Status"] == "SUCCESS"
    world.unsigned.set_user_mfa_preference(**token, **APP)
    answered_by_app(client, app, **secret)


def test_a_temporary_password_and_then_an_app(world: World) -> None:
    """initiate_mfa_auth_USER_PASSWORD_AUTH_with_FORCE_CHANGE_PASSWORD_status: three questions, and tokens with the last."""
    client = by_app(world, "ON")
    client.pool.user("ada", permanent=False)
    question = client.sign_in("ada")
    question = client.respond("NEW_PASSWORD_REQUIRED", question["Session"], USERNAME="ada", NEW_PASSWORD=SECOND)
    assert question["ChallengeName"] == "MFA_SETUP"
    begun = world.unsigned.associate_software_token(Session=question["Session"])
    code = shown(world, begun["SecretCode"])
    told = world.unsigned.verify_software_token(Session=begun["Session"], UserCode=code)
    next_codes(world)
    given = {"USERNAME": "ada", "SOFTWARE_TOKEN_MFA_CODE": shown(world, begun["SecretCode"])}
    answers = [client.respond("MFA_SETUP", told["Session"], **given)]
    next_codes(world)
    question = client.sign_in("ada", SECOND)
    assert question["ChallengeName"] == TOTP
    given["SOFTWARE_TOKEN_MFA_CODE"] = shown(world, begun["SecretCode"])
    answers.append(client.respond(TOTP, question["Session"], **given))
    for answer in answers:
        assert answer["ChallengeParameters"] == {}
        assert {"AccessToken", "IdToken", "RefreshToken"} <= answer["AuthenticationResult"].keys()


@pytest.fixture
def either(world: World) -> PoolOfTests:
    """Make a pool with an app or SMS for whoever wants one, and somebody with a telephone."""
    pool = pool_with(world, TOTP, SMS_MFA, mode="OPTIONAL")
    pool.user("ada", phone_number=PHONE, phone_number_verified="true")
    return pool


def chosen(pool: PoolOfTests, name: str = "ada") -> tuple[list[str], str]:
    """Return a user's factors and which is preferred."""
    told = pool.admin("admin_get_user", name)
    return sorted(told.get("UserMFASettingList", [])), str(told.get("PreferredMfaSetting", ""))


def test_a_factor_is_chosen_and_left(either: PoolOfTests) -> None:
    """setting_mfa, setting_mfa_when_token_not_verified. Otherwise: a user without factors is told of none, not of an empty list."""
    client, world = either.client(), either.world
    token = {"AccessToken": client.tokens("ada")["AccessToken"]}
    app = world.unsigned.associate_software_token(**token)["SecretCode"]
    prefer = partial(world.unsigned.set_user_mfa_preference, **token)
    assert refused(partial(prefer, **APP))[0] == "InvalidParameterException"
    world.unsigned.verify_software_token(**token, UserCode=shown(world, app))
    prefer(**APP)
    assert chosen(either) == ([TOTP], TOTP)
    prefer(**NO_APP)
    assert not {"UserMFASettingList", "PreferredMfaSetting"} & either.admin("admin_get_user", "ada").keys()


def test_an_administrator_chooses_too(either: PoolOfTests) -> None:
    """admin_setting_single_mfa, admin_setting_mfa_totp_and_sms, admin_setting_mfa_when_token_not_verified.

    Otherwise: SMS needs a telephone, and a user who has none is refused by AWS's sentence.
    """
    prefer = partial(either.admin, "admin_set_user_mfa_preference", "ada")
    assert refused(partial(prefer, **APP))[0] == "InvalidParameterException"
    prefer(**TEXT_FIRST)
    assert chosen(either) == ([SMS_MFA], SMS_MFA)
    prefer(**NO_TEXT)
    assert chosen(either) == ([], "")
    enrol(either.client(), "ada")
    prefer(**APP, **TEXT)
    assert chosen(either) == ([SMS_MFA, TOTP], TOTP)
    prefer(**NO_APP, **NO_TEXT)
    assert chosen(either) == ([], "")
    either.user("eve")
    sentence = ("InvalidParameterException", "User does not have delivery config set to turn on SMS_MFA")
    assert refused(partial(either.admin, "admin_set_user_mfa_preference", "eve", **TEXT_FIRST)) == sentence


@pytest.mark.parametrize("admin", [False, True])
def test_an_apps_code_is_asked_for(either: PoolOfTests, *, admin: bool) -> None:
    """Stand for four of moto's cases.

    admin_initiate_auth_when_token_totp_enabled, admin_initiate_auth_when_token_totp_disabled,
    admin_initiate_auth_when_token_totp_enabled_invalid,
    initiate_auth_USER_PASSWORD_AUTH_when_software_token_mfa_enabled.

    Otherwise: a code is always judged, where moto takes any unless a variable says so; the question names the user.
    """
    client, world = either.client(), either.world
    app = enrol(client, "ada")
    either.admin("admin_set_user_mfa_preference", "ada", **APP, **TEXT)
    question = asked(client, TOTP, admin=admin)
    assert question["ChallengeParameters"]["USER_ID_FOR_SRP"] == "ada"
    wrong = "123456" if shown(world, app) != "123456" else "654321"
    assert refused(partial(give, client, TOTP, question["Session"], wrong, admin=admin))[0] == "CodeMismatchException"
    answer = give(client, TOTP, asked(client, TOTP, admin=admin)["Session"], shown(world, app), admin=admin)
    tokens = answer["AuthenticationResult"]
    assert (tokens["TokenType"], {"AccessToken", "IdToken", "RefreshToken"} <= tokens.keys()) == ("Bearer", True)


@pytest.mark.parametrize("admin", [False, True])
def test_a_text_messages_code_is_asked_for(either: PoolOfTests, *, admin: bool) -> None:
    """admin_initiate_auth_when_sms_mfa_enabled, initiate_auth_USER_PASSWORD_AUTH_when_sms_mfa_enabled.

    Otherwise: moto takes any code and tells nothing of where it went.
    """
    client, world = either.client(), either.world
    either.admin("admin_set_user_mfa_preference", "ada", **TEXT_FIRST)
    assert chosen(either) == ([SMS_MFA], SMS_MFA)
    question = asked(client, SMS_MFA, admin=admin)
    told = question["ChallengeParameters"]
    assert (told["CODE_DELIVERY_DELIVERY_MEDIUM"], told["CODE_DELIVERY_DESTINATION"][-4:]) == ("SMS", PHONE[-4:])
    code = world.code(PHONE)
    wrong = "123456" if code != "123456" else "654321"
    assert (
        refused(partial(give, client, SMS_MFA, question["Session"], wrong, admin=admin))[0] == "CodeMismatchException"
    )
    tokens = give(client, SMS_MFA, question["Session"], code, admin=admin)["AuthenticationResult"]
    assert (tokens["TokenType"], {"AccessToken", "IdToken", "RefreshToken"} <= tokens.keys()) == ("Bearer", True)


def test_a_secrets_hash_is_right_at_every_step(world: World) -> None:
    """respond_to_auth_challenge_with_invalid_secret_hash. Otherwise: moto asks for a code whatever the signature is."""
    pool = pool_with(world, TOTP, mode="OPTIONAL", AccountRecoverySetting={"RecoveryMechanisms": BY_ADMINISTRATOR})
    pool.user("ada")
    plain = pool.client()
    app = enrol(plain, "ada")
    assert refused(partial(srp_guess, plain, "ada"))[0] == "NotAuthorizedException"
    client = pool.client(GenerateSecret=True)
    question = srp_sign_in(client, "ada")
    code = shown(world, app)
    answer = partial(client.respond, TOTP, question["Session"], USERNAME="ada", SOFTWARE_TOKEN_MFA_CODE=code)
    sentence = f"Unable to verify secret hash for client {client.client_id}"
    assert refused(partial(answer, SECRET_HASH="bm90LXRoZS1oYXNo")) == ("NotAuthorizedException", sentence)
