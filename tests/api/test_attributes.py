"""Attributes: types and limits, what is required, immutable or developers' alone, who reads and who writes."""

import json
from functools import partial
from typing import Any

import pytest

from api.forge import claims_of
from api.people import held, listed, seen, update
from api.world import World, refused
from poolkeeper.crypto import jws
from poolkeeper.tokens import keys

SCHEMA = [
    {"Name": "email", "Required": True, "Mutable": True, "AttributeDataType": "String"},
    {
        "Name": "colour",
        "AttributeDataType": "String",
        "Mutable": True,
        "StringAttributeConstraints": {"MinLength": "2", "MaxLength": "5"},
    },
    {"Name": "born", "AttributeDataType": "String", "Mutable": False},
    {
        "Name": "size",
        "AttributeDataType": "Number",
        "Mutable": True,
        "NumberAttributeConstraints": {"MinValue": "-5", "MaxValue": "10"},
    },
    {"Name": "vip", "AttributeDataType": "Boolean", "Mutable": True},
    {"Name": "note", "AttributeDataType": "String", "Mutable": True, "DeveloperOnlyAttribute": True},
]
WRITABLE = ["email", "nickname", "custom:colour", "custom:born", "custom:size", "custom:vip", "family_name"]


def fault(sentence: str) -> tuple[str, str]:
    """Return the refusal of attributes."""
    return "InvalidParameterException", sentence


IMMUTABLE = ("InvalidParameterException", "user.custom:born: Attribute cannot be updated.\n")
UNWRITABLE = ("NotAuthorizedException", "A client attempted to write unauthorized attribute")


@pytest.mark.parametrize("by", ["user", "administrator"])
def test_values_have_the_type_and_the_limits_of_the_schema(world: World, by: str) -> None:
    """A value outside of them is refused by its name, whoever writes; one inside is stored as it was sent."""
    pool = world.pool(Schema=SCHEMA)
    pool.user("ada", email="ada@one.example")
    token = pool.client(WriteAttributes=[*WRITABLE, "phone_number"]).tokens("ada")["AccessToken"]

    def write(name: str, value: str) -> Any:
        if by == "user":
            return update(world, token, {name: value})
        return pool.admin("admin_update_user_attributes", "ada", UserAttributes=listed({name: value}))

    faults = {
        ("custom:colour", "x"): "user.custom:colour: String must be no shorter than 2 characters",
        ("custom:colour", "purple"): "user.custom:colour: String must be no longer than 5 characters",
        ("custom:size", "11"): "user.custom:size: Number must be no greater than 10",
        ("custom:size", "-6"): "user.custom:size: Number must be no less than -5",
        ("custom:size", "ten"): "user.custom:size: The attribute value is not a number.",
        ("custom:vip", "perhaps"): "user.custom:vip: The attribute value is not a boolean.",
        ("email", "ada"): "Invalid email address format.",
        ("email", "a\u200bda@one.example"): "Invalid email address format.",
        ("phone_number", "555-0100"): "Invalid phone number format.",
        ("email", ""): "user.email: The attribute is required\n",
    }
    for (name, value), sentence in faults.items():
        assert refused(partial(write, name, value)) == fault(sentence)
    assert held(pool, "ada") == {"email": "ada@one.example"}

    for name, value in {"custom:colour": "blue", "custom:size": "-5", "custom:vip": "true"}.items():
        write(name, value)
    assert held(pool, "ada") == {
        "email": "ada@one.example",
        "custom:colour": "blue",
        "custom:size": "-5",
        "custom:vip": "true",
    }


def test_an_unknown_attribute_is_refused(world: World) -> None:
    """No value is stored under a name that the schema does not have, and each such name is told on a line of its own."""
    pool = world.pool()
    pool.user("ada")
    client = pool.client()
    token = client.tokens("ada")["AccessToken"]
    given, names = (
        listed({"custom:colour": "blue", "nickname": "A", "size": "9"}),
        ["custom:colour", "nickname", "size"],
    )
    lines = [f"{name}: Attribute does not exist in the schema.\n" for name in ("custom:colour", "size")]
    changes = (
        partial(pool.admin, "admin_update_user_attributes", "ada", UserAttributes=given),
        partial(pool.admin, "admin_delete_user_attributes", "ada", UserAttributeNames=names),
        partial(world.unsigned.update_user_attributes, AccessToken=token, UserAttributes=given),
        partial(world.unsigned.delete_user_attributes, AccessToken=token, UserAttributeNames=names),
    )
    for change in changes:
        assert refused(change) == fault("".join(f"user.{line}" for line in lines))

    make = partial(world.signed.admin_create_user, UserPoolId=pool.pool_id, Username="bob", UserAttributes=given)
    sign_up = partial(client.sign_up, "bob", custom_colour="blue", nickname="A", size="9")
    for creation in (make, sign_up):
        assert refused(creation) == fault("Attributes did not conform to the schema: " + "".join(lines))


