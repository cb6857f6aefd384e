"""ListAuthEvents: what did the users of a pool do? AdminListUserAuthEvents lists one user; this one is for copying all elsewhere."""

import msgspec

from poolkeeper.aws.generated.poolkeeper import AuthEventType, ListAuthEventsRequest, ListAuthEventsResponse
from poolkeeper.call import Call
from poolkeeper.lookup import require_pool
from poolkeeper.operations import paging
from poolkeeper.operations.shapes import seconds
from poolkeeper.store import auth_history


class _Position(msgspec.Struct, frozen=True, array_like=True):
    user_id: str
    at: int
    event_id: str


async def list_auth_events(call: Call, req: ListAuthEventsRequest) -> ListAuthEventsResponse:
    """Return the events of a pool's users in the order of users and times; a pool without threat protection has none.

    Raises ResourceNotFoundException, InvalidParameterException.
    """
    pool = await require_pool(call, req.user_pool_id)
    limit = req.max_results or paging.LARGEST_PAGE
    listing = f"ListAuthEvents {pool.pool_id}"
    token = paging.read_token(call, req.next_token, listing=listing)
    after = msgspec.json.decode(token, type=_Position) if token else _Position("", 0, "")
    rows = await auth_history.of_pool(
        call.db, pool_id=pool.pool_id, after=(after.user_id, after.at, after.event_id), limit=limit + 1
    )
    page, has_more = rows[:limit], len(rows) > limit
    position = (
        msgspec.json.encode(_Position(page[-1].user_id, page[-1].at, page[-1].event_id)).decode() if has_more else ""
    )
    return ListAuthEventsResponse(
        auth_events=[
            AuthEventType(
                event_id=row.event_id,
                user_sub=row.user_id,
                event_type=row.kind,
                event_response=row.outcome,
                creation_date=seconds(row.at),
            )
            for row in page
        ],
        next_token=paging.write_token(call, listing=listing, after=position) if has_more else None,
    )
