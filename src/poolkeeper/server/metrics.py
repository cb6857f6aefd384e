"""What is counted while the server answers? Requests, their times, events: for Prometheus, on a listener of its own.

Every label comes from a closed set: operations and paths of our tables, names of our errors, kinds of events. Nobody outside can
make a series, and none of them is a user, a pool or an address (docs/metrics.md lists them all). The library is loaded
by whoever counts or shows, and by nobody else.
"""

import functools
import os
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from poolkeeper import errors
from poolkeeper.aws.endpoint import Outcome, Receive, Scope, Send
from poolkeeper.hosted import outcomes
from poolkeeper.jobs.counts import Fate
from poolkeeper.model.event import Event, Kind
from poolkeeper.model.log_configuration import SOURCES
from poolkeeper.operations.tables import SERVICES

if TYPE_CHECKING:
    from prometheus_client import Counter, Histogram

    # The children of one series of requests: how many, and how long they took.
    _Pair = tuple[Counter, Histogram]

Application = Callable[[Scope, Receive, Send], Awaitable[None]]

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
BUCKETS = (0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1.0, 3.0, 10.0)
BUDGETS = ("number", "pool", "prefix")

# A series takes about 230 bytes; all operations with all their errors do not fill this.
ROOM = 1_048_576

_FOLDER = "PROMETHEUS_MULTIPROC_DIR"
_FOLDER_NAMES = (_FOLDER, _FOLDER.lower())


@dataclass(frozen=True, slots=True)
class Share:
    """Where one of several processes counts: the folder of all, and its own slot, which no other has meanwhile."""

    folder: Path
    slot: int


class Metrics:
    """What one process counts: in memory, or in its share of a folder.

    The library decides between the two when it is loaded, so a process makes one of these, and makes it first.
    """

    def __init__(self, share: Share | None = None, *, senders: Iterable[str] = ()) -> None:
        """Count in a share, or in memory; `senders` are the names of all that may send messages."""
        _choose_slot(share)
        from prometheus_client import (  # noqa: PLC0415 - only processes that count load it
            CollectorRegistry,
            Counter,
            Gauge,
            Histogram,
            disable_created_metrics,
        )

        # Else each series has a second one beside it, of when it was made, which Prometheus does not need.
        disable_created_metrics()  # type: ignore[no-untyped-call]
        self._registry = CollectorRegistry()
        counter = functools.partial(Counter, registry=self._registry)
        self._requests = counter(
            "poolkeeper_requests", "Answered requests of API, pages and OAuth.", ("service", "operation", "outcome")
        )
        self._seconds = Histogram(
            "poolkeeper_request_seconds",
            "Time from a request of API, pages and OAuth to its answer.",
            ("service", "operation"),
            buckets=BUCKETS,
            registry=self._registry,
        )
        events = counter("poolkeeper_events", "Events, by the names of docs/events.md.", ("event",))
        refused = counter(
            "poolkeeper_text_messages_refused", "Text messages that were not sent for a budget.", ("budget",)
        )
        self._lines_dropped = counter(
            "poolkeeper_log_lines_dropped", "Lines of the log that could not be written as fast as it grew."
        )
        self._audit_lines_dropped = counter(
            "poolkeeper_audit_lines_dropped", "Lines of the audit log that could not be written, or sent."
        )
        logged = counter(
            "poolkeeper_log_events", "Events that pools log, by what became of them.", ("source", "outcome")
        )
        self._logged = {
            (source, delivered): logged.labels(source, "delivered" if delivered else "dropped")
            for source in SOURCES
            for delivered in (True, False)
        }
        messages = counter("poolkeeper_messages", "Tries to send a message.", ("sender", "outcome"))
        # All processes look at the same list, so the newest value is the right one.
        self._oldest = Gauge(
            "poolkeeper_oldest_message_seconds",
            "How long the oldest message that is not sent has waited.",
            multiprocess_mode="mostrecent",
            registry=self._registry,
        )
        self._messages = {(name, fate): messages.labels(name, fate) for name in senders for fate in Fate}
        self._known = _known_labels()
        self._outcomes = _known_outcomes()
        self._series: dict[tuple[str, str, str], _Pair] = {}
        # Every kind is there from the start: a rate wants a value before the first event.
        self._events = {kind: events.labels(kind) for kind in Kind}
        self._refused = {budget: refused.labels(budget) for budget in BUDGETS}

    def record(self, outcome: Outcome) -> None:
        """Count one request and what happened in it."""
        labels = (outcome.service, outcome.operation, outcome.outcome)
        requests, seconds = self._series.get(labels) or self._pair_of(*labels)
        requests.inc()
        seconds.observe(outcome.microseconds / 1_000_000)
        for event in outcome.events:
            self.happened(event)

    def line_dropped(self) -> None:
        """Count a line of the log that is lost."""
        self._lines_dropped.inc()

    def audit_line_dropped(self) -> None:
        """Count a line of the audit log that is lost."""
        self._audit_lines_dropped.inc()

    def log_events(self, source: str, delivered: bool, count: int) -> None:  # noqa: FBT001 - one of two outcomes
        """Count events that a pool logs, when they have left or are lost."""
        self._logged[source, delivered].inc(count)

    def message(self, sender: str, fate: Fate) -> None:
        """Count a try to send a message."""
        if (counter := self._messages.get((sender, fate))) is not None:
            counter.inc()

    def oldest_message(self, seconds: float) -> None:
        """Note how long the oldest message has waited."""
        self._oldest.set(seconds)

    def text(self) -> bytes:
        """Return everything in Prometheus' text format, of a process that counts in memory."""
        from prometheus_client import generate_latest  # noqa: PLC0415 - loaded already

        return generate_latest(self._registry)

    def happened(self, event: Event) -> None:
        """Count an event, of a request or of what came after its answer."""
        self._events[event.kind].inc()
        if event.kind is Kind.TEXT_MESSAGE_REFUSED and (budget := self._refused.get(event.about.get("budget", ""))):
            budget.inc()

    def _pair_of(self, service: str, operation: str, outcome: str) -> "_Pair":
        """Return the children of a series, kept for the next time; what is not known is counted under empty names."""
        if (service, operation) not in self._known:
            service = operation = ""
        if outcome not in self._outcomes:
            outcome = ""
        pair = self._requests.labels(service, operation, outcome), self._seconds.labels(service, operation)
        return self._series.setdefault((service, operation, outcome), pair)


