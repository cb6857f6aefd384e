"""How does a pool speak with its SAML providers? Requests that leave, responses that are believed, and what both go by.

    entity id     urn:amazon:cognito:sp:<pool id>
    answers to    /saml2/idpresponse and /saml2/logout, in the form of the domain in which the person came

Source: oauth-federation.md 7.4; attacks.md 111 to 134.
"""

from starlette.responses import Response

from poolkeeper.accounts import saml_keys, saml_word
from poolkeeper.accounts.saml_word import entity_id, saml_of
from poolkeeper.federation.identity_provider import IdentityProvider
from poolkeeper.federation.saml import bindings, metadata, names, requests
from poolkeeper.federation.saml.faults import BadMessage, Fault
from poolkeeper.federation.saml.requests import AuthnRequest
from poolkeeper.federation.saml.statements import Assertion
from poolkeeper.federation.upstream import FederationRefused
from poolkeeper.hosted import paths
from poolkeeper.hosted.federated_visit import Departure
from poolkeeper.hosted.hand_over import Parcel
from poolkeeper.hosted.redirects import redirect
from poolkeeper.hosted.visit import Visit


class Unbelieved(Exception):  # noqa: N818 - what is said of the response
    """A response that lets nobody in. The text is for the log."""


def request_id(departure: Departure) -> str:
    """Return the ID of the request that somebody leaves with: of its answer, InResponseTo."""
    return f"_{departure.errand.id}"


async def leaving(visit: Visit, provider: IdentityProvider, departure: Departure, *, force: bool) -> Response:
    """Return what takes somebody to a provider with a request; `force` asks it for a fresh sign-in.

    It is a redirect, or a page that posts where the provider has no place for one. Raises FederationRefused where its
    metadata are not valid any more.
    """
    upstream = saml_of(provider)
    pool = visit.place.pool
    try:
        chosen = metadata.chosen(upstream.provider(visit.call.now).sign_in)
    except BadMessage as fault:
        raise FederationRefused("unavailable", str(fault)) from None
    assert chosen is not None, "metadata without a place to sign in are not taken"
    binding, endpoint = chosen
    request = AuthnRequest(
        id=request_id(departure),
        issued=visit.call.now,
        issuer=entity_id(pool),
        destination=endpoint.location,
        acs=visit.place.url(paths.SAML_RESPONSE),
        force_authn=force,
    )
    signer = await saml_keys.signer(visit.call, pool) if upstream.signs_requests else None
    if binding == names.HTTP_REDIRECT:
        return redirect(requests.to_redirect(request, relay_state=departure.handle, signer=signer))
    message = requests.to_post(request, signer=signer)
    return posted(visit, provider, endpoint.location, bindings.REQUEST, message, relay_state=departure.handle)


def posted(
    visit: Visit, provider: IdentityProvider, address: str, field: str, message: str, *, relay_state: str | None
) -> Response:
    """Return the page by which a browser posts a message to its provider (SAML bindings 3.5)."""
    assert visit.hand_over is not None, "an endpoint from which people go to providers"
    fields = ((field, message), *(() if relay_state is None else (("RelayState", relay_state),)))
    return visit.hand_over(visit.place, Parcel(name=provider.name, address=address, fields=fields))


async def believed(visit: Visit, provider: IdentityProvider, answers: str | None) -> Assertion:
    """Return what a posted response says, by the keys of one provider; `answers` is the ID of our request, None for none.

    An assertion is taken once. Raises Unbelieved, and FederationRefused where the provider says that the person did not
    sign in.
    """
    try:
        return await saml_word.believed(
            visit.call,
            visit.place.pool,
            provider,
            bindings.from_post(visit.form.get(bindings.RESPONSE, "")),
            addresses=(visit.place.url(paths.SAML_RESPONSE),),
            request_id=answers,
        )
    except BadMessage as fault:
        if fault.fault is Fault.STATUS and answers is not None:
            raise FederationRefused("denied", str(fault), error="access_denied") from None
        raise Unbelieved(str(fault)) from None
