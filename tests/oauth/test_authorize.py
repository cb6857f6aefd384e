"""What does /oauth2/authorize answer? The tables of errors, the silent pass of who is signed in, and the codes."""

import dataclasses
import json
from collections.abc import Callable

import pytest

from api.forge import claims_of
from api.world import PASSWORD, SMS, World
from oauth.browsing import CALLBACK, Browser, app_client, query_of, request_of
from poolkeeper.clock import MINUTE, SECOND
from poolkeeper.server.upkeep import set_preferences


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"client_id": ""}, None),
        ({"client_id": "nobodys"}, None),
        ({"redirect_uri": ""}, "parameters_missing"),
        ({"redirect_uri": "https://evil.example/"}, "redirect_mismatch"),
        ({"redirect_uri": CALLBACK + "/"}, "redirect_mismatch"),
        ({"redirect_uri": CALLBACK + "?a=b"}, "redirect_mismatch"),
        ({"redirect_uri": CALLBACK + "#a"}, "redirect_mismatch"),
        ({"redirect_uri": CALLBACK.upper()}, "redirect_mismatch"),
    ],
)
def test_an_address_that_nobody_vouches_for_is_never_led_to(
    world: World, changes: dict[str, str], error: str | None
) -> None:
    """RFC 9700 4.11: such an error is a page's."""
    pool = world.pool()
    client = app_client(pool)
    answer = Browser(pool).get("/oauth2/authorize", request_of(client, **changes))
    if error is None:
        assert (answer.status, answer.location) == (400, "")
    else:
        assert answer.status == 303
        assert answer.location.startswith("/error?error=" + error)


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"response_type": ""}, "invalid_request"),
        ({"response_type": "id_token"}, "unsupported_response_type"),
        ({"response_type": "token"}, "unauthorized_client"),  # in the fragment, where that flow looks
        ({"scope": "openid nothing"}, "invalid_scope"),
        ({"scope": "email"}, "invalid_scope"),
        ({"scope": " ".join(f"s{n}" for n in range(5_00))}, "invalid_scope"),
        ({"code_challenge": "a" * 43}, "invalid_request"),
        ({"code_challenge_method": "S256"}, "invalid_request"),
        ({"code_challenge": "a" * 43, "code_challenge_method": "plain"}, "invalid_request"),
        ({"code_challenge": "a" * 42, "code_challenge_method": "S256"}, "invalid_request"),
        ({"prompt": "none login"}, "invalid_request"),
        ({"prompt": "nothing"}, "invalid_request"),
        ({"prompt": "none"}, "login_required"),
        ({"max_age": "-1"}, "invalid_request"),
        ({"request": "a.b.c"}, "request_not_supported"),
        ({"request_uri": "https://a"}, "request_uri_not_supported"),
        ({"response_mode": "web_message"}, "invalid_request"),
        ({"resource": "http://a.example"}, "invalid_target"),
        ({"resource": "http://127.0.0.1:8000/mcp"}, "invalid_target"),
        ({"identity_provider": "Google"}, "invalid_request"),
        ({"id_token_hint": "a.b.c"}, "invalid_request"),
    ],
)
def test_what_the_client_may_not_ask_comes_back_to_it(world: World, changes: dict[str, str], error: str) -> None:
    """With state and issuer (RFC 6749 4.1.2.1, RFC 9207); without the code that it did not get."""
    pool = world.pool()
    client = app_client(pool)
    answer = Browser(pool).get("/oauth2/authorize", request_of(client, **changes))
    assert answer.status == 303
    assert answer.location.startswith(CALLBACK + ("#" if changes.get("response_type") == "token" else "?"))
    told = answer.told
    assert (told["error"], told["state"]) == (error, "state-of-the-app")
    assert told["iss"] == f"{world.url}/{pool.pool_id}"
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["referrer-policy"] == "no-referrer"


