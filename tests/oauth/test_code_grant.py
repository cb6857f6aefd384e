"""To whom does a code give tokens? Once to the app that it was made for, and to nobody else (attacks.md 79-82)."""

import base64
import hashlib

import pytest

from api.forge import claims_of
from api.signing_in import at_once
from api.world import ClientOfTests, World
from oauth.hosted import (
    ADMIN,
    CHALLENGE,
    NAME,
    VERIFIER,
    arrive,
    code_by_cookie,
    code_client,
    code_for,
    exchange,
    post,
    refresh,
    tokens_for,
    user_info,
)
from poolkeeper.clock import MINUTE, SECOND

PKCE = {"code_challenge": CHALLENGE, "code_challenge_method": "S256"}


@pytest.fixture
def client(world: World) -> ClientOfTests:
    """Make a public app client, and `ada` with every address."""
    pool = world.pool()
    pool.user(NAME, email="ada@example.com", email_verified="true", phone_number="+491512348920", name="Ada")
    return code_client(pool)


def alive(world: World, access_token: str) -> bool:
    return user_info(world, access_token).status == 200


def test_a_code_gives_three_tokens(world: World, client: ClientOfTests) -> None:
    """RFC 6749 5.1: JSON that nobody keeps, a number of seconds, a refresh token without offline_access."""
    answer = exchange(client, code_for(client, scope=f"openid email {ADMIN}", nonce="n-1", state="s"))
    assert answer.status == 200
    assert set(answer.body) == {"access_token", "id_token", "refresh_token", "token_type", "expires_in"}
    assert (answer.body["token_type"], answer.body["expires_in"]) == ("Bearer", 3600)
    assert (answer.headers["cache-control"], answer.headers["pragma"]) == ("no-store", "no-cache")
    assert answer.headers["access-control-allow-origin"] == "*"
    assert "www-authenticate" in answer.headers["access-control-expose-headers"].lower()
    assert world.unsigned.get_user(AccessToken=answer.body["access_token"])["Username"] == NAME
    assert alive(world, answer.body["access_token"])


def test_the_claims_are_those_of_a_hosted_sign_in(client: ClientOfTests) -> None:
    """measured.md 8: version 2, the scopes as a text, at_hash and nonce in the ID token, the attributes of the scopes."""
    held = tokens_for(client, scope="openid email", nonce="n-1")
    access, identity = claims_of(held["access_token"]), claims_of(held["id_token"])
    # fmt: off
    assert set(access) == {
        "sub", "iss", "version", "client_id", "origin_jti", "event_id", "token_use", "scope", "auth_time", "exp", "iat",
        "jti", "username",
    }
    assert set(identity) == {
        "at_hash", "sub", "email_verified", "iss", "cognito:username", "origin_jti", "aud", "event_id", "token_use",
        "auth_time", "exp", "iat", "jti", "email", "nonce",
    }
    # fmt: on
    assert (access["version"], access["scope"]) == (2, "openid email")
    digest = hashlib.sha256(held["access_token"].encode()).digest()[:16]
    assert identity["at_hash"] == base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
    assert (identity["nonce"], identity["email_verified"]) == ("n-1", True)


def test_without_openid_there_is_no_id_token(client: ClientOfTests) -> None:
    """Also after a refresh."""
    held = tokens_for(client, scope=ADMIN)
    assert "id_token" not in held
    assert "id_token" not in refresh(client, held["refresh_token"]).body


def test_a_resource_is_the_audience_and_stays_it(client: ClientOfTests) -> None:
    """RFC 8707, of the access token alone, kept on refresh; the nonce is not."""
    resource = "https://api.example/v1"
    held = tokens_for(client, scope="openid", resource=resource, nonce="n-1")
    again = refresh(client, held["refresh_token"]).body
    for one in (held, again):
        assert claims_of(one["access_token"])["aud"] == resource
        assert claims_of(one["id_token"])["aud"] == client.client_id
    assert "nonce" not in claims_of(again["id_token"])
    assert claims_of(again["id_token"])["at_hash"] != claims_of(held["id_token"])["at_hash"]


@pytest.mark.parametrize(
    ("scope", "told"),
    [
        ("openid", {"email", "email_verified", "phone_number", "phone_number_verified", "name", "custom:team"}),
        (
            f"openid {ADMIN}",
            {"email", "email_verified", "phone_number", "phone_number_verified", "name", "custom:team"},
        ),
        ("openid email", {"email", "email_verified"}),
        ("openid phone", {"phone_number", "phone_number_verified"}),
        ("openid profile", {"name", "custom:team"}),
        ("openid email phone", {"email", "email_verified", "phone_number", "phone_number_verified"}),
    ],
)
def test_scopes_choose_among_the_attributes(world: World, scope: str, told: set[str]) -> None:
    """oauth-federation.md 3.2: in the ID token and in userInfo alike."""
    pool = world.pool(Schema=[{"Name": "team", "AttributeDataType": "String", "Mutable": True}])
    pool.user(
        NAME,
        email="ada@example.com",
        email_verified="true",
        phone_number="+491512348920",
        phone_number_verified="true",
        name="Ada",
        custom_team="engines",
    )
    held = tokens_for(code_client(pool), scope=scope)
    every = {"email", "email_verified", "phone_number", "phone_number_verified", "name", "custom:team"}
    assert every & set(claims_of(held["id_token"])) == told
    assert every & set(user_info(world, held["access_token"]).body) == told


