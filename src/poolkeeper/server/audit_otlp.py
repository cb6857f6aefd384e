"""How does a collector get the audit log? As OTLP logs over HTTP in JSON, in batches, in the order of the calls.

Source: OpenTelemetry Protocol specification 1.x, "OTLP/HTTP" (JSON encoding, which answers mean try again) and the proto
of logs, whose 64-bit numbers are texts in JSON.
"""

import asyncio
from collections import deque
from collections.abc import Callable, Mapping
from http import HTTPStatus
from typing import Any

import msgspec

from poolkeeper.egress import Egress, EgressFailed, EgressRefused
from poolkeeper.settings import Settings

MOST_WAITING = 8_192
_BATCH = 512
_GATHER_SECONDS = 1.0
_TIMEOUT_SECONDS = 10.0
_LONGEST_ANSWER = 65_536
_MOST_DOUBLINGS = 5
_INFO = 9
_AGAIN = frozenset(
    {
        HTTPStatus.TOO_MANY_REQUESTS,
        HTTPStatus.BAD_GATEWAY,
        HTTPStatus.SERVICE_UNAVAILABLE,
        HTTPStatus.GATEWAY_TIMEOUT,
    }
)

_encode = msgspec.json.Encoder().encode


class OtlpExporter:
    """Sends lines to a collector from a bounded queue; the oldest give way, and `on_drop` hears of each that is lost.

    Belongs to one event loop.
    """

    def __init__(self, settings: Settings, egress: Egress, *, on_drop: Callable[[], None]) -> None:
        self._url = settings.audit_otlp
        self._egress = egress
        self._on_drop = on_drop
        self._headers = {"content-type": "application/json"}
        if settings.audit_otlp_authorization:
            self._headers["authorization"] = settings.audit_otlp_authorization.reveal()
        self._waiting: deque[dict[str, Any]] = deque()
        self._under_way: list[dict[str, Any]] = []
        self._sending: asyncio.Task[None] | None = None
        self._hurry = asyncio.Event()

    def take(self, now: int, line: Mapping[str, Any]) -> None:
        """Have a line sent (`now` in milliseconds), and return at once."""
        if len(self._waiting) >= MOST_WAITING:
            self._waiting.popleft()
            self._on_drop()
        self._waiting.append(_record(now, line))
        if self._sending is None:
            self._sending = asyncio.get_running_loop().create_task(self._send_all())

    async def close(self, seconds: float) -> None:
        """Send what waits, for so many seconds at the most; what is left then is lost, and counted."""
        self._hurry.set()
        sending = self._sending
        if sending is not None:
            await asyncio.wait([sending], timeout=seconds)
            sending.cancel()
        for _ in range(len(self._under_way) + len(self._waiting)):
            self._on_drop()

    async def _send_all(self) -> None:
        """Send until nothing waits, each batch until it is taken; then another task begins with the next line."""
        failures = 0
        while self._waiting or self._under_way:
            if failures or len(self._waiting) < _BATCH:
                await self._pause(_GATHER_SECONDS * 2**failures)
            if not self._under_way:
                self._under_way = [self._waiting.popleft() for _ in range(min(_BATCH, len(self._waiting)))]
            if await self._again(self._under_way):
                failures = min(failures + 1, _MOST_DOUBLINGS)
            else:
                self._under_way, failures = [], 0
        self._sending = None

    async def _pause(self, seconds: float) -> None:
        try:
            async with asyncio.timeout(seconds):
                await self._hurry.wait()
        except TimeoutError:
            return
        await asyncio.sleep(0.05)  # In haste, and yet not in a circle: the collector may be away for good.

    async def _again(self, batch: list[dict[str, Any]]) -> bool:
        """Send one batch and say whether it is to be sent again; what a collector will never take is lost, and counted."""
        try:
            answer = await self._egress.request(
                "POST",
                self._url,
                headers=self._headers,
                body=_encode(_logs(batch)),
                timeout_seconds=_TIMEOUT_SECONDS,
                max_bytes=_LONGEST_ANSWER,
                private=True,
                plain_http=True,
            )
        except EgressFailed:
            return True
        except EgressRefused:
            status = HTTPStatus.FORBIDDEN.value
        else:
            status = answer.status
        if status in _AGAIN:
            return True
        if not HTTPStatus.OK <= status < HTTPStatus.MULTIPLE_CHOICES:
            for _ in batch:
                self._on_drop()
        return False


def _logs(batch: list[dict[str, Any]]) -> dict[str, Any]:
    resource = {"attributes": [_attribute("service.name", "poolkeeper")]}
    scope_logs = [{"scope": {"name": "poolkeeper.audit"}, "logRecords": batch}]
    return {"resourceLogs": [{"resource": resource, "scopeLogs": scope_logs}]}


def _record(now: int, line: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "timeUnixNano": str(now * 1_000_000),
        "severityNumber": _INFO,
        "body": {"stringValue": f"{line['service']}:{line['operation']}"},
        "attributes": [_attribute(name, value) for name, value in line.items() if value not in ("", (), {})],
    }


def _attribute(name: str, value: str | int | tuple[str, ...] | dict[str, str]) -> dict[str, Any]:
    return {"key": name, "value": _value(value)}


def _value(value: str | int | tuple[str, ...] | dict[str, str]) -> dict[str, Any]:
    if isinstance(value, dict):
        return {"kvlistValue": {"values": [_attribute(name, one) for name, one in value.items()]}}
    if isinstance(value, tuple):
        return {"arrayValue": {"values": [_value(one) for one in value]}}
    return {"intValue": str(value)} if isinstance(value, int) else {"stringValue": value}
