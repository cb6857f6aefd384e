"""/passkeys/add: does somebody who is signed in want a passkey? An offer on the way back to the app, where "Not now" leads on.

People who have signed in without one see it, once in thirty days, where this browser would use a passkey. The answer to the
app is made already and waits, sealed, in the page; it is good for as long as a code is, and is asked for anew after that.
"""

import msgspec
from starlette.responses import Response

from poolkeeper.accounts import names, passkey_registration
from poolkeeper.accounts.passkeys import usable
from poolkeeper.auth import gate, return_visit
from poolkeeper.auth.sign_in import Proven
from poolkeeper.auth.standing import require_good_standing
from poolkeeper.clock import DAY, MINUTE, SECOND
from poolkeeper.errors import NotAuthorizedException, ServiceError
from poolkeeper.errors.refusals import Reason, refused
from poolkeeper.hosted import arrival, browser, paths
from poolkeeper.hosted.outcomes import Fault
from poolkeeper.hosted.redirects import redirect
from poolkeeper.lookup import Bearer, user_by_id
from poolkeeper.model.factors import PASSWORD, SIGNED_UP
from poolkeeper.model.second_factor import in_force, passkey_is_two
from poolkeeper.model.session import Session
from poolkeeper.model.user import User
from poolkeeper.pages.managed_login import passkeys_here
from poolkeeper.pages.managed_login.asking import OFFER, Said, view_of
from poolkeeper.pages.managed_login.kept import Kept, TooOld
from poolkeeper.pages.managed_login.parts import Problem, Wrong
from poolkeeper.pages.managed_login.sitting import AtClient
from poolkeeper.pages.managed_login.stepping import lead_to
from poolkeeper.store import browser_sessions
from poolkeeper.store.db import Transaction

_LATER = "later"
_BY_HAND = frozenset({PASSWORD, SIGNED_UP})
_NOT_AGAIN = 30 * DAY
# A code is good for five minutes; what is left is the app's.
_GOOD_FOR = 4 * MINUTE


async def before(s: AtClient, proven: Proven, response: Response) -> Response:
    """Return the offer, or the answer to the app where nothing is to be offered."""
    if not await _to_be_offered(s, proven):
        return response
    bearer = _bearer(s, proven.user, factors=proven.factors, auth_time=s.call.now, session_id="")
    try:
        options = await passkey_registration.begin(s.call, bearer, _still_the_user)
    except ServiceError:  # nobody is kept from the app by an offer
        return response
    kept = _kept(s, proven.subject.name, response.headers["location"])
    offer = await lead_to(s, _with(kept, options))
    offer.raw_headers.extend(header for header in response.raw_headers if header[0] == b"set-cookie")
    return offer


async def show(s: AtClient) -> Response:
    """GET /passkeys/add: the offer to whoever is signed in at this browser; others sign in first."""
    bearer = await _signed_in(s)
    if bearer is None:
        return s.further(paths.LOGIN)
    return await _offer(s, bearer, _kept(s, bearer.user.username, ""))


