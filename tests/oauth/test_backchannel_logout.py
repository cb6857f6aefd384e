"""Do app clients hear that somebody is signed out? By a logout token of ours, and whichever way the browser session ended."""

import json
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import parse_qs

import pytest
from joserfc import jwt
from joserfc.jwk import KeySet

from api.forge import claims_of
from api.world import World
from oauth.browsing import SIGNED_OUT
from oauth.relying_party import NAME, RelyingParty, another, relying_party
from poolkeeper.backchannel_settings import BackchannelSetting
from poolkeeper.clock import SECOND
from waiting import wait_for
from web_sink import Sink, Taken, web_sink

EVENT = "http://schemas.openid.net/event/backchannel-logout"


@pytest.fixture
def sink() -> Iterator[Sink]:
    """Run what takes logout tokens."""
    with web_sink() as made:
        yield made


@pytest.fixture
def parties(world: World, sink: Sink) -> Iterator[tuple[RelyingParty, RelyingParty]]:
    """Make two relying parties of one pool and browser, of which the first is told."""
    told = relying_party(world)
    other = another(told)
    other.browser = told.browser
    entry = BackchannelSetting(client_id=told.client.client_id, url=f"{sink.url}/out", private=True)
    settings = world.house.settings
    object.__setattr__(settings, "backchannel_logout", (entry,))
    yield told, other
    object.__setattr__(settings, "backchannel_logout", ())


def verified(party: RelyingParty, taken: Taken) -> dict[str, Any]:
    """Return the claims of a logout token as a relying party does (Back-Channel Logout 1.0 section 2.6)."""
    assert taken.headers["content-type"] == "application/x-www-form-urlencoded"
    ((name, (token,)),) = parse_qs(taken.body.decode()).items()
    assert name == "logout_token"
    jwks = json.loads(party.world.get(f"/{party.client.pool.pool_id}/.well-known/jwks.json")[2])
    read = jwt.decode(token, KeySet.import_key_set(jwks), algorithms=["RS256"])
    assert read.header["typ"] == "logout+jwt"
    now = party.world.clock.now() // SECOND
    claims: dict[str, Any] = read.claims
    assert claims.keys() == {"iss", "sub", "aud", "iat", "exp", "jti", "events", "sid"}
    assert (claims["iss"], claims["aud"]) == (party.provider["issuer"], party.client.client_id)
    assert claims["events"] == {EVENT: {}}
    assert claims["iat"] <= now < claims["exp"] <= now + 120
    return claims


def test_a_sign_out_is_told_to_whom_the_operator_names(parties: tuple[RelyingParty, RelyingParty], sink: Sink) -> None:
    """`sub` and `sid` are those of the ID token; another client of the same browser has no `sid` and hears nothing."""
    told, other = parties
    assert told.provider["backchannel_logout_supported"] is True
    assert told.provider["backchannel_logout_session_supported"] is True
    held = told.signed_in()
    identity = claims_of(held["id_token"])
    request = other.request(prompt="none")
    assert "sid" not in claims_of(other.tokens(other.ask(request), request)["id_token"])
    refreshed = told.token(grant_type="refresh_token", refresh_token=held["refresh_token"]).body
    assert claims_of(refreshed["id_token"])["sid"] == identity["sid"]
    assert identity["sid"].startswith("sso")
    assert sink.taken == []

    told.sign_out(id_token_hint=held["id_token"], post_logout_redirect_uri=SIGNED_OUT)
    wait_for(lambda: bool(sink.taken))
    (taken,) = sink.at("/out")
    claims = verified(told, taken)
    assert (claims["sub"], claims["sid"]) == (identity["sub"], identity["sid"])
    # A logout token opens nothing here, and is no hint.
    token = parse_qs(taken.body.decode())["logout_token"][0]
    assert told.world.get("/oauth2/userInfo", {"Authorization": f"Bearer {token}"})[0] == 401
    assert told.sign_out(id_token_hint=token).location.startswith("/logout/confirm?")
    # Signed out already: nobody is told again.
    told.sign_out(id_token_hint=held["id_token"])
    assert len(sink.taken) == 1


