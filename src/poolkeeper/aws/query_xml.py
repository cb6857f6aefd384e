"""How are requests read and answers written in AWS's query protocol? A form comes in, XML goes out (sts, later iam)."""

import re
from base64 import b64encode
from collections.abc import Mapping
from datetime import UTC, datetime
from html import escape
from typing import Any, TypeVar
from urllib.parse import parse_qsl

import msgspec

from poolkeeper.aws.constraints import Limits, limits_of
from poolkeeper.aws.operation import Operation
from poolkeeper.aws.shape import ServiceModel, Shape
from poolkeeper.errors import SerializationException, ServiceError

T = TypeVar("T", bound=Shape)

CONTENT_TYPE = "text/xml"
FORM = "application/x-www-form-urlencoded"
MAX_FIELDS = 2_000

_UNREADABLE = "The request body is not a well-formed form."
_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def form(body: bytes) -> dict[str, str]:
    """Read the form; the last of two fields of one name counts.

    Raises SerializationException for what is not UTF-8, for U+0000 and for more than MAX_FIELDS fields.
    """
    try:
        fields = dict(
            parse_qsl(
                body.decode("utf-8"),
                keep_blank_values=True,
                strict_parsing=False,
                errors="strict",
                max_num_fields=MAX_FIELDS,
            )
        )
    except ValueError as fault:  # UnicodeDecodeError is one
        raise SerializationException(_UNREADABLE, detail=repr(fault)) from None
    if any("\0" in name or "\0" in value for name, value in fields.items()):
        raise SerializationException("The request holds the character U+0000.")
    return fields


def decode(kind: type[T], body: bytes) -> T:
    """Read a request: `PolicyArns.member.1.arn=...` is the first list member's `arn`.

    Raises SerializationException for a form that cannot be read and a value of the wrong type.
    """
    tree: dict[str, Any] = {}
    try:
        for name, value in form(body).items():
            _plant(tree, name.split("."), value)
        given = _typed(limits_of(kind), kind.__name__, tree)
        return msgspec.convert(given, kind, strict=False)
    except msgspec.ValidationError as fault:
        raise SerializationException(str(fault)) from None
    except (RecursionError, ValueError, TypeError) as fault:
        raise SerializationException(_UNREADABLE, detail=repr(fault)) from None


def encode(operation: Operation, answer: Shape | None, request_id: str) -> bytes:
    """Write `<NameResponse><NameResult>...</NameResult><ResponseMetadata>...</ResponseMetadata></NameResponse>`."""
    result = "" if answer is None else _structure(limits_of(type(answer)), answer)
    body = _element(f"{operation.name}Result", result)
    metadata = _element("ResponseMetadata", _element("RequestId", request_id))
    return _document(f"{operation.name}Response", operation.model, body + metadata)


def error(fault: ServiceError, request_id: str, model: ServiceModel | None) -> tuple[int, Mapping[str, str], bytes]:
    """Write an error: the query protocol's own code and status where they differ."""
    status = fault.query_status or fault.status
    told = (
        _element("Type", "Receiver" if status >= 500 else "Sender")
        + _element("Code", fault.query_code or fault.name)
        + _element("Message", _text(fault.message))
    )
    body = _element("Error", told) + _element("RequestId", request_id)
    return status, {}, _document("ErrorResponse", model, body)


def _plant(tree: dict[str, Any], path: list[str], value: str) -> None:
    """Put a value at the end of its path; raises TypeError where a text stands in the way."""
    *branches, leaf = path
    for branch in branches:
        tree = tree.setdefault(branch, {})
        if not isinstance(tree, dict):
            raise TypeError("a field is a text and a structure at once")
    if isinstance(tree.get(leaf), dict):
        raise TypeError("a field is a text and a structure at once")
    tree[leaf] = value


def _typed(limits: Limits, shape: str, tree: Any) -> Any:
    """Turn `{"member": {"1": ..., "2": ...}}` into lists where the model has lists."""
    if shape in limits.structures:
        if not isinstance(tree, dict):
            return tree
        members = limits.structures[shape]
        return {
            member.wire: _typed(limits, member.shape, tree[member.wire]) for member in members if member.wire in tree
        }
    limit = limits.shapes[shape]
    if limit.kind == "list" and limit.item is not None:
        members_of_list = tree.get("member", {}) if isinstance(tree, dict) else {}
        return [_typed(limits, limit.item, members_of_list[at]) for at in sorted(members_of_list, key=int)]
    return tree


def _structure(limits: Limits, struct: Shape) -> str:
    values = ((member, getattr(struct, member.attribute)) for member in limits.structures[type(struct).__name__])
    return "".join(
        _element(member.wire, _value(limits, member.shape, value)) for member, value in values if value is not None
    )


def _value(limits: Limits, shape: str, value: Any) -> str:
    if isinstance(value, Shape):
        return _structure(limits, value)
    limit = limits.shapes[shape]
    if limit.kind == "list" and limit.item is not None:
        return "".join(_element("member", _value(limits, limit.item, inner)) for inner in value)
    if limit.kind == "timestamp":
        return datetime.fromtimestamp(value, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    if limit.kind == "blob":
        return b64encode(value).decode()
    if limit.kind == "boolean":
        return str(value).lower()
    return _text(str(value))


def _text(value: str) -> str:
    return escape(_NOT_XML.sub("\ufffd", value), quote=False)


def _element(name: str, content: str) -> str:
    return f"<{name}>{content}</{name}>"


def _document(root: str, model: ServiceModel | None, body: str) -> bytes:
    namespace = f' xmlns="{model.namespace}"' if model is not None else ""
    return f"<{root}{namespace}>{body}</{root}>".encode()
