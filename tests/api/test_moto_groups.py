"""What do moto's own tests ask of groups and of who is in them, and is it answered so here? By moto's names.

Source: getmoto/moto, tests/test_cognitoidp (commit 0af643a, August 2026). Where AWS's
contract says otherwise this server keeps to the contract, and the case says what is answered instead (emulators.md 1).
"""

from datetime import datetime
from functools import partial
from typing import Any

import pytest

from api.world import PoolOfTests, World, refused

ROLE = "arn:aws:iam::000000000000:role/my-iam-role"
NOTHING = ["ResponseMetadata"]


@pytest.fixture
def pool(world: World) -> PoolOfTests:
    """Make a pool with one group."""
    made = world.pool()
    group(made, "swimmers")
    return made


def group(pool: PoolOfTests, name: str, **settings: Any) -> dict[str, Any]:
    """Make a group and return what is told of it."""
    made: dict[str, Any] = pool.world.signed.create_group(UserPoolId=pool.pool_id, GroupName=name, **settings)["Group"]
    return made


def join(pool: PoolOfTests, name: str, of: str = "swimmers") -> dict[str, Any]:
    """Put a user into a group."""
    return pool.admin("admin_add_user_to_group", name, GroupName=of)


def members(pool: PoolOfTests, of: str = "swimmers", **more: Any) -> dict[str, Any]:
    """List who is in a group."""
    told: dict[str, Any] = pool.world.signed.list_users_in_group(UserPoolId=pool.pool_id, GroupName=of, **more)
    return told


def groups_of(pool: PoolOfTests, name: str) -> list[str]:
    """Return the groups of a user."""
    return [one["GroupName"] for one in pool.admin("admin_list_groups_for_user", name)["Groups"]]


def test_a_group_is_made_and_changed(world: World) -> None:
    """create_group, get_group, update_group. Otherwise: moto's role has no account, which the model's ARN must have."""
    pool = world.pool()
    settings = {"Description": "all wet", "RoleArn": ROLE, "Precedence": 7}
    made = group(pool, "swimmers", **settings)
    known = {"GroupName": "swimmers", "UserPoolId": pool.pool_id}
    assert made == {**known, **settings, "CreationDate": made["CreationDate"], "LastModifiedDate": made["CreationDate"]}
    assert isinstance(made["CreationDate"], datetime)
    assert world.signed.get_group(**known)["Group"] == made
    world.clock.advance(1_000)
    changes = {"Description": "all dry", "RoleArn": f"{ROLE}2", "Precedence": 8}
    changed = world.signed.update_group(**known, **changes)["Group"]
    assert changed == {**made, **changes, "LastModifiedDate": changed["LastModifiedDate"]}
    assert changed["LastModifiedDate"] > made["LastModifiedDate"]
    sentence = refused(partial(group, pool, "others", RoleArn="arn:aws:iam:::role/my-iam-role"))[1]
    assert "at 'roleArn' failed to satisfy constraint: Member must satisfy regular expression pattern" in sentence


def test_a_name_is_given_once(pool: PoolOfTests) -> None:
    """create_group_with_duplicate_name_raises_error."""
    assert refused(partial(group, pool, "swimmers"))[0] == "GroupExistsException"


def test_a_deleted_group_is_not_found(pool: PoolOfTests) -> None:
    """list_groups, delete_group."""
    named = {"UserPoolId": pool.pool_id, "GroupName": "swimmers"}
    client = pool.world.signed
    assert [one["GroupName"] for one in client.list_groups(UserPoolId=pool.pool_id)["Groups"]] == ["swimmers"]
    assert list(client.delete_group(**named)) == NOTHING
    assert refused(partial(client.get_group, **named))[0] == "ResourceNotFoundException"


@pytest.mark.parametrize("settings", [{}, {"UsernameAttributes": ["email"]}], ids=["by name", "by e-mail"])
def test_a_user_comes_and_goes(world: World, settings: dict[str, Any]) -> None:
    """Stand for nine of moto's cases.

    admin_add_user_to_group, admin_add_user_to_group_with_username_attributes, admin_add_user_to_group_again_is_noop,
    list_users_in_group, admin_list_groups_for_user, admin_list_groups_for_user_with_username_attribute,
    admin_remove_user_from_group, admin_remove_user_from_group_with_username_attributes,
    admin_remove_user_from_group_again_is_noop.
    """
    pool = world.pool(**settings)
    group(pool, "swimmers")
    name = "test@example.com" if settings else "ada"
    sub = pool.user(name, permanent=False)
    for _ in range(2):
        assert list(join(pool, name)) == NOTHING
    assert [one["Username"] for one in members(pool)["Users"]] == [sub if settings else name]
    assert groups_of(pool, name) == ["swimmers"]
    for _ in range(2):
        assert list(pool.admin("admin_remove_user_from_group", name, GroupName="swimmers")) == NOTHING
    assert (members(pool)["Users"], groups_of(pool, name)) == ([], [])


def test_who_is_deleted_is_in_no_list(pool: PoolOfTests) -> None:
    """list_users_in_group_ignores_deleted_user, admin_list_groups_for_user_ignores_deleted_group."""
    group(pool, "divers")
    for name in ("ada", "eve"):
        pool.user(name, permanent=False)
        join(pool, name)
    join(pool, "eve", "divers")
    pool.admin("admin_delete_user", "ada")
    assert [one["Username"] for one in members(pool)["Users"]] == ["eve"]
    pool.world.signed.delete_group(UserPoolId=pool.pool_id, GroupName="swimmers")
    assert groups_of(pool, "eve") == ["divers"]


@pytest.mark.parametrize("listing", ["list_groups", "list_users_in_group", "admin_list_groups_for_user"])
def test_lists_come_in_pages(world: World, listing: str) -> None:
    """Stand for five of moto's cases.

    list_groups_returns_pagination_tokens, list_groups_when_limit_more_than_total_items,
    list_users_in_group_returns_pagination_tokens, list_users_in_group_when_limit_more_than_total_items,
    admin_list_groups_for_users_returns_pagination_tokens.
    """
    pool = world.pool()
    names = [f"name{number}" for number in range(10)]
    by_groups = listing != "list_users_in_group"
    for name in names if by_groups else ["swimmers"]:
        group(pool, name)
    for name in ["ada"] if by_groups else names:
        pool.user(name, permanent=False)
    for name in names:
        join(pool, "ada" if by_groups else name, name if by_groups else "swimmers")
    named = {"list_users_in_group": {"GroupName": "swimmers"}, "admin_list_groups_for_user": {"Username": "ada"}}
    ask = partial(getattr(world.signed, listing), UserPoolId=pool.pool_id, **named.get(listing, {}))
    member = "Groups" if by_groups else "Users"
    first = ask(Limit=5)
    second = ask(Limit=5, NextToken=first["NextToken"])
    assert (len(first[member]), len(second[member]), "NextToken" in second) == (5, 5, False)
    whole = ask(Limit=15)
    assert (first[member] + second[member], "NextToken" in whole) == (whole[member], False)
