"""Which second factors does a user have on, and prefer? By the user and by an administrator, old and new calls alike."""

from collections.abc import Callable
from functools import partial
from typing import Any

import pytest

from api.second_factors import EMAIL, EMAIL_OTP, PHONE, SMS_MFA, TOTP, asked, demand, enrol, pool_with
from api.signing_in import at_once, drop_password, put
from api.world import SMS, ClientOfTests, World, refused

NO_DELIVERY = "User does not have delivery config set to turn on {}"
# What is said of an app that is not there, and of one that waits for its first code.
TOKENLESS = {
    "by_user": ("User has not set up software token mfa", "User has not verified software token mfa"),
    "by_administrator": (NO_DELIVERY.format(TOTP),) * 2,
}
SMS_TO_PHONE = [{"DeliveryMedium": "SMS", "AttributeName": "phone_number"}]
ON, OFF, PREFERRED = {"Enabled": True}, {"Enabled": False}, {"Enabled": True, "PreferredMfa": True}
Set = Callable[..., dict[str, Any]]


def new_client(world: World, *, mode: str = "OPTIONAL", **attributes: Any) -> ClientOfTests:
    """Make a pool with all methods and a user with a phone and a mailbox, unless other attributes are named."""
    pool = pool_with(world, SMS_MFA, EMAIL_OTP, TOTP, mode=mode)
    pool.user("ada", **(attributes or {"email": EMAIL, "phone_number": PHONE}))
    return pool.client()


def by_user(client: ClientOfTests) -> Set:
    token = client.tokens("ada")["AccessToken"]
    return partial(client.world.unsigned.set_user_mfa_preference, AccessToken=token)


def by_administrator(client: ClientOfTests) -> Set:
    return partial(client.pool.admin, "admin_set_user_mfa_preference", "ada")


BOTH = pytest.mark.parametrize("by", [by_user, by_administrator])


def settings(client: ClientOfTests) -> tuple[list[str] | None, str | None]:
    """Return (UserMFASettingList, PreferredMfaSetting) as an administrator sees them."""
    user = client.pool.admin("admin_get_user", "ada")
    return user.get("UserMFASettingList"), user.get("PreferredMfaSetting")


@BOTH
def test_methods_are_turned_on_preferred_and_off(world: World, by: Callable[[ClientOfTests], Set]) -> None:
    """What a call leaves out stays; one is preferred at a time, the last that was said."""
    client = new_client(world)
    change = by(client)
    assert settings(client) == (None, None)
    change(SMSMfaSettings=PREFERRED)
    assert settings(client) == ([SMS_MFA], SMS_MFA)
    change(EmailMfaSettings=PREFERRED)
    assert settings(client) == ([SMS_MFA, EMAIL_OTP], EMAIL_OTP)
    asked(client, EMAIL_OTP)
    change(EmailMfaSettings=ON)
    assert settings(client) == ([SMS_MFA, EMAIL_OTP], None)
    asked(client, "SELECT_MFA_TYPE")
    change(SMSMfaSettings=OFF)
    assert settings(client) == ([EMAIL_OTP], None)
    asked(client, EMAIL_OTP)
    change(EmailMfaSettings=OFF)
    assert settings(client) == (None, None)
    assert client.tokens("ada")


@BOTH
def test_a_method_needs_a_way_to_ask(world: World, by: Callable[[ClientOfTests], Set]) -> None:
    """An app that was verified, a phone, a mailbox, and a pool that sends: else it is refused and nothing changes."""
    client = new_client(world, name="Ada")
    change = by(client)
    not_set_up, not_verified = (("InvalidParameterException", words) for words in TOKENLESS[by.__name__])
    assert refused(partial(change, SoftwareTokenMfaSettings=ON)) == not_set_up
    token = client.tokens("ada")["AccessToken"]
    world.unsigned.associate_software_token(AccessToken=token)
    assert refused(partial(change, SoftwareTokenMfaSettings=PREFERRED)) == not_verified
    for block, method in (("SMSMfaSettings", SMS_MFA), ("EmailMfaSettings", EMAIL_OTP)):
        expected = ("InvalidParameterException", NO_DELIVERY.format(method))
        assert refused(partial(change, **{block: ON})) == expected
    assert settings(client) == (None, None)

    with_addresses = new_client(world)
    world.signed.set_user_pool_mfa_config(UserPoolId=with_addresses.pool.pool_id)
    demand(with_addresses.pool, TOTP, mode="OPTIONAL")
    work = partial(by(with_addresses), SMSMfaSettings=ON)
    assert refused(work) == ("InvalidParameterException", NO_DELIVERY.format(SMS_MFA))


