"""Who keeps an account that was led to somebody else's address? The owner, where its user alone had said the address."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from api import devices
from api.first_proofs import MAIL, PHONE, by_code, taking_codes
from api.happenings import happened
from api.own_code import OwnCode, own_code
from api.passkeys import Owner, configure
from api.people import held, listed
from api.signing_in import INCORRECT
from api.software_authenticator import Authenticator
from api.world import PASSWORD, ClientOfTests, World, refused

STRANGERS = "stranger@y.example"


@pytest.fixture
def code(world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[OwnCode]:
    """Hand a test a place for the functions of its pool."""
    with own_code(world, tmp_path, monkeypatch) as made:
        yield made


def confirmed(client: ClientOfTests, code_at: str = STRANGERS, **attributes: str) -> dict[str, Any]:
    """Sign up, confirm by the code at an address and sign in by password; return the tokens."""
    client.sign_up("owner", **(attributes or {"email": STRANGERS}))
    code = client.world.code(code_at)
    client.world.unsigned.confirm_sign_up(ClientId=client.client_id, Username="owner", ConfirmationCode=code)
    return client.tokens("owner")


def move(client: ClientOfTests, tokens: dict[str, Any], **attributes: str) -> None:
    """Change attributes by one's own token."""
    client.world.unsigned.update_user_attributes(AccessToken=tokens["AccessToken"], UserAttributes=listed(attributes))


def dead(client: ClientOfTests, tokens: dict[str, Any]) -> bool:
    """Say whether tokens of before lead to nobody any more, the refresh token among them."""
    used: list[Callable[[], Any]] = [
        lambda: client.world.unsigned.get_user(AccessToken=tokens["AccessToken"]),
        lambda: client.initiate("REFRESH_TOKEN_AUTH", REFRESH_TOKEN=tokens["RefreshToken"]),
    ]
    return [refused(one)[0] for one in used] == ["NotAuthorizedException"] * 2


def test_who_moves_an_account_to_anothers_address_has_no_password_then(world: World) -> None:
    """Confirmed by an address of the stranger's own, then led to the owner's: the owner's code is its first proof."""
    client = taking_codes(world)
    before = confirmed(client)
    move(client, before, email=MAIL)

    owners = by_code(client, "owner", MAIL)["AuthenticationResult"]
    assert refused(lambda: client.sign_in("owner")) == INCORRECT
    assert dead(client, before)
    assert world.unsigned.get_user(AccessToken=owners["AccessToken"])["Username"] == "owner"
    assert held(client.pool, "owner") == {"email": MAIL, "email_verified": "true"}
    facts = "SELECT password_hash, srp_verifier, credential_version, own_word FROM users WHERE pool_id = $1"
    assert world.rows(facts, client.pool.pool_id) == [(None, None, 2, None)]


@pytest.mark.parametrize("factors", [["EMAIL_OTP"], ["EMAIL_OTP", "SMS_OTP"]])
def test_nor_who_confirmed_by_a_phone_of_their_own(world: World, factors: list[str]) -> None:
    """The stranger's phone, though proved, leads back by no code: not of signing in, not of a forgotten password."""
    client = taking_codes(world, *factors, AutoVerifiedAttributes=["email", "phone_number"])
    before = confirmed(client, PHONE, email=MAIL, phone_number=PHONE)
    assert held(client.pool, "owner")["phone_number_verified"] == "true"

    assert by_code(client, "owner", MAIL)["AuthenticationResult"]["AccessToken"]
    assert refused(lambda: client.sign_in("owner")) == INCORRECT
    assert dead(client, before)
    sent = world.outbox(PHONE)
    world.unsigned.forgot_password(ClientId=client.client_id, Username="owner")
    assert not world.sent_since(sent, PHONE)
    assert held(client.pool, "owner") == {"email": MAIL, "email_verified": "true"}


def left_of(world: World, pool_id: str) -> list[int]:
    """Return how many passkeys, apps and remembered devices there are in a pool."""
    counts = (
        "SELECT COUNT(*) FROM passkeys WHERE pool_id = $1",
        "SELECT COUNT(*) FROM software_tokens WHERE pool_id = $1",
        "SELECT COUNT(*) FROM devices WHERE pool_id = $1",
    )
    return [world.rows(sql, pool_id)[0][0] for sql in counts]


def test_nor_do_a_passkey_an_app_and_a_device_lead_back(world: World) -> None:
    """Whatever the stranger set up by the account's own token is gone with the password."""
    client = taking_codes(world, "EMAIL_OTP", "WEB_AUTHN", DeviceConfiguration=devices.ALWAYS)
    configure(client.pool, mfa="OPTIONAL")
    before = confirmed(client)
    Owner(client, "owner", "", before["AccessToken"], Authenticator()).register()
    world.unsigned.associate_software_token(AccessToken=before["AccessToken"])
    devices.confirm(world, before)
    move(client, before, email=MAIL)
    assert left_of(world, client.pool.pool_id) == [1, 1, 1]

    by_code(client, "owner", MAIL)
    assert left_of(world, client.pool.pool_id) == [0, 0, 0]


