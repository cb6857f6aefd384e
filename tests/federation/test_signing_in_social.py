"""Does somebody come in by Google, Apple, Facebook and Amazon? Each as it speaks, at a server that knows its protocol."""

import dataclasses
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest

from api.federating import apple_key
from api.forge import claims_of
from api.world import PoolOfTests, World
from federation.apple import apple_token
from federation.partner import Journey, add_provider, asked_of
from federation.provider import SECRET, Provider, parameters, proves
from oauth.browsing import Browser, app_client
from oauth.hosted import exchange
from pages.walking import arrived
from poolkeeper.federation import provider_details
from tokens.issuer import CLIENT


def through(world: World, provider: Provider, kind: str, mapping: dict[str, str], **details: str) -> Journey:
    """Open a browser at a pool with a social provider; AWS's addresses are fixed, so they are put into its table for once."""
    pool: PoolOfTests = world.pool()
    given = {"client_id": CLIENT, "client_secret": SECRET, "authorize_scopes": "openid email", **details}
    add_provider(pool, kind, kind, given, mapping)
    return Journey(
        Browser(pool),
        app_client(pool, SupportedIdentityProviders=[kind]),
        provider,
        kind,
        {"scope": "openid email profile"},
    )


@pytest.fixture
def here(provider: Provider, monkeypatch: pytest.MonkeyPatch) -> Provider:
    """Have the four at the addresses of the provider of these tests."""
    url = provider.issuer.url
    known = dict(provider_details._TYPES)
    for kind in ("Google", "SignInWithApple", "Facebook", "LoginWithAmazon"):
        attributes = {"Google": "people?personFields=", "Facebook": "me?fields="}.get(kind, "userinfo")
        filled = {
            **known[kind].filled,
            "authorize_url": f"{url}/authorize",
            "token_url": f"{url}/token",
            "attributes_url": f"{url}/{attributes}",
        }
        jwks = f"{url}/keys" if known[kind].jwks_uri else ""
        known[kind] = dataclasses.replace(known[kind], filled=filled, jwks_uri=jwks)
    monkeypatch.setattr(provider_details, "_TYPES", known)
    return provider


def signed_in(walk: Journey, code: str) -> dict[str, Any]:
    answer = exchange(walk.client, code)
    assert answer.status == 200, answer
    return claims_of(answer.body["id_token"])


def test_by_google(world: World, here: Provider) -> None:
    """OpenID: the ID token says it, nonce and PKCE are checked."""
    walk = through(world, here, "Google", {"email": "email", "picture": "picture"})
    walk.said = {"iss": "https://accounts.google.com", "email": "ada@gmail.com", "picture": "https://p.example/1"}
    told = signed_in(walk, arrived(walk.sign_in()))
    assert (told["cognito:username"], told["email"]) == ("Google_user-1", "ada@gmail.com")
    assert told["identities"][0]["providerType"] == "Google"

    walk.browser.cookies.clear()
    walk.said = {"iss": "https://accounts.google.com", "nonce": "of another sign-in"}
    assert walk.sign_in().told["error"] == "invalid_request"


def test_by_apple_whose_answer_is_posted_and_whose_name_comes_once(world: World, here: Provider) -> None:
    """A client secret by ES256, `form_post` from Apple's own site, and the name that is kept when it does not come again."""
    details = {"team_id": "TEAM", "key_id": "KEY", "private_key": apple_key()[1], "authorize_scopes": "email name"}
    walk = through(world, here, "SignInWithApple", {"email": "email", "name": "name"}, **details)
    here.issuer.more["/token"] = lambda request: apple_token(here, request)
    walk.said = {"iss": "https://appleid.apple.com", "email": "abc@privaterelay.appleid.com", "email_verified": "true"}
    user = '{"name":{"firstName":"Ada","lastName":"Lovelace"},"email":"victim@example.com"}'
    for more in ({"user": user}, {}):
        left = walk.leave()
        assert asked_of(left)["response_mode"] == "form_post"
        form = dict(parse_qsl(urlsplit(walk.at_provider(left)).query)) | more
        posted = walk.browser.post("/oauth2/idpresponse", form, sec_fetch_site="cross-site", origin="https://a.example")
        told = signed_in(walk, arrived(posted))
        assert (told["email"], told["name"]) == ("abc@privaterelay.appleid.com", "Ada Lovelace")
        walk.browser.cookies.clear()


def test_by_facebook(world: World, here: Provider) -> None:
    """The Graph API, asked with proof of the app's secret."""
    here.user = {"id": "10203", "name": "Ada", "email": "ada@example.com"}
    here.tokens = {"id_token": None}
    here.issuer.more["/me"] = here.userinfo
    walk = through(world, here, "Facebook", {"email": "email", "name": "name"}, authorize_scopes="public_profile,email")
    told = signed_in(walk, arrived(walk.sign_in()))
    assert (told["cognito:username"], told["name"]) == ("Facebook_10203", "Ada")
    query = parameters(urlsplit(here.received[-1].path).query)
    assert proves(SECRET, "an-access-token", query["appsecret_proof"])


def test_by_amazon(world: World, here: Provider) -> None:
    """Its profile says whose the access token is; another `user_id` is another user."""
    here.tokens = {"id_token": None}
    walk = through(world, here, "LoginWithAmazon", {"email": "email"}, authorize_scopes="profile")
    subs = set()
    for number in (1, 2):
        here.user = {"user_id": f"amzn1.account.{number}", "email": "ada@example.com"}
        told = signed_in(walk, arrived(walk.sign_in()))
        assert told["cognito:username"] == f"LoginWithAmazon_amzn1.account.{number}"
        subs.add(told["sub"])
        walk.browser.cookies.clear()
    assert len(subs) == 2