def test_a_stranger_is_led_to_the_sign_in_page_with_the_whole_request(world: World) -> None:
    """By GET and as a form alike (OpenID Connect Core 3.1.2.1); relative, in whatever form it came."""
    pool = world.pool()
    client = app_client(pool)
    given = request_of(client, nonce="n-1", login_hint="ada", prompt="login", lang="de")
    for answer in (
        Browser(pool).get("/oauth2/authorize", given),
        Browser(pool).get("/authorize", given),
        Browser(pool).post("/oauth2/authorize", given),
    ):
        assert answer.status == 303
        assert answer.location.startswith("/login?")
        assert query_of(answer.location) == given


def test_a_level_that_the_person_cannot_reach_asks_nobody_again(world: World) -> None:
    """acr_values: whoever has a password alone went as far as they can; whoever can go further must (oauth-federation.md 6)."""
    pool = world.pool(MfaConfiguration="OPTIONAL", SmsConfiguration=SMS)
    client = app_client(pool)
    pool.user("ada")
    pool.user("bob", phone_number="+442079460018", phone_number_verified="true")
    high = request_of(client, acr_values="urn:cognito:loa:4 urn:cognito:loa:3 urn:cognito:loa:1", prompt="none")
    for name, answer in (("ada", "code"), ("bob", "error")):
        browser = Browser(pool)
        browser.sign_in(client, name)
        assert answer in browser.get("/oauth2/authorize", high).told
        low = request_of(client, acr_values="urn:cognito:loa:1", prompt="none")
        assert "code" in browser.get("/oauth2/authorize", low).told


def test_a_scope_that_is_gone_is_left_out(world: World) -> None:
    """The resource server has lost it, the client still names it (oauth-federation.md 2)."""
    pool = world.pool()
    scopes = [{"ScopeName": name, "ScopeDescription": name} for name in ("read", "write")]
    server = {"UserPoolId": pool.pool_id, "Identifier": "https://api.example", "Name": "api"}
    world.signed.create_resource_server(**server, Scopes=scopes)
    both = ["https://api.example/read", "https://api.example/write"]
    client = app_client(pool, AllowedOAuthScopes=["openid", *both])
    pool.user("ada")
    world.signed.update_resource_server(**server, Scopes=scopes[:1])
    code = Browser(pool).sign_in(client, "ada", scope=" ".join(("openid", *both))).told["code"]
    form = {"grant_type": "authorization_code", "client_id": client.client_id, "code": code, "redirect_uri": CALLBACK}
    access = json.loads(Browser(pool).post("/oauth2/token", form).body)["access_token"]
    assert claims_of(access)["scope"] == "openid https://api.example/read"


def test_who_is_signed_in_goes_straight_through(world: World) -> None:
    """A second code for the same client, and for another; none where somebody is to be asked, or is another."""
    pool = world.pool()
    one, other = app_client(pool), app_client(pool)
    pool.user("ada")
    browser = Browser(pool)
    first = browser.sign_in(one, "ada")
    assert first.location.startswith(CALLBACK + "?")
    assert first.told.keys() == {"code", "state", "iss"}

    for client in (one, other):
        assert browser.get("/oauth2/authorize", request_of(client)).told["code"] != first.told["code"]
        assert "code" in browser.get("/oauth2/authorize", request_of(client, prompt="none")).told
    for prompt in ("login", "select_account"):
        assert browser.get("/oauth2/authorize", request_of(one, prompt=prompt)).location.startswith("/login?")
    assert Browser(pool).get("/oauth2/authorize", request_of(one)).location.startswith("/login?")


