"""Schemas: what CreateUserPool makes of its Schema, what AddCustomAttributes adds, and what neither takes."""

from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any

import pytest

from api.world import World, refused

TOO_LONG = (
    f"1 validation error detected: Value '{'x' * 21}' at '{{path}}.1.member.name' failed to satisfy constraint: "
    "Member must have length less than or equal to 20"
)


def schema(world: World, pool_id: str) -> dict[str, Any]:
    listed = world.signed.describe_user_pool(UserPoolId=pool_id)["UserPool"]["SchemaAttributes"]
    return {one["Name"]: one for one in listed}


def add(world: World, pool_id: str, *attributes: dict[str, Any]) -> None:
    world.signed.add_custom_attributes(UserPoolId=pool_id, CustomAttributes=list(attributes))


def test_the_standard_attributes_are_described_as_aws_does(world: World) -> None:
    """Names, types and limits are AWS's (userpools.md 5.1), limits as texts."""
    described = schema(world, world.pool().pool_id)
    limits = {"MinLength": "0", "MaxLength": "2048"}
    special: dict[str, dict[str, Any]] = {
        "sub": {"StringAttributeConstraints": {"MinLength": "1", "MaxLength": "2048"}},
        "birthdate": {"StringAttributeConstraints": {"MinLength": "10", "MaxLength": "10"}},
        "updated_at": {"NumberAttributeConstraints": {"MinValue": "0"}},
        "identities": {"StringAttributeConstraints": {}},
        "email_verified": {},
        "phone_number_verified": {},
    }
    kinds = {"updated_at": "Number", "email_verified": "Boolean", "phone_number_verified": "Boolean"}
    for name, entry in described.items():
        assert entry == {
            "Name": name,
            "AttributeDataType": kinds.get(name, "String"),
            "DeveloperOnlyAttribute": False,
            "Mutable": name != "sub",
            "Required": name == "sub",
            **special.get(name, {"StringAttributeConstraints": limits}),
        }


def test_added_attributes_have_a_prefix_and_can_be_used_at_once(world: World) -> None:
    """Every type, mutable by default; a developer's attribute has a prefix of its own."""
    pool = world.pool()
    add(
        world,
        pool.pool_id,
        {"Name": "plan", "AttributeDataType": "String", "StringAttributeConstraints": {"MaxLength": "4"}},
        {"Name": "seats", "AttributeDataType": "Number", "NumberAttributeConstraints": {"MinValue": "1"}},
        {"Name": "since", "AttributeDataType": "DateTime", "Mutable": False},
        {"Name": "trial", "AttributeDataType": "Boolean"},
        {"Name": "note", "AttributeDataType": "String", "DeveloperOnlyAttribute": True},
    )
    described = schema(world, pool.pool_id)
    assert list(described)[21:] == ["custom:plan", "custom:seats", "custom:since", "custom:trial", "dev:custom:note"]
    assert described["custom:plan"] == {
        "Name": "custom:plan",
        "AttributeDataType": "String",
        "DeveloperOnlyAttribute": False,
        "Mutable": True,
        "Required": False,
        "StringAttributeConstraints": {"MaxLength": "4"},
    }
    assert described["custom:seats"]["NumberAttributeConstraints"] == {"MinValue": "1"}
    assert described["custom:since"]["Mutable"] is False
    assert described["dev:custom:note"]["StringAttributeConstraints"] == {}

    client = pool.client(WriteAttributes=["custom:plan", "custom:seats"])
    client.sign_up("una", custom_plan="gold", custom_seats="2")
    held = {one["Name"]: one["Value"] for one in pool.admin("admin_get_user", "una")["UserAttributes"]}
    assert (held["custom:plan"], held["custom:seats"]) == ("gold", "2")
    assert refused(lambda: pool.user("ulf", custom_plan="platinum")) == (
        "InvalidParameterException",
        "Attributes did not conform to the schema: custom:plan: String must be no longer than 4 characters",
    )


@pytest.mark.parametrize(
    ("entry", "sentence"),
    [
        (
            {"Name": "x", "AttributeDataType": "String", "Required": True},
            "Required custom attributes are not supported currently.",
        ),
        ({"AttributeDataType": "String"}, "Attribute name is required in the schema."),
        (
            {
                "Name": "x",
                "AttributeDataType": "String",
                "StringAttributeConstraints": {"MinLength": "9", "MaxLength": "8"},
            },
            "Attribute custom:x cannot have a max length shorter than it's min length",
        ),
        (
            {
                "Name": "x",
                "AttributeDataType": "Number",
                "NumberAttributeConstraints": {"MinValue": "1", "MaxValue": "-1"},
            },
            "Attribute custom:x cannot have a max value smaller than it's min value",
        ),
        (
            {"Name": "x", "AttributeDataType": "String", "StringAttributeConstraints": {"MaxLength": "many"}},
            "Attribute custom:x: MaxLength must be a whole number.",
        ),
        (
            {"Name": "x", "AttributeDataType": "Number", "NumberAttributeConstraints": {"MaxValue": "9" * 309}},
            "Attribute custom:x: MaxValue must be a whole number.",
        ),
        (
            {"Name": "x" * 21},
            TOO_LONG,
        ),
    ],
)
def test_a_custom_attribute_that_aws_refuses_is_refused(world: World, entry: dict[str, Any], sentence: str) -> None:
    """At creation and later alike, in the same words."""
    create = partial(world.pool, Schema=[entry])
    assert refused(create) == ("InvalidParameterException", sentence.format(path="schema"))
    pool_id = world.pool().pool_id
    assert refused(partial(add, world, pool_id, entry)) == (
        "InvalidParameterException",
        sentence.format(path="customAttributes"),
    )
    assert len(schema(world, pool_id)) == 21


