"""/oauth2/authorize: with a live browser session back to the app at once, else to the sign-in page (RFC 6749 4.1)."""

from dataclasses import replace

from starlette.responses import Response

from poolkeeper.hosted import arrival, authorize, browser, paths
from poolkeeper.hosted.answers import back_to_app, to_error, to_page
from poolkeeper.hosted.authorize import AuthorizeRequest, Refused, Untrusted
from poolkeeper.hosted.federated_departure import leave_at_once, pinned
from poolkeeper.hosted.visit import Visit
from poolkeeper.model.browser_session import BrowserSession
from poolkeeper.tokens.hints import read_hint

# With these a page is shown even to a person who is signed in (OpenID Connect Core 3.1.2.1).
_PROMPTS_WITH_A_PAGE = frozenset({"login", "select_account"})


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
    session = await _browser_session(visit, request, id_token_hint)
    # Nobody vouches for an app that registered itself, so the person must see its address first (attacks.md 77).
    unvouched = request.client.registered_itself
    if session is not None and not unvouched and not request.prompt & _PROMPTS_WITH_A_PAGE:
        response = await arrival.go_on(visit, request, session)
        if response is not None:
            return response
    if "none" in request.prompt:
        raise Refused(request.back, "interaction_required" if unvouched and session is not None else "login_required")
    if provider is not None and not unvouched:
        return await leave_at_once(visit, request, provider)
    return to_page(visit, paths.LOGIN, request.query)


async def _browser_session(visit: Visit, request: AuthorizeRequest, id_token_hint: str | None) -> BrowserSession | None:
    """Return the session of whoever is signed in, None if the app's hint means somebody else. Raises Refused."""
    session = await browser.current(visit)
    if id_token_hint is None:
        return session
    hint = await read_hint(visit.call, visit.place.pool, id_token_hint)
    if hint is None:
        raise Refused(request.back, "invalid_request", "id_token_hint is not an ID token of this user pool")
    return session if session is not None and session.user_id == hint.sub else None
