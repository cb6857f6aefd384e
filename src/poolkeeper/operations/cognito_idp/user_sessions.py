"""ListUserSessions, RevokeUserSession and their Admin twins: where a user is signed in, in pools that track sessions."""

from typing import Any

from poolkeeper.accounts import backchannel
from poolkeeper.aws.generated.cognito_idp import (
    AdminListUserSessionsRequest,
    AdminListUserSessionsResponse,
    AdminRevokeUserSessionRequest,
    AdminRevokeUserSessionResponse,
    ListUserSessionsRequest,
    ListUserSessionsResponse,
    RevokeUserSessionRequest,
    RevokeUserSessionResponse,
    SessionDescriptionType,
    SessionLocationType,
)
from poolkeeper.call import Call
from poolkeeper.errors import InvalidParameterException, ResourceNotFoundException
from poolkeeper.lookup import Bearer, require_pool_and_user
from poolkeeper.model import session_rules
from poolkeeper.model.pool import Pool
from poolkeeper.model.session_rules import BROWSER, TOKEN, device_type, session_name
from poolkeeper.model.user import User
from poolkeeper.operations.paging import Page, PageRequest
from poolkeeper.operations.shapes import seconds
from poolkeeper.store import browser_sessions, session_lists, sessions
from poolkeeper.store.db import Transaction
from poolkeeper.store.session_lists import ListedSession
from poolkeeper.tokens.verify import require_still

_PAGE = 125
_LINKED = "LINKED"
# The position before the first page: newer than all sessions, with an id before all ids.
_START = (1 << 62, "")


async def list_user_sessions(call: Call, req: ListUserSessionsRequest, bearer: Bearer) -> ListUserSessionsResponse:
    """Return the bearer's living sessions at all app clients, the newest first."""
    page = await _page(call, bearer.pool, bearer.user, token=req.next_token, operation="ListUserSessions")
    current = bearer.session.session_id
    return ListUserSessionsResponse(
        sessions=[_described(row, current=row.session_id == current) for row in page.items], next_token=page.token
    )


async def admin_list_user_sessions(call: Call, req: AdminListUserSessionsRequest) -> AdminListUserSessionsResponse:
    """Return the living sessions of a user; none of them is the caller's."""
    pool, user = await require_pool_and_user(call, req.user_pool_id, req.username)
    page = await _page(call, pool, user, token=req.next_token, operation="AdminListUserSessions")
    return AdminListUserSessionsResponse(
        sessions=[_described(row, current=False) for row in page.items], next_token=page.token
    )


async def revoke_user_session(call: Call, req: RevokeUserSessionRequest, bearer: Bearer) -> RevokeUserSessionResponse:
    """End another session of the bearer's, with all its tokens.

    Raises InvalidParameterException for the session of the access token itself, ResourceNotFoundException.
    """
    if req.session_id == session_name(bearer.session.session_id):
        # UNVERIFIED: name and words; one call with the caller's own session against AWS would settle them.
        raise InvalidParameterException("The session that the access token belongs to cannot be revoked.")

    async def body(tx: Transaction) -> None:
        user = await require_still(tx, bearer)
        await _revoke(call, tx, bearer.pool, user, req.session_id, linked=req.revoke_associated_sessions == _LINKED)

    await call.db.write(body)
    return RevokeUserSessionResponse()


async def admin_revoke_user_session(call: Call, req: AdminRevokeUserSessionRequest) -> AdminRevokeUserSessionResponse:
    """End a session of a user, with all its tokens.

    Raises UserNotFoundException; ResourceNotFoundException also for a session of another user.
    """
    pool, user = await require_pool_and_user(call, req.user_pool_id, req.username)
    linked = req.revoke_associated_sessions == _LINKED
    await call.db.write(lambda tx: _revoke(call, tx, pool, user, req.session_id, linked=linked))
    return AdminRevokeUserSessionResponse()


async def _revoke(call: Call, tx: Transaction, pool: Pool, user: User, name: str, *, linked: bool) -> None:
    """End a session by its public name, if it is this user's and in the list.

    `linked` also ends the browser session that a token session came from, and the token sessions that came from a browser
    session. A sign-in by the API comes from no browser session.
    """
    # UNVERIFIED: whether LINKED at a token session ends its siblings too; two apps of one browser would settle it.
    kind, session_id = (session_rules.named(name) if pool.tracking is not None else None) or ("", "")
    pool_and_time: dict[str, Any] = {"pool_id": pool.pool_id, "now": call.now}
    ended = 0
    if kind == BROWSER:
        await backchannel.before_browser_ends(call, tx, pool_id=pool.pool_id, session_id=session_id)
        ended = await browser_sessions.end_live(tx, **pool_and_time, user_id=user.sub, session_id=session_id)
        if ended and linked:
            await sessions.revoke_those_of_browser(tx, **pool_and_time, browser_session_id=session_id)
    elif kind == TOKEN:
        ended = await sessions.revoke_live(tx, **pool_and_time, user_id=user.sub, session_id=session_id)
        if ended and linked:
            await backchannel.before_origin_ends(call, tx, pool_id=pool.pool_id, token_session_id=session_id)
            await browser_sessions.end_origin(tx, **pool_and_time, token_session_id=session_id)
    if not ended:
        # UNVERIFIED: the words, and what a pool that tracks no sessions answers; an unknown id would settle them.
        raise ResourceNotFoundException(f"Session {name} does not exist.")


async def _page(call: Call, pool: Pool, user: User, *, token: str | None, operation: str) -> Page[ListedSession]:
    """Return a page of a user's live sessions; nothing where sessions are not tracked.

    The limit of sessions keeps a user within one page. Sessions from before the pool tracked them can be more.
    """
    wanted = PageRequest(call, f"{operation} {pool.pool_id} {user.sub}", token, _PAGE)
    opened_at, _, session_id = wanted.after().partition(" ")
    if pool.tracking is None:
        return Page((), None)
    position = (int(opened_at), session_id) if opened_at else _START
    rows = await session_lists.live(
        call.db, pool_id=pool.pool_id, user_id=user.sub, now=call.now, behind=position, limit=wanted.limit
    )
    return wanted.cut(rows, lambda row: f"{row.opened_at} {row.session_id}")


def _described(row: ListedSession, *, current: bool) -> SessionDescriptionType:
    """Return a session for the lists: that of a browser has no app client, and comes from no other session."""
    by_browser = row.client_id is None
    return SessionDescriptionType(
        session_id=session_name(row.session_id, BROWSER if by_browser else TOKEN),
        session_type="SSO" if by_browser else "TOKEN",
        client_id=row.client_id,
        create_date=seconds(row.opened_at),
        last_active_date=seconds(row.seen_at),
        device_type=device_type(row.user_agent or ""),
        last_ip_address=row.address,
        last_location=SessionLocationType(country="unknown"),  # there is no map of addresses here
        origin_session_id=None if row.origin is None else session_name(row.origin, BROWSER),
        is_current_session=current,
    )
