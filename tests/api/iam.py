"""What do tests of the account's users, roles and policies begin with? Names of their own, and small policies."""

import json
from typing import Any
from uuid import uuid4

from botocore.client import BaseClient
from botocore.model import OperationModel

from api.world import World

ACCOUNT = "000000000000"
READ_ONLY = "arn:aws:iam::aws:policy/AmazonCognitoReadOnly"
NOBODY = f"arn:aws:iam::{ACCOUNT}:policy/Nobody"
TRUST = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": [
            {"Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:root"}, "Action": "sts:AssumeRole"}
        ],
    }
)
OWNERS = ("user", "group", "role")


def client(world: World) -> BaseClient:
    """Make a client that fails a test whose answer lacks what the model says is always there."""
    made = world.client("iam")
    made.meta.events.register("after-call.iam", _require_whole)
    return made


def _require_whole(http_response: Any, parsed: dict[str, Any], model: OperationModel, **_: Any) -> None:
    if http_response.status_code == 200 and model.output_shape is not None:
        _require_members(model.output_shape, parsed, model.name)


def _require_members(shape: Any, value: Any, path: str) -> None:
    """Go through what botocore's parser made of an answer: structures, and lists of them."""
    if shape.type_name == "structure":
        # A key of root has no path and no name.
        missing = set(shape.required_members) - value.keys() - ({"Path", "UserName"} if shape.name == "User" else set())
        assert not missing, f"{path} lacks {missing}"
        for name in shape.members.keys() & value.keys():
            _require_members(shape.members[name], value[name], f"{path}.{name}")
    elif shape.type_name == "list":
        for member in value:
            _require_members(shape.member, member, path)


def unique(prefix: str) -> str:
    """Return a name that no other test has."""
    return f"{prefix}-{uuid4().hex[:12]}"


def allowing(*actions: str, resource: str = "*", pad: int = 0) -> str:
    """Return a policy that allows some actions; `pad` characters make it longer."""
    statement = {"Sid": "A" * pad, "Effect": "Allow", "Action": list(actions), "Resource": resource}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def made(world: World, kind: str, **more: Any) -> str:
    """Make a user, a group or a role, and return its name."""
    name = unique(kind)
    trust = {"AssumeRolePolicyDocument": TRUST} if kind == "role" else {}
    named = {f"{kind.capitalize()}Name": name}
    getattr(client(world), f"create_{kind}")(**named, **trust, **more)
    return name


def policy(world: World, document: str = "", **more: Any) -> str:
    """Make a managed policy, and return its ARN."""
    named = {"PolicyName": unique("policy"), "PolicyDocument": document or allowing("cognito-idp:*")}
    return str(client(world).create_policy(**{**named, **more})["Policy"]["Arn"])


class Of:
    """Calls operations that are there for users, groups and roles, by one of the three."""

    def __init__(self, world: World, kind: str, name: str) -> None:
        self._iam, self._kind = client(world), kind
        self._named = {f"{kind.capitalize()}Name": name}

    def __call__(self, operation: str, **more: Any) -> dict[str, Any]:
        """Call `put_{}_policy` and its like."""
        answer: dict[str, Any] = getattr(self._iam, operation.format(self._kind))(**self._named, **more)
        return answer
