"""What runs in somebody else's code? Lambda triggers: calls that may change an outcome, so they stand in the operation."""

from poolkeeper.errors import NotImplementedException
from poolkeeper.model.pool import Pool


def refuse_configured(pool: Pool, *names: str) -> None:
    """Stop where the pool wants a trigger called: none can be yet, and leaving one out would change what it decides.

    Raises NotImplementedException.
    """
    for name in names:
        if pool.triggers.get(name):
            raise NotImplementedException(
                f"The user pool calls the trigger {name} here, and Poolkeeper does not call triggers yet; "
                "take it out of LambdaConfig to go on without it."
            )
