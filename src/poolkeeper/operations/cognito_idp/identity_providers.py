"""CreateIdentityProvider, DescribeIdentityProvider and their companions: where else a pool's users sign in."""

from base64 import b64encode
from collections.abc import Mapping, Sequence

from poolkeeper.accounts import saml_keys, saml_metadata
from poolkeeper.accounts.identity_providers import Document, decoded, encoded, provider_by_identifier, secrets_of
from poolkeeper.aws.generated.cognito_idp import (
    CreateIdentityProviderRequest,
    CreateIdentityProviderResponse,
    DeleteIdentityProviderRequest,
    DescribeIdentityProviderRequest,
    DescribeIdentityProviderResponse,
    GetIdentityProviderByIdentifierRequest,
    GetIdentityProviderByIdentifierResponse,
    GetSigningCertificateRequest,
    GetSigningCertificateResponse,
    IdentityProviderType,
    ListIdentityProvidersRequest,
    ListIdentityProvidersResponse,
    ProviderDescription,
    UpdateIdentityProviderRequest,
    UpdateIdentityProviderResponse,
)
from poolkeeper.call import Call
from poolkeeper.errors import (
    ConcurrentModificationException,
    DuplicateProviderException,
    InvalidParameterException,
    LimitExceededException,
    ResourceNotFoundException,
)
from poolkeeper.federation import provider_details
from poolkeeper.federation.identity_provider import USERNAME, SamlUpstream
from poolkeeper.lookup import require_pool, unknown_pool
from poolkeeper.model.attributes import SYSTEM_NAMES
from poolkeeper.model.pool import Pool
from poolkeeper.operations.paging import LARGEST_PAGE, PageRequest
from poolkeeper.operations.shapes import seconds
from poolkeeper.store import identity_providers, pools
from poolkeeper.store.db import Transaction
from poolkeeper.store.identity_providers import ProviderRow

_PROVIDERS_OF_A_POOL = 300
_SAML, _OIDC = "SAML", "OIDC"
# App clients and AdminLinkProviderForUser use this name for the users of the pool itself.
_RESERVED = "cognito"


async def create_identity_provider(call: Call, req: CreateIdentityProviderRequest) -> CreateIdentityProviderResponse:
    """Let the users of another provider sign in to a pool. The metadata of a SAML provider are fetched at once.

    Raises DuplicateProviderException for a name that is taken, InvalidParameterException, LimitExceededException.
    """
    pool = await require_pool(call, req.user_pool_id)
    name, kind = req.provider_name, req.provider_type
    if name.lower() == _RESERVED:
        # UNVERIFIED: the words; a provider of that name on AWS would settle them.
        raise InvalidParameterException(f"Provider {name} cannot be of type {kind}.")
    details = provider_details.complete(name, kind, _without_shown(req.provider_details), dev=call.settings.dev)
    document = Document(
        details=details,
        mapping=_require_mapping(pool, req.attribute_mapping or {}),
        identifiers=_distinct(req.idp_identifiers or ()),
        acr_mapping=_require_levels(kind, req.acr_mapping or {}),
    )
    metadata = await saml_metadata.read(call.house, details, now=call.now) if kind == _SAML else None
    text, secrets = encoded(call.house, pool.pool_id, name, document)

    async def create(tx: Transaction) -> None:
        if await identity_providers.count(tx, pool.pool_id) >= _PROVIDERS_OF_A_POOL:
            # UNVERIFIED: the words; the 301st provider of a pool on AWS would settle them.
            raise LimitExceededException("The number of identity providers in the user pool has reached its limit.")
        provider_key = {"pool_id": pool.pool_id, "name": name}
        if not await identity_providers.insert(
            tx, **provider_key, kind=kind, document=text, secrets=secrets, now=call.now
        ):
            raise DuplicateProviderException(f"{name} already exists in user pool {pool.pool_id}")
        await _claim(tx, pool, name, document.identifiers)
        if metadata is not None:
            fetched = "MetadataURL" in details
            await saml_metadata.keep(tx, pool.pool_id, name, metadata, fetched=fetched, now=call.now)
        await _touch(tx, pool)

    await call.db.write(create)
    return CreateIdentityProviderResponse(identity_provider=await _described(call, pool, name))


