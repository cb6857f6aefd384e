"""Does Ceph take what identities show it? A person reads and writes what is theirs, by an unmodified boto3; `make test-ceph`.

Poolkeeper asks the gateway for credentials (broker `sts`), and the gateway asks Poolkeeper for its keys.
"""

import base64
import hashlib
import json
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import boto3
import httpx
import pytest
from botocore import UNSIGNED
from botocore.config import Config
from botocore.exceptions import ClientError

from ceph import radosgw
from clients.serving import REGION, Server, new_client, new_pool, new_user, service, serving

BUCKET, ROLE, PASSWORD = "store", "members", "Correct-Horse-1"
ROLE_ARN = f"arn:aws:iam:::role/{ROLE}"
OWN = "${cognito-identity.amazonaws.com:sub}"
POLICY = {
    "Version": "2012-10-17",
    "Statement": [
        {"Effect": "Allow", "Action": ["s3:GetObject", "s3:PutObject"], "Resource": f"arn:aws:s3:::{BUCKET}/{OWN}/*"},
        {
            "Effect": "Allow",
            "Action": "s3:ListBucket",
            "Resource": f"arn:aws:s3:::{BUCKET}",
            "Condition": {"StringLike": {"s3:prefix": f"{OWN}/*"}},
        },
    ],
}


@dataclass(frozen=True)
class Store:
    """The gateway beside a server, with an identity pool that it trusts and one that it does not know."""

    gateway: radosgw.Gateway
    server: Server
    pool_id: str
    client_id: str
    identity_pool_id: str

    def owner(self, name: str) -> Any:
        """Return a client of the gateway's owner's."""
        return _client(self.gateway, name, self.gateway.access_key_id, self.gateway.secret_access_key)

    def identity(self, username: str, identity_pool_id: str = "") -> tuple[str, dict[str, str]]:
        """Sign a person in, and return the id of their identity and what proves it."""
        tokens = service(self.server).initiate_auth(
            ClientId=self.client_id,
            AuthFlow="USER_PASSWORD_AUTH",
            AuthParameters={"USERNAME": username, "PASSWORD": PASSWORD},
        )["AuthenticationResult"]
        logins = {f"cognito-idp.{REGION}.amazonaws.com/{self.pool_id}": tokens["IdToken"]}
        made = service(self.server, "cognito-identity").get_id(
            IdentityPoolId=identity_pool_id or self.identity_pool_id, Logins=logins
        )
        return made["IdentityId"], logins

    def s3(self, username: str) -> tuple[str, Any]:
        """Return the id of a person's identity, and their client of the store."""
        identity_id, logins = self.identity(username)
        made = service(self.server, "cognito-identity").get_credentials_for_identity(
            IdentityId=identity_id, Logins=logins
        )["Credentials"]
        return identity_id, _client(
            self.gateway, "s3", made["AccessKeyId"], made["SecretKey"], aws_session_token=made["SessionToken"]
        )


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    """Run both, and tell the gateway whom to trust as its operator would."""
    folder = tmp_path_factory.mktemp("store")
    (folder / "ceph").mkdir()
    (folder / "data").mkdir()
    with radosgw.running(folder / "ceph") as gateway:
        (folder / "data" / "policy.json").write_text(json.dumps(POLICY, indent=2))
        (folder / "data" / "poolkeeper.toml").write_text(
            f'[brokers."*"]\nkind = "sts"\nendpoint = "{gateway.url}"\npolicy = "policy.json"\n'
        )
        with serving(folder) as server:
            pool_id = new_pool(server)
            client_id = new_client(server, pool_id)["ClientId"]
            for name in ("ada", "alan"):
                new_user(server, pool_id, name, PASSWORD)
            made = Store(gateway, server, pool_id, client_id, new_identity_pool(server, pool_id, client_id))
            trust(made)
            yield made


def new_identity_pool(server: Server, pool_id: str, client_id: str) -> str:
    """Make an identity pool whose members get the gateway's role."""
    identity = service(server, "cognito-identity")
    made = identity.create_identity_pool(
        IdentityPoolName="store",
        AllowUnauthenticatedIdentities=False,
        DeveloperProviderName="login.example",
        CognitoIdentityProviders=[
            {"ProviderName": f"cognito-idp.{REGION}.amazonaws.com/{pool_id}", "ClientId": client_id}
        ],
    )["IdentityPoolId"]
    identity.set_identity_pool_roles(IdentityPoolId=made, Roles={"authenticated": ROLE_ARN})
    return str(made)


