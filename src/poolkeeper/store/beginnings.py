"""SQL of what a sign-in begins with: pool, app client and user in one round trip; in watched pools with what is known of them."""

import msgspec

from poolkeeper.model.group import Membership
from poolkeeper.store.db import Reader
from poolkeeper.store.user_row import UserRow, memberships_of, user_of


class BeginningRow(msgspec.Struct, frozen=True, gc=False):
    """All that a sign-in begins with: the versions to compare, the user of the name, and what is counted of them.

    `bucket` is the device if it is a remembered one of the user, else empty; `locked_until` is the lock there.
    """

    pool: int
    client: int
    user: UserRow | None
    locked_until: int | None
    bucket: str
    memberships: tuple[Membership, ...]
    profile: bytes | None = None


async def by_client_and_name(
    reader: Reader, pool_id: str, client_id: str, folded: str, *, ghost_id: str, device_key: str
) -> BeginningRow | None:
    """Return all that a sign-in begins with, in its first round trip; None where pool or app client are not there.

    The lock is that of the user who holds the name, or of the ghost of the name. The statement answers a row for each group
    of the user, or one alone without any.
    """
    rows = await reader.fetch(
        """
        SELECT p.version, c.version,
               u.user_id, u.username, u.status, u.enabled, u.attributes, u.password_hash, u.srp_salt, u.srp_verifier,
               u.password_set_at, u.credential_version, u.version, u.created_at, u.updated_at, u.mfa,
               l.locked_until, g.group_name, g.precedence, g.role_arn, COALESCE(d.device_key, '')
        FROM pools p
        JOIN clients c ON c.pool_id = p.pool_id AND c.client_id = $2
        LEFT JOIN aliases a ON a.pool_id = p.pool_id AND a.folded_value = $3
        LEFT JOIN users u ON u.pool_id = a.pool_id AND u.user_id = a.user_id
        LEFT JOIN devices d
            ON d.pool_id = u.pool_id AND d.user_id = u.user_id AND d.device_key = $5 AND d.remembered = 1
        LEFT JOIN lockouts l
            ON l.pool_id = p.pool_id AND l.subject_id = COALESCE(u.user_id, $4) AND l.bucket = COALESCE(d.device_key, '')
        LEFT JOIN memberships m ON m.pool_id = u.pool_id AND m.user_id = u.user_id
        LEFT JOIN groups g ON g.pool_id = m.pool_id AND g.group_id = m.group_id
        WHERE p.pool_id = $1 AND p.state = 'ACTIVE'
        """,
        pool_id,
        client_id,
        folded,
        ghost_id,
        device_key,
    )
    if not rows:
        return None
    first = rows[0]
    return BeginningRow(first[0], first[1], user_of(first, 2), first[16], first[20], memberships_of(rows, 17))


async def by_client_and_name_watched(
    reader: Reader, pool_id: str, client_id: str, folded: str, *, ghost_id: str, device_key: str
) -> BeginningRow | None:
    """Return what `by_client_and_name` does, and what the user's sign-ins taught: in a pool with threat protection."""
    rows = await reader.fetch(
        """
        SELECT p.version, c.version,
               u.user_id, u.username, u.status, u.enabled, u.attributes, u.password_hash, u.srp_salt, u.srp_verifier,
               u.password_set_at, u.credential_version, u.version, u.created_at, u.updated_at, u.mfa,
               l.locked_until, g.group_name, g.precedence, g.role_arn, COALESCE(d.device_key, ''), h.document
        FROM pools p
        JOIN clients c ON c.pool_id = p.pool_id AND c.client_id = $2
        LEFT JOIN aliases a ON a.pool_id = p.pool_id AND a.folded_value = $3
        LEFT JOIN users u ON u.pool_id = a.pool_id AND u.user_id = a.user_id
        LEFT JOIN devices d
            ON d.pool_id = u.pool_id AND d.user_id = u.user_id AND d.device_key = $5 AND d.remembered = 1
        LEFT JOIN lockouts l
            ON l.pool_id = p.pool_id AND l.subject_id = COALESCE(u.user_id, $4) AND l.bucket = COALESCE(d.device_key, '')
        LEFT JOIN auth_history h
            ON h.pool_id = p.pool_id AND h.user_id = COALESCE(u.user_id, $4) AND h.at = 0 AND h.event_id = ''
        LEFT JOIN memberships m ON m.pool_id = u.pool_id AND m.user_id = u.user_id
        LEFT JOIN groups g ON g.pool_id = m.pool_id AND g.group_id = m.group_id
        WHERE p.pool_id = $1 AND p.state = 'ACTIVE'
        """,
        pool_id,
        client_id,
        folded,
        ghost_id,
        device_key,
    )
    if not rows:
        return None
    first = rows[0]
    profile = None if first[21] is None else bytes(first[21])
    return BeginningRow(first[0], first[1], user_of(first, 2), first[16], first[20], memberships_of(rows, 17), profile)
