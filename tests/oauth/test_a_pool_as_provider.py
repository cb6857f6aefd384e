"""Can a pool of ours be another's OpenID provider, as a user pool is at AWS? Seen by what this server does as such a client."""

import asyncio
import dataclasses
from urllib.parse import urlsplit

import pytest

from api.world import World
from federation.provider import ATTEMPT, asked, parameters, refusal
from oauth.hosted import CALLBACK, NAME, arrive, code_client
from poolkeeper.federation import code_flow, provider_details
from poolkeeper.federation.upstream import Attempt, Profile, Upstream
from poolkeeper.providers import Providers
from tokens.issuer import knowing


@pytest.mark.parametrize("with_secret", [True, False])
def test_a_person_of_one_pool_signs_in_at_another(world: World, *, with_secret: bool) -> None:
    """By discovery, with PKCE, nonce, `iss` and userInfo; a code of another sign-in is refused by its nonce or verifier."""
    pool = world.pool()
    pool.user(NAME, email="ada@example.com", email_verified="true")
    client = code_client(pool, GenerateSecret=with_secret)
    given = {
        "client_id": client.client_id,
        "authorize_scopes": "openid email",
        "oidc_issuer": f"{world.house.settings.issuer_base}/{pool.pool_id}",
        "attributes_request_method": "GET",
        **({"client_secret": client.secret} if client.secret else {}),
    }
    upstream = provider_details.upstream("OIDC", provider_details.complete("Pool", "OIDC", given, dev=True))
    began = dataclasses.replace(ATTEMPT, redirect_uri=CALLBACK)

    async def sign_in(providers: Providers, upstream: Upstream, attempt: Attempt) -> Profile:
        now = world.clock.now()
        request = asked(await code_flow.begin(providers, "OIDC", upstream, began, now=now))
        sent_back = await asyncio.to_thread(lambda: arrive(client, **request))
        brought = parameters(urlsplit(sent_back.headers["location"]).query)
        answer = await code_flow.read_answer(providers, "OIDC", upstream, attempt, brought, now=now)
        return await code_flow.finish(providers, "OIDC", upstream, attempt, answer, wanted=(), now=now)

    async def story() -> None:
        async with knowing() as providers:
            found = await sign_in(providers, upstream, began)
            assert found.claims["cognito:username"] == NAME
            assert (found.claims["email"], found.claims["email_verified"]) == ("ada@example.com", True)
            assert found.user_info["email_verified"] == "true"
            for changes, reason in (({"nonce": "another"}, "nonce"), ({"code_verifier": "w" * 43}, "exchange")):
                other = dataclasses.replace(began, **changes)
                assert (await refusal(sign_in(providers, upstream, other))).reason == reason

    asyncio.run(story())