def test_a_code_is_spent_once_and_its_second_use_ends_what_it_gave(world: World, client: ClientOfTests) -> None:
    """attacks.md 79: whoever comes second, thief or owner, ends the session of the first."""
    code = code_for(client, scope="openid")
    held = exchange(client, code).body
    assert alive(world, held["access_token"])
    assert exchange(client, code).error == (400, "invalid_grant")
    assert not alive(world, held["access_token"])
    assert refresh(client, held["refresh_token"]).error == (400, "invalid_grant")


def test_of_twenty_exchanges_one_succeeds_and_is_revoked(world: World, client: ClientOfTests) -> None:
    """attacks.md 79: in parallel too."""
    code = code_for(client, scope="openid")
    answers = at_once([lambda: exchange(client, code)] * 20)
    (winner,) = [one for one in answers if one.status == 200]
    assert {one.error for one in answers if one is not winner} == {(400, "invalid_grant")}
    assert not alive(world, winner.body["access_token"])


def test_a_code_lives_five_minutes(world: World, client: ClientOfTests) -> None:
    """attacks.md 80: and not a second longer."""
    early, late = code_for(client), code_for(client)
    world.clock.advance(5 * MINUTE - SECOND)
    assert exchange(client, early).status == 200
    world.clock.advance(SECOND)
    assert exchange(client, late).error == (400, "invalid_grant")


@pytest.mark.parametrize("redirect_uri", ["https://app.example/callback/", "https://app.example/other", "", None])
def test_a_code_is_bound_to_its_redirect_address(client: ClientOfTests, redirect_uri: str | None) -> None:
    """attacks.md 80: byte for byte, and it has to be there, in AWS's words; the code stays good for whoever knows it."""
    code = code_for(client)
    fields = {"grant_type": "authorization_code", "code": code, "client_id": client.client_id}
    more = {} if redirect_uri is None else {"redirect_uri": redirect_uri}
    answer = post(client.world, "/oauth2/token", fields | more)
    assert answer.error == (400, "unauthorized_client")
    assert answer.body["error_description"] == "invalid_redirect"
    assert exchange(client, code).status == 200


def test_a_code_is_bound_to_its_client(world: World, client: ClientOfTests) -> None:
    """attacks.md 80, 82: neither another client of the pool nor one of another pool gets anything for it."""
    code = code_for(client)
    for other in (code_client(client.pool), code_client(world.pool())):
        assert exchange(other, code).error == (400, "invalid_grant")
    assert exchange(client, code).status == 200


@pytest.mark.parametrize(
    ("asked", "brought"),
    [
        (PKCE, {}),
        (PKCE, {"code_verifier": "w" * 43}),
        (PKCE, {"code_verifier": CHALLENGE}),
        (PKCE, {"code_verifier": VERIFIER[:-1]}),
        (PKCE, {"code_verifier": ""}),
        ({}, {"code_verifier": VERIFIER}),
    ],
    ids=["missing", "wrong", "plain", "short", "empty", "downgrade"],
)
def test_a_challenge_wants_its_verifier_and_the_reverse(
    client: ClientOfTests, asked: dict[str, str], brought: dict[str, str]
) -> None:
    """attacks.md 81: RFC 7636 4.6, and RFC 9700 4.8.2 for a verifier where no challenge was."""
    assert exchange(client, code_for(client, **asked), **brought).error == (400, "invalid_grant")


def test_the_right_verifier_passes(client: ClientOfTests) -> None:
    """S256."""
    assert exchange(client, code_for(client, **PKCE), code_verifier=VERIFIER).status == 200


@pytest.mark.parametrize("ending", ["admin_disable_user", "admin_delete_user", "admin_reset_user_password"])
def test_a_code_of_whoever_may_have_no_tokens_gives_none(client: ClientOfTests, ending: str) -> None:
    """The gate judges at the exchange, by what is true then."""
    code = code_for(client)
    client.pool.admin(ending, NAME)
    assert exchange(client, code).error == (400, "invalid_grant")


def test_a_client_that_may_no_longer_have_codes_exchanges_none(world: World, client: ClientOfTests) -> None:
    """unauthorized_client, since the client is who it says."""
    code = code_for(client)
    world.signed.update_user_pool_client(UserPoolId=client.pool.pool_id, ClientId=client.client_id)
    assert exchange(client, code).error == (400, "unauthorized_client")


def test_a_client_gets_no_scope_whose_attributes_it_cannot_read(client: ClientOfTests) -> None:
    """oauth-federation.md 3.1: e-mail without its mark is half of a scope."""
    half = code_client(client.pool, ReadAttributes=["email", "name"])
    assert exchange(half, code_for(half, scope="openid email")).error == (400, "invalid_grant")
    assert exchange(half, code_for(half, scope="openid profile")).status == 200


def test_authorize_goes_on_from_the_browser_session(client: ClientOfTests) -> None:
    """A second code comes by HTTP alone, of the same sign-in."""
    cookie = arrive(client, scope="openid").headers["set-cookie"].partition(";")[0]
    first, second = code_by_cookie(client, cookie, scope="openid"), code_by_cookie(client, cookie, scope="openid")
    held = [exchange(client, code).body["access_token"] for code in (first, second)]
    assert claims_of(held[0])["origin_jti"] != claims_of(held[1])["origin_jti"]
    assert claims_of(held[0])["auth_time"] == claims_of(held[1])["auth_time"]
