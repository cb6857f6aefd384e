"""Do OpenID Connect clients work, unmodified, that know nothing of Cognito? They go by the issuer and its discovery document."""

import re
from pathlib import Path
from typing import Any

import pytest

from clients.oauth import SCOPES, oauth_client
from clients.person import PASSWORD
from clients.serving import Server, new_client, new_pool, new_user, service, verified_claims
from clients.telling import Tell
from server import program

ROOT = Path(__file__).resolve().parents[2]
CALLBACK = "http://localhost:3000/callback"
MACHINE_SCOPE = "books/read"


def facts_of(server: Server, pool_id: str, client: dict[str, Any], **more: Any) -> dict[str, Any]:
    """Return what a story is told: whom it is, and a user who may sign in."""
    new_user(server, pool_id, "olga", PASSWORD)
    return {
        "issuer": f"{server.endpoint}/{pool_id}",
        "clientId": client["ClientId"],
        "clientSecret": client.get("ClientSecret"),
        "callback": CALLBACK,
        "username": "olga",
        "email": "olga@example.com",
        "password": PASSWORD,
        **more,
    }


@pytest.mark.parametrize("proof", ["none", "basic", "post"])
def test_openid_client_tells_its_story(server: Server, tell: Tell, proof: str) -> None:
    """A public client, and one with a secret, by header or form: all of openid-client's checks are passed."""
    pool_id = new_pool(server)
    client = oauth_client(server, pool_id, CALLBACK, GenerateSecret=proof != "none")

    told = tell("openid_client.mjs", server, **facts_of(server, pool_id, client, proof=proof))

    first, refreshed, silent = (
        verified_claims(server, pool_id, told[name]["access_token"]) for name in ("tokens", "refreshed", "silent")
    )
    assert first["client_id"] == client["ClientId"]
    assert set(first["scope"].split()) == set(SCOPES)
    assert first["auth_time"] == refreshed["auth_time"] == silent["auth_time"]
    assert first["origin_jti"] == refreshed["origin_jti"] != silent["origin_jti"]
    identity = verified_claims(server, pool_id, told["tokens"]["id_token"])
    assert (identity["aud"], identity["email"]) == (client["ClientId"], "olga@example.com")


def test_openid_client_follows_refresh_tokens_that_rotate(server: Server, tell: Tell) -> None:
    """Each refresh brings another refresh token, and the story goes on with that one."""
    pool_id = new_pool(server)
    rotation = {"Feature": "ENABLED", "RetryGracePeriodSeconds": 0}
    flows = ["ALLOW_USER_SRP_AUTH"]  # AWS's defaults hold the refresh without rotation
    client = oauth_client(server, pool_id, CALLBACK, RefreshTokenRotation=rotation, ExplicitAuthFlows=flows)

    told = tell("openid_client.mjs", server, **facts_of(server, pool_id, client, proof="none"))

    held = [told[name]["refresh_token"] for name in ("tokens", "refreshed", "silent")]
    assert len(set(held)) == 3


@pytest.mark.parametrize("nonces", ["off", "on"])
def test_openid_client_binds_its_tokens_to_a_key(server: Server, tell: Tell, nonces: str) -> None:
    """The lines of docs/dpop.md; and where the pool demands nonces, which the library brings by itself."""
    pool_id = new_pool(server)
    client = oauth_client(server, pool_id, CALLBACK)
    assert program.run(server.place, "pool", "set", pool_id, f"dpop_nonces={nonces}").returncode == 0

    told = tell("openid_client_dpop.mjs", server, **facts_of(server, pool_id, client))

    for name in ("tokens", "refreshed", "pushed"):
        assert told[name]["token_type"] == "dpop"  # the library writes it so
        assert verified_claims(server, pool_id, told[name]["access_token"])["cnf"] == {"jkt": told["jkt"]}


def test_the_page_about_dpop_shows_what_that_story_does() -> None:
    """Line by line."""
    shown = re.search(r"```js\n(.*?)```", (ROOT / "docs" / "dpop.md").read_text(), re.DOTALL)
    assert shown is not None
    story = [line.strip() for line in (ROOT / "tests/clients/openid_client_dpop.mjs").read_text().splitlines()]
    assert set(shown[1].splitlines()) <= set(story)


@pytest.mark.parametrize("proof", ["none", "basic", "post"])
def test_oauth4webapi_tells_its_story(server: Server, tell: Tell, proof: str) -> None:
    """Discovery in both places, codes with PKCE, pushed requests, refresh, userInfo, introspection and revocation."""
    pool_id = new_pool(server)
    client = oauth_client(server, pool_id, CALLBACK, GenerateSecret=proof != "none")

    told = tell("oauth4webapi.mjs", server, **facts_of(server, pool_id, client, proof=proof))

    first, newer = (verified_claims(server, pool_id, told[name]["access_token"]) for name in ("tokens", "newer"))
    assert first["client_id"] == client["ClientId"]
    assert set(first["scope"].split()) == set(SCOPES)
    assert (first["auth_time"], first["origin_jti"]) == (newer["auth_time"], newer["origin_jti"])
    assert first["jti"] != newer["jti"]


@pytest.mark.parametrize("story", ["openid_client_machine.mjs", "oauth4webapi_machine.mjs"])
def test_it_speaks_for_a_machine(server: Server, tell: Tell, story: str) -> None:
    """Client credentials, beside the code flow of another client: a token of nobody, for a scope of a resource server."""
    pool_id = new_pool(server)
    service(server).create_resource_server(
        UserPoolId=pool_id,
        Identifier="books",
        Name="Books",
        Scopes=[{"ScopeName": "read", "ScopeDescription": "Read books"}],
    )
    machine = new_client(
        server,
        pool_id,
        GenerateSecret=True,
        AllowedOAuthFlowsUserPoolClient=True,
        AllowedOAuthFlows=["client_credentials"],
        AllowedOAuthScopes=[MACHINE_SCOPE],
    )
    told = tell(story, server, **facts_of(server, pool_id, machine, scope=MACHINE_SCOPE))

    for answer in told["answers"]:
        claims = verified_claims(server, pool_id, answer["access_token"])
        assert (claims["client_id"], claims["scope"]) == (machine["ClientId"], MACHINE_SCOPE)
        assert "username" not in claims
        assert "refresh_token" not in answer
    assert len(told["answers"]) == 2
