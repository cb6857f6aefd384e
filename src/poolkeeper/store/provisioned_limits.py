"""SQL of the rates that the installation was given for categories of requests."""

import msgspec

from poolkeeper.store.db import Reader, Transaction
from poolkeeper.store.table import Table


class ProvisionedLimit(msgspec.Struct, frozen=True, gc=False):
    """Requests a second of one category."""

    category: str
    rate: int


async def every(reader: Reader) -> list[ProvisionedLimit]:
    """Return what was set, for whichever categories it was."""
    rows = await reader.fetch("SELECT category, rate FROM provisioned_limits WHERE category >= ''")
    return [ProvisionedLimit(*row) for row in rows]


async def put(tx: Transaction, limit: ProvisionedLimit) -> int:
    """Store the rate of a category, in the place of the one that was there."""
    return await tx.execute(
        """
        INSERT INTO provisioned_limits (category, rate) VALUES ($1, $2)
        ON CONFLICT (category) DO UPDATE SET rate = excluded.rate
        """,
        limit.category,
        limit.rate,
    )


TABLE = Table(
    name="provisioned_limits",
    key=("category",),
    owner="server",
    at_reset="DELETE FROM provisioned_limits WHERE category >= ''",
)
