"""Which user pool does the example use? One that this program makes: pool, domain and app client, named in `.env`."""

import os
from pathlib import Path
from typing import Any

import boto3
from botocore.exceptions import ClientError

ENDPOINT = os.environ.get("AWS_ENDPOINT_URL", "http://localhost:7665")
HOME = f"http://localhost:{os.environ.get('FRONTEND_PORT', '5173')}/"
ENV = Path(__file__).with_name(".env")


def main() -> None:
    """Make what the example needs, unless an earlier run has made it and it is still there."""
    idp = boto3.client("cognito-idp", endpoint_url=ENDPOINT, region_name=os.environ.get("AWS_REGION", "us-east-1"))
    if not _is_there(idp):
        ENV.write_text(_made(idp), encoding="utf-8")
    print(ENV.read_text(encoding="utf-8"), end="")


def _is_there(idp: Any) -> bool:
    """Say whether the app client in `.env` still exists, at this server and for this address of the application."""
    if not ENV.exists():
        return False
    known = dict(line.split("=", 1) for line in ENV.read_text(encoding="utf-8").splitlines())
    server, _, pool_id = known["POOL_ISSUER"].rpartition("/")
    try:
        found = idp.describe_user_pool_client(UserPoolId=pool_id, ClientId=known["POOL_CLIENT_ID"])
    except ClientError as fault:
        if fault.response["Error"]["Code"] != "ResourceNotFoundException":
            raise
        return False
    return server == ENDPOINT and found["UserPoolClient"]["CallbackURLs"] == [HOME]


def _made(idp: Any) -> str:
    """Create a pool whose people sign up with an e-mail address, and return the lines of `.env`."""
    pool_id = idp.create_user_pool(
        PoolName="react-app", UsernameAttributes=["email"], AutoVerifiedAttributes=["email"]
    )["UserPool"]["Id"]
    # The last part of a pool's id is its own, and a domain is everybody's.
    idp.create_user_pool_domain(UserPoolId=pool_id, Domain=f"react-app-{pool_id.rpartition('_')[2].lower()}")
    # A script keeps no secret: the client has none, and proves by PKCE that the code is its own.
    client = idp.create_user_pool_client(
        UserPoolId=pool_id,
        ClientName="react-app",
        AllowedOAuthFlowsUserPoolClient=True,
        AllowedOAuthFlows=["code"],
        AllowedOAuthScopes=["openid", "email"],
        CallbackURLs=[HOME],
        LogoutURLs=[HOME],
        SupportedIdentityProviders=["COGNITO"],
    )["UserPoolClient"]
    return f"POOL_ISSUER={ENDPOINT}/{pool_id}\nPOOL_CLIENT_ID={client['ClientId']}\n"


if __name__ == "__main__":
    main()
