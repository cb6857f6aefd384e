"""SQL of users."""

import msgspec

from poolkeeper.store import search
from poolkeeper.store.db import Database, Reader, Transaction
from poolkeeper.store.table import Exported, Sealed, Table, Walk
from poolkeeper.store.user_row import UserRow, user_of


class NamedRow(msgspec.Struct, frozen=True, gc=False):
    """A pool's version, and the user who holds a name in it."""

    pool: int
    user: UserRow | None


async def insert(
    tx: Transaction,
    *,
    pool_id: str,
    user_id: str,
    username: str,
    status: str,
    attributes: str,
    password_hash: str | None,
    srp_salt: bytes | None,
    srp_verifier: bytes | None,
    password_set_at: int | None,
    own_word: str | None,
    now: int,
) -> None:
    """Add a user; the names that they answer to are claimed beside this in the same transaction.

    `own_word` are the addresses that they have by their own word, as the column has them.
    """
    await tx.execute(
        """
        INSERT INTO users (pool_id, user_id, username, status, enabled, attributes, password_hash, srp_salt,
                           srp_verifier, password_set_at, credential_version, version, created_at, updated_at, own_word)
        VALUES ($1, $2, $3, $4, 1, $5, $6, $7, $8, $9, 1, 1, $10, $10, $11)
        """,
        pool_id,
        user_id,
        username,
        status,
        attributes,
        password_hash,
        srp_salt,
        srp_verifier,
        password_set_at,
        now,
        own_word,
    )
    await search.add(tx, pool_id=pool_id, user_id=user_id, username=username, attributes=attributes)


async def by_id(reader: Reader, pool_id: str, user_id: str) -> UserRow | None:
    """Return a user by their sub."""
    row = await reader.fetch_one(
        """
        SELECT u.user_id, u.username, u.status, u.enabled, u.attributes, u.password_hash, u.srp_salt, u.srp_verifier,
               u.password_set_at, u.credential_version, u.version, u.created_at, u.updated_at, u.mfa
        FROM users u WHERE u.pool_id = $1 AND u.user_id = $2
        """,
        pool_id,
        user_id,
    )
    return None if row is None else UserRow(*row)


async def by_name(reader: Reader, pool_id: str, folded: str) -> NamedRow | None:
    """Return the version of a pool and the user who holds a sign-in name there."""
    row = await reader.fetch_one(
        """
        SELECT p.version,
               u.user_id, u.username, u.status, u.enabled, u.attributes, u.password_hash, u.srp_salt, u.srp_verifier,
               u.password_set_at, u.credential_version, u.version, u.created_at, u.updated_at, u.mfa
        FROM pools p
        LEFT JOIN aliases a ON a.pool_id = p.pool_id AND a.folded_value = $2
        LEFT JOIN users u ON u.pool_id = a.pool_id AND u.user_id = a.user_id
        WHERE p.pool_id = $1 AND p.state = 'ACTIVE'
        """,
        pool_id,
        folded,
    )
    return None if row is None else NamedRow(row[0], user_of(row, 1))


async def set_status(
    tx: Transaction,
    *,
    pool_id: str,
    user_id: str,
    expected: str,
    status: str,
    attributes: str,
    credentials: int,
    version: int,
    now: int,
) -> int:
    """Move a user from one status to another, with their attributes as they are then; 0 when they have changed since.

    `credentials` is by how much the version of their credential rises, so that what was proved by it before is worth
    nothing.
    """
    before = await search.held(tx, pool_id=pool_id, user_id=user_id, version=version)
    changed = await tx.execute(
        """
        UPDATE users
        SET status = $4, attributes = $5, credential_version = credential_version + $8, version = version + 1,
            updated_at = $6
        WHERE pool_id = $1 AND user_id = $2 AND status = $3 AND version = $7
        """,
        pool_id,
        user_id,
        expected,
        status,
        attributes,
        now,
        version,
        credentials,
    )
    if changed == 1 and before is not None:
        await search.follow(tx, pool_id=pool_id, user_id=user_id, before=before, attributes=attributes)
    return changed


async def set_attributes(
    tx: Transaction, *, pool_id: str, user_id: str, attributes: str, version: int, now: int
) -> int:
    """Store a user's attributes if nothing about them has changed since `version`."""
    before = await search.held(tx, pool_id=pool_id, user_id=user_id, version=version)
    changed = await tx.execute(
        """
        UPDATE users SET attributes = $3, version = version + 1, updated_at = $4
        WHERE pool_id = $1 AND user_id = $2 AND version = $5
        """,
        pool_id,
        user_id,
        attributes,
        now,
        version,
    )
    if changed == 1 and before is not None:
        await search.follow(tx, pool_id=pool_id, user_id=user_id, before=before, attributes=attributes)
    return changed


async def set_credential(
    tx: Transaction,
    *,
    pool_id: str,
    user_id: str,
    status: str,
    attributes: str,
    password_hash: str,
    srp_salt: bytes | None,
    srp_verifier: bytes | None,
    version: int,
    now: int,
) -> int:
    """Store a new password, and the status that comes with it, if nothing has changed since `version`."""
    before = await search.held(tx, pool_id=pool_id, user_id=user_id, version=version)
    changed = await tx.execute(
        """
        UPDATE users
        SET status = $3, attributes = $4, password_hash = $5, srp_salt = $6, srp_verifier = $7, password_set_at = $8,
            credential_version = credential_version + 1, version = version + 1, updated_at = $8
        WHERE pool_id = $1 AND user_id = $2 AND version = $9
        """,
        pool_id,
        user_id,
        status,
        attributes,
        password_hash,
        srp_salt,
        srp_verifier,
        now,
        version,
    )
    if changed == 1 and before is not None:
        await search.follow(tx, pool_id=pool_id, user_id=user_id, before=before, attributes=attributes)
    return changed


