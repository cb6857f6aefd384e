"""AdminLinkProviderForUser, AdminDisableProviderForUser: by which identities elsewhere a user signs in."""

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
    """Let somebody who has not signed in yet at a provider be a user who is there.

    Raises UserNotFoundException, InvalidParameterException, AliasExistsException, LimitExceededException.
    """
    pool = await require_pool(call, req.user_pool_id)
    await linking.link(call, pool, destination=_named(req.destination_user), source=_named(req.source_user))
    return AdminLinkProviderForUserResponse()


async def admin_disable_provider_for_user(
    call: Call, req: AdminDisableProviderForUserRequest
) -> AdminDisableProviderForUserResponse:
    """Let a user not sign in any more by an identity at a provider, or by the password of its own.

    Raises UserNotFoundException, InvalidParameterException.
    """
    pool = await require_pool(call, req.user_pool_id)
    await linking.disable(call, pool, _named(req.user))
    return AdminDisableProviderForUserResponse()


def _named(given: ProviderUserIdentifierType) -> Named:
    return Named(
        provider=given.provider_name or "",
        attribute=given.provider_attribute_name or "",
        value=given.provider_attribute_value or "",
    )
