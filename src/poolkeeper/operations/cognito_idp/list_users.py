"""ListUsers: the users of a pool, all of them or those that a filter finds, a page at a time."""

from collections.abc import Mapping, Sequence

import msgspec

from poolkeeper.aws.generated.cognito_idp import ListUsersRequest, ListUsersResponse, UserType
from poolkeeper.call import Call
from poolkeeper.errors import InvalidParameterException
from poolkeeper.lookup import require_pool
from poolkeeper.model import user_filter
from poolkeeper.model.pool import Pool
from poolkeeper.model.user_filter import STATUS, SUB, USER_STATUS, UserFilter
from poolkeeper.operations import paging
from poolkeeper.operations.shapes import attribute_list, seconds
from poolkeeper.store import search
from poolkeeper.store.db import Row

_decode = msgspec.json.Decoder(dict[str, str]).decode
_EVERYBODY = UserFilter(attribute=SUB, prefix=True, value="")
_STANDINGS = {"Enabled": True, "Disabled": False}
# The last id in a page ends here; a sub consists of signs behind the blank and before the tilde.
_BEHIND, _LAST_ID = " ", "~"


async def list_users(call: Call, req: ListUsersRequest) -> ListUsersResponse:
    """Return users in the order of their ids, or of the values that a prefix finds; pages are found by key.

    Raises InvalidParameterException for a filter that cannot be read, and where a user of the page lacks one of
    AttributesToGet.
    """
    pool = await require_pool(call, req.user_pool_id)
    condition = user_filter.parse(req.filter)
    limit = req.limit or paging.LARGEST_PAGE
    listing = f"ListUsers {pool.pool_id} {req.filter or ''}"
    after = paging.read_token(call, req.pagination_token, listing=listing)

    rows = await _page(call, pool, condition or _EVERYBODY, after=after, limit=limit + 1)
    page = rows[:limit]
    found = page if condition is None or condition.exact else [row for row in page if _fulfils(condition, row)]
    return ListUsersResponse(
        users=[listed_user(row, req.attributes_to_get) for row in found],
        pagination_token=(
            paging.write_token(call, listing=listing, after=_place(page[-1])) if len(rows) > limit else None
        ),
    )


def listed_user(row: Row, wanted: Sequence[str] | None = None) -> UserType:
    """Return a row of store/search.py or of a group's members as lists answer it.

    Raises InvalidParameterException where the user lacks an attribute that is `wanted`.
    """
    attributes = _decode(row[4])
    return UserType(
        username=row[1],
        attributes=attribute_list(attributes if wanted is None else _restricted(attributes, wanted)),
        user_create_date=seconds(row[5]),
        user_last_modified_date=seconds(row[6]),
        enabled=bool(row[3]),
        user_status=row[2],
    )


async def _page(call: Call, pool: Pool, condition: UserFilter, *, after: str, limit: int) -> Sequence[Row]:
    """Return rows from behind `after`, which is a user id and, with a filter by value, the value behind a blank."""
    first, last = condition.bounds
    user_id, _, value = after.partition(" ")
    place = (value, user_id) if after else (first, "")
    if condition.attribute == SUB:
        last_id = first + _LAST_ID if condition.prefix else first
        first_id = user_id + _BEHIND if after else first
        return await search.page_by_id(call.db, pool_id=pool.pool_id, first=first_id, last=last_id, limit=limit)
    if condition.attribute == USER_STATUS:
        return await search.page_by_status(call.db, pool_id=pool.pool_id, after=place, last=last, limit=limit)
    if condition.attribute == STATUS:
        return await _page_by_standing(call, pool, condition, user_id=user_id, limit=limit)
    return await search.page_by_attribute(
        call.db, pool_id=pool.pool_id, attribute=condition.attribute, after=place, last=last, limit=limit
    )


async def _page_by_standing(
    call: Call, pool: Pool, condition: UserFilter, *, user_id: str, limit: int
) -> Sequence[Row]:
    """Return users who are enabled or disabled, all where the beginning of either is asked for, or nobody."""
    meant = [enabled for word, enabled in _STANDINGS.items() if condition.matches(word)]
    if len(meant) == len(_STANDINGS):
        return await _page(call, pool, _EVERYBODY, after=user_id, limit=limit)
    if not meant:
        return []
    return await search.page_by_enabled(call.db, pool_id=pool.pool_id, enabled=meant[0], after=user_id, limit=limit)


def _fulfils(condition: UserFilter, row: Row) -> bool:
    """Judge a value that is longer than the index keeps of one."""
    held = {**_decode(row[4]), "username": row[1], SUB: row[0], USER_STATUS: row[2]}
    return condition.matches(held.get(condition.attribute, ""))


def _place(row: Row) -> str:
    """Return where the next page begins behind: the user's id, and the value that it was found by, if it was."""
    return f"{row[0]} {row[7]}" if len(row) > 7 else str(row[0])


def _restricted(attributes: Mapping[str, str], wanted: Sequence[str]) -> dict[str, str]:
    missing = [name for name in wanted if name not in attributes]
    if missing:
        raise InvalidParameterException("One or more requested attributes do not exist.")
    return {name: value for name, value in attributes.items() if name in wanted}
