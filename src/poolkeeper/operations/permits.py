"""May the signer make this call? Every decoded request is judged here before its operation; root may do everything.

Where an operation passes a role on (to a pool or a group), that is judged as a second action, iam:PassRole: otherwise a
caller who may change a group could take any role of the account by becoming a member.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

import msgspec

from poolkeeper.aws.operation import About, Operation
from poolkeeper.call import Call, Caller, Judged, Rights
from poolkeeper.errors import AccessDeniedException, ResourceNotFoundException, UnrecognizedClientException
from poolkeeper.identities.pools import find_pool as find_identity_pool
from poolkeeper.lookup import require_pool
from poolkeeper.model.iam import Entity, Provider, entity_arn
from poolkeeper.model.iam import Kind as EntityKind
from poolkeeper.model.principal import Kind, Principal
from poolkeeper.operations import resources
from poolkeeper.rights import signers, tokens
from poolkeeper.rights.judging import request_for, require_allowed, require_not_denied
from poolkeeper.rights.policies import rights_of
from poolkeeper.store import iam_entities

_POOLS, _IDENTITIES = "cognito-idp.amazonaws.com", "cognito-identity.amazonaws.com"
# The models' limit of ARNs; a longer text is no ARN, and is refused by the limits later.
_LONGEST_ARN = 2_048
_POOL_TAGS = "aws:resourcetag/"
_TAGS = (_POOL_TAGS, "iam:resourcetag/")
_RENAMING = frozenset({"iam:UpdateUser", "iam:UpdateGroup"})
_BOUNDARY = "iam:permissionsboundary"
# What sessions of a user (GetSessionToken) may ask of sts; those of a federated user may only ask who they are.
_OF_USERS_SESSIONS = frozenset({"GetCallerIdentity", "AssumeRole"})
# These operations refuse a session themselves.
_OF_LONG_LIVED_KEYS = frozenset({"GetSessionToken", "GetFederationToken"})


async def permit(call: Call, operation: Operation, request: Any) -> None:
    """Pass for a call that its caller may make. The request is decoded, and not yet checked against the model's limits.

    Raises AccessDeniedException; UnrecognizedClientException for a session that iam does not know.
    """
    caller = call.caller
    if caller is None:  # No signature was needed: the operation judges a token, a secret or a code.
        return
    await _judge(call, caller, operation, request)
    if not caller.principal.unlimited:
        call.trace.judged = Judged(caller.principal.changes, partial(_anew, call, caller, operation, request))


async def may_also(call: Call, action: str) -> bool:
    """Say whether the caller may also do another action on the same resource: for what only such callers may see."""
    if call.caller is None or call.caller.principal.unlimited:
        return True
    rights = await rights_of(call.house, call.caller.principal)
    tags = {f"aws:ResourceTag/{key}": value for key, value in (await _tags_of(call)).items()}
    try:
        require_allowed(call, request_for(call, call.caller, action, call.trace.resource, tags), rights)
    except AccessDeniedException:
        return False
    return True


async def _anew(call: Call, caller: Caller, operation: Operation, request: Any) -> None:
    """Judge a call by the caller's present identity and rights."""
    principal = await signers.current(call.house, caller)
    await permit(msgspec.structs.replace(call, caller=replace(caller, principal=principal)), operation, request)


async def _judge(call: Call, caller: Caller, operation: Operation, request: Any) -> None:
    resource = await resources.arn_of(call, caller, operation.about, request)
    call.trace.resource = resource if len(resource) <= _LONGEST_ARN else resources.ALL
    _refuse_session(caller.principal, operation)
    if caller.principal.powerless and operation.about is not About.CALLER:
        policy_request = request_for(call, caller, operation.action, call.trace.resource, {})
        called = resources.called(caller, operation.about, request)
        require_allowed(call, policy_request, await rights_of(call.house, caller.principal), called=called)
    if operation.about in {About.CALLER, About.ROLE_TO_ASSUME} or caller.principal.unlimited:
        return
    rights = await rights_of(call.house, caller.principal)
    conditions = {**_tags_asked_for(request), **await _of_resource(call, caller, operation, request, rights)}
    for resource in await _judged(call, caller, operation, request):
        called = resources.called(caller, operation.about, request) if resource == call.trace.resource else ""
        require_allowed(call, request_for(call, caller, operation.action, resource, conditions), rights, called=called)
    if (other_action := ALSO_DENIES.get(operation.action)) is not None:
        require_not_denied(call, request_for(call, caller, other_action, call.trace.resource, conditions), rights)
    for role_arn, service in dict.fromkeys(_passed(operation, request)):
        role = await resources.role_of(call, role_arn) if any(rights.ask_for(key) for key in _TAGS) else None
        passed = {"iam:PassedToService": service, **_tags_of_iam(role)}
        require_allowed(call, request_for(call, caller, "iam:PassRole", role_arn, passed), rights)


