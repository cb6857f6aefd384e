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
    """Change any attribute that is mutable, `dev:` ones and verification marks among them; an empty value removes.

    An address that comes with its mark is not asked to be proved; any other is treated as in UpdateUserAttributes
    (AWS: AdminUpdateUserAttributes). Triggers: CustomMessage.
    """
    pool, user = await require_pool_and_user(call, req.user_pool_id, req.username)
    given = attribute_changes(req.user_attributes)
    refuse_system(given)
    await attributes.change(call, pool, None, user, given, metadata=req.client_metadata)
    return AdminUpdateUserAttributesResponse()


async def admin_delete_user_attributes(
    call: Call, req: AdminDeleteUserAttributesRequest
) -> AdminDeleteUserAttributesResponse:
    """Remove attributes of a user, and the sign-in names that they were."""
    pool, user = await require_pool_and_user(call, req.user_pool_id, req.username)
    refuse_system(req.user_attribute_names)
    await attributes.change(call, pool, None, user, dict.fromkeys(req.user_attribute_names, ""))
    return AdminDeleteUserAttributesResponse()
