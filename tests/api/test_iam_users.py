"""Users, their access keys and groups, as an unmodified boto3 keeps them."""

from functools import partial
from typing import Any

import boto3
import pytest
from botocore.client import BaseClient
from botocore.config import Config

from api.iam import ACCOUNT, NOBODY, READ_ONLY, Of, allowing, client, made, unique
from api.world import KEY_ID, REGION, World, refused
from poolkeeper.clock import HOUR


def test_the_life_of_a_user(world: World) -> None:
    """Create, read, rename, list below a path, delete: the id stays, the ARN follows name and path."""
    iam, name = client(world), unique("ada")
    tags = [{"Key": "team", "Value": "a"}]
    created = iam.create_user(UserName=name, Path="/people/", Tags=tags, PermissionsBoundary=READ_ONLY)["User"]
    assert created["Arn"] == f"arn:aws:iam::{ACCOUNT}:user/people/{name}"
    assert (created["UserId"][:4], len(created["UserId"])) == ("AIDA", 21)
    assert created == iam.get_user(UserName=name)["User"]
    assert created["Tags"] == tags
    assert created["PermissionsBoundary"] == {"PermissionsBoundaryType": "Policy", "PermissionsBoundaryArn": READ_ONLY}
    assert created["CreateDate"].timestamp() * 1000 == world.clock.second()

    listed = iam.list_users(PathPrefix="/people/")["Users"]
    assert {k: v for k, v in created.items() if k not in ("Tags", "PermissionsBoundary")} in listed
    assert name not in [one["UserName"] for one in iam.list_users(PathPrefix="/peoples/")["Users"]]

    other = unique("grace")
    iam.update_user(UserName=name, NewUserName=other, NewPath="/")
    renamed = iam.get_user(UserName=other)["User"]
    assert (renamed["UserId"], renamed["Arn"]) == (created["UserId"], f"arn:aws:iam::{ACCOUNT}:user/{other}")
    assert refused(lambda: iam.get_user(UserName=name))[0] == "NoSuchEntity"
    iam.delete_user(UserName=other)
    assert refused(lambda: iam.delete_user(UserName=other)) == (
        "NoSuchEntity",
        f"The user with name {other} cannot be found.",
    )


def test_names_are_unique_whatever_their_case(world: World) -> None:
    """Two spellings are never two users, and only the one that was given finds it."""
    iam, name = client(world), made(world, "user")
    other = made(world, "user")
    exists = ("EntityAlreadyExists", f"User with name {name.upper()} already exists.")
    assert refused(lambda: iam.create_user(UserName=name.upper())) == exists
    assert refused(lambda: iam.update_user(UserName=other, NewUserName=name.upper())) == exists
    assert refused(lambda: iam.get_user(UserName=name.upper()))[0] == "NoSuchEntity"
    iam.update_user(UserName=name, NewUserName=name.upper())
    assert iam.get_user(UserName=name.upper())["User"]["UserName"] == name.upper()


@pytest.mark.parametrize("wrong", [{"UserName": "a b"}, {"UserName": "x" * 65}, {"UserName": "ok", "Path": "no"}])
def test_names_and_paths_keep_to_the_model(world: World, wrong: dict[str, str]) -> None:
    """ValidationError, in the words of every other service."""
    code, sentence = refused(lambda: client(world).create_user(**wrong))
    assert code == "ValidationError"
    assert "failed to satisfy constraint" in sentence


def test_who_asks_for_nobody_asks_for_themselves(world: World) -> None:
    """GetUser and the operations of keys without a name; root has no name and no path."""
    iam, name = client(world), made(world, "user")
    root = iam.get_user()["User"]
    assert (root["UserId"], root["Arn"]) == (ACCOUNT, f"arn:aws:iam::{ACCOUNT}:root")
    assert not {"UserName", "Path"} & root.keys()
    assert KEY_ID in [one["AccessKeyId"] for one in iam.list_access_keys()["AccessKeyMetadata"]]

    iam.attach_user_policy(UserName=name, PolicyArn="arn:aws:iam::aws:policy/AdministratorAccess")
    key = iam.create_access_key(UserName=name)["AccessKey"]
    own = by_key(world, key)
    assert own.get_user()["User"]["UserName"] == name
    second = own.create_access_key()["AccessKey"]
    assert second["UserName"] == name
    own.update_access_key(AccessKeyId=second["AccessKeyId"], Status="Inactive")
    states = {one["AccessKeyId"]: one["Status"] for one in own.list_access_keys()["AccessKeyMetadata"]}
    assert states == {key["AccessKeyId"]: "Active", second["AccessKeyId"]: "Inactive"}
    own.delete_access_key(AccessKeyId=second["AccessKeyId"])