async def answer(s: AtClient) -> Response:
    """POST /passkeys/add: keep the key that the browser made, or go on without."""
    kept = s.kept(OFFER)
    if s.form.get("action") != "create":
        response = _go_on(s, kept)
        browser.set_cookie(response, s.visit.place, _LATER, "1", seconds=_NOT_AGAIN // SECOND)
        return response
    bearer = await _signed_in(s)
    if bearer is None:
        raise TooOld
    credential = s.form.get("credential", "")
    if not credential:
        return await _offer(s, bearer, kept, Problem(Wrong.PASSKEY_NOT_MADE))
    try:
        await passkey_registration.complete(s.call, bearer, credential.encode(), _still_signed_in(s))
    except ServiceError as fault:
        s.call.trace.refuse(fault.name, fault.detail)
        there = isinstance(fault, passkey_registration.RegisteredAlready)
        return await _offer(s, bearer, kept, Problem(Wrong.PASSKEY_IS_THERE if there else Wrong.PASSKEY_NOT_MADE))
    return _go_on(s, kept)


def _go_on(s: AtClient, kept: Kept) -> Response:
    """Give the answer that waited for the app, or have a new one made by the browser session."""
    fresh = s.call.now - kept.sent_at <= _GOOD_FOR
    return redirect(kept.text) if kept.text and fresh else s.further(paths.AUTHORIZE)


async def _to_be_offered(s: AtClient, proven: Proven) -> bool:
    user, pool = proven.user, s.pool
    if not passkeys_here.offered(s.call.settings, s.visit.place) or _BY_HAND.isdisjoint(proven.factors):
        return False
    if browser.cookie_name(s.visit.place, _LATER) in s.visit.cookies:
        return False
    if not browser.reuse_minutes(s.visit.place, s.client):
        return False  # nobody is signed in at the browser then, by whom a passkey could be added
    if in_force(pool.mfa, user.mfa, user.attributes) and not passkey_is_two(pool.mfa, user.mfa):
        return False  # it would lead nowhere (userpools.md 3.6)
    return not await usable(s.call, pool, user.sub)


async def _offer(s: AtClient, bearer: Bearer, kept: Kept, *problems: Problem) -> Response:
    if not passkeys_here.offered(s.call.settings, s.visit.place):
        return s.fault(Fault.NO_PASSKEY, client_id=s.client.client_id)
    try:
        options = await passkey_registration.begin(s.call, bearer, _still_signed_in(s))
    except NotAuthorizedException:
        return s.further(paths.LOGIN)
    except ServiceError:
        return s.fault(Fault.NO_PASSKEY, client_id=s.client.client_id)
    return s.show(await view_of(s, _with(kept, options), Said(problems=problems)))


def _with(kept: Kept, options: object) -> Kept:
    """Return what the offer keeps: what a browser makes a key by, so that the page can be shown again."""
    return msgspec.structs.replace(kept, options=msgspec.json.encode(options).decode())


def _kept(s: AtClient, username: str, location: str) -> Kept:
    return Kept(
        client_id=s.client.client_id,
        page=OFFER,
        session="",
        challenge="",
        username=username,
        text=location,
        sent_at=s.call.now,
        binding=s.guard.binding,
    )


async def _signed_in(s: AtClient) -> Bearer | None:
    """Return the person of this browser, who has just signed in, or whom the app client would go on with unasked.

    What was proved then must be enough by now: a passkey may be worth two factors.
    """
    session = await browser.current(s.visit)
    if session is None:
        return None
    fresh = s.call.now - session.auth_time <= _GOOD_FOR
    target = arrival.known_levels(s.pool, s.request)
    if fresh and not await return_visit.is_enough(s.call, s.pool, s.request.client, session, target=target):
        return None
    if not fresh and not await arrival.may_go_on(s.visit, s.request, session):
        return None
    user = await user_by_id(s.call, s.pool.pool_id, session.user_id)
    if user is None:
        return None
    return _bearer(s, user, factors=session.factors, auth_time=session.auth_time, session_id=session.session_id)


def _bearer(s: AtClient, user: User, *, factors: tuple[str, ...], auth_time: int, session_id: str) -> Bearer:
    """Return a browser session as the Bearer that passkey registration takes."""
    session = Session(
        session_id=session_id,
        user_id=user.sub,
        client_id=s.client.client_id,
        event_id="",
        auth_time=auth_time,
        expires_at=0,
        revoked_at=None,
        generation=0,
        rotated_at=None,
        factors=factors,
        device_key=None,
        acr=None,
        scopes=(),
        opened_at=auth_time,
        browser_session_id=session_id,
    )
    return Bearer(pool=s.pool, client=s.request.client, session=session, user=user, memberships=())


async def _still_the_user(tx: Transaction, bearer: Bearer) -> User:
    """Return the user as they are now, in good standing, with the credential that they proved, and having proved enough by now.

    Raises NotAuthorizedException.
    """
    fresh = await names.fresh(tx, bearer.pool, bearer.user.sub)
    require_good_standing(fresh)
    if fresh.credential_version != bearer.user.credential_version:
        raise refused(Reason.CREDENTIAL_CHANGED)
    gate.require_enough(bearer.pool, fresh, bearer.session.factors, ())
    return fresh


def _still_signed_in(s: AtClient) -> passkey_registration.Still:
    """Return what looks whether the person of a browser session is still signed in at it."""

    async def still(tx: Transaction, bearer: Bearer) -> User:
        user = await _still_the_user(tx, bearer)
        pool_id, session_id = bearer.pool.pool_id, bearer.session.session_id
        if await browser_sessions.find(tx, pool_id=pool_id, session_id=session_id, now=s.call.now) is None:
            raise refused(Reason.BROWSER_ENDED)
        return user

    return still
