"""SQL of what a call for an identity begins with: both pools, whom the login leads to, and a role, in one round trip."""

import msgspec

from poolkeeper.model.iam import Entity, folded
from poolkeeper.model.identity import Identity
from poolkeeper.store.db import Reader


class IdentityBeginning(msgspec.Struct, frozen=True, gc=False):
    """The versions of both pools, the identity that the login is linked to, and the role; None where there is none of them."""

    identity_pool: int
    user_pool: int | None
    identity: Identity | None
    role: Entity | None


async def of_login(
    reader: Reader, *, identity_pool_id: str, user_pool_id: str, provider: str, subject: str, role_name: str
) -> IdentityBeginning | None:
    """Return what a login of a user pool begins with; None where the identity pool is not there.

    `role_name` is a role that the call may lead to, empty where it leads to none.
    """
    row = await reader.fetch_one(
        """
        SELECT ip.version, p.version,
               i.identity_id, i.guest, i.merged_into, i.version, i.created_at, i.updated_at, i.used_at,
               e.kind, e.name, e.entity_id, e.path, e.created_at, e.updated_at, e.tags, e.description, e.trust_policy,
               e.max_session_seconds, e.boundary_id, e.issued_before, e.default_version, e.newest_version, e.last_used_at,
               e.last_used_region
        FROM identity_pools ip
        LEFT JOIN pools p ON p.pool_id = $2 AND p.state = 'ACTIVE'
        LEFT JOIN logins l ON l.identity_pool_id = ip.identity_pool_id AND l.provider = $3 AND l.subject = $4
        LEFT JOIN identities i ON i.identity_pool_id = l.identity_pool_id AND i.identity_id = l.identity_id
        LEFT JOIN iam_entities e ON e.kind = 'role' AND e.folded_name = $5 AND e.name = $6
        WHERE ip.identity_pool_id = $1 AND ip.state = 'ACTIVE'
        """,
        identity_pool_id,
        user_pool_id,
        provider,
        subject,
        folded(role_name),
        role_name,
    )
    if row is None:
        return None
    identity = None if row[2] is None else Identity(row[2], bool(row[3]), row[4], row[5], row[6], row[7], row[8])
    role = None if row[9] is None else Entity(*row[9:25])
    return IdentityBeginning(row[0], row[1], identity, role)
