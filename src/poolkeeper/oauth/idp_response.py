"""/oauth2/idpresponse: where identity providers of the code flow send people back to, by GET or by a form (Apple).

    the handle is ours, of this browser, and unused --> the request is checked anew --> the answer is the provider's
    --> the code is exchanged --> who that is --> hosted/federated_arrival.py --> the app

Until it is certain that this very browser left for the provider, nobody is sent to an app: they see a page.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from starlette.responses import Response

from poolkeeper.client_address import wide_network
from poolkeeper.federation import code_flow
from poolkeeper.federation.identity_provider import SamlUpstream
from poolkeeper.federation.upstream import FederationRefused, Upstream
from poolkeeper.hosted import authorize, federated_visit
from poolkeeper.hosted.answers import back_to_app, to_error, to_stray
from poolkeeper.hosted.authorize import AuthorizeRequest, Refused, Untrusted
from poolkeeper.hosted.federated_arrival import let_in
from poolkeeper.hosted.federated_departure import attempt_of, failed_at_provider, left_for
from poolkeeper.hosted.federated_visit import Departure, Stray
from poolkeeper.hosted.outcomes import FOREIGN_ANSWER
from poolkeeper.hosted.visit import Visit
from poolkeeper.providers import ProviderUnavailable

# For these reasons the answer may be another provider's, and nothing of it is believed (RFC 9207 2.4).
_OF_ANOTHER_PROVIDER = frozenset({"state", "issuer"})


async def idp_response(visit: Visit) -> Response:
    """Answer a person who comes back from a provider: with the app, or a page that says what went wrong."""
    visit.call.trace.at_pages = True
    handle = (visit.form if visit.method == "POST" else visit.query).get("state", "")
    response = await _answered(visit, handle)
    federated_visit.forget(visit, response, handle)
    return response


async def _answered(visit: Visit, handle: str) -> Response:
    try:
        departure = await federated_visit.come_back(visit, handle)
        request = await authorize.read(visit.call, visit.place, departure.errand.given)
        visit = visit.with_pool(request.pool)
        return await _finish_sign_in(visit, request, departure)
    except Stray as fault:
        return to_stray(visit, fault)
    except Untrusted as fault:
        return to_error(visit, fault)
    except Refused as refusal:
        return back_to_app(visit, refusal)


async def _finish_sign_in(visit: Visit, request: AuthorizeRequest, departure: Departure) -> Response:
    """Find out who comes back, and let them in. Raises Refused, Untrusted."""
    provider = await left_for(visit, request, departure, by_saml=False)
    assert not isinstance(provider.upstream, SamlUpstream), "as it was found"
    attempt = visit.call.house.providers, provider.type, provider.upstream, attempt_of(visit, departure)
    given = visit.form if visit.method == "POST" else visit.query
    now = visit.call.now
    try:
        answer = await code_flow.read_answer(*attempt, given, now=now)
        async with _share_of_provider(visit, provider.upstream):
            profile = await code_flow.finish(*attempt, answer, wanted=provider.wanted, now=now)
    except FederationRefused as refused:
        detail = f"{provider.name}: {refused.reason}: {refused}"
        if refused.reason in _OF_ANOTHER_PROVIDER:
            raise Untrusted(FOREIGN_ANSWER, request.client.client_id, detail=detail) from None
        raise failed_at_provider(request, provider, refused) from refused
    return await let_in(visit, request, provider, profile, left_with=departure.errand.left_with)


@asynccontextmanager
async def _share_of_provider(visit: Visit, upstream: Upstream) -> AsyncIterator[None]:
    """Hold one of the few calls to a provider that a network may cause at once: anybody may bring a made-up code.

    Raises FederationRefused.
    """
    network = wide_network(visit.call.client_address)
    host = upstream.token_url or next(iter(upstream.issuers), "")
    try:
        async with visit.call.house.providers.share(network, host):
            yield
    except ProviderUnavailable as fault:
        raise FederationRefused("unavailable", str(fault)) from None
