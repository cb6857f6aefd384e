"""Does a person who signs in at a provider come back as a user of the pool? With a code for the app, and as nobody else."""

from pathlib import Path
from typing import Any

import pytest

from api.federating import apple_key
from api.forge import claims_of
from api.own_code import own_code
from api.world import World
from federation.partner import NAME, Journey, add_provider, asked_of, details_of, journey
from federation.provider import Provider
from oauth.browsing import CALLBACK, Browser, app_client, request_of
from oauth.hosted import exchange, refresh, user_info
from pages.walking import arrived
from poolkeeper.clock import HOUR, MINUTE, SECOND

LEVELS = {"Level1": "urn:partner:one", "Level3": "urn:partner:three"}


def test_a_person_comes_back_as_a_user_of_the_pool(world: World, provider: Provider) -> None:
    """A user of the provider's id, with what the mapping takes; tokens, userInfo and refresh as of anybody."""
    walk = journey(world, provider)
    code = arrived(walk.sign_in())
    answer = exchange(walk.client, code)
    assert answer.status == 200, answer
    told, access = claims_of(answer.body["id_token"]), claims_of(answer.body["access_token"])
    username = f"{NAME}_user-1"
    assert (told["cognito:username"], access["username"], told["email"]) == (username, username, "user@example.com")
    (identity,) = told["identities"]
    assert (identity["userId"], identity["providerName"], identity["providerType"]) == ("user-1", NAME, "OIDC")
    assert (identity["primary"], identity["issuer"]) == ("true", None)
    assert user_info(world, answer.body["access_token"]).body["sub"] == told["sub"]
    assert refresh(walk.client, answer.body["refresh_token"]).status == 200
    found = walk.client.pool.admin("admin_get_user", username)
    assert (found["UserStatus"], found["Username"]) == ("EXTERNAL_PROVIDER", username)

    walk.browser.cookies.clear()
    again = exchange(walk.client, arrived(walk.sign_in()))
    assert claims_of(again.body["id_token"])["sub"] == told["sub"]


