"""OpenID Connect providers: roles may be assumed with their tokens, if those were issued for a listed application."""

from collections.abc import Callable

import msgspec

from poolkeeper.aws.generated.iam import (
    AddClientIDToOpenIDConnectProviderRequest,
    CreateOpenIDConnectProviderRequest,
    CreateOpenIDConnectProviderResponse,
    DeleteOpenIDConnectProviderRequest,
    GetOpenIDConnectProviderRequest,
    GetOpenIDConnectProviderResponse,
    ListOpenIDConnectProvidersRequest,
    ListOpenIDConnectProvidersResponse,
    OpenIDConnectProviderListEntry,
    RemoveClientIDFromOpenIDConnectProviderRequest,
    UpdateOpenIDConnectProviderThumbprintRequest,
)
from poolkeeper.call import Call
from poolkeeper.errors import (
    EntityAlreadyExistsException,
    InvalidInputException,
    LimitExceededException,
    NotImplementedException,
)
from poolkeeper.model.iam import (
    CLIENT_IDS_OF_A_PROVIDER,
    THUMBPRINTS_OF_A_PROVIDER,
    Provider,
    ProviderKind,
    issuer_name,
    provider_arn,
)
from poolkeeper.operations import iam_answers
from poolkeeper.operations.iam_changes import change
from poolkeeper.operations.iam_lookup import require_provider
from poolkeeper.store import iam_providers
from poolkeeper.store.db import Transaction

_OIDC = ProviderKind.OIDC
_HEXADECIMAL = frozenset("0123456789abcdefABCDEF")


async def create_open_id_connect_provider(
    call: Call, req: CreateOpenIDConnectProviderRequest
) -> CreateOpenIDConnectProviderResponse:
    """Create a provider of an https issuer. Nothing is fetched over the network: thumbprints stay as they are given.

    Raises EntityAlreadyExistsException, InvalidInputException, LimitExceededException.
    """
    if req.context_provider is not None or req.identity_center_instance_arn is not None:
        raise NotImplementedException("Poolkeeper does not have ContextProvider and IAM Identity Center yet.")
    provider = Provider(
        kind=_OIDC.value,
        name=_name(req.url),
        provider_id=call.entropy.uuid(),
        created_at=call.now,
        updated_at=call.now,
        tags=iam_answers.tagged("{}", req.tags),
        client_ids=_client_ids(req.client_id_list or []),
        thumbprints=_thumbprints(req.thumbprint_list or []),
    )

    async def create(tx: Transaction) -> None:
        if len(await iam_providers.every(tx, _OIDC)) >= _OIDC.most:
            raise LimitExceededException(f"Cannot exceed quota for OpenIdConnectProvidersPerAccount: {_OIDC.most}")
        if not await iam_providers.insert(tx, _OIDC, provider):
            raise EntityAlreadyExistsException(f"Provider with url https://{provider.name} already exists.")

    await change(call, create)
    return CreateOpenIDConnectProviderResponse(
        open_id_connect_provider_arn=provider_arn(call.settings.account_id, _OIDC, provider.name),
        tags=iam_answers.tags(provider.tags) or None,
    )


async def get_open_id_connect_provider(
    call: Call, req: GetOpenIDConnectProviderRequest
) -> GetOpenIDConnectProviderResponse:
    """Return a provider; its Url is without the scheme, as at AWS.

    Raises NoSuchEntityException.
    """
    provider = await require_provider(call, call.db, _OIDC, req.open_id_connect_provider_arn)
    return GetOpenIDConnectProviderResponse(
        url=provider.name,
        client_id_list=_listed(provider.client_ids),
        thumbprint_list=_listed(provider.thumbprints),
        create_date=iam_answers.moment(provider.created_at),
        tags=iam_answers.tags(provider.tags),
    )


async def list_open_id_connect_providers(
    call: Call,
    req: ListOpenIDConnectProvidersRequest,  # noqa: ARG001 - it has no members
) -> ListOpenIDConnectProvidersResponse:
    """Return the ARNs of all providers."""
    providers = await iam_providers.every(call.db, _OIDC)
    arns = [provider_arn(call.settings.account_id, _OIDC, provider.name) for provider in providers]
    return ListOpenIDConnectProvidersResponse(
        open_id_connect_provider_list=[OpenIDConnectProviderListEntry(arn=arn) for arn in arns]
    )


