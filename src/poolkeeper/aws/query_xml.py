"""How are requests read and answers written in AWS's query protocol? A request is a form, its answer XML (sts, iam)."""

import re
from base64 import b64encode
from collections.abc import Callable, Mapping
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
_NUMBER = re.compile("[1-9][0-9]{0,5}")
_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def form(body: bytes) -> dict[str, str]:
    """Read the form; of two fields with the same name the last counts.

    Raises SerializationException for a body that is not UTF-8, for U+0000 and for more than MAX_FIELDS fields.
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
    except ValueError as fault:  # includes UnicodeDecodeError
        raise SerializationException(_UNREADABLE, detail=repr(fault)) from None
    if any("\0" in name or "\0" in value for name, value in fields.items()):
        raise SerializationException("The request holds the character U+0000.")
    return fields


def decode(kind: type[T], body: bytes) -> T:
    """Read a request: `PolicyArns.member.1.arn=...` is the first list member's `arn`.

    Raises SerializationException for a form that cannot be read, a list or a member that cannot be read, and a value of the
    wrong type.
    """
    tree: dict[str, Any] = {}
    try:
        for name, value in form(body).items():
            _plant(tree, name.split("."), value)
        limits = limits_of(kind)
        # Fields beside the members (Action, Version, those of newer clients) are ignored, as AWS does.
        member_names = {member.wire for member in limits.structures[kind.__name__]}
        members = _typed(limits, kind.__name__, {name: inner for name, inner in tree.items() if name in member_names})
        return msgspec.convert(members, kind, strict=False)
    except msgspec.ValidationError as fault:
        raise SerializationException(str(fault)) from None
    except (RecursionError, ValueError, TypeError) as fault:
        raise SerializationException(_UNREADABLE, detail=repr(fault)) from None


def encode(operation: Operation, answer: Shape | None, request_id: str) -> bytes:
    """Write `<NameResponse><NameResult>...</NameResult><ResponseMetadata>...</ResponseMetadata></NameResponse>`.

    An operation without an answer has no result (IAM API reference, "DeleteUser", example).
    """
    body = "" if answer is None else _element(f"{operation.name}Result", _structure(limits_of(type(answer)), answer))
    metadata = _element("ResponseMetadata", _element("RequestId", request_id))
    return _document(f"{operation.name}Response", operation.model, body + metadata)


def error(fault: ServiceError, request_id: str, model: ServiceModel | None) -> tuple[int, Mapping[str, str], bytes]:
    """Write an error, with the query protocol's own code and status where they differ."""
    status = fault.query_status or fault.status
    error_members = (
        _element("Type", "Receiver" if status >= 500 else "Sender")
        + _element("Code", name_of(fault))
        + _element("Message", _text(fault.message))
    )
    body = _element("Error", error_members) + _element("RequestId", request_id)
    return status, fault.headers, _document("ErrorResponse", model, body)


def name_of(fault: ServiceError) -> str:
    """Return the name of an error in the query protocol."""
    return fault.query_code or fault.name


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
    """Turn `{"member": {"1": ..., "2": ...}}` into lists where the model has lists.

    Raises TypeError for a part of a list or a structure that cannot be read: without it, a list of policies that narrow a
    session would be empty, and narrow nothing.
    """
    if shape in limits.structures:
        if not isinstance(tree, dict):
            return tree
        members = {member.wire: member.shape for member in limits.structures[shape]}
        if strangers := sorted(tree.keys() - members.keys()):
            raise TypeError(f"{shape} has no member {strangers[0]}")
        return {name: _typed(limits, members[name], inner) for name, inner in tree.items()}
    limit = limits.shapes[shape]
    if limit.kind == "list" and limit.item is not None:
        return [_typed(limits, limit.item, inner) for inner in _in_order(tree)]
    return tree


def _in_order(tree: Any) -> list[Any]:
    """Return the members of a list; a field without a value is an empty list. Raises TypeError for any other field."""
    if tree == "":
        return []
    if not isinstance(tree, dict) or tree.keys() != {"member"} or not isinstance(tree["member"], dict):
        raise TypeError("a list is not given as member.1, member.2, ...")
    numbered = tree["member"]
    if not all(map(_NUMBER.fullmatch, numbered)):
        raise TypeError("a member of a list has no number")
    return [numbered[number] for number in sorted(numbered, key=int)]


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
    if limit.kind == "map" and limit.item is not None:
        entries = ((_text(str(key)), _value(limits, limit.item, inner)) for key, inner in value.items())
        return "".join(_element("entry", _element("key", key) + _element("value", inner)) for key, inner in entries)
    return _text(_SCALARS.get(limit.kind, str)(value))


def _moment(value: float) -> str:
    """Write a time as IAM and STS do, in whole seconds: rounded down, to the second in which it falls."""
    return datetime.fromtimestamp(value, UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


_SCALARS: Mapping[str, Callable[[Any], str]] = {
    "timestamp": _moment,
    "blob": lambda value: b64encode(value).decode(),
    "boolean": lambda value: str(value).lower(),
}


def _text(value: str) -> str:
    return escape(_NOT_XML.sub("\ufffd", value), quote=False)


def _element(name: str, content: str) -> str:
    return f"<{name}>{content}</{name}>"


def _document(root: str, model: ServiceModel | None, body: str) -> bytes:
    namespace = f' xmlns="{model.namespace}"' if model is not None else ""
    return f"<{root}{namespace}>{body}</{root}>".encode()
