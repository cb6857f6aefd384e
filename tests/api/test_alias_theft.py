"""Whose is an address? An alias belongs to whoever proved it, and moves only by another proof."""

from functools import partial

from api.happenings import happened
from api.world import PASSWORD, ClientOfTests, World, refused

TAKEN = ("AliasExistsException", "An account with the email already exists.")
EMAIL, PHONE = "ada@x.example", "+15550100"


def _client(world: World) -> ClientOfTests:
    """Make a pool in which Ada has proved an e-mail address and a phone number; both are sign-in names."""
    pool = world.pool(AliasAttributes=["email", "phone_number"], AutoVerifiedAttributes=["email"])
    pool.user("ada", email=EMAIL, email_verified="true", phone_number=PHONE, phone_number_verified="true")
    return pool.client()


def _who(client: ClientOfTests, name: str, password: str = PASSWORD) -> str:
    """Return the username behind a sign-in name and its password."""
    token = client.tokens(name, password)["AccessToken"]
    return str(client.world.unsigned.get_user(AccessToken=token)["Username"])


def _attribute(client: ClientOfTests, name: str, attribute: str) -> str | None:
    user = client.pool.admin("admin_get_user", name)
    return next((str(one["Value"]) for one in user["UserAttributes"] if one["Name"] == attribute), None)


def _confirm(client: ClientOfTests, name: str, *, force: bool) -> None:
    sent = [one for one in client.world.outbox(EMAIL) if one["pool_id"] == client.pool.pool_id]
    client.world.unsigned.confirm_sign_up(
        ClientId=client.client_id, Username=name, ConfirmationCode=sent[-1]["code"], ForceAliasCreation=force
    )


def _taken(client: ClientOfTests) -> list[tuple[str | None, str, str | None]]:
    """Return (loser, attribute, winner) of each alias that the operator was told of."""
    told = happened(client.world, client.pool, "AliasTaken")
    return [(one["user"], one["about"]["attribute"], one["about"]["to"]) for one in told]


def test_an_address_that_was_only_claimed_opens_nothing(world: World) -> None:
    """Mallory signs up with Ada's address: the address still means Ada, and without the code force moves nothing."""
    client = _client(world)
    client.sign_up("mallory", password="Mallory-was-here-1", email=EMAIL)

    assert _who(client, EMAIL) == "ada"
    assert refused(lambda: client.sign_in(EMAIL, "Mallory-was-here-1"))[0] == "NotAuthorizedException"
    assert refused(partial(_confirm, client, "mallory", force=False)) == TAKEN
    assert client.pool.admin("admin_get_user", "mallory")["UserStatus"] == "UNCONFIRMED"
    assert _attribute(client, "ada", "email_verified") == "true"

    wrong = {"ClientId": client.client_id, "Username": "mallory", "ConfirmationCode": "0", "ForceAliasCreation": True}
    assert refused(lambda: world.unsigned.confirm_sign_up(**wrong))[0] == "CodeMismatchException"
    assert _who(client, EMAIL) == "ada"


def test_a_proved_address_moves_by_force_and_alone(world: World) -> None:
    """Whoever reads the mail takes the e-mail alias; the phone number that was not proved stays where it is."""
    client = _client(world)
    client.sign_up("bob", password="Bob-swims-too-2", email=EMAIL, phone_number=PHONE)
    _confirm(client, "bob", force=True)

    assert _who(client, EMAIL, "Bob-swims-too-2") == "bob"
    assert refused(lambda: client.sign_in(EMAIL, PASSWORD))[0] == "NotAuthorizedException"
    assert _who(client, PHONE) == "ada"
    assert (_attribute(client, "ada", "email_verified"), _attribute(client, "bob", "email_verified")) == (
        "false",
        "true",
    )
    assert _attribute(client, "ada", "phone_number_verified") == "true"
    assert _attribute(client, "bob", "phone_number_verified") != "true"
    assert _taken(client) == [(_attribute(client, "ada", "sub"), "email", _attribute(client, "bob", "sub"))]


def test_an_administrator_takes_only_what_he_says_is_proved(world: World) -> None:
    """AdminCreateUser with ForceAliasCreation: an unverified address takes nothing, a verified one moves."""
    client = _client(world)
    unverified = [{"Name": "email", "Value": EMAIL}]
    verified = [*unverified, {"Name": "email_verified", "Value": "true"}]
    create = partial(client.pool.admin, "admin_create_user", MessageAction="SUPPRESS", TemporaryPassword=PASSWORD)

    create("bob", UserAttributes=unverified, ForceAliasCreation=True)
    assert _who(client, EMAIL) == "ada"
    assert refused(lambda: create("carol", UserAttributes=verified)) == TAKEN
    assert refused(lambda: client.pool.admin("admin_get_user", "carol"))[0] == "UserNotFoundException"

    create("carol", UserAttributes=verified, ForceAliasCreation=True)
    assert client.sign_in(EMAIL)["ChallengeParameters"]["USER_ID_FOR_SRP"] == "carol"
    assert _attribute(client, "ada", "email_verified") == "false"
    assert _who(client, "ada") == "ada"
    assert _taken(client) == [(_attribute(client, "ada", "sub"), "email", _attribute(client, "carol", "sub"))]


def test_force_takes_no_username(world: World) -> None:
    """ForceAliasCreation moves addresses; a name and a sub stay their owner's."""
    client = _client(world)
    for name in ("ada", _attribute(client, "ada", "sub") or ""):
        refusal = refused(
            partial(client.pool.admin, "admin_create_user", name, MessageAction="SUPPRESS", ForceAliasCreation=True)
        )
        assert refusal == ("UsernameExistsException", "User account already exists")
    assert _who(client, "ada") == "ada"
