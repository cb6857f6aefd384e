"""SQL of users whose passwords' hashes were imported: until one is shown, and the house's own takes its place."""

from poolkeeper.store.db import Database, Reader


async def take_over(
    db: Database,
    *,
    pool_id: str,
    user_id: str,
    imported: str,
    password_hash: str,
    srp_salt: bytes | None,
    srp_verifier: bytes | None,
    credential_version: int,
) -> int:
    """Store the house's own hash and verifier of a password in the place of one that was imported; the password is the same."""
    return await db.execute(
        """
        UPDATE users SET password_hash = $3, srp_salt = $4, srp_verifier = $5
        WHERE pool_id = $1 AND user_id = $2 AND password_hash = $6 AND credential_version = $7
        """,
        pool_id,
        user_id,
        password_hash,
        srp_salt,
        srp_verifier,
        imported,
        credential_version,
    )


async def any_waits(reader: Reader, pool_id: str) -> bool:
    """Say whether a user of a pool has a hash that was imported, and has not shown the password yet."""
    row = await reader.fetch_one(
        """
        SELECT 1 FROM users WHERE pool_id = $1 AND SUBSTR(password_hash, 1, 9) = 'imported:' LIMIT 1
        """,
        pool_id,
    )
    return row is not None