def test_a_sign_in_grows_old(world: World) -> None:
    """An hour from the sign-in, however often it is used (oauth-federation.md 4); `max_age` may want it younger."""
    pool = world.pool()
    client = app_client(pool)
    pool.user("ada")
    browser = Browser(pool)
    browser.sign_in(client, "ada")
    world.clock.advance(10 * SECOND)
    assert browser.get("/oauth2/authorize", request_of(client, prompt="none", max_age="9")).told["error"] == (
        "login_required"
    )
    assert "code" in browser.get("/oauth2/authorize", request_of(client, prompt="none", max_age="10")).told
    assert "/login?" in browser.get("/oauth2/authorize", request_of(client, max_age="0")).location
    world.clock.advance(49 * MINUTE)
    assert "code" in browser.get("/oauth2/authorize", request_of(client)).told
    world.clock.advance(11 * MINUTE)
    assert "/login?" in browser.get("/oauth2/authorize", request_of(client)).location


@pytest.mark.parametrize("ending", ["password", "reset", "disabled", "deleted", "own password"])
def test_a_sign_in_ends_with_what_it_was_proved_by(world: World, ending: str) -> None:
    """attacks.md 73: no browser session outlives the credential, nor its user."""
    pool = world.pool(AutoVerifiedAttributes=["email"])
    client = app_client(pool)
    pool.user("ada", email="ada@example.com", email_verified="true")
    browser = Browser(pool)
    browser.sign_in(client, "ada")
    endings: dict[str, Callable[[], object]] = {
        "password": lambda: pool.admin("admin_set_user_password", "ada", Password="Another-1-word", Permanent=True),
        "reset": lambda: pool.admin("admin_reset_user_password", "ada"),
        "disabled": lambda: pool.admin("admin_disable_user", "ada"),
        "deleted": lambda: pool.admin("admin_delete_user", "ada"),
        "own password": lambda: world.unsigned.change_password(
            PreviousPassword=PASSWORD,
            ProposedPassword="Another-1-word",
            AccessToken=client.tokens("ada")["AccessToken"],
        ),
    }
    endings[ending]()
    assert browser.get("/oauth2/authorize", request_of(client, prompt="none")).told["error"] == "login_required"


def test_a_global_sign_out_leaves_the_browser_signed_in(world: World) -> None:
    """As AWS documents."""
    pool = world.pool()
    client = app_client(pool)
    pool.user("ada")
    browser = Browser(pool)
    browser.sign_in(client, "ada")
    pool.admin("admin_user_global_sign_out", "ada")
    assert "code" in browser.get("/oauth2/authorize", request_of(client)).told


