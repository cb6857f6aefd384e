"""How does a session go on at /oauth2/token? As by the API: within its life and scopes, by one holder (attacks.md 64, 67, 68)."""

from typing import Any

import pytest

from api.devices import new_device, tracked
from api.forge import claims_of
from api.world import ClientOfTests, World, refused
from oauth.hosted import ADMIN, NAME, code_client, refresh, tokens_for, user_info
from poolkeeper.clock import DAY, SECOND

GONE = (400, "invalid_grant")


@pytest.fixture
def client(world: World) -> ClientOfTests:
    """Make a public app client and `ada`."""
    pool = world.pool()
    pool.user(NAME, email="ada@example.com", email_verified="true")
    return code_client(pool)


def rotating(world: World, *, grace: int = 0) -> ClientOfTests:
    """Make an app client whose refresh tokens are used once."""
    pool = world.pool()
    pool.user(NAME)
    rotation = {"Feature": "ENABLED", "RetryGracePeriodSeconds": grace}
    return code_client(pool, ExplicitAuthFlows=["ALLOW_USER_PASSWORD_AUTH"], RefreshTokenRotation=rotation)


def by_api(client: ClientOfTests, token: str) -> dict[str, Any]:
    """Refresh by GetTokensFromRefreshToken."""
    answer = client.world.unsigned.get_tokens_from_refresh_token(ClientId=client.client_id, RefreshToken=token)
    result: dict[str, Any] = answer["AuthenticationResult"]
    return result


def test_without_rotation_the_refresh_token_stays(client: ClientOfTests) -> None:
    """The same session, the same time of sign-in, new tokens, no refresh token beside them."""
    held = tokens_for(client, scope="openid email")
    again = refresh(client, held["refresh_token"])
    assert set(again.body) == {"access_token", "id_token", "token_type", "expires_in"}
    before, after = claims_of(held["access_token"]), claims_of(again.body["access_token"])
    same = ("origin_jti", "event_id", "auth_time", "scope", "version")
    assert [before[name] for name in same] == [after[name] for name in same]
    assert before["jti"] != after["jti"]
    assert again.headers["cache-control"] == "no-store"


def test_with_rotation_a_second_use_ends_the_family(world: World) -> None:
    """attacks.md 64: the successor dies with it, once nobody could have lost an answer any more."""
    client = rotating(world)
    held = tokens_for(client, scope="openid")
    after = refresh(client, held["refresh_token"]).body
    assert after["refresh_token"] != held["refresh_token"]
    world.clock.advance(11 * SECOND)
    assert refresh(client, held["refresh_token"]).error == GONE
    assert refresh(client, after["refresh_token"]).error == GONE
    assert user_info(world, after["access_token"]).status == 401


def test_within_the_grace_the_same_successor_comes_again(world: World) -> None:
    """A client that lost the answer is no thief."""
    client = rotating(world, grace=30)
    held = tokens_for(client)
    after = [refresh(client, held["refresh_token"]).body["refresh_token"] for _ in range(3)]
    assert len(set(after)) == 1


def test_no_refresh_makes_a_session_longer(world: World) -> None:
    """attacks.md 67: thirty days from the sign-in, rotated or not."""
    client = rotating(world)
    token = tokens_for(client)["refresh_token"]
    for _ in range(2):
        world.clock.advance(14 * DAY)
        token = refresh(client, token).body["refresh_token"]
    world.clock.advance(2 * DAY)
    assert refresh(client, token).error == GONE


def test_scopes_become_fewer_and_never_more(client: ClientOfTests) -> None:
    """attacks.md 68, RFC 6749 6: fewer for these tokens alone; none beyond, the client's other ones included."""
    held = tokens_for(client, scope="openid email")
    narrowed = refresh(client, held["refresh_token"], scope="email").body
    assert claims_of(narrowed["access_token"])["scope"] == "email"
    assert "id_token" not in narrowed
    for more in (f"openid email {ADMIN}", "openid phone", "made/up"):
        assert refresh(client, held["refresh_token"], scope=more).error == (400, "invalid_scope")
    again = refresh(client, held["refresh_token"]).body
    assert claims_of(again["access_token"])["scope"] == "openid email"
    assert "email" in claims_of(again["id_token"])


