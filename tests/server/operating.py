"""What does an operator's test do to a server? It signs with the first key, makes pools and users, and reads the log."""

import json
from collections.abc import Callable
from typing import Any

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from poolkeeper.crypto.keyring import KeyRing
from poolkeeper.entropy import Entropy
from server.program import Place

KEY_ID, KEY_SECRET = "PKOPERATORSOPERATORS", "secret/of+the-operator"
KEY = {"root_access_key_id": KEY_ID, "root_secret_access_key": KEY_SECRET}


def client_of(
    where: Place,
    service: str = "cognito-idp",
    *,
    key: tuple[str, str] = (KEY_ID, KEY_SECRET),
    token: str | None = None,
    validated: bool = True,
) -> Any:
    """Return a boto3 client that signs with a key or temporary credentials.

    It sends what it takes for wrong where it is not `validated`.
    """
    return boto3.client(
        service,
        region_name="us-east-1",
        endpoint_url=where.endpoint,
        aws_access_key_id=key[0],
        aws_secret_access_key=key[1],
        aws_session_token=token,
        config=Config(retries={"total_max_attempts": 1}, parameter_validation=validated),
    )


def refused(call: Callable[[], Any], code: str) -> None:
    """Check that a call is refused with an error code."""
    with pytest.raises(ClientError) as caught:
        call()
    assert caught.value.response["Error"]["Code"] == code


def new_pool(where: Place) -> tuple[str, str]:
    """Make a pool and a client that allows passwords, and return their ids."""
    idp = client_of(where)
    pool_id = idp.create_user_pool(PoolName="operated")["UserPool"]["Id"]
    flows = ["ALLOW_USER_PASSWORD_AUTH", "ALLOW_USER_SRP_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"]
    made = idp.create_user_pool_client(UserPoolId=pool_id, ClientName="operated", ExplicitAuthFlows=flows)
    return pool_id, made["UserPoolClient"]["ClientId"]


def new_user(
    where: Place, pool_id: str, client_id: str, name: str = "ada", *, permanent: bool = True
) -> dict[str, Any]:
    """Make a user and begin to sign in: with a temporary password that ends in a challenge."""
    idp = client_of(where)
    idp.admin_create_user(UserPoolId=pool_id, Username=name, TemporaryPassword="First-Pass-1", MessageAction="SUPPRESS")
    if permanent:
        idp.admin_set_user_password(UserPoolId=pool_id, Username=name, Password="First-Pass-1", Permanent=True)
    return sign_in(where, client_id, name)


def sign_in(where: Place, client_id: str, name: str) -> dict[str, Any]:
    """Sign in with the first password."""
    answer: dict[str, Any] = client_of(where).initiate_auth(
        ClientId=client_id,
        AuthFlow="USER_PASSWORD_AUTH",
        AuthParameters={"USERNAME": name, "PASSWORD": "First-Pass-1"},
    )
    return answer


def json_lines(said: str) -> list[dict[str, Any]]:
    """Return the log lines in what a server said; the lines of a key are none."""
    return [json.loads(line) for line in said.splitlines() if line.startswith("{")]


def with_ring(where: Place) -> Place:
    """Make sealing keys for a place, as an operator does for PostgreSQL outside of development."""
    where.data.mkdir(mode=0o700, exist_ok=True)
    KeyRing.create(where.data / "sealing.keys", Entropy())
    return where
