"""What stands between a call of the API and its operation? Policies, the replica that it came to, and the rate of its category.

In this order: whoever may not call is told nothing of replicas, and spends nothing of what others may ask for.
"""

from typing import Any

from poolkeeper.aws.endpoint import Permit
from poolkeeper.aws.operation import Operation
from poolkeeper.call import Call
from poolkeeper.defences.request_limits import require_within
from poolkeeper.model.request_limits import ANSWERS, OF_ANSWERS, OF_OPERATION
from poolkeeper.operations.elsewhere import require_enabled
from poolkeeper.operations.permits import permit
from poolkeeper.settings import Settings

_OF_ACTION = {
    f"cognito-idp:{name}": ANSWERS if name in OF_ANSWERS else category for name, category in OF_OPERATION.items()
}


def judge(settings: Settings) -> Permit:
    """Return who lets calls through: by policies, by the replica that they come to, and by their rate where limits are asked for.

    What it returns raises what `permit` raises, OperationNotEnabledException, TooManyRequestsException.
    """
    return _permit_within_limits if settings.request_limits else _permit


async def _permit(call: Call, operation: Operation, given: Any) -> None:
    await permit(call, operation, given)
    await require_enabled(call, operation, given)


async def _permit_within_limits(call: Call, operation: Operation, given: Any) -> None:
    await _permit(call, operation, given)
    category = _OF_ACTION.get(operation.action)
    if category is not None:
        await require_within(call.house, category, now=call.now)
