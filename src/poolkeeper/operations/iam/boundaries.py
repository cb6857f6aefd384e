"""Put- and Delete...PermissionsBoundary: the managed policy that limits what all others may allow a user or a role.

Each function makes the operation for one kind of owner: the table of operations names it twice.
"""

from typing import Any

from poolkeeper.aws.operation import Run
from poolkeeper.call import Call
from poolkeeper.errors import NoSuchEntityException
from poolkeeper.model.iam import Kind
from poolkeeper.operations.iam_boundaries import boundary_id
from poolkeeper.operations.iam_changes import change
from poolkeeper.operations.iam_lookup import owner_name, require
from poolkeeper.store import iam_entities
from poolkeeper.store.db import Transaction


def put(kind: Kind) -> Run:
    """Make PutUserPermissionsBoundary and its companions."""

    async def put_boundary(call: Call, req: Any) -> None:
        """Set the boundary of a user or role, in place of any former one.

        Raises NoSuchEntityException.
        """

        async def body(tx: Transaction) -> None:
            owner = await require(tx, kind, owner_name(kind, req))
            policy_id = await boundary_id(call, tx, req.permissions_boundary)
            await iam_entities.set_boundary(tx, kind, owner.entity_id, policy_id)

        await change(call, body)

    return put_boundary


def delete(kind: Kind) -> Run:
    """Make DeleteUserPermissionsBoundary and its companions."""

    async def delete_boundary(call: Call, req: Any) -> None:
        """Remove the boundary.

        Raises NoSuchEntityException, also where there is none.
        """

        async def body(tx: Transaction) -> None:
            owner = await require(tx, kind, owner_name(kind, req))
            if owner.boundary_id is None:
                # UNVERIFIED: that it is refused, and the words; a role without a boundary against AWS would settle them.
                raise NoSuchEntityException(f"The {kind.value} {owner.name} has no permissions boundary.")
            await iam_entities.set_boundary(tx, kind, owner.entity_id, None)

        await change(call, body)

    return delete_boundary
