"""How are requests read and answers written in AWS's JSON protocol, version 1.1? One body each way, no streaming."""

import functools
import re
from collections.abc import Mapping
from typing import Any, TypeVar

import msgspec

from poolkeeper.aws.constraints import Limits, limits_of
from poolkeeper.aws.operation import Operation
from poolkeeper.aws.shape import ServiceModel, Shape
from poolkeeper.errors import SerializationException, ServiceError

T = TypeVar("T", bound=Shape)

CONTENT_TYPE = "application/x-amz-json-1.1"
MAX_HEADER = 1024

_NUL = re.compile(rb"(?<!\\)(?:\\\\)*\\u0000")
_UNSAFE_IN_HEADER = re.compile(r"[^\x20-\x7e]+")
_UNREADABLE = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)

_encoder = msgspec.json.Encoder()


def decode(kind: type[T], body: bytes) -> T:
    """Read a request. Unknown members are ignored, nulls count as absent, an empty body is an empty object.

    Raises SerializationException for what is not JSON or not UTF-8, for a value of the wrong type, and for U+0000 or a
    lone surrogate anywhere (databases and half of all clients cannot hold them).
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


def error(
    fault: ServiceError,
    request_id: str,  # noqa: ARG001 - as encode
    model: ServiceModel | None,  # noqa: ARG001 - as encode
) -> tuple[int, Mapping[str, str], bytes]:
    """Write an error: status, headers of its own, and the body with `__type` and lower-case `message`."""
    headers = {"x-amzn-errortype": f"{fault.name}:"}
    if fault.message:
        headers["x-amzn-errormessage"] = _UNSAFE_IN_HEADER.sub(" ", fault.message)[:MAX_HEADER]
    return fault.status, headers, _encoder.encode({"__type": fault.name, "message": fault.message})


@functools.cache
def decoder(kind: type[T]) -> msgspec.json.Decoder[T]:
    """Return the decoder of one shape, built when it is first asked for (about 70 us)."""
    return msgspec.json.Decoder(kind)


def _refuse_bad_text(body: bytes) -> None:
    """Look at what the typed decoder skips: members that it does not know may hold anything."""
    if not body.isascii():
        body.decode("utf-8")
    if b"\\" in body and b"\\u" in body:  # one byte is found in no time, two take a millisecond a megabyte
        if _NUL.search(body):
            raise SerializationException("The request holds the character U+0000.")
        msgspec.json.decode(body)  # refuses surrogates that stand alone


def _read(kind: type[T], body: bytes) -> T:
    """Read with the types alone, and look for nulls only where those do not fit: a search takes longer than the reading."""
    try:
        given: T = decoder(kind).decode(body)
    except msgspec.ValidationError:
        if b"null" not in body:
            raise
        given = decoder(kind).decode(_without_nulls(kind, body))
    return given


def _without_nulls(kind: type[Shape], body: bytes) -> bytes:
    """Drop members that are null, except inside documents, whose content is the caller's own."""
    given = msgspec.json.decode(body)
    return _encoder.encode(_kept(limits_of(kind), kind.__name__, given))


def _kept(limits: Limits, shape: str, value: Any) -> Any:
    if shape in limits.structures:
        if not isinstance(value, dict):
            return value
        shapes = {member.wire: member.shape for member in limits.structures[shape]}
        return {
            name: _kept(limits, shapes[name], inner)
            for name, inner in value.items()
            if inner is not None and name in shapes
        }
    limit = limits.shapes[shape]
    if limit.item is not None and isinstance(value, list):
        return [_kept(limits, limit.item, inner) for inner in value]
    if limit.item is not None and isinstance(value, dict):
        return {name: _kept(limits, limit.item, inner) for name, inner in value.items() if inner is not None}
    return value
