"""Do tools of the Model Context Protocol sign people in, by its unmodified SDK? Nobody makes an app client for them."""

from typing import Any

import pytest

from clients.oauth import oauth_client
from clients.person import PASSWORD
from clients.serving import Server, new_pool, new_user, service, verified_claims
from clients.telling import Tell

CALLBACK = "http://localhost:3118/callback"


def facts_of(server: Server, pool_id: str, **more: Any) -> dict[str, Any]:
    """Return what the story is told: the pool, somebody in it, and with what certificate it may serve its document."""
    new_user(server, pool_id, "mona", PASSWORD)
    return {
        "issuer": f"{server.endpoint}/{pool_id}",
        "callback": CALLBACK,
        "username": "mona",
        "password": PASSWORD,
        "method": "none",
        "certificate": str(server.place.data / "localhost.pem"),
        "key": str(server.place.data / "localhost.key"),
        **more,
    }


def test_a_tool_is_known_by_the_address_of_its_document(server: Server, tell: Tell) -> None:
    """The pool's discovery says so, the server fetches the document once over https, and tokens are of that address."""
    pool_id = new_pool(server)
    client = oauth_client(server, pool_id, "https://tools.example.com/")
    policy = {"PolicyName": "tools", "URLPatterns": ["https://localhost:*/toolbelt.json"]}
    service(server).create_cimd_policy(UserPoolId=pool_id, ClientId=client["ClientId"], **policy)

    told = tell("mcp.mjs", server, **facts_of(server, pool_id, byDocument=True))

    assert told["clientId"] == told["documentUrl"]
    assert told["asked"] == ["/toolbelt.json"]
    assert_bound(server, pool_id, told)


@pytest.mark.parametrize("method", ["none", "client_secret_basic", "client_secret_post"])
def test_a_tool_registers_itself(server: Server, tell: Tell, method: str) -> None:
    """RFC 7591: an app client that the administrator finds afterwards, with a secret or without; no document is fetched."""
    pool_id = new_pool(server, DcrConfiguration={"EnableStatus": "Enabled", "OpenDcrEnabled": True})

    told = tell("mcp.mjs", server, **facts_of(server, pool_id, byDocument=False, method=method))

    made = service(server).describe_user_pool_client(UserPoolId=pool_id, ClientId=told["clientId"])["UserPoolClient"]
    assert (made["ClientName"], made["CallbackURLs"]) == ("The Toolbelt", [CALLBACK])
    assert ("client_secret" in told["registered"]) == (method != "none")
    assert told["asked"] == []
    assert_bound(server, pool_id, told)


def assert_bound(server: Server, pool_id: str, told: dict[str, Any]) -> None:
    """Check that both access tokens are the person's, for this app, and for the server of tools alone."""
    for tokens in (told["tokens"], told["refreshed"]):
        claims = verified_claims(server, pool_id, tokens["access_token"])
        assert (claims["sub"], claims["client_id"]) == (told["sub"], told["clientId"])
        assert claims["aud"] == told["resource"]
        assert set(claims["scope"].split()) == {"openid", "email"}
    user = service(server).admin_get_user(UserPoolId=pool_id, Username="mona")
    assert {"Name": "sub", "Value": told["sub"]} in user["UserAttributes"]
