"""SQL of the identity providers that the account trusts: OpenID Connect and SAML."""

from collections.abc import Sequence

from poolkeeper.model.iam import Provider, ProviderKind
from poolkeeper.store.db import Reader, Transaction
from poolkeeper.store.table import Table


async def insert(tx: Transaction, kind: ProviderKind, provider: Provider) -> bool:
    """Add a provider; False when there is one of that name."""
    inserted = await tx.execute(
        """
        INSERT INTO iam_providers (
            kind, name, provider_id, created_at, updated_at, tags, client_ids, thumbprints, metadata
        )
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
        ON CONFLICT (kind, name) DO NOTHING
        """,
        kind.value,
        provider.name,
        provider.provider_id,
        provider.created_at,
        provider.updated_at,
        provider.tags,
        provider.client_ids,
        provider.thumbprints,
        provider.metadata,
    )
    return inserted == 1


async def find(reader: Reader, kind: ProviderKind, name: str) -> Provider | None:
    """Return a provider by its name."""
    row = await reader.fetch_one(
        """
        SELECT kind, name, provider_id, created_at, updated_at, tags, client_ids, thumbprints, metadata
        FROM iam_providers WHERE kind = $1 AND name = $2
        """,
        kind.value,
        name,
    )
    return None if row is None else Provider(*row)


async def every(reader: Reader, kind: ProviderKind) -> Sequence[Provider]:
    """Return all providers of a kind, in the order of their names; the account's limits bound how many."""
    rows = await reader.fetch(
        """
        SELECT kind, name, provider_id, created_at, updated_at, tags, client_ids, thumbprints, metadata
        FROM iam_providers WHERE kind = $1 ORDER BY name
        """,
        kind.value,
    )
    return [Provider(*row) for row in rows]


async def replace(tx: Transaction, kind: ProviderKind, provider: Provider) -> int:
    """Replace all that can change of a provider."""
    return await tx.execute(
        """
        UPDATE iam_providers SET updated_at = $3, tags = $4, client_ids = $5, thumbprints = $6, metadata = $7
        WHERE kind = $1 AND name = $2
        """,
        kind.value,
        provider.name,
        provider.updated_at,
        provider.tags,
        provider.client_ids,
        provider.thumbprints,
        provider.metadata,
    )


async def delete(tx: Transaction, kind: ProviderKind, name: str) -> int:
    """Remove a provider."""
    return await tx.execute("DELETE FROM iam_providers WHERE kind = $1 AND name = $2", kind.value, name)


TABLE = Table(
    name="iam_providers",
    key=("kind", "name"),
    owner="server",
    at_reset="DELETE FROM iam_providers WHERE kind >= ''",
)
