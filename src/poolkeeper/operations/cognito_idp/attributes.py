"""UpdateUserAttributes, DeleteUserAttributes, GetUserAttributeVerificationCode, VerifyUserAttribute: one's own attributes."""

from poolkeeper.auth import codes, mfa_guard
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
from poolkeeper.errors import InvalidParameterException
from poolkeeper.lookup import Bearer
from poolkeeper.model.attributes import require_writable
from poolkeeper.operations.cognito_idp import verification
from poolkeeper.operations.cognito_idp.outgoing import outgoing, send
from poolkeeper.operations.shapes import attribute_dict, simulated_details
from poolkeeper.store.db import Transaction


async def update_user_attributes(
    call: Call, req: UpdateUserAttributesRequest, found: Bearer
) -> UpdateUserAttributesResponse:
    """Change attributes of the bearer's that the app client may write.

    A new address is unverified and loses its alias, or waits for its code where the pool verifies before an update
    (contract, user pools 5.4; attacks.md 18). Triggers: CustomMessage.
    """
    given = attribute_dict(req.user_attributes)
    require_writable(given, found.client.writable, found.pool.schema)
    mfa_guard.require_proof_for_addresses(call, found, given)
    sent = await verification.change(call, found.pool, found.client, found.user, given, metadata=req.client_metadata)
    details = [simulated_details(one.code.destination, one.code.attribute) for one in sent]
    return UpdateUserAttributesResponse(code_delivery_details_list=details)


async def delete_user_attributes(
    call: Call, req: DeleteUserAttributesRequest, found: Bearer
) -> DeleteUserAttributesResponse:
    """Remove attributes of the bearer's, and the sign-in names that they were."""
    require_writable(req.user_attribute_names, found.client.writable, found.pool.schema)
    given = dict.fromkeys(req.user_attribute_names, "")
    mfa_guard.require_proof_for_addresses(call, found, given)
    await verification.change(call, found.pool, found.client, found.user, given)
    return DeleteUserAttributesResponse()


async def get_user_attribute_verification_code(
    call: Call, req: GetUserAttributeVerificationCodeRequest, found: Bearer
) -> GetUserAttributeVerificationCodeResponse:
    """Send a code to the address that waits for one, else to the present one; the code before it is worth nothing then.

    Triggers: CustomMessage.
    """
    pool, user, attribute = found.pool, found.user, _address_name(req.attribute_name)
    pending = None
    if attribute in pool.verified_first:
        pending = await codes.pending(call, pool, user.sub, purpose=codes.VERIFY[attribute])
    destination = pending or user.attributes.get(attribute)
    if destination is None:
        # UNVERIFIED: the words; one call for a user without an e-mail address would settle them.
        raise InvalidParameterException(f"User does not have an attribute {attribute} to verify.")
    one = await outgoing(
        call,
        pool,
        found.client,
        user,
        purpose=codes.VERIFY[attribute],
        kind="VerifyUserAttribute",
        attribute=attribute,
        destination=destination,
        metadata=req.client_metadata,
    )

    async def body(tx: Transaction) -> None:
        await send(call, tx, pool, user.sub, one)

    await call.db.write(body)
    return GetUserAttributeVerificationCodeResponse(code_delivery_details=simulated_details(destination, attribute))


async def verify_user_attribute(
    call: Call, req: VerifyUserAttributeRequest, found: Bearer
) -> VerifyUserAttributeResponse:
    """Take the code as proof of the address that it was sent to.

    Raises CodeMismatchException, ExpiredCodeException, LimitExceededException; AliasExistsException where the address
    is somebody else's sign-in name by now, which leaves the code unspent.
    """
    pool, user, attribute = found.pool, found.user, _address_name(req.attribute_name)

    async def body(tx: Transaction) -> codes.Redeemed | codes.Refusal:
        redeemed = await codes.redeem(tx, pool, user.sub, purpose=codes.VERIFY[attribute], given=req.code, now=call.now)
        if isinstance(redeemed, codes.Refusal):
            return redeemed
        return await verification.prove(call, tx, pool, user.sub, redeemed)

    outcome = await call.db.write(body)
    if isinstance(outcome, codes.Refusal):
        raise type(outcome.value)(outcome.value.message)
    return VerifyUserAttributeResponse()


def _address_name(name: str) -> str:
    if name not in codes.VERIFY:
        # UNVERIFIED: the words; one call with the name of another attribute would settle them.
        raise InvalidParameterException(f"Attribute {name} cannot be verified, only email and phone_number can.")
    return name