def test_a_session_without_the_scope_opens_nothing_in_the_api_however_it_is_refreshed(
    world: World, client: ClientOfTests
) -> None:
    """attacks.md 68: the scopes of a hosted sign-in are the session's, at both operations of the API too."""
    held = tokens_for(client, scope="openid email")
    refreshed = [
        held["access_token"],
        by_api(client, held["refresh_token"])["AccessToken"],
        client.initiate("REFRESH_TOKEN_AUTH", REFRESH_TOKEN=held["refresh_token"])["AuthenticationResult"][
            "AccessToken"
        ],
    ]
    for token in refreshed:
        assert claims_of(token)["scope"] == "openid email"
        assert refused(lambda: world.unsigned.get_user(AccessToken=token)) == (  # noqa: B023 - called at once
            "NotAuthorizedException",
            "Access Token does not have required scopes",
        )
        assert user_info(world, token).status == 200


def test_without_openid_the_api_gives_no_id_token_either(world: World, client: ClientOfTests) -> None:
    """Of a hosted session; the token API is open to it by its scope."""
    held = tokens_for(client, scope=ADMIN)
    again = by_api(client, held["refresh_token"])
    assert "IdToken" not in again
    assert world.unsigned.get_user(AccessToken=again["AccessToken"])["Username"] == NAME
    assert user_info(world, again["AccessToken"]).status == 401


def test_a_session_of_the_api_goes_on_here_too(client: ClientOfTests) -> None:
    """oauth-federation.md 3.1: with the scope that it has, and its ID token."""
    held = client.tokens(NAME)
    again = refresh(client, held["RefreshToken"]).body
    assert claims_of(again["access_token"])["scope"] == ADMIN
    assert "version" not in claims_of(again["access_token"])
    assert claims_of(again["id_token"])["cognito:username"] == NAME


def test_not_where_a_device_would_have_to_be_shown(world: World) -> None:
    """oauth-federation.md 3.1: remembered devices are the API's."""
    pool = tracked(world)
    pool.user(NAME)
    client = code_client(pool)
    device, held = new_device(client, NAME), client.tokens(NAME)
    assert device.key
    assert refresh(client, held["RefreshToken"]).error == GONE
    assert refresh(client, tokens_for(client)["refresh_token"]).status == 200


@pytest.mark.parametrize("text", ["", "abc", "A" * 50, "a.b.c.d.e", "\u2603"])
def test_what_is_no_refresh_token_gives_nothing(client: ClientOfTests, text: str) -> None:
    """An empty one is missing."""
    expected = (400, "invalid_grant") if text else (400, "invalid_request")
    assert refresh(client, text).error == expected


def test_another_client_gets_nothing_for_it(client: ClientOfTests) -> None:
    """attacks.md 65: a refresh token is its client's."""
    token = tokens_for(client)["refresh_token"]
    assert refresh(code_client(client.pool), token).error == GONE
    assert refresh(code_client(client.world.pool()), token).error == GONE
    assert refresh(client, token).status == 200


@pytest.mark.parametrize("ending", ["admin_disable_user", "admin_user_global_sign_out", "admin_delete_user"])
def test_what_ends_a_session_ends_it_here(client: ClientOfTests, ending: str) -> None:
    """attacks.md 66."""
    token = tokens_for(client)["refresh_token"]
    client.pool.admin(ending, NAME)
    assert refresh(client, token).error == GONE


def test_a_client_that_reads_half_of_a_scope_gets_nothing_more(world: World, client: ClientOfTests) -> None:
    """oauth-federation.md 3.1: also where it could read all of it when the session began."""
    token = tokens_for(client, scope="openid email")["refresh_token"]
    described = world.signed.describe_user_pool_client(UserPoolId=client.pool.pool_id, ClientId=client.client_id)
    kept = {
        name: value
        for name, value in described["UserPoolClient"].items()
        if name not in {"CreationDate", "LastModifiedDate", "ClientSecret"}
    }
    world.signed.update_user_pool_client(**{**kept, "ReadAttributes": ["email"]})
    assert refresh(client, token).error == GONE
    assert refresh(client, token, scope="openid").status == 200
