"""Who hears of it when MFA is gone or led elsewhere, or an address moves? Owner by mail, operator by event (attacks.md 48)."""

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from api.happenings import happened
from api.listing import eventually
from api.mail_notices import OFF, notices, owner, signed_in
from api.own_code import KEY_ARN, own_code
from api.second_factors import EMAIL, PHONE, SMS_MFA, TOTP, pool_with, shown
from api.world import PASSWORD, ClientOfTests, World

BY_MAIL = {"RecoveryMechanisms": [{"Priority": 1, "Name": "verified_email"}]}
THIEF = "mallory@thief.example"


def test_a_user_whose_mfa_is_turned_off_is_told_and_so_is_the_operator(world: World) -> None:
    """One mail that names the method, to the address that was proved, and one event; what was off already is no news."""
    client, secret = owner(world)
    token = signed_in(client, secret)
    world.unsigned.set_user_mfa_preference(AccessToken=token, EmailMfaSettings=OFF)
    assert notices(client) == []

    world.unsigned.set_user_mfa_preference(AccessToken=token, SoftwareTokenMfaSettings=OFF)
    world.unsigned.set_user_mfa_preference(AccessToken=token, SoftwareTokenMfaSettings=OFF)

    (mail,) = notices(client)
    assert "authenticator app" in mail["body"]
    assert mail["username"] == "ada"
    assert mail["code"] is None
    (event,) = happened(world, client.pool, "MfaTurnedOff")
    assert event["about"] == {"methods": TOTP, "by": "user"}
    attributes = client.pool.admin("admin_get_user", "ada")["UserAttributes"]
    assert {"Name": "sub", "Value": event["user"]} in attributes


def test_nobody_floods_the_owner_with_notices(world: World) -> None:
    """Five an hour: whoever has a token can turn a method on and off without end; each time is an event."""
    client, secret = owner(world)
    token = signed_in(client, secret)
    for _ in range(7):
        world.unsigned.set_user_mfa_preference(AccessToken=token, EmailMfaSettings={"Enabled": True})
        world.unsigned.set_user_mfa_preference(AccessToken=token, EmailMfaSettings=OFF)
    assert len(notices(client)) == 5
    assert len(happened(world, client.pool, "MfaTurnedOff")) == 7


def test_the_old_call_tells_too(world: World) -> None:
    """SetUserSettings with an empty list turns SMS off."""
    client, secret = owner(world)
    token = signed_in(client, secret)
    world.unsigned.set_user_settings(
        AccessToken=token, MFAOptions=[{"DeliveryMedium": "SMS", "AttributeName": "phone_number"}]
    )
    world.unsigned.set_user_settings(AccessToken=token, MFAOptions=[])
    assert "text message" in notices(client)[0]["body"]


def test_an_administrator_s_change_is_told_too(world: World) -> None:
    """An administrator's account may be a thief's; whoever changes a hundred thousand users turns the notices off."""
    client, _ = owner(world)
    client.pool.admin("admin_set_user_mfa_preference", "ada", SoftwareTokenMfaSettings=OFF)
    client.pool.admin("admin_set_user_mfa_preference", "ada", SoftwareTokenMfaSettings={"Enabled": True})
    client.pool.admin("admin_delete_software_token", "ada")

    assert [one["subject"] for one in notices(client)] == ["Multi-factor authentication was turned off"] * 2
    told = [one["about"] for one in happened(world, client.pool, "MfaTurnedOff")]
    assert told == [{"methods": TOTP, "by": "administrator"}] * 2


def test_an_app_that_takes_another_one_s_place_is_told(world: World) -> None:
    """The first app of a user is no news, the second one is."""
    client, secret = owner(world)
    token = signed_in(client, secret)
    assert notices(client) == []
    begun = world.unsigned.associate_software_token(AccessToken=token)
    world.unsigned.verify_software_token(AccessToken=token, UserCode=shown(world, begun["SecretCode"]))

    assert "another authenticator app" in notices(client)[0]["body"]
    assert len(happened(world, client.pool, "SoftwareTokenReplaced")) == 1


def test_a_thief_who_leads_the_mail_elsewhere_first_is_told_of_too(world: World) -> None:
    """Where MFA is on, the address that was proved hears that it is the account's no longer; a name changes quietly."""
    client, secret = owner(world)
    token = signed_in(client, secret)
    change = partial(world.unsigned.update_user_attributes, AccessToken=token)
    change(UserAttributes=[{"Name": "name", "Value": "Ada"}])
    assert notices(client) == []
    change(UserAttributes=[{"Name": "email", "Value": THIEF}])
    assert len(notices(client)) == 1

    world.unsigned.set_user_mfa_preference(AccessToken=token, SoftwareTokenMfaSettings=OFF)
    assert notices(client, THIEF) == []
    assert len(happened(world, client.pool, "MfaTurnedOff")) == 1


