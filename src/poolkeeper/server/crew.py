"""How do several processes serve as one? A parent minds its workers: one that dies is replaced, and a signal reaches all."""

import contextlib
import functools
import signal
import socket
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from types import FrameType

import uvloop

from poolkeeper.clock import SystemClock
from poolkeeper.server import metrics, terminal
from poolkeeper.server.logs import RequestLog, open_log
from poolkeeper.server.serving import DRAIN_SECONDS, SIGNALS, Listener, MetricsSocket, serve_here, serving_metrics
from poolkeeper.server.start import CannotStart
from poolkeeper.server.zygote import CannotFork, Worker, Zygote, ZygoteGone, look_at, tell_ready, zygote
from poolkeeper.settings import Settings
from poolkeeper.store.db import Unavailable

_LONGEST_PAUSE_SECONDS = 60


@contextlib.contextmanager
def ready_to_work(
    settings: Settings, listeners: Sequence[Listener], metrics_socket: MetricsSocket | None
) -> Iterator[Zygote]:
    """Yield what starts workers, until the block ends. Call it before there are threads and loops."""
    with zygote(
        functools.partial(_work, settings, listeners, metrics_socket), [listener.bound for listener in listeners]
    ) as started:
        yield started


def serve_with_workers(
    settings: Settings,
    listeners: Sequence[Listener],
    metrics_socket: MetricsSocket | None,
    zygote: Zygote,
    *,
    ready: Callable[[], None],
) -> None:
    """Serve in `settings.workers` processes: one that dies is replaced, SIGTERM reaches all and is waited for.

    Raises SystemExit where no more workers can be started.
    """
    with contextlib.ExitStack() as stack:
        log = stack.enter_context(contextlib.closing(open_log(settings, SystemClock(), sys.stderr)))
        if metrics_socket is not None and metrics_socket.folder is not None:
            stack.enter_context(
                serving_metrics(settings, metrics_socket, functools.partial(metrics.text_of_all, metrics_socket.folder))
            )
        crew = stack.enter_context(contextlib.closing(_Crew(settings.workers, listeners, zygote, log)))
        for number in SIGNALS:
            signal.signal(number, crew.stop_at)
        crew.serve(ready)
        log.say(terminal.stopped())
    if crew.lost:
        sys.exit(1)


@dataclass(slots=True)
class _Slot:
    """The place of one worker at a time: how many in a row could not begin (`failures`), and when the next one is due."""

    number: int
    worker: Worker | None = None
    failures: int = 0
    due: float = 0.0

    def put_off(self) -> None:
        """Let the next worker wait, each time longer: the database may be away for hours."""
        self.failures += 1
        self.due = time.monotonic() + _pause_after(self.failures)


class _Crew:
    """The worker processes of one parent. `lost`: it can start no more of them."""

    def __init__(self, count: int, listeners: Sequence[Listener], zygote: Zygote, log: RequestLog) -> None:
        self.lost = False
        self._stopping = False
        self._listeners = listeners
        self._zygote = zygote
        self._log = log
        self._slots = [_Slot(number) for number in range(count)]
        self._wake, self._waking = socket.socketpair()
        self._waking.settimeout(0)

    def close(self) -> None:
        """Close what wakes it."""
        self._wake.close()
        self._waking.close()

    def stop_at(self, _number: int, _frame: FrameType | None) -> None:
        """Handle a signal: note it, and leave the rest to the code that it interrupts, which may be in the middle of anything."""
        self._stopping = True
        with contextlib.suppress(OSError):  # It is awake, or at its end.
            self._waking.send(b".")

    def serve(self, ready: Callable[[], None]) -> None:
        """Start every worker, replace those that die, and end them at a signal. `ready` is called once requests are answered."""
        announced = False
        try:
            while not self._stopping:
                self._fill_slots()
                look_at(self._workers, 0.5, wake=self._wake)
                if not announced and not any(worker.alive and not worker.ready for worker in self._workers):
                    announced = any(worker.ready for worker in self._workers)
                    if announced:
                        ready()
                self._bury_the_dead()
        except ZygoteGone:
            self.lost = True
            self._log.event("the process that starts workers has ended, and so does the server", level="error")
        self._stop()
        self._join()

    @property
    def _workers(self) -> list[Worker]:
        return [slot.worker for slot in self._slots if slot.worker is not None]

    def _fill_slots(self) -> None:
        """Start a worker in each empty slot where one is due. Raises ZygoteGone."""
        for slot in self._slots:
            if slot.worker is None and slot.due <= time.monotonic() and not self._stopping:
                try:
                    slot.worker = self._zygote.start(slot.number)
                except CannotFork as fault:
                    slot.put_off()
                    self._log.event(f"no worker can be started at the moment: {fault}", level="error")

    def _bury_the_dead(self) -> None:
        """Empty the slots of workers that have ended; after one that gave up by itself the next one waits. Raises ZygoteGone."""
        for slot in self._slots:
            worker = slot.worker
            if worker is not None and not worker.alive and not self._stopping:
                code = self._zygote.bury(worker)
                slot.worker = None
                how = f"by signal {-code}" if code < 0 else f"with code {code}"
                self._log.event(f"worker {worker.pid} ended {how}; another takes its place", level="error")
                if worker.ready or code < 0:
                    slot.failures, slot.due = 0, 0.0
                else:
                    slot.put_off()

    def _stop(self) -> None:
        """Tell every worker to finish what is under way."""
        self._log.say(["Stopping."])
        # While the parent or the zygote holds a listener, connections are queued on it that nobody will take.
        for listener in self._listeners:
            listener.bound.close()
        with contextlib.suppress(ZygoteGone):
            self._zygote.close_listeners()
        for worker in self._workers:
            worker.signal(signal.SIGTERM)

    def _join(self) -> None:
        """Wait until all workers have ended; kill those that have not by the deadline."""
        deadline = time.monotonic() + DRAIN_SECONDS + 5
        while any(worker.alive for worker in self._workers) and time.monotonic() < deadline:
            look_at(self._workers, 0.5)
        for worker in self._workers:
            worker.signal(signal.SIGKILL)
            worker.forget()


def _pause_after(failures: int) -> float:
    """Return the seconds before the next worker, when so many in a row could not begin: 1, 2, 4, at most a minute."""
    return min(2.0 ** (failures - 1), _LONGEST_PAUSE_SECONDS)


def _work(
    settings: Settings,
    listeners: Sequence[Listener],
    metrics_socket: MetricsSocket | None,
    slot: int,
    lifeline: socket.socket,
) -> None:
    """Run the worker of a slot until its parent tells it to stop or is gone; it counts in the folder of metrics, if there is one."""
    counts = None
    if metrics_socket is not None:
        metrics_socket.bound.close()  # The parent serves the metrics; a worker that outlives it must not keep the port.
        if metrics_socket.folder is not None:
            counts = metrics.Metrics(metrics.Share(metrics_socket.folder, slot), senders=settings.sender_names)
    ready = functools.partial(tell_ready, lifeline)
    try:
        uvloop.run(serve_here(settings, listeners, counts, ready=ready, lifeline=lifeline))
    except (CannotStart, Unavailable) as fault:
        with contextlib.closing(open_log(settings, SystemClock(), sys.stderr)) as log:
            log.event(f"a worker cannot start: {fault}", level="error")
        sys.exit(2)
