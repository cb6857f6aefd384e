"""AdminLinkProviderForUser, AdminDisableProviderForUser: the providers' identities by which a user signs in."""

from poolkeeper.accounts import linking
from poolkeeper.accounts.linking import Named
from poolkeeper.aws.generated.cognito_idp import (
    AdminDisableProviderForUserRequest,
    AdminDisableProviderForUserResponse,
    AdminLinkProviderForUserRequest,
    AdminLinkProviderForUserResponse,
    ProviderUserIdentifierType,
)
from poolkeeper.call import Call
from poolkeeper.lookup import require_pool


async def admin_link_provider_for_user(
    call: Call, req: AdminLinkProviderForUserRequest
) -> AdminLinkProviderForUserResponse:
    """Link an identity at a provider, which has not signed in yet, to an existing user.

    Raises UserNotFoundException, InvalidParameterException, AliasExistsException, LimitExceededException.
    """
    pool = await require_pool(call, req.user_pool_id)
    await linking.link(call, pool, destination=_named(req.destination_user), source=_named(req.source_user))
    return AdminLinkProviderForUserResponse()


async def admin_disable_provider_for_user(
    call: Call, req: AdminDisableProviderForUserRequest
) -> AdminDisableProviderForUserResponse:
    """Stop a user from signing in by an identity at a provider, or by their own password.

    Raises UserNotFoundException, InvalidParameterException.
    """
    pool = await require_pool(call, req.user_pool_id)
    await linking.disable(call, pool, _named(req.user))
    return AdminDisableProviderForUserResponse()


def _named(identifier: ProviderUserIdentifierType) -> Named:
    return Named(
        provider=identifier.provider_name or "",
        attribute=identifier.provider_attribute_name or "",
        value=identifier.provider_attribute_value or "",
    )
