"""How does a test come to an identity pool? A user pool beside it, somebody with an ID token, and clients of both services."""

from dataclasses import dataclass, field
from typing import Any

from botocore.client import BaseClient

from api.principals import Holder, Statement, trust
from api.world import REGION, ClientOfTests, World

ACCOUNT = "000000000000"


@dataclass(frozen=True)
class IdentityPoolOfTests:
    """An identity pool that takes the ID tokens of one app client, with the shortest ways to what tests need."""

    world: World
    client: ClientOfTests
    pool_id: str
    signed: BaseClient = field(repr=False)
    unsigned: BaseClient = field(repr=False)

    @property
    def provider(self) -> str:
        """The user pool as AWS spells it."""
        return provider_of(self.client)

    @property
    def arn(self) -> str:
        return f"arn:aws:cognito-identity:{REGION}:{ACCOUNT}:identitypool/{self.pool_id}"

    def logins(self, name: str) -> dict[str, str]:
        """Sign in and return the Logins that prove it."""
        return {self.provider: self.client.tokens(name)["IdToken"]}

    def get_id(self, logins: dict[str, str] | None = None) -> str:
        """Call GetId."""
        given = {} if logins is None else {"Logins": logins}
        return str(self.unsigned.get_id(IdentityPoolId=self.pool_id, **given)["IdentityId"])

    def token(self, identity_id: str, logins: dict[str, str] | None = None) -> dict[str, Any]:
        """Call GetOpenIdToken."""
        given = {} if logins is None else {"Logins": logins}
        answer: dict[str, Any] = self.unsigned.get_open_id_token(IdentityId=identity_id, **given)
        return answer

    def describe(self, identity_id: str) -> dict[str, Any]:
        """Call DescribeIdentity."""
        answer: dict[str, Any] = self.signed.describe_identity(IdentityId=identity_id)
        return answer


def provider_of(client: ClientOfTests) -> str:
    """Return a user pool as AWS spells it as a provider."""
    return f"cognito-idp.{REGION}.amazonaws.com/{client.pool.pool_id}"


def identity_pool(world: World, *, users: tuple[str, ...] = ("ada",), **settings: Any) -> IdentityPoolOfTests:
    """Make a user pool with users, and an identity pool for it that takes guests too."""
    pool = world.pool()
    for name in users:
        pool.user(name)
    return beside(world, pool.client(), **settings)


def beside(world: World, client: ClientOfTests, **settings: Any) -> IdentityPoolOfTests:
    """Make an identity pool for an app client."""
    signed = world.client("cognito-identity")
    known = {
        "IdentityPoolName": "tests",
        "AllowUnauthenticatedIdentities": True,
        "CognitoIdentityProviders": [{"ProviderName": provider_of(client), "ClientId": client.client_id}],
        **settings,
    }
    pool_id = signed.create_identity_pool(**known)["IdentityPoolId"]
    return IdentityPoolOfTests(world, client, pool_id, signed, world.client("cognito-identity", signed=False))


def trust_for(pool: IdentityPoolOfTests, *actions: str, amr: str = "authenticated") -> Statement:
    """Return the statement of a role that trusts an identity pool's members, as AWS's console writes it."""
    return trust(
        {"Federated": "cognito-identity.amazonaws.com"},
        *(actions or ("sts:AssumeRoleWithWebIdentity",)),
        Condition={
            "StringEquals": {"cognito-identity.amazonaws.com:aud": pool.pool_id},
            "ForAnyValue:StringLike": {"cognito-identity.amazonaws.com:amr": amr},
        },
    )


def set_roles(pool: IdentityPoolOfTests, authenticated: str = "", unauthenticated: str = "", **more: Any) -> None:
    """Set the roles of an identity pool, and its mappings."""
    given = {"authenticated": authenticated, "unauthenticated": unauthenticated}
    roles = {kind: arn for kind, arn in given.items() if arn}
    pool.signed.set_identity_pool_roles(IdentityPoolId=pool.pool_id, Roles=roles, **more)


def credentials(
    pool: IdentityPoolOfTests, identity_id: str, logins: dict[str, str] | None = None, **more: Any
) -> Holder:
    """Call GetCredentialsForIdentity and return whoever holds them, and their ARN as they learn it themselves."""
    given = {} if logins is None else {"Logins": logins}
    made = pool.unsigned.get_credentials_for_identity(IdentityId=identity_id, **given, **more)["Credentials"]
    held = Holder(pool.world, "", made["AccessKeyId"], made["SecretKey"], made["SessionToken"])
    held.arn = held.client("sts").get_caller_identity()["Arn"]
    return held


def session_arn(role_arn: str, session: str = "CognitoIdentityCredentials") -> str:
    """Return the ARN of a session of a role."""
    account, name = role_arn.split(":")[4], role_arn.rpartition("/")[2]
    return f"arn:aws:sts::{account}:assumed-role/{name}/{session}"
