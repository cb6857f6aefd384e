"""AssumeRole: who may take a role, for how long, and with how much of its rights."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NoReturn

import msgspec

from poolkeeper import policy
from poolkeeper.aws.generated.sts import AssumedRoleUser, AssumeRoleRequest, AssumeRoleResponse
from poolkeeper.call import Call, Caller, Rights
from poolkeeper.clock import SECOND
from poolkeeper.errors import AccessDeniedException, InvalidParameterValueException, ValidationException
from poolkeeper.model.iam import Entity
from poolkeeper.model.principal import Claims, assumed_role_arn
from poolkeeper.model.principal import Kind as PrincipalKind
from poolkeeper.operations.guards import require_caller
from poolkeeper.operations.sts_answers import credentials, session_policies, session_tags, without_mfa_device
from poolkeeper.policy import Decision, Request
from poolkeeper.rights import tokens
from poolkeeper.rights.judging import Context, refusal, request_for
from poolkeeper.rights.policies import compiled, rights_of
from poolkeeper.rights.roles import find_role

_DEFAULT_SECONDS = 3_600
_SECONDS_OF_A_CHAIN = 3_600
# What sts accepts as an ARN; an ARN of anything but a role counts as an unknown role.
_ARN = re.compile(r"arn:[^:]+:[^:]+:[^:]*:[^:]*:.+", re.DOTALL)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Carried:
    """What a new session carries: from the request, and from the caller's session."""

    tags: Mapping[str, str]
    transitive_tag_keys: tuple[str, ...]
    source_identity: str


async def assume_role(call: Call, req: AssumeRoleRequest) -> AssumeRoleResponse:
    """Make temporary credentials of a role (STS API Reference, AssumeRole).

    The role's trust policy must allow the caller to assume it; where it names the account and not the caller, the caller's
    own policies must allow it as well. Tags and a source identity are separate actions. Raises AccessDeniedException, the
    same for an unknown role; InvalidParameterValueException, MalformedPolicyDocumentException,
    PackedPolicyTooLargeException, ValidationException.
    """
    caller = require_caller(call)
    if _ARN.fullmatch(req.role_arn) is None:
        raise ValidationException(f"{req.role_arn} is invalid")
    without_mfa_device(req.serial_number, req.token_code)
    if caller.principal.root and caller.principal.kind is not PrincipalKind.FEDERATED:
        raise AccessDeniedException("Roles may not be assumed by root accounts.")
    carried = _carried(caller, req)
    role = await _require_role(call, caller, req, carried)
    seconds = _duration(caller, role, req.duration_seconds)
    policies, policy_arns = await session_policies(call, req.policy, req.policy_arns)

    claims = Claims(
        access_key_id="",
        kind=PrincipalKind.ROLE,
        owner_id=role.entity_id,
        owner_name=role.name,
        session_name=req.role_session_name,
        issued_at=call.now,
        expires_at=call.now + seconds * SECOND,
        policies=policies,
        policy_arns=policy_arns,
        tags=carried.tags,
        transitive_tag_keys=carried.transitive_tag_keys,
        source_identity=carried.source_identity,
    )
    temporary = tokens.issue(call.house, claims)
    account = call.settings.account_id
    arn = assumed_role_arn(account_id=account, role_name=role.name, session_name=req.role_session_name)
    return AssumeRoleResponse(
        credentials=credentials(temporary),
        assumed_role_user=AssumedRoleUser(assumed_role_id=f"{role.entity_id}:{req.role_session_name}", arn=arn),
        packed_policy_size=temporary.packed_percent,
        source_identity=carried.source_identity or None,
    )


