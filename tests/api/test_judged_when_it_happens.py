"""When is a change of users, roles and policies judged? By what is there when it happens, not by what was there before."""

from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any

import pytest

from api.iam import ACCOUNT, TRUST, allowing, client, policy, unique
from api.principals import Holder, allow, person
from api.world import World, refused
from poolkeeper.operations.iam_changes import change as change_of_iam
from poolkeeper.store import iam_changes
from poolkeeper.store.db import Transaction

ADMINISTRATOR = "arn:aws:iam::aws:policy/AdministratorAccess"
Change = Callable[[Transaction], Awaitable[Any]]


def arn(kind: str, name: str) -> str:
    """Return an ARN of iam's."""
    return f"arn:aws:iam::{ACCOUNT}:{kind}/{name}"


def is_change(body: Change) -> bool:
    """Tell a change of iam's from what else is written, such as when a key was last used."""
    return body.__module__ == change_of_iam.__module__


def before_the_next_change(world: World, monkeypatch: pytest.MonkeyPatch, sql: str, *args: object) -> list[str]:
    """Let somebody else's change come between the judging of the next change and the change; return what came between."""
    came: list[str] = []
    database = type(world.house.db)
    write = database.write

    async def overtaken(self: Any, body: Change) -> Any:
        async def change(tx: Transaction) -> None:
            await iam_changes.begin(tx)
            await tx.execute(sql, *args)

        if not came and is_change(body):
            came.append(sql)
            await write(self, change)
        return await write(self, body)

    monkeypatch.setattr(database, "write", overtaken)
    return came


def delegate(world: World, boundary: str) -> Holder:
    """Make who may make users and give them policies, as long as a boundary holds them."""
    bounded = {"StringEquals": {"iam:PermissionsBoundary": boundary}}
    return person(
        world,
        allow("iam:CreateUser", "iam:AttachUserPolicy", resource=arn("user", "*"), Condition=bounded),
        allow("iam:DeleteUser", "iam:TagUser", resource=arn("user", "*")),
    )


