"""How does a test ask for a token of a client's own? In a pool with a resource server."""

from typing import Any

from api.world import ClientOfTests, PoolOfTests, World
from oauth.hosted import Answer, of_client, post

READ, WRITE = "https://api.example/read", "https://api.example/write"


SERVER = "https://api.example"


CREDENTIALS: dict[str, Any] = {
    "GenerateSecret": True,
    "AllowedOAuthFlowsUserPoolClient": True,
    "AllowedOAuthFlows": ["client_credentials"],
    "AllowedOAuthScopes": [READ, WRITE],
}


def pool_with_server(world: World, **settings: Any) -> PoolOfTests:
    """Make a pool with one resource server."""
    pool = world.pool(**settings)
    scopes = [{"ScopeName": name, "ScopeDescription": name} for name in ("read", "write", "unused")]
    world.signed.create_resource_server(UserPoolId=pool.pool_id, Identifier=SERVER, Name="api", Scopes=scopes)
    return pool


def ask(client: ClientOfTests, **more: str) -> Answer:
    """Ask for a token of the client's own."""
    return post(client.world, "/oauth2/token", {"grant_type": "client_credentials", **of_client(client), **more})
