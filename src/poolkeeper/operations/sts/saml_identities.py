"""AssumeRoleWithSAML: whoever a SAML response vouches for takes a role that trusts its provider. It needs no signature."""

from poolkeeper.aws.generated.sts import AssumedRoleUser, AssumeRoleWithSAMLRequest, AssumeRoleWithSAMLResponse
from poolkeeper.call import Call
from poolkeeper.errors import AccessDeniedException, ValidationException
from poolkeeper.identities import role_sessions
from poolkeeper.identities.saml_subjects import Subject, vouched
from poolkeeper.operations.sts_answers import credentials, session_policies
from poolkeeper.rights.roles import find_role

_REFUSED = "Not authorized to perform sts:AssumeRoleWithSAML"


async def assume_role_with_saml(call: Call, req: AssumeRoleWithSAMLRequest) -> AssumeRoleWithSAMLResponse:
    """Make temporary credentials of a role for whom a SAML response vouches (STS API Reference, AssumeRoleWithSAML).

    The response must give the role, with the provider, and the role must trust the provider. The session lasts as long
    as is asked for, or as the provider's own if that is shorter. Raises AccessDeniedException, the same for a role that
    is not there; InvalidIdentityTokenException, ExpiredTokenException, IDPRejectedClaimException, ValidationException,
    MalformedPolicyDocumentException, PackedPolicyTooLargeException.
    """
    who = await vouched(call, req.principal_arn, req.saml_assertion)
    if req.role_arn not in who.roles:
        raise AccessDeniedException(_REFUSED, detail="the response does not give the role")
    policies, policy_arns = await session_policies(call, req.policy, req.policy_arns)
    asked = role_sessions.Asked(
        role_arn=req.role_arn,
        role=await find_role(call.house, req.role_arn),
        session_name=who.session_name,
        action="sts:AssumeRoleWithSAML",
        saml_identity=who.identity,
        provider_names=(req.principal_arn,),
        context=who.context,
        tags=who.tags,
        transitive_tag_keys=who.transitive_tag_keys,
        source_identity=who.source_identity,
        seconds=_seconds(who, req.duration_seconds),
        most_seconds=who.most_seconds,
        policies=policies,
        policy_arns=policy_arns,
    )
    try:
        assumed = role_sessions.assume(call, asked)
    except role_sessions.NotTrusted as fault:
        raise AccessDeniedException(_REFUSED, detail=str(fault)) from None
    except role_sessions.TooLong:
        raise ValidationException(
            "The requested DurationSeconds exceeds the MaxSessionDuration set for this role."
        ) from None
    return AssumeRoleWithSAMLResponse(
        credentials=credentials(assumed.credentials),
        assumed_role_user=AssumedRoleUser(assumed_role_id=assumed.unique_id, arn=assumed.arn),
        packed_policy_size=assumed.credentials.packed_percent,
        subject=who.identity.subject,
        subject_type=who.identity.subject_type,
        issuer=who.issuer,
        audience=who.audience,
        name_qualifier=who.identity.name_qualifier,
        source_identity=who.source_identity or None,
    )


def _seconds(who: Subject, asked: int | None) -> int:
    return asked or who.seconds or role_sessions.DEFAULT_SECONDS
