"""Who did what with which key? One line for each call whose signature was verified, apart from the request log.

Of a request it has the names of its members and what aws/naming.py lets through: keys, roles and policies, and never a name
of a pool's user, an attribute or a password. Lines go to a file, to a collector of OTLP logs, or to both; what cannot be
written as fast as it grows is dropped and counted, as in the request log: a stalled audit log blocks no request.
"""

import asyncio
from collections.abc import Callable

import msgspec

from poolkeeper.aws.endpoint import Outcome
from poolkeeper.clock import Clock
from poolkeeper.egress import Egress
from poolkeeper.server.audit_otlp import OtlpExporter
from poolkeeper.server.log_writer import LogWriter
from poolkeeper.server.logs import printable, timestamp
from poolkeeper.settings import Settings

_LAST_WORDS_SECONDS = 5.0
# The longest ARN of the models: a path of up to 512 characters, then the name (IAM, Resource: arnType).
_LONGEST_ARN = 2_048

_encode = msgspec.json.Encoder().encode


class AuditLine(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What one signed call leaves behind. `session` is the name of a role's session, or of a federated user."""

    time: str
    request_id: str
    caller: str
    access_key_id: str
    session: str = ""
    source_identity: str = ""
    client: str
    user_agent: str = ""
    region: str
    service: str
    operation: str
    resource: str = ""
    members: tuple[str, ...] = ()
    named: dict[str, str] = {}
    outcome: str
    status: int


class DroppedLine(msgspec.Struct, frozen=True, kw_only=True):
    """What stands for lines that are missing."""

    time: str
    dropped: int


class Audit:
    """Where the lines of one process go."""

    def __init__(self, settings: Settings, clock: Clock, egress: Egress, on_drop: Callable[[], None]) -> None:
        self._clock = clock
        self._file: LogWriter | None = None
        if settings.audit_log is not None:
            self._file = LogWriter(settings.audit_log, tell=self._dropped, on_drop=on_drop)
        self._collector: OtlpExporter | None = None
        if settings.audit_otlp:
            self._collector = OtlpExporter(settings, egress, on_drop=on_drop)

    def record(self, outcome: Outcome) -> None:
        """Write the line of one call; of one that nobody signed there is none."""
        if outcome.caller is None:
            return
        now = self._clock.now()
        line = _line(outcome, now)
        if self._file is not None:
            self._file(_encode(line) + b"\n")
        if self._collector is not None:
            self._collector.take(now, msgspec.structs.asdict(line))

    async def close(self) -> None:
        """Wait until everything is written, though not for long."""
        if self._collector is not None:
            await self._collector.close(_LAST_WORDS_SECONDS)
        if self._file is not None:
            await asyncio.to_thread(self._file.flush, _LAST_WORDS_SECONDS)

    def _dropped(self, count: int) -> bytes:
        return _encode(DroppedLine(time=timestamp(self._clock.now()), dropped=count)) + b"\n"


def open_audit(settings: Settings, clock: Clock, egress: Egress, *, on_drop: Callable[[], None]) -> Audit | None:
    """Return where audit lines go, None where no setting asks for them. `on_drop` hears of each that is lost."""
    if settings.audit_log is None and not settings.audit_otlp:
        return None
    return Audit(settings, clock, egress, on_drop)


def _line(outcome: Outcome, now: int) -> AuditLine:
    caller = outcome.caller
    assert caller is not None, "what nobody signed has no line"
    session = caller.principal.session
    return AuditLine(
        time=timestamp(now),
        request_id=outcome.request_id,
        caller=printable(caller.arn, longest=_LONGEST_ARN),
        access_key_id=printable(caller.access_key_id),
        session="" if session is None else printable(session.session_name),
        source_identity="" if session is None else printable(session.source_identity),
        client=printable(outcome.client_address),
        user_agent=printable(outcome.user_agent),
        region=printable(caller.region),
        service=outcome.service,
        operation=outcome.operation,
        resource=printable(outcome.resource, longest=_LONGEST_ARN),
        members=tuple(outcome.members),
        named={name: printable(value, longest=_LONGEST_ARN) for name, value in outcome.named.items()},
        outcome=outcome.told or outcome.outcome,
        status=outcome.status,
    )
