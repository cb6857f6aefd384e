"""Signing up, confirming, asking for another code."""

from functools import partial

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