def by_key(world: World, key: dict[str, str]) -> BaseClient:
    """Return a client that signs with a key that was made."""
    return boto3.client(
        "iam",
        region_name=REGION,
        endpoint_url=world.url,
        aws_access_key_id=key["AccessKeyId"],
        aws_secret_access_key=key["SecretAccessKey"],
        config=Config(retries={"max_attempts": 0}),
    )


def test_the_life_of_an_access_key(world: World) -> None:
    """Two a user; one that is off or gone signs nothing from the next call on; a deleted name's keys are nobody's."""
    iam, name = client(world), made(world, "user")
    iam.attach_user_policy(UserName=name, PolicyArn="arn:aws:iam::aws:policy/AdministratorAccess")
    key = iam.create_access_key(UserName=name)["AccessKey"]
    assert (key["UserName"], key["Status"], len(key["AccessKeyId"]), len(key["SecretAccessKey"])) == (
        name,
        "Active",
        20,
        40,
    )
    own, again = by_key(world, key), iam.create_access_key(UserName=name)["AccessKey"]
    assert refused(lambda: iam.create_access_key(UserName=name)) == (
        "LimitExceeded",
        "Cannot exceed quota for AccessKeysPerUser: 2",
    )
    listed = iam.list_access_keys(UserName=name)["AccessKeyMetadata"]
    assert {one["AccessKeyId"] for one in listed} == {key["AccessKeyId"], again["AccessKeyId"]}
    assert all("SecretAccessKey" not in one for one in listed)

    own.get_user()
    iam.update_user(UserName=name, NewUserName=name + "-2")
    name += "-2"
    assert own.get_user()["User"]["UserName"] == name
    iam.update_access_key(UserName=name, AccessKeyId=key["AccessKeyId"], Status="Inactive")
    assert refused(own.get_user)[0] == "InvalidClientTokenId"
    iam.update_access_key(UserName=name, AccessKeyId=key["AccessKeyId"], Status="Active")
    own.get_user()
    assert refused(lambda: iam.delete_user(UserName=name)) == (
        "DeleteConflict",
        "Cannot delete entity, must delete access keys first.",
    )
    for one in (key, again):
        iam.delete_access_key(UserName=name, AccessKeyId=one["AccessKeyId"])
    assert refused(own.get_user)[0] == "InvalidClientTokenId"
    gone = ("NoSuchEntity", f"The Access Key with id {key['AccessKeyId']} cannot be found.")
    assert refused(lambda: iam.delete_access_key(UserName=name, AccessKeyId=key["AccessKeyId"])) == gone


def test_a_key_of_somebody_else_is_as_if_it_were_not_there(world: World) -> None:
    """Whoever names a user names a key of that user; root's keys are root's alone."""
    iam, ada, eve = client(world), made(world, "user"), made(world, "user")
    key = iam.create_access_key(UserName=ada)["AccessKey"]["AccessKeyId"]
    for call in (
        partial(iam.delete_access_key, UserName=eve, AccessKeyId=key),
        partial(iam.update_access_key, UserName=eve, AccessKeyId=key, Status="Inactive"),
        partial(iam.delete_access_key, UserName=eve, AccessKeyId=KEY_ID),
        partial(iam.delete_access_key, AccessKeyId=key),
        partial(iam.create_access_key, UserName=unique("nobody")),
    ):
        assert refused(call)[0] == "NoSuchEntity"
    assert refused(lambda: iam.update_access_key(UserName=ada, AccessKeyId=key, Status="Expired"))[0] == "InvalidInput"


def last_use(world: World, key: dict[str, str], *, since: int = 0) -> dict[str, Any]:
    """Ask when a key was last used until it was since then: a use is noted behind its answer."""
    for _ in range(100):
        answer = client(world).get_access_key_last_used(AccessKeyId=key["AccessKeyId"])
        used: dict[str, Any] = answer["AccessKeyLastUsed"]
        if "LastUsedDate" in used and used["LastUsedDate"].timestamp() * 1000 >= since:
            break
    return used


