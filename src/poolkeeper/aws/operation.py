"""Who may call an operation, and what does it do? The rows of the tables in operations/ say so, of which services are built."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any

from poolkeeper.aws.shape import ServiceModel, Shape
from poolkeeper.call import Call

Run = Callable[[Call, Any], Awaitable[Shape | None]]
"""The function of an operation: the call, the decoded request -> the answer, or None where the model has no output."""


class Who(Enum):
    """Who may call (the codes of userpools.md 1.1 in brackets).

    Only IAM and IAM_OR_SECRET read the Authorization header; all others ignore it.
    """

    PUBLIC = "anybody, by client id"  # P
    TOKEN = "an access token in the body"  # T  # noqa: S105 - a sentence
    TOKEN_OR_SESSION = "an access token or a session in the body"  # T/S  # noqa: S105 - a sentence
    IAM = "a signed request"  # A
    IAM_OR_SECRET = "a signed request or a client's secret"  # A/P  # noqa: S105 - a sentence


class About(Enum):
    """What a call is about: the resource by which policies judge whether the caller may make it.

    operations/resources.py makes its ARN of a request.
    """

    POOL = "a user pool"  # by its id or ARN, by a client of it, or by a token
    IDENTITY_POOL = "an identity pool"  # by its id or ARN, or by an identity of it
    ALL = "*"  # no one resource: what creates and lists them, what is the account's
    CALLER = "the caller"  # whom nobody needs to allow to ask for themselves: it is never judged
    KEY = "a key of KMS"  # the one that a ciphertext was made with
    ROLE_TO_ASSUME = "the role that is assumed"  # by its ARN; the operation judges by the role's trust policy as well
    FEDERATED_USER = "a federated user"  # whom the caller vouches for, by name
    USER = "a user of iam"  # by name; where none is named, the caller
    GROUP = "a group of iam"
    ROLE = "a role of iam"
    NEW_USER = "a user of iam that is made"  # by the path and name that it gets, whoever is there by that name
    NEW_GROUP = "a group of iam that is made"
    NEW_ROLE = "a role of iam that is made"
    POLICY_SOURCE = "a user, group or role of iam"  # by its ARN: whose policies are asked for
    KEY_OWNER = "the user of an access key"
    POLICY = "a managed policy"  # by its ARN, or by the path and name that it gets
    PROVIDER = "an identity provider of iam"  # by its ARN, or by what it will be
    USERS = "the users below a path"
    GROUPS = "the groups below a path"
    ROLES = "the roles below a path"


@dataclass(frozen=True, slots=True)
class Operation:
    """One row: service, name, who may call it, what it is about, its function (None: not built), its shapes."""

    model: ServiceModel
    name: str
    who: Who
    about: About
    run: Run | None
    input: type[Shape]
    output: type[Shape] | None

    @property
    def action(self) -> str:
        """Its name in policies."""
        return f"{self.model.in_policies or self.model.name}:{self.name}"


@dataclass(frozen=True, slots=True)
class Service:
    """One service: its model and all its operations by name, built or not."""

    model: ServiceModel
    operations: Mapping[str, Operation]


def service(model: ServiceModel, *rows: tuple[str, Who, About, Run | None]) -> Service:
    """Build a service from its rows `(name, who may call, about, function)`.

    An operation of the model without a row, or without shapes, is not built: its answer is NotImplementedException,
    after authentication where the model asks for a signature. Raises ValueError for a name that the model does not
    have, or that has a row already.
    """
    operations: dict[str, Operation] = {}
    for name, who, about, run in rows:
        if name in operations or name not in model.operations:
            raise ValueError(f"{model.name}: {name} is no operation of the model, or stands in the table twice")
        facts = model.operations[name]
        operations[name] = Operation(model, name, who, about, run, facts.input, facts.output)
    for name, facts in model.operations.items():
        who = Who.PUBLIC if facts.unsigned else Who.IAM
        operations.setdefault(name, Operation(model, name, who, About.ALL, None, facts.input, facts.output))
    for name in model.unbuilt:
        operations[name] = Operation(model, name, Who.IAM, About.ALL, None, Shape, None)
    return Service(model, operations)
