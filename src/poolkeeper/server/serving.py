"""How does a process serve? Listeners in one event loop, a drain at SIGTERM, and with workers a parent that minds them.

Metrics are shown on a thread of their own, with workers the parent's: whoever reads them holds up no request.
"""

import asyncio
import contextlib
import functools
import multiprocessing
import signal
import socket
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from multiprocessing.connection import Connection
from multiprocessing.context import SpawnProcess
from pathlib import Path
from types import FrameType
from typing import Any

import uvicorn
import uvloop

from poolkeeper.clock import Clock, SystemClock
from poolkeeper.entropy import Entropy
from poolkeeper.operations.tables import SIGNED_TARGETS
from poolkeeper.server import metrics, terminal, typed
from poolkeeper.server.app import App
from poolkeeper.server.connections import Connections, raise_descriptors, room_for
from poolkeeper.server.devtls import DevTls
from poolkeeper.server.http_protocol import LimitedProtocol, limited_protocol
from poolkeeper.server.logs import RequestLog, adopt_logging, open_log
from poolkeeper.server.start import CannotStart, open_house
from poolkeeper.server.tls_door import TlsDoor
from poolkeeper.settings import Settings
from poolkeeper.store.db import Unavailable

_BACKLOG = 2048
_DRAIN_SECONDS = 30
_LONGEST_PAUSE_SECONDS = 60
_METRICS_DRAIN_SECONDS = 1
_SIGNALS = (signal.SIGINT, signal.SIGTERM)


@dataclass(frozen=True, slots=True)
class Listener:
    """One bound socket, with TLS or without."""

    bound: socket.socket
    tls: DevTls | None


@dataclass(frozen=True, slots=True)
class Shown:
    """Where metrics are read, and the folder in which workers count; one process alone needs none."""

    bound: socket.socket
    folder: Path | None


def bind(host: str, port: int, *, flag: str) -> socket.socket:
    """Bind one address. `flag` chooses another port.

    Raises CannotStart when the port is taken or the address is none of this machine's.
    """
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
        family, kind, protocol, _, address = found[0]
        bound = socket.socket(family, kind, protocol)
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        bound.bind(address)
    except OSError as fault:
        if isinstance(fault, socket.gaierror) or fault.errno != 98:
            raise CannotStart(f"{host}:{port} cannot be listened on ({fault.strerror or fault})") from None
        other = port + 15 if port <= 65_000 else 7680
        raise CannotStart(
            f"port {port} of {host} is in use",
            f"Stop what uses it, or choose another: {typed.typed_again(sys.argv, flag, other)}",
        ) from None
    return bound


@contextlib.contextmanager
def metrics_place(settings: Settings) -> Iterator[Shown | None]:
    """Bind the metrics port, and for workers make a private folder that is removed at the end; None: no metrics.

    Raises CannotStart as `bind` does, and where there is no room for the folder.
    """
    with contextlib.ExitStack() as stack:
        shown = None
        if settings.metrics_port:
            bound = bind(settings.metrics_host, settings.metrics_port, flag="--metrics-port")
            shown = Shown(bound, _folder(stack, settings.workers) if settings.workers > 1 else None)
        yield shown


def _folder(stack: contextlib.ExitStack, workers: int) -> Path:
    try:
        made = tempfile.TemporaryDirectory(prefix="poolkeeper-metrics-", ignore_cleanup_errors=True)
        folder = Path(stack.enter_context(made))
        metrics.make_room(folder, workers)
    except OSError as fault:
        raise CannotStart(
            f"there is no folder for the metrics of {workers} workers ({fault.strerror})",
            f"It wants {3 * workers} MiB below TMPDIR (/tmp): make room there, or choose another TMPDIR",
        ) from None
    return folder


def serve_alone(
    settings: Settings, listeners: Sequence[Listener], shown: Shown | None, *, ready: Callable[[], None]
) -> None:
    """Serve in this process alone, and show what it counts."""
    with contextlib.ExitStack() as stack:
        counted = None
        if shown is not None:
            counted = metrics.Metrics(senders=settings.sender_names)
            stack.enter_context(_showing(settings, shown, counted.text))
        uvloop.run(_serve_here(settings, listeners, counted, ready=ready, announce=True))


async def _serve_here(
    settings: Settings,
    listeners: Sequence[Listener],
    counted: metrics.Metrics | None,
    *,
    ready: Callable[[], None],
    announce: bool,
) -> None:
    """Serve in this process until SIGINT or SIGTERM, then finish what is under way."""
    clock = SystemClock()
    log = open_log(settings, clock, sys.stderr, on_drop=None if counted is None else counted.line_dropped)
    with contextlib.closing(log):
        await _serve_with(settings, listeners, counted, log, clock, ready=ready, announce=announce)