@BOTH
@pytest.mark.parametrize(
    "wish",
    [
        {"SMSMfaSettings": PREFERRED, "EmailMfaSettings": PREFERRED},
        {"SMSMfaSettings": {"Enabled": False, "PreferredMfa": True}},
        {"EmailMfaSettings": {"PreferredMfa": True}},
    ],
)
def test_a_wish_that_contradicts_itself_changes_nothing(
    world: World, by: Callable[[ClientOfTests], Set], wish: dict[str, dict[str, bool]]
) -> None:
    """Two preferred methods, or one that is preferred and off."""
    client = new_client(world)
    assert refused(partial(by(client), **wish))[0] == "InvalidParameterException"
    assert settings(client) == (None, None)


def test_where_mfa_is_required_nothing_is_turned_off(world: World) -> None:
    """Users only prefer, by an administrator's hand too; turning off what is off is no change (userpools.md 3.8.5)."""
    client = new_client(world)
    secret = enrol(client, "ada")
    assert secret
    client.pool.admin("admin_set_user_mfa_preference", "ada", SMSMfaSettings=ON)
    demand(client.pool, SMS_MFA, EMAIL_OTP, TOTP)
    change = by_administrator(client)
    assert refused(partial(change, SMSMfaSettings=OFF))[0] == "InvalidParameterException"
    assert refused(partial(change, SoftwareTokenMfaSettings=OFF))[0] == "InvalidParameterException"
    change(EmailMfaSettings=OFF, SMSMfaSettings=PREFERRED)
    assert settings(client) == ([SMS_MFA, TOTP], SMS_MFA)


def test_the_old_call_knows_sms_alone(world: World) -> None:
    """SetUserSettings and its twin: a list with SMS turns it on, an empty one off, anything else is refused."""
    client = new_client(world)
    token = client.tokens("ada")["AccessToken"]
    twin = partial(client.pool.admin, "admin_set_user_settings", "ada")
    for change in (twin, partial(world.unsigned.set_user_settings, AccessToken=token)):
        change(MFAOptions=SMS_TO_PHONE)
        assert settings(client) == ([SMS_MFA], None)
        change(MFAOptions=[])
        assert settings(client) == (None, None)
        for option in ({"DeliveryMedium": "EMAIL", "AttributeName": "email"}, {"DeliveryMedium": "SMS"}, {}):
            assert refused(partial(change, MFAOptions=[option]))[0] == "InvalidParameterException"


def test_the_old_call_leaves_the_other_methods_alone(world: World) -> None:
    """What was turned on by the newer call stays, and so does a preference."""
    client = new_client(world)
    client.pool.admin("admin_set_user_mfa_preference", "ada", EmailMfaSettings=ON, SMSMfaSettings=PREFERRED)
    client.pool.admin("admin_set_user_settings", "ada", MFAOptions=SMS_TO_PHONE)
    assert settings(client) == ([SMS_MFA, EMAIL_OTP], SMS_MFA)
    client.pool.admin("admin_set_user_settings", "ada", MFAOptions=[])
    assert settings(client) == ([EMAIL_OTP], None)


def test_what_is_set_is_shown_to_user_and_administrator(world: World) -> None:
    """GetUser and AdminGetUser name methods, preference and, for SMS, MFAOptions; they leave out what is empty (userpools.md 5.5)."""
    client = new_client(world)
    token = client.tokens("ada")["AccessToken"]

    def shown_to_both() -> list[dict[str, Any]]:
        answers = (world.unsigned.get_user(AccessToken=token), client.pool.admin("admin_get_user", "ada"))
        names = ("MFAOptions", "PreferredMfaSetting", "UserMFASettingList")
        return [{name: answer[name] for name in names if name in answer} for answer in answers]

    assert shown_to_both() == [{}, {}]
    client.pool.admin("admin_set_user_mfa_preference", "ada", SMSMfaSettings=ON, EmailMfaSettings=PREFERRED)
    expected = {
        "MFAOptions": SMS_TO_PHONE,
        "PreferredMfaSetting": EMAIL_OTP,
        "UserMFASettingList": [SMS_MFA, EMAIL_OTP],
    }
    assert shown_to_both() == [expected, expected]
    client.pool.admin("admin_set_user_mfa_preference", "ada", SMSMfaSettings=OFF)
    assert shown_to_both() == [{"PreferredMfaSetting": EMAIL_OTP, "UserMFASettingList": [EMAIL_OTP]}] * 2


