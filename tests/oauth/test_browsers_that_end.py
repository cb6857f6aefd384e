"""What becomes of browser sessions and codes when their user is shut out, or more is demanded? They end, and stay ended."""

import asyncio
import json
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest

from api.world import SMS, ClientOfTests, PoolOfTests, World
from oauth.browsing import CALLBACK, Browser, app_client, request_of
from poolkeeper.clock import DAY, HOUR, MINUTE
from poolkeeper.hosted.arrival import MOST_AN_HOUR
from poolkeeper.jobs.expiry import clean_pool
from poolkeeper.jobs.pace import Pace
from poolkeeper.store.cleaning import Expired


def exchange(client: ClientOfTests, code: str) -> tuple[int, dict[str, Any]]:
    """Exchange a code; return status and body."""
    form = {"grant_type": "authorization_code", "client_id": client.client_id, "code": code, "redirect_uri": CALLBACK}
    answer = Browser(client.pool).post("/oauth2/token", form)
    return answer.status, json.loads(answer.body)


def signed_in(world: World, **settings: Any) -> tuple[PoolOfTests, ClientOfTests, Browser, str]:
    """Return a pool, its client, a browser that ada is signed in at, and a code that nobody has exchanged."""
    pool = world.pool(**settings)
    client = app_client(pool)
    pool.user("ada")
    browser = Browser(pool)
    return pool, client, browser, browser.sign_in(client, "ada").told["code"]


def test_who_was_disabled_comes_back_with_nothing_of_before(world: World) -> None:
    """AdminEnableUser gives the user back, and no browser or code that was there before (attacks.md 73)."""
    pool, client, browser, code = signed_in(world)
    pool.admin("admin_disable_user", "ada")
    pool.admin("admin_enable_user", "ada")
    assert browser.get("/oauth2/authorize", request_of(client, prompt="none")).told["error"] == "login_required"
    assert exchange(client, code) == (400, {"error": "invalid_grant"})


@pytest.mark.parametrize(
    ("change", "comes_back"),
    [
        ("version = version", True),
        ("status = 'FORCE_CHANGE_PASSWORD'", False),
        ("status = 'RESET_REQUIRED'", False),
        ("enabled = 0", False),
        ("credential_version = credential_version + 1", False),
    ],
)
def test_who_comes_back_is_judged_as_they_are_by_now(
    world: World,
    change: str,
    comes_back: bool,  # noqa: FBT001 - a parameter of pytest
) -> None:
    """Every change of the user is looked at: the browser session and an unused code are from before it."""
    pool, client, browser, code = signed_in(world)
    world.run(lambda: world.house.db.execute(f"UPDATE users SET {change} WHERE pool_id = $1", pool.pool_id))
    told = browser.get("/oauth2/authorize", request_of(client, prompt="none")).told
    assert ("code" in told, told.get("error")) == (comes_back, None if comes_back else "login_required")
    assert (exchange(client, code)[0] == 200) is comes_back


def test_a_global_sign_out_takes_the_codes_that_are_out(world: World) -> None:
    """They would open sessions after it."""
    pool, client, _, code = signed_in(world)
    pool.admin("admin_user_global_sign_out", "ada")
    assert exchange(client, code) == (400, {"error": "invalid_grant"})


def test_a_code_is_judged_by_what_the_pool_demands_by_now(world: World) -> None:
    """MFA that is turned on between sign-in and exchange (attacks.md 4)."""
    pool, client, _, code = signed_in(world, SmsConfiguration=SMS)
    world.signed.set_user_pool_mfa_config(
        UserPoolId=pool.pool_id, MfaConfiguration="ON", SoftwareTokenMfaConfiguration={"Enabled": True}
    )
    assert exchange(client, code) == (400, {"error": "invalid_grant"})


