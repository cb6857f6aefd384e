"""SQL of which users are in which groups of the account."""

from collections.abc import Sequence

from poolkeeper.model.iam import Entity
from poolkeeper.store.db import Reader, Transaction
from poolkeeper.store.table import Table


async def add(tx: Transaction, *, user_id: str, group_id: str) -> int:
    """Put a user into a group; 0 when it is in already."""
    return await tx.execute(
        """
        INSERT INTO iam_memberships (user_id, group_id)
        VALUES ($1, $2)
        ON CONFLICT (user_id, group_id) DO NOTHING
        """,
        user_id,
        group_id,
    )


async def remove(tx: Transaction, *, user_id: str, group_id: str) -> int:
    """Take a user out of a group; 0 when it was not in it."""
    return await tx.execute("DELETE FROM iam_memberships WHERE user_id = $1 AND group_id = $2", user_id, group_id)


async def groups_of(reader: Reader, user_id: str) -> Sequence[Entity]:
    """Return the groups that a user is in, in the order of their names."""
    rows = await reader.fetch(
        """
        SELECT g.kind, g.name, g.entity_id, g.path, g.created_at, g.updated_at, g.tags
        FROM iam_memberships m
        JOIN iam_entities g ON g.kind = 'group' AND g.entity_id = m.group_id
        WHERE m.user_id = $1
        ORDER BY g.folded_name
        """,
        user_id,
    )
    return [Entity(*row) for row in rows]


async def users_of(reader: Reader, group_id: str) -> Sequence[Entity]:
    """Return the users in a group, in the order of their names; all memberships of the account are looked through."""
    rows = await reader.fetch(
        """
        SELECT u.kind, u.name, u.entity_id, u.path, u.created_at, u.updated_at, u.tags
        FROM iam_memberships m
        JOIN iam_entities u ON u.kind = 'user' AND u.entity_id = m.user_id
        WHERE m.group_id = $1
        ORDER BY u.folded_name
        """,
        group_id,
    )
    return [Entity(*row) for row in rows]


TABLE = Table(
    name="iam_memberships",
    key=("user_id", "group_id"),
    owner="server",
    at_reset="DELETE FROM iam_memberships WHERE user_id >= ''",
)
