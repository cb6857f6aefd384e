"""What is a group, and what does being in it bring? The record, and the claims that memberships make."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

GROUPS_OF_A_POOL = 10_000
GROUPS_OF_A_USER = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """A group of a pool. `group_id` is its own for ever: the next group of the same name is another one."""

    group_name: str
    group_id: str
    description: str | None
    role_arn: str | None
    precedence: int | None
    created_at: int
    updated_at: int


@dataclass(frozen=True, slots=True)
class Membership:
    """A group that a user is in, as far as tokens speak of it. A lower `precedence` is better, None is the least."""

    group_name: str
    precedence: int | None
    role_arn: str | None

    @property
    def rank(self) -> float:
        return float("inf") if self.precedence is None else self.precedence


def in_order(memberships: Iterable[Membership]) -> tuple[Membership, ...]:
    """Return memberships as claims list them: by precedence, and by name where that is the same."""
    # UNVERIFIED: AWS's order of cognito:groups; the token of a user in three groups would settle it.
    return tuple(sorted(memberships, key=lambda membership: (membership.rank, membership.group_name)))


def group_names(memberships: Sequence[Membership]) -> dict[str, Any]:
    """Return `cognito:groups`, which ID and access tokens carry, or nothing for a user in no group."""
    return {"cognito:groups": [membership.group_name for membership in memberships]} if memberships else {}


def role_claims(memberships: Sequence[Membership]) -> dict[str, Any]:
    """Return `cognito:roles` and `cognito:preferred_role`, which the ID token carries where groups have roles.

    Two different roles of the best precedence leave no preferred one (AWS: GroupType, Precedence).
    """
    # UNVERIFIED: that a better group without a role stands back; the token of such a user would settle it.
    with_role = [membership for membership in memberships if membership.role_arn]
    if not with_role:
        return {}
    best = {membership.role_arn for membership in with_role if membership.rank == with_role[0].rank}
    return {
        "cognito:roles": list(dict.fromkeys(membership.role_arn for membership in with_role)),
        **({"cognito:preferred_role": best.pop()} if len(best) == 1 else {}),
    }
