"""Do the clients of identity pools work, unmodified? Credentials by the AWS SDK for JavaScript and by Amplify."""

import json
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from clients.serving import REGION, Server, client_environment, new_client, new_pool, new_user, service, serving
from clients.telling import told_by_node

NAME, PASSWORD = "ada", "Correct-Horse-1"
ROLES = {"authenticated": "members", "unauthenticated": "guests"}


def identity_pool(server: Server, pool_id: str, client_id: str) -> str:
    """Make an identity pool, with a role for members that may describe the user pool, and one for guests."""
    iam, identity = service(server, "iam"), service(server, "cognito-identity")
    made = identity.create_identity_pool(
        IdentityPoolName="tests",
        AllowUnauthenticatedIdentities=True,
        DeveloperProviderName="login.example",
        CognitoIdentityProviders=[
            {"ProviderName": f"cognito-idp.{REGION}.amazonaws.com/{pool_id}", "ClientId": client_id}
        ],
    )
    identity_pool_id = str(made["IdentityPoolId"])
    arns = {}
    for kind, name in ROLES.items():
        trust = {
            "Effect": "Allow",
            "Principal": {"Federated": "cognito-identity.amazonaws.com"},
            "Action": "sts:AssumeRoleWithWebIdentity",
            "Condition": {
                "StringEquals": {"cognito-identity.amazonaws.com:aud": identity_pool_id},
                "ForAnyValue:StringLike": {"cognito-identity.amazonaws.com:amr": kind},
            },
        }
        arns[kind] = iam.create_role(RoleName=name, AssumeRolePolicyDocument=policy(trust))["Role"]["Arn"]
    allowed = {"Effect": "Allow", "Action": "cognito-idp:DescribeUserPool", "Resource": "*"}
    iam.put_role_policy(RoleName=ROLES["authenticated"], PolicyName="own", PolicyDocument=policy(allowed))
    identity.set_identity_pool_roles(IdentityPoolId=identity_pool_id, Roles=arns)
    return identity_pool_id


def policy(statement: dict[str, Any]) -> str:
    """Return a policy of one statement."""
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def who(server: Server, credentials: dict[str, str]) -> str:
    """Return the ARN that credentials are of."""
    sts = boto3.client(
        "sts",
        region_name=REGION,
        endpoint_url=server.endpoint,
        aws_access_key_id=credentials["accessKeyId"],
        aws_secret_access_key=credentials["secretAccessKey"],
        aws_session_token=credentials["sessionToken"],
    )
    return str(sts.get_caller_identity()["Arn"])


def test_the_clients_get_credentials_by_themselves(tmp_path: Path) -> None:
    """As a guest and as a member; both clients are led to the same identity of a user, and each guest is another one."""
    with serving(tmp_path) as server:
        pool_id = new_pool(server)
        client_id = new_client(server, pool_id)["ClientId"]
        new_user(server, pool_id, NAME, PASSWORD)
        identity_pool_id = identity_pool(server, pool_id, client_id)
        vouched = service(server, "cognito-identity").get_open_id_token_for_developer_identity(
            IdentityPoolId=identity_pool_id, Logins={"login.example": "u1"}
        )
        role_arn = "arn:aws:iam::000000000000:role/members"
        told = told_by_node(
            tmp_path,
            "identity_pools.mjs",
            server,
            poolId=pool_id,
            clientId=client_id,
            identityPoolId=identity_pool_id,
            username=NAME,
            password=PASSWORD,
            roleArn=role_arn,
            webIdentityToken=vouched["Token"],
        )
        sdk, amplify = told["sdk"], told["amplify"]
        assert who(server, sdk["byToken"]) == "arn:aws:sts::000000000000:assumed-role/members/by-token"
        of_members = [sdk["member"], sdk["byId"], amplify["member"]["credentials"]]
        of_guests = [sdk["guest"], amplify["guest"]["credentials"]]
        for held, name in ((of_members, "members"), (of_guests, "guests")):
            for credentials in held:
                arn = f"arn:aws:sts::000000000000:assumed-role/{name}/CognitoIdentityCredentials"
                assert who(server, credentials) == arn
    # Amplify's guest signed in, and was known already by the SDK's sign-in.
    assert sdk["member"]["identityId"] == amplify["member"]["identityId"]
    assert sdk["guest"]["identityId"] != amplify["guest"]["identityId"]


def test_boto3_takes_a_role_for_an_identitys_token_by_itself(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """By the variables that a container is given; a token that is over is told as AWS tells it."""
    with serving(tmp_path) as server:
        pool_id = new_pool(server)
        identity_pool_id = identity_pool(server, pool_id, new_client(server, pool_id)["ClientId"])
        vouched = service(server, "cognito-identity").get_open_id_token_for_developer_identity(
            IdentityPoolId=identity_pool_id, Logins={"login.example": "u1"}
        )
        (tmp_path / "token").write_text(vouched["Token"])
        for name, value in client_environment(
            tmp_path,
            AWS_ROLE_ARN="arn:aws:iam::000000000000:role/members",
            AWS_WEB_IDENTITY_TOKEN_FILE=str(tmp_path / "token"),
            AWS_ROLE_SESSION_NAME="in-a-container",
            AWS_ENDPOINT_URL=server.endpoint,
            AWS_DEFAULT_REGION=REGION,
        ).items():
            monkeypatch.setenv(name, value)
        session = boto3.Session()
        assert session.client("sts").get_caller_identity()["Arn"].endswith(":assumed-role/members/in-a-container")
        assert session.client("cognito-idp").describe_user_pool(UserPoolId=pool_id)["UserPool"]["Id"] == pool_id
        (tmp_path / "token").write_text("garbage")
        with pytest.raises(ClientError, match="InvalidIdentityToken"):
            boto3.Session().client("sts").get_caller_identity()
