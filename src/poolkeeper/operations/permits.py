"""May whoever signed make this call? The one judge between the decoded request and the operation; root may do everything.

What an operation hands to somebody else (a role to a pool or a group) is judged as a second action, iam:PassRole: else whoever
may change a group could take any role of the account by becoming a member.
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
# As long as ARNs are by the models; what is longer is none, and is refused by its limits later.
_LONGEST_ARN = 2_048
_POOL_TAGS = "aws:resourcetag/"
_TAGS = (_POOL_TAGS, "iam:resourcetag/")
_RENAMING = frozenset({"iam:UpdateUser", "iam:UpdateGroup"})
_BOUNDARY = "iam:permissionsboundary"
# What sessions of a user (GetSessionToken) may ask of sts; those of a federated user may ask who they are.
_OF_USERS_SESSIONS = frozenset({"GetCallerIdentity", "AssumeRole"})
# They say themselves why a session may not.
_OF_LONG_LIVED_KEYS = frozenset({"GetSessionToken", "GetFederationToken"})


async def permit(call: Call, operation: Operation, given: Any) -> None:
    """Let a call through that its caller may make; what it gives was read, and not yet held to the limits of the model.

    Raises AccessDeniedException; UnrecognizedClientException for a session that iam does not know.
    """
    caller = call.caller
    if caller is None:  # Nobody needed to sign: a token, a secret or a code is judged by the operation.
        return
    await _judge(call, caller, operation, given)
    if not caller.principal.unlimited:
        call.trace.judged = Judged(caller.principal.changes, partial(_anew, call, caller, operation, given))


async def may_also(call: Call, action: str) -> bool:
    """Say whether whoever made a call may make another one, about what this one is about: for what only they are to see."""
    if call.caller is None or call.caller.principal.unlimited:
        return True
    rights = await rights_of(call.house, call.caller.principal)
    tags = {f"aws:ResourceTag/{key}": value for key, value in (await _tags_of(call)).items()}
    try:
        require_allowed(call, request_for(call, call.caller, action, call.trace.resource, tags), rights)
    except AccessDeniedException:
        return False
    return True


async def _anew(call: Call, caller: Caller, operation: Operation, given: Any) -> None:
    """Judge a call by what its caller is and may do by now."""
    principal = await signers.current(call.house, caller)
    await permit(msgspec.structs.replace(call, caller=replace(caller, principal=principal)), operation, given)


async def _judge(call: Call, caller: Caller, operation: Operation, given: Any) -> None:
    resource = await resources.arn_of(call, caller, operation.about, given)
    call.trace.resource = resource if len(resource) <= _LONGEST_ARN else resources.ALL
    _refuse_session(caller.principal, operation)
    if caller.principal.powerless and operation.about is not About.CALLER:
        asked = request_for(call, caller, operation.action, call.trace.resource, {})
        called = resources.called(caller, operation.about, given)
        require_allowed(call, asked, await rights_of(call.house, caller.principal), called=called)
    if operation.about in {About.CALLER, About.ROLE_TO_ASSUME} or caller.principal.unlimited:
        return
    rights = await rights_of(call.house, caller.principal)
    more = {**_tags_asked_for(given), **await _of_resource(call, caller, operation, given, rights)}
    for resource in await _judged(call, caller, operation, given):
        called = resources.called(caller, operation.about, given) if resource == call.trace.resource else ""
        require_allowed(call, request_for(call, caller, operation.action, resource, more), rights, called=called)
    if (other := ALSO_DENIES.get(operation.action)) is not None:
        require_not_denied(call, request_for(call, caller, other, call.trace.resource, more), rights)
    for role_arn, service in dict.fromkeys(_passed(operation, given)):
        role = await resources.role_of(call, role_arn) if any(rights.ask_for(key) for key in _TAGS) else None
        passed = {"iam:PassedToService": service, **_tags_of_iam(role)}
        require_allowed(call, request_for(call, caller, "iam:PassRole", role_arn, passed), rights)


async def _judged(call: Call, caller: Caller, operation: Operation, given: Any) -> Sequence[str]:
    """Return the ARNs that an operation is judged by: what it is about, and what that will be called afterwards."""
    if operation.action not in _RENAMING:
        return (call.trace.resource,)
    renamed = await resources.renamed(call, caller, operation.about, given)
    return (call.trace.resource,) if renamed is None else (call.trace.resource, renamed)


def _refuse_session(principal: Principal, operation: Operation) -> None:
    """Refuse what temporary credentials of users and federated users cannot ask (IAM User Guide, comparison of STS's calls)."""
    session = principal.session
    if session is None or principal.kind is Kind.ROLE:
        return
    service, federated = operation.model.name, principal.kind is Kind.FEDERATED
    if service == "iam" and (federated or not session.mfa):
        raise UnrecognizedClientException(tokens.INVALID, detail="iam takes no session of a user without MFA")
    allowed = frozenset({"GetCallerIdentity"}) if federated else _OF_USERS_SESSIONS
    if service == "sts" and operation.name not in allowed | _OF_LONG_LIVED_KEYS:
        # UNVERIFIED: the words for other operations than these two; a session's DecodeAuthorizationMessage would settle them.
        raise AccessDeniedException(f"Cannot call {operation.name} with session credentials")


def _tags_asked_for(given: Any) -> dict[str, str | tuple[str, ...]]:
    """Return the condition keys of tags that a request gives or takes: pools, identity pools, iam and sts name them apart."""
    tags: dict[str, str] = {}
    for member in ("user_pool_tags", "identity_pool_tags", "tags"):
        found: Mapping[str, str] | Sequence[Any] = getattr(given, member, None) or {}
        tags |= found if isinstance(found, Mapping) else {one.key or "": one.value or "" for one in found}
    keys = (*tags, *(getattr(given, "tag_keys", None) or ()))
    if not keys:
        return {}
    return {"aws:TagKeys": keys, **{f"aws:RequestTag/{key}": value for key, value in tags.items()}}


async def _of_resource(
    call: Call, caller: Caller, operation: Operation, given: Any, rights: Rights
) -> dict[str, str | tuple[str, ...]]:
    """Return what is known of the resource; what costs a look is looked for where a policy asks for it."""
    if operation.model.name == "iam":
        return await _of_iam(call, caller, operation, given, rights)
    if not rights.ask_for(_POOL_TAGS):
        return {}
    return {f"aws:ResourceTag/{key}": value for key, value in (await _tags_of(call)).items()}


async def _tags_of(call: Call) -> Mapping[str, str]:
    """Return the tags of the user pool or the identity pool that a call is about; of one that is not there none."""
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
    call: Call, caller: Caller, operation: Operation, given: Any, rights: Rights
) -> dict[str, str | tuple[str, ...]]:
    known: dict[str, str | tuple[str, ...]] = {}
    policy_arn, boundary = getattr(given, "policy_arn", None), getattr(given, "permissions_boundary", None)
    if policy_arn is not None:
        known["iam:PolicyARN"] = policy_arn
    if any(rights.ask_for(key) for key in (_BOUNDARY, *_TAGS)):
        entity = await resources.entity_of(call, caller, operation.about, given)
        provider = await resources.provider_of(call, given) if operation.about is About.PROVIDER else None
        known |= _tags_of_iam(entity or provider)
        if entity is not None and boundary is None and entity.boundary_id is not None:
            boundary = await _arn_of_policy(call, entity.boundary_id)
    if boundary is not None:
        known["iam:PermissionsBoundary"] = boundary
    return known


