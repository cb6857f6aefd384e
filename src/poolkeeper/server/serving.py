"""How does a process serve? Listeners in one event loop, and a drain at SIGTERM.

Metrics are shown on a thread of their own, with workers the parent's: reading them holds up no request.
"""

import asyncio
import contextlib
import errno
import signal
import socket
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
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

_BACKLOG = 2048
DRAIN_SECONDS = 30
_METRICS_DRAIN_SECONDS = 1
SIGNALS = (signal.SIGINT, signal.SIGTERM)


@dataclass(frozen=True, slots=True)
class Listener:
    """One bound socket, with TLS or without."""

    bound: socket.socket
    tls: DevTls | None


@dataclass(frozen=True, slots=True)
class MetricsSocket:
    """Where metrics are read, and the folder in which workers count; one process alone needs none."""

    bound: socket.socket
    folder: Path | None


def bind(host: str, port: int, *, flag: str) -> socket.socket:
    """Bind one address. `flag` chooses another port.

    Raises CannotStart when the port is taken or the address is none of this machine's.
    """
    try:
        addresses = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
        family, kind, protocol, _, address = addresses[0]
        bound = socket.socket(family, kind, protocol)
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        bound.bind(address)
    except OSError as fault:
        if isinstance(fault, socket.gaierror) or fault.errno != errno.EADDRINUSE:
            raise CannotStart(f"{host}:{port} cannot be listened on ({fault.strerror or fault})") from None
        free_port = port + 15 if port <= 65_000 else 7680
        raise CannotStart(
            f"port {port} of {host} is in use",
            f"Stop what uses it, or choose another: {typed.typed_again(sys.argv, flag, free_port)}",
        ) from None
    return bound


@contextlib.contextmanager
def bind_metrics(settings: Settings) -> Iterator[MetricsSocket | None]:
    """Bind the metrics port, and for workers make a private folder that is removed at the end; None: no metrics.

    Raises CannotStart as `bind` does, and where there is no room for the folder.
    """
    with contextlib.ExitStack() as stack:
        metrics_socket = None
        if settings.metrics_port:
            bound = bind(settings.metrics_host, settings.metrics_port, flag="--metrics-port")
            metrics_socket = MetricsSocket(bound, _folder(stack, settings.workers) if settings.workers > 1 else None)
        yield metrics_socket


def _folder(stack: contextlib.ExitStack, workers: int) -> Path:
    try:
        temporary = tempfile.TemporaryDirectory(prefix="poolkeeper-metrics-", ignore_cleanup_errors=True)
        folder = Path(stack.enter_context(temporary))
        metrics.make_room(folder, workers)
    except OSError as fault:
        raise CannotStart(
            f"there is no folder for the metrics of {workers} workers ({fault.strerror})",
            f"It wants {3 * workers} MiB below TMPDIR (/tmp): make room there, or choose another TMPDIR",
        ) from None
    return folder


def serve_alone(
    settings: Settings,
    listeners: Sequence[Listener],
    metrics_socket: MetricsSocket | None,
    *,
    ready: Callable[[], None],
) -> None:
    """Serve in this process alone, and show what it counts."""
    with contextlib.ExitStack() as stack:
        counts = None
        if metrics_socket is not None:
            counts = metrics.Metrics(senders=settings.sender_names)
            stack.enter_context(serving_metrics(settings, metrics_socket, counts.text))
        uvloop.run(serve_here(settings, listeners, counts, ready=ready))


async def serve_here(
    settings: Settings,
    listeners: Sequence[Listener],
    counts: metrics.Metrics | None,
    *,
    ready: Callable[[], None],
    lifeline: socket.socket | None = None,
) -> None:
    """Serve in this process until SIGINT or SIGTERM, then finish what is under way.

    A worker has a lifeline, and stops when it becomes readable; a process without one serves alone, and logs its end.
    """
    clock = SystemClock()
    log = open_log(settings, clock, sys.stderr, on_drop=None if counts is None else counts.line_dropped)
    with contextlib.closing(log):
        await _serve_with(settings, listeners, counts, log, clock, ready=ready, lifeline=lifeline)


async def _serve_with(
    settings: Settings,
    listeners: Sequence[Listener],
    counts: metrics.Metrics | None,
    log: RequestLog,
    clock: Clock,
    *,
    ready: Callable[[], None],
    lifeline: socket.socket | None,
) -> None:
    adopt_logging(log)
    app = App(await open_house(settings, clock, Entropy()), log, counts)
    connections = Connections(settings, room=room_for(settings, descriptors=raise_descriptors()))
    servers = [_server(app, settings, connections, tls=listener.tls) for listener in listeners]

    def stop() -> None:
        if lifeline is None:
            log.say(terminal.stopping(sum(len(server.server_state.tasks) for server in servers)))
        app.stopping.set()
        for server in servers:
            server.should_exit = True

    loop = asyncio.get_running_loop()
    for number in SIGNALS:
        loop.add_signal_handler(number, stop)
    if lifeline is not None:
        _watch_parent(loop, lifeline, log, stop)
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
    if lifeline is None:
        log.say(terminal.stopped())


def _watch_parent(
    loop: asyncio.AbstractEventLoop, lifeline: socket.socket, log: RequestLog, stop: Callable[[], None]
) -> None:
    """Let a worker stop when its parent is gone: nobody minds it any more, and the next server wants the port."""

    def orphaned() -> None:
        loop.remove_reader(lifeline)
        log.event("the parent of this worker is gone, so the worker stops", level="error")
        stop()

    loop.add_reader(lifeline, orphaned)


@contextlib.contextmanager
def serving_metrics(settings: Settings, metrics_socket: MetricsSocket, text: Callable[[], bytes]) -> Iterator[None]:
    """Answer GET /metrics on a thread of its own until the block ends: what a drain does can be watched, too."""
    log = open_log(settings, SystemClock(), sys.stderr)
    adopt_logging(log)
    without_bodies = replace(settings, max_body=0)
    connections = Connections(without_bodies)
    server = _server(metrics.page(text), without_bodies, connections, drain_seconds=_METRICS_DRAIN_SECONDS)
    metrics_socket.bound.listen(_BACKLOG)

    def serve() -> None:
        uvloop.run(server.serve(sockets=[metrics_socket.bound]))

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
            TlsDoor(listening, context, self._connections, self._protocol, backlog=_BACKLOG)  # type: ignore[misc]
            for listening in sockets or ()
        ]
        self.started = True

    def _protocol(self) -> LimitedProtocol:
        make: Any = self.config.http_protocol_class
        protocol: LimitedProtocol = make(config=self.config, server_state=self.server_state, app_state={})
        return protocol


def _server(
    app: App | metrics.Application,
    settings: Settings,
    connections: Connections,
    *,
    tls: DevTls | None = None,
    drain_seconds: int = DRAIN_SECONDS,
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
