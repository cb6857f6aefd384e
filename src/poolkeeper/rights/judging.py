"""May this principal do that? The request as policies know it, the decision, and the refusal in AWS's words.

Source: IAM User Guide, "AWS global condition context keys" and "Policy evaluation logic" (identity-security.md 3.3).
"""

from collections.abc import Mapping
from datetime import UTC, datetime

from poolkeeper import policy
from poolkeeper.call import Call, Caller, Rights
from poolkeeper.errors import AccessDeniedException
from poolkeeper.model.principal import Claims, Kind, Principal
from poolkeeper.policy import Decision, PrincipalKind, Request
from poolkeeper.rights import messages

Context = Mapping[str, str | tuple[str, ...]]

ENCODED = "x-amzn-encoded-authorization-message"
"""The header of a refusal that DecodeAuthorizationMessage reads; AWS's sentence stays what it is."""

_REGION_OF_IAM = "us-east-1"
# UNVERIFIED: that there is an end, and where; a condition on the end of a long one against AWS would settle it.
_LONGEST_USER_AGENT = 1_024

_KINDS = {
    Kind.ROOT: PrincipalKind.ROOT,
    Kind.USER: PrincipalKind.USER,
    Kind.ROLE: PrincipalKind.ROLE_SESSION,
    Kind.FEDERATED: PrincipalKind.FEDERATED_USER,
}


def request_for(call: Call, caller: Caller, action: str, resource: str, more: Context) -> Request:
    """Return what is judged: an action on a resource, with what is known of the caller and the call, and `more`."""
    context = {
        **of_call(call, _region_of(action, resource) or caller.region),
        **_of_principal(caller.principal),
        **more,
    }
    return Request(_named(caller.principal), action, resource, context, call.trace.budget)


def require_allowed(call: Call, request: Request, rights: Rights, *, called: str = "") -> None:
    """Raise AccessDeniedException where the policies of the caller do not allow a request.

    `called` is what the sentence calls the resource, where that is not its ARN.
    """
    decision = policy.decide(request, identity=rights.identity, boundary=rights.boundary, session=rights.session)
    if not decision.allowed:
        raise refusal(call, request, decision, policy.denial(request, decision, resource=called))


def require_not_denied(call: Call, request: Request, rights: Rights) -> None:
    """Raise AccessDeniedException where a policy of the caller denies a request by name; none needs to allow it."""
    decision = policy.decide(request, identity=rights.identity, boundary=rights.boundary, session=rights.session)
    if decision.explicit_deny or decision.too_costly:
        raise refusal(call, request, decision, policy.denial(request, decision))


def refusal(call: Call, request: Request, decision: Decision, sentence: str) -> AccessDeniedException:
    """Return the refusal of a request; the log has which policy decided, and its header what was judged."""
    which = decision.policy or ("too costly to judge" if decision.too_costly else "no policy")
    detail = f"{request.action} on {request.resource}: {decision.by.name.lower()}, {which} {decision.sid}".rstrip()
    fault = AccessDeniedException(sentence, detail=detail)
    fault.headers = {ENCODED: messages.encoded(call, request, decision)}
    return fault


def instant(milliseconds: int) -> str:
    """Return a moment as condition keys have it."""
    return datetime.fromtimestamp(milliseconds // 1000, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _region_of(action: str, resource: str) -> str:
    """Return the region that a request goes to, by what it is about; empty where only its signature says.

    At AWS a pool is reached in its own region alone, and iam in us-east-1 (IAM User Guide, aws:RequestedRegion). Here all
    are at one address, and whoever signs must not choose among denials.
    """
    if action.startswith("iam:"):
        return _REGION_OF_IAM
    parts = resource.split(":", 4)
    return parts[3] if len(parts) == 5 and parts[0] == "arn" else ""


def _named(principal: Principal) -> policy.Principal:
    behind = (principal.owner_arn, principal.owner_id) if principal.arn != principal.owner_arn else ()
    kind = _KINDS[principal.kind]
    return policy.Principal(kind, principal.arn, principal.account_id, (principal.unique_id,), behind)


def of_call(call: Call, region: str) -> dict[str, str | tuple[str, ...]]:
    """Return the condition keys that tell of a call, whoever makes it."""
    return {
        "aws:CurrentTime": instant(call.now),
        "aws:EpochTime": str(call.now // 1000),
        "aws:RequestedRegion": region,
        "aws:SecureTransport": "true" if call.settings.issuer_base.startswith("https://") else "false",
        "aws:SourceIp": call.client_address,
        "aws:UserAgent": call.user_agent[:_LONGEST_USER_AGENT],
        "aws:ViaAWSService": "false",
    }


def _of_principal(principal: Principal) -> dict[str, str | tuple[str, ...]]:
    keys: dict[str, str | tuple[str, ...]] = {
        "aws:PrincipalAccount": principal.account_id,
        "aws:PrincipalArn": principal.owner_arn if principal.kind is Kind.ROLE else principal.arn,
        "aws:PrincipalType": principal.kind.value,
        "aws:userid": principal.unique_id,
    }
    if principal.kind is Kind.USER:
        keys["aws:username"] = principal.owner_name
    keys |= {f"aws:PrincipalTag/{key}": value for key, value in principal.tags.items()}
    return keys if principal.session is None else keys | _of_session(principal.session)


def _of_session(claims: Claims) -> dict[str, str | tuple[str, ...]]:
    keys: dict[str, str | tuple[str, ...]] = {
        "aws:TokenIssueTime": instant(claims.issued_at),
        # Of temporary credentials alone: a long-lived key has no such key (aws:MultiFactorAuthPresent).
        "aws:MultiFactorAuthPresent": "true" if claims.mfa else "false",
    }
    for identity in (claims.web_identity, claims.saml_identity):
        keys |= {} if identity is None else identity.keys
    if claims.source_identity:
        keys["aws:SourceIdentity"] = claims.source_identity
    return keys
