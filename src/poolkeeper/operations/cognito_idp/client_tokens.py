"""GetClientToken: a token for an app client that stands for itself, without a domain."""

from poolkeeper.auth import gate
from poolkeeper.aws.generated.cognito_idp import (
    ClientAuthenticationResultType,
    GetClientTokenRequest,
    GetClientTokenResponse,
)
from poolkeeper.call import Call
from poolkeeper.errors import (
    InvalidLambdaResponseException,
    InvalidOAuthFlowException,
    InvalidParameterException,
    OperationNotEnabledException,
    ScopeDoesNotExistException,
    UnexpectedLambdaException,
    UserLambdaValidationException,
)
from poolkeeper.model.machine import CLIENT_TOKEN_AUTH, MachineRequest


async def get_client_token(call: Call, req: GetClientTokenRequest) -> GetClientTokenResponse:
    """Issue an access token to an app client that shows its secret; the signer of the request does not matter.

    Triggers: PreTokenGeneration from version three on. Raises ResourceNotFoundException, NotAuthorizedException,
    OperationNotEnabledException where ALLOW_CLIENT_TOKEN_AUTH is not the client's only flow, InvalidParameterException
    for a scope that it does not have, and where a function fails: the model has no error of functions.
    """
    asked = MachineRequest(
        pool_id=None, client_id=req.client_id, secret=req.secret, flow=CLIENT_TOKEN_AUTH, scopes=req.scopes or ()
    )
    try:
        tokens = await gate.client_tokens(call, asked, metadata=req.client_metadata or {})
    except InvalidOAuthFlowException:
        # UNVERIFIED: error and words; a call for a client with other flows would settle them.
        raise OperationNotEnabledException(f"{CLIENT_TOKEN_AUTH} flow not enabled for this client") from None
    except (
        ScopeDoesNotExistException,
        UserLambdaValidationException,
        UnexpectedLambdaException,
        InvalidLambdaResponseException,
    ) as fault:
        # UNVERIFIED: the error for both; a scope of nobody's and a function that raises would settle it.
        raise InvalidParameterException(fault.message, detail=fault.detail) from None
    return GetClientTokenResponse(
        client_authentication_result=ClientAuthenticationResultType(
            access_token=tokens.access,
            expires_in=tokens.expires_in,
            token_type="Bearer",  # noqa: S106 - RFC 6750's name of a kind
        )
    )
