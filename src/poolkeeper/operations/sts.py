"""GetCallerIdentity: whom is this access key? Terraform, the AWS CLI and others ask it first."""

from poolkeeper.aws.generated.sts import GetCallerIdentityRequest, GetCallerIdentityResponse
from poolkeeper.call import Call


async def get_caller_identity(call: Call, req: GetCallerIdentityRequest) -> GetCallerIdentityResponse:  # noqa: ARG001 - it has no members
    """Return the account, the id and the ARN of the key that signed the request; it needs no permission."""
    assert call.caller is not None, "the table asks for a signature"
    return GetCallerIdentityResponse(
        user_id=call.caller.access_key_id, account=call.settings.account_id, arn=call.caller.arn
    )