async def own_word(reader: Reader, *, pool_id: str, user_id: str) -> str | None:
    """Return the addresses that a user has by their own word, as the column has them."""
    row = await reader.fetch_one("SELECT own_word FROM users WHERE pool_id = $1 AND user_id = $2", pool_id, user_id)
    return None if row is None else row[0]


async def set_own_word(tx: Transaction, *, pool_id: str, user_id: str, own_word: str | None) -> int:
    """Store which addresses a user has by their own word; what is shown of the user stays as it is."""
    return await tx.execute(
        "UPDATE users SET own_word = CAST($3 AS text) WHERE pool_id = $1 AND user_id = $2", pool_id, user_id, own_word
    )


async def drop_credential(tx: Transaction, *, pool_id: str, user_id: str, version: int, now: int) -> int:
    """Leave a user without a password and second factors if nothing about them has changed since `version`."""
    return await tx.execute(
        """
        UPDATE users
        SET password_hash = NULL, srp_salt = NULL, srp_verifier = NULL, password_set_at = NULL, mfa = NULL,
            credential_version = credential_version + 1, version = version + 1, updated_at = $4
        WHERE pool_id = $1 AND user_id = $2 AND version = $3
        """,
        pool_id,
        user_id,
        version,
        now,
    )


async def leave_to_providers(tx: Transaction, *, pool_id: str, user_id: str, version: int, now: int) -> int:
    """Leave a user without a password, for identity providers alone, if nothing about them has changed since `version`."""
    return await tx.execute(
        """
        UPDATE users
        SET status = 'EXTERNAL_PROVIDER', password_hash = NULL, srp_salt = NULL, srp_verifier = NULL,
            password_set_at = NULL, credential_version = credential_version + 1, version = version + 1, updated_at = $4
        WHERE pool_id = $1 AND user_id = $2 AND version = $3
        """,
        pool_id,
        user_id,
        version,
        now,
    )


async def set_verifier(
    db: Database, *, pool_id: str, user_id: str, srp_salt: bytes, srp_verifier: bytes, credential_version: int
) -> int:
    """Store the verifier of the password of `credential_version`, if there is none yet."""
    return await db.execute(
        """
        UPDATE users SET srp_salt = $3, srp_verifier = $4
        WHERE pool_id = $1 AND user_id = $2 AND credential_version = $5 AND srp_verifier IS NULL
        """,
        pool_id,
        user_id,
        srp_salt,
        srp_verifier,
        credential_version,
    )


async def set_mfa(tx: Transaction, *, pool_id: str, user_id: str, mfa: str | None, version: int, now: int) -> int:
    """Store a user's second factors if nothing about them has changed since `version`."""
    return await tx.execute(
        """
        UPDATE users SET mfa = CAST($3 AS text), version = version + 1, updated_at = $4
        WHERE pool_id = $1 AND user_id = $2 AND version = $5
        """,
        pool_id,
        user_id,
        mfa,
        now,
        version,
    )


async def set_enabled(tx: Transaction, *, pool_id: str, user_id: str, enabled: bool, now: int) -> int:
    """Let a user in or keep them out; 0 when there is no such user."""
    return await tx.execute(
        """
        UPDATE users SET enabled = $3, version = version + 1, updated_at = $4 WHERE pool_id = $1 AND user_id = $2
        """,
        pool_id,
        user_id,
        int(enabled),
        now,
    )


TABLE = Table(
    name="users",
    key=("pool_id", "user_id"),
    owner="user",
    of_a_user="DELETE FROM users WHERE pool_id = $1 AND user_id = $2 RETURNING username, attributes",
    exported=Exported(
        (
            "username",
            "status",
            "enabled",
            "attributes",
            "password_set_at",
            "mfa",
            "own_word",
            "created_at",
            "updated_at",
        ),
        """SELECT username, status, enabled, attributes, password_set_at, mfa, own_word, created_at, updated_at
           FROM users WHERE pool_id = $1 AND user_id = $2""",
    ),
    of_a_pool=Walk(
        start=("",),
        keys="SELECT user_id FROM users WHERE pool_id = $1 AND user_id > $2 ORDER BY user_id LIMIT 500",
        delete="DELETE FROM users WHERE pool_id = $1 AND user_id > $2 AND user_id <= $3",
    ),
    sealed=(
        Sealed(
            "srp_verifier",
            start=("", ""),
            walk="""SELECT pool_id, user_id, srp_verifier FROM users
                    WHERE pool_id > $1 OR (pool_id = $1 AND user_id > $2) ORDER BY pool_id, user_id LIMIT $3""",
            put="UPDATE users SET srp_verifier = $3 WHERE pool_id = $1 AND user_id = $2 AND srp_verifier = $4",
        ),
    ),
    at_reset="DELETE FROM users WHERE pool_id >= ''",
)
