"""SQL of ListUsers: pages of users by what is looked for, and the index of searchable attributes behind them.

Every page begins behind a key and reads no more than it returns, whatever the pool's size: users in the order of their
ids, which are random, so that no end of the table is hot; a prefix in the order of the values. The statements are
constants so that a test can ask both engines for their plans.
"""

from collections.abc import Mapping, Sequence

import msgspec

from poolkeeper.model.user_filter import INDEXED, indexed
from poolkeeper.store.db import Reader, Row, Transaction

_decode = msgspec.json.Decoder(dict[str, str]).decode

BY_ID = """
    SELECT u.user_id, u.username, u.status, u.enabled, u.attributes, u.created_at, u.updated_at
    FROM users u
    WHERE u.pool_id = $1 AND u.user_id >= $2 AND u.user_id <= $3
    ORDER BY u.user_id LIMIT $4
"""
# CROSS JOIN: SQLite begins with the table that is named first.
BY_ATTRIBUTE = """
    SELECT u.user_id, u.username, u.status, u.enabled, u.attributes, u.created_at, u.updated_at, a.folded_value
    FROM user_attributes a
    CROSS JOIN users u
    WHERE a.pool_id = $1 AND a.attribute = $2 AND (a.folded_value, a.user_id) > ($3, $4) AND a.folded_value <= $5
      AND u.pool_id = a.pool_id AND u.user_id = a.user_id
    ORDER BY a.folded_value, a.user_id LIMIT $6
"""
BY_STATUS = """
    SELECT u.user_id, u.username, u.status, u.enabled, u.attributes, u.created_at, u.updated_at, u.status
    FROM users u
    WHERE u.pool_id = $1 AND (u.status, u.user_id) > ($2, $3) AND u.status <= $4
    ORDER BY u.status, u.user_id LIMIT $5
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


async def page_by_id(reader: Reader, *, pool_id: str, first: str, last: str, limit: int) -> Sequence[Row]:
    """Return up to `limit` users whose ids lie from `first` to `last`, both included."""
    return await reader.fetch(BY_ID, pool_id, first, last, limit)


async def page_by_attribute(
    reader: Reader, *, pool_id: str, attribute: str, after: tuple[str, str], last: str, limit: int
) -> Sequence[Row]:
    """Return up to `limit` users by an indexed value, behind (value, user id) and up to `last`; the value comes last."""
    return await reader.fetch(BY_ATTRIBUTE, pool_id, attribute, *after, last, limit)


async def page_by_status(
    reader: Reader, *, pool_id: str, after: tuple[str, str], last: str, limit: int
) -> Sequence[Row]:
    """Return up to `limit` users by status, behind (status, user id) and up to `last`; the status comes last."""
    return await reader.fetch(BY_STATUS, pool_id, *after, last, limit)


async def page_by_enabled(reader: Reader, *, pool_id: str, enabled: bool, after: str, limit: int) -> Sequence[Row]:
    """Return up to `limit` users who are enabled, or who are not, behind a user id."""
    return await reader.fetch(BY_ENABLED, pool_id, int(enabled), after, limit)


async def add(tx: Transaction, *, pool_id: str, user_id: str, username: str, attributes: str) -> None:
    """Index a new user."""
    await tx.execute(_ADD, pool_id, user_id, *_in_order(indexed(username, _decode(attributes))))


async def held(tx: Transaction, *, pool_id: str, user_id: str, version: int | None = None) -> Row | None:
    """Return (username, attributes) of a user, to compare with what comes; None where it is not at `version`."""
    return await tx.fetch_one(
        """
        SELECT username, attributes FROM users
        WHERE pool_id = $1 AND user_id = $2 AND (version = $3 OR CAST($3 AS bigint) = 0)
        """,
        pool_id,
        user_id,
        version or 0,
    )


async def follow(tx: Transaction, *, pool_id: str, user_id: str, before: Row, attributes: str) -> None:
    """Let the index follow a change of attributes; where nothing of it can be searched, this runs no statement."""
    if before[1] == attributes:
        return
    old, new = indexed(before[0], _decode(before[1])), indexed(before[0], _decode(attributes))
    gone = {name: value for name, value in old.items() if new.get(name) != value}
    come = {name: value for name, value in new.items() if old.get(name) != value}
    if gone:
        await tx.execute(REMOVE, pool_id, user_id, *_in_order(gone))
    if come:
        await tx.execute(_ADD, pool_id, user_id, *_in_order(come))


async def remove(tx: Transaction, *, pool_id: str, user_id: str) -> None:
    """Take a user out of the index, before its row goes."""
    before = await held(tx, pool_id=pool_id, user_id=user_id)
    if before is not None:
        await tx.execute(REMOVE, pool_id, user_id, *_in_order(indexed(before[0], _decode(before[1]))))


def _in_order(values: Mapping[str, str]) -> list[str]:
    """Return the values as the statements number them; an empty one is no value, which the index never holds."""
    return [values.get(name, "") for name in INDEXED]