def trust(store: Store) -> None:
    """Make the bucket, the provider that is Poolkeeper, and a role for identities of one pool."""
    store.owner("s3").create_bucket(Bucket=BUCKET)
    iam = store.owner("iam")
    iam.create_open_id_connect_provider(
        Url=store.server.endpoint, ClientIDList=[store.identity_pool_id], ThumbprintList=thumbprints(store.server)
    )
    name = store.server.endpoint.partition("://")[2]
    statement = {
        "Effect": "Allow",
        "Principal": {"Federated": [f"arn:aws:iam:::oidc-provider/{name}"]},
        "Action": ["sts:AssumeRoleWithWebIdentity"],
        "Condition": {"StringEquals": {f"{name}:app_id": store.identity_pool_id}},
    }
    iam.create_role(RoleName=ROLE, AssumeRolePolicyDocument=compact(statement))
    rights = {"Effect": "Allow", "Action": "s3:*", "Resource": [f"arn:aws:s3:::{BUCKET}", f"arn:aws:s3:::{BUCKET}/*"]}
    iam.put_role_policy(RoleName=ROLE, PolicyName="store", PolicyDocument=compact(rights))


def compact(statement: dict[str, Any]) -> str:
    """Return a policy of one statement without blanks, which Ceph 16 does not read in a form."""
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]}, separators=(",", ":"))


def thumbprints(server: Server) -> list[str]:
    """Return the SHA-1 of the certificates of the keys that sign identities' tokens."""
    keys = httpx.get(f"{server.endpoint}/.well-known/jwks_uri", trust_env=False).raise_for_status().json()["keys"]
    return [hashlib.sha1(base64.b64decode(key["x5c"][0])).hexdigest().upper() for key in keys]


def _client(gateway: radosgw.Gateway, name: str, key_id: str, secret: str, **more: Any) -> Any:
    config = Config(retries={"total_max_attempts": 1}, s3={"addressing_style": "path"})
    return boto3.client(
        name,
        endpoint_url=gateway.url,
        region_name="us-east-1",
        aws_access_key_id=key_id,
        aws_secret_access_key=secret,
        config=config,
        **more,
    )


def refused(work: Callable[..., Any], *given: Any, **named: Any) -> str:
    """Return the code of the error that a call of boto3's must end with; Ceph's STS has it at the root."""
    with pytest.raises(ClientError) as fault:
        work(*given, **named)
    told: Any = fault.value.response
    return str(told.get("Error", told)["Code"])


def test_a_person_reads_and_writes_what_is_theirs_and_nothing_else(store: Store) -> None:
    """Under the prefix of their identity; another's is refused, to read, to write and to list."""
    ada, of_ada = store.s3("ada")
    alan, of_alan = store.s3("alan")
    for name, s3 in ((ada, of_ada), (alan, of_alan)):
        s3.put_object(Bucket=BUCKET, Key=f"{name}/notes.txt", Body=name.encode())
        assert s3.get_object(Bucket=BUCKET, Key=f"{name}/notes.txt")["Body"].read() == name.encode()
        listed = s3.list_objects_v2(Bucket=BUCKET, Prefix=f"{name}/")
        assert [one["Key"] for one in listed["Contents"]] == [f"{name}/notes.txt"]
    for other, s3 in ((alan, of_ada), (ada, of_alan)):
        assert refused(s3.get_object, Bucket=BUCKET, Key=f"{other}/notes.txt") == "AccessDenied"
        assert refused(s3.put_object, Bucket=BUCKET, Key=f"{other}/notes.txt", Body=b"x") == "AccessDenied"
        assert refused(s3.list_objects_v2, Bucket=BUCKET, Prefix=f"{other}/") == "AccessDenied"
        assert refused(s3.put_object, Bucket=BUCKET, Key="notes.txt", Body=b"x") == "AccessDenied"


def test_a_token_that_is_over_or_anothers_opens_nothing(store: Store) -> None:
    """The gateway looks at its time, its audience and its signature itself."""
    sts = boto3.client(
        "sts",
        endpoint_url=store.gateway.url,
        region_name="us-east-1",
        config=Config(signature_version=UNSIGNED, retries={"total_max_attempts": 1}),
    )

    def assume(token: str) -> Any:
        return sts.assume_role_with_web_identity(RoleArn=ROLE_ARN, RoleSessionName="tests", WebIdentityToken=token)

    def token(identity_pool_id: str, seconds: int) -> str:
        made = service(store.server, "cognito-identity").get_open_id_token_for_developer_identity(
            IdentityPoolId=identity_pool_id, Logins={"login.example": "u1"}, TokenDuration=seconds
        )
        return str(made["Token"])

    good = token(store.identity_pool_id, 600)
    assert assume(good)["Credentials"]["SessionToken"]
    head, payload, signature = good.split(".")
    over = token(store.identity_pool_id, 1)
    time.sleep(3)
    elsewhere = token(new_identity_pool(store.server, store.pool_id, store.client_id), 600)
    for wrong in (over, elsewhere, f"{head}.{payload}.{signature[::-1]}"):
        assert refused(assume, wrong) == "AccessDenied"


def test_an_identity_of_another_pool_gets_no_credentials(store: Store) -> None:
    """What the gateway refuses is told as AWS tells it."""
    identity_id, logins = store.identity("ada", new_identity_pool(store.server, store.pool_id, store.client_id))
    identity = service(store.server, "cognito-identity")
    assert refused(identity.get_credentials_for_identity, IdentityId=identity_id, Logins=logins) == (
        "InvalidIdentityPoolConfigurationException"
    )
