"""Which requests come to an identity pool? Those of members who are known already, each with the ID token of a sign-in."""

from typing import Any

from calls import REGION, answers, call, cycled, post
from world import World, sign_in

_SERVICE = "cognito-identity"
_PEOPLE = 8


def ids(world: World, count: int) -> list[bytes]:
    identity_pool_id, logins = _members(world)
    asked = [{"IdentityPoolId": identity_pool_id, "Logins": one} for one in logins]
    return cycled((_post(world, "GetId", one) for one in asked), count)


def open_id_tokens(world: World, count: int) -> list[bytes]:
    return cycled((_post(world, "GetOpenIdToken", one) for one in _identities(world)), count)


def credentials(world: World, count: int) -> list[bytes]:
    return cycled((_post(world, "GetCredentialsForIdentity", one) for one in _identities(world)), count)


def _identities(world: World) -> list[dict[str, Any]]:
    """Return what names and proves the identity of each member. Raises Refused."""
    identity_pool_id, logins = _members(world)
    asked = [_post(world, "GetId", {"IdentityPoolId": identity_pool_id, "Logins": one}) for one in logins]
    found = [one["IdentityId"] for one in answers(world.server.port, asked)]
    return [{"IdentityId": held, "Logins": one} for held, one in zip(found, logins, strict=True)]


def _members(world: World) -> tuple[str, list[dict[str, str]]]:
    """Make an identity pool with a role that IAM does not hold, and sign its members in. Raises Refused."""
    port, provider = world.server.port, f"cognito-idp.{REGION}.amazonaws.com/{world.pool_id}"
    pool = {
        "IdentityPoolName": "bench",
        "AllowUnauthenticatedIdentities": False,
        "CognitoIdentityProviders": [{"ProviderName": provider, "ClientId": world.client_id}],
    }
    identity_pool_id = call(port, "CreateIdentityPool", pool, signed=True, service=_SERVICE)["IdentityPoolId"]
    roles = {"IdentityPoolId": identity_pool_id, "Roles": {"authenticated": "arn:aws:iam::000000000000:role/bench"}}
    call(port, "SetIdentityPoolRoles", roles, signed=True, service=_SERVICE)
    people = world.users[:_PEOPLE]
    return identity_pool_id, [{provider: sign_in(port, world.client_id, one.name)["IdToken"]} for one in people]


def _post(world: World, operation: str, payload: dict[str, Any]) -> bytes:
    return post(world.server.port, operation, payload, service=_SERVICE)
