"""SQL of browser sessions: sign-ins by the pages, which the app clients of a pool may go on from."""

import msgspec

from poolkeeper.clock import HOUR
from poolkeeper.store.db import Database, Reader, Transaction
from poolkeeper.store.table import Expiring, Exported, Table, Walk


class BrowserSessionRow(msgspec.Struct, frozen=True, gc=False):
    """One browser session that has not ended; `factors` are separated by blanks, times are milliseconds.

    `provider_session` is JSON.
    """

    session_id: str
    digest: str
    user_id: str
    factors: str
    began: str
    auth_time: int
    credential_version: int
    opened_at: int
    expires_at: int
    provider_session: str | None = None


class Begun(msgspec.Struct, frozen=True, gc=False):
    """A browser session that began at an identity provider, and what that calls its own (JSON)."""

    session_id: str
    provider_session: str | None


async def begun_at(reader: Reader, *, pool_id: str, user_id: str, began: str, now: int) -> list[Begun]:
    """Return the browser sessions of a user that began in one way and can still be gone on from."""
    rows = await reader.fetch(
        """
        SELECT session_id, provider_session FROM browser_sessions
        WHERE pool_id = $1 AND user_id = $2 AND began = $3 AND revoked_at IS NULL AND expires_at > $4
        """,
        pool_id,
        user_id,
        began,
        now,
    )
    return [Begun(*row) for row in rows]


async def insert(tx: Transaction, *, pool_id: str, row: BrowserSessionRow, address: str, user_agent: str) -> None:
    """Keep that a browser has signed in."""
    await tx.execute(
        """
        INSERT INTO browser_sessions (pool_id, session_id, digest, user_id, factors, began, auth_time,
                                      credential_version, opened_at, seen_at, expires_at, address, user_agent,
                                      provider_session)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $9, $10, $11, $12, CAST($13 AS text))
        """,
        pool_id,
        row.session_id,
        row.digest,
        row.user_id,
        row.factors,
        row.began,
        row.auth_time,
        row.credential_version,
        row.opened_at,
        row.expires_at,
        address,
        user_agent,
        row.provider_session,
    )


async def find(reader: Reader, *, pool_id: str, session_id: str, now: int) -> BrowserSessionRow | None:
    """Return a browser session that has neither ended nor expired, and whose user has the credential that it began with."""
    row = await reader.fetch_one(
        """
        SELECT b.session_id, b.digest, b.user_id, b.factors, b.began, b.auth_time, b.credential_version, b.opened_at,
               b.expires_at, b.provider_session
        FROM browser_sessions b
        JOIN users u ON u.pool_id = b.pool_id AND u.user_id = b.user_id
            AND u.credential_version = b.credential_version
        WHERE b.pool_id = $1 AND b.session_id = $2 AND b.revoked_at IS NULL AND b.expires_at > $3
        """,
        pool_id,
        session_id,
        now,
    )
    return None if row is None else BrowserSessionRow(*row)


async def hold(tx: Transaction, *, pool_id: str, session_id: str) -> bool:
    """Let nobody end a browser session before the transaction ends; False where it has ended.

    The row is written as it is: whoever ends it together with what came from it waits, and finds what is opened now.
    """
    row_count = await tx.execute(
        """
        UPDATE browser_sessions SET opened_at = opened_at
        WHERE pool_id = $1 AND session_id = $2 AND revoked_at IS NULL
        """,
        pool_id,
        session_id,
    )
    return row_count == 1


async def end(writer: Database | Transaction, *, pool_id: str, session_id: str, now: int) -> int:
    """End one browser session."""
    return await writer.execute(
        "UPDATE browser_sessions SET revoked_at = $3 WHERE pool_id = $1 AND session_id = $2 AND revoked_at IS NULL",
        pool_id,
        session_id,
        now,
    )


