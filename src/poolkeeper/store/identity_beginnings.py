"""SQL of what a call for an identity begins with: both pools, and whom the login leads to, in one round trip."""

import msgspec

from poolkeeper.model.identity import Identity
from poolkeeper.store.db import Reader


class IdentityBeginning(msgspec.Struct, frozen=True, gc=False):
    """The versions of both pools, and the identity that the login is linked to; None where there is none of them."""

    identity_pool: int
    user_pool: int | None
    identity: Identity | None


async def of_login(
    reader: Reader, *, identity_pool_id: str, user_pool_id: str, provider: str, subject: str
) -> IdentityBeginning | None:
    """Return what a login of a user pool begins with; None where the identity pool is not there."""
    row = await reader.fetch_one(
        """
        SELECT ip.version, p.version,
               i.identity_id, i.guest, i.merged_into, i.version, i.created_at, i.updated_at, i.used_at
        FROM identity_pools ip
        LEFT JOIN pools p ON p.pool_id = $2 AND p.state = 'ACTIVE'
        LEFT JOIN logins l ON l.identity_pool_id = ip.identity_pool_id AND l.provider = $3 AND l.subject = $4
        LEFT JOIN identities i ON i.identity_pool_id = l.identity_pool_id AND i.identity_id = l.identity_id
        WHERE ip.identity_pool_id = $1 AND ip.state = 'ACTIVE'
        """,
        identity_pool_id,
        user_pool_id,
        provider,
        subject,
    )
    if row is None:
        return None
    linked = row[2] is not None
    identity = Identity(row[2], bool(row[3]), row[4], row[5], row[6], row[7], row[8]) if linked else None
    return IdentityBeginning(row[0], row[1], identity)
