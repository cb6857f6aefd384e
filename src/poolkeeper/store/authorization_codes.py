"""SQL of authorization codes: what an app exchanges for the tokens of a person who was admitted."""

import msgspec

from poolkeeper.clock import DAY, MINUTE
from poolkeeper.store.db import Reader, Transaction
from poolkeeper.store.table import CLOCKS_APART, Expiring, Exported, Sealed, Table, Walk

# Unspent codes are looked for among the newest alone, those of two rounds of the worker, since spent ones stand among
# them. One that is missed goes with the spent ones.
LOOKED_BACK = 20 * MINUTE


class CodeRow(msgspec.Struct, frozen=True, gc=False):
    """One code: `document` is sealed, `session_id` the session that was opened from it once it is spent."""

    document: bytes
    browser_session_id: str
    expires_at: int
    spent_at: int | None
    session_id: str | None


async def insert(
    tx: Transaction, *, pool_id: str, code: str, document: bytes, user_id: str, browser_session_id: str, expires_at: int
) -> None:
    """Keep a code, by its digest."""
    await tx.execute(
        """
        INSERT INTO authorization_codes (pool_id, code, document, user_id, browser_session_id, expires_at)
        VALUES ($1, $2, $3, $4, $5, $6)
        """,
        pool_id,
        code,
        document,
        user_id,
        browser_session_id,
        expires_at,
    )


async def find(reader: Reader, *, pool_id: str, code: str) -> CodeRow | None:
    """Return what is known of a code, spent or not."""
    row = await reader.fetch_one(
        """
        SELECT document, browser_session_id, expires_at, spent_at, session_id
        FROM authorization_codes WHERE pool_id = $1 AND code = $2
        """,
        pool_id,
        code,
    )
    return None if row is None else CodeRow(bytes(row[0]), row[1], row[2], row[3], row[4])


async def spend(tx: Transaction, *, pool_id: str, code: str, session_id: str, now: int) -> bool:
    """Spend a code for a session, in the transaction that opens it; False when it is spent, or what it came from ended."""
    spent = await tx.execute(
        """
        UPDATE authorization_codes SET spent_at = $4, session_id = $3
        WHERE pool_id = $1 AND code = $2 AND spent_at IS NULL AND expires_at > $4
          AND NOT EXISTS (
              SELECT 1 FROM browser_sessions b
              WHERE b.pool_id = authorization_codes.pool_id AND b.session_id = authorization_codes.browser_session_id
                AND b.revoked_at IS NOT NULL
          )
        """,
        pool_id,
        code,
        session_id,
        now,
    )
    return spent == 1


async def drop_open(tx: Transaction, *, pool_id: str, user_id: str) -> int:
    """Drop the codes of a user that nobody has exchanged."""
    return await tx.execute(
        "DELETE FROM authorization_codes WHERE pool_id = $1 AND user_id = $2 AND spent_at IS NULL", pool_id, user_id
    )


TABLE = Table(
    name="authorization_codes",
    key=("pool_id", "code"),
    owner="user",
    of_a_user="DELETE FROM authorization_codes WHERE pool_id = $1 AND user_id = $2",
    exported=Exported(
        (
            "expires_at",
            "spent_at",
        ),
        """SELECT expires_at, spent_at
           FROM authorization_codes WHERE pool_id = $1 AND user_id = $2""",
    ),
    of_a_pool=Walk(
        start=("",),
        keys="SELECT code FROM authorization_codes WHERE pool_id = $1 AND code > $2 ORDER BY code LIMIT 500",
        delete="DELETE FROM authorization_codes WHERE pool_id = $1 AND code > $2 AND code <= $3",
    ),
    expiring=(
        Expiring(
            kept=DAY,  # a spent code that is shown again after that finds nothing left to end
            delete="""DELETE FROM authorization_codes WHERE pool_id = $1 AND code IN (
                          SELECT code FROM authorization_codes
                          WHERE pool_id = $1 AND expires_at >= $2 AND expires_at < $3 ORDER BY expires_at LIMIT 100
                      ) RETURNING expires_at""",
        ),
        Expiring(
            kept=CLOCKS_APART,  # nobody exchanged it
            delete="""DELETE FROM authorization_codes WHERE pool_id = $1 AND code IN (
                          SELECT code FROM authorization_codes
                          WHERE pool_id = $1 AND expires_at >= $2 AND expires_at < $3 AND spent_at IS NULL ORDER BY expires_at LIMIT 100
                      ) RETURNING expires_at""",
            looked_back=LOOKED_BACK,
        ),
    ),
    sealed=(
        Sealed(
            "document",
            start=("", ""),
            walk="""SELECT pool_id, code, document FROM authorization_codes
                    WHERE pool_id > $1 OR (pool_id = $1 AND code > $2) ORDER BY pool_id, code LIMIT $3""",
            put="UPDATE authorization_codes SET document = $3 WHERE pool_id = $1 AND code = $2 AND document = $4",
        ),
    ),
    after_restore="""DELETE FROM authorization_codes WHERE pool_id = $1 AND code IN (
                    SELECT code FROM authorization_codes WHERE pool_id = $1 LIMIT 500
                )""",
    at_reset="DELETE FROM authorization_codes WHERE pool_id >= ''",
)
