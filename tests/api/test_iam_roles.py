"""Roles and whom they trust, as an unmodified boto3 keeps them."""

import json
from collections.abc import Callable
from datetime import UTC
from functools import partial
from time import sleep
from typing import Any

import pytest

from api.iam import ACCOUNT, READ_ONLY, TRUST, allowing, client, made, unique
from api.principals import allow, person
from api.world import REGION, World, refused
from poolkeeper.clock import HOUR
from poolkeeper.store import iam_changes


def trusting(*names: str) -> str:
    """Return a trust policy that names some principals."""
    statement = {
        "Effect": "Allow",
        "Principal": {"AWS": names[0] if len(names) == 1 else list(names)},
        "Action": "sts:AssumeRole",
        "Condition": {"ArnLike": {"aws:PrincipalArn": list(names)}},
    }
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def test_the_life_of_a_role(world: World) -> None:
    """Create, read, change each thing by its own call, list, delete."""
    iam, name = client(world), unique("role")
    tags = [{"Key": "team", "Value": "a"}]
    created = iam.create_role(
        RoleName=name,
        Path="/app/",
        AssumeRolePolicyDocument=TRUST,
        Description="d",
        Tags=tags,
        PermissionsBoundary=READ_ONLY,
    )["Role"]
    assert created["Arn"] == f"arn:aws:iam::{ACCOUNT}:role/app/{name}"
    assert (created["RoleId"][:4], created["MaxSessionDuration"]) == ("AROA", 3600)
    assert created["AssumeRolePolicyDocument"] == json.loads(TRUST)
    got = iam.get_role(RoleName=name)["Role"]
    assert got == {**created, "RoleLastUsed": {}}
    exists = ("EntityAlreadyExists", f"Role with name {name.upper()} already exists.")
    assert refused(lambda: iam.create_role(RoleName=name.upper(), AssumeRolePolicyDocument=TRUST)) == exists

    iam.update_role(RoleName=name, MaxSessionDuration=43200)
    described = iam.update_role_description(RoleName=name, Description="other")["Role"]
    assert (described["Description"], described["MaxSessionDuration"]) == ("other", 43200)
    iam.update_role(RoleName=name, Description="")
    changed = iam.get_role(RoleName=name)["Role"]
    assert (changed["Description"], changed["MaxSessionDuration"]) == ("", 43200)
    for wrong in (
        ("AWS", f"arn:aws:iam::{ACCOUNT}:group/all"),
        ("Service", "lambda"),
        ("Service", "Lambda.amazonaws.com"),
    ):
        document = json.loads(TRUST)
        document["Statement"][0]["Principal"] = dict([wrong])
        sentence = f'Invalid principal in policy: "{wrong[0].upper()}":"{wrong[1]}"'
        updated = partial(iam.update_assume_role_policy, RoleName=name, PolicyDocument=json.dumps(document))
        assert refused(updated) == ("MalformedPolicyDocument", sentence)
    by_web = TRUST.replace('"AWS"', '"Federated"').replace("sts:AssumeRole", "sts:AssumeRoleWithWebIdentity")
    by_web = by_web.replace(f"arn:aws:iam::{ACCOUNT}:root", "accounts.google.com")
    iam.update_assume_role_policy(RoleName=name, PolicyDocument=by_web)
    assert iam.get_role(RoleName=name)["Role"]["AssumeRolePolicyDocument"] == json.loads(by_web)

    listed = iam.list_roles(PathPrefix="/app/")["Roles"]
    (found,) = (one for one in listed if one["RoleName"] == name)
    assert not {"Tags", "PermissionsBoundary", "RoleLastUsed"} & found.keys()
    iam.delete_role(RoleName=name)
    gone = ("NoSuchEntity", f"The role with name {name} cannot be found.")
    assert refused(lambda: iam.get_role(RoleName=name)) == gone
    assert refused(lambda: iam.update_role(RoleName=name, Description="x")) == gone
    assert refused(lambda: iam.update_role_description(RoleName=name, Description="x")) == gone
    assert refused(lambda: iam.update_assume_role_policy(RoleName=name, PolicyDocument=TRUST)) == gone
    assert refused(lambda: iam.delete_role(RoleName=name)) == gone


def test_a_role_that_has_policies_is_not_deleted(world: World) -> None:
    """Attached ones first, then inline ones."""
    iam, name = client(world), made(world, "role")
    iam.attach_role_policy(RoleName=name, PolicyArn=READ_ONLY)
    iam.put_role_policy(RoleName=name, PolicyName="own", PolicyDocument=allowing("a:B"))
    detach = ("DeleteConflict", "Cannot delete entity, must detach all policies first.")
    assert refused(lambda: iam.delete_role(RoleName=name)) == detach
    iam.detach_role_policy(RoleName=name, PolicyArn=READ_ONLY)
    own = ("DeleteConflict", "Cannot delete entity, must delete policies first.")
    assert refused(lambda: iam.delete_role(RoleName=name)) == own
    iam.delete_role_policy(RoleName=name, PolicyName="own")
    iam.delete_role(RoleName=name)


