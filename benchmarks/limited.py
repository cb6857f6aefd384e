"""What does it cost to judge a call? AdminGetUser by a user with a policy, and by a session of a role, beside root's."""

import json
from itertools import count as numbers
from typing import Any

import boto3
from botocore.credentials import Credentials
from calls import REGION, cycled, post
from servers import ACCESS_KEY_ID, SECRET_ACCESS_KEY
from world import World

_POLICY = "arn:aws:iam::aws:policy/AmazonCognitoPowerUser"
_number = numbers()


def by_a_limited_key(world: World, count: int) -> list[bytes]:
    """Sign by a new user's key, whose one policy is AWS's for all of Cognito."""
    return _gets(world, count, _limited_key(world)[0])


def by_a_session(world: World, count: int) -> list[bytes]:
    """Sign by a session of a role that has this policy; a session policy narrows it to one pool."""
    key, user_arn = _limited_key(world)
    iam, name = _client(world, "iam"), f"bench-role-{next(_number)}"
    trust = _document("sts:AssumeRole", Principal={"AWS": user_arn})
    arn = iam.create_role(RoleName=name, AssumeRolePolicyDocument=trust)["Role"]["Arn"]
    iam.attach_role_policy(RoleName=name, PolicyArn=_POLICY)
    pool = f"arn:aws:cognito-idp:{REGION}:*:userpool/{world.pool_id}"
    made = _client(world, "sts", key).assume_role(
        RoleArn=arn, RoleSessionName="bench", Policy=_document("cognito-idp:*", Resource=pool)
    )["Credentials"]
    return _gets(world, count, Credentials(made["AccessKeyId"], made["SecretAccessKey"], made["SessionToken"]))


def _gets(world: World, count: int, key: Credentials) -> list[bytes]:
    def request(name: str) -> bytes:
        asked = {"UserPoolId": world.pool_id, "Username": name}
        return post(world.server.port, "AdminGetUser", asked, signed=True, key=key)

    return cycled((request(user.name) for user in world.users), count)


def _limited_key(world: World) -> tuple[Credentials, str]:
    iam, name = _client(world, "iam"), f"bench-{next(_number)}"
    arn = str(iam.create_user(UserName=name)["User"]["Arn"])
    iam.attach_user_policy(UserName=name, PolicyArn=_POLICY)
    made = iam.create_access_key(UserName=name)["AccessKey"]
    return Credentials(made["AccessKeyId"], made["SecretAccessKey"]), arn


def _client(world: World, service: str, key: Credentials | None = None) -> Any:
    return boto3.client(
        service,
        region_name=REGION,
        endpoint_url=f"http://127.0.0.1:{world.server.port}",
        aws_access_key_id=ACCESS_KEY_ID if key is None else key.access_key,
        aws_secret_access_key=SECRET_ACCESS_KEY if key is None else key.secret_key,
    )


def _document(action: str, **elements: Any) -> str:
    statement = {"Effect": "Allow", "Action": action, **elements}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})
