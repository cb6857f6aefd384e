"""Do app clients hear that somebody is signed out? By a logout token of ours, and whichever way the browser session ended."""

import json
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import parse_qs

import pytest
from joserfc import jwt
from joserfc.jwk import KeySet

from api.forge import claims_of
from api.world import World
from oauth.browsing import SIGNED_OUT
from oauth.documents import PKCE, Host, document, host, policy, url_of
from oauth.hosted import VERIFIER, post
from oauth.relying_party import NAME, RelyingParty, another, relying_party
from poolkeeper.backchannel_settings import BackchannelSetting
from poolkeeper.clock import SECOND
from poolkeeper.server.upkeep import examine
from waiting import wait_for
from web_sink import Sink, Taken, web_sink

__all__ = ["host"]

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
    "DeleteUser": lambda one, _: one.client.pool.world.unsigned.delete_user(
        AccessToken=one.client.pool.client().tokens(NAME)["AccessToken"]
    ),
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


def test_an_app_that_takes_long_holds_up_no_other(parties: tuple[RelyingParty, RelyingParty], sink: Sink) -> None:
    """Neither what other apps are told nor anything else that the worker does (attacks.md F11)."""
    told, other = parties
    goes_on = threading.Event()
    entries = tuple(
        BackchannelSetting(client_id=one.client.client_id, url=f"{sink.url}/{path}", private=True)
        for one, path in ((told, "slow"), (other, "quick"))
    )
    object.__setattr__(told.world.house.settings, "backchannel_logout", entries)
    sink.answer = lambda taken: 200 if taken.path == "/quick" or goes_on.wait(20) else 500
    try:
        for number in range(4):
            told.browser.cookies.clear()
            held = told.signed_in()
            told.sign_out(id_token_hint=held["id_token"])
            wait_for(lambda: len(sink.at("/slow")) == number + 1)  # noqa: B023 - called at once
        other.browser.cookies.clear()
        held = other.signed_in()
        other.sign_out(id_token_hint=held["id_token"])
        wait_for(lambda: bool(sink.at("/quick")), seconds=4)
        assert len(sink.at("/slow")) == 4
    finally:
        goes_on.set()


def test_many_sign_outs_of_an_app_that_takes_its_time_hold_up_no_other(
    parties: tuple[RelyingParty, RelyingParty], sink: Sink
) -> None:
    """It answers within a second, and there are eight of them: nobody waits for one after the other."""
    told, other = parties
    entries = tuple(
        BackchannelSetting(client_id=one.client.client_id, url=f"{sink.url}/{path}", private=True)
        for one, path in ((told, "slow"), (other, "quick"))
    )
    object.__setattr__(told.world.house.settings, "backchannel_logout", entries)

    def answer(taken: Taken) -> int:
        time.sleep(0.9 if taken.path == "/slow" else 0)
        return 200

    sink.answer = answer
    for _ in range(8):
        told.browser.cookies.clear()
        told.sign_out(id_token_hint=told.signed_in()["id_token"])
    other.browser.cookies.clear()
    other.sign_out(id_token_hint=other.signed_in()["id_token"])
    wait_for(lambda: bool(sink.at("/quick")), seconds=2)
    wait_for(lambda: told.world.rows("SELECT 1 FROM due WHERE kind = 'backchannel_logout'") == [])
    assert len(sink.at("/slow")) == 8


def test_somebody_else_who_signs_in_signs_out_who_was_there(
    parties: tuple[RelyingParty, RelyingParty], sink: Sink
) -> None:
    """There is one person at a browser; whoever signs in afresh is there still, and their apps hear nothing."""
    told, _ = parties
    first = claims_of(told.signed_in()["id_token"])
    told.client.pool.user("grace")
    again = told.request(prompt="login")
    told.tokens(told.sign_in(told.ask(again)), again)
    assert told.world.rows("SELECT 1 FROM due WHERE kind = 'backchannel_logout'") == []
    other = told.request(prompt="login")
    told.tokens(told.sign_in(told.ask(other), "grace"), other)
    wait_for(lambda: bool(sink.taken))
    claims = verified(told, sink.taken[0])
    assert claims["sub"] == first["sub"]


def test_an_app_without_an_app_client_is_not_told_in_the_place_of_one(
    parties: tuple[RelyingParty, RelyingParty], sink: Sink, host: Host
) -> None:
    """Whoever names itself by an address borrows an app client's settings: no logout token, and no `sid`."""
    told, _ = parties
    url = url_of(told.client)
    host.put(url, document(url, redirect_uris=[told.redirect_uri]))
    policy(told.client)
    request = told.request(client_id=url, **PKCE)
    code = told.code(told.sign_in(told.ask(request)), request)
    form = {"grant_type": "authorization_code", "code": code, "redirect_uri": told.redirect_uri, "client_id": url}
    held = post(
        told.world, told.path("token_endpoint"), {**form, "code_verifier": VERIFIER}, {"Host": told.browser.host}
    )
    assert held.status == 200, held
    assert "sid" not in claims_of(held.body["id_token"])
    told.client.pool.admin("admin_delete_user", NAME)
    assert told.world.rows("SELECT 1 FROM due WHERE kind = 'backchannel_logout'") == []
    assert sink.taken == []


def test_the_doctor_names_the_table_of_an_app_client_that_is_not_there(
    parties: tuple[RelyingParty, RelyingParty], sink: Sink
) -> None:
    """A slip in an id, or an app client that is deleted: nobody would be told, and nothing else says so."""
    world = parties[0].world
    (known,) = world.house.settings.backchannel_logout
    unknown = BackchannelSetting(client_id="0" * 26, url=sink.url, private=True)
    object.__setattr__(world.house.settings, "backchannel_logout", (known, unknown))
    findings = world.run(lambda: examine(world.house))
    assert [(one.sound, one.text) for one in findings if one.text.startswith("backchannel_logout")] == [
        (False, f"backchannel_logout.{unknown.client_id}: there is no such app client")
    ]
