"""AssumeRoleWithWebIdentity: the subject of a token assumes a role that trusts its issuer, without a signature."""

from poolkeeper.aws.generated.sts import (
    AssumedRoleUser,
    AssumeRoleWithWebIdentityRequest,
    AssumeRoleWithWebIdentityResponse,
)
from poolkeeper.call import Call
from poolkeeper.errors import AccessDeniedException, ValidationException
from poolkeeper.identities import role_sessions
from poolkeeper.identities.credentials import names_role
from poolkeeper.identities.pools import find_pool
from poolkeeper.identities.web_tokens import Vouched, vouched
from poolkeeper.model.identity_pool import UNAUTHENTICATED
from poolkeeper.operations.sts_answers import credentials, session_policies
from poolkeeper.rights.roles import find_role

_REFUSED = "Not authorized to perform sts:AssumeRoleWithWebIdentity"


async def assume_role_with_web_identity(
    call: Call, req: AssumeRoleWithWebIdentityRequest
) -> AssumeRoleWithWebIdentityResponse:
    """Make temporary credentials of a role for the subject of a token (STS API Reference, AssumeRoleWithWebIdentity).

    Raises AccessDeniedException, the same for an unknown role; InvalidIdentityTokenException, ExpiredTokenException,
    IDPCommunicationErrorException, ValidationException, MalformedPolicyDocumentException, PackedPolicyTooLargeException.
    """
    subject = await vouched(call, req.web_identity_token)
    policies, policy_arns = await session_policies(call, req.policy, req.policy_arns)
    role = await find_role(call.house, req.role_arn)
    session_request = role_sessions.Asked(
        role_arn=req.role_arn,
        role=role,
        session_name=req.role_session_name,
        web_identity=subject.web_identity,
        provider_names=subject.provider_names,
        tags=subject.tags,
        seconds=req.duration_seconds or role_sessions.DEFAULT_SECONDS,
        policies=policies,
        policy_arns=policy_arns,
        named=role is None and await _is_named(call, subject, req.role_arn),
    )
    try:
        assumed = role_sessions.assume(call, session_request)
    except role_sessions.NotTrusted as fault:
        raise AccessDeniedException(_REFUSED, detail=str(fault)) from None
    except role_sessions.TooLong:
        raise ValidationException(
            "The requested DurationSeconds exceeds the MaxSessionDuration set for this role."
        ) from None
    return AssumeRoleWithWebIdentityResponse(
        credentials=credentials(assumed.credentials),
        subject_from_web_identity_token=subject.web_identity.subject,
        assumed_role_user=AssumedRoleUser(assumed_role_id=assumed.unique_id, arn=assumed.arn),
        packed_policy_size=assumed.credentials.packed_percent,
        provider=subject.provider,
        audience=subject.web_identity.audience,
    )


async def _is_named(call: Call, subject: Vouched, role_arn: str) -> bool:
    """Say whether the identity pool that issued the token names the role; False where the pool is gone."""
    pool = await find_pool(call.house, subject.identity_pool_id) if subject.identity_pool_id else None
    guest = UNAUTHENTICATED in subject.web_identity.methods
    return pool is not None and await names_role(call, pool, role_arn, guest=guest)
