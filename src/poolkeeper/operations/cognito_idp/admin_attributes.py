"""AdminUpdateUserAttributes, AdminDeleteUserAttributes: a user's attributes in an administrator's hands."""

from poolkeeper.accounts import attributes
from poolkeeper.aws.generated.cognito_idp import (
    AdminDeleteUserAttributesRequest,
    AdminDeleteUserAttributesResponse,
    AdminUpdateUserAttributesRequest,
    AdminUpdateUserAttributesResponse,
)
from poolkeeper.call import Call
from poolkeeper.lookup import require_pool_and_user
from poolkeeper.model.attributes import refuse_system
from poolkeeper.operations.shapes import attribute_changes


async def admin_update_user_attributes(
    call: Call, req: AdminUpdateUserAttributesRequest
) -> AdminUpdateUserAttributesResponse:
    """Change any mutable attribute, also `dev:` ones and verification marks; an empty value removes one.

    An address that comes with its mark needs no proof; any other is treated as in UpdateUserAttributes
    (AWS: AdminUpdateUserAttributes). Triggers: CustomMessage.
    """
    pool, user = await require_pool_and_user(call, req.user_pool_id, req.username)
    changes = attribute_changes(req.user_attributes)
    refuse_system(changes)
    await attributes.change(call, pool, None, user, changes, metadata=req.client_metadata)
    return AdminUpdateUserAttributesResponse()


async def admin_delete_user_attributes(
    call: Call, req: AdminDeleteUserAttributesRequest
) -> AdminDeleteUserAttributesResponse:
    """Remove attributes of a user, and the sign-in names that come from them."""
    pool, user = await require_pool_and_user(call, req.user_pool_id, req.username)
    refuse_system(req.user_attribute_names)
    await attributes.change(call, pool, None, user, dict.fromkeys(req.user_attribute_names, ""))
    return AdminDeleteUserAttributesResponse()
