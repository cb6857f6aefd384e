"""Who keeps an account that a stranger signed up for? The owner of its address, and nothing that the stranger put there."""

import pytest

from api.first_proofs import MAIL, PHONE, by_code, taking_codes
from api.passwordless import go_on
from api.signing_in import INCORRECT, INVALID_SESSION, srp_sign_in
from api.world import World, refused

OTP = {"EMAIL_OTP": "email", "SMS_OTP": "phone_number"}


@pytest.mark.parametrize("by", ["its name", "the address"])
def test_a_password_that_was_there_before_the_owner_signs_in_nobody(world: World, by: str) -> None:
    """A stranger signs up with another's address; the code of the owner's sign-in is its first proof."""
    settings = {"UsernameAttributes": ["email"]} if by == "the address" else {}
    client = taking_codes(world, **settings)
    name = MAIL if settings else "owner"
    client.sign_up(name, email=MAIL)

    assert by_code(client, name, MAIL)["AuthenticationResult"]["AccessToken"]
    owner = client.pool.admin("admin_get_user", name)
    assert owner["UserStatus"] == "CONFIRMED"
    assert refused(lambda: client.sign_in(name)) == INCORRECT
    assert refused(lambda: srp_sign_in(client, name)) == INCORRECT
    assert world.rows(
        "SELECT password_hash, srp_salt, srp_verifier, password_set_at, credential_version FROM users WHERE pool_id = $1",
        client.pool.pool_id,
    ) == [(None, None, None, None, 2)]


def test_the_owner_chooses_a_password_of_his_own_then(world: World) -> None:
    """By the code of a reset, to the address that is proved by now."""
    client = taking_codes(world)
    client.sign_up("owner", email=MAIL)
    by_code(client, "owner", MAIL)
    world.clock.advance(1_000)
    world.unsigned.forgot_password(ClientId=client.client_id, Username="owner")
    chosen = {"ConfirmationCode": world.code(MAIL), "Password": "Owners-own-6"}
    world.unsigned.confirm_forgot_password(ClientId=client.client_id, Username="owner", **chosen)
    assert client.tokens("owner", "Owners-own-6")
    assert refused(lambda: client.sign_in("owner")) == INCORRECT


def test_what_the_stranger_proved_before_goes_no_further(world: World) -> None:
    """SignUp's Session confirms nobody any more, and leads on to nothing."""
    client = taking_codes(world)
    begun = client.sign_up("owner", email=MAIL)["Session"]
    by_code(client, "owner", MAIL)
    assert refused(lambda: go_on(client, begun, name="owner")) == INVALID_SESSION
    preferred = {"USERNAME": "owner", "PREFERRED_CHALLENGE": "EMAIL_OTP"}
    again = {"ClientId": client.client_id, "AuthFlow": "USER_AUTH", "AuthParameters": preferred, "Session": begun}
    assert refused(lambda: world.unsigned.initiate_auth(**again)) == INVALID_SESSION


@pytest.mark.parametrize(("proved", "left"), [("EMAIL_OTP", "SMS_OTP"), ("SMS_OTP", "EMAIL_OTP")])
def test_nor_does_another_address_of_the_strangers_sign_in(world: World, proved: str, left: str) -> None:
    """The stranger's own telephone beside the owner's mailbox, or the other way about: it is the user's no more."""
    client = taking_codes(world, "EMAIL_OTP", "SMS_OTP")
    addresses = {"email": MAIL, "phone_number": PHONE}
    client.sign_up("owner", **addresses)
    by_code(client, "owner", addresses[OTP[proved]], factor=proved)
    offered = client.initiate("USER_AUTH", USERNAME="owner", PREFERRED_CHALLENGE=left)
    assert offered["ChallengeName"] == "SELECT_CHALLENGE"
    assert offered["AvailableChallenges"] == [proved]
    held = {one["Name"]: one["Value"] for one in client.pool.admin("admin_get_user", "owner")["UserAttributes"]}
    assert held.keys() == {"sub", OTP[proved], f"{OTP[proved]}_verified"}


def test_who_signed_up_and_goes_on_by_a_code_keeps_all(world: World) -> None:
    """The Session of that sign-up says that it is the same one: password and telephone stay."""
    client = taking_codes(world, "EMAIL_OTP", "SMS_OTP")
    begun = client.sign_up("owner", email=MAIL, phone_number=PHONE)["Session"]
    assert by_code(client, "owner", MAIL, session=begun)["AuthenticationResult"]["AccessToken"]
    assert client.tokens("owner")
    assert by_code(client, "owner", PHONE, factor="SMS_OTP")["AuthenticationResult"]["AccessToken"]


def test_the_session_of_another_sign_up_says_nothing(world: World) -> None:
    """A stranger's own Session beside the owner's name begins nothing."""
    client = taking_codes(world)
    client.sign_up("owner", email=MAIL)
    foreign = client.sign_up("stranger", email="stranger@y.example")["Session"]
    assert refused(lambda: by_code(client, "owner", MAIL, session=foreign)) == INVALID_SESSION


def test_confirm_sign_up_keeps_the_password(world: World) -> None:
    """Whoever brings the code to ConfirmSignUp answers for what was signed up with, as at AWS; later codes take nothing."""
    client = taking_codes(world)
    client.sign_up("owner", email=MAIL)
    world.unsigned.confirm_sign_up(ClientId=client.client_id, Username="owner", ConfirmationCode=world.code(MAIL))
    assert client.tokens("owner")
    by_code(client, "owner", MAIL)
    assert client.tokens("owner")


def test_who_was_made_by_an_administrator_keeps_all(world: World) -> None:
    """CONFIRMED from the beginning, the address not proved: the password is none that a stranger chose."""
    client = taking_codes(world)
    client.pool.user("owner", email=MAIL)
    by_code(client, "owner", MAIL)
    assert client.tokens("owner")
