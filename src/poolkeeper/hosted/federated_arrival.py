"""How does somebody come in for whom an identity provider has vouched? As a user of the pool, by the gate, with a code for the app.

It is the same for every protocol: whoever has read a provider's answer and found it good hands over what it says.

Source: oauth-federation.md 6, 7.2.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import msgspec
from starlette.responses import Response

from poolkeeper.auth import federated
from poolkeeper.errors import ServiceError
from poolkeeper.federation.identity_provider import IdentityProvider
from poolkeeper.federation.saml.statements import Assertion
from poolkeeper.federation.upstream import Profile
from poolkeeper.hosted import arrival, provider_sessions
from poolkeeper.hosted.authorize import AuthorizeRequest, Refused
from poolkeeper.hosted.federated_departure import level_of
from poolkeeper.hosted.visit import Visit
from poolkeeper.model import factors
from poolkeeper.model.browser_session import at_provider


async def let_in(
    visit: Visit, request: AuthorizeRequest, provider: IdentityProvider, said: Profile | Assertion
) -> Response:
    """Answer the app for a person for whom a provider has vouched, and keep them signed in at this browser.

    Raises Refused where the person may not come in, or a function of the pool says no.
    """
    claims: Mapping[str, Any] = said.claims if isinstance(said, Profile) else {}
    try:
        proven = await federated.prove(visit.call, request.pool, request.client, provider, said)
        proven = replace(
            proven,
            journey=msgspec.structs.replace(proven.journey, target=arrival.known_levels(request.pool, request)),
            factors=factors.federated(_methods(claims), level_of(provider, claims.get("acr"))),
        )
        behind = provider_sessions.written(said) if isinstance(said, Assertion) else None
        return await arrival.arrive(visit, request, proven, began=at_provider(provider.name), provider_session=behind)
    except ServiceError as fault:
        raise Refused(request.back, "invalid_request", fault.message) from fault


def _methods(claims: Mapping[str, Any]) -> frozenset[str]:
    """Return the methods that a provider tells of, of which what is no text is none."""
    told = claims.get("amr")
    return frozenset(one for one in told if isinstance(one, str)) if isinstance(told, list) else frozenset()
