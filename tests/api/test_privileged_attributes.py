"""Can somebody write what makes him more than he is? Verification marks, ids, system names, roles of the application."""

import json
from collections.abc import Mapping
from functools import partial
from typing import Any

import pytest

from api.world import PASSWORD, ClientOfTests, World, refused

NEW_PASSWORD = "Dive-in-3-lakes"
UNAUTHORIZED = ("NotAuthorizedException", "A client attempted to write unauthorized attribute")
# What no user writes, whatever the app client allows, and what this app client does not allow.
FORBIDDEN = {
    "email_verified": "true",
    "phone_number_verified": "true",
    "Email_Verified": "true",
    "sub": "00000000-0000-4000-8000-000000000000",
    "identities": '[{"userId": "1", "providerName": "Google"}]',
    "cognito:user_status": "CONFIRMED",
    "cognito:mfa_enabled": "false",
    "cognito:groups": "admins",
    "cognito:username": "root",
    "dev:custom:plan": "gold",
    "dev:plan": "gold",
    "custom:role": "admin",
    "custom:unheard_of": "1",
}
# Names that no schema has, and those that the house alone writes: each is told so.
UNKNOWN = FORBIDDEN.keys() - {"email_verified", "phone_number_verified", "sub", "identities", "custom:role"}
THE_HOUSES = {"email_verified", "phone_number_verified", "sub", "identities"}
SCHEMA = [
    {"Name": "role", "AttributeDataType": "String", "Mutable": True},
    {"Name": "tier", "AttributeDataType": "String", "Mutable": True},
    {"Name": "tenant", "AttributeDataType": "String", "Mutable": False},
]
WRITABLE = [None, ["email", "phone_number", "custom:tier", "custom:tenant"]]


def _client(world: World, writable: list[str] | None, **settings: Any) -> ClientOfTests:
    """Make a client that may write those attributes, of a pool with an application's own."""
    more = {} if writable is None else {"WriteAttributes": writable}
    return world.pool(Schema=SCHEMA, **settings).client(**more)


def _forbidden(writable: list[str] | None) -> dict[str, str]:
    """Return by name the value of each attribute that such a client may not write; one without a list writes its own."""
    return {name: value for name, value in FORBIDDEN.items() if writable is not None or name != "custom:role"}


def _unknown(name: str) -> tuple[str, str]:
    sentence = f"Attributes did not conform to the schema: {name}: Attribute does not exist in the schema.\n"
    return "InvalidParameterException", sentence


def _not_yours(name: str) -> tuple[str, str]:
    return "InvalidParameterException", f"Cannot modify the non-mutable attribute {name}"


def _held(client: ClientOfTests, name: str) -> dict[str, str]:
    """Return what is stored of a user."""
    user = client.pool.admin("admin_get_user", name)
    return {one["Name"]: one["Value"] for one in user["UserAttributes"]}


def _sign_up(client: ClientOfTests, name: str, attributes: Mapping[str, str]) -> object:
    listed = [{"Name": key, "Value": value} for key, value in attributes.items()]
    return client.world.unsigned.sign_up(
        ClientId=client.client_id, Username=name, Password=PASSWORD, UserAttributes=listed
    )


def _answer(client: ClientOfTests, session: str, attributes: Mapping[str, str], name: str = "ada") -> object:
    """Answer NEW_PASSWORD_REQUIRED with attributes."""
    given = {f"userAttributes.{key}": value for key, value in attributes.items()}
    return client.respond("NEW_PASSWORD_REQUIRED", session, USERNAME=name, NEW_PASSWORD=NEW_PASSWORD, **given)


@pytest.mark.parametrize("writable", WRITABLE, ids=["default", "listed"])
def test_nobody_signs_up_with_privileges(world: World, writable: list[str] | None) -> None:
    """Alone or beside an attribute that is allowed: refused, no hash, no user."""
    client = _client(world, writable)
    hashes = world.hashes()
    for name, value in _forbidden(writable).items():
        for attributes in ({name: value}, {"email": "eve@x.example", name: value}):
            refusal = refused(partial(_sign_up, client, "eve", attributes))
            assert refusal == (_unknown(name) if name in UNKNOWN else UNAUTHORIZED), name
    assert world.hashes() == hashes
    assert refused(partial(_held, client, "eve"))[0] == "UserNotFoundException"

    assert _sign_up(client, "eve", {"email": "eve@x.example"})


