"""How does a process serve? Listeners in one event loop, a drain at SIGTERM, and with workers a parent that minds them."""

import asyncio
import contextlib
import functools
import multiprocessing
import signal
import socket
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from multiprocessing.connection import Connection
from multiprocessing.context import SpawnProcess
from types import FrameType

import uvicorn

from poolkeeper import terminal
from poolkeeper.app import App
from poolkeeper.clock import SystemClock
from poolkeeper.devtls import DevTls
from poolkeeper.entropy import Entropy
from poolkeeper.http_protocol import limited_protocol
from poolkeeper.logs import adopt_logging, open_log
from poolkeeper.settings import Settings
from poolkeeper.start import CannotStart, open_house

_BACKLOG = 2048
_DRAIN_SECONDS = 30
_SIGNALS = (signal.SIGINT, signal.SIGTERM)


@dataclass(frozen=True, slots=True)
class Listener:
    """One bound socket, with TLS or without."""

    bound: socket.socket
    tls: DevTls | None


def bind(settings: Settings, port: int, *, flag: str) -> socket.socket:
    """Bind one address. `flag` chooses another port.

    Raises CannotStart when the port is taken or the address is none of this machine's.
    """
    try:
        found = socket.getaddrinfo(settings.host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
        family, kind, protocol, _, address = found[0]
        bound = socket.socket(family, kind, protocol)
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        bound.bind(address)
    except OSError as fault:
        if isinstance(fault, socket.gaierror) or fault.errno != 98:
            raise CannotStart(f"{settings.host}:{port} cannot be listened on ({fault.strerror or fault})") from None
        other = port + 15 if port <= 65_000 else 7680
        raise CannotStart(
            f"port {port} of {settings.host} is in use",
            f"Stop what uses it, or choose another: poolkeeper serve {flag} {other}",
        ) from None
    bound.set_inheritable(True)
    return bound


async def serve_here(
    settings: Settings, listeners: Sequence[Listener], *, ready: Callable[[], None], announce: bool
) -> None:
    """Serve in this process until SIGINT or SIGTERM, then finish what is under way."""
    clock, log = SystemClock(), open_log(settings, SystemClock(), sys.stderr)
    adopt_logging(log)
    app = App(await open_house(settings, clock, Entropy()), log)
    servers = [_server(app, settings, listener) for listener in listeners]

    def stop() -> None:
        if announce:
            _say(terminal.stopping(sum(len(server.server_state.tasks) for server in servers)))
        app.stopping.set()
        for server in servers:
            server.should_exit = True

    loop = asyncio.get_running_loop()
    for number in _SIGNALS:
        loop.add_signal_handler(number, stop)
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
        _say(terminal.stopped())


def serve_with_workers(settings: Settings, listeners: Sequence[Listener], *, ready: Callable[[], None]) -> None:
    """Serve in `settings.workers` processes: one that dies is replaced, SIGTERM reaches all and is waited for."""
    crew = _Crew(settings, listeners)
    for number in _SIGNALS:
        signal.signal(number, crew.stop)
    crew.wait_until_ready()
    if not crew.stopping:
        ready()
    while not crew.stopping:
        crew.replace_the_dead()
    crew.join()
    _say(terminal.stopped())


class _Crew:
    """The worker processes of one parent."""

    def __init__(self, settings: Settings, listeners: Sequence[Listener]) -> None:
        self.stopping = False
        self._listeners = listeners
        self._start = functools.partial(_spawn, multiprocessing.get_context("spawn"), settings, listeners)
        self._workers = [self._start() for _ in range(settings.workers)]

    def stop(self, _number: int, _frame: FrameType | None) -> None:
        """Handle a signal: tell every worker to finish what is under way."""
        if not self.stopping:
            self.stopping = True
            _say(["Stopping."])
            # While the parent holds a socket, connections are queued on it that nobody will take.
            for listener in self._listeners:
                listener.bound.close()
            for process, _ in self._workers:
                process.terminate()

    def wait_until_ready(self) -> None:
        """Wait until every worker can answer, or has died trying."""
        for _, told in self._workers:
            with contextlib.suppress(EOFError):
                told.recv()

    def replace_the_dead(self) -> None:
        """Wait for half a second, or until a worker dies, and start another in its place."""
        multiprocessing.connection.wait([process.sentinel for process, _ in self._workers], timeout=0.5)
        for place, (process, _) in enumerate(self._workers):
            if not process.is_alive() and not self.stopping:
                self._workers[place] = self._start()

    def join(self) -> None:
        """Wait for the end of all, and make an end of whoever does not come to it."""
        for process, _ in self._workers:
            process.join(_DRAIN_SECONDS + 5)
            if process.is_alive():
                process.kill()


def _spawn(
    context: multiprocessing.context.SpawnContext, settings: Settings, listeners: Sequence[Listener]
) -> tuple[SpawnProcess, Connection]:
    told, telling = context.Pipe(duplex=False)
    process = context.Process(target=_work, args=(settings, listeners, telling), name="poolkeeper-worker")
    process.start()
    telling.close()
    return process, told


def _work(settings: Settings, listeners: Sequence[Listener], telling: Connection) -> None:
    """Be one worker."""
    import uvloop  # noqa: PLC0415 - only processes that serve load it

    def ready() -> None:
        telling.send("ready")
        telling.close()

    uvloop.run(serve_here(settings, listeners, ready=ready, announce=False))


class _Server(uvicorn.Server):
    """A uvicorn server that leaves signals to us: two of them share a process."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


def _server(app: App, settings: Settings, listener: Listener) -> _Server:
    tls = listener.tls
    config = uvicorn.Config(
        app,
        http=limited_protocol(settings),
        ws="none",
        lifespan="off",
        log_config=None,
        access_log=False,
        server_header=False,
        backlog=_BACKLOG,
        proxy_headers=False,
        timeout_graceful_shutdown=_DRAIN_SECONDS,
        ssl_certfile=None if tls is None else str(tls.cert_file),
        ssl_keyfile=None if tls is None else str(tls.key_file),
    )
    return _Server(config)


def _say(lines: Sequence[str]) -> None:
    sys.stderr.write("\n".join(lines) + "\n")
    sys.stderr.flush()
