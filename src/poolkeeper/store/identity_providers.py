"""SQL of a pool's identity providers and of what SAML providers say of themselves.

Every change raises the version of the pool in its transaction (`pools.touch`): whoever has read the pool at a version may
keep what it read of the providers as long as the pool has it.
"""

import msgspec

from poolkeeper.store.db import Reader, Transaction
from poolkeeper.store.table import Sealed, Table, Walk


class ProviderRow(msgspec.Struct, frozen=True, gc=False):
    """One provider; `document` is JSON, `secrets` sealed. The last four are None where no SAML metadata are kept."""

    name: str
    type: str
    version: int
    document: str
    secrets: bytes
    created_at: int
    updated_at: int
    entity_id: str | None
    metadata: str | None
    fetched_at: int | None
    asked_at: int | None


class Listed(msgspec.Struct, frozen=True, gc=False):
    """What a list tells of a provider."""

    name: str
    type: str
    created_at: int
    updated_at: int


class Stale(msgspec.Struct, frozen=True, gc=False):
    """Metadata that are to be fetched again."""

    pool_id: str
    name: str
    entity_id: str
    asked_at: int


async def insert(
    tx: Transaction, *, pool_id: str, name: str, kind: str, document: str, secrets: bytes, now: int
) -> bool:
    """Add a provider; False where there is one of that name. Its version begins with the time, as a pool's does."""
    inserted = await tx.execute(
        """
        INSERT INTO identity_providers (pool_id, name, type, version, document, secrets, created_at, updated_at)
        VALUES ($1, $2, $3, $6, $4, $5, $6, $6)
        ON CONFLICT (pool_id, name) DO NOTHING
        """,
        pool_id,
        name,
        kind,
        document,
        secrets,
        now,
    )
    return inserted == 1


async def replace(
    tx: Transaction, *, pool_id: str, name: str, document: str, secrets: bytes, expected_version: int, now: int
) -> int:
    """Store other settings of a provider if nobody else has since; return how many rows changed."""
    return await tx.execute(
        """
        UPDATE identity_providers SET document = $3, secrets = $4, version = version + 1, updated_at = $5
        WHERE pool_id = $1 AND name = $2 AND version = $6
        """,
        pool_id,
        name,
        document,
        secrets,
        now,
        expected_version,
    )


async def delete(tx: Transaction, *, pool_id: str, name: str) -> int:
    """Remove a provider with its identifiers, metadata and keys; links to it stay for its users."""
    gone = await tx.execute("DELETE FROM identity_providers WHERE pool_id = $1 AND name = $2", pool_id, name)
    await tx.execute("DELETE FROM provider_identifiers WHERE pool_id = $1 AND name = $2", pool_id, name)
    await tx.execute("DELETE FROM provider_metadata WHERE pool_id = $1 AND name = $2", pool_id, name)
    await tx.execute("DELETE FROM saml_keys WHERE pool_id = $1 AND provider = $2", pool_id, name)
    return gone


async def of_pool(reader: Reader, pool_id: str) -> list[ProviderRow]:
    """Return all providers of a pool by their names: a limit bounds how many there are."""
    rows = await reader.fetch(
        """
        SELECT p.name, p.type, p.version, p.document, p.secrets, p.created_at, p.updated_at,
               m.entity_id, m.document AS metadata, m.fetched_at, m.asked_at
        FROM identity_providers p
        LEFT JOIN provider_metadata m ON m.pool_id = p.pool_id AND m.name = p.name
        WHERE p.pool_id = $1 ORDER BY p.name
        """,
        pool_id,
    )
    return [ProviderRow(*row) for row in rows]


async def find(reader: Reader, *, pool_id: str, name: str) -> ProviderRow | None:
    """Return a provider by its name."""
    row = await reader.fetch_one(
        """
        SELECT p.name, p.type, p.version, p.document, p.secrets, p.created_at, p.updated_at,
               m.entity_id, m.document AS metadata, m.fetched_at, m.asked_at
        FROM identity_providers p
        LEFT JOIN provider_metadata m ON m.pool_id = p.pool_id AND m.name = p.name
        WHERE p.pool_id = $1 AND p.name = $2
        """,
        pool_id,
        name,
    )
    return None if row is None else ProviderRow(*row)


async def page(reader: Reader, pool_id: str, *, after: str, limit: int) -> list[Listed]:
    """Return up to `limit` providers in the order of their names, from behind `after`."""
    rows = await reader.fetch(
        """
        SELECT name, type, created_at, updated_at FROM identity_providers
        WHERE pool_id = $1 AND name > $2 ORDER BY name LIMIT $3
        """,
        pool_id,
        after,
        limit,
    )
    return [Listed(*row) for row in rows]


