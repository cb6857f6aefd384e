"""What does the example need at the server? A user pool with two people, an identity pool, and a role for one's own prefix."""

import json
import os
from pathlib import Path
from typing import Any

import boto3

ENDPOINT, REGION, BUCKET = os.environ["APP_ENDPOINT"], "us-east-1", "store"
ENV = Path(__file__).with_name(".env")
PEOPLE, PASSWORD = ("ada@example.com", "alan@example.com"), "Correct-Horse-1"
OWN = "${cognito-identity.amazonaws.com:sub}/*"


def client(name: str) -> Any:
    """Return a client of the server's."""
    return boto3.client(name, endpoint_url=ENDPOINT, region_name=REGION)


def main() -> None:
    """Make everything anew: the store forgets its files at its end, too."""
    pool_id, client_id = _users()
    identity_pool_id = _identities(f"cognito-idp.{REGION}.amazonaws.com/{pool_id}", client_id)
    lines = {
        "APP_ENDPOINT": ENDPOINT,
        "APP_REGION": REGION,
        "APP_POOL_ID": pool_id,
        "APP_CLIENT_ID": client_id,
        "APP_IDENTITY_POOL_ID": identity_pool_id,
        "APP_STORE": os.environ["APP_STORE"],
        "APP_BUCKET": BUCKET,
    }
    ENV.write_text("".join(f"{name}={value}\n" for name, value in lines.items()), encoding="utf-8")
    print(f"Sign in as {' or '.join(PEOPLE)} with {PASSWORD}")


def _users() -> tuple[str, str]:
    idp = client("cognito-idp")
    pool_id = idp.create_user_pool(PoolName="scenario", UsernameAttributes=["email"])["UserPool"]["Id"]
    made = idp.create_user_pool_client(
        UserPoolId=pool_id,
        ClientName="scenario",
        ExplicitAuthFlows=["ALLOW_USER_SRP_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"],
    )
    for name in PEOPLE:
        idp.admin_create_user(UserPoolId=pool_id, Username=name, MessageAction="SUPPRESS")
        idp.admin_set_user_password(UserPoolId=pool_id, Username=name, Password=PASSWORD, Permanent=True)
    return pool_id, made["UserPoolClient"]["ClientId"]


def _identities(provider: str, client_id: str) -> str:
    """Make an identity pool whose members may read, write and list what is below their own id, and nothing else."""
    identity, iam = client("cognito-identity"), client("iam")
    pool_id: str = identity.create_identity_pool(
        IdentityPoolName="scenario",
        AllowUnauthenticatedIdentities=False,
        CognitoIdentityProviders=[{"ProviderName": provider, "ClientId": client_id}],
    )["IdentityPoolId"]
    name = f"scenario-{pool_id.rpartition(':')[2]}"
    trust = {
        "Effect": "Allow",
        "Principal": {"Federated": "cognito-identity.amazonaws.com"},
        "Action": "sts:AssumeRoleWithWebIdentity",
        "Condition": {
            "StringEquals": {"cognito-identity.amazonaws.com:aud": pool_id},
            "ForAnyValue:StringLike": {"cognito-identity.amazonaws.com:amr": "authenticated"},
        },
    }
    bucket = f"arn:aws:s3:::{BUCKET}"
    rights = (
        {"Effect": "Allow", "Action": ["s3:GetObject", "s3:PutObject"], "Resource": f"{bucket}/{OWN}"},
        {
            "Effect": "Allow",
            "Action": "s3:ListBucket",
            "Resource": bucket,
            "Condition": {"StringLike": {"s3:prefix": OWN}},
        },
    )
    arn = iam.create_role(RoleName=name, AssumeRolePolicyDocument=_document(trust))["Role"]["Arn"]
    iam.put_role_policy(RoleName=name, PolicyName="own-files", PolicyDocument=_document(*rights))
    identity.set_identity_pool_roles(IdentityPoolId=pool_id, Roles={"authenticated": arn})
    return pool_id


def _document(*statements: dict[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": statements})


if __name__ == "__main__":
    main()