def _tags_of_iam(thing: Entity | Provider | None) -> dict[str, str]:
    """Return the tags of a user, role, policy or provider under both names that conditions call them by."""
    tags: dict[str, str] = {} if thing is None else msgspec.json.decode(thing.tags)
    return {f"{prefix}{key}": value for key, value in tags.items() for prefix in _TAGS}


async def _arn_of_policy(call: Call, policy_id: str) -> str:
    """Return the ARN of a policy that a row names: by its id where it is the account's own, by its ARN where it is AWS's."""
    if policy_id.startswith("arn:"):
        return policy_id
    policy = await iam_entities.find_by_id(call.db, EntityKind.POLICY, policy_id)
    assert policy is not None, "a policy that bounds somebody is not deleted"
    return entity_arn(call.settings.account_id, EntityKind.POLICY, path=policy.path, name=policy.name)


def _passed(operation: Operation, given: Any) -> Iterator[tuple[str, str]]:
    """Return the roles that a request hands on, each with the service that will assume it."""
    row = PASSES.get(operation.action)
    if row is not None:
        service, roles = row
        for role_arn in roles(given):
            if role_arn:
                yield role_arn, service


def _of_group(given: Any) -> Sequence[str | None]:
    return (given.role_arn,)


def _of_text_messages(given: Any) -> Sequence[str | None]:
    return () if given.sms_configuration is None else (given.sms_configuration.sns_caller_arn,)


def _of_mfa(given: Any) -> Sequence[str | None]:
    return () if given.sms_mfa_configuration is None else _of_text_messages(given.sms_mfa_configuration)


def _of_import(given: Any) -> Sequence[str | None]:
    return (given.cloud_watch_logs_role_arn,)


def _of_analytics(given: Any) -> Sequence[str | None]:
    return () if given.analytics_configuration is None else (given.analytics_configuration.role_arn,)


def _of_identity_pool(given: Any) -> Sequence[str | None]:
    rules = [
        rule.role_arn
        for mapping in (given.role_mappings or {}).values()
        if mapping.rules_configuration is not None
        for rule in mapping.rules_configuration.rules or ()
    ]
    return (*(given.roles or {}).values(), *rules)


# action -> another one, whose denial denies it as well (the API reference of DescribeTermsByClient).
ALSO_DENIES: Mapping[str, str] = {"cognito-idp:DescribeTermsByClient": "cognito-idp:DescribeTerms"}

PASSES: Mapping[str, tuple[str, Callable[[Any], Sequence[str | None]]]] = {
    "cognito-idp:CreateGroup": (_IDENTITIES, _of_group),
    "cognito-idp:UpdateGroup": (_IDENTITIES, _of_group),
    "cognito-idp:CreateUserPool": (_POOLS, _of_text_messages),
    "cognito-idp:UpdateUserPool": (_POOLS, _of_text_messages),
    "cognito-idp:SetUserPoolMfaConfig": (_POOLS, _of_mfa),
    "cognito-idp:CreateUserImportJob": (_POOLS, _of_import),
    # UNVERIFIED: these two; an app client with AnalyticsConfiguration by a user without iam:PassRole would settle them.
    "cognito-idp:CreateUserPoolClient": (_POOLS, _of_analytics),
    "cognito-idp:UpdateUserPoolClient": (_POOLS, _of_analytics),
    "cognito-identity:SetIdentityPoolRoles": (_IDENTITIES, _of_identity_pool),
}
