"""SQL of what policies say and to whom they belong: inline policies, versions of managed ones, attachments.

A managed policy is named by its id where it is ours and by its ARN where it is AWS's own (`policy_id`).
"""

from collections.abc import Sequence

import msgspec

from poolkeeper.model.iam import Entity, Kind, PolicyVersion
from poolkeeper.store.db import Reader, Transaction
from poolkeeper.store.table import Table


class InlinePolicy(msgspec.Struct, frozen=True, gc=False):
    """A policy that is its owner's alone."""

    policy_name: str
    document: str


class Right(msgspec.Struct, frozen=True, gc=False):
    """One policy that counts for a user or role. `source` is 'inline', 'attached' or 'boundary'.

    `owner_id` is the user's, the role's, or that of a group which the user is in. `document` is None for a managed policy of
    AWS's own, whose `policy_id` is its ARN; `policy_id` is empty for an inline policy.
    """

    source: str
    owner_id: str
    policy_id: str
    name: str
    document: str | None


async def rights_of(reader: Reader, kind: Kind, entity_id: str) -> Sequence[Right]:
    """Return every policy that counts for a user, with those of its groups and its boundary, or for a role."""
    rows = await reader.fetch(
        """
        SELECT 'inline' AS source, i.owner_id, '' AS policy_id, i.policy_name AS name, i.document
        FROM iam_inline_policies i
        WHERE i.owner_id = $2 OR i.owner_id IN (SELECT m.group_id FROM iam_memberships m WHERE m.user_id = $2)
        UNION ALL
        SELECT 'attached', a.owner_id, a.policy_id, COALESCE(p.name, a.policy_id), v.document
        FROM iam_attachments a
        LEFT JOIN iam_entities p ON p.kind = 'policy' AND p.entity_id = a.policy_id
        LEFT JOIN iam_policy_versions v ON v.policy_id = p.entity_id AND v.version = p.default_version
        WHERE (a.owner_kind = $1 AND a.owner_id = $2)
           OR (a.owner_kind = 'group' AND a.owner_id IN (SELECT m.group_id FROM iam_memberships m WHERE m.user_id = $2))
        UNION ALL
        SELECT 'boundary', e.entity_id, e.boundary_id, COALESCE(p.name, e.boundary_id), v.document
        FROM iam_entities e
        LEFT JOIN iam_entities p ON p.kind = 'policy' AND p.entity_id = e.boundary_id
        LEFT JOIN iam_policy_versions v ON v.policy_id = p.entity_id AND v.version = p.default_version
        WHERE e.kind = $1 AND e.entity_id = $2 AND e.boundary_id IS NOT NULL
        """,
        kind.value,
        entity_id,
    )
    return [Right(*row) for row in rows]


async def put_inline(tx: Transaction, *, owner_id: str, policy_name: str, document: str) -> int:
    """Store an inline policy, in the place of the one of that name."""
    return await tx.execute(
        """
        INSERT INTO iam_inline_policies (owner_id, policy_name, document)
        VALUES ($1, $2, $3)
        ON CONFLICT (owner_id, policy_name) DO UPDATE SET document = $3
        """,
        owner_id,
        policy_name,
        document,
    )


async def delete_inline(tx: Transaction, *, owner_id: str, policy_name: str) -> int:
    """Remove an inline policy."""
    return await tx.execute(
        "DELETE FROM iam_inline_policies WHERE owner_id = $1 AND policy_name = $2", owner_id, policy_name
    )


async def inline_of(reader: Reader, owner_id: str) -> Sequence[InlinePolicy]:
    """Return the inline policies of one owner, in the order of their names."""
    rows = await reader.fetch(
        "SELECT policy_name, document FROM iam_inline_policies WHERE owner_id = $1 ORDER BY policy_name", owner_id
    )
    return [InlinePolicy(*row) for row in rows]


async def insert_version(tx: Transaction, version: PolicyVersion) -> int:
    """Add a version of a managed policy."""
    return await tx.execute(
        "INSERT INTO iam_policy_versions (policy_id, version, document, created_at) VALUES ($1, $2, $3, $4)",
        version.policy_id,
        version.version,
        version.document,
        version.created_at,
    )


