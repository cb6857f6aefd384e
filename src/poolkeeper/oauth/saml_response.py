"""/saml2/idpresponse: where SAML providers post assertions, because we asked or, if they may begin sign-ins, by themselves.

    SP-initiated    RelayState is a handle of ours, of this browser, and unused --> the provider that it names --> its response
    IdP-initiated   RelayState is the query of an authorize request --> checked as there --> the provider that it names, if
                    it may begin and the app has SAML providers alone --> its response, not older than six minutes

Until a response is believed, nobody is sent to an app: they see a page, and the log says why (attacks.md 111 to 131).
"""

from starlette.responses import Response

from poolkeeper import forms
from poolkeeper.accounts import saml_word
from poolkeeper.federation.identity_provider import IdentityProvider
from poolkeeper.federation.upstream import FederationRefused
from poolkeeper.hosted import authorize, federated_visit, outcomes, saml
from poolkeeper.hosted.answers import back_to_app, to_error, to_stray
from poolkeeper.hosted.authorize import AuthorizeRequest, Refused, Untrusted
from poolkeeper.hosted.federated_arrival import let_in
from poolkeeper.hosted.federated_departure import failed_at_provider, left_for, offered, pinned
from poolkeeper.hosted.federated_visit import Stray
from poolkeeper.hosted.visit import Visit


async def saml_response(visit: Visit) -> Response:
    """Answer a person whom a SAML provider sends: with the app, or a page that says what went wrong."""
    visit.call.trace.at_pages = True
    relay_state = visit.form.get("RelayState", "")
    try:
        if federated_visit.is_handle(relay_state):
            response = await _sp_initiated(visit, relay_state)
        else:
            response = await _idp_initiated(visit, relay_state)
    except Stray as fault:
        response = to_stray(visit, fault)
    except Untrusted as fault:
        response = to_error(visit, fault)
    except Refused as refusal:
        response = back_to_app(visit, refusal)
    federated_visit.forget(visit, response, relay_state)
    return response


async def _sp_initiated(visit: Visit, handle: str) -> Response:
    departure = await federated_visit.come_back(visit, handle)
    request = await authorize.read(visit.call, visit.place, departure.errand.given)
    visit = visit.with_pool(request.pool)
    provider = await left_for(visit, request, departure, by_saml=True)
    try:
        assertion = await saml.believed(visit, provider, saml.request_id(departure))
    except saml.Unbelieved as fault:
        raise _foreign(request, provider, fault) from None
    except FederationRefused as refused:
        raise failed_at_provider(request, provider, refused) from refused
    return await let_in(visit, request, provider, assertion, left_with=departure.errand.left_with)


async def _idp_initiated(visit: Visit, relay_state: str) -> Response:
    """Let in a person whose sign-in began at their provider. Raises Stray, Untrusted; Refused once the response is believed."""
    try:
        given = forms.read(relay_state.encode())
    except forms.BadForm as fault:
        raise Stray(f"no RelayState: {fault}") from None
    if not (given.get("identity_provider") or given.get("idp_identifier")):
        raise Stray("a RelayState that names no provider" if relay_state else "no RelayState")
    try:
        request = await authorize.read(visit.call, visit.place, given)
        visit = visit.with_pool(request.pool)
        provider = await pinned(visit, request)
    except Refused as refusal:
        client_id = given.get("client_id", "")
        raise Untrusted(outcomes.FOREIGN_ANSWER, client_id, detail=f"{refusal.error}: {refusal.description}") from None
    if provider is None or not provider.is_saml or not saml_word.saml_of(provider).begins:
        raise Untrusted(
            outcomes.FOREIGN_ANSWER, request.client.client_id, detail="sign-ins do not begin at this provider"
        )
    if request.client.registered_itself:
        raise Untrusted(
            outcomes.FOREIGN_ANSWER, detail="nobody registered the app, and its person has not seen whose it is"
        )
    if request.client.serves_own_users or not all(provider.is_saml for provider in await offered(visit, request)):
        raise Untrusted(
            outcomes.FOREIGN_ANSWER, request.client.client_id, detail="the app has other providers than of SAML"
        )
    try:
        assertion = await saml.believed(visit, provider, None)
    except (saml.Unbelieved, FederationRefused) as fault:
        raise _foreign(request, provider, fault) from None
    return await let_in(visit, request, provider, assertion)


def _foreign(request: AuthorizeRequest, provider: IdentityProvider, fault: Exception) -> Untrusted:
    return Untrusted(outcomes.FOREIGN_ANSWER, request.client.client_id, detail=f"{provider.name}: {fault}")
