"""What does a registration accept of what an app says of itself? What can hold; everything else is refused."""

from typing import Any

import pytest

from api.world import World
from oauth.registering import TOOL, pool_of, register, register_at


@pytest.mark.parametrize(
    ("said", "error"),
    [
        ({"redirect_uris": []}, "invalid_redirect_uri"),
        ({"redirect_uris": None}, "invalid_redirect_uri"),
        ({"redirect_uris": ["http://app.example/cb"]}, "invalid_redirect_uri"),
        ({"redirect_uris": ["javascript:alert(1)"]}, "invalid_redirect_uri"),
        ({"redirect_uris": ["https://app.example/cb#x"]}, "invalid_redirect_uri"),
        ({"redirect_uris": ["https://app.example/a b"]}, "invalid_redirect_uri"),
        ({"redirect_uris": ["https://app.example/" + "x" * 1_024]}, "invalid_redirect_uri"),
        ({"redirect_uris": [f"https://app.example/{n}" for n in range(101)]}, "invalid_redirect_uri"),
        ({"redirect_uris": ["https://app.example/\u0000"]}, "invalid_redirect_uri"),
        ({"redirect_uris": ["https://shop.example@evil.example/cb"]}, "invalid_redirect_uri"),
        ({"redirect_uris": ["https://evil.example\\@shop.example/cb"]}, "invalid_redirect_uri"),
        ({"redirect_uris": ["https:///evil.example/cb"]}, "invalid_redirect_uri"),
        ({"redirect_uris": ["https://[::1/cb"]}, "invalid_redirect_uri"),
        ({"redirect_uris": "https://app.example/cb"}, "invalid_client_metadata"),
        ({"grant_types": ["implicit"]}, "invalid_client_metadata"),
        ({"grant_types": ["refresh_token"]}, "invalid_client_metadata"),
        ({"grant_types": []}, "invalid_client_metadata"),
        ({"grant_types": ["authorization_code", "client_credentials"]}, "invalid_client_metadata"),
        ({"grant_types": ["password"]}, "invalid_client_metadata"),
        ({"response_types": ["token"]}, "invalid_client_metadata"),
        ({"token_endpoint_auth_method": "private_key_jwt"}, "invalid_client_metadata"),
        ({"scope": "openid shop/read"}, "invalid_client_metadata"),
        ({"scope": "aws.cognito.signin.user.admin"}, "invalid_client_metadata"),
        ({"scope": 7}, "invalid_client_metadata"),
    ],
)
def test_metadata_that_are_refused(world: World, said: dict[str, Any], error: str) -> None:
    """By the errors of RFC 7591 3.2.2, and nothing is made."""
    pool = pool_of(world)
    assert register(pool, {**TOOL, **said}).error == (400, error)
    assert world.signed.list_user_pool_clients(UserPoolId=pool.pool_id, ClientType="DCR")["UserPoolClients"] == []


def test_bodies_that_are_no_metadata(world: World) -> None:
    """No JSON, no object, too deep, too large; a GET and a place of nobody's."""
    pool = pool_of(world)
    for body in (
        b"",
        b"[]",
        b"null",
        b"{",
        b"\xff",
        b"[" * 20_000,
        b'{"x":' * 5_000,
        b'{"a":"' + b"x" * 66_000 + b'"}',
    ):
        assert register(pool, body).error == (400, "invalid_client_metadata"), body[:20]
    assert world.http("GET", f"/oauth2/register?user_pool_id={pool.pool_id}")[0] == 405
    assert register_at(pool, "/oauth2/register", TOOL).status == 403
    assert register_at(pool, "/oauth2/register?user_pool_id=us-east-1_nobody000", TOOL).status == 403
    preflight = world.http("OPTIONS", "/oauth2/register")
    assert (preflight[0], preflight[1]["access-control-allow-origin"]) == (204, "*")


def test_names_that_no_app_client_has(world: World) -> None:
    """What AWS allows in no name becomes a blank; the secret prefix of chosen ids means nothing here."""
    pool = pool_of(world)
    for given, kept in (
        ("A tool (v1)", "A tool v1"),
        ("_custom_id_:chosen", "_custom_id_ chosen"),
        ("<script>", "script"),
        ("!!!", "dynamically registered"),
        (None, "dynamically registered"),
        ("x" * 500, "x" * 128),
    ):
        made = register(pool, {**TOOL, "client_name": given}).body
        assert made["client_name"] == kept
        assert made["client_id"] != "chosen"
