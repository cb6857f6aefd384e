"""Put, Get, Delete and List...Policies: policies that are one user's, group's or role's alone.

Each function is of one kind of owner: the table of operations names it three times.
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

_GOT: dict[Kind, type[Shape]] = {
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
    """Make PutUserPolicy and its like."""

    async def put_policy(call: Call, req: Any) -> None:
        """Store an inline policy, in the place of the one of that name.

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
                others=[one.document for one in before if one.policy_name != req.policy_name],
            )
            await iam_policies.put_inline(
                tx, owner_id=owner.entity_id, policy_name=req.policy_name, document=req.policy_document
            )

        await change(call, body)

    return put_policy


def get(kind: Kind) -> Run:
    """Make GetUserPolicy and its like."""

    async def get_policy(call: Call, req: Any) -> Shape:
        """Return an inline policy.

        Raises NoSuchEntityException.
        """
        owner = await require(call.db, kind, owner_name(kind, req))
        for one in await iam_policies.inline_of(call.db, owner.entity_id):
            if one.policy_name == req.policy_name:
                named = {f"{kind.value}_name": owner.name}
                return _GOT[kind](policy_name=one.policy_name, policy_document=encoded(one.document), **named)
        raise _no_such_policy(kind, req.policy_name)

    return get_policy


def delete(kind: Kind) -> Run:
    """Make DeleteUserPolicy and its like."""

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
    """Make ListUserPolicies and its like."""

    async def list_policies(call: Call, req: Any) -> Shape:
        """Return the names of the inline policies, a page at a time, in their order.

        Raises NoSuchEntityException, ValidationException.
        """
        name = owner_name(kind, req)
        owner = await require(call.db, kind, name)
        names = [one.policy_name for one in await iam_policies.inline_of(call.db, owner.entity_id)]
        asked = iam_pages.Asked(call, f"ListPolicies {kind.value} {name}", req.marker, req.max_items)
        page = iam_pages.page(asked, names, str)
        return _LISTED[kind](policy_names=list(page.items), is_truncated=page.is_truncated, marker=page.marker)

    return list_policies


def _no_such_policy(kind: Kind, policy_name: str) -> NoSuchEntityException:
    return NoSuchEntityException(f"The {kind.value} policy with name {policy_name} cannot be found.")