def test_when_a_key_was_last_used_is_known_to_the_hour(world: World) -> None:
    """Service and region of the use; a key that nobody used says N/A."""
    iam, name = client(world), made(world, "user")
    key = iam.create_access_key(UserName=name)["AccessKey"]
    unused = iam.get_access_key_last_used(AccessKeyId=key["AccessKeyId"])
    assert (unused["UserName"], unused["AccessKeyLastUsed"]) == (name, {"ServiceName": "N/A", "Region": "N/A"})
    iam.attach_user_policy(UserName=name, PolicyArn="arn:aws:iam::aws:policy/AdministratorAccess")
    own = by_key(world, key)
    first = world.clock.now()
    own.list_groups()
    used = last_use(world, key, since=first)
    assert (used["ServiceName"], used["Region"]) == ("iam", REGION)
    assert used["LastUsedDate"].timestamp() * 1000 == first // 1000 * 1000
    world.clock.advance(HOUR // 2)
    own.list_groups()
    assert last_use(world, key) == used
    world.clock.advance(HOUR)
    own.list_groups()
    later = last_use(world, key, since=world.clock.now())
    assert later["LastUsedDate"].timestamp() * 1000 == world.clock.second()
    assert refused(lambda: iam.get_access_key_last_used(AccessKeyId="PKNOBODYNOBODYNOBODY"))[0] == "NoSuchEntity"


def test_the_life_of_a_group(world: World) -> None:
    """Create, fill, rename, empty, delete."""
    iam, name, ada, eve = client(world), unique("admins"), made(world, "user"), made(world, "user")
    created = iam.create_group(GroupName=name, Path="/g/")["Group"]
    assert (created["GroupId"][:4], created["Arn"]) == ("AGPA", f"arn:aws:iam::{ACCOUNT}:group/g/{name}")
    for user in (ada, eve, ada):
        iam.add_user_to_group(GroupName=name, UserName=user)
    got = iam.get_group(GroupName=name)
    assert got["Group"] == created
    assert [one["UserName"] for one in got["Users"]] == sorted([ada, eve])
    assert [one["GroupName"] for one in iam.list_groups_for_user(UserName=ada)["Groups"]] == [name]
    assert created in iam.list_groups(PathPrefix="/g/")["Groups"]

    full = ("DeleteConflict", "Cannot delete entity, must remove users from group first.")
    assert refused(lambda: iam.delete_group(GroupName=name)) == full
    assert refused(lambda: iam.delete_user(UserName=ada))[0] == "DeleteConflict"
    other = unique("others")
    iam.update_group(GroupName=name, NewGroupName=other, NewPath="/")
    assert iam.get_group(GroupName=other)["Group"]["GroupId"] == created["GroupId"]
    for user in (ada, eve):
        iam.remove_user_from_group(GroupName=other, UserName=user)
    assert refused(lambda: iam.remove_user_from_group(GroupName=other, UserName=ada))[0] == "NoSuchEntity"
    iam.delete_group(GroupName=other)
    assert refused(lambda: iam.get_group(GroupName=other)) == (
        "NoSuchEntity",
        f"The group with name {other} cannot be found.",
    )


def test_what_groups_refuse(world: World) -> None:
    """Two of one name, an eleventh group of a user, members that nobody knows."""
    iam, name, ada = client(world), made(world, "group"), made(world, "user")
    exists = ("EntityAlreadyExists", f"Group with name {name.upper()} already exists.")
    assert refused(lambda: iam.create_group(GroupName=name.upper())) == exists
    assert refused(lambda: iam.update_group(GroupName=made(world, "group"), NewGroupName=name.upper())) == exists
    assert refused(lambda: iam.add_user_to_group(GroupName=name, UserName=unique("nobody")))[0] == "NoSuchEntity"
    groups = [made(world, "group") for _ in range(10)]
    for group in groups:
        iam.add_user_to_group(GroupName=group, UserName=ada)
    iam.add_user_to_group(GroupName=groups[0], UserName=ada)
    assert refused(lambda: iam.add_user_to_group(GroupName=name, UserName=ada)) == (
        "LimitExceeded",
        "Cannot exceed quota for GroupsPerUser: 10",
    )


@pytest.mark.parametrize("kind", ["user", "group"])
def test_who_has_policies_is_not_deleted(world: World, kind: str) -> None:
    """Attached ones first, then inline ones, then it goes."""
    call = Of(world, kind, made(world, kind))
    call("attach_{}_policy", PolicyArn=READ_ONLY)
    call("put_{}_policy", PolicyName="own", PolicyDocument=allowing("cognito-idp:*"))
    detach = ("DeleteConflict", "Cannot delete entity, must detach all policies first.")
    assert refused(lambda: call("delete_{}")) == detach
    call("detach_{}_policy", PolicyArn=READ_ONLY)
    assert refused(lambda: call("delete_{}")) == ("DeleteConflict", "Cannot delete entity, must delete policies first.")
    call("delete_{}_policy", PolicyName="own")
    call("delete_{}")


@pytest.mark.parametrize("kind", ["user", "role"])
def test_boundaries_are_put_changed_and_taken_away(world: World, kind: str) -> None:
    """By a managed policy that is there, whoever's it is; it cannot go while it bounds somebody."""
    call = Of(world, kind, made(world, kind))
    iam = client(world)
    own = iam.create_policy(PolicyName=unique("bound"), PolicyDocument=allowing("*"))["Policy"]["Arn"]
    call("put_{}_permissions_boundary", PermissionsBoundary=READ_ONLY)
    call("put_{}_permissions_boundary", PermissionsBoundary=own)
    assert call("get_{}")[kind.capitalize()]["PermissionsBoundary"]["PermissionsBoundaryArn"] == own
    assert iam.get_policy(PolicyArn=own)["Policy"]["PermissionsBoundaryUsageCount"] == 1
    bounded = iam.list_entities_for_policy(PolicyArn=own, PolicyUsageFilter="PermissionsBoundary")
    assert len(bounded["PolicyUsers"]) + len(bounded["PolicyRoles"]) == 1
    without = iam.list_entities_for_policy(PolicyArn=own, PolicyUsageFilter="PermissionsPolicy")
    assert (without["PolicyUsers"], without["PolicyRoles"]) == ([], [])
    assert refused(lambda: iam.delete_policy(PolicyArn=own))[0] == "DeleteConflict"
    missing = ("NoSuchEntity", f"Scope ARN: {NOBODY} does not exist or is not attachable.")
    assert refused(lambda: call("put_{}_permissions_boundary", PermissionsBoundary=NOBODY)) == missing
    call("delete_{}_permissions_boundary")
    assert "PermissionsBoundary" not in call("get_{}")[kind.capitalize()]
    assert refused(lambda: call("delete_{}_permissions_boundary"))[0] == "NoSuchEntity"
    iam.delete_policy(PolicyArn=own)


def test_what_there_is_none_of_is_said_truly(world: World) -> None:
    """Empty lists of users and roles that are there; NoSuchEntity of others, and of a console's password."""
    iam, user, role = client(world), made(world, "user"), made(world, "role")
    assert iam.list_account_aliases()["AccountAliases"] == []
    assert iam.list_virtual_mfa_devices(AssignmentStatus="Assigned")["VirtualMFADevices"] == []
    assert iam.list_instance_profiles_for_role(RoleName=role)["InstanceProfiles"] == []
    assert iam.list_mfa_devices(UserName=user)["MFADevices"] == []
    assert iam.list_ssh_public_keys(UserName=user)["SSHPublicKeys"] == []
    assert iam.list_signing_certificates(UserName=user)["Certificates"] == []
    assert iam.list_service_specific_credentials(UserName=user)["ServiceSpecificCredentials"] == []
    no_password = ("NoSuchEntity", f"Login Profile for User {user} cannot be found.")
    assert refused(lambda: iam.get_login_profile(UserName=user)) == no_password
    assert refused(lambda: iam.delete_login_profile(UserName=user)) == no_password
    nobody = unique("nobody")
    assert refused(lambda: iam.list_mfa_devices(UserName=nobody))[0] == "NoSuchEntity"
    assert refused(lambda: iam.list_instance_profiles_for_role(RoleName=nobody))[0] == "NoSuchEntity"


def test_what_is_not_built_says_so(world: World) -> None:
    """501 for what AWS has and we have not; InvalidAction for what nobody has."""
    iam = client(world)
    assert refused(lambda: iam.create_instance_profile(InstanceProfileName="x")) == (
        "NotImplemented",
        "Poolkeeper does not have CreateInstanceProfile yet.",
    )
    assert refused(lambda: iam.create_role(RoleName="x", AssumeRolePolicyDocument="{}", MaxSigninSessionDuration=3600))[
        0
    ] == ("NotImplemented")