ENDINGS: dict[str, Callable[[RelyingParty, dict[str, Any]], object]] = {
    "RevokeToken": lambda one, held: one.world.unsigned.revoke_token(
        Token=held["refresh_token"],
        ClientId=one.client.client_id,
        ClientSecret=one.client.secret,
        RevokeAssociatedSessions="LINKED",
    ),
    "AdminDisableUser": lambda one, _: one.client.pool.admin("admin_disable_user", NAME),
    "AdminDeleteUser": lambda one, _: one.client.pool.admin("admin_delete_user", NAME),
    "EraseUser": lambda one, _: one.world.client("poolkeeper").erase_user(
        UserPoolId=one.client.pool.pool_id, Username=NAME
    ),
    "AdminUserGlobalSignOut": lambda one, _: one.client.pool.admin("admin_user_global_sign_out", NAME),
}


@pytest.mark.parametrize("ending", ENDINGS)
def test_every_ending_is_told(parties: tuple[RelyingParty, RelyingParty], sink: Sink, ending: str) -> None:
    """Of the browser session; a global sign-out ends it where the operator says so."""
    told, _ = parties
    settings = told.world.house.settings
    object.__setattr__(settings, "global_sign_out_ends_browsers", True)
    try:
        held = told.signed_in()
        ENDINGS[ending](told, held)
    finally:
        object.__setattr__(settings, "global_sign_out_ends_browsers", False)
    wait_for(lambda: bool(sink.taken))
    assert verified(told, sink.taken[0])["sid"] == claims_of(held["id_token"])["sid"]


def test_a_session_that_is_revoked_is_told(parties: tuple[RelyingParty, RelyingParty], sink: Sink) -> None:
    """By AdminRevokeUserSession, at the browser session and at a token session with what is linked."""
    told, _ = parties
    world, pool_id = told.world, told.client.pool.pool_id
    tracked = {"UserSessionTracking": "ENABLED", "TokenSession": {"MaxPerUser": 20}}
    world.signed.set_user_pool_session_configuration(UserPoolId=pool_id, **tracked)
    for number in (1, 2):
        told.browser.cookies.clear()
        named = claims_of(told.signed_in()["id_token"])["sid"]
        if number == 2:
            listed = world.signed.admin_list_user_sessions(UserPoolId=pool_id, Username=NAME)["Sessions"]
            named = next(one["SessionId"] for one in listed if one["SessionId"].startswith("tkn"))
        told.client.pool.admin("admin_revoke_user_session", NAME, SessionId=named, RevokeAssociatedSessions="LINKED")
        wait_for(lambda: len(sink.taken) == number)  # noqa: B023 - called at once


def test_an_app_that_fails_is_told_again_and_one_that_refuses_is_not(
    parties: tuple[RelyingParty, RelyingParty], sink: Sink
) -> None:
    """After five seconds, with another token; 400 is an app's last word (section 2.8)."""
    told, _ = parties
    sink.answer = lambda _: 503
    held = told.signed_in()
    told.sign_out(id_token_hint=held["id_token"])
    wait_for(lambda: bool(sink.taken))
    sink.answer = lambda _: 400
    waiting = "SELECT attempts FROM due WHERE kind = 'backchannel_logout'"
    wait_for(lambda: told.world.rows(waiting) == [(1,)])
    told.world.clock.advance(5 * SECOND)
    wait_for(lambda: len(sink.taken) == 2)
    first, second = (parse_qs(one.body.decode())["logout_token"][0] for one in sink.taken)
    assert claims_of(first)["jti"] != claims_of(second)["jti"]
    wait_for(lambda: told.world.rows(waiting) == [])