async def end_live(writer: Database | Transaction, *, pool_id: str, user_id: str, session_id: str, now: int) -> int:
    """End one browser session, if it is this user's and can still be gone on from."""
    return await writer.execute(
        """
        UPDATE browser_sessions SET revoked_at = $4
        WHERE pool_id = $1 AND user_id = $2 AND session_id = $3 AND revoked_at IS NULL AND expires_at > $4
        """,
        pool_id,
        user_id,
        session_id,
        now,
    )


async def end_origin(writer: Database | Transaction, *, pool_id: str, token_session_id: str, now: int) -> int:
    """End the browser session that a token session came from, if it came from one."""
    return await writer.execute(
        """
        UPDATE browser_sessions SET revoked_at = $3
        WHERE pool_id = $1 AND revoked_at IS NULL AND session_id = (
            SELECT s.browser_session_id FROM sessions s WHERE s.pool_id = $1 AND s.session_id = $2
        )
        """,
        pool_id,
        token_session_id,
        now,
    )


async def end_all(tx: Transaction, *, pool_id: str, user_id: str, now: int) -> int:
    """End every browser session of a user."""
    return await tx.execute(
        "UPDATE browser_sessions SET revoked_at = $3 WHERE pool_id = $1 AND user_id = $2 AND revoked_at IS NULL",
        pool_id,
        user_id,
        now,
    )


async def end_federated(tx: Transaction, *, pool_id: str, user_id: str, now: int) -> int:
    """End the browser sessions that a user has by the word of identity providers."""
    return await tx.execute(
        """
        UPDATE browser_sessions SET revoked_at = $3
        WHERE pool_id = $1 AND user_id = $2 AND SUBSTR(factors || ' ', 1, 4) = 'fed ' AND revoked_at IS NULL
        """,
        pool_id,
        user_id,
        now,
    )


async def carry_over(tx: Transaction, *, pool_id: str, user_id: str, token_session_id: str) -> int:
    """Let the browser session that a token session came from outlive a change of the password, made by that session."""
    return await tx.execute(
        """
        UPDATE browser_sessions SET credential_version = credential_version + 1
        WHERE pool_id = $1 AND user_id = $2 AND session_id = (
            SELECT s.browser_session_id FROM sessions s WHERE s.pool_id = $1 AND s.session_id = $3
        )
        """,
        pool_id,
        user_id,
        token_session_id,
    )


TABLE = Table(
    name="browser_sessions",
    key=("pool_id", "session_id"),
    owner="user",
    of_a_user="DELETE FROM browser_sessions WHERE pool_id = $1 AND user_id = $2",
    exported=Exported(
        (
            "auth_time",
            "factors",
            "address",
            "user_agent",
            "opened_at",
            "seen_at",
            "expires_at",
            "revoked_at",
            "began",
        ),
        """SELECT auth_time, factors, address, user_agent, opened_at, seen_at, expires_at, revoked_at, began
           FROM browser_sessions WHERE pool_id = $1 AND user_id = $2""",
    ),
    of_a_pool=Walk(
        start=("",),
        keys="""SELECT session_id FROM browser_sessions WHERE pool_id = $1 AND session_id > $2
                ORDER BY session_id LIMIT 500""",
        delete="DELETE FROM browser_sessions WHERE pool_id = $1 AND session_id > $2 AND session_id <= $3",
    ),
    expiring=(
        Expiring(
            kept=HOUR,  # a code that came from one looks whether it was ended
            delete="""DELETE FROM browser_sessions WHERE pool_id = $1 AND session_id IN (
                          SELECT session_id FROM browser_sessions
                          WHERE pool_id = $1 AND expires_at >= $2 AND expires_at < $3 ORDER BY expires_at LIMIT 100
                      ) RETURNING expires_at""",
        ),
    ),
    after_restore="""DELETE FROM browser_sessions WHERE pool_id = $1 AND session_id IN (
                    SELECT session_id FROM browser_sessions WHERE pool_id = $1 LIMIT 500
                )""",
    at_reset="DELETE FROM browser_sessions WHERE pool_id >= ''",
)
