"""What must allow a call of the API before its operation runs? Policies, the replica that it came to, its category's rate.

They are checked in this order: a caller without rights learns nothing of replicas, and uses up nothing of a rate.
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
    """Return the function that allows calls: by policies, by their replica, and by their rate where the settings want limits.

    That function raises what `permit` raises, OperationNotEnabledException, TooManyRequestsException.
    """
    return _permit_within_limits if settings.request_limits else _permit


async def _permit(call: Call, operation: Operation, request: Any) -> None:
    await permit(call, operation, request)
    await require_enabled(call, operation, request)


async def _permit_within_limits(call: Call, operation: Operation, request: Any) -> None:
    await _permit(call, operation, request)
    category = _OF_ACTION.get(operation.action)
    if category is not None:
        await require_within(call.house, category, now=call.now)
