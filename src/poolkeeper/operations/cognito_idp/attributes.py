"""UpdateUserAttributes, DeleteUserAttributes, GetUserAttributeVerificationCode, VerifyUserAttribute: the user's own attributes."""

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
    call: Call, req: UpdateUserAttributesRequest, bearer: Bearer
) -> UpdateUserAttributesResponse:
    """Change attributes of the bearer's that the app client may write.

    A new address is unverified and loses its alias, or waits for its code where the pool verifies before an update
    (userpools.md 5.4; attacks.md 18). Triggers: CustomMessage.
    """
    changes = attribute_changes(req.user_attributes)
    bearer.pool.schema.require_known(changes, of_user=True)
    require_writable(changes, bearer.client.writable, bearer.pool.schema)
    mfa_guard.require_proof_for_addresses(call, bearer, bearer.user, changes)
    outgoing_codes = await attributes.change(
        call, bearer.pool, bearer.client, bearer.user, changes, metadata=req.client_metadata, bearer=bearer
    )
    details = [simulated_details(outgoing.code.destination, outgoing.code.attribute) for outgoing in outgoing_codes]
    return UpdateUserAttributesResponse(code_delivery_details_list=details)


async def delete_user_attributes(
    call: Call, req: DeleteUserAttributesRequest, bearer: Bearer
) -> DeleteUserAttributesResponse:
    """Remove attributes of the bearer's, and the sign-in names that come from them."""
    bearer.pool.schema.require_known(req.user_attribute_names, of_user=True)
    require_writable(req.user_attribute_names, bearer.client.writable, bearer.pool.schema)
    changes = dict.fromkeys(req.user_attribute_names, "")
    mfa_guard.require_proof_for_addresses(call, bearer, bearer.user, changes)
    await attributes.change(call, bearer.pool, bearer.client, bearer.user, changes, bearer=bearer)
    return DeleteUserAttributesResponse()


async def get_user_attribute_verification_code(
    call: Call, req: GetUserAttributeVerificationCodeRequest, bearer: Bearer
) -> GetUserAttributeVerificationCodeResponse:
    """Send a code to the address that waits for one, else to the present one; the former code becomes worthless.

    Triggers: CustomMessage.
    """
    destination = await attributes.send_code(call, bearer, req.attribute_name, metadata=req.client_metadata)
    details = simulated_details(destination, req.attribute_name)
    return GetUserAttributeVerificationCodeResponse(code_delivery_details=details)


async def verify_user_attribute(
    call: Call, req: VerifyUserAttributeRequest, bearer: Bearer
) -> VerifyUserAttributeResponse:
    """Take the code as proof of the address that it was sent to."""
    await attributes.verify(call, bearer, req.attribute_name, code=req.code)
    return VerifyUserAttributeResponse()