async def _serve_with(
    settings: Settings,
    listeners: Sequence[Listener],
    counted: metrics.Metrics | None,
    log: RequestLog,
    clock: Clock,
    *,
    ready: Callable[[], None],
    announce: bool,
) -> None:
    adopt_logging(log)
    for listener in listeners:  # A worker's came to it by being inherited; what it starts itself has none of them.
        listener.bound.set_inheritable(False)
    app = App(await open_house(settings, clock, Entropy()), log, counted)
    connections = Connections(settings, room=room_for(settings, descriptors=raise_descriptors()))
    servers = [_server(app, settings, connections, tls=listener.tls) for listener in listeners]

    def stop() -> None:
        if announce:
            log.say(terminal.stopping(sum(len(server.server_state.tasks) for server in servers)))
        app.stopping.set()
        for server in servers:
            server.should_exit = True

    loop = asyncio.get_running_loop()
    for number in _SIGNALS:
        loop.add_signal_handler(number, stop)
    _watch_parent(loop, log, stop)
    app.start_worker()
    try:
        tasks = [
            asyncio.create_task(server.serve(sockets=[listener.bound]))
            for server, listener in zip(servers, listeners, strict=True)
        ]
        while not all(server.started for server in servers) and not any(task.done() for task in tasks):  # noqa: ASYNC110 - uvicorn tells by a flag
            await asyncio.sleep(0.005)
        ready()
        await asyncio.gather(*tasks)
    finally:
        await app.close()
    if announce:
        log.say(terminal.stopped())


def _watch_parent(loop: asyncio.AbstractEventLoop, log: RequestLog, stop: Callable[[], None]) -> None:
    """Let a worker stop when its parent is gone: nobody minds it any more, and the next server wants the port."""
    parent = multiprocessing.parent_process()
    if parent is None:
        return

    def orphaned() -> None:
        loop.remove_reader(parent.sentinel)
        log.event("the parent of this worker is gone, so the worker stops", level="error")
        stop()

    loop.add_reader(parent.sentinel, orphaned)


def serve_with_workers(
    settings: Settings, listeners: Sequence[Listener], shown: Shown | None, *, ready: Callable[[], None]
) -> None:
    """Serve in `settings.workers` processes: one that dies is replaced, SIGTERM reaches all and is waited for."""
    with contextlib.ExitStack() as stack:
        log = stack.enter_context(contextlib.closing(open_log(settings, SystemClock(), sys.stderr)))
        folder = None if shown is None else shown.folder
        if shown is not None and folder is not None:
            stack.enter_context(_showing(settings, shown, functools.partial(metrics.text_of_all, folder)))
        crew = _Crew(settings, listeners, folder, log)
        for number in _SIGNALS:
            signal.signal(number, crew.stop)
        crew.wait_until_ready()
        if not crew.stopping:
            ready()
        while not crew.stopping:
            crew.replace_the_dead()
        crew.join()
        log.say(terminal.stopped())


class _Crew:
    """The worker processes of one parent."""

    def __init__(self, settings: Settings, listeners: Sequence[Listener], folder: Path | None, log: RequestLog) -> None:
        self.stopping = False
        self._log = log
        self._failures: Counter[int] = Counter()
        self._listeners = listeners
        self._start = functools.partial(_spawn, multiprocessing.get_context("spawn"), settings, listeners, folder)
        self._workers = [self._start(place) for place in range(settings.workers)]

    def stop(self, _number: int, _frame: FrameType | None) -> None:
        """Handle a signal: tell every worker to finish what is under way."""
        if not self.stopping:
            self.stopping = True
            self._log.say(["Stopping."])
            # While the parent holds a socket, connections are queued on it that nobody will take.
            for listener in self._listeners:
                listener.bound.close()
            for process, _ in self._workers:
                process.terminate()

    def wait_until_ready(self) -> None:
        """Wait until every worker can answer, or has died trying."""
        for _, told in self._workers:
            told.poll(None)

    def replace_the_dead(self) -> None:
        """Wait for half a second, or until a worker dies, and start another in its place.

        One that follows a worker which gave up by itself waits, each time longer: the database may be away for hours.
        """
        multiprocessing.connection.wait([process.sentinel for process, _ in self._workers], timeout=0.5)
        for place, (process, told) in enumerate(self._workers):
            if not process.is_alive() and not self.stopping:
                self._tell_of_death(process)
                gave_up = not _was_ready(told) and (process.exitcode or 0) >= 0
                self._failures[place] = self._failures[place] + 1 if gave_up else 0
                self._wait(_pause_after(self._failures[place]))
                if not self.stopping:
                    self._workers[place] = self._start(place)

    def _tell_of_death(self, process: SpawnProcess) -> None:
        code = process.exitcode or 0
        how = f"by signal {-code}" if code < 0 else f"with code {code}"
        self._log.event(f"worker {process.pid} ended {how}; another takes its place", level="error")

    def _wait(self, seconds: float) -> None:
        deadline = time.monotonic() + seconds
        while not self.stopping and time.monotonic() < deadline:
            time.sleep(0.1)

    def join(self) -> None:
        """Wait for the end of all, and make an end of whoever does not come to it."""
        for process, _ in self._workers:
            process.join(_DRAIN_SECONDS + 5)
            if process.is_alive():
                process.kill()


