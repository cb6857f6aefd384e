"""What do moto's own tests ask of users, their attributes and lists of them, and is it answered so here? By moto's names.

Source: getmoto/moto, tests/test_cognitoidp (commit 0af643a, August 2026). Where AWS's
contract says otherwise this server keeps to the contract, and the case says what is answered instead (emulators.md 1).
"""

from collections.abc import Mapping
from functools import partial
from typing import Any
from uuid import UUID

import pytest

from api.people import held, listed
from api.world import PASSWORD, PoolOfTests, World, refused

EMAIL, PHONE = "test@example.com", "+15550123456"
BY_EMAIL = {"UsernameAttributes": ["email"]}
BY_EITHER = {"UsernameAttributes": ["email", "phone_number"]}
NO_USER = ("UserNotFoundException", "User does not exist.")
NOTHING = ["ResponseMetadata"]
THING = {"nickname": "thing"}  # Moto's cases give `thing`, which no schema has.


def create(pool: PoolOfTests, name: str, attributes: Mapping[str, str] = THING, **more: Any) -> dict[str, Any]:
    """Create a user as moto's cases do; return what is told of them."""
    made: dict[str, Any] = pool.admin("admin_create_user", name, UserAttributes=listed(attributes), **more)["User"]
    return made


def told(attributes: list[dict[str, str]]) -> dict[str, str]:
    """Return attributes by name."""
    return {one["Name"]: one["Value"] for one in attributes}


def test_a_user_begins_with_what_they_were_given(world: World) -> None:
    """admin_create_user, admin_get_user. Otherwise: an attribute that the schema lacks is refused, where moto keeps it."""
    pool = world.pool()
    made = create(pool, "ada")
    assert (made["Username"], made["UserStatus"], made["Enabled"]) == ("ada", "FORCE_CHANGE_PASSWORD", True)
    assert told(made["Attributes"]).keys() == {"sub", "nickname"}
    seen = pool.admin("admin_get_user", "ada")
    assert (seen["Username"], seen["UserAttributes"]) == ("ada", made["Attributes"])
    assert refused(partial(create, pool, "eve", {"thing": "x"})) == (
        "InvalidParameterException",
        "Attributes did not conform to the schema: thing: Attribute does not exist in the schema.\n",
    )


def test_who_is_named_by_an_address_is_found_by_it(world: World) -> None:
    """admin_create_user_with_username_attributes, admin_get_user_with_username_attributes."""
    pool = world.pool(**BY_EITHER)
    made = create(pool, EMAIL, {**THING, "phone_number": PHONE})
    assert (made["UserStatus"], made["Enabled"]) == ("FORCE_CHANGE_PASSWORD", True)
    sub = told(made["Attributes"])["sub"]
    assert UUID(sub)
    assert made["Username"] == sub
    for name in (EMAIL, PHONE, sub):
        seen = pool.admin("admin_get_user", name)
        assert seen["Username"] == sub
        assert told(seen["UserAttributes"]) == {"sub": sub, "email": EMAIL, "phone_number": PHONE, **THING}


@pytest.mark.parametrize(
    ("settings", "sentence"),
    [(BY_EMAIL, "Username should be an email."), (BY_EITHER, "Username should be either an email or a phone number.")],
)
def test_a_name_must_be_an_address(world: World, settings: dict[str, Any], sentence: str) -> None:
    """admin_create_user_with_incorrect_username_attribute_type_fails. Otherwise: moto says "either" where e-mail alone is one."""
    assert refused(partial(create, world.pool(**settings), "ada")) == ("InvalidParameterException", sentence)


@pytest.mark.parametrize("settings", [{}, BY_EMAIL])
def test_a_name_is_taken_once(world: World, settings: dict[str, Any]) -> None:
    """Stand for two of moto's cases.

    admin_create_existing_user, admin_create_user_with_existing_username_attribute_fails.

    Otherwise: AWS's sentence, where moto says the address itself.
    """
    pool = world.pool(**settings)
    create(pool, EMAIL)
    said = "An account with the given email already exists." if settings else "User account already exists"
    assert refused(partial(create, pool, EMAIL)) == ("UsernameExistsException", said)


