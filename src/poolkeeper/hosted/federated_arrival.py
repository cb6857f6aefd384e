"""How does somebody come in for whom an identity provider has vouched? As a user of the pool, by the gate, with a code for the app.

It is the same for every protocol: whoever has read a provider's answer and found it good hands over what it says.

Source: oauth-federation.md 6, 7.2.
"""

from starlette.responses import Response

from poolkeeper.auth import federated
from poolkeeper.errors import ServiceError
from poolkeeper.federation.identity_provider import IdentityProvider
from poolkeeper.federation.saml.statements import Assertion
from poolkeeper.federation.upstream import Profile
from poolkeeper.hosted import arrival, provider_sessions
from poolkeeper.hosted.authorize import AuthorizeRequest, Refused
from poolkeeper.hosted.visit import Visit
from poolkeeper.model.browser_session import at_provider


async def let_in(
    visit: Visit,
    request: AuthorizeRequest,
    provider: IdentityProvider,
    said: Profile | Assertion,
    *,
    left_with: str = "",
) -> Response:
    """Answer the app for a person for whom a provider has vouched, and keep them signed in at this browser.

    `left_with` is the id of the browser session that they had when they left for the provider, which ends.

    Raises Refused where the person may not come in, or a function of the pool says no.
    """
    target = arrival.known_levels(request.pool, request)
    try:
        proven = await federated.prove(visit.call, request.pool, request.client, provider, said, target=target)
        behind = provider_sessions.written(said) if isinstance(said, Assertion) else None
        return await arrival.arrive(
            visit,
            request,
            proven,
            began=at_provider(provider.name),
            provider_session=behind,
            left_with=left_with,
        )
    except ServiceError as fault:
        raise Refused(request.back, "invalid_request", fault.message) from fault
