"""How do several processes serve as one? A parent minds its workers: who dies is replaced, and a signal reaches all."""

import contextlib
import functools
import signal
import socket
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from types import FrameType

import uvloop

from poolkeeper.clock import SystemClock
from poolkeeper.server import metrics, terminal
from poolkeeper.server.logs import RequestLog, open_log
from poolkeeper.server.serving import DRAIN_SECONDS, SIGNALS, Listener, Shown, serve_here, showing
from poolkeeper.server.start import CannotStart
from poolkeeper.server.zygote import Worker, Zygote, ZygoteGone, look_at, tell_ready, zygote
from poolkeeper.settings import Settings
from poolkeeper.store.db import Unavailable

_LONGEST_PAUSE_SECONDS = 60


@contextlib.contextmanager
def ready_to_work(settings: Settings, listeners: Sequence[Listener], shown: Shown | None) -> Iterator[Zygote]:
    """Give what starts workers for as long as the block. Ask before there are threads and loops."""
    with zygote(functools.partial(_work, settings, listeners, None if shown is None else shown.folder)) as made:
        yield made


def serve_with_workers(
    settings: Settings, listeners: Sequence[Listener], shown: Shown | None, made: Zygote, *, ready: Callable[[], None]
) -> None:
    """Serve in `settings.workers` processes: one that dies is replaced, SIGTERM reaches all and is waited for.

    Raises SystemExit where no more workers can be started.
    """
    with contextlib.ExitStack() as stack:
        log = stack.enter_context(contextlib.closing(open_log(settings, SystemClock(), sys.stderr)))
        if shown is not None and shown.folder is not None:
            stack.enter_context(showing(settings, shown, functools.partial(metrics.text_of_all, shown.folder)))
        crew = _Crew(settings.workers, listeners, made, log)
        for number in SIGNALS:
            signal.signal(number, crew.stop_at)
        try:
            crew.begin()
            if not crew.stopping:
                ready()
            while not crew.stopping:
                crew.replace_the_dead()
        except ZygoteGone:
            crew.lose_the_zygote()
        crew.join()
        log.say(terminal.stopped())
        if crew.lost:
            sys.exit(1)


class _Crew:
    """The worker processes of one parent. `lost`: it can start no more of them."""

    def __init__(self, count: int, listeners: Sequence[Listener], made: Zygote, log: RequestLog) -> None:
        self.stopping = False
        self.lost = False
        self._count = count
        self._listeners = listeners
        self._zygote = made
        self._log = log
        self._failures: Counter[int] = Counter()
        self._workers: dict[int, Worker] = {}

    def stop_at(self, _number: int, _frame: FrameType | None) -> None:
        """Handle a signal."""
        if not self.stopping:
            self._log.say(["Stopping."])
            self._stop()

    def _stop(self) -> None:
        """Tell every worker to finish what is under way."""
        self.stopping = True
        # While the parent or the zygote holds a socket, connections are queued on it that nobody will take.
        for listener in self._listeners:
            listener.bound.close()
        self._zygote.end()
        for worker in self._workers.values():
            worker.signal(signal.SIGTERM)

    def lose_the_zygote(self) -> None:
        """Stop, unless that is why the zygote is gone: whoever minds this server starts it again."""
        if not self.stopping:
            self.lost = True
            self._log.event("the process that starts workers has ended, and so does the server", level="error")
            self._stop()

    def begin(self) -> None:
        """Start every worker, and wait until each can answer, or has died trying. Raises ZygoteGone."""
        for place in range(self._count):
            self._start(place)
        while any(worker.alive and not worker.ready for worker in self._workers.values()) and not self.stopping:
            look_at(list(self._workers.values()), 0.5)

    def _start(self, place: int) -> None:
        worker = self._workers[place] = self._zygote.start(place)
        if self.stopping:  # Who said so meanwhile did not know of this one.
            worker.signal(signal.SIGTERM)

    def replace_the_dead(self) -> None:
        """Wait for half a second, or until a worker dies, and start another in its place. Raises ZygoteGone.

        One that follows a worker which gave up by itself waits, each time longer: the database may be away for hours.
        """
        look_at(list(self._workers.values()), 0.5)
        for place, worker in self._workers.items():
            if not worker.alive and not self.stopping:
                code = self._zygote.bury(worker)
                self._tell_of_death(worker.pid, code)
                gave_up = not worker.ready and code >= 0
                self._failures[place] = self._failures[place] + 1 if gave_up else 0
                self._wait(_pause_after(self._failures[place]))
                if not self.stopping:
                    self._start(place)

    def _tell_of_death(self, pid: int, code: int) -> None:
        how = f"by signal {-code}" if code < 0 else f"with code {code}"
        self._log.event(f"worker {pid} ended {how}; another takes its place", level="error")

    def _wait(self, seconds: float) -> None:
        deadline = time.monotonic() + seconds
        while not self.stopping and time.monotonic() < deadline:
            time.sleep(0.1)

    def join(self) -> None:
        """Wait for the end of all, and make an end of whoever does not come to it."""
        deadline = time.monotonic() + DRAIN_SECONDS + 5
        while any(worker.alive for worker in self._workers.values()) and time.monotonic() < deadline:
            look_at(list(self._workers.values()), 0.5)
        for worker in self._workers.values():
            worker.signal(signal.SIGKILL)
            worker.forget()


def _pause_after(failures: int) -> float:
    """Return the seconds before the next worker, when so many in a row could not begin: 1, 2, 4, at most a minute."""
    return 0 if failures == 0 else min(2.0 ** (failures - 1), _LONGEST_PAUSE_SECONDS)


def _work(
    settings: Settings, listeners: Sequence[Listener], folder: Path | None, place: int, lifeline: socket.socket
) -> None:
    """Be the worker of a place until its parent says or is gone; it counts in a folder, where there is one."""
    counted = None if folder is None else metrics.Metrics(metrics.Share(folder, place), senders=settings.sender_names)
    ready = functools.partial(tell_ready, lifeline)
    try:
        uvloop.run(serve_here(settings, listeners, counted, ready=ready, lifeline=lifeline))
    except (CannotStart, Unavailable) as fault:
        with contextlib.closing(open_log(settings, SystemClock(), sys.stderr)) as log:
            log.event(f"a worker cannot start: {fault}", level="error")
        sys.exit(2)