async def _judged(call: Call, caller: Caller, operation: Operation, request: Any) -> Sequence[str]:
    """Return the ARNs by which an operation is judged: its resource's, and that of the renamed resource."""
    if operation.action not in _RENAMING:
        return (call.trace.resource,)
    renamed = await resources.renamed(call, caller, operation.about, request)
    return (call.trace.resource,) if renamed is None else (call.trace.resource, renamed)


def _refuse_session(principal: Principal, operation: Operation) -> None:
    """Refuse what temporary credentials of users and federated users cannot do (IAM User Guide, comparison of STS's calls)."""
    session = principal.session
    if session is None or principal.kind is Kind.ROLE:
        return
    service, federated = operation.model.name, principal.kind is Kind.FEDERATED
    if service == "iam" and (federated or not session.mfa):
        raise UnrecognizedClientException(tokens.INVALID, detail="iam takes no session of a user without MFA")
    allowed = frozenset({"GetCallerIdentity"}) if federated else _OF_USERS_SESSIONS
    if service == "sts" and operation.name not in allowed | _OF_LONG_LIVED_KEYS:
        # UNVERIFIED: the words but for GetSessionToken and GetFederationToken; a session's DecodeAuthorizationMessage would
        # settle them.
        raise AccessDeniedException(f"Cannot call {operation.name} with session credentials")


def _tags_asked_for(request: Any) -> dict[str, str | tuple[str, ...]]:
    """Return the condition keys of tags that a request adds or removes; the member differs between services."""
    tags: dict[str, str] = {}
    for member in ("user_pool_tags", "identity_pool_tags", "tags"):
        request_tags: Mapping[str, str] | Sequence[Any] = getattr(request, member, None) or {}
        tags |= (
            request_tags
            if isinstance(request_tags, Mapping)
            else {tag.key or "": tag.value or "" for tag in request_tags}
        )
    keys = (*tags, *(getattr(request, "tag_keys", None) or ()))
    if not keys:
        return {}
    return {"aws:TagKeys": keys, **{f"aws:RequestTag/{key}": value for key, value in tags.items()}}


async def _of_resource(
    call: Call, caller: Caller, operation: Operation, request: Any, rights: Rights
) -> dict[str, str | tuple[str, ...]]:
    """Return the condition keys of the resource; those that cost a read only where a policy refers to them."""
    if operation.model.name == "iam":
        return await _of_iam(call, caller, operation, request, rights)
    if not rights.ask_for(_POOL_TAGS):
        return {}
    return {f"aws:ResourceTag/{key}": value for key, value in (await _tags_of(call)).items()}


async def _tags_of(call: Call) -> Mapping[str, str]:
    """Return the tags of the user pool or the identity pool of a call, none for an unknown one."""
    if identity_pool_id := resources.identity_pool_id_of(call.trace.resource):
        identity_pool = await find_identity_pool(call.house, identity_pool_id)
        return {} if identity_pool is None else identity_pool.tags
    pool_id = resources.pool_id_of(call.trace.resource)
    try:
        pool = await require_pool(call, pool_id) if pool_id else None
    except ResourceNotFoundException:
        pool = None
    tags: Mapping[str, str] = {} if pool is None else pool.document.get("UserPoolTags", {})
    return tags


