"""SQL that removes what has expired: which pools have anything of that kind, and their rows in small batches."""

from collections.abc import Sequence
from dataclasses import dataclass

import msgspec

from poolkeeper.clock import DAY, HOUR, MINUTE
from poolkeeper.store.db import Reader, Transaction

BATCH = 100
# A process whose clock is behind may still take for good what has expired for this one (attacks.md part 4, rule 12): a
# nonce that was removed by then would let it be used twice.
_CLOCKS_APART = MINUTE
# Codes that nobody came with are looked for among the newest alone, since spent ones stand among them: two rounds of the
# worker. One that was missed goes with the spent ones.
_LOOKED_BACK = 20 * MINUTE


@dataclass(frozen=True, slots=True)
class Expiring:
    """Rows of one table that go `kept` milliseconds after they expired.

    `delete` takes the pool and two times, removes up to a batch of what expired from the first on and before the second, the
    oldest first, and returns when each of them expired.
    """

    table: str
    kept: int
    delete: str
    looked_back: int | None = None

    def since(self, now: int) -> int:
        """Return from when on its rows are looked for."""
        return 0 if self.looked_back is None else now - self.looked_back


TABLES: tuple[Expiring, ...] = (
    Expiring(
        "codes",
        kept=_CLOCKS_APART,
        delete="""DELETE FROM codes WHERE pool_id = $1 AND (subject_id, purpose) IN (
                      SELECT subject_id, purpose FROM codes
                      WHERE pool_id = $1 AND expires_at >= $2 AND expires_at < $3 ORDER BY expires_at LIMIT 100
                  ) RETURNING expires_at""",
    ),
    Expiring(
        "nonces",
        kept=_CLOCKS_APART,
        delete="""DELETE FROM nonces WHERE pool_id = $1 AND nonce IN (
                      SELECT nonce FROM nonces
                      WHERE pool_id = $1 AND expires_at >= $2 AND expires_at < $3 ORDER BY expires_at LIMIT 100
                  ) RETURNING expires_at""",
    ),
    Expiring(
        "sessions",
        kept=DAY,  # an access token, which lives for a day at the most, may outlive its session's refresh token
        delete="""DELETE FROM sessions WHERE pool_id = $1 AND session_id IN (
                      SELECT session_id FROM sessions
                      WHERE pool_id = $1 AND expires_at >= $2 AND expires_at < $3 ORDER BY expires_at LIMIT 100
                  ) RETURNING expires_at""",
    ),
    Expiring(
        "lockouts",
        kept=_CLOCKS_APART,
        delete="""DELETE FROM lockouts WHERE pool_id = $1 AND (subject_id, bucket) IN (
                      SELECT subject_id, bucket FROM lockouts
                      WHERE pool_id = $1 AND expires_at >= $2 AND expires_at < $3 ORDER BY expires_at LIMIT 100
                  ) RETURNING expires_at""",
    ),
    Expiring(
        "hourly",
        kept=_CLOCKS_APART,
        delete="""DELETE FROM hourly WHERE pool_id = $1 AND (subject_id, purpose) IN (
                      SELECT subject_id, purpose FROM hourly
                      WHERE pool_id = $1 AND expires_at >= $2 AND expires_at < $3 ORDER BY expires_at LIMIT 100
                  ) RETURNING expires_at""",
    ),
    Expiring(
        "destinations",
        kept=_CLOCKS_APART,
        delete="""DELETE FROM destinations WHERE pool_id = $1 AND (destination, budget) IN (
                      SELECT destination, budget FROM destinations
                      WHERE pool_id = $1 AND expires_at >= $2 AND expires_at < $3 ORDER BY expires_at LIMIT 100
                  ) RETURNING expires_at""",
    ),
    Expiring(
        "conversations",
        kept=_CLOCKS_APART,
        delete="""DELETE FROM conversations WHERE pool_id = $1 AND conversation_id IN (
                      SELECT conversation_id FROM conversations
                      WHERE pool_id = $1 AND expires_at >= $2 AND expires_at < $3 ORDER BY expires_at LIMIT 100
                  ) RETURNING expires_at""",
    ),
    Expiring(
        "provider_answers",
        kept=_CLOCKS_APART,
        delete="""DELETE FROM provider_answers WHERE pool_id = $1 AND mark IN (
                      SELECT mark FROM provider_answers
                      WHERE pool_id = $1 AND expires_at >= $2 AND expires_at < $3 ORDER BY expires_at LIMIT 100
                  ) RETURNING expires_at""",
    ),
    Expiring(
        "browser_sessions",
        kept=HOUR,  # a code that came from one looks whether it was ended
        delete="""DELETE FROM browser_sessions WHERE pool_id = $1 AND session_id IN (
                      SELECT session_id FROM browser_sessions
                      WHERE pool_id = $1 AND expires_at >= $2 AND expires_at < $3 ORDER BY expires_at LIMIT 100
                  ) RETURNING expires_at""",
    ),
    Expiring(
        "authorization_codes",
        kept=DAY,  # who comes with a spent one again after that finds nothing to end any more
        delete="""DELETE FROM authorization_codes WHERE pool_id = $1 AND code IN (
                      SELECT code FROM authorization_codes
                      WHERE pool_id = $1 AND expires_at >= $2 AND expires_at < $3 ORDER BY expires_at LIMIT 100
                  ) RETURNING expires_at""",
    ),
    Expiring(
        "authorization_codes",
        kept=_CLOCKS_APART,  # nobody came with it
        delete="""DELETE FROM authorization_codes WHERE pool_id = $1 AND code IN (
                      SELECT code FROM authorization_codes
                      WHERE pool_id = $1 AND expires_at >= $2 AND expires_at < $3 AND spent_at IS NULL ORDER BY expires_at LIMIT 100
                  ) RETURNING expires_at""",
        looked_back=_LOOKED_BACK,
    ),
    Expiring(
        "auth_history",
        kept=_CLOCKS_APART,
        delete="""DELETE FROM auth_history WHERE pool_id = $1 AND (user_id, at, event_id) IN (
                      SELECT user_id, at, event_id FROM auth_history
                      WHERE pool_id = $1 AND expires_at >= $2 AND expires_at < $3 ORDER BY expires_at LIMIT 100
                  ) RETURNING expires_at""",
    ),
)