async def describe_identity_provider(
    call: Call, req: DescribeIdentityProviderRequest
) -> DescribeIdentityProviderResponse:
    """Return the settings of a provider, with its client secret in clear as AWS does, but never a private key.

    Raises ResourceNotFoundException.
    """
    pool = await require_pool(call, req.user_pool_id)
    return DescribeIdentityProviderResponse(identity_provider=await _described(call, pool, req.provider_name))


async def get_identity_provider_by_identifier(
    call: Call, req: GetIdentityProviderByIdentifierRequest
) -> GetIdentityProviderByIdentifierResponse:
    """Return the settings of the provider of an identifier.

    Raises ResourceNotFoundException.
    """
    pool = await require_pool(call, req.user_pool_id)
    provider = await provider_by_identifier(call.house, pool, req.idp_identifier)
    if provider is None:
        raise _unknown(req.idp_identifier)
    return GetIdentityProviderByIdentifierResponse(identity_provider=await _described(call, pool, provider.name))


async def update_identity_provider(call: Call, req: UpdateIdentityProviderRequest) -> UpdateIdentityProviderResponse:
    """Change details, mapping or identifiers of a provider: what is given is replaced, what is left out stays.

    A private key, which is never shown, stays where details are given without it. Raises ResourceNotFoundException,
    InvalidParameterException, ConcurrentModificationException.
    """
    pool = await require_pool(call, req.user_pool_id)
    name = req.provider_name
    row = await _require(call, pool, name)
    before, secrets = decoded(call.house, pool.pool_id, row), secrets_of(call.house, pool.pool_id, row)
    details = {**before.details, **secrets}
    metadata = None
    if req.provider_details is not None:
        hidden_secrets = {key: secrets[key] for key in provider_details.NOT_SHOWN & secrets.keys()}
        new_details = {**hidden_secrets, **_without_shown(req.provider_details)}
        details = provider_details.complete(name, row.type, new_details, dev=call.settings.dev)
        metadata = await saml_metadata.read(call.house, details, now=call.now) if row.type == _SAML else None
    identifiers = before.identifiers if req.idp_identifiers is None else _distinct(req.idp_identifiers)
    document = Document(
        details=details,
        mapping=dict(before.mapping)
        if req.attribute_mapping is None
        else _require_mapping(pool, req.attribute_mapping),
        identifiers=identifiers,
        acr_mapping=dict(before.acr_mapping) if req.acr_mapping is None else _require_levels(row.type, req.acr_mapping),
    )
    text, sealed = encoded(call.house, pool.pool_id, name, document)

    async def replace(tx: Transaction) -> None:
        provider_key = {"pool_id": pool.pool_id, "name": name}
        if (
            await identity_providers.replace(
                tx, **provider_key, document=text, secrets=sealed, expected_version=row.version, now=call.now
            )
            != 1
        ):
            # UNVERIFIED: the words; two updates of one provider at once would settle them.
            raise ConcurrentModificationException("The identity provider was changed at the same time. Try again.")
        await identity_providers.release_identifiers(tx, **provider_key)
        await _claim(tx, pool, name, identifiers)
        if metadata is not None:
            fetched = "MetadataURL" in details
            await saml_metadata.keep(tx, pool.pool_id, name, metadata, fetched=fetched, now=call.now)
        await _touch(tx, pool)

    await call.db.write(replace)
    return UpdateIdentityProviderResponse(identity_provider=await _described(call, pool, name))


async def delete_identity_provider(call: Call, req: DeleteIdentityProviderRequest) -> None:
    """Remove a provider: nobody can sign in by it any more. Its users, their links and app clients stay as they are.

    Raises ResourceNotFoundException.
    """
    pool = await require_pool(call, req.user_pool_id)

    async def delete(tx: Transaction) -> None:
        if await identity_providers.delete(tx, pool_id=pool.pool_id, name=req.provider_name) != 1:
            raise _unknown(req.provider_name)
        await _touch(tx, pool)

    await call.db.write(delete)


