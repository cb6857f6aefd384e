"""GetId, GetOpenIdToken, GetCredentialsForIdentity: what callers get for their logins, or as a guest."""

from collections.abc import Mapping

from poolkeeper.aws.generated.cognito_identity import (
    Credentials,
    GetCredentialsForIdentityInput,
    GetCredentialsForIdentityResponse,
    GetIdInput,
    GetIdResponse,
    GetOpenIdTokenInput,
    GetOpenIdTokenResponse,
)
from poolkeeper.call import Call
from poolkeeper.errors import InvalidParameterException
from poolkeeper.identities import beginnings, linking, tokens
from poolkeeper.identities.credentials import by_logins, credentials_for
from poolkeeper.identities.logins import verified
from poolkeeper.model.identity_pool import IdentityPool
from poolkeeper.operations.shapes import whole_seconds

_NO_CLASSIC = "Basic (classic) flow is not enabled, please use enhanced flow."
# UNVERIFIED: the words; GetOpenIdToken with a SAML response would settle them.
_SAML = "Basic (classic) flow is not supported with SAML, please use enhanced flow."
_MAPPED = "Basic (classic) flow is not supported with RoleMappings, please use enhanced flow."


async def get_id(call: Call, req: GetIdInput) -> GetIdResponse:
    """Return the identity of some logins, made where they are new; without logins a new guest at every call.

    AccountId is ignored. Raises NotAuthorizedException, ResourceNotFoundException, ResourceConflictException,
    LimitExceededException, ExternalServiceException.
    """
    begun = await beginnings.of_pool(call, req.identity_pool_id, req.logins or {})
    if not req.logins:
        return GetIdResponse(identity_id=await linking.make_guest(call, begun.pool))
    logins = await verified(call, begun.pool, req.logins, begun.claim)
    return GetIdResponse(identity_id=await linking.identify(call, begun.pool, logins, linked=begun.identity_of(logins)))


async def get_open_id_token(call: Call, req: GetOpenIdTokenInput) -> GetOpenIdTokenResponse:
    """Return a token of ten minutes that vouches for an identity, whose id may differ from the one that was sent.

    Raises InvalidParameterException where the pool has no classic flow, else as `get_id`.
    """
    begun = await beginnings.of_identity(call, req.identity_id, req.logins or {})
    _require_classic(begun.pool, req.logins or {})
    who = await by_logins(call, begun, req.identity_id, req.logins or {})
    token = await tokens.issue(call, begun.pool, who.identity_id, who.amr, tags=who.tags)
    return GetOpenIdTokenResponse(identity_id=who.identity_id, token=token)


async def get_credentials_for_identity(
    call: Call, req: GetCredentialsForIdentityInput
) -> GetCredentialsForIdentityResponse:
    """Return credentials for an hour, of the role that the pool has for this identity.

    The identity's id may differ from the one that was sent. Raises InvalidIdentityPoolConfigurationException, and as
    `get_id`.
    """
    begun = await beginnings.of_identity(call, req.identity_id, req.logins or {}, with_role=True)
    identity_id, credentials = await credentials_for(
        call, begun, req.identity_id, req.logins or {}, req.custom_role_arn
    )
    return GetCredentialsForIdentityResponse(
        identity_id=identity_id,
        credentials=Credentials(
            access_key_id=credentials.access_key_id,
            secret_key=credentials.secret.reveal(),
            session_token=credentials.token,
            expiration=whole_seconds(credentials.expires_at),
        ),
    )


def _require_classic(pool: IdentityPool, logins: Mapping[str, str]) -> None:
    """Refuse the classic flow where it is switched off; by default it is on (identity-security.md 1.2).

    SAML is for the enhanced flow alone (identity-security.md 1.3).
    """
    if pool.classic_flow is False:
        raise InvalidParameterException(_NO_CLASSIC)
    if pool.mappings:
        raise InvalidParameterException(_MAPPED)
    if not logins.keys().isdisjoint(pool.saml_provider_arns):
        raise InvalidParameterException(_SAML)
