"""How does a client test get a server? One `poolkeeper serve --dev` process, and what its clients must know about it."""

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import boto3
import httpx
from botocore.config import Config
from joserfc import jwt
from joserfc.jwk import KeySet

from server import program

REGION = "eu-central-1"
ACCESS_KEY_ID = "AKIACLIENTTESTS00001"
SECRET_ACCESS_KEY = "clients/tests+secret0000000000000000000"

USER_FLOWS = ["ALLOW_USER_SRP_AUTH", "ALLOW_USER_PASSWORD_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"]


@dataclass(frozen=True, slots=True)
class Server:
    """A running server, by the place that it runs in."""

    place: program.Place

    @property
    def endpoint(self) -> str:
        return self.place.endpoint

    @property
    def tls_endpoint(self) -> str:
        return self.place.tls_endpoint

    @property
    def ca_file(self) -> Path:
        """The development authority that signed the certificate of `tls_endpoint`."""
        return self.place.data / "ca.pem"

    @property
    def outbox(self) -> str:
        return f"{self.endpoint}/_dev/outbox"


@contextmanager
def serving(folder: Path, **settings: str) -> Iterator[Server]:
    """Run a development server with its data in `folder` until the block ends, and then see that it stops well.

    `settings` are further variables of its environment, without POOLKEEPER_. Its calls out believe its own development
    authority, so that a test may answer them over https with the server's certificate.
    """
    place = program.place(
        folder, root_access_key_id=ACCESS_KEY_ID, root_secret_access_key=SECRET_ACCESS_KEY, **settings
    )
    place.environment["SSL_CERT_FILE"] = str(place.data / "ca.pem")
    with program.serving(place, "--dev"):
        yield Server(place)


def client_environment(folder: Path, **variables: str) -> dict[str, str]:
    """Return an environment for a client program that holds nothing of the machine's AWS settings."""
    return {
        "PATH": os.environ["PATH"],
        "HOME": str(folder),
        "AWS_CONFIG_FILE": str(folder / "no-config"),
        "AWS_SHARED_CREDENTIALS_FILE": str(folder / "no-credentials"),
        "AWS_EC2_METADATA_DISABLED": "true",
        **variables,
    }


def signed_environment(server: Server, folder: Path, **variables: str) -> dict[str, str]:
    """Return an environment in which a program of AWS's finds the server and signs with its first key."""
    return client_environment(
        folder,
        AWS_ENDPOINT_URL=server.endpoint,
        AWS_DEFAULT_REGION=REGION,
        AWS_REGION=REGION,
        AWS_ACCESS_KEY_ID=ACCESS_KEY_ID,
        AWS_SECRET_ACCESS_KEY=SECRET_ACCESS_KEY,
        **variables,
    )


def service(server: Server, name: str = "cognito-idp", *, region: str = REGION, **options: Any) -> Any:
    """Return a boto3 client of one service that signs with the server's first key, unless `options` say otherwise."""
    return _plain(server.endpoint, name, region) if not options else _made(server.endpoint, name, region, **options)


@cache
def _plain(endpoint: str, name: str, region: str) -> Any:
    """Keep a client for those who ask for nothing special: to make one takes longer than most calls."""
    return _made(endpoint, name, region)


def _made(endpoint: str, name: str, region: str, **options: Any) -> Any:
    keys = {"aws_access_key_id": ACCESS_KEY_ID, "aws_secret_access_key": SECRET_ACCESS_KEY}
    config = Config(retries={"total_max_attempts": 1}).merge(options.pop("config", Config()))
    return boto3.client(name, endpoint_url=endpoint, region_name=region, config=config, **(keys | options))


def new_pool(server: Server, **options: Any) -> str:
    """Create a user pool that sends codes by mail and return its id."""
    defaults = {"PoolName": "clients", "AutoVerifiedAttributes": ["email"]}
    pool_id: str = service(server).create_user_pool(**(defaults | options))["UserPool"]["Id"]
    return pool_id


def new_client(server: Server, pool_id: str, **options: Any) -> dict[str, Any]:
    """Create an app client that allows SRP, passwords and refresh, and return its description."""
    defaults = {"ClientName": "story", "ExplicitAuthFlows": USER_FLOWS}
    created = service(server).create_user_pool_client(UserPoolId=pool_id, **(defaults | options))
    description: dict[str, Any] = created["UserPoolClient"]
    return description


def new_user(
    server: Server, pool_id: str, username: str, password: str, *, permanent: bool = True, **attributes: str
) -> None:
    """Create a user with a password and a verified address: the name, or the name at example.com.

    `attributes` are more of them, all verified that can be; an empty `email` leaves the address out.
    """
    address = username if "@" in username else f"{username}@example.com"
    held = {name: value for name, value in ({"email": address} | attributes).items() if value}
    held |= {f"{name}_verified": "true" for name in ("email", "phone_number") if name in held}
    idp = service(server)
    idp.admin_create_user(
        UserPoolId=pool_id,
        Username=username,
        TemporaryPassword=password,
        MessageAction="SUPPRESS",
        UserAttributes=[{"Name": name, "Value": value} for name, value in held.items()],
    )
    if permanent:
        idp.admin_set_user_password(UserPoolId=pool_id, Username=username, Password=password, Permanent=True)


def code_for(server: Server, pool_id: str, to: str, kind: str, *, number: int = 1) -> str:
    """Wait for the message of one kind to one address (the first, or the `number`th) and return the code in it."""
    deadline = time.monotonic() + 15
    while time.monotonic() < deadline:
        messages = httpx.get(server.outbox, trust_env=False).raise_for_status().json()
        mine = [m["code"] for m in messages if (m["pool_id"], m["to"], m["kind"]) == (pool_id, to, kind)]
        if len(mine) >= number:
            return str(mine[number - 1])
        time.sleep(0.04)
    raise AssertionError(f"no {kind} message {number} to {to}; there are {[m['kind'] for m in messages]}")


def published_keys(server: Server, pool_id: str) -> Any:
    """Return the JWKS document of a pool."""
    answer = httpx.get(f"{server.endpoint}/{pool_id}/.well-known/jwks.json", trust_env=False)
    return answer.raise_for_status().json()


def verified_claims(server: Server, pool_id: str, token: str) -> dict[str, Any]:
    """Return the claims of a token after its signature, issuer and time are checked with the published keys."""
    keys = KeySet.import_key_set(published_keys(server, pool_id))
    claims = jwt.decode(token, keys, algorithms=["RS256"]).claims

    issuer: jwt.ClaimsOption = {"essential": True, "value": f"{server.endpoint}/{pool_id}"}
    jwt.JWTClaimsRegistry(iss=issuer, exp={"essential": True}).validate(claims)
    return claims