def test_factors_are_listed_for_user_and_administrator(world: World) -> None:
    """What a sign-in can begin with is what the pool allows and the user has; second factors as GetUser has them."""
    policies = {"SignInPolicy": {"AllowedFirstAuthFactors": ["PASSWORD", "EMAIL_OTP", "SMS_OTP"]}}
    pool = world.pool(Policies=policies, SmsConfiguration=SMS)
    demand(pool, SMS_MFA, mode="OPTIONAL")
    sub = pool.user("ada", email=EMAIL, phone_number=PHONE)
    client = pool.client()
    token = client.tokens("ada")["AccessToken"]

    def listed() -> dict[str, Any]:
        own = world.unsigned.get_user_auth_factors(AccessToken=token)
        admins = pool.admin("admin_get_user_auth_factors", "ada")
        told = [{name: one[name] for name in one if name != "ResponseMetadata"} for one in (own, admins)]
        assert told[0] == told[1]
        return told[0]

    everything = ["PASSWORD", "EMAIL_OTP", "SMS_OTP"]
    assert listed() == {"Username": "ada", "ConfiguredUserAuthFactors": everything}
    pool.admin("admin_set_user_mfa_preference", "ada", SMSMfaSettings=PREFERRED)
    assert listed() == {
        "Username": "ada",
        "PreferredMfaSetting": SMS_MFA,
        "UserMFASettingList": [SMS_MFA],
        "ConfiguredUserAuthFactors": everything,
    }
    drop_password(pool, sub)
    pool.admin("admin_delete_user_attributes", "ada", UserAttributeNames=["email"])
    assert listed()["ConfiguredUserAuthFactors"] == ["SMS_OTP"]


def test_passkeys_count_as_two_factors_where_pool_and_user_say_so(world: World) -> None:
    """WebAuthnMfaSettings needs a pool that lets them, and another method beside them."""
    client = new_client(world)
    change = by_administrator(client)
    assert refused(partial(change, WebAuthnMfaSettings=ON))[0] == "InvalidParameterException"
    world.signed.set_user_pool_mfa_config(UserPoolId=client.pool.pool_id)
    world.signed.set_user_pool_mfa_config(
        UserPoolId=client.pool.pool_id,
        MfaConfiguration="OPTIONAL",
        EmailMfaConfiguration={},
        WebAuthnConfiguration={"FactorConfiguration": "MULTI_FACTOR_WITH_USER_VERIFICATION"},
    )
    assert refused(partial(change, WebAuthnMfaSettings=ON))[0] == "InvalidParameterException"
    change(EmailMfaSettings=ON, WebAuthnMfaSettings=ON)
    change(WebAuthnMfaSettings=OFF)
    assert settings(client) == ([EMAIL_OTP], None)


def test_preferences_at_once_all_stand(world: World) -> None:
    """Two calls that turn different methods on at the same moment lose neither."""
    client = new_client(world)
    change = by_administrator(client)
    for _ in range(3):
        at_once([partial(change, SMSMfaSettings=ON), partial(change, EmailMfaSettings=ON)])
        assert settings(client) == ([SMS_MFA, EMAIL_OTP], None)
        change(SMSMfaSettings=OFF, EmailMfaSettings=OFF)


def test_administrators_are_told_who_is_not_there(world: World) -> None:
    """No user, no pool: by name, as all calls of administrators."""
    client = new_client(world)
    for operation, more in (
        ("admin_set_user_mfa_preference", {"SMSMfaSettings": ON}),
        ("admin_set_user_settings", {"MFAOptions": []}),
        ("admin_get_user_auth_factors", {}),
    ):
        work = partial(client.pool.admin, operation, "nobody", **more)
        assert refused(work) == ("UserNotFoundException", "User does not exist.")


def test_a_user_who_was_disabled_prefers_nothing(world: World) -> None:
    """attacks.md 32: an access token speaks for its user as that is now."""
    client = new_client(world)
    change = by_user(client)
    sub = client.pool.admin("admin_get_user", "ada")["UserAttributes"][0]["Value"]
    put(client.pool, sub, enabled=0)
    assert refused(partial(change, SMSMfaSettings=ON)) == ("NotAuthorizedException", "User is disabled.")