async def _of_iam(
    call: Call, caller: Caller, operation: Operation, request: Any, rights: Rights
) -> dict[str, str | tuple[str, ...]]:
    conditions: dict[str, str | tuple[str, ...]] = {}
    policy_arn, boundary = getattr(request, "policy_arn", None), getattr(request, "permissions_boundary", None)
    if policy_arn is not None:
        conditions["iam:PolicyARN"] = policy_arn
    if any(rights.ask_for(key) for key in (_BOUNDARY, *_TAGS)):
        entity = await resources.entity_of(call, caller, operation.about, request)
        provider = await resources.provider_of(call, request) if operation.about is About.PROVIDER else None
        conditions |= _tags_of_iam(entity or provider)
        if entity is not None and boundary is None and entity.boundary_id is not None:
            boundary = await _arn_of_policy(call, entity.boundary_id)
    if boundary is not None:
        conditions["iam:PermissionsBoundary"] = boundary
    return conditions


def _tags_of_iam(tagged: Entity | Provider | None) -> dict[str, str]:
    """Return the tags of a user, role, policy or provider under both of their names in conditions."""
    tags: dict[str, str] = {} if tagged is None else msgspec.json.decode(tagged.tags)
    return {f"{prefix}{key}": value for key, value in tags.items() for prefix in _TAGS}


async def _arn_of_policy(call: Call, policy_id: str) -> str:
    """Return the ARN of a policy in a row: a row has the id of an account's own policy, the ARN of one of AWS's."""
    if policy_id.startswith("arn:"):
        return policy_id
    policy = await iam_entities.find_by_id(call.db, EntityKind.POLICY, policy_id)
    assert policy is not None, "a policy that bounds somebody is not deleted"
    return entity_arn(call.settings.account_id, EntityKind.POLICY, path=policy.path, name=policy.name)


def _passed(operation: Operation, request: Any) -> Iterator[tuple[str, str]]:
    """Return the roles that a request passes on, each with the service that will assume it."""
    row = PASSES.get(operation.action)
    if row is not None:
        service, roles = row
        for role_arn in roles(request):
            if role_arn:
                yield role_arn, service


def _of_group(request: Any) -> Sequence[str | None]:
    return (request.role_arn,)


def _of_text_messages(request: Any) -> Sequence[str | None]:
    return () if request.sms_configuration is None else (request.sms_configuration.sns_caller_arn,)


def _of_mfa(request: Any) -> Sequence[str | None]:
    return () if request.sms_mfa_configuration is None else _of_text_messages(request.sms_mfa_configuration)


def _of_import(request: Any) -> Sequence[str | None]:
    return (request.cloud_watch_logs_role_arn,)


def _of_analytics(request: Any) -> Sequence[str | None]:
    return () if request.analytics_configuration is None else (request.analytics_configuration.role_arn,)


def _of_identity_pool(request: Any) -> Sequence[str | None]:
    rules = [
        rule.role_arn
        for mapping in (request.role_mappings or {}).values()
        if mapping.rules_configuration is not None
        for rule in mapping.rules_configuration.rules or ()
    ]
    return (*(request.roles or {}).values(), *rules)


# action -> another action, whose denial denies it too (the API reference of DescribeTermsByClient).
ALSO_DENIES: Mapping[str, str] = {"cognito-idp:DescribeTermsByClient": "cognito-idp:DescribeTerms"}

PASSES: Mapping[str, tuple[str, Callable[[Any], Sequence[str | None]]]] = {
    "cognito-idp:CreateGroup": (_IDENTITIES, _of_group),
    "cognito-idp:UpdateGroup": (_IDENTITIES, _of_group),
    "cognito-idp:CreateUserPool": (_POOLS, _of_text_messages),
    "cognito-idp:UpdateUserPool": (_POOLS, _of_text_messages),
    "cognito-idp:SetUserPoolMfaConfig": (_POOLS, _of_mfa),
    "cognito-idp:CreateUserImportJob": (_POOLS, _of_import),
    # UNVERIFIED: that app clients pass a role; one with AnalyticsConfiguration by a user without iam:PassRole would settle it.
    "cognito-idp:CreateUserPoolClient": (_POOLS, _of_analytics),
    "cognito-idp:UpdateUserPoolClient": (_POOLS, _of_analytics),
    "cognito-identity:SetIdentityPoolRoles": (_IDENTITIES, _of_identity_pool),
}
