"""Why was a caller refused? A sealed record of the decision goes with the refusal: whoever may decode it reads what was judged.

Its form is what DecodeAuthorizationMessage of sts answers (STS API Reference). What the caller sent is in it, cut short: the
record of any request has an end. All are of one length: whoever is refused cannot open theirs, and shall not measure either
whether a role that they may not see is there and has tags.
"""

import zlib
from base64 import b64decode, b64encode
from collections.abc import Iterable, Mapping
from typing import Any

import msgspec

from poolkeeper.call import Call
from poolkeeper.crypto.seal import SealError
from poolkeeper.policy import Decision, Request

_PURPOSE = "authorization message"
_MOST_KEYS = 40
# It travels in a header, 2,048 characters with its seal: proxies take some 4 KB of them (nginx, proxy_buffer_size).
_BYTES = 1_500
_LONGEST_VALUE = 200
_LONGEST_ARN = 700
_MOST_VALUES = 5

_encode = msgspec.json.Encoder().encode


def encoded(call: Call, request: Request, decision: Decision) -> str:
    """Return the sealed record of a refusal, with as many of the condition keys, and as much of ARNs, as there is room for."""
    most, longest = _MOST_KEYS, _LONGEST_ARN
    content = _packed(request, decision, most, longest)
    while len(content) > _BYTES:
        most, longest = (most // 2, longest) if most else (0, longest // 2)
        content = _packed(request, decision, most, longest)
    padded = content.ljust(_BYTES, b"\0")
    return b64encode(call.house.sealer.seal_blob(padded, purpose=_PURPOSE, now=call.now)).decode()


def decoded(call: Call, message: str) -> str | None:
    """Return the record as JSON, None where the message is none of ours."""
    try:
        content = call.house.sealer.open_blob(b64decode(message, validate=True), purpose=_PURPOSE)
    except (ValueError, SealError):
        return None
    return zlib.decompressobj().decompress(content).decode()  # what pads it comes after its end


def _packed(request: Request, decision: Decision, most: int, longest: int) -> bytes:
    return zlib.compress(_encode(_record(request, decision, most, longest)), 9)


def _record(request: Request, decision: Decision, most: int, longest: int) -> Mapping[str, Any]:
    conditions = sorted(request.context.items())[:most]
    statement = {"statementId": decision.sid[:_LONGEST_VALUE], "effect": "DENY", "policy": decision.policy[:longest]}
    return {
        "allowed": decision.allowed,
        "explicitDeny": decision.explicit_deny,
        "matchedStatements": _items([statement] if decision.explicit_deny else []),
        "failures": _items([]),
        "context": {
            "principal": {"arn": request.principal.arn[:longest]},
            "action": request.action,
            "resource": request.resource[:longest],
            "conditions": _items({"key": key[:_LONGEST_VALUE], "values": _values(value)} for key, value in conditions),
        },
    }


def _values(value: str | tuple[str, ...]) -> Mapping[str, Any]:
    values = (value,) if isinstance(value, str) else value[:_MOST_VALUES]
    return _items({"value": text[:_LONGEST_VALUE]} for text in values)


def _items(items: Iterable[Any]) -> Mapping[str, Any]:
    return {"items": list(items)}
