"""SQL of the facts about this installation."""

from poolkeeper.store.db import Database, Reader, Transaction
from poolkeeper.store.table import Sealed, Table


async def find(reader: Reader, name: str) -> bytes | None:
    """Return a fact about this installation."""
    row = await reader.fetch_one("SELECT value FROM server_facts WHERE name = $1", name)
    return None if row is None else bytes(row[0])


async def put_new(tx: Database | Transaction, name: str, value: bytes) -> int:
    """Store a fact that nobody has stored yet; 0 when somebody has."""
    return await tx.execute(
        "INSERT INTO server_facts (name, value) VALUES ($1, $2) ON CONFLICT (name) DO NOTHING", name, value
    )


async def put(tx: Database | Transaction, name: str, value: bytes) -> int:
    """Store a fact, in the place of the one that was there."""
    return await tx.execute(
        "INSERT INTO server_facts (name, value) VALUES ($1, $2) ON CONFLICT (name) DO UPDATE SET value = $2",
        name,
        value,
    )


TABLE = Table(
    name="server_facts",
    key=("name",),
    owner="server",
    sealed=(
        Sealed(
            "value",
            start=("",),
            walk="""SELECT name, value FROM server_facts
                    WHERE name = 'sealing_probe' AND name > $1 ORDER BY name LIMIT $2""",
            put="UPDATE server_facts SET value = $2 WHERE name = $1 AND value = $3",
        ),
    ),
    at_reset="DELETE FROM server_facts WHERE name = 'seed_planted'",
)
