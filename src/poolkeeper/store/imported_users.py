"""SQL of users who were imported, many at once; and of hashes that came with them, until the house's own takes their place."""

from collections.abc import Sequence

import msgspec
from msgspec.structs import astuple

from poolkeeper.store.db import Database, Reader, Transaction


class ImportedUser(msgspec.Struct, frozen=True, gc=False):
    """A user about to be written, with what a file says of them; `attributes`, `own_word` and `mfa` are as their columns have them."""

    user_id: str
    username: str
    status: str
    attributes: str
    password_hash: str | None
    password_set_at: int | None
    own_word: str | None
    mfa: str | None


async def insert_each(tx: Transaction, *, pool_id: str, users: Sequence[ImportedUser], now: int) -> None:
    """Add users; the names that they answer to are claimed in the same transaction."""
    await tx.fetch_each(
        """
        INSERT INTO users (pool_id, user_id, username, status, enabled, attributes, password_hash, password_set_at,
                           credential_version, version, created_at, updated_at, own_word, mfa)
        VALUES ($1, $3, $4, $5, 1, $6, $7, $8, 1, 1, $2, $2, $9, $10)
        """,
        [(pool_id, now, *astuple(user)) for user in users],
    )


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