def test_a_global_sign_out_ends_browsers_where_the_operator_says_so(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Both global sign-outs do (setting `global_sign_out_ends_browsers`)."""
    settings = dataclasses.replace(world.house.settings, global_sign_out_ends_browsers=True)
    monkeypatch.setattr(world.app, "house", dataclasses.replace(world.house, settings=settings))
    pool = world.pool()
    client = app_client(pool)
    pool.user("ada")
    for end in (
        lambda: pool.admin("admin_user_global_sign_out", "ada"),
        lambda: world.unsigned.global_sign_out(AccessToken=client.tokens("ada")["AccessToken"]),
    ):
        browser = Browser(pool)
        browser.sign_in(client, "ada")
        end()
        assert browser.get("/oauth2/authorize", request_of(client)).location.startswith("/login?")


@pytest.mark.parametrize(
    ("given", "on", "off"),
    [
        ("http://127.0.0.1:49152/cb", True, True),
        ("http://[::1]:1/cb", True, True),
        ("http://localhost:49152/cb", True, False),
        ("http://127.0.0.1:49152/cb?a=b", False, False),
        ("http://127.0.0.1:49152/other", False, False),
        ("http://127.0.0.1:49152@evil.example/cb", False, False),
        ("http://127.0.0.1.evil.example/cb", False, False),
        ("http://127.0.0.1:123456/cb", False, False),
        ("http://localhost.evil.example:1/cb", False, False),
        ("https://127.0.0.1:49152/cb", False, False),
    ],
)
def test_of_a_loopback_address_the_port_is_the_apps(world: World, *, given: str, on: bool, off: bool) -> None:
    """RFC 8252 7.3: of addresses in numbers always, of `localhost` if the pool's setting says so."""
    pool = world.pool()
    registered = ["http://127.0.0.1/cb", "http://[::1]:8000/cb", "http://localhost:3000/cb"]
    client = app_client(pool, CallbackURLs=registered)

    def is_taken() -> bool:
        return Browser(pool).get("/oauth2/authorize", request_of(client, redirect_uri=given)).location[:7] == "/login?"

    assert is_taken() is off
    world.run(lambda: set_preferences(world.house, pool.pool_id, ["localhost_any_port=on"]))
    assert is_taken() is on


def test_an_address_may_have_letters_of_any_alphabet(world: World) -> None:
    """A header holds ASCII alone: the answer leads there with the letters encoded, as a browser would send them."""
    pool = world.pool()
    client = app_client(pool, CallbackURLs=["https://app.example/zur\u00fcck/\u30a2\u30d7\u30ea"])
    (registered,) = world.signed.describe_user_pool_client(UserPoolId=pool.pool_id, ClientId=client.client_id)[
        "UserPoolClient"
    ]["CallbackURLs"]
    answer = Browser(pool).get("/oauth2/authorize", request_of(client, redirect_uri=registered, prompt="none"))
    assert answer.location.startswith("https://app.example/zur%C3%BCck/%E3%82%A2%E3%83%97%E3%83%AA?")
    assert answer.told["error"] == "login_required"


def test_each_client_says_for_how_long_it_goes_on(world: World) -> None:
    """SSOSession.MaxValidityMinutes: 0 is never, and others go on; the cookie lives as long as the longest of the pool."""
    pool = world.pool()
    never, long = app_client(pool), app_client(pool)
    pool.user("ada")
    tracked = {"UserSessionTracking": "ENABLED", "TokenSession": {"MaxPerUser": 20}}
    world.signed.set_user_pool_session_configuration(UserPoolId=pool.pool_id, **tracked)
    for client, minutes in ((never, 0), (long, 120)):
        world.signed.set_user_pool_client_session_configuration(
            UserPoolId=pool.pool_id, ClientId=client.client_id, SSOSession={"MaxValidityMinutes": minutes}
        )
    browser = Browser(pool)
    page = browser.sign_in(never, "ada")
    assert "Max-Age=7200" in page.headers["set-cookie"]
    assert browser.get("/oauth2/authorize", request_of(never)).location.startswith("/login?")
    world.clock.advance(119 * MINUTE)
    assert "code" in browser.get("/oauth2/authorize", request_of(long)).told
    world.clock.advance(1 * MINUTE)
    assert browser.get("/oauth2/authorize", request_of(long)).location.startswith("/login?")


def test_a_forged_cookie_is_nobodys(world: World) -> None:
    """The id of the row is no secret: without its other half it opens nothing."""
    pool = world.pool()
    client = app_client(pool)
    pool.user("ada")
    browser = Browser(pool)
    browser.sign_in(client, "ada")
    ((name, value),) = browser.cookies.items()
    for forged in (value[:-1], value + "a", value.partition(".")[0], "", "." + value, value.replace(".", "..")):
        browser.cookies = {name: forged}
        assert browser.get("/oauth2/authorize", request_of(client)).location.startswith("/login?")


def test_an_implicit_flow_has_its_tokens_in_the_fragment(world: World) -> None:
    """Never a refresh token (oauth-federation.md 2)."""
    pool = world.pool()
    client = app_client(pool, AllowedOAuthFlows=["implicit"])
    pool.user("ada")
    answer = Browser(pool).sign_in(client, "ada", response_type="token")
    assert answer.location.startswith(CALLBACK + "#")
    assert answer.told.keys() == {"access_token", "id_token", "token_type", "expires_in", "state", "iss"}
    assert answer.told["token_type"] == "Bearer"
    answer = Browser(pool).get("/oauth2/authorize", request_of(client, response_type="token", prompt="none"))
    assert answer.location.startswith(CALLBACK + "#")
    assert answer.told["error"] == "login_required"