def _carried(caller: Caller, req: AssumeRoleRequest) -> _Carried:
    """Return what the session carries: transitive tags and a source identity are inherited along a chain of sessions.

    Raises InvalidParameterValueException for tags, and ValidationException for a source identity, that contradict these.
    """
    tags = session_tags(req.tags)
    spelt = {key.lower(): key for key in tags}
    if any(key.lower() not in spelt for key in req.transitive_tag_keys or ()):
        raise InvalidParameterValueException("The specified transitive tag key must be included in the requested tags.")
    keys = tuple(dict.fromkeys(spelt[key.lower()] for key in req.transitive_tag_keys or ()))
    session = caller.principal.session
    if session is None:
        return _Carried(tags=tags, transitive_tag_keys=keys, source_identity=req.source_identity or "")

    inherited = {key: session.tags[key] for key in session.transitive_tag_keys}
    folded = {key.lower() for key in inherited}
    if any(key in folded for key in spelt):
        raise InvalidParameterValueException(
            "One of the specified transitive tag keys can't be set because it conflicts with a transitive tag key from the "
            "calling session."
        )
    # UNVERIFIED: the sentence; a chain of roles with two source identities against AWS would settle it.
    if session.source_identity and req.source_identity not in (None, session.source_identity):
        raise ValidationException("The source identity of a chain of sessions cannot be changed.")
    return _Carried(
        tags={**inherited, **tags},
        transitive_tag_keys=(*session.transitive_tag_keys, *keys),
        source_identity=session.source_identity or req.source_identity or "",
    )


async def _require_role(call: Call, caller: Caller, req: AssumeRoleRequest, carried: _Carried) -> Entity:
    """Return the role that the caller may assume.

    Raises AccessDeniedException.
    """
    role = await find_role(call.house, req.role_arn)
    rights = await rights_of(call.house, caller.principal)
    for action in _actions(carried):
        request = request_for(call, caller, action, req.role_arn, _context(role, req, carried))
        decision = _decision(call, role, request, rights)
        if not decision.allowed:
            _refuse(call, request, decision)
    assert role is not None, "nobody is trusted by a role that is not there"
    return role


def _actions(carried: _Carried) -> Sequence[str]:
    tag_actions = (("sts:TagSession", carried.tags), ("sts:SetSourceIdentity", carried.source_identity))
    return ("sts:AssumeRole", *(action for action, value in tag_actions if value))


def _decision(call: Call, role: Entity | None, request: Request, rights: Rights) -> Decision:
    """Judge by the trust policy of the role, and by the caller's own policies as far as they matter."""
    if role is None or role.trust_policy is None:
        return Decision(allowed=False, explicit_deny=False, by=policy.Source.TRUST)
    trust = compiled(call.house, role.trust_policy, policy.Kind.TRUST, name=role.name)
    trusted = policy.trusts(trust, request)
    if not trusted.allowed:
        return trusted
    return policy.decide(
        request, identity=rights.identity, boundary=rights.boundary, session=rights.session, resource=trust
    )


def _refuse(call: Call, request: Request, decision: Decision) -> NoReturn:
    """Refuse with one error message for any reason: AWS does not reveal whether a role exists, or whom it trusts."""
    sentence = (
        f"User: {request.principal.arn} is not authorized to perform: {request.action} on resource: {request.resource}"
    )
    raise refusal(call, request, decision, sentence)


def _context(role: Entity | None, req: AssumeRoleRequest, carried: _Carried) -> Context:
    context: dict[str, str | tuple[str, ...]] = {"sts:RoleSessionName": req.role_session_name}
    context |= {f"aws:RequestTag/{key}": value for key, value in carried.tags.items()}
    rows = (
        ("sts:ExternalId", req.external_id),
        ("sts:SourceIdentity", carried.source_identity),
        ("aws:TagKeys", tuple(carried.tags)),
        ("sts:TransitiveTagKeys", carried.transitive_tag_keys),
    )
    context |= {key: value for key, value in rows if value}
    if role is not None:
        for key, value in _tags_of(role).items():
            context[f"aws:ResourceTag/{key}"] = context[f"iam:ResourceTag/{key}"] = value
    return context


def _tags_of(role: Entity) -> Mapping[str, str]:
    tags: dict[str, str] = msgspec.json.decode(role.tags)
    return tags


def _duration(caller: Caller, role: Entity, carried: int | None) -> int:
    """Return the seconds that a session lives. Raises ValidationException for more than the role, or a chain, may have."""
    if carried is None:
        return _DEFAULT_SECONDS
    if caller.principal.temporary and carried > _SECONDS_OF_A_CHAIN:
        raise ValidationException(
            "The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining."
        )
    if carried > (role.max_session_seconds or _DEFAULT_SECONDS):
        raise ValidationException("The requested DurationSeconds exceeds the MaxSessionDuration set for this role.")
    return carried
