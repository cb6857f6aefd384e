"""Signing up, confirming, asking for another code."""

from functools import partial

import pytest

from api.forge import claims_of
from api.people import held, listed, seen
from api.world import PASSWORD, World, refused


def test_a_stranger_signs_up_confirms_and_signs_in(world: World) -> None:
    """The whole way by one's own hand: sign-up, the code from the mail, sign-in, one's own attributes."""
    client = world.pool(AutoVerifiedAttributes=["email"]).client()

    signed_up = client.sign_up("ada", email="ada@lovelace.example")
    assert signed_up["UserConfirmed"] is False
    assert signed_up["CodeDeliveryDetails"] == {
        "Destination": "a***@l***",
        "DeliveryMedium": "EMAIL",
        "AttributeName": "email",
    }
    assert refused(lambda: client.sign_in("ada")) == ("UserNotConfirmedException", "User is not confirmed.")

    world.unsigned.confirm_sign_up(
        ClientId=client.client_id, Username="ada", ConfirmationCode=world.code("ada@lovelace.example")
    )
    tokens = client.tokens("ada")
    user = world.unsigned.get_user(AccessToken=tokens["AccessToken"])
    attributes = {one["Name"]: one["Value"] for one in user["UserAttributes"]}
    assert user["Username"] == "ada"
    assert attributes == {
        "sub": signed_up["UserSub"],
        "email": "ada@lovelace.example",
        "email_verified": "true",
    }


@pytest.mark.parametrize(
    "settings",
    [{}, {"AutoVerifiedAttributes": ["email"]}, {"UsernameAttributes": ["email"]}, {"AliasAttributes": ["email"]}],
    ids=lambda settings: next(iter(settings), "neither"),
)
def test_each_address_of_a_sign_up_is_marked_as_unverified(world: World, settings: dict[str, list[str]]) -> None:
    """As AWS was measured: GetUser, ListUsers and the ID token tell it, of an address that is there alone."""
    pool = world.pool(**settings)
    client = pool.client()
    name = "mark@sign-up.example"
    client.sign_up(name if "UsernameAttributes" in settings else "mark", email=name, phone_number="+15550100123")
    (found,) = world.signed.list_users(UserPoolId=pool.pool_id)["Users"]
    username = found["Username"]
    marks = {"email_verified": "false", "phone_number_verified": "false"}
    assert marks.items() <= {one["Name"]: one["Value"] for one in found["Attributes"]}.items()
    assert marks.items() <= held(pool, username).items()

    pool.admin("admin_confirm_sign_up", username)
    tokens = client.tokens(name if "UsernameAttributes" in settings else "mark")
    assert marks.items() <= seen(world, tokens["AccessToken"]).items()
    claims = claims_of(tokens["IdToken"])
    assert (claims["email_verified"], claims["phone_number_verified"]) == (False, False)


def test_an_address_that_is_not_there_has_no_mark(world: World) -> None:
    """Nor has one that an administrator gives without saying whether it is verified."""
    pool = world.pool()
    pool.client().sign_up("bare", email="bare@sign-up.example")
    assert held(pool, "bare") == {"email": "bare@sign-up.example", "email_verified": "false"}
    pool.user("made", email="made@sign-up.example")
    assert held(pool, "made") == {"email": "made@sign-up.example"}


def test_a_pool_that_verifies_nothing_sends_no_code_again(world: World) -> None:
    """ResendConfirmationCode says why, as AWS was measured to."""
    client = world.pool().client(PreventUserExistenceErrors="LEGACY")
    client.sign_up("ada", email="ada@nobody-asks.example")
    resend = partial(world.unsigned.resend_confirmation_code, ClientId=client.client_id, Username="ada")
    sentence = "Cannot resend codes. Auto verification not turned on."
    assert refused(resend) == ("InvalidParameterException", sentence)


def test_a_taken_name_is_refused(world: World) -> None:
    """Two users of one name: the second is told, and gets no hash and no mail."""
    client = world.pool(AutoVerifiedAttributes=["email"]).client()
    client.sign_up("bob", email="bob@one.example")
    hashes = world.hashes()

    assert refused(lambda: client.sign_up("bob", email="bob@two.example")) == (
        "UsernameExistsException",
        "User already exists",
    )
    assert world.hashes() == hashes
    assert world.outbox("bob@two.example") == []


def test_a_weak_password_is_refused_by_its_first_fault(world: World) -> None:
    """The policy's sentences are AWS's, the first rule that fails is named."""
    client = world.pool().client()
    faults = {
        "Ab1!": "Password not long enough",
        "NO-LOWER-CASE-1": "Password must have lowercase characters",
        "no-upper-case-1": "Password must have uppercase characters",
        "No-numbers-here": "Password must have numeric characters",
        "NoSymbolsHere1": "Password must have symbol characters",
    }
    for password, sentence in faults.items():
        refusal = refused(partial(client.sign_up, "eve", password=password))
        assert refusal == ("InvalidPasswordException", f"Password did not conform with policy: {sentence}")
    assert client.sign_up("eve", password=PASSWORD)["UserSub"]


@pytest.mark.parametrize("hides", ["ENABLED", "LEGACY"])
@pytest.mark.parametrize("corrected", ["right@lovelace.example", ""])
def test_a_code_confirms_nobody_whose_address_is_another_by_now(world: World, corrected: str, hides: str) -> None:
    """An administrator corrected the address or took it away: who reads the wrong mailbox is not who signed up."""
    pool = world.pool(AutoVerifiedAttributes=["email"])
    client = pool.client(PreventUserExistenceErrors=hides)
    client.sign_up("ada", email="wrong@lovelace.example")
    code = world.code("wrong@lovelace.example")
    pool.admin("admin_update_user_attributes", "ada", UserAttributes=listed({"email": corrected}))

    confirm = partial(world.unsigned.confirm_sign_up, ClientId=client.client_id, Username="ada")
    for _ in range(2):
        assert refused(partial(confirm, ConfirmationCode=code, ForceAliasCreation=True))[0] == "ExpiredCodeException"
    assert pool.admin("admin_get_user", "ada")["UserStatus"] == "UNCONFIRMED"

    if corrected:
        world.unsigned.resend_confirmation_code(ClientId=client.client_id, Username="ada")
        confirm(ConfirmationCode=world.code(corrected))
        assert held(pool, "ada") == {"email": corrected, "email_verified": "true"}