def test_where_an_address_is_proved_before_it_changes_the_old_one_is_told_then(world: World) -> None:
    """A pool that verifies before an update: no mail while the new address waits, one when it takes the place."""
    proved_first = {"AttributesRequireVerificationBeforeUpdate": ["email"]}
    client, secret = owner(
        world, settings={"AutoVerifiedAttributes": ["email"], "UserAttributeUpdateSettings": proved_first}
    )
    token = signed_in(client, secret)
    world.unsigned.update_user_attributes(AccessToken=token, UserAttributes=[{"Name": "email", "Value": THIEF}])
    assert notices(client) == []
    world.unsigned.verify_user_attribute(AccessToken=token, AttributeName="email", Code=world.code(THIEF))
    assert len(notices(client)) == 1


Change = Callable[[ClientOfTests, str], Any]
NUMBER = "phone_number"
OTHER_PHONE = "+15550109999"


def _by_token(operation: str, **more: Any) -> Change:
    return lambda client, token: getattr(client.world.unsigned, operation)(AccessToken=token, **more)


def _by_administrator(operation: str, **more: Any) -> Change:
    return lambda client, _: client.pool.admin(operation, "ada", **more)


def _attribute(name: str, value: str) -> dict[str, Any]:
    return {"UserAttributes": [{"Name": name, "Value": value}]}


# fmt: off
GONE: dict[str, Change] = {
    "DeleteUserAttributes":            _by_token("delete_user_attributes", UserAttributeNames=[NUMBER]),
    "UpdateUserAttributes, empty":     _by_token("update_user_attributes", **_attribute(NUMBER, "")),
    "SetUserMFAPreference":            _by_token("set_user_mfa_preference", SMSMfaSettings=OFF),
    "SetUserSettings":                 _by_token("set_user_settings", MFAOptions=[]),
    "AdminDeleteUserAttributes":       _by_administrator("admin_delete_user_attributes", UserAttributeNames=[NUMBER]),
    "AdminUpdateUserAttributes, empty": _by_administrator("admin_update_user_attributes", **_attribute(NUMBER, "")),
    "AdminSetUserMFAPreference":       _by_administrator("admin_set_user_mfa_preference", SMSMfaSettings=OFF),
    "AdminSetUserSettings":            _by_administrator("admin_set_user_settings", MFAOptions=[]),
}
LED_AWAY: dict[str, Change] = {
    "UpdateUserAttributes":            _by_token("update_user_attributes", **_attribute(NUMBER, OTHER_PHONE)),
    "AdminUpdateUserAttributes":       _by_administrator("admin_update_user_attributes", **_attribute(NUMBER, OTHER_PHONE)),
}
# fmt: on


def by_text_message(world: World) -> tuple[ClientOfTests, str]:
    """Make a user who signs in by a password and a text message; return a client and an access token from before."""
    pool = pool_with(world, SMS_MFA, TOTP, mode="OPTIONAL", AutoVerifiedAttributes=["email"])
    pool.user("ada", email=EMAIL, email_verified="true", phone_number=PHONE, phone_number_verified="true")
    client = pool.client()
    token = str(client.tokens("ada")["AccessToken"])
    world.unsigned.set_user_mfa_preference(AccessToken=token, SMSMfaSettings={"Enabled": True, "PreferredMfa": True})
    assert client.sign_in("ada")["ChallengeName"] == SMS_MFA
    return client, token


@pytest.mark.parametrize("way", GONE)
def test_a_text_message_that_is_asked_for_no_more_is_told_however_that_came(world: World, way: str) -> None:
    """Without the number there is no code: that is as good as turning the method off."""
    client, token = by_text_message(world)
    GONE[way](client, token)
    assert "AuthenticationResult" in client.sign_in("ada")

    (mail,) = notices(client)
    assert "no longer protected by text message" in mail["body"]
    (event,) = happened(world, client.pool, "MfaTurnedOff")
    assert event["about"] == {"methods": SMS_MFA, "by": "administrator" if way.startswith("Admin") else "user"}


@pytest.mark.parametrize("way", LED_AWAY)
def test_codes_that_go_to_another_number_are_told(world: World, way: str) -> None:
    """The thief's number gets the next codes; mail and event say that it does."""
    client, token = by_text_message(world)
    LED_AWAY[way](client, token)

    (mail,) = notices(client)
    assert "codes by text message" in mail["body"]
    (event,) = happened(world, client.pool, "MfaLedAway")
    assert event["about"] == {"methods": SMS_MFA, "by": "administrator" if way.startswith("Admin") else "user"}
    (moved,) = happened(world, client.pool, "AddressMoved")
    assert moved["about"]["attribute"] == "phone_number"


def test_a_factor_that_the_pool_demands_is_told_without_being_turned_on(world: World) -> None:
    """Where MFA is required the number is asked although its user set nothing up: a changed number leads the code away."""
    pool = pool_with(world, SMS_MFA, mode="ON", AutoVerifiedAttributes=["email"], AccountRecoverySetting=BY_MAIL)
    pool.user("ada", email=EMAIL, email_verified="true", phone_number=PHONE)
    client = pool.client()
    pool.admin("admin_update_user_attributes", "ada", **_attribute(NUMBER, OTHER_PHONE))
    assert [one["about"]["methods"] for one in happened(world, pool, "MfaLedAway")] == [SMS_MFA]
    assert len(notices(client)) == 1


