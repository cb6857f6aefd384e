"""SAML providers: the metadata of an identity provider, stored under a name and not read here."""

from datetime import UTC, datetime

import msgspec

from poolkeeper.aws.generated.iam import (
    CreateSAMLProviderRequest,
    CreateSAMLProviderResponse,
    DeleteSAMLProviderRequest,
    GetSAMLProviderRequest,
    GetSAMLProviderResponse,
    ListSAMLProvidersRequest,
    ListSAMLProvidersResponse,
    SAMLProviderListEntry,
    UpdateSAMLProviderRequest,
    UpdateSAMLProviderResponse,
)
from poolkeeper.call import Call
from poolkeeper.clock import SECOND
from poolkeeper.errors import EntityAlreadyExistsException, LimitExceededException, NotImplementedException
from poolkeeper.model.iam import Provider, ProviderKind, provider_arn
from poolkeeper.operations import iam_answers
from poolkeeper.operations.iam_changes import change
from poolkeeper.operations.iam_lookup import require_provider
from poolkeeper.store import iam_providers
from poolkeeper.store.db import Transaction

_SAML = ProviderKind.SAML
_UNBUILT = (
    "assertion_encryption_mode",
    "add_private_key",
    "remove_private_key",
    "context_provider",
    "identity_center_instance_arn",
    "remove_context_provider",
    "remove_identity_center_instance",
)
_VALID_YEARS = 100


async def create_saml_provider(call: Call, req: CreateSAMLProviderRequest) -> CreateSAMLProviderResponse:
    """Create a provider.

    Raises EntityAlreadyExistsException, InvalidInputException, LimitExceededException.
    """
    _refuse_unbuilt(req)
    provider = Provider(
        kind=_SAML.value,
        name=req.name,
        provider_id=call.entropy.uuid(),
        created_at=call.now,
        updated_at=call.now,
        tags=iam_answers.tagged("{}", req.tags),
        metadata=req.saml_metadata_document,
    )

    async def create(tx: Transaction) -> None:
        if len(await iam_providers.every(tx, _SAML)) >= _SAML.most:
            raise LimitExceededException(f"Cannot exceed quota for SAMLProvidersPerAccount: {_SAML.most}")
        if not await iam_providers.insert(tx, _SAML, provider):
            # UNVERIFIED: the words; a second provider of one name against AWS would settle them.
            raise EntityAlreadyExistsException(f"SAML Provider with name {req.name} already exists.")

    await change(call, create)
    return CreateSAMLProviderResponse(
        saml_provider_arn=_arn(call, provider), tags=iam_answers.tags(provider.tags) or None
    )


async def get_saml_provider(call: Call, req: GetSAMLProviderRequest) -> GetSAMLProviderResponse:
    """Return a provider and its metadata.

    Raises NoSuchEntityException.
    """
    provider = await require_provider(call, call.db, _SAML, req.saml_provider_arn)
    return GetSAMLProviderResponse(
        saml_provider_uuid=provider.provider_id,
        saml_metadata_document=provider.metadata,
        create_date=iam_answers.moment(provider.created_at),
        valid_until=_valid_until(provider),
        tags=iam_answers.tags(provider.tags),
    )


async def update_saml_provider(call: Call, req: UpdateSAMLProviderRequest) -> UpdateSAMLProviderResponse:
    """Replace the metadata, where it is given.

    Raises NoSuchEntityException.
    """
    _refuse_unbuilt(req)

    async def update(tx: Transaction) -> Provider:
        provider = await require_provider(call, tx, _SAML, req.saml_provider_arn)
        changed = msgspec.structs.replace(
            provider, metadata=req.saml_metadata_document or provider.metadata, updated_at=call.now
        )
        await iam_providers.replace(tx, _SAML, changed)
        return changed

    return UpdateSAMLProviderResponse(saml_provider_arn=_arn(call, await change(call, update)))


async def delete_saml_provider(call: Call, req: DeleteSAMLProviderRequest) -> None:
    """Remove a provider; roles that trust it stay, but its users cannot assume them any more.

    Raises NoSuchEntityException.
    """

    async def delete(tx: Transaction) -> None:
        provider = await require_provider(call, tx, _SAML, req.saml_provider_arn)
        await iam_providers.delete(tx, _SAML, provider.name)

    await change(call, delete)


async def list_saml_providers(
    call: Call,
    req: ListSAMLProvidersRequest,  # noqa: ARG001 - it has no members
) -> ListSAMLProvidersResponse:
    """Return all providers, without their metadata."""
    listed = [
        SAMLProviderListEntry(
            arn=_arn(call, provider),
            create_date=iam_answers.moment(provider.created_at),
            valid_until=_valid_until(provider),
        )
        for provider in await iam_providers.every(call.db, _SAML)
    ]
    return ListSAMLProvidersResponse(saml_provider_list=listed)


def _arn(call: Call, provider: Provider) -> str:
    return provider_arn(call.settings.account_id, _SAML, provider.name)


def _valid_until(provider: Provider) -> float:
    """Return when AWS would call the provider expired: a hundred years after it was made or changed (AWS's examples)."""
    # UNVERIFIED: the number of years; a GetSAMLProvider of AWS's would settle it.
    changed = datetime.fromtimestamp(provider.updated_at / SECOND, UTC)
    day = min(changed.day, 28) if changed.month == 2 else changed.day
    return changed.replace(year=changed.year + _VALID_YEARS, day=day).timestamp()


def _refuse_unbuilt(req: CreateSAMLProviderRequest | UpdateSAMLProviderRequest) -> None:
    """Refuse encrypted assertions and IAM Identity Center.

    Raises NotImplementedException.
    """
    if any(getattr(req, member, None) is not None for member in _UNBUILT):
        raise NotImplementedException("Poolkeeper does not have encrypted assertions and IAM Identity Center yet.")
