"""What does giving a token back end? The session that it belongs to, with every token of it (RFC 7009; oauth-federation.md 3.3)."""

import pytest

from api.forge import claims_of, forger
from api.world import ClientOfTests, World
from oauth.hosted import ADMIN, NAME, Answer, basic, code_client, of_client, post, refresh, tokens_for, user_info
from poolkeeper.clock import HOUR


@pytest.fixture
def client(world: World) -> ClientOfTests:
    """Make a confidential app client and `ada`."""
    pool = world.pool()
    pool.user(NAME)
    return code_client(pool, GenerateSecret=True)


def revoke(client: ClientOfTests, token: str, **more: str) -> Answer:
    return post(client.world, "/oauth2/revoke", {**of_client(client), "token": token, **more})


def alive(client: ClientOfTests, held: dict[str, str]) -> list[bool]:
    """Say of refresh and access token whether they are good."""
    fresh = refresh(client, held["refresh_token"]).status == 200
    return [fresh, user_info(client.world, held["access_token"]).status == 200]


@pytest.mark.parametrize("kind", ["refresh_token", "access_token", "id_token"])
@pytest.mark.parametrize("hint", [{}, {"token_type_hint": "access_token"}, {"token_type_hint": "made_up"}])
def test_any_token_of_a_session_ends_it(client: ClientOfTests, kind: str, hint: dict[str, str]) -> None:
    """Whatever the hint says; other sessions of the same person stay. The answer is empty, and the same the second time."""
    held, other = tokens_for(client, scope="openid"), tokens_for(client, scope="openid")
    for _ in range(2):
        status, headers, body = client.world.http(
            "POST",
            "/oauth2/revoke",
            body="&".join(f"{k}={v}" for k, v in {"token": held[kind], **hint}.items()).encode(),
            headers={
                "Content-Type": "application/x-www-form-urlencoded",
                **basic(client.client_id, client.secret or ""),
            },
        )
        assert (status, headers["content-length"], body) == (200, "0", b"")
        assert headers["access-control-allow-origin"] == "*"
        assert alive(client, held) == [False, False]
    assert alive(client, other) == [True, True]


def test_a_session_of_the_api_ends_here_too(world: World, client: ClientOfTests) -> None:
    """Also by its ID token."""
    public = code_client(client.pool)
    held = public.tokens(NAME)
    assert revoke(public, held["IdToken"]).status == 200
    assert world.call("GetUser", {"AccessToken": held["AccessToken"]})[0] == 400


def test_a_machine_s_token_has_no_session(world: World, client: ClientOfTests) -> None:
    """It cannot be revoked, and the client should know."""
    scopes = [{"ScopeName": "read", "ScopeDescription": "read"}]
    ids = {"UserPoolId": client.pool.pool_id, "Identifier": "api"}
    world.signed.create_resource_server(**ids, Name="api", Scopes=scopes)
    machine = client.pool.client(
        GenerateSecret=True,
        AllowedOAuthFlowsUserPoolClient=True,
        AllowedOAuthFlows=["client_credentials"],
        AllowedOAuthScopes=["api/read"],
    )
    token = post(world, "/oauth2/token", {"grant_type": "client_credentials", **of_client(machine)}).body[
        "access_token"
    ]
    assert revoke(machine, token).error == (400, "unsupported_token_type")


def test_what_is_no_token_here_is_revoked_already(world: World, client: ClientOfTests) -> None:
    """RFC 7009 2.2: garbage, forgeries, another pool's and expired ones end nothing."""
    held = tokens_for(client, scope="openid")
    other = world.pool()
    other.user(NAME)
    elsewhere = code_client(other)
    foreign = tokens_for(elsewhere, scope="openid")
    claims = claims_of(held["access_token"])
    strangers = [
        "abc",
        "a.b.c",
        held["access_token"][:-4] + "AAAA",
        forger(world, other.pool_id).sign(claims),
        *(foreign[kind] for kind in ("access_token", "id_token", "refresh_token")),
    ]
    for token in strangers:
        assert revoke(client, token).status == 200, token
    assert alive(client, held) == [True, True]
    assert alive(elsewhere, foreign) == [True, True]
    world.clock.advance(HOUR)
    assert revoke(client, held["access_token"]).status == 200
    assert refresh(client, held["refresh_token"]).status == 200


def test_another_clients_token_is_left_alone(client: ClientOfTests) -> None:
    """RFC 7009 2.1: refused, whatever kind it is."""
    held, sibling = tokens_for(client, scope="openid"), code_client(client.pool)
    for kind in ("refresh_token", "access_token", "id_token"):
        assert revoke(sibling, held[kind]).error == (400, "invalid_grant")
    assert alive(client, held) == [True, True]


def test_where_revocation_is_off_nothing_is_revoked(client: ClientOfTests) -> None:
    """EnableTokenRevocation."""
    off = code_client(client.pool, EnableTokenRevocation=False)
    held = tokens_for(off, scope="openid")
    assert revoke(off, held["refresh_token"]).error == (400, "invalid_request")
    assert alive(off, held) == [True, True]


def test_a_session_from_before_revocation_was_on_can_be_named(world: World, client: ClientOfTests) -> None:
    """Its tokens have `event_id` alone, which is the session's id then (userpools.md 4)."""
    off = code_client(client.pool, EnableTokenRevocation=False)
    held = tokens_for(off, scope="openid")
    assert "origin_jti" not in claims_of(held["access_token"])
    world.signed.update_user_pool_client(
        UserPoolId=client.pool.pool_id, ClientId=off.client_id, EnableTokenRevocation=True
    )
    assert revoke(off, held["access_token"]).status == 200
    assert alive(off, held) == [False, False]


def test_whoever_asks_proves_it(world: World, client: ClientOfTests) -> None:
    """invalid_client without the secret, invalid_request without a token."""
    held = tokens_for(client, scope=f"openid {ADMIN}")
    fields = {"client_id": client.client_id, "token": held["refresh_token"]}
    assert post(world, "/oauth2/revoke", fields).error == (400, "invalid_client")
    wrong = basic(client.client_id, "x" * 51)
    assert post(world, "/oauth2/revoke", {"token": held["refresh_token"]}, wrong).error == (401, "invalid_client")
    assert post(world, "/oauth2/revoke", of_client(client)).error == (400, "invalid_request")
    assert revoke(client, "").error == (400, "invalid_request")
    assert alive(client, held) == [True, True]