@pytest.mark.parametrize(
    "changes",
    [{"AllowedOAuthScopes": ["openid"]}, {"CallbackURLs": ["https://app.example/another"]}],
    ids=["scope", "address"],
)
def test_a_code_is_worth_what_its_client_may_have_by_now(world: World, changes: dict[str, Any]) -> None:
    """A scope or an address that was taken from the client goes with the codes that were made for it."""
    pool, client, _, code = signed_in(world)
    described = world.signed.describe_user_pool_client(UserPoolId=pool.pool_id, ClientId=client.client_id)
    known = {
        name: value
        for name, value in described["UserPoolClient"].items()
        if name not in {"CreationDate", "LastModifiedDate", "ClientSecret"}
    }
    world.signed.update_user_pool_client(**{**known, **changes})
    assert exchange(client, code) == (400, {"error": "invalid_grant"})


def test_a_browser_that_was_ended_is_remembered_as_long_as_its_codes(world: World) -> None:
    """Cleaning removes what has expired, but no browser session that a code still needs."""
    pool, client, browser, _ = signed_in(world)
    world.clock.advance(58 * MINUTE)
    code = browser.get("/oauth2/authorize", request_of(client)).told["code"]
    browser.get("/logout", {"client_id": client.client_id, "logout_uri": "https://app.example/bye"})
    world.clock.advance(4 * MINUTE)
    world.run(lambda: clean_pool(world.house, Expired(pool.pool_id), Pace(one_writer=True)))
    assert exchange(client, code) == (400, {"error": "invalid_grant"})


# What is true once PreTokenGeneration was asked: the last one is another user, to whom the id of the first one leads.
CHANGED = {
    "disabled": ("UPDATE users SET enabled = 0 WHERE pool_id = $1",),
    "another password": ("UPDATE users SET credential_version = credential_version + 1 WHERE pool_id = $1",),
    "gone": ("DELETE FROM users WHERE pool_id = $1",),
    "somebody else": (
        "UPDATE users SET user_id = 'another' WHERE pool_id = $1",
        "UPDATE aliases SET user_id = 'another' WHERE pool_id = $1",
    ),
}


@pytest.mark.parametrize("changed", CHANGED)
def test_what_a_function_changes_while_it_is_asked_counts(
    world: World, monkeypatch: pytest.MonkeyPatch, changed: str
) -> None:
    """PreTokenGeneration runs before the code is made; a user whom it shuts out gets none."""
    pool, client, browser, _ = signed_in(world)

    async def shutting_out(_arn: str, event: Any, *, pool_id: str) -> Any:
        for sql in CHANGED[changed]:
            await world.house.db.execute(sql, pool_id)
        return event

    world.signed.update_user_pool(
        UserPoolId=pool.pool_id,
        LambdaConfig={"PreTokenGeneration": "arn:aws:lambda:us-east-1:000000000000:function:out"},
    )
    monkeypatch.setattr(world.house.functions, "invoke", shutting_out)
    assert browser.get("/oauth2/authorize", request_of(client, prompt="none")).told["error"] == "login_required"


@pytest.mark.parametrize("changed", ["gone", "somebody else"])
def test_a_code_is_worth_nothing_once_its_user_is_another(world: World, changed: str) -> None:
    """A code's user is found by their id; what that finds must be the same user."""
    pool, client, _, code = signed_in(world)
    for sql in CHANGED[changed]:
        world.run(partial(world.house.db.execute, sql, pool.pool_id))
    assert exchange(client, code) == (400, {"error": "invalid_grant"})