@pytest.mark.parametrize("writable", WRITABLE, ids=["default", "listed"])
def test_nobody_gains_privileges_with_the_first_password_of_his_own(world: World, writable: list[str] | None) -> None:
    """NEW_PASSWORD_REQUIRED takes attributes too, under the same rules; what was stored stays, the Session also."""
    client = _client(world, writable)
    client.pool.user("ada", permanent=False, custom_role="guest", email="ada@x.example")
    before = _held(client, "ada")
    session = client.sign_in("ada")["Session"]

    for name, value in _forbidden(writable).items():
        refusal = refused(partial(_answer, client, session, {name: value}))
        expected = _unknown(name) if name in UNKNOWN else _not_yours(name) if name in THE_HOUSES else UNAUTHORIZED
        assert refusal == expected, name
    assert _held(client, "ada") == before
    assert client.pool.admin("admin_get_user", "ada")["UserStatus"] == "FORCE_CHANGE_PASSWORD"

    _answer(client, session, {"email": "ada@x.example"})
    assert _held(client, "ada") == before


@pytest.mark.parametrize("writable", WRITABLE, ids=["default", "listed"])
def test_nobody_gives_himself_privileges_later(world: World, writable: list[str] | None) -> None:
    """UpdateUserAttributes refuses the whole call, and what was stored stays."""
    client = _client(world, writable)
    client.pool.user("ada", custom_role="guest", email="ada@x.example")
    before = _held(client, "ada")
    token = client.tokens("ada")["AccessToken"]

    for name, value in _forbidden(writable).items():
        listed = [{"Name": "email", "Value": "eve@x.example"}, {"Name": name, "Value": value}]
        update = partial(world.unsigned.update_user_attributes, AccessToken=token, UserAttributes=listed)
        expected = "InvalidParameterException" if name in UNKNOWN else UNAUTHORIZED[0]
        assert refused(update)[0] == expected, name
    assert _held(client, "ada") == before


def test_an_address_given_with_the_first_password_is_not_a_proved_one(world: World) -> None:
    """Another e-mail is not verified by having replaced a verified one, and takes nobody's alias."""
    pool_settings = {"AliasAttributes": ["email"], "AutoVerifiedAttributes": ["email"]}
    client = _client(world, None, **pool_settings)
    client.pool.user("ada", permanent=False, email="ada@x.example", email_verified="true")
    bob = client.pool.user("bob", email="bob@x.example", email_verified="true")

    _answer(client, client.sign_in("ada@x.example")["Session"], {"email": "bob@x.example"})
    held = _held(client, "ada")
    assert (held["email"], held["email_verified"]) == ("bob@x.example", "false")
    token = client.tokens("bob@x.example")["AccessToken"]
    assert _sub(world, token) == bob
    assert refused(lambda: client.sign_in("ada@x.example", NEW_PASSWORD))[0] == "NotAuthorizedException"


def _sub(world: World, access_token: str) -> str:
    user = world.unsigned.get_user(AccessToken=access_token)
    return next(str(one["Value"]) for one in user["UserAttributes"] if one["Name"] == "sub")


def test_the_name_one_signs_in_by_is_not_changed_with_the_first_password(world: World) -> None:
    """Where the address is the name, an answer cannot turn it into somebody else's."""
    client = _client(world, None, UsernameAttributes=["email"])
    client.pool.user("ada@x.example", permanent=False)
    session = client.sign_in("ada@x.example")["Session"]

    refusal = refused(lambda: _answer(client, session, {"email": "eve@x.example"}, name="ada@x.example"))
    assert refusal == ("NotAuthorizedException", "Cannot modify an already provided email")


def test_what_is_set_at_creation_alone_is_not_changed_with_the_first_password(world: World) -> None:
    """An immutable attribute that the client may write at sign-up stays what it was, or absent."""
    client = _client(world, ["custom:tenant"])
    client.pool.user("ada", permanent=False, custom_tenant="one")
    client.pool.user("bob", permanent=False)

    for name in ("ada", "bob"):
        before = _held(client, name)
        session = client.sign_in(name)["Session"]
        refusal = refused(partial(_answer, client, session, {"custom:tenant": "two"}, name))
        assert refusal[0] == "InvalidParameterException"
        assert "custom:tenant: Attribute cannot be updated." in refusal[1]
        assert _held(client, name) == before


def test_an_administrator_writes_marks_but_no_system_names(world: World) -> None:
    """AdminCreateUser may say that an address is proved; ids and system names are the house's own."""
    pool = world.pool(Schema=SCHEMA)
    for name in ("sub", "identities", "cognito:user_status", "cognito:mfa_enabled", "cognito:groups", "custom:nothing"):
        listed = [{"Name": name, "Value": "1"}]
        refusal = refused(partial(pool.admin, "admin_create_user", "eve", UserAttributes=listed))
        assert refusal[0] == "InvalidParameterException", name
    assert refused(lambda: pool.admin("admin_get_user", "eve"))[0] == "UserNotFoundException"

    sub = pool.user("ada", email="ada@x.example", email_verified="true", custom_role="admin")
    stored = json.loads(world.rows("SELECT attributes FROM users WHERE user_id = $1", sub)[0][0])
    assert stored["email_verified"] == "true"
