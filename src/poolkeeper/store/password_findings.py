"""SQL of what a service of breached passwords said of users' passwords, asked for after a sign-in."""

import msgspec

from poolkeeper.store.db import Database, Reader
from poolkeeper.store.table import Exported, Table, Walk


class FindingRow(msgspec.Struct, frozen=True, gc=False):
    """What was said of the password that the credential of this version has; `compromised` is 0 or 1."""

    credential_version: int
    compromised: int
    asked_at: int


async def find(reader: Reader, *, pool_id: str, user_id: str) -> FindingRow | None:
    """Return what was said of a user's password, of whatever version."""
    row = await reader.fetch_one(
        """
        SELECT credential_version, compromised, asked_at FROM password_findings WHERE pool_id = $1 AND user_id = $2
        """,
        pool_id,
        user_id,
    )
    return None if row is None else FindingRow(*row)


async def keep(
    db: Database, *, pool_id: str, user_id: str, credential_version: int, compromised: bool, asked_at: int
) -> int:
    """Keep what was said, as long as the user is there and the password is that one still."""
    return await db.execute(
        """
        INSERT INTO password_findings (pool_id, user_id, credential_version, compromised, asked_at)
        SELECT pool_id, user_id, credential_version, CAST($4 AS bigint), CAST($5 AS bigint) FROM users
        WHERE pool_id = $1 AND user_id = $2 AND credential_version = $3
        ON CONFLICT (pool_id, user_id) DO UPDATE SET
            credential_version = excluded.credential_version,
            compromised = excluded.compromised,
            asked_at = excluded.asked_at
        """,
        pool_id,
        user_id,
        credential_version,
        int(compromised),
        asked_at,
    )


TABLE = Table(
    name="password_findings",
    key=("pool_id", "user_id"),
    owner="user",
    of_a_user="DELETE FROM password_findings WHERE pool_id = $1 AND user_id = $2",
    exported=Exported(
        (
            "compromised",
            "asked_at",
        ),
        """SELECT compromised, asked_at
           FROM password_findings WHERE pool_id = $1 AND user_id = $2""",
    ),
    of_a_pool=Walk(
        start=("",),
        keys="SELECT user_id FROM password_findings WHERE pool_id = $1 AND user_id > $2 ORDER BY user_id LIMIT 500",
        delete="DELETE FROM password_findings WHERE pool_id = $1 AND user_id > $2 AND user_id <= $3",
    ),
    at_reset="DELETE FROM password_findings WHERE pool_id >= ''",
)
