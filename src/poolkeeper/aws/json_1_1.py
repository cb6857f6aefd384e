"""How are requests read and answers written in AWS's JSON protocol, version 1.1? As one JSON body each, without streaming."""

import functools
import re
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

import msgspec

from poolkeeper.aws.constraints import MOST_MEMBERS, Limits, limits_of
from poolkeeper.aws.operation import Operation
from poolkeeper.aws.shape import ServiceModel, Shape
from poolkeeper.errors import SerializationException, ServiceError

T = TypeVar("T", bound=Shape)
P = TypeVar("P", dict[str, msgspec.Raw], list[msgspec.Raw])

CONTENT_TYPE = "application/x-amz-json-1.1"
MAX_HEADER = 1024

_UNSAFE_IN_HEADER = re.compile(r"[^\x20-\x7e]+")
_UNREADABLE = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)

_NULL = b"null"

_encoder = msgspec.json.Encoder()
_members = msgspec.json.Decoder(dict[str, msgspec.Raw]).decode
_items = msgspec.json.Decoder(list[msgspec.Raw]).decode


def decode(kind: type[T], body: bytes) -> T:
    """Read a request. Unknown members are ignored, nulls count as absent, an empty body is an empty object.

    Raises SerializationException for a body that is not JSON or not UTF-8, for a value of the wrong type, and for U+0000 or
    a lone surrogate anywhere (databases and half of all clients cannot hold them).
    """
    if not body:
        return kind()
    try:
        _refuse_bad_text(body)
        return _read(kind, body)
    except msgspec.ValidationError as fault:
        # The path and the types are the model's; the value itself is never in the message.
        raise SerializationException(str(fault)) from None
    except _UNREADABLE as fault:
        raise SerializationException("The request body is not well-formed JSON.", detail=repr(fault)) from None


def encode(operation: Operation, answer: Shape | None, request_id: str) -> bytes:  # noqa: ARG001 - query_xml writes it
    """Write an answer: an empty body where the model has no output, `{}` where nothing is set."""
    if operation.output is None:
        return b""
    return b"{}" if answer is None else _encoder.encode(answer)


def blob(content: bytes) -> Any:
    """Return a blob as its JSON text, to be put into an answer.

    An answer with many large blobs is written blob by blob, as they are read: `encode` alone would hold up everybody else.
    """
    return msgspec.Raw(_encoder.encode(content))


def error(
    fault: ServiceError,
    request_id: str,  # noqa: ARG001 - as encode
    model: ServiceModel | None,  # noqa: ARG001 - as encode
) -> tuple[int, Mapping[str, str], bytes]:
    """Write an error: its status, its own headers, and the body with `__type` and lower-case `message`."""
    headers = {**fault.headers, "x-amzn-errortype": f"{fault.name}:"}
    if fault.message:
        headers["x-amzn-errormessage"] = _UNSAFE_IN_HEADER.sub(" ", fault.message)[:MAX_HEADER]
    return fault.status, headers, _encoder.encode({"__type": fault.name, "message": fault.message})


def name_of(fault: ServiceError) -> str:
    """Return the name of an error in this protocol."""
    return fault.name


@functools.cache
def decoder(kind: type[T]) -> msgspec.json.Decoder[T]:
    """Return the decoder of a shape, built at the first call (about 70 us)."""
    return msgspec.json.Decoder(kind)


def _refuse_bad_text(body: bytes) -> None:
    """Refuse what the typed decoder passes: bad bytes in members that it skips, and U+0000, which JSON may hold.

    The decoder itself refuses lone surrogates, also in members that it skips.
    """
    if not body.isascii():
        body.decode("utf-8")
    # A search for one byte takes no time, for six a millisecond a megabyte. A pair of backslashes is text and begins no escape.
    if b"\\" in body and b"\\u0000" in body and b"\\u0000" in body.replace(b"\\\\", b""):
        raise SerializationException("The request holds the character U+0000.")


def _read(kind: type[T], body: bytes) -> T:
    """Read by the types, and remove nulls only where the types do not fit: looking for nulls takes longer than reading."""
    try:
        operation_input: T = decoder(kind).decode(body)
    except msgspec.ValidationError:
        if _NULL not in body:
            raise
        operation_input = decoder(kind).decode(_without_nulls(kind, body))
    return operation_input


def _without_nulls(kind: type[Shape], body: bytes) -> bytes:
    """Remove members that are null, except inside documents, whose content is the caller's own."""
    return _encoder.encode(_without_null_members(limits_of(kind), kind.__name__, msgspec.Raw(body)))


def _without_null_members(limits: Limits, shape: str, text: msgspec.Raw) -> Any:
    """Return a value without the nulls of members that the model knows; a value that can hold no nulls stays its text.

    So does a value of another kind than the model says, or longer than any list may be: types and limits refuse it later.
    """
    if shape in limits.structures:
        shapes = {member.wire: member.shape for member in limits.structures[shape]}
        members = _parts(_members, text)
        if members is None:
            return text
        kept_members = ((name, inner) for name, inner in members.items() if name in shapes and bytes(inner) != _NULL)
        return {name: _without_null_members(limits, shapes[name], inner) for name, inner in kept_members}

    limit = limits.shapes[shape]
    if limit.kind == "map" and limit.item is not None:
        values = _parts(_members, text, most=MOST_MEMBERS)
        if values is not None:
            return {
                name: _without_null_members(limits, limit.item, inner)
                for name, inner in values.items()
                if bytes(inner) != _NULL
            }
    if limit.kind == "list" and limit.item is not None:
        items = _parts(_items, text, most=MOST_MEMBERS)
        if items is not None:
            return [_without_null_members(limits, limit.item, inner) for inner in items]
    return text


def _parts(decode: Callable[[msgspec.Raw], P], text: msgspec.Raw, *, most: int | None = None) -> P | None:
    """Return the parts of a list or map as texts, None for anything else and for more than `most`."""
    try:
        parts = decode(text)
    except msgspec.ValidationError:
        return None
    return parts if most is None or len(parts) <= most else None
