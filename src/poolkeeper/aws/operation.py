"""Who may call an operation, and what happens then? The row of the tables in operations/, and how a table is built."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any

from poolkeeper.aws.shape import ServiceModel, Shape
from poolkeeper.call import Call

Run = Callable[[Call, Any], Awaitable[Shape | None]]
"""What an operation does: the call, the decoded request -> the answer, or None where the model has no output."""


class Who(Enum):
    """Who may call (the contract's codes in brackets).

    Only IAM and IAM_OR_SECRET look at the Authorization header; for the others it is as if it had not been sent.
    """

    PUBLIC = "anybody, by client id"  # P
    TOKEN = "an access token in the body"  # T  # noqa: S105 - a sentence
    TOKEN_OR_SESSION = "an access token or a session in the body"  # T/S  # noqa: S105 - a sentence
    IAM = "a signed request"  # A
    IAM_OR_SECRET = "a signed request or a client's secret"  # A/P  # noqa: S105 - a sentence


@dataclass(frozen=True, slots=True)
class Operation:
    """One row: its service, its name, who may call it, what it does (None: not built), and its shapes."""

    model: ServiceModel
    name: str
    who: Who
    run: Run | None
    input: type[Shape]
    output: type[Shape] | None


@dataclass(frozen=True, slots=True)
class Service:
    """One service: its model and all its operations by name, built or not."""

    model: ServiceModel
    operations: Mapping[str, Operation]


def service(model: ServiceModel, *rows: tuple[str, Who, Run | None]) -> Service:
    """Build a service from its rows `(name, who may call, function)`.

    An operation of the model without a row is not built: it is answered with NotImplementedException, after
    authentication where the model asks for a signature. Raises ValueError for a name that the model does not have, or
    has a row already.
    """
    operations: dict[str, Operation] = {}
    for name, who, run in rows:
        if name in operations or name not in model.operations:
            raise ValueError(f"{model.name}: {name} is no operation of the model, or stands in the table twice")
        facts = model.operations[name]
        operations[name] = Operation(model, name, who, run, facts.input, facts.output)
    for name, facts in model.operations.items():
        who = Who.PUBLIC if facts.unsigned else Who.IAM
        operations.setdefault(name, Operation(model, name, who, None, facts.input, facts.output))
    return Service(model, operations)