async def count(reader: Reader, pool_id: str) -> int:
    """Return how many providers a pool has; the limit bounds what is counted."""
    row = await reader.fetch_one("SELECT COUNT(name) FROM identity_providers WHERE pool_id = $1", pool_id)
    return int(row[0]) if row is not None else 0


async def claim_identifier(tx: Transaction, *, pool_id: str, identifier: str, name: str) -> bool:
    """Give a provider another name; False where it is another provider's."""
    claimed = await tx.execute(
        """
        INSERT INTO provider_identifiers (pool_id, identifier, name) VALUES ($1, $2, $3)
        ON CONFLICT (pool_id, identifier) DO NOTHING
        """,
        pool_id,
        identifier,
        name,
    )
    return claimed == 1


async def release_identifiers(tx: Transaction, *, pool_id: str, name: str) -> int:
    """Take a provider's other names from it."""
    return await tx.execute("DELETE FROM provider_identifiers WHERE pool_id = $1 AND name = $2", pool_id, name)


async def keep_metadata(
    tx: Transaction, *, pool_id: str, name: str, entity_id: str, document: str, asked_at: int, now: int
) -> None:
    """Keep what a SAML provider says of itself, in the place of what it said before; from `asked_at` on it grows old."""
    await tx.execute(
        """
        INSERT INTO provider_metadata (pool_id, name, entity_id, document, fetched_at, asked_at)
        VALUES ($1, $2, $3, $4, $5, $6)
        ON CONFLICT (pool_id, name) DO UPDATE
        SET entity_id = excluded.entity_id, document = excluded.document, fetched_at = excluded.fetched_at,
            asked_at = excluded.asked_at
        """,
        pool_id,
        name,
        entity_id,
        document,
        now,
        asked_at,
    )


async def note_asking(tx: Transaction, *, pool_id: str, name: str, seen: int, now: int) -> int:
    """Keep that metadata are asked for; 0 where another process was quicker."""
    return await tx.execute(
        "UPDATE provider_metadata SET asked_at = $4 WHERE pool_id = $1 AND name = $2 AND asked_at = $3",
        pool_id,
        name,
        seen,
        now,
    )


async def stale_metadata(reader: Reader, *, before: int, limit: int) -> list[Stale]:
    """Return up to `limit` metadata of living pools that were asked for before a time, the longest ago first."""
    rows = await reader.fetch(
        """
        SELECT m.pool_id, m.name, m.entity_id, m.asked_at
        FROM provider_metadata m JOIN pools p ON p.pool_id = m.pool_id AND p.state = 'ACTIVE'
        WHERE m.pool_id > '' AND m.asked_at < $1 ORDER BY m.asked_at, m.pool_id, m.name LIMIT $2
        """,
        before,
        limit,
    )
    return [Stale(*row) for row in rows]


TABLES = (
    Table(
        name="identity_providers",
        key=("pool_id", "name"),
        owner="pool",
        of_a_pool=Walk(
            start=("",),
            keys="SELECT name FROM identity_providers WHERE pool_id = $1 AND name > $2 ORDER BY name LIMIT 500",
            delete="DELETE FROM identity_providers WHERE pool_id = $1 AND name > $2 AND name <= $3",
        ),
        sealed=(
            Sealed(
                "secrets",
                start=("", ""),
                walk="""SELECT pool_id, name, secrets FROM identity_providers
                        WHERE pool_id > $1 OR (pool_id = $1 AND name > $2) ORDER BY pool_id, name LIMIT $3""",
                put="UPDATE identity_providers SET secrets = $3 WHERE pool_id = $1 AND name = $2 AND secrets = $4",
            ),
        ),
        at_reset="DELETE FROM identity_providers WHERE pool_id >= ''",
    ),
    Table(
        name="provider_identifiers",
        key=("pool_id", "identifier"),
        owner="pool",
        of_a_pool=Walk(
            start=("",),
            keys="""SELECT identifier FROM provider_identifiers WHERE pool_id = $1 AND identifier > $2
                    ORDER BY identifier LIMIT 500""",
            delete="DELETE FROM provider_identifiers WHERE pool_id = $1 AND identifier > $2 AND identifier <= $3",
        ),
        at_reset="DELETE FROM provider_identifiers WHERE pool_id >= ''",
    ),
    Table(
        name="provider_metadata",
        key=("pool_id", "name"),
        owner="pool",
        of_a_pool=Walk(
            start=("",),
            keys="SELECT name FROM provider_metadata WHERE pool_id = $1 AND name > $2 ORDER BY name LIMIT 500",
            delete="DELETE FROM provider_metadata WHERE pool_id = $1 AND name > $2 AND name <= $3",
        ),
        at_reset="DELETE FROM provider_metadata WHERE pool_id >= ''",
    ),
)