def test_an_invitation_goes_out_again(world: World) -> None:
    """admin_resend_invitation_existing_user, admin_resend_invitation_missing_user."""
    pool, address, by_mail = world.pool(), {"email": EMAIL}, {"DesiredDeliveryMediums": ["EMAIL"]}
    create(pool, "ada", address, **by_mail)
    before = world.outbox()
    assert create(pool, "ada", address, **by_mail, MessageAction="RESEND")["Username"] == "ada"
    assert [one["kind"] for one in world.sent_since(before, EMAIL)] == ["AdminCreateUser"]
    assert refused(partial(create, pool, "eve", address, MessageAction="RESEND")) == NO_USER


def test_an_administrator_confirms(world: World) -> None:
    """admin_confirm_sign_up, admin_confirm_sign_up_non_existing_user, admin_confirm_sign_up_non_existing_pool."""
    pool = world.pool(AutoVerifiedAttributes=["email"])
    pool.client().sign_up("ada")
    assert pool.admin("admin_get_user", "ada")["UserStatus"] == "UNCONFIRMED"
    pool.admin("admin_confirm_sign_up", "ada")
    assert pool.admin("admin_get_user", "ada")["UserStatus"] == "CONFIRMED"
    assert refused(partial(pool.admin, "admin_confirm_sign_up", "eve")) == NO_USER
    asked = partial(world.signed.admin_confirm_sign_up, UserPoolId="us-east-1_aaaaaaaa", Username="eve")
    assert refused(asked) == ("ResourceNotFoundException", "User pool us-east-1_aaaaaaaa does not exist.")


@pytest.mark.parametrize(("settings", "name"), [({}, "ada"), (BY_EMAIL, EMAIL)])
def test_a_user_is_off_and_on_and_gone(world: World, settings: dict[str, Any], name: str) -> None:
    """Stand for eight of moto's cases.

    admin_get_missing_user, admin_get_missing_user_with_username_attributes; admin_disable_user,
    admin_disable_user_with_username_attributes; admin_enable_user, admin_enable_user_with_username_attributes;
    admin_delete_user, admin_delete_user_with_username_attributes.
    """
    pool = world.pool(**settings)
    assert refused(partial(pool.admin, "admin_get_user", name)) == NO_USER
    create(pool, name)
    for operation, enabled in (("admin_disable_user", False), ("admin_enable_user", True)):
        assert list(pool.admin(operation, name)) == NOTHING
        assert pool.admin("admin_get_user", name)["Enabled"] is enabled
    pool.admin("admin_delete_user", name)
    assert refused(partial(pool.admin, "admin_get_user", name)) == NO_USER


def test_a_change_moves_the_date(world: World) -> None:
    """Stand for three of moto's cases.

    new_user_contains_same_created_and_updated_dates, update_user_attributes_also_changes_last_modified_date,
    delete_user_attributes_also_changes_last_modified_date.
    """
    pool = world.pool(**BY_EMAIL)
    made = create(pool, EMAIL)
    assert made["UserCreateDate"] == made["UserLastModifiedDate"]
    changes = (
        ("admin_update_user_attributes", {"UserAttributes": listed({"phone_number": PHONE})}),
        ("admin_delete_user_attributes", {"UserAttributeNames": ["phone_number"]}),
    )
    before = made["UserLastModifiedDate"]
    for operation, given in changes:
        world.clock.advance(1_000)
        pool.admin(operation, EMAIL, **given)
        after = pool.admin("admin_get_user", EMAIL)
        assert after["UserCreateDate"] == made["UserCreateDate"]
        assert after["UserLastModifiedDate"] > before
        before = after["UserLastModifiedDate"]