async def list_identity_providers(call: Call, req: ListIdentityProvidersRequest) -> ListIdentityProvidersResponse:
    """Return names and types, a page at a time, in the order of the names."""
    pool = await require_pool(call, req.user_pool_id)
    listing = f"ListIdentityProviders {pool.pool_id}"
    wanted = PageRequest(call, listing, req.next_token, req.max_results or LARGEST_PAGE)
    rows = await identity_providers.page(call.db, pool.pool_id, after=wanted.after(), limit=wanted.limit)
    page = wanted.cut(rows, lambda row: row.name)
    return ListIdentityProvidersResponse(
        providers=[
            ProviderDescription(
                provider_name=row.name,
                provider_type=row.type,
                creation_date=seconds(row.created_at),
                last_modified_date=seconds(row.updated_at),
            )
            for row in page.items
        ],
        next_token=page.token,
    )


async def get_signing_certificate(call: Call, req: GetSigningCertificateRequest) -> GetSigningCertificateResponse:
    """Return the certificate of the key that signs a pool's SAML requests; the key is made when it is first needed."""
    pool = await require_pool(call, req.user_pool_id)
    certificate = await saml_keys.signing_certificate(call, pool)
    return GetSigningCertificateResponse(certificate=b64encode(certificate).decode())


async def _described(call: Call, pool: Pool, name: str) -> IdentityProviderType:
    row = await _require(call, pool, name)
    provider = decoded(call.house, pool.pool_id, row)
    details = provider_details.shown({**provider.details, **secrets_of(call.house, pool.pool_id, row)})
    if isinstance(provider.upstream, SamlUpstream):
        certificate = await saml_keys.encryption_certificate(call, pool, name)
        details |= {"ActiveEncryptionCertificate": b64encode(certificate).decode()}
        details |= saml_metadata.addresses(provider.upstream.provider(now=0))
    return IdentityProviderType(
        user_pool_id=pool.pool_id,
        provider_name=provider.name,
        provider_type=provider.type,
        provider_details=details,
        attribute_mapping=dict(provider.mapping),
        idp_identifiers=list(provider.identifiers),
        acr_mapping=dict(provider.acr_mapping) or None,
        creation_date=seconds(provider.created_at),
        last_modified_date=seconds(provider.updated_at),
    )


async def _require(call: Call, pool: Pool, name: str) -> ProviderRow:
    row = await identity_providers.find(call.db, pool_id=pool.pool_id, name=name)
    if row is None:
        raise _unknown(name)
    return row


async def _claim(tx: Transaction, pool: Pool, name: str, identifiers: Sequence[str]) -> None:
    for identifier in identifiers:
        if not await identity_providers.claim_identifier(tx, pool_id=pool.pool_id, identifier=identifier, name=name):
            # UNVERIFIED: error and words; one identifier for two providers of a pool would settle them.
            raise InvalidParameterException(f"{identifier} already exists in user pool {pool.pool_id}")


async def _touch(tx: Transaction, pool: Pool) -> None:
    if await pools.touch(tx, pool.pool_id) != 1:
        raise unknown_pool(pool.pool_id)


def _require_mapping(pool: Pool, attribute_mapping: Mapping[str, str]) -> dict[str, str]:
    """Return a mapping whose targets are all attributes that the pool has and a provider may set (attacks.md 109)."""
    for target in attribute_mapping:
        if target != USERNAME and (target in SYSTEM_NAMES or target not in pool.schema.attributes):
            # UNVERIFIED: the words; a mapping to an attribute that the pool lacks would settle them.
            raise InvalidParameterException(f"Invalid attribute mapping: {target} is no attribute that can be mapped.")
    return dict(attribute_mapping)


def _require_levels(kind: str, acr_mapping: Mapping[str, str]) -> dict[str, str]:
    """Return the levels by a provider's names for them; only providers of OpenID can have them (model: AcrMapping)."""
    if acr_mapping and kind != _OIDC:
        # UNVERIFIED: error and words; AcrMapping at a SAML or social provider on AWS would settle them.
        raise InvalidParameterException("AcrMapping is only supported for OIDC identity providers.")
    return dict(acr_mapping)


def _without_shown(details: Mapping[str, str]) -> dict[str, str]:
    """Return details without those that Describe adds: sending Describe's answer back asks for no change."""
    return {name: value for name, value in details.items() if name not in saml_metadata.SHOWN}


def _distinct(identifiers: Sequence[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(identifiers))


def _unknown(name: str) -> ResourceNotFoundException:
    # UNVERIFIED: the words; DescribeIdentityProvider of a name that is not there would settle them.
    return ResourceNotFoundException(f"Identity provider {name} does not exist.")
