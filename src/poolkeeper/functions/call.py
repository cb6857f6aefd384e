"""What is one call of a function, and how can it end? Shared by the runner and every transport."""

from dataclasses import dataclass
from typing import Any, Protocol

import msgspec

TIMED_OUT = "Socket timeout while invoking Lambda function."
# UNVERIFIED: what Cognito says of a function that cannot be reached at all; Lambda always can be.
UNREACHABLE = "the function cannot be reached"
# Whoever signs in can do nothing about it: which one, and which setting, is for the log.
NOT_SET_UP = "the function is not set up"

# What sends a program its event in lines of its own needs no limits: the runner has cut both directions by then.
_decode = msgspec.json.Decoder().decode


class FunctionFailed(Exception):  # noqa: N818 - what the function said, not an accident of ours
    """The function ran and raised. `message` is its errorMessage."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


class CannotInvoke(Exception):  # noqa: N818 - a fact about a call, which its caller puts into words
    """The function gave no answer.

    `reason` are the words for `<Trigger> invocation failed due to error <reason>`; `detail` is for the log and names the
    setting. `fleeting` says that another try may do better.
    """

    def __init__(self, reason: str, *, detail: str, fleeting: bool = False) -> None:
        super().__init__(f"{reason} ({detail})")
        self.reason = reason
        self.detail = detail
        self.fleeting = fleeting


class NotJson(CannotInvoke):
    """The function answered something that is no JSON."""

    def __init__(self, detail: str) -> None:
        super().__init__("the function's answer is not JSON", detail=detail)


@dataclass(frozen=True, slots=True, kw_only=True)
class Invocation:
    """One event on its way. The id is the same at every try, so that a receiver can know an event again.

    `seconds` bounds one try, `most_bytes` the answer.
    """

    arn: str
    request_id: str
    body: bytes
    seconds: float
    most_bytes: int

    @property
    def function_name(self) -> str:
        """The name within the ARN, `arn:aws:lambda:<region>:<account>:function:<name>[:<alias>]`."""
        parts = self.arn.split(":")
        return parts[6] if len(parts) > 6 else self.arn


class Carrier(Protocol):
    """One way to a function. Calls may overlap."""

    async def call(self, invocation: Invocation) -> Any:
        """Return the decoded answer. Raises FunctionFailed and CannotInvoke."""
        ...

    async def close(self) -> None:
        """Let go of what the carrier holds."""
        ...


def decode_answer(body: bytes) -> Any:
    """Return what a function answered. Raises NotJson where that is none."""
    try:
        return _decode(body)
    except (ValueError, RecursionError) as fault:
        raise NotJson(str(fault)) from None


def error_in(answer: Any) -> str | None:
    """Return the errorMessage of an answer that is an error as Lambda's runtimes write it, None where it is none."""
    if not isinstance(answer, dict) or "errorMessage" not in answer:
        return None
    # UNVERIFIED: what Cognito shows for an error without a text (a handler that throws an empty Error).
    message = answer["errorMessage"]
    return message if isinstance(message, str) else msgspec.json.encode(message).decode()


def too_large(most_bytes: int) -> CannotInvoke:
    """Return the refusal of an answer of more than `most_bytes`, by the name that Lambda gives it."""
    return CannotInvoke("Function.ResponseSizeTooLarge", detail=f"the answer is larger than {most_bytes} bytes")