async def versions_of(reader: Reader, policy_id: str) -> Sequence[PolicyVersion]:
    """Return the versions of a managed policy, newest first."""
    rows = await reader.fetch(
        """
        SELECT policy_id, version, document, created_at FROM iam_policy_versions
        WHERE policy_id = $1 ORDER BY version DESC
        """,
        policy_id,
    )
    return [PolicyVersion(*row) for row in rows]


async def count_versions(reader: Reader) -> int:
    """Return how many versions all managed policies have; the account's limits bound what is counted."""
    row = await reader.fetch_one("SELECT COUNT(version) FROM iam_policy_versions")
    return 0 if row is None else int(row[0])


async def delete_version(tx: Transaction, *, policy_id: str, version: int) -> int:
    """Remove a version of a managed policy."""
    return await tx.execute("DELETE FROM iam_policy_versions WHERE policy_id = $1 AND version = $2", policy_id, version)


async def attach(tx: Transaction, kind: Kind, *, owner_id: str, policy_id: str) -> int:
    """Attach a managed policy; 0 when it is attached already."""
    return await tx.execute(
        """
        INSERT INTO iam_attachments (owner_kind, owner_id, policy_id)
        VALUES ($1, $2, $3)
        ON CONFLICT (owner_kind, owner_id, policy_id) DO NOTHING
        """,
        kind.value,
        owner_id,
        policy_id,
    )


async def detach(tx: Transaction, kind: Kind, *, owner_id: str, policy_id: str) -> int:
    """Detach a managed policy; 0 when it was not attached."""
    return await tx.execute(
        "DELETE FROM iam_attachments WHERE owner_kind = $1 AND owner_id = $2 AND policy_id = $3",
        kind.value,
        owner_id,
        policy_id,
    )


async def attached_to(reader: Reader, kind: Kind, owner_id: str) -> Sequence[str]:
    """Return the ids of the managed policies that are attached to one owner."""
    rows = await reader.fetch(
        """
        SELECT policy_id FROM iam_attachments WHERE owner_kind = $1 AND owner_id = $2 ORDER BY policy_id
        """,
        kind.value,
        owner_id,
    )
    return [str(row[0]) for row in rows]


async def owners_of(reader: Reader, policy_id: str) -> Sequence[Entity]:
    """Return the users, groups and roles that a managed policy is attached to, in the order of their names."""
    rows = await reader.fetch(
        """
        SELECT e.kind, e.name, e.entity_id, e.path, e.created_at, e.updated_at, e.tags
        FROM iam_attachments a
        JOIN iam_entities e ON e.kind = a.owner_kind AND e.entity_id = a.owner_id
        WHERE a.owner_kind IN ('user', 'group', 'role') AND a.policy_id = $1
        ORDER BY e.kind, e.folded_name
        """,
        policy_id,
    )
    return [Entity(*row) for row in rows]


async def tallies(reader: Reader) -> dict[str, tuple[int, int]]:
    """Return, by policy id, how often each managed policy is attached and how many it bounds, where either is not 0."""
    rows = await reader.fetch(
        """
        SELECT t.policy_id, SUM(t.attached), SUM(t.bounded)
        FROM (
            SELECT a.policy_id, 1 AS attached, 0 AS bounded FROM iam_attachments a
            UNION ALL
            SELECT e.boundary_id, 0, 1 FROM iam_entities e WHERE e.boundary_id IS NOT NULL
        ) t
        GROUP BY t.policy_id
        """
    )
    return {str(row[0]): (int(row[1]), int(row[2])) for row in rows}


TABLES = (
    Table(
        name="iam_inline_policies",
        key=("owner_id", "policy_name"),
        owner="server",
        at_reset="DELETE FROM iam_inline_policies WHERE owner_id >= ''",
    ),
    Table(
        name="iam_policy_versions",
        key=("policy_id", "version"),
        owner="server",
        at_reset="DELETE FROM iam_policy_versions WHERE policy_id >= ''",
    ),
    Table(
        name="iam_attachments",
        key=("owner_kind", "owner_id", "policy_id"),
        owner="server",
        at_reset="DELETE FROM iam_attachments WHERE owner_kind >= ''",
    ),
)
