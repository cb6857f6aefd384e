"""SQL of groups and of who is in them.

Tokens do not come here: the statement that finds a user for a sign-in or a refresh brings the groups along, one row a
group (store/users.py, store/sessions.py). It needs no round trip of its own, is true at that moment, and a group that
changes its role or goes changes one row, however many members it has. A copy on each user's row would have to follow
in transactions of a million rows, and one text for all groups of a user has no spelling that both engines know.
"""

import msgspec

from poolkeeper.store.db import Reader, Transaction
from poolkeeper.store.search import UserInList
from poolkeeper.store.table import Exported, Table, Walk

# CROSS JOIN has SQLite begin with the memberships of the user, and not with 10,000 groups; for the same reason the names
# are no condition, and a page is cut from the hundred groups at most that a user may be in.
OF_USER = """
    SELECT g.group_name, g.group_id, g.description, g.role_arn, g.precedence, g.created_at, g.updated_at
    FROM memberships m
    CROSS JOIN groups g
    WHERE m.pool_id = $1 AND m.user_id = $2 AND g.pool_id = m.pool_id AND g.group_id = m.group_id
    ORDER BY g.group_name
"""
# A page of memberships first, then its users, as in store/search.py.
MEMBERS = """
    SELECT page.user_id, u.username, u.status, u.enabled, u.attributes, u.created_at, u.updated_at
    FROM (
        SELECT m.user_id FROM memberships m
        WHERE m.pool_id = $1 AND m.group_id = $2 AND m.user_id > $3
        ORDER BY m.user_id LIMIT $4
    ) page
    LEFT JOIN users u ON u.pool_id = $1 AND u.user_id = page.user_id
    ORDER BY page.user_id
"""


class GroupRow(msgspec.Struct, frozen=True, gc=False):
    """A group as it lies there; times are milliseconds."""

    group_name: str
    group_id: str
    description: str | None
    role_arn: str | None
    precedence: int | None
    created_at: int
    updated_at: int


async def insert(
    tx: Transaction,
    *,
    pool_id: str,
    group_name: str,
    group_id: str,
    description: str | None,
    role_arn: str | None,
    precedence: int | None,
    now: int,
) -> bool:
    """Add a group; False when there is one of that name."""
    inserted = await tx.execute(
        """
        INSERT INTO groups (pool_id, group_name, group_id, description, role_arn, precedence, created_at, updated_at)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $7)
        ON CONFLICT (pool_id, group_name) DO NOTHING
        """,
        pool_id,
        group_name,
        group_id,
        description,
        role_arn,
        precedence,
        now,
    )
    return inserted == 1


async def count(reader: Reader, pool_id: str) -> int:
    """Return how many groups a pool has; the limit bounds what is counted."""
    row = await reader.fetch_one("SELECT COUNT(group_name) FROM groups WHERE pool_id = $1", pool_id)
    return int(row[0]) if row is not None else 0


async def find(reader: Reader, pool_id: str, group_name: str) -> GroupRow | None:
    """Return a group by its name."""
    row = await reader.fetch_one(
        """
        SELECT group_name, group_id, description, role_arn, precedence, created_at, updated_at
        FROM groups WHERE pool_id = $1 AND group_name = $2
        """,
        pool_id,
        group_name,
    )
    return None if row is None else GroupRow(*row)


async def update(
    tx: Transaction,
    *,
    pool_id: str,
    group_name: str,
    description: str | None,
    role_arn: str | None,
    precedence: int | None,
    now: int,
) -> int:
    """Change what is given of a group and leave the rest."""
    return await tx.execute(
        """
        UPDATE groups
        SET description = COALESCE(CAST($3 AS text), description), role_arn = COALESCE(CAST($4 AS text), role_arn),
            precedence = COALESCE(CAST($5 AS bigint), precedence), updated_at = $6
        WHERE pool_id = $1 AND group_name = $2
        """,
        pool_id,
        group_name,
        description,
        role_arn,
        precedence,
        now,
    )


async def delete(tx: Transaction, *, pool_id: str, group_name: str) -> str | None:
    """Remove a group, which nobody is in from then on, and return its id; None when there is none."""
    rows = await tx.fetch(
        "DELETE FROM groups WHERE pool_id = $1 AND group_name = $2 RETURNING group_id", pool_id, group_name
    )
    return str(rows[0][0]) if rows else None


