"""ListUsers: the users of a pool, all of them or those that a filter finds, a page at a time."""

import msgspec

from poolkeeper.aws.generated.cognito_idp import ListUsersRequest, ListUsersResponse
from poolkeeper.call import Call
from poolkeeper.lookup import require_pool
from poolkeeper.model import user_filter
from poolkeeper.model.pool import Pool
from poolkeeper.model.user import CONFIRMED, EXTERNAL_PROVIDER, FORCE_CHANGE_PASSWORD, RESET_REQUIRED, UNCONFIRMED
from poolkeeper.model.user_filter import STATUS, SUB, USER_STATUS, UserFilter
from poolkeeper.operations.listed_users import is_there, listed_user
from poolkeeper.operations.paging import LARGEST_PAGE, PageRequest
from poolkeeper.store import search
from poolkeeper.store.search import UserInList

_decode = msgspec.json.Decoder(dict[str, str]).decode
_EVERYBODY = UserFilter(attribute=SUB, prefix=True, value="")
_ENABLED = "Enabled"
_WORDS = {
    USER_STATUS: (UNCONFIRMED, CONFIRMED, FORCE_CHANGE_PASSWORD, RESET_REQUIRED, EXTERNAL_PROVIDER),
    STATUS: (_ENABLED, "Disabled"),
}
# All characters of a sub sort after the blank and before the tilde; no stored text has a character before U+0001.
_BEHIND, _LAST_ID = " ", "~"
_BEHIND_VALUE = "\x01"


async def list_users(call: Call, req: ListUsersRequest) -> ListUsersResponse:
    """Return users in the order of their ids, or of the values that a prefix matches; pages are found by key.

    Raises InvalidParameterException for a filter that cannot be read, and where a user of the page lacks one of
    AttributesToGet.
    """
    pool = await require_pool(call, req.user_pool_id)
    condition = user_filter.parse(req.filter)
    listing = f"ListUsers {pool.pool_id} {req.filter or ''}"
    wanted = PageRequest(call, listing, req.pagination_token, req.limit or LARGEST_PAGE)
    rows = await _page(call, pool, condition or _EVERYBODY, after=wanted.after(), limit=wanted.limit)
    page = wanted.cut(rows, _position)
    matching = [
        row
        for row in page.items
        if is_there(row) and (condition is None or condition.exact or _fulfils(condition, row))
    ]
    return ListUsersResponse(
        users=[listed_user(row, req.attributes_to_get) for row in matching], pagination_token=page.token
    )


async def _page(call: Call, pool: Pool, condition: UserFilter, *, after: str, limit: int) -> list[UserInList]:
    """Return the rows after `after`, a user id and, with a filter by value, a blank and the value."""
    user_id, _, value = after.partition(" ")
    if condition.attribute == SUB:
        first, last = condition.bounds
        return await search.page_by_id(
            call.db,
            pool_id=pool.pool_id,
            first=user_id + _BEHIND if after else first,
            last=first + _LAST_ID if condition.prefix else last,
            limit=limit,
        )
    if condition.attribute in _WORDS:
        return await _page_by_word(call, pool, condition, after=user_id, limit=limit)
    return await _page_by_value(call, pool, condition, value=value, user_id=user_id, limit=limit)


async def _page_by_word(call: Call, pool: Pool, condition: UserFilter, *, after: str, limit: int) -> list[UserInList]:
    """Return the users of one status, or enabled or disabled ones; all where the prefix matches several words, or none."""
    meant_words = [word for word in _WORDS[condition.attribute] if condition.matches(word)]
    if len(meant_words) > 1:  # no two of them begin with the same letter
        return await _page(call, pool, _EVERYBODY, after=after, limit=limit)
    if not meant_words:
        return []
    page_start = {"pool_id": pool.pool_id, "after": after}
    if condition.attribute == STATUS:
        return await search.page_by_enabled(call.db, **page_start, enabled=meant_words[0] == _ENABLED, limit=limit)
    return await search.page_by_status(call.db, **page_start, status=meant_words[0], limit=limit)


async def _page_by_value(
    call: Call, pool: Pool, condition: UserFilter, *, value: str, user_id: str, limit: int
) -> list[UserInList]:
    """Return users by an indexed value; a prefix first goes on with the users of the value that the last page ended in."""
    first, last = condition.bounds
    index_key = {"pool_id": pool.pool_id, "attribute": condition.attribute}
    if not condition.prefix:
        return await search.page_by_value(call.db, **index_key, value=first, after=user_id, limit=limit)
    rows: list[UserInList] = []
    if user_id:
        rows += await search.page_by_value(call.db, **index_key, value=value, after=user_id, limit=limit)
        first = value + _BEHIND_VALUE
    if len(rows) < limit:
        rows += await search.page_by_range(call.db, **index_key, first=first, last=last, limit=limit - len(rows))
    return rows


def _fulfils(condition: UserFilter, row: UserInList) -> bool:
    """Judge by the complete value, of which the index keeps only the beginning."""
    values = {
        **_decode(row.attributes or "{}"),
        "username": row.username or "",
        SUB: row.user_id,
        USER_STATUS: row.status or "",
    }
    return condition.matches(values.get(condition.attribute, ""))


def _position(row: UserInList) -> str:
    """Return the position after which the next page begins: the user's id, and the value that matched, if one did."""
    return f"{row.user_id} {row.value}" if row.value is not None else row.user_id
