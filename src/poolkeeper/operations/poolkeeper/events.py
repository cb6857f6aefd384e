"""ListAuthEvents: what did the users of a pool do? AdminListUserAuthEvents lists one user; this one is for copying all elsewhere."""

import msgspec

from poolkeeper.aws.generated.poolkeeper import AuthEventType, ListAuthEventsRequest, ListAuthEventsResponse
from poolkeeper.call import Call
from poolkeeper.lookup import require_pool
from poolkeeper.operations.paging import LARGEST_PAGE, PageRequest
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
    wanted = PageRequest(call, f"ListAuthEvents {pool.pool_id}", req.next_token, req.max_results or LARGEST_PAGE)
    after = wanted.after()
    position = msgspec.json.decode(after, type=_Position) if after else _Position("", 0, "")
    rows = await auth_history.of_pool(
        call.db, pool_id=pool.pool_id, after=(position.user_id, position.at, position.event_id), limit=wanted.limit
    )
    page = wanted.cut(rows, lambda row: msgspec.json.encode(_Position(row.user_id, row.at, row.event_id)).decode())
    return ListAuthEventsResponse(
        auth_events=[
            AuthEventType(
                event_id=row.event_id,
                user_sub=row.user_id,
                event_type=row.kind,
                event_response=row.outcome,
                creation_date=seconds(row.at),
            )
            for row in page.items
        ],
        next_token=page.token,
    )