def test_how_long_a_session_may_be_is_bounded(world: World) -> None:
    """Twelve hours at the most; boto3 itself refuses less than one."""
    work = partial(
        client(world).create_role,
        RoleName=unique("r"),
        AssumeRolePolicyDocument=TRUST,
        MaxSessionDuration=43201,
    )
    assert refused(work)[0] == "ValidationError"


def trusted(iam: Any, role: str) -> Any:
    """Return whom a role says that it trusts."""
    document = iam.get_role(RoleName=role)["Role"]["AssumeRolePolicyDocument"]
    return document["Statement"][0]["Principal"]["AWS"]


@pytest.mark.parametrize("kind", ["user", "role"])
def test_trust_is_in_somebody_and_not_in_a_name(world: World, kind: str) -> None:
    """A new name shows; whoever takes the name of one who is gone is not trusted: the id of the other is left."""
    iam, name, role = client(world), made(world, kind), unique("trusting")
    first = iam.get_user(UserName=name)["User"] if kind == "user" else iam.get_role(RoleName=name)["Role"]
    arn, identity = first["Arn"], first[f"{kind.capitalize()}Id"]
    created = iam.create_role(RoleName=role, AssumeRolePolicyDocument=trusting(arn, f"arn:aws:iam::{ACCOUNT}:root"))
    document = created["Role"]["AssumeRolePolicyDocument"]
    assert document == json.loads(trusting(arn, f"arn:aws:iam::{ACCOUNT}:root"))
    assert trusted(iam, role) == [arn, f"arn:aws:iam::{ACCOUNT}:root"]
    iam.update_assume_role_policy(RoleName=role, PolicyDocument=trusting(arn))
    assert trusted(iam, role) == arn
    kept = world.rows("SELECT trust_policy FROM iam_entities WHERE kind = 'role' AND name = $1", role)[0][0]
    assert json.loads(kept)["Statement"][0]["Principal"] == {"AWS": identity}
    assert json.loads(kept)["Statement"][0]["Condition"] == {"ArnLike": {"aws:PrincipalArn": [arn]}}

    if kind == "user":
        iam.update_user(UserName=name, NewUserName=name + "-2")
        assert trusted(iam, role) == arn + "-2"
        iam.update_user(UserName=name + "-2", NewUserName=name)
        iam.delete_user(UserName=name)
        iam.create_user(UserName=name)
    else:
        iam.delete_role(RoleName=name)
        iam.create_role(RoleName=name, AssumeRolePolicyDocument=TRUST)
    assert trusted(iam, role) == identity
    listed = {one["RoleName"]: one["AssumeRolePolicyDocument"] for one in iam.list_roles(MaxItems=1000)["Roles"]}
    assert listed[role]["Statement"][0]["Principal"]["AWS"] == identity
    again = refused(lambda: iam.update_assume_role_policy(RoleName=role, PolicyDocument=trusting(identity)))
    assert again == ("MalformedPolicyDocument", f'Invalid principal in policy: "AWS":"{identity}"')


def test_nobody_is_trusted_who_is_not_there(world: World) -> None:
    """Whoever of another account is named is not known here, and may be."""
    iam, role = client(world), made(world, "role")
    for kind in ("user", "role"):
        nobody = f"arn:aws:iam::{ACCOUNT}:{kind}/{unique('nobody')}"
        work = partial(iam.create_role, RoleName=unique("r"), AssumeRolePolicyDocument=trusting(nobody))
        assert refused(work) == ("MalformedPolicyDocument", f'Invalid principal in policy: "AWS":"{nobody}"')
    other = "arn:aws:iam::111111111111:user/ada"
    iam.update_assume_role_policy(RoleName=role, PolicyDocument=trusting(other))
    assert trusted(iam, role) == other


def _wait_until(true: Callable[[], bool]) -> None:
    """Wait for what is written behind an answer."""
    for _ in range(3_000):
        if true():
            return
        sleep(0.02)
    raise AssertionError("it never came true")


def test_when_a_role_was_last_used(world: World) -> None:
    """By a request of a session, not by AssumeRole; once an hour at the most, and no change of iam for it."""
    iam, name = client(world), made(world, "role")
    ada = person(world, allow("sts:AssumeRole"))
    session = ada.assume(f"arn:aws:iam::{ACCOUNT}:role/{name}")
    number = partial(world.run, lambda: iam_changes.number(world.house.db))
    before = number()

    def used() -> dict[str, Any]:
        last: dict[str, Any] = iam.get_role(RoleName=name)["Role"]["RoleLastUsed"]
        return last

    assert used() == {}
    first = world.clock.datetime()
    session.client("sts", region="eu-west-1").get_caller_identity()
    _wait_until(lambda: used() != {})
    assert used() == {"LastUsedDate": first.replace(microsecond=0, tzinfo=UTC), "Region": "eu-west-1"}
    world.clock.advance(HOUR - 1)
    later = ada.assume(f"arn:aws:iam::{ACCOUNT}:role/{name}")
    later.client("sts").get_caller_identity()
    assert used()["Region"] == "eu-west-1"
    world.clock.advance(1)
    later.client("sts").get_caller_identity()
    _wait_until(lambda: used()["Region"] == REGION)
    assert number() == before
