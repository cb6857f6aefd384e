"""SQL of the names that users answer to: one namespace a pool."""

from collections.abc import Iterable, Sequence

import msgspec

from poolkeeper.store.db import Reader, Transaction
from poolkeeper.store.table import Exported, Table, Walk


class Holder(msgspec.Struct, frozen=True, gc=False):
    """Whose a sign-in name is, and as what."""

    kind: str
    user_id: str


async def claim(tx: Transaction, *, pool_id: str, folded: str, kind: str, user_id: str, now: int) -> bool:
    """Claim a sign-in name for a user; False when it is somebody's already (attacks.md part 4, rule 2)."""
    claimed = await tx.execute(
        """
        INSERT INTO aliases (pool_id, folded_value, kind, user_id, claimed_at) VALUES ($1, $2, $3, $4, $5)
        ON CONFLICT (pool_id, folded_value) DO NOTHING
        """,
        pool_id,
        folded,
        kind,
        user_id,
        now,
    )
    return claimed == 1


async def claim_each(tx: Transaction, *, pool_id: str, names: Sequence[tuple[str, str, str]], now: int) -> int:
    """Claim names for users, each (folded, kind, user id); return how many were nobody's until then."""
    claimed = await tx.fetch_each(
        """
        INSERT INTO aliases (pool_id, folded_value, kind, user_id, claimed_at) VALUES ($1, $2, $3, $4, $5)
        ON CONFLICT (pool_id, folded_value) DO NOTHING RETURNING 1
        """,
        [(pool_id, *name, now) for name in names],
    )
    return len(claimed)


async def taken(tx: Transaction, pool_id: str, names: Iterable[str]) -> set[str]:
    """Return which of some names are somebody's, by their keys."""
    rows = await tx.fetch_each(
        "SELECT folded_value FROM aliases WHERE pool_id = $1 AND folded_value = $2", [(pool_id, name) for name in names]
    )
    return {row[0] for row in rows}


async def holder(reader: Reader, pool_id: str, folded: str) -> Holder | None:
    """Return the claim on a sign-in name."""
    row = await reader.fetch_one(
        "SELECT kind, user_id FROM aliases WHERE pool_id = $1 AND folded_value = $2", pool_id, folded
    )
    return None if row is None else Holder(*row)


async def release(tx: Transaction, *, pool_id: str, user_id: str, folded: str, kind: str) -> int:
    """Give up a user's claim on a name as one of a kind: the username of the same text stays."""
    return await tx.execute(
        "DELETE FROM aliases WHERE pool_id = $1 AND folded_value = $2 AND user_id = $3 AND kind = $4",
        pool_id,
        folded,
        user_id,
        kind,
    )


TABLE = Table(
    name="aliases",
    key=("pool_id", "folded_value"),
    owner="user",
    of_a_user="DELETE FROM aliases WHERE pool_id = $1 AND user_id = $2",
    exported=Exported(
        (
            "kind",
            "folded_value",
            "claimed_at",
        ),
        """SELECT kind, folded_value, claimed_at
           FROM aliases WHERE pool_id = $1 AND user_id = $2""",
    ),
    of_a_pool=Walk(
        start=("",),
        keys="""SELECT folded_value FROM aliases WHERE pool_id = $1 AND folded_value > $2
                ORDER BY folded_value LIMIT 500""",
        delete="DELETE FROM aliases WHERE pool_id = $1 AND folded_value > $2 AND folded_value <= $3",
    ),
    at_reset="DELETE FROM aliases WHERE pool_id >= ''",
)
