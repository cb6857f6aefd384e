"""SQL of users, groups, roles and managed policies: what all of them have, and what only one kind has.

Names are unique without regard to case and found as they are written: two spellings are never two things, and a policy that
speaks of one spelling speaks of the thing.
"""

from collections.abc import Sequence

from poolkeeper.model.iam import Entity, Kind, folded
from poolkeeper.store.db import Database, Reader, Transaction
from poolkeeper.store.table import Table


async def insert(tx: Transaction, kind: Kind, entity: Entity) -> bool:
    """Add one; False when there is one of that name."""
    inserted = await tx.execute(
        """
        INSERT INTO iam_entities (
            kind, folded_name, name, entity_id, path, created_at, updated_at, tags, description, trust_policy,
            max_session_seconds, boundary_id, default_version, newest_version
        )
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)
        ON CONFLICT (kind, folded_name) DO NOTHING
        """,
        kind.value,
        folded(entity.name),
        entity.name,
        entity.entity_id,
        entity.path,
        entity.created_at,
        entity.updated_at,
        entity.tags,
        entity.description,
        entity.trust_policy,
        entity.max_session_seconds,
        entity.boundary_id,
        entity.default_version,
        entity.newest_version,
    )
    return inserted == 1


async def find(reader: Reader, kind: Kind, name: str) -> Entity | None:
    """Return one by its name."""
    row = await reader.fetch_one(
        """
        SELECT kind, name, entity_id, path, created_at, updated_at, tags, description, trust_policy, max_session_seconds,
               boundary_id, issued_before, default_version, newest_version, last_used_at, last_used_region
        FROM iam_entities WHERE kind = $1 AND folded_name = $2 AND name = $3
        """,
        kind.value,
        folded(name),
        name,
    )
    return None if row is None else Entity(*row)


async def find_by_id(reader: Reader, kind: Kind, entity_id: str) -> Entity | None:
    """Return one by its id."""
    row = await reader.fetch_one(
        """
        SELECT kind, name, entity_id, path, created_at, updated_at, tags, description, trust_policy, max_session_seconds,
               boundary_id, issued_before, default_version, newest_version, last_used_at, last_used_region
        FROM iam_entities WHERE kind = $1 AND entity_id = $2
        """,
        kind.value,
        entity_id,
    )
    return None if row is None else Entity(*row)


async def has_name(reader: Reader, kind: Kind, name: str) -> bool:
    """Tell whether a name is taken, in whatever case."""
    row = await reader.fetch_one(
        "SELECT name FROM iam_entities WHERE kind = $1 AND folded_name = $2", kind.value, folded(name)
    )
    return row is not None


async def page(reader: Reader, kind: Kind, *, after: str, limit: int) -> Sequence[Entity]:
    """Return up to `limit` of a kind in the order of their names, from behind the name `after`."""
    rows = await reader.fetch(
        """
        SELECT kind, name, entity_id, path, created_at, updated_at, tags, description, trust_policy, max_session_seconds,
               boundary_id, issued_before, default_version, newest_version, last_used_at, last_used_region
        FROM iam_entities WHERE kind = $1 AND folded_name > $2
        ORDER BY folded_name LIMIT $3
        """,
        kind.value,
        folded(after),
        limit,
    )
    return [Entity(*row) for row in rows]


async def count(reader: Reader, kind: Kind) -> int:
    """Return how many of a kind there are; the account's limits bound what is counted."""
    row = await reader.fetch_one("SELECT COUNT(name) FROM iam_entities WHERE kind = $1", kind.value)
    return 0 if row is None else int(row[0])


async def bounded_by(reader: Reader, policy_id: str) -> Sequence[Entity]:
    """Return the users and roles whose boundary a policy is, in the order of their names."""
    rows = await reader.fetch(
        """
        SELECT kind, name, entity_id, path, created_at, updated_at, tags, description, trust_policy, max_session_seconds,
               boundary_id, issued_before, default_version, newest_version, last_used_at, last_used_region
        FROM iam_entities WHERE kind IN ('user', 'role') AND boundary_id = $1
        ORDER BY folded_name
        """,
        policy_id,
    )
    return [Entity(*row) for row in rows]


async def rename(tx: Transaction, kind: Kind, entity_id: str, *, name: str, path: str) -> int:
    """Give one another name, which is free, and another path."""
    return await tx.execute(
        "UPDATE iam_entities SET name = $3, folded_name = $4, path = $5 WHERE kind = $1 AND entity_id = $2",
        kind.value,
        entity_id,
        name,
        folded(name),
        path,
    )


async def set_tags(tx: Transaction, kind: Kind, entity_id: str, tags: str) -> int:
    """Replace the tags, which are JSON."""
    return await tx.execute(
        "UPDATE iam_entities SET tags = $3 WHERE kind = $1 AND entity_id = $2", kind.value, entity_id, tags
    )


async def set_boundary(tx: Transaction, kind: Kind, entity_id: str, boundary_id: str | None) -> int:
    """Bound what the policies of a user or role may allow; None: no boundary."""
    return await tx.execute(
        "UPDATE iam_entities SET boundary_id = $3 WHERE kind = $1 AND entity_id = $2",
        kind.value,
        entity_id,
        boundary_id,
    )


async def set_trust_policy(tx: Transaction, role_id: str, document: str) -> int:
    """Replace the policy that says who may assume a role."""
    return await tx.execute(
        "UPDATE iam_entities SET trust_policy = $2 WHERE kind = 'role' AND entity_id = $1", role_id, document
    )


async def describe_role(tx: Transaction, role_id: str, *, description: str | None, max_session_seconds: int) -> int:
    """Replace a role's description and the longest session that it gives."""
    return await tx.execute(
        """
        UPDATE iam_entities SET description = $2, max_session_seconds = $3
        WHERE kind = 'role' AND entity_id = $1
        """,
        role_id,
        description,
        max_session_seconds,
    )


async def end_sessions_before(tx: Transaction, role_id: str, moment: int) -> int:
    """End the sessions of a role that were issued before a moment."""
    return await tx.execute(
        "UPDATE iam_entities SET issued_before = $2 WHERE kind = 'role' AND entity_id = $1", role_id, moment
    )


async def note_use(db: Database, role_id: str, *, region: str, now: int, before: int) -> int:
    """Keep a use of a role, unless one later than `before` is kept. It is no change of iam, and is not counted as one."""
    return await db.execute(
        """
        UPDATE iam_entities SET last_used_at = $2, last_used_region = $3
        WHERE kind = 'role' AND entity_id = $1 AND (last_used_at IS NULL OR last_used_at <= $4)
        """,
        role_id,
        now,
        region,
        before,
    )


async def set_versions(tx: Transaction, policy_id: str, *, default_version: int, newest_version: int, now: int) -> int:
    """Say which version of a policy counts, and which was made last."""
    return await tx.execute(
        """
        UPDATE iam_entities SET default_version = $2, newest_version = $3, updated_at = $4
        WHERE kind = 'policy' AND entity_id = $1
        """,
        policy_id,
        default_version,
        newest_version,
        now,
    )


async def delete(tx: Transaction, kind: Kind, entity_id: str) -> int:
    """Remove one; what hangs on it is gone already."""
    return await tx.execute("DELETE FROM iam_entities WHERE kind = $1 AND entity_id = $2", kind.value, entity_id)


TABLE = Table(
    name="iam_entities",
    key=("kind", "folded_name"),
    owner="server",
    at_reset="DELETE FROM iam_entities WHERE kind >= ''",
)
