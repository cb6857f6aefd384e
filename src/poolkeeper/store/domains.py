"""SQL of domains: which pool a prefix or a host name leads to, and what is set of it."""

import msgspec

from poolkeeper.store.db import Reader, Transaction
from poolkeeper.store.table import Table, Walk


class DomainRow(msgspec.Struct, frozen=True, gc=False):
    """One domain; `settings` are JSON."""

    name: str
    kind: str
    pool_id: str
    settings: str
    version: int


async def insert(tx: Transaction, *, pool_id: str, name: str, kind: str, settings: str, now: int) -> bool:
    """Give a pool a domain, which leads to it from then on; False when it leads to a pool already."""
    claimed = await tx.execute(
        """
        INSERT INTO directory (kind, value, pool_id) VALUES ('host', $1, $2)
        ON CONFLICT (kind, value) DO NOTHING
        """,
        name,
        pool_id,
    )
    if claimed != 1:
        return False
    await tx.execute(
        """
        INSERT INTO pool_domains (pool_id, name, kind, settings, version, created_at)
        VALUES ($1, $2, $3, $4, 1, $5)
        """,
        pool_id,
        name,
        kind,
        settings,
        now,
    )
    return True


async def replace(tx: Transaction, *, pool_id: str, name: str, settings: str, expected_version: int) -> int:
    """Store other settings of a domain if nobody else has since."""
    return await tx.execute(
        """
        UPDATE pool_domains SET settings = $3, version = version + 1
        WHERE pool_id = $1 AND name = $2 AND version = $4
        """,
        pool_id,
        name,
        settings,
        expected_version,
    )


async def delete(tx: Transaction, *, pool_id: str, name: str) -> int:
    """Take a domain from a pool: it leads nowhere from then on."""
    gone = await tx.execute("DELETE FROM pool_domains WHERE pool_id = $1 AND name = $2", pool_id, name)
    if gone == 1:
        await tx.execute("DELETE FROM directory WHERE kind = 'host' AND value = $1 AND pool_id = $2", name, pool_id)
    return gone


async def pool_of(reader: Reader, name: str) -> str | None:
    """Return the id of the pool that a domain leads to."""
    row = await reader.fetch_one("SELECT pool_id FROM directory WHERE kind = 'host' AND value = $1", name)
    return None if row is None else str(row[0])


async def find(reader: Reader, *, pool_id: str, name: str) -> DomainRow | None:
    """Return a domain of a pool."""
    row = await reader.fetch_one(
        """
        SELECT d.name, d.kind, d.pool_id, d.settings, d.version
        FROM pool_domains d JOIN pools p ON p.pool_id = d.pool_id AND p.state = 'ACTIVE'
        WHERE d.pool_id = $1 AND d.name = $2
        """,
        pool_id,
        name,
    )
    return None if row is None else DomainRow(*row)


async def of_pool(reader: Reader, pool_id: str) -> list[DomainRow]:
    """Return the domains of a pool, of which it has one of a kind at the most."""
    rows = await reader.fetch(
        "SELECT name, kind, pool_id, settings, version FROM pool_domains WHERE pool_id = $1 ORDER BY name", pool_id
    )
    return [DomainRow(*row) for row in rows]


TABLE = Table(
    name="pool_domains",
    key=("pool_id", "name"),
    owner="pool",
    of_a_pool=Walk(
        start=("",),
        keys="SELECT name FROM pool_domains WHERE pool_id = $1 AND name > $2 ORDER BY name LIMIT 500",
        delete="DELETE FROM pool_domains WHERE pool_id = $1 AND name > $2 AND name <= $3",
        first="""DELETE FROM directory WHERE kind = 'host' AND pool_id = $1 AND value IN (
                 SELECT name FROM pool_domains WHERE pool_id = $1 AND name > $2 AND name <= $3)""",
    ),
    at_reset="DELETE FROM pool_domains WHERE pool_id >= ''",
)
