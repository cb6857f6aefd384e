"""How does a pool speak with its SAML providers? Requests that leave, responses that are believed, and what both go by.

    entity id     urn:amazon:cognito:sp:<pool id>
    answers to    /saml2/idpresponse and /saml2/logout, in the form of the domain in which the person came

Source: oauth-federation.md 7.4; attacks.md 111 to 134.
"""

from starlette.responses import Response

from poolkeeper.accounts import provider_answers, saml_keys
from poolkeeper.clock import MINUTE
from poolkeeper.federation.identity_provider import IdentityProvider, SamlUpstream
from poolkeeper.federation.saml import bindings, metadata, names, requests, responses
from poolkeeper.federation.saml.faults import BadMessage, Fault
from poolkeeper.federation.saml.requests import AuthnRequest
from poolkeeper.federation.saml.statements import Assertion, Expected
from poolkeeper.federation.upstream import FederationRefused
from poolkeeper.hosted import paths
from poolkeeper.hosted.federated_visit import Departure
from poolkeeper.hosted.hand_over import Parcel
from poolkeeper.hosted.redirects import redirect
from poolkeeper.hosted.visit import Visit
from poolkeeper.model.pool import Pool

SKEW = MINUTE
# Cognito takes a sign-in that begins at the provider within six minutes; one of them is the difference of the clocks.
_MOST_AGE = 5 * MINUTE


class Unbelieved(Exception):  # noqa: N818 - what is said of the response
    """A response that lets nobody in. The text is for the log."""


def entity_id(pool: Pool) -> str:
    """Return what a pool is called by SAML providers."""
    return f"urn:amazon:cognito:sp:{pool.pool_id}"


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

    An assertion is taken once (attacks.md 127). Raises Unbelieved, and FederationRefused where the provider says that the
    person did not sign in.
    """
    call, pool, upstream = visit.call, visit.place.pool, saml_of(provider)
    try:
        known = upstream.provider(call.now)
        message = bindings.from_post(visit.form.get(bindings.RESPONSE, ""))
        encrypted = responses.may_be_encrypted(message)
        trust = responses.Trust(
            certificates=known.certificates,
            decryption_keys=await saml_keys.decryption_keys(call, pool, provider.name) if encrypted else (),
            only_encrypted=upstream.only_encrypted,
        )
        expected = Expected(
            issuer=upstream.entity_id,
            audiences=(entity_id(pool),),
            addresses=(visit.place.url(paths.SAML_RESPONSE),),
            request_id=answers,
            now=call.now,
            skew=SKEW,
            most_age=_MOST_AGE if answers is None else None,
        )
        assertion = await call.house.heavy.run(call.asker, responses.accept, message, trust, expected)
    except BadMessage as fault:
        if fault.fault is Fault.STATUS and answers is not None:
            raise FederationRefused("denied", str(fault), error="access_denied") from None
        raise Unbelieved(str(fault)) from None
    is_first = await provider_answers.take(
        call, pool, provider=provider.name, kind="assertion", name=assertion.id, expires_at=assertion.expires
    )
    if not is_first:
        raise Unbelieved("an assertion that was taken before")
    return assertion


def saml_of(provider: IdentityProvider) -> SamlUpstream:
    """Return what a SAML provider goes by; whoever asks has seen that it is one."""
    assert isinstance(provider.upstream, SamlUpstream), "a SAML provider"
    return provider.upstream
