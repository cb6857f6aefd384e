"""What do moto's own tests ask of signing up and of passwords, and is it answered so here? By moto's names.

Source: getmoto/moto, tests/test_cognitoidp (commit 0af643a, August 2026). Where AWS's
contract says otherwise this server keeps to the contract, and the case says what is answered instead (emulators.md 1).
"""

from functools import partial
from typing import Any

import boto3
import pytest
from botocore.config import Config

from api.people import listed
from api.signing_in import begin
from api.world import KEY_ID, KEY_SECRET, PASSWORD, ClientOfTests, PoolOfTests, World, refused

EMAIL, PHONE = "test@test.com", "+15550123456"
BY_MAIL = {"RecoveryMechanisms": [{"Name": "verified_email", "Priority": 1}]}
BY_PHONE = {"RecoveryMechanisms": [{"Name": "verified_phone_number", "Priority": 1}]}
OPEN = {"PreventUserExistenceErrors": "LEGACY"}
NOWHERE = (
    "InvalidParameterException",
    "Cannot reset password for the user as there is no registered/verified email or phone_number",
)
DISABLED = ("NotAuthorizedException", "User is disabled.")
NOT_NOW = ("NotAuthorizedException", "User password cannot be reset in the current state.")
TO_EMAIL = {"Destination": "t***@t***", "DeliveryMedium": "EMAIL", "AttributeName": "email"}
OTHER = "P2$Sword2"


def with_email(pool: PoolOfTests, name: str, email: str = EMAIL, **more: Any) -> None:
    """Create a user with an address that is verified."""
    pool.user(name, email=email, email_verified="true", **more)


def forget(client: ClientOfTests, name: str = "ada") -> dict[str, Any]:
    """Call ForgotPassword; return where the code went."""
    told: dict[str, Any] = client.world.unsigned.forgot_password(ClientId=client.client_id, Username=name)
    details: dict[str, Any] = told["CodeDeliveryDetails"]
    return details


def confirm(client: ClientOfTests, code: str, password: str = OTHER, name: str = "ada") -> dict[str, Any]:
    """Call ConfirmForgotPassword."""
    told: dict[str, Any] = client.world.unsigned.confirm_forgot_password(
        ClientId=client.client_id, Username=name, ConfirmationCode=code, Password=password
    )
    return told


@pytest.mark.parametrize(
    ("verified", "email", "told"),
    [([], "", None), ([], EMAIL, None), (["email"], EMAIL, TO_EMAIL), (["email"], "", None)],
)
def test_a_code_goes_to_an_address_that_is_verified_by_itself(
    world: World, verified: list[str], email: str, told: dict[str, str] | None
) -> None:
    """sign_up, sign_up_with_unverified_email, sign_up_with_verified_email, sign_up_with_verified_but_not_supplied_email."""
    more: dict[str, Any] = {"AutoVerifiedAttributes": verified} if verified else {}
    client = world.pool(AccountRecoverySetting=BY_MAIL, **more).client()
    answer = client.sign_up("ada", password="P2$Sword", **({"email": email} if email else {}))
    assert (answer["UserConfirmed"], bool(answer["UserSub"])) == (False, True)
    assert answer.get("CodeDeliveryDetails") == told


def test_who_signs_up_has_a_name_and_a_password(world: World) -> None:
    """sign_up_with_invalid_password, sign_up_with_username_attributes, sign_up_existing_user."""
    client = world.pool().client()
    for password in ("p2$$word", "P2$s"):
        assert refused(partial(client.sign_up, "ada", password=password))[0] == "InvalidPasswordException"
    client.sign_up("ada")
    assert refused(partial(client.sign_up, "ada"))[0] == "UsernameExistsException"
    by_address = world.pool(UsernameAttributes=["email", "phone_number"]).client()
    assert refused(partial(by_address.sign_up, "ada"))[0] == "InvalidParameterException"
    for name in ("test@example.com", PHONE):
        answer = by_address.sign_up(name)
        assert (answer["UserConfirmed"], bool(answer["UserSub"])) == (False, True)


@pytest.mark.parametrize("settings", [{}, {"UsernameAttributes": ["email"]}])
def test_a_sign_up_is_confirmed_by_its_code(world: World, settings: dict[str, Any]) -> None:
    """confirm_sign_up, confirm_sign_up_with_username_attributes.

    Otherwise: the code is the one that was sent, and a client that has a secret wants its hash; moto looks at neither.
    """
    pool = world.pool(AutoVerifiedAttributes=["email"], **settings)
    client = pool.client()
    name = f"{pool.pool_id[-9:].lower()}@moto.example"
    called = name if settings else "ada"
    client.sign_up(called, email=name)
    confirming = partial(world.unsigned.confirm_sign_up, ClientId=client.client_id, Username=called)
    code = world.code(name)
    wrong = "123456" if code != "123456" else "654321"
    assert refused(partial(confirming, ConfirmationCode=wrong)) == (
        "CodeMismatchException",
        "Invalid verification code provided, please try again.",
    )
    assert pool.admin("admin_get_user", called)["UserStatus"] == "UNCONFIRMED"
    confirming(ConfirmationCode=code)
    assert pool.admin("admin_get_user", called)["UserStatus"] == "CONFIRMED"
    with_secret = pool.client(GenerateSecret=True)
    sentence = f"Client {with_secret.client_id} is configured with secret but SECRET_HASH was not received"
    assert refused(partial(with_secret.sign_up, called)) == ("NotAuthorizedException", sentence)


