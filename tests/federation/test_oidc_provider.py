"""Does somebody sign in at an OpenID provider that nobody here wrote? npm's oidc-provider, over HTTP, with a browser's cookies."""

import asyncio
import dataclasses
import time
from collections.abc import Iterator
from urllib.parse import urlsplit

import httpx
import pytest

from federation.oidc_server import details_of, running
from federation.provider import ATTEMPT, CALLBACK, parameters, refusal
from poolkeeper.federation import code_flow, provider_details
from poolkeeper.federation.upstream import Attempt, Hints, Profile, Upstream
from poolkeeper.providers import Providers
from poolkeeper.tokens.foreign import IDENTITY_POOL_SKEW, ForeignTokenRefused, Trusted, verify
from tokens.issuer import knowing


@pytest.fixture(scope="module")
def issuer() -> Iterator[str]:
    with running("client_secret_basic", "client_secret_post", "none") as url:
        yield url


def now() -> int:
    return int(time.time() * 1000)


def set_up(issuer: str, client_id: str, **more: str) -> Upstream:
    """Set the provider up as CreateIdentityProvider would."""
    given = details_of(issuer, client_id, **more)
    return provider_details.upstream("OIDC", provider_details.complete("Partner", "OIDC", given, dev=True))


async def browse(url: str) -> dict[str, str]:
    """Follow a browser's way from the authorize address, with its cookies, until it is sent back to us."""
    async with httpx.AsyncClient() as browser:
        for _ in range(10):
            answer = await browser.get(url)
            assert answer.is_redirect, answer.text
            url = str(answer.url.join(answer.headers["location"]))
            if url.startswith(CALLBACK):
                return parameters(urlsplit(url).query)
    raise AssertionError("sent from one address to the next")


async def sign_in(
    providers: Providers, upstream: Upstream, *, attempt: Attempt = ATTEMPT, began: Attempt = ATTEMPT, **hints: str
) -> Profile:
    url = await code_flow.begin(providers, "OIDC", upstream, began, now=now(), hints=Hints(**hints))
    answer = await code_flow.read_answer(providers, "OIDC", upstream, attempt, await browse(url), now=now())
    return await code_flow.finish(providers, "OIDC", upstream, attempt, answer, wanted=(), now=now())


@pytest.mark.parametrize(("client_id", "method"), [("posting", "GET"), ("posting", "POST"), ("public", "GET")])
def test_somebody_signs_in_there(issuer: str, client_id: str, method: str) -> None:
    """By discovery, with PKCE, nonce and `iss`; RS256 and a secret in the form, ES384 and no secret."""

    async def told() -> None:
        async with knowing() as providers:
            upstream = set_up(issuer, client_id, attributes_request_method=method)
            found = await sign_in(providers, upstream, login_hint="anna")
            assert (found.subject, found.claims["email"], found.claims["email_verified"], found.claims["name"]) == (
                "anna",
                "olga@example.com",
                True,
                "Olga",
            )
            assert (found.id_token["aud"], found.id_token["iss"]) == (client_id, issuer)

    asyncio.run(told())


def test_somebody_signs_in_where_the_secret_goes_into_the_header() -> None:
    """A provider that takes it there alone, and signs by PS256."""

    async def told(issuer: str) -> None:
        async with knowing() as providers:
            assert (await sign_in(providers, set_up(issuer, "basic"))).subject == "olga"

    with running("client_secret_basic") as issuer:
        asyncio.run(told(issuer))


def test_what_is_not_ours_is_refused_there(issuer: str) -> None:
    """A wrong secret, the verifier or the nonce of another sign-in; and the provider's own no."""

    async def told() -> None:
        async with knowing() as providers:
            wrong = set_up(issuer, "posting", client_secret="wrong")
            assert (await refusal(sign_in(providers, wrong))).reason == "exchange"
            upstream = set_up(issuer, "posting")
            other = dataclasses.replace(ATTEMPT, code_verifier="w" * 43)
            assert (await refusal(sign_in(providers, upstream, attempt=other))).reason == "exchange"
            other = dataclasses.replace(ATTEMPT, nonce="another")
            assert (await refusal(sign_in(providers, upstream, attempt=other))).reason == "nonce"
            denied = await refusal(sign_in(providers, upstream, prompt="none"))
            assert (denied.reason, denied.error) == ("denied", "login_required")

    asyncio.run(told())


def test_its_id_token_is_a_login_of_an_identity_pool(issuer: str) -> None:
    """By the same check as for a sign-in; another client's, and an access token, are none."""

    async def told() -> None:
        async with knowing() as providers:
            found = await sign_in(providers, set_up(issuer, "public"))
            token = str(found.token_response["id_token"])
            trusted = Trusted(issuers=(issuer,), audiences=("another", "public"))
            claims = await verify(providers, token, trusted, now=now(), skew_seconds=IDENTITY_POOL_SKEW)
            assert claims["sub"] == "olga"
            for other, text, reason in (
                (dataclasses.replace(trusted, audiences=("another",)), token, "audience"),
                (dataclasses.replace(trusted, issuers=(f"{issuer}/",)), token, "issuer"),
                (trusted, str(found.token_response["access_token"]), "malformed"),
            ):
                with pytest.raises(ForeignTokenRefused) as caught:
                    await verify(providers, text, other, now=now(), skew_seconds=IDENTITY_POOL_SKEW)
                assert caught.value.reason == reason

    asyncio.run(told())