def test_who_comes_again_as_they_were_is_not_written_anew(
    world: World, provider: Provider, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A sign-in that changes nothing of its user waits for no writer; one that does, or that joins the group, is written."""
    walk = journey(world, provider)
    arrived(walk.sign_in())
    written: list[str] = []
    write: Any = type(world.house.db).write

    async def noted(database: Any, body: Any) -> Any:
        written.append(body.__qualname__)
        return await write(database, body)

    monkeypatch.setattr(type(world.house.db), "write", noted)

    def updates() -> int:
        written.clear()
        walk.browser.cookies.clear()
        arrived(walk.sign_in())
        assert written, "the code at least is written"
        return sum(name.startswith(("_returning.", "join.")) for name in written)

    assert updates() == 0
    walk.said = {"email": "another@example.com"}
    assert updates() == 1
    username = f"{NAME}_user-1"
    pool = walk.client.pool
    assert updates() == 0
    (group,) = pool.admin("admin_list_groups_for_user", username)["Groups"]
    pool.admin("admin_remove_user_from_group", username, GroupName=group["GroupName"])
    assert updates() == 1
    assert pool.admin("admin_list_groups_for_user", username)["Groups"] != []
    found = {one["Name"]: one["Value"] for one in pool.admin("admin_get_user", username)["UserAttributes"]}
    assert found["email"] == "another@example.com"


def test_what_goes_to_the_provider_is_ours(world: World, provider: Provider) -> None:
    """State, nonce and PKCE of our own: nothing of the app's; its own come back to it, and no other nonce (oauth-federation.md 5)."""
    walk = journey(world, provider)
    for own in ({}, {"nonce": "the-apps-own-nonce"}):
        left = walk.leave(**own)
        asked = asked_of(left)
        assert asked["redirect_uri"] == f"{world.url}/oauth2/idpresponse"
        assert asked["state"].startswith(f"{walk.client.pool.pool_id}.")
        assert asked["code_challenge_method"] == "S256"
        assert asked["nonce"] != own.get("nonce")
        assert "state-of-the-app" not in left.location
        code = arrived(walk.back(walk.at_provider(left)))
        told = claims_of(exchange(walk.client, code).body["id_token"])
        assert told.get("nonce") == own.get("nonce")
        walk.browser.cookies.clear()


def test_the_cookie_of_the_way_there_is_one_that_every_browser_takes_and_is_gone_then(
    world: World, provider: Provider
) -> None:
    """Over http on this machine it is Lax and without Secure: Safari keeps a Secure cookie over https alone, and nothing is posted."""
    walk = journey(world, provider)
    left = walk.leave()
    line = left.headers["set-cookie"]
    assert line.startswith(f"comeback-{walk.client.pool.pool_id}-")
    assert {"HttpOnly", "SameSite=lax", "Path=/", "Max-Age=900"} <= set(line.split("; "))
    assert "Secure" not in line
    (name,) = walk.browser.cookies
    walk.back(walk.at_provider(left))
    assert name not in walk.browser.cookies
    assert "session-" in next(iter(walk.browser.cookies))


def test_the_cookie_goes_with_a_post_where_the_provider_posts(world: World) -> None:
    """SameSite=None with Secure, for this host and for minutes, where Apple's page sends a form."""
    pool = world.pool()
    details = {
        "client_id": "services",
        "team_id": "TEAM",
        "key_id": "KEY",
        "private_key": apple_key()[1],
        "authorize_scopes": "email",
    }
    add_provider(pool, "SignInWithApple", "SignInWithApple", details)
    client = app_client(pool, SupportedIdentityProviders=["SignInWithApple"])
    left = Browser(pool).get("/oauth2/authorize", request_of(client))
    line = left.headers["set-cookie"]
    assert asked_of(left)["response_mode"] == "form_post"
    assert line.startswith(f"return-{pool.pool_id}-")
    assert {"HttpOnly", "Secure", "SameSite=none", "Path=/", "Max-Age=900"} <= set(line.split("; "))


def test_an_answer_may_be_posted(world: World, provider: Provider) -> None:
    """As Apple does: from the provider's own page, so that no session cookie comes along."""
    walk = journey(world, provider)
    address = walk.at_provider(walk.leave())
    path, _, query = address.partition("?")
    form = dict(pair.split("=", 1) for pair in query.split("&"))
    assert path.endswith("/oauth2/idpresponse")
    posted = walk.browser.post("/oauth2/idpresponse", form, sec_fetch_site="cross-site", origin=provider.issuer.url)
    arrived(posted)


def test_what_the_app_asks_for_is_asked_of_the_provider(world: World, provider: Provider) -> None:
    """`prompt` but none, `login_hint`, and levels in the provider's words (oauth-federation.md 2, 6)."""
    pool = world.pool()
    add_provider(pool, NAME, "OIDC", details_of(provider), AcrMapping=LEVELS)
    client = app_client(pool, SupportedIdentityProviders=[NAME])
    walk = Journey(Browser(pool), client, provider)
    left = walk.leave(
        prompt="login consent",
        login_hint="ada@example.com",
        acr_values="urn:cognito:loa:3 urn:cognito:loa:2 urn:unknown urn:cognito:loa:1",
    )
    asked = asked_of(left)
    assert (asked["prompt"], asked["login_hint"]) == ("login consent", "ada@example.com")
    assert asked["acr_values"] == "urn:partner:three urn:partner:one"


@pytest.mark.parametrize(
    ("said", "acr", "amr"),
    [
        ({"acr": "urn:partner:three", "amr": ["pwd", "otp", "kba"]}, "urn:cognito:loa:3", ["pwd", "otp", "mfa"]),
        ({"acr": "urn:partner:other", "amr": ["kba"]}, "urn:cognito:loa:1", ["fed"]),
        ({"acr": ["urn:partner:three"], "amr": "pwd"}, "urn:cognito:loa:1", ["fed"]),
        ({}, "urn:cognito:loa:1", ["fed"]),
    ],
)
def test_what_the_provider_says_of_itself_is_translated(
    world: World, provider: Provider, said: dict[str, object], acr: str, amr: list[str]
) -> None:
    """AcrMapping both ways; what is not mapped is level 1, methods without a name are dropped, none is `fed`."""
    pool = world.pool()
    add_provider(pool, NAME, "OIDC", details_of(provider), AcrMapping=LEVELS)
    walk = Journey(Browser(pool), app_client(pool, SupportedIdentityProviders=[NAME]), provider)
    walk.said = dict(said)
    code = arrived(walk.sign_in(acr_values="urn:cognito:loa:3"))
    told = claims_of(exchange(walk.client, code).body["id_token"])
    assert (told["acr"], told["amr"]) == (acr, amr)


def test_a_level_that_was_not_reached_is_asked_for_again(world: World, provider: Provider) -> None:
    """Who is signed in by less goes to the provider once more, and only for the level."""
    pool = world.pool()
    add_provider(pool, NAME, "OIDC", details_of(provider), AcrMapping=LEVELS)
    walk = Journey(Browser(pool), app_client(pool, SupportedIdentityProviders=[NAME]), provider)
    arrived(walk.sign_in())
    arrived(walk.leave())
    step_up = walk.leave(acr_values="urn:cognito:loa:3")
    assert asked_of(step_up)["acr_values"] == "urn:partner:three"
    walk.said = {"acr": "urn:partner:three"}
    walk.now()
    arrived(walk.back(walk.at_provider(step_up)))
    arrived(walk.leave(acr_values="urn:cognito:loa:3"))


def test_a_browser_that_is_signed_in_goes_on(world: World, provider: Provider) -> None:
    """For an app that names the provider or nobody; one that names the pool itself, or another provider, means others."""
    pool = world.pool()
    add_provider(pool, NAME, "OIDC", details_of(provider))
    add_provider(pool, "Other", "OIDC", details_of(provider))
    client = app_client(pool, SupportedIdentityProviders=["COGNITO", NAME, "Other"])
    walk = Journey(Browser(pool), client, provider)
    arrived(walk.sign_in())
    arrived(walk.leave())
    arrived(walk.leave(identity_provider=""))
    arrived(walk.leave(identity_provider="", prompt="none"))
    assert walk.leave(identity_provider="COGNITO").location.startswith("/login?")
    assert walk.leave(identity_provider="COGNITO", prompt="none").told["error"] == "login_required"
    assert walk.leave(identity_provider="Other").location.startswith(provider.issuer.url)
    # An app that does not have the provider goes on from nothing that came from it.
    other = app_client(pool, SupportedIdentityProviders=["COGNITO"])
    walk.client = other
    assert walk.leave(identity_provider="").location.startswith("/login?")


def test_nobody_is_asked_where_nobody_may_be(world: World, provider: Provider) -> None:
    """`prompt=none` of a browser that is not signed in never goes to a provider."""
    walk = journey(world, provider)
    answer = walk.leave(prompt="none")
    assert (answer.told["error"], answer.told["state"]) == ("login_required", "state-of-the-app")


def test_a_client_with_one_provider_goes_straight_on(world: World, provider: Provider) -> None:
    """No page is between, at /oauth2/authorize and at /login; with two, or with the pool's own people, there is one."""
    walk = journey(world, provider, SupportedIdentityProviders=[NAME])
    assert walk.leave(identity_provider="").location.startswith(f"{provider.issuer.url}/authorize?")
    query = {"client_id": walk.client.client_id, "response_type": "code", "redirect_uri": CALLBACK}
    assert walk.browser.get("/login", query).location.startswith(f"{provider.issuer.url}/authorize?")
    both = app_client(walk.client.pool, SupportedIdentityProviders=["COGNITO", NAME])
    assert walk.browser.get("/login", {**query, "client_id": both.client_id}).status == 200


def test_an_identifier_names_a_provider_too(world: World, provider: Provider) -> None:
    """`idp_identifier`, of a provider that the client has."""
    pool = world.pool()
    add_provider(pool, NAME, "OIDC", details_of(provider), IdpIdentifiers=["juniper.example"])
    client = app_client(pool, SupportedIdentityProviders=["COGNITO", NAME])
    walk = Journey(Browser(pool), client, provider)
    left = walk.leave(identity_provider="", idp_identifier="juniper.example")
    arrived(walk.back(walk.at_provider(left)))
    unknown = walk.leave(identity_provider="", idp_identifier="maple.example", prompt="login")
    assert unknown.told["error"] == "invalid_request"


def test_functions_are_told_in_awss_order(
    world: World, provider: Provider, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """First PreSignUp and PostConfirmation, later PreAuthentication and PostAuthentication; always the hosted source."""
    names = ["PreSignUp", "PostConfirmation", "PreAuthentication", "PostAuthentication", "PreTokenGeneration"]
    with own_code(world, tmp_path, monkeypatch) as code:
        pool = world.pool(LambdaConfig={name: code.function(name, "pass") for name in names})
        walk = journey(world, provider, pool=pool)
        arrived(walk.sign_in())
        first = ["PreSignUp_ExternalProvider", "PostConfirmation_ConfirmSignUp", "TokenGeneration_HostedAuth"]
        assert code.sources(*names) == first
        arrived(walk.sign_in(prompt="login"))
        assert code.sources(*names) == [
            *first[:2],
            "PreAuthentication_Authentication",
            "PostAuthentication_Authentication",
            *first[2:] * 2,
        ]


def test_a_function_that_says_no_is_told_to_the_app(
    world: World, provider: Provider, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In Cognito's words (oauth-federation.md 2.1), and nobody is signed in."""
    with own_code(world, tmp_path, monkeypatch) as code:
        arn = code.function("PreSignUp", 'raise ValueError("Members only")')
        walk = journey(world, provider, pool=world.pool(LambdaConfig={"PreSignUp": arn}))
        answer = walk.sign_in()
        assert answer.location.startswith(f"{CALLBACK}?")
        assert answer.told["error"] == "invalid_request"
        assert answer.told["error_description"].startswith("PreSignUp failed with error Members only")
        assert not walk.browser.cookies


def test_signing_out_ends_the_browsers_session(world: World, provider: Provider) -> None:
    """The provider's own session stays: the next sign-in is asked of it again."""
    walk = journey(world, provider)
    arrived(walk.sign_in())
    walk.browser.get("/logout", {"client_id": walk.client.client_id, "logout_uri": "https://app.example/bye"})
    assert not walk.browser.cookies
    assert walk.leave().location.startswith(provider.issuer.url)


@pytest.mark.parametrize("given", [{"max_age": "0"}, {"max_age": "600"}, {"prompt": "login"}], ids=str)
def test_an_app_that_wants_its_person_fresh_gets_them_fresh(
    world: World, provider: Provider, given: dict[str, str]
) -> None:
    """The provider is asked for it, and held to it as far as it says when its person signed in."""
    walk = journey(world, provider)
    left = walk.leave(**given)
    assert {name: asked_of(left).get(name) for name in given} == given
    provider.id_token["auth_time"] = world.clock.now() // SECOND - 8 * 3600
    assert walk.back(walk.at_provider(left)).told["error"] == "login_required"
    provider.id_token["auth_time"] = world.clock.now() // SECOND - 5
    arrived(walk.sign_in(**given))


@pytest.mark.parametrize("at", [1e308, -1e308, "yesterday"])
def test_a_time_that_no_clock_shows_breaks_nothing(world: World, provider: Provider, at: Any) -> None:
    """An `auth_time` as a provider may write it by mistake: before all time is too long ago for an app that asks."""
    walk = journey(world, provider)
    for given in ({}, {"max_age": "600"}):
        left = walk.leave(**given)
        provider.id_token["auth_time"] = at
        page = walk.back(walk.at_provider(left))
        walk.browser.cookies.clear()
        if given and at == -1e308:
            assert page.told["error"] == "login_required"
        else:
            arrived(page)


def test_a_session_ends_with_its_hour_and_its_user(world: World, provider: Provider) -> None:
    """As of everybody: by age, and as soon as the user is disabled."""
    walk = journey(world, provider)
    arrived(walk.sign_in())
    world.clock.advance(HOUR + MINUTE)
    arrived(walk.sign_in())
    walk.client.pool.admin("admin_disable_user", f"{NAME}_user-1")
    assert walk.leave().location.startswith(provider.issuer.url)
    refused = walk.sign_in()
    assert (refused.told["error"], refused.told["error_description"]) == ("invalid_request", "User is disabled.")


@pytest.mark.parametrize("said", [{}, {"acr": "urn:partner:three", "amr": ["pwd", "otp"]}])
def test_who_may_not_come_by_the_provider_any_more_is_signed_out(
    world: World, provider: Provider, said: dict[str, object]
) -> None:
    """AdminDisableProviderForUser ends what its word has opened, whatever level that was taken for."""
    pool = world.pool()
    add_provider(pool, NAME, "OIDC", details_of(provider), AcrMapping=LEVELS)
    walk = Journey(Browser(pool), app_client(pool, SupportedIdentityProviders=["COGNITO", NAME]), provider)
    walk.said = dict(said)
    answer = exchange(walk.client, arrived(walk.sign_in(acr_values="urn:cognito:loa:3")))
    identity = {"ProviderName": NAME, "ProviderAttributeName": "Cognito_Subject", "ProviderAttributeValue": "user-1"}
    world.signed.admin_disable_provider_for_user(UserPoolId=pool.pool_id, User=identity)
    assert walk.leave(identity_provider="").location.startswith("/login?")
    assert refresh(walk.client, answer.body["refresh_token"]).error == (400, "invalid_grant")
