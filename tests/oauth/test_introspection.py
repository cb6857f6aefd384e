"""What is told of a token to whoever was shown it? That it holds, and what it says; else nothing (RFC 7662)."""

import pytest

from api.forge import claims_of, forger
from api.world import ClientOfTests, World
from oauth.hosted import (
    NAME,
    basic,
    code_client,
    of_client,
    post,
    refresh,
    tokens_for,
)
from oauth.introspecting import INACTIVE, introspect
from oauth.machines import CREDENTIALS, READ, ask, pool_with_server
from poolkeeper.clock import DAY, HOUR, SECOND


@pytest.fixture
def client(world: World) -> ClientOfTests:
    """Make a confidential app client and `ada`."""
    pool = pool_with_server(world)
    pool.user(NAME)
    return code_client(pool, GenerateSecret=True)


def test_a_living_token_says_what_it_is(client: ClientOfTests) -> None:
    """RFC 7662 2.2, to an API that has an app client of its own; whatever the hint says."""
    api = client.pool.client(GenerateSecret=True)
    held = tokens_for(client, scope="openid email")
    claims = claims_of(held["access_token"])
    for hint in ({}, {"token_type_hint": "refresh_token"}):
        answer = introspect(api, held["access_token"], **hint)
        assert answer.status == 200
        assert answer.headers["cache-control"] == "no-store"
        same = ("client_id", "username", "exp", "iat", "sub", "iss", "jti", "auth_time", "token_use", "scope")
        assert answer.body == {"active": True, **{name: claims[name] for name in same}, "token_type": "Bearer"}
    identity = introspect(api, held["id_token"]).body
    assert (identity["active"], identity["token_use"], identity["aud"]) == (True, "id", client.client_id)
    assert (identity["username"], identity["client_id"]) == (NAME, client.client_id)
    assert not {"token_type", "email", "cognito:username"} & set(identity)


def test_a_machine_s_token_says_whose_it_is(client: ClientOfTests) -> None:
    """It has no session: it ends with its client, also if another client takes the id."""
    machine = client.pool.client(**CREDENTIALS)
    token = ask(machine, scope=READ).body["access_token"]
    told = introspect(client, token).body
    assert (told["active"], told["client_id"], told["sub"], told["scope"]) == (
        True,
        machine.client_id,
        machine.client_id,
        READ,
    )
    assert "username" not in told
    client.world.signed.delete_user_pool_client(UserPoolId=client.pool.pool_id, ClientId=machine.client_id)
    assert introspect(client, token).body == INACTIVE


def test_a_refresh_token_is_told_to_its_client_alone(client: ClientOfTests) -> None:
    """Another one of the pool has no business with it; one that was rotated out is active for as long as it refreshes."""
    sibling = client.pool.client(GenerateSecret=True)
    held = tokens_for(client, scope="openid email")
    told = introspect(client, held["refresh_token"]).body
    assert (told["active"], told["client_id"], told["scope"]) == (True, client.client_id, "openid email")
    assert introspect(sibling, held["refresh_token"]).body == INACTIVE
    rotating = code_client(
        client.pool,
        GenerateSecret=True,
        RefreshTokenRotation={"Feature": "ENABLED", "RetryGracePeriodSeconds": 60},
        ExplicitAuthFlows=["ALLOW_USER_PASSWORD_AUTH"],
    )
    first = tokens_for(rotating, scope="openid")["refresh_token"]
    second = refresh(rotating, first).body["refresh_token"]
    client.world.clock.advance(59 * SECOND)
    assert introspect(rotating, first).body["active"]
    assert refresh(rotating, first).body["access_token"]
    client.world.clock.advance(2 * SECOND)
    assert introspect(rotating, first).body == INACTIVE
    assert refresh(rotating, first).body["error"] == "invalid_grant"
    assert introspect(rotating, second).body["active"]
    client.world.clock.advance(31 * DAY)
    assert introspect(client, held["refresh_token"]).body == INACTIVE


@pytest.mark.parametrize("kind", ["access_token", "id_token", "refresh_token"])
@pytest.mark.parametrize("end", ["sign_out", "disable", "delete", "revoke"])
def test_what_ends_a_session_ends_it_here(client: ClientOfTests, kind: str, end: str) -> None:
    """A token is inactive once its session or user is no longer what it was."""
    held = tokens_for(client, scope="openid")
    assert introspect(client, held[kind]).body["active"]
    signed, ids = client.world.signed, {"UserPoolId": client.pool.pool_id, "Username": NAME}
    if end == "sign_out":
        signed.admin_user_global_sign_out(**ids)
    elif end == "disable":
        signed.admin_disable_user(**ids)
    elif end == "delete":
        signed.admin_delete_user(**ids)
    else:
        assert post(client.world, "/oauth2/revoke", {**of_client(client), "token": held["refresh_token"]}).status == 200
    assert introspect(client, held[kind]).body == INACTIVE


def test_what_is_no_token_here_is_inactive(world: World, client: ClientOfTests) -> None:
    """Garbage, forgeries, those of another pool, of a made-up kind, and expired ones: all alike."""
    held = tokens_for(client, scope="openid")
    other = world.pool()
    other.user(NAME)
    foreign = tokens_for(code_client(other), scope="openid")
    claims, ours = claims_of(held["access_token"]), forger(world, client.pool.pool_id)
    strangers = [
        "abc",
        "a.b.c",
        "x" * 2_000,
        held["access_token"][:-4] + "AAAA",
        forger(world, other.pool_id).sign(claims),
        ours.sign({**claims, "token_use": "made-up"}),
        ours.sign({**claims, "client_id": "nobody"}),
        ours.sign({**claims, "client_id": "no client\x00"}),
        ours.sign({**claims, "iss": "https://elsewhere.example/" + client.pool.pool_id}),
        ours.sign({**claims, "exp": "soon"}),
        *(foreign[kind] for kind in ("access_token", "id_token", "refresh_token")),
    ]
    for token in strangers:
        answer = introspect(client, token)
        assert (answer.status, answer.body) == (200, INACTIVE), token[:100]
    world.clock.advance(HOUR)
    assert introspect(client, held["access_token"]).body == INACTIVE


def test_who_asks_proves_it(world: World, client: ClientOfTests) -> None:
    """RFC 7662 2.1 demands authorization: a client of this pool shows its secret, as at the token endpoint."""
    held = tokens_for(client, scope="openid")["access_token"]
    public = code_client(client.pool)
    assert introspect(public, held).error == (400, "unauthorized_client")
    assert introspect(client, held, client_secret="wrong").error == (400, "invalid_client")
    wrong = basic(client.client_id, "wrong")
    assert post(world, "/oauth2/introspect", {"token": held}, wrong).error == (401, "invalid_client")
    right = basic(client.client_id, client.secret or "")
    assert post(world, "/oauth2/introspect", {"token": held}, right).body["active"]
    assert post(world, "/oauth2/introspect", of_client(client)).error == (400, "invalid_request")
    twice = f"token={held}&token={held}&client_id={client.client_id}&client_secret={client.secret}".encode()
    assert post(world, "/oauth2/introspect", twice).error == (400, "invalid_request")
    assert world.get(f"/oauth2/introspect?token={held}", right)[0] == 405
