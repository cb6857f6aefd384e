"""ListUserSessions, RevokeUserSession and their Admin twins: where a user is signed in, in pools that track sessions."""

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
from poolkeeper.model.pool import Pool
from poolkeeper.model.session_rules import device_type, session_id_of, session_name
from poolkeeper.model.user import User
from poolkeeper.operations import paging
from poolkeeper.operations.shapes import seconds
from poolkeeper.store import sessions
from poolkeeper.store.db import Row

_PAGE = 125
# Before the first page: a session is newer than all others, and its id comes before all ids.
_START = (1 << 62, "")


async def list_user_sessions(call: Call, req: ListUserSessionsRequest, found: Bearer) -> ListUserSessionsResponse:
    """Return the bearer's sessions that are alive, at all app clients, the newest first."""
    page, token = await _page(call, found.pool, found.user, token=req.next_token, asked="ListUserSessions")
    current = found.session.session_id
    return ListUserSessionsResponse(
        sessions=[_described(row, current=row[0] == current) for row in page], next_token=token
    )


async def admin_list_user_sessions(call: Call, req: AdminListUserSessionsRequest) -> AdminListUserSessionsResponse:
    """Return the sessions of a user that are alive; none of them is the caller's."""
    pool, user = await require_pool_and_user(call, req.user_pool_id, req.username)
    page, token = await _page(call, pool, user, token=req.next_token, asked="AdminListUserSessions")
    return AdminListUserSessionsResponse(sessions=[_described(row, current=False) for row in page], next_token=token)


async def revoke_user_session(call: Call, req: RevokeUserSessionRequest, found: Bearer) -> RevokeUserSessionResponse:
    """End another session of the bearer's, with every token that came of it.

    Raises InvalidParameterException for the session of the access token itself, ResourceNotFoundException.
    """
    if req.session_id == session_name(found.session.session_id):
        # UNVERIFIED: name and words; one call with the caller's own session against AWS would settle them.
        raise InvalidParameterException("The session that the access token belongs to cannot be revoked.")
    await _revoke(call, found.pool, found.user, req.session_id)
    return RevokeUserSessionResponse()


async def admin_revoke_user_session(call: Call, req: AdminRevokeUserSessionRequest) -> AdminRevokeUserSessionResponse:
    """End a session of a user, with every token that came of it.

    Raises UserNotFoundException; ResourceNotFoundException also for a session of another user.
    """
    pool, user = await require_pool_and_user(call, req.user_pool_id, req.username)
    await _revoke(call, pool, user, req.session_id)
    return AdminRevokeUserSessionResponse()


async def _revoke(call: Call, pool: Pool, user: User, name: str) -> None:
    """End a session by its public name, if it is this user's and in the list.

    RevokeAssociatedSessions may say LINKED: it speaks of the SSO session that a token session came through, and of the
    token sessions that came through an SSO session. A sign-in by the API comes through none, so it is linked to nothing.
    """
    session_id = session_id_of(name) if pool.tracking is not None else None
    ended = session_id is not None and await sessions.revoke_live(
        call.db, pool_id=pool.pool_id, user_id=user.sub, session_id=session_id, now=call.now
    )
    if not ended:
        # UNVERIFIED: the words, and what a pool that tracks no sessions answers; an unknown id would settle them.
        raise ResourceNotFoundException(f"Session {name} does not exist.")


async def _page(call: Call, pool: Pool, user: User, *, token: str | None, asked: str) -> tuple[list[Row], str | None]:
    """Return a page of a user's live sessions and the token of the next; nothing where sessions are not tracked.

    The limit of sessions keeps a user within one page. Sessions from before the pool tracked them can be more.
    """
    listing = f"{asked} {pool.pool_id} {user.sub}"
    auth_time, _, session_id = paging.read_token(call, token, listing=listing).partition(" ")
    if pool.tracking is None:
        return [], None
    behind = (int(auth_time), session_id) if auth_time else _START
    rows = await sessions.live(
        call.db, pool_id=pool.pool_id, user_id=user.sub, now=call.now, behind=behind, limit=_PAGE + 1
    )
    page = list(rows[:_PAGE])
    if len(rows) <= _PAGE:
        return page, None
    return page, paging.write_token(call, listing=listing, after=f"{page[-1][2]} {page[-1][0]}")


def _described(row: Row, *, current: bool) -> SessionDescriptionType:
    """Return a session as the lists have it. It came through no SSO session, so it has no OriginSessionId."""
    address, user_agent = row[4], row[5]
    return SessionDescriptionType(
        session_id=session_name(row[0]),
        session_type="TOKEN",
        client_id=row[1],
        create_date=seconds(row[2]),
        last_active_date=seconds(row[3]),
        device_type=device_type(user_agent or ""),
        last_ip_address=address,
        last_location=SessionLocationType(country="unknown"),  # nobody here knows where an address is
        is_current_session=current,
    )
