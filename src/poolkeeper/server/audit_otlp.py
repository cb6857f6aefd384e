"""How does a collector get the audit log? As OTLP logs over HTTP in JSON, in batches, in the order of the calls (otlp.py)."""

from collections.abc import Callable, Mapping, Sequence
from http import HTTPStatus
from typing import Any

from poolkeeper import otlp
from poolkeeper.batches import Batches, Fate
from poolkeeper.egress import Egress, EgressFailed, EgressRefused
from poolkeeper.settings import Settings

MOST_WAITING = 8_192
_BATCH = 512
_GATHER_SECONDS = 1.0
_TIMEOUT_SECONDS = 10.0
_LONGEST_ANSWER = 65_536


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
        self._batches = Batches[dict[str, Any]](
            self._send, on_drop=self._dropped, most=MOST_WAITING, batch=_BATCH, gather_seconds=_GATHER_SECONDS
        )

    def take(self, now: int, line: Mapping[str, Any]) -> None:
        """Have a line sent (`now` in milliseconds), and return at once."""
        self._batches.put(otlp.record(now, otlp.INFO, f"{line['service']}:{line['operation']}", line))

    async def close(self, seconds: float) -> None:
        """Send what waits, for so many seconds at the most; what is left then is lost, and counted."""
        await self._batches.close(seconds)

    def _dropped(self, count: int) -> None:
        for _ in range(count):
            self._on_drop()

    async def _send(self, batch: Sequence[dict[str, Any]], _batch_id: str) -> Fate:
        """Send one batch; what a collector will never take is lost."""
        try:
            answer = await self._egress.request(
                "POST",
                self._url,
                headers=self._headers,
                body=otlp.logs("poolkeeper.audit", batch),
                timeout_seconds=_TIMEOUT_SECONDS,
                max_bytes=_LONGEST_ANSWER,
                private=True,
                plain_http=True,
            )
        except EgressFailed:
            return Fate.AGAIN
        except EgressRefused:
            return Fate.REFUSED
        if answer.status in otlp.AGAIN:
            return Fate.AGAIN
        accepted = HTTPStatus.OK <= answer.status < HTTPStatus.MULTIPLE_CHOICES
        return Fate.TAKEN if accepted else Fate.REFUSED
