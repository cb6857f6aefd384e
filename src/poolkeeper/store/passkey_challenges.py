"""SQL of the challenges that browsers are to answer with a new passkey: one a user, the newest."""

import msgspec

from poolkeeper.store.db import Reader, Transaction
from poolkeeper.store.table import CLOCKS_APART, Expiring, Exported, Table, Walk


class Challenge(msgspec.Struct, frozen=True, gc=False):
    """The digest of a challenge, the app client that asked for it, and the version of the user's credential then."""

    digest: bytes
    client_id: str
    credential_version: int
    expires_at: int


async def put(
    tx: Transaction,
    *,
    pool_id: str,
    user_id: str,
    digest: bytes,
    client_id: str,
    credential_version: int,
    expires_at: int,
) -> None:
    """Make this the one that counts."""
    await tx.execute(
        """
        INSERT INTO passkey_challenges (pool_id, user_id, digest, client_id, credential_version, expires_at)
        VALUES ($1, $2, $3, $4, $5, $6)
        ON CONFLICT (pool_id, user_id) DO UPDATE SET
            digest = excluded.digest, client_id = excluded.client_id,
            credential_version = excluded.credential_version, expires_at = excluded.expires_at
        """,
        pool_id,
        user_id,
        digest,
        client_id,
        credential_version,
        expires_at,
    )


async def find(reader: Reader, *, pool_id: str, user_id: str) -> Challenge | None:
    """Return the challenge of a user."""
    row = await reader.fetch_one(
        "SELECT digest, client_id, credential_version, expires_at FROM passkey_challenges WHERE pool_id = $1 AND user_id = $2",
        pool_id,
        user_id,
    )
    return None if row is None else Challenge(*row)


async def spend(
    tx: Transaction, *, pool_id: str, user_id: str, digest: bytes, credential_version: int, now: int
) -> int:
    """Spend a challenge: of any number of callers one sees 1, the others 0."""
    return await tx.execute(
        """
        DELETE FROM passkey_challenges
        WHERE pool_id = $1 AND user_id = $2 AND digest = $3 AND credential_version = $4 AND expires_at > $5
        """,
        pool_id,
        user_id,
        digest,
        credential_version,
        now,
    )


TABLE = Table(
    name="passkey_challenges",
    key=("pool_id", "user_id"),
    owner="user",
    of_a_user="DELETE FROM passkey_challenges WHERE pool_id = $1 AND user_id = $2",
    exported=Exported(
        (
            "client_id",
            "expires_at",
        ),
        """SELECT client_id, expires_at
           FROM passkey_challenges WHERE pool_id = $1 AND user_id = $2""",
    ),
    of_a_pool=Walk(
        start=("",),
        keys="""SELECT user_id FROM passkey_challenges WHERE pool_id = $1 AND user_id > $2
                ORDER BY user_id LIMIT 500""",
        delete="DELETE FROM passkey_challenges WHERE pool_id = $1 AND user_id > $2 AND user_id <= $3",
    ),
    expiring=(
        Expiring(
            kept=CLOCKS_APART,
            delete="""DELETE FROM passkey_challenges WHERE pool_id = $1 AND user_id IN (
                          SELECT user_id FROM passkey_challenges
                          WHERE pool_id = $1 AND expires_at >= $2 AND expires_at < $3 ORDER BY expires_at LIMIT 100
                      ) RETURNING expires_at""",
        ),
    ),
    after_restore="""DELETE FROM passkey_challenges WHERE pool_id = $1 AND user_id IN (
                    SELECT user_id FROM passkey_challenges WHERE pool_id = $1 LIMIT 500
                )""",
    at_reset="DELETE FROM passkey_challenges WHERE pool_id >= ''",
)
