"""Put, Get, Delete and List...Policies: policies that belong to one user, group or role alone.

Each function makes the operation for one kind of owner: the table of operations names it three times.
"""

from typing import Any

from poolkeeper.aws.generated.iam import (
    GetGroupPolicyResponse,
    GetRolePolicyResponse,
    GetUserPolicyResponse,
    ListGroupPoliciesResponse,
    ListRolePoliciesResponse,
    ListUserPoliciesResponse,
)
from poolkeeper.aws.operation import Run
from poolkeeper.aws.shape import Shape
from poolkeeper.call import Call
from poolkeeper.errors import NoSuchEntityException
from poolkeeper.model.iam import Kind
from poolkeeper.operations import iam_documents, iam_pages
from poolkeeper.operations.iam_answers import encoded
from poolkeeper.operations.iam_changes import change
from poolkeeper.operations.iam_lookup import owner_name, require
from poolkeeper.store import iam_policies
from poolkeeper.store.db import Transaction

_ANSWERED: dict[Kind, type[Shape]] = {
    Kind.USER: GetUserPolicyResponse,
    Kind.GROUP: GetGroupPolicyResponse,
    Kind.ROLE: GetRolePolicyResponse,
}
_LISTED: dict[Kind, type[Shape]] = {
    Kind.USER: ListUserPoliciesResponse,
    Kind.GROUP: ListGroupPoliciesResponse,
    Kind.ROLE: ListRolePoliciesResponse,
}


def put(kind: Kind) -> Run:
    """Make PutUserPolicy and its companions."""

    async def put_policy(call: Call, req: Any) -> None:
        """Store an inline policy, in place of any former one of that name.

        Raises LimitExceededException, MalformedPolicyDocumentException, NoSuchEntityException.
        """
        iam_documents.check_policy(req.policy_document, kind=kind, owner=owner_name(kind, req))

        async def body(tx: Transaction) -> None:
            owner = await require(tx, kind, owner_name(kind, req))
            before = await iam_policies.inline_of(tx, owner.entity_id)
            iam_documents.require_room(
                req.policy_document,
                kind=kind,
                owner=owner.name,
                other_documents=[
                    inline_policy.document for inline_policy in before if inline_policy.policy_name != req.policy_name
                ],
            )
            await iam_policies.put_inline(
                tx, owner_id=owner.entity_id, policy_name=req.policy_name, document=req.policy_document
            )

        await change(call, body)

    return put_policy


def get(kind: Kind) -> Run:
    """Make GetUserPolicy and its companions."""

    async def get_policy(call: Call, req: Any) -> Shape:
        """Return an inline policy.

        Raises NoSuchEntityException.
        """
        owner = await require(call.db, kind, owner_name(kind, req))
        for inline_policy in await iam_policies.inline_of(call.db, owner.entity_id):
            if inline_policy.policy_name == req.policy_name:
                owner_member = {f"{kind.value}_name": owner.name}
                return _ANSWERED[kind](
                    policy_name=inline_policy.policy_name,
                    policy_document=encoded(inline_policy.document),
                    **owner_member,
                )
        raise _no_such_policy(kind, req.policy_name)

    return get_policy


def delete(kind: Kind) -> Run:
    """Make DeleteUserPolicy and its companions."""

    async def delete_policy(call: Call, req: Any) -> None:
        """Remove an inline policy.

        Raises NoSuchEntityException.
        """

        async def body(tx: Transaction) -> None:
            owner = await require(tx, kind, owner_name(kind, req))
            if not await iam_policies.delete_inline(tx, owner_id=owner.entity_id, policy_name=req.policy_name):
                raise _no_such_policy(kind, req.policy_name)

        await change(call, body)

    return delete_policy


def listed(kind: Kind) -> Run:
    """Make ListUserPolicies and its companions."""

    async def list_policies(call: Call, req: Any) -> Shape:
        """Return the names of the inline policies in their order, a page at a time.

        Raises NoSuchEntityException, ValidationException.
        """
        name = owner_name(kind, req)
        owner = await require(call.db, kind, name)
        names = [inline_policy.policy_name for inline_policy in await iam_policies.inline_of(call.db, owner.entity_id)]
        wanted = iam_pages.page_request(call, f"ListPolicies {kind.value} {name}", req.marker, req.max_items)
        page = iam_pages.page(wanted, names, str)
        return _LISTED[kind](policy_names=list(page.items), is_truncated=page.is_truncated, marker=page.token)

    return list_policies


def _no_such_policy(kind: Kind, policy_name: str) -> NoSuchEntityException:
    return NoSuchEntityException(f"The {kind.value} policy with name {policy_name} cannot be found.")
