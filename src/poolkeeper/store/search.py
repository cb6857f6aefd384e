"""SQL of ListUsers: pages of users by what is looked for, and the index of searchable attributes behind them.

Every page begins behind a key and reads no more than it returns, whatever the pool's size: users in the order of their
ids, which are random, so that no end of the table is hot; a prefix in the order of the values. The statements are
constants so that a test can ask both engines for their plans.
"""

from collections.abc import Mapping, Sequence

import msgspec

from poolkeeper.model.user_filter import INDEXED, indexed
from poolkeeper.store.db import Reader, Transaction
from poolkeeper.store.table import Table, Walk

_decode = msgspec.json.Decoder(dict[str, str]).decode

BY_ID = """
    SELECT u.user_id, u.username, u.status, u.enabled, u.attributes, u.created_at, u.updated_at
    FROM users u
    WHERE u.pool_id = $1 AND u.user_id >= $2 AND u.user_id <= $3
    ORDER BY u.user_id LIMIT $4
"""
# The index is read first, a page of it and no more, and then the users of that page: joined at once PostgreSQL may put
# all users of a common value in order. A value and the range behind it are two statements, since
# `(folded_value, user_id) > ($3, $4)` is taken for next to nothing there. A row that has lost its user is no user.
BY_VALUE = """
    SELECT page.user_id, u.username, u.status, u.enabled, u.attributes, u.created_at, u.updated_at,
           page.folded_value AS value
    FROM (
        SELECT a.folded_value, a.user_id FROM user_attributes a
        WHERE a.pool_id = $1 AND a.attribute = $2 AND a.folded_value = $3 AND a.user_id > $4
        ORDER BY a.user_id LIMIT $5
    ) page
    LEFT JOIN users u ON u.pool_id = $1 AND u.user_id = page.user_id
    ORDER BY page.user_id
"""
BY_RANGE = """
    SELECT page.user_id, u.username, u.status, u.enabled, u.attributes, u.created_at, u.updated_at,
           page.folded_value AS value
    FROM (
        SELECT a.folded_value, a.user_id FROM user_attributes a
        WHERE a.pool_id = $1 AND a.attribute = $2 AND a.folded_value >= $3 AND a.folded_value <= $4
        ORDER BY a.folded_value, a.user_id LIMIT $5
    ) page
    LEFT JOIN users u ON u.pool_id = $1 AND u.user_id = page.user_id
    ORDER BY page.folded_value, page.user_id
"""
BY_STATUS = """
    SELECT u.user_id, u.username, u.status, u.enabled, u.attributes, u.created_at, u.updated_at
    FROM users u
    WHERE u.pool_id = $1 AND u.status = $2 AND u.user_id > $3
    ORDER BY u.user_id LIMIT $4
"""
BY_ENABLED = """
    SELECT u.user_id, u.username, u.status, u.enabled, u.attributes, u.created_at, u.updated_at
    FROM users u
    WHERE u.pool_id = $1 AND u.enabled = $2 AND u.user_id > $3
    ORDER BY u.user_id LIMIT $4
"""
_ADD = """
    INSERT INTO user_attributes (pool_id, attribute, folded_value, user_id)
    SELECT CAST($1 AS text), v.attribute, v.folded_value, CAST($2 AS text)
    FROM (
        SELECT 'username' AS attribute, CAST($3 AS text) AS folded_value
        UNION ALL SELECT 'email', CAST($4 AS text)
        UNION ALL SELECT 'phone_number', CAST($5 AS text)
        UNION ALL SELECT 'name', CAST($6 AS text)
        UNION ALL SELECT 'given_name', CAST($7 AS text)
        UNION ALL SELECT 'family_name', CAST($8 AS text)
        UNION ALL SELECT 'preferred_username', CAST($9 AS text)
    ) v
    WHERE v.folded_value <> ''
"""
# Each row by its whole key: an index from users to their rows would be as large as the table.
REMOVE = """
    DELETE FROM user_attributes
    WHERE (pool_id = $1 AND attribute = 'username' AND folded_value = $3 AND user_id = $2)
       OR (pool_id = $1 AND attribute = 'email' AND folded_value = $4 AND user_id = $2)
       OR (pool_id = $1 AND attribute = 'phone_number' AND folded_value = $5 AND user_id = $2)
       OR (pool_id = $1 AND attribute = 'name' AND folded_value = $6 AND user_id = $2)
       OR (pool_id = $1 AND attribute = 'given_name' AND folded_value = $7 AND user_id = $2)
       OR (pool_id = $1 AND attribute = 'family_name' AND folded_value = $8 AND user_id = $2)
       OR (pool_id = $1 AND attribute = 'preferred_username' AND folded_value = $9 AND user_id = $2)
"""


