"""Who hears of it when MFA is turned off or led elsewhere? The owner by mail, the operator by an event (attack 48)."""

from functools import partial
from pathlib import Path
from typing import Any

import pytest

from api.happenings import happened
from api.listing import eventually
from api.own_code import KEY_ARN, own_code
from api.second_factors import EMAIL, EMAIL_OTP, PHONE, SMS_MFA, TOTP, asked, enrol, give, next_codes, pool_with, shown
from api.world import ClientOfTests, World

OFF = {"Enabled": False}
THIEF = "mallory@thief.example"
NOTICE = "AccountTakeOverNotification"


def owner(world: World, *, settings: dict[str, Any] | None = None, **attributes: str) -> tuple[ClientOfTests, str]:
    """Make a user with a proved mailbox and an app that is on; return a client and the secret of the app."""
    pool = pool_with(world, SMS_MFA, EMAIL_OTP, TOTP, mode="OPTIONAL", **(settings or {}))
    known: dict[str, Any] = {"email": EMAIL, "email_verified": "true", "phone_number": PHONE, **attributes}
    pool.user("ada", **known)
    client = pool.client()
    return client, enrol(client, "ada")


def signed_in(client: ClientOfTests, secret: str) -> str:
    """Sign in by the password and the app; return an access token."""
    next_codes(client.world)
    session = asked(client, TOTP)["Session"]
    answer = give(client, TOTP, session, shown(client.world, secret))
    return str(answer["AuthenticationResult"]["AccessToken"])


def notices(client: ClientOfTests, to: str = EMAIL) -> list[dict[str, Any]]:
    pool_id = client.pool.pool_id
    return [one for one in client.world.outbox(to) if (one["kind"], one["pool_id"]) == (NOTICE, pool_id)]


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


def test_an_administrator_s_change_is_an_event_and_no_mail(world: World) -> None:
    """A script that changes a hundred thousand users mails none of them."""
    client, _ = owner(world)
    client.pool.admin("admin_set_user_mfa_preference", "ada", SoftwareTokenMfaSettings=OFF)
    client.pool.admin("admin_set_user_mfa_preference", "ada", SoftwareTokenMfaSettings={"Enabled": True})
    client.pool.admin("admin_delete_software_token", "ada")

    assert notices(client) == []
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
