"""Which policies count for a principal? Read when something of users, roles or policies has changed, and compiled once.

The number of changes comes with the access key, in the one statement that every signed call makes. What was read at that
number or later holds for as long as the number stays, so a change counts at the next call at every process.
"""

import logging
from collections.abc import Callable, Sequence
from functools import cache

from poolkeeper.call import House, Rights
from poolkeeper.model.iam import Kind as EntityKind
from poolkeeper.model.iam import entity_arn
from poolkeeper.model.principal import Claims, Kind, Principal
from poolkeeper.policy import Kind as PolicyKind
from poolkeeper.policy import MalformedPolicy, Policy, managed, parse
from poolkeeper.store import iam_entities, iam_policies
from poolkeeper.store.iam_policies import Right

_DENIES_ALL = '{"Version":"2012-10-17","Statement":{"Effect":"Deny","Action":"*","Resource":"*"}}'
_ALL_RIGHTS = "arn:aws:iam::aws:policy/AdministratorAccess"

_log = logging.getLogger("poolkeeper.rights")


async def rights_of(house: House, principal: Principal) -> Rights:
    """Return what may be done in a principal's name."""
    own = await _rights_of_owner(house, principal)
    claims = principal.session
    if claims is not None and claims.scoped_down and house.guest_policy is not None:
        return _rights(own.identity, own.boundary, (house.guest_policy,))
    if claims is None or not claims.narrowed:
        return own
    return _rights(own.identity, own.boundary, await _session_policies(house, principal, claims))


async def rights_of_entity(house: House, kind: EntityKind, entity_id: str) -> Rights:
    """Return what counts for a user, a group or a role by itself; each policy has the name that people call it by."""
    return _compiled(
        house, await iam_policies.rights_of(house.db, kind, entity_id), lambda right: right.name.rpartition("/")[2]
    )


async def managed_policy(house: House, arn: str) -> Policy | None:
    """Return the default version of a managed policy by its ARN, AWS's own or the account's; None where there is none."""
    aws_policy = managed.MANAGED_POLICIES.get(arn)
    document = "" if aws_policy is None else aws_policy.document
    if aws_policy is None:
        name = arn.rpartition("/")[2]
        entity = await iam_entities.find(house.db, EntityKind.POLICY, name)
        account = house.settings.account_id
        if entity is None or entity_arn(account, EntityKind.POLICY, path=entity.path, name=name) != arn:
            return None
        versions = await iam_policies.versions_of(house.db, entity.entity_id)
        document = next(version.document for version in versions if version.version == entity.default_version)
    return compiled(house, document, PolicyKind.MANAGED, name=arn)


def compiled(house: House, document: str, kind: PolicyKind, *, name: str) -> Policy:
    """Return a policy that is kept, compiled once for as long as it is remembered.

    What is kept was judged when it was written; in the place of one that can no longer be read stands a refusal.
    """
    try:
        return read(house, document, kind, name=name)
    except MalformedPolicy as fault:
        return refusing(kind, name, fault)


def refusing(kind: PolicyKind, name: str, fault: MalformedPolicy) -> Policy:
    """Return what stands for a policy that cannot be read: it may have denied anything, so it denies all; a role trusts nobody."""
    _log.error("the %s policy %r cannot be read, so it refuses everything: %s", kind.value, name, fault)
    return Policy("", kind, name) if kind is PolicyKind.TRUST else _denying_all().named(name)


@cache
def _denying_all() -> Policy:
    return parse(_DENIES_ALL, PolicyKind.IDENTITY)


def read(house: House, document: str, kind: PolicyKind, *, name: str) -> Policy:
    """Return a policy that somebody brings along, compiled once for as long as it is remembered; raises MalformedPolicy."""
    remembered = house.memory.session_texts if kind is PolicyKind.SESSION else house.memory.policies
    policy = remembered.get((document, kind))
    if policy is None:
        policy = parse(document, kind)
        remembered.put((document, kind), policy)
    return policy.named(name)


async def _rights_of_owner(house: House, principal: Principal) -> Rights:
    if principal.root:
        return _rights((_aws_policy(house, _ALL_RIGHTS),), None, None)
    if principal.powerless:
        return _rights((), None, None)
    cached = house.memory.rights.get(principal.owner_id)
    if cached is not None and cached[0] == principal.changes:
        return cached[1]
    kind = EntityKind.ROLE if principal.kind is Kind.ROLE else EntityKind.USER
    granted = await iam_policies.rights_of(house.db, kind, principal.owner_id)
    rights = _compiled(house, granted, lambda right: right.policy_id or right.name)
    house.memory.rights.put(principal.owner_id, (principal.changes, rights))
    return rights


def _rights(identity: tuple[Policy, ...], boundary: Policy | None, session: tuple[Policy, ...] | None) -> Rights:
    statements = [
        statement
        for policy in (*identity, *(session or ()), *(() if boundary is None else (boundary,)))
        for statement in policy.statements
    ]
    keys = {key for statement in statements for key in statement.variables}
    keys |= {key for statement in statements for condition in statement.conditions for key in condition.used}
    return Rights(identity, boundary, session, frozenset(key.lower() for key in keys))


def _compiled(house: House, granted: Sequence[Right], called: Callable[[Right], str]) -> Rights:
    boundary: Policy | None = None
    identity: list[Policy] = []
    for right in granted:
        policy = _policy_of(house, right, called(right))
        if right.source == "boundary":
            boundary = policy
        else:
            identity.append(policy)
    return _rights(tuple(identity), boundary, None)


def _policy_of(house: House, right: Right, name: str) -> Policy:
    if right.document is None:
        return _aws_policy(house, right.policy_id).named(name)
    kind = PolicyKind.IDENTITY if right.source == "inline" else PolicyKind.MANAGED
    return compiled(house, right.document, kind, name=name)


def _aws_policy(house: House, arn: str) -> Policy:
    return compiled(house, managed.MANAGED_POLICIES[arn].document, PolicyKind.MANAGED, name=arn)


async def _session_policies(house: House, principal: Principal, claims: Claims) -> tuple[Policy, ...]:
    """Return the policies that narrow a session: none, which allow nothing, where one of them is gone since."""
    inline = tuple(compiled(house, text, PolicyKind.SESSION, name="") for text in claims.policies)
    if not claims.policy_arns:
        return inline
    key = "\n".join(claims.policy_arns)
    cached = house.memory.session_policies.get(key)
    if cached is None or cached[0] != principal.changes:
        policies = [await managed_policy(house, arn) for arn in claims.policy_arns]
        cached = (principal.changes, tuple(policy for policy in policies if policy is not None))
        house.memory.session_policies.put(key, cached)
    return inline + cached[1] if len(cached[1]) == len(claims.policy_arns) else ()