def _was_ready(told: Connection) -> bool:
    """Say whether a worker that has died had begun to serve."""
    try:
        return bool(told.poll() and told.recv())
    except EOFError:
        return False


def _pause_after(failures: int) -> float:
    """Return the seconds before the next worker, when so many in a row could not begin: 1, 2, 4, at most a minute."""
    return 0 if failures == 0 else min(2.0 ** (failures - 1), _LONGEST_PAUSE_SECONDS)


def _spawn(
    context: multiprocessing.context.SpawnContext,
    settings: Settings,
    listeners: Sequence[Listener],
    folder: Path | None,
    place: int,
) -> tuple[SpawnProcess, Connection]:
    told, telling = context.Pipe(duplex=False)
    share = None if folder is None else metrics.Share(folder, place)
    process = context.Process(target=_work, args=(settings, listeners, share, telling), name="poolkeeper-worker")
    process.start()
    telling.close()
    return process, told


def _work(settings: Settings, listeners: Sequence[Listener], share: metrics.Share | None, telling: Connection) -> None:
    """Be one worker, which counts in its share of the metrics; None: nothing is counted."""
    counted = None if share is None else metrics.Metrics(share, senders=settings.sender_names)

    def ready() -> None:
        with contextlib.suppress(BrokenPipeError):  # The parent is gone, and the worker is about to go.
            telling.send("ready")
        telling.close()

    try:
        uvloop.run(_serve_here(settings, listeners, counted, ready=ready, announce=False))
    except (CannotStart, Unavailable) as fault:
        log = open_log(settings, SystemClock(), sys.stderr)
        with contextlib.closing(log):
            log.event(f"a worker cannot start: {fault}", level="error")
        sys.exit(2)


@contextlib.contextmanager
def _showing(settings: Settings, shown: Shown, text: Callable[[], bytes]) -> Iterator[None]:
    """Answer GET /metrics on a thread of its own until the block ends: what a drain does can be watched, too."""
    log = open_log(settings, SystemClock(), sys.stderr)
    adopt_logging(log)
    without_bodies = replace(settings, max_body=0)
    connections = Connections(without_bodies)
    server = _server(metrics.page(text), without_bodies, connections, drain_seconds=_METRICS_DRAIN_SECONDS)
    shown.bound.listen(_BACKLOG)

    def serve() -> None:
        uvloop.run(server.serve(sockets=[shown.bound]))

    thread = threading.Thread(target=serve, name="poolkeeper-metrics", daemon=True)
    thread.start()
    try:
        yield
    finally:
        server.should_exit = True
        thread.join(_METRICS_DRAIN_SECONDS + 5)
        log.close()


class _Server(uvicorn.Server):
    """A uvicorn server that leaves signals to us, two of them share a process, and TLS to a door of our own."""

    def __init__(self, config: uvicorn.Config, connections: Connections) -> None:
        super().__init__(config)
        self._connections = connections

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Begin to take connections."""
        context = self.config.ssl
        if context is None:
            await super().startup(sockets)
            return
        self.servers = [
            TlsDoor(one, context, self._connections, self._protocol, backlog=_BACKLOG)  # type: ignore[misc]
            for one in sockets or ()
        ]
        self.started = True

    def _protocol(self) -> LimitedProtocol:
        make: Any = self.config.http_protocol_class
        made: LimitedProtocol = make(config=self.config, server_state=self.server_state, app_state={})
        return made


def _server(
    app: App | metrics.Application,
    settings: Settings,
    connections: Connections,
    *,
    tls: DevTls | None = None,
    drain_seconds: int = _DRAIN_SECONDS,
) -> _Server:
    config = uvicorn.Config(
        app,
        http=limited_protocol(settings, connections, signed_targets=SIGNED_TARGETS),
        ws="none",
        lifespan="off",
        log_config=None,
        access_log=False,
        server_header=False,
        backlog=_BACKLOG,
        proxy_headers=False,
        timeout_graceful_shutdown=drain_seconds,
        ssl_certfile=None if tls is None else str(tls.cert_file),
        ssl_keyfile=None if tls is None else str(tls.key_file),
    )
    return _Server(config, connections)
