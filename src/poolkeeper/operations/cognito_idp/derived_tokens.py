"""GetDerivedToken: an app exchanges a token that it was shown for one for another API, without a domain (RFC 8693)."""

from poolkeeper.auth.derive import Exchange, Shown, derive
from poolkeeper.aws.generated.cognito_idp import GetDerivedTokenRequest, GetDerivedTokenResponse
from poolkeeper.call import Call
from poolkeeper.errors import (
    InvalidOAuthFlowException,
    InvalidParameterException,
    OperationNotEnabledException,
    ScopeDoesNotExistException,
)
from poolkeeper.hosted import paths
from poolkeeper.model.address import every_address
from poolkeeper.model.exchange import ACCESS_TOKEN, ID_TOKEN, SAML2

_TYPES = {"access": ACCESS_TOKEN, "id": ID_TOKEN}


async def get_derived_token(call: Call, req: GetDerivedTokenRequest) -> GetDerivedTokenResponse:
    """Exchange a token; a signed request needs no secret of the client's.

    Triggers: PreTokenGeneration; of a provider's token those of a sign-in there too. Raises ResourceNotFoundException,
    NotAuthorizedException, UserNotFoundException, OperationNotEnabledException where the client does not have the flow,
    InvalidParameterException, and what a function raises.
    """
    try:
        derived = await derive(
            call,
            Exchange(
                client_id=req.client_id,
                secret=req.client_secret,
                proved=call.caller is not None,
                subject=Shown(
                    token=req.subject_token, type=req.subject_token_type, provider=req.subject_token_provider_name
                ),
                actor=_actor(req),
                scopes=req.scopes or (),
                audience=(req.audiences or [""])[0],
                resource=(req.resources or [""])[0],
                issue=req.requested_token_type or ACCESS_TOKEN,
                # UNVERIFIED: for which Recipient AWS takes an assertion; one for each address of a domain would settle it.
                addresses=lambda pool: [
                    address + path
                    for address in every_address(call.settings, pool)
                    for path in (paths.TOKEN, paths.SAML_RESPONSE)
                ],
            ),
        )
    except InvalidOAuthFlowException:
        # UNVERIFIED: error and words; a call for a client without the flow would settle them.
        flow = "DELEGATION" if req.actor_token else "IMPERSONATION"
        raise OperationNotEnabledException(f"ALLOW_TOKEN_EXCHANGE_{flow} flow not enabled for this client") from None
    except ScopeDoesNotExistException as fault:
        # UNVERIFIED: the error where no scope is left; a call that asks for another one than the subject has.
        raise InvalidParameterException(fault.message) from None
    return GetDerivedTokenResponse(
        issued_token=derived.token,
        issued_token_type=_TYPES[derived.kind],
        token_type="Bearer" if derived.kind == "access" else "N_A",
        expires_in=derived.expires_in,
        scopes=list(derived.scopes) if derived.kind == "access" else None,
    )


def _actor(req: GetDerivedTokenRequest) -> Shown | None:
    """Return the actor's token, None without one. Raises InvalidParameterException where only half of it is given."""
    if not req.actor_token:
        if req.actor_token_type or req.actor_token_provider_name:
            raise InvalidParameterException("ActorToken is required with ActorTokenType")
        return None
    if not req.actor_token_type:
        raise InvalidParameterException("ActorTokenType is required with ActorToken")
    if req.actor_token_type == SAML2:
        # UNVERIFIED: whether AWS takes an assertion as an actor's; one call would settle it.
        raise InvalidParameterException("A SAML assertion cannot be an ActorToken")
    return Shown(token=req.actor_token, type=req.actor_token_type, provider=req.actor_token_provider_name)
