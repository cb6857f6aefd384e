"""SQL of sessions: the rows that every user token belongs to, and the nonces of spent challenge states."""

from collections.abc import Sequence

from poolkeeper.store.db import Database, Reader, Row, Transaction


async def open_if_allowed(
    reader: Database | Transaction,
    *,
    pool_id: str,
    session_id: str,
    user_id: str,
    client_id: str,
    event_id: str,
    factors: str,
    device_key: str | None,
    acr: str | None,
    credential_version: int,
    status: str,
    mfa: str,
    now: int,
    expires_at: int,
) -> bool:
    """Open a session if, at this very moment, its user may have one: the last check before tokens (attacks.md 25, 32).

    The user must be enabled and not locked, with the status, the credential and the second factors (`mfa`, empty for
    none) that the proofs were judged by; pool and client must be there.
    """
    opened = await reader.execute(
        """
        INSERT INTO sessions (pool_id, session_id, user_id, client_id, event_id, auth_time, expires_at, generation,
                              factors, device_key, acr)
        SELECT u.pool_id, CAST($3 AS text), u.user_id, c.client_id, CAST($5 AS text), CAST($6 AS bigint),
               CAST($7 AS bigint), 0, CAST($9 AS text), CAST($10 AS text), CAST($11 AS text)
        FROM users u
        JOIN pools p ON p.pool_id = u.pool_id AND p.state = 'ACTIVE'
        JOIN clients c ON c.pool_id = u.pool_id AND c.client_id = $4
        WHERE u.pool_id = $1 AND u.user_id = $2 AND u.enabled = 1 AND u.status = $12
          AND u.credential_version = $8 AND COALESCE(u.mfa, '') = $13
          AND NOT EXISTS (
              SELECT 1 FROM lockouts l
              WHERE l.pool_id = u.pool_id AND l.subject_id = u.user_id AND l.bucket = '' AND l.locked_until > $6
          )
        """,
        pool_id,
        user_id,
        session_id,
        client_id,
        event_id,
        now,
        expires_at,
        credential_version,
        factors,
        device_key,
        acr,
        status,
        mfa,
    )
    return opened == 1


async def with_user(reader: Reader, pool_id: str, session_id: str) -> Sequence[Row]:
    """Return (versions of pool and client), the session, its user, and (name, precedence, role) of a group.

    What a token's bearer is now, in one reading: one row for each group that the user is in, or one alone without any.
    """
    return await reader.fetch(
        """
        SELECT p.version, c.version,
               s.session_id, s.user_id, s.client_id, s.event_id, s.auth_time, s.expires_at, s.revoked_at,
               s.generation, s.rotated_at, s.factors, s.device_key, s.acr,
               u.user_id, u.username, u.status, u.enabled, u.attributes, u.password_hash, u.srp_salt, u.srp_verifier,
               u.password_set_at, u.credential_version, u.version, u.created_at, u.updated_at, u.mfa,
               g.group_name, g.precedence, g.role_arn
        FROM sessions s
        JOIN pools p ON p.pool_id = s.pool_id AND p.state = 'ACTIVE'
        JOIN clients c ON c.pool_id = s.pool_id AND c.client_id = s.client_id
        JOIN users u ON u.pool_id = s.pool_id AND u.user_id = s.user_id
        LEFT JOIN memberships m ON m.pool_id = u.pool_id AND m.user_id = u.user_id
        LEFT JOIN groups g ON g.pool_id = m.pool_id AND g.group_id = m.group_id
        WHERE s.pool_id = $1 AND s.session_id = $2
        """,
        pool_id,
        session_id,
    )


async def revoke(writer: Database | Transaction, *, pool_id: str, session_id: str, now: int) -> int:
    """End one session."""
    return await writer.execute(
        "UPDATE sessions SET revoked_at = $3 WHERE pool_id = $1 AND session_id = $2 AND revoked_at IS NULL",
        pool_id,
        session_id,
        now,
    )


async def revoke_all(writer: Database | Transaction, *, pool_id: str, user_id: str, now: int, but: str = "") -> int:
    """End every session of a user, `but` one where it is named."""
    return await writer.execute(
        """
        UPDATE sessions SET revoked_at = $3
        WHERE pool_id = $1 AND user_id = $2 AND session_id <> $4 AND revoked_at IS NULL
        """,
        pool_id,
        user_id,
        now,
        but,
    )


async def rotate(writer: Database | Transaction, *, pool_id: str, session_id: str, generation: int, now: int) -> int:
    """Move a session on to the next generation of its refresh token, unless somebody else just did."""
    return await writer.execute(
        """
        UPDATE sessions SET generation = generation + 1, rotated_at = $4
        WHERE pool_id = $1 AND session_id = $2 AND generation = $3 AND revoked_at IS NULL
        """,
        pool_id,
        session_id,
        generation,
        now,
    )


async def spend(tx: Transaction, *, pool_id: str, nonce: str, expires_at: int) -> bool:
    """Spend a sealed challenge state; False when it was spent before."""
    spent = await tx.execute(
        """
        INSERT INTO nonces (pool_id, nonce, expires_at) VALUES ($1, $2, $3)
        ON CONFLICT (pool_id, nonce) DO NOTHING
        """,
        pool_id,
        nonce,
        expires_at,
    )
    return spent == 1


async def spent(reader: Reader, *, pool_id: str, nonce: str) -> bool:
    """Say whether a sealed challenge state has been spent."""
    row = await reader.fetch_one("SELECT expires_at FROM nonces WHERE pool_id = $1 AND nonce = $2", pool_id, nonce)
    return row is not None
