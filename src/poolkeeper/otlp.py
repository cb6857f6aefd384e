"""How is a log written for a collector? As OTLP in JSON, and what its answers mean.

Source: OpenTelemetry Protocol specification 1.x, "OTLP/HTTP" (JSON encoding, which answers mean try again) and the proto
of logs, whose 64-bit numbers are texts in JSON.
"""

from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any

import msgspec

INFO, ERROR = 9, 17
AGAIN = frozenset(
    {
        HTTPStatus.TOO_MANY_REQUESTS,
        HTTPStatus.BAD_GATEWAY,
        HTTPStatus.SERVICE_UNAVAILABLE,
        HTTPStatus.GATEWAY_TIMEOUT,
    }
)

Value = str | int | tuple[str, ...] | dict[str, str]

_encode = msgspec.json.Encoder().encode


def logs(scope: str, records: Sequence[Mapping[str, Any]]) -> bytes:
    """Return the body of a POST that hands records over."""
    resource = {"attributes": [attribute("service.name", "poolkeeper")]}
    scope_logs = [{"scope": {"name": scope}, "logRecords": records}]
    return _encode({"resourceLogs": [{"resource": resource, "scopeLogs": scope_logs}]})


def record(now: int, severity: int, body: str, attributes: Mapping[str, Value]) -> dict[str, Any]:
    """Return one record (`now` in milliseconds); attributes that are empty are left out."""
    return {
        "timeUnixNano": str(now * 1_000_000),
        "severityNumber": severity,
        "body": {"stringValue": body},
        "attributes": [attribute(name, value) for name, value in attributes.items() if value not in ("", (), {})],
    }


def attribute(name: str, value: Value) -> dict[str, Any]:
    """Return one attribute."""
    return {"key": name, "value": _value(value)}


def _value(value: Value) -> dict[str, Any]:
    if isinstance(value, dict):
        return {"kvlistValue": {"values": [attribute(name, item) for name, item in value.items()]}}
    if isinstance(value, tuple):
        return {"arrayValue": {"values": [_value(item) for item in value]}}
    return {"intValue": str(value)} if isinstance(value, int) else {"stringValue": value}
