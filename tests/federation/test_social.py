"""What is special about Google, Apple, Facebook and Amazon, and is it kept? Each against a server that speaks as it does."""

import dataclasses
import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

import pytest
from cryptography.hazmat.primitives.asymmetric.ec import (
    SECP256R1,
    SECP384R1,
    generate_private_key,
)
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    PrivateFormat,
    PublicFormat,
)
from joserfc import jwt
from joserfc.jwk import ECKey

from api.federating import apple_key
from federation.apple import apple_token
from federation.provider import ATTEMPT, SECRET, Provider, asked, parameters, proves, refusal, sign_in, story
from functions.receiver import Answer, Received
from poolkeeper.federation import code_flow, provider_details
from poolkeeper.federation.sign_in_with_apple import private_key
from poolkeeper.federation.upstream import Hints, Upstream
from poolkeeper.providers import Providers
from poolkeeper.secret import Secret
from tokens.issuer import CLIENT, NOW, document

HINTS = Hints(prompt="login", login_hint="user@example.com")


def set_up(provider: Provider, kind: str, **more: str) -> Upstream:
    """Set a social provider up by ProviderDetails, its addresses on this machine instead of the usual ones."""
    url = provider.issuer.url
    given = {
        "client_id": CLIENT,
        "client_secret": provider.secret,
        "authorize_scopes": "openid email",
        "authorize_url": f"{url}/authorize",
        "token_url": f"{url}/token",
        "jwks_uri": f"{url}/keys",
        **more,
    }
    return provider_details.upstream(kind, provider_details.complete(kind, kind, given, dev=True))


async def address(providers: Providers, kind: str, upstream: Upstream) -> str:
    return await code_flow.begin(providers, kind, upstream, ATTEMPT, now=NOW * 1000, hints=HINTS)


# Google


@pytest.mark.parametrize("issuer", ["https://accounts.google.com", "accounts.google.com"])
def test_google_is_known_by_both_its_names(issuer: str) -> None:
    """Its ID token says all that is asked for, so its People API is not asked."""

    async def told(provider: Provider, providers: Providers) -> None:
        provider.id_token = {"iss": issuer, "email": "user@gmail.com", "email_verified": True, "picture": "https://p"}
        provider.answered = {"iss": "https://accounts.google.com"}
        found = await sign_in(providers, set_up(provider, "Google"), kind="Google", wanted=("email", "picture"))
        assert (found.subject, found.claims["email"], found.claims["email_verified"]) == (
            "user-1",
            "user@gmail.com",
            True,
        )
        assert [one.path for one in provider.received] == ["/token"]

    story(told)


def test_google_is_asked_by_name_for_what_its_id_token_lacks() -> None:
    """The mapped fields and no others, and of several entries the primary one is told."""

    async def told(provider: Provider, providers: Providers) -> None:
        def people(request: Received) -> Answer:
            provider.received.append(request)
            return document(
                {
                    "resourceName": "people/1",
                    "birthdays": [
                        {"date": {"month": 2, "day": 1}},
                        {"metadata": {"primary": True}, "date": {"year": 1990, "month": 2, "day": 1}},
                    ],
                    "phoneNumbers": [{"value": "+15550199"}, {"metadata": {"primary": True}, "value": "+15550100"}],
                    "genders": "unexpected",
                    "emailAddresses": [{"value": "other@example.com"}],
                }
            )

        provider.issuer.more["/people"] = people
        provider.id_token = {"iss": "https://accounts.google.com", "email": "user@gmail.com"}
        upstream = set_up(provider, "Google", attributes_url=f"{provider.issuer.url}/people?personFields=")
        wanted = ("email", "birthdays", "phoneNumbers", "genders")
        found = await sign_in(providers, upstream, kind="Google", wanted=wanted)
        assert provider.received[1].path == "/people?personFields=birthdays,phoneNumbers,genders"
        assert provider.received[1].headers["authorization"] == "Bearer an-access-token"
        assert found.user_info == {"birthdays": "1990-02-01", "phoneNumbers": "+15550100"}
        assert found.claims["email"] == "user@gmail.com"

    story(told)


def test_google_takes_nonce_pkce_and_hints() -> None:
    """At the addresses that AWS documents."""

    async def told(provider: Provider, providers: Providers) -> None:
        given = {"client_id": CLIENT, "client_secret": SECRET, "authorize_scopes": "email profile openid"}
        upstream = provider_details.upstream("Google", provider_details.complete("Google", "Google", given, dev=False))
        url = await address(providers, "Google", upstream)
        assert url.startswith("https://accounts.google.com/o/oauth2/v2/auth?")
        assert asked(url).keys() >= {"nonce", "code_challenge", "prompt", "login_hint", "state"}
        assert asked(url)["scope"] == "email profile openid"

    story(told)


def test_a_token_of_google_for_another_provider_is_nobodys() -> None:
    """Nor one that another issuer signed in its name: the keys are at Google's own address."""

    async def told(provider: Provider, providers: Providers) -> None:
        assert (await refusal(sign_in(providers, set_up(provider, "Google"), kind="Google"))).reason == "id-token"
        details = provider_details.complete(
            "Google",
            "Google",
            {"client_id": CLIENT, "client_secret": SECRET, "authorize_scopes": "openid"},
            dev=False,
        )
        assert provider_details.upstream("Google", details).jwks_uri == "https://www.googleapis.com/oauth2/v3/certs"

    story(told)


