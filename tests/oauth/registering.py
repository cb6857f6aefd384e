"""How does an app of a test register itself? At the address in its pool's metadata; people then sign in by what it got."""

import json
from typing import Any

from api.world import PASSWORD, PoolOfTests, World
from oauth.browsing import Browser
from oauth.documents import PKCE, metadata
from oauth.hosted import CALLBACK, NAME, VERIFIER, Answer, code_client, post, read
from pages.walking import Walk
from poolkeeper.model.registration import REGISTER_SCOPE

OPEN = {"EnableStatus": "Enabled", "OpenDcrEnabled": True}
# What the SDK of MCP sends.
TOOL: dict[str, Any] = {
    "client_name": "A tool",
    "redirect_uris": [CALLBACK, "http://localhost/cb"],
    "grant_types": ["authorization_code", "refresh_token"],
    "response_types": ["code"],
    "token_endpoint_auth_method": "none",
}


def pool_of(world: World, **dcr: Any) -> PoolOfTests:
    """Make a pool in which apps register themselves, and `ada`."""
    pool = world.pool(DcrConfiguration={**OPEN, **dcr})
    pool.user(NAME, email="ada@example.com", email_verified="true")
    return pool


def register(pool: PoolOfTests, said: object, token: str = "", **headers: str) -> Answer:
    """Register an app at the address that the pool tells."""
    endpoint = str(metadata(pool)["registration_endpoint"])
    assert endpoint.startswith(pool.world.url), endpoint
    return register_at(pool, endpoint.removeprefix(pool.world.url), said, token, **headers)


def register_at(pool: PoolOfTests, path: str, said: object, token: str = "", **headers: str) -> Answer:
    """POST metadata to a path."""
    body = said if isinstance(said, bytes) else json.dumps(said).encode()
    shown = {"Authorization": f"Bearer {token}"} if token else {}
    return read(
        *pool.world.http("POST", path, body=body, headers={"Content-Type": "application/json", **shown, **headers})
    )


def walk(pool: PoolOfTests, client_id: str, **asked: str) -> Walk:
    """Return a browser that an app sends to sign in."""
    return Walk(Browser(pool), code_client(pool), {"client_id": client_id, **PKCE, **asked})


def signed_in(pool: PoolOfTests, client_id: str, **asked: str) -> str:
    """Sign in by the page; return the code."""
    browser = walk(pool, client_id, **asked)
    return browser.send(browser.follow(browser.authorize()), "/login", username=NAME, password=PASSWORD).told["code"]


def exchanged(pool: PoolOfTests, client_id: str, code: str, **more: str) -> Answer:
    """Exchange a code."""
    fields = {"grant_type": "authorization_code", "code": code, "client_id": client_id, "redirect_uri": CALLBACK}
    return post(pool.world, "/oauth2/token", {**fields, "code_verifier": VERIFIER, **more})


def machine_token(pool: PoolOfTests, scope: str = REGISTER_SCOPE) -> str:
    """Return an access token of a machine, by default one that may register apps."""
    client = pool.client(
        GenerateSecret=True,
        AllowedOAuthFlowsUserPoolClient=True,
        AllowedOAuthFlows=["client_credentials"],
        AllowedOAuthScopes=[scope],
    )
    assert client.secret is not None
    fields = {"grant_type": "client_credentials", "client_id": client.client_id, "client_secret": client.secret}
    return str(post(pool.world, "/oauth2/token", fields).body["access_token"])
