"""UpdateUserAttributes, DeleteUserAttributes, GetUserAttributeVerificationCode, VerifyUserAttribute: one's own attributes."""

from poolkeeper.accounts import attributes, mfa_guard
from poolkeeper.aws.generated.cognito_idp import (
    DeleteUserAttributesRequest,
    DeleteUserAttributesResponse,
    GetUserAttributeVerificationCodeRequest,
    GetUserAttributeVerificationCodeResponse,
    UpdateUserAttributesRequest,
    UpdateUserAttributesResponse,
    VerifyUserAttributeRequest,
    VerifyUserAttributeResponse,
)
from poolkeeper.call import Call
from poolkeeper.lookup import Bearer
from poolkeeper.model.attributes import require_writable
from poolkeeper.operations.shapes import attribute_changes, simulated_details


async def update_user_attributes(
    call: Call, req: UpdateUserAttributesRequest, found: Bearer
) -> UpdateUserAttributesResponse:
    """Change attributes of the bearer's that the app client may write.

    A new address is unverified and loses its alias, or waits for its code where the pool verifies before an update
    (userpools.md 5.4; attacks.md 18). Triggers: CustomMessage.
    """
    given = attribute_changes(req.user_attributes)
    found.pool.schema.require_known(given, of_user=True)
    require_writable(given, found.client.writable, found.pool.schema)
    mfa_guard.require_proof_for_addresses(call, found, found.user, given)
    sent = await attributes.change(
        call, found.pool, found.client, found.user, given, metadata=req.client_metadata, bearer=found
    )
    details = [simulated_details(one.code.destination, one.code.attribute) for one in sent]
    return UpdateUserAttributesResponse(code_delivery_details_list=details)


async def delete_user_attributes(
    call: Call, req: DeleteUserAttributesRequest, found: Bearer
) -> DeleteUserAttributesResponse:
    """Remove attributes of the bearer's, and the sign-in names that they were."""
    found.pool.schema.require_known(req.user_attribute_names, of_user=True)
    require_writable(req.user_attribute_names, found.client.writable, found.pool.schema)
    given = dict.fromkeys(req.user_attribute_names, "")
    mfa_guard.require_proof_for_addresses(call, found, found.user, given)
    await attributes.change(call, found.pool, found.client, found.user, given, bearer=found)
    return DeleteUserAttributesResponse()


async def get_user_attribute_verification_code(
    call: Call, req: GetUserAttributeVerificationCodeRequest, found: Bearer
) -> GetUserAttributeVerificationCodeResponse:
    """Send a code to the address that waits for one, else to the present one; the code before it is worth nothing then.

    Triggers: CustomMessage.
    """
    destination = await attributes.send_code(call, found, req.attribute_name, metadata=req.client_metadata)
    details = simulated_details(destination, req.attribute_name)
    return GetUserAttributeVerificationCodeResponse(code_delivery_details=details)


async def verify_user_attribute(
    call: Call, req: VerifyUserAttributeRequest, found: Bearer
) -> VerifyUserAttributeResponse:
    """Take the code as proof of the address that it was sent to."""
    await attributes.verify(call, found, req.attribute_name, code=req.code)
    return VerifyUserAttributeResponse()
