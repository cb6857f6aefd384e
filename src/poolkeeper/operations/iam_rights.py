"""Which policies count for a user, a group or a role? Read from their rows and compiled, each under the name AWS gives it."""

from collections.abc import Sequence
from dataclasses import dataclass

from poolkeeper.model.iam import Entity, Kind
from poolkeeper.policy import Kind as PolicyKind
from poolkeeper.policy import MalformedPolicy, Policy, parse
from poolkeeper.policy.managed import MANAGED_POLICIES
from poolkeeper.rights.policies import refusing
from poolkeeper.store import iam_policies
from poolkeeper.store.db import Reader
from poolkeeper.store.iam_policies import Right


@dataclass(frozen=True, slots=True)
class Rights:
    """What somebody may do: by identity-based policies, within a boundary if there is one."""

    identity: Sequence[Policy]
    boundary: Policy | None


_KINDS = {"inline": PolicyKind.IDENTITY, "attached": PolicyKind.MANAGED}


async def rights_of(reader: Reader, entity: Entity) -> Rights:
    """Return the policies that count for somebody, one statement of SQL for all of them.

    Raises PolicyEvaluationException where one cannot be read.
    """
    rights = await iam_policies.rights_of(reader, Kind(entity.kind), entity.entity_id)
    bounds = [_compiled(one, PolicyKind.BOUNDARY) for one in rights if one.source == "boundary"]
    return Rights(
        identity=[_compiled(one, _KINDS[one.source]) for one in rights if one.source in _KINDS],
        boundary=bounds[0] if bounds else None,
    )


def _compiled(right: Right, kind: PolicyKind) -> Policy:
    if right.document is not None:
        try:
            return parse(right.document, kind, name=right.name)
        except MalformedPolicy as fault:
            return refusing(kind, right.name, fault)
    known = MANAGED_POLICIES[right.policy_id]
    return parse(known.document, kind, name=known.name)
