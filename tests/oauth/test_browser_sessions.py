"""How does a person see and end the sign-ins of browsers? As SSO sessions, beside the token sessions that came from them."""

import json
from functools import partial
from typing import Any

import pytest

from api.waiting_tokens import second_waits
from api.world import ClientOfTests, PoolOfTests, World, refused
from oauth.browsing import CALLBACK, Browser, app_client, request_of
from poolkeeper.hosted import codes
from poolkeeper.lookup import require_client


def _tracked(world: World) -> PoolOfTests:
    pool = world.pool()
    world.signed.set_user_pool_session_configuration(
        UserPoolId=pool.pool_id, UserSessionTracking="ENABLED", TokenSession={"MaxPerUser": 20}
    )
    return pool


def _exchange(client: ClientOfTests, code: str) -> str:
    """Exchange a code without an endpoint; return the access token."""
    world = client.world

    async def redeem() -> str:
        call = world.app._call(
            region=None, caller=None, client_address="", user_agent="", request_id="", now=world.clock.now()
        )
        pool, known = await require_client(call, client.client_id)
        tokens = await codes.redeem(call, pool, known, code=code, redirect_uri=CALLBACK, verifier=None)
        return tokens.access

    return world.run(redeem)


def _listed(pool: PoolOfTests) -> dict[str, dict[str, Any]]:
    listed = pool.admin("admin_list_user_sessions", "ada")["Sessions"]
    return {one["SessionId"]: one for one in listed}


def test_a_browser_stands_in_the_list_beside_what_came_from_it(world: World) -> None:
    """`sso...` of type SSO without a client; its tokens name it as their origin."""
    pool = _tracked(world)
    client = app_client(pool)
    pool.user("ada")
    browser = Browser(pool)
    code = browser.sign_in(client, "ada").told["code"]
    ((name, sso),) = _listed(pool).items()
    assert (name[:3], sso["SessionType"], "ClientId" in sso) == ("sso", "SSO", False)
    _exchange(client, code)
    listed = _listed(pool)
    (token,) = (one for one in listed.values() if one["SessionType"] == "TOKEN")
    assert (token["OriginSessionId"], token["ClientId"]) == (name, client.client_id)
    assert len(listed) == 2


@pytest.mark.parametrize("linked", ["NONE", "LINKED"])
def test_ending_a_browser_ends_what_came_from_it_if_so_asked(world: World, linked: str) -> None:
    """RevokeAssociatedSessions; in either case an unused code gives nothing any more."""
    pool = _tracked(world)
    client = app_client(pool)
    pool.user("ada")
    browser = Browser(pool)
    access = _exchange(client, browser.sign_in(client, "ada").told["code"])
    waiting = browser.get("/oauth2/authorize", request_of(client)).told["code"]
    name = next(name for name in _listed(pool) if name.startswith("sso"))
    pool.admin("admin_revoke_user_session", "ada", SessionId=name, RevokeAssociatedSessions=linked)
    assert browser.get("/oauth2/authorize", request_of(client)).location.startswith("/login?")
    with pytest.raises(codes.BadGrant):
        _exchange(client, waiting)
    if linked == "NONE":
        assert [one["SessionType"] for one in _listed(pool).values()] == ["TOKEN"]
        assert world.unsigned.get_user(AccessToken=access)["Username"] == "ada"
    else:
        assert _listed(pool) == {}
        assert refused(lambda: world.unsigned.get_user(AccessToken=access))[0] == "NotAuthorizedException"