async def page(reader: Reader, pool_id: str, *, after: str, limit: int) -> list[GroupRow]:
    """Return up to `limit` groups of a pool in the order of their names, from behind `after`."""
    rows = await reader.fetch(
        """
        SELECT group_name, group_id, description, role_arn, precedence, created_at, updated_at
        FROM groups WHERE pool_id = $1 AND group_name > $2
        ORDER BY group_name LIMIT $3
        """,
        pool_id,
        after,
        limit,
    )
    return [GroupRow(*row) for row in rows]


async def have_role(reader: Reader, *, pool_id: str, role_arn: str) -> bool:
    """Say whether a group of a pool has this role."""
    row = await reader.fetch_one(
        "SELECT group_id FROM groups WHERE pool_id = $1 AND role_arn = $2 LIMIT 1", pool_id, role_arn
    )
    return row is not None


async def of_user(reader: Reader, *, pool_id: str, user_id: str) -> list[GroupRow]:
    """Return all groups that a user is in, in the order of their names."""
    return [GroupRow(*row) for row in await reader.fetch(OF_USER, pool_id, user_id)]


async def members(reader: Reader, *, pool_id: str, group_id: str, after: str, limit: int) -> list[UserInList]:
    """Return up to `limit` users of a group in the order of their ids, from behind `after`.

    All but the id is None where a user went in the moment that it came: a place in the order, and no member.
    """
    return [UserInList(*row) for row in await reader.fetch(MEMBERS, pool_id, group_id, after, limit)]


async def add_member(tx: Transaction, *, pool_id: str, user_id: str, group_id: str) -> int:
    """Put a user into a group if both are there; 0 also when it is in already."""
    return await tx.execute(
        """
        INSERT INTO memberships (pool_id, user_id, group_id)
        SELECT u.pool_id, u.user_id, g.group_id
        FROM users u
        JOIN groups g ON g.pool_id = u.pool_id AND g.group_id = $3
        WHERE u.pool_id = $1 AND u.user_id = $2
        ON CONFLICT (pool_id, user_id, group_id) DO NOTHING
        """,
        pool_id,
        user_id,
        group_id,
    )


async def remove_member(tx: Transaction, *, pool_id: str, user_id: str, group_id: str) -> int:
    """Take a user out of a group."""
    return await tx.execute(
        "DELETE FROM memberships WHERE pool_id = $1 AND user_id = $2 AND group_id = $3", pool_id, user_id, group_id
    )


TABLES = (
    Table(
        name="memberships",
        key=("pool_id", "user_id", "group_id"),
        owner="user",
        of_a_user="DELETE FROM memberships WHERE pool_id = $1 AND user_id = $2",
        exported=Exported(
            ("group_name",),
            """SELECT g.group_name FROM memberships m JOIN groups g ON g.pool_id = m.pool_id AND g.group_id = m.group_id
               WHERE m.pool_id = $1 AND m.user_id = $2""",
        ),
        of_a_group=Walk(
            start=("",),
            keys="""SELECT user_id FROM memberships WHERE pool_id = $1 AND group_id = $2 AND user_id > $3
                    ORDER BY user_id LIMIT 500""",
            delete="DELETE FROM memberships WHERE pool_id = $1 AND group_id = $2 AND user_id > $3 AND user_id <= $4",
        ),
        of_a_pool=Walk(
            start=("",),
            keys="SELECT user_id FROM memberships WHERE pool_id = $1 AND user_id > $2 ORDER BY user_id LIMIT 500",
            delete="DELETE FROM memberships WHERE pool_id = $1 AND user_id > $2 AND user_id <= $3",
        ),
        at_reset="DELETE FROM memberships WHERE pool_id >= ''",
    ),
    Table(
        name="groups",
        key=("pool_id", "group_name"),
        owner="group",
        of_a_pool=Walk(
            start=("",),
            keys="SELECT group_name FROM groups WHERE pool_id = $1 AND group_name > $2 ORDER BY group_name LIMIT 500",
            delete="DELETE FROM groups WHERE pool_id = $1 AND group_name > $2 AND group_name <= $3",
        ),
        at_reset="DELETE FROM groups WHERE pool_id >= ''",
    ),
)
