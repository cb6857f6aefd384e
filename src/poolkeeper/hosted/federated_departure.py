"""To which identity provider does somebody go, and how are they sent there? Where the app client has it, and with a handle.

Source: oauth-federation.md 2, 6 and 7.2; attacks.md 101.
"""

from collections.abc import Mapping

from starlette.responses import Response

from poolkeeper.accounts.identity_providers import provider_by_identifier, provider_by_name, providers_of
from poolkeeper.federation import code_flow
from poolkeeper.federation.identity_provider import IdentityProvider, SamlUpstream
from poolkeeper.federation.upstream import Attempt, FederationRefused, Hints, plain
from poolkeeper.hosted import federated_visit, paths, saml
from poolkeeper.hosted.authorize import AuthorizeRequest, Refused
from poolkeeper.hosted.federated_visit import Departure
from poolkeeper.hosted.redirects import redirect
from poolkeeper.hosted.visit import Visit
from poolkeeper.model import levels
from poolkeeper.model.client import COGNITO

# UNVERIFIED: error and words for a provider that the client does not have, and for an identifier that is nobody's.
NOT_THERE = "The identity provider does not exist for this client."
# What a provider may say of its own accord, and the app is told as it is (RFC 6749 4.1.2.1, OpenID Connect Core 3.1.2.6).
_ITS_OWN_WORD = frozenset(
    {
        *("access_denied", "login_required", "interaction_required", "consent_required"),
        *("account_selection_required", "temporarily_unavailable"),
    }
)
_SENTENCES: Mapping[str, str] = {
    "exchange": "error getting token",  # AWS's troubleshooting page
    # UNVERIFIED: the sentence for user-info; a provider whose userInfo endpoint fails would settle it.
    "user-info": "error getting user info",
    # UNVERIFIED: the sentence for unavailable; a provider that does not answer would settle it.
    "unavailable": "provider is not available",
}


async def pinned(visit: Visit, request: AuthorizeRequest) -> IdentityProvider | None:
    """Return the provider where an app wants its person to sign in: by its name, an identifier, or since it has no other.

    None where the person signs in at our own pages, or chooses there. Raises Refused for one that the client has not.
    """
    house, pool, named = visit.call.house, visit.place.pool, request.identity_provider
    if named and named != COGNITO:
        return require_of_client(request, await provider_by_name(house, pool, named))
    if not named and request.idp_identifier:
        return require_of_client(request, await provider_by_identifier(house, pool, request.idp_identifier))
    if not named and not request.client.serves_own_users:
        there = await offered(visit, request)
        return there[0] if len(there) == 1 else None
    return None


async def offered(visit: Visit, request: AuthorizeRequest) -> tuple[IdentityProvider, ...]:
    """Return the providers among which a person may choose, in the order of the client."""
    if not request.client.providers:
        return ()
    by_name = await providers_of(visit.call.house, visit.place.pool)
    return tuple(by_name[name] for name in request.client.providers if name in by_name)


async def left_for(visit: Visit, request: AuthorizeRequest, departure: Departure, *, by_saml: bool) -> IdentityProvider:
    """Return the provider that somebody left for, if it is there still and the app has it still (attacks.md 101).

    One of the same name that was made since is another one, and so is one that speaks otherwise. Raises Refused.
    """
    found_provider = await provider_by_name(visit.call.house, visit.place.pool, departure.errand.provider)
    provider = require_of_client(request, found_provider)
    if provider.is_saml is not by_saml or provider.created_at > departure.errand.began_at:
        raise Refused(request.back, "invalid_request", NOT_THERE)
    return provider


def require_of_client(request: AuthorizeRequest, provider: IdentityProvider | None) -> IdentityProvider:
    """Return a provider that is there, if people of the app may sign in at it. Raises Refused."""
    if provider is None or provider.name not in request.client.providers:
        raise Refused(request.back, "invalid_request", NOT_THERE)
    return provider


async def leave_for(visit: Visit, request: AuthorizeRequest, provider: IdentityProvider) -> Response:
    """Return what sends the browser to a provider, a redirect or a page that posts, and lets it come back.

    Raises FederationRefused where the provider cannot be reached or is set to what cannot be, Refused for a request that
    is too long to come back with.
    """
    departure = await federated_visit.depart(visit, request, provider=provider.name)
    if isinstance(provider.upstream, SamlUpstream):
        by_form = True
        response = await saml.leaving(visit, provider, departure, force=must_be_fresh(request))
    else:
        by_form = code_flow.answers_by_form(provider.type, provider.upstream)
        url = await code_flow.begin(
            visit.call.house.providers,
            provider.type,
            provider.upstream,
            attempt_of(visit, departure),
            now=visit.call.now,
            hints=hints_of(visit, request, provider),
        )
        response = redirect(url)
    federated_visit.keep(visit, response, departure, by_form=by_form)
    return response


async def leave_at_once(visit: Visit, request: AuthorizeRequest, provider: IdentityProvider) -> Response:
    """Do so for somebody to whom nothing else can be offered. Raises Refused."""
    try:
        return await leave_for(visit, request, provider)
    except FederationRefused as refused:
        raise failed_at_provider(request, provider, refused) from refused


def must_be_fresh(request: AuthorizeRequest) -> bool:
    """Say whether the app asks that its person signs in now, and not some time ago."""
    return "login" in request.prompt or request.max_age is not None


def failed_at_provider(request: AuthorizeRequest, provider: IdentityProvider, refused: FederationRefused) -> Refused:
    """Return the error by which an app learns that a sign-in failed; the log alone has the reason."""
    name = plain(provider.name)
    if refused.reason == "denied":
        # UNVERIFIED: which of a provider's errors Cognito hands on under their own names.
        error = refused.error if refused.error in _ITS_OWN_WORD else "invalid_request"
        return Refused(request.back, error, refused.description or f"{name} Error - {refused.error}")
    if refused.description:  # our own words, which are AWS's
        return Refused(request.back, "invalid_request", refused.description)
    sentence = _SENTENCES.get(refused.reason, "error in the answer")
    status = f"{refused.status} " if refused.status else ""
    return Refused(request.back, "invalid_request", f"{name} Error - {status}{sentence}")


def attempt_of(visit: Visit, departure: Departure) -> Attempt:
    """Return what is sent to a provider of the code flow, and is compared with what comes back from it."""
    return Attempt(
        redirect_uri=visit.place.url(paths.IDP_RESPONSE),
        state=departure.handle,
        nonce=departure.nonce,
        code_verifier=departure.code_verifier,
    )


def hints_of(visit: Visit, request: AuthorizeRequest, provider: IdentityProvider) -> Hints:
    """Return what the app asked for in the provider's words; levels that it has no word for are left out."""
    known = levels.levels_of(visit.place.pool.document)
    levels_asked = (provider.words.get(known[name]) for name in request.acr_values if name in known)
    return Hints(
        prompt=" ".join(prompt for prompt in request.given.get("prompt", "").split() if prompt != "none"),
        login_hint=request.login_hint,
        acr_values=" ".join(dict.fromkeys(level for level in levels_asked if level is not None)),
        max_age="" if request.max_age is None else str(request.max_age),
    )