def test_attributes_are_changed_and_removed(world: World) -> None:
    """admin_update_user_attributes, admin_delete_user_attributes."""
    pool = world.pool(Schema=[{"Name": "foo", "AttributeDataType": "String", "Mutable": True, "Required": False}])
    names = {"family_name": "Doe", "given_name": "John"}
    create(pool, "ada", {**names, "nickname": "Joe", "custom:foo": "bar"})
    pool.admin("admin_update_user_attributes", "ada", UserAttributes=listed({**names, "given_name": "Jane"}))
    pool.admin("admin_delete_user_attributes", "ada", UserAttributeNames=["nickname", "custom:foo"])
    assert held(pool, "ada") == {**names, "given_name": "Jane"}


def test_what_is_not_there_is_not_removed(world: World) -> None:
    """Stand for three of moto's cases.

    admin_delete_user_attributes_non_existing_attribute, admin_delete_user_attributes_non_existing_user,
    admin_delete_user_attributes_non_existing_pool.

    Otherwise: AWS begins such a sentence with the attribute (measured.md 7), moto with `Invalid user attributes: `.
    """
    pool = world.pool()
    create(pool, "ada", {"nickname": "Joe"})
    names = ["custom:foo", "custom:bar"]
    for missing in (names[:1], names):
        remove = partial(pool.admin, "admin_delete_user_attributes", "ada", UserAttributeNames=["nickname", *missing])
        sentence = "".join(f"user.{name}: Attribute does not exist in the schema.\n" for name in missing)
        assert refused(remove) == ("InvalidParameterException", sentence)
        assert held(pool, "ada") == {"nickname": "Joe"}
    given: dict[str, Any] = {"UserAttributeNames": ["nickname"]}
    assert refused(partial(pool.admin, "admin_delete_user_attributes", "eve", **given)) == NO_USER
    nowhere = {"UserPoolId": "us-east-1_aaaaaaaa", "Username": "eve"}
    asked = partial(world.signed.admin_delete_user_attributes, **nowhere, **given)
    assert refused(asked) == ("ResourceNotFoundException", "User pool us-east-1_aaaaaaaa does not exist.")


def test_an_address_that_is_a_name_is_one_users(world: World) -> None:
    """use_existing_email__when_email_is_login, use_existing_email__when_username_is_login.

    Otherwise: of an alias that is taken AWS says "the email", of a username that is "the given email".
    """
    others = {"email": "user2@test.com"}
    for settings, names in (({}, ("user1", "user2")), (BY_EMAIL, ("user1@test.com", "user2@test.com"))):
        pool = world.pool(**settings)
        for name, number in zip(names, "12", strict=True):
            create(pool, name, {"email": f"user{number}@test.com"})
        change = partial(pool.admin, "admin_update_user_attributes", names[0], UserAttributes=listed(others))
        if settings:
            assert refused(change) == ("AliasExistsException", "An account with the email already exists.")
        else:
            change()
            assert held(pool, "user1")["email"] == others["email"]


def listing(pool: PoolOfTests, filtered: str = "", **more: Any) -> dict[str, Any]:
    """List users, by a filter where there is one."""
    given = {"Filter": filtered} if filtered else {}
    answer: dict[str, Any] = pool.world.signed.list_users(UserPoolId=pool.pool_id, **given, **more)
    return answer


def names(pool: PoolOfTests, filtered: str = "", **more: Any) -> list[str]:
    """Return the names of the users that a filter finds, in their order."""
    return sorted(one["Username"] for one in listing(pool, filtered, **more)["Users"])


