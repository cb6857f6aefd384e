"""Attach, Detach and ListAttached...Policies: which managed policies count for a user, a group or a role.

Each function makes the operation for one kind of owner: the table of operations names it three times.
"""

from typing import Any

from poolkeeper.aws.generated.iam import (
    AttachedPolicy,
    ListAttachedGroupPoliciesResponse,
    ListAttachedRolePoliciesResponse,
    ListAttachedUserPoliciesResponse,
)
from poolkeeper.aws.operation import Run
from poolkeeper.aws.shape import Shape
from poolkeeper.call import Call
from poolkeeper.errors import LimitExceededException, NoSuchEntityException
from poolkeeper.model.iam import ATTACHMENTS, Kind, folded
from poolkeeper.operations import iam_pages
from poolkeeper.operations.iam_changes import change
from poolkeeper.operations.iam_lookup import (
    arn_of,
    find_policy,
    owner_name,
    policy_by_id,
    require,
    require_policy,
    require_policy_arn,
)
from poolkeeper.store import iam_policies
from poolkeeper.store.db import Transaction

_LISTED: dict[Kind, type[Shape]] = {
    Kind.USER: ListAttachedUserPoliciesResponse,
    Kind.GROUP: ListAttachedGroupPoliciesResponse,
    Kind.ROLE: ListAttachedRolePoliciesResponse,
}


def attach(kind: Kind) -> Run:
    """Make AttachUserPolicy and its companions."""

    async def attach_policy(call: Call, req: Any) -> None:
        """Attach a managed policy; one that is attached already is no error.

        Raises LimitExceededException, NoSuchEntityException, ValidationException.
        """

        async def body(tx: Transaction) -> None:
            require_policy_arn(req.policy_arn)
            owner = await require(tx, kind, owner_name(kind, req))
            policy = await find_policy(call, tx, req.policy_arn)
            if policy is None:
                raise NoSuchEntityException(f"Policy {req.policy_arn} does not exist or is not attachable.")
            attached = await iam_policies.attached_to(tx, kind, owner.entity_id)
            if policy.entity_id not in attached and len(attached) >= ATTACHMENTS:
                raise LimitExceededException(
                    f"Cannot exceed quota for PoliciesPer{kind.value.capitalize()}: {ATTACHMENTS}"
                )
            await iam_policies.attach(tx, kind, owner_id=owner.entity_id, policy_id=policy.entity_id)

        await change(call, body)

    return attach_policy


def detach(kind: Kind) -> Run:
    """Make DetachUserPolicy and its companions."""

    async def detach_policy(call: Call, req: Any) -> None:
        """Detach a managed policy.

        Raises NoSuchEntityException, also where it is not attached; ValidationException.
        """

        async def body(tx: Transaction) -> None:
            owner = await require(tx, kind, owner_name(kind, req))
            policy = await require_policy(call, tx, req.policy_arn)
            if not await iam_policies.detach(tx, kind, owner_id=owner.entity_id, policy_id=policy.entity_id):
                raise NoSuchEntityException(f"Policy {req.policy_arn} was not found.")

        await change(call, body)

    return detach_policy


def listed(kind: Kind) -> Run:
    """Make ListAttachedUserPolicies and its companions."""

    async def list_attached_policies(call: Call, req: Any) -> Shape:
        """Return the managed policies that are attached, those below a path, a page at a time, by their names.

        Raises NoSuchEntityException, ValidationException.
        """
        name = owner_name(kind, req)
        owner = await require(call.db, kind, name)
        ids = await iam_policies.attached_to(call.db, kind, owner.entity_id)
        policies = [await policy_by_id(call.db, policy_id) for policy_id in ids]
        below = [policy for policy in policies if policy is not None and policy.path.startswith(req.path_prefix or "/")]
        wanted = iam_pages.page_request(
            call, f"ListAttachedPolicies {kind.value} {name} {req.path_prefix}", req.marker, req.max_items
        )
        page = iam_pages.page(wanted, below, lambda policy: f"{folded(policy.name)} {policy.entity_id[:4]}")
        return _LISTED[kind](
            attached_policies=[
                AttachedPolicy(policy_name=policy.name, policy_arn=arn_of(call, policy)) for policy in page.items
            ],
            is_truncated=page.is_truncated,
            marker=page.token,
        )

    return list_attached_policies
