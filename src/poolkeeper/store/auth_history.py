"""SQL of what users of watched pools did, and of what that taught: their events, and a profile in the row at the time 0."""

from collections.abc import Sequence

import msgspec

from poolkeeper.store.db import Database, Reader, Transaction
from poolkeeper.store.table import CLOCKS_APART, Expiring, Exported, Table, Walk


class EventRow(msgspec.Struct, frozen=True, gc=False):
    """One event: `challenges`, `document` and `feedback` are JSON, times are milliseconds.

    A `document` of None leaves the one that was stored before.
    """

    at: int
    event_id: str
    kind: str
    outcome: str
    challenges: str
    document: bytes | None
    feedback: str | None
    expires_at: int


class PoolEventRow(msgspec.Struct, frozen=True, gc=False):
    """One event among those of a pool."""

    user_id: str
    at: int
    event_id: str
    kind: str
    outcome: str


async def of_pool(reader: Reader, *, pool_id: str, after: tuple[str, int, str], limit: int) -> list[PoolEventRow]:
    """Return the events of a pool's users in the order of the key, from behind one; names that nobody has have none."""
    rows = await reader.fetch(
        """
        SELECT user_id, at, event_id, kind, outcome FROM auth_history
        WHERE pool_id = $1 AND (user_id, at, event_id) > ($2, $3, $4) AND at > 0 AND kind <> 'nobody'
        ORDER BY user_id, at, event_id LIMIT $5
        """,
        pool_id,
        *after,
        limit,
    )
    return [PoolEventRow(*row) for row in rows]


async def put(writer: Database | Transaction, *, pool_id: str, user_id: str, row: EventRow) -> None:
    """Store an event, or how it goes on; what was said of it stays, and so does one that let somebody in.

    Of two that end one sign-in at once the second is refused, and would hide the first.
    """
    await writer.execute(
        """
        INSERT INTO auth_history (pool_id, user_id, at, event_id, kind, outcome, challenges, document, expires_at)
        VALUES ($1, $2, $3, $4, $5, $6, $7, CAST($8 AS bytea), $9)
        ON CONFLICT (pool_id, user_id, at, event_id) DO UPDATE SET
            outcome = excluded.outcome, challenges = excluded.challenges, expires_at = excluded.expires_at,
            document = COALESCE(excluded.document, auth_history.document)
        WHERE auth_history.outcome <> 'Pass' OR auth_history.kind = 'nobody'
        """,
        pool_id,
        user_id,
        row.at,
        row.event_id,
        row.kind,
        row.outcome,
        row.challenges,
        row.document,
        row.expires_at,
    )


async def put_with_profile(
    writer: Database | Transaction,
    *,
    pool_id: str,
    user_id: str,
    row: EventRow,
    profile: bytes,
    learnt_from: bytes | None,
    profile_expires_at: int,
) -> bool:
    """Store an event as `put` does, and in the same statement what it taught.

    False where the stored profile is not the one that this was `learnt_from`: the event is stored, the profile is held for
    this transaction and left as it is.
    """
    touched = await writer.execute(
        """
        INSERT INTO auth_history (pool_id, user_id, at, event_id, kind, outcome, challenges, document, expires_at)
        VALUES ($1, $2, $3, $4, $5, $6, $7, CAST($8 AS bytea), $9),
               ($1, $2, 0, '', 'profile', '', '', CAST($10 AS bytea), $11)
        ON CONFLICT (pool_id, user_id, at, event_id) DO UPDATE SET
            outcome = excluded.outcome, challenges = excluded.challenges, expires_at = excluded.expires_at,
            document = COALESCE(excluded.document, auth_history.document)
        WHERE auth_history.kind <> 'profile' OR auth_history.document = CAST($12 AS bytea)
        """,
        pool_id,
        user_id,
        row.at,
        row.event_id,
        row.kind,
        row.outcome,
        row.challenges,
        row.document,
        row.expires_at,
        profile,
        profile_expires_at,
        learnt_from,
    )
    return touched == 2


async def profile(reader: Reader, *, pool_id: str, user_id: str) -> bytes | None:
    """Return what the sign-ins of a user taught, None where none did."""
    row = await reader.fetch_one(
        "SELECT document FROM auth_history WHERE pool_id = $1 AND user_id = $2 AND at = 0 AND kind = 'profile'",
        pool_id,
        user_id,
    )
    return None if row is None else bytes(row[0])


