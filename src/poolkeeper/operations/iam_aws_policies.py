"""Which managed policies are AWS's own? Those that policy/managed.py knows: to be read and attached, never changed.

They have no rows: what names one (an attachment, a boundary) names its ARN.
"""

from collections.abc import Sequence
from datetime import datetime

from poolkeeper.clock import SECOND
from poolkeeper.model.iam import Entity, Kind, PolicyVersion
from poolkeeper.policy.managed import MANAGED_POLICIES, ManagedPolicy


def is_aws(policy_id: str) -> bool:
    """Tell an ARN of AWS's own policies from the id of one of the account's, and from ARNs of those."""
    return policy_id.startswith("arn:aws:iam::aws:")


def every() -> Sequence[Entity]:
    """Return all of them, in the order of their names."""
    return [_entity(one) for one in sorted(MANAGED_POLICIES.values(), key=lambda one: one.name)]


def find(arn: str) -> Entity | None:
    """Return the one of that ARN."""
    return _entity(MANAGED_POLICIES[arn]) if arn in MANAGED_POLICIES else None


def unique_id(policy_id: str) -> str:
    """Return the id of a policy as answers tell it: also one of AWS's has one."""
    return MANAGED_POLICIES[policy_id].id if is_aws(policy_id) else policy_id


def version(policy: Entity) -> PolicyVersion:
    """Return the version that counts of one of AWS's own; no other is known here."""
    known = MANAGED_POLICIES[policy.entity_id]
    return PolicyVersion(policy.entity_id, _number(known), known.document, _milliseconds(known.updated))


def _entity(known: ManagedPolicy) -> Entity:
    return Entity(
        kind=Kind.POLICY.value,
        name=known.name,
        entity_id=known.arn,
        path="/",
        created_at=_milliseconds(known.created),
        updated_at=_milliseconds(known.updated),
        description=known.description,
        default_version=_number(known),
        newest_version=_number(known),
    )


def _number(known: ManagedPolicy) -> int:
    return int(known.version.removeprefix("v"))


def _milliseconds(moment: str) -> int:
    return int(datetime.fromisoformat(moment).timestamp() * SECOND)
