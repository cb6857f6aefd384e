"""What is a generated shape made of? A struct with the base class here, and limits and facts of the types here."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Literal

import msgspec

ABSENT: Any = None
"""Default of a required member: a request without it decodes, and `constraints.check` says which one is missing."""

Document = msgspec.Raw
"""JSON of the caller's own, unread; ABSENT where there is none. Code that needs it reads it, by its own types.

It is not parsed before: a small text can hold very many lists, and numbers that take long to read.
"""

Kind = Literal["string", "integer", "long", "boolean", "timestamp", "blob", "document", "list", "map", "structure"]


class Shape(msgspec.Struct, kw_only=True, omit_defaults=True):
    """A request, a response or a part of them. Its repr hides the members that the service model marks as sensitive."""

    SENSITIVE: ClassVar[frozenset[str]] = frozenset()

    def __repr__(self) -> str:
        shown = (
            f"{name}={'(hidden)' if name in self.SENSITIVE else repr(value)}"
            for name in self.__struct_fields__
            if (value := getattr(self, name)) is not None
        )
        return f"{type(self).__name__}({', '.join(shown)})"


def given_members(struct: Shape) -> tuple[str, ...]:
    """Return the names on the wire of the members that a request has, without their values."""
    members = zip(struct.__struct_fields__, struct.__struct_encode_fields__, strict=True)
    return tuple(wire for attribute, wire in members if getattr(struct, attribute) is not None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Limit:
    """What the model says of a named shape that is not a structure.

    `minimum` and `maximum` bound the length of strings, blobs, lists and maps, and the value of integers. `pattern` is
    the pattern that AWS prints; `check` is matched instead, where the two differ (tools/model_amendments.py).
    `key` and `item` name the shapes of a map's keys and of a map's values or a list's members.
    """

    kind: Kind
    minimum: int | None = None
    maximum: int | None = None
    pattern: str | None = None
    check: str | None = None
    enum: tuple[str, ...] = ()
    key: str | None = None
    item: str | None = None
    sensitive: bool = False


@dataclass(frozen=True, slots=True)
class Member:
    """One member of a structure: its attribute, its name on the wire and the shape it has."""

    attribute: str
    wire: str
    shape: str
    required: bool = False


@dataclass(frozen=True, slots=True)
class Facts:
    """What the model says of an operation. `output` is None where the answer has no body."""

    input: type[Shape]
    output: type[Shape] | None
    unsigned: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceModel:
    """What the model says of a service, beside its shapes. `target_prefix` is empty for the query protocol.

    `name` is the name in signatures, `in_policies` the name in policies where that differs. `unbuilt` are operations of the
    service of which only the names are known here.
    """

    name: str
    protocol: Literal["json", "query"]
    target_prefix: str
    version: str
    namespace: str
    operations: Mapping[str, Facts]
    in_policies: str = ""
    unbuilt: tuple[str, ...] = ()
