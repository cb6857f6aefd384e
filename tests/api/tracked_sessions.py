"""How does a test look at a user's sessions? In a pool that tracks them, by their names."""

from collections.abc import Mapping
from typing import Any

from api.forge import claims_of
from api.session_tracking import track
from api.world import ClientOfTests, World
from poolkeeper.model.session_rules import session_name

ROTATION = {"Feature": "ENABLED", "RetryGracePeriodSeconds": 60}


def tracking(world: World, *, most: int = 20, **settings: Any) -> ClientOfTests:
    """Make a pool that tracks sessions, with a client and the user `ada`."""
    client = world.pool().client(**settings)
    limit(client, most)
    client.pool.user("ada")
    return client


def limit(client: ClientOfTests, most: int) -> None:
    track(client.pool, {"UserSessionTracking": "ENABLED", "TokenSession": {"MaxPerUser": most}})


def rotating(world: World) -> ClientOfTests:
    return tracking(world, ExplicitAuthFlows=["ALLOW_USER_PASSWORD_AUTH"], RefreshTokenRotation=ROTATION)


def name_of(tokens: Mapping[str, Any]) -> str:
    """Return the SessionId that tokens belong to."""
    claims = claims_of(tokens["AccessToken"])
    return session_name(claims.get("origin_jti", claims["event_id"]))


def exchange(client: ClientOfTests, tokens: Mapping[str, Any], **headers: str) -> dict[str, Any]:
    """Refresh by GetTokensFromRefreshToken; return the AuthenticationResult."""
    request = {"ClientId": client.client_id, "RefreshToken": tokens["RefreshToken"]}
    status, answer = client.world.call("GetTokensFromRefreshToken", request, **headers)
    assert status == 200, answer
    result: dict[str, Any] = answer["AuthenticationResult"]
    return result
