"""What does /oauth2/userInfo tell, and to whom? The bearer of a living token with openid (oauth-federation.md 3.2)."""

import pytest

from api.forge import claims_of, forger
from api.world import ClientOfTests, World
from oauth.hosted import ADMIN, NAME, Answer, code_client, post, read, refresh, tokens_for, user_info
from poolkeeper.clock import HOUR
from poolkeeper.server.upkeep import set_preferences

DEAD = (
    'error="invalid_token", error_description="Access token is expired, disabled, or deleted, '
    'or the user has globally signed out."'
)
BAD = 'error="invalid_request", error_description="Bad OAuth2 request at UserInfo Endpoint"'


@pytest.fixture
def client(world: World) -> ClientOfTests:
    """Make a public app client and `ada`."""
    pool = world.pool()
    pool.user(
        NAME,
        email="ada@example.com",
        email_verified="true",
        phone_number="+491512348920",
        phone_number_verified="false",
        name="Ada",
        address="Old Pool Lane",
        updated_at="1700000000",
    )
    return code_client(pool)


def dead(answer: Answer) -> bool:
    return answer.error == (401, "invalid_token") and answer.headers["www-authenticate"] == DEAD


def bad(answer: Answer) -> bool:
    return answer.error == (400, "invalid_request") and answer.headers["www-authenticate"] == BAD


def test_it_tells_who_the_bearer_is(world: World, client: ClientOfTests) -> None:
    """AWS's form: `sub` and `username` always, the marks of verification as strings."""
    held = tokens_for(client, scope="openid")
    answer = user_info(world, held["access_token"])
    assert answer.status == 200
    assert answer.body == {
        "sub": claims_of(held["access_token"])["sub"],
        "username": NAME,
        "email": "ada@example.com",
        "email_verified": "true",
        "phone_number": "+491512348920",
        "phone_number_verified": "false",
        "name": "Ada",
        "address": {"formatted": "Old Pool Lane"},
        "updated_at": 1_700_000_000,
    }
    assert answer.headers["content-type"].startswith("application/json")
    assert answer.headers["cache-control"] == "no-store"


def test_a_pool_may_have_booleans(world: World, client: ClientOfTests) -> None:
    """OpenID Connect Core 5.1, where an operator says so."""
    token = tokens_for(client, scope="openid email")["access_token"]
    for choice, expected in (("on", True), ("off", "true")):
        world.run(lambda: set_preferences(world.house, client.pool.pool_id, [f"user_info_booleans={choice}"]))  # noqa: B023 - called at once
        assert user_info(world, token).body["email_verified"] == expected


def test_only_what_the_client_reads(world: World, client: ClientOfTests) -> None:
    """ReadAttributes, and `sub` always."""
    reader = code_client(client.pool, ReadAttributes=["name"])
    body = user_info(world, tokens_for(reader, scope="openid")["access_token"]).body
    assert set(body) == {"sub", "username", "name"}


def test_the_token_comes_in_one_of_three_ways(world: World, client: ClientOfTests) -> None:
    """GET and POST with the header, POST with a form (RFC 6750 2.2); the alias in small letters."""
    token = tokens_for(client, scope="openid email")["access_token"]
    header = {"Authorization": f"Bearer {token}"}
    for path in ("/oauth2/userInfo", "/oauth2/userinfo"):
        answers = [
            user_info(world, token, path),
            read(*world.get(path, {"Authorization": f"bearer {token}"})),
            read(*world.http("POST", path, body=b"", headers=header)),
            post(world, path, {"access_token": token}),
        ]
        assert [one.status for one in answers] == [200] * 4
        assert len({str(one.body) for one in answers}) == 1


def test_none_two_or_one_in_the_address_is_a_bad_request(world: World, client: ClientOfTests) -> None:
    """RFC 6750 2: one way each time, and never where histories keep it."""
    token = tokens_for(client, scope="openid")["access_token"]
    header = {"Authorization": f"Bearer {token}"}
    named = f"?client_id={client.client_id}"
    assert bad(read(*world.get(f"/oauth2/userInfo{named}")))
    assert bad(read(*world.get(f"/oauth2/userInfo{named}", {"Authorization": "Bearer"})))
    assert bad(read(*world.get(f"/oauth2/userInfo{named}", {"Authorization": "Bearer "})))
    assert bad(read(*world.get(f"/oauth2/userInfo{named}&access_token={token}")))
    assert bad(read(*world.get(f"/oauth2/userInfo?access_token={token}", header)))
    assert bad(post(world, "/oauth2/userInfo", {"access_token": token}, header))


def test_a_token_without_openid_is_refused(world: World, client: ClientOfTests) -> None:
    """Of the pages or of the API, whose only scope is the API's."""
    for token in (tokens_for(client, scope=ADMIN)["access_token"], client.tokens(NAME)["AccessToken"]):
        answer = user_info(world, token)
        assert answer.error == (401, "invalid_token")
        assert "Access token does not contain openid scope" in answer.headers["www-authenticate"]


@pytest.mark.parametrize("ending", ["admin_disable_user", "admin_delete_user", "admin_user_global_sign_out"])
def test_what_ends_the_session_ends_it_here(world: World, client: ClientOfTests, ending: str) -> None:
    """attacks.md 66."""
    token = tokens_for(client, scope="openid")["access_token"]
    client.pool.admin(ending, NAME)
    assert dead(user_info(world, token))


def test_an_hour_later_it_has_expired(world: World, client: ClientOfTests) -> None:
    """And a refresh gives one that has not."""
    held = tokens_for(client, scope="openid")
    world.clock.advance(HOUR)
    assert dead(user_info(world, held["access_token"]))
    assert user_info(world, refresh(client, held["refresh_token"]).body["access_token"]).status == 200


def test_no_other_token_will_do(world: World, client: ClientOfTests) -> None:
    """An ID token, a refresh token, garbage, another kind under our own signature."""
    held = tokens_for(client, scope="openid")
    domain = f"info-{client.pool.pool_id.partition('_')[2].lower()}"
    world.signed.create_user_pool_domain(UserPoolId=client.pool.pool_id, Domain=domain)
    path = f"/_domains/{domain}/oauth2/userInfo"
    claims = claims_of(held["access_token"])
    signed = forger(world, client.pool.pool_id).sign
    others = [
        held["id_token"],
        held["refresh_token"],
        "abc",
        "a.b.c",
        held["access_token"][:-4] + "AAAA",
        signed({**claims, "token_use": "id"}),
        signed({**claims, "client_id": "another"}),
        signed({**claims, "sub": "another"}),
        signed({**claims, "origin_jti": "another"}),
    ]
    assert user_info(world, held["access_token"], path).status == 200
    for token in others:
        assert dead(user_info(world, token, path)), token


def test_a_token_of_another_pool_is_none_here(world: World, client: ClientOfTests) -> None:
    """At a pool's own domain a sibling's token tells nothing."""
    other = world.pool()
    domain = f"else-{other.pool_id.partition('_')[2].lower()}"
    world.signed.create_user_pool_domain(UserPoolId=other.pool_id, Domain=domain)
    token = tokens_for(client, scope="openid")["access_token"]
    assert user_info(world, token).status == 200
    assert dead(user_info(world, token, f"/_domains/{domain}/oauth2/userInfo"))
