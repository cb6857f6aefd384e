"""/oauth2/authorize: straight back to the app with a live browser session, else to the sign-in page (RFC 6749 section 4.1)."""

from dataclasses import replace

from starlette.responses import Response

from poolkeeper.hosted import arrival, authorize, browser, paths
from poolkeeper.hosted.answers import back_to_app, to_error, to_page
from poolkeeper.hosted.authorize import AuthorizeRequest, Refused, Untrusted
from poolkeeper.hosted.federated_departure import leave_at_once, pinned
from poolkeeper.hosted.visit import Visit
from poolkeeper.model.browser_session import BrowserSession
from poolkeeper.tokens.hints import read_hint

# What asks a person who is signed in to sign in, or to choose, all the same (OpenID Connect Core 3.1.2.1).
_ASKS = frozenset({"login", "select_account"})


async def authorization(visit: Visit) -> Response:
    """Answer an authorize request, which comes by GET or as a form (OpenID Connect Core 3.1.2.1)."""
    given = visit.form if visit.method == "POST" else visit.query
    try:
        request = await authorize.read(visit.call, visit.place, given, entering=True)
        visit = visit.with_pool(request.pool)
        request = await authorize.enter(visit.call, request)
        return await _answer(visit, request, request.given.get("id_token_hint"))
    except Untrusted as fault:
        return to_error(visit, fault)
    except Refused as refusal:
        return back_to_app(visit, refusal)


async def _answer(visit: Visit, request: AuthorizeRequest, id_token_hint: str | None) -> Response:
    provider = await pinned(visit, request)
    if provider is not None:
        request = replace(request, identity_provider=provider.name)
    signed_in = await _signed_in(visit, request, id_token_hint)
    # Nobody vouches for an app that registered itself but its address, which its person must have seen (attacks.md 77).
    unseen = request.client.registered_itself
    if signed_in is not None and not unseen and not request.prompt & _ASKS:
        response = await arrival.go_on(visit, request, signed_in)
        if response is not None:
            return response
    if "none" in request.prompt:
        raise Refused(request.back, "interaction_required" if unseen and signed_in is not None else "login_required")
    if provider is not None and not unseen:
        return await leave_at_once(visit, request, provider)
    return to_page(visit, paths.LOGIN, request.query)


async def _signed_in(visit: Visit, request: AuthorizeRequest, id_token_hint: str | None) -> BrowserSession | None:
    """Return who is signed in, unless the app says that it means somebody else."""
    signed_in = await browser.current(visit)
    if id_token_hint is None:
        return signed_in
    hint = await read_hint(visit.call, visit.place.pool, id_token_hint)
    if hint is None:
        raise Refused(request.back, "invalid_request", "id_token_hint is not an ID token of this user pool")
    return signed_in if signed_in is not None and signed_in.user_id == hint.sub else None