def test_who_is_signed_out_while_a_function_is_asked_gets_no_tokens(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The implicit flow has no exchange that would look again: opening the tokens' session looks at the browser session."""
    pool = world.pool()
    client = app_client(pool, AllowedOAuthFlows=["code", "implicit"])
    pool.user("ada")
    browser = Browser(pool)
    browser.sign_in(client, "ada")
    leaving = {"client_id": client.client_id, "logout_uri": "https://app.example/bye"}
    elsewhere = Browser(pool, cookies=dict(browser.cookies))

    async def signing_out(_arn: str, event: Any, *, pool_id: str) -> Any:
        await asyncio.to_thread(elsewhere.get, "/logout", leaving)
        return event

    world.signed.update_user_pool(
        UserPoolId=pool.pool_id,
        LambdaConfig={"PreTokenGeneration": "arn:aws:lambda:us-east-1:000000000000:function:out"},
    )
    monkeypatch.setattr(world.house.functions, "invoke", signing_out)
    asked = request_of(client, prompt="none", response_type="token")
    assert browser.get("/oauth2/authorize", asked).told["error"] == "login_required"
    assert world.rows("SELECT session_id FROM sessions WHERE pool_id = $1", pool.pool_id) == []


def test_codes_go_when_they_are_of_no_use(world: World) -> None:
    """An unused code goes when it has expired; a spent one stays a day, so that its second use ends what it gave."""
    pool, client, browser, spent = signed_in(world)
    assert exchange(client, spent)[0] == 200
    browser.get("/oauth2/authorize", request_of(client))
    world.clock.advance(10 * MINUTE)
    world.run(lambda: clean_pool(world.house, Expired(pool.pool_id), Pace(one_writer=True)))
    left = "SELECT spent_at FROM authorization_codes WHERE pool_id = $1"
    assert [row[0] is not None for row in world.rows(left, pool.pool_id)] == [True]
    world.clock.advance(DAY)
    world.run(lambda: clean_pool(world.house, Expired(pool.pool_id), Pace(one_writer=True)))
    assert world.rows(left, pool.pool_id) == []


def test_a_session_without_a_refresh_token_is_over_with_its_access_token(world: World) -> None:
    """The implicit flow opens one each time: nothing could go on from it later."""
    pool = world.pool()
    client = app_client(pool, AllowedOAuthFlows=["implicit"], RefreshTokenValidity=3650)
    pool.user("ada")
    Browser(pool).sign_in(client, "ada", response_type="token")
    ((expires_at,),) = world.rows("SELECT expires_at FROM sessions WHERE pool_id = $1", pool.pool_id)
    assert expires_at == world.clock.now() + HOUR


def test_one_sign_in_is_gone_on_from_so_often_in_an_hour(world: World) -> None:
    """Each answer to an app leaves a row, and asks for no proof."""
    pool, client, browser, _ = signed_in(world)
    (session_id,) = world.rows("SELECT session_id FROM browser_sessions WHERE pool_id = $1", pool.pool_id)[0]
    answers = world.house.memory.answers_from_browser_session
    count: Callable[[], int] = lambda: answers.count(session_id, now=world.clock.now())  # noqa: E731
    for _ in range(MOST_AN_HOUR):
        count()
    told = browser.get("/oauth2/authorize", request_of(client)).told
    assert (told["error"], told["state"]) == ("temporarily_unavailable", "state-of-the-app")
    world.clock.advance(HOUR)
    assert "/login?" in browser.get("/oauth2/authorize", request_of(client)).location


@pytest.mark.parametrize(
    "resource", ["https://[", "//[", "https://a]b", "http://℀.example/", "https://a.example/#b", "x"]
)
def test_what_is_no_address_is_no_resource(world: World, resource: str) -> None:
    """RFC 8707 section 2; an address that cannot be taken apart is one of these."""
    pool = world.pool()
    client = app_client(pool)
    answer = Browser(pool).get("/oauth2/authorize", request_of(client, resource=resource))
    assert answer.told["error"] == "invalid_target"


@pytest.mark.parametrize(
    "value", [r'"\000aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa.x"', "a" * 4_000, "%00.x", "'; --.x", "é.x"]
)
def test_a_cookie_of_anything_is_nobodys(world: World, value: str) -> None:
    """Also one that its reader unquotes into a NUL, which no database takes."""
    pool = world.pool()
    client = app_client(pool)
    browser = Browser(pool, cookies={f"session-{pool.pool_id}": value})
    answer = browser.get("/oauth2/authorize", request_of(client))
    assert (answer.status, answer.location[:7]) == (303, "/login?")