async def page(
    reader: Reader, *, pool_id: str, user_id: str, before: tuple[int, str], limit: int
) -> Sequence[EventRow]:
    """Return up to `limit` events of a user from before (time, id), the newest first."""
    rows = await reader.fetch(
        """
        SELECT at, event_id, kind, outcome, challenges, document, feedback, expires_at FROM auth_history
        WHERE pool_id = $1 AND user_id = $2 AND at > 0 AND (at, event_id) < ($3, $4)
        ORDER BY at DESC, event_id DESC LIMIT $5
        """,
        pool_id,
        user_id,
        *before,
        limit,
    )
    return [EventRow(*row) for row in rows]


async def find(reader: Reader, *, pool_id: str, user_id: str, event_id: str) -> EventRow | None:
    """Return an event of a user by its id."""
    row = await reader.fetch_one(
        """
        SELECT at, event_id, kind, outcome, challenges, document, feedback, expires_at FROM auth_history
        WHERE pool_id = $1 AND user_id = $2 AND at > 0 AND event_id = $3
        """,
        pool_id,
        user_id,
        event_id,
    )
    return None if row is None else EventRow(*row)


async def say(
    writer: Database | Transaction, *, pool_id: str, user_id: str, at: int, event_id: str, feedback: str
) -> int:
    """Keep what somebody says of an event; return how many rows that was."""
    return await writer.execute(
        "UPDATE auth_history SET feedback = $5 WHERE pool_id = $1 AND user_id = $2 AND at = $3 AND event_id = $4",
        pool_id,
        user_id,
        at,
        event_id,
        feedback,
    )


async def put_profile(
    writer: Transaction, *, pool_id: str, user_id: str, profile: bytes, learnt_from: bytes, expires_at: int
) -> int:
    """Store anew what a user's sign-ins taught, if nobody else has since; return how many rows changed."""
    return await writer.execute(
        """
        UPDATE auth_history SET document = $3, expires_at = $4
        WHERE pool_id = $1 AND user_id = $2 AND at = 0 AND kind = 'profile' AND document = $5
        """,
        pool_id,
        user_id,
        profile,
        expires_at,
        learnt_from,
    )


async def trim(writer: Database | Transaction, *, pool_id: str, user_id: str, most: int) -> int:
    """Remove all but the newest `most` events of a user that proved something, and as many of the others.

    Those that anybody can cause push out none of what a user, or a thief, really did.
    """
    return await writer.execute(
        """
        DELETE FROM auth_history
        WHERE pool_id = $1 AND user_id = $2 AND at > 0 AND (
            outcome = 'Pass' AND kind <> 'ResendCode' AND at < (
                SELECT MIN(kept.at) FROM (
                    SELECT e.at FROM auth_history e
                    WHERE e.pool_id = $1 AND e.user_id = $2 AND e.at > 0 AND e.outcome = 'Pass' AND e.kind <> 'ResendCode'
                    ORDER BY e.at DESC, e.event_id DESC LIMIT $3
                ) kept
            )
            OR NOT (outcome = 'Pass' AND kind <> 'ResendCode') AND at < (
                SELECT MIN(kept.at) FROM (
                    SELECT e.at FROM auth_history e
                    WHERE e.pool_id = $1 AND e.user_id = $2 AND e.at > 0
                        AND NOT (e.outcome = 'Pass' AND e.kind <> 'ResendCode')
                    ORDER BY e.at DESC, e.event_id DESC LIMIT $3
                ) kept
            )
        )
        """,
        pool_id,
        user_id,
        most,
    )


TABLE = Table(
    name="auth_history",
    key=("pool_id", "user_id", "at", "event_id"),
    owner="user",
    of_a_user="DELETE FROM auth_history WHERE pool_id = $1 AND user_id = $2",
    exported=Exported(
        (
            "at",
            "event_id",
            "kind",
            "outcome",
            "challenges",
            "document",
            "feedback",
            "expires_at",
        ),
        """SELECT at, event_id, kind, outcome, challenges, document, feedback, expires_at
           FROM auth_history WHERE pool_id = $1 AND user_id = $2""",
    ),
    of_a_pool=Walk(
        start=("",),
        keys="SELECT user_id FROM auth_history WHERE pool_id = $1 AND user_id > $2 ORDER BY user_id LIMIT 500",
        delete="DELETE FROM auth_history WHERE pool_id = $1 AND user_id > $2 AND user_id <= $3",
    ),
    expiring=(
        Expiring(
            kept=CLOCKS_APART,
            delete="""DELETE FROM auth_history WHERE pool_id = $1 AND (user_id, at, event_id) IN (
                          SELECT user_id, at, event_id FROM auth_history
                          WHERE pool_id = $1 AND expires_at >= $2 AND expires_at < $3 ORDER BY expires_at LIMIT 100
                      ) RETURNING expires_at""",
        ),
    ),
    at_reset="DELETE FROM auth_history WHERE pool_id >= ''",
)