def make_room(folder: Path, processes: int) -> None:
    """Make the files that processes count in, as large as they will be.

    The library maps them: on a file system that is full, counting would end the process. Raises OSError where there is
    no room.
    """
    for slot in range(processes):
        for kind in ("counter", "gauge_mostrecent", "histogram"):
            descriptor = os.open(folder / f"{kind}_{slot}.db", os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600)
            try:
                os.posix_fallocate(descriptor, 0, ROOM)
            finally:
                os.close(descriptor)


def text_of_all(folder: Path) -> bytes:
    """Return the sum over all processes that count in a folder, those included that are gone."""
    from prometheus_client import generate_latest  # noqa: PLC0415 - only the process that shows it loads it
    from prometheus_client.multiprocess import MultiProcessCollector  # noqa: PLC0415 - as above

    return generate_latest(MultiProcessCollector(None, path=str(folder)))  # type: ignore[no-untyped-call]


def page(text: Callable[[], bytes]) -> Application:
    """Return the ASGI application that answers GET /metrics with `text()`, and nothing else."""

    async def answer(scope: Scope, receive: Receive, send: Send) -> None:
        await _answer(Request(scope), text)(scope, receive, send)

    return answer


def _answer(request: Request, text: Callable[[], bytes]) -> Response:
    if request.scope["path"] != "/metrics":
        return PlainTextResponse("Not Found", 404)
    if request.method != "GET":
        return PlainTextResponse("Method Not Allowed", 405, headers={"allow": "GET"})
    return Response(text(), headers={"content-type": CONTENT_TYPE, "cache-control": "no-store"})


def _choose_slot(share: Share | None) -> None:
    """Tell the library where to count: it hears of a folder by the environment, before it is loaded.

    Its files are named by the slot and not by the process: the successor of a process that died goes on with its counts.
    """
    for name in _FOLDER_NAMES:
        os.environ.pop(name, None)
    if share is None:
        return
    os.environ[_FOLDER] = str(share.folder)
    from prometheus_client import values  # noqa: PLC0415 - must see the folder

    slot = share.slot
    values.ValueClass = values.MultiProcessValue(lambda: slot)  # type: ignore[no-untyped-call]


def _known_labels() -> frozenset[tuple[str, str]]:
    # The process that only shows what others count serves no pages, and does not load them.
    from poolkeeper.oauth.discovery import WELL_KNOWN  # noqa: PLC0415
    from poolkeeper.oauth.endpoints import PATHS  # noqa: PLC0415
    from poolkeeper.pages.managed_login.endpoints import ALONE, PAGES  # noqa: PLC0415
    from poolkeeper.uploads.endpoint import OPERATION, SERVICE  # noqa: PLC0415
    from poolkeeper.verifiers.actions import ACTIONS  # noqa: PLC0415

    operations = ((service.model.name, name) for service in SERVICES for name in service.operations)
    endpoints = ((outcomes.OAUTH, path) for path in (*PATHS, *WELL_KNOWN))
    pages = ((outcomes.PAGES, path) for path in (*PAGES, *ALONE))
    verified = ((action.partition(":")[0], action.partition(":")[2]) for action in (*ACTIONS, "s3:", "execute-api:"))
    return frozenset((*operations, *endpoints, *pages, *verified, (SERVICE, OPERATION)))


def _known_outcomes() -> frozenset[str]:
    classes = (
        error_class
        for error_class in vars(errors).values()
        if isinstance(error_class, type) and issubclass(error_class, errors.ServiceError)
    )
    return frozenset({outcomes.SUCCESS, *(error_class.name for error_class in classes), *outcomes.CODES})