async def add_client_id_to_open_id_connect_provider(call: Call, req: AddClientIDToOpenIDConnectProviderRequest) -> None:
    """Accept tokens for one more application; it is no error where the application is listed already.

    Raises LimitExceededException, NoSuchEntityException.
    """

    def added(provider: Provider) -> Provider:
        client_ids = _client_ids([*_listed(provider.client_ids), req.client_id])
        return msgspec.structs.replace(provider, client_ids=client_ids)

    await _replace(call, req.open_id_connect_provider_arn, added)


async def remove_client_id_from_open_id_connect_provider(
    call: Call, req: RemoveClientIDFromOpenIDConnectProviderRequest
) -> None:
    """Accept no more tokens for an application; it is no error where the application is not listed.

    Raises NoSuchEntityException.
    """

    def removed(provider: Provider) -> Provider:
        client_ids = [client_id for client_id in _listed(provider.client_ids) if client_id != req.client_id]
        return msgspec.structs.replace(provider, client_ids=_client_ids(client_ids))

    await _replace(call, req.open_id_connect_provider_arn, removed)


async def update_open_id_connect_provider_thumbprint(
    call: Call, req: UpdateOpenIDConnectProviderThumbprintRequest
) -> None:
    """Replace all thumbprints.

    Raises InvalidInputException, NoSuchEntityException.
    """
    thumbprints = _thumbprints(req.thumbprint_list)
    await _replace(
        call,
        req.open_id_connect_provider_arn,
        lambda provider: msgspec.structs.replace(provider, thumbprints=thumbprints),
    )


async def delete_open_id_connect_provider(call: Call, req: DeleteOpenIDConnectProviderRequest) -> None:
    """Remove a provider; roles that trust it stay, but its users cannot assume them any more.

    Raises NoSuchEntityException.
    """

    async def delete(tx: Transaction) -> None:
        provider = await require_provider(call, tx, _OIDC, req.open_id_connect_provider_arn)
        await iam_providers.delete(tx, _OIDC, provider.name)

    await change(call, delete)


async def _replace(call: Call, arn: str, changed: Callable[[Provider], Provider]) -> None:
    async def replace(tx: Transaction) -> None:
        provider = await require_provider(call, tx, _OIDC, arn)
        await iam_providers.replace(tx, _OIDC, msgspec.structs.replace(changed(provider), updated_at=call.now))

    await change(call, replace)


def _name(url: str) -> str:
    """Return the name of a provider by its issuer. Raises InvalidInputException for a URL that is no issuer."""
    name = issuer_name(url)
    if name is None:
        # UNVERIFIED: the words; an http issuer against AWS would settle them.
        raise InvalidInputException("Invalid Open ID Connect Provider URL")
    return name


def _client_ids(client_ids: list[str]) -> str:
    """Return client ids as they are stored, each once.

    Raises LimitExceededException.
    """
    distinct_ids = list(dict.fromkeys(client_ids))
    if len(distinct_ids) > CLIENT_IDS_OF_A_PROVIDER:
        raise LimitExceededException(
            f"Cannot exceed quota for ClientIdsPerOpenIdConnectProvider: {CLIENT_IDS_OF_A_PROVIDER}"
        )
    return msgspec.json.encode(distinct_ids).decode()


def _thumbprints(thumbprints: list[str]) -> str:
    """Return thumbprints as they are stored: SHA-1 in hexadecimal.

    Raises InvalidInputException.
    """
    if len(thumbprints) > THUMBPRINTS_OF_A_PROVIDER:
        raise InvalidInputException(f"Thumbprint list must contain fewer than {THUMBPRINTS_OF_A_PROVIDER} entries.")
    if any(not _HEXADECIMAL.issuperset(thumbprint) for thumbprint in thumbprints):
        # UNVERIFIED: the words; a thumbprint of other letters against AWS would settle them.
        raise InvalidInputException("Invalid thumbprint.")
    return msgspec.json.encode(thumbprints).decode()


def _listed(encoded_list: str | None) -> list[str]:
    return msgspec.json.decode(encoded_list or "[]", type=list[str])
