"""What is a generated shape made of? The base of every struct, and the words its limits and operations are told in."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Literal

import msgspec

ABSENT: Any = None
"""Default of a required member: a request without it decodes, and `constraints.check` says which one is missing."""

Document = msgspec.Raw
"""JSON of the caller's own, as it came; ABSENT where there is none. Whoever needs it reads it, by types of their own.

Nothing of it is built before: a small text can hold very many lists, and numbers that take long to read.
"""

Kind = Literal["string", "integer", "long", "boolean", "timestamp", "blob", "document", "list", "map", "structure"]


class Shape(msgspec.Struct, kw_only=True, omit_defaults=True):
    """A request, a response or a part of one. Its repr hides what the service model marks sensitive."""

    SENSITIVE: ClassVar[frozenset[str]] = frozenset()

    def __repr__(self) -> str:
        shown = (
            f"{name}={'(hidden)' if name in self.SENSITIVE else repr(value)}"
            for name in self.__struct_fields__
            if (value := getattr(self, name)) is not None
        )
        return f"{type(self).__name__}({', '.join(shown)})"


def given_members(struct: Shape) -> tuple[str, ...]:
    """Return the names, on the wire, of the members that a request gives, and nothing of what it gives them."""
    named = zip(struct.__struct_fields__, struct.__struct_encode_fields__, strict=True)
    return tuple(wire for attribute, wire in named if getattr(struct, attribute) is not None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Limit:
    """What the model says of one named shape that is not a structure.

    `minimum` and `maximum` bound the length of strings, blobs, lists and maps, and the value of integers. `pattern` is
    what AWS prints; `check` is the pattern that is matched instead, where the two differ (tools/model_amendments.py).
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
    """What the model says of one operation. `output` is None where the answer has no body."""

    input: type[Shape]
    output: type[Shape] | None
    unsigned: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceModel:
    """What the model says of one service, beside its shapes. `target_prefix` is empty for the query protocol.

    `name` is what signatures call it, `in_policies` what policies do where that is another name. `unbuilt` are operations that the service has and of which nothing but the name is known here.
    """

    name: str
    protocol: Literal["json", "query"]
    target_prefix: str
    version: str
    namespace: str
    operations: Mapping[str, Facts]
    in_policies: str = ""
    unbuilt: tuple[str, ...] = ()
