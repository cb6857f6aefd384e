"""Which managed policies are AWS's own? Those in policy/managed.py, which can be read and attached, never changed.

They have no rows: an attachment or a boundary names one by its ARN.
"""

from collections.abc import Sequence
from datetime import datetime

from poolkeeper.clock import SECOND
from poolkeeper.model.iam import Entity, Kind, PolicyVersion
from poolkeeper.policy.managed import MANAGED_POLICIES, ManagedPolicy


def is_aws(policy_id: str) -> bool:
    """Say whether an id is the ARN of one of AWS's own policies, and not an id or an ARN of the account's."""
    return policy_id.startswith("arn:aws:iam::aws:")


def every() -> Sequence[Entity]:
    """Return all policies of AWS, in the order of their names."""
    return [_entity(managed) for managed in sorted(MANAGED_POLICIES.values(), key=lambda managed: managed.name)]


def find(arn: str) -> Entity | None:
    """Return the policy of an ARN, None where it is unknown."""
    return _entity(MANAGED_POLICIES[arn]) if arn in MANAGED_POLICIES else None


def unique_id(policy_id: str) -> str:
    """Return the id of a policy for answers; AWS's own policies have ids too."""
    return MANAGED_POLICIES[policy_id].id if is_aws(policy_id) else policy_id


def version(policy: Entity) -> PolicyVersion:
    """Return the default version of one of AWS's policies; no other is known here."""
    managed = MANAGED_POLICIES[policy.entity_id]
    return PolicyVersion(policy.entity_id, _number(managed), managed.document, _milliseconds(managed.updated))


def _entity(managed: ManagedPolicy) -> Entity:
    return Entity(
        kind=Kind.POLICY.value,
        name=managed.name,
        entity_id=managed.arn,
        path="/",
        created_at=_milliseconds(managed.created),
        updated_at=_milliseconds(managed.updated),
        description=managed.description,
        default_version=_number(managed),
        newest_version=_number(managed),
    )


def _number(managed: ManagedPolicy) -> int:
    return int(managed.version.removeprefix("v"))


def _milliseconds(moment: str) -> int:
    return int(datetime.fromisoformat(moment).timestamp() * SECOND)
