"""How does somebody come in for whom an identity provider has vouched? As a user of the pool, by the gate, with a code for the app.

It is the same for every protocol: whoever has read a provider's answer and found it good hands over what it says.

Source: oauth-federation.md 6, 7.2.
"""

from starlette.responses import Response

from poolkeeper.auth import federated
from poolkeeper.clock import MINUTE, SECOND
from poolkeeper.errors import ServiceError
from poolkeeper.federation.identity_provider import IdentityProvider
from poolkeeper.federation.saml.statements import Assertion
from poolkeeper.federation.upstream import Profile
from poolkeeper.hosted import arrival, provider_sessions
from poolkeeper.hosted.authorize import AuthorizeRequest, Refused
from poolkeeper.hosted.federated_departure import must_be_fresh
from poolkeeper.hosted.federated_visit import LIFE
from poolkeeper.hosted.visit import Visit
from poolkeeper.model.browser_session import at_provider

_MOST_TIME = 2**53  # seconds, as in tokens/foreign.py; what is beyond could not be counted in milliseconds


async def let_in(
    visit: Visit,
    request: AuthorizeRequest,
    provider: IdentityProvider,
    vouched: Profile | Assertion,
    *,
    left_with: str = "",
) -> Response:
    """Answer the app for a person for whom a provider has vouched, and keep them signed in at this browser.

    `left_with` is the id of the browser session that they had when they left for the provider, which ends.

    Raises Refused where the person may not come in, or signed in there longer ago than the app allows, or a function of the
    pool says no.
    """
    _require_fresh(visit, request, vouched)
    target = arrival.known_levels(request.pool, request)
    try:
        proven = await federated.prove(visit.call, request.pool, request.client, provider, vouched, target=target)
        behind = provider_sessions.written(vouched) if isinstance(vouched, Assertion) else None
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


def _require_fresh(visit: Visit, request: AuthorizeRequest, vouched: Profile | Assertion) -> None:
    """Hold a provider to what was asked of it, as far as it says when somebody signed in; some never do.

    Whoever is on the way has as long as the way may take. Raises Refused.
    """
    at = _signed_in_at(vouched)
    if at is None or not must_be_fresh(request):
        return
    allowed = 0 if "login" in request.prompt else (request.max_age or 0) * SECOND
    if at < visit.call.now - allowed - LIFE - MINUTE:
        raise Refused(request.back, "login_required", "The sign-in at the provider is too long ago.")


def _signed_in_at(vouched: Profile | Assertion) -> int | None:
    """Return when somebody signed in at the provider, in milliseconds, as it says, None for what is no number."""
    if isinstance(vouched, Assertion):
        return vouched.authenticated_at
    at = vouched.claims.get("auth_time")
    if not isinstance(at, int | float) or isinstance(at, bool):
        return None
    return int(min(max(at, 0), _MOST_TIME) * SECOND)
