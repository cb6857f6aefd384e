"""What if two administrators change one thing at once? The checks of either hold for what the other one did."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any

import pytest
from botocore.exceptions import ClientError

from api.iam import READ_ONLY, TRUST, allowing, client, made, policy, unique
from api.world import World
from poolkeeper.store import iam_changes


def at_once(*calls: Callable[[], Any]) -> list[str]:
    """Make calls at the same time; return, for each, the code of its error, or nothing."""

    def outcome(call: Callable[[], Any]) -> str:
        try:
            call()
        except ClientError as fault:
            return str(fault.response["Error"]["Code"])
        return ""

    with ThreadPoolExecutor(len(calls)) as pool:
        return list(pool.map(outcome, calls))


@pytest.mark.parametrize("attempt", range(8))
def test_a_role_is_not_deleted_while_a_policy_is_attached(world: World, attempt: int) -> None:
    """Either the role goes and nothing is attached, or it stays with its policy."""
    one, two, name = client(world), client(world), made(world, "role")
    deleted, attached = at_once(
        partial(one.delete_role, RoleName=name),
        partial(two.attach_role_policy, RoleName=name, PolicyArn=READ_ONLY),
    )
    assert (deleted, attached) in {("", "NoSuchEntity"), ("DeleteConflict", "")}
    left = world.rows(
        "SELECT a.policy_id FROM iam_attachments a WHERE a.owner_kind = 'role' AND NOT EXISTS "
        "(SELECT e.name FROM iam_entities e WHERE e.kind = 'role' AND e.entity_id = a.owner_id)"
    )
    assert left == []


@pytest.mark.parametrize("attempt", range(4))
def test_a_policy_has_five_versions_whoever_adds_them(world: World, attempt: int) -> None:
    """Of eight that come at once four get in beside the first, each under a number of its own."""
    arn = policy(world)
    clients = [client(world) for _ in range(8)]
    add = [
        partial(one.create_policy_version, PolicyArn=arn, PolicyDocument=allowing("a:B"), SetAsDefault=True)
        for one in clients
    ]
    assert sorted(at_once(*add)) == [""] * 4 + ["LimitExceeded"] * 4
    versions = clients[0].list_policy_versions(PolicyArn=arn)["Versions"]
    assert [one["VersionId"] for one in versions] == ["v5", "v4", "v3", "v2", "v1"]
    assert [one["VersionId"] for one in versions if one["IsDefaultVersion"]] == ["v5"]


def test_a_user_has_two_keys_and_ten_policies_whoever_adds_them(world: World) -> None:
    """Quotas hold under a crowd."""
    name = made(world, "user")
    clients = [client(world) for _ in range(6)]
    keys = at_once(*(partial(one.create_access_key, UserName=name) for one in clients))
    assert sorted(keys) == ["", "", *["LimitExceeded"] * 4]
    for _ in range(8):
        clients[0].attach_user_policy(UserName=name, PolicyArn=policy(world))
    attach = [partial(one.attach_user_policy, UserName=name, PolicyArn=policy(world)) for one in clients]
    assert sorted(at_once(*attach)) == ["", "", *["LimitExceeded"] * 4]


def test_a_name_is_given_once(world: World) -> None:
    """Of six that make one role, in two spellings, one does."""
    name = unique("role")
    clients = [client(world) for _ in range(6)]
    make = [
        partial(one.create_role, RoleName=spelling, AssumeRolePolicyDocument=TRUST)
        for one, spelling in zip(clients, [name, name.upper()] * 3, strict=True)
    ]
    assert sorted(at_once(*make)) == ["", *["EntityAlreadyExists"] * 5]


def test_nobody_stays_in_a_group_that_is_gone(world: World) -> None:
    """Either the group goes before the user comes, or not at all."""
    one, two = client(world), client(world)
    for _ in range(6):
        group, user = made(world, "group"), made(world, "user")
        deleted, added = at_once(
            partial(one.delete_group, GroupName=group), partial(two.add_user_to_group, GroupName=group, UserName=user)
        )
        assert (deleted, added) in {("", "NoSuchEntity"), ("DeleteConflict", "")}


def test_every_change_is_counted_and_nothing_else(world: World) -> None:
    """Processes tell by the number whether what they worked out still holds."""
    iam, name = client(world), made(world, "user")

    def number() -> int:
        return world.run(lambda: iam_changes.number(world.house.db))

    before = number()
    iam.attach_user_policy(UserName=name, PolicyArn=READ_ONLY)
    assert number() == before + 1
    iam.get_user(UserName=name)
    iam.list_policies()
    assert at_once(partial(iam.delete_user, UserName=name)) == ["DeleteConflict"]
    assert number() == before + 1
    iam.put_user_policy(UserName=name, PolicyName="p", PolicyDocument=allowing("a:B"))
    iam.create_access_key(UserName=name)
    assert number() == before + 3