def test_a_value_that_is_not_there_is_no_blank_one(world: World) -> None:
    """A client that forgets the Value of an update is told, and nothing is removed; a blank value removes."""
    pool = world.pool()
    pool.user("ada", picture="a.png")
    token = pool.client().tokens("ada")["AccessToken"]
    absent = fault("Attribute value for picture must not be null")
    given = [{"Name": "nickname", "Value": "A"}, {"Name": "picture"}]
    by_user = partial(world.unsigned.update_user_attributes, AccessToken=token)
    by_administrator = partial(pool.admin, "admin_update_user_attributes", "ada")
    for write in (by_user, by_administrator):
        assert refused(partial(write, UserAttributes=given)) == absent
    assert held(pool, "ada") == {"picture": "a.png"}
    by_user(UserAttributes=listed({"picture": ""}))
    assert held(pool, "ada") == {}


def test_an_address_without_the_form_of_one_is_told_alone(world: World) -> None:
    """Whoever makes the user, and whatever else is wrong with the values."""
    pool = world.pool(Schema=SCHEMA)
    client = pool.client(WriteAttributes=[*WRITABLE, "phone_number"])
    for name, value, sentence in (
        ("email", "ada", "Invalid email address format."),
        ("phone_number", "555-0100", "Invalid phone number format."),
    ):
        given: dict[str, Any] = {"custom_colour": "x", name: value}
        assert refused(partial(client.sign_up, "ada", **given)) == fault(sentence)
        assert refused(partial(pool.user, "ada", **given)) == fault(sentence)


def test_a_required_attribute_is_asked_at_sign_up_and_stays(world: World) -> None:
    """Sign-up without it is refused, an administrator may leave it out, and nobody removes it."""
    pool = world.pool(Schema=SCHEMA)
    client = pool.client()
    missing = fault("Attributes did not conform to the schema: email: The attribute is required\n")
    assert refused(lambda: client.sign_up("ada")) == missing

    pool.user("bob")
    assert held(pool, "bob") == {}
    pool.user("ada", email="ada@one.example")
    token = client.tokens("ada")["AccessToken"]
    attempts = (
        lambda: world.unsigned.delete_user_attributes(AccessToken=token, UserAttributeNames=["email"]),
        lambda: pool.admin("admin_delete_user_attributes", "ada", UserAttributeNames=["email"]),
    )
    for attempt in attempts:
        assert refused(attempt) == fault("user.email: The attribute is required\n")
    assert held(pool, "ada") == {"email": "ada@one.example"}


def test_an_immutable_attribute_is_set_at_creation_or_never(world: World) -> None:
    """Neither the user nor an administrator changes, adds or removes it afterwards."""
    pool = world.pool(Schema=SCHEMA)
    client = pool.client(WriteAttributes=WRITABLE)
    pool.user("ada", email="ada@one.example", custom_born="1815")
    pool.user("bob", email="bob@one.example")
    tokens = {name: client.tokens(name)["AccessToken"] for name in ("ada", "bob")}

    for name, token in tokens.items():
        assert refused(partial(update, world, token, {"custom:born": "1900"})) == IMMUTABLE
        by_admin = partial(
            pool.admin, "admin_update_user_attributes", name, UserAttributes=listed({"custom:born": "1900"})
        )
        assert refused(by_admin) == IMMUTABLE
    remove = partial(world.unsigned.delete_user_attributes, AccessToken=tokens["ada"])
    assert refused(lambda: remove(UserAttributeNames=["custom:born"])) == IMMUTABLE
    assert held(pool, "ada")["custom:born"] == "1815"


def test_a_developer_only_attribute_is_neither_read_nor_written_by_a_user(world: World) -> None:
    """Administrators keep notes in it; a user's token neither shows nor changes them, and no claim carries them."""
    pool = world.pool(Schema=SCHEMA)
    pool.user("ada", email="ada@one.example")
    pool.admin("admin_update_user_attributes", "ada", UserAttributes=listed({"dev:custom:note": "owes us"}))
    client = pool.client(ReadAttributes=["email", "dev:custom:note"])
    tokens = client.tokens("ada")

    assert held(pool, "ada")["dev:custom:note"] == "owes us"
    assert "dev:custom:note" not in seen(world, tokens["AccessToken"])
    assert "dev:custom:note" not in claims_of(tokens["IdToken"])
    assert refused(lambda: update(world, tokens["AccessToken"], {"dev:custom:note": "nothing"})) == UNWRITABLE
    remove = partial(world.unsigned.delete_user_attributes, AccessToken=tokens["AccessToken"])
    assert refused(lambda: remove(UserAttributeNames=["dev:custom:note"])) == UNWRITABLE