def test_users_are_found_by_an_attribute(world: World) -> None:
    """list_users."""
    pool = world.pool()
    create(pool, "ada", {})
    assert names(pool) == ["ada"]
    create(pool, "eve", {"phone_number": "+33666666666"})
    for filtered in ('phone_number="+33666666666"', 'phone_number = "+33666666666"'):
        assert names(pool, filtered) == ["eve"]
    for name in ("user0@example.com", "user1@example.com"):
        create(pool, name, {"phone_number": "+48555555555"})
    assert names(pool, 'phone_number ^= "+48"') == ["user0@example.com", "user1@example.com"]
    assert names(pool, 'family_name=""') == []
    first = listing(pool, 'phone_number ^= "+48"', Limit=1)
    second = listing(pool, 'phone_number ^= "+48"', Limit=1, PaginationToken=first["PaginationToken"])
    assert {one["Users"][0]["Username"] for one in (first, second)} == {"user0@example.com", "user1@example.com"}


@pytest.mark.parametrize(
    ("filtered", "sentence"),
    [
        ("username = foo", "Error while parsing filter"),
        ("username=", "Error while parsing filter"),
        ('custom:foo = "bar"', "Invalid search attribute: custom:foo"),
    ],
)
def test_a_filter_is_well_formed(world: World, filtered: str, sentence: str) -> None:
    """list_users_incorrect_filter, list_users_invalid_attributes."""
    assert refused(partial(listing, world.pool(), filtered)) == ("InvalidParameterException", sentence)


def test_who_is_named_by_an_address_is_listed_by_sub(world: World) -> None:
    """list_users_with_username_attributes."""
    pool = world.pool(**BY_EMAIL)
    subs = [create(pool, EMAIL, {})["Username"], create(pool, "b@x.example", {"phone_number": PHONE})["Username"]]
    assert all(UUID(one) for one in subs)
    assert names(pool) == sorted(subs)
    for filtered in (f'phone_number="{PHONE}"', f'phone_number = "{PHONE}"'):
        (found,) = listing(pool, filtered)["Users"]
        assert (found["Username"], told(found["Attributes"])["email"]) == (subs[1], "b@x.example")


def test_users_are_found_by_their_state(world: World) -> None:
    """list_users_inherent_attributes. Otherwise: nobody is confirmed by any code whom an administrator created."""
    pool = world.pool()
    create(pool, "ada", {})
    pool.user("eve")
    pool.admin("admin_disable_user", "eve")
    for filtered in ('username="eve"', 'status="Disabled"', 'cognito:user_status="CONFIRMED"'):
        (found,) = listing(pool, filtered)["Users"]
        assert (found["Username"], found["Enabled"], found["UserStatus"]) == ("eve", False, "CONFIRMED")
    client = pool.client()
    confirm = partial(
        world.unsigned.confirm_sign_up, ClientId=client.client_id, Username="ada", ConfirmationCode="123456"
    )
    assert refused(confirm)[0] == "ExpiredCodeException"


def test_users_come_in_pages(world: World) -> None:
    """list_users_returns_limit_items, list_users_returns_pagination_tokens, list_users_when_limit_more_than_total_items."""
    pool = world.pool()
    for number in range(10):
        pool.user(f"user{number}", password=PASSWORD, permanent=False)
    first = listing(pool, Limit=5)
    second = listing(pool, Limit=5, PaginationToken=first["PaginationToken"])
    assert (len(first["Users"]), len(second["Users"]), "PaginationToken" in second) == (5, 5, False)
    whole = listing(pool, Limit=15)
    assert (len(whole["Users"]), "PaginationToken" in whole) == (10, False)


def test_a_list_shows_the_attributes_that_were_asked_for(world: World) -> None:
    """list_users_with_attributes_to_get. Otherwise: a name that the schema lacks is refused, where moto passes over it."""
    pool = world.pool(Schema=[{"Name": "foo", "AttributeDataType": "String"}])
    wanted = {"given_name": "Jane", "custom:foo": "bar"}
    for number in range(5):
        create(pool, f"user{number}", {"family_name": "Doe", **wanted})
    users = listing(pool, AttributesToGet=[*wanted])["Users"]
    assert [told(one["Attributes"]) for one in users] == [wanted] * 5
    unknown = partial(listing, pool, AttributesToGet=[*wanted, "unknown"])
    assert refused(unknown) == ("InvalidParameterException", "One or more requested attributes do not exist.")