def test_a_temporary_password_that_brings_another_number_is_told(world: World) -> None:
    """Whoever came by the invitation leads the codes elsewhere in the answer to NEW_PASSWORD_REQUIRED."""
    pool = pool_with(world, SMS_MFA, mode="ON", AutoVerifiedAttributes=["email"], AccountRecoverySetting=BY_MAIL)
    pool.user("ada", permanent=False, email=EMAIL, email_verified="true", phone_number=PHONE)
    client = pool.client()
    session = client.sign_in("ada")["Session"]
    given = {"USERNAME": "ada", "NEW_PASSWORD": f"{PASSWORD}-2", "userAttributes.phone_number": OTHER_PHONE}
    client.respond("NEW_PASSWORD_REQUIRED", session, **given)
    assert [one["about"]["methods"] for one in happened(world, pool, "MfaLedAway")] == [SMS_MFA]
    assert len(notices(client)) == 1


@pytest.mark.parametrize("verified_first", [False, True], ids=["at once", "verified first"])
def test_an_address_that_moves_is_told_where_it_was_without_any_mfa(
    world: World,
    verified_first: bool,  # noqa: FBT001 - a parameter of pytest
) -> None:
    """Whoever leads the mail elsewhere resets the password there: the old mailbox hears of it, MFA or not."""
    first = {"UserAttributeUpdateSettings": {"AttributesRequireVerificationBeforeUpdate": ["email"]}}
    client = world.pool(AutoVerifiedAttributes=["email"], **(first if verified_first else {})).client()
    client.pool.user("ada", email=EMAIL, email_verified="true")
    token = client.tokens("ada")["AccessToken"]
    world.unsigned.update_user_attributes(AccessToken=token, **_attribute("name", "Ada"))
    world.unsigned.update_user_attributes(AccessToken=token, **_attribute("email", EMAIL))
    assert notices(client) == []

    world.unsigned.update_user_attributes(AccessToken=token, **_attribute("email", THIEF))
    if verified_first:
        assert notices(client) == []
        world.unsigned.verify_user_attribute(AccessToken=token, AttributeName="email", Code=world.code(THIEF))
    (mail,) = notices(client)
    assert mail["subject"] == "Your e-mail address was changed"
    (event,) = happened(world, client.pool, "AddressMoved")
    assert event["about"] == {"attribute": "email", "by": "user"}


def test_a_number_that_moves_is_told_by_mail(world: World) -> None:
    """An account is recovered by it too."""
    client = world.pool().client()
    client.pool.user("ada", email=EMAIL, email_verified="true", phone_number=PHONE, phone_number_verified="true")
    token = client.tokens("ada")["AccessToken"]
    world.unsigned.update_user_attributes(AccessToken=token, **_attribute(NUMBER, OTHER_PHONE))
    (mail,) = notices(client)
    assert mail["subject"] == "Your phone number was changed"


def test_what_turns_a_factor_on_is_no_news(world: World) -> None:
    """More ways than before weaken nothing, and neither does another preference among them."""
    client, token = by_text_message(world)
    secret = world.unsigned.associate_software_token(AccessToken=token)["SecretCode"]
    world.unsigned.verify_software_token(AccessToken=token, UserCode=shown(world, secret))
    world.unsigned.set_user_mfa_preference(
        AccessToken=token, SoftwareTokenMfaSettings={"Enabled": True, "PreferredMfa": True}
    )
    assert notices(client) == []
    assert happened(world, client.pool, "MfaTurnedOff") == happened(world, client.pool, "MfaLedAway") == []


def test_nobody_is_told_at_an_address_that_was_never_proved(world: World) -> None:
    """It may be anybody's."""
    client, secret = owner(world, email_verified="false")
    world.unsigned.set_user_mfa_preference(AccessToken=signed_in(client, secret), SoftwareTokenMfaSettings=OFF)
    assert notices(client) == []


def test_a_pool_s_own_sender_gets_the_notice_by_the_name_that_it_knows(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """AWS's AccountTakeOverNotification, without a code."""
    with own_code(world, tmp_path, monkeypatch) as code:
        sender = {"LambdaVersion": "V1_0", "LambdaArn": code.function("sender")}
        client, secret = owner(world, settings={"LambdaConfig": {"CustomEmailSender": sender, "KMSKeyID": KEY_ARN}})
        world.unsigned.set_user_mfa_preference(AccessToken=signed_in(client, secret), SoftwareTokenMfaSettings=OFF)
        eventually(world, "SELECT job_id FROM due WHERE kind = 'message' AND pool_id = $1", client.pool.pool_id)

        (event,) = code.told("sender")
    assert event["triggerSource"] == "CustomEmailSender_AccountTakeOverNotification"
    assert event["request"]["userAttributes"]["email"] == EMAIL
    assert event["request"]["code"] is None
