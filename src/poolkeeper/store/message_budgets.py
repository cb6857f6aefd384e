"""SQL of how many messages went out within the hour: text messages of a pool, notices to a user."""

import msgspec

from poolkeeper.store.db import Reader, Transaction
from poolkeeper.store.table import CLOCKS_APART, Expiring, Exported, Table, Walk


class Counted(msgspec.Struct, frozen=True, gc=False):
    """What went out within the last hour: `minutes` is JSON."""

    minutes: str
    version: int


async def find(reader: Reader, *, pool_id: str, user_id: str, budget: str) -> Counted | None:
    """Return what went out of a budget; `user_id` is empty for one of the whole pool."""
    row = await reader.fetch_one(
        "SELECT minutes, version FROM message_budgets WHERE pool_id = $1 AND user_id = $2 AND budget = $3",
        pool_id,
        user_id,
        budget,
    )
    return None if row is None else Counted(*row)


async def put(
    tx: Transaction, *, pool_id: str, user_id: str, budget: str, minutes: str, expected_version: int, expires_at: int
) -> int:
    """Store those minutes if nobody else has since `expected_version` (0: there was no row)."""
    if expected_version == 0:
        return await tx.execute(
            """
            INSERT INTO message_budgets (pool_id, user_id, budget, minutes, version, expires_at)
            VALUES ($1, $2, $3, $4, 1, $5)
            ON CONFLICT (pool_id, user_id, budget) DO NOTHING
            """,
            pool_id,
            user_id,
            budget,
            minutes,
            expires_at,
        )
    return await tx.execute(
        """
        UPDATE message_budgets SET minutes = $4, version = version + 1, expires_at = $6
        WHERE pool_id = $1 AND user_id = $2 AND budget = $3 AND version = $5
        """,
        pool_id,
        user_id,
        budget,
        minutes,
        expected_version,
        expires_at,
    )


TABLE = Table(
    name="message_budgets",
    key=("pool_id", "user_id", "budget"),
    owner="user",
    of_a_user="DELETE FROM message_budgets WHERE pool_id = $1 AND user_id = $2",
    exported=Exported(
        (
            "budget",
            "minutes",
            "expires_at",
        ),
        """SELECT budget, minutes, expires_at
           FROM message_budgets WHERE pool_id = $1 AND user_id = $2""",
    ),
    # The whole pool's rows have no user: the walk begins before them.
    of_a_pool=Walk(
        start=("", ""),
        keys="""SELECT user_id, budget FROM message_budgets WHERE pool_id = $1 AND (user_id, budget) > ($2, $3)
                ORDER BY user_id, budget LIMIT 500""",
        delete="""DELETE FROM message_budgets WHERE pool_id = $1 AND (user_id, budget) > ($2, $3)
                  AND (user_id, budget) <= ($4, $5)""",
    ),
    expiring=(
        Expiring(
            kept=CLOCKS_APART,
            delete="""DELETE FROM message_budgets WHERE pool_id = $1 AND (user_id, budget) IN (
                          SELECT user_id, budget FROM message_budgets
                          WHERE pool_id = $1 AND expires_at >= $2 AND expires_at < $3 ORDER BY expires_at LIMIT 100
                      ) RETURNING expires_at""",
        ),
    ),
    at_reset="DELETE FROM message_budgets WHERE pool_id >= ''",
)