def test_an_attribute_that_is_added_says_its_type(world: World) -> None:
    """Nothing of the call is added; at creation a type that is left out is String."""
    pool_id = world.pool(Schema=[{"Name": "plan"}]).pool_id
    assert schema(world, pool_id)["custom:plan"]["AttributeDataType"] == "String"
    work = partial(add, world, pool_id, {"Name": "seats", "AttributeDataType": "Number"}, {"Name": "trial"})
    sentence = "Invalid AttributeDataType input, consider using the provided AttributeDataType enum."
    assert refused(work) == ("InvalidParameterException", sentence)
    assert list(schema(world, pool_id))[21:] == ["custom:plan"]


def test_a_name_is_taken_once(world: World) -> None:
    """Twice in one schema, twice in one call and twice in the life of a pool are refused; nothing of the call stands."""
    twice = [{"Name": "plan", "AttributeDataType": "String"}] * 2
    duplicate = "Duplicate custom attribute names custom:plan are not allowed in a user pool schema."
    assert refused(lambda: world.pool(Schema=twice)) == ("InvalidParameterException", duplicate)

    pool_id = world.pool(Schema=twice[:1]).pool_id
    exists = "custom:plan: Existing attribute already has name custom:plan."
    for entries in ([{"Name": "seats", "AttributeDataType": "Number"}, twice[0]], twice):
        assert refused(partial(add, world, pool_id, *entries)) == ("InvalidParameterException", exists)
    assert list(schema(world, pool_id))[21:] == ["custom:plan"]


def test_a_custom_attribute_may_have_the_name_of_a_standard_one(world: World) -> None:
    """AddCustomAttributes always makes custom attributes: there is no way to touch a standard one."""
    pool_id = world.pool().pool_id
    add(world, pool_id, {"Name": "email", "AttributeDataType": "Number"})
    described = schema(world, pool_id)
    assert described["email"]["AttributeDataType"] == "String"
    assert described["custom:email"]["AttributeDataType"] == "Number"


def test_a_standard_attribute_keeps_its_type_and_its_outer_limits(world: World) -> None:
    """Required, immutable and tighter are possible; another type, developers only and wider limits are not."""
    tight = {"MinLength": "7", "MaxLength": "256"}
    pool = world.pool(Schema=[{"Name": "email", "Required": True, "StringAttributeConstraints": tight}])
    assert schema(world, pool.pool_id)["email"]["StringAttributeConstraints"] == tight

    fixed = "You can not change AttributeDataType or set developerOnlyAttribute for standard schema attribute email"
    for entry, sentence in (
        ({"AttributeDataType": "Number"}, fixed),
        ({"DeveloperOnlyAttribute": True}, fixed),
        (
            {"StringAttributeConstraints": {"MaxLength": "4096"}},
            "Attribute email: the limits of a standard attribute can only be tightened.",
        ),
    ):
        work = partial(world.pool, Schema=[{"Name": "email", **entry}])
        assert refused(work) == ("InvalidParameterException", sentence)


def test_there_are_fifty_custom_attributes_at_the_most(world: World) -> None:
    """Twenty-five in a call, fifty in all; the call that goes beyond adds none."""
    pool_id = world.pool().pool_id
    many = [{"Name": f"a{number}", "AttributeDataType": "String"} for number in range(51)]
    assert refused(partial(add, world, pool_id, *many[:26]))[0] == "InvalidParameterException"
    add(world, pool_id, *many[:25])
    add(world, pool_id, *many[25:49])
    beyond = ("InvalidParameterException", "A user pool can have 50 custom attributes at the most.")
    assert refused(partial(add, world, pool_id, *many[49:])) == beyond
    add(world, pool_id, many[49])
    assert len(schema(world, pool_id)) == 21 + 50


def test_attributes_added_at_once_are_all_there(world: World) -> None:
    """No addition undoes another, on either engine."""
    pool_id = world.pool().pool_id
    names = [f"a{number}" for number in range(12)]
    with ThreadPoolExecutor(6) as threads:
        list(threads.map(lambda name: add(world, pool_id, {"Name": name, "AttributeDataType": "String"}), names))
    assert sorted(list(schema(world, pool_id))[21:]) == sorted(f"custom:{name}" for name in names)
