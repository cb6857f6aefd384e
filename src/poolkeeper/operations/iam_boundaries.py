"""Which policy bounds a user or role? Their permissions boundary, a managed policy that limits what the others may allow."""

from poolkeeper.call import Call
from poolkeeper.errors import NoSuchEntityException
from poolkeeper.operations.iam_lookup import find_policy
from poolkeeper.store.db import Transaction


async def boundary_id(call: Call, tx: Transaction, arn: str | None) -> str | None:
    """Return the id of the managed policy that a request names as a boundary; None where it names none.

    Raises NoSuchEntityException.
    """
    if arn is None:
        return None
    policy = await find_policy(call, tx, arn)
    if policy is None:
        raise NoSuchEntityException(f"Scope ARN: {arn} does not exist or is not attachable.")
    return policy.entity_id