def test_an_address_is_moved_to_by_the_one_who_chooses_a_first_password(world: World) -> None:
    """NEW_PASSWORD_REQUIRED writes attributes by the user's own hand as well."""
    client = taking_codes(world)
    client.pool.user("owner", permanent=False)
    begun = client.sign_in("owner")
    chosen = {"USERNAME": "owner", "NEW_PASSWORD": "Strangers-own-6", "userAttributes.email": MAIL}
    client.respond("NEW_PASSWORD_REQUIRED", begun["Session"], **chosen)

    by_code(client, "owner", MAIL)
    assert refused(lambda: client.sign_in("owner", "Strangers-own-6")) == INCORRECT


def test_a_code_that_follows_the_password_takes_nothing(world: World) -> None:
    """As a second factor, or by VerifyUserAttribute, it comes from who has the password or a token, and settles it."""
    client = taking_codes(world)
    before = confirmed(client)
    move(client, before, email=MAIL)
    world.unsigned.verify_user_attribute(
        AccessToken=before["AccessToken"], AttributeName="email", Code=world.code(MAIL)
    )
    by_code(client, "owner", MAIL)
    assert client.tokens("owner")
    assert not world.rows("SELECT 1 FROM users WHERE pool_id = $1 AND own_word IS NOT NULL", client.pool.pool_id)


def test_a_disabled_account_is_not_changed_by_a_code(world: World) -> None:
    """Who may not come in gains nothing, and nobody loses anything by it."""
    client = taking_codes(world)
    move(client, confirmed(client), email=MAIL)
    client.pool.admin("admin_disable_user", "owner")
    refused(lambda: by_code(client, "owner", MAIL))
    client.pool.admin("admin_enable_user", "owner")
    assert client.tokens("owner")


def by_correcting(client: ClientOfTests) -> None:
    """Write another address."""
    client.pool.admin("admin_update_user_attributes", "owner", UserAttributes=listed({"email": MAIL}))


def by_repeating(client: ClientOfTests) -> None:
    """Write the address that the account has been led to."""
    move(client, client.tokens("owner"), email=MAIL)
    by_correcting(client)


def by_a_password(client: ClientOfTests) -> None:
    """Set a password for an account that has been led to an address."""
    move(client, client.tokens("owner"), email=MAIL)
    client.pool.admin("admin_set_user_password", "owner", Password=PASSWORD, Permanent=True)


@pytest.mark.parametrize("vouch", [by_correcting, by_repeating, by_a_password])
def test_what_an_administrator_vouches_for_keeps_its_password(
    world: World, vouch: Callable[[ClientOfTests], None]
) -> None:
    """Whoever administrates the pool wrote the address, or the password."""
    client = taking_codes(world)
    confirmed(client)
    vouch(client)
    by_code(client, "owner", MAIL)
    assert client.tokens("owner")


def test_who_an_administrator_confirms_keeps_all(world: World) -> None:
    """AdminConfirmSignUp vouches for the account as it is, as PreSignUp's autoConfirmUser does."""
    client = taking_codes(world)
    client.sign_up("owner", email=MAIL)
    client.pool.admin("admin_confirm_sign_up", "owner")
    by_code(client, "owner", MAIL)
    assert client.tokens("owner")


def test_an_unconfirmed_account_whose_address_an_administrator_corrected_keeps_its_password(world: World) -> None:
    """The one who signed up with a slip, and asked the operator for help, is the one who comes by the code."""
    client = taking_codes(world)
    client.sign_up("owner", email=STRANGERS)
    by_correcting(client)
    by_code(client, "owner", MAIL)
    assert client.tokens("owner")


def test_who_pre_sign_up_confirms_keeps_all(world: World, code: OwnCode) -> None:
    """A function of the pool's owner vouched for the account; an address that it is led to later nobody vouched for."""
    client = taking_codes(world, LambdaConfig={"PreSignUp": code.function("pre", 'response["autoConfirmUser"] = True')})
    client.sign_up("owner", email=MAIL)
    by_code(client, "owner", MAIL)
    kept = client.tokens("owner")

    move(client, kept, email="another@x.example")
    by_code(client, "owner", "another@x.example")
    assert refused(lambda: client.sign_in("owner")) == INCORRECT


def test_who_pre_sign_up_only_vouches_for_is_not_confirmed_by_it(world: World, code: OwnCode) -> None:
    """Of an UNCONFIRMED account whose address a function took as proved, the owner's code still is the first word."""
    pre = code.function("pre", 'response["autoVerifyEmail"] = True')
    client = taking_codes(world, LambdaConfig={"PreSignUp": pre})
    client.sign_up("owner", email=MAIL)
    by_code(client, "owner", MAIL)
    assert refused(lambda: client.sign_in("owner")) == INCORRECT


def test_the_operator_hears_that_the_phone_is_another(world: World) -> None:
    """A proved address that goes is told as any other that moves."""
    client = taking_codes(world, AutoVerifiedAttributes=["email", "phone_number"])
    confirmed(client, PHONE, email=MAIL, phone_number=PHONE)
    by_code(client, "owner", MAIL)
    (moved,) = happened(world, client.pool, "AddressMoved")
    assert moved["about"] == {"attribute": "phone_number", "by": "user"}