# Sign in with Apple


async def apple(
    provider: Provider, providers: Providers, *, pem: str, more: dict[str, str] | None = None, **changes: str
) -> Any:
    """Sign in with Apple, which checks no secret of ours unless a test does."""
    good = {"private_key": apple_key()[1]}  # of a bad one no provider is made
    details = {"team_id": "TEAM", "key_id": "KEY", "authorize_scopes": "email name", **good, **changes}
    made = set_up(provider, "SignInWithApple", **details)
    upstream = dataclasses.replace(made, client_secret=Secret(""), private_key=Secret(pem))
    provider.id_token = {"iss": "https://appleid.apple.com", **provider.id_token}
    provider.issuer.more["/token"] = lambda request: apple_token(provider, request)
    return await sign_in(providers, upstream, kind="SignInWithApple", more=more)


@pytest.mark.parametrize("form", ["the file", "on one line", "bare", "with \\n"])
def test_apple_is_brought_a_secret_that_the_teams_key_has_signed(form: str) -> None:
    """ES256, for five minutes, to Apple alone; the key as its file has it or as forms make of it."""
    key, pem = apple_key()
    bare = "".join(pem.split("\n")[1:-2])
    spelt = {
        "the file": pem,
        "on one line": pem.replace("\n", " ").replace("----- ", "-----\n").replace(" -----", "\n-----"),
        "bare": bare,
        "with \\n": pem.replace("\n", "\\n"),
    }[form]

    async def told(provider: Provider, providers: Providers) -> None:
        provider.id_token = {"email": "abc@privaterelay.appleid.com", "email_verified": "true"}
        found = await apple(provider, providers, pem=spelt)
        assert (found.subject, found.claims["email_verified"]) == ("user-1", "true")

        public = key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
        secret = jwt.decode(provider.secret, ECKey.import_key(public), algorithms=["ES256"])
        assert secret.header == {"alg": "ES256", "kid": "KEY"}
        assert secret.claims == {
            "iss": "TEAM",
            "iat": NOW,
            "exp": NOW + 300,
            "aud": "https://appleid.apple.com",
            "sub": CLIENT,
        }

    story(told)


def test_a_key_that_is_none_brings_nobody_in_and_is_not_told() -> None:
    """Another curve, or no key at all."""

    async def told(provider: Provider, providers: Providers) -> None:
        for pem in ("1EXAMPLE", apple_key(SECP384R1)[1], "Ä"):
            refused = await refusal(apple(provider, providers, pem=pem))
            assert (refused.reason, pem in str(refused)) == ("exchange", False)

    story(told)


def test_apple_answers_by_post_where_a_name_is_asked_for() -> None:
    """And is asked without PKCE and hints, of which it documents nothing."""

    async def told(provider: Provider, providers: Providers) -> None:
        details = {"team_id": "TEAM", "key_id": "KEY", "private_key": apple_key()[1]}
        url = await address(providers, "SignInWithApple", set_up(provider, "SignInWithApple", **details))
        assert asked(url)["response_mode"] == "form_post"
        assert not asked(url).keys() & {"code_challenge", "prompt", "login_hint"}
        bare = set_up(provider, "SignInWithApple", authorize_scopes="", **details)
        assert "response_mode" not in asked(await address(providers, "SignInWithApple", bare))

    story(told)


USERS: Mapping[str, tuple[str, dict[str, str]]] = {
    "a name": (
        '{"name":{"firstName":"Ada","lastName":"Lovelace"},"email":"victim@example.com"}',
        {"firstName": "Ada", "lastName": "Lovelace", "name": "Ada Lovelace"},
    ),
    "half a name": ('{"name":{"firstName":"Ada"}}', {"firstName": "Ada", "name": "Ada"}),
    "claims of one's own": ('{"sub":"admin","email_verified":true,"name":{}}', {}),
    "nothing": ("", {}),
    "no JSON": ("{", {}),
    "another JSON": ('{"name":["Ada"]}', {}),
    "a name as long as a book": (json.dumps({"name": {"firstName": "A" * 300}}), {}),
    "a name with a NUL": (json.dumps({"name": {"firstName": "A\0"}}), {}),
    "more than any name": (json.dumps({"name": {"firstName": "Ada"}, "x": "y" * 5_000}), {}),
}


@pytest.mark.parametrize("name", USERS)
def test_apple_tells_a_name_once_and_the_browser_nothing_else(name: str) -> None:
    """`user` comes through the browser and is nobody's word: who it is and their address are in the ID token alone."""
    user, expected = USERS[name]

    async def told(provider: Provider, providers: Providers) -> None:
        provider.id_token = {"email": "own@example.com"}
        found = await apple(provider, providers, pem=apple_key()[1], more={"user": user} if user else {})
        assert found.user_info == expected
        assert (found.subject, found.claims["email"]) == ("user-1", "own@example.com")
        assert "email_verified" not in found.claims

    story(told)