class Expired(msgspec.Struct, frozen=True):
    """What of a pool is to go: which of TABLES, by their number, and of the first of them what expired from `since` on."""

    pool_id: str
    tables: tuple[int, ...] = tuple(range(len(TABLES)))
    since: int = 0


async def expired(reader: Reader, *, after: str, now: int) -> Sequence[Expired]:
    """Return the next hundred pools from behind `after`, deleted ones among them, each with what of it is to go."""
    rows = await reader.fetch(
        """
        SELECT p.pool_id,
            CASE WHEN EXISTS (SELECT 1 FROM codes x WHERE x.pool_id = p.pool_id AND x.expires_at < $2)
            THEN 1 ELSE 0 END,
            CASE WHEN EXISTS (SELECT 1 FROM nonces x WHERE x.pool_id = p.pool_id AND x.expires_at < $2)
            THEN 1 ELSE 0 END,
            CASE WHEN EXISTS (SELECT 1 FROM sessions x WHERE x.pool_id = p.pool_id AND x.expires_at < $3)
            THEN 1 ELSE 0 END,
            CASE WHEN EXISTS (SELECT 1 FROM lockouts x WHERE x.pool_id = p.pool_id AND x.expires_at < $2)
            THEN 1 ELSE 0 END,
            CASE WHEN EXISTS (SELECT 1 FROM hourly x WHERE x.pool_id = p.pool_id AND x.expires_at < $2)
            THEN 1 ELSE 0 END,
            CASE WHEN EXISTS (SELECT 1 FROM destinations x WHERE x.pool_id = p.pool_id AND x.expires_at < $2)
            THEN 1 ELSE 0 END,
            CASE WHEN EXISTS (SELECT 1 FROM conversations x WHERE x.pool_id = p.pool_id AND x.expires_at < $2)
            THEN 1 ELSE 0 END,
            CASE WHEN EXISTS (SELECT 1 FROM provider_answers x WHERE x.pool_id = p.pool_id AND x.expires_at < $2)
            THEN 1 ELSE 0 END,
            CASE WHEN EXISTS (SELECT 1 FROM browser_sessions x WHERE x.pool_id = p.pool_id AND x.expires_at < $4)
            THEN 1 ELSE 0 END,
            CASE WHEN EXISTS (SELECT 1 FROM authorization_codes x WHERE x.pool_id = p.pool_id AND x.expires_at < $3)
            THEN 1 ELSE 0 END,
            CASE WHEN EXISTS (SELECT 1 FROM authorization_codes x WHERE x.pool_id = p.pool_id
                AND x.expires_at >= $5 AND x.expires_at < $2 AND x.spent_at IS NULL)
            THEN 1 ELSE 0 END,
            CASE WHEN EXISTS (SELECT 1 FROM auth_history x WHERE x.pool_id = p.pool_id AND x.expires_at < $2)
            THEN 1 ELSE 0 END
        FROM (SELECT pool_id FROM pools WHERE pool_id > $1 ORDER BY pool_id LIMIT 100) p
        ORDER BY p.pool_id
        """,
        after,
        now - _CLOCKS_APART,
        now - DAY,
        now - HOUR,
        now - _LOOKED_BACK,
    )
    return [Expired(row[0], tuple(number for number in range(len(TABLES)) if row[number + 1])) for row in rows]


async def delete_expired(tx: Transaction, expired: Expired, *, now: int) -> Expired:
    """Remove up to two batches of a pool's expired rows, table by table, and return what may be left.

    That begins with the time at which the last row had expired that went: on PostgreSQL, what was removed before is not met
    again there.
    """
    removed, since = 0, expired.since
    known = [
        number for number in expired.tables if number < len(TABLES)
    ]  # a server of another version may have had more
    for place, number in enumerate(known):
        table = TABLES[number]
        rows = await tx.fetch(table.delete, expired.pool_id, max(since, table.since(now)), now - table.kept)
        if len(rows) >= BATCH:
            return Expired(expired.pool_id, tuple(known[place:]), max(row[0] for row in rows))
        since = 0
        removed += len(rows)
        if removed >= BATCH:
            return Expired(expired.pool_id, tuple(known[place + 1 :]))
    return Expired(expired.pool_id, ())