@pytest.mark.parametrize("linked", ["NONE", "LINKED"])
def test_a_code_waits_for_who_ends_the_browser_it_came_from(
    world: World, monkeypatch: pytest.MonkeyPatch, linked: str
) -> None:
    """The ending is held at its COMMIT while the code is exchanged: it could not find the session that this would open."""
    if world.engine == "sqlite":
        pytest.skip("SQLite has one writer: nothing is written while a change is not committed")
    pool = _tracked(world)
    client = app_client(pool)
    pool.user("ada")
    code = Browser(pool).sign_in(client, "ada").told["code"]
    (name,) = _listed(pool)
    refusals: list[str] = []

    def exchange() -> None:
        try:
            _exchange(client, code)
        except codes.BadGrant as fault:
            refusals.append(str(fault))

    end = partial(pool.admin, "admin_revoke_user_session", "ada", SessionId=name, RevokeAssociatedSessions=linked)
    second_waits(world, monkeypatch, end, exchange)
    assert len(refusals) == 1
    assert _listed(pool) == {}


@pytest.mark.parametrize("linked", ["NONE", "LINKED"])
def test_ending_tokens_ends_the_browser_they_came_from_if_so_asked(world: World, linked: str) -> None:
    """The other direction."""
    pool = _tracked(world)
    client = app_client(pool)
    pool.user("ada")
    browser = Browser(pool)
    _exchange(client, browser.sign_in(client, "ada").told["code"])
    name = next(name for name in _listed(pool) if name.startswith("tkn"))
    pool.admin("admin_revoke_user_session", "ada", SessionId=name, RevokeAssociatedSessions=linked)
    still = "code" in browser.get("/oauth2/authorize", request_of(client)).told
    assert still is (linked == "NONE")


@pytest.mark.parametrize("linked", ["NONE", "LINKED"])
def test_revoking_a_token_ends_the_browser_it_came_from_if_so_asked(world: World, linked: str) -> None:
    """RevokeToken has the same member; it works where nothing is tracked, too."""
    pool = world.pool()
    client = app_client(pool)
    pool.user("ada")
    browser = Browser(pool)
    code = browser.sign_in(client, "ada").told["code"]
    tokens = browser.post(
        "/oauth2/token",
        {"grant_type": "authorization_code", "client_id": client.client_id, "code": code, "redirect_uri": CALLBACK},
    )
    refresh = json.loads(tokens.body)["refresh_token"]
    world.unsigned.revoke_token(Token=refresh, ClientId=client.client_id, RevokeAssociatedSessions=linked)
    still = "code" in browser.get("/oauth2/authorize", request_of(client)).told
    assert still is (linked == "NONE")


def test_another_users_browser_cannot_be_ended(world: World) -> None:
    """The name of a session is not a right."""
    pool = _tracked(world)
    client = app_client(pool)
    pool.user("ada")
    pool.user("bob")
    browser = Browser(pool)
    browser.sign_in(client, "ada")
    (name,) = _listed(pool)
    answer = refused(lambda: pool.admin("admin_revoke_user_session", "bob", SessionId=name))
    assert answer[0] == "ResourceNotFoundException"
    assert "code" in browser.get("/oauth2/authorize", request_of(client)).told


def test_a_code_gives_tokens_once(world: World) -> None:
    """Who comes with it again ends what it gave (RFC 6749 section 4.1.2)."""
    pool = world.pool()
    client = app_client(pool)
    pool.user("ada")
    code = Browser(pool).sign_in(client, "ada").told["code"]
    access = _exchange(client, code)
    assert world.unsigned.get_user(AccessToken=access)["Username"] == "ada"
    with pytest.raises(codes.BadGrant):
        _exchange(client, code)
    assert refused(lambda: world.unsigned.get_user(AccessToken=access))[0] == "NotAuthorizedException"


def test_nothing_is_kept_that_makes_a_code_or_a_cookie(world: World) -> None:
    """attacks.md 155: the rows hold digests."""
    pool = world.pool()
    client = app_client(pool)
    pool.user("ada")
    browser = Browser(pool)
    code = browser.sign_in(client, "ada").told["code"]
    (cookie,) = browser.cookies.values()
    for table in ("authorization_codes", "browser_sessions"):
        for row in world.rows(f"SELECT * FROM {table} WHERE pool_id = $1", pool.pool_id):
            held = " ".join(map(str, row))
            assert code not in held
            assert cookie.partition(".")[2] not in held
