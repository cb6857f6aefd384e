"""SQL of the passwords that a user had before: hashes alone, by the version of the credential that they were."""

from poolkeeper.store.db import Reader, Transaction
from poolkeeper.store.table import Exported, Table, Walk


async def add(tx: Transaction, *, pool_id: str, user_id: str, version: int, password_hash: str) -> None:
    """Keep the hash of a password that is about to be replaced."""
    await tx.execute(
        """
        INSERT INTO password_history (pool_id, user_id, credential_version, password_hash) VALUES ($1, $2, $3, $4)
        ON CONFLICT (pool_id, user_id, credential_version) DO NOTHING
        """,
        pool_id,
        user_id,
        version,
        password_hash,
    )


async def forget(tx: Transaction, *, pool_id: str, user_id: str, up_to: int) -> int:
    """Drop the hashes of a user's oldest passwords, up to a version of the credential."""
    return await tx.execute(
        "DELETE FROM password_history WHERE pool_id = $1 AND user_id = $2 AND credential_version <= $3",
        pool_id,
        user_id,
        up_to,
    )


async def latest(reader: Reader, *, pool_id: str, user_id: str, limit: int) -> list[str]:
    """Return up to `limit` hashes of a user's passwords before the present one, newest first."""
    rows = await reader.fetch(
        """
        SELECT password_hash FROM password_history WHERE pool_id = $1 AND user_id = $2
        ORDER BY credential_version DESC LIMIT $3
        """,
        pool_id,
        user_id,
        limit,
    )
    return [row[0] for row in rows]


TABLE = Table(
    name="password_history",
    key=("pool_id", "user_id", "credential_version"),
    owner="user",
    of_a_user="DELETE FROM password_history WHERE pool_id = $1 AND user_id = $2",
    exported=Exported(
        ("credential_version",),
        """SELECT credential_version
           FROM password_history WHERE pool_id = $1 AND user_id = $2""",
    ),
    of_a_pool=Walk(
        start=("",),
        keys="SELECT user_id FROM password_history WHERE pool_id = $1 AND user_id > $2 ORDER BY user_id LIMIT 500",
        delete="DELETE FROM password_history WHERE pool_id = $1 AND user_id > $2 AND user_id <= $3",
    ),
    at_reset="DELETE FROM password_history WHERE pool_id >= ''",
)