@pytest.mark.parametrize("agent", ["", "more/info"])
def test_a_password_is_changed_by_a_token(world: World, agent: str) -> None:
    """change_password, change_password__using_custom_user_agent_header, change_password_with_invalid_token_raises_error."""
    config = Config(user_agent_extra=agent, signature_version="v4", retries={"max_attempts": 0})
    keys = {"aws_access_key_id": KEY_ID, "aws_secret_access_key": KEY_SECRET}
    speaker = boto3.client("cognito-idp", region_name="us-east-1", endpoint_url=world.url, config=config, **keys)
    pool = world.pool()
    client = pool.client()
    pool.user("ada")
    change = partial(speaker.change_password, PreviousPassword=PASSWORD, ProposedPassword=OTHER)
    assert refused(partial(change, AccessToken="not-a-token"))[0] == "NotAuthorizedException"
    change(AccessToken=client.tokens("ada")["AccessToken"])
    again = begin(client, "ADMIN_USER_PASSWORD_AUTH", admin=True, USERNAME="ada", PASSWORD=OTHER)
    assert again["AuthenticationResult"]


def test_a_code_goes_where_the_pool_recovers(world: World) -> None:
    """Stand for three of moto's cases.

    forgot_password_user_with_all_recovery_attributes, forgot_password_without_account_recovery_setting,
    forgot_password_with_email_delivery_details.

    Otherwise: addresses are well-formed, verified and told in part; a pool that says nothing recovers by mail first
    (its setting is told, infrastructure.md 2), where moto sends to the phone.
    """
    pool = world.pool(AccountRecoverySetting=BY_MAIL)
    client = pool.client()
    with_email(pool, "ada", phone_number=PHONE, phone_number_verified="true")
    assert forget(client) == TO_EMAIL
    world.signed.update_user_pool(UserPoolId=pool.pool_id, AccountRecoverySetting=BY_PHONE)
    told = forget(client)
    assert (told["DeliveryMedium"], told["AttributeName"]) == ("SMS", "phone_number")
    assert told["Destination"].endswith(PHONE[-4:])
    silent = world.pool()
    with_email(silent, "ada", phone_number=PHONE, phone_number_verified="true")
    assert forget(silent.client()) == TO_EMAIL


def test_nobody_is_told_of_who_is_none(world: World) -> None:
    """forgot_password, forgot_password_nonexistent_user_or_user_without_attributes.

    Otherwise: of a name that is none a client which hides nothing hears AWS's sentence, and one that hides is told of an
    address that looks like one; of a user without an address, and of one who never signed in, AWS says so.
    """
    pool = world.pool(AccountRecoverySetting=BY_MAIL)
    none = ("UserNotFoundException", "Username/client id combination not found.")
    assert refused(partial(forget, pool.client(**OPEN), "nobody")) == none
    told = forget(pool.client(), "nobody")
    assert (told["DeliveryMedium"], told["AttributeName"]) == ("EMAIL", "email")
    assert refused(partial(forget, world.pool().client(**OPEN), "nobody")) == none
    pool.user("ada")
    assert refused(partial(forget, pool.client(**OPEN))) == NOWHERE
    with_email(pool, "eve", permanent=False)
    assert refused(partial(forget, pool.client(**OPEN), "eve")) == NOT_NOW


def test_a_client_that_is_none_is_not_found(world: World) -> None:
    """forgot_password_nonexistent_client_id, confirm_forgot_password_with_non_existent_client_id_raises_error.

    Otherwise: the sentence names the client, and moto's `non-existent-client-id` has signs that no client's id has.
    """
    forgetting = partial(world.unsigned.forgot_password, Username="ada")
    confirming = partial(world.unsigned.confirm_forgot_password, Username="ada", ConfirmationCode="1", Password=OTHER)
    missing = ("ResourceNotFoundException", "User pool client 1234567890abcdefghijklmnop does not exist.")
    for ask in (forgetting, confirming):
        assert refused(partial(ask, ClientId="1234567890abcdefghijklmnop")) == missing
        code, sentence = refused(partial(ask, ClientId="non-existent-client-id"))
        assert (code, "at 'clientId'" in sentence) == ("InvalidParameterException", True)


def test_only_an_administrator_helps_where_the_pool_says_so(world: World) -> None:
    """forgot_password_admin_only_recovery."""
    alone = {"RecoveryMechanisms": [{"Name": "admin_only", "Priority": 1}]}
    pool = world.pool(AccountRecoverySetting=alone)
    sentence = ("NotAuthorizedException", "Contact administrator to reset password.")
    for client in (pool.client(), pool.client(**OPEN)):
        assert refused(partial(forget, client, "nobody")) == sentence


