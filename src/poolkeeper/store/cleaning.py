"""SQL that removes: expired rows, and the rows of deleted pools, in batches of one small transaction each."""

from poolkeeper.clock import DAY, MINUTE
from poolkeeper.store.db import Transaction

BATCH = 500
_CLOCKS_APART = MINUTE


async def delete_expired(tx: Transaction, pool_id: str, *, now: int) -> bool:
    """Remove up to a batch from each table of a pool; True when there may be more.

    A process whose clock is behind may still take for good what has expired for this one (attacks.md part 4, rule 12):
    a nonce that was removed by then would let it be used twice.
    """
    stale = now - _CLOCKS_APART
    removed = (
        await tx.execute(
            """
            DELETE FROM codes WHERE pool_id = $1 AND (subject_id, purpose) IN (
                SELECT subject_id, purpose FROM codes WHERE pool_id = $1 AND expires_at < $2 LIMIT 500
            )
            """,
            pool_id,
            stale,
        ),
        await tx.execute(
            """
            DELETE FROM nonces WHERE pool_id = $1 AND nonce IN (
                SELECT nonce FROM nonces WHERE pool_id = $1 AND expires_at < $2 LIMIT 500
            )
            """,
            pool_id,
            stale,
        ),
        await tx.execute(
            """
            DELETE FROM sessions WHERE pool_id = $1 AND session_id IN (
                SELECT session_id FROM sessions WHERE pool_id = $1 AND expires_at < $2 LIMIT 500
            )
            """,
            pool_id,
            now - DAY,  # an access token, which lives for a day at the most, may outlive its session's refresh token
        ),
        await tx.execute(
            """
            DELETE FROM lockouts WHERE pool_id = $1 AND (subject_id, bucket) IN (
                SELECT subject_id, bucket FROM lockouts WHERE pool_id = $1 AND expires_at < $2 LIMIT 500
            )
            """,
            pool_id,
            stale,
        ),
        await tx.execute(
            """
            DELETE FROM hourly WHERE pool_id = $1 AND (subject_id, purpose) IN (
                SELECT subject_id, purpose FROM hourly WHERE pool_id = $1 AND expires_at < $2 LIMIT 500
            )
            """,
            pool_id,
            stale,
        ),
        await tx.execute(
            """
            DELETE FROM conversations WHERE pool_id = $1 AND conversation_id IN (
                SELECT conversation_id FROM conversations WHERE pool_id = $1 AND expires_at < $2 LIMIT 500
            )
            """,
            pool_id,
            stale,
        ),
    )
    return max(removed) >= BATCH


async def delete_pool_rows(tx: Transaction, pool_id: str) -> bool:
    """Remove up to a batch of a deleted pool's rows, the users last; True when there was anything to remove."""
    removed = (
        await tx.execute("DELETE FROM directory WHERE pool_id = $1", pool_id)
        + await tx.execute("DELETE FROM clients WHERE pool_id = $1", pool_id)
        + await tx.execute("DELETE FROM signing_keys WHERE pool_id = $1", pool_id)
        + await tx.execute("DELETE FROM tallies WHERE pool_id = $1", pool_id)
        + await tx.execute(
            """
            DELETE FROM codes WHERE pool_id = $1 AND (subject_id, purpose) IN (
                SELECT subject_id, purpose FROM codes WHERE pool_id = $1 LIMIT 500
            )
            """,
            pool_id,
        )
        + await tx.execute(
            """
            DELETE FROM nonces WHERE pool_id = $1 AND nonce IN (
                SELECT nonce FROM nonces WHERE pool_id = $1 LIMIT 500
            )
            """,
            pool_id,
        )
        + await tx.execute(
            """
            DELETE FROM sessions WHERE pool_id = $1 AND session_id IN (
                SELECT session_id FROM sessions WHERE pool_id = $1 LIMIT 500
            )
            """,
            pool_id,
        )
        + await tx.execute(
            """
            DELETE FROM lockouts WHERE pool_id = $1 AND (subject_id, bucket) IN (
                SELECT subject_id, bucket FROM lockouts WHERE pool_id = $1 LIMIT 500
            )
            """,
            pool_id,
        )
        + await tx.execute(
            """
            DELETE FROM hourly WHERE pool_id = $1 AND (subject_id, purpose) IN (
                SELECT subject_id, purpose FROM hourly WHERE pool_id = $1 LIMIT 500
            )
            """,
            pool_id,
        )
        + await tx.execute(
            """
            DELETE FROM password_history WHERE pool_id = $1 AND (user_id, credential_version) IN (
                SELECT user_id, credential_version FROM password_history WHERE pool_id = $1 LIMIT 500
            )
            """,
            pool_id,
        )
        + await tx.execute(
            """
            DELETE FROM conversations WHERE pool_id = $1 AND conversation_id IN (
                SELECT conversation_id FROM conversations WHERE pool_id = $1 LIMIT 500
            )
            """,
            pool_id,
        )
        + await tx.execute(
            """
            DELETE FROM software_tokens WHERE pool_id = $1 AND user_id IN (
                SELECT user_id FROM software_tokens WHERE pool_id = $1 LIMIT 500
            )
            """,
            pool_id,
        )
        + await tx.execute(
            """
            DELETE FROM devices WHERE pool_id = $1 AND (user_id, device_key) IN (
                SELECT user_id, device_key FROM devices WHERE pool_id = $1 LIMIT 500
            )
            """,
            pool_id,
        )
        + await tx.execute(
            """
            DELETE FROM passkeys WHERE pool_id = $1 AND credential_id IN (
                SELECT credential_id FROM passkeys WHERE pool_id = $1 LIMIT 500
            )
            """,
            pool_id,
        )
        + await tx.execute(
            """
            DELETE FROM aliases WHERE pool_id = $1 AND folded_value IN (
                SELECT folded_value FROM aliases WHERE pool_id = $1 LIMIT 500
            )
            """,
            pool_id,
        )
        + await tx.execute(
            """
            DELETE FROM user_attributes WHERE pool_id = $1 AND (attribute, folded_value, user_id) IN (
                SELECT attribute, folded_value, user_id FROM user_attributes WHERE pool_id = $1 LIMIT 500
            )
            """,
            pool_id,
        )
        + await tx.execute(
            """
            DELETE FROM memberships WHERE pool_id = $1 AND (user_id, group_id) IN (
                SELECT user_id, group_id FROM memberships WHERE pool_id = $1 LIMIT 500
            )
            """,
            pool_id,
        )
        + await tx.execute(
            """
            DELETE FROM groups WHERE pool_id = $1 AND group_name IN (
                SELECT group_name FROM groups WHERE pool_id = $1 LIMIT 500
            )
            """,
            pool_id,
        )
        + await tx.execute(
            """
            DELETE FROM users WHERE pool_id = $1 AND user_id IN (
                SELECT user_id FROM users WHERE pool_id = $1 LIMIT 500
            )
            """,
            pool_id,
        )
    )
    return removed > 0


async def delete_members(tx: Transaction, *, pool_id: str, group_id: str) -> bool:
    """Remove up to a batch of a deleted group's memberships; True when there may be more."""
    removed = await tx.execute(
        """
        DELETE FROM memberships WHERE pool_id = $1 AND (user_id, group_id) IN (
            SELECT user_id, group_id FROM memberships WHERE pool_id = $1 AND group_id = $2 LIMIT 500
        )
        """,
        pool_id,
        group_id,
    )
    return removed >= BATCH