def test_apple_is_known_by_its_two_issuers_and_no_third() -> None:
    """It has begun to write `account.apple.com` (attacks.md 104)."""

    async def told(provider: Provider, providers: Providers) -> None:
        for issuer, taken in (("https://account.apple.com", True), ("https://apple.com", False)):
            provider.id_token = {"iss": issuer}
            signing_in = apple(provider, providers, pem=apple_key()[1])
            reason = "" if taken else (await refusal(signing_in)).reason
            assert reason == ("" if taken else "id-token")
            if taken:
                assert (await signing_in).subject == "user-1"

    story(told)


def test_a_key_is_read_from_what_aws_takes() -> None:
    """With lines or without."""
    made, pem = apple_key()
    assert private_key(Secret(pem)).private_numbers() == made.private_numbers()


def test_a_key_under_a_password_is_no_key() -> None:
    """Nobody gave us the password: the sign-in is refused as with any other text that is no key."""
    locked = generate_private_key(SECP256R1()).private_bytes(
        Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(b"a password")
    )

    async def told(provider: Provider, providers: Providers) -> None:
        refused = await refusal(apple(provider, providers, pem=locked.decode()))
        assert (refused.reason, provider.received) == ("exchange", [])

    story(told)


# Facebook


def test_facebook_is_asked_with_proof_of_the_apps_secret() -> None:
    """A token that was stolen from another app has none; the fields are those that the pool maps."""

    async def told(provider: Provider, providers: Providers) -> None:
        provider.user = {"id": "10203", "name": "One", "email": "user@example.com"}
        provider.issuer.more["/me"] = provider.userinfo
        provider.tokens = {"id_token": None, "token_type": "bearer"}
        upstream = set_up(
            provider,
            "Facebook",
            attributes_url=f"{provider.issuer.url}/me?fields=",
            authorize_scopes="public_profile, email",
        )
        wanted = ("name", "email", "id", "x,access_token&a=b")
        found = await sign_in(providers, upstream, kind="Facebook", wanted=wanted)
        assert (found.subject, found.claims) == ("10203", provider.user)

        exchanged, me = provider.received
        query = parameters(urlsplit(me.path).query)
        assert query["fields"] == "id,name,email"
        assert proves(SECRET, "an-access-token", query["appsecret_proof"])
        assert "an-access-token" not in me.path
        assert (exchanged.method, SECRET in exchanged.path) == ("POST", False)

    story(told)


def test_facebook_is_asked_without_nonce_pkce_and_with_commas() -> None:
    """At the addresses of the version that was given."""

    async def told(provider: Provider, providers: Providers) -> None:
        given = {
            "client_id": CLIENT,
            "client_secret": SECRET,
            "authorize_scopes": "public_profile, email",
            "api_version": "v22.0",
        }
        details = provider_details.complete("Facebook", "Facebook", given, dev=False)
        url = await address(providers, "Facebook", provider_details.upstream("Facebook", details))
        assert url.startswith("https://www.facebook.com/v22.0/dialog/oauth?")
        assert asked(url)["scope"] == "public_profile,email"
        assert not asked(url).keys() & {"nonce", "code_challenge", "prompt"}

    story(told)


# Login with Amazon


def test_amazon_tells_at_its_profile_whose_the_token_is() -> None:
    """With PKCE, which it documents; no ID token, so no nonce, and no issuer that an `iss` could be compared with."""

    async def told(provider: Provider, providers: Providers) -> None:
        provider.user = {"user_id": "amzn1.account.K2LI23KL2LK2", "email": "user@example.com", "postal_code": "98101"}
        provider.tokens = {"id_token": None}
        provider.answered = {"iss": "https://www.amazon.com"}
        upstream = set_up(provider, "LoginWithAmazon", attributes_url=f"{provider.issuer.url}/userinfo")
        found = await sign_in(providers, upstream, kind="LoginWithAmazon")
        assert (found.subject, found.claims["postal_code"]) == ("amzn1.account.K2LI23KL2LK2", "98101")
        assert "code_verifier" in parameters(provider.received[0].body.decode())
        assert "nonce" not in asked(await address(providers, "LoginWithAmazon", upstream))

    story(told)


@pytest.mark.parametrize(("kind", "name"), [("Facebook", "id"), ("LoginWithAmazon", "user_id")])
@pytest.mark.parametrize("subject", [None, "", 7, "a\nb", "x" * 300])
def test_who_has_no_id_is_nobody(kind: str, name: str, subject: Any) -> None:
    """Without a text that names the person nobody signs in."""

    async def told(provider: Provider, providers: Providers) -> None:
        provider.user = {name: subject, "email": "user@example.com"}
        provider.issuer.more["/me"] = provider.userinfo
        url = f"{provider.issuer.url}/me?fields=" if kind == "Facebook" else f"{provider.issuer.url}/me"
        upstream = set_up(provider, kind, attributes_url=url)
        assert (await refusal(sign_in(providers, upstream, kind=kind))).reason == "user-info"

    story(told)
