"""Who calls, in tests of rights? Users of the account with policies and keys of their own, and sessions of roles."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import count
from typing import Any

import boto3
from botocore.client import BaseClient
from botocore.config import Config

from api.world import REGION, World

ACCOUNT = "000000000000"
Statement = Mapping[str, Any]

_number = count()


def allow(*actions: str, resource: Any = "*", **more: Any) -> Statement:
    """Return a statement that allows; `more` are further elements, such as Condition."""
    return {"Effect": "Allow", "Action": list(actions), "Resource": resource, **more}


def deny(*actions: str, resource: Any = "*", **more: Any) -> Statement:
    """Return a statement that denies."""
    return {"Effect": "Deny", "Action": list(actions), "Resource": resource, **more}


def document(*statements: Statement) -> str:
    """Return a policy of these statements."""
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def pool_arn(pool_id: str) -> str:
    """Return the ARN of a user pool."""
    return f"arn:aws:cognito-idp:{pool_id.partition('_')[0]}:{ACCOUNT}:userpool/{pool_id}"


@dataclass
class Holder:
    """Whoever holds a key, or temporary credentials."""

    world: World
    arn: str
    access_key_id: str
    secret: str
    token: str | None = None
    name: str = ""
    clients: dict[tuple[str, str], BaseClient] = field(default_factory=dict)

    def client(self, service: str = "cognito-idp", *, region: str = REGION) -> BaseClient:
        """Return an unmodified client that signs with these credentials; what it sends is not looked at before."""
        if (service, region) not in self.clients:
            self.clients[service, region] = boto3.client(
                service,
                region_name=region,
                endpoint_url=self.world.url,
                aws_access_key_id=self.access_key_id,
                aws_secret_access_key=self.secret,
                aws_session_token=self.token,
                config=Config(retries={"max_attempts": 0}, parameter_validation=False),
            )
        return self.clients[service, region]

    def put(self, *statements: Statement) -> None:
        """Give a user this inline policy in place of the one before; without statements none."""
        iam = self.world.client("iam")
        if statements:
            iam.put_user_policy(UserName=self.name, PolicyName="own", PolicyDocument=document(*statements))
        else:
            iam.delete_user_policy(UserName=self.name, PolicyName="own")

    def assume(self, role_arn: str, session: str = "tests", **more: Any) -> "Holder":
        """Assume a role."""
        made = self.client("sts").assume_role(RoleArn=role_arn, RoleSessionName=session, **more)
        return holder_of(self.world, made["Credentials"], made["AssumedRoleUser"]["Arn"])


def person(world: World, *statements: Statement, name: str = "", managed: str = "", **more: Any) -> Holder:
    """Make a user with a key of their own, an inline policy of these statements, and one of AWS's managed policies."""
    name = name or f"person-{next(_number)}"
    iam = world.client("iam")
    made = iam.create_user(UserName=name, **more)["User"]
    key = iam.create_access_key(UserName=name)["AccessKey"]
    holder = Holder(world, made["Arn"], key["AccessKeyId"], key["SecretAccessKey"], name=name)
    if statements:
        holder.put(*statements)
    if managed:
        iam.attach_user_policy(UserName=name, PolicyArn=f"arn:aws:iam::aws:policy/{managed}")
    return holder


def holder_of(world: World, credentials: Mapping[str, Any], arn: str) -> Holder:
    """Return the holder of temporary credentials."""
    held = credentials
    return Holder(world, arn, held["AccessKeyId"], held["SecretAccessKey"], held["SessionToken"])


def trust(principal: Any, *actions: str, **more: Any) -> Statement:
    """Return a statement of a trust policy."""
    return {"Effect": "Allow", "Principal": principal, "Action": list(actions or ("sts:AssumeRole",)), **more}


def role(world: World, *trusts: Statement, allows: tuple[Statement, ...] = (), **more: Any) -> str:
    """Make a role with a trust policy and an inline policy, and return its ARN."""
    name = f"role-{next(_number)}"
    iam = world.client("iam")
    made = iam.create_role(RoleName=name, AssumeRolePolicyDocument=document(*trusts), **more)["Role"]
    if allows:
        iam.put_role_policy(RoleName=name, PolicyName="own", PolicyDocument=document(*allows))
    return str(made["Arn"])
