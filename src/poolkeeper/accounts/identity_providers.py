"""Which identity providers does a pool have? They are read once for each version of the pool, then kept in memory.

A change of a provider raises the version of its pool in the same transaction, and every request reads that version with
its first statement: no process uses providers that are gone.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import msgspec

from poolkeeper.call import House
from poolkeeper.federation.identity_provider import IdentityProvider, upstream_of
from poolkeeper.federation.provider_details import SECRET_DETAILS
from poolkeeper.model.pool import Pool
from poolkeeper.store import identity_providers
from poolkeeper.store.identity_providers import ProviderRow


class Document(msgspec.Struct, frozen=True):
    """What a row's `document` holds: details without secrets, the mapping, the identifiers."""

    details: dict[str, str]
    mapping: dict[str, str]
    identifiers: tuple[str, ...] = ()
    acr_mapping: dict[str, str] = {}


_decode = msgspec.json.Decoder(Document).decode
_decode_secrets = msgspec.json.Decoder(dict[str, str]).decode


@dataclass(frozen=True, slots=True, kw_only=True)
class _Known:
    """All providers of a pool as of one of its versions, by name and by identifier."""

    created_at: int
    version: int
    by_name: Mapping[str, IdentityProvider]
    by_identifier: Mapping[str, IdentityProvider]


async def providers_of(house: House, pool: Pool) -> Mapping[str, IdentityProvider]:
    """Return the providers of a pool by name, in the order of their names."""
    return (await _of(house, pool)).by_name


async def provider_by_name(house: House, pool: Pool, name: str) -> IdentityProvider | None:
    """Return a provider by its name, which is case-sensitive."""
    return (await _of(house, pool)).by_name.get(name)


async def provider_by_identifier(house: House, pool: Pool, identifier: str) -> IdentityProvider | None:
    """Return a provider by one of its IdpIdentifiers."""
    return (await _of(house, pool)).by_identifier.get(identifier)


def decoded(house: House, pool_id: str, row: ProviderRow) -> IdentityProvider:
    """Return the provider of a row."""
    document = _decode(row.document)
    secrets = _decode_secrets(house.sealer.open_column(row.secrets, **_secrets_column(pool_id, row.name)))
    fetched_metadata = None
    if row.entity_id is not None and row.metadata is not None and row.fetched_at is not None:
        fetched_metadata = (row.entity_id, row.metadata, row.fetched_at)
    return IdentityProvider(
        pool_id=pool_id,
        name=row.name,
        type=row.type,
        upstream=upstream_of(row.type, document.details | secrets, fetched_metadata),
        details=document.details,
        mapping=document.mapping,
        identifiers=document.identifiers,
        acr_mapping=document.acr_mapping,
        version=row.version,
        created_at=row.created_at,
        updated_at=row.updated_at,
    )


def encoded(house: House, pool_id: str, name: str, document: Document) -> tuple[str, bytes]:
    """Return (document, sealed secrets) of a row, from a document whose details include the secrets."""
    secrets = {key: value for key, value in document.details.items() if key in SECRET_DETAILS}
    public = {key: value for key, value in document.details.items() if key not in SECRET_DETAILS}
    sealed = house.sealer.seal_column(msgspec.json.encode(secrets), **_secrets_column(pool_id, name))
    return msgspec.json.encode(msgspec.structs.replace(document, details=public)).decode(), sealed


def secrets_of(house: House, pool_id: str, row: ProviderRow) -> dict[str, str]:
    """Return the secret details of a row in clear, for whoever configures the provider."""
    return _decode_secrets(house.sealer.open_column(row.secrets, **_secrets_column(pool_id, row.name)))


def _secrets_column(pool_id: str, name: str) -> dict[str, str]:
    """Return the column for which a provider's secrets are sealed."""
    return {"table": "identity_providers", "key": f"{pool_id}/{name}", "column": "secrets"}


async def _of(house: House, pool: Pool) -> _Known:
    cached: _Known | None = house.memory.identity_providers.get(pool.pool_id)
    if cached is not None and cached.version == pool.version and cached.created_at == pool.created_at:
        return cached
    before: Mapping[str, IdentityProvider] = (
        {} if cached is None or cached.created_at != pool.created_at else cached.by_name
    )
    providers = []
    for row in await identity_providers.of_pool(house.db, pool.pool_id):
        provider = before.get(row.name)
        if provider is None or provider.version != row.version or _fetched_at(provider) != row.fetched_at:
            provider = decoded(house, pool.pool_id, row)
        providers.append(provider)
    cached = _Known(
        created_at=pool.created_at,
        version=pool.version,
        by_name={provider.name: provider for provider in providers},
        by_identifier={identifier: provider for provider in providers for identifier in provider.identifiers},
    )
    house.memory.identity_providers.put(pool.pool_id, cached)
    return cached


def _fetched_at(provider: IdentityProvider) -> int | None:
    return getattr(provider.upstream, "fetched_at", None)