class UserInList(msgspec.Struct, frozen=True, gc=False):
    """A user in a list; all but the id is None where they went in the moment that the list was read.

    `value` is that by which they were found, None where they were not looked for by one.
    """

    user_id: str
    username: str | None
    status: str | None
    enabled: int | None
    attributes: str | None
    created_at: int | None
    updated_at: int | None
    value: str | None = None


class Searchable(msgspec.Struct, frozen=True, gc=False):
    """What of a user can be searched; `attributes` is JSON."""

    username: str
    attributes: str


async def page_by_id(reader: Reader, *, pool_id: str, first: str, last: str, limit: int) -> list[UserInList]:
    """Return up to `limit` users whose ids lie from `first` to `last`, both included."""
    return [UserInList(*row) for row in await reader.fetch(BY_ID, pool_id, first, last, limit)]


async def page_by_value(
    reader: Reader, *, pool_id: str, attribute: str, value: str, after: str, limit: int
) -> list[UserInList]:
    """Return up to `limit` users of one indexed value, behind a user id."""
    return [UserInList(*row) for row in await reader.fetch(BY_VALUE, pool_id, attribute, value, after, limit)]


async def page_by_range(
    reader: Reader, *, pool_id: str, attribute: str, first: str, last: str, limit: int
) -> list[UserInList]:
    """Return up to `limit` users in the order of an indexed value from `first` to `last`."""
    return [UserInList(*row) for row in await reader.fetch(BY_RANGE, pool_id, attribute, first, last, limit)]


async def page_by_status(reader: Reader, *, pool_id: str, status: str, after: str, limit: int) -> list[UserInList]:
    """Return up to `limit` users of one status, behind a user id."""
    return [UserInList(*row) for row in await reader.fetch(BY_STATUS, pool_id, status, after, limit)]


async def page_by_enabled(reader: Reader, *, pool_id: str, enabled: bool, after: str, limit: int) -> list[UserInList]:
    """Return up to `limit` users who are enabled, or who are not, behind a user id."""
    return [UserInList(*row) for row in await reader.fetch(BY_ENABLED, pool_id, int(enabled), after, limit)]


async def add(tx: Transaction, *, pool_id: str, user_id: str, username: str, attributes: str) -> None:
    """Index a new user."""
    await tx.execute(_ADD, pool_id, user_id, *_in_order(indexed(username, _decode(attributes))))


async def add_each(tx: Transaction, *, pool_id: str, users: Sequence[tuple[str, Searchable]]) -> None:
    """Index new users, each with its id."""
    await tx.fetch_each(_ADD, [(pool_id, user_id, *values(searched)) for user_id, searched in users])


async def held(tx: Transaction, *, pool_id: str, user_id: str, version: int) -> Searchable | None:
    """Return what can be searched of a user, to compare with what comes; None where they are not at `version`."""
    row = await tx.fetch_one(
        "SELECT username, attributes FROM users WHERE pool_id = $1 AND user_id = $2 AND version = $3",
        pool_id,
        user_id,
        version,
    )
    return None if row is None else Searchable(*row)


async def follow(tx: Transaction, *, pool_id: str, user_id: str, before: Searchable, attributes: str) -> None:
    """Let the index follow a change of attributes; where nothing of it can be searched, this runs no statement."""
    if before.attributes == attributes:
        return
    old = indexed(before.username, _decode(before.attributes))
    new = indexed(before.username, _decode(attributes))
    gone = {name: value for name, value in old.items() if new.get(name) != value}
    come = {name: value for name, value in new.items() if old.get(name) != value}
    if gone:
        await tx.execute(REMOVE, pool_id, user_id, *_in_order(gone))
    if come:
        await tx.execute(_ADD, pool_id, user_id, *_in_order(come))


def values(held: Searchable) -> list[str]:
    """Return what the index holds of a user, as its statements number it."""
    return _in_order(indexed(held.username, _decode(held.attributes)))


def _in_order(values: Mapping[str, str]) -> list[str]:
    """Return the values as the statements number them; an empty one is no value, which the index never holds."""
    return [values.get(name, "") for name in INDEXED]


TABLE = Table(
    name="user_attributes",
    key=("pool_id", "attribute", "folded_value", "user_id"),
    owner="user",
    of_a_user=REMOVE,
    by_values=True,
    of_a_pool=Walk(
        start=("", "", ""),
        keys="""SELECT attribute, folded_value, user_id FROM user_attributes
                WHERE pool_id = $1 AND (attribute, folded_value, user_id) > ($2, $3, $4)
                ORDER BY attribute, folded_value, user_id LIMIT 500""",
        delete="""DELETE FROM user_attributes WHERE pool_id = $1 AND (attribute, folded_value, user_id) > ($2, $3, $4)
                  AND (attribute, folded_value, user_id) <= ($5, $6, $7)""",
    ),
    at_reset="DELETE FROM user_attributes WHERE pool_id >= ''",
)