def test_a_forgotten_password_is_replaced_by_its_code(world: World) -> None:
    """Stand for three of moto's cases.

    confirm_forgot_password_legacy, confirm_forgot_password_opt_in_verification,
    confirm_forgot_password_opt_in_verification_invalid_confirmation_code.

    Otherwise: moto takes any code, and tells the right one in a header; it goes out as a message alone.
    """
    pool = world.pool(AccountRecoverySetting=BY_MAIL)
    client = pool.client()
    address = f"{pool.pool_id[-9:].lower()}@moto.example"
    with_email(pool, "ada", address)
    never = ("ExpiredCodeException", "Invalid code provided, please request a code again.")
    assert refused(partial(confirm, client, "moto-confirmation-code:123invalid")) == never
    answer = world.unsigned.forgot_password(ClientId=client.client_id, Username="ada")
    assert not any("code" in name for name in answer["ResponseMetadata"]["HTTPHeaders"])
    code = world.code(address)
    assert refused(partial(confirm, client, "x" * 36))[0] == "CodeMismatchException"
    assert list(confirm(client, code)) == ["ResponseMetadata"]
    assert client.tokens("ada", OTHER)


def test_an_administrator_sets_a_password(world: World) -> None:
    """admin_set_user_password, admin_set_invalid_user_password, admin_set_invalid_user_password__custom_policy_provided."""
    pool = world.pool()
    pool.user("ada", permanent=False, nickname="thing")
    put = partial(pool.admin, "admin_set_user_password", "ada", Permanent=True)
    for password in ("pa$$word", "Password", "p2ssword", "P2$S"):
        assert refused(partial(put, Password=password))[0] == "InvalidPasswordException"
    put(Password="P2$$word")
    told = pool.admin("admin_get_user", "ada")
    assert {one["Name"] for one in told["UserAttributes"]} == {"sub", "nickname"}
    assert (told["Username"], told["UserStatus"]) == ("ada", "CONFIRMED")

    free = {f"Require{one}": False for one in ("Uppercase", "Lowercase", "Numbers", "Symbols")}
    plain = world.pool(Policies={"PasswordPolicy": {"MinimumLength": 12, **free}})
    plain.user("ada", permanent=False)
    put = partial(plain.admin, "admin_set_user_password", "ada", Permanent=True)
    for password in ("password", "P2$$word"):
        assert refused(partial(put, Password=password))[0] == "InvalidPasswordException"
    put(Password="longpassword")


def reset(pool: PoolOfTests, name: str = "ada") -> str:
    """Call AdminResetUserPassword; return the user's state."""
    pool.admin("admin_reset_user_password", name)
    return str(pool.admin("admin_get_user", name)["UserStatus"])


def test_a_password_that_was_reset_is_replaced(world: World) -> None:
    """admin_reset_password_and_change_password, admin_reset_password_multiple_invocations.

    Otherwise: who signs in with the old password hears PasswordResetRequired, as AWS documents, and goes on by the code that
    went out; moto asks for a new password, and changes one by an old token.
    """
    pool = world.pool()
    client = pool.client()
    address = f"{pool.pool_id[-9:].lower()}@moto.example"
    with_email(pool, "ada", address)
    for _ in range(3):
        assert reset(pool) == "RESET_REQUIRED"
        world.clock.advance(1_000)
    for admin in (False, True):
        flow = "ADMIN_USER_PASSWORD_AUTH" if admin else "USER_PASSWORD_AUTH"
        old = partial(begin, client, flow, admin=admin, USERNAME="ada", PASSWORD=PASSWORD)
        assert refused(old)[0] == "PasswordResetRequiredException"
    confirm(client, world.code(address))
    assert pool.admin("admin_get_user", "ada")["UserStatus"] == "CONFIRMED"
    assert client.tokens("ada", OTHER)


def test_not_everybodys_password_is_reset(world: World) -> None:
    """Stand for three of moto's cases.

    admin_reset_password_disabled_user, admin_reset_password_unconfirmed_user,
    admin_reset_password_no_verified_notification_channel.

    Otherwise: one sentence says everywhere that a user is disabled, with a full stop.
    """
    pool = world.pool()
    pool.user("ada", permanent=False)
    assert refused(partial(reset, pool)) == NOT_NOW
    pool.admin("admin_disable_user", "ada")
    assert refused(partial(reset, pool)) == DISABLED
    pool.user("eve")
    assert refused(partial(reset, pool, "eve")) == NOWHERE
    pool.admin("admin_update_user_attributes", "eve", UserAttributes=listed({"email": EMAIL, "email_verified": "true"}))
    assert reset(pool, "eve") == "RESET_REQUIRED"
    pool.admin("admin_disable_user", "eve")
    assert refused(partial(reset, pool, "eve")) == DISABLED