def test_whoever_lost_the_boundary_meanwhile_gets_no_policy(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """AttachUserPolicy was let through for a bounded user, and another stands there by that name when it happens."""
    boundary, name = policy(world, allowing("cognito-idp:ListUserPools")), unique("user")
    iam = delegate(world, boundary).client("iam")
    iam.create_user(UserName=name, PermissionsBoundary=boundary)
    sql = "UPDATE iam_entities SET boundary_id = NULL WHERE kind = 'user' AND name = $1"
    assert before_the_next_change(world, monkeypatch, sql, name) == []
    assert refused(lambda: iam.attach_user_policy(UserName=name, PolicyArn=ADMINISTRATOR))[0] == "AccessDenied"
    assert client(world).list_attached_user_policies(UserName=name)["AttachedPolicies"] == []


def test_a_change_that_is_still_allowed_happens_once(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Judged anew, and not refused because somebody else changed something."""
    boundary, name = policy(world, allowing("cognito-idp:ListUserPools")), unique("user")
    iam = delegate(world, boundary).client("iam")
    iam.create_user(UserName=name, PermissionsBoundary=boundary)
    before = world.run(lambda: iam_changes.number(world.house.db))
    sql = "UPDATE iam_entities SET tags = '{}' WHERE kind = 'user' AND name = $1"
    came = before_the_next_change(world, monkeypatch, sql, name)
    iam.attach_user_policy(UserName=name, PolicyArn=ADMINISTRATOR)
    assert came == [sql]
    assert world.run(lambda: iam_changes.number(world.house.db)) == before + 2


def test_a_right_that_is_taken_meanwhile_is_gone(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """The policy of whoever asks, and their key."""
    ada = person(world, allow("iam:TagUser"))
    tag = {"UserName": ada.name, "Tags": [{"Key": "team", "Value": "red"}]}
    with monkeypatch.context() as patched:
        sql = "DELETE FROM iam_inline_policies WHERE owner_id = (SELECT entity_id FROM iam_entities WHERE name = $1)"
        before_the_next_change(world, patched, sql, ada.name)
        assert refused(lambda: ada.client("iam").tag_user(**tag))[0] == "AccessDenied"
    ada.put(allow("iam:TagUser"))
    with monkeypatch.context() as patched:
        sql = "DELETE FROM access_keys WHERE access_key_id = $1"
        before_the_next_change(world, patched, sql, ada.access_key_id)
        assert refused(lambda: ada.client("iam").tag_user(**tag))[0] == "InvalidClientTokenId"
    assert client(world).list_user_tags(UserName=ada.name)["Tags"] == []


def test_endless_changes_of_others_are_a_conflict(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever is overtaken again and again hears that, and nothing of theirs has happened."""
    ada = person(world, allow("iam:TagUser"))
    database = type(world.house.db)
    write = database.write

    async def overtaken(self: Any, body: Change) -> Any:
        if is_change(body):
            await write(self, iam_changes.begin)
        return await write(self, body)

    with monkeypatch.context() as patched:
        patched.setattr(database, "write", overtaken)
        tags = [{"Key": "team", "Value": "red"}]
        code, _ = refused(lambda: ada.client("iam").tag_user(UserName=ada.name, Tags=tags))
    assert code == "ConcurrentModification"
    assert client(world).list_user_tags(UserName=ada.name)["Tags"] == []


def test_what_is_made_is_judged_by_what_is_asked(world: World) -> None:
    """Whoever has the name already lends neither path nor tags nor boundary: they may be gone when it happens."""
    boundary, name = policy(world, allowing("cognito-idp:ListUserPools")), unique("team")
    root, red = client(world), [{"Key": "team", "Value": "red"}]
    root.create_user(UserName=name, Path="/team/", PermissionsBoundary=boundary, Tags=red)
    root.create_role(
        RoleName=name, Path="/team/", PermissionsBoundary=boundary, Tags=red, AssumeRolePolicyDocument=TRUST
    )
    root.create_group(GroupName=name, Path="/team/")
    bounded = {"StringEquals": {"iam:PermissionsBoundary": boundary}}
    iam = person(
        world,
        allow(
            "iam:CreateUser",
            "iam:CreateRole",
            resource=[arn("user", "team/*"), arn("role", "team/*")],
            Condition=bounded,
        ),
        allow("iam:CreateGroup", resource=arn("group", "team/*")),
    ).client("iam")
    making = {
        "user": lambda **more: iam.create_user(UserName=name, **more),
        "role": lambda **more: iam.create_role(RoleName=name, AssumeRolePolicyDocument=TRUST, **more),
        "group": lambda **more: iam.create_group(GroupName=name, **more),
    }
    for kind, make in making.items():
        if kind != "group":
            assert refused(partial(make, Path="/team/"))[0] == "AccessDenied", kind
        more = {} if kind == "group" else {"PermissionsBoundary": boundary}
        code, told = refused(partial(make, Path="/admins/", **more))
        assert (code, arn(kind, f"admins/{name}") in told) == ("AccessDenied", True), kind
        assert refused(partial(make, Path="/team/", **more))[0] == "EntityAlreadyExists", kind

    root.create_policy(PolicyName=name, PolicyDocument=allowing("a:B"), Tags=red)
    tagged = {"StringEquals": {"aws:ResourceTag/team": "red"}}
    ada = person(world, allow("iam:CreatePolicy", Condition=tagged)).client("iam")
    assert refused(lambda: ada.create_policy(PolicyName=name, PolicyDocument=allowing("a:B")))[0] == "AccessDenied"


@pytest.mark.parametrize("kind", ["user", "group"])
def test_a_new_name_is_judged_before_anybody_has_the_old_one(world: World, kind: str) -> None:
    """Whoever is made meanwhile is not carried where the caller may not."""
    name, other = unique("team"), unique("ceo")
    named = {f"{kind.capitalize()}Name": name}
    ada = person(world, allow("iam:UpdateUser", "iam:UpdateGroup", resource=arn(kind, "team-*"))).client("iam")
    update = getattr(ada, f"update_{kind}")
    for new, expected in (
        ({f"New{kind.capitalize()}Name": other, "NewPath": "/admins/"}, arn(kind, f"admins/{other}")),
        ({"NewPath": "/admins/"}, arn(kind, f"admins/{name}")),
        ({f"New{kind.capitalize()}Name": other}, arn(kind, other)),
    ):
        code, told = refused(partial(update, **named, **new))
        assert (code, expected in told) == ("AccessDenied", True), new
    assert refused(lambda: update(**named, **{f"New{kind.capitalize()}Name": unique("team")}))[0] == "NoSuchEntity"