def test_a_client_reads_and_writes_what_it_may(world: World) -> None:
    """ReadAttributes and WriteAttributes bound GetUser, UpdateUserAttributes and DeleteUserAttributes."""
    pool = world.pool(Schema=SCHEMA)
    pool.user("ada", email="ada@one.example", nickname="A", custom_colour="blue")
    narrow = pool.client(ReadAttributes=["nickname"], WriteAttributes=["email", "nickname"])
    token = narrow.tokens("ada")["AccessToken"]

    assert seen(world, token) == {"nickname": "A"}
    update(world, token, {"nickname": "Countess"})
    assert refused(lambda: update(world, token, {"nickname": "X", "custom:colour": "red"})) == UNWRITABLE
    remove = partial(world.unsigned.delete_user_attributes, AccessToken=token)
    assert refused(lambda: remove(UserAttributeNames=["custom:colour"])) == UNWRITABLE
    assert held(pool, "ada") == {"email": "ada@one.example", "nickname": "Countess", "custom:colour": "blue"}

    remove(UserAttributeNames=["nickname"])
    assert "nickname" not in held(pool, "ada")
    wide = pool.client().tokens("ada")["AccessToken"]
    assert seen(world, wide) == {"email": "ada@one.example", "custom:colour": "blue"}


def test_an_empty_value_removes_and_the_address_takes_its_mark_along(world: World) -> None:
    """A blank value is how AWS removes an attribute; email_verified does not outlive the email."""
    pool = world.pool()
    pool.user("ada", email="ada@one.example", email_verified="true", nickname="A", phone_number="+15550001111")
    token = pool.client().tokens("ada")["AccessToken"]

    update(world, token, {"nickname": ""})
    world.unsigned.delete_user_attributes(AccessToken=token, UserAttributeNames=["email"])
    pool.admin("admin_update_user_attributes", "ada", UserAttributes=listed({"phone_number": ""}))
    assert held(pool, "ada") == {}


def test_administrators_do_not_set_what_the_house_sets(world: World) -> None:
    """`sub` and `identities` are nobody's to change; a mark needs an address to be about."""
    pool = world.pool()
    sub = pool.user("ada")
    for name in ("sub", "identities"):
        change = partial(pool.admin, "admin_update_user_attributes", "ada", UserAttributes=listed({name: "x"}))
        assert refused(change) == ("InvalidParameterException", f"Cannot modify the non-mutable attribute {name}")
    marks = {
        "email_verified": "Email is required to verify/un-verify an email",
        "phone_number_verified": "Phone Number is required to verify/un-verify a phone number",
    }
    for name, sentence in marks.items():
        change = partial(pool.admin, "admin_update_user_attributes", "ada", UserAttributes=listed({name: "true"}))
        assert refused(change) == ("InvalidParameterException", sentence)
        create = partial(pool.admin, "admin_create_user", "bob", UserAttributes=listed({name: "true"}))
        assert refused(create) == ("InvalidParameterException", sentence)
    assert pool.admin("admin_get_user", "ada")["UserAttributes"] == listed({"sub": sub})


def test_a_token_without_the_scope_reads_and_changes_nothing(world: World) -> None:
    """An access token that lacks aws.cognito.signin.user.admin is refused by every operation here (attacks.md 68)."""
    pool = world.pool()
    pool.user("ada", email="ada@one.example")
    token = pool.client().tokens("ada")["AccessToken"]
    narrow = _without_scope(world, pool.pool_id, token)

    attempts = (
        partial(world.unsigned.get_user, AccessToken=narrow),
        partial(update, world, narrow, {"nickname": "X"}),
        partial(world.unsigned.delete_user_attributes, AccessToken=narrow, UserAttributeNames=["email"]),
        partial(world.unsigned.get_user_attribute_verification_code, AccessToken=narrow, AttributeName="email"),
        partial(world.unsigned.verify_user_attribute, AccessToken=narrow, AttributeName="email", Code="123456"),
        partial(world.unsigned.delete_user, AccessToken=narrow),
    )
    for attempt in attempts:
        assert refused(attempt) == ("NotAuthorizedException", "Access Token does not have required scopes")
    assert held(pool, "ada") == {"email": "ada@one.example"}


def _without_scope(world: World, pool_id: str, token: str) -> str:
    """Sign the claims of a token again, for the scopes that a hosted page may grant."""

    async def signed() -> str:
        pool_keys = await keys.of_pool(world.house, pool_id)
        assert pool_keys is not None
        claims = {**claims_of(token), "scope": "openid email"}
        return jws.sign(json.dumps(claims).encode(), kid=pool_keys.access.kid, key=pool_keys.access.private)

    return world.run(signed)
