"""SQL of the number that tells whether anything of users, groups, roles and policies has changed."""

from poolkeeper.store.db import Reader, Transaction
from poolkeeper.store.table import Table


async def begin(tx: Transaction) -> int:
    """Count a change, before anything else of its transaction: whatever it reads from here on stays as it is until it ends.

    Return how many there have been before it. The row is held until the commit, so such changes come one after the other, and
    a check of one of them (is anybody in the group?) cannot be overtaken by another (somebody comes).
    """
    row = await tx.fetch_one("UPDATE iam_changes SET number = number + 1 WHERE name = 'account' RETURNING number")
    assert row is not None, "the migrations make the row"
    return int(row[0]) - 1


async def number(reader: Reader) -> int:
    """Return how many changes there have been."""
    row = await reader.fetch_one("SELECT number FROM iam_changes WHERE name = 'account'")
    return 0 if row is None else int(row[0])


TABLE = Table(
    name="iam_changes",
    key=("name",),
    owner="server",
    at_reset="",
)
