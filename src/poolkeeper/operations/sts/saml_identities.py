"""AssumeRoleWithSAML: the subject of a SAML response assumes a role that trusts its provider, without a signature."""

from poolkeeper.aws.generated.sts import AssumedRoleUser, AssumeRoleWithSAMLRequest, AssumeRoleWithSAMLResponse
from poolkeeper.call import Call
from poolkeeper.errors import AccessDeniedException, ValidationException
from poolkeeper.identities import role_sessions
from poolkeeper.identities.saml_subjects import Subject, vouched
from poolkeeper.operations.sts_answers import credentials, session_policies
from poolkeeper.rights.roles import find_role

_REFUSED = "Not authorized to perform sts:AssumeRoleWithSAML"


async def assume_role_with_saml(call: Call, req: AssumeRoleWithSAMLRequest) -> AssumeRoleWithSAMLResponse:
    """Make temporary credentials of a role for the subject of a SAML response (STS API Reference, AssumeRoleWithSAML).

    The response must name the role and the provider, and the role must trust the provider. The session lasts as long as
    the request wants, or as the provider's own session if that is shorter. Raises AccessDeniedException, the same for an
    unknown role; InvalidIdentityTokenException, ExpiredTokenException, IDPRejectedClaimException, ValidationException,
    MalformedPolicyDocumentException, PackedPolicyTooLargeException.
    """
    subject = await vouched(call, req.principal_arn, req.saml_assertion)
    if req.role_arn not in subject.roles:
        raise AccessDeniedException(_REFUSED, detail="the response does not give the role")
    policies, policy_arns = await session_policies(call, req.policy, req.policy_arns)
    session_request = role_sessions.Asked(
        role_arn=req.role_arn,
        role=await find_role(call.house, req.role_arn),
        session_name=subject.session_name,
        action="sts:AssumeRoleWithSAML",
        saml_identity=subject.identity,
        provider_names=(req.principal_arn,),
        context=subject.context,
        tags=subject.tags,
        transitive_tag_keys=subject.transitive_tag_keys,
        source_identity=subject.source_identity,
        seconds=_seconds(subject, req.duration_seconds),
        most_seconds=subject.most_seconds,
        policies=policies,
        policy_arns=policy_arns,
    )
    try:
        assumed = role_sessions.assume(call, session_request)
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
        subject=subject.identity.subject,
        subject_type=subject.identity.subject_type,
        issuer=subject.issuer,
        audience=subject.audience,
        name_qualifier=subject.identity.name_qualifier,
        source_identity=subject.source_identity or None,
    )


def _seconds(subject: Subject, requested_seconds: int | None) -> int:
    return requested_seconds or subject.seconds or role_sessions.DEFAULT_SECONDS
