"""What does a person get who has signed in? A browser session, and for the app a code, or tokens where it asks for those."""

from collections.abc import Awaitable, Callable
from dataclasses import replace

import msgspec
from starlette.responses import Response

from poolkeeper.accounts.identity_providers import provider_by_name
from poolkeeper.auth import gate
from poolkeeper.auth.gate import Admission
from poolkeeper.auth.return_visit import admit_again, is_enough
from poolkeeper.auth.sealed_session import spend
from poolkeeper.auth.sign_in import Proven
from poolkeeper.clock import SECOND
from poolkeeper.errors import (
    InvalidLambdaResponseException,
    NotAuthorizedException,
    PasswordResetRequiredException,
    ServiceError,
    UnexpectedLambdaException,
    UserLambdaValidationException,
    UserNotConfirmedException,
)
from poolkeeper.hosted import browser, codes
from poolkeeper.hosted.authorize import CODE, AuthorizeRequest, Refused
from poolkeeper.hosted.visit import Visit
from poolkeeper.model import levels
from poolkeeper.model.browser_session import BrowserSession
from poolkeeper.model.pool import Pool
from poolkeeper.store.db import Transaction

# What a fresh sign-in may mend.
_FRESHLY = (NotAuthorizedException, PasswordResetRequiredException, UserNotConfirmedException)
# What the pool's own code did; the app is told, since the person can do nothing about it.
_OF_FUNCTIONS = (UserLambdaValidationException, UnexpectedLambdaException, InvalidLambdaResponseException)

Keep = Callable[[Transaction], Awaitable[None]]
"""What is kept in the transaction that makes a code or opens a session."""

# The most answers to apps in an hour from one sign-in: each leaves a row behind, and no proof is asked for it any more.
MOST_AN_HOUR = 600


async def arrive(
    visit: Visit,
    request: AuthorizeRequest,
    proven: Proven,
    *,
    began: str,
    provider_session: str | None = None,
    left_with: str = "",
) -> Response:
    """Let a person in who has just signed in: the browser keeps it, and the app is answered.

    It is what the pages' door of auth/flow.py leads to. `provider_session` is what a SAML provider calls its session,
    `left_with` the id of the browser session with which somebody went to a provider: what another site posts brings no
    cookie of it. Raises as the gate does; Refused where a function failed.
    """
    try:
        admission = await gate.admit(proven, request.want())
    except _OF_FUNCTIONS as fault:
        raise _refusal(request, fault) from fault
    new = browser.begin(
        visit.call, visit.place, admission.client, admission.admitted, began=began, provider_session=provider_session
    )
    current = await browser.current(visit)
    before = {left_with, "" if current is None else current.session_id} - {""}

    async def keep(tx: Transaction) -> None:
        await spend(tx, pool_id=visit.place.pool.pool_id, spends=admission.spends)
        await browser.keep(tx, visit, new, instead_of=before)
        if admission.lesson is not None:
            await admission.lesson.write(tx)

    admitted = replace(_by(admission, new.row.session_id), spends=None, lesson=None)
    response = await _answer(visit, request, admitted, keep)
    if admission.lesson is not None:
        admission.lesson.tell()
    seconds = max(0, new.row.expires_at - visit.call.now) // SECOND
    browser.set_cookie(response, visit.place, browser.SESSION, new.cookie, seconds=seconds)
    return response


async def go_on(visit: Visit, request: AuthorizeRequest, signed_in: BrowserSession) -> Response | None:
    """Answer the app from a browser session, None where its person has to sign in afresh.

    Raises Refused where a function failed, and where one browser session has been gone on from too often.
    """
    if not browser.usable_for(visit, request.client, signed_in, max_age=request.max_age):
        return None
    if not await _taken(visit, request, signed_in):
        return None
    count = visit.call.house.memory.answers_from_browser_session.count(signed_in.session_id, now=visit.call.now)
    if count > MOST_AN_HOUR:
        raise Refused(request.back, "temporarily_unavailable", "Too many requests from this browser")
    try:
        admission = await admit_again(
            visit.call,
            visit.place.pool,
            request.client,
            signed_in,
            request.want(),
            target=known_levels(visit.place.pool, request),
        )
        return await _answer(visit, request, admission, None)
    except _FRESHLY:
        return None
    except _OF_FUNCTIONS as fault:
        raise _refusal(request, fault) from fault


async def may_go_on(visit: Visit, request: AuthorizeRequest, signed_in: BrowserSession) -> bool:
    """Say whether `go_on` would answer the app, as far as no function is asked: young enough, and enough was proved."""
    return (
        "login" not in request.prompt
        and browser.usable_for(visit, request.client, signed_in, max_age=request.max_age)
        and await _taken(visit, request, signed_in)
        and await is_enough(
            visit.call, visit.place.pool, request.client, signed_in, target=known_levels(visit.place.pool, request)
        )
    )


async def _taken(visit: Visit, request: AuthorizeRequest, signed_in: BrowserSession) -> bool:
    """Say whether the app takes people who signed in there, and the provider that vouched for them is still here (attacks.md 101)."""
    if not request.takes(signed_in.provider) or not signed_in.provider:
        return request.takes(signed_in.provider)
    provider = await provider_by_name(visit.call.house, request.pool, signed_in.provider)
    return provider is not None and provider.created_at <= signed_in.auth_time


def known_levels(pool: Pool, request: AuthorizeRequest) -> tuple[str, ...]:
    """Return the levels that an app asks for, of those that the pool knows; others are passed over (oauth-federation.md 6)."""
    known = levels.levels_of(pool.document)
    return tuple(name for name in request.acr_values if name in known)


def _by(admission: Admission, browser_session_id: str) -> Admission:
    return replace(
        admission,
        admitted=msgspec.structs.replace(admission.admitted, browser_session_id=browser_session_id),
    )


async def _answer(visit: Visit, request: AuthorizeRequest, admission: Admission, keep: Keep | None) -> Response:
    """Give the app a code, or the tokens themselves; what is to be kept stands or falls with either."""
    call, pool = visit.call, visit.place.pool
    if request.response_type == CODE:

        async def body(tx: Transaction) -> str:
            if keep is not None:
                await keep(tx)
            return await codes.make(call, tx, pool, request, admission.admitted)

        return request.back.answer({"code": await call.db.write(body)})

    async def opening(tx: Transaction, _session_id: str) -> None:
        if keep is not None:
            await keep(tx)

    tokens = await gate.issue(call, admission, within=opening)
    return request.back.answer(
        {
            "access_token": tokens.access,
            "id_token": tokens.id or "",
            "token_type": "Bearer",
            "expires_in": str(tokens.expires_in),
        }
    )


def _refusal(request: AuthorizeRequest, fault: ServiceError) -> Refused:
    # UNVERIFIED: error and words for another trigger than PreSignUp; a function that raises at a sign-in would settle them.
    return Refused(request.back, "invalid_request", fault.message)
