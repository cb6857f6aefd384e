"""GetSessionToken, GetFederationToken: temporary keys from a user (or from root), for themselves or for a federated user."""

from collections.abc import Mapping
from typing import Any

from poolkeeper import policy
from poolkeeper.aws.generated.sts import (
    FederatedUser,
    GetFederationTokenRequest,
    GetFederationTokenResponse,
    GetSessionTokenRequest,
    GetSessionTokenResponse,
)
from poolkeeper.call import Call, Caller
from poolkeeper.clock import HOUR, SECOND
from poolkeeper.errors import AccessDeniedException
from poolkeeper.model.principal import Claims, Kind, federated_user_arn
from poolkeeper.operations.guards import require_caller
from poolkeeper.operations.sts_answers import credentials, session_policies, session_tags, without_mfa_device
from poolkeeper.rights import tokens
from poolkeeper.rights.judging import Context, refusal, request_for, require_allowed
from poolkeeper.rights.policies import rights_of

_DEFAULT = 12 * HOUR
_LONGEST_OF_ROOT = HOUR


async def get_session_token(call: Call, req: GetSessionTokenRequest) -> GetSessionTokenResponse:
    """Make temporary credentials with the caller's own rights (STS API Reference, GetSessionToken).

    Root's last an hour at most, whatever the request wants. MFA devices of IAM are not built, so a request with one is
    refused.
    """
    caller = _require_long_lived(call, "GetSessionToken")
    without_mfa_device(req.serial_number, req.token_code)
    temporary = tokens.issue(call.house, _claims(call, caller, caller.principal.kind, req.duration_seconds))
    return GetSessionTokenResponse(credentials=credentials(temporary))


async def get_federation_token(call: Call, req: GetFederationTokenRequest) -> GetFederationTokenResponse:
    """Make temporary credentials for a federated user: they allow what both the caller and the given policies allow.

    Without a policy they allow nothing (STS API Reference, GetFederationToken). Tags are a separate action. Raises
    AccessDeniedException, MalformedPolicyDocumentException, PackedPolicyTooLargeException, ValidationException.
    """
    caller = _require_long_lived(call, "GetFederationToken")
    tags = session_tags(req.tags)
    await _require_allowed(call, caller, req.name, tags)
    policies, policy_arns = await session_policies(call, req.policy, req.policy_arns)
    claims = _claims(
        call,
        caller,
        Kind.FEDERATED,
        req.duration_seconds,
        session_name=req.name,
        policies=policies,
        policy_arns=policy_arns,
        tags=tags,
    )
    temporary = tokens.issue(call.house, claims)
    account = caller.principal.account_id
    return GetFederationTokenResponse(
        credentials=credentials(temporary),
        federated_user=FederatedUser(
            federated_user_id=f"{account}:{req.name}", arn=federated_user_arn(account_id=account, name=req.name)
        ),
        packed_policy_size=temporary.packed_percent or 0,
    )


def _require_long_lived(call: Call, operation: str) -> Caller:
    """Return the caller of a long-lived key. Raises AccessDeniedException, with AWS's error message, for a temporary one."""
    caller = require_caller(call)
    if caller.principal.temporary:
        raise AccessDeniedException(f"Cannot call {operation} with session credentials")
    return caller


async def _require_allowed(call: Call, caller: Caller, name: str, tags: Mapping[str, str]) -> None:
    """Pass for a caller who may make a federated user with these tags; permits.py has judged GetFederationToken itself.

    Raises AccessDeniedException.
    """
    principal = caller.principal
    if principal.unlimited:
        return
    rights = await rights_of(call.house, principal)
    tag_context: Context = {
        "aws:TagKeys": tuple(tags),
        **{f"aws:RequestTag/{key}": value for key, value in tags.items()},
    }
    if tags:
        federated = federated_user_arn(account_id=principal.account_id, name=name)
        require_allowed(call, request_for(call, caller, "sts:TagSession", federated, tag_context), rights)

    # UNVERIFIED: the Service Authorization Reference puts both actions on the user, the User Guide's policies allow them on the
    # federated user; GetFederationToken with either one allowed, or denied, would settle it. Here the federated user must be
    # allowed, and the user not denied.
    of_user = {
        f"{key}/{tag}": value for key in ("aws:ResourceTag", "iam:ResourceTag") for tag, value in principal.tags.items()
    }
    for action in ("sts:GetFederationToken", *(("sts:TagSession",) if tags else ())):
        request = request_for(call, caller, action, principal.arn, {**(tag_context if tags else {}), **of_user})
        decision = policy.decide(request, identity=rights.identity, boundary=rights.boundary, session=rights.session)
        if decision.explicit_deny:
            raise refusal(call, request, decision, policy.denial(request, decision))


def _claims(call: Call, caller: Caller, kind: Kind, asked_seconds: int | None, **more: Any) -> Claims:
    principal = caller.principal
    lifetime = _DEFAULT if asked_seconds is None else asked_seconds * SECOND
    return Claims(
        access_key_id="",
        kind=kind,
        owner_id=principal.owner_id,
        owner_name=principal.owner_name,
        parent_key_id=caller.access_key_id,
        issued_at=call.now,
        expires_at=call.now + (min(lifetime, _LONGEST_OF_ROOT) if principal.root else lifetime),
        **more,
    )
