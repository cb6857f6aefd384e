"""How does a browser get from one page of a place to another? By redirects that are relative, and never kept."""

from collections.abc import Sequence
from urllib.parse import urlencode

from starlette.responses import Response

from poolkeeper.errors import ServiceError
from poolkeeper.federation.upstream import FederationRefused
from poolkeeper.hosted import browser, finding, language, outcomes, paths, saml_logout
from poolkeeper.hosted.authorize import Refused, Untrusted
from poolkeeper.hosted.federated_visit import Stray
from poolkeeper.hosted.logout import Logout
from poolkeeper.hosted.redirects import redirect
from poolkeeper.hosted.visit import Visit

# The parameter of /error that our own redirects carry.
REFUSED_REQUEST = "request_id"


def to_page(visit: Visit, path: str, query: str | Sequence[tuple[str, str]] = "") -> Response:
    """Return a redirect to a page of the same place."""
    text = query if isinstance(query, str) else urlencode(query)
    return redirect(f"{visit.place.path(path)}?{text}" if text else visit.place.path(path))


def to_error(visit: Visit, fault: Untrusted) -> Response:
    """Return a redirect to the page that says what is wrong with a request which nobody may be sent on from."""
    visit.call.trace.refuse(fault.code, fault.detail)
    # The page names the request that was wrong, not the one that shows it: by its id people find it in the log.
    # UNVERIFIED: AWS's own texts for the pages of errors but redirect_mismatch.
    language_fields = language.carried(visit.form if visit.method == "POST" else visit.query)
    fields = [
        ("error", fault.code),
        ("client_id", fault.client_id),
        (REFUSED_REQUEST, visit.call.request_id),
        *language_fields,
    ]
    return to_page(visit, paths.ERROR, [(name, value) for name, value in fields if value])


def to_stray(visit: Visit, fault: Stray) -> Response:
    """Return a redirect to the page for people who did not leave from this browser for a provider, or did too long ago.

    The page leads back to its beginning where that is known; else the address says by which pool's words it speaks.
    """
    visit.call.trace.refuse(outcomes.STRAY, str(fault))
    begun = fault.restart or urlencode({"state": finding.handle(visit.place.pool.pool_id, "")})
    named = urlencode({"error": outcomes.STRAY, REFUSED_REQUEST: visit.call.request_id})
    return to_page(visit, paths.ERROR, f"{named}&{begun}")


def back_to_app(visit: Visit, refusal: Refused) -> Response:
    """Return the redirect by which an app is told what was refused."""
    fault = refusal.__cause__
    # What a function says of a person is the app's to read, and not the log's; why a provider's answer is no good, is
    # the log's to read, and nobody else's.
    detail = (fault.detail or fault.name) if isinstance(fault, ServiceError) else refusal.description
    if isinstance(fault, FederationRefused):
        detail = f"{refusal.description}: {fault.reason}: {fault}"
    visit.call.trace.refuse(refusal.error, detail)
    return refusal.response()


async def leave(visit: Visit, wanted: Logout) -> Response:
    """End the browser session and send the browser where the sign-out leads: by way of the provider, if it is to be told."""
    signed_in = await browser.current(visit)
    await browser.end(visit)
    response = None if signed_in is None else await saml_logout.by_provider(visit, signed_in, wanted)
    response = response or gone(visit, wanted)
    browser.drop_cookie(response, visit.place, browser.SESSION)
    return response


def gone(visit: Visit, wanted: Logout) -> Response:
    """Return the redirect to where a sign-out leads in the end."""
    if wanted.to_page:
        path, _, query = wanted.target.partition("?")
        return to_page(visit, path, query)
    if wanted.target:
        return redirect(wanted.target)
    named = [("client_id", wanted.client_id)] if wanted.client_id else []
    language_fields = language.carried(visit.query) or language.carried(visit.form)
    return to_page(visit, paths.SIGNED_OUT, [*named, *language_fields])
