"""GetCallerIdentity, GetAccessKeyInfo, DecodeAuthorizationMessage: who signed, whose a key is, why a call was refused."""

from poolkeeper.aws.generated.sts import (
    DecodeAuthorizationMessageRequest,
    DecodeAuthorizationMessageResponse,
    GetAccessKeyInfoRequest,
    GetAccessKeyInfoResponse,
    GetCallerIdentityRequest,
    GetCallerIdentityResponse,
)
from poolkeeper.call import Call
from poolkeeper.errors import InvalidAuthorizationMessageException
from poolkeeper.operations.guards import require_caller
from poolkeeper.rights import messages


async def get_caller_identity(call: Call, req: GetCallerIdentityRequest) -> GetCallerIdentityResponse:  # noqa: ARG001 - it has no members
    """Return the account, the id and the ARN of the principal who signed the request; it needs no permission."""
    principal = require_caller(call).principal
    return GetCallerIdentityResponse(user_id=principal.unique_id, account=principal.account_id, arn=principal.arn)


async def get_access_key_info(call: Call, req: GetAccessKeyInfoRequest) -> GetAccessKeyInfoResponse:  # noqa: ARG001 - one account has all keys
    """Return the account of an access key: all keys that are valid here are this account's.

    As on AWS it does not say whether the key exists (STS API Reference, GetAccessKeyInfo).
    """
    return GetAccessKeyInfoResponse(account=call.settings.account_id)


async def decode_authorization_message(
    call: Call, req: DecodeAuthorizationMessageRequest
) -> DecodeAuthorizationMessageResponse:
    """Return what was judged, and how, when a call was refused: JSON in a text, as on AWS.

    Raises InvalidAuthorizationMessageException.
    """
    record = messages.decoded(call, req.encoded_message)
    if record is None:
        raise InvalidAuthorizationMessageException("The specified authorization message is invalid or has expired.")
    return DecodeAuthorizationMessageResponse(decoded_message=record)
