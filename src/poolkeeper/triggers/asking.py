"""How is a trigger asked? By a call of its function, whose failure becomes one of three errors of AWS's."""

from collections.abc import Mapping
from typing import Any, TypeVar

import msgspec

from poolkeeper.call import Call, House
from poolkeeper.errors import (
    InvalidLambdaResponseException,
    UnexpectedLambdaException,
    UserLambdaValidationException,
)
from poolkeeper.functions import CannotInvoke, FunctionFailed, NotJson
from poolkeeper.model.pool import Pool
from poolkeeper.triggers.events import Event

# AWS's messages for an object of a wrong shape, and for a function that returned nothing.
UNRECOGNIZABLE = "Unrecognizable lambda output"
_NO_JSON = "Invalid lambda function output : Invalid JSON"

Answer = TypeVar("Answer")


class Nothing(msgspec.Struct, frozen=True):
    """The `response` of a trigger that decides nothing. It must be there all the same, as in every trigger."""


def is_set(pool: Pool, name: str) -> bool:
    """Say whether a pool has a trigger. `name` is a key of LambdaConfig."""
    return bool(pool.triggers.get(name))


def arn_of(pool: Pool, name: str) -> str:
    """Return the ARN of a trigger that is set: some keys of LambdaConfig hold only the ARN, others a version too."""
    setting = pool.triggers[name]
    return str(setting["LambdaArn"] if isinstance(setting, Mapping) else setting)


async def ask(call: Call, pool: Pool, name: str, event: Event, expected: type[Answer]) -> Answer:
    """Return the `response` of a trigger, of the type `expected`, while the request waits.

    Raises as `invoked` does.
    """
    call.trace.invocations += 1
    return await invoked(call.house, pool, name, event, expected)


async def invoked(house: House, pool: Pool, name: str, event: Event, expected: type[Answer]) -> Answer:
    """Return the `response` of a trigger, for a request or for the worker after it.

    `name` is a key of LambdaConfig. Raises UserLambdaValidationException where the function raised,
    UnexpectedLambdaException where it gave no answer, InvalidLambdaResponseException where the answer is not valid.
    """
    try:
        returned = await house.functions.invoke(arn_of(pool, name), event, pool_id=pool.pool_id)
    except FunctionFailed as fault:
        # UNVERIFIED: the full stop after a message that ends with one; a handler that raises "No." would settle it.
        raise UserLambdaValidationException(f"{name} failed with error {fault.message}.") from None
    except NotJson as fault:
        raise InvalidLambdaResponseException(_NO_JSON, detail=f"{name}: {fault.detail}") from None
    except CannotInvoke as fault:
        reason = fault.reason.removesuffix(".")
        raise UnexpectedLambdaException(
            f"{name} invocation failed due to error {reason}.", detail=f"{name}: {fault.detail}"
        ) from None
    return read(name, returned, expected)


def read(name: str, returned: Any, expected: type[Answer]) -> Answer:
    """Return the `response` in the event that a function returned; nothing else of the event is read.

    Raises InvalidLambdaResponseException.
    """
    if returned is None:
        raise InvalidLambdaResponseException(_NO_JSON, detail=f"{name}: the function returned nothing")
    # UNVERIFIED: whether AWS also refuses an event that came back without one of its other members.
    if not isinstance(returned, dict) or "response" not in returned:
        raise unrecognizable(name, "the function returned no event with a response")
    try:
        return msgspec.convert(returned["response"], type=expected)
    except msgspec.ValidationError as fault:
        raise unrecognizable(name, str(fault)) from None


def unrecognizable(name: str, why: str) -> InvalidLambdaResponseException:
    """Return the error for an answer. `why` is for the log: AWS's error message gives no reason."""
    return InvalidLambdaResponseException(UNRECOGNIZABLE, detail=f"{name}: {why}")


def texts(name: str, values: Mapping[str, Any] | None) -> dict[str, str]:
    """Return a map of an answer as texts; a null counts as left out.

    Raises InvalidLambdaResponseException for lists, maps, and texts with a NUL, which the database cannot store.
    """
    # UNVERIFIED: numbers and booleans are taken in their JSON spelling, as Java's reader of such maps takes them; a
    # handler that returns email_verified: true would settle it.
    return {key: _text(name, key, value) for key, value in (values or {}).items() if value is not None}


def _text(name: str, key: str, value: Any) -> str:
    if isinstance(value, bool | int | float):
        return msgspec.json.encode(value).decode()
    if not isinstance(value, str) or "\0" in value or "\0" in key:
        raise unrecognizable(name, f"the value of {key!r} is no text")
    return value
